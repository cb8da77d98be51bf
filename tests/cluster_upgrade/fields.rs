//! The CRDs of a version have every field of the versions before it with the same API, and take every value that
//! these took. So the old operator goes on with the new CRDs, and a step installs them first.

use super::tools::needed;
use serde_yaml::Value;
use sitewright::operator::frappe::Api;
use sitewright::operator::{FrappeVersion, MariadbVersion};
use std::fs;
use std::path::Path;

/// The kinds whose objects sitewright renders.
const RENDERED: [&str; 9] = [
    "FrappeSite",
    "FrappeBench",
    "MariaDB",
    "ExternalMariaDB",
    "Database",
    "User",
    "Grant",
    "Backup",
    "PhysicalBackup",
];

#[test]
fn newer_crds_have_the_fields_of_older_ones() {
    let Some(crds) = needed("crds-by-version") else { return };
    let frappe = FrappeVersion::ALL.map(FrappeVersion::profile);
    let v1alpha1 = frappe.iter().filter(|profile| profile.api == Api::V1Alpha1);
    let frappe: Vec<_> =
        v1alpha1.map(|it| format!("frappe-operator/{}", release(it.releases))).collect();
    let mariadb: Vec<_> = MariadbVersion::ALL
        .map(|version| format!("mariadb-operator/{}", release(version.profile().releases)))
        .into();
    let mut compared = 0;
    for folders in [frappe, mariadb] {
        for pair in folders.windows(2) {
            for kind in RENDERED {
                let [old, new] =
                    [&pair[0], &pair[1]].map(|folder| schema(&crds.join(folder), kind));
                let (Some(old), Some(new)) = (old, new) else { continue };
                let mut lost = Vec::new();
                compare(&old, &new, kind, &mut lost);
                assert!(lost.is_empty(), "{pair:?} {lost:#?}");
                compared += 1;
            }
        }
    }
    assert_eq!(compared, 2 * 2 + 7);
}

fn release(releases: sitewright::operator::Releases) -> &'static str {
    releases.newest().unwrap()
}

/// The schema of a kind's spec.
fn schema(folder: &Path, kind: &str) -> Option<Value> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut crds = files.map(|path| fs::read_to_string(path).unwrap());
    let crd: Value = crds.find_map(|text| {
        let crd: Value = serde_yaml::from_str(&text).unwrap();
        (crd["spec"]["names"]["kind"] == kind).then_some(crd)
    })?;
    Some(crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"].clone())
}

/// What the new schema lacks or refuses of the old one.
fn compare(old: &Value, new: &Value, path: &str, lost: &mut Vec<String>) {
    for limit in ["type", "pattern", "minimum", "maximum", "minLength", "maxLength", "format"] {
        if old[limit] != new[limit] {
            lost.push(format!("{path}: another {limit}"));
        }
    }
    let has = |schema: &Value, key: &str, value: &Value| {
        schema[key].as_sequence().is_some_and(|all| all.contains(value))
    };
    for required in new["required"].as_sequence().into_iter().flatten() {
        if !has(old, "required", required) {
            lost.push(format!("{path}: {required:?} is required"));
        }
    }
    for choice in old["enum"].as_sequence().into_iter().flatten() {
        if !new["enum"].is_null() && !has(new, "enum", choice) {
            lost.push(format!("{path}: {choice:?} is no choice"));
        }
    }
    for (name, field) in old["properties"].as_mapping().into_iter().flatten() {
        let below = format!("{path}.{}", name.as_str().unwrap());
        match &new["properties"][name] {
            Value::Null => lost.push(format!("{below}: gone")),
            other => compare(field, other, &below, lost),
        }
    }
    if !old["items"].is_null() {
        compare(&old["items"], &new["items"], &format!("{path}[]"), lost);
    }
}
