//! One outline: the canonical text of an object with a hole for each value.

use super::Subject;
use super::flow::{Piece, Trace};
use super::skeleton::Skeleton;
use super::value::Interpolated;
use crate::manifest::{self, HOLE, Hole, Identity, Metadata, hole_number};
use crate::object::{Manifest, ObjectKind};
use crate::source::node::{Node, Value};
use minijinja::Value as Given;

/// The canonical text of an object without its values.
#[derive(Debug)]
pub(super) struct Outline {
    text: String,
    gaps: Vec<Gap>,
    kind: Field,
    namespace: Field,
    name: Field,
    /// The fields of the invariants, in the order of the invariants. `None` for a field that the
    /// object does not have.
    invariants: Box<[Option<Field>]>,
    /// The only key and value of a SealedSecret's `encryptedData`.
    encrypted: Option<(Field, Field)>,
    /// The maximum depth of each value, by its number.
    room: Vec<usize>,
}

/// A hole, and what is known about its value.
#[derive(Debug)]
struct Gap {
    hole: Hole,
    /// A list that many objects share, with its written text.
    list: Option<(Given, Box<str>)>,
}

/// The text of a field or key.
#[derive(Debug)]
enum Field {
    /// A text that all objects of an outline have.
    Fixed(Box<str>),
    /// A value, by its number.
    Hole(usize),
}

impl Field {
    fn of(text: &str) -> Self {
        match hole_number(text) {
            Some(number) => Self::Hole(number),
            None => Self::Fixed(text.into()),
        }
    }

    fn get<'a>(&'a self, trace: &'a Trace) -> Option<&'a str> {
        match self {
            Field::Fixed(text) => Some(text),
            Field::Hole(number) => trace.value(*number)?.as_text(),
        }
    }
}

impl Outline {
    /// The outline of a template's output, with labels and annotations of these keys. `None` if it
    /// has no skeleton, or if the object is invalid.
    pub(super) fn of(
        manifest: &Manifest,
        metadata: &Metadata,
        pieces: &[Piece],
        trace: &Trace,
    ) -> Option<Self> {
        let Skeleton { mut node, room } = Skeleton::of(pieces)?;
        if room.len() != trace.count() {
            return None;
        }
        let [kind, namespace, name] = identity(&node)?;
        let encrypted =
            manifest::encrypted(&node).map(|(key, value)| (Field::of(key), Field::of(value)));
        if manifest.of.kind == ObjectKind::SealedSecret && encrypted.is_none() {
            return None;
        }
        let invariants = manifest.of.invariants().map(|invariant| {
            match invariant.field.iter().try_fold(&node, |node, key| node.get(key)) {
                None => Some(None),
                Some(stated) => stated.as_str().map(|text| Some(Field::of(text))),
            }
        });
        let invariants = invariants.collect::<Option<_>>()?;
        // The values of labels and annotations have the numbers after those of the template.
        let mut next = room.len();
        metadata.put(&mut node, |_| {
            next += 1;
            format!("{HOLE}{}", next - 1).into()
        });
        let (text, holes) = manifest::write_with_holes(node)?;
        let mut numbers: Vec<usize> = holes.iter().map(|hole| hole.number).collect();
        numbers.sort_unstable();
        let is_complete = numbers.into_iter().eq(0..next);
        let gaps = holes.into_iter().map(|hole| Gap { hole, list: None }).collect();
        is_complete.then_some(Self {
            text,
            gaps,
            kind,
            namespace,
            name,
            invariants,
            encrypted,
            room,
        })
    }

    /// The text of an object. `None` if a value does not fit, or if the object has another identity
    /// or other invariants than it must have.
    pub(super) fn fill(&self, subject: &Subject, trace: &Trace) -> Option<String> {
        let Manifest { of, namespace, name, .. } = subject.manifest;
        let expected =
            [(&self.kind, of.kind.as_str()), (&self.namespace, namespace), (&self.name, name)];
        let has_identity = expected.iter().all(|(field, text)| field.get(trace) == Some(*text));
        let mut invariants = self.invariants.iter().enumerate();
        let has_invariants = invariants.all(|(at, field)| is_as_given(field.as_ref(), trace, at));
        if !has_identity || !has_invariants {
            return None;
        }
        let metadata: Vec<&str> = subject.metadata.iter().map(|(_, _, value)| value).collect();
        let mut body = String::with_capacity(self.text.len() + 64 * self.gaps.len() + 1024);
        let mut done = 0;
        for Gap { hole, list } in &self.gaps {
            body.push_str(&self.text[done..hole.at]);
            done = hole.at;
            let Some(value) = trace.value(hole.number) else {
                hole.text(metadata.get(hole.number - trace.count())?, &mut body);
                continue;
            };
            match (value.as_text(), list) {
                _ if hole.is_key() && !value.is_key() => return None,
                (Some(text), _) => hole.text(text, &mut body),
                (None, Some((list, text))) if value.is_same_list(list) => body.push_str(text),
                _ => self.put(hole, value, &mut body)?,
            }
        }
        body.push_str(&self.text[done..]);
        Some(body)
    }

    /// Writes a value that is not a text. `None` if it does not fit.
    fn put(&self, hole: &Hole, value: &Interpolated, body: &mut String) -> Option<()> {
        let stated = value.stated()?;
        (levels(&stated) <= self.room[hole.number]).then(|| hole.value(&stated, body))
    }

    /// Keeps the written text of the lists of an object. Other objects often share these lists.
    pub(super) fn keep_lists(mut self, trace: &Trace) -> Self {
        let mut gaps = std::mem::take(&mut self.gaps);
        for Gap { hole, list } in &mut gaps {
            // Only a list is the same list as itself.
            let value = trace.value(hole.number);
            let Some(value) = value.filter(|value| value.is_same_list(value.value())) else {
                continue;
            };
            let mut text = String::new();
            let written = self.put(hole, value, &mut text);
            *list = written.map(|()| (value.value().clone(), text.into()));
        }
        Self { gaps, ..self }
    }

    /// The encrypted data of an object.
    pub(super) fn encrypted<'a>(&'a self, trace: &'a Trace) -> Option<(&'a str, &'a str)> {
        let (key, value) = self.encrypted.as_ref()?;
        Some((key.get(trace)?, value.get(trace)?))
    }
}

/// The kind, namespace and name of a skeleton. `None` if one is missing, or if no object with this
/// skeleton is valid.
fn identity(node: &Node) -> Option<[Field; 3]> {
    let text = |path: &[&str]| {
        path.iter().try_fold(node, |node, key| node.get(key)).and_then(Node::as_str)
    };
    let kind = text(&["kind"])?;
    let [namespace, name] = [text(&["metadata", "namespace"])?, text(&["metadata", "name"])?];
    let identity = Identity { kind, namespace: Some(namespace), name };
    let is_fixed = hole_number(text(&["apiVersion"])?).is_none();
    let is_valid = is_fixed && manifest::problem(node, identity).is_none();
    is_valid.then(|| [kind, namespace, name].map(Field::of))
}

/// Whether the field of an invariant has the value that the context gives for it.
fn is_as_given(field: Option<&Field>, trace: &Trace, at: usize) -> bool {
    match (field, trace.invariant(at)) {
        // The field is the variable itself.
        (Some(Field::Hole(hole)), _) if trace.is_invariant(*hole, at) => true,
        (Some(field), Some(given)) => {
            given.as_text().is_some_and(|given| field.get(trace) == Some(given))
        }
        (None, Some(given)) => given.value().is_none(),
        (None, None) => true,
        (Some(_), None) => false,
    }
}

/// The depth of nested maps and lists in a value.
fn levels(value: &Value) -> usize {
    match value {
        Value::List(items) => 1 + items.iter().map(|it| levels(&it.value)).max().unwrap_or(0),
        Value::Map(entries) => {
            1 + entries.iter().map(|it| levels(&it.node.value)).max().unwrap_or(0)
        }
        _ => 0,
    }
}
