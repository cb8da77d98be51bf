//! The change of an object between two trees of manifests.

use super::finding::{Finding, Level};
use super::object::{Key, Object};
use crate::source::node::Node;
use schemars::JsonSchema;
use serde::Serialize;

/// Whether an object is removed, changed or added.
#[derive(Clone, Copy, Debug, JsonSchema, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// It is removed.
    Removed,
    /// Some of its fields change.
    Changed,
    /// It is added.
    Added,
}

/// A field that changes.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldChange {
    /// The keys that lead to the field from the top of the object. An item of a list is called by
    /// its name if it has one.
    pub path: Vec<String>,
    /// The value before.
    pub old: Option<Node>,
    /// The value after.
    pub new: Option<Node>,
}

impl FieldChange {
    /// The path in the form of messages, such as `spec.storage.size`.
    pub fn field(&self) -> String {
        self.path.join(".")
    }

    /// Whether its values are ciphertext, which no report shows.
    pub fn is_sealed(&self) -> bool {
        let is_encrypted = |node: &Node| node.as_str().is_some_and(|text| text.starts_with("ENC["));
        self.path.iter().any(|key| key == "encryptedData")
            || self.path.first().is_some_and(|key| key == "sops")
            || self.old.iter().chain(&self.new).any(is_encrypted)
    }
}

/// An object that changes, with the findings about the change.
#[derive(Clone, Debug)]
pub struct ObjectChange {
    /// The identity of the object.
    pub key: Key,
    /// Whether the object is removed, changed or added.
    pub action: Action,
    /// The object before.
    pub base: Option<Object>,
    /// The object after.
    pub head: Option<Object>,
    /// The fields that change. Empty if the object is added or removed.
    pub fields: Vec<FieldChange>,
    /// The findings about the change, the riskiest first.
    pub findings: Vec<Finding>,
}

impl ObjectChange {
    /// The highest risk of the change.
    pub fn level(&self) -> Level {
        self.findings.iter().map(|finding| finding.level).max().unwrap_or(Level::None)
    }

    /// The generations of a Secret's password before and after the change.
    pub fn generations(&self) -> String {
        const PATH: [&str; 5] =
            ["spec", "template", "metadata", "annotations", "sitewright/generation"];
        let of = |object: &Option<Object>| object.as_ref()?.text(&PATH).map(str::to_owned);
        match (of(&self.base), of(&self.head)) {
            (Some(old), Some(new)) if old == new => format!("generation {new} still"),
            (Some(old), Some(new)) => format!("generation {old} → {new}"),
            _ => "of no known generation".to_owned(),
        }
    }

    /// The definition of the object: of the new object, or of the removed one.
    pub fn definition(&self) -> &str {
        self.head.as_ref().or(self.base.as_ref()).map_or("", Object::definition)
    }
}
