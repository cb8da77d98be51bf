//! The labels and annotations of every object: labels that name its owner, and labels and
//! annotations that its GitOps engine obeys.
//!
//! Protection (source: the documentation of Argo CD's sync options and of Flux's
//! kustomize-controller): `Prune=false` alone does not prevent the deletion of a whole Application,
//! so `Delete=false` is set too. sitewright never asks an engine to replace an object, because the
//! engine would delete it first.

use crate::cluster::{Cluster, Common};
use crate::diagnostic::Span;
use crate::language::{Engine, MetadataKey};
use crate::object::{LIFECYCLE, Manifest};
use crate::source::node::{Entry, Node, Value};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The labels of every object, the label by which Argo CD tracks its objects, and the keys that
/// Flux also reads from labels (source: `AnyInMetadata` in fluxcd/pkg/ssa reads both).
pub const LABELS: &[&str] = &[
    "app.kubernetes.io/managed-by",
    "app.kubernetes.io/name",
    "app.kubernetes.io/component",
    "app.kubernetes.io/part-of",
    "app.kubernetes.io/instance",
    "kustomize.toolkit.fluxcd.io/prune",
    "kustomize.toolkit.fluxcd.io/force",
];

/// The annotations that decide about order, pruning and re-creation. `force` and `Replace` delete
/// and re-create an object whose immutable field changed, and the deletion of a Database can drop
/// its data. kustomize leaves out objects with `local-config`, so they are pruned. Every sync
/// deletes and re-creates a hook, and Argo CD treats Helm's hooks as its own. An object with
/// [`LIFECYCLE`] counts as retired, and a diff allows its removal.
pub const ANNOTATIONS: &[&str] = &[
    "argocd.argoproj.io/sync-options",
    "argocd.argoproj.io/sync-wave",
    "argocd.argoproj.io/hook",
    "argocd.argoproj.io/hook-delete-policy",
    "helm.sh/hook",
    "helm.sh/hook-delete-policy",
    "kustomize.toolkit.fluxcd.io/prune",
    "kustomize.toolkit.fluxcd.io/force",
    "kubectl.kubernetes.io/last-applied-configuration",
    "config.kubernetes.io/local-config",
    LIFECYCLE,
];

/// The bytes of an object's annotations that are reserved for sitewright, templates, operators and
/// engines.
pub const KEPT: usize = 4 << 10;

/// The labels and annotations that are added to an object.
#[derive(Debug)]
pub struct Metadata<'a> {
    labels: Texts<'a>,
    annotations: Texts<'a>,
}

/// Keys and values, sorted by key, each key once.
#[derive(Debug)]
struct Texts<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Texts<'a> {
    /// The stated keys and values, sorted, with capacity for those of sitewright.
    fn of<V: 'a>(stated: &'a BTreeMap<MetadataKey, V>, text: impl Fn(&'a V) -> &'a str) -> Self {
        let mut texts = Vec::with_capacity(stated.len() + 6);
        texts.extend(stated.iter().map(|(key, value)| (key.as_str().into(), text(value).into())));
        Self(texts)
    }

    /// Adds a key and its value, or replaces the value of the key.
    fn put(&mut self, key: impl Into<Cow<'a, str>>, value: impl Into<Cow<'a, str>>) {
        let (key, value) = (key.into(), value.into());
        match self.0.binary_search_by(|(known, _)| known.cmp(&key)) {
            Ok(at) => self.0[at].1 = value,
            Err(at) => self.0.insert(at, (key, value)),
        }
    }

    fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (&**key, &**value))
    }
}

impl<'a> Metadata<'a> {
    /// The labels and annotations of an object. `rotations` has the generation of each Secret that
    /// the object reads, by the suffix of the Secret's name. So a rotation changes the object
    /// itself, and its operator and a reviewer see it.
    pub fn new(
        manifest: &'a Manifest,
        common: &'a Common,
        cluster: &Cluster,
        rotations: &[(&str, u32)],
    ) -> Self {
        let mut annotations = annotations(manifest, common, cluster);
        for (suffix, generation) in rotations {
            annotations.put(format!("sitewright/{suffix}-generation"), generation.to_string());
        }
        Self { labels: labels(manifest, common), annotations }
    }

    /// Exactly these labels and annotations.
    #[cfg(test)]
    pub(crate) fn of<const L: usize, const A: usize>(
        labels: [(&'a str, &'a str); L],
        annotations: [(&'a str, &'a str); A],
    ) -> Self {
        let text = |(key, text): (&'a str, &'a str)| (key.into(), text.into());
        Self {
            labels: Texts(labels.into_iter().map(text).collect()),
            annotations: Texts(annotations.into_iter().map(text).collect()),
        }
    }

    /// Adds the labels and annotations to an object. Keys that the template wrote stay, unless they are
    /// sitewright's own. `value` turns the text of each into the value that is written.
    pub fn put(&self, object: &mut Node, mut value: impl FnMut(&str) -> Box<str>) {
        let span = object.span;
        let Value::Map(entries) = &mut object.value else { return };
        let metadata = entries.iter_mut().find(|entry| &*entry.key == "metadata");
        let Some(metadata) = metadata else { return };
        let mut fields: Vec<Entry> = Vec::with_capacity(4);
        if let Value::Map(stated) = &mut metadata.node.value {
            for key in ["name", "namespace"] {
                let at = stated.iter().position(|entry| &*entry.key == key);
                fields.extend(at.map(|at| stated.remove(at)));
            }
            fields.extend(merged("labels", &self.labels, &mut value, stated, span));
            fields.extend(merged("annotations", &self.annotations, &mut value, stated, span));
            fields.append(stated);
        }
        metadata.node.value = Value::Map(fields);
    }

    /// The field, key and text of each, in the order in which they are added.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str, &str)> {
        let labels = self.labels.iter().map(|(key, text)| ("labels", key, text));
        labels.chain(self.annotations.iter().map(|(key, text)| ("annotations", key, text)))
    }
}

fn labels<'a>(manifest: &'a Manifest, common: &'a Common) -> Texts<'a> {
    let mut labels = Texts::of(&common.labels, |value| value.as_str());
    labels.put("app.kubernetes.io/component", manifest.of.component);
    labels.put("app.kubernetes.io/managed-by", "sitewright");
    labels.put("app.kubernetes.io/name", manifest.app());
    labels.put("app.kubernetes.io/part-of", common.name.as_str());
    labels
}

fn annotations<'a>(manifest: &Manifest, common: &'a Common, cluster: &Cluster) -> Texts<'a> {
    const FLUX: (&str, &str) = ("kustomize.toolkit.fluxcd.io/prune", "disabled");
    const ARGO: (&str, &str) = ("argocd.argoproj.io/sync-options", "Prune=false,Delete=false");
    let mut annotations = Texts::of(&common.annotations, String::as_str);
    let protected = common.protect && manifest.of.is_protected && !common.retired();
    if common.retired() {
        annotations.put(LIFECYCLE, "retired");
    }
    if cluster.engine == Engine::Argocd {
        annotations.put("argocd.argoproj.io/sync-wave", manifest.of.wave.to_string());
    }
    // An annotation protects only a live object. So an object that no engine may prune has both
    // annotations from the start.
    for (engine, (key, value)) in [(Engine::Flux, FLUX), (Engine::Argocd, ARGO)] {
        if manifest.outlives || (protected && cluster.engine == engine) {
            annotations.put(key, value);
        }
    }
    annotations
}

/// The entry `labels` or `annotations`: the keys of the template, which are taken out of `stated`, and
/// ours.
fn merged(
    key: &str,
    ours: &Texts,
    value: &mut impl FnMut(&str) -> Box<str>,
    stated: &mut Vec<Entry>,
    span: Span,
) -> Option<Entry> {
    let mut all: BTreeMap<String, Node> = BTreeMap::new();
    if let Some(at) = stated.iter().position(|entry| &*entry.key == key)
        && let Value::Map(entries) = stated.remove(at).node.value
    {
        all.extend(entries.into_iter().map(|entry| (entry.key.to_string(), entry.node)));
    }
    for (key, text) in ours.iter() {
        all.insert(key.to_owned(), Node { span, value: Value::String(value(text)) });
    }
    let entries: Vec<Entry> = all
        .into_iter()
        .map(|(key, node)| Entry { key: key.into(), key_span: span, node })
        .collect();
    let node = Node { span, value: Value::Map(entries) };
    (!node.entries().is_empty()).then(|| Entry { key: key.into(), key_span: span, node })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_takes_less_than_is_kept_for_it() {
        // Each at once, with a value longer than any, and a rotation of each Secret of a site.
        let metadata = ANNOTATIONS.iter().map(|key| key.len() + 64);
        let rotations = 8 * ("sitewright/mariadb-root-generation".len() + 10);
        assert!(metadata.sum::<usize>() + rotations < KEPT);
    }
}
