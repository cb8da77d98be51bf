//! FrappeSite, which the sites of every provider have.

use super::{APP, GROUP};
use crate::cluster::Common;
use crate::language::{AppName, Mode, ResourceName, Word};
use crate::object::{
    KeyReference, Manifest, ObjectKind, ObjectType, Part, Reference, SecretPurpose,
    SecretReference, SecretSpec, Stands, Variables, invariants,
};
use crate::operator::frappe::{Apps, RerunsInit};
use crate::provider::Binding;
use crate::resolve::{Fleet, Site, Tls, Unit};
use minijinja::{Value, value::Serde};
use serde::Serialize;
use sitewright_api::{ObjectRef, Readiness};
use std::collections::BTreeMap;

/// A FrappeSite does not wait by itself for the objects of its database.
pub(super) const SITE: ObjectType = ObjectType {
    template: "frappe/frappesite.yaml.j2",
    kind: ObjectKind::FrappeSite,
    app: APP,
    component: "site",
    stands: Stands::ForItsName,
    is_protected: true,
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
        spec.deletionPolicy = site.deletionPolicy;
        spec.encryptionKeySecretRef.name = site.encryptionKey.name;
        spec.encryptionKeySecretRef.key = site.encryptionKey.key;
    }],
};

/// The objects of frappe-operator whose status says whether a site's database is ready.
pub(crate) fn reported_by(fleet: &Fleet, site: &Site) -> Vec<ObjectRef> {
    let frappe = fleet.cluster(&site.common).profiles.frappe;
    let object = |kind: ObjectKind, common: &Common, ready| ObjectRef {
        api_version: format!("{GROUP}/{}", frappe.api.word()),
        kind: kind.to_string(),
        namespace: Some(common.namespace.to_string()),
        name: common.name.to_string(),
        ready,
    };
    vec![
        object(ObjectKind::FrappeBench, &fleet.bench(site.bench).common, None),
        object(
            ObjectKind::FrappeSite,
            &site.common,
            frappe.phase_flips.then_some(Readiness::SiteUrl),
        ),
    ]
}

pub(crate) fn site_manifest(fleet: &Fleet, site: &Site) -> Manifest {
    // A finalizer that drops the site with its database makes no backup. Its Job fails for ever if the
    // server is deleted at the same time, and then the data goes with the volumes (source:
    // `deleteSite` in `controllers/frappesite_jobs.go`).
    let frappe = fleet.cluster(&site.common).profiles.frappe;
    let with_server = site.database.mode() == Mode::Dedicated;
    let mut reads: Vec<_> =
        site_secrets(fleet, site).into_iter().map(|secret| secret.name).collect();
    if frappe.needs_connection {
        // The operator reads a new password only when the FrappeSite changes.
        let binding = site.database.binding(fleet.owner(Unit::Site(site)));
        reads.extend(match binding {
            Binding::Connection { secret, .. } => Some(secret),
            Binding::Operator { .. } => None,
        });
    }
    Manifest {
        outlives: frappe.drops_site && (!site.common.drops_data || with_server),
        of: &SITE,
        part: Part::Definition,
        namespace: site.common.namespace.clone(),
        name: ResourceName::from(&site.common.name),
        reads: reads.into(),
    }
}

/// The Administrator's password.
const ADMIN_SECRET: SecretPurpose = admin_secret_followed_by(
    "the site keeps its old password until `bench --site SITE set-admin-password` sets the new one",
);

/// The same where a new init Job sets the password again.
const FOLLOWED_ADMIN_SECRET: SecretPurpose = admin_secret_followed_by(
    "the site keeps its old password: \
        change `siteVersion` of the site, so that a new init Job sets the new one",
);

const fn admin_secret_followed_by(follows: &'static str) -> SecretPurpose {
    // frappe-operator sets the password only in a site's init Job.
    SecretPurpose {
        holds: "password",
        of: ADMINISTRATOR,
        suffix: "admin",
        former: None,
        follows,
        kind: "Opaque",
        app: APP,
        watch_label: None,
    }
}

/// The Administrator's password in a Secret of the user's.
const YOUR_ADMIN_SECRET: SecretPurpose = SecretPurpose::of_the_user("password", ADMINISTRATOR);

const ADMINISTRATOR: &str = "the Administrator";

/// The Secret with the Administrator's password: the user's, or `<site>-admin`, the name that
/// frappe-operator expects.
fn admin_secret(site: &Site) -> ResourceName {
    site.admin_secret.clone().unwrap_or_else(|| site.common.name.followed_by("-admin"))
}

/// The key with which Frappe encrypts fields of the site.
const ENCRYPTION_KEY: SecretPurpose = SecretPurpose {
    holds: "encryption key",
    of: "the site",
    // `<site>-encryption-key` is the Secret that the operator makes, and deletes with the FrappeSite.
    suffix: "fernet-key",
    former: None,
    follows: "what the old key has encrypted cannot be read any more",
    kind: "Opaque",
    app: APP,
    watch_label: None,
};

/// The Secret with the key, and its name there.
fn encryption_key(site: &Site) -> KeyReference {
    KeyReference { name: site.common.name.followed_by("-fernet-key"), key: "encryption_key".into() }
}

/// The Secrets that frappe-operator reads for a site, beside that of its database.
pub(crate) fn site_secrets(fleet: &Fleet, site: &Site) -> Vec<SecretSpec> {
    let (namespace, name) = (&site.common.namespace, admin_secret(site));
    let frappe = fleet.cluster(&site.common).profiles.frappe;
    let admin = match (&site.admin_secret, frappe.reruns_init) {
        (Some(_), _) => SecretSpec::of_the_user(&YOUR_ADMIN_SECRET, namespace, name, "password"),
        (None, RerunsInit::OnSiteVersion) => {
            SecretSpec::password(&FOLLOWED_ADMIN_SECRET, namespace, name)
        }
        (None, _) => SecretSpec::password(&ADMIN_SECRET, namespace, name),
    };
    let key = frappe.takes_encryption_key.then(|| {
        // It decrypts fields of the database, so it stays where the database does. A database that exists
        // already may hold a site with a key, which nobody may replace.
        let outlives = !site.common.drops_data;
        let given = site.database.connection_secret().is_some();
        let key = SecretSpec::encryption_key(&ENCRYPTION_KEY, namespace, encryption_key(site));
        SecretSpec { given, ..key }.outliving(outlives)
    });
    [admin].into_iter().chain(key).collect()
}

/// What the templates of a site see of Frappe.
pub(crate) fn site_variables(fleet: &Fleet, site: &Site) -> Variables {
    [
        ("site", Value::from(Serde(SiteContext::new(fleet, site)))),
        ("dbConfig", Value::from(Serde(DbConfig::new(fleet, site)))),
    ]
    .into()
}

/// The version of a site that states none. A site without the annotation would run its init Job on any
/// change, but not within an hour of the last one.
const FIRST_VERSION: &str = "1";

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
    /// The version of the API of the FrappeSite.
    api: &'static str,
    /// The annotation `frappe.io/site-version`, if the operator runs the init Job again by it.
    site_version: Option<&'a str>,
    /// What happens to the site when its object is deleted, if the operator asks.
    deletion_policy: Option<&'static str>,
    /// The Secret with the Administrator's password in its key `password`.
    admin_secret: ResourceName,
    /// The key with which Frappe encrypts fields, if the operator takes one.
    encryption_key: Option<KeyReference>,
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
        let frappe = fleet.cluster(&site.common).profiles.frappe;
        let stated = frappe.apps == Apps::Stated;
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
            api: frappe.api.word(),
            site_version: (frappe.reruns_init == RerunsInit::OnSiteVersion)
                .then(|| site.site_version.as_ref().map_or(FIRST_VERSION, Word::as_str)),
            deletion_policy: frappe.has_deletion_policy.then_some("Retain"),
            admin_secret: admin_secret(site),
            encryption_key: frappe.takes_encryption_key.then(|| encryption_key(site)),
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
        match site.database.binding(fleet.owner(Unit::Site(site))) {
            Binding::Operator { server, .. } => Self {
                provider: site.provider.system().name(),
                mode: match site.database.mode() {
                    Mode::Dedicated => "dedicated",
                    // For frappe-operator, a server outside the cluster is a shared server.
                    Mode::Shared | Mode::External => "shared",
                },
                mariadb_ref: Some(server),
                connection_secret_ref: None,
                host: None,
                port: None,
            },
            Binding::Connection { secret, host, port } => Self {
                provider: "external",
                // It takes no other mode with a connection.
                mode: "shared",
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
