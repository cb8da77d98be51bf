//! Equal changes, told once. Every report for people, and the groups of the report for programs, are made from these
//! groups.
//!
//! A change of one object is equal to a change of another one if they say the same ([`equal`]), or if they do so with
//! placeholders for the names of each object in its values ([`patterns`]). Equal changes of the same definitions form
//! one group, so a group reads like the changes of one definition. A definition that is added or removed as a whole is
//! only grouped with definitions of which everything is equal.

use super::changes::{Changes, DefinitionChange};
use super::equal;
use super::patterns::{self, Pattern, patterns};
use super::places::places;
use crate::risk::{Action, FieldChange, Finding, Level, ObjectChange};
use std::cmp::Reverse;
use std::collections::HashMap;

/// Definitions that have equal changes.
#[derive(Clone, Debug)]
pub struct Group<'c> {
    /// The definitions, in the order of their paths.
    pub definitions: Vec<&'c DefinitionChange>,
    /// Their changes, the riskiest first. Each definition has a member in each of them.
    pub changes: Vec<Equal<'c>>,
    /// Whether another group has further changes of one of the definitions.
    pub is_part: bool,
}

impl<'c> Group<'c> {
    /// The highest risk of the changes. All definitions share it.
    pub fn level(&self) -> Level {
        self.changes.iter().map(Equal::level).max().unwrap_or(Level::None)
    }

    /// What becomes of each definition.
    pub fn action(&self) -> Action {
        self.definitions.first().map_or(Action::Changed, |definition| definition.action())
    }

    /// The only definition of the group. `None` if there are several.
    pub fn only(&self) -> Option<&'c DefinitionChange> {
        match self.definitions.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    /// The paths of the definitions.
    pub fn paths(&self) -> impl Iterator<Item = &'c str> {
        self.definitions.iter().map(|definition| definition.definition.as_str())
    }

    /// Where the definitions are, in a few words.
    pub fn places(&self) -> String {
        places(self.paths())
    }

    /// Whether a report must name every definition. A loss of data or a removal never hides behind a number.
    pub fn names_all(&self) -> bool {
        self.level() == Level::DataLoss || self.action() == Action::Removed
    }
}

/// Changes that are equal, of objects of one kind.
#[derive(Clone, Debug)]
pub struct Equal<'c> {
    /// The first one.
    pub first: &'c ObjectChange,
    /// The others. Everything but the names of their objects is as in the first one.
    pub others: Vec<&'c ObjectChange>,
    /// The fields with placeholders, if the changes are only equal so.
    pattern: Option<Vec<FieldChange>>,
}

impl<'c> Equal<'c> {
    fn of(members: Vec<&'c ObjectChange>, pattern: Pattern) -> Option<Self> {
        let mut members = members.into_iter();
        let (first, others) = (members.next()?, members.collect());
        let pattern = (!pattern.is_empty()).then(|| patterns::fields(first, pattern));
        Some(Self { first, others, pattern })
    }

    fn one(change: &'c ObjectChange) -> Self {
        Self { first: change, others: Vec::new(), pattern: None }
    }

    /// Every change.
    pub fn members(&self) -> impl Iterator<Item = &'c ObjectChange> {
        std::iter::once(self.first).chain(self.others.iter().copied())
    }

    /// The number of changes.
    pub fn count(&self) -> usize {
        1 + self.others.len()
    }

    /// The risk of each change.
    pub fn level(&self) -> Level {
        self.first.level()
    }

    /// The fields that change. Where the values of the members differ only in the names of their objects, placeholders
    /// such as `<name>` stand for these names.
    pub fn fields(&self) -> &[FieldChange] {
        self.pattern.as_deref().unwrap_or(&self.first.fields)
    }

    /// Whether [`Self::fields`] has placeholders. If not, each member has exactly these fields.
    pub fn is_pattern(&self) -> bool {
        self.pattern.is_some()
    }

    /// The findings about each change. If there are several changes, `<name>` stands for the names of their objects.
    pub fn findings(&self) -> Vec<Finding> {
        match self.others.is_empty() {
            true => self.first.findings.clone(),
            false => equal::nameless(self.first),
        }
    }
}

/// The changes of each definition by themselves, in the order of the definitions.
pub fn expanded(changes: &Changes) -> Vec<Group<'_>> {
    changes.definitions.iter().map(Group::of_one).collect()
}

/// The groups of equal changes, the riskiest first. Otherwise, they have the order of their first definitions.
pub fn groups(changes: &Changes) -> Vec<Group<'_>> {
    let definitions = &changes.definitions;
    let parts = parts(definitions);
    let mut of_definitions: HashMap<Vec<usize>, usize> = HashMap::new();
    let mut blocks: Vec<Vec<Part>> = Vec::new();
    for part in parts {
        let next = blocks.len();
        let at = *of_definitions.entry(part.definitions()).or_insert(next);
        match blocks.get_mut(at) {
            Some(block) => block.push(part),
            None => blocks.push(vec![part]),
        }
    }
    let mut uses = vec![0_usize; definitions.len()];
    for definitions in of_definitions.keys() {
        definitions.iter().for_each(|at| uses[*at] += 1);
    }
    let mut groups: Vec<Group> = blocks
        .into_iter()
        .map(|parts| {
            let at = parts.first().map(Part::definitions).unwrap_or_default();
            let is_part = at.iter().any(|at| uses[*at] > 1);
            Group::new(definitions, &at, parts, is_part)
        })
        .collect();
    groups.sort_by_key(|group| Reverse(group.level()));
    groups
}

impl<'c> Group<'c> {
    /// All changes of one definition.
    fn of_one(definition: &'c DefinitionChange) -> Self {
        let changes = one_by_one(definition, (0..definition.changes.len()).collect());
        Self { definitions: vec![definition], changes, is_part: false }
    }

    fn new(all: &'c [DefinitionChange], at: &[usize], parts: Vec<Part>, is_part: bool) -> Self {
        let mut definitions: Vec<&DefinitionChange> = at.iter().map(|at| &all[*at]).collect();
        definitions.sort_by(|one, other| one.definition.cmp(&other.definition));
        let changes = match definitions.as_slice() {
            [only] => {
                // The changes of one definition keep their order, and each names its object.
                let mut places: Vec<usize> =
                    parts.iter().flat_map(|part| &part.members).map(|(_, place)| *place).collect();
                places.sort_unstable();
                one_by_one(only, places)
            }
            _ => {
                let members = |part: Part| {
                    let members = part.members.into_iter();
                    let members = members.map(|(at, place)| &all[at].changes[place]);
                    Equal::of(members.collect(), part.pattern)
                };
                let mut changes: Vec<Equal> = parts.into_iter().filter_map(members).collect();
                changes.sort_by_key(|change| Reverse(change.level()));
                changes
            }
        };
        Self { definitions, changes, is_part }
    }
}

/// Changes of one definition, each by itself.
fn one_by_one(definition: &DefinitionChange, places: Vec<usize>) -> Vec<Equal<'_>> {
    let changes = places.into_iter().filter_map(|place| definition.changes.get(place));
    changes.map(Equal::one).collect()
}

/// Equal changes: the index of each one's definition, and its own index there.
struct Part {
    members: Vec<(usize, usize)>,
    /// The fields of the first one in which they are only equal with placeholders.
    pattern: Pattern,
}

impl Part {
    /// The indexes of the definitions, in ascending order.
    fn definitions(&self) -> Vec<usize> {
        let mut definitions: Vec<usize> = self.members.iter().map(|(at, _)| *at).collect();
        definitions.dedup();
        definitions
    }
}

/// All changes, the equal ones together.
fn parts(definitions: &[DefinitionChange]) -> Vec<Part> {
    let (mut keys, mut wholes, mut found) = (Numbers::new(), Numbers::new(), Numbers::new());
    let mut parts: Vec<Part> = Vec::new();
    for (at, (definition, patterns)) in definitions.iter().zip(patterns(definitions)).enumerate() {
        let both = definition.changes.iter().zip(&patterns);
        let own: Vec<usize> =
            both.map(|(change, pattern)| keys.of(equal::key(change, pattern))).collect();
        let whole = (definition.action() != Action::Changed).then(|| {
            let mut sorted = own.clone();
            sorted.sort_unstable();
            wholes.of(sorted)
        });
        for (place, (key, pattern)) in own.into_iter().zip(patterns).enumerate() {
            let part = found.of((whole, key));
            if part == parts.len() {
                parts.push(Part { members: Vec::new(), pattern });
            }
            parts[part].members.push((at, place));
        }
    }
    parts
}

/// A number for each different value, from 0 on.
struct Numbers<T>(HashMap<T, usize>);

impl<T: Eq + std::hash::Hash> Numbers<T> {
    fn new() -> Self {
        Self(HashMap::new())
    }

    fn of(&mut self, value: T) -> usize {
        let next = self.0.len();
        *self.0.entry(value).or_insert(next)
    }
}
