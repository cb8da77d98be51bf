//! Which changes a report shows. A gate never depends on it.

use super::changes::{Changes, LeftOut};
use crate::language::fits;
use crate::output::Scope;
use crate::risk::{Level, ObjectChange};
use std::collections::BTreeSet;

/// The changes that are wanted. Of several entries of one list, one must fit; an empty list takes everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// The paths of definitions.
    pub paths: Scope,
    /// The kinds of objects.
    pub kinds: Vec<String>,
    /// Fields of objects, each with everything below it, or patterns, such as `spec.resources` or `spec.*.memory`.
    pub fields: Vec<String>,
    /// The lowest risk.
    pub risk: Option<Level>,
}

impl Filter {
    /// Whether everything is wanted.
    pub fn takes_all(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a change is wanted. It is shown whole, with its other fields.
    fn takes(&self, change: &ObjectChange) -> bool {
        let fields = || change.fields.iter().map(|field| field.field());
        self.takes_path(change.definition())
            && any(&self.kinds, |kind| *kind == change.key.kind)
            && any(&self.fields, |pattern| fields().any(|field| is_field(pattern, &field)))
            && self.risk.is_none_or(|risk| change.level() >= risk)
    }

    fn takes_path(&self, path: &str) -> bool {
        self.paths.covers(path)
    }

    /// Whether a definition that only moved is wanted. It has no object that changes.
    fn takes_moves(&self) -> bool {
        self.kinds.is_empty()
            && self.fields.is_empty()
            && self.risk.unwrap_or(Level::None) == Level::None
    }
}

fn is_field(pattern: &str, field: &str) -> bool {
    let below = |rest: &str| rest.is_empty() || rest.starts_with('.');
    fits(pattern, field) || field.strip_prefix(pattern).is_some_and(below)
}

fn any<T>(wanted: &[T], is_it: impl FnMut(&T) -> bool) -> bool {
    wanted.is_empty() || wanted.iter().any(is_it)
}

impl Changes {
    /// The changes that a filter takes, and what it leaves out.
    #[must_use]
    pub fn only(mut self, filter: &Filter) -> Self {
        if filter.takes_all() {
            return self;
        }
        let mut left = LeftOut { definitions: 0, objects: 0, moves: 0, level: Level::None };
        for definition in &mut self.definitions {
            let before = definition.changes.len();
            definition.changes.retain(|change| {
                let is_taken = filter.takes(change);
                if !is_taken {
                    left.level = left.level.max(change.level());
                }
                is_taken
            });
            left.objects += before - definition.changes.len();
            left.definitions += usize::from(definition.changes.len() < before);
        }
        self.definitions.retain(|definition| !definition.changes.is_empty());
        let shown: BTreeSet<&str> =
            self.definitions.iter().map(|definition| definition.definition.as_str()).collect();
        let moves = self.moves.len();
        self.moves.retain(|it| {
            let is_at = filter.takes_path(&it.to) || filter.takes_path(&it.from);
            shown.contains(&*it.to) || is_at && filter.takes_moves()
        });
        left.moves = moves - self.moves.len();
        self.sort();
        self.left_out = Some(left);
        self
    }
}
