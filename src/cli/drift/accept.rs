//! `sitewright drift --accept`: writes the live values of an object into its definition.

use crate::cli::arguments::Format;
use crate::cli::outcome::Outcome;
use crate::cli::render::fail;
use crate::cli::terminal::Terminal;
use serde_json::{Value, json};
use sitewright::diagnostic::{Diagnostic, visible};
use sitewright::diff::unified;
use sitewright::drift::{ACCEPTED_FILE, Adoption, Drift, adopt, named};
use sitewright::project::Project;

pub(super) fn run(
    name: &str,
    drift: &Drift,
    project: Project,
    diagnostics: &[Diagnostic],
    terminal: &Terminal,
) -> Outcome {
    let object = match named(&drift.objects, name) {
        Ok(object) => object,
        Err(problem) => return fail(vec![*problem], &project.sources, terminal),
    };
    let adoption = match adopt(project, object) {
        Ok(adoption) => adoption,
        Err(unread) => return fail(unread.diagnostics, &unread.sources, terminal),
    };
    if let Err(problem) = adoption.write() {
        return fail(vec![*problem], &adoption.project.sources, terminal);
    }
    let is_left = !adoption.left.is_empty();
    if terminal.format == Format::Json {
        terminal.document(diagnostics, &adoption.project.sources, document(&adoption));
    } else {
        show(name, &adoption).iter().for_each(|line| terminal.line(line));
        terminal.diagnostics(diagnostics, &adoption.project.sources);
    }
    Outcome::of(diagnostics, is_left)
}

/// What changes in the definition, and what has no place in it.
fn show(name: &str, adoption: &Adoption) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(file) = &adoption.file {
        lines.push(format!("~ {}", visible(&file.path)));
        let changed = unified(&file.before, &file.after);
        lines.extend(changed.iter().map(|line| format!("  {}", visible(line))));
        lines.push("run `sitewright render` to write the manifests".to_owned());
    }
    for (field, why) in &adoption.left {
        let field = field.as_ref();
        let what = field.map_or_else(|| name.to_owned(), |field| format!("{name}, {field}"));
        lines.push(format!("not taken: {}: {}", visible(&what), visible(why)));
        lines.push(format!(
            "  to accept it for a while, add to `{ACCEPTED_FILE}` below `accepted:`"
        ));
        lines.push(format!("  - object: {}", visible(name)));
        lines.extend(field.map(|field| format!("    field: {}", visible(field))));
        lines.push("    reason: (why)".to_owned());
        lines.push("    expires: \"(the last day, such as 2027-01-31)\"".to_owned());
    }
    lines
}

fn document(adoption: &Adoption) -> Value {
    let taken = adoption.taken.iter();
    let taken = taken.map(|(field, stated)| json!({"field": field, "definition": stated}));
    let left = adoption.left.iter().map(|(field, why)| json!({"field": field, "reason": why}));
    json!({
        "file": adoption.file.as_ref().map(|file| &file.path),
        "taken": taken.collect::<Vec<_>>(),
        "left": left.collect::<Vec<_>>(),
    })
}
