//! Every kind of file of a project: its problems, its documentation, and what may be written in it.

use crate::client::Client;
use serde_json::Value;
use std::fs;

/// A file of a project. A `|` is a place in a text.
struct Case {
    path: &'static str,
    /// A valid text, and a key with documentation.
    text: &'static str,
    /// What stands in front of a new key at the end of the text, and a key that may stand there.
    key: (&'static str, &'static str),
    /// A text with a place for a value.
    value: &'static str,
    /// All values that may stand there.
    values: &'static [&'static str],
}

const CASES: [Case; 9] = [
    Case {
        path: "sitewright.yaml",
        text: "kind: Project\nrendered|: manifests\n",
        key: ("", "maxRemovals"),
        value: "layout: |",
        values: &["object", "site"],
    },
    Case {
        path: "rules.yaml",
        text: "kind: ProjectRules\nrules:\n  - name|: short\n    about: site\n    require: site.name.size() < 60\n    message: too long\n",
        key: ("    ", "severity"),
        value: "rules:\n  - name: a\n    about: |",
        values: &["site", "databaseServer", "bench", "cluster", "object"],
    },
    Case {
        path: "sites/eu/_cluster.yaml",
        text: "kind: Cluster\nnamespace|: erp\noperators:\n  frappe: \"2.6\"\n  mariadb: \"26.6\"\n",
        key: ("", "ingress"),
        value: "gitops:\n  engine: |",
        values: &["flux", "argocd", "none"],
    },
    Case {
        path: "sites/eu/_defaults.yaml",
        text: "kind: Defaults\nsite|:\n  bench: erpnext-v15\n  database:\n    server: frappe-mariadb\n",
        key: ("", "databaseServer"),
        value: "site:\n  bench: |",
        values: &["erpnext-v15"],
    },
    Case {
        path: "sites/eu/big.yaml",
        text: "kind: Plan\ndatabase|:\n  mode: shared\n",
        key: ("", "backup"),
        value: "kind: Plan\ndatabase:\n  server: |",
        values: &["frappe-mariadb"],
    },
    Case {
        path: "sites/all.yaml",
        text: "kind: Plan\ndatabase|:\n  mode: shared\n",
        key: ("", "backup"),
        value: "bench: |",
        values: &["erpnext-v15"],
    },
    Case {
        path: "sites/eu/frappe-mariadb.yaml",
        text: "kind: DatabaseServer\nversion|: \"11.8\"\nstorageSize: 20Gi\n",
        key: ("", "replicas"),
        value: "kind: DatabaseServer\nmanaged: |",
        values: &["true", "false"],
    },
    Case {
        path: "sites/eu/erpnext-v15.yaml",
        text: "kind: Bench\nfrappeVersion|: version-15\napps:\n  - name: erpnext\n    source: image\nimage:\n  repository: frappe/erpnext\n  tag: v15.90.1\n",
        key: ("", "redis"),
        value: "kind: Bench\napps:\n  - source: |",
        values: &["fpm", "git", "image"],
    },
    Case {
        path: "sites/eu/retail/demo2.yaml",
        text: "kind: Site\nsiteName|: demo2.example.com\n",
        key: ("", "plan"),
        value: "plan: |",
        values: &["all", "big"],
    },
];

/// A text without its `|`, and the line and the column where that stood.
fn place(text: &str) -> (String, u32, u32) {
    let before = text.split('|').next().unwrap();
    let column = before.rsplit('\n').next().unwrap().len();
    let line = before.matches('\n').count();
    (text.replacen('|', "", 1), line.try_into().unwrap(), column.try_into().unwrap())
}

fn labels(found: &Value) -> Vec<&str> {
    found.as_array().unwrap().iter().map(|it| it["label"].as_str().unwrap()).collect()
}

#[test]
fn every_kind_of_file_has_problems_documentation_and_completion() {
    let mut client = Client::start();
    for Case { path, text, .. } in &CASES {
        fs::create_dir_all(client.path(path).parent().unwrap()).unwrap();
        if !client.path(path).exists() {
            fs::write(client.path(path), text.replacen('|', "", 1)).unwrap();
        }
    }
    client.initialize();
    for Case { path, text, key, value, values } in &CASES {
        let (text, line, column) = place(text);
        client.open(path, &text);
        assert_eq!(client.problems(path), [] as [Value; 0], "{path}");
        let hover = client.at("hover", path, line, column - 1);
        let hover = hover["contents"]["value"].as_str().unwrap();
        assert!(hover.split("\n\n").nth(1).is_some_and(|it| it.len() > 15), "{path}: {hover}");
        let (indent, key) = key;
        let (typed, line, column) = place(&format!("{text}{indent}|"));
        client.change(path, &typed);
        let found = client.at("completion", path, line, column);
        assert!(labels(&found).contains(key), "{path}: {found}");
        client.change(path, &format!("{text}notAKey: 1\n"));
        let found = client.problems(path);
        assert_eq!(found[0]["code"], "SW102", "{path}: {found:?}");
        let (text, line, column) = place(value);
        client.change(path, &text);
        let found = client.at("completion", path, line, column);
        assert_eq!(labels(&found), *values, "{path}");
        client.close(path);
    }
}
