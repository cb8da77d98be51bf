//! The objects that carry passwords to their cluster.

use super::need::Need;
use super::record::{Held, Record, scope_name};
use crate::cluster::Cluster;
use crate::object::{Manifest, ObjectKind, ObjectType, Part, Stands, View};
use minijinja::{Value, value::Serde};
use serde::Serialize;
use std::collections::BTreeMap;

/// The label by which mariadb-operator watches a Secret, so that it sees a change at once (source:
/// `WatchLabel` of mariadb-operator 25.10).
pub(super) const WATCH: &str = "k8s.mariadb.com/watch";

/// The annotation with the number of values that a password has had.
pub(super) const GENERATION: &str = "sitewright/generation";

const SEALED_SECRET: ObjectType = of_type("secret/sealedsecret.yaml.j2", ObjectKind::SealedSecret);
const EXTERNAL_SECRET: ObjectType =
    of_type("secret/externalsecret.yaml.j2", ObjectKind::ExternalSecret);
const PUSH_SECRET: ObjectType = of_type("secret/pushsecret.yaml.j2", ObjectKind::PushSecret);
const PASSWORD: ObjectType = of_type("secret/password.yaml.j2", ObjectKind::Password);

/// These objects are applied before every object that refers to them. A template may not change
/// their ciphertext ([`carries`]).
const fn of_type(template: &'static str, kind: ObjectKind) -> ObjectType {
    ObjectType {
        template,
        kind,
        component: "password",
        stands: Stands::No,
        wave: -2,
        invariants: &[],
    }
}

/// The objects that carry these passwords of a definition. A password in clear text has no such
/// object, because it must not be rendered.
pub fn manifests(passwords: &[(&Need, &Record)], cluster: &Cluster) -> Vec<View> {
    passwords.iter().filter_map(|(need, record)| of(need, record, cluster)).collect()
}

fn of(need: &Need, record: &Record, cluster: &Cluster) -> Option<View> {
    let types: &[&ObjectType] = match (&record.value, &cluster.secrets.store) {
        (Held::Sealed { .. }, _) => &[&SEALED_SECRET],
        // A password from a third party is already in the store.
        (Held::External, Some(_)) if need.wanted.given => &[&EXTERNAL_SECRET],
        (Held::External, Some(_)) => &[&PASSWORD, &PUSH_SECRET, &EXTERNAL_SECRET],
        (Held::Plain, _) | (Held::External, None) => return None,
    };
    let context = Value::from(Serde(Context::new(need, record, cluster)));
    let manifest = |of: &&'static ObjectType| Manifest {
        of,
        app: need.wanted.app,
        part: Part::Secret,
        namespace: need.wanted.namespace.clone(),
        name: need.wanted.name.clone(),
        suffix: Some(need.wanted.suffix),
        reads: Vec::new(),
        outlives: false,
    };
    Some(View { context, manifests: types.iter().map(manifest).collect() })
}

/// Whether an object that a template wrote carries exactly the recorded ciphertext. It is true for
/// an object that needs no ciphertext. `encrypted` is the only key and value of its encrypted data.
pub fn carries(
    encrypted: Option<(&str, &str)>,
    manifest: &Manifest,
    passwords: &[(&Need, &Record)],
) -> bool {
    if *manifest.of != SEALED_SECRET {
        return true;
    }
    let Some((key, value)) = encrypted else { return false };
    passwords.iter().any(|(need, record)| {
        let Held::Sealed { sealed, .. } = &record.value else { return false };
        need.wanted.name == manifest.name && need.key() == key && value == &**sealed
    })
}

/// The context of the templates.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Context<'a> {
    secret: Secret<'a>,
    store: Option<Store<'a>>,
}

/// `secret`: the Secret that is created in the cluster.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Secret<'a> {
    name: &'a str,
    namespace: &'a str,
    key: &'a str,
    /// The ciphertext. `none` if the value is in a store.
    sealed: Option<&'a str>,
    /// `strict`, `namespace-wide` or `cluster-wide`. `none` if the value is in a store.
    scope: Option<&'static str>,
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
    /// The key of the value in the store. A rotation uses a new key and never overwrites a value.
    key: String,
}

impl<'a> Context<'a> {
    fn new(need: &'a Need, record: &'a Record, cluster: &'a Cluster) -> Self {
        let wanted = &need.wanted;
        let (sealed, scope) = match &record.value {
            Held::Sealed { scope, sealed, .. } => (Some(&**sealed), Some(scope_name(*scope))),
            Held::Plain | Held::External => (None, None),
        };
        let part_of = need.definition.rsplit('/').next().unwrap_or_default();
        let mut labels = BTreeMap::from([("app.kubernetes.io/part-of", part_of)]);
        if wanted.watched {
            labels.insert(WATCH, "");
        }
        let others =
            wanted.others.iter().filter_map(|(key, value)| Some((*key, value.as_deref()?)));
        Self {
            secret: Secret {
                name: &wanted.name,
                namespace: &wanted.namespace,
                key: need.key(),
                sealed,
                scope,
                labels,
                annotations: BTreeMap::from([(GENERATION, record.generation.to_string())]),
                others: others.collect(),
            },
            store: cluster.secrets.store.as_ref().map(|store| Store {
                kind: store.kind,
                name: store.name.as_str(),
                key: store.key(&[
                    &cluster.name,
                    &wanted.namespace,
                    &wanted.name,
                    need.key(),
                    &record.generation.to_string(),
                ]),
            }),
        }
    }
}
