//! A rule: one row that says what one kind of change does. For a field, and for an object as a
//! whole, the first rule that matches counts.
//!
//! A webhook checks the fields in a block only if the object has the block before and after the
//! change. If a whole block is added or removed, this is one change of the block's own field. So no
//! rule about a field below it matches.

use super::condition::{Condition, Scene, covers};
use super::finding::{Finding, Level};
use super::ties::Ties;

/// The kind of change that a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum On {
    /// A field that changes, or one below it.
    Field(&'static str),
    /// An object with changed fields. The rule matches once, not for each field.
    Changes,
    /// An object that is added.
    Comes,
    /// An object that is removed.
    Goes,
}

/// A rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    /// The kinds of objects, separated by spaces. `*` is every kind.
    pub(crate) kinds: &'static str,
    /// The API group of the kinds. It is empty where no two groups have a kind of that name.
    pub(crate) group: &'static str,
    pub(crate) on: On,
    /// The conditions. All of them must be true.
    pub(crate) when: &'static [Condition],
    pub(crate) level: Level,
    /// What happens. `{name}` is the object's name. An operator's name in braces gets its version. `{protection}` is the
    /// annotation with which the cluster's engine keeps an object. `{before}` is the removed object that made the
    /// same thing.
    pub(crate) reason: &'static str,
    /// What to do instead or in addition, with the same placeholders. It is empty if there is no advice.
    pub(crate) instead: &'static str,
    /// Where the fact was read. Only a rule that blocks and that no measured answer proves has it.
    pub(crate) source: Option<&'static str>,
}

impl Rule {
    /// Adds where the fact was read.
    pub(crate) const fn read_in(self, source: &'static str) -> Self {
        Self { source: Some(source), ..self }
    }

    /// Whether the rule is about a change: of the scene's field, or of the object if the scene has no field.
    pub(crate) fn speaks(&self, on: On, scene: Scene) -> bool {
        let key = &scene.change.key;
        let is_of = |kind: &str| kind == "*" || kind == key.kind;
        let is_on = match (self.on, scene.field) {
            (On::Field(path), Some(field)) => covers(path, &field.field()),
            (own, None) => own == on,
            (_, Some(_)) => false,
        };
        self.kinds.split(' ').any(is_of)
            && (self.group.is_empty() || self.group == key.group)
            && is_on
            && self.when.iter().all(|condition| condition.holds(scene))
    }

    /// The rule's finding about a change.
    pub(crate) fn finding(&self, scene: Scene) -> Finding {
        let instead = Some(filled(self.instead, scene)).filter(|text| !text.is_empty());
        let field = scene.field.map(|field| field.field());
        Finding { level: self.level, field, reason: filled(self.reason, scene), instead }
    }
}

/// Rules that belong together.
#[derive(Debug)]
pub(crate) struct Table {
    /// The rules in their order. The first one that matches counts.
    pub(crate) rules: &'static [Rule],
    /// A change for each rule, and for each condition of a rule.
    #[cfg(test)]
    pub(crate) cases: fn() -> Vec<super::case::Case>,
}

/// All that an owner of kinds says about risks.
#[derive(Debug)]
pub struct Risks {
    /// Its tables in their order.
    pub(crate) tables: &'static [Table],
    /// The ties of its objects to other objects.
    pub(crate) ties: Ties,
    /// The fields with a list whose order has no meaning for the operator.
    pub(crate) unordered: &'static [&'static str],
}

/// A rule: the kinds, the conditions, the level, what happens, and what to do instead.
pub(crate) const fn on(
    kinds: &'static str,
    on: On,
    when: &'static [Condition],
    level: Level,
    reason: &'static str,
    instead: &'static str,
) -> Rule {
    Rule { kinds, group: "", on, when, level, reason, instead, source: None }
}

/// Rules about kinds of one API group, if another group has a kind of the same name.
pub(crate) const fn in_group<const N: usize>(
    group: &'static str,
    mut rules: [Rule; N],
) -> [Rule; N] {
    let mut at = 0;
    while at < N {
        rules[at].group = group;
        at += 1;
    }
    rules
}

/// A rule about a field, and the fields below it.
pub(crate) const fn field(
    kinds: &'static str,
    path: &'static str,
    when: &'static [Condition],
    level: Level,
    reason: &'static str,
    instead: &'static str,
) -> Rule {
    on(kinds, On::Field(path), when, level, reason, instead)
}

/// A text of a rule, with its placeholders filled in for a change.
fn filled(text: &str, Scene { change, known, moves, .. }: Scene) -> String {
    if !text.contains('{') {
        return text.to_owned();
    }
    let text = known.versioned(text);
    text.replace("{name}", &change.key.name)
        .replace("{protection}", known.protection())
        .replace("{before}", moves.before(change).unwrap_or_default())
}

/// The reason when a site is pointed to another place.
pub(crate) const MOVES: &str = "the site would look for its data where there is none";
/// The advice when the data does not move along.
pub(crate) const MIGRATE: &str = "make a new site and restore a backup into it";
/// The advice before a definition is removed.
pub(crate) const RETIRE: &str =
    "state `lifecycle: retired`, merge that, and remove the file in a later change";
/// The reason when a retired definition is removed.
pub(crate) const RETIRED: &str = "it was retired before, and is removed now";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_and_a_source_are_added_to_each_rule() {
        let rule = on("Database", On::Goes, &[], Level::None, "", "");
        let [one, other] = in_group("example.com", [rule, rule.read_in("a page")]);
        assert_eq!((one.group, one.source), ("example.com", None));
        assert_eq!((other.group, other.source), ("example.com", Some("a page")));
    }
}
