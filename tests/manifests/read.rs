//! The committed manifests of every sample, by cluster.

use crate::samples::{Sample, files, samples};
use serde_yaml::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The Database of CloudNativePG.
pub(crate) const POSTGRES_DATABASE: &str = "Database.postgresql.cnpg.io";

/// A rendered object.
pub(crate) struct Object {
    /// Sample, cluster and file, for messages.
    pub(crate) shown: String,
    pub(crate) text: String,
    pub(crate) value: Value,
}

/// A cluster of a sample: what its definition says, and its objects.
pub(crate) struct Cluster {
    pub(crate) sites: PathBuf,
    pub(crate) engine: String,
    pub(crate) frappe: String,
    pub(crate) objects: Vec<Object>,
}

pub(crate) fn clusters() -> Vec<Cluster> {
    samples().iter().flat_map(clusters_of).collect()
}

fn clusters_of(sample: &Sample) -> Vec<Cluster> {
    let rendered = files(&sample.root.join("rendered"));
    let names: BTreeSet<&str> =
        rendered.keys().map(|path| path.split('/').next().unwrap()).collect();
    let cluster = |name: &str| {
        let sites = sample.root.join("sites").join(name);
        let definition = definition(&sites.join("_cluster.yaml"));
        let engine = at(&definition, "gitops.engine").map_or("none", text);
        let objects = rendered.iter().filter(|(path, _)| path.split('/').next() == Some(name));
        Cluster {
            engine: engine.to_owned(),
            frappe: text(at(&definition, "operators.frappe").unwrap()).to_owned(),
            objects: objects.map(|(path, bytes)| object(sample, path, bytes)).collect(),
            sites,
        }
    };
    names.into_iter().map(cluster).collect()
}

pub(crate) fn definition(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    serde_yaml::from_str(&text).unwrap()
}

fn object(sample: &Sample, path: &str, bytes: &[u8]) -> Object {
    let shown = format!("{}: rendered/{path}", sample.name);
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    let value = serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{shown}: {error}"));
    Object { shown, text, value }
}

/// The value at a path such as `spec.storage.size`.
pub(crate) fn at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(value, |value, key| value.get(key))
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value:?} is no text"))
}

impl Object {
    pub(crate) fn at(&self, path: &str) -> Option<&Value> {
        at(&self.value, path)
    }

    pub(crate) fn text(&self, path: &str) -> &str {
        let value = self.at(path).unwrap_or_else(|| panic!("{}: no {path}", self.shown));
        text(value)
    }

    /// The kind, with its API group where two operators have a kind of that name.
    pub(crate) fn kind(&self) -> &str {
        match (self.text("apiVersion"), self.text("kind")) {
            ("postgresql.cnpg.io/v1", "Database") => POSTGRES_DATABASE,
            (_, kind) => kind,
        }
    }

    /// The definition that its first line names, below `sites/`.
    pub(crate) fn source(&self) -> &str {
        let first = self.text.lines().next().unwrap_or_default();
        first
            .strip_prefix("# Rendered by sitewright from sites/")
            .and_then(|rest| rest.strip_suffix(". Do not edit."))
            .unwrap_or_else(|| panic!("{}: {first}", self.shown))
    }

    /// Namespace and name.
    pub(crate) fn key(&self) -> (&str, &str) {
        (self.text("metadata.namespace"), self.text("metadata.name"))
    }

    pub(crate) fn annotation(&self, key: &str) -> Option<&str> {
        self.at("metadata.annotations")?.get(key).map(text)
    }

    /// The server of a Database, User or Grant: kind, namespace and name.
    pub(crate) fn server(&self) -> (&str, &str, &str) {
        let kind = self.at("spec.mariaDbRef.kind").map_or("MariaDB", text);
        (kind, self.text("spec.mariaDbRef.namespace"), self.text("spec.mariaDbRef.name"))
    }
}

impl Cluster {
    pub(crate) fn of<'c>(&'c self, kind: &'c str) -> impl Iterator<Item = &'c Object> {
        self.objects.iter().filter(move |object| object.kind() == kind)
    }

    pub(crate) fn has(&self, kind: &str, key: (&str, &str)) -> bool {
        self.of(kind).any(|object| object.key() == key)
    }
}
