//! The objects that carry passwords to their cluster.

use super::backend;
use super::carrier::GENERATION;
use super::need::Need;
use super::record::{Record, scope_name};
use crate::cluster::Cluster;
use crate::object::{Manifest, ObjectType, Part, SecretSpec, View};
use minijinja::{Value, value::Serde};
use serde::Serialize;
use sitewright_api::ObjectRef;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The objects that carry these passwords of a definition. A password that must not be rendered has
/// no such object.
pub fn manifests(passwords: &[(&Need, &Record)], cluster: &Cluster) -> Vec<View> {
    passwords.iter().filter_map(|(need, record)| of(need, record, cluster)).collect()
}

fn of(need: &Need, record: &Record, cluster: &Cluster) -> Option<View> {
    let types = backend::of(record.mode).objects(need);
    if types.is_empty() {
        return None;
    }
    let context = Value::from(Serde(Context::new(need, record, cluster)));
    let manifest = |of: &&'static ObjectType| Manifest {
        of,
        part: Part::Secret { purpose: need.wanted.purpose, is_former: need.wanted.is_former },
        namespace: need.wanted.namespace.clone(),
        name: need.wanted.name.clone(),
        reads: Box::default(),
        outlives: need.wanted.outlives,
    };
    Some(View { context, manifests: types.iter().map(manifest).collect() })
}

/// The objects whose status says whether the Secrets of a definition exist. A password without a record counts
/// as one that the cluster's mode keeps.
pub(crate) fn reported_by(
    secrets: &[Arc<SecretSpec>],
    passwords: &[(&Need, &Record)],
    cluster: &Cluster,
) -> Vec<ObjectRef> {
    let of = |wanted: &Arc<SecretSpec>| {
        let record = passwords.iter().find(|(need, _)| need.wanted.name == wanted.name);
        let mode = record.map_or(cluster.secrets.mode, |(_, record)| record.mode);
        let carriers = backend::of(mode).carriers().iter();
        let objects = carriers.filter_map(|carrier| {
            Some(ObjectRef {
                api_version: format!("{}/{}", carrier.group, carrier.reports?),
                kind: carrier.of.kind.to_string(),
                namespace: Some(wanted.namespace.to_string()),
                name: wanted.name.to_string(),
                ready: None,
            })
        });
        objects.collect::<Vec<_>>()
    };
    secrets.iter().filter(|wanted| wanted.ours).flat_map(of).collect()
}

/// Whether an object that a template wrote carries exactly the recorded ciphertext. It is true for
/// an object that needs no ciphertext. `encrypted` is the only key and value of its encrypted data.
pub fn carries(
    encrypted: Option<(&str, &str)>,
    manifest: &Manifest,
    passwords: &[(&Need, &Record)],
) -> bool {
    let backend = backend::of_kind(manifest.of.kind);
    backend.is_none_or(|backend| backend.carries(manifest, encrypted, passwords))
}

/// The context of the templates.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Context<'a> {
    secret: Secret<'a>,
    store: Option<Store<'a>>,
    /// The encrypted Secret, in the mode `sops`. `none` in the other modes.
    sops: Option<Value>,
}

/// `secret`: the Secret that is created in the cluster.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Secret<'a> {
    name: &'a str,
    namespace: &'a str,
    key: &'a str,
    /// The type of the Secret, such as `Opaque`.
    r#type: &'static str,
    /// The ciphertext. `none` if the value is in a store.
    sealed: Option<&'a str>,
    /// `strict`, `namespace-wide` or `cluster-wide`. `none` if the value is in a store.
    scope: Option<&'static str>,
    /// The label by which an operator sees a change at once. `none` if no operator asks for one.
    watch_label: Option<&'static str>,
    labels: BTreeMap<&'static str, &'a str>,
    annotations: BTreeMap<&'static str, String>,
    /// The other keys of the Secret. Their values are not secret.
    others: BTreeMap<&'static str, &'a str>,
}

/// `store`: the store that holds the value.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Store<'a> {
    kind: crate::language::StoreKind,
    name: &'a str,
    /// The key of the value in the store.
    key: String,
}

impl<'a> Context<'a> {
    fn new(need: &'a Need, record: &'a Record, cluster: &'a Cluster) -> Self {
        let wanted = &need.wanted;
        let sealed = record.sealed.as_ref();
        let mut labels = BTreeMap::from([("app.kubernetes.io/part-of", &*need.owner)]);
        labels.extend(wanted.purpose.watch_label.map(|label| (label, "")));
        let others =
            wanted.others.iter().filter_map(|(key, value)| Some((*key, value.as_deref()?)));
        Self {
            secret: Secret {
                name: &wanted.name,
                namespace: &wanted.namespace,
                key: need.key(),
                r#type: wanted.purpose.kind,
                sealed: sealed.map(|sealed| &*sealed.ciphertext),
                scope: sealed.and_then(|sealed| sealed.scope).map(scope_name),
                watch_label: wanted.purpose.watch_label,
                labels,
                annotations: BTreeMap::from([(GENERATION, record.generation.to_string())]),
                others: others.collect(),
            },
            sops: backend::of(record.mode).variables(need, record),
            store: cluster.secrets.store.as_ref().and_then(|store| {
                let key = need.store_key(cluster, record.generation)?;
                Some(Store { kind: store.kind, name: store.name.as_str(), key })
            }),
        }
    }
}
