//! Finds passwords in clear text in the files that Git tracks or would add: Secrets with values.

use crate::diagnostic::{Code, Diagnostic};
use rayon::prelude::*;
use serde_json::Value as Json;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// The Secrets with clear text in the files that Git tracks or would add. Without Git, all files
/// that are not hidden are searched. Encrypted Secrets (SOPS) and templates of other tools are
/// skipped.
pub fn in_clear_text(root: &Path) -> Vec<Diagnostic> {
    let files = of_git(root).unwrap_or_else(|| all(root));
    files
        .into_par_iter()
        .filter(|path| may_be_manifest(path))
        .filter(|path| {
            // Links are skipped. A link's target is listed by itself, or is not part of the
            // project.
            let is_file = fs::symlink_metadata(root.join(path)).is_ok_and(|found| found.is_file());
            is_file && fs::read_to_string(root.join(path)).is_ok_and(|text| has_clear_text(&text))
        })
        .map(|path| {
            let message = format!("`{path}` is a Secret with its values in clear text");
            // SW712: a password in clear text in a file that Git tracks or would add.
            Diagnostic::of_path(Code::ClearText, path, message).help(
                "seal it, remove the file here and from the history of Git, and rotate its \
                 passwords: everybody with a clone has them",
            )
        })
        .collect()
}

/// Whether a file may be a manifest or a copy of one, such as `secret.yaml.bak`, judged by its
/// name. Prose is skipped, because it may show an example.
fn may_be_manifest(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    [".yaml", ".yml", ".json", ".txt"].iter().any(|ending| name.contains(ending))
        || !name.contains('.')
}

fn of_git(root: &Path) -> Option<Vec<String>> {
    let listed = Command::new("git")
        .arg("-C")
        .arg(root)
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .stderr(Stdio::null())
        .output()
        .ok()
        .filter(|listed| listed.status.success())?;
    let names = listed.stdout.split(|byte| *byte == 0).filter(|name| !name.is_empty());
    Some(names.map(|name| String::from_utf8_lossy(name).into_owned()).collect())
}

fn all(root: &Path) -> Vec<String> {
    fn walk(root: &Path, folder: &str, found: &mut Vec<String>) {
        for (name, kind) in crate::source::entries(&root.join(folder)).unwrap_or_default() {
            let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
            if name.starts_with('.') {
                continue;
            }
            if kind.is_dir() {
                walk(root, &path, found);
            } else {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(root, "", &mut found);
    found.sort();
    found
}

/// Whether a text contains a Secret with a value in clear text. JSON is parsed. Any other text is
/// searched by lines, because files of others may not be valid YAML.
fn has_clear_text(text: &str) -> bool {
    if !text.contains("Secret") {
        return false;
    }
    let json: Result<Vec<Json>, _> = serde_json::Deserializer::from_str(text).into_iter().collect();
    match json {
        Ok(documents) => documents.iter().any(|it| it.get("sops").is_none() && is_clear_json(it)),
        Err(_) => text.split("\n---").any(is_clear_secret),
    }
}

/// Whether a JSON document contains a Secret with a value at any depth, such as in a List.
fn is_clear_json(value: &Json) -> bool {
    match value {
        Json::Array(items) => items.iter().any(is_clear_json),
        Json::Object(fields) => {
            let values = ["data", "stringData"].into_iter().filter_map(|field| fields.get(field));
            let mut values = values.filter_map(Json::as_object).flat_map(|data| data.values());
            let is_secret = fields.get("kind").and_then(Json::as_str) == Some("Secret");
            (is_secret && values.any(|value| value.as_str().is_some_and(is_value)))
                || fields.values().any(is_clear_json)
        }
        _ => false,
    }
}

fn is_clear_secret(document: &str) -> bool {
    let compact: String =
        document.chars().filter(|c| !matches!(c, '"' | '\'' | ' ' | '\t' | '\r')).collect();
    let is_secret = compact.lines().any(|line| {
        let line = line.trim_start_matches(['-', '{', ',']);
        line.trim_end_matches([',', '}']) == "kind:Secret" || line.contains(",kind:Secret,")
    });
    let sops = document.lines().any(|line| line.starts_with("sops:"));
    if !is_secret || sops {
        return false;
    }
    let mut in_data = None;
    for line in document.lines() {
        let indent = line.len() - line.trim_start().len();
        let plain: String = line.chars().filter(|c| !matches!(c, '"' | '\'')).collect();
        let plain = plain.trim().trim_start_matches("- ").trim_end_matches(',');
        if plain.is_empty() || plain.starts_with('#') {
            continue;
        }
        if in_data.is_some_and(|data| indent <= data) {
            in_data = None;
        }
        match plain.split_once(':') {
            Some(("data" | "stringData", rest)) if ["", "{"].contains(&rest.trim()) => {
                in_data = Some(indent);
            }
            // The map is written on one line, as in JSON.
            Some(("data" | "stringData", rest)) if is_value(rest.trim_matches([' ', '{', '}'])) => {
                return true;
            }
            Some((_, value)) if in_data.is_some() && is_value(value.trim()) => return true,
            _ => {}
        }
    }
    false
}

/// Whether this is a value in clear text: not empty, not encrypted, not a template of another tool.
fn is_value(text: &str) -> bool {
    !text.is_empty() && !text.starts_with("ENC[") && !text.contains("{{") && !text.starts_with('$')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_with_a_value_is_clear_text_however_it_is_written() {
        for text in [
            "apiVersion: v1\nkind: Secret\ndata:\n  password: aGk=\n",
            "kind: \"Secret\"\r\nstringData:\r\n  password: \"hi\"\r\n",
            "kind: ConfigMap\ndata:\n  a: b\n---\nkind: Secret\nstringData:\n  p: |\n    hi\n",
            "kind: List\nitems:\n  - kind: Secret\n    data:\n      p: aGk=\n",
            "{\n  \"kind\": \"Secret\",\n  \"data\": {\n    \"p\": \"aGk=\"\n  }\n}\n",
            "kind: Secret\ndata: {p: aGk=}\n",
            "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"data\":{\"p\":\"aGk=\"}}",
            "{\"kind\":\"List\",\"items\":[{\"kind\":\"Secret\",\"stringData\":{\"p\":\"hi\"}}]}",
            "kind: Secret\nmetadata:\n  annotations:\n    sops: \"\"\ndata:\n  p: aGk=\n",
        ] {
            assert!(has_clear_text(text), "{text}");
        }
    }

    #[test]
    fn what_holds_no_clear_text_passes() {
        for text in [
            "kind: SealedSecret\nspec:\n  encryptedData:\n    p: AgA=\n",
            "kind: Secret\nmetadata:\n  name: a\ntype: Opaque\n",
            "kind: Secret\nstringData:\n  p: ENC[AES256_GCM,data:x]\nsops:\n  mac: y\n",
            "kind: Secret\nstringData:\n  p: {{ .Values.password }}\n",
            "kind: ConfigMap\ndata:\n  what: Secret\n",
            "kind: Secret\ndata: {}\n",
            "passwordSecretRef:\n  kind: Secret\n  name: a\n",
            "{\"kind\":\"Secret\",\"data\":{},\"type\":\"Opaque\"}",
            "{\"kind\":\"Secret\",\"data\":{\"p\":\"ENC[x]\"},\"sops\":{}}",
        ] {
            assert!(!has_clear_text(text), "{text}");
        }
    }

    #[test]
    fn copies_of_manifests_count_as_such() {
        for path in
            ["a/b.yaml", "a.yml", "k.json", "a.yaml~", "a.yaml.bak", "notes.txt", "a/Secret"]
        {
            assert!(may_be_manifest(path), "{path}");
        }
        assert!(!may_be_manifest("a.yaml/README.md") && !may_be_manifest("logo.png"));
    }
}
