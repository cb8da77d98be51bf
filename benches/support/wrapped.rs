//! Rendered objects as an API server gives them: with metadata of its own, a status, the fields of each field
//! manager, and the keys in the order of their names.

use serde_json::{Map, Value, json};
use std::error::Error;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// Writes the objects below a folder whose files are `wanted` as `kubectl get -o json` and `-o yaml` print them. Returns how many there are.
pub(crate) fn dump(
    rendered: &Path,
    wanted: impl Fn(&Path) -> bool,
    to: &Path,
    yaml: &Path,
) -> Result<usize, Box<dyn Error>> {
    let (mut out, mut yaml) =
        (BufWriter::new(File::create(to)?), BufWriter::new(File::create(yaml)?));
    writeln!(yaml, "apiVersion: v1\nitems:")?;
    write!(out, "{{\n    \"apiVersion\": \"v1\",\n    \"items\": [")?;
    let mut number = 0;
    for path in paths(rendered)?.into_iter().filter(|path| wanted(path)) {
        let object: Value = serde_yaml::from_str(&fs::read_to_string(path)?)?;
        let object = live(object, number);
        let item = serde_yaml::to_string(&object)?;
        writeln!(yaml, "- {}", item.trim_end().replace('\n', "\n  "))?;
        let comma = if number > 0 { "," } else { "" };
        let mut text = Vec::new();
        let indented = serde_json::ser::PrettyFormatter::with_indent(b"    ");
        let mut json = serde_json::Serializer::with_formatter(&mut text, indented);
        serde::Serialize::serialize(&object, &mut json)?;
        let text = String::from_utf8(text)?.replace('\n', "\n        ");
        write!(out, "{comma}\n        {text}")?;
        number += 1;
    }
    writeln!(
        out,
        "\n    ],\n    \"kind\": \"List\",\n    \"metadata\": {{\n        \"resourceVersion\": \"\"\n    }}\n}}"
    )?;
    writeln!(yaml, "kind: List\nmetadata:\n  resourceVersion: \"\"")?;
    yaml.flush()?;
    out.flush()?;
    Ok(number)
}

/// The manifests below a folder, sorted.
fn paths(root: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            match entry.file_type()?.is_dir() {
                true => folders.push(entry.path()),
                false if entry.path().extension().is_some_and(|end| end == "yaml") => {
                    files.push(entry.path());
                }
                false => {}
            }
        }
    }
    files.sort();
    Ok(files)
}

/// An object as an API server gives it.
fn live(mut object: Value, number: usize) -> Value {
    let uid = format!("{number:08x}-0000-4000-8000-000000000000");
    let applied =
        json!({"f:metadata": fields(&object["metadata"]), "f:spec": fields(&object["spec"])});
    let mut status = status(number);
    if object["kind"] == "SiteDatabase" {
        status["databaseStatus"] = json!({
            "phase": "Ready", "host": object["spec"]["host"], "port": object["spec"]["port"],
            "database": object["spec"]["database"],
        });
    }
    let changed = json!({"f:status": fields(&status)});
    let manager = |manager: &str, operation: &str, fields: Value, subresource: Option<&str>| {
        let mut entry = json!({
            "apiVersion": object["apiVersion"], "fieldsType": "FieldsV1", "fieldsV1": fields,
            "manager": manager, "operation": operation, "time": "2026-11-28T09:15:00Z",
        });
        if let Some(name) = subresource {
            entry["subresource"] = json!(name);
        }
        entry
    };
    let managers = json!([
        manager("kustomize-controller", "Apply", applied, None),
        manager("manager", "Update", changed, Some("status")),
    ]);
    let metadata = &mut object["metadata"];
    metadata["creationTimestamp"] = json!("2026-11-28T09:15:00Z");
    metadata["finalizers"] = json!(["example.com/finalizer"]);
    metadata["generation"] = json!(1);
    metadata["labels"]["kustomize.toolkit.fluxcd.io/name"] = json!("frankfurt");
    metadata["labels"]["kustomize.toolkit.fluxcd.io/namespace"] = json!("flux-system");
    metadata["managedFields"] = managers;
    metadata["resourceVersion"] = json!((1_000_000 + number).to_string());
    metadata["uid"] = json!(uid);
    object["status"] = status;
    object.sort_all_objects();
    object
}

/// A status with two conditions, as most operators write it.
fn status(number: usize) -> Value {
    let condition = |of: &str| {
        json!({
            "lastTransitionTime": "2026-11-28T09:16:00Z", "message": "Created", "reason": "Created",
            "status": "True", "type": of,
        })
    };
    json!({"conditions": [condition("Ready"), condition("Synced")], "observedGeneration": number % 7})
}

/// The fields of a value, as the API server states them for a manager that owns all of them.
fn fields(of: &Value) -> Value {
    match of {
        Value::Object(entries) => {
            let fields = entries.iter().map(|(key, value)| (format!("f:{key}"), fields(value)));
            Value::Object(Map::from_iter(fields))
        }
        _ => json!({}),
    }
}
