//! Profiles: what each supported version of each operator does.
//!
//! A profile is a constant whose fields are facts about one version, each with its source. Other code reads
//! a field and never compares versions. A new version is one more constant, and its author must answer every
//! field: nothing is inherited for being newer.

pub mod frappe;
pub mod kubernetes;
pub mod mariadb;
mod releases;

pub use frappe::{Frappe, FrappeVersion};
pub use kubernetes::Kubernetes;
pub use mariadb::{Mariadb, MariadbVersion};
pub use releases::Releases;

/// The profiles of the operators that run in a cluster.
#[derive(Clone, Copy, Debug)]
pub struct Profiles {
    /// Of frappe-operator.
    pub frappe: &'static Frappe,
    /// Of mariadb-operator.
    pub mariadb: &'static Mariadb,
}

impl Profiles {
    /// The names of the operators.
    pub const NAMES: [&'static str; 2] = ["frappe-operator", "mariadb-operator"];

    /// The versions as definitions state them, in the order of [`Self::NAMES`].
    pub fn ids(self) -> [&'static str; 2] {
        [self.frappe.id, self.mariadb.id]
    }

    /// The versions for which the cases of risks are written, and whose answers were measured. A newer profile
    /// does not change what those cases say.
    #[cfg(test)]
    pub(crate) fn of_cases() -> Self {
        Self { frappe: Frappe::of("2.6"), mariadb: Mariadb::of("26.6") }
    }

    /// Sets the version of the operator of this name.
    #[cfg(test)]
    pub(crate) fn set(&mut self, operator: &str, id: &str) {
        match operator {
            "frappe-operator" => self.frappe = Frappe::of(id),
            _ => self.mariadb = Mariadb::of(id),
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
