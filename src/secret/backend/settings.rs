//! The settings of a cluster that fit the objects with passwords which it has already.

use crate::source::node::{Entry, Node, Value};

/// What a cluster states so that objects which it has already can be rendered.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The field `secrets` of its definition.
    pub fields: Node,
    /// The files beside its definition, each with its text.
    pub files: Vec<(String, String)>,
}

impl Settings {
    /// Settings with these fields, and no file.
    pub(super) fn of(fields: Vec<(&str, Value)>) -> Self {
        Self { fields: map(fields).into(), files: Vec::new() }
    }
}

/// A map with these fields.
pub(super) fn map(fields: Vec<(&str, Value)>) -> Value {
    Value::Map(fields.into_iter().map(|(key, value)| Entry::new(key, value.into())).collect())
}

/// A text.
pub(super) fn text(text: &str) -> Value {
    Value::String(text.into())
}

#[cfg(test)]
mod tests {
    use crate::diagnostic::FileId;
    use crate::source::node::Node;
    use crate::source::yaml;
    use std::fs;
    use std::path::Path;

    fn node(text: &str) -> Node {
        yaml::read(text, FileId::NONE).unwrap()
    }

    fn settings(objects: &[&str]) -> Option<String> {
        let nodes: Vec<Node> = objects.iter().map(|text| node(text)).collect();
        let found = super::super::settings(&nodes.iter().collect::<Vec<_>>(), "production")?;
        let mut text = String::new();
        crate::manifest::writer::write(&found.fields, &mut text);
        Some(text)
    }

    const SEALED: &str =
        "{apiVersion: bitnami.com/v1alpha1, kind: SealedSecret, metadata: {name: a, namespace: b}}";

    #[test]
    fn the_objects_say_how_passwords_reach_a_cluster() {
        assert_eq!(settings(&[]), None);
        assert_eq!(settings(&["{apiVersion: v1, kind: Secret, metadata: {name: a}}"]), None);
        assert_eq!(settings(&[SEALED]).unwrap(), "mode: sealed\n");
        let wide = "{apiVersion: bitnami.com/v1alpha1, kind: SealedSecret, \
                    metadata: {name: a, annotations: {sealedsecrets.bitnami.com/cluster-wide: 'true'}}}";
        assert_eq!(settings(&[wide]).unwrap(), "mode: sealed\nscope: cluster-wide\n");
        let of_store = |key: &str| {
            format!(
                "{{apiVersion: external-secrets.io/v1, kind: ExternalSecret, metadata: {{name: a, namespace: b}}, \
                 spec: {{secretStoreRef: {{kind: SecretStore, name: vault}}, \
                 data: [{{secretKey: password, remoteRef: {{key: {key}}}}}]}}}}"
            )
        };
        let store = "mode: external\nexternal:\n  store:\n    kind: SecretStore\n    name: vault\n";
        let (ours, theirs) = (of_store("fleet-production-b-a-password-3"), of_store("databases/a"));
        assert_eq!(settings(&[&theirs]).unwrap(), store);
        let with_keys = format!("{store}  prefix: fleet-\n  separator: \"-\"\n");
        assert_eq!(settings(&[SEALED, &theirs, &ours]).unwrap(), with_keys);
    }

    /// The recipients are written, because a record of another key is refused.
    #[test]
    fn the_recipients_of_encrypted_secrets_are_found() {
        let path = "tests/keys/sops/one-value.yaml";
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
        let found = super::super::settings(&[&node(&text)], "production").unwrap();
        let [(name, recipients)] = &found.files[..] else { panic!("{found:?}") };
        assert_eq!(name, "_sealing/sops.age.pub");
        assert!(recipients.lines().count() > 0);
        assert!(recipients.lines().all(|line| line.starts_with("age1")), "{recipients}");
    }
}
