//! The values of a context, looked up once. Many templates use the same variables of the same
//! context, so each variable has a number, and its value is kept until the context changes.

use super::value::Interpolated;
use minijinja::Value;
use minijinja::value::ValueKind;

/// The variables and fields that templates use, each once. A field refers to its parent by number.
#[derive(Debug, Default)]
pub(super) struct VariableNumbers(Vec<(Option<usize>, Box<str>)>);

impl VariableNumbers {
    /// The number of a variable, or of a field of `parent`.
    pub(super) fn number(&mut self, parent: Option<usize>, name: &str) -> usize {
        let is_it = |known: &(Option<usize>, Box<str>)| known.0 == parent && *known.1 == *name;
        self.0.iter().position(is_it).unwrap_or_else(|| {
            self.0.push((parent, name.into()));
            self.0.len() - 1
        })
    }
}

/// A context, and the values that were looked up in it. Each thread has its own.
#[derive(Debug)]
pub struct Bindings<'o> {
    variables: &'o VariableNumbers,
    context: Value,
    /// The values, by the numbers of their variables.
    known: Vec<Option<Interpolated>>,
    /// The numbers of the variables that have a value in `known`.
    found: Vec<usize>,
}

impl<'o> Bindings<'o> {
    /// The bindings of an empty context.
    pub(super) fn new(variables: &'o VariableNumbers) -> Self {
        let known = variables.0.iter().map(|_| None).collect();
        Self { variables, context: Value::UNDEFINED, known, found: Vec::new() }
    }

    /// Changes to another context, and forgets the values of the last one.
    pub fn bind(&mut self, context: &Value) {
        self.found.drain(..).for_each(|number| self.known[number] = None);
        self.context = context.clone();
    }

    /// The value of a variable or field that was looked up before.
    pub(super) fn known(&self, number: usize) -> Option<&Interpolated> {
        self.known[number].as_ref()
    }

    /// Looks up a variable or field. `None` if the context does not have it.
    pub(super) fn find(&mut self, number: usize) -> Option<&Value> {
        if self.known[number].is_none() {
            let (parent, name) = &self.variables.0[number];
            let value = match parent {
                None => self.context.get_attr(name),
                Some(parent) => self.find(*parent)?.get_attr(name),
            };
            let is_there =
                |value: &Value| !matches!(value.kind(), ValueKind::Undefined | ValueKind::Invalid);
            self.known[number] = Some(Interpolated::new(value.ok().filter(is_there)?));
            self.found.push(number);
        }
        self.known[number].as_ref().map(Interpolated::value)
    }
}
