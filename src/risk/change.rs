//! What becomes of an object between two trees of manifests.

use super::finding::{Finding, Level};
use super::object::{Key, Object};
use crate::source::node::Node;
use schemars::JsonSchema;
use serde::Serialize;

/// What becomes of an object.
#[derive(Clone, Copy, Debug, JsonSchema, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// It goes.
    Removed,
    /// Some of its fields change.
    Changed,
    /// It is new.
    Added,
}

/// A field that changes.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldChange {
    /// Its keys from the top of the object; an item of a list of named things by its name.
    pub path: Vec<String>,
    /// The value before.
    pub old: Option<Node>,
    /// The value after.
    pub new: Option<Node>,
}

impl FieldChange {
    /// The path as people write it, such as `spec.storage.size`.
    pub fn field(&self) -> String {
        self.path.join(".")
    }

    /// Whether its values are ciphertext, of which nothing is worth showing.
    pub fn is_sealed(&self) -> bool {
        let is_encrypted = |node: &Node| node.as_str().is_some_and(|text| text.starts_with("ENC["));
        self.path.iter().any(|key| key == "encryptedData")
            || self.path.first().is_some_and(|key| key == "sops")
            || self.old.iter().chain(&self.new).any(is_encrypted)
    }
}

/// An object that changes, and what that does.
#[derive(Clone, Debug)]
pub struct ObjectChange {
    /// What it is.
    pub key: Key,
    /// What becomes of it.
    pub action: Action,
    /// The object before.
    pub base: Option<Object>,
    /// The object after.
    pub head: Option<Object>,
    /// The fields that change, when it does not come or go.
    pub fields: Vec<FieldChange>,
    /// What the change does, the worst first.
    pub findings: Vec<Finding>,
}

impl ObjectChange {
    /// The worst that the change does.
    pub fn level(&self) -> Level {
        self.findings.iter().map(|finding| finding.level).max().unwrap_or(Level::None)
    }

    /// How often the password of a Secret changed, before and after.
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

    /// The definition that it belongs to: the new one's, where there is one.
    pub fn definition(&self) -> &str {
        self.head.as_ref().or(self.base.as_ref()).map_or("", Object::definition)
    }
}
