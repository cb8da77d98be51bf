//! A PostgreSQL server of `kind: DatabaseServer`: a Cluster of CloudNativePG that is rendered, or
//! only referred to.

use super::super::{
    Address, DatabaseSpec, Hosting, NamedSecret, Owner, ServerSpec, Service, SiteDraft, Spec,
};
use super::context::MonitorContext;
use super::database::PostgresDatabase;
use super::instance::{Instance, StatedInstance};
use super::objects::object;
use super::pooler::Pooler;
use super::spec::ServerFacts;
use super::{backup, check, derived, idle, names, objects};
use crate::cluster::Common;
use crate::diagnostic::{Checked, Diagnostic};
use crate::language::{self, PodMonitor, ResourceName, Resources};
use crate::layers::{Idle, Origin};
use crate::object::{DerivedName, Manifest, ObjectKind, Part, SecretSpec, Variables};
use minijinja::{Value, value::Serde};
use std::sync::{Arc, OnceLock};

/// The spec of a server.
#[derive(Debug)]
pub(super) struct PostgresServer {
    /// The server, if sitewright renders it.
    instance: Option<Box<Instance>>,
    /// The pooler to which its sites connect.
    pooler: Option<Pooler>,
    /// What the databases on the server know of it.
    facts: OnceLock<Arc<ServerFacts>>,
}

impl PostgresServer {
    pub(super) fn new(fields: language::DatabaseServer, origin: &Origin) -> Checked<Self> {
        if !fields.managed.unwrap_or(true) {
            return Ok(Self { instance: None, pooler: None, facts: OnceLock::new() });
        }
        let stated = StatedInstance {
            image: fields.image,
            version: fields.version,
            instances: fields.instances,
            storage_size: fields.storage_size,
            storage_class_name: fields.storage_class_name,
            resources: fields.resources,
            settings: fields.settings,
            max_connections: fields.max_connections,
            metrics: fields.metrics,
            bootstrap_from: fields.bootstrap_from,
        };
        let instance = Box::new(stated.resolve(origin, &[])?);
        let pooler = fields.pooler.map(Pooler::new);
        Ok(Self { instance: Some(instance), pooler, facts: OnceLock::new() })
    }
}

impl Spec for PostgresServer {
    fn manifests(&self, owner: Owner) -> Vec<Manifest> {
        let Some(instance) = &self.instance else { return Vec::new() };
        let name = ResourceName::from(&owner.common.name);
        let backups = backup::manifests(owner, instance.recovery.as_ref());
        let pooler = self.pooler.as_ref();
        let pooler =
            pooler.map(|_| object(&objects::POOLER, owner.common, names::pooler(&name), false));
        let server = objects::of_server(owner.common, &name, instance.monitor.is_some());
        server.chain(pooler).chain(backups).collect()
    }

    fn variables(&self, owner: Owner, part: Part) -> Variables {
        let name = || ResourceName::from(&owner.common.name);
        let instance = self.instance.as_ref();
        if part != Part::Definition {
            let recovery = instance.and_then(|instance| instance.recovery.as_ref());
            return backup::variables(owner, part, &name(), recovery);
        }
        let monitor: Option<&PodMonitor> = instance.and_then(|it| it.monitor.as_ref());
        let instance = instance.map(|instance| instance.context(name(), owner));
        let monitor = MonitorContext(monitor);
        let pooler = self.pooler.as_ref().map(|pooler| pooler.context(name(), owner));
        [
            ("instance", Value::from(Serde(instance))),
            ("monitor", Value::from(Serde(monitor))),
            ("pooler", Value::from(Serde(pooler))),
        ]
        .into()
    }

    fn secrets(&self, owner: Owner) -> Vec<SecretSpec> {
        let Some(instance) = &self.instance else { return Vec::new() };
        backup::secrets(owner, instance.recovery.as_ref())
    }

    fn named_secrets(&self) -> Vec<NamedSecret<'_>> {
        let recovery = self.instance.as_ref().and_then(|instance| instance.recovery.as_ref());
        backup::named_secret(recovery, &[]).into_iter().collect()
    }

    fn derived_names(&self, _: Owner) -> Vec<&'static [DerivedName]> {
        self.instance.iter().map(|_| derived::SERVER).collect()
    }

    fn resources(&self) -> Vec<(Vec<&'static str>, &Resources)> {
        let of_server = self.instance.as_ref().and_then(|instance| instance.resources.as_ref());
        let of_pooler = self.pooler.as_ref().and_then(|pooler| pooler.resources.as_ref());
        let of_server = of_server.map(|stated| (vec!["resources"], stated));
        let of_pooler = of_pooler.map(|stated| (vec!["pooler", "resources"], stated));
        of_server.into_iter().chain(of_pooler).collect()
    }

    fn idle(&self) -> Vec<Idle> {
        match &self.instance {
            Some(_) => Vec::new(),
            None => idle::of_referenced_server(),
        }
    }

    fn check(&self, owner: Owner) -> Vec<Diagnostic> {
        let instance = self.instance.iter().flat_map(|instance| check::server(instance, owner));
        let pooler = self.pooler.iter().flat_map(|pooler| pooler.check(owner));
        instance.chain(pooler).collect()
    }
}

impl ServerSpec for PostgresServer {
    fn kind(&self) -> ObjectKind {
        ObjectKind::Cluster
    }

    fn hosting(&self) -> Hosting {
        match &self.instance {
            Some(_) => Hosting::Managed,
            None => Hosting::Referenced,
        }
    }

    fn address(&self) -> Address<'_> {
        Address::Own
    }

    fn has_data_plane(&self) -> bool {
        // CloudNativePG updates its instance manager by itself.
        false
    }

    fn has_service(&self, _: Owner) -> bool {
        false
    }

    fn services(&self) -> &'static [Service] {
        match &self.pooler {
            Some(_) => derived::SERVICES_WITH_POOLER,
            None => derived::SERVICES,
        }
    }

    fn database(&self, server: &Common, site: &SiteDraft) -> Checked<Box<dyn DatabaseSpec>> {
        let facts = || {
            Arc::new(ServerFacts {
                name: ResourceName::from(&server.name),
                namespace: server.namespace.clone(),
                has_pooler: self.pooler.is_some(),
                definition: server.origin.definition.span(),
            })
        };
        let facts = Arc::clone(self.facts.get_or_init(facts));
        Ok(Box::new(PostgresDatabase::on(facts, site)?))
    }
}
