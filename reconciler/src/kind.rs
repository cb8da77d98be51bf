//! The types of the objects that a SiteDatabase may refer to. Every other type is unknown here.

use kube::core::{ApiResource, GroupVersionKind};
use sitewright_api::ObjectRef;
use std::fmt;

/// What an object is, whatever version of its API wrote it.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Kind {
    /// A server of mariadb-operator.
    MariaDb,
    /// A server outside the cluster, for mariadb-operator.
    ExternalMariaDb,
    /// A database, a user or a grant of mariadb-operator. The three report alike.
    MariaDbSql,
    /// A site of frappe-operator 2.x.
    FrappeSite,
    /// A site of frappe-operator 5.x.
    FrappeSiteV1,
    /// A bench of frappe-operator.
    FrappeBench,
    /// A sealed Secret.
    SealedSecret,
    /// A Secret that External Secrets fetches.
    ExternalSecret,
    /// A server of CloudNativePG.
    PostgresCluster,
    /// A database or a role of CloudNativePG. The two report alike.
    PostgresSql,
}

/// A row of [`TYPES`].
#[derive(Debug)]
pub struct ForeignType {
    /// Its rules.
    pub kind: Kind,
    /// The API group.
    pub group: &'static str,
    /// The version of the API.
    pub version: &'static str,
    /// The kind as an object writes it.
    pub name: &'static str,
    /// The resource's name in the API's paths.
    pub plural: &'static str,
}

const fn row(
    kind: Kind,
    group: &'static str,
    version: &'static str,
    name: &'static str,
    plural: &'static str,
) -> ForeignType {
    ForeignType { kind, group, version, name, plural }
}

const MARIADB: &str = "k8s.mariadb.com";
const FRAPPE: &str = "vyogo.tech";
const POSTGRES: &str = "postgresql.cnpg.io";

/// Every type, in the order of its [`TypeId`].
pub const TYPES: [ForeignType; 14] = [
    row(Kind::MariaDb, MARIADB, "v1alpha1", "MariaDB", "mariadbs"),
    row(Kind::ExternalMariaDb, MARIADB, "v1alpha1", "ExternalMariaDB", "externalmariadbs"),
    row(Kind::MariaDbSql, MARIADB, "v1alpha1", "Database", "databases"),
    row(Kind::MariaDbSql, MARIADB, "v1alpha1", "User", "users"),
    row(Kind::MariaDbSql, MARIADB, "v1alpha1", "Grant", "grants"),
    row(Kind::FrappeSite, FRAPPE, "v1alpha1", "FrappeSite", "frappesites"),
    row(Kind::FrappeSiteV1, FRAPPE, "v1", "FrappeSite", "frappesites"),
    row(Kind::FrappeBench, FRAPPE, "v1alpha1", "FrappeBench", "frappebenches"),
    row(Kind::FrappeBench, FRAPPE, "v1", "FrappeBench", "frappebenches"),
    row(Kind::SealedSecret, "bitnami.com", "v1alpha1", "SealedSecret", "sealedsecrets"),
    row(Kind::ExternalSecret, "external-secrets.io", "v1", "ExternalSecret", "externalsecrets"),
    row(Kind::PostgresCluster, POSTGRES, "v1", "Cluster", "clusters"),
    row(Kind::PostgresSql, POSTGRES, "v1", "Database", "databases"),
    row(Kind::PostgresSql, POSTGRES, "v1", "DatabaseRole", "databaseroles"),
];

/// One of [`TYPES`].
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct TypeId(u8);

impl TypeId {
    /// Every type.
    pub fn all() -> impl Iterator<Item = Self> {
        (0u8..).take(TYPES.len()).map(Self)
    }

    /// The type of an object. `None` if its rules are not known here.
    pub fn of(object: &ObjectRef) -> Option<Self> {
        let (group, version) = object.api_version.split_once('/')?;
        Self::all().find(|id| {
            let row = id.row();
            row.group == group && row.version == version && row.name == object.kind
        })
    }

    /// Its row.
    pub fn row(self) -> &'static ForeignType {
        &TYPES[usize::from(self.0)]
    }

    /// What kube needs to know about it.
    pub fn resource(self) -> ApiResource {
        let row = self.row();
        let kind = GroupVersionKind::gvk(row.group, row.version, row.name);
        ApiResource::from_gvk_with_plural(&kind, row.plural)
    }
}

/// As metrics and logs name it: unique among the types.
impl fmt::Display for TypeId {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        let row = self.row();
        write!(formatter, "{}.{}.{}", row.name, row.version, row.group)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_type_is_found_by_what_a_reference_says() {
        let mut names = HashSet::new();
        for id in TypeId::all() {
            let row = id.row();
            let object = ObjectRef {
                api_version: format!("{}/{}", row.group, row.version),
                kind: row.name.to_owned(),
                namespace: None,
                name: "acme".to_owned(),
                ready: None,
            };
            assert_eq!(TypeId::of(&object), Some(id));
            assert_eq!(id.resource().plural, row.plural);
            assert!(names.insert(id.to_string()), "{id} stands twice");
            let other = ObjectRef { api_version: format!("{}/v9", row.group), ..object };
            assert_eq!(TypeId::of(&other), None);
        }
    }
}
