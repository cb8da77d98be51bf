//! A password that the fleet needs, and its record.

use super::record::Record;
use crate::cluster::{Cluster, Index};
use crate::diagnostic::{Diagnostic, Span};
use crate::language::ResourceName;
use crate::object::SecretSpec;
use crate::output::At;
use std::sync::Arc;

/// A manifest that carries a password without a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carried {
    /// The Secret's name in the manifest, which may be its former name.
    pub secret: String,
    /// The generation: how many values the password has had.
    pub generation: u32,
    /// The path of the manifest below the folder of manifests.
    pub(super) path: String,
    /// The folder of manifests.
    pub(super) at: At,
    /// Whether the record can be restored from the manifest.
    pub(super) is_enough: bool,
}

/// A password that sitewright creates: a key of a Secret.
#[derive(Clone, Debug)]
pub struct Need {
    /// The definition's path, such as `production/acme`.
    pub definition: Arc<str>,
    /// The definition's name.
    pub owner: Arc<str>,
    /// The definition, in reports.
    pub span: Span,
    /// The definition's cluster.
    pub cluster: Index,
    /// The Secret.
    pub wanted: Arc<SecretSpec>,
}

impl Need {
    /// The name of the Secret that has the value first: its own, or the one that it repeats.
    pub fn original(&self) -> &ResourceName {
        self.wanted.repeats.as_ref().map_or(&self.wanted.name, |original| &original.name)
    }

    /// Whether two passwords of the fleet always have the same value.
    pub fn is_paired_with(&self, other: &Self) -> bool {
        self.definition == other.definition && self.original() == other.original()
    }

    /// The key in the Secret.
    pub fn key(&self) -> &str {
        &self.wanted.password_key
    }

    /// The key of its value in the store of its cluster. `None` if the cluster has no store. A rotation uses a new key
    /// and never overwrites a value.
    pub fn store_key(&self, cluster: &Cluster, generation: u32) -> Option<String> {
        let wanted = &self.wanted;
        let parts: [&str; 5] = [
            &cluster.name,
            wanted.repeats.as_ref().map_or(&*wanted.namespace, |it| &*it.namespace),
            self.original(),
            self.key(),
            &generation.to_string(),
        ];
        Some(cluster.secrets.store.as_ref()?.key(&parts))
    }

    /// `definition/Secret`, as `sitewright secrets rotate` takes it.
    pub fn path(&self) -> String {
        format!("{}/{}", self.definition, self.wanted.name)
    }

    /// The Secret, and the Secret under its former name if it can still have that name.
    pub fn names(&self) -> impl Iterator<Item = Arc<SecretSpec>> {
        [Some(Arc::clone(&self.wanted)), self.wanted.former().map(Arc::new)].into_iter().flatten()
    }

    /// `definition/Secret` with the name that a new record gets.
    #[must_use]
    pub fn renewed(&self) -> Self {
        Self { wanted: Arc::new(self.wanted.current()), ..self.clone() }
    }
}

/// The state of a password's record.
#[derive(Clone, Debug)]
pub enum State {
    /// The record fits.
    Kept(Arc<Record>),
    /// There is no record.
    Missing,
    /// The record does not fit. The diagnostic says why.
    Unfit(Arc<Record>, Box<Diagnostic>),
    /// There is no record, but there was one: a manifest carries the password.
    Lost(Box<Carried>),
    /// Not known: the text of the file is invalid, which is reported. A manifest may carry the
    /// password.
    Damaged(Option<Box<Carried>>),
    /// Not known: the file cannot be read or contains an unfinished merge, which is reported.
    Unknown,
}

impl State {
    /// The record, whether or not it fits.
    pub fn record(&self) -> Option<&Record> {
        match self {
            State::Kept(record) | State::Unfit(record, _) => Some(record),
            State::Missing | State::Lost(_) | State::Damaged(_) | State::Unknown => None,
        }
    }

    /// The generation of the password, if it is known.
    pub fn generation(&self) -> Option<u32> {
        match self {
            State::Kept(record) | State::Unfit(record, _) => Some(record.generation),
            State::Lost(carried) | State::Damaged(Some(carried)) => Some(carried.generation),
            State::Missing | State::Damaged(None) | State::Unknown => None,
        }
    }
}

/// A password with the state of its record.
#[derive(Clone, Debug)]
pub struct Settled {
    /// The password.
    pub need: Need,
    /// The state of its record.
    pub state: State,
}

impl Settled {
    /// The name of the Secret that currently has the password.
    pub fn secret(&self) -> &str {
        match &self.state {
            State::Lost(carried) | State::Damaged(Some(carried)) => &carried.secret,
            _ => &self.need.wanted.name,
        }
    }
}

/// A record that no definition uses.
#[derive(Clone, Debug)]
pub struct Unused {
    /// The path of the definition, which may not exist.
    pub definition: String,
    /// The Secret's name.
    pub secret: String,
    /// The key in the Secret.
    pub key: String,
    /// The place of the record.
    pub span: Span,
}
