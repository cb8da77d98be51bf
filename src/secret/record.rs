//! The record of one password: facts about it, and where its value is.

use super::seal;
use crate::diagnostic::Excerpt;
use crate::language::SecretScope;
use schemars::JsonSchema;
use serde::Deserialize;

/// The record of one password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The generation: how many values the password has had, including this one.
    pub generation: u32,
    /// How the value was created.
    pub policy: Policy,
    /// `namespace/name` of its Secret. For a sealed value, the label that binds it.
    pub label: Excerpt,
    /// Where the value is.
    pub value: Held,
}

/// The message for a record that cannot get another value. It follows the name of the record.
pub const LAST: &str = "has the highest generation that there is: no value can follow it";

/// The help for that message.
pub const LAST_HELP: &str = "nobody rotates so often: the record was edited by hand, so restore the file \
                             from Git";

impl Record {
    /// The generation of the next value, or `None` if there can be no next value.
    pub fn next_generation(&self) -> Option<u32> {
        self.generation.checked_add(1)
    }
}

/// Where a value is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Held {
    /// In the record, sealed.
    Sealed {
        /// The parts of its label.
        scope: SecretScope,
        /// The fingerprint of the key for which the value is sealed, if it is known.
        key: Option<Excerpt>,
        /// The ciphertext.
        sealed: Excerpt,
    },
    /// On the machine that created it, in `.sitewright/secrets/`.
    Plain,
    /// In the cluster's secret store.
    External,
}

/// How the value of a password was created.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum Policy {
    /// 32 random letters and digits.
    #[serde(rename = "alphanumeric-32")]
    Alphanumeric32,
    /// A value that somebody else sealed.
    #[serde(rename = "adopted")]
    Adopted,
    /// A value that a third party gave.
    #[serde(rename = "given")]
    Given,
}

impl Policy {
    /// Every policy.
    pub const ALL: [Self; 3] = [Self::Alphanumeric32, Self::Adopted, Self::Given];

    /// The word for it in the file.
    pub fn name(self) -> &'static str {
        match self {
            Policy::Alphanumeric32 => "alphanumeric-32",
            Policy::Adopted => "adopted",
            Policy::Given => "given",
        }
    }
}

#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Elsewhere {
    Plain,
    External,
}

impl Elsewhere {
    pub(super) const ALL: [Self; 2] = [Self::Plain, Self::External];

    pub(super) fn name(self) -> &'static str {
        match self {
            Elsewhere::Plain => "plain",
            Elsewhere::External => "external",
        }
    }
}

/// A record as its file states it. Each fact is valid by itself.
pub(super) struct Facts {
    pub(super) generation: u32,
    pub(super) policy: Policy,
    pub(super) mode: Option<Elsewhere>,
    pub(super) scope: Option<SecretScope>,
    pub(super) label: Excerpt,
    pub(super) sealed_for: Option<Excerpt>,
    pub(super) sealed: Option<Excerpt>,
}

/// A record, or the invalid fact and the reason.
pub(super) fn record(facts: Facts) -> Result<Record, (&'static str, String)> {
    let Facts { generation, policy, mode, scope, label, sealed_for: key, sealed } = facts;
    let value = match (mode, sealed, scope) {
        (None, Some(sealed), Some(scope)) => {
            let shape = seal::shape(&sealed).map_err(|why| ("sealed", why))?;
            if policy == Policy::Alphanumeric32 && shape.value != super::password::LENGTH {
                let length = super::password::LENGTH;
                return Err((
                    "sealed",
                    format!("a password of the policy has {length} characters"),
                ));
            }
            Held::Sealed { scope, key, sealed }
        }
        (None, Some(_), None) => return Err(("sealed", "it states no `scope`".to_owned())),
        (None, None, _) => return Err(("generation", "it states no `sealed` value".to_owned())),
        (Some(_), None, None) if key.is_some() => {
            return Err(("sealedFor", "it has no sealed value".to_owned()));
        }
        (Some(Elsewhere::Plain), None, None) => Held::Plain,
        (Some(Elsewhere::External), None, None) => Held::External,
        (Some(_), _, _) => {
            return Err(("mode", "its value is said to be elsewhere and here too".to_owned()));
        }
    };
    Ok(Record { generation, policy, label, value })
}

/// The word for a scope.
pub fn scope_name(scope: SecretScope) -> &'static str {
    match scope {
        SecretScope::Strict => "strict",
        SecretScope::NamespaceWide => "namespace-wide",
        SecretScope::ClusterWide => "cluster-wide",
    }
}

/// The label that binds a value of this scope (source: `EncryptionLabel` of sealed-secrets 0.36).
pub fn label(scope: SecretScope, namespace: &str, secret: &str) -> String {
    match scope {
        SecretScope::Strict => format!("{namespace}/{secret}"),
        SecretScope::NamespaceWide => namespace.to_owned(),
        SecretScope::ClusterWide => String::new(),
    }
}
