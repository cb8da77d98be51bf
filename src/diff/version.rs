//! Whether an image or a version is older than another, by what its tag says.

use crate::language::release_numbers;

/// Whose tags they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tags {
    /// MariaDB's. The first two numbers count, as data files do.
    Mariadb,
    /// Of Frappe and of its apps. The first three numbers count.
    Frappe,
}

impl Tags {
    fn count(self) -> usize {
        match self {
            Self::Mariadb => 2,
            Self::Frappe => 3,
        }
    }
}

/// Whether an image or version is older than the one before it. Of a branch such as `version-15`, only what
/// it says is known.
pub(super) fn is_older(old: &str, new: &str, tags: Tags) -> bool {
    let (Some(old), Some(new)) = (version(old, tags), version(new, tags)) else { return false };
    old.iter().zip(&new).find(|(old, new)| old != new).is_some_and(|(old, new)| new < old)
}

/// The version in an image's tag or a version's name: `mariadb:10.11.6-jammy` is 10.11, `version-15` is 15, and
/// `v15.90.1-custom` all three numbers. `develop`, where Frappe's next version is made, is newer than all that
/// are out.
fn version(text: &str, tags: Tags) -> Option<Vec<u32>> {
    let (text, _) = text.split_once('@').unwrap_or((text, ""));
    // A registry may have a port, and a branch a `/`.
    let name = text.rsplit_once('/').map_or(text, |(_, name)| name);
    let tag = name.split_once(':').map_or(name, |(_, tag)| tag);
    if tag == "develop" {
        return Some(vec![u32::MAX]);
    }
    let numbers = release_numbers(tag)?;
    Some(numbers.into_iter().take(tags.count()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_older_where_it_says_so() {
        for (old, new) in [
            ("v15.90.1", "v15.10.0"),
            ("v15.90.1", "v15.90.0"),
            ("v15.90.1-custom", "v15.90.0-custom"),
            ("v15.90.1-custom", "v15.9.0"),
            ("version-15", "version-14"),
            ("release/version-15", "release/version-14"),
            ("v15.2.0", "version-14"),
            ("develop", "version-15"),
            ("frappe:v16.0.0", "frappe:v15.90.1"),
            ("erpnext-v16.0.0", "erpnext-v15.90.1"),
        ] {
            let older = |old, new| is_older(old, new, Tags::Frappe);
            assert!(older(old, new) && !older(new, old), "{old} {new}");
        }
        for (one, other) in [
            ("v15.90.1", "version-15"),
            ("v15.90.1-custom", "v15.90.1"),
            ("latest", "v15"),
            ("v15", "v15"),
            ("erp15", "erp14"),
        ] {
            let older = |old, new| is_older(old, new, Tags::Frappe);
            assert!(!older(one, other) && !older(other, one), "{one} {other}");
        }
    }

    #[test]
    fn versions_of_servers_are_compared_by_what_their_data_files_mean() {
        let older = |old, new| is_older(old, new, Tags::Mariadb);
        for (old, new) in [
            ("mariadb:10.11.6", "mariadb:10.6"),
            ("mariadb:10.11-jammy", "mariadb:10.6-jammy"),
            ("mariadb:10.11-jammy", "mariadb:10.6"),
            ("mariadb:11.8-ubi9", "mariadb:11.4-ubi9"),
            ("mariadb:11.8@sha256:1a", "mariadb:10.6@sha256:9a"),
            ("registry.example:5000/db/maria:11.8", "registry.example:5000/db/maria:11.4"),
        ] {
            assert!(older(old, new) && !older(new, old), "{old} {new}");
        }
        for (one, other) in [
            ("docker.io/library/mariadb:10.11.6", "mariadb:10.11"),
            ("mariadb:10.11.8-jammy", "mariadb:10.11.6-noble"),
            ("mariadb:10.11", "mariadb:lts-ubi9"),
            ("mariadb:10.11@sha256:9a", "mariadb:10.11@sha256:1a"),
            ("registry.example:5000/mariadb", "registry.example:5001/mariadb"),
        ] {
            assert!(!older(one, other) && !older(other, one), "{one} {other}");
        }
    }
}
