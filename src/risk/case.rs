//! Cases: changes of an object, each with the finding that the rules must have about it. Every
//! table of rules has its own cases, and the tests of `diff` judge them.

use super::change::Action;
use super::finding::Level;
use super::operators::{KnownOperators, Operators};
use crate::language::Engine;
use crate::operator::{Operator, Profiles};
use serde_json::{Map, Value as Json, json};

/// A change of an object that sitewright renders.
pub(crate) struct Case {
    pub(crate) kind: &'static str,
    /// Patches of the object before and after the change. The second ones are applied on top of the
    /// first.
    pub(crate) before: Vec<Json>,
    pub(crate) after: Vec<Json>,
    pub(crate) action: Action,
    /// A patch of another object of the same kind that is removed in the same change.
    pub(crate) beside: Option<Json>,
    /// An object of another kind that is added in the same change, and its patch.
    pub(crate) along: Option<(&'static str, Json)>,
    /// Patches of an object of another kind that also changes: the first one before the change,
    /// both after it.
    pub(crate) reader: Option<(&'static str, [Json; 2])>,
    pub(crate) known: KnownOperators,
    /// The field of the finding. `None` for a finding about the whole object.
    pub(crate) field: Option<String>,
    pub(crate) level: Level,
    /// Some words of the finding. Empty if there is none.
    pub(crate) words: &'static str,
    /// Whether the finding may have advice.
    pub(crate) advice: bool,
    /// Whether the diff must not see a change.
    pub(crate) is_none: bool,
}

/// A patch that is written in YAML.
pub(crate) fn yaml(text: &str) -> Json {
    serde_yaml::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

pub(crate) fn case(kind: &'static str, action: Action, level: Level, words: &'static str) -> Case {
    let known = Operators { profiles: Profiles::of_cases(), engine: Engine::Flux };
    Case {
        kind,
        before: Vec::new(),
        after: Vec::new(),
        action,
        beside: None,
        along: None,
        reader: None,
        known: KnownOperators(Some(known)),
        field: None,
        level,
        words,
        advice: true,
        is_none: false,
    }
}

/// A change of `spec`, and a field below it.
pub(crate) fn spec(
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

/// A change of an annotation that sitewright renders for another patch of the object.
pub(crate) fn annotation(
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

/// A change of `spec`, and the finding about the whole object.
pub(crate) fn whole(
    kind: &'static str,
    before: &str,
    after: &str,
    level: Level,
    words: &'static str,
) -> Case {
    Case { field: None, ..spec(kind, before, after, "", level, words) }
}

/// A change of `spec` that the diff must not see as a change.
pub(crate) fn same(kind: &'static str, before: &str, after: &str) -> Case {
    Case { is_none: true, ..whole(kind, before, after, Level::None, "") }
}

/// An object that is added.
pub(crate) fn comes(kind: &'static str, patch: &str, level: Level, words: &'static str) -> Case {
    Case { after: vec![yaml(patch)], ..case(kind, Action::Added, level, words) }
}

/// An object that is removed, with patches of it.
pub(crate) fn goes(
    kind: &'static str,
    patches: &[&str],
    level: Level,
    words: &'static str,
) -> Case {
    let before = patches.iter().map(|patch| yaml(patch)).collect();
    Case { before, ..case(kind, Action::Removed, level, words) }
}

impl Case {
    /// The same case under another version of an operator than in [`Profiles::of_cases`].
    pub(crate) fn under(mut self, operator: &str, id: &str) -> Self {
        let operator = Operator::ALL.into_iter().find(|it| it.name() == operator).unwrap();
        self.known.0.as_mut().unwrap().profiles.set(operator, id);
        self
    }

    /// The same case in a cluster with another engine than Flux.
    pub(crate) fn engine(mut self, engine: Engine) -> Self {
        self.known.0.as_mut().unwrap().engine = engine;
        self
    }

    /// The same case in a cluster that no definition states any more.
    pub(crate) fn unknown(self) -> Self {
        Self { known: KnownOperators(None), ..self }
    }

    /// The same case for an object with another patch.
    pub(crate) fn with(mut self, patch: &str) -> Self {
        self.before.push(yaml(patch));
        self
    }

    /// The same case without advice.
    pub(crate) fn without_advice(self) -> Self {
        Self { advice: false, ..self }
    }

    /// The same case while an object of another kind is added.
    pub(crate) fn along(self, kind: &'static str, patch: &str) -> Self {
        Self { along: Some((kind, yaml(patch))), ..self }
    }

    /// The same case while an object of another kind changes.
    pub(crate) fn with_reader(self, kind: &'static str, before: &str, after: &str) -> Self {
        Self { reader: Some((kind, [yaml(before), yaml(after)])), ..self }
    }

    /// The same case while another object of the kind is removed.
    pub(crate) fn beside(self, patch: &str) -> Self {
        Self { beside: Some(yaml(patch)), ..self }
    }
}

/// Applies a patch to an object as RFC 7386 says: maps merge key by key, `null` removes a key, and
/// any other value replaces the old one.
pub(crate) fn patch(object: &mut Json, by: &Json) {
    let Json::Object(entries) = by else {
        *object = by.clone();
        return;
    };
    if !object.is_object() {
        *object = Json::Object(Map::new());
    }
    for (key, value) in entries {
        match value {
            Json::Null => {
                object.as_object_mut().unwrap().remove(key);
            }
            value => patch(&mut object[key.as_str()], value),
        }
    }
}
