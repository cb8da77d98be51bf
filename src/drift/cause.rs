//! Why a field of a live object is not as its manifest says.

use super::fields;
use super::history::{Commit, History};
use super::writers::Writers;
use crate::live::{FieldManager, LiveObject, Operation};
use crate::risk::{FieldChange, Key, Object};
use std::collections::HashMap;
use std::path::Path;

/// Why a field differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// An older commit had the live value: what was committed since is not applied yet.
    NotApplied(Commit),
    /// It was changed in the cluster.
    Changed(Changed),
}

/// A change in the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// The field manager that last wrote the field. `None` if the dump does not show it, or if nobody owns the field
    /// any more because it was removed.
    pub by: Option<Writer>,
    /// The newest older commit that had the live value.
    pub like: Option<Commit>,
}

/// A field manager that wrote a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Writer {
    /// Its name, such as `kubectl-edit`.
    pub manager: String,
    /// How it wrote.
    pub operation: Operation,
    /// When it last wrote.
    pub time: Option<String>,
}

impl Writer {
    fn of(manager: &FieldManager) -> Self {
        let FieldManager { manager, operation, time, .. } = manager;
        Self { manager: manager.clone(), operation: *operation, time: time.clone() }
    }
}

/// A live object with the fields that differ from its manifest.
pub(super) struct Question<'o> {
    pub(super) live: &'o LiveObject,
    pub(super) manifest: &'o Object,
    pub(super) fields: &'o [FieldChange],
}

/// The newest older commit that had the live value of each field, by the object and in the order of the fields.
type Found = Vec<Option<Commit>>;

/// Why each field of each object differs, in the order of the objects and their fields. `below` is the folder of
/// manifests.
pub(super) fn causes(
    questions: &[Question],
    history: &History,
    root: &Path,
    below: &str,
) -> Vec<Vec<Cause>> {
    let mut by_file: HashMap<String, Vec<(&Key, usize)>> = HashMap::new();
    for (at, question) in questions.iter().enumerate() {
        let path = format!("{below}/{}", question.manifest.path);
        by_file.entry(path).or_default().push((&question.live.key, at));
    }
    let mut found: Vec<Found> = questions.iter().map(|it| vec![None; it.fields.len()]).collect();
    let files = by_file.keys().cloned().collect();
    history.older(root, below, files, |path, objects, commit| {
        let asked = by_file.get(path).map_or(&[][..], |asked| asked);
        for (key, at) in asked {
            let is_it = |it: &&(Key, Object)| {
                let (kind, group) = (&it.0.kind, &it.0.group);
                (kind, group, &it.0.namespace, &it.0.name)
                    == (&key.kind, &key.group, &key.namespace, &key.name)
            };
            if let Some((_, older)) = objects.iter().find(is_it) {
                match_fields(&questions[*at], older, commit, &mut found[*at]);
            }
        }
        asked.iter().all(|(_, at)| found[*at].iter().all(Option::is_some))
    });
    let all = questions.iter().zip(found);
    all.map(|(question, found)| decide(question, found)).collect()
}

/// Notes the fields whose live value an older version of the manifest had.
fn match_fields(question: &Question, older: &Object, commit: &Commit, found: &mut Found) {
    let Question { live, manifest, fields } = question;
    let differing = fields::differing(&older.node, &live.node);
    // A version that states a field otherwise than the current manifest, and not as the live object.
    let differs = |path: &[String]| {
        let meets = |other: &FieldChange| {
            let shared = other.path.len().min(path.len());
            other.path[..shared] == path[..shared]
        };
        differing.iter().any(meets)
    };
    // Only a version that differs from the current manifest in a field can explain the field.
    let changed = fields::differing(&manifest.node, &older.node);
    let back = fields::differing(&older.node, &manifest.node);
    let explains = |path: &[String]| {
        changed.iter().chain(&back).any(|other| {
            let shared = other.path.len().min(path.len());
            other.path[..shared] == path[..shared]
        })
    };
    for (field, found) in fields.iter().zip(found) {
        if found.is_none() && explains(&field.path) && !differs(&field.path) {
            *found = Some(commit.clone());
        }
    }
}

fn decide(question: &Question, found: Found) -> Vec<Cause> {
    let writers = Writers::of(question.live);
    let fields = question.fields.iter().zip(found);
    fields
        .map(|(field, commit)| {
            let last = writers.last(&field.path);
            let is_foreign = last.is_some_and(|manager| !writers.applies(manager));
            match commit {
                Some(commit) if !is_foreign => Cause::NotApplied(commit),
                like => Cause::Changed(Changed { by: last.map(Writer::of), like }),
            }
        })
        .collect()
}
