//! Definitions whose file moved.

use super::removals::stands;
use super::tree::ObjectTree;
use std::collections::BTreeSet;

/// A definition whose file moved. Its objects are the same objects, at another place in the tree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Move {
    /// The path of the definition before, such as `production/acme`.
    pub from: String,
    /// Its path after.
    pub to: String,
}

/// The definitions that are in both trees at different paths.
pub(super) fn moves(base: &ObjectTree, head: &ObjectTree) -> Vec<Move> {
    let both = base.iter().filter(|(_, object)| stands(object));
    let both = both.filter_map(|(key, before)| Some((before, head.get(key)?)));
    let moves = both.filter_map(|(before, after)| {
        let (from, to) = (before.definition(), after.definition());
        (from != to).then(|| Move { from: from.to_owned(), to: to.to_owned() })
    });
    moves.collect::<BTreeSet<_>>().into_iter().collect()
}
