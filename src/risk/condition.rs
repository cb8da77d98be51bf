//! The conditions of a rule.

use super::change::{FieldChange, ObjectChange};
use super::duration::duration;
use super::moves::Moves;
use super::object::Object;
use super::operators::KnownOperators;
use super::protection::{is_protected, is_retired};
use super::version::is_older;
use crate::language::{Engine, quantity};
use crate::source::node::{Node, Value};
use std::fmt;

/// A condition of a rule. The rule matches a change if all of its conditions are true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    // Conditions on the field.
    /// The new value is this one.
    To(&'static str),
    /// The field had a value before.
    WasSet,
    /// The field has no value any more.
    Gone,
    /// The field is an item of a list, and is removed from the list.
    ItemGone,
    /// The field had no value before. The new value is this duration, which the operator has
    /// already written into the live object.
    Restates(&'static str),
    /// A quantity decreases.
    Smaller,
    /// An image or version becomes older. This number of its first numbers is compared.
    Older(usize),

    // Conditions on the object: as it is after the change, or as it was if it is removed.
    /// The object has this field.
    Has(&'static str),
    /// A field has this value.
    Is(&'static str, &'static str),
    /// A field has another value than this, or none.
    IsNot(&'static str, &'static str),
    /// Its definition is retired.
    Retired,
    /// It has the annotation against pruning of at least one GitOps engine.
    Protected,
    /// It has no annotation against pruning.
    Unprotected,
    /// Its name ends with this.
    NameEnds(&'static str),

    // Conditions on the object before and after the change.
    /// A field had this value before.
    Was(&'static str, &'static str),
    /// A field had another value than this before, or none.
    WasNot(&'static str, &'static str),
    /// One of these fields changes, or a field below one of them.
    Touches(&'static [&'static str]),

    // Conditions on the other objects of the change.
    /// Another object is removed that made the same thing as this object, such as an account on a
    /// server. The thing is lost with it.
    MakerGoes,
    /// The reader of this Secret, or of the Secret that the field names, now reads another, added Secret.
    SecretMoves,

    // Conditions on the cluster after the change.
    /// No GitOps engine is stated.
    NoEngine,
    /// Another GitOps engine than this is stated.
    OtherEngine(Engine),

    // Conditions on anything else that the row's owner reads.
    /// A condition that only the row's owner has.
    Own(&'static Predicate),
}

/// A condition of one owner's rows.
pub(crate) struct Predicate {
    /// Its name. No other condition of the owner has it.
    pub(crate) name: &'static str,
    /// Whether it holds.
    pub(crate) holds: fn(Scene) -> bool,
}

impl fmt::Debug for Predicate {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl PartialEq for Predicate {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Predicate {}

/// A change, and everything that decides what it does.
#[derive(Clone, Copy)]
pub(crate) struct Scene<'a> {
    pub(crate) change: &'a ObjectChange,
    /// The field. `None` if the whole object is judged.
    pub(crate) field: Option<&'a FieldChange>,
    pub(crate) known: KnownOperators,
    pub(crate) moves: &'a Moves,
}

impl<'a> Scene<'a> {
    /// The object after the change, or the removed object.
    pub(crate) fn object(self) -> Option<&'a Object> {
        self.change.head.as_ref().or(self.change.base.as_ref())
    }
}

impl Condition {
    /// Whether it holds.
    pub(super) fn holds(self, scene: Scene) -> bool {
        match scene.field {
            Some(field) => self.of_field(field).unwrap_or_else(|| self.of_object(scene)),
            None => self.of_object(scene),
        }
    }

    /// The answer of a condition on the field. `None` for any other condition.
    fn of_field(self, field: &FieldChange) -> Option<bool> {
        let (old, new) = (text(field.old.as_ref()), text(field.new.as_ref()));
        let name = field.path.last().map_or("", String::as_str);
        Some(match self {
            Self::To(wanted) => new.as_deref() == Some(wanted),
            Self::WasSet => field.old.is_some(),
            Self::Gone => field.new.is_none(),
            Self::ItemGone => field.new.is_none() && name.starts_with('['),
            Self::Restates(wanted) => {
                let stated = new.as_deref().and_then(duration);
                field.old.is_none() && stated.is_some() && stated == duration(wanted)
            }
            Self::Smaller => old.zip(new).is_some_and(|(old, new)| {
                // Values that cannot be compared may be a decrease.
                quantity(&old).zip(quantity(&new)).is_none_or(|(old, new)| new < old)
            }),
            Self::Older(count) => {
                old.zip(new).is_some_and(|(old, new)| is_older(&old, &new, count))
            }
            _ => return None,
        })
    }

    fn of_object(self, scene: Scene) -> bool {
        let Scene { change, known, moves, .. } = scene;
        let base = change.base.as_ref();
        let Some(object) = scene.object() else { return false };
        let of = |object: &Object, path: &str| {
            let path: Vec<&str> = path.split('.').collect();
            text(object.at(&path))
        };
        let is = |object: &Object, path, wanted: &str| of(object, path).as_deref() == Some(wanted);
        match self {
            Self::Has(path) => object.at(&path.split('.').collect::<Vec<_>>()).is_some(),
            Self::Is(path, wanted) => is(object, path, wanted),
            Self::IsNot(path, wanted) => !is(object, path, wanted),
            Self::Retired => is_retired(object),
            Self::Protected => is_protected(object),
            Self::Unprotected => !is_protected(object),
            Self::NameEnds(end) => change.key.name.ends_with(end),
            Self::Was(path, wanted) => base.is_some_and(|base| is(base, path, wanted)),
            Self::WasNot(path, wanted) => base.is_some_and(|base| !is(base, path, wanted)),
            Self::Touches(fields) => {
                let covered = |name: &str| fields.iter().any(|field| covers(field, name));
                change.fields.iter().any(|field| covered(&field.field()))
            }
            Self::MakerGoes => moves.before(change).is_some(),
            Self::SecretMoves => moves.moves_secret(change, scene.field),
            Self::NoEngine => known.has(|it| it.engine == Engine::None),
            Self::OtherEngine(engine) => {
                known.has(|it| ![engine, Engine::None].contains(&it.engine))
            }
            Self::Own(predicate) => (predicate.holds)(scene),
            // These are conditions on a field, which are checked elsewhere.
            _ => false,
        }
    }
}

/// Whether the field of a rule is this one or above it.
pub(super) fn covers(rule: &str, field: &str) -> bool {
    match field.strip_prefix(rule) {
        Some(rest) => rest.is_empty() || rest.starts_with('.'),
        None => false,
    }
}

fn text(node: Option<&Node>) -> Option<String> {
    match &node?.value {
        Value::String(text) => Some(text.to_string()),
        Value::Int(number) => Some(number.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a condition on a field holds if its value changes like this.
    fn holds(condition: Condition, old: Option<&str>, new: Option<&str>) -> bool {
        let value = |text: &str| Node::from(Value::String(text.into()));
        let path = vec!["spec".to_owned(), "size".to_owned()];
        let field = FieldChange { path, old: old.map(value), new: new.map(value) };
        condition.of_field(&field).expect("a condition on a field")
    }

    #[test]
    fn a_quantity_in_another_form_is_not_smaller() {
        let is_smaller = |old, new| holds(Condition::Smaller, Some(old), Some(new));
        assert!(!is_smaller("1Gi", "1024Mi"));
        assert!(!is_smaller("1Gi", "2Gi"));
        assert!(is_smaller("1Gi", "1023Mi"));
        assert!(is_smaller("1Gi", "much"), "it may be a decrease");
        assert!(!holds(Condition::Smaller, None, Some("1Gi")));
        assert!(!holds(Condition::Smaller, Some("1Gi"), None));
    }

    #[test]
    fn a_predicate_is_known_by_its_name() {
        let holds: fn(Scene) -> bool = |_| true;
        let (one, other) = (Predicate { name: "ONE", holds }, Predicate { name: "OTHER", holds });
        assert_eq!(one, Predicate { name: "ONE", holds: |_| false });
        assert_ne!(one, other);
        assert_eq!(format!("{one:?}"), "ONE");
    }
}
