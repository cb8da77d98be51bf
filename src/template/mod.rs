//! The templates of manifests: the built-in templates, the project's own templates, and rendering.
//!
//! Templates are data-safe by construction. Every interpolated value becomes a JSON literal, so no
//! value can break out of its place. A misspelt variable is an error at its line. Templates have no
//! clock, no randomness and no access to files, so the same values give the same text.

mod escape;
mod fault;
mod load;

pub use escape::stands_as_it_is;
pub use load::{BUILT_IN, Templates};

use crate::diagnostic::Diagnostic;
use minijinja::syntax::SyntaxConfig;
use minijinja::{Template, Value};

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

    /// The templates that compile.
    pub fn all(&self) -> impl Iterator<Item = Template<'_, '_>> {
        self.environment.templates().map(|(_, template)| template)
    }

    /// The syntax of the templates.
    pub fn syntax(&self) -> &SyntaxConfig {
        self.environment.syntax()
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
