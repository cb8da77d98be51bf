//! What an editor shows about the key or value under the pointer: its documentation, and where its value is stated.

use super::draft::key_at;
use super::field::Field;
use super::{lines, place};
use crate::diagnostic::{FileId, is_password, without_accounts};
use crate::language::{Definition, Kind};
use crate::layers::{Origin, is_built_in};
use crate::project::Project;
use crate::resolve;
use crate::source::node::{Node, Value};
use crate::source::yaml;
use std::ops::Range;

/// The number of values that are listed for a key with keys below it.
const LISTED: usize = 20;

/// A text about a range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    /// The text, in Markdown.
    pub markdown: String,
    /// The key or value that it is about.
    pub range: Range<usize>,
}

pub(super) fn hover(
    project: Option<&Project>,
    path: &str,
    kind: Kind,
    text: &str,
    offset: usize,
) -> Option<Hover> {
    // The text may be newer than the project, so its places are those of a file that the project does not have.
    let own = project.map_or(FileId::NONE, |project| project.sources.next_id());
    let Ok(node) = yaml::read(text, own) else {
        // While somebody types, the text is often no YAML. Its keys have their documentation, but nothing has a value.
        let (path, range) = key_at(text, offset)?;
        let markdown = without_accounts(&about(kind, &path)).into_owned();
        return Some(Hover { markdown, range });
    };
    let at = place::at(&node, offset)?;
    let name = at.path.join(".");
    let mut markdown = about(kind, &at.path);
    let values =
        project.map(|project| values(project, path, kind, text, &node, &name)).unwrap_or_default();
    if !values.is_empty() {
        markdown += "\n";
    }
    for (value, origin) in values.iter().take(LISTED) {
        markdown += &format!("- `{value}`, from {origin}\n");
    }
    if values.len() > LISTED {
        markdown += &format!("- and {} more\n", values.len() - LISTED);
    }
    Some(Hover { markdown: without_accounts(&markdown).into_owned(), range: at.span.range() })
}

/// The name of a field, and its documentation.
fn about(kind: Kind, path: &[String]) -> String {
    let mut markdown = format!("`{}`\n", path.join("."));
    if let Some(description) = Field::of(kind, path).and_then(Field::description) {
        markdown += &format!("\n{description}\n");
    }
    markdown
}

/// The values of a field and of those below it, with their origins. Only a site, a server and a bench have layers below
/// them.
fn values(
    project: &Project,
    path: &str,
    kind: Kind,
    text: &str,
    node: &Node,
    name: &str,
) -> Vec<(String, String)> {
    let Project { sources, definitions, base, .. } = project;
    let is_it = |it: &&Definition| it.kind == kind && sources.path(it.file) == path;
    let definition = definitions.iter().find(is_it);
    let origin = definition.and_then(|it| resolve::layers_of(it, node, definitions, base));
    let Some(Origin { layers, .. }) = origin else { return Vec::new() };
    let leaves = layers.merged().leaves().into_iter().filter_map(|(path, node)| {
        let below = path.strip_prefix(name)?;
        (below.is_empty() || below.starts_with('.')).then_some((path, node))
    });
    leaves
        .map(|(field, value)| {
            let from = match value.span.file {
                own if own == node.span.file => {
                    let line = lines::position(text, value.span.range().start).line;
                    format!("{path}:{}", line + 1)
                }
                built_in if is_built_in(sources, built_in) => sources.path(built_in).to_owned(),
                _ => sources.line_of(value.span),
            };
            let shown = match is_password(field.rsplit('.').next().unwrap_or_default()) {
                true => "***".to_owned(),
                false => inline(value),
            };
            (format!("{field}: {shown}"), from)
        })
        .collect()
}

/// A value on one line.
fn inline(node: &Node) -> String {
    match &node.value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Float(value) => value.to_string(),
        Value::String(text) => text.replace(['\n', '`'], " "),
        Value::Map(_) => "{}".to_owned(),
        Value::List(items) => {
            format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", "))
        }
    }
}
