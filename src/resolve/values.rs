//! Resolves the values of one definition that do not depend on other definitions.

use super::fleet::{Bench, Common, ExternalServer, ExternalTls, Index, Server, ServerPlace};
use super::origin::Origin;
use super::{Resolved, Resolver, backup, decoded, instance, require, system};
use crate::diagnostic::{Code, Diagnostic};
use crate::language::{
    self, AppSource, BackupKind, Data, Lifecycle, Namespace, ObjectName, SiteName, Topology,
};

/// A site whose references are not followed yet.
pub(super) struct Draft<'p> {
    pub(super) common: Common<'p>,
    pub(super) site_name: SiteName,
    pub(super) fields: language::Site,
}

/// The fields that every kind has.
struct Shared {
    namespace: Option<Namespace>,
    labels: Option<super::Labels>,
    annotations: Option<super::Annotations>,
    lifecycle: Option<Lifecycle>,
    data: Option<Data>,
    protect: Option<bool>,
}

/// Moves these fields out of the type of a kind.
macro_rules! shared {
    ($fields:ident, $data:expr) => {
        Shared {
            namespace: $fields.namespace.take(),
            labels: $fields.labels.take(),
            annotations: $fields.annotations.take(),
            lifecycle: $fields.lifecycle,
            data: $data,
            protect: $fields.protect,
        }
    };
}

fn common<'p>(
    origin: Origin<'p>,
    cluster: Index,
    shared: Shared,
    problems: &mut Vec<Diagnostic>,
) -> Option<Common<'p>> {
    let why = "the cluster's `namespace` serves all that state none";
    let namespace = require(shared.namespace, &origin, &["namespace"], why, problems)?;
    let lifecycle = shared.lifecycle.unwrap_or(Lifecycle::Active);
    let drops_data = shared.data == Some(Data::Delete);
    if drops_data && lifecycle == Lifecycle::Active {
        problems.push(
            Diagnostic::new(
                Code::Conflict,
                origin.span(&["data"]),
                format!("`data: delete` on `{}`, which is in service", origin.definition.path()),
            )
            .help("state `lifecycle: retired` with it, or remove it"),
        );
        return None;
    }
    // The name of a definition is already checked with its file.
    let name = ObjectName::new(&origin.definition.name).ok()?;
    Some(Common {
        cluster,
        name,
        namespace,
        labels: shared.labels.unwrap_or_default(),
        annotations: shared.annotations.unwrap_or_default(),
        lifecycle,
        protect: shared.protect.unwrap_or(true),
        drops_data,
        origin,
    })
}

pub(super) fn site<'p>(
    origin: Origin<'p>,
    cluster: Index,
    _: &Resolver<'p>,
) -> Resolved<Draft<'p>> {
    let mut fields: language::Site = decoded(&origin)?;
    let mut problems = Vec::new();
    let why = "it is what Frappe answers to";
    let site_name = require(fields.site_name.clone(), &origin, &["siteName"], why, &mut problems);
    let shared = shared!(fields, fields.data);
    match (common(origin, cluster, shared, &mut problems), site_name) {
        (Some(common), Some(site_name)) => Ok(Draft { common, site_name, fields }),
        _ => Err(problems),
    }
}

pub(super) fn server<'p>(
    origin: Origin<'p>,
    cluster: Index,
    resolver: &Resolver<'p>,
) -> Resolved<Server<'p>> {
    let mut fields: language::DatabaseServer = decoded(&origin)?;
    let mut problems = Vec::new();
    let system =
        system(fields.provider, &origin, &["provider"]).map_err(|problem| vec![*problem])?;
    let (max_connections, max_sites) = (fields.max_connections, fields.max_sites);
    // The operator cannot copy the files of a server outside the cluster.
    let kind = match fields.external {
        Some(_) => BackupKind::Logical,
        None => BackupKind::Physical,
    };
    let place = server_place(&mut fields, &origin, resolver, &mut problems);
    let backup = backup::backup(fields.backup.take(), &origin, kind, &mut problems);
    let shared = shared!(fields, fields.data);
    match (common(origin, cluster, shared, &mut problems), place) {
        (Some(common), Some(place)) if problems.is_empty() => Ok(Server {
            common,
            system,
            place,
            max_connections,
            max_sites,
            backup: backup.map(Box::new),
        }),
        _ => Err(problems),
    }
}

fn server_place(
    fields: &mut language::DatabaseServer,
    origin: &Origin,
    resolver: &Resolver,
    problems: &mut Vec<Diagnostic>,
) -> Option<ServerPlace> {
    let managed = fields.managed.unwrap_or(true);
    let topology = fields.topology.unwrap_or(Topology::Standalone);
    if let Some(external) = fields.external.take() {
        let why = "the server's host name";
        let host = require(external.host, origin, &["external", "host"], why, problems)?;
        let secret = external.password_secret_ref.unwrap_or_default();
        let tls = external_tls(external.tls, origin, problems)?;
        return Some(ServerPlace::External(ExternalServer {
            managed,
            host,
            port: external.port.unwrap_or(3306),
            username: external.username.map_or("root".to_owned(), |name| name.to_string()),
            password_secret: secret.name.map_or_else(
                || format!("{}-root", origin.definition.name),
                |name| name.to_string(),
            ),
            password_key: secret.key.map_or("password".to_owned(), |key| key.to_string()),
            tls,
        }));
    }
    if !managed {
        return Some(ServerPlace::Referenced(topology));
    }
    let mut my_cnf = fields.my_cnf.take().unwrap_or_default();
    if let Some(connections) = fields.max_connections
        && let Ok(setting) = language::SettingName::new("max_connections")
    {
        if let Some(span) = origin.layers.stated(&["myCnf", "max_connections"]) {
            problems.push(
                Diagnostic::new(
                    Code::Conflict,
                    span,
                    "`max_connections` is stated twice: here and as `maxConnections`",
                )
                .related(origin.span(&["maxConnections"]), "stated here too")
                .help("keep `maxConnections`, which the sites' connections are checked against"),
            );
        }
        my_cnf.insert(setting, language::SettingText::Text(connections.to_string()));
    }
    let stated = instance::Stated {
        image: fields.image.take(),
        version: fields.version.take(),
        storage_size: fields.storage_size.take(),
        storage_class_name: fields.storage_class_name.take(),
        resources: fields.resources.take(),
        my_cnf: Some(my_cnf),
        topology: Some(topology),
        replicas: fields.replicas,
        metrics: fields.metrics.take(),
        pod_disruption_budget: fields.pod_disruption_budget.take(),
        bootstrap_from: fields.bootstrap_from.take(),
    };
    let instance = instance::instance(stated, origin, &[], resolver, problems)?;
    problems.is_empty().then(|| ServerPlace::Managed(Box::new(instance)))
}

/// If TLS is on and no Secrets are stated, mariadb-operator reads Secrets with default names that
/// nothing creates (`api/v1alpha1/external_mariadb_keys.go` of 25.10.4 and 26.6.0). It can then no
/// longer reach the server.
fn external_tls(
    stated: Option<language::ExternalTls>,
    origin: &Origin,
    problems: &mut Vec<Diagnostic>,
) -> Option<ExternalTls> {
    let Some(tls) = stated else { return Some(ExternalTls::Unstated) };
    if tls.enabled == Some(false) {
        return Some(ExternalTls::Off);
    }
    let mut secret = |stated: Option<language::SecretRef>, field, why| {
        let path = ["external", "tls", field, "name"];
        require(stated.and_then(|secret| secret.name), origin, &path, why, problems)
    };
    let why = "the Secret with the certificate of the server's authority, in the key `ca.crt`";
    let server_ca = secret(tls.server_ca_secret_ref, "serverCASecretRef", why)?.to_string();
    let client = match tls.mutual.unwrap_or(tls.client_cert_secret_ref.is_some()) {
        true => {
            let why = "the Secret with the operator's own certificate, in the keys `tls.crt` and `tls.key`; \
                       or state `mutual: false`";
            let client = secret(tls.client_cert_secret_ref, "clientCertSecretRef", why)?;
            Some(client.to_string())
        }
        false => None,
    };
    Some(ExternalTls::On { server_ca, client })
}

pub(super) fn bench<'p>(
    origin: Origin<'p>,
    cluster: Index,
    _: &Resolver<'p>,
) -> Resolved<Bench<'p>> {
    let mut fields: language::Bench = decoded(&origin)?;
    let mut problems = Vec::new();
    let managed = fields.managed.unwrap_or(true);
    if managed {
        let why = "the version of the Frappe framework, such as version-15";
        require(fields.frappe_version.as_ref(), &origin, &["frappeVersion"], why, &mut problems);
        apps(&fields, &origin, &mut problems);
    }
    let shared = shared!(fields, None);
    match common(origin, cluster, shared, &mut problems) {
        Some(common) if problems.is_empty() => Ok(Bench { common, managed, fields }),
        _ => Err(problems),
    }
}

/// The required fields of each source of an app (source: the descriptions of FrappeBench's fields;
/// its schema does not require them).
fn apps(fields: &language::Bench, origin: &Origin, problems: &mut Vec<Diagnostic>) {
    for app in fields.apps.iter().flatten() {
        let missing: &[(&str, bool)] = match app.source {
            AppSource::Git => &[("gitUrl", app.git_url.is_none())],
            AppSource::Fpm => &[("org", app.org.is_none()), ("version", app.version.is_none())],
            AppSource::Image => &[],
        };
        for (field, _) in missing.iter().filter(|(_, missing)| *missing) {
            let source = match app.source {
                AppSource::Git => "git",
                _ => "fpm",
            };
            problems.push(
                Diagnostic::new(
                    Code::MissingField,
                    origin.span(&["apps"]),
                    format!("the app `{}` has no `{field}`", app.name),
                )
                .help(format!("`source: {source}` needs it")),
            );
        }
    }
}
