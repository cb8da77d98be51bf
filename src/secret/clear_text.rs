//! Passwords in clear text where Git sees them: Secrets with values among the files of a project.

use crate::diagnostic::{Code, Diagnostic};
use rayon::prelude::*;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// The Secrets with clear text among the files that Git tracks or would add; without Git, among all
/// files that are not hidden. Encrypted ones (SOPS) and templates of other tools are none.
pub fn in_clear_text(root: &Path) -> Vec<Diagnostic> {
    let files = of_git(root).unwrap_or_else(|| all(root));
    files
        .into_par_iter()
        .filter(|path| [".yaml", ".yml", ".json"].iter().any(|ending| path.ends_with(ending)))
        .filter(|path| {
            // What a link leads to is listed by itself, or is no part of the project.
            let is_file = fs::symlink_metadata(root.join(path)).is_ok_and(|found| found.is_file());
            is_file && fs::read_to_string(root.join(path)).is_ok_and(|text| has_clear_text(&text))
        })
        .map(|path| {
            let message = format!("`{path}` is a Secret with its values in clear text");
            Diagnostic::of_path(Code::ClearText, path, message).help(
                "seal it, remove it here and from the history of Git, and rotate its passwords: \
                 whoever has a clone has them",
            )
        })
        .collect()
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

/// Whether a text has a Secret with a value in clear text. It goes by lines, since what other people's
/// files hold need not be YAML that everybody reads.
fn has_clear_text(text: &str) -> bool {
    text.contains("Secret") && text.split("\n---").any(is_clear_secret)
}

fn is_clear_secret(document: &str) -> bool {
    let compact: String =
        document.chars().filter(|c| !matches!(c, '"' | '\'' | ' ' | '\t' | '\r')).collect();
    let is_secret = compact.lines().any(|line| {
        let line = line.trim_start_matches(['-', '{', ',']);
        line.trim_end_matches([',', '}']) == "kind:Secret" || line.contains(",kind:Secret,")
    });
    let sops = compact.lines().any(|line| line.starts_with("sops:"));
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
            // In one line, as JSON has it.
            Some(("data" | "stringData", rest)) if is_value(rest.trim_matches([' ', '{', '}'])) => {
                return true;
            }
            Some((_, value)) if in_data.is_some() && is_value(value.trim()) => return true,
            _ => {}
        }
    }
    false
}

/// Whether this is a value: not nothing, not encrypted, not another tool's template.
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
        ] {
            assert!(!has_clear_text(text), "{text}");
        }
    }
}
