//! The rules: one row says what one kind of change does. Of a field, and of an object as a whole, the first
//! that fits speaks.
//!
//! What is immutable and what defaults do is from the webhooks and controllers of mariadb-operator
//! 25.10 and 26.6, and of frappe-operator 2.3, 2.5 and 2.6. `super::measured` compares the rules that block
//! with what the webhook of 26.6 answered; a rule that no answer proves says where it was read.
//! `super::cases` has a change for every row, and fails when a row, or one of its conditions, is left out.
//!
//! That webhook goes into a block only where the object has it before and after. A block that appears or goes
//! as a whole is one change of that block's own field, so no rule of a field below it speaks.

mod frappe;
mod gitops;
mod mariadb;
mod secrets;

use super::condition::{Condition, Scene, covers};
use super::finding::{Finding, Level};

/// What a rule looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum On {
    /// A field that changes, or one below it.
    Field(&'static str),
    /// An object of which some fields change, once for all of them.
    Changes,
    /// An object that comes.
    Comes,
    /// An object that goes.
    Goes,
}

/// A rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    /// The kinds of objects, with blanks between them; `*` for any.
    pub(super) kinds: &'static str,
    pub(super) on: On,
    /// What must hold, all of it.
    pub(super) when: &'static [Condition],
    pub(super) level: Level,
    /// What happens. `{name}` is the object's name, `{frappe}` and `{mariadb}` are the operators with their
    /// versions, `{mark}` is the mark of the cluster's engine, `{before}` what goes and had the same identity.
    pub(super) reason: &'static str,
    /// What to do instead or besides, likewise; empty where there is nothing to advise.
    pub(super) instead: &'static str,
    /// Where it was read, of a rule that blocks and that no measured answer proves.
    pub(super) source: Option<&'static str>,
}

impl Rule {
    /// The rule, with where it was read.
    const fn read_in(self, source: &'static str) -> Self {
        Self { source: Some(source), ..self }
    }

    /// Whether it speaks of a change: of the scene's field, or of what becomes of the object where there is none.
    pub(super) fn speaks(&self, on: On, scene: Scene) -> bool {
        let is_of = |kind: &str| kind == "*" || kind == scene.change.key.kind;
        let is_on = match (self.on, scene.field) {
            (On::Field(path), Some(field)) => covers(path, &field.field()),
            (own, None) => own == on,
            (_, Some(_)) => false,
        };
        self.kinds.split(' ').any(is_of)
            && is_on
            && self.when.iter().all(|condition| condition.holds(scene))
    }

    /// What it says of a change.
    pub(super) fn finding(&self, scene: Scene) -> Finding {
        let instead = Some(filled(self.instead, scene)).filter(|text| !text.is_empty());
        let field = scene.field.map(|field| field.field());
        Finding { level: self.level, field, reason: filled(self.reason, scene), instead }
    }
}

/// A rule: the kinds, what must hold, the level, what happens, and what to do instead.
const fn on(
    kinds: &'static str,
    on: On,
    when: &'static [Condition],
    level: Level,
    reason: &'static str,
    instead: &'static str,
) -> Rule {
    Rule { kinds, on, when, level, reason, instead, source: None }
}

/// The same of a field.
const fn field(
    kinds: &'static str,
    path: &'static str,
    when: &'static [Condition],
    level: Level,
    reason: &'static str,
    instead: &'static str,
) -> Rule {
    on(kinds, On::Field(path), when, level, reason, instead)
}

/// A text of a rule about a change.
fn filled(text: &str, Scene { change, known, moves, .. }: Scene) -> String {
    if !text.contains('{') {
        return text.to_owned();
    }
    let before = moves.site_before(change).or_else(|| moves.user_before(change));
    text.replace("{name}", &change.key.name)
        .replace("{frappe}", &known.frappe())
        .replace("{mariadb}", &known.mariadb())
        .replace("{mark}", known.mark())
        .replace("{before}", before.unwrap_or_default())
}

/// Every rule, in the order in which they are asked.
pub(super) fn all() -> Vec<&'static Rule> {
    [mariadb::RULES, frappe::RULES, secrets::RULES, gitops::RULES].into_iter().flatten().collect()
}

const IMMUTABLE: &str = "the field is immutable: the change is refused";
const LEAVE: &str = "leave it";
const MOVES: &str = "the site would look for its data where there is none";
const MIGRATE: &str = "make a new site and restore a backup into it";
const RETIRE: &str =
    "state `lifecycle: retired`, merge that, and remove the file in a later change";
const RETIRED: &str = "it was retired before, and is removed now";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::ObjectKind;

    #[test]
    fn every_rule_says_what_happens_and_what_to_do_against_the_worst() {
        for rule in all() {
            assert_eq!(rule.reason.is_empty(), rule.level == Level::None, "{rule:?}");
            let needs_advice = rule.level >= Level::Blocked;
            assert!(!needs_advice || !rule.instead.is_empty(), "{rule:?}");
        }
    }

    /// A new type of object needs a rule of its own, not only those of marks that hold for all.
    #[test]
    fn every_kind_that_is_rendered_has_a_rule() {
        let kinds = ObjectKind::ALL.iter().filter(|kind| **kind != ObjectKind::Secret);
        let kinds = kinds.map(|kind| kind.as_str());
        let has_rule =
            |kind: &&str| all().iter().any(|rule| rule.kinds.split(' ').any(|of| of == *kind));
        let without: Vec<&str> = kinds.filter(|kind| !has_rule(kind)).collect();
        assert!(without.is_empty(), "{without:?}");
    }
}
