//! The table of filled values beside the real CRDs of every version: each default that a rendered object meets is a
//! row, and each row is a default.

use super::samples::{files, samples};
use super::tools::needed;
use serde_json::{Value, json};
use sitewright::import::filled::{Given, OfKind, Scene, TABLE, Writer};
use sitewright::operator::{
    CloudNativePgVersion, Frappe, FrappeVersion, MariadbVersion, Profiles, Releases,
};
use sitewright::output::layout;
use sitewright::source::node::{Node, Value as Plain};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Folders of CRDs of one version of each operator, and what the table takes for that version.
struct Version {
    folders: Vec<String>,
    profiles: Profiles,
}

/// Versions that together have every release of every profile.
fn versions() -> Vec<Version> {
    let base = Profiles {
        frappe: FrappeVersion::V2_6.profile(),
        mariadb: Some(MariadbVersion::V26_6.profile()),
        cloudnative_pg: Some(CloudNativePgVersion::V1_30.profile()),
    };
    let of = |operator: &str, releases: Releases| -> Vec<String> {
        releases.known().iter().map(|release| format!("{operator}/{release}")).collect()
    };
    let frappe = FrappeVersion::ALL.map(|version| {
        let frappe: &'static Frappe = version.profile();
        let folders = of("frappe-operator", frappe.releases);
        Version { folders, profiles: Profiles { frappe, ..base } }
    });
    let mariadb = MariadbVersion::ALL.map(|version| {
        let mariadb = Some(version.profile());
        let folders = of("mariadb-operator", version.profile().releases);
        Version { folders, profiles: Profiles { mariadb, ..base } }
    });
    // No definition states a version of External Secrets.
    let others = of("cloudnative-pg", CloudNativePgVersion::V1_30.profile().releases);
    let others = [others, vec!["external-secrets/2.9.0".to_owned()]].concat();
    frappe.into_iter().chain(mariadb).chain([Version { folders: others, profiles: base }]).collect()
}

/// The schemas of a folder of CRDs, by `apiVersion` and kind.
fn schemas(folder: &Path) -> BTreeMap<(String, String), Value> {
    let mut found = BTreeMap::new();
    for (path, bytes) in files(folder) {
        let crd: Value = match path.ends_with(".yaml") {
            true => serde_yaml::from_slice(&bytes).unwrap(),
            false => continue,
        };
        for version in crd["spec"]["versions"].as_array().unwrap() {
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            let api = format!("{}/{}", text(&crd["spec"]["group"]), text(&version["name"]));
            let schema = version["schema"]["openAPIV3Schema"].clone();
            found.insert((api, text(&crd["spec"]["names"]["kind"])), schema);
        }
    }
    assert!(!found.is_empty(), "{} holds no CRD", folder.display());
    found
}

/// Every rendered object of the samples.
fn objects() -> Vec<Value> {
    let mut found = Vec::new();
    for sample in samples() {
        for bytes in files(&sample.root.join("rendered")).into_values() {
            let text = String::from_utf8(bytes).unwrap();
            let objects = layout::objects_of(&text).into_iter();
            found.extend(objects.map(|text| serde_yaml::from_str::<Value>(text).unwrap()));
        }
    }
    found
}

/// Fills the defaults of a schema into a value, as an API server does, and notes each that it meets.
fn fill(schema: &Value, value: &mut Value, path: &str, met: &mut BTreeMap<String, Value>) {
    let join = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match value {
        Value::Object(fields) => {
            for (key, below) in schema["properties"].as_object().into_iter().flatten() {
                if path.is_empty() && key != "spec" {
                    continue;
                }
                if let Some(default) = below.get("default") {
                    met.insert(join(key), default.clone());
                    fields.entry(key).or_insert_with(|| default.clone());
                }
                if let Some(value) = fields.get_mut(key) {
                    fill(below, value, &join(key), met);
                }
            }
            if let Some(each @ Value::Object(_)) = schema.get("additionalProperties") {
                for value in fields.values_mut() {
                    fill(each, value, &join("*"), met);
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                fill(&schema["items"], item, &format!("{path}[]"), met);
            }
        }
        _ => {}
    }
}

/// The default at a path of a schema.
fn default_at<'s>(schema: &'s Value, path: &str) -> Option<&'s Value> {
    let mut at = schema;
    for key in path.split('.') {
        let (key, is_list) = key.strip_suffix("[]").map_or((key, false), |key| (key, true));
        at = match key {
            "*" => at.get("additionalProperties")?,
            key => at.get("properties")?.get(key)?,
        };
        if is_list {
            at = at.get("items")?;
        }
    }
    at.get("default")
}

/// Whether a row gives this default. Of a map other rows give the keys.
fn gives(given: &Given, default: &Value) -> bool {
    match given {
        Given::Bool(value) => *default == json!(value),
        Given::Int(value) => *default == json!(value),
        Given::Text(value) => *default == json!(value),
        Given::Map => default.is_object(),
        _ => false,
    }
}

/// The rows that stand for defaults of the CRD under these profiles.
fn defaults(
    of: &OfKind,
    profiles: Profiles,
) -> impl Iterator<Item = (&'static str, &'static Given)> {
    let nothing: &'static Node = Box::leak(Box::new(Node::from(Plain::Map(Vec::new()))));
    let scene = Scene { object: nothing, profiles };
    let rows = of.rows().filter(move |row| row.writer == Writer::ApiServer && (row.only)(scene));
    rows.map(|row| (row.path, &row.value))
}

#[test]
fn the_table_has_the_defaults_that_rendered_objects_meet_and_no_other() {
    let Some(folder) = needed("crds-by-version") else { return };
    let objects = objects();
    let (mut wrong, mut seen) = (BTreeSet::new(), BTreeSet::new());
    for Version { folders, profiles } in versions() {
        for version in folders {
            for ((api, kind), schema) in schemas(&folder.join(&version)) {
                let group = api.split('/').next().unwrap();
                let mut met = BTreeMap::new();
                let is_it =
                    |object: &&Value| object["apiVersion"] == *api && object["kind"] == *kind;
                for object in objects.iter().filter(is_it) {
                    fill(&schema, &mut object.clone(), "", &mut met);
                }
                // A reference without a name leads nowhere: it is no value.
                met.retain(|_, default| *default != json!(""));
                let of = TABLE.iter().find(|of| of.group == group && of.kind == kind);
                let rows: BTreeMap<_, _> =
                    of.into_iter().flat_map(|of| defaults(of, profiles)).collect();
                for (path, default) in &met {
                    if !rows.get(&**path).is_some_and(|given| gives(given, default)) {
                        wrong.insert(format!("{version} {kind} {path}: {default} has no row"));
                    }
                }
                for (path, given) in rows {
                    seen.insert((group.to_owned(), kind.clone(), path));
                    if !default_at(&schema, path).is_some_and(|default| gives(given, default)) {
                        wrong.insert(format!("{version} {kind} {path}: {given:?} is no default"));
                    }
                }
            }
        }
    }
    for of in TABLE.iter().filter(|of| !of.group.is_empty()) {
        for row in of.rows().filter(|row| row.writer == Writer::ApiServer) {
            if !seen.contains(&(of.group.to_owned(), of.kind.to_owned(), row.path)) {
                wrong.insert(format!("{} {}: no version has it", of.kind, row.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
