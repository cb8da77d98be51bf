//! Judges a fleet by the rules of its project.
//!
//! The result is the same in every run, although subjects are judged in parallel. A rule that cannot be evaluated, or
//! that costs too much, is reported once: for the first subject, in the order of the fleet. Later subjects may or may
//! not be judged by it, so nothing is reported of them.

use super::budget;
use super::file::{Rule, Rules};
use super::judge::{Verdict, context, judge};
use super::value::{of_node, of_unit};
use crate::diagnostic::{Code, Diagnostic, FileId, Place, Sources, Span};
use crate::language::{Definition, RuleSubject};
use crate::layers::{Layers, is_built_in};
use crate::object::candidates;
use crate::plan::stated_fields;
use crate::resolve::{Fleet, Unit};
use crate::source::yaml;
use rayon::prelude::*;
use serde_json::Value;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What a rule says about one subject.
#[derive(Debug)]
pub struct Finding {
    rule: usize,
    /// The number of the subject.
    at: usize,
    /// Whether the rule itself is at fault.
    is_broken: bool,
    diagnostic: Diagnostic,
}

impl Rules {
    /// Judges the definitions of a fleet.
    pub fn check(&self, fleet: &Fleet, sources: &Sources) -> Vec<Diagnostic> {
        let is_of_definitions = |rule: &Rule| rule.about != RuleSubject::Object;
        if !self.rules.iter().any(is_of_definitions) {
            return Vec::new();
        }
        let clusters = cluster_values(fleet);
        let run = Run::new(self, sources);
        let count = fleet.clusters.len();
        let of_clusters = fleet.clusters.par_iter().enumerate().flat_map_iter(|(at, cluster)| {
            let subject = Subject::of_cluster(at, cluster.definition, &clusters[at]);
            run.judge(&subject, fleet.clusters.len())
        });
        let units: Vec<Unit> = fleet.units().collect();
        let of_units = units.par_iter().enumerate().flat_map_iter(|(at, unit)| {
            let about = about(*unit);
            if !self.rules.iter().any(|rule| rule.about == about) {
                return Vec::new();
            }
            let values = of_unit(*unit, sources);
            let subject = Subject {
                at: count + at,
                about,
                values: &values,
                cluster: &clusters[unit.common().cluster.0],
                definition: unit.common().origin.definition,
                layers: Some(&unit.common().origin.layers),
            };
            run.judge(&subject, units.len())
        });
        let findings: Vec<Finding> = of_clusters.chain(of_units).collect();
        run.report(findings)
    }

    /// What judges the rendered objects of a fleet. `None` if no rule is about objects.
    pub fn of_objects<'r>(&'r self, fleet: &Fleet, sources: &'r Sources) -> Option<Objects<'r>> {
        let is_any = self.rules.iter().any(|rule| rule.about == RuleSubject::Object);
        is_any.then(|| Objects {
            run: Run::new(self, sources),
            clusters: cluster_values(fleet),
            units: fleet.units().count(),
        })
    }
}

fn cluster_values(fleet: &Fleet) -> Vec<Value> {
    let node = |definition: &Definition| definition.node.as_ref().map(of_node).unwrap_or_default();
    let named = |cluster: &crate::cluster::Cluster| {
        let mut value = node(cluster.definition);
        if let Value::Object(fields) = &mut value {
            fields.insert("name".to_owned(), cluster.name.clone().into());
        }
        value
    };
    fleet.clusters.iter().map(named).collect()
}

fn about(unit: Unit) -> RuleSubject {
    match unit {
        Unit::Site(_) => RuleSubject::Site,
        Unit::Server(_) => RuleSubject::DatabaseServer,
        Unit::Bench(_) => RuleSubject::Bench,
    }
}

/// Judges the rendered objects of a fleet.
pub struct Objects<'r> {
    run: Run<'r>,
    clusters: Vec<Value>,
    units: usize,
}

impl Objects<'_> {
    /// The most objects that one definition makes, rounded up.
    const OF_UNIT: usize = 32;

    /// Judges the objects of a definition. `at` is its number in the fleet, and `texts` has its manifests.
    pub fn judge<'t>(
        &self,
        at: usize,
        unit: Unit,
        texts: impl Iterator<Item = &'t str>,
    ) -> Vec<Finding> {
        let common = unit.common();
        let mut findings = Vec::new();
        for (part, text) in texts.enumerate() {
            // The manifest was written by this program, so it can be read.
            let Ok(node) = yaml::read(text, FileId::NONE) else { continue };
            let values = of_node(&node);
            let subject = Subject {
                at: at * Self::OF_UNIT + part,
                about: RuleSubject::Object,
                values: &values,
                cluster: &self.clusters[common.cluster.0],
                definition: common.origin.definition,
                layers: Some(&common.origin.layers),
            };
            findings.extend(self.run.judge(&subject, self.units * Self::OF_UNIT));
        }
        findings
    }

    /// What is reported of all findings.
    pub fn report(&self, findings: Vec<Finding>) -> Vec<Diagnostic> {
        self.run.report(findings)
    }
}

/// A value that rules judge.
struct Subject<'a> {
    at: usize,
    about: RuleSubject,
    values: &'a Value,
    cluster: &'a Value,
    definition: &'a Definition,
    /// The layers that state its values. `None` for a cluster, which has only its definition.
    layers: Option<&'a Layers<'a>>,
}

impl<'a> Subject<'a> {
    fn of_cluster(at: usize, definition: &'a Definition, values: &'a Value) -> Self {
        let about = RuleSubject::Cluster;
        Self { at, about, values, cluster: values, definition, layers: None }
    }

    /// Where the value is that a rule is about: in the definition's own file if it states the value, and where another
    /// file states it.
    fn place(&self, rule: &Rule, sources: &Sources) -> (Span, Option<Span>) {
        let own = self.definition.span();
        let mut elsewhere = None;
        for keys in rule.fields().flat_map(|keys| self.keys(keys)) {
            let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
            match self.stated(&keys) {
                Some(span) if span.file == own.file => return (span, None),
                Some(span) if !is_built_in(sources, span.file) => {
                    elsewhere = elsewhere.or(Some(span));
                }
                _ => {}
            }
        }
        (own, elsewhere)
    }

    /// The fields of the definition that decide a field of the subject.
    fn keys(&self, keys: &[String]) -> Vec<Vec<String>> {
        if self.about != RuleSubject::Object {
            return vec![keys.to_vec()];
        }
        let kind = self.values["kind"].as_str().unwrap_or_default();
        let found = candidates(stated_fields(), kind, keys, self.definition.kind);
        found.into_iter().map(|it| it.field).collect()
    }

    fn stated(&self, keys: &[&str]) -> Option<Span> {
        match self.layers {
            Some(layers) => layers.stated(keys),
            None => {
                let node = self.definition.node.as_ref()?;
                keys.iter().try_fold(node, |node, key| node.get(key)).map(|node| node.span)
            }
        }
    }

    /// How a reader finds the values that the rule judged.
    fn values_shown(&self) -> String {
        let path = self.definition.path();
        match self.about {
            RuleSubject::Object => {
                format!("the rule judges the manifests that are rendered for `{path}`")
            }
            _ => format!("`sitewright rules show {path}` prints the values that the rule sees"),
        }
    }

    /// The subject in a message.
    fn name(&self) -> String {
        let path = self.definition.path();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        match self.about {
            RuleSubject::Object => {
                let (kind, name) = (&self.values["kind"], &self.values["metadata"]["name"]);
                format!("{} {} of `{path}`", text(kind), text(name))
            }
            _ => format!("`{path}`"),
        }
    }
}

/// A run of the rules over all subjects.
struct Run<'r> {
    rules: &'r Rules,
    sources: &'r Sources,
    /// For each rule, the first subject for which it cannot be evaluated.
    broken: Vec<AtomicUsize>,
}

impl<'r> Run<'r> {
    fn new(rules: &'r Rules, sources: &'r Sources) -> Self {
        let broken = rules.rules.iter().map(|_| AtomicUsize::new(usize::MAX)).collect();
        Self { rules, sources, broken }
    }

    /// Judges one of `count` subjects by every rule about it.
    fn judge(&self, subject: &Subject, count: usize) -> Vec<Finding> {
        let Some(environment) = &self.rules.environment else { return Vec::new() };
        let path = Value::String(subject.definition.path());
        let given =
            [("cluster", subject.cluster), ("path", &path), (subject.about.name(), subject.values)];
        let limit = budget::share(count);
        let mut found = Vec::new();
        let mut shared = None;
        for (at, rule) in self.rules.rules.iter().enumerate() {
            let broken = &self.broken[at];
            if rule.about != subject.about || broken.load(Ordering::Relaxed) < subject.at {
                continue;
            }
            // All rules about a subject have the same variables.
            let context = shared.get_or_insert_with(|| context(rule, environment, &given));
            let (is_broken, diagnostic) = match judge(rule, context, limit) {
                Verdict::Holds => continue,
                Verdict::Violated(message) => (false, self.violated(rule, subject, message)),
                Verdict::Failed(why, place) => (true, failed(rule, subject, &why, place)),
                Verdict::TooCostly => (true, too_costly(rule, subject, limit)),
            };
            if is_broken {
                broken.fetch_min(subject.at, Ordering::Relaxed);
            }
            found.push(Finding { rule: at, at: subject.at, is_broken, diagnostic });
        }
        found
    }

    fn violated(&self, rule: &Rule, subject: &Subject, message: String) -> Diagnostic {
        let (place, elsewhere) = subject.place(rule, self.sources);
        // SW110: a rule of the project does not hold.
        let mut problem = Diagnostic::new(Code::ProjectRule, place, message).of_rule(&rule.own);
        if let Some(span) = elsewhere {
            problem = problem.related(span, "the value is stated here");
        }
        let docs = rule.own.docs.as_ref().map(|docs| format!("see {docs}"));
        let help: Vec<String> = rule.help.iter().cloned().chain(docs).collect();
        problem.help(match help.is_empty() {
            true => subject.values_shown(),
            false => help.join("; "),
        })
    }

    /// What is reported: violations, and the first subject for which a rule cannot be evaluated.
    fn report(&self, findings: Vec<Finding>) -> Vec<Diagnostic> {
        let first = |finding: &Finding| self.broken[finding.rule].load(Ordering::Relaxed);
        let kept = findings.into_iter().filter(|it| match first(it) {
            usize::MAX => true,
            first => it.is_broken && it.at == first,
        });
        kept.map(|finding| finding.diagnostic).collect()
    }
}

fn failed(rule: &Rule, subject: &Subject, why: &str, place: Span) -> Diagnostic {
    let message =
        format!("the rule `{}` cannot be evaluated for {}: {why}", rule.name(), subject.name());
    let help = match why.starts_with("there is no") {
        true => format!("ask `has({}.…)` before a field that may be missing", subject.about.name()),
        false => subject.values_shown(),
    };
    // SW112: a rule that cannot be evaluated.
    Diagnostic::new(Code::RuleFailed, place, message)
        .help(help)
        .related(subject.definition.span(), "it fails for this definition")
}

fn too_costly(rule: &Rule, subject: &Subject, limit: u64) -> Diagnostic {
    let message =
        format!("the rule `{}` costs more than {limit} steps for {}", rule.name(), subject.name());
    // SW113: a rule that costs too much.
    Diagnostic::at(Code::RuleCost, Place::Span(rule.require.place), message)
        .help("remove loops within loops and long concatenations, or split the rule")
}
