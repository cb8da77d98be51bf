//! A PostgreSQL server of `kind: DatabaseServer`: a Cluster of CloudNativePG that is rendered, or
//! only referred to.

use super::super::{
    Address, DatabaseSpec, Hosting, NamedSecret, Owner, ServerSpec, Service, SiteDraft, Spec,
};
use super::context::MonitorContext;
use super::database::PostgresDatabase;
use super::instance::{Instance, StatedInstance};
use super::spec::ServerFacts;
use super::{backup, check, derived, idle, objects};
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
    /// What the databases on the server know of it.
    facts: OnceLock<Arc<ServerFacts>>,
}

impl PostgresServer {
    pub(super) fn new(fields: language::DatabaseServer, origin: &Origin) -> Checked<Self> {
        if !fields.managed.unwrap_or(true) {
            return Ok(Self { instance: None, facts: OnceLock::new() });
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
        Ok(Self { instance: Some(instance), facts: OnceLock::new() })
    }
}

impl Spec for PostgresServer {
    fn manifests(&self, owner: Owner) -> Vec<Manifest> {
        let Some(instance) = &self.instance else { return Vec::new() };
        let name = ResourceName::from(&owner.common.name);
        let backups = backup::manifests(owner, instance.recovery.as_ref());
        objects::of_server(owner.common, &name, instance.monitor.is_some()).chain(backups).collect()
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
        [("instance", Value::from(Serde(instance))), ("monitor", Value::from(Serde(monitor)))]
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
        let stated = self.instance.iter().filter_map(|instance| instance.resources.as_ref());
        stated.map(|stated| (vec!["resources"], stated)).collect()
    }

    fn idle(&self) -> Vec<Idle> {
        match &self.instance {
            Some(_) => Vec::new(),
            None => idle::of_referenced_server(),
        }
    }

    fn check(&self, owner: Owner) -> Vec<Diagnostic> {
        self.instance.iter().flat_map(|instance| check::server(instance, owner)).collect()
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
        derived::SERVICES
    }

    fn database(&self, server: &Common, site: &SiteDraft) -> Checked<Box<dyn DatabaseSpec>> {
        let facts = || {
            Arc::new(ServerFacts {
                name: ResourceName::from(&server.name),
                namespace: server.namespace.clone(),
                definition: server.origin.definition.span(),
            })
        };
        let facts = Arc::clone(self.facts.get_or_init(facts));
        Ok(Box::new(PostgresDatabase::on(facts, site)?))
    }
}
