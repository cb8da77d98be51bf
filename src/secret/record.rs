//! The record of one password: facts about its value, and the ciphertext if the value is sealed.

use super::password::{KEY_LENGTH, LENGTH};
use crate::diagnostic::Excerpt;
use crate::language::{SecretMode, SecretScope};
use crate::object::{Form, SecretSpec};
use schemars::JsonSchema;
use serde::Deserialize;

/// The record of one password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The generation: how many values the password has had, including this one.
    pub generation: u32,
    /// How the value was created.
    pub policy: Policy,
    /// The mode in which the value was recorded. Its backend knows where the value is.
    pub mode: SecretMode,
    /// `namespace/name` of its Secret. For a sealed value, the label that binds it.
    pub label: Excerpt,
    /// The sealed value, if the record holds the value.
    pub sealed: Option<SealedValue>,
}

/// A value in ciphertext. Only somebody with a private key can decrypt it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedValue {
    /// The scope, which determines the label, if the ciphertext is bound to one.
    pub scope: Option<SecretScope>,
    /// The fingerprint of the key for which the value is sealed, if it is known.
    pub sealed_for: Option<Excerpt>,
    /// The ciphertext.
    pub ciphertext: Excerpt,
}

/// The message for a record that cannot get another value. It follows the name of the record.
pub const LAST: &str = "has the highest possible generation, so no new value can follow";

/// The help for that message.
pub const LAST_HELP: &str = "restore the file from Git: the record was edited by hand, because nobody rotates a \
                             password so often";

impl Record {
    /// The generation of the next value, or `None` if there can be no next value.
    pub fn next_generation(&self) -> Option<u32> {
        self.generation.checked_add(1)
    }
}

/// How the value of a password was created.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum Policy {
    /// 32 random letters and digits.
    #[serde(rename = "alphanumeric-32")]
    Alphanumeric32,
    /// 32 random bytes in URL-safe base64: a key with which Frappe encrypts fields.
    #[serde(rename = "fernet-key")]
    FernetKey,
    /// A value that somebody else sealed.
    #[serde(rename = "adopted")]
    Adopted,
    /// A value that a third party gave.
    #[serde(rename = "given")]
    Given,
}

impl Policy {
    /// Every policy.
    pub const ALL: [Self; 4] = [Self::Alphanumeric32, Self::FernetKey, Self::Adopted, Self::Given];

    /// The word for it in the file.
    pub fn name(self) -> &'static str {
        match self {
            Policy::Alphanumeric32 => "alphanumeric-32",
            Policy::FernetKey => "fernet-key",
            Policy::Adopted => "adopted",
            Policy::Given => "given",
        }
    }

    /// The policy of a new value for a Secret.
    pub(super) fn of(wanted: &SecretSpec) -> Self {
        match wanted.form {
            _ if wanted.given => Policy::Given,
            Form::Password => Policy::Alphanumeric32,
            Form::FernetKey => Policy::FernetKey,
        }
    }

    /// The length of every value of the policy, if they have one length.
    pub(super) fn length(self) -> Option<usize> {
        match self {
            Policy::Alphanumeric32 => Some(LENGTH),
            Policy::FernetKey => Some(KEY_LENGTH),
            Policy::Adopted | Policy::Given => None,
        }
    }
}

/// A record as its file states it. Each fact is valid by itself. The backend of the mode says
/// whether the facts fit together.
#[derive(Debug)]
pub(crate) struct Facts {
    pub(super) generation: u32,
    pub(super) policy: Policy,
    /// The mode. A record that holds its value does not state it.
    pub(super) mode: Option<SecretMode>,
    pub(super) scope: Option<SecretScope>,
    pub(super) label: Excerpt,
    pub(super) sealed_for: Option<Excerpt>,
    pub(super) sealed: Option<Excerpt>,
}

/// The fact of a record that cannot be right, and the reason.
pub(crate) type WrongFact = (&'static str, String);

/// The word for a scope.
pub fn scope_name(scope: SecretScope) -> &'static str {
    match scope {
        SecretScope::Strict => "strict",
        SecretScope::NamespaceWide => "namespace-wide",
        SecretScope::ClusterWide => "cluster-wide",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::{Namespace, ResourceName};
    use crate::object::SecretPurpose;

    #[test]
    fn a_generation_follows_until_the_last() {
        let label = "frappe/acme".into();
        let (policy, mode) = (Policy::Given, SecretMode::Plain);
        let mut record = Record { generation: 1, policy, mode, label, sealed: None };
        assert_eq!(record.next_generation(), Some(2));
        record.generation = u32::MAX;
        assert_eq!(record.next_generation(), None);
    }

    #[test]
    fn the_policy_follows_from_the_form_unless_the_value_is_given() {
        static PURPOSE: SecretPurpose = SecretPurpose::of_the_user("a password", "someone");
        let name = ResourceName::new("acme-admin").unwrap();
        let mut wanted = SecretSpec::password(&PURPOSE, &Namespace::new("frappe").unwrap(), name);
        assert_eq!(Policy::of(&wanted), Policy::Alphanumeric32);
        wanted.form = Form::FernetKey;
        assert_eq!(Policy::of(&wanted), Policy::FernetKey);
        wanted.given = true;
        assert_eq!(Policy::of(&wanted), Policy::Given);
    }

    #[test]
    fn a_value_that_sitewright_makes_has_one_length() {
        assert_eq!(Policy::Alphanumeric32.length(), Some(32));
        // 32 bytes in base64, with padding.
        assert_eq!(Policy::FernetKey.length(), Some(44));
        assert_eq!(Policy::Given.length(), None);
        assert_eq!(Policy::Adopted.length(), None);
    }
}
