//! Manifests' templates: the built-in ones, the project's own, and how they are rendered.
//!
//! They are data-safe by construction: every interpolated value becomes a JSON literal, so none can
//! break out of its place; a misspelt variable is an error at its line; and there is no clock, no
//! randomness and no file to read, so the same values give the same text.

mod bindings;
mod escape;
mod fault;
mod interpolated;
mod load;
mod plan;

pub use bindings::Bindings;
pub use interpolated::Interpolated;
pub use load::{BUILT_IN, Templates};
pub use plan::{Followed, Part, Turns};

use crate::diagnostic::Diagnostic;
use minijinja::Value;

/// How much a template may do for one manifest: the built-in ones need a few hundred steps.
const FUEL: u64 = 100_000;

impl Templates {
    /// The text that a template makes of a context, or what is wrong with the template.
    pub fn render(&self, name: &str, context: &Value) -> Result<String, Box<Diagnostic>> {
        let template = self.environment.get_template(name);
        template
            .and_then(|template| template.render(context))
            .map_err(|error| Box::new(self.fault(&error, Some(context))))
    }

    /// An empty context, to be bound to one after the other.
    pub fn bindings(&self) -> Bindings<'_> {
        Bindings::new(&self.variables)
    }

    /// What a template makes of a context, where that can be said without running it.
    pub fn follow<'b, 't: 'b>(
        &'t self,
        name: &str,
        bindings: &'b mut Bindings<'t>,
    ) -> Option<Followed<'b>> {
        self.plans.get(name)?.follow(bindings)
    }

    /// What a template that was followed writes, where its conditions turn like this.
    pub fn parts(&self, name: &str, turns: Turns) -> Vec<Part<'_>> {
        self.plans.get(name).map(|plan| plan.parts(turns)).unwrap_or_default()
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
