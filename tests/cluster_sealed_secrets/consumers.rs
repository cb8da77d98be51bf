//! What reads a Secret: the references of rendered objects, and those that an operator makes of a name.

use super::stage::{name_of, namespace_of};
use serde_json::Value;

/// The fields that name a Secret: the kind, the field, the keys that are read where the field names none,
/// and whether mariadb-operator has to see at once that the Secret changed.
const FIELDS: [(&str, &str, &[&str], bool); 17] = [
    ("User", "passwordSecretKeyRef", &[], true),
    ("MariaDB", "rootPasswordSecretKeyRef", &[], true),
    ("ExternalMariaDB", "passwordSecretKeyRef", &[], true),
    ("ExternalMariaDB", "serverCASecretRef", &["ca.crt"], false),
    ("ExternalMariaDB", "clientCertSecretRef", &["tls.crt", "tls.key"], false),
    ("FrappeSite", "adminPasswordSecretRef", &["password"], false),
    ("FrappeSite", "encryptionKeySecretRef", &[], false),
    ("ObjectStore", "secretAccessKey", &[], false),
    ("DatabaseRole", "passwordSecret", &["username", "password"], false),
    // Source: `controllers/database/external_provider.go` of frappe-operator 2.6.
    ("FrappeSite", "connectionSecretRef", &CONNECTION, false),
    // The ingress controller reads it.
    ("FrappeSite", "secretName", &["tls.crt", "tls.key"], false),
    // The next backup reads it.
    ("Backup", "accessKeyIdSecretKeyRef", &[], false),
    ("Backup", "secretAccessKeySecretKeyRef", &[], false),
    ("PhysicalBackup", "accessKeyIdSecretKeyRef", &[], false),
    ("PhysicalBackup", "secretAccessKeySecretKeyRef", &[], false),
    ("MariaDB", "accessKeyIdSecretKeyRef", &[], false),
    ("MariaDB", "secretAccessKeySecretKeyRef", &[], false),
];
const CONNECTION: [&str; 5] = ["username", "password", "database", "host", "port"];

/// A Secret that something reads.
#[derive(Clone, Debug)]
pub(crate) struct Reference {
    /// Such as `User erp/acme-user passwordSecretKeyRef`.
    pub(crate) from: String,
    pub(crate) namespace: String,
    pub(crate) secret: String,
    pub(crate) keys: Vec<String>,
    /// Whether mariadb-operator has to see at once that it changed.
    pub(crate) watched: bool,
}

/// Every reference of these objects. A field that looks like one and is not known fails the test.
pub(crate) fn references(objects: &[Value]) -> Vec<Reference> {
    let mut found = Vec::new();
    for object in objects {
        let kind = object["kind"].as_str().unwrap();
        // These make Secrets.
        if !["SealedSecret", "ExternalSecret", "PushSecret", "Password"].contains(&kind) {
            walk(object, &object["spec"], &mut found);
        }
        if kind == "FrappeSite" {
            found.extend(by_name(object));
        }
    }
    found
}

fn walk(object: &Value, value: &Value, found: &mut Vec<Reference>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| walk(object, item, found)),
        Value::Object(map) => {
            for (field, value) in map {
                match (field.to_lowercase().contains("secret"), value) {
                    (true, Value::Array(items)) => {
                        found.extend(items.iter().map(|item| reference(object, field, item)));
                    }
                    (true, _) => found.push(reference(object, field, value)),
                    (false, _) => walk(object, value, found),
                }
            }
        }
        _ => {}
    }
}

fn reference(object: &Value, field: &str, value: &Value) -> Reference {
    let kind = object["kind"].as_str().unwrap();
    let known = FIELDS.iter().find(|(of, name, ..)| *of == kind && *name == field);
    let (.., keys, watched) = known.unwrap_or_else(|| panic!("what reads {kind}'s {field}?"));
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let keys = match text(&value["key"]) {
        Some(key) => vec![key],
        None => keys.iter().map(|key| (*key).to_owned()).collect(),
    };
    assert!(!keys.is_empty(), "{kind}'s {field} names no key");
    Reference {
        from: format!("{kind} {}/{} {field}", namespace_of(object), name_of(object)),
        namespace: text(&value["namespace"]).unwrap_or_else(|| namespace_of(object).to_owned()),
        secret: text(value).or_else(|| text(&value["name"])).unwrap(),
        keys,
        watched: *watched,
    }
}

/// What frappe-operator reads of a site with a server of its own, whatever its fields say. Of its database's
/// user it reads the Secret that the User names (source: `controllers/database` of frappe-operator 2.3.0 and
/// 2.6.4).
fn by_name(site: &Value) -> Option<Reference> {
    let database = &site["spec"]["dbConfig"];
    let is_dedicated = database["provider"] == "mariadb" && database["mode"] == "dedicated";
    is_dedicated.then(|| Reference {
        from: format!("FrappeSite {}/{} by its name", namespace_of(site), name_of(site)),
        namespace: namespace_of(site).to_owned(),
        secret: format!("{}-mariadb-root", name_of(site)),
        keys: vec!["password".to_owned()],
        watched: false,
    })
}
