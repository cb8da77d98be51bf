//! What is recorded of one password: facts, and where its value is.

use super::seal;
use crate::diagnostic::Excerpt;
use crate::language::SecretScope;
use schemars::JsonSchema;
use serde::Deserialize;

/// What is known of one password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// How many values there were, this one included.
    pub generation: u32,
    /// What kind of value it is.
    pub policy: Policy,
    /// `namespace/name` of its Secret; of a sealed value, what it is bound to.
    pub label: Excerpt,
    /// Where the value is.
    pub value: Held,
}

/// What is said of a record that cannot get another value, behind its name.
pub const LAST: &str = "has the highest generation that there is: no value can follow it";

/// What is to be done about that.
pub const LAST_HELP: &str = "nobody rotates so often: the record was edited by hand, so restore the file \
                             from Git";

impl Record {
    /// The generation of the next value; nothing where there is none.
    pub fn next_generation(&self) -> Option<u32> {
        self.generation.checked_add(1)
    }
}

/// Where a value is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Held {
    /// Here, sealed.
    Sealed {
        /// What its label consists of.
        scope: SecretScope,
        /// The fingerprint of the key that it is sealed for; nothing where nobody knows.
        key: Option<Excerpt>,
        /// The ciphertext.
        sealed: Excerpt,
    },
    /// On the machine that made it, in `.sitewright/secrets/`.
    Plain,
    /// In the cluster's secret store.
    External,
}

/// What kind of value a password is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum Policy {
    /// 32 random letters and digits.
    #[serde(rename = "alphanumeric-32")]
    Alphanumeric32,
    /// Whatever somebody else sealed.
    #[serde(rename = "adopted")]
    Adopted,
    /// What a third party gave.
    #[serde(rename = "given")]
    Given,
}

impl Policy {
    /// Every policy.
    pub const ALL: [Self; 3] = [Self::Alphanumeric32, Self::Adopted, Self::Given];

    /// The word in the file.
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

/// A record as its file states it: each fact is right by itself.
pub(super) struct Facts {
    pub(super) generation: u32,
    pub(super) policy: Policy,
    pub(super) mode: Option<Elsewhere>,
    pub(super) scope: Option<SecretScope>,
    pub(super) label: Excerpt,
    pub(super) sealed_for: Option<Excerpt>,
    pub(super) sealed: Option<Excerpt>,
}

/// A record, or the fact that is wrong and why.
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

/// What a value of this scope is bound to (source: `EncryptionLabel` of sealed-secrets 0.36).
pub fn label(scope: SecretScope, namespace: &str, secret: &str) -> String {
    match scope {
        SecretScope::Strict => format!("{namespace}/{secret}"),
        SecretScope::NamespaceWide => namespace.to_owned(),
        SecretScope::ClusterWide => String::new(),
    }
}
