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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::FileId;
    use crate::source::yaml;

    fn node(text: &str) -> Option<Node> {
        Some(yaml::read(text, FileId(0)).unwrap())
    }

    fn object(path: &str, text: &str) -> Option<Object> {
        Some(Object { path: path.to_owned(), node: node(text)? })
    }

    fn change(base: Option<Object>, head: Option<Object>) -> ObjectChange {
        let key = Key {
            cluster: "production".to_owned(),
            kind: "SealedSecret".to_owned(),
            group: "bitnami.com".to_owned(),
            namespace: "frappe".to_owned(),
            name: "acme".to_owned(),
        };
        let (fields, findings) = (Vec::new(), Vec::new());
        ObjectChange { key, action: Action::Changed, base, head, fields, findings }
    }

    #[test]
    fn ciphertext_is_known_by_its_key_and_by_its_form() {
        let sealed = |path: &[&str], old: Option<&str>, new: Option<&str>| {
            let path = path.iter().map(|key| (*key).to_owned()).collect();
            let (old, new) = (old.and_then(node), new.and_then(node));
            FieldChange { path, old, new }.is_sealed()
        };
        let encrypted = Some("ENC[AES256_GCM,data:b3Blbg==]\n");
        assert!(sealed(&["spec", "encryptedData", "password"], Some("AgB\n"), Some("AgC\n")));
        assert!(sealed(&["sops", "mac"], None, Some("text\n")));
        assert!(sealed(&["stringData", "password"], encrypted, None));
        assert!(sealed(&["stringData", "password"], None, encrypted));
        assert!(!sealed(&["spec", "sops"], Some("text\n"), Some("other\n")));
        assert!(!sealed(&["stringData", "password"], Some("ENCODED\n"), Some("1\n")));
    }

    #[test]
    fn generations_are_told_where_both_objects_state_one() {
        let of = |generation: Option<&str>| {
            let stated =
                generation.map_or(String::new(), |it| format!("sitewright/generation: '{it}'"));
            let text = format!("spec: {{template: {{metadata: {{annotations: {{{stated}}}}}}}}}\n");
            object("production/acme/secret.yaml", &text)
        };
        for (old, new, shown) in [
            (of(Some("2")), of(Some("3")), "generation 2 → 3"),
            (of(Some("3")), of(Some("3")), "generation 3 still"),
            (of(None), of(Some("3")), "of no known generation"),
            (of(Some("3")), of(None), "of no known generation"),
            (None, of(Some("1")), "of no known generation"),
        ] {
            assert_eq!(change(old, new).generations(), shown);
        }
    }

    #[test]
    fn a_change_is_as_risky_as_its_worst_finding() {
        let finding = |level| Finding { level, field: None, reason: String::new(), instead: None };
        let mut change = change(None, None);
        assert_eq!(change.level(), Level::None);
        change.findings = [Level::Rollout, Level::DataLoss, Level::None].map(finding).to_vec();
        assert_eq!(change.level(), Level::DataLoss);
    }

    #[test]
    fn the_definition_is_that_of_the_new_object() {
        let (old, new) =
            (object("old/acme/site.yaml", "a: 1\n"), object("new/acme/site.yaml", "a: 1\n"));
        assert_eq!(change(old.clone(), new).definition(), "new/acme");
        assert_eq!(change(old, None).definition(), "old/acme");
        assert_eq!(change(None, None).definition(), "");
    }
}
