//! Which fields of changes a report shows with placeholders for the names of their objects.
//!
//! A placeholder is right where every site has its own name in a value. It is wrong where a name only looks like a common
//! value: a site with the name `erpnext` has the app `erpnext`, as all others have. So the form of a field that more
//! changes have counts.

use super::changes::DefinitionChange;
use super::{equal, own_names};
use crate::risk::{FieldChange, ObjectChange};
use std::collections::{HashMap, HashSet};

/// The fields of one change that have placeholders, each with its index.
pub(super) type Pattern = Vec<(usize, FieldChange)>;

/// The pattern of each change of each definition. Most are empty.
pub(super) fn patterns(definitions: &[DefinitionChange]) -> Vec<Vec<Pattern>> {
    let of_one = |it: &DefinitionChange| it.changes.iter().map(own_names::named).collect();
    let mut patterns: Vec<Vec<Pattern>> = definitions.iter().map(of_one).collect();
    let counts = Counts::of(definitions, &patterns);
    for (definition, patterns) in definitions.iter().zip(&mut patterns) {
        for (change, pattern) in definition.changes.iter().zip(patterns) {
            pattern.retain(|(at, field)| counts.prefer(change, *at, field));
        }
    }
    patterns
}

/// The fields of a change in the form of its pattern.
pub(super) fn fields(change: &ObjectChange, pattern: Pattern) -> Vec<FieldChange> {
    let mut fields = change.fields.clone();
    for (at, field) in pattern {
        if let Some(shown) = fields.get_mut(at) {
            *shown = field;
        }
    }
    fields
}

/// How many changes have each form of a field.
struct Counts {
    plain: HashMap<String, usize>,
    named: HashMap<String, usize>,
}

impl Counts {
    fn of(definitions: &[DefinitionChange], patterns: &[Vec<Pattern>]) -> Self {
        let all = || {
            let both = definitions.iter().zip(patterns);
            both.flat_map(|(definition, patterns)| definition.changes.iter().zip(patterns))
        };
        // Only for these fields, there is a choice.
        let places: HashSet<_> = all()
            .flat_map(|(change, pattern)| pattern.iter().map(|(_, field)| place(change, field)))
            .collect();
        let mut counts = Self { plain: HashMap::new(), named: HashMap::new() };
        if places.is_empty() {
            return counts;
        }
        for (change, pattern) in all() {
            let plain = change.fields.iter().filter(|it| places.contains(&place(change, it)));
            for field in plain {
                *counts.plain.entry(form(change, field)).or_default() += 1;
            }
            for (_, field) in pattern {
                *counts.named.entry(form(change, field)).or_default() += 1;
            }
        }
        counts
    }

    /// Whether more changes have a field with placeholders than as it is.
    fn prefer(&self, change: &ObjectChange, at: usize, named: &FieldChange) -> bool {
        let count = |counts: &HashMap<String, usize>, field| {
            counts.get(&form(change, field)).copied().unwrap_or_default()
        };
        let plain = change.fields.get(at).map_or(0, |field| count(&self.plain, field));
        count(&self.named, named) > plain
    }
}

/// A field of a kind.
fn place<'c>(change: &'c ObjectChange, field: &'c FieldChange) -> (&'c str, &'c [String]) {
    (&change.key.kind, &field.path)
}

/// What the change of a field says.
fn form(change: &ObjectChange, field: &FieldChange) -> String {
    serde_json::json!([change.key.kind, equal::values(change, field)]).to_string()
}
