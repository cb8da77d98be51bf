//! One row of the table of filled values.

use crate::operator::{Operator, Profiles};
use crate::source::node::{Entry, Node, Value};

/// A field that somebody else than a person writes, if nobody states it.
#[derive(Debug)]
pub struct Filled {
    /// The field, such as `spec.mariaDbRef.waitForIt`. `[]` stands for every item of a list, and `*` for every
    /// key of a map.
    pub path: &'static str,
    /// What is written.
    pub value: Given,
    /// Who writes it.
    pub writer: Writer,
    /// The objects in which it is written.
    pub only: fn(Scene) -> bool,
    /// Where that was read.
    pub source: &'static str,
}

/// An object, and the operators of its cluster.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// The object.
    pub object: &'a Node,
    /// The operators.
    pub profiles: Profiles,
}

impl Scene<'_> {
    /// The value of a field, such as `spec.galera.enabled`.
    pub fn at(&self, path: &str) -> Option<&Node> {
        path.split('.').try_fold(self.object, |node, key| node.get(key))
    }

    /// Whether a field is `true`.
    pub fn is_on(&self, path: &str) -> bool {
        self.at(path).is_some_and(|node| node.value == Value::Bool(true))
    }
}

/// Who fills in a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writer {
    /// The API server, with a default of the CRD, whenever the object is written without the field.
    ApiServer,
    /// An operator: its controller, or its webhook.
    Operator(Operator),
}

/// The value that is filled in.
#[derive(Debug)]
pub enum Given {
    /// A switch.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A text.
    Text(&'static str),
    /// A list of texts.
    Texts(&'static [&'static str]),
    /// A map without keys. Other rows fill it.
    Map,
    /// A map with these keys. Only a map that is absent as a whole gets them.
    Block(&'static [(&'static str, Given)]),
    /// The object's own name with this ending.
    Named(&'static str),
    /// The value of another field, if the object has it.
    Same(&'static str),
    /// A value that does not follow from the object, such as an image of the operator's own. This is an
    /// example.
    Any(&'static Given),
}

impl Given {
    /// The value for an object. `None` if it follows from a field that the object lacks.
    pub fn of(&self, scene: Scene) -> Option<Node> {
        let text = |text: &str| Value::String(text.into());
        let value = match self {
            Self::Bool(value) => Value::Bool(*value),
            Self::Int(value) => Value::Int(*value),
            Self::Text(value) => text(value),
            Self::Texts(values) => {
                Value::List(values.iter().map(|value| text(value).into()).collect())
            }
            Self::Map => Value::Map(Vec::new()),
            Self::Block(entries) => {
                let entry = |(key, value): &(&str, Given)| Some(Entry::new(key, value.of(scene)?));
                Value::Map(entries.iter().map(entry).collect::<Option<_>>()?)
            }
            Self::Named(ending) => {
                text(&format!("{}{ending}", scene.at("metadata.name")?.as_str()?))
            }
            Self::Same(path) => return scene.at(path).cloned(),
            Self::Any(example) => return example.of(scene),
        };
        Some(value.into())
    }

    /// Whether any other value is filled in as well as the one of [`Self::of`].
    pub fn is_any(&self) -> bool {
        matches!(self, Self::Any(_))
    }
}

/// A default of the CRD.
pub(super) const fn by_default(path: &'static str, value: Given) -> Filled {
    Filled { path, value, writer: Writer::ApiServer, only: |_| true, source: "the CRD" }
}

/// A value that an operator writes.
pub(super) const fn by_operator(
    operator: Operator,
    path: &'static str,
    value: Given,
    source: &'static str,
) -> Filled {
    Filled { path, value, writer: Writer::Operator(operator), only: |_| true, source }
}

impl Filled {
    /// The row for some objects only.
    pub(super) const fn only(self, only: fn(Scene) -> bool) -> Self {
        Self { only, ..self }
    }
}
