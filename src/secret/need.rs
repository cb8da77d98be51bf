//! A password that the fleet needs, and what is known of it.

use super::record::{self, Record};
use crate::diagnostic::{Diagnostic, Span};
use crate::language::SecretMode;
use crate::output::At;
use crate::provider::Wanted;
use crate::resolve::{Cluster, Fleet, Index};
use std::sync::Arc;

/// A manifest that carries a password without a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carried {
    /// The Secret's name there, which may be its former one.
    pub secret: String,
    /// How many values there were.
    pub generation: u32,
    /// Its path below the folder of manifests.
    pub(super) path: String,
    /// Where that folder is.
    pub(super) at: At,
    /// Whether the record can be made anew from it.
    pub(super) is_enough: bool,
}

/// A password that is ours to make: a key of a Secret.
#[derive(Clone, Debug)]
pub struct Need {
    /// The definition's path, such as `production/acme`.
    pub definition: String,
    /// The definition, in reports.
    pub span: Span,
    /// The definition's cluster.
    pub cluster: Index,
    /// The Secret.
    pub wanted: Wanted,
}

impl Need {
    /// The key in the Secret.
    pub fn key(&self) -> &str {
        &self.wanted.password_key
    }

    /// `definition/Secret`, as `sitewright secrets rotate` takes it.
    pub fn path(&self) -> String {
        format!("{}/{}", self.definition, self.wanted.name)
    }

    /// The same under the name that a new record gets.
    #[must_use]
    pub fn renewed(&self) -> Self {
        Self { wanted: self.wanted.current(), ..self.clone() }
    }

    /// Whether nobody here can make its first value: a third party gave it, and it is not in a store.
    pub fn must_be_given(&self, fleet: &Fleet) -> bool {
        let mode = fleet.clusters[self.cluster.0].secrets.mode;
        self.wanted.given && mode != SecretMode::External
    }

    /// The label that a new value gets.
    pub fn label(&self, cluster: &Cluster) -> String {
        let Wanted { namespace, name, .. } = &self.wanted;
        match cluster.secrets.mode {
            SecretMode::Sealed => record::label(cluster.secrets.scope, namespace, name),
            SecretMode::Plain | SecretMode::External => format!("{namespace}/{name}"),
        }
    }
}

/// What is recorded of a password.
#[derive(Clone, Debug)]
pub enum State {
    /// A record that fits.
    Kept(Arc<Record>),
    /// Nothing.
    Missing,
    /// A record that does not fit, with what is to be said about it.
    Unfit(Arc<Record>, Box<Diagnostic>),
    /// Nothing, and there was something once: a manifest carries the password.
    Lost(Box<Carried>),
    /// Nobody knows: the text of the file is no records, which is reported. A manifest may carry the
    /// password.
    Damaged(Option<Box<Carried>>),
    /// Nobody knows: the file cannot be read or a merge is unfinished in it, which is reported.
    Unknown,
}

impl State {
    /// How many values there were, as far as that is known.
    pub fn generation(&self) -> Option<u32> {
        match self {
            State::Kept(record) | State::Unfit(record, _) => Some(record.generation),
            State::Lost(carried) | State::Damaged(Some(carried)) => Some(carried.generation),
            State::Missing | State::Damaged(None) | State::Unknown => None,
        }
    }
}

/// A password with what is recorded of it.
#[derive(Clone, Debug)]
pub struct Settled {
    /// The password.
    pub need: Need,
    /// What is recorded.
    pub state: State,
}

impl Settled {
    /// The name of the Secret that has the password so far.
    pub fn secret(&self) -> &str {
        match &self.state {
            State::Lost(carried) | State::Damaged(Some(carried)) => &carried.secret,
            _ => &self.need.wanted.name,
        }
    }
}

/// A record that nothing wants.
#[derive(Clone, Debug)]
pub struct Unused {
    /// The definition's path, whether there is one or not.
    pub definition: String,
    /// The Secret's name.
    pub secret: String,
    /// The key in it.
    pub key: String,
    /// Where the record stands.
    pub span: Span,
}
