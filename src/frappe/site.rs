//! FrappeSite, which the sites of every provider have.

use super::APP;
use crate::language::{AppName, Mode, ResourceName};
use crate::object::{
    Manifest, ObjectKind, ObjectType, Part, Reference, SecretPurpose, SecretReference, SecretSpec,
    Stands, Variables, invariants,
};
use crate::operator::frappe::Apps;
use crate::provider::Binding;
use crate::resolve::{Fleet, Site, Tls, Unit};
use minijinja::{Value, value::Serde};
use serde::Serialize;
use std::collections::BTreeMap;

/// A FrappeSite does not itself wait for the objects of its database.
pub(super) const SITE: ObjectType = ObjectType {
    template: "frappe/frappesite.yaml.j2",
    kind: ObjectKind::FrappeSite,
    component: "site",
    stands: Stands::ForItsName,
    wave: 2,
    invariants: &[invariants! {
        spec.siteName = site.siteName;
        spec.domain = site.domain;
        spec.benchRef.name = site.bench;
        spec.benchRef.namespace = site.namespace;
        spec.adminPasswordSecretRef.name = site.adminSecret;
        spec.adminPasswordSecretRef.namespace = site.namespace;
        spec.dbConfig.provider = dbConfig.provider;
        spec.dbConfig.mode = dbConfig.mode;
        spec.dbConfig.mariadbRef.name = dbConfig.mariadbRef.name;
        spec.dbConfig.mariadbRef.namespace = dbConfig.mariadbRef.namespace;
        spec.dbConfig.connectionSecretRef.name = dbConfig.connectionSecretRef.name;
        spec.dbConfig.connectionSecretRef.namespace = dbConfig.connectionSecretRef.namespace;
        spec.dbConfig.host = dbConfig.host;
        spec.dbConfig.port = dbConfig.port;
    }],
};

pub(crate) fn site_manifest(fleet: &Fleet, site: &Site) -> Manifest {
    // A finalizer that drops the site with its database makes no backup. Its Job fails for ever if the
    // server is deleted at the same time, and then the data goes with the volumes (source:
    // `deleteSite` in `controllers/frappesite_jobs.go`).
    let drops = fleet.cluster(&site.common).profiles.frappe.drops_site;
    let with_server = site.database.mode() == Mode::Dedicated;
    Manifest {
        outlives: drops && (!site.common.drops_data || with_server),
        of: &SITE,
        app: APP,
        part: Part::Definition,
        namespace: site.common.namespace.clone(),
        name: ResourceName::from(&site.common.name),
        suffix: None,
        reads: [admin_secret(site)].into(),
    }
}

/// The Administrator's password.
const ADMIN_SECRET: SecretPurpose = SecretPurpose {
    holds: "password",
    of: ADMINISTRATOR,
    suffix: "admin",
    former: None,
    // frappe-operator sets the password when it creates the site, and never again.
    follows: "the site keeps its old password until `bench --site SITE set-admin-password` sets \
        the new one",
    kind: "Opaque",
    app: APP,
    watch_label: None,
};

/// The Administrator's password in a Secret of the user's.
const YOUR_ADMIN_SECRET: SecretPurpose = SecretPurpose::of_the_user("password", ADMINISTRATOR);

const ADMINISTRATOR: &str = "the Administrator";

/// The Secret with the Administrator's password: the user's, or `<site>-admin`, the name that
/// frappe-operator expects.
fn admin_secret(site: &Site) -> ResourceName {
    site.admin_secret.clone().unwrap_or_else(|| site.common.name.followed_by("-admin"))
}

/// The Administrator's password.
pub(crate) fn site_secret(site: &Site) -> SecretSpec {
    let (namespace, name) = (&site.common.namespace, admin_secret(site));
    match site.admin_secret {
        None => SecretSpec::password(&ADMIN_SECRET, namespace, name),
        Some(_) => SecretSpec::of_the_user(&YOUR_ADMIN_SECRET, namespace, name, "password"),
    }
}

/// What the templates of a site see of Frappe.
pub(crate) fn site_variables(fleet: &Fleet, site: &Site) -> Variables {
    [
        ("site", Value::from(Serde(SiteContext::new(fleet, site)))),
        ("dbConfig", Value::from(Serde(DbConfig::new(fleet, site)))),
    ]
    .into()
}

/// `site`: the FrappeSite.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SiteContext<'a> {
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
    admin_secret: ResourceName,
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
    fn new(fleet: &'a Fleet, site: &'a Site) -> Self {
        let stated = fleet.cluster(&site.common).profiles.frappe.apps == Apps::Stated;
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
            admin_secret: admin_secret(site),
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
struct DbConfig {
    provider: &'static str,
    mode: &'static str,
    /// The server to which frappe-operator connects, if it computes the connection itself.
    mariadb_ref: Option<Reference>,
    /// The Secret with the connection, if frappe-operator accepts a connection.
    connection_secret_ref: Option<SecretReference>,
    host: Option<String>,
    port: Option<u16>,
}

impl DbConfig {
    fn new(fleet: &Fleet, site: &Site) -> Self {
        let mode = match site.database.mode() {
            Mode::Dedicated => "dedicated",
            // For frappe-operator, a server outside the cluster is a shared server.
            Mode::Shared | Mode::External => "shared",
        };
        match site.database.binding(fleet.owner(Unit::Site(site))) {
            Binding::Operator(server) => Self {
                provider: site.provider.system().name(),
                mode,
                mariadb_ref: Some(server),
                connection_secret_ref: None,
                host: None,
                port: None,
            },
            Binding::Connection { secret, host, port } => Self {
                provider: "external",
                mode,
                mariadb_ref: None,
                connection_secret_ref: Some(SecretReference {
                    name: secret,
                    namespace: site.common.namespace.clone(),
                }),
                host,
                port,
            },
        }
    }
}
