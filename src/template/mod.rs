//! Manifests' templates: the built-in ones, the project's own, and how they are rendered.
//!
//! They are data-safe by construction: every interpolated value becomes a JSON literal, so none can
//! break out of its place; a misspelt variable is an error at its line; and there is no clock, no
//! randomness and no file to read, so the same values give the same text.

mod escape;
mod fault;
mod load;

pub use load::{BUILT_IN, Templates};

use crate::diagnostic::Diagnostic;
use minijinja::{OutputSpanKind, Value};
use std::ops::Range;

/// How much a template may do for one manifest: the built-in ones need a few hundred steps.
const FUEL: u64 = 100_000;

/// What a template wrote.
#[derive(Debug, Default)]
pub struct Text {
    /// All of it.
    pub whole: String,
    /// What its expressions wrote, in bytes of `whole`, in its order; all else is the template's own.
    pub values: Vec<Range<usize>>,
}

impl Templates {
    /// The text that a template makes of a context, or what is wrong with the template.
    pub fn render(&self, name: &str, context: &Value) -> Result<Text, Box<Diagnostic>> {
        let template = self.environment.get_template(name);
        let rendered = template.and_then(|template| template.render_with_spans(context));
        let (whole, spans) =
            rendered.map_err(|error| Box::new(self.fault(&error, Some(context))))?;
        let spans = spans.iter().filter(|span| span.kind() == OutputSpanKind::Expression);
        Ok(Text { whole, values: spans.map(|span| span.output_range()).collect() })
    }

    /// Whether all templates compile, so that rendering with them makes sense.
    pub fn are_sound(&self) -> bool {
        self.sound
    }

    /// The path of a template as users know it.
    pub fn shown(&self, name: &str) -> String {
        match self.own.contains(name) {
            true => format!("{}/{name}", self.folder),
            false => format!("{BUILT_IN}/{name}"),
        }
    }
}
