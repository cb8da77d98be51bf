//! Reads `rules.yaml` and compiles its rules. A rule that cannot be used is reported and left out.

use super::expression::{self, Expression};
use super::fault::Fault;
use super::{fields, functions};
use crate::diagnostic::{
    Checked, Code, Diagnostic, FileId, OwnRule, Reported, Severity, Sources, Span,
};
use crate::language::{
    Kind, ProjectRule, ProjectRules, RuleSeverity, RuleSubject, RuleTest, nearest, shape,
};
use crate::layers::decode_node;
use crate::source::node::{Node, Value};
use crate::source::{self, yaml};
use cel::Env;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

/// The file with the rules of a project.
pub const RULES_FILE: &str = "rules.yaml";

/// The stack of the thread that compiles. The parser of expressions needs much stack for a long expression.
const STACK: usize = 64 << 20;

/// A compiled rule.
pub struct Rule {
    /// How reports name it.
    pub own: Arc<OwnRule>,
    /// What it is about.
    pub about: RuleSubject,
    /// Its tests, each with its place.
    pub tests: Vec<(RuleTest, Span)>,
    pub(super) when: Option<Condition>,
    pub(super) require: Condition,
    pub(super) message: Vec<Part>,
    pub(super) message_place: Span,
    pub(super) help: Option<String>,
}

/// A compiled condition, its text and its place.
pub(super) struct Condition {
    pub(super) text: String,
    pub(super) expression: Expression,
    pub(super) place: Span,
}

/// A part of a message.
pub(super) enum Part {
    Text(String),
    Value(Expression),
}

/// The rules of a project.
#[derive(Default)]
pub struct Rules {
    pub(super) rules: Vec<Rule>,
    /// The environment in which expressions run. `None` without rules.
    pub(super) environment: Option<Arc<Env>>,
}

impl std::fmt::Debug for Rules {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.debug_list().entries(self.rules.iter().map(|rule| &rule.own.id)).finish()
    }
}

impl Rules {
    /// Reads the file of a project. Without a file there are no rules.
    pub fn read(root: &Path, sources: &mut Sources) -> Reported<Self> {
        match source::read_optional(root, RULES_FILE, sources) {
            Ok(Some((text, file))) => match compiled_apart(&text, file) {
                Ok((rules, diagnostics)) => Reported { value: rules, diagnostics },
                Err(diagnostics) => Reported { value: Self::default(), diagnostics },
            },
            Ok(None) => Reported::default(),
            Err(diagnostics) => Reported { value: Self::default(), diagnostics },
        }
    }

    /// The rules, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter()
    }
}

/// Compiles the rules on a thread with enough stack for every expression of the allowed length.
fn compiled_apart(text: &str, file: FileId) -> Checked<(Rules, Vec<Diagnostic>)> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK);
        let compiled = thread.spawn_scoped(scope, || compiled(text, file));
        // SW111: the rules cannot be compiled at all.
        let failed = |why: &str| vec![Diagnostic::of_path(Code::BadRule, RULES_FILE, why)];
        match compiled {
            Ok(thread) => thread.join().unwrap_or_else(|_| {
                Err(failed("an expression of this file makes the compiler of expressions fail"))
            }),
            Err(_) => Err(failed("the system has no thread to compile the rules")),
        }
    })
}

/// The rules of a text, and what is wrong with the others.
pub(super) fn compiled(text: &str, file: FileId) -> Checked<(Rules, Vec<Diagnostic>)> {
    let node = yaml::read(text, file)?;
    let problems = shape::check(Kind::ProjectRules, &node, text);
    if !problems.is_empty() {
        return Err(problems);
    }
    let ProjectRules { rules } = decode_node(&node).unwrap_or_default();
    let nodes = match node.get("rules").map(|node| &node.value) {
        Some(Value::List(items)) => items.as_slice(),
        _ => &[],
    };
    let environment = functions::environment();
    let environment = environment.map_err(|error| {
        // SW111: the environment of expressions cannot be made.
        vec![Diagnostic::of_path(Code::BadRule, RULES_FILE, error.to_string())]
    })?;
    let (mut kept, mut problems, mut names) = (Vec::new(), Vec::new(), BTreeSet::new());
    for (rule, node) in rules.unwrap_or_default().into_iter().zip(nodes) {
        if !names.insert(rule.name.as_str().to_owned()) {
            let fault = Fault::new(
                format!("two rules have the name `{}`", rule.name.as_str()),
                "give each rule another name: reports refer to it",
            );
            problems.push(refused(fault, place(node, "name")));
            continue;
        }
        match Rule::new(rule, node) {
            Ok(rule) => kept.push(rule),
            Err(found) => problems.extend(found),
        }
    }
    let environment = (!kept.is_empty()).then(|| Arc::new(environment));
    Ok((Rules { rules: kept, environment }, problems))
}

/// The place of a key's value.
fn place(node: &Node, key: &str) -> Span {
    node.get(key).map_or(node.span, |value| value.span)
}

fn refused(Fault { message, help }: Fault, place: Span) -> Diagnostic {
    // SW111: a rule that cannot be used.
    Diagnostic::new(Code::BadRule, place, message).help(help)
}

impl Rule {
    fn new(rule: ProjectRule, node: &Node) -> Checked<Self> {
        let mut problems = Vec::new();
        let variables = variables(rule.about);
        let condition = |text: &str, key: &str| {
            let place = place(node, key);
            let compiled = expression::condition(text, variables);
            let compiled = compiled.and_then(|compiled| known(compiled, rule.about));
            let text = text.trim().to_owned();
            let compiled = compiled.map(|expression| Condition { text, expression, place });
            compiled.map_err(|fault| (fault, place))
        };
        let when = rule.when.as_deref().map(|text| condition(text, "when"));
        let require = condition(&rule.require, "require");
        let mut refuse = |(fault, place)| problems.push(refused(fault, place));
        let when = when.and_then(|when| when.map_err(&mut refuse).ok());
        let require = require.map_err(&mut refuse).ok();
        let message_place = place(node, "message");
        let message = parts(rule.message.as_str(), rule.about);
        let message = message.map_err(|fault| problems.push(refused(fault, message_place))).ok();
        let tests = tests(rule.tests.unwrap_or_default(), node, variables, &mut problems);
        let severity = match rule.severity {
            Some(RuleSeverity::Warning) => Severity::Warning,
            Some(RuleSeverity::Error) | None => Severity::Error,
        };
        let docs = rule.docs.map(|docs| docs.as_str().to_owned());
        let own = OwnRule {
            id: format!("rule/{}", rule.name.as_str()),
            severity,
            title: rule.message.as_str().to_owned(),
            docs,
        };
        match (require, message) {
            (Some(require), Some(message)) if problems.is_empty() => Ok(Self {
                own: Arc::new(own),
                about: rule.about,
                tests,
                when,
                require,
                message,
                message_place,
                help: rule.help.map(|help| help.as_str().to_owned()),
            }),
            _ => Err(problems),
        }
    }

    /// Its name in the file.
    pub fn name(&self) -> &str {
        self.own.id.strip_prefix("rule/").unwrap_or(&self.own.id)
    }

    /// The condition under which it judges.
    pub fn when(&self) -> Option<&str> {
        self.when.as_ref().map(|condition| condition.text.as_str())
    }

    /// The condition that must hold.
    pub fn require(&self) -> &str {
        &self.require.text
    }

    /// What to do where it does not hold.
    pub fn help(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// Where its condition is stated.
    pub fn place(&self) -> Span {
        self.require.place
    }

    /// The fields of its subject that it mentions.
    pub(super) fn fields(&self) -> impl Iterator<Item = &[String]> {
        let conditions = [Some(&self.require), self.when.as_ref()].into_iter().flatten();
        conditions.flat_map(|it| it.expression.fields.iter().map(Vec::as_slice))
    }
}

/// The variables of a rule. The first is its subject.
pub(super) fn variables(about: RuleSubject) -> &'static [&'static str] {
    match about {
        RuleSubject::Site => &["site", "cluster", "path"],
        RuleSubject::DatabaseServer => &["databaseServer", "cluster", "path"],
        RuleSubject::Bench => &["bench", "cluster", "path"],
        RuleSubject::Cluster => &["cluster", "path"],
        RuleSubject::Object => &["object", "cluster", "path"],
    }
}

/// The tests with their places. A test that gives no subject, or an unknown variable, is refused.
fn tests(
    tests: Vec<RuleTest>,
    rule: &Node,
    variables: &[&str],
    problems: &mut Vec<Diagnostic>,
) -> Vec<(RuleTest, Span)> {
    let nodes = match rule.get("tests").map(|node| &node.value) {
        Some(Value::List(items)) => items.as_slice(),
        _ => &[],
    };
    for node in nodes {
        let given = node.get("given").map_or(&[][..], Node::entries);
        for entry in given.iter().filter(|entry| !variables.contains(&&*entry.key)) {
            let help = match nearest(&entry.key, variables) {
                Some(meant) => format!("write `{meant}`"),
                None => format!("variables: {}", variables.join(", ")),
            };
            let message = format!("the rule has no variable `{}`", entry.key);
            problems.push(refused(Fault::new(message, help), entry.key_span));
        }
        if let Some(subject) = variables.first()
            && !given.iter().any(|entry| *entry.key == **subject)
        {
            let message = format!("the test does not give `{subject}`, which the rule is about");
            let help =
                format!("write `{subject}:` with the values of one {subject} below `given:`");
            problems.push(refused(Fault::new(message, help), place(node, "given")));
        }
    }
    tests.into_iter().zip(nodes.iter().map(|node| node.span)).collect()
}

/// An expression all of whose fields the language has.
fn known(expression: Expression, about: RuleSubject) -> Result<Expression, Fault> {
    match fields::unknown(&expression, about) {
        Some(fault) => Err(fault),
        None => Ok(expression),
    }
}

/// The parts of a message: texts, and expressions between `{{` and `}}`.
fn parts(text: &str, about: RuleSubject) -> Result<Vec<Part>, Fault> {
    let (mut parts, mut rest) = (Vec::new(), text);
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((inner, after)) = after.split_once("}}") else {
            return Err(Fault::new("`{{` has no `}}`", "close the expression with `}}`"));
        };
        parts.push(Part::Text(before.to_owned()));
        parts.push(Part::Value(known(expression::compile(inner, variables(about))?, about)?));
        rest = after;
    }
    parts.push(Part::Text(rest.to_owned()));
    Ok(parts)
}
