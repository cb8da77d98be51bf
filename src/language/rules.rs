//! `rules.yaml`: the rules that a project makes for its own definitions and objects.

use super::values::{ObjectName, Sentence};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Rules of the project for its definitions and objects.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProjectRules {
    /// The rules, in the order in which `sitewright rules list` shows them.
    pub rules: Option<Vec<ProjectRule>>,
}

/// A rule of the project.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProjectRule {
    /// The name of the rule. Reports show it as the code `rule/NAME`.
    pub name: ObjectName,
    /// What the rule is about. An expression sees the value as a variable of this name.
    pub about: RuleSubject,
    /// Whether a violation fails the run. Default: error.
    pub severity: Option<RuleSeverity>,
    /// A CEL expression. The rule applies only where it is true. Default: everywhere.
    pub when: Option<String>,
    /// A CEL expression. The rule holds where it is true.
    pub require: String,
    /// What is wrong where the rule does not hold. It may contain CEL expressions, such as `{{ site.name }}`.
    pub message: Sentence,
    /// What to do about it.
    pub help: Option<Sentence>,
    /// The address of a page that explains the rule.
    pub docs: Option<Sentence>,
    /// Values for which `sitewright rules test` tries the rule.
    pub tests: Option<Vec<RuleTest>>,
}

/// What a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum RuleSubject {
    /// Each site.
    Site,
    /// Each database server.
    DatabaseServer,
    /// Each bench.
    Bench,
    /// Each cluster.
    Cluster,
    /// Each rendered object.
    Object,
}

impl RuleSubject {
    /// The word of the language, which is also the variable's name.
    pub fn name(self) -> &'static str {
        match self {
            RuleSubject::Site => "site",
            RuleSubject::DatabaseServer => "databaseServer",
            RuleSubject::Bench => "bench",
            RuleSubject::Cluster => "cluster",
            RuleSubject::Object => "object",
        }
    }
}

/// Whether a violation fails the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum RuleSeverity {
    /// The run fails, and nothing is written.
    Error,
    /// The violation is reported, and the run continues.
    Warning,
}

/// A test of a rule.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RuleTest {
    /// What the test shows.
    pub name: Sentence,
    /// The variables, such as `site: {database: {mode: dedicated}}`.
    pub given: BTreeMap<String, serde_json::Value>,
    /// Whether the rule holds. A rule whose `when` is false holds.
    pub passes: bool,
    /// The message, if the rule does not hold. Default: any.
    pub message: Option<Sentence>,
}
