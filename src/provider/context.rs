//! What templates see. Every field is always there, `none` where nothing is stated, so that a
//! template asks `{% if site.tls.issuer %}` and a misspelt name is an error.

use super::mariadb::BootstrapContext;
use crate::language::{AppName, PodDisruptionBudget, Resources, ServiceMonitor, SettingText};
use crate::naming::SqlName;
use crate::operator::frappe::Apps;
use crate::resolve::{Cluster, Database, Fleet, MyCnf, Site, Tls};
use minijinja::Value;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// `cluster`: what runs there.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ClusterContext<'a> {
    /// The folder's name.
    name: &'a str,
    /// frappe-operator's version, such as `2.6`.
    frappe_operator: &'static str,
    /// mariadb-operator's version, such as `26.6`.
    mariadb_operator: &'static str,
    /// Whether frappe-operator needs to read pods.
    reads_pods: bool,
    /// Whether the phase of a FrappeSite changes for ever, so that health goes by its URL.
    phase_flips: bool,
}

impl<'a> ClusterContext<'a> {
    pub(crate) fn new(cluster: &'a Cluster) -> Self {
        Self {
            name: &cluster.name,
            frappe_operator: cluster.frappe.id,
            mariadb_operator: cluster.mariadb.id,
            reads_pods: cluster.frappe.reads_pods,
            phase_flips: cluster.frappe.phase_flips,
        }
    }
}

/// A reference to another object.
#[derive(Clone, Serialize)]
pub(super) struct Reference {
    /// The object's name.
    pub(super) name: String,
    /// Its namespace.
    pub(super) namespace: String,
    /// Its kind, where that is not the usual one.
    pub(super) kind: Option<&'static str>,
}

/// A Secret with its namespace, which frappe-operator does not default.
#[derive(Serialize)]
pub(super) struct SecretReference {
    /// The Secret's name.
    pub(super) name: String,
    /// Its namespace.
    pub(super) namespace: String,
}

/// A key of a Secret in the object's namespace.
#[derive(Clone, Serialize)]
pub(super) struct KeyReference {
    /// The Secret.
    pub(super) name: String,
    /// The key.
    pub(super) key: String,
}

/// `site`: the FrappeSite.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SiteContext<'a> {
    name: &'a str,
    namespace: &'a str,
    site_name: &'a str,
    domain: &'a str,
    /// The bench's name; it is in the site's namespace.
    bench: &'a str,
    /// The apps that it gets, where the operator takes them from the site and the definition states them.
    apps: Option<Vec<&'a str>>,
    /// The Secret with the Administrator's password in its key `password`.
    admin_secret: &'a str,
    ingress: IngressContext<'a>,
    tls: TlsContext<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct IngressContext<'a> {
    enabled: bool,
    class_name: Option<&'a str>,
    annotations: BTreeMap<&'a str, &'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TlsContext<'a> {
    enabled: bool,
    issuer: Option<&'a str>,
    secret_name: Option<&'a str>,
}

impl<'a> SiteContext<'a> {
    pub(super) fn new(fleet: &'a Fleet, site: &'a Site) -> Self {
        let stated = fleet.cluster(&site.common).frappe.apps == Apps::Stated;
        let Tls { enabled, issuer, secret_name } = &site.tls;
        let annotations = &site.ingress.annotations;
        Self {
            name: site.common.name.as_str(),
            namespace: site.common.namespace.as_str(),
            site_name: site.site_name.as_str(),
            domain: site.domain.as_str(),
            bench: fleet.bench(site.bench).common.name.as_str(),
            apps: (site.apps.as_ref())
                .filter(|_| stated)
                .map(|apps| apps.iter().map(AppName::as_str).collect()),
            admin_secret: &site.admin_secret,
            ingress: IngressContext {
                // The operator makes an Ingress once and never takes it away: a retired site gets none
                // where there is none yet.
                enabled: site.ingress.enabled && !site.common.retired(),
                class_name: site.ingress.class_name.as_ref().map(|name| name.as_str()),
                annotations: annotations.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect(),
            },
            tls: TlsContext {
                enabled: *enabled,
                issuer: issuer.as_ref().map(|name| name.as_str()),
                secret_name: secret_name.as_ref().map(|name| name.as_str()),
            },
        }
    }
}

/// `dbConfig`: what frappe-operator is told of the database.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DbConfig {
    pub(super) provider: &'static str,
    pub(super) mode: &'static str,
    /// The MariaDB that it dials, where it works out the connection by itself.
    pub(super) mariadb_ref: Option<Reference>,
    /// The Secret with the connection, where it is told it.
    pub(super) connection_secret_ref: Option<SecretReference>,
    pub(super) host: Option<String>,
    pub(super) port: Option<u16>,
}

/// `database`: the Database, its User and its Grant; `none` for a database that exists already.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DatabaseContext<'a> {
    /// The database's name, which is its user's too.
    name: &'a str,
    /// The name as a pattern for grants: `_` is a wildcard there, `\_` is not.
    pattern: String,
    /// What the user may do in the database.
    privileges: &'static Value,
    max_user_connections: u32,
    /// `Skip` or `Delete`: what becomes of the database when its object goes.
    cleanup_policy: &'static str,
    /// The same of the user.
    user_cleanup_policy: &'static str,
    /// The server.
    server: Reference,
    /// The user's password.
    password: KeyReference,
}

impl<'a> DatabaseContext<'a> {
    pub(super) fn new(
        name: &'a SqlName,
        privileges: &'static Value,
        site: &Site,
        server: Reference,
        password: KeyReference,
    ) -> Self {
        // Of a server that goes too, nothing is dropped one by one: no deletion waits for it.
        let is_dedicated = matches!(site.database, Database::Dedicated { .. });
        let with_server = is_dedicated && site.common.retired();
        Self {
            name: name.as_str(),
            pattern: name.escaped(),
            privileges,
            max_user_connections: site.max_user_connections,
            cleanup_policy: if site.common.drops_data && !with_server { "Delete" } else { "Skip" },
            // Dropping a user takes its grants along.
            user_cleanup_policy: if with_server { "Skip" } else { "Delete" },
            server,
            password,
        }
    }
}

/// `instance`: a MariaDB of ours.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct InstanceContext<'a> {
    pub(super) name: String,
    pub(super) namespace: &'a str,
    pub(super) root_password: KeyReference,
    pub(super) image: &'a str,
    pub(super) storage_size: &'a str,
    pub(super) storage_class_name: Option<&'a str>,
    pub(super) resources: Option<&'a Resources>,
    /// The whole option file.
    pub(super) my_cnf: String,
    /// Whether the volumes go with the server.
    pub(super) drops_data: bool,
    /// `standalone`, `replication` or `galera`.
    pub(super) topology: crate::language::Topology,
    pub(super) replicas: u32,
    pub(super) metrics: bool,
    /// As MariaDB states them.
    pub(super) service_monitor: Option<&'a ServiceMonitor>,
    pub(super) pod_disruption_budget: Option<&'a PodDisruptionBudget>,
    pub(super) bootstrap_from: Option<BootstrapContext<'a>>,
}

/// The option file: the settings of the server in the order of their names, and the character set of
/// clients that are started in the same pod.
pub(super) fn option_file(settings: &MyCnf) -> String {
    let mut file = String::from("[mariadb]\n");
    for (name, value) in settings {
        // Writing to a String cannot fail.
        let _ = match value {
            // An option that takes something away has no value: it is there or not.
            SettingText::Switch(true) if name.as_str().starts_with("skip_") => {
                writeln!(file, "{name}")
            }
            SettingText::Switch(false) if name.as_str().starts_with("skip_") => Ok(()),
            SettingText::Switch(true) => writeln!(file, "{name}=ON"),
            SettingText::Switch(false) => writeln!(file, "{name}=OFF"),
            SettingText::Text(text) => writeln!(file, "{name}={text}"),
        };
    }
    file.push_str("\n[client]\ndefault_character_set=utf8mb4\n");
    file
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::SettingName;

    #[test]
    fn an_option_file_is_sorted_and_knows_switches() {
        let settings = [
            ("skip_name_resolve", SettingText::Switch(true)),
            ("skip_networking", SettingText::Switch(false)),
            ("innodb_file_per_table", SettingText::Switch(true)),
            ("event_scheduler", SettingText::Switch(false)),
            ("max_allowed_packet", SettingText::Text("256M".into())),
        ];
        let settings: MyCnf =
            settings.map(|(name, value)| (SettingName::new(name).unwrap(), value)).into();
        assert_eq!(
            option_file(&settings),
            "[mariadb]\nevent_scheduler=OFF\ninnodb_file_per_table=ON\nmax_allowed_packet=256M\n\
             skip_name_resolve\n\n[client]\ndefault_character_set=utf8mb4\n"
        );
    }
}
