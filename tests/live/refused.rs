//! What is refused, and how it is said.

use crate::support::{SERVER, path, problems, read, report, text};
use serde_json::json;
use sitewright::diagnostic::{Sources, json};
use std::fs;

#[track_caller]
fn says(report: &str, parts: &[&str]) {
    for part in parts {
        assert!(report.contains(part), "no {part:?} in\n{report}");
    }
}

#[test]
fn what_is_cut_or_broken_is_refused() {
    let list =
        format!("{:#}", json!({"apiVersion": "v1", "kind": "List", "items": [{"kind": "Pod"}, 1]}));
    let cut = list.find("\"Pod").unwrap();
    says(
        &problems(&list[..cut]),
        &["SW820", "the file ends before its last object ends", "dump:6"],
    );
    says(&problems(list.clone()), &["SW822", "dump:8"]);
    let item = "- apiVersion: v1\n  kind: Pod\n";
    says(
        &problems(format!("apiVersion: v1\nitems:\n{item}{item}")),
        &["SW820", "ends before", "dump:"],
    );
    says(&problems("kind: MariaDB\nspec: [a\n"), &["SW820", "not valid YAML", "dump:"]);
    let broken = "{\"apiVersion\": \"v1\", \"kind\": \"Node\",\n \"spec\": {a: 1}}";
    says(&problems(broken), &["SW820", "not valid JSON", "--> dump:2", "\"spec\": {a: 1}}"]);
    says(&problems("{\"items\":[{} {}],\"kind\":\"List\"}"), &["SW820", "a comma is missing"]);
    says(&problems("{\"items\":[{},],\"kind\":\"List\"}"), &["SW820", "`]` is not allowed here"]);
}

#[test]
fn all_problems_are_found_in_one_run() {
    let inputs =
        || vec![text("one", "{"), text("two", "a: [\n"), text("three", SERVER), text("four", "")];
    let report = report(inputs());
    says(&report, &["one:1", "two:", "SW827", "four"]);
    assert_eq!(read(inputs()).value.objects.len(), 1);
}

#[test]
fn many_problems_are_counted() {
    let text = format!("[{}]", ["{}"; 1000].join(", "));
    let report = problems(text);
    assert_eq!(report.matches("error[SW822]").count(), 50);
    says(&report, &["; 950 more problems are not shown"]);
}

/// Base64 of a password looks like any other text.
#[test]
fn no_report_shows_a_line_of_a_secret() {
    let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {key: aHVudGVyMg==";
    let of_json = "{\"apiVersion\":\"v1\",\"data\":{\"key\":\"aHVudGVyMg==\"},\"kind\":\"Secret\"";
    for text in [
        secret.to_owned(),
        format!("{secret}, a: &}}\n"),
        of_json.to_owned(),
        format!("{of_json},}}"),
        format!("{of_json},\"metadata\":{{\"name\":\"A\"}}}}"),
        format!("{{\"kind\":\"List\",\"items\":[{of_json}}}]}}"),
    ] {
        let found = read(vec![crate::support::text("dump", text)]).diagnostics;
        assert!(!found.is_empty());
        let shown = sitewright::diagnostic::text(&found, &Sources::default(), false);
        let machine = json(&found, &Sources::default()).to_string();
        assert!(!format!("{shown}{machine}").contains("HVud"), "{shown}");
    }
}

#[test]
fn what_is_not_utf_8_is_refused() {
    let text = [SERVER.as_bytes(), b"  a: \xe9\n"].concat();
    says(&problems(text), &["SW821", "--> dump:8"]);
    let utf16: Vec<u8> = SERVER.encode_utf16().flat_map(u16::to_le_bytes).collect();
    says(&problems([&b"\xff\xfe"[..], &utf16].concat()), &["SW821", "UTF-16", "PowerShell"]);
}

#[test]
fn what_is_no_object_is_refused() {
    for text in [
        "kind: MariaDB\nmetadata: {name: a}\n",
        "apiVersion: v1\nmetadata: {name: a}\n",
        "- a\n",
        "a\n",
        "{\"apiVersion\": \"v1\", \"kind\": 1}",
        "[{}, []]",
        "1",
    ] {
        says(&problems(text), &["SW822", "dump:1"]);
    }
    says(
        &problems("apiVersion: v1\nkind: Node\nmetadata: {generateName: a}\n"),
        &["SW822", "`metadata.name`"],
    );
}

#[test]
fn a_name_that_no_object_can_have_is_refused() {
    for name in ["../a", "A", "a b", &"a".repeat(300)] {
        let text = SERVER.replace("name: a", &format!("name: \"{name}\""));
        says(&problems(text), &["SW823", "dump:1"]);
    }
    says(&problems(SERVER.replace("namespace: b", "namespace: b.c")), &["SW823", "`b.c/a`"]);
}

#[test]
fn a_list_of_lists_is_refused() {
    let list = json!({"apiVersion": "v1", "kind": "List", "items": []});
    let nested = json!({"apiVersion": "v1", "kind": "List", "items": [list]});
    says(&problems(nested.to_string()), &["SW824", "dump:1"]);
    says(&problems(serde_yaml::to_string(&nested).unwrap()), &["SW824", "dump:"]);
}

#[test]
fn an_object_that_is_read_twice_is_refused_with_both_places() {
    let twice = report(vec![text("one", SERVER), text("two", format!("---\n{SERVER}"))]);
    says(&twice, &["SW825", "MariaDB b/a was read twice: first in one:1", "two:2"]);
    let other = SERVER.replace("namespace: b", "namespace: c");
    assert_eq!(report(vec![text("one", SERVER), text("two", other)]), "");
}

#[test]
fn a_template_is_told_from_a_mistake() {
    says(
        &problems(SERVER.replace("name: a", "name: {{ .Release.Name }}-a")),
        &["SW826", "helm template"],
    );
    says(&problems(format!("{{{{- if .Values.a }}}}\n{SERVER}{{{{- end }}}}\n")), &["SW826"]);
    assert_eq!(problems(format!("{SERVER}  a: \"{{{{ $value }}}}\"\n")), "");
}

#[test]
fn an_input_without_objects_is_refused() {
    for text in ["", "\n", "# nothing\n", "---\n---\n"] {
        says(&problems(text), &["SW827", "dump"]);
    }
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("README.md"), "a").unwrap();
    says(&report(vec![path(root.path(), ".")]), &["SW827"]);
    says(&report(vec![path(root.path(), "missing.yaml")]), &["SW001", "missing.yaml"]);
    // Nothing of a kind is an answer too.
    assert_eq!(problems("{\"apiVersion\":\"v1\",\"items\":[],\"kind\":\"List\"}"), "");
    assert_eq!(problems("apiVersion: v1\nitems: []\nkind: List\n"), "");
}

#[test]
fn unknown_versions_are_left_alone_and_said() {
    let new = SERVER.replace("v1alpha1", "v9");
    let other = new.replace("name: a", "name: c");
    let inputs = || vec![text("one", format!("{new}---\n{other}")), text("two", SERVER)];
    says(
        &report(inputs()),
        &[
            "warning[SW828]",
            "`k8s.mariadb.com/v9` of MariaDB",
            "2 objects",
            "one:1",
            "`kubectl get mariadb.v1alpha1.k8s.mariadb.com`",
        ],
    );
    let bench = "{apiVersion: vyogo.tech/v2, kind: FrappeBench, metadata: {name: a, namespace: b}}";
    says(
        &problems(bench),
        &[
            "`kubectl get frappebench.v1alpha1.vyogo.tech` or `kubectl get frappebench.v1.vyogo.tech`",
        ],
    );
    assert_eq!(read(inputs()).value.objects.len(), 1);
}

#[test]
fn what_is_too_large_is_refused() {
    let huge = "x".repeat(300 << 10);
    let text = SERVER.replace("  name: a", &format!("  annotations: {{a: {huge}}}\n  name: a"));
    says(&problems(text), &["SW829", "the annotations of MariaDB b/a", "dump:1"]);
    let text = format!("{SERVER}  a: |\n{}", "    some text\n".repeat(3 << 20));
    says(&problems(text), &["SW829", "32 MiB"]);
}
