//! Profiles: what each supported version of each operator does.
//!
//! A profile is a constant whose fields are facts about one version, each with its source. Other code reads
//! a field and never compares versions. A new version is one more constant, and its author must answer every
//! field: a newer version inherits nothing.

pub mod cloudnative_pg;
pub mod frappe;
mod installation;
pub mod kubernetes;
pub mod mariadb;
mod releases;

pub use cloudnative_pg::{CloudNativePg, CloudNativePgVersion};
pub use frappe::{Frappe, FrappeVersion};
pub use installation::{DataPlane, Installation, OPERATOR_NAMESPACE, installation_commands};
pub use kubernetes::Kubernetes;
pub use mariadb::{Mariadb, MariadbVersion};
pub use releases::Releases;

/// An operator whose version a cluster states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// frappe-operator.
    Frappe,
    /// mariadb-operator.
    Mariadb,
    /// CloudNativePG.
    CloudNativePg,
}

impl Operator {
    /// Every operator.
    pub const ALL: [Self; 3] = [Self::Frappe, Self::Mariadb, Self::CloudNativePg];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Frappe => "frappe-operator",
            Self::Mariadb => "mariadb-operator",
            Self::CloudNativePg => "CloudNativePG",
        }
    }

    /// The field of `operators` that states its version.
    pub fn field(self) -> &'static str {
        match self {
            Self::Frappe => "frappe",
            Self::Mariadb => "mariadb",
            Self::CloudNativePg => "cloudnativePg",
        }
    }

    /// The variable of `cluster` that tells templates its version.
    pub fn variable(self) -> &'static str {
        match self {
            Self::Frappe => "frappeOperator",
            Self::Mariadb => "mariadbOperator",
            Self::CloudNativePg => "cloudnativePg",
        }
    }

    /// Whether one supported version is newer than another.
    pub fn is_newer(self, version: &str, than: &str) -> bool {
        let versions = self.versions();
        let place = |id: &str| versions.iter().position(|version| *version == id);
        place(version) > place(than)
    }

    /// The supported version that a release belongs to, such as 2.6 for 2.6.4.
    pub fn of_release(self, release: &str) -> Option<&'static str> {
        let has = |(id, releases): (&'static str, Releases)| releases.has(release).then_some(id);
        match self {
            Self::Frappe => {
                let profiles = FrappeVersion::ALL.map(FrappeVersion::profile);
                profiles.into_iter().find_map(|it| has((it.id, it.releases)))
            }
            Self::Mariadb => {
                let profiles = MariadbVersion::ALL.map(MariadbVersion::profile);
                profiles.into_iter().find_map(|it| has((it.id, it.releases)))
            }
            Self::CloudNativePg => {
                let profiles = CloudNativePgVersion::ALL.map(CloudNativePgVersion::profile);
                profiles.into_iter().find_map(|it| has((it.id, it.releases)))
            }
        }
    }

    /// Its supported versions as definitions state them, the oldest first.
    pub fn versions(self) -> Vec<&'static str> {
        match self {
            Self::Frappe => FrappeVersion::ALL.map(|version| version.profile().id).to_vec(),
            Self::Mariadb => MariadbVersion::ALL.map(|version| version.profile().id).to_vec(),
            Self::CloudNativePg => {
                CloudNativePgVersion::ALL.map(|version| version.profile().id).to_vec()
            }
        }
    }
}

/// The profiles of the operators that run in a cluster. Every cluster has frappe-operator. Of the
/// others it has those that its databases need.
#[derive(Clone, Copy, Debug)]
pub struct Profiles {
    /// Of frappe-operator.
    pub frappe: &'static Frappe,
    /// Of mariadb-operator.
    pub mariadb: Option<&'static Mariadb>,
    /// Of CloudNativePG.
    pub cloudnative_pg: Option<&'static CloudNativePg>,
}

impl Profiles {
    /// The version of an operator as definitions state it. `None` if the cluster does not have it.
    pub fn version(self, operator: Operator) -> Option<&'static str> {
        match operator {
            Operator::Frappe => Some(self.frappe.id),
            Operator::Mariadb => self.mariadb.map(|profile| profile.id),
            Operator::CloudNativePg => self.cloudnative_pg.map(|profile| profile.id),
        }
    }

    /// How the version of an operator is installed, and its releases. `None` if the cluster does not have it.
    pub fn installation(self, operator: Operator) -> Option<(Installation, Releases)> {
        match operator {
            Operator::Frappe => Some((self.frappe.installation, self.frappe.releases)),
            Operator::Mariadb => self.mariadb.map(|it| (it.installation, it.releases)),
            // It has one supported version, to which nobody can upgrade.
            Operator::CloudNativePg => None,
        }
    }

    /// The versions for which the cases of risks are written, and whose answers were measured. A newer profile
    /// does not change what those cases say.
    #[cfg(test)]
    pub(crate) fn of_cases() -> Self {
        Self {
            frappe: Frappe::of("2.6"),
            mariadb: Some(Mariadb::of("26.6")),
            cloudnative_pg: Some(CloudNativePgVersion::V1_30.profile()),
        }
    }

    /// Sets the version of an operator.
    #[cfg(test)]
    pub(crate) fn set(&mut self, operator: Operator, id: &str) {
        match operator {
            Operator::Frappe => self.frappe = Frappe::of(id),
            Operator::Mariadb => self.mariadb = Some(Mariadb::of(id)),
            Operator::CloudNativePg => panic!("CloudNativePG has one profile"),
        }
    }
}

/// A list of words for people: `2.3`, `2.5` or `2.6`.
pub fn listed(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [only] => only.clone(),
        [head @ .., last] => format!("{} or {last}", head.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_read_as_people_write_them() {
        let list =
            |words: &[&str]| listed(&words.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(list(&[]), "");
        assert_eq!(list(&["2.5"]), "2.5");
        assert_eq!(list(&["2.3", "2.5", "2.6"]), "2.3, 2.5 or 2.6");
    }
}
