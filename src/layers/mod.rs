//! Layers: the maps that state a definition's values, from the built-in defaults up to the
//! definition itself, and how they become typed fields.
//!
//! Every value keeps the place where it is stated ([`Origin`]), so that each later stage can point
//! at it. [`crate::resolve`] decides which layers a definition has.

mod decode;
mod idle;
mod layer;
mod origin;

pub use idle::Idle;
pub use layer::{Layered, Layers};
pub use origin::Origin;

use crate::diagnostic::{Checked, Code, Diagnostic, FileId, Sources};
use crate::source::node::Node;

/// The name under which the built-in defaults appear among the sources.
pub const BUILT_IN: &str = "built-in defaults";

/// Decodes a definition. If a type and its schema disagree, the definition is reported.
pub(crate) fn decoded<'p, T: serde::Deserialize<'p>>(origin: &Origin<'p>) -> Checked<T> {
    // SW104: a value that does not fit its Rust type.
    decode::decode(origin.layers.merged())
        .map_err(|error| vec![Diagnostic::new(Code::BadValue, origin.definition.span(), error)])
}

/// Decodes a document that is not a definition, such as the project's settings.
pub fn decode_node<'p, T: serde::Deserialize<'p>>(node: &'p Node) -> Result<T, String> {
    decode::decode(Layered::Stated(node))
}

/// A value that at least one layer must state. `field` leads to it, and `why` says what it is.
pub(crate) fn require<T>(
    value: Option<T>,
    origin: &Origin,
    field: &[&str],
    why: &str,
) -> Checked<T> {
    value.ok_or_else(|| {
        let name = field.join(".");
        let message =
            format!("`{name}` is missing for `{}`: no layer states it", origin.definition.path());
        // SW105: a required field is missing.
        let problem = Diagnostic::new(Code::MissingField, origin.span(field), message);
        vec![problem.help(format!("state it here or in a `_defaults.yaml`: {why}"))]
    })
}

/// Whether a file has built-in defaults, judged by its name.
pub fn is_built_in(sources: &Sources, file: FileId) -> bool {
    sources.path(file) == BUILT_IN
}
