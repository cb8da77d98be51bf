//! What the compiler decides offline, and the reconciler reads.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What sitewright decided about a site's database when it rendered the site.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SiteDatabaseSpec {
    /// The site's name in Frappe, such as acme.example.com.
    pub site_name: String,
    /// The database provider, such as mariadb.
    pub provider: String,
    /// How the site gets its database, such as shared.
    pub mode: String,
    /// The definition of the server. A dedicated site has its own server, and no such field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// The bench that serves the site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bench: Option<String>,
    /// The host name under which the site reaches its database server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The port of the database server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<i32>", range(min = 1, max = 65_535))]
    pub port: Option<u16>,
    /// The database on the server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<String>,
    /// The database user of the site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The objects that must be ready before the site's database is.
    pub objects: Vec<ObjectRef>,
}

/// An object whose status decides.
#[derive(
    Clone, Debug, Deserialize, Eq, Hash, JsonSchema, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(rename_all = "camelCase")]
pub struct ObjectRef {
    /// The group and version of the object's type, such as k8s.mariadb.com/v1alpha1.
    pub api_version: String,
    /// The kind of the object, such as Database.
    pub kind: String,
    /// The namespace of the object. Default: the namespace of the SiteDatabase.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The name of the object.
    pub name: String,
    /// What shows that the object is ready, where its kind and API version do not say it. Default: its status
    /// as its operator documents it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready: Option<Readiness>,
}

/// What shows that an object is ready.
#[derive(
    Clone, Copy, Debug, Deserialize, Eq, Hash, JsonSchema, Ord, PartialEq, PartialOrd, Serialize,
)]
pub enum Readiness {
    /// `status.siteURL` is set. frappe-operator 2.3 changes the phase of a ready site for ever, and writes this
    /// field at the first Ready.
    #[serde(rename = "SiteURL")]
    SiteUrl,
}
