//! Who wrote a field of a live object, from its `managedFields`.
//!
//! The API server keeps the fields of each manager as a tree (`fieldsV1`, structured-merge-diff). A key `f:NAME` is
//! a field, `k:{…}` is the item of a list with these values, `v:…` is a value of a set, and `.` is the field itself.
//! A field without keys below it is owned as a whole.

use crate::live::{FieldManager, LiveObject};
use serde_json::{Map, Value};

/// The label that every manifest has. Who wrote it applies our manifests.
const OURS: [&str; 3] = ["metadata", "labels", "app.kubernetes.io/managed-by"];

/// The managers of an object.
pub(super) struct Writers<'o>(Vec<Writer<'o>>);

struct Writer<'o> {
    manager: &'o FieldManager,
    fields: Value,
    /// Whether it applies our manifests.
    applies: bool,
}

impl<'o> Writers<'o> {
    pub(super) fn of(object: &'o LiveObject) -> Self {
        let writer = |manager: &'o FieldManager| {
            // A tree that cannot be read owns nothing.
            let fields = serde_json::from_str(&manager.fields).unwrap_or_default();
            let applies = owns(&fields, &OURS.map(str::to_owned));
            Writer { manager, fields, applies }
        };
        Self(object.managers.iter().map(writer).collect())
    }

    /// The manager that last wrote a field. A manager that does not apply our manifests comes first.
    pub(super) fn last(&self, path: &[String]) -> Option<&'o FieldManager> {
        let owners = self.0.iter().filter(|writer| owns(&writer.fields, path));
        let last = owners.max_by_key(|writer| (!writer.applies, writer.manager.time.as_deref()));
        last.map(|writer| writer.manager)
    }

    /// Whether a manager applies our manifests, as a GitOps engine does.
    pub(super) fn applies(&self, manager: &FieldManager) -> bool {
        self.0.iter().any(|writer| std::ptr::eq(writer.manager, manager) && writer.applies)
    }
}

/// Whether a tree of fields has a field, a field above it as a whole, or a field below it.
fn owns(fields: &Value, path: &[String]) -> bool {
    let ([key, rest @ ..], Value::Object(keys)) = (path, fields) else { return true };
    let below = match key.strip_prefix('[').and_then(|name| name.strip_suffix(']')) {
        Some(name) => item(keys, name),
        None => keys.get(&format!("f:{key}")),
    };
    match below {
        Some(below) => owns(below, rest),
        // A list or map that is owned as a whole.
        None => keys.is_empty(),
    }
}

/// The item of a list with this name.
fn item<'f>(keys: &'f Map<String, Value>, name: &str) -> Option<&'f Value> {
    let has_name = |key: &str| {
        let values = key.strip_prefix("k:").and_then(|key| serde_json::from_str::<Value>(key).ok());
        values.is_some_and(|values| values["name"] == name)
    };
    keys.iter().find(|(key, _)| has_name(key)).map(|(_, below)| below)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields() -> Value {
        serde_json::json!({
            "f:metadata": {"f:labels": {".": {}, "f:app.kubernetes.io/managed-by": {}}},
            "f:spec": {
                "f:size": {},
                "f:atomic": {},
                "f:ports": {"k:{\"name\":\"http\",\"protocol\":\"TCP\"}": {".": {}, "f:port": {}}},
                "f:set": {"v:\"one\"": {}},
            },
        })
    }

    #[test]
    fn paths_are_found_in_fields_v1() {
        let owns = |path: &str| {
            let path: Vec<String> = path.split(' ').map(str::to_owned).collect();
            super::owns(&fields(), &path)
        };
        for path in [
            "spec",
            "spec size",
            "spec atomic below",
            "spec atomic [x] y",
            "spec ports [http]",
            "spec ports [http] port",
            "spec set",
            "metadata labels app.kubernetes.io/managed-by",
        ] {
            assert!(owns(path), "{path}");
        }
        for path in [
            "status",
            "spec other",
            "spec ports [https]",
            "spec ports [http] targetPort",
            "metadata labels a",
        ] {
            assert!(!owns(path), "{path}");
        }
    }
}
