//! The checks that depend on MariaDB and mariadb-operator.

use super::super::Owner;
use super::super::backup::Backup;
use super::external::{ExternalServer, ExternalTls};
use super::instance::Instance;
use super::spec::{Home, ServerFacts, ServerHosting};
use super::{settings, volumes};
use crate::diagnostic::{Code, Diagnostic};
use crate::language::{BackupKind, Topology};
use crate::layers::Origin;
use crate::naming::SqlName;
use crate::operator::{Frappe, Mariadb};

/// The problems of a server.
pub(super) fn server(hosting: &ServerHosting, owner: Owner) -> Vec<Diagnostic> {
    let origin = &owner.common.origin;
    match hosting {
        ServerHosting::Managed(instance) => {
            let mut found = of_instance(instance, origin, &[]);
            found.extend(replicas(instance, origin));
            found.extend(volumes::stay(owner));
            found
        }
        ServerHosting::External(external) => {
            let why = "a physical backup copies the server's files, but this server is outside the cluster";
            let physical = owner.backup.and_then(|backup| physical(backup, origin, why));
            let found = [address(external, owner), unencrypted(external, origin), physical];
            found.into_iter().flatten().collect()
        }
        ServerHosting::Referenced(_) => Vec::new(),
    }
}

/// The problems of a site's database.
pub(super) fn database(home: &Home, owner: Owner) -> Vec<Diagnostic> {
    let origin = &owner.common.origin;
    match home {
        Home::Dedicated { instance, .. } => {
            let mut found = of_instance(instance, origin, &["database"]);
            found.extend(volumes::stay(owner));
            found
        }
        Home::On { server, name } => {
            let found = [not_dialled(server, owner), stays(server, name, owner)];
            let backup = owner.backup.iter().flat_map(|backup| on_server(backup, server, owner));
            found.into_iter().flatten().chain(backup).collect()
        }
        Home::Connected(_) => needs_operator(owner).into_iter().collect(),
    }
}

/// The backup of a site is a Job in the site's namespace. It logs in as the server's root with a
/// Secret of its own namespace (source: the job builder of mariadb-operator 25.10).
fn on_server(backup: &Backup, server: &ServerFacts, owner: Owner) -> Vec<Diagnostic> {
    let (origin, namespace) = (&owner.common.origin, &owner.common.namespace);
    let why = "a physical backup copies a whole server, with the data of every site on it";
    let elsewhere = (server.server.namespace != namespace.as_str()).then(|| {
        let message = format!(
            "the backup runs in the namespace `{namespace}` and cannot log in to a server in `{}`",
            server.server.namespace
        );
        // SW408: a backup that the operator cannot take.
        Diagnostic::new(Code::Backup, origin.span(&["backup"]), message)
            .related(server.definition, "the server")
            .help("state `backup` on the DatabaseServer, which then backs up every database on it")
    });
    physical(backup, origin, why).into_iter().chain(elsewhere).collect()
}

/// Why a backup cannot be physical, if it is stated as physical.
fn physical(backup: &Backup, origin: &Origin, why: &str) -> Option<Diagnostic> {
    (backup.kind == BackupKind::Physical).then(|| {
        Diagnostic::new(Code::Backup, origin.span(&["backup", "kind"]), why)
            .help("write `kind: logical`, or state `backup` where the server is defined")
    })
}

/// The checks for every MariaDB that sitewright renders. `below` is the path of the MariaDB in the
/// definition.
fn of_instance(instance: &Instance, origin: &Origin, below: &[&str]) -> Vec<Diagnostic> {
    let mut found = settings::check(&instance.my_cnf, origin, below);
    found.extend(too_old(instance, origin, below));
    found
}

/// Frappe needs MariaDB 10.6 (source: its documentation). An image whose tag is not a version is
/// accepted.
fn too_old(instance: &Instance, origin: &Origin, below: &[&str]) -> Option<Diagnostic> {
    const OLDEST: (u32, u32) = (10, 6);
    let image = instance.image.as_str();
    let (repository, tag) = image.rsplit_once(':')?;
    let mut parts = tag.split(['.', '-']).map(str::parse::<u32>);
    let (Some(Ok(major)), Some(Ok(minor))) = (parts.next(), parts.next()) else { return None };
    if !repository.ends_with("mariadb") || (major, minor) >= OLDEST {
        return None;
    }
    let path = |field| [below, &[field]].concat();
    let stated = origin.layers.stated(&path("image")).or(origin.layers.stated(&path("version")));
    let message = format!("Frappe does not run on MariaDB {major}.{minor}");
    let span = stated.unwrap_or_else(|| origin.definition.span());
    // SW104: a version of MariaDB that Frappe does not run on.
    Some(Diagnostic::new(Code::BadValue, span, message).help("use MariaDB 10.6 or newer"))
}

/// The values that mariadb-operator's admission webhook rejects.
fn replicas(instance: &Instance, origin: &Origin) -> Option<Diagnostic> {
    let count = instance.replicas;
    let (message, help) = match instance.topology {
        Topology::Standalone if count > 1 => (
            format!("a standalone server has one replica, not {count}"),
            "state `topology: replication` or `topology: galera`, or `replicas: 1`",
        ),
        Topology::Galera if count.is_multiple_of(2) => (
            format!(
                "a Galera cluster needs an odd number of replicas to find a majority, not {count}"
            ),
            "state an odd number, such as 3",
        ),
        Topology::Replication if count < 2 => (
            "a replication needs more than one replica".to_owned(),
            "state `replicas: 2` or more, or `topology: standalone`",
        ),
        _ => return None,
    };
    let field = if origin.stated_here(&["replicas"]).is_some() { "replicas" } else { "topology" };
    // SW405: the number of replicas does not fit the topology.
    Some(Diagnostic::new(Code::Topology, origin.span(&[field]), message).help(help))
}

/// A frappe-operator that computes the connection dials `<mariadb>.<namespace>.svc.cluster.local`. In a
/// server with several replicas, writes must go to `<mariadb>-primary`, to which it never connects.
fn not_dialled(server: &ServerFacts, owner: Owner) -> Option<Diagnostic> {
    if owner.cluster.profiles.frappe.needs_connection {
        return None;
    }
    let what = match server.topology {
        Topology::Standalone => return None,
        Topology::Replication => "replicated",
        Topology::Galera => "a Galera cluster",
    };
    let (name, namespace) = (&server.server.name, &server.server.namespace);
    let span = owner.common.origin.span(&["database", "server"]);
    let message = format!(
        "the server `{namespace}/{name}` is {what}, but frappe-operator always connects to `{name}.{namespace}.svc`"
    );
    // SW401: a replicated server whose primary frappe-operator cannot reach.
    Some(
        Diagnostic::new(Code::NotDialled, span, message)
            .related(server.stated_topology, "stated here")
            .help(format!(
                "use a standalone server; or add a DatabaseServer with `external: {{host: {name}-primary.{namespace}.svc.cluster.local}}` and state `mode: external`"
            )),
    )
}

/// An existing database has a name of its own. Only an operator that accepts a connection can use
/// it.
fn needs_operator(owner: Owner) -> Option<Diagnostic> {
    let cluster = owner.cluster;
    (!cluster.profiles.frappe.takes_connection).then(|| {
        let message = format!(
            "frappe-operator {} cannot connect a site to a database that exists already: it computes the \
             name, the host and the port by itself",
            cluster.profiles.frappe.id
        );
        let span = owner.common.origin.span(&["database", "connection"]);
        // SW403: a feature that this operator version does not have.
        Diagnostic::new(Code::NeedsOperator, span, message)
            .related(cluster.definition.span(), "the cluster")
            .help(format!(
                "run frappe-operator {}; or name an external DatabaseServer as `server`, on which the site \
                 gets a database of the computed name",
                versions_with_a_connection()
            ))
    })
}

/// mariadb-operator creates users with the password in the SQL statement. An explicit `enabled:
/// false` gets no warning.
fn unencrypted(external: &ExternalServer, origin: &Origin) -> Option<Diagnostic> {
    (external.managed && matches!(external.tls, ExternalTls::Unstated)).then(|| {
        let message = "without `tls`, mariadb-operator sends the passwords of sites to the server in clear text";
        // SW416: passwords that cross the network in clear text.
        Diagnostic::new(Code::Unencrypted, origin.span(&["external"]), message).help(
            "state `tls: {serverCASecretRef: {name: SECRET}}`, with the certificate of the server's authority in \
             the Secret's key `ca.crt`; `tls: {enabled: false}` states that clear text is intended",
        )
    })
}

/// Finds a database on a server outside the cluster that this version of mariadb-operator would not
/// drop.
fn stays(server: &ServerFacts, name: &SqlName, owner: Owner) -> Option<Diagnostic> {
    let (site, mariadb) = (owner.common, owner.cluster.profiles.mariadb?);
    if server.outside.is_none() || !site.drops_data || mariadb.drops_outside {
        return None;
    }
    let message = format!(
        "mariadb-operator {} drops no database and no user on a server outside the cluster",
        mariadb.id
    );
    let name = name.as_str();
    let versions = Mariadb::versions_that(|profile| profile.drops_outside);
    Some(
        Diagnostic::new(Code::NeedsOperator, site.origin.span(&["data"]), message)
            .related(server.external, "the server")
            .help(format!(
                "remove `data`, and run `DROP DATABASE {name}; DROP USER '{name}'@'%';` on the server when the \
                 site is gone; or run mariadb-operator {versions}"
            )),
    )
}

/// The versions of frappe-operator that accept a connection.
fn versions_with_a_connection() -> String {
    Frappe::versions_that(|profile| profile.takes_connection)
}

/// An operator that computes the connection finds an external server by a Service of type
/// ExternalName. Such a Service is a DNS alias and cannot state a port or an IP address.
fn address(external: &ExternalServer, owner: Owner) -> Option<Diagnostic> {
    let frappe = owner.cluster.profiles.frappe;
    if frappe.takes_connection {
        return None;
    }
    let origin = &owner.common.origin;
    let host = external.host.as_str();
    let (field, message, help) = if host.parse::<std::net::IpAddr>().is_ok() {
        (
            "host",
            format!(
                "frappe-operator {} needs a DNS name for the server, not the address `{host}`",
                frappe.id
            ),
            "state the server's DNS name",
        )
    } else if external.port != 3306 {
        (
            "port",
            format!(
                "frappe-operator {} always connects to port 3306, not {}",
                frappe.id, external.port
            ),
            "let the server listen on 3306",
        )
    } else {
        return None;
    };
    // SW404: an external server's address that this operator cannot connect to.
    Some(
        Diagnostic::new(Code::ExternalAddress, origin.span(&["external", field]), message)
            .help(format!("{help}, or run frappe-operator {}", versions_with_a_connection())),
    )
}
