//! Pages lead somewhere, and say everything.

use crate::texts::{read, root, texts};
use serde_json::Value;
use sitewright::diagnostic::Code;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Every document that people read, by its path from the repository's folder.
pub(crate) fn documents() -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> =
        ["README.md", "CHANGELOG.md", "CONTRIBUTING.md"].iter().map(PathBuf::from).collect();
    for folder in ["docs", "docs/codes"] {
        for entry in fs::read_dir(root().join(folder)).unwrap() {
            let name = entry.unwrap().file_name();
            if Path::new(&name).extension().is_some_and(|extension| extension == "md") {
                found.push(Path::new(folder).join(name));
            }
        }
    }
    found
}

#[test]
fn links_lead_to_files() {
    let mut followed = 0;
    for document in documents() {
        let text = read(document.to_str().unwrap());
        for link in text.split("](").skip(1) {
            let target = link.split([')', '#']).next().unwrap_or_default();
            if target.is_empty() || target.contains("://") {
                continue;
            }
            let path = root().join(document.parent().unwrap()).join(target);
            assert!(path.exists(), "{} links to {target}", document.display());
            followed += 1;
        }
    }
    assert!(followed > 10, "only {followed} links were found");
}

/// A recipe that sends its reader to a file that has moved is worse than none.
#[test]
fn files_that_recipes_name_are_there() {
    let mut named = 0;
    for quoted in read("CONTRIBUTING.md").split('`').skip(1).step_by(2) {
        let is_path =
            ["src/", "tests/", "benches/", "docs/"].iter().any(|it| quoted.starts_with(it));
        // `NAME`, `NNN` and `*` stand for what the reader adds.
        let is_placeholder = quoted.contains(['*', ' ', '…'])
            || ["NAME", "NNN"].iter().any(|it| quoted.contains(it));
        if is_path && !is_placeholder {
            assert!(root().join(quoted).exists(), "CONTRIBUTING.md names {quoted}");
            named += 1;
        }
    }
    assert!(named > 40, "only {named} paths were found");
}

/// A search for a code such as SWnnn finds its rule, its page and its test. A file that makes a
/// diagnostic has the number in a comment, because the rule itself uses the code's name.
#[test]
fn every_code_leads_to_its_rule_its_page_and_its_test() {
    let mut rules = texts("src");
    rules.retain(|(path, _)| !path.ends_with("tests.rs"));
    let tests = texts("tests");
    for code in Code::ALL {
        let id = code.id();
        // Whoever makes a diagnostic passes the code as an argument. A comparison has no comma.
        let (made, comment) = (format!("Code::{code:?},"), format!("// {id}: "));
        let mut makers = 0;
        for (path, text) in &rules {
            let source = text.split("\n#[cfg(test)]").next().unwrap();
            let (makes, says) = (source.contains(&made), source.contains(&comment));
            let path = path.display();
            assert_eq!(
                says, makes,
                "{path}: `{comment}` stands where `{made}` does, and only there"
            );
            makers += usize::from(makes);
        }
        assert!(makers > 0, "no file of src/ makes {id}");
        let page = format!("docs/codes/{id}.md");
        assert!(read(&page).contains(id), "{page} does not name {id}");
        assert!(tests.iter().any(|(_, text)| text.contains(id)), "no test names {id}");
    }
}

/// Every variable of the templates' documentation exists, and every one that exists is there.
#[test]
fn the_templates_context_is_documented() {
    let text = read("docs/templates.md");
    let explain = |(folder, name): (&str, &str)| -> Value {
        let output = Command::new(env!("CARGO_BIN_EXE_sitewright"))
            .current_dir(root().join(folder))
            .args(["explain", name, "--context"])
            .output()
            .unwrap();
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{name}: {error}"))
    };
    let names = [
        ("", "hafen-klinik"),
        ("", "intranet"),
        ("", "frankfurt/erpnext-v15"),
        ("", "city-database"),
        ("", "mumbai/frappe-mariadb"),
        ("examples/postgres", "main"),
    ];
    let mut seen = std::collections::BTreeSet::new();
    for context in names.map(explain) {
        for (variable, fields) in context.as_object().unwrap() {
            let row = text.lines().find(|line| line.starts_with(&format!("| `{variable}` |")));
            let row = row.unwrap_or_else(|| panic!("`{variable}` is not documented"));
            let Some(fields) = fields.as_object() else { continue };
            for field in fields.keys() {
                assert!(row.contains(&format!("`{field}`")), "`{variable}.{field}`");
            }
            seen.insert(variable.clone());
        }
    }
    let documented = text.lines().filter(|line| line.starts_with("| `") && !line.contains(".j2"));
    for row in documented {
        let variable = row.split('`').nth(1).unwrap();
        assert!(seen.contains(variable), "`{variable}` is documented and seen nowhere");
    }
}
