//! The dashboard for Grafana, `docs/grafana/sitewright.json`: it can be imported anywhere, and Prometheus can parse what
//! it asks. The tests of the reconciler compare its queries with the metrics that are exported.

#[cfg(test)]
mod tools;

#[cfg(test)]
mod tests {
    use super::tools::needed;
    use serde_json::{Value, json};
    use std::collections::BTreeSet;
    use std::fs;
    use std::process::Command;

    fn dashboard() -> Value {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/grafana/sitewright.json");
        serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
    }

    fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
        value[key].as_array().unwrap()
    }

    /// The queries of all panels.
    fn expressions(dashboard: &Value) -> Vec<String> {
        let targets = list(dashboard, "panels").iter().flat_map(|panel| list(panel, "targets"));
        targets.map(|target| target["expr"].as_str().unwrap().to_owned()).collect()
    }

    /// The names of metrics in a query.
    fn metrics(expression: &str) -> BTreeSet<&str> {
        let is_part = |it: char| it.is_alphanumeric() || it == '_' || it == ':';
        let words = expression.split(|it: char| !is_part(it));
        words.filter(|word| word.starts_with("sitewright_")).collect()
    }

    #[test]
    fn each_query_asks_for_one_metric() {
        for expression in expressions(&dashboard()) {
            assert_eq!(metrics(&expression).len(), 1, "{expression}");
        }
    }

    /// A query of a counter is about its growth, and a query of anything else is not.
    #[test]
    fn counters_are_shown_as_growth() {
        for expression in expressions(&dashboard()) {
            let is_counter = expression.contains("_total{");
            let is_growth = expression.contains("rate(") || expression.contains("increase(");
            assert_eq!(is_counter, is_growth, "{expression}");
        }
    }

    #[test]
    fn every_phase_has_a_panel() {
        let expressions = expressions(&dashboard());
        for phase in sitewright_api::Phase::ALL {
            let asked = format!("phase=\"{}\"", phase.word());
            assert!(expressions.iter().any(|it| it.contains(&asked)), "{asked}");
        }
    }

    /// The reader chooses the data source, and panels do not cover each other.
    #[test]
    fn the_dashboard_can_be_imported_anywhere() {
        let dashboard = dashboard();
        assert_eq!(dashboard["uid"], "sitewright");
        // An id is of one Grafana only.
        assert_eq!(dashboard.get("id"), None);
        let chosen = json!({"type": "prometheus", "uid": "${datasource}"});
        let variables = list(&dashboard["templating"], "list");
        assert_eq!([&variables[0]["name"], &variables[0]["type"]], ["datasource", "datasource"]);
        assert_eq!([&variables[1]["name"], &variables[1]["datasource"]], [&json!("job"), &chosen]);
        let (mut ids, mut cells) = (BTreeSet::new(), BTreeSet::new());
        for panel in list(&dashboard, "panels") {
            assert!(ids.insert(panel["id"].as_u64()), "{panel}");
            assert!(panel["description"].as_str().is_some_and(|it| it.ends_with('.')), "{panel}");
            for of in list(panel, "targets").iter().chain([panel]) {
                assert_eq!(of["datasource"], chosen);
            }
            let at = |key: &str| panel["gridPos"][key].as_u64().unwrap();
            assert!(at("x") + at("w") <= 24, "{panel}");
            for x in at("x")..at("x") + at("w") {
                for y in at("y")..at("y") + at("h") {
                    assert!(cells.insert((x, y)), "{panel}");
                }
            }
        }
    }

    /// What `promtool` says about rules with these queries. `None` if it accepts all.
    fn refused(expressions: &[String]) -> Option<String> {
        let folder = tempfile::tempdir().unwrap();
        let rules: Vec<Value> = expressions
            .iter()
            .map(|expression| {
                // The variables of Grafana, as it fills them in.
                let filled = expression.replace("$__rate_interval", "5m").replace("$job", ".*");
                assert!(!filled.contains('$'), "{filled}");
                json!({"record": "checked", "expr": filled})
            })
            .collect();
        let number = |(at, rule): (usize, Value)| json!({"name": at.to_string(), "rules": [rule]});
        let groups: Vec<Value> = rules.into_iter().enumerate().map(number).collect();
        // JSON is YAML too.
        let path = folder.path().join("rules.yaml");
        fs::write(&path, json!({"groups": groups}).to_string()).unwrap();
        let output = Command::new("promtool").args(["check", "rules"]).arg(path).output().unwrap();
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        (!output.status.success()).then_some(said)
    }

    #[test]
    fn prometheus_can_parse_every_query() {
        if needed("promtool").is_none() {
            return;
        }
        let mut expressions = expressions(&dashboard());
        assert_eq!(refused(&expressions), None);
        expressions.push("sum by phase (sitewright_sites)".to_owned());
        assert!(refused(&expressions).is_some_and(|said| said.contains("parse error")));
    }
}
