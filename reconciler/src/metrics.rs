//! The metrics. Their names are a contract: alerts and dashboards use them.

use crate::index::Seconds;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use sitewright_api::Phase;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

type Label = [(&'static str, String); 1];

/// Every metric. Clones share their values.
#[derive(Clone, Debug)]
pub(crate) struct Metrics {
    registry: Arc<Registry>,
    sites: Family<Label, Gauge>,
    transitions: Family<Label, Counter>,
    patches: Family<Label, Counter>,
    watch_restarts: Family<Label, Counter>,
    watch_listed: Family<Label, Gauge>,
    type_missing: Family<Label, Gauge>,
    queue_length: Gauge,
    oldest_event: Gauge,
    site_phase: Family<[(&'static str, String); 3], Gauge>,
    /// What the patcher has taken and not written yet, and when the oldest of it was seen.
    pub(crate) waiting: Arc<AtomicUsize>,
    pub(crate) oldest_waiting: Arc<AtomicI64>,
}

/// How a patch ended.
#[derive(Clone, Copy, Debug)]
pub(crate) enum PatchResult {
    Ok,
    Gone,
    Conflict,
    Throttled,
    Refused,
    Error,
    Timeout,
}

impl PatchResult {
    const ALL: [Self; 7] = [
        Self::Ok,
        Self::Gone,
        Self::Conflict,
        Self::Throttled,
        Self::Refused,
        Self::Error,
        Self::Timeout,
    ];

    fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Gone => "gone",
            Self::Conflict => "conflict",
            Self::Throttled => "throttled",
            Self::Refused => "refused",
            Self::Error => "error",
            Self::Timeout => "timeout",
        }
    }
}

/// `None` of nothing that waits, in [`Metrics::oldest_waiting`].
pub(crate) const NOTHING_WAITS: Seconds = Seconds::MAX;

impl Metrics {
    /// Metrics at zero. `per_site` adds one series a site.
    pub(crate) fn new(per_site: bool) -> Self {
        let mut registry = Registry::with_prefix("sitewright");
        let mut metrics = Self {
            registry: Arc::default(),
            sites: Family::default(),
            transitions: Family::default(),
            patches: Family::default(),
            watch_restarts: Family::default(),
            watch_listed: Family::default(),
            type_missing: Family::default(),
            queue_length: Gauge::default(),
            oldest_event: Gauge::default(),
            site_phase: Family::default(),
            waiting: Arc::default(),
            oldest_waiting: Arc::new(AtomicI64::new(NOTHING_WAITS)),
        };
        registry.register("sites", "Sites by phase", metrics.sites.clone());
        let help = "Changes of a site's phase, by the new phase";
        registry.register("transitions", help, metrics.transitions.clone());
        registry.register("patches", "Statuses written, by result", metrics.patches.clone());
        let help = "Failures after which a watch went on or began anew";
        registry.register("watch_restarts", help, metrics.watch_restarts.clone());
        let help = "Whether the watch has listed its objects (1) or not yet (0)";
        registry.register("watch_listed", help, metrics.watch_listed.clone());
        let help = "Whether the type cannot be listed: not installed, or no right to (1)";
        registry.register("type_missing", help, metrics.type_missing.clone());
        let help = "Sites whose status is to be computed or written";
        registry.register("queue_length", help, metrics.queue_length.clone());
        let help = "Age of the oldest event whose status is not written yet";
        registry.register("oldest_event_seconds", help, metrics.oldest_event.clone());
        if per_site {
            let help = "The phase that a site has (1)";
            registry.register("site_phase", help, metrics.site_phase.clone());
        }
        for phase in Phase::ALL {
            metrics.sites.get_or_create(&of_phase(phase)).set(0);
            _ = metrics.transitions.get_or_create(&of_phase(phase));
        }
        for result in PatchResult::ALL {
            _ = metrics.patches.get_or_create(&[("result", result.word().to_owned())]);
        }
        metrics.registry = Arc::new(registry);
        metrics
    }

    /// The metrics in the text format of OpenMetrics.
    pub(crate) fn text(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }

    pub(crate) fn set_sites(&self, phases: [usize; Phase::ALL.len()]) {
        for (phase, count) in Phase::ALL.into_iter().zip(phases) {
            self.sites.get_or_create(&of_phase(phase)).set(number(count));
        }
    }

    pub(crate) fn transition(&self, to: Phase) {
        self.transitions.get_or_create(&of_phase(to)).inc();
    }

    pub(crate) fn patch(&self, result: PatchResult) {
        self.patches.get_or_create(&[("result", result.word().to_owned())]).inc();
    }

    pub(crate) fn watch_restart(&self, kind: &str) {
        self.watch_restarts.get_or_create(&of_kind(kind)).inc();
    }

    pub(crate) fn watch_starts(&self, kind: &str) {
        _ = self.watch_restarts.get_or_create(&of_kind(kind));
        _ = self.watch_listed.get_or_create(&of_kind(kind));
        _ = self.type_missing.get_or_create(&of_kind(kind));
    }

    pub(crate) fn watch_ends(&self, kind: &str) {
        self.watch_listed.remove(&of_kind(kind));
        self.type_missing.remove(&of_kind(kind));
    }

    pub(crate) fn listed(&self, kind: &str) {
        self.watch_listed.get_or_create(&of_kind(kind)).set(1);
        self.type_missing.get_or_create(&of_kind(kind)).set(0);
    }

    pub(crate) fn missing(&self, kind: &str) {
        self.watch_listed.get_or_create(&of_kind(kind)).set(0);
        self.type_missing.get_or_create(&of_kind(kind)).set(1);
    }

    /// Sets the length of the queue and its age, with what the patcher has.
    pub(crate) fn set_queue(&self, length: usize, oldest: Option<Seconds>, now: Seconds) {
        let waiting = self.waiting.load(Ordering::Relaxed);
        self.queue_length.set(number(length + waiting));
        let oldest = oldest.unwrap_or(now).min(self.oldest_waiting.load(Ordering::Relaxed));
        self.oldest_event.set((now - oldest).max(0));
    }

    pub(crate) fn set_site_phases<'a>(
        &self,
        sites: impl Iterator<Item = (&'a str, &'a str, Phase)>,
    ) {
        self.site_phase.clear();
        for (namespace, site, phase) in sites {
            let labels = [
                ("namespace", namespace.to_owned()),
                ("site", site.to_owned()),
                ("phase", phase.word().to_owned()),
            ];
            self.site_phase.get_or_create(&labels).set(1);
        }
    }
}

fn of_phase(phase: Phase) -> Label {
    [("phase", phase.word().to_owned())]
}

fn of_kind(kind: &str) -> Label {
    [("kind", kind.to_owned())]
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use std::collections::{BTreeMap, BTreeSet};

    #[test]
    fn the_names_are_those_that_alerts_use() {
        let metrics = Metrics::new(true);
        metrics.set_sites([3, 0, 1, 2]);
        metrics.transition(Phase::Failed);
        metrics.patch(PatchResult::Ok);
        metrics.watch_restart("MariaDB");
        metrics.listed("MariaDB");
        metrics.missing("Cluster");
        metrics.set_queue(2, Some(90), 100);
        metrics.set_site_phases([("erp", "acme", Phase::Ready)].into_iter());
        let text = metrics.text().unwrap();
        for line in [
            r#"sitewright_sites{phase="Ready"} 3"#,
            r#"sitewright_sites{phase="Provisioning"} 0"#,
            r#"sitewright_sites{phase="Failed"} 2"#,
            r#"sitewright_transitions_total{phase="Failed"} 1"#,
            r#"sitewright_transitions_total{phase="Ready"} 0"#,
            r#"sitewright_patches_total{result="ok"} 1"#,
            r#"sitewright_patches_total{result="throttled"} 0"#,
            r#"sitewright_watch_restarts_total{kind="MariaDB"} 1"#,
            r#"sitewright_watch_listed{kind="MariaDB"} 1"#,
            r#"sitewright_type_missing{kind="MariaDB"} 0"#,
            r#"sitewright_type_missing{kind="Cluster"} 1"#,
            "sitewright_queue_length 2",
            "sitewright_oldest_event_seconds 10",
            r#"sitewright_site_phase{namespace="erp",site="acme",phase="Ready"} 1"#,
        ] {
            assert!(text.lines().any(|it| it == line), "{line} is not in\n{text}");
        }
        assert!(!Metrics::new(false).text().unwrap().contains("site_phase"));
    }

    /// Metrics by name, each with its labels and their values.
    type Series = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

    /// What is exported without a series for each site, which is an option.
    fn exported() -> Series {
        let metrics = Metrics::new(false);
        metrics.watch_starts("MariaDB");
        let mut series = Series::new();
        for line in metrics.text().unwrap().lines().filter(|line| !line.starts_with('#')) {
            let (name, _) = line.rsplit_once(' ').unwrap();
            let (name, labels) = name.split_once('{').unwrap_or((name, ""));
            let of = series.entry(name.to_owned()).or_default();
            for (label, value) in matchers(labels) {
                of.entry(label).or_default().insert(value);
            }
        }
        series
    }

    /// The labels and values in `a="b",c=~"d|e"}`, each alternative by itself.
    fn matchers(labels: &str) -> Vec<(String, String)> {
        let labels = labels.split('}').next().unwrap_or_default().split(',');
        let labels = labels.filter_map(|it| it.split_once(['=', '!']));
        let alternatives = labels.flat_map(|(label, values)| {
            let values = values.trim_matches(['=', '~', '"']).split('|');
            values.map(|value| (label.trim().to_owned(), value.to_owned()))
        });
        alternatives.collect()
    }

    /// The metrics that a query asks for, with the labels that it compares.
    fn asked(query: &str) -> Vec<(String, Vec<(String, String)>)> {
        let is_part = |it: char| it.is_ascii_alphanumeric() || it == '_';
        let metrics = query.match_indices("sitewright_").map(|(at, _)| {
            let rest = &query[at..];
            let (name, rest) = rest.split_at(rest.find(|it| !is_part(it)).unwrap_or(rest.len()));
            let labels = rest.strip_prefix('{').map(matchers).unwrap_or_default();
            (name.to_owned(), labels)
        });
        metrics.collect()
    }

    /// The labels in `by (a, b)`.
    fn grouped(query: &str) -> impl Iterator<Item = &str> {
        let groups = query.split(" by (").skip(1).filter_map(|rest| rest.split(')').next());
        groups.flat_map(|group| group.split(',')).map(str::trim)
    }

    /// The queries name only metrics, labels and values that are exported. Returns the metrics.
    fn check(queries: &[String], exported: &Series) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for query in queries {
            for (name, labels) in asked(query) {
                let of = exported.get(&name).unwrap_or_else(|| panic!("{query}"));
                assert!(grouped(query).all(|label| of.contains_key(label)), "{query}");
                // Prometheus adds `job` to all that it scrapes.
                for (label, value) in labels.iter().filter(|(label, _)| label != "job") {
                    assert!(of.get(label).is_some_and(|it| it.contains(value)), "{query}");
                }
                names.insert(name);
            }
        }
        names
    }

    fn file(path: &str) -> String {
        std::fs::read_to_string(format!("{}/../{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
    }

    #[test]
    fn the_dashboard_shows_what_is_exported() {
        let dashboard = file("docs/grafana/sitewright.json");
        let dashboard: Value = serde_json::from_str(&dashboard).unwrap();
        let list = |of: &Value, key: &str| of[key].as_array().unwrap().clone();
        let targets = list(&dashboard, "panels").into_iter().flat_map(|it| list(&it, "targets"));
        let queries: Vec<String> =
            targets.map(|target| target["expr"].as_str().unwrap().to_owned()).collect();
        let exported = exported();
        assert_eq!(check(&queries, &exported), exported.keys().cloned().collect());
    }

    #[test]
    fn alerts_watch_what_is_exported() {
        let template = file("templates/gitops/reconciler/prometheusrule.yaml.j2");
        let queries = template.lines().filter_map(|line| line.trim().strip_prefix("expr: "));
        let queries: Vec<String> = queries.map(str::to_owned).collect();
        assert_eq!(queries.len(), template.matches("- alert: ").count());
        assert!(!check(&queries, &exported()).is_empty());
    }

    #[test]
    fn what_a_query_names_is_found() {
        let query = r#"sum by (kind, a) (rate(sitewright_b_total{job=~"$job", c=~"d|e"}[5m])) > sitewright_f"#;
        let label = |label: &str, value: &str| (label.to_owned(), value.to_owned());
        let expected = [
            (
                "sitewright_b_total".to_owned(),
                vec![label("job", "$job"), label("c", "d"), label("c", "e")],
            ),
            ("sitewright_f".to_owned(), Vec::new()),
        ];
        assert_eq!(asked(query), expected);
        assert_eq!(grouped(query).collect::<Vec<_>>(), ["kind", "a"]);
    }
}
