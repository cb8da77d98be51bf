//! A definition that is being made from objects: what it will mean, and from which fields of which objects.

use super::index::{At, Live};
use super::value::{at, bare, put};
use crate::language::Kind;
use crate::source::node::{Node, Value};

/// A definition that is being made. `fields` has everything that it must mean, also what a layer below it states
/// already: [`super::raise`] leaves that out of the file.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    /// Its kind.
    pub(super) kind: Kind,
    /// The namespace of its objects.
    pub(super) namespace: String,
    /// The name of its object.
    pub(super) name: String,
    /// What it means, without `kind`, `name` and `namespace`.
    pub(super) fields: Node,
    /// The objects that it takes over.
    pub(super) objects: Vec<At>,
    /// Where its fields come from.
    origins: Vec<Origin>,
}

/// The field of an object from which a field of a definition comes.
#[derive(Clone, Debug)]
struct Origin {
    field: Vec<String>,
    object: At,
    path: Vec<String>,
}

/// A row of a table: a field of the language, and the field of the object that has the same value.
pub(super) type Row = (&'static [&'static str], &'static [&'static str]);

impl Draft {
    /// A definition without fields.
    pub(super) fn new(kind: Kind, namespace: &str, name: &str) -> Self {
        Self {
            kind,
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            fields: super::value::map(),
            objects: Vec::new(),
            origins: Vec::new(),
        }
    }

    /// A definition that takes over this object. It has the object's name, labels and annotations.
    pub(super) fn of(kind: Kind, live: Live) -> Self {
        let mut draft = Self::new(kind, live.namespace(), live.name());
        draft.objects.push(live.at);
        draft.metadata(live);
        draft
    }

    /// Copies the fields of a table that the object has. `below` leads to the fields in the definition.
    pub(super) fn copy(&mut self, live: Live, below: &[&str], rows: &[Row]) {
        for (field, path) in rows {
            if let Some(value) = at(live.node(), path) {
                self.set(live, &[below, field].concat(), path, bare(value));
            }
        }
    }

    /// Sets a field to a value that comes from a field of an object.
    pub(super) fn set(&mut self, live: Live, field: &[&str], path: &[&str], value: Node) {
        let owned = |path: &[&str]| path.iter().map(ToString::to_string).collect();
        self.origins.push(Origin { field: owned(field), object: live.at, path: owned(path) });
        put(&mut self.fields, field, value);
    }

    /// Sets a field that no single field of an object has.
    pub(super) fn state(&mut self, field: &[&str], value: Node) {
        put(&mut self.fields, field, value);
    }

    /// Forgets where the fields come from. Once the fields are checked, nobody asks for it, and of a large fleet it takes
    /// much memory.
    pub(super) fn forget_origins(&mut self) {
        self.origins = Vec::new();
    }

    /// The object and its field from which a field of the definition comes.
    pub(super) fn origin(&self, field: &[String]) -> Option<(At, String)> {
        let of = self.origins.iter().filter(|origin| field.starts_with(&origin.field));
        let origin = of.max_by_key(|origin| origin.field.len())?;
        let path = origin.path.iter().chain(&field[origin.field.len()..]);
        Some((origin.object, path.cloned().collect::<Vec<_>>().join(".")))
    }

    /// The labels and annotations that a person gave an object. The others are sitewright's, a template's or an
    /// engine's.
    fn metadata(&mut self, live: Live) {
        use crate::manifest::{ANNOTATIONS, LABELS};
        for (field, own) in [("labels", LABELS), ("annotations", ANNOTATIONS)] {
            let stated = at(live.node(), &["metadata", field]);
            for entry in stated.into_iter().flat_map(Node::entries) {
                let key = &*entry.key;
                let is_ours =
                    own.contains(&key) || key.starts_with("sitewright/") || key == SITE_VERSION;
                if !is_ours && matches!(entry.node.value, Value::String(_)) {
                    self.set(live, &[field, key], &["metadata", field, key], bare(&entry.node));
                }
            }
        }
    }
}

/// The annotation by which frappe-operator 5.2 runs a site's init Job again.
pub(super) const SITE_VERSION: &str = "frappe.io/site-version";
