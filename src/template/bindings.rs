//! The values of the templates' variables in a context. Several templates use the same context and
//! the same variables, so each variable is looked up once.

use super::interpolated::Interpolated;
use minijinja::Value;
use minijinja::value::ValueKind;

/// The variables and fields that templates use, each once. A field refers to its parent by number.
#[derive(Debug, Default)]
pub(super) struct Variables(Vec<(Option<usize>, Box<str>)>);

impl Variables {
    /// The number of a variable, or of a field.
    pub(super) fn number(&mut self, of: Option<usize>, name: &str) -> usize {
        let is_it = |known: &(Option<usize>, Box<str>)| known.0 == of && *known.1 == *name;
        self.0.iter().position(is_it).unwrap_or_else(|| {
            self.0.push((of, name.into()));
            self.0.len() - 1
        })
    }
}

/// A context, and the values that were found in it.
#[derive(Debug)]
pub struct Bindings<'t> {
    variables: &'t Variables,
    context: Value,
    /// The values, by the numbers of their variables.
    known: Vec<Option<Interpolated>>,
    /// Which values have been looked up.
    found: Vec<usize>,
}

impl<'t> Bindings<'t> {
    /// The bindings of an empty context.
    pub(super) fn new(variables: &'t Variables) -> Self {
        let known = variables.0.iter().map(|_| None).collect();
        Self { variables, context: Value::UNDEFINED, known, found: Vec::new() }
    }

    /// Changes to another context.
    pub fn bind(&mut self, context: &Value) {
        self.found.drain(..).for_each(|number| self.known[number] = None);
        self.context = context.clone();
    }

    /// The value that was found for a variable or field.
    pub(super) fn known(&self, number: usize) -> Option<&Interpolated> {
        self.known[number].as_ref()
    }

    /// Looks up a variable or field.
    pub(super) fn find(&mut self, number: usize) -> Option<&Value> {
        if self.known[number].is_none() {
            let (of, name) = &self.variables.0[number];
            let value = match of {
                None => self.context.get_attr(name),
                Some(of) => self.find(*of)?.get_attr(name),
            };
            let is_there =
                |value: &Value| !matches!(value.kind(), ValueKind::Undefined | ValueKind::Invalid);
            self.known[number] = Some(Interpolated::new(value.ok().filter(is_there)?));
            self.found.push(number);
        }
        self.known[number].as_ref().map(Interpolated::value)
    }
}
