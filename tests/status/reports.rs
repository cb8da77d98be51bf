//! The document, the runs of kubectl and large fleets.

use crate::project::{Project, list, site_database};
use serde_json::{Value, json};
use std::fs;
use std::time::{Duration, Instant};

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn a_report_is_as_its_schema_says() {
    let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/status.schema.json");
    let schema: Value = serde_json::from_str(&fs::read_to_string(schema).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let project = Project::new(names(&["acme", "globex", "initech"]));
    let mut globex = site_database("globex", "Failed", Some("lost"));
    globex["metadata"]["generation"] = 2.into();
    project.put("dump", &list(&[globex, site_database("other", "Ready", None)]));
    let out = project.out(&["status", "dump", "--format", "json"], 1);
    let mut report = serde_json::from_str::<Value>(&out).unwrap()["result"].take();
    validator.validate(&report).unwrap();
    let site = |at: usize, field: &str| report["sites"][at][field].clone();
    let states: Vec<Value> = (0..4).map(|at| site(at, "state")).collect();
    assert_eq!(states, ["failed", "not-in-the-cluster", "not-in-the-cluster", "ready"]);
    assert_eq!([site(0, "definition"), site(3, "definition")], [json!("eu/globex"), json!(null)]);
    assert_eq!([site(0, "stale"), site(3, "stale")], [json!(true), json!(false)]);
    assert_eq!([site(0, "port"), site(1, "port")], [json!(3306), json!(null)]);
    assert_eq!([&report["unknown"], &report["stale"]], [1, 1]);
    report["sites"][0]["extra"] = 1.into();
    assert!(!validator.is_valid(&report));
}

/// JSON and YAML, a List and a stream, a file and standard input say the same.
#[test]
fn every_form_of_a_dump_gives_the_same_report() {
    let project = Project::new(names(&["acme", "globex"]));
    let objects =
        [site_database("acme", "Failed", Some("a: b")), site_database("globex", "Ready", None)];
    let stream: String = objects.iter().map(|object| format!("{object}\n")).collect();
    let yaml =
        serde_yaml::to_string(&json!({"apiVersion": "v1", "kind": "List", "items": objects}));
    let documents = objects.iter().map(|it| format!("---\n{}", serde_yaml::to_string(it).unwrap()));
    project.put("list", &list(&objects));
    project.put("stream", &stream);
    project.put("yaml", &yaml.unwrap());
    project.put("documents", &documents.collect::<String>());
    let expected = project.out(&["status", "list"], 1);
    assert!(
        expected.contains("1 Failed, 1 Ready\n") && expected.contains(": a: b\n"),
        "{expected}"
    );
    for form in ["stream", "yaml", "documents"] {
        assert_eq!(project.out(&["status", form], 1), expected, "{form}");
    }
}

#[test]
fn only_get_is_run() {
    let project = Project::new(names(&["acme"]));
    project.answers(&[site_database("acme", "Provisioning", None)]);
    let out = project.out(&["status", "--kubectl", "--context", "fra"], 0);
    assert!(out.starts_with("status of eu, 1 site: 1 Provisioning\n"), "{out}");
    assert_eq!(fs::read_to_string(project.path("bin/context")).unwrap(), "fra\n");
    project.asked_only_for_site_databases();
}

#[test]
fn what_kubectl_refuses_is_said() {
    let project = Project::new(names(&["acme"]));
    project.fails("Error from server (Forbidden): sitedatabases is forbidden");
    let error = project.refused(&["status", "--kubectl"]);
    assert!(error.contains("SW853") && error.contains("sitedatabases is forbidden"), "{error}");
}

#[test]
fn a_cluster_without_the_type_is_told_apart() {
    let project = Project::new(names(&["acme"]));
    project.fails("error: the server doesn't have a resource type \"sitedatabases\"");
    let error = project.refused(&["status", "--kubectl"]);
    assert!(error.contains("SW859") && !error.contains("SW850"), "{error}");
    assert!(error.contains("help: deliver what `sitewright render` and"), "{error}");
    project.states_no_status();
    let error = project.refused(&["status", "--kubectl"]);
    assert!(
        error.contains("help: state `status: true` in sites/eu/_cluster.yaml, then"),
        "{error}"
    );
}

/// An empty dump says nothing about the sites. So it is no success.
#[test]
fn an_empty_dump_is_refused() {
    let project = Project::new(names(&["acme", "globex"]));
    project.put("dump", &list(&[]));
    let error = project.refused(&["status", "dump"]);
    assert!(error.contains("SW850") && error.contains("none of the 2 SiteDatabases"), "{error}");
    // The dump has one, but of another version.
    let mut newer = site_database("acme", "Ready", None);
    newer["apiVersion"] = "sitewright.dev/v2".into();
    project.put("dump", &list(&[newer]));
    let error = project.refused(&["status", "dump"]);
    assert!(error.contains("SW850") && error.contains("SW828"), "{error}");
    assert!(error.contains("`kubectl get sitedatabase.v1alpha1.sitewright.dev`"), "{error}");
    project.states_no_status();
    project.put("dump", &list(&[]));
    let error = project.refused(&["status", "dump"]);
    assert!(error.contains("SW859") && error.contains("sites/eu/_cluster.yaml"), "{error}");
}

/// A cluster without sites has no SiteDatabases, and nothing is wrong with it.
#[test]
fn a_cluster_without_sites_may_have_no_site_databases() {
    let project = Project::new([]);
    project.put("dump", &list(&[]));
    assert_eq!(project.out(&["status", "dump"], 0), "status of eu, 0 sites\n");
}

#[test]
fn nothing_is_missing_where_no_site_database_is_rendered() {
    let project = Project::new(names(&["acme", "globex"]));
    project.put("dump", &list(&[site_database("acme", "Ready", None)]));
    let arguments = ["status", "dump", "--format", "json"];
    let report = || {
        let out = project.out(&arguments, 0);
        let report = serde_json::from_str::<Value>(&out).unwrap()["result"].take();
        (report["listsMissing"].clone(), report["counts"]["not-in-the-cluster"].clone())
    };
    assert_eq!(report(), (json!(true), json!(1)));
    project.states_no_status();
    assert_eq!(report(), (json!(false), json!(0)));
    let out = project.out(&["status", "dump"], 0);
    assert!(out.contains("a site without a SiteDatabase is not listed"), "{out}");
    // The dump of another cluster is still recognised.
    project.put("dump", &list(&[site_database("other", "Ready", None)]));
    assert!(project.refused(&["status", "dump"]).contains("SW850"));
}

/// The texts of a cluster cannot control the terminal, and the accounts in addresses are hidden.
#[test]
fn texts_of_the_cluster_have_no_effect() {
    let project = Project::new(names(&["acme"]));
    let mut object = site_database("acme", "Failed", None);
    let hostile = "\u{1b}[2J\r\u{202e}evil\u{7}\nmysql://root:hunter2@db/";
    object["status"]["databaseStatus"]["lastError"] = hostile.into();
    let condition = &mut object["status"]["conditions"][0];
    condition["reason"] = "\u{1b}]0;owned\u{7}".into();
    condition["lastTransitionTime"] = "\u{9b}31m".into();
    object["spec"]["bench"] = "\u{1b}[1m".into();
    object["metadata"]["name"] = "unknown".into();
    let mut phase = site_database("acme", "\u{1b}c", None);
    phase["status"]["databaseStatus"]["database"] = hostile.into();
    project.put("dump", &list(&[object, phase]));
    let out = project.out(&["status", "dump"], 1);
    let acts = |it: char| (it.is_control() && it != '\n') || it == '\u{202e}';
    assert!(!out.contains(acts), "{out:?}");
    assert!(out.contains("does not know the phase `\\u{1b}c`"), "{out}");
    assert!(out.contains("\\u{1b}[2J\\r\\u{202e}evil"), "{out}");
    assert!(!out.contains("hunter2"), "{out}");
    let json = project.out(&["status", "dump", "--format", "json"], 1);
    assert!(!json.contains("hunter2"), "{json}");
}

/// The report of a large fleet stays short, and takes a time in proportion to its size.
#[test]
fn a_large_fleet_has_a_short_report() {
    const SITES: usize = 2_000;
    let name = |number: usize| format!("site-{number:04}");
    let project = Project::new((0..SITES).map(name));
    let objects: Vec<Value> = (0..SITES)
        .map(|number| match number % 10 {
            0 => site_database(&name(number), "Failed", Some("lost")),
            _ => site_database(&name(number), "Ready", None),
        })
        .collect();
    project.put("dump", &list(&objects));
    let started = Instant::now();
    let out = project.out(&["status", "dump"], 1);
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
    assert!(out.starts_with("status of eu, 2000 sites: 200 Failed, 1800 Ready\n"), "{out}");
    assert!(out.contains("  and 180 more; -v lists all\n"), "{out}");
    assert!(out.lines().count() < 50, "{out}");
    let all = project.out(&["status", "-v", "dump"], 1);
    assert_eq!(all.matches("eu/site-").count(), 200);
}
