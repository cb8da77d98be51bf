//! The templates of manifests: the built-in templates, the project's own templates, and rendering.
//!
//! Templates are data-safe by construction. Every interpolated value becomes a JSON literal, so no
//! value can break out of its place. A misspelt variable is an error at its line. Templates have no
//! clock, no randomness and no access to files, so the same values give the same text.

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

/// The maximum number of steps for one manifest. The built-in templates need a few hundred.
const FUEL: u64 = 100_000;

impl Templates {
    /// Renders a template with a context, or says what is wrong with the template.
    pub fn render(&self, name: &str, context: &Value) -> Result<String, Box<Diagnostic>> {
        let template = self.environment.get_template(name);
        template
            .and_then(|template| template.render(context))
            .map_err(|error| Box::new(self.fault(&error, Some(context))))
    }

    /// The bindings of an empty context. Callers bind them to one context after the other.
    pub fn bindings(&self) -> Bindings<'_> {
        Bindings::new(&self.variables)
    }

    /// The result of a template for a context, if it is known without running the template.
    pub fn follow<'b, 't: 'b>(
        &'t self,
        name: &str,
        bindings: &'b mut Bindings<'t>,
    ) -> Option<Followed<'b>> {
        self.plans.get(name)?.follow(bindings)
    }

    /// The text of a template that has a plan, when its conditions are decided like this.
    pub fn parts(&self, name: &str, turns: Turns) -> Vec<Part<'_>> {
        self.plans.get(name).map(|plan| plan.parts(turns)).unwrap_or_default()
    }

    /// Whether all templates compile. Rendering makes sense only then.
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
