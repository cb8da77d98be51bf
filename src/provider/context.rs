//! The context of templates. Every field always exists, and is `none` if nothing is stated. So a
//! template can ask `{% if site.tls.issuer %}`, and a misspelt name is an error.

use crate::language::AppName;
use crate::operator::frappe::Apps;
use crate::resolve::{Cluster, Fleet, Site, Tls};
use serde::Serialize;
use std::collections::BTreeMap;

/// `cluster`: the cluster and its operators.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ClusterContext<'a> {
    /// The name of the cluster's folder.
    name: &'a str,
    /// The version of frappe-operator, such as `2.6`.
    frappe_operator: &'static str,
    /// The version of mariadb-operator, such as `26.6`.
    mariadb_operator: &'static str,
    /// Whether frappe-operator needs to read pods.
    reads_pods: bool,
    /// Whether the phase of a FrappeSite never becomes stable, so that its health is judged by its
    /// URL.
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
    /// The object's kind, if it is not the usual one.
    pub(super) kind: Option<&'static str>,
}

/// A Secret and its namespace. frappe-operator has no default for the namespace.
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
    /// The name of the bench, which is in the site's namespace.
    bench: &'a str,
    /// The apps of the site, if the operator reads them from the site and the definition states
    /// them.
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
                // The operator creates an Ingress and never removes it. So a retired site keeps its
                // Ingress, and gets none if it has none yet.
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

/// `dbConfig`: the database, as frappe-operator needs it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DbConfig {
    pub(super) provider: &'static str,
    pub(super) mode: &'static str,
    /// The MariaDB to which frappe-operator connects, if it computes the connection itself.
    pub(super) mariadb_ref: Option<Reference>,
    /// The Secret with the connection, if frappe-operator accepts a connection.
    pub(super) connection_secret_ref: Option<SecretReference>,
    pub(super) host: Option<String>,
    pub(super) port: Option<u16>,
}
