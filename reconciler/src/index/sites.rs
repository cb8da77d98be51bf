//! The rows of SiteDatabases.

use super::rows::{Key, Known, Part, Site};
use super::{Arc, Index, Seconds, version_of};
use crate::kind::TypeId;
use crate::observed::SiteDatabase;
use jiff::Timestamp;
use sitewright_api::{Phase, READY, Reason, SiteDatabaseSpec, SiteDatabaseStatus};
use std::collections::HashSet;
use std::hash::{BuildHasher as _, DefaultHasher, Hash as _, Hasher as _};

impl Index {
    pub(super) fn sites_begin(&mut self, watch: &Option<Arc<str>>) {
        if let Some((listing, _)) = self.site_watches.get_mut(watch) {
            *listing += 1;
        }
        // An API server that was restored from a backup counts from an older version on.
        self.sites.iter_mut().for_each(|(_, site)| site.written = 0);
    }

    /// A SiteDatabase that a complete listing did not have does not exist.
    pub(super) fn sites_done(&mut self, watch: &Option<Arc<str>>) {
        let Some((listing, is_known)) = self.site_watches.get_mut(watch) else { return };
        *is_known = true;
        let (listing, names) = (*listing, &self.names);
        let is_gone = |site: &Site| {
            let is_of_watch =
                watch.as_deref().is_none_or(|namespace| names.text(site.namespace) == namespace);
            is_of_watch && site.listing != listing
        };
        let gone: Vec<u32> =
            self.sites.iter().filter(|(_, it)| is_gone(it)).map(|(id, _)| id as u32).collect();
        gone.into_iter().for_each(|id| self.remove_site(id));
    }

    pub(super) fn sites_unavailable(&mut self, watch: &Option<Arc<str>>) {
        self.sites_begin(watch);
        self.sites_done(watch);
    }

    fn site_id(&self, namespace: &str, name: &str) -> Option<u32> {
        let key = (self.names.find(namespace)?, self.names.find(name)?);
        let is_it = |id: &u32| {
            let site = &self.sites[*id as usize];
            (site.namespace, site.name) == key
        };
        self.sites_by_key.find(self.hasher.hash_one(key), is_it).copied()
    }

    pub(super) fn site_seen(&mut self, site: SiteDatabase, now: Seconds) {
        let SiteDatabase { metadata, spec, status } = site;
        let (Some(namespace), Some(name)) = (&metadata.namespace, &metadata.name) else { return };
        // What is being deleted needs no status, and what cannot be read gets none.
        let (Some(spec), None) = (spec, &metadata.deletion_timestamp) else {
            self.site_id(namespace, name).into_iter().for_each(|id| self.remove_site(id));
            return;
        };
        let observed = status.as_ref().map(Known::of);
        let id = match self.site_id(namespace, name) {
            Some(id) => id,
            None => self.insert_site(namespace, name, observed),
        };
        let watch = self.by_namespace.then(|| Arc::from(namespace.as_str()));
        let listing = self.site_watches.get(&watch).map_or(0, |(listing, _)| *listing);
        let row = &mut self.sites[id as usize];
        row.listing = listing;
        row.generation = metadata.generation;
        let version = version_of(&metadata);
        if version == 0 || version >= row.written {
            row.observed = observed;
            // It has arrived. What differs from now on was written by somebody else.
            row.sent.take_if(|sent| observed.is_some_and(|it| it.hash == sent.hash));
        }
        self.set_spec(id, namespace, spec);
        self.mark(id, now);
    }

    fn insert_site(&mut self, namespace: &str, name: &str, observed: Option<Known>) -> u32 {
        let site = Site {
            namespace: self.names.acquire(namespace),
            name: self.names.acquire(name),
            generation: None,
            host: None,
            port: None,
            database: None,
            parts: Box::default(),
            observed: None,
            sent: None,
            is_overdue: false,
            written: 0,
            phase: None,
            is_dirty: false,
            is_held: observed.is_some_and(|it| {
                it.phase == Some(Phase::Failed) && it.reason == Some(Reason::ProvisioningFailed)
            }),
            listing: 0,
        };
        let id = self.sites.insert(site) as u32;
        let (sites, hasher) = (&self.sites, &self.hasher);
        let hash = |id: &u32| {
            let site = &sites[*id as usize];
            hasher.hash_one((site.namespace, site.name))
        };
        self.sites_by_key.insert_unique(hash(&id), id, hash);
        id
    }

    fn set_spec(&mut self, id: u32, namespace: &str, spec: SiteDatabaseSpec) {
        let (mut seen, mut kept) = (HashSet::new(), HashSet::new());
        let mut parts = Vec::with_capacity(spec.objects.len());
        for object in &spec.objects {
            if !seen.insert(object) {
                continue;
            }
            parts.push(match TypeId::of(object) {
                Some(type_) => {
                    let row = self.refer(type_, object, namespace, id);
                    if !kept.insert(row) {
                        continue;
                    }
                    Part::Object(row)
                }
                None => {
                    let home = object.namespace.as_deref().unwrap_or(namespace);
                    let (kind, name, version) = (&object.kind, &object.name, &object.api_version);
                    let text = format!(
                        "{kind} {home}/{name}: this version of the reconciler does not know {kind} of {version}"
                    );
                    Part::Unknown(crate::message::one_line(&text).into())
                }
            });
        }
        let host = spec.host.as_deref().map(|host| self.names.acquire(host));
        let row = &mut self.sites[id as usize];
        let before = std::mem::replace(&mut row.parts, parts.into());
        let host = std::mem::replace(&mut row.host, host);
        row.port = spec.port;
        row.database = spec.database.map(Box::from);
        host.into_iter().for_each(|host| self.names.release(host));
        let gone = before.iter().filter_map(Part::object).filter(|it| !kept.contains(it));
        gone.for_each(|object| self.forget(object, id));
    }

    pub(super) fn site_gone(&mut self, site: &SiteDatabase) {
        let metadata = &site.metadata;
        if let (Some(namespace), Some(name)) = (&metadata.namespace, &metadata.name) {
            self.site_id(namespace, name).into_iter().for_each(|id| self.remove_site(id));
        }
    }

    fn remove_site(&mut self, id: u32) {
        let site = &self.sites[id as usize];
        let hash = self.hasher.hash_one((site.namespace, site.name));
        if let Ok(entry) = self.sites_by_key.find_entry(hash, |it| *it == id) {
            entry.remove();
        }
        let site = self.sites.remove(id as usize);
        site.parts.iter().filter_map(Part::object).for_each(|object| self.forget(object, id));
        if let Some(phase) = site.phase {
            self.phases[super::status::position(phase)] -= 1;
        }
        let names = [Some(site.namespace), Some(site.name), site.host];
        names.into_iter().flatten().for_each(|name| self.names.release(name));
    }

    pub(super) fn patched(&mut self, namespace: &str, name: &str, hash: u64, version: u64) {
        let Some(id) = self.site_id(namespace, name) else { return };
        let row = &mut self.sites[id as usize];
        if let Some(sent) = row.sent.take_if(|sent| sent.hash == hash) {
            row.observed = Some(sent);
            row.written = row.written.max(version);
        }
    }

    /// What messages call an object.
    pub(super) fn label(&self, key: &Key) -> String {
        let (namespace, name) = (self.names.text(key.namespace), self.names.text(key.name));
        format!("{} {namespace}/{name}", key.type_.row().name)
    }
}

impl Part {
    fn object(&self) -> Option<u32> {
        match self {
            Self::Object(id) => Some(*id),
            Self::Unknown(_) => None,
        }
    }
}

impl Known {
    pub(super) fn of(status: &SiteDatabaseStatus) -> Self {
        let ready = status.conditions.iter().find(|it| it.type_ == READY);
        let time = |text: &str| text.parse::<Timestamp>().map_or(0, Timestamp::as_second);
        Self {
            hash: hash(status),
            phase: status.database_status.as_ref().map(|it| it.phase),
            reason: ready.map(|it| it.reason),
            ready: ready.map(|it| (it.status, time(&it.last_transition_time))),
        }
    }
}

/// Tells one status from another. The hasher has fixed keys: no secret depends on it.
fn hash(status: &SiteDatabaseStatus) -> u64 {
    let mut hasher = DefaultHasher::new();
    // A status is made of texts and numbers, which always have a form in JSON.
    serde_json::to_vec(status).unwrap_or_default().hash(&mut hasher);
    hasher.finish()
}
