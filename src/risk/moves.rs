//! What is added and removed in the same change. Objects are compared by the things that they are
//! about, not by their names.

use super::change::{Action, FieldChange, ObjectChange};
use super::object::{Key, Object};
use super::ties::{Relation, SecretUse, Thing, Ties};
use crate::source::node::Node;
use std::collections::{BTreeMap, BTreeSet};

/// The things and Secrets that are added, removed or replaced in one change.
#[derive(Debug, Default)]
pub(crate) struct Moves {
    /// How each owner's objects are tied to others.
    ties: Vec<&'static Ties>,
    /// The things that are lost with a removed object, and the name of that object in texts.
    lost: BTreeMap<Thing, String>,
    /// The things that an added object serves.
    served: BTreeSet<Thing>,
    /// The Secrets whose reader now reads another, added Secret, and the name of the added Secret.
    secrets: BTreeMap<Secret, String>,
}

/// A Secret: its cluster, its namespace and its name.
type Secret = [String; 3];

fn secret(key: &Key, name: &str) -> Secret {
    [key.cluster.clone(), key.namespace.clone(), name.to_owned()]
}

impl Moves {
    /// Collects the moves of all changes. `ties` has the ties of every owner's objects.
    pub(crate) fn of(changes: &[ObjectChange], ties: Vec<&'static Ties>) -> Self {
        let mut moves = Self { ties, ..Self::default() };
        for change in changes {
            let subject = match (change.action, &change.base, &change.head) {
                (Action::Removed, Some(object), _) | (Action::Added, _, Some(object)) => {
                    moves.subject(&change.key, object)
                }
                _ => continue,
            };
            match (change.action, subject) {
                (Action::Removed, Some(Relation::Makes { identity, called, ends: true })) => {
                    moves.lost.insert(identity, called);
                }
                (Action::Added, Some(Relation::Serves(identity))) => {
                    moves.served.insert(identity);
                }
                _ => {}
            }
        }
        moves.secrets = moves.moved_secrets(changes);
        moves
    }

    /// The thing that an object is about. Its owner decides this.
    fn subject(&self, key: &Key, object: &Object) -> Option<Relation> {
        self.ties.iter().find_map(|ties| (ties.subject)(key, object))
    }

    /// The Secret that an object uses. Its owner decides this.
    fn secret<'o>(&self, key: &Key, object: Option<&'o Object>) -> Option<SecretUse<'o>> {
        let object = object?;
        self.ties.iter().find_map(|ties| (ties.secret)(key, object))
    }

    /// The Secrets that their readers no longer read, each with the added Secret that the reader reads instead.
    fn moved_secrets(&self, changes: &[ObjectChange]) -> BTreeMap<Secret, String> {
        let coming = changes.iter().filter(|change| change.action == Action::Added);
        let coming =
            coming.filter_map(|change| match self.secret(&change.key, change.head.as_ref()) {
                Some(SecretUse::Makes(name)) => Some(secret(&change.key, name)),
                _ => None,
            });
        let coming: BTreeSet<Secret> = coming.collect();
        let changed = changes.iter().filter(|change| change.action == Action::Changed);
        let moved = changed.filter_map(|change| {
            let read = |object: &'_ Option<Object>| match self.secret(&change.key, object.as_ref())
            {
                Some(SecretUse::Reads(name)) => Some(name.to_owned()),
                _ => None,
            };
            let (old, new) = (read(&change.base)?, read(&change.head)?);
            let moves = old != new && coming.contains(&secret(&change.key, &new));
            moves.then(|| (secret(&change.key, &old), new))
        });
        moved.collect()
    }

    /// Whether a password moves to another Secret: the password of the changed object, or of the Secret that a field
    /// names.
    pub(super) fn moves_secret(&self, change: &ObjectChange, field: Option<&FieldChange>) -> bool {
        let Some(field) = field else {
            return self.secrets.contains_key(&secret(&change.key, &change.key.name));
        };
        let text = |node: &Option<Node>| Some(node.as_ref()?.as_str()?.to_owned());
        let moved = text(&field.old).and_then(|old| self.secrets.get(&secret(&change.key, &old)));
        moved.is_some() && moved.cloned() == text(&field.new)
    }

    /// The thing that an added or changed object makes.
    fn made(&self, change: &ObjectChange) -> Option<Thing> {
        match self.subject(&change.key, change.head.as_ref()?)? {
            Relation::Makes { identity, .. } => Some(identity),
            Relation::Serves(_) => None,
        }
    }

    /// The name in texts of the removed object that made the same thing.
    pub(super) fn before(&self, change: &ObjectChange) -> Option<&str> {
        self.lost.get(&self.made(change)?).map(String::as_str)
    }

    /// Whether an added object serves the thing that this object makes.
    pub(crate) fn serves(&self, change: &ObjectChange) -> bool {
        self.made(change).is_some_and(|identity| self.served.contains(&identity))
    }
}
