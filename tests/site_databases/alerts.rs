//! The alerts, as Prometheus itself judges them.

use crate::project::put;
use crate::reconciler::delivered;
use crate::tools::needed;
use serde_json::{Value, json};
use std::process::Command;

/// The groups of the PrometheusRule.
fn groups() -> Value {
    let objects = delivered("{image: \"a:1\", alerts: true}");
    let rule = &objects[&("PrometheusRule".to_owned(), "sitewright-reconciler".to_owned())];
    json!({"groups": rule["spec"]["groups"]})
}

/// Series of one pod, and of a second one that takes its place.
const POD: &str = r#"namespace="tools", pod="a", instance="10.0.0.1:8080""#;
const NEXT: &str = r#"namespace="tools", pod="b", instance="10.0.0.2:8080""#;

/// A test: the series, the minute at which they are judged, and the alert that fires, if any.
fn case(series: &[(&str, &str)], minute: u32, alert: &str, fires: bool) -> Value {
    let series: Vec<Value> =
        series.iter().map(|(series, values)| json!({"series": series, "values": values})).collect();
    // Its labels and texts are in the rule. Here only its number counts.
    let expression = format!("count(ALERTS{{alertname=\"{alert}\", alertstate=\"firing\"}})");
    let samples = if fires { vec![json!({"labels": "{}", "value": 1})] } else { Vec::new() };
    json!({
        "interval": "1m",
        "input_series": series,
        "promql_expr_test": [
            {"expr": expression, "eval_time": format!("{minute}m"), "exp_samples": samples},
        ],
    })
}

fn cases() -> Vec<Value> {
    let of = |name: &str, labels: &str, pod: &str| format!("{name}{{{labels}{pod}}}");
    let failed = of("sitewright_sites", r#"phase="Failed", "#, POD);
    let failed_next = of("sitewright_sites", r#"phase="Failed", "#, NEXT);
    let sites = "SitewrightSitesFailed";
    let absent = "SitewrightReconcilerAbsent";
    let refused = of("sitewright_patches_total", r#"result="refused", "#, POD);
    let written = of("sitewright_patches_total", r#"result="ok", "#, POD);
    let patches = "SitewrightPatchesFail";
    let oldest = of("sitewright_oldest_event_seconds", "", POD);
    let late = "SitewrightEventsLate";
    let listed = of("sitewright_watch_listed", r#"kind="Grant", "#, POD);
    let missing = of("sitewright_type_missing", r#"kind="Grant", "#, POD);
    let unlisted = "SitewrightWatchNotListed";
    vec![
        case(&[(&failed, "1x30")], 20, sites, true),
        case(&[(&failed, "1x30")], 10, sites, false),
        case(&[(&failed, "0x30")], 20, sites, false),
        // Another pod goes on with the same failure.
        case(&[(&failed, "1x10 _x20"), (&failed_next, "_x10 1x20")], 20, sites, true),
        case(&[(&failed, "0x5 _x30")], 25, absent, true),
        case(&[(&failed, "0x30")], 25, absent, false),
        case(&[(&refused, "0+1x40")], 30, patches, true),
        case(&[(&refused, "7x40"), (&written, "0+9x40")], 30, patches, false),
        case(&[(&oldest, "400x20")], 10, late, true),
        case(&[(&oldest, "200x20")], 10, late, false),
        case(&[(&listed, "0x30"), (&missing, "0x30")], 20, unlisted, true),
        case(&[(&listed, "1x30"), (&missing, "0x30")], 20, unlisted, false),
        // A type that is not installed has no objects.
        case(&[(&listed, "0x30"), (&missing, "1x30")], 20, unlisted, false),
    ]
}

#[test]
fn prometheus_takes_the_alerts_and_fires_them() {
    let Some(promtool) = needed("promtool") else { return };
    let folder = tempfile::tempdir().unwrap();
    put(&folder.path().join("rules.yaml"), &groups().to_string());
    let tests =
        json!({"rule_files": ["rules.yaml"], "evaluation_interval": "1m", "tests": cases()});
    put(&folder.path().join("tests.yaml"), &tests.to_string());
    for arguments in [["check", "rules", "rules.yaml"], ["test", "rules", "tests.yaml"]] {
        let mut command = Command::new(&promtool);
        let output = command.args(arguments).current_dir(folder.path()).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&said));
    }
}

/// Each alert has a case in which it fires, and one in which it does not.
#[test]
fn every_alert_has_cases() {
    let groups = groups();
    let rules = groups["groups"][0]["rules"].as_array().unwrap();
    let cases: Vec<String> = cases().iter().map(Value::to_string).collect();
    assert_eq!(rules.len(), 5);
    for rule in rules {
        let name = rule["alert"].as_str().unwrap();
        let own: Vec<&String> = cases.iter().filter(|it| it.contains(name)).collect();
        assert!(own.iter().any(|it| it.contains("\"exp_samples\":[]")), "{name}");
        assert!(own.iter().any(|it| !it.contains("\"exp_samples\":[]")), "{name}");
        assert_eq!(rule["labels"]["severity"], "warning", "{name}");
    }
}
