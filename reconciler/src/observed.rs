//! What is read of an object. A foreign object's `spec` is never built: the reader skips it, as it skips
//! `managedFields`, labels and annotations.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, Time};
use kube::Resource;
use kube::core::ApiResource;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use sitewright_api::{
    API_VERSION, Condition, DatabaseStatus, GROUP, KIND, PLURAL, READY, SiteDatabaseSpec,
    SiteDatabaseStatus, VERSION,
};
use std::borrow::Cow;

/// An object of another operator: its status, and no spec.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Observed {
    /// Its name, namespace, generation and versions.
    #[serde(default, deserialize_with = "few_fields")]
    pub metadata: ObjectMeta,
    /// What its operator reports.
    #[serde(default, deserialize_with = "lenient")]
    pub status: Option<ForeignStatus>,
}

/// The fields that any of the rules reads.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct ForeignStatus {
    /// Kubernetes' own form of a status.
    #[serde(default, deserialize_with = "lenient")]
    pub conditions: Option<Vec<ForeignCondition>>,
    /// A word of frappe-operator, a sentence of CloudNativePG.
    #[serde(default, deserialize_with = "lenient")]
    pub phase: Option<String>,
    /// CloudNativePG's explanation of its phase.
    #[serde(default, deserialize_with = "lenient")]
    pub phase_reason: Option<String>,
    /// The generation that the status describes.
    #[serde(default, deserialize_with = "lenient")]
    pub observed_generation: Option<i64>,
    /// Whether CloudNativePG has executed the SQL.
    #[serde(default, deserialize_with = "lenient")]
    pub applied: Option<bool>,
    /// Why it has not.
    #[serde(default, deserialize_with = "lenient")]
    pub message: Option<String>,
    /// The address of a site that was ready once.
    #[serde(default, rename = "siteURL", deserialize_with = "lenient")]
    pub site_url: Option<String>,
    /// The database that frappe-operator uses.
    #[serde(default, deserialize_with = "lenient")]
    pub database_name: Option<String>,
    /// The Service that leads to the primary of a CloudNativePG Cluster.
    #[serde(default, deserialize_with = "lenient")]
    pub write_service: Option<String>,
}

/// A condition of another operator.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct ForeignCondition {
    /// What it is about.
    #[serde(rename = "type")]
    pub type_: String,
    /// True, False or Unknown.
    pub status: String,
    /// One word.
    #[serde(default, deserialize_with = "lenient")]
    pub reason: Option<String>,
    /// The same for people.
    #[serde(default, deserialize_with = "lenient")]
    pub message: Option<String>,
    /// The generation that it describes.
    #[serde(default, deserialize_with = "lenient")]
    pub observed_generation: Option<i64>,
    /// When `status` last changed.
    #[serde(default, deserialize_with = "lenient")]
    pub last_transition_time: Option<Time>,
}

/// A SiteDatabase.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct SiteDatabase {
    /// Its name, namespace, generation and versions.
    #[serde(default, deserialize_with = "few_fields")]
    pub metadata: ObjectMeta,
    /// What the compiler decided. `None` if this version cannot read it.
    #[serde(default, deserialize_with = "lenient")]
    pub spec: Option<SiteDatabaseSpec>,
    /// What was last written, without conditions of others. `None` too if a newer reconciler wrote what this one
    /// cannot read.
    #[serde(default, deserialize_with = "own_status")]
    pub status: Option<SiteDatabaseStatus>,
}

/// Reads a status. Conditions are a list to which others may add their own: only ours decides what is written.
fn own_status<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<SiteDatabaseStatus>, D::Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Status {
        observed_generation: Option<i64>,
        database_status: Option<DatabaseStatus>,
        #[serde(default)]
        conditions: Vec<Any>,
    }
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Any {
        Ours(Condition),
        Other(IgnoredAny),
    }
    let status: Option<Status> = lenient(deserializer)?;
    Ok(status.map(|status| {
        let ours = |condition| match condition {
            Any::Ours(condition) => Some(condition).filter(|it| it.type_ == READY),
            Any::Other(_) => None,
        };
        SiteDatabaseStatus {
            observed_generation: status.observed_generation,
            database_status: status.database_status,
            conditions: status.conditions.into_iter().filter_map(ours).collect(),
        }
    }))
}

/// A field of another type than expected reads as absent: it must not end the watch of all objects.
fn lenient<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Field<T> {
        Readable(T),
        Other(IgnoredAny),
    }
    Ok(match Field::deserialize(deserializer)? {
        Field::Readable(value) => Some(value),
        Field::Other(_) => None,
    })
}

/// Reads the metadata that is needed, and skips the rest, which is most of it.
fn few_fields<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ObjectMeta, D::Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Few {
        name: Option<String>,
        namespace: Option<String>,
        uid: Option<String>,
        generation: Option<i64>,
        resource_version: Option<String>,
        deletion_timestamp: Option<Time>,
    }
    let few = Few::deserialize(deserializer)?;
    Ok(ObjectMeta {
        name: few.name,
        namespace: few.namespace,
        uid: few.uid,
        generation: few.generation,
        resource_version: few.resource_version,
        deletion_timestamp: few.deletion_timestamp,
        ..ObjectMeta::default()
    })
}

impl Resource for Observed {
    type DynamicType = ApiResource;
    type Scope = kube::core::DynamicResourceScope;

    fn kind(resource: &ApiResource) -> Cow<'_, str> {
        resource.kind.as_str().into()
    }

    fn group(resource: &ApiResource) -> Cow<'_, str> {
        resource.group.as_str().into()
    }

    fn version(resource: &ApiResource) -> Cow<'_, str> {
        resource.version.as_str().into()
    }

    fn api_version(resource: &ApiResource) -> Cow<'_, str> {
        resource.api_version.as_str().into()
    }

    fn plural(resource: &ApiResource) -> Cow<'_, str> {
        resource.plural.as_str().into()
    }

    fn meta(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn meta_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

impl Resource for SiteDatabase {
    type DynamicType = ();
    type Scope = k8s_openapi::NamespaceResourceScope;

    fn kind((): &()) -> Cow<'_, str> {
        KIND.into()
    }

    fn group((): &()) -> Cow<'_, str> {
        GROUP.into()
    }

    fn version((): &()) -> Cow<'_, str> {
        VERSION.into()
    }

    fn api_version((): &()) -> Cow<'_, str> {
        API_VERSION.into()
    }

    fn plural((): &()) -> Cow<'_, str> {
        PLURAL.into()
    }

    fn meta(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn meta_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_spec_and_the_bulk_of_the_metadata_are_skipped() {
        let object = json!({
            "metadata": {
                "name": "acme", "namespace": "erp", "generation": 3, "resourceVersion": "17",
                "labels": {"a": "b"}, "managedFields": [{"manager": "flux", "fieldsV1": {}}],
                "ownerReferences": "not even a list",
            },
            "spec": {"password": "hunter2"},
            "status": {"phase": "Ready", "siteURL": "https://acme"},
        });
        let observed: Observed = serde_json::from_value(object).unwrap();
        assert_eq!(observed.metadata.name.as_deref(), Some("acme"));
        assert_eq!(observed.metadata.generation, Some(3));
        assert_eq!(observed.metadata.labels, None);
        assert_eq!(observed.metadata.managed_fields, None);
        let status = observed.status.unwrap();
        assert_eq!(status.phase.as_deref(), Some("Ready"));
        assert_eq!(status.site_url.as_deref(), Some("https://acme"));
    }

    #[test]
    fn a_field_of_another_type_reads_as_absent() {
        let object = json!({
            "metadata": {"name": "acme"},
            "status": {"phase": 3, "applied": "yes", "conditions": "none", "message": "still read"},
        });
        let status = serde_json::from_value::<Observed>(object).unwrap().status.unwrap();
        assert_eq!(status.phase, None);
        assert_eq!(status.conditions, None);
        assert_eq!(status.message.as_deref(), Some("still read"));
    }

    #[test]
    fn a_status_of_a_newer_reconciler_reads_as_absent() {
        let object = json!({
            "metadata": {"name": "acme"},
            "spec": {"siteName": "acme.example.com", "provider": "mariadb", "mode": "shared", "objects": []},
            "status": {"databaseStatus": {"phase": "Resting"}},
        });
        let site = serde_json::from_value::<SiteDatabase>(object).unwrap();
        assert!(site.spec.is_some());
        assert_eq!(site.status, None);
    }
}
