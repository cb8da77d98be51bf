//! Outlines: the fast way to make the text of an object.
//!
//! An outline is the canonical text of an object without the values that its template interpolates.
//! It has a hole for each value. Thousands of sites use the same template, so sitewright computes
//! the outline once, and then only writes the values of each site into the holes.
//!
//! # Example
//!
//! This is a template:
//!
//! ```yaml
//! metadata: {namespace: erp, name: {{ site.name }} }
//! kind: User
//! apiVersion: k8s.mariadb.com/v1alpha1
//! {% if site.limit %}
//! spec:
//!     maxUserConnections: {{ site.limit }}
//! {% endif %}
//! ```
//!
//! For sites with a limit, its outline is this text. `…` is a hole. The fields are in canonical
//! order, and a label has been added:
//!
//! ```yaml
//! apiVersion: k8s.mariadb.com/v1alpha1
//! kind: User
//! metadata:
//!   name:…
//!   namespace: erp
//!   labels:
//!     app.kubernetes.io/part-of:…
//! spec:
//!   maxUserConnections:…
//! ```
//!
//! For the site `acme`, the values are `acme`, `acme` and `20`. For the site `no`, the canonical
//! writer's own code writes `"no"` into the hole. Sites without a limit have another outline.
//!
//! # When it is used
//!
//! [`Outlines::body`] uses an outline for every object that can have one. It makes all other objects
//! the *whole way*: minijinja runs the template, sitewright reads the result as YAML, adds labels and
//! annotations, and writes the tree. An object has no outline in these cases:
//!
//! - Its template has loops, filters, includes or variables of its own (`flow`).
//! - A value could change the YAML around its hole (`skeleton`).
//! - It is the first object with its template, its decisions and its keys of labels and annotations.
//!   The outline is made from it.
//! - Its values do not fit the holes, or it is not the object that it must be (`text`). The whole way
//!   then reports what is wrong. An outline never reports anything.
//!
//! # Why the output cannot differ
//!
//! - A template's text is determined by the decisions of its conditions and by its values. Each
//!   outline is for one sequence of decisions.
//! - A hole is only where YAML reads any JSON literal as one value or key. So the tree around the
//!   values is the same for all values.
//! - The writer's own functions write each value into its hole, for the indentation of that hole.
//! - The object from which an outline is made is made both ways. The outline is kept only if no byte
//!   differs.
//! - With debug assertions, as in all tests, every object is made both ways.

mod bindings;
mod flow;
mod skeleton;
#[cfg(test)]
mod tests;
mod text;
mod value;

pub use bindings::Bindings;

use crate::diagnostic::Checked;
use crate::manifest::Metadata;
use crate::object::{Manifest, ObjectType};
use crate::plan::object_types;
use crate::secret::{self, Need, Record};
use crate::site_database;
use crate::template::Templates;
use bindings::VariableNumbers;
use flow::{Decisions, Flow, Trace};
use foldhash::fast::FixedState;
use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::{Arc, RwLock};
use text::Outline;

/// The maximum number of outlines. A template has one for each combination of its conditions. A
/// template whose texts always differ must not fill the memory.
const MAX_OUTLINES: usize = 1024;

/// The outlines of a run. The default knows no template, so it makes every object the whole way.
#[derive(Debug, Default)]
pub struct Outlines {
    /// The templates by their names, compiled.
    flows: BTreeMap<String, Flow>,
    /// The variables that the templates use.
    variables: VariableNumbers,
    /// The keys come from the project itself, so nobody chooses keys that slow down a hash table.
    known: RwLock<HashMap<OutlineKey, KnownOutline, FixedState>>,
}

/// A template, the decisions of its conditions, and a hash of the keys of labels and annotations.
type OutlineKey = (&'static str, Decisions, u64);

/// What is known about the objects of a key.
#[derive(Debug)]
struct KnownOutline {
    /// The fields and keys of their labels and annotations.
    metadata: Box<[(&'static str, Box<str>)]>,
    /// `None` if they cannot have an outline.
    outline: Option<Arc<Outline>>,
}

/// An object whose text is needed.
#[derive(Debug)]
pub struct Subject<'a> {
    /// The object.
    pub manifest: &'a Manifest,
    /// Its labels and annotations.
    pub metadata: &'a Metadata<'a>,
    /// The records of its definition's passwords.
    pub passwords: &'a [(&'a Need, &'a Record)],
}

impl Outlines {
    /// Compiles the templates of a run. There are no outlines yet.
    pub fn new(templates: &Templates) -> Self {
        let mut outlines = Self::default();
        for template in templates.all() {
            let name = template.name();
            let types =
                object_types().chain(secret::carrier_types()).chain(site_database::object_types());
            let of = types.into_iter().find(|of| of.template == name);
            let invariants = of.into_iter().flat_map(ObjectType::invariants);
            let (text, syntax) = (template.source(), templates.syntax());
            let flow = Flow::of(text, name, invariants, syntax, &mut outlines.variables);
            outlines.flows.extend(flow.map(|flow| (name.to_owned(), flow)));
        }
        outlines
    }

    /// The bindings of an empty context. Each thread needs its own, and binds them to one context
    /// after the other.
    pub fn bindings(&self) -> Bindings<'_> {
        Bindings::new(&self.variables)
    }

    /// The text of an object: from its outline, or from `whole`, which makes it the whole way.
    /// `bindings` must be bound to the context of the object. The text is the same in both cases,
    /// and only `whole` reports problems.
    pub fn body<'o>(
        &'o self,
        subject: &Subject,
        bindings: &mut Bindings<'o>,
        whole: impl Fn() -> Checked<String>,
    ) -> Checked<String> {
        let flow = self.flows.get(subject.manifest.of.template);
        let Some((flow, trace)) = flow.and_then(|flow| Some((flow, flow.follow(bindings)?))) else {
            return whole();
        };
        if let Some(body) = self.fill(subject, &trace) {
            debug_assert_eq!(whole().as_deref(), Ok(body.as_str()));
            return Ok(body);
        }
        let body = whole()?;
        self.learn(subject, flow, &trace, &body);
        Ok(body)
    }

    /// The templates that have an outline.
    #[cfg(test)]
    pub(crate) fn templates(&self) -> std::collections::BTreeSet<&'static str> {
        let known = self.known.read().unwrap();
        let outlined = known.iter().filter(|(_, known)| known.outline.is_some());
        outlined.map(|((template, ..), _)| *template).collect()
    }

    /// The text of an object from its outline, if it has one.
    fn fill(&self, subject: &Subject, trace: &Trace) -> Option<String> {
        let outline = match self.known.read().ok()?.get(&subject.key(trace))? {
            known if subject.has_keys(&known.metadata) => known.outline.clone()?,
            _ => return None,
        };
        let body = outline.fill(subject, trace)?;
        let Subject { manifest, passwords, .. } = subject;
        secret::carries(outline.encrypted(trace), manifest, passwords).then_some(body)
    }

    /// Makes an outline from an object, whose text was made the whole way.
    fn learn(&self, subject: &Subject, flow: &Flow, trace: &Trace, body: &str) {
        let key = subject.key(trace);
        let is_done = |known: &HashMap<OutlineKey, KnownOutline, FixedState>| {
            known.len() >= MAX_OUTLINES || known.contains_key(&key)
        };
        if self.known.read().is_ok_and(|known| is_done(&known)) {
            return;
        }
        let Subject { manifest, metadata, .. } = subject;
        let outline = Outline::of(manifest, metadata, &flow.pieces(trace.decisions), trace)
            .filter(|outline| outline.fill(subject, trace).as_deref() == Some(body))
            .map(|outline| Arc::new(outline.keep_lists(trace)));
        let metadata = metadata.iter().map(|(field, key, _)| (field, key.into())).collect();
        if let Ok(mut known) = self.known.write()
            && !is_done(&known)
        {
            known.insert(key, KnownOutline { metadata, outline });
        }
    }
}

impl Subject<'_> {
    /// Everything that determines the text except the values.
    fn key(&self, trace: &Trace) -> OutlineKey {
        let mut hasher = FixedState::default().build_hasher();
        self.metadata.iter().for_each(|(field, key, _)| (field, key).hash(&mut hasher));
        (self.manifest.of.template, trace.decisions, hasher.finish())
    }

    /// Whether its labels and annotations have these keys.
    fn has_keys(&self, known: &[(&'static str, Box<str>)]) -> bool {
        let own = self.metadata.iter().map(|(field, key, _)| (field, key));
        own.eq(known.iter().map(|(field, key)| (*field, &**key)))
    }
}
