//! The index: what is known about every site, folded from the events of all watches. Pure: events and the
//! time go in, statuses that differ come out.
//!
//! It has a small row for each SiteDatabase and one for each object that a SiteDatabase refers to. Other
//! objects leave no trace, however many a cluster has.

mod names;
mod objects;
mod rows;
mod sites;
mod status;

pub use rows::{Change, Lookup, Scope, Seconds, Unavailable};

use crate::observed::{Observed, SiteDatabase};
use hashbrown::HashTable;
use names::{Name, Names};
use rows::{Object, Site, Watched};
use sitewright_api::Phase;
use slab::Slab;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap, VecDeque};
use std::hash::RandomState;
use std::sync::Arc;

/// How long an object counts as failing after its last failure, unless it is ready: frappe-operator
/// writes Failed and Provisioning in turn, and a status must not do the same.
pub const QUIET: Seconds = 30;

/// What a watch, a lookup or the patcher says.
#[derive(Debug)]
pub enum Event {
    /// A listing of SiteDatabases begins. The namespace is that of the watch.
    SitesBegin(Option<Arc<str>>),
    /// A SiteDatabase was listed, made or changed.
    Site(Box<SiteDatabase>),
    /// A SiteDatabase is gone.
    SiteGone(Box<SiteDatabase>),
    /// A listing of SiteDatabases is complete.
    SitesDone(Option<Arc<str>>),
    /// The SiteDatabases of a watch cannot be listed.
    SitesUnavailable(Option<Arc<str>>),
    /// A listing of objects begins.
    Begin(Scope),
    /// An object was listed, made or changed.
    Object(Scope, Box<Observed>),
    /// An object is gone.
    Gone(Scope, Box<Observed>),
    /// A listing of objects is complete.
    Done(Scope),
    /// The objects of a watch cannot be listed.
    Unavailable(Scope, Unavailable),
    /// An object was looked up. `None` if it does not exist.
    LookedUp(Lookup, Option<Box<Observed>>),
    /// The API server has taken a status.
    Patched {
        /// The namespace of the SiteDatabase.
        namespace: Arc<str>,
        /// Its name.
        name: Arc<str>,
        /// The [`Change::hash`].
        hash: u64,
        /// The version that this made.
        version: u64,
    },
}

/// The index.
#[derive(Debug)]
pub struct Index {
    grace: Seconds,
    /// Whether each namespace has watches of its own.
    by_namespace: bool,
    names: Names,
    hasher: RandomState,
    objects: Slab<Object>,
    objects_by_key: HashTable<u32>,
    sites: Slab<Site>,
    sites_by_key: HashTable<u32>,
    scopes: HashMap<(crate::kind::TypeId, Option<Name>), Watched>,
    /// The watches of SiteDatabases: the number of the listing, and whether one has ended.
    site_watches: BTreeMap<Option<Arc<str>>, (u32, bool)>,
    dirty: VecDeque<(u32, Seconds)>,
    timers: BinaryHeap<Reverse<(Seconds, u32)>>,
    lookups: Vec<Lookup>,
    phases: [usize; Phase::ALL.len()],
}

impl Index {
    /// An empty index. `grace` is how long a failure does not count. `namespaces` are those whose SiteDatabases
    /// are watched; none means all of the cluster.
    pub fn new(grace: Seconds, namespaces: &[String]) -> Self {
        let watches: Vec<Option<Arc<str>>> = match namespaces {
            [] => vec![None],
            some => some.iter().map(|name| Some(name.as_str().into())).collect(),
        };
        Self {
            grace,
            by_namespace: !namespaces.is_empty(),
            names: Names::default(),
            hasher: RandomState::new(),
            objects: Slab::new(),
            objects_by_key: HashTable::new(),
            sites: Slab::new(),
            sites_by_key: HashTable::new(),
            scopes: HashMap::new(),
            site_watches: watches.into_iter().map(|watch| (watch, (0, false))).collect(),
            dirty: VecDeque::new(),
            timers: BinaryHeap::new(),
            lookups: Vec::new(),
            phases: [0; Phase::ALL.len()],
        }
    }

    /// Takes in an event.
    pub fn apply(&mut self, event: Event, now: Seconds) {
        match event {
            Event::SitesBegin(watch) => self.sites_begin(&watch),
            Event::Site(site) => self.site_seen(*site, now),
            Event::SiteGone(site) => self.site_gone(&site),
            Event::SitesDone(watch) => self.sites_done(&watch),
            Event::SitesUnavailable(watch) => self.sites_unavailable(&watch),
            Event::Begin(scope) => self.listing_begins(&scope),
            Event::Object(scope, object) => self.object_seen(&scope, &object, now),
            Event::Gone(scope, object) => self.object_gone(&scope, &object, now),
            Event::Done(scope) => self.listing_ends(&scope, now),
            Event::Unavailable(scope, why) => self.unavailable(&scope, why, now),
            Event::LookedUp(lookup, object) => self.looked_up(&lookup, object.as_deref(), now),
            Event::Patched { namespace, name, hash, version } => {
                self.patched(&namespace, &name, hash, version);
            }
        }
    }

    /// What must be watched. Nothing until all SiteDatabases are known: a listing before that would have to be
    /// repeated for those that come later.
    pub fn demand(&self) -> Vec<Scope> {
        if !self.sites_are_known() {
            return Vec::new();
        }
        let mut scopes: Vec<_> = self
            .scopes
            .keys()
            .map(|(type_, namespace)| Scope {
                type_: *type_,
                namespace: namespace.map(|name| self.names.text(name).into()),
            })
            .collect();
        scopes.sort();
        scopes
    }

    /// Whether every watch has listed once, or found that its type is not there: a type that is not installed
    /// must not keep the reconciler from being ready.
    pub fn is_ready(&self) -> bool {
        self.sites_are_known() && self.scopes.values().all(|watched| watched.is_settled)
    }

    fn sites_are_known(&self) -> bool {
        self.site_watches.values().all(|(_, is_known)| *is_known)
    }

    /// The objects to look up, each once.
    pub fn take_lookups(&mut self) -> Vec<Lookup> {
        std::mem::take(&mut self.lookups)
    }

    /// When [`Self::tick`] has something to do.
    pub fn next_timer(&self) -> Option<Seconds> {
        self.timers.peek().map(|Reverse((at, _))| *at)
    }

    /// Lets grace periods end.
    pub fn tick(&mut self, now: Seconds) {
        while let Some(Reverse((at, id))) = self.timers.peek().copied() {
            if at > now {
                return;
            }
            self.timers.pop();
            self.timer_ends(id, now);
        }
    }

    /// Looks at every site again, and sends again what did not arrive. A status that has been on its way since the
    /// resync before is lost. A newer one is not sent twice, however many wait for the patcher.
    pub fn resync(&mut self, now: Seconds) {
        for (_, site) in &mut self.sites {
            if std::mem::replace(&mut site.is_overdue, site.sent.is_some()) {
                site.sent = None;
            }
        }
        let ids: Vec<u32> = self.sites.iter().map(|(id, _)| id as u32).collect();
        ids.into_iter().for_each(|id| self.mark(id, now));
    }

    /// The next status that the API server does not have.
    pub fn next_change(&mut self, now: Seconds) -> Option<Change> {
        while let Some((id, seen)) = self.dirty.pop_front() {
            let Some(site) = self.sites.get_mut(id as usize) else { continue };
            if std::mem::take(&mut site.is_dirty)
                && let Some(change) = self.settle(id, seen, now)
            {
                return Some(change);
            }
        }
        None
    }

    /// How many sites wait to be looked at.
    pub fn queue_length(&self) -> usize {
        self.dirty.len()
    }

    /// When the event was seen that has waited longest.
    pub fn oldest(&self) -> Option<Seconds> {
        self.dirty.front().map(|(_, seen)| *seen)
    }

    /// How many sites have a phase, in the order of [`Phase::ALL`].
    pub fn phases(&self) -> [usize; Phase::ALL.len()] {
        self.phases
    }

    /// The phase of each site, with its namespace and name.
    pub fn sites(&self) -> impl Iterator<Item = (&str, &str, Phase)> {
        self.sites.iter().filter_map(|(_, site)| {
            let phase = site.phase?;
            Some((self.names.text(site.namespace), self.names.text(site.name), phase))
        })
    }

    /// How many objects a watch feeds. `None` for a type that nobody refers to.
    pub fn watched(&self, scope: &Scope) -> Option<usize> {
        self.scopes.get(&self.scope_key(scope)?).map(|watched| watched.objects)
    }

    /// Puts a site into the queue.
    fn mark(&mut self, id: u32, now: Seconds) {
        let site = &mut self.sites[id as usize];
        if !std::mem::replace(&mut site.is_dirty, true) {
            self.dirty.push_back((id, now));
        }
    }

    fn scope_key(&self, scope: &Scope) -> Option<(crate::kind::TypeId, Option<Name>)> {
        Some(match &scope.namespace {
            None => (scope.type_, None),
            Some(namespace) => (scope.type_, Some(self.names.find(namespace)?)),
        })
    }
}

/// The version of an object, as a number. 0 where it is none: then it is as new as any other.
pub(crate) fn version_of(
    metadata: &k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta,
) -> u64 {
    metadata.resource_version.as_deref().and_then(|it| it.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests;
