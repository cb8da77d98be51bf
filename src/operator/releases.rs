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

    /// The releases that were read, the oldest first.
    pub fn known(self) -> &'static [&'static str] {
        self.known
    }

    /// The newest release that was read. Its CRDs are those of the profile.
    pub fn newest(self) -> Option<&'static str> {
        self.known.last().copied()
    }

    /// Whether the profile describes a release.
    pub(super) fn has(self, release: &str) -> bool {
        let numbers = |text: &str| -> Option<Vec<u32>> {
            text.split('.').map(|it| it.parse().ok()).collect()
        };
        let is_newer = |known: &&str| numbers(release) > numbers(known);
        let is_of =
            |minor: &str| release.strip_prefix(minor).is_some_and(|patch| patch.starts_with('.'));
        self.known.contains(&release)
            || (self.newer_of.is_some_and(is_of) && self.known.iter().any(is_newer))
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
        for (release, has) in
            [("2.6.4", true), ("2.6.10", true), ("2.6.3", false), ("2.60.5", false), ("2.6", false)]
        {
            assert_eq!(open.has(release), has, "{release}");
        }
        assert!(releases.has("2.4.0") && !releases.has("2.4.1"));
    }
}
