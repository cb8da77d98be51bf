//! Tries rules on the values of their tests, and shows the values that rules see.

use super::budget;
use super::file::{Rule, Rules};
use super::judge::{Verdict, context, judge};
use super::value::{of_node, of_unit};
use crate::diagnostic::{Code, Diagnostic, Sources, Span};
use crate::language::{Definition, RuleTest};
use crate::resolve::{Fleet, Unit};
use serde_json::{Value, json};

/// The path of the definition in a test that gives no `path`.
const PATH: &str = "production/example";

/// A test that was run.
#[derive(Debug)]
pub struct Trial<'r> {
    /// The name of the rule.
    pub rule: &'r str,
    /// The name of the test.
    pub test: &'r str,
    /// Why it fails.
    pub failure: Option<Diagnostic>,
}

impl Rules {
    /// Runs the tests of all rules.
    pub fn trials(&self) -> Vec<Trial<'_>> {
        let tests = self.rules.iter().flat_map(|rule| rule.tests.iter().map(move |it| (rule, it)));
        tests
            .map(|(rule, (test, place))| Trial {
                rule: rule.name(),
                test: test.name.as_str(),
                failure: self
                    .failure(rule, test)
                    .map(|(why, help)| unmet(rule, test, *place, &why, help)),
            })
            .collect()
    }

    /// Why a test fails, and what to do.
    fn failure(&self, rule: &Rule, test: &RuleTest) -> Option<(String, &'static str)> {
        const VALUES: &str = "correct the rule, or the values of the test";
        let environment = self.environment.as_ref()?;
        let (path, cluster) = (json!(PATH), json!({"name": "production"}));
        let defaults = [("path", &path), ("cluster", &cluster)];
        let defaults = defaults.into_iter().filter(|(name, _)| !test.given.contains_key(*name));
        let given = test.given.iter().map(|(name, value)| (name.as_str(), value));
        let given: Vec<(&str, &Value)> = given.chain(defaults).collect();
        let context = context(rule, environment, &given);
        match (judge(rule, &context, budget::share(1)), test.passes) {
            (Verdict::Holds, true) => None,
            (Verdict::Holds, false) => {
                Some(("the rule holds, and it should not".to_owned(), VALUES))
            }
            (Verdict::Violated(message), true) => {
                Some((format!("the rule does not hold: {message}"), VALUES))
            }
            (Verdict::Violated(message), false) => match &test.message {
                Some(expected) if expected.as_str() != message => Some((
                    format!("the message is `{message}`"),
                    "correct the message of the rule or of the test",
                )),
                _ => None,
            },
            (Verdict::Failed(why, _), _) => Some((
                format!("the rule cannot be evaluated: {why}"),
                "give the missing value in the test, or ask `has(…)` in the rule",
            )),
            (Verdict::TooCostly, _) => Some((
                "the rule costs too much".to_owned(),
                "remove loops within loops and long concatenations",
            )),
        }
    }
}

fn unmet(rule: &Rule, test: &RuleTest, place: Span, why: &str, help: &str) -> Diagnostic {
    let message =
        format!("the test `{}` of the rule `{}` fails: {why}", test.name.as_str(), rule.name());
    // SW114: a test of a rule that fails.
    Diagnostic::new(Code::RuleTest, place, message).help(help)
}

/// The values that rules see of a definition, by the names of the variables. `None` for a definition that no rule is
/// about.
pub fn variables_of(definition: &Definition, fleet: &Fleet, sources: &Sources) -> Option<Value> {
    let cluster_of = |definition: &Definition| {
        let mut value = definition.node.as_ref().map(of_node).unwrap_or_default();
        value["name"] = json!(definition.cluster());
        value
    };
    let is_it = |it: &Definition| it.file == definition.file;
    let cluster = fleet.clusters.iter().find(|it| it.name == definition.cluster())?;
    let mut shown = json!({"path": definition.path(), "cluster": cluster_of(cluster.definition)});
    if is_it(cluster.definition) {
        return Some(shown);
    }
    let unit = fleet.units().find(|unit| is_it(unit.common().origin.definition))?;
    let name = match unit {
        Unit::Site(_) => "site",
        Unit::Server(_) => "databaseServer",
        Unit::Bench(_) => "bench",
    };
    shown[name] = of_unit(unit, sources);
    Some(shown)
}
