//! Fields that have no effect in their definition.

/// A field that has no effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Idle {
    /// The path of the field in the definition.
    pub path: &'static [&'static str],
    /// What to do instead.
    pub help: &'static str,
    /// The reason in a few words, such as `in the mode shared`.
    pub place: &'static str,
}
