//! The rows of objects: who refers to them, what was seen of them, since when they fail.

use super::names::Name;
use super::rows::{Failing, Key, Object, Progress, State, Unavailable};
use super::{Index, Lookup, QUIET, Reverse, Scope, Seconds, version_of};
use crate::kind::TypeId;
use crate::observed::Observed;
use crate::rules::{Report, Verdict, judge};
use sitewright_api::{ObjectRef, Readiness};
use smallvec::SmallVec;
use std::hash::BuildHasher as _;

impl Index {
    fn object_id(&self, key: &Key) -> Option<u32> {
        let hash = self.hasher.hash_one(key);
        self.objects_by_key.find(hash, |id| self.objects[*id as usize].key == *key).copied()
    }

    /// The rows of an object: one for each sign of readiness that a site goes by.
    fn rows_of(&self, type_: TypeId, namespace: &str, name: &str) -> SmallVec<[u32; 2]> {
        let names = self.names.find(namespace).zip(self.names.find(name));
        let signs = [None, Some(Readiness::SiteUrl)];
        let ids = names.into_iter().flat_map(|(namespace, name)| {
            signs.map(|readiness| self.object_id(&Key { type_, readiness, namespace, name }))
        });
        ids.flatten().collect()
    }

    /// The row of an object that a site refers to, made if it is the first one.
    pub(super) fn refer(
        &mut self,
        type_: TypeId,
        object: &ObjectRef,
        home: &str,
        site: u32,
    ) -> u32 {
        let namespace = self.names.acquire(object.namespace.as_deref().unwrap_or(home));
        let name = self.names.acquire(&object.name);
        let key = Key { type_, readiness: object.ready, namespace, name };
        if let Some(id) = self.object_id(&key) {
            self.names.release(namespace);
            self.names.release(name);
            let sites = &mut self.objects[id as usize].sites;
            if !sites.contains(&site) {
                sites.push(site);
            }
            return id;
        }
        self.insert(key, site)
    }

    fn insert(&mut self, key: Key, site: u32) -> u32 {
        let scope = self.scope_of(&key);
        if !self.scopes.contains_key(&scope)
            && let Some(namespace) = scope.1
        {
            // The scope keeps the name for as long as it is there.
            let text = self.names.text(namespace).to_owned();
            self.names.acquire(&text);
        }
        let watched = self.scopes.entry(scope).or_default();
        watched.objects += 1;
        let progress = watched.progress;
        let object = Object {
            key,
            state: match progress {
                Progress::Unavailable(why) => State::Unavailable(why),
                _ => State::Unknown,
            },
            message: None,
            fact: None,
            failing: None,
            sites: SmallVec::from_slice(&[site]),
            version: 0,
            is_ahead: false,
            is_late: progress == Progress::Listing,
            listing: 0,
        };
        let id = self.objects.insert(object) as u32;
        let (objects, hasher) = (&self.objects, &self.hasher);
        let hash = |id: &u32| hasher.hash_one(objects[*id as usize].key);
        self.objects_by_key.insert_unique(hash(&id), id, hash);
        if progress == Progress::Listed {
            self.look_up(id);
        }
        id
    }

    /// Takes a site's reference away, and the row with the last one.
    pub(super) fn forget(&mut self, id: u32, site: u32) {
        let object = &mut self.objects[id as usize];
        object.sites.retain(|it| *it != site);
        if !object.sites.is_empty() {
            return;
        }
        let key = self.objects.remove(id as usize).key;
        if let Ok(entry) = self.objects_by_key.find_entry(self.hasher.hash_one(key), |it| *it == id)
        {
            entry.remove();
        }
        let scope = self.scope_of(&key);
        if let Some(watched) = self.scopes.get_mut(&scope) {
            watched.objects -= 1;
            if watched.objects == 0 {
                self.scopes.remove(&scope);
                scope.1.into_iter().for_each(|namespace| self.names.release(namespace));
            }
        }
        self.names.release(key.namespace);
        self.names.release(key.name);
    }

    fn scope_of(&self, key: &Key) -> (TypeId, Option<Name>) {
        (key.type_, self.by_namespace.then_some(key.namespace))
    }

    fn look_up(&mut self, id: u32) {
        let key = self.objects[id as usize].key;
        let namespace: std::sync::Arc<str> = self.names.text(key.namespace).into();
        self.lookups.push(Lookup {
            type_: key.type_,
            scope: Scope {
                type_: key.type_,
                namespace: self.by_namespace.then(|| namespace.clone()),
            },
            name: self.names.text(key.name).into(),
            namespace,
        });
    }

    pub(super) fn listing_begins(&mut self, scope: &Scope) {
        let key = self.scope_key(scope);
        if let Some(watched) = key.and_then(|key| self.scopes.get_mut(&key)) {
            watched.progress = Progress::Listing;
            watched.listing += 1;
        }
        // It tells newer versions than a lookup before it did.
        for id in key.map(|key| self.ids_of(key)).unwrap_or_default() {
            self.objects[id as usize].is_ahead = false;
        }
    }

    /// What a complete listing did not have does not exist.
    pub(super) fn listing_ends(&mut self, scope: &Scope, now: Seconds) {
        let Some(key) = self.scope_key(scope) else { return };
        let Some(watched) = self.scopes.get_mut(&key) else { return };
        watched.progress = Progress::Listed;
        watched.is_settled = true;
        let listing = watched.listing;
        for id in self.ids_of(key) {
            let object = &mut self.objects[id as usize];
            let is_late = std::mem::take(&mut object.is_late);
            if object.listing == listing {
                continue;
            }
            match is_late || object.is_ahead {
                true => self.look_up(id),
                false => self.set(id, State::Missing, None, now),
            }
        }
    }

    pub(super) fn unavailable(&mut self, scope: &Scope, why: Unavailable, now: Seconds) {
        let Some(key) = self.scope_key(scope) else { return };
        let Some(watched) = self.scopes.get_mut(&key) else { return };
        watched.progress = Progress::Unavailable(why);
        watched.is_settled = true;
        for id in self.ids_of(key) {
            let row = &mut self.objects[id as usize];
            (row.is_ahead, row.is_late) = (false, false);
            self.set(id, State::Unavailable(why), None, now);
        }
    }

    fn ids_of(&self, scope: (TypeId, Option<Name>)) -> Vec<u32> {
        let of_scope = self.objects.iter().filter(|(_, it)| self.scope_of(&it.key) == scope);
        of_scope.map(|(id, _)| id as u32).collect()
    }

    pub(super) fn object_seen(&mut self, scope: &Scope, object: &Observed, now: Seconds) {
        let version = version_of(&object.metadata);
        for id in self.rows_in(scope.type_, object) {
            let listing = self.listing_of(id);
            let row = &mut self.objects[id as usize];
            row.listing = listing;
            if row.is_ahead && version < row.version {
                continue;
            }
            row.is_ahead = false;
            row.version = version;
            self.report(id, object, now);
        }
    }

    pub(super) fn object_gone(&mut self, scope: &Scope, object: &Observed, now: Seconds) {
        let version = version_of(&object.metadata);
        for id in self.rows_in(scope.type_, object) {
            let row = &mut self.objects[id as usize];
            if row.is_ahead && version < row.version {
                continue;
            }
            row.is_ahead = false;
            row.version = version;
            self.set(id, State::Missing, None, now);
        }
    }

    /// A lookup counts if the watch has told nothing newer meanwhile.
    pub(super) fn looked_up(&mut self, lookup: &Lookup, object: Option<&Observed>, now: Seconds) {
        let watched = self.scope_key(&lookup.scope).and_then(|key| self.scopes.get(&key));
        // Without its type, an object is not missing.
        let is_listed = watched.is_some_and(|it| !matches!(it.progress, Progress::Unavailable(_)));
        for id in self.rows_of(lookup.type_, &lookup.namespace, &lookup.name) {
            let row = &mut self.objects[id as usize];
            match object {
                Some(object) if version_of(&object.metadata) > row.version => {
                    row.is_ahead = true;
                    row.version = version_of(&object.metadata);
                    self.report(id, object, now);
                }
                None if is_listed && (!matches!(row.state, State::Here(_)) || row.is_ahead) => {
                    row.is_ahead = false;
                    self.set(id, State::Missing, None, now);
                }
                _ => {}
            }
        }
    }

    fn rows_in(&self, type_: TypeId, object: &Observed) -> SmallVec<[u32; 2]> {
        let metadata = &object.metadata;
        match (&metadata.namespace, &metadata.name) {
            (Some(namespace), Some(name)) => self.rows_of(type_, namespace, name),
            _ => SmallVec::new(),
        }
    }

    fn listing_of(&self, id: u32) -> u32 {
        let scope = self.scope_of(&self.objects[id as usize].key);
        self.scopes.get(&scope).map_or(0, |watched| watched.listing)
    }

    fn report(&mut self, id: u32, object: &Observed, now: Seconds) {
        let key = self.objects[id as usize].key;
        let report = judge(key.type_.row().kind, key.readiness, object);
        self.set(id, State::Here(report.verdict), Some(report), now);
    }

    /// Changes a row, and marks its sites if that says something new.
    fn set(&mut self, id: u32, state: State, report: Option<Report>, now: Seconds) {
        let row = &mut self.objects[id as usize];
        let (message, since, fact) = match report {
            Some(Report { message, since, fact, .. }) => (message, since, fact),
            None => (String::new(), None, None),
        };
        row.note_failure(state, since, now);
        let message = Some(message).filter(|it| !it.is_empty()).map(Box::from);
        let fact = fact.map(Box::new);
        let is_new = row.state != state || row.message != message || row.fact != fact;
        (row.state, row.message, row.fact) = (state, message, fact);
        let timer = row.arm(now, self.grace);
        self.timers.extend(timer.map(|at| Reverse((at, id))));
        if is_new {
            self.mark_sites(id, now);
        }
    }

    /// Marks the sites of an object.
    fn mark_sites(&mut self, id: u32, now: Seconds) {
        let sites = self.objects[id as usize].sites.clone();
        sites.into_iter().for_each(|site| self.mark(site, now));
    }

    /// A grace period or a quiet one is over. The row may be another one's by now: then this changes nothing.
    pub(super) fn timer_ends(&mut self, id: u32, now: Seconds) {
        let Some(row) = self.objects.get_mut(id as usize) else { return };
        let Some(failing) = &mut row.failing else { return };
        failing.timer.take_if(|at| *at <= now);
        if !row.state.fails() && now >= failing.last + QUIET {
            row.failing = None;
        }
        let timer = row.arm(now, self.grace);
        self.timers.extend(timer.map(|at| Reverse((at, id))));
        self.mark_sites(id, now);
    }
}

impl State {
    /// Whether the object fails now, and its operator tries again.
    pub(super) fn fails(self) -> bool {
        matches!(self, Self::Here(Verdict::Retried | Verdict::Waiting))
    }
}

impl Object {
    /// Notes since when the object fails, before its row changes.
    fn note_failure(&mut self, next: State, since: Option<Seconds>, now: Seconds) {
        let may_go_on = matches!(
            next,
            State::Here(
                Verdict::Retried
                    | Verdict::Waiting
                    | Verdict::Provisioning
                    | Verdict::Unobserved
                    | Verdict::Pending
            )
        );
        if !may_go_on {
            self.failing = None;
            return;
        }
        let did_fail = self.state.fails();
        match &mut self.failing {
            Some(failing) if next.fails() => failing.last = now,
            // It fails no more, and may in a moment.
            Some(failing) if did_fail => {
                failing.last = now;
                failing.message = self.message.clone();
            }
            None if next.fails() => {
                // Clocks differ: what began in the future begins now.
                let since = since.unwrap_or(now).min(now);
                let failing = Failing { since, last: now, timer: None, message: None };
                self.failing = Some(Box::new(failing));
            }
            _ => {}
        }
    }

    /// The time of a timer that the object needs and does not have.
    fn arm(&mut self, now: Seconds, grace: Seconds) -> Option<Seconds> {
        let fails = self.state.fails();
        let failing = self.failing.as_mut()?;
        let at = if fails { failing.since.saturating_add(grace) } else { failing.last + QUIET };
        if at <= now || failing.timer.is_some_and(|timer| timer <= at) {
            return None;
        }
        failing.timer = Some(at);
        Some(at)
    }
}
