//! The bill of materials and the licences list what is compiled in, and nothing else.

use crate::stage::{VERSION, built, ended, repository};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

fn json(command: &mut Command) -> Value {
    let output = command.current_dir(repository()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn bill(package: &str) -> Value {
    let mut command = Command::new("bash");
    command.args(["packaging/sbom", package, &built().0]).env("SOURCE_DATE_EPOCH", "1700000000");
    json(&mut command)
}

/// The components by `name@version`, without the program itself.
fn components(bill: &Value) -> BTreeMap<String, &Value> {
    let components = bill["components"].as_array().unwrap();
    let named = components.iter().map(|it| (key(it), it)).collect::<BTreeMap<_, _>>();
    assert_eq!(named.len(), components.len(), "a component stands there twice");
    named
}

fn key(package: &Value) -> String {
    format!("{}@{}", package["name"].as_str().unwrap(), package["version"].as_str().unwrap())
}

/// The packages of the workspace as Cargo describes them, by `name@version`.
fn described() -> BTreeMap<String, Value> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["metadata", "--locked", "--offline", "--format-version", "1"]);
    cargo.args(["--filter-platform", &built().0]);
    let Value::Array(packages) = json(&mut cargo)["packages"].take() else { panic!("no packages") };
    packages.into_iter().map(|package| (key(&package), package)).collect()
}

#[test]
fn a_bill_has_the_form_of_cyclonedx() {
    let bill = bill("sitewright");
    assert_eq!(bill["bomFormat"], "CycloneDX");
    assert_eq!(bill["specVersion"], "1.6");
    assert_eq!(bill["version"], 1);
    let metadata = &bill["metadata"];
    assert_eq!(metadata["timestamp"], "2023-11-14T22:13:20Z");
    let program = &metadata["component"];
    assert_eq!(program["type"], "application");
    assert_eq!(key(program), format!("sitewright@{VERSION}"));
    assert_eq!(metadata["properties"][0]["value"], built().0.as_str());
    for (key, component) in components(&bill) {
        assert_eq!(component["type"], "library");
        for field in ["bom-ref", "purl"] {
            assert_eq!(component[field], format!("pkg:cargo/{key}"));
        }
    }
}

/// The licences are those of the manifests, the checksums those of `Cargo.lock`.
#[test]
fn a_component_has_its_licence_and_its_checksum() {
    let described = described();
    let lock = fs::read_to_string(repository().join("Cargo.lock")).unwrap();
    for package in ["sitewright", "sitewright-reconciler"] {
        let bill = bill(package);
        for (key, component) in components(&bill) {
            let licence = described[&key]["license"].as_str().unwrap();
            let stated = component["licenses"][0]["expression"].as_str().unwrap();
            assert_eq!(stated, licence.replace(" / ", "/").replace('/', " OR "), "{key}");
            let (name, version) = key.split_once('@').unwrap();
            let entry = format!("name = \"{name}\"\nversion = \"{version}\"\n");
            let entry = lock.split("[[package]]\n").find(|it| it.starts_with(&entry)).unwrap();
            let checksum = entry.lines().find_map(|line| line.strip_prefix("checksum = "));
            let stated = component["hashes"][0]["content"].as_str();
            assert_eq!(stated, checksum.map(|it| it.trim_matches('"')), "{key}");
            assert!(stated.is_some() || name.starts_with("sitewright"), "{key} has no checksum");
        }
    }
}

/// The table of dependencies has a row for each component, and all are reached from the program.
#[test]
fn every_component_is_reached_from_the_program() {
    for package in ["sitewright", "sitewright-reconciler"] {
        let bill = bill(package);
        let text = |it: &Value| it.as_str().unwrap().to_owned();
        let rows: BTreeMap<String, Vec<String>> = bill["dependencies"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| {
                let needs = row["dependsOn"].as_array().unwrap().iter().map(text).collect();
                (text(&row["ref"]), needs)
            })
            .collect();
        let mut reached = BTreeSet::new();
        let mut next = vec![text(&bill["metadata"]["component"]["bom-ref"])];
        while let Some(at) = next.pop() {
            if reached.insert(at.clone()) {
                next.extend(rows[&at].iter().cloned());
            }
        }
        let mut all: BTreeSet<String> =
            components(&bill).keys().map(|key| format!("pkg:cargo/{key}")).collect();
        all.insert(format!("pkg:cargo/{package}@{VERSION}"));
        assert_eq!(reached, all);
        assert_eq!(rows.len(), all.len());
    }
}

/// Neither what only tests or builds need, nor what only the other program needs.
#[test]
fn what_is_not_compiled_in_is_not_listed() {
    let has = |bill: &Value, name: &str| {
        bill["components"].as_array().unwrap().iter().any(|it| it["name"] == name)
    };
    let (compiler, reconciler) = (bill("sitewright"), bill("sitewright-reconciler"));
    for name in ["minijinja", "libmimalloc-sys", "sitewright-api"] {
        assert!(has(&compiler, name), "{name}");
    }
    for name in
        ["kube", "tokio", "criterion", "proptest", "serde_derive", "cc", "sitewright-cluster"]
    {
        assert!(!has(&compiler, name), "{name}");
    }
    assert!(has(&reconciler, "kube") && has(&reconciler, "tokio"));
    for name in ["minijinja", "proptest", "tower-test", "serde_derive", "sitewright-cluster"] {
        assert!(!has(&reconciler, name), "{name}");
    }
}

/// Every crate of the bill with its licence, and the texts of the licences that crates have beside their sources.
#[test]
fn the_licences_of_all_crates_are_there() {
    let output = Command::new("bash")
        .args(["packaging/notices", "sitewright", &built().0])
        .current_dir(repository())
        .output()
        .unwrap();
    let notices = ended(&output, 0);
    let (list, texts) = notices.split_once("\n---- ").unwrap();
    let bill = bill("sitewright");
    let expected: BTreeSet<String> = components(&bill)
        .values()
        .filter(|it| !it["name"].as_str().unwrap().starts_with("sitewright"))
        .map(|it| key(it).replace('@', " "))
        .collect();
    let entries = list.lines().filter_map(|line| line.split_once(": "));
    let crates = entries.map(|(name, _)| name.to_owned()).filter(|it| it.split(' ').count() == 2);
    assert_eq!(crates.collect::<BTreeSet<_>>(), expected);

    let texts = format!("---- {texts}");
    let headings = texts.lines().filter_map(|line| line.strip_prefix("---- "));
    let named: BTreeSet<String> =
        headings.flat_map(|crates| crates.split(", ")).map(str::to_owned).collect();
    assert!(named.is_subset(&expected));
    // A few crates come without a text.
    assert!(named.len() * 10 > expected.len() * 9, "{:?}", expected.difference(&named));
    // The licence of the allocator in C, which its crate has in a folder.
    assert!(texts.contains("Microsoft Corporation, Daan Leijen"));
}
