//! Versions of Kubernetes, and the features of a version on which sitewright depends.

use std::fmt;

/// A version of Kubernetes, by its first two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kubernetes(u32, u32);

/// A feature that Kubernetes has since some version.
#[derive(Debug)]
pub struct Feature {
    since: Kubernetes,
}

/// mariadb-operator passes `storage.pvcRetentionPolicy` on from 1.32 only, so that before it a server's volumes
/// stay when the server is removed (`pkg/builder/statefulset_builder.go` of 25.10.4 and 26.6.0).
pub const VOLUME_RETENTION: Feature = Feature { since: Kubernetes(1, 32) };

/// The name of a Service may start with a digit (`RelaxedServiceNameValidation`, on from 1.36).
pub const SERVICE_NAMES_WITH_DIGITS: Feature = Feature { since: Kubernetes(1, 36) };

impl Kubernetes {
    /// Reads a version such as `1.33`.
    pub fn of(text: &str) -> Option<Self> {
        let (major, minor) = text.split_once('.')?;
        Some(Self(number(major)?, number(minor)?))
    }

    /// Whether this version has it.
    pub fn has(self, feature: &Feature) -> bool {
        (self.0, self.1) >= (feature.since.0, feature.since.1)
    }
}

/// A number as people write it.
fn number(text: &str) -> Option<u32> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number && (text == "0" || !text.starts_with('0')))
}

impl fmt::Display for Kubernetes {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

impl fmt::Display for Feature {
    /// The first version that has it.
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.since.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_two_numbers_and_compared_as_such() {
        let has = |text, feature| Kubernetes::of(text).unwrap().has(feature);
        assert!(!has("1.31", &VOLUME_RETENTION) && has("1.32", &VOLUME_RETENTION));
        assert!(!has("1.9", &VOLUME_RETENTION) && has("2.0", &VOLUME_RETENTION));
        assert!(
            !has("1.35", &SERVICE_NAMES_WITH_DIGITS) && has("1.36", &SERVICE_NAMES_WITH_DIGITS)
        );
        for text in ["", "1", "1.", "1.32.4", "v1.32", "1.+2", "1.032", "1.32-gke"] {
            assert_eq!(Kubernetes::of(text), None, "{text}");
        }
    }
}
