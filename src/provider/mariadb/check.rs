//! The checks that depend on MariaDB and mariadb-operator.

use super::{settings, volumes};
use crate::diagnostic::{Code, Diagnostic};
use crate::language::{BackupKind, Topology};
use crate::operator::{Frappe, Mariadb};
use crate::resolve::{
    Backup, Database, ExternalServer, ExternalTls, Fleet, Instance, Origin, Server, ServerPlace,
    Site, System,
};

pub(super) fn check(fleet: &Fleet) -> Vec<Diagnostic> {
    let servers = fleet.servers.iter().filter(|server| server.system == System::Mariadb);
    let sites = fleet.sites.iter().filter(|site| site.system == System::Mariadb);
    let servers = servers.flat_map(|server| of_server(fleet, server));
    servers.chain(sites.flat_map(|site| of_site(fleet, site))).collect()
}

fn of_server(fleet: &Fleet, server: &Server) -> Vec<Diagnostic> {
    let origin = &server.common.origin;
    match &server.place {
        ServerPlace::Managed(instance) => {
            let mut found = of_instance(instance, origin, &[]);
            found.extend(replicas(instance, origin));
            found.extend(volumes::stay(fleet, &server.common));
            found
        }
        ServerPlace::External(external) => {
            let why = "a physical backup copies files, and this server's are outside the cluster";
            let physical = server.backup.as_ref().and_then(|backup| physical(backup, origin, why));
            let found = [address(fleet, server), unencrypted(external, origin), physical];
            found.into_iter().flatten().collect()
        }
        ServerPlace::Referenced(_) => Vec::new(),
    }
}

fn of_site(fleet: &Fleet, site: &Site) -> Vec<Diagnostic> {
    let origin = &site.common.origin;
    let backup = site.backup.iter().flat_map(|backup| site_backup(fleet, site, backup));
    let found = match &site.database {
        Database::Dedicated { instance, .. } => {
            let mut found = of_instance(instance, origin, &["database"]);
            found.extend(volumes::stay(fleet, &site.common));
            found
        }
        Database::Shared { server, .. } => {
            not_dialled(fleet.server(*server), site).into_iter().collect()
        }
        Database::Connected(_) => needs_operator(fleet, site).into_iter().collect(),
        Database::External { server, .. } => {
            stays(fleet, fleet.server(*server), site).into_iter().collect()
        }
    };
    found.into_iter().chain(backup).collect()
}

/// The backup of a site is a Job in the site's namespace. It logs in as the server's root with a
/// Secret of its own namespace (source: the job builder of mariadb-operator 25.10).
fn site_backup(fleet: &Fleet, site: &Site, backup: &Backup) -> Vec<Diagnostic> {
    let origin = &site.common.origin;
    let Some(server) = site.database.server() else { return Vec::new() };
    let server = &fleet.server(server).common;
    let why = "a physical backup copies a whole server, with the data of every site on it";
    let elsewhere = (server.namespace != site.common.namespace).then(|| {
        let message = format!(
            "the backup runs in the namespace `{}` and cannot log in to a server in `{}`",
            site.common.namespace, server.namespace
        );
        Diagnostic::new(Code::Backup, origin.span(&["backup"]), message)
            .related(server.origin.definition.span(), "the server")
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
    Some(Diagnostic::new(Code::BadValue, span, message).help("10.6 is the oldest that it runs on"))
}

/// The values that mariadb-operator's admission webhook rejects.
fn replicas(instance: &Instance, origin: &Origin) -> Option<Diagnostic> {
    let count = instance.replicas;
    let (message, help) = match instance.topology {
        Topology::Standalone if count > 1 => (
            format!("{count} replicas of a standalone server"),
            "state `topology: replication` or `topology: galera`, or one replica",
        ),
        Topology::Galera if count.is_multiple_of(2) => (
            format!("{count} replicas of a Galera cluster: an even number cannot find a majority"),
            "state an odd number, such as 3",
        ),
        Topology::Replication if count < 2 => (
            "a replication of one replica".to_owned(),
            "state 2 or more, or `topology: standalone`",
        ),
        _ => return None,
    };
    let field = if origin.stated_here(&["replicas"]).is_some() { "replicas" } else { "topology" };
    Some(Diagnostic::new(Code::Topology, origin.span(&[field]), message).help(help))
}

/// Every version of frappe-operator connects to `<mariadb>.<namespace>.svc.cluster.local`. In a
/// server with several replicas, writes must go to `<mariadb>-primary`, to which it never connects.
fn not_dialled(server: &Server, site: &Site) -> Option<Diagnostic> {
    let topology = match &server.place {
        ServerPlace::Managed(instance) => instance.topology,
        ServerPlace::Referenced(topology) => *topology,
        ServerPlace::External(_) => return None,
    };
    let name = match topology {
        Topology::Standalone => return None,
        Topology::Replication => "a replication",
        Topology::Galera => "a Galera cluster",
    };
    let common = &server.common;
    Some(
        Diagnostic::new(
            Code::NotDialled,
            site.common.origin.span(&["database", "server"]),
            format!(
                "the server `{}` is {name}, but frappe-operator always dials `{}.{}.svc`",
                common.full_name(),
                common.name,
                common.namespace
            ),
        )
        .related(common.origin.span(&["topology"]), "stated here")
        .help(format!(
            "use a standalone server; or add a DatabaseServer with `external: {{host: {}-primary.{}.svc.cluster.local}}` and state `mode: external`",
            common.name, common.namespace
        )),
    )
}

/// An existing database has a name of its own. Only an operator that accepts a connection can use
/// it.
fn needs_operator(fleet: &Fleet, site: &Site) -> Option<Diagnostic> {
    let cluster = fleet.cluster(&site.common);
    (!cluster.frappe.takes_connection).then(|| {
        let message = format!(
            "frappe-operator {} cannot connect a site to a database that exists already: it computes the \
             name, the host and the port by itself",
            cluster.frappe.id
        );
        let span = site.common.origin.span(&["database", "connection"]);
        Diagnostic::new(Code::NeedsOperator, span, message)
            .related(cluster.definition.span(), "the cluster")
            .help(format!(
                "run frappe-operator {}; or name an external DatabaseServer as `server`, on which the site \
                 gets a database of the computed name",
                versions_told()
            ))
    })
}

/// mariadb-operator creates users with the password in the SQL statement. An explicit `enabled:
/// false` gets no warning.
fn unencrypted(external: &ExternalServer, origin: &Origin) -> Option<Diagnostic> {
    (external.managed && matches!(external.tls, ExternalTls::Unstated)).then(|| {
        let message = "without `tls`, mariadb-operator sends the passwords of sites to the server in clear text";
        Diagnostic::new(Code::Unencrypted, origin.span(&["external"]), message).help(
            "state `tls: {serverCASecretRef: {name: SECRET}}`, with the certificate of the server's authority in \
             the Secret's key `ca.crt`; `tls: {enabled: false}` says that this is meant",
        )
    })
}

/// Finds a database on a server outside the cluster that this version of mariadb-operator would not
/// drop.
fn stays(fleet: &Fleet, server: &Server, site: &Site) -> Option<Diagnostic> {
    let cluster = fleet.cluster(&site.common);
    if !site.common.drops_data || cluster.mariadb.drops_outside {
        return None;
    }
    let message = format!(
        "mariadb-operator {} drops no database and no user on a server outside the cluster",
        cluster.mariadb.id
    );
    let name = site.database.sql_name()?.as_str();
    let versions = Mariadb::versions_that(|profile| profile.drops_outside);
    Some(
        Diagnostic::new(Code::NeedsOperator, site.common.origin.span(&["data"]), message)
            .related(server.common.origin.span(&["external"]), "the server")
            .help(format!(
                "remove `data`, and run `DROP DATABASE {name}; DROP USER '{name}'@'%';` on the server when the \
                 site is gone; or run mariadb-operator {versions}"
            )),
    )
}

/// The versions of frappe-operator that accept a connection.
fn versions_told() -> String {
    Frappe::versions_that(|profile| profile.takes_connection)
}

/// An operator that computes the connection finds an external server by a Service of type
/// ExternalName. Such a Service is a DNS alias and cannot state a port or an IP address.
fn address(fleet: &Fleet, server: &Server) -> Option<Diagnostic> {
    let ServerPlace::External(external) = &server.place else { return None };
    let frappe = fleet.cluster(&server.common).frappe;
    if frappe.takes_connection {
        return None;
    }
    let origin = &server.common.origin;
    let host = external.host.as_str();
    let (field, message, help) = if host.parse::<std::net::IpAddr>().is_ok() {
        (
            "host",
            format!("frappe-operator {} reaches `{host}` only under a DNS name", frappe.id),
            "state the server's DNS name",
        )
    } else if external.port != 3306 {
        (
            "port",
            format!("frappe-operator {} dials port 3306, never {}", frappe.id, external.port),
            "let the server listen on 3306",
        )
    } else {
        return None;
    };
    Some(
        Diagnostic::new(Code::ExternalAddress, origin.span(&["external", field]), message)
            .help(format!("{help}, or run frappe-operator {}", versions_told())),
    )
}
