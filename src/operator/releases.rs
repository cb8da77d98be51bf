//! The releases of an operator that a profile describes.

use std::fmt;

/// The releases that a profile describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Releases {
    /// The releases whose code was read or that were seen running, the oldest first.
    known: &'static [&'static str],
    /// The minor version whose newer releases the profile describes too.
    newer_of: Option<&'static str>,
}

impl Releases {
    /// Exactly these, the oldest first.
    pub(super) const fn these(known: &'static [&'static str]) -> Self {
        assert!(!known.is_empty());
        Self { known, newer_of: None }
    }

    /// This one, and the newer releases of its minor version.
    pub(super) const fn since(known: &'static [&'static str; 1], minor: &'static str) -> Self {
        Self { known, newer_of: Some(minor) }
    }

    /// The newest release that was read. Its CRDs are those of the profile.
    pub fn newest(self) -> Option<&'static str> {
        self.known.last().copied()
    }

    /// Whether a text is one of the known releases, such as `2.5.0`, or the minor version of one.
    pub(super) fn names(self, text: &str) -> bool {
        let is_named = |release: &&str| {
            let minor = release.rsplit_once('.').map(|(minor, _)| minor);
            *release == text || minor == Some(text)
        };
        self.known.iter().any(is_named)
    }
}

/// As people write them: `2.4.0 and 2.5.0`.
impl fmt::Display for Releases {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.known.join(" and "))?;
        match self.newer_of {
            Some(minor) => write!(f, " and newer releases of {minor}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_named_by_their_minor_versions_too() {
        let releases = Releases::these(&["2.4.0", "2.5.0"]);
        assert_eq!(releases.to_string(), "2.4.0 and 2.5.0");
        assert_eq!(releases.newest(), Some("2.5.0"));
        for (text, is_named) in [("2.4", true), ("2.5.0", true), ("2.5.1", false), ("2", false)] {
            assert_eq!(releases.names(text), is_named, "{text}");
        }
        let open = Releases::since(&["2.6.4"], "2.6");
        assert_eq!(open.to_string(), "2.6.4 and newer releases of 2.6");
    }
}
