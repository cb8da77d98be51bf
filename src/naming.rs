//! SQL names: pure functions that compute the name of a site's database. The database user has the
//! same name.
//!
//! frappe-operator recomputes the name of the database and never reads it from the object. So for
//! its own bindings sitewright computes exactly the same bytes (source:
//! `controllers/database/mariadb_provider.go`, `generateDBName`, `sanitizeName` and `hashString` at
//! v2.3.0 and v2.6.1). It reads the name of the *user* from `User.spec.name`. sitewright always
//! uses the name of the database there, because Frappe 15 requires that.

use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// The maximum length of a database name in MariaDB, in characters (error 1102).
pub const MAX_SQL_NAME: usize = 64;

/// The maximum length of a user name that frappe-operator 2.3 to 2.5 creates.
const MAX_USER_2_3: usize = 32;

/// How the names of a site's database and user are computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// The scheme of frappe-operator 2.3 to 2.5.
    FrappeOperator23,
    /// The scheme of frappe-operator 2.6.
    FrappeOperator26,
    /// sitewright's own scheme, for sites whose name no operator recomputes.
    Sha256,
}

/// The inputs of a name.
#[derive(Clone, Copy, Debug)]
pub struct NameInputs<'a> {
    /// The cluster. Only [`Scheme::Sha256`] uses it.
    pub cluster: &'a str,
    /// The site's namespace.
    pub namespace: &'a str,
    /// The FrappeSite's name.
    pub name: &'a str,
    /// The name of the site in Frappe.
    pub site_name: &'a str,
}

/// Why a scheme has no name for a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameError {
    /// frappe-operator 2.3 to 2.5 prints the hash of `namespace/name` without leading zeros, takes
    /// 8 digits of it, and panics if there are fewer.
    Panics {
        /// The hash.
        hash: u32,
    },
    /// The name itself is short enough, but it is too long when each `_` is escaped for its grant.
    TooLong {
        /// The length of the escaped name in characters.
        escaped: usize,
    },
}

/// The name of a database. It is short enough for the server and for its grant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SqlName(String);

impl SqlName {
    /// A name of `[A-Za-z0-9_]`, unless its escaped form is too long.
    pub fn new(name: impl Into<String>) -> Result<Self, NameError> {
        let name = name.into();
        match escaped_len(&name) {
            escaped if escaped > MAX_SQL_NAME => Err(NameError::TooLong { escaped }),
            _ => Ok(Self(name)),
        }
    }

    /// The name, in the form of `Database.spec.name` and `User.spec.name`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as a pattern that matches only this name. In a database-level grant, `_` is a
    /// wildcard and must be escaped.
    pub fn escaped(&self) -> String {
        self.0.replace('_', "\\_")
    }
}

impl Scheme {
    /// The scheme as users read it.
    pub fn id(self) -> &'static str {
        match self {
            Scheme::FrappeOperator23 => "frappe-operator-2.3",
            Scheme::FrappeOperator26 => "frappe-operator-2.6",
            Scheme::Sha256 => "sha256",
        }
    }

    /// Whether an operator computes the name itself, so that it accepts no other.
    pub fn is_computed_by_operator(self) -> bool {
        match self {
            Scheme::FrappeOperator23 | Scheme::FrappeOperator26 => true,
            Scheme::Sha256 => false,
        }
    }

    /// Whether the operator panics for some names.
    pub fn can_panic(self) -> bool {
        self == Scheme::FrappeOperator23
    }

    /// The name of a site's database and user.
    pub fn sql_name(self, subject: NameInputs) -> Result<SqlName, NameError> {
        let name = match self {
            Scheme::Sha256 => sha256_name(subject),
            Scheme::FrappeOperator23 => operator_name(subject, format!("{:x}", fnv(subject)))?,
            Scheme::FrappeOperator26 => operator_name(subject, format!("{:08x}", fnv(subject)))?,
        };
        SqlName::new(name)
    }

    /// The account that the operator would create without sitewright's User. Up to 2.5 it is the
    /// same in every namespace, so two tenants would share it. `None` if there is no such account.
    pub fn operators_own_user(self, subject: NameInputs) -> Option<String> {
        match self {
            Scheme::FrappeOperator23 => {
                let mut user = sanitize(subject.name) + "_user";
                user.truncate(MAX_USER_2_3);
                Some(user)
            }
            Scheme::FrappeOperator26 => {
                operator_name(subject, format!("{:08x}", fnv(subject))).ok()
            }
            Scheme::Sha256 => None,
        }
    }
}

/// `_<8 hex digits>_<sanitised siteName>`, cut after 64 bytes.
fn operator_name(subject: NameInputs, hex: String) -> Result<String, NameError> {
    let Some(hash) = hex.get(..8) else {
        return Err(NameError::Panics { hash: fnv(subject) });
    };
    let mut name = format!("_{hash}_{}", sanitize(subject.site_name));
    name.truncate(MAX_SQL_NAME);
    Ok(name)
}

/// `_<16 hex digits>_<sanitised siteName>`, cut so that the escaped name still fits. The hash of
/// the whole identity comes first, so two cut names are never equal.
fn sha256_name(subject: NameInputs) -> String {
    let NameInputs { cluster, namespace, name, site_name } = subject;
    let digest = Sha256::digest(format!("{cluster}/{namespace}/{name}"));
    let mut out = String::from("_");
    for byte in &digest[..8] {
        // Writing to a String cannot fail.
        let _ = write!(out, "{byte:02x}");
    }
    out.push('_');
    let mut room = MAX_SQL_NAME - escaped_len(&out);
    for character in sanitize(site_name).chars() {
        let cost = if character == '_' { 2 } else { 1 };
        if cost > room {
            break;
        }
        room -= cost;
        out.push(character);
    }
    out
}

/// Replaces each character outside `[A-Za-z0-9_]` with `_`, merges runs of `_`, and removes `_` at
/// both ends.
fn sanitize(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            'a'..='z' | 'A'..='Z' | '0'..='9' => out.push(character),
            _ if out.is_empty() || out.ends_with('_') => {}
            _ => out.push('_'),
        }
    }
    if out.ends_with('_') {
        out.pop();
    }
    out
}

/// The length of a name in which every `_` is escaped. Names contain only ASCII characters.
fn escaped_len(name: &str) -> usize {
    name.len() + name.bytes().filter(|byte| *byte == b'_').count()
}

/// FNV-1a of `namespace/name`, 32 bits.
fn fnv(subject: NameInputs) -> u32 {
    let bytes = subject.namespace.bytes().chain([b'/']).chain(subject.name.bytes());
    bytes.fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject<'a>(namespace: &'a str, name: &'a str, site_name: &'a str) -> NameInputs<'a> {
        NameInputs { cluster: "production", namespace, name, site_name }
    }

    #[test]
    fn sanitising_is_the_operators() {
        for (from, to) in [
            ("acme.example.com", "acme_example_com"),
            ("--a..b__c--", "a_b_c"),
            ("...", ""),
            ("_a_", "a"),
            ("münchen.de", "m_nchen_de"),
        ] {
            assert_eq!(sanitize(from), to, "{from}");
        }
    }

    #[test]
    fn a_short_hash_is_an_error_on_2_3_and_padded_on_2_6() {
        let site = subject("default", "site1", "site1.example.com");
        let error = Scheme::FrappeOperator23.sql_name(site);
        assert_eq!(error, Err(NameError::Panics { hash: 0x0346_d4bb }));
        let name = Scheme::FrappeOperator26.sql_name(site).unwrap();
        assert_eq!(name.as_str(), "_0346d4bb_site1_example_com");
    }

    #[test]
    fn a_name_whose_escaped_form_is_too_long_is_an_error() {
        let site_name = ["a"; 25].join(".");
        let error = Scheme::FrappeOperator26.sql_name(subject("frappe", "acme", &site_name));
        assert_eq!(error, Err(NameError::TooLong { escaped: 10 + 49 + 26 }));
    }

    #[test]
    fn ours_is_cut_and_stays_unique() {
        let long = format!("{}.example.com", "a".repeat(60));
        let one = Scheme::Sha256.sql_name(subject("frappe", "one", &long)).unwrap();
        let two = Scheme::Sha256.sql_name(subject("frappe", "two", &long)).unwrap();
        assert_eq!(one.escaped().len(), MAX_SQL_NAME);
        assert_ne!(one, two);
    }

    /// What is rendered once stays: another name is another, empty database.
    #[test]
    fn ours_is_the_same_for_ever_and_of_all_that_is_hashed() {
        let name = |cluster, namespace, name| {
            let subject = NameInputs { cluster, namespace, name, site_name: "erp.acme.com" };
            Scheme::Sha256.sql_name(subject).unwrap().as_str().to_owned()
        };
        let acme = name("production", "frappe", "acme");
        assert_eq!(acme, "_a6de84abe1046ee1_erp_acme_com");
        for other in [
            name("staging", "frappe", "acme"),
            name("production", "erp", "acme"),
            name("production", "frappe", "acme-2"),
        ] {
            assert_ne!(other, acme);
        }
    }

    #[test]
    fn each_scheme_says_who_computes_the_name_and_whether_that_can_panic() {
        for (scheme, id, by_operator, can_panic) in [
            (Scheme::FrappeOperator23, "frappe-operator-2.3", true, true),
            (Scheme::FrappeOperator26, "frappe-operator-2.6", true, false),
            (Scheme::Sha256, "sha256", false, false),
        ] {
            assert_eq!(scheme.id(), id);
            assert_eq!(scheme.is_computed_by_operator(), by_operator, "{id}");
            assert_eq!(scheme.can_panic(), can_panic, "{id}");
        }
    }

    /// The vectors in `tests/naming.rs` have more of them.
    #[test]
    fn the_operators_own_user_is_shared_up_to_2_5() {
        let long = "a-site-with-a-name-of-forty-characters-x";
        let of = |scheme: Scheme, namespace| {
            scheme.operators_own_user(subject(namespace, long, "acme.example.com"))
        };
        let own = |namespace| of(Scheme::FrappeOperator23, namespace);
        assert_eq!(own("one").as_deref(), Some("a_site_with_a_name_of_forty_char"));
        assert_eq!(own("one"), own("two"));
        let name = Scheme::FrappeOperator26.sql_name(subject("one", long, "acme.example.com"));
        let own = |namespace| of(Scheme::FrappeOperator26, namespace);
        assert_eq!(own("one").as_deref(), Some(name.unwrap().as_str()));
        assert_ne!(own("one"), own("two"));
        assert_eq!(of(Scheme::Sha256, "one"), None);
    }

    #[test]
    fn escaping_leaves_no_wildcard() {
        let name = Scheme::Sha256.sql_name(subject("frappe", "acme", "a.b")).unwrap();
        assert_eq!(name.escaped().matches("\\_").count(), name.as_str().matches('_').count());
    }
}
