//! The rows of the index, and what it says to its surroundings.

use super::names::Name;
use crate::kind::TypeId;
use crate::rules::{Fact, Verdict};
use sitewright_api::{ConditionStatus, Phase, Readiness, Reason, SiteDatabaseStatus};
use smallvec::SmallVec;
use std::sync::Arc;

/// Seconds since 1970.
pub type Seconds = i64;

/// What one watch sees: the objects of a type, of one namespace or of all.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Scope {
    /// The type.
    pub type_: TypeId,
    /// The namespace. `None` for all.
    pub namespace: Option<Arc<str>>,
}

/// Why a watch sees nothing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Unavailable {
    /// The CRD is not installed.
    NotInstalled,
    /// The reconciler may not list the type.
    Forbidden,
}

/// An object that must be asked for by name: a site refers to it, and its watch listed it earlier.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Lookup {
    /// The type.
    pub type_: TypeId,
    /// The watch that sees later changes of the object.
    pub scope: Scope,
    /// The namespace of the object.
    pub namespace: Arc<str>,
    /// The name of the object.
    pub name: Arc<str>,
}

/// A status that the API server does not have.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The namespace of the SiteDatabase.
    pub namespace: Arc<str>,
    /// Its name.
    pub name: Arc<str>,
    /// What to write.
    pub status: SiteDatabaseStatus,
    /// Tells this status from others of the same SiteDatabase.
    pub hash: u64,
    /// The phase before, if the SiteDatabase had another one.
    pub left: Option<Phase>,
    /// When the event that led here was seen.
    pub seen: Seconds,
}

/// What decides about a status that was read or sent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Known {
    pub(super) hash: u64,
    pub(super) phase: Option<Phase>,
    pub(super) reason: Option<Reason>,
    /// The condition `Ready`, and when it changed.
    pub(super) ready: Option<(ConditionStatus, Seconds)>,
}

#[derive(Debug)]
pub(super) struct Site {
    pub(super) namespace: Name,
    pub(super) name: Name,
    pub(super) generation: Option<i64>,
    pub(super) host: Option<Name>,
    pub(super) port: Option<u16>,
    pub(super) database: Option<Box<str>>,
    pub(super) parts: Box<[Part]>,
    /// What the API server has.
    pub(super) observed: Option<Known>,
    /// What is on its way there.
    pub(super) sent: Option<Known>,
    /// Whether that was on its way at the last resync already.
    pub(super) is_overdue: bool,
    /// The version that our last patch made. An event of an older one tells an old status.
    pub(super) written: u64,
    /// The phase that counts in metrics.
    pub(super) phase: Option<Phase>,
    pub(super) is_dirty: bool,
    /// Whether it had failed before this process started. Its grace period is over.
    pub(super) is_held: bool,
    /// The listing that saw it last.
    pub(super) listing: u32,
}

#[derive(Debug)]
pub(super) enum Part {
    /// A row of objects.
    Object(u32),
    /// An object whose type has no rules here: as messages name it.
    Unknown(Box<str>),
}

/// What tells an object from others. One that counts as ready by another sign is a row of its own.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) struct Key {
    pub(super) type_: TypeId,
    pub(super) readiness: Option<Readiness>,
    pub(super) namespace: Name,
    pub(super) name: Name,
}

#[derive(Debug)]
pub(super) struct Object {
    pub(super) key: Key,
    pub(super) state: State,
    pub(super) message: Option<Box<str>>,
    pub(super) fact: Option<Box<Fact>>,
    pub(super) failing: Option<Box<Failing>>,
    pub(super) sites: SmallVec<[u32; 4]>,
    /// The version of the object that was seen last.
    pub(super) version: u64,
    /// Whether that version came from a lookup, so that the watch may still tell older ones.
    pub(super) is_ahead: bool,
    /// Whether a listing was under way when the first site referred to it, so that it may have passed by.
    pub(super) is_late: bool,
    /// The listing that saw it last.
    pub(super) listing: u32,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum State {
    /// Nobody has said yet whether it exists.
    Unknown,
    /// It does not exist.
    Missing,
    /// Nobody can say.
    Unavailable(Unavailable),
    /// It exists.
    Here(Verdict),
}

/// A failure that its operator may still get over.
#[derive(Debug)]
pub(super) struct Failing {
    pub(super) since: Seconds,
    pub(super) last: Seconds,
    /// When its next timer ends.
    pub(super) timer: Option<Seconds>,
    /// What was said last, while the operator tries again.
    pub(super) message: Option<Box<str>>,
}

#[derive(Debug, Default)]
pub(super) struct Watched {
    /// The rows that it feeds.
    pub(super) objects: usize,
    pub(super) listing: u32,
    pub(super) progress: Progress,
    /// Whether one listing has ended, or the type is not there.
    pub(super) is_settled: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum Progress {
    #[default]
    Starting,
    Listing,
    Listed,
    Unavailable(Unavailable),
}
