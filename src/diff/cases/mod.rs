//! One table of changes, and what the rules say of each. It has a change for every rule, and for every
//! condition of every rule: the tests leave each of them out, and some change must then be judged wrongly.

mod backups;
mod benches;
mod gitops;
pub(super) mod objects;
mod secrets;
mod servers;
mod sites;
mod users;

use super::compare::{Action, ObjectChange};
use super::condition::Scene;
use super::finding::Level;
use super::moves::Moves;
use super::operators::{Known, Operators};
use super::risk;
use super::rules::{self, Rule};
use crate::language::Engine;
use crate::operator::{Frappe, FrappeVersion, Mariadb};
use objects::{Rendered, changes, patch};
use serde_json::{Value as Json, json};

/// A change of an object that sitewright renders.
struct Case {
    kind: &'static str,
    /// Patches of the object; the second are on top of the first.
    before: Vec<Json>,
    after: Vec<Json>,
    action: Action,
    /// A patch of an object of the same kind that goes in the same change.
    beside: Option<Json>,
    /// An object of another kind that comes in the same change, by a patch.
    along: Option<(&'static str, Json)>,
    /// Patches of an object of another kind that changes in the same change: the first before, both after.
    reader: Option<(&'static str, [Json; 2])>,
    known: Known,
    /// The field that is looked at; nothing for what is said of the object as a whole.
    field: Option<String>,
    level: Level,
    /// Some words of what is said; none where nothing is.
    words: &'static str,
    /// Whether there may be advice.
    advice: bool,
    /// Whether it is no change at all.
    is_none: bool,
}

/// A patch that is written in YAML.
fn yaml(text: &str) -> Json {
    serde_yaml::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn case(kind: &'static str, action: Action, level: Level, words: &'static str) -> Case {
    let known =
        Operators { mariadb: Mariadb::of("26.6"), frappe: Frappe::of("2.6"), engine: Engine::Flux };
    Case {
        kind,
        before: Vec::new(),
        after: Vec::new(),
        action,
        beside: None,
        along: None,
        reader: None,
        known: Known(Some(known)),
        field: None,
        level,
        words,
        advice: true,
        is_none: false,
    }
}

/// A change of `spec`, and a field below it.
fn spec(
    kind: &'static str,
    before: &str,
    after: &str,
    field: &str,
    level: Level,
    words: &'static str,
) -> Case {
    let spec = |text| vec![json!({ "spec": yaml(text) })];
    let (before, after) = (spec(before), spec(after));
    let field = Some(format!("spec.{field}"));
    Case { before, after, field, ..case(kind, Action::Changed, level, words) }
}

/// A change of an annotation, as another patch of the object brings it about.
fn annotation(
    kind: &'static str,
    before: &str,
    after: &str,
    name: &str,
    level: Level,
    words: &'static str,
) -> Case {
    let (before, after) = (vec![yaml(before)], vec![yaml(after)]);
    let field = Some(format!("metadata.annotations.{name}"));
    Case { before, after, field, ..case(kind, Action::Changed, level, words) }
}

/// A change of `spec`, and what is said of the object as a whole.
fn whole(kind: &'static str, before: &str, after: &str, level: Level, words: &'static str) -> Case {
    Case { field: None, ..spec(kind, before, after, "", level, words) }
}

/// A change of `spec` that is none.
fn same(kind: &'static str, before: &str, after: &str) -> Case {
    Case { is_none: true, ..whole(kind, before, after, Level::None, "") }
}

/// An object that comes.
fn comes(kind: &'static str, patch: &str, level: Level, words: &'static str) -> Case {
    Case { after: vec![yaml(patch)], ..case(kind, Action::Added, level, words) }
}

/// An object that goes, by patches of it.
fn goes(kind: &'static str, patches: &[&str], level: Level, words: &'static str) -> Case {
    let before = patches.iter().map(|patch| yaml(patch)).collect();
    Case { before, ..case(kind, Action::Removed, level, words) }
}

impl Case {
    fn frappe(mut self, id: &str) -> Self {
        self.known.0.as_mut().unwrap().frappe = Frappe::of(id);
        self
    }

    fn mariadb(mut self, id: &str) -> Self {
        self.known.0.as_mut().unwrap().mariadb = Mariadb::of(id);
        self
    }

    fn engine(mut self, engine: Engine) -> Self {
        self.known.0.as_mut().unwrap().engine = engine;
        self
    }

    /// In a cluster that no definition states any more.
    fn unknown(self) -> Self {
        Self { known: Known(None), ..self }
    }

    /// Of an object with another patch.
    fn with(mut self, patch: &str) -> Self {
        self.before.push(yaml(patch));
        self
    }

    /// Nothing is advised.
    fn without_advice(self) -> Self {
        Self { advice: false, ..self }
    }

    /// While an object of another kind comes.
    fn along(self, kind: &'static str, patch: &str) -> Self {
        Self { along: Some((kind, yaml(patch))), ..self }
    }

    /// While an object of another kind changes.
    fn with_reader(self, kind: &'static str, before: &str, after: &str) -> Self {
        Self { reader: Some((kind, [yaml(before), yaml(after)])), ..self }
    }

    /// While another object of the kind goes.
    fn beside(self, patch: &str) -> Self {
        Self { beside: Some(yaml(patch)), ..self }
    }
}

fn all() -> Vec<Case> {
    let tables = [
        backups::cases(),
        benches::cases(),
        gitops::cases(),
        secrets::cases(),
        servers::cases(),
        sites::cases(),
        users::cases(),
    ];
    tables.into_iter().flatten().collect()
}

/// A case with its change.
struct Prepared {
    case: Case,
    /// Nothing where nothing changes.
    change: Option<ObjectChange>,
    moves: Moves,
}

fn prepared() -> Vec<Prepared> {
    let rendered = Rendered::new();
    all().into_iter().map(|case| Prepared::of(case, &rendered)).collect()
}

impl Prepared {
    fn of(case: Case, rendered: &Rendered) -> Self {
        let mut object = rendered.object(case.kind);
        let beside = case.beside.as_ref().map(|by| {
            let mut beside = object.clone();
            patch(&mut beside, by);
            patch(&mut beside, &json!({"metadata": {"name": "beside"}}));
            beside
        });
        case.before.iter().for_each(|by| patch(&mut object, by));
        let mut before: Vec<Json> = beside.into_iter().collect();
        before.extend((case.action != Action::Added).then(|| object.clone()));
        case.after.iter().for_each(|by| patch(&mut object, by));
        let name = object["metadata"]["name"].clone();
        let mut after: Vec<Json> =
            (case.action != Action::Removed).then_some(object).into_iter().collect();
        after.extend(case.along.as_ref().map(|(kind, by)| {
            let mut along = rendered.object(kind);
            patch(&mut along, by);
            along
        }));
        if let Some((kind, [first, second])) = &case.reader {
            let mut reader = rendered.object(kind);
            patch(&mut reader, first);
            before.push(reader.clone());
            patch(&mut reader, second);
            after.push(reader);
        }
        let changes = changes(&before, &after);
        let moves = Moves::of(&changes);
        let change = changes
            .into_iter()
            .find(|change| change.key.kind == case.kind && change.key.name == name);
        assert!(change.as_ref().is_none_or(|change| change.action == case.action));
        let by = [&case.before[..], &case.after[..]].concat();
        assert_eq!(change.is_none(), case.is_none, "{} by {}", case.kind, json!(by));
        Self { case, change, moves }
    }

    /// What is wrong by these rules.
    fn wrong(&self, rules: &[&Rule]) -> Option<String> {
        let Self { case, change, moves } = self;
        let Case { kind, known, field, level, words, advice, .. } = case;
        let findings = change.as_ref().map_or(Vec::new(), |change| {
            risk::findings(rules, Scene { change, field: None, known: *known, moves })
        });
        let found = findings.into_iter().find(|finding| finding.field == *field);
        let said = found.as_ref().map_or(String::new(), |finding| {
            format!("{}; {}", finding.reason, finding.instead.as_deref().unwrap_or_default())
        });
        let found = found.map_or(Level::None, |finding| finding.level);
        let is_said = said.contains(words) && (*advice || said.ends_with("; "));
        // Nothing is said of another version of frappe-operator than the cluster's.
        let is_strange = |version: FrappeVersion| {
            let id = version.profile().id;
            !known.has(|it| it.frappe.id == id) && said.contains(&format!("frappe-operator {id}"))
        };
        let is_strange = FrappeVersion::ALL.into_iter().any(is_strange);
        let is_filled = !said.contains(['{', '}']);
        let is_right = found == *level && is_said && is_filled && !is_strange;
        let field = field.as_deref().unwrap_or_default();
        (!is_right).then(|| {
            let by = [&case.before[..], &case.after[..]].concat();
            format!(
                "{found:?} {said:?}, not {level:?} {words:?}: {kind} {:?} {field} by {}",
                case.action,
                json!(by)
            )
        })
    }
}

#[test]
fn every_change_is_judged_as_its_case_says() {
    let rules = rules::all();
    let wrong: Vec<String> = prepared().iter().filter_map(|case| case.wrong(&rules)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Whether some case is judged wrongly with another rule in the place of one, or with none there.
fn is_seen(cases: &[Prepared], at: usize, other: Option<Rule>) -> bool {
    let all = rules::all();
    let other = other.as_ref();
    let rules: Vec<&Rule> = [&all[..at], other.as_slice(), &all[at + 1..]].concat();
    let is_of = |kind: &str| all[at].kinds.split(' ').any(|of| of == "*" || of == kind);
    let mut cases = cases.iter().filter(|prepared| is_of(prepared.case.kind));
    cases.any(|case| case.wrong(&rules).is_some())
}

/// A list or text for a rule, which is a constant everywhere else.
fn kept<T: ?Sized>(value: Box<T>) -> &'static T {
    Box::leak(value)
}

#[test]
fn no_rule_can_be_left_out_of_any_kind() {
    let cases = prepared();
    let mut unseen = Vec::new();
    for (at, rule) in rules::all().into_iter().enumerate() {
        for kind in rule.kinds.split(' ') {
            let others: Vec<&str> = rule.kinds.split(' ').filter(|other| *other != kind).collect();
            let kinds = kept(others.join(" ").into_boxed_str());
            let other = (!kinds.is_empty()).then_some(Rule { kinds, ..*rule });
            if !is_seen(&cases, at, other) {
                unseen.push(format!("of {kind}: {rule:?}"));
            }
        }
    }
    assert!(unseen.is_empty(), "no case needs {unseen:#?}");
}

#[test]
fn no_condition_can_be_left_out_of_a_rule() {
    let cases = prepared();
    let mut unseen = Vec::new();
    for (at, rule) in rules::all().into_iter().enumerate() {
        for (place, condition) in rule.when.iter().enumerate() {
            let mut when = rule.when.to_vec();
            when.remove(place);
            let other = Rule { when: kept(when.into_boxed_slice()), ..*rule };
            if !is_seen(&cases, at, Some(other)) {
                unseen.push(format!("{condition:?} of {rule:?}"));
            }
        }
    }
    assert!(unseen.is_empty(), "no case needs {unseen:#?}");
}
