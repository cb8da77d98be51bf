//! A MariaDB server of `kind: DatabaseServer`: in the cluster, outside it, or only referred to.

use super::super::{
    Address, DatabaseSpec, Hosting, NamedSecret, Owner, ServerSpec, Service, SiteDraft, Spec,
    service,
};
use super::database::MariadbDatabase;
use super::derived;
use super::external::{self, External, ExternalServer};
use super::instance::{Instance, StatedInstance};
use super::objects::object;
use super::spec::{ServerFacts, ServerHosting};
use super::{backup, check, idle, names, objects, secrets};
use crate::cluster::Common;
use crate::diagnostic::{Checked, Code, Diagnostic};
use crate::language::{self, ResourceName, Resources, SettingName, SettingText, Topology};
use crate::layers::{Idle, Origin};
use crate::object::{DerivedName, Manifest, ObjectKind, Part, Reference, SecretSpec, Variables};
use minijinja::{Value, value::Serde};
use std::sync::{Arc, OnceLock};

/// The spec of a server.
#[derive(Debug)]
pub(super) struct MariadbServer {
    hosting: ServerHosting,
    /// What the databases on the server know of it.
    facts: OnceLock<Arc<ServerFacts>>,
}

impl MariadbServer {
    pub(super) fn new(fields: language::DatabaseServer, origin: &Origin) -> Checked<Self> {
        let managed = fields.managed.unwrap_or(true);
        let topology = fields.topology.unwrap_or(Topology::Standalone);
        let hosting = match fields.external {
            Some(external) => {
                ServerHosting::External(Box::new(ExternalServer::new(external, managed, origin)?))
            }
            None if !managed => ServerHosting::Referenced(topology),
            None => ServerHosting::Managed(Box::new(managed_instance(fields, topology, origin)?)),
        };
        Ok(Self { hosting, facts: OnceLock::new() })
    }

    fn facts(&self, server: &Common) -> Arc<ServerFacts> {
        let origin = &server.origin;
        let facts = || {
            Arc::new(ServerFacts {
                server: reference(server, &self.hosting),
                outside: match &self.hosting {
                    ServerHosting::External(outside) => Some((outside.host.clone(), outside.port)),
                    ServerHosting::Managed(_) | ServerHosting::Referenced(_) => None,
                },
                topology: self.topology(),
                definition: origin.definition.span(),
                external: origin.span(&["external"]),
                stated_topology: origin.span(&["topology"]),
            })
        };
        Arc::clone(self.facts.get_or_init(facts))
    }

    /// How its replicas work together, as far as sitewright knows.
    fn topology(&self) -> Topology {
        match &self.hosting {
            ServerHosting::Managed(instance) => instance.topology,
            ServerHosting::Referenced(topology) => *topology,
            ServerHosting::External(_) => Topology::Standalone,
        }
    }
}

/// `maxConnections` is the setting `max_connections` too.
fn managed_instance(
    fields: language::DatabaseServer,
    topology: Topology,
    origin: &Origin,
) -> Checked<Instance> {
    let mut my_cnf = fields.my_cnf.unwrap_or_default();
    let mut twice = None;
    if let Some(connections) = fields.max_connections
        && let Ok(setting) = SettingName::new("max_connections")
    {
        twice = origin.layers.stated(&["myCnf", "max_connections"]).map(|span| {
            let message = "`max_connections` is stated twice: here and as `maxConnections`";
            // SW107: `max_connections` is stated twice.
            Diagnostic::new(Code::Conflict, span, message)
                .related(origin.span(&["maxConnections"]), "stated here too")
                .help("keep `maxConnections`, which the sites' connections are checked against")
        });
        my_cnf.insert(setting, SettingText::Text(connections.to_string()));
    }
    let stated = StatedInstance {
        image: fields.image,
        version: fields.version,
        storage_size: fields.storage_size,
        storage_class_name: fields.storage_class_name,
        resources: fields.resources,
        my_cnf: Some(my_cnf),
        topology: Some(topology),
        replicas: fields.replicas,
        metrics: fields.metrics,
        pod_disruption_budget: fields.pod_disruption_budget,
        bootstrap_from: fields.bootstrap_from,
    };
    match (stated.resolve(origin, &[]), twice) {
        (resolved, None) => resolved,
        (resolved, Some(problem)) => {
            let more = resolved.err().unwrap_or_default();
            Err([problem].into_iter().chain(more).collect())
        }
    }
}

/// `mariaDbRef` is immutable and is compared as a whole, so its form must never change: name and
/// namespace, and the kind for a server outside the cluster.
fn reference(server: &Common, hosting: &ServerHosting) -> Reference {
    Reference {
        name: ResourceName::from(&server.name),
        namespace: server.namespace.clone(),
        kind: matches!(hosting, ServerHosting::External(_))
            .then_some(ObjectKind::ExternalMariadb.as_str()),
    }
}

impl Spec for MariadbServer {
    fn manifests(&self, owner: Owner) -> Vec<Manifest> {
        let common = owner.common;
        let name = ResourceName::from(&common.name);
        let manifest = |of, reads| object(of, common, name.clone(), reads);
        let mut manifests = match &self.hosting {
            ServerHosting::Managed(_) => {
                vec![manifest(&objects::MARIADB, vec![names::root_secret(&name)])]
            }
            ServerHosting::External(outside) if outside.managed => {
                let external = manifest(&objects::EXTERNAL_MARIADB, Vec::new());
                let service = dials(owner).then(|| manifest(&objects::SERVICE, Vec::new()));
                [external].into_iter().chain(service).collect()
            }
            ServerHosting::External(_) | ServerHosting::Referenced(_) => return Vec::new(),
        };
        manifests.extend(backup::manifests(owner));
        manifests
    }

    fn variables(&self, owner: Owner, part: Part) -> Variables {
        if part != Part::Definition {
            return backup::variables(owner, part, reference(owner.common, &self.hosting), None);
        }
        let common = owner.common;
        let (mut instance, mut external) = (None, None);
        match &self.hosting {
            ServerHosting::Managed(managed) => {
                instance = Some(managed.context(ResourceName::from(&common.name), common));
            }
            ServerHosting::External(outside) => external = Some(External::new(common, outside)),
            ServerHosting::Referenced(_) => {}
        }
        [("instance", Value::from(Serde(instance))), ("external", Value::from(Serde(external)))]
            .into()
    }

    fn secrets(&self, owner: Owner) -> Vec<SecretSpec> {
        let (common, namespace) = (owner.common, &owner.common.namespace);
        let (own, bootstrap) = match &self.hosting {
            ServerHosting::Managed(instance) => {
                let name = names::root_secret(&ResourceName::from(&common.name));
                let root = secrets::root_secret(&secrets::ROOT, owner.cluster, namespace, name);
                (vec![root], instance.bootstrap.as_ref())
            }
            ServerHosting::External(outside) => (external::secrets(namespace, outside), None),
            ServerHosting::Referenced(_) => return Vec::new(),
        };
        own.into_iter().chain(backup::secrets(owner, bootstrap)).collect()
    }

    fn named_secrets(&self) -> Vec<NamedSecret<'_>> {
        match &self.hosting {
            ServerHosting::External(external) => {
                let server = service(external.host.as_str()).map(|(name, namespace)| {
                    (name.strip_suffix(derived::PRIMARY).unwrap_or(name), namespace)
                });
                let path = vec!["external", "passwordSecretRef", "name"];
                vec![NamedSecret { name: &external.password_secret, path, server }]
            }
            ServerHosting::Managed(instance) => {
                backup::named_secret(instance.bootstrap.as_ref(), &[]).into_iter().collect()
            }
            ServerHosting::Referenced(_) => Vec::new(),
        }
    }

    fn derived_names(&self, owner: Owner) -> Vec<&'static [DerivedName]> {
        let mut tables = derived::of_backup(owner.backup);
        match &self.hosting {
            ServerHosting::Managed(instance) => tables.extend(derived::of_instance(instance)),
            ServerHosting::External(outside) => {
                tables.extend((outside.managed && dials(owner)).then_some(derived::OUTSIDE));
            }
            ServerHosting::Referenced(_) => {}
        }
        tables
    }

    fn resources(&self) -> Vec<(Vec<&'static str>, &Resources)> {
        match &self.hosting {
            ServerHosting::Managed(instance) => {
                instance.resources.iter().map(|stated| (vec!["resources"], stated)).collect()
            }
            ServerHosting::Referenced(_) | ServerHosting::External(_) => Vec::new(),
        }
    }

    fn idle(&self) -> Vec<Idle> {
        idle::of_server(&self.hosting)
    }

    fn check(&self, owner: Owner) -> Vec<Diagnostic> {
        check::server(&self.hosting, owner)
    }
}

/// Whether frappe-operator computes the connection itself. It then finds a server outside the
/// cluster by a Service with the server's name.
fn dials(owner: Owner) -> bool {
    !owner.cluster.profiles.frappe.takes_connection
}

impl ServerSpec for MariadbServer {
    fn kind(&self) -> ObjectKind {
        // A server outside the cluster and a server in it must not have one name: a site's
        // reference would fit both.
        ObjectKind::Mariadb
    }

    fn hosting(&self) -> Hosting {
        match &self.hosting {
            ServerHosting::Managed(_) => Hosting::Managed,
            ServerHosting::Referenced(_) => Hosting::Referenced,
            ServerHosting::External(_) => Hosting::External,
        }
    }

    fn address(&self) -> Address<'_> {
        let ServerHosting::External(external) = &self.hosting else { return Address::Own };
        let host = external.host.as_str();
        match service(host) {
            // The host is another name of a server in the cluster.
            Some((name, namespace)) if external.port == 3306 => {
                Address::Service { name, namespace, server: name.strip_suffix(derived::PRIMARY) }
            }
            _ => Address::Host { host, port: external.port },
        }
    }

    fn has_data_plane(&self) -> bool {
        matches!(self.hosting, ServerHosting::Managed(_)) && self.topology() != Topology::Standalone
    }

    fn has_service(&self, owner: Owner) -> bool {
        !matches!(self.hosting, ServerHosting::External(_)) || dials(owner)
    }

    fn services(&self) -> &'static [Service] {
        match &self.hosting {
            ServerHosting::External(_) => &[],
            _ if self.topology() == Topology::Standalone => derived::SERVICES,
            _ => derived::REPLICATED_SERVICES,
        }
    }

    fn database(&self, server: &Common, site: &SiteDraft) -> Checked<Box<dyn DatabaseSpec>> {
        Ok(Box::new(MariadbDatabase::on(self.facts(server), site)?))
    }
}
