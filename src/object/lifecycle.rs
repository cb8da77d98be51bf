//! The annotation of an object whose definition is retired.

/// The annotation of a retired object. It shows that the object is retired as long as the object
/// exists.
pub const LIFECYCLE: &str = "sitewright/lifecycle";
