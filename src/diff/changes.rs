//! Changes, grouped by definition and sorted for every report.

use super::moves::Move;
use super::removals::may_stand;
use crate::risk::{Action, Finding, Level, ObjectChange};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// A definition that changes.
#[derive(Clone, Debug)]
pub struct DefinitionChange {
    /// Its path, such as `production/acme`.
    pub definition: String,
    /// Its objects that change, the riskiest first.
    pub changes: Vec<ObjectChange>,
    /// Whether the definition as a whole is added, removed or changed.
    action: Action,
}

impl DefinitionChange {
    fn new(definition: String, mut changes: Vec<ObjectChange>) -> Self {
        changes.sort_by_key(|change| Reverse(change.level()));
        let action = action(&changes);
        Self { definition, changes, action }
    }

    fn cluster(&self) -> &str {
        self.definition.split('/').next().unwrap_or_default()
    }

    /// The highest risk of its changes.
    pub fn level(&self) -> Level {
        self.changes.iter().map(ObjectChange::level).max().unwrap_or(Level::None)
    }

    /// The riskiest change and its riskiest finding. `None` if no change has a risk.
    pub fn riskiest(&self) -> Option<(&ObjectChange, &Finding)> {
        // Changes and findings are in the order of their risk.
        let change = self.changes.first()?;
        let finding = change.findings.first().filter(|finding| finding.level > Level::None)?;
        Some((change, finding))
    }

    /// Whether the definition as a whole is added, removed or changed. A filter of its changes has no effect on this.
    pub fn action(&self) -> Action {
        self.action
    }
}

/// Whether a definition with these changes is added, removed or changed.
fn action(changes: &[ObjectChange]) -> Action {
    let all = |action| changes.iter().all(|change| change.action == action);
    // Only then, the object that stands for the definition is among the changes.
    let is_whole = changes.iter().any(|change| may_stand(&change.key.kind));
    // An object with changed fields existed before and exists now.
    match (all(Action::Added), all(Action::Removed)) {
        (true, _) if is_whole => Action::Added,
        (_, true) if is_whole => Action::Removed,
        _ => Action::Changed,
    }
}

/// All changes of a fleet. Clusters stay together, and the riskiest comes first.
#[derive(Clone, Debug)]
pub struct Changes {
    /// The definitions that change.
    pub definitions: Vec<DefinitionChange>,
    /// The definitions that moved, in the order of their new paths. Only those whose objects change
    /// too are among `definitions`.
    pub moves: Vec<Move>,
    /// What a filter left out. `None` without a filter.
    pub left_out: Option<LeftOut>,
}

/// The changes that a filter left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The number of definitions of which changes are left out.
    pub definitions: usize,
    /// The number of their changed objects that are left out.
    pub objects: usize,
    /// The number of moved definitions that are left out.
    pub moves: usize,
    /// The highest risk of the changes that are left out.
    pub level: Level,
}

impl Changes {
    /// Groups and sorts the changes.
    pub fn new(changes: Vec<ObjectChange>) -> Self {
        let mut definitions: BTreeMap<String, Vec<ObjectChange>> = BTreeMap::new();
        for change in changes {
            definitions.entry(change.definition().to_owned()).or_default().push(change);
        }
        let definitions = definitions
            .into_iter()
            .map(|(definition, changes)| DefinitionChange::new(definition, changes))
            .collect();
        let mut changes = Self { definitions, moves: Vec::new(), left_out: None };
        changes.sort();
        changes
    }

    /// Sorts the definitions: the cluster with the riskiest change comes first, and in it the riskiest definition.
    pub(super) fn sort(&mut self) {
        let mut worst: BTreeMap<String, Level> = BTreeMap::new();
        for one in &self.definitions {
            let level = worst.entry(one.cluster().to_owned()).or_insert(Level::None);
            *level = one.level().max(*level);
        }
        self.definitions.sort_by_cached_key(|one| {
            let cluster = one.cluster();
            (Reverse(worst.get(cluster).copied()), cluster.to_owned(), Reverse(one.level()))
        });
    }

    /// The same changes, and these moves.
    #[must_use]
    pub fn with_moves(mut self, mut moves: Vec<Move>) -> Self {
        moves.sort_by(|one, other| one.to.cmp(&other.to));
        self.moves = moves;
        self
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.definitions.is_empty() && self.moves.is_empty()
    }

    /// The former path of a definition that moved.
    pub fn former_path(&self, definition: &str) -> Option<&str> {
        let at = self.moves.binary_search_by(|it| it.to.as_str().cmp(definition)).ok()?;
        Some(&self.moves[at].from)
    }

    /// The highest risk of all changes.
    pub fn level(&self) -> Level {
        self.definitions.iter().map(DefinitionChange::level).max().unwrap_or(Level::None)
    }

    /// How many definitions have this action.
    pub fn count(&self, action: Action) -> usize {
        self.definitions.iter().filter(|one| one.action() == action).count()
    }

    /// How many definitions have this as their highest risk.
    pub fn count_of(&self, level: Level) -> usize {
        self.definitions.iter().filter(|one| one.level() == level).count()
    }
}
