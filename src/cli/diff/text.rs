//! The report for people: the changes by definition, the highest risk first.

use sitewright::diagnostic::visible;
use sitewright::diff::{Changes, DefinitionChange, unified};
use sitewright::risk::{Action, FieldChange, Finding, Level, ObjectChange};
use sitewright::source::node::{Node, Value};
use std::collections::BTreeSet;

/// The longest value that is shown on one line.
const LONG: usize = 100;

pub(in crate::cli) fn report(changes: &Changes, colour: bool) -> String {
    let mut out = String::new();
    let paint = Paint { colour };
    for group in &changes.definitions {
        paint.group(group, changes.former_path(&group.definition), &mut out);
    }
    let moved = moved(changes);
    if !moved.is_empty() {
        moved.iter().for_each(|line| out.push_str(&format!("{line}: {}\n", Level::None.name())));
        out.push('\n');
    }
    out.push_str(&summary(changes));
    out
}

/// The definitions that moved and did not change, one on each line.
pub(super) fn moved(changes: &Changes) -> Vec<String> {
    let changing: BTreeSet<&str> =
        changes.definitions.iter().map(|group| &*group.definition).collect();
    let only = changes.moves.iter().filter(|it| !changing.contains(&*it.to));
    only.map(|it| format!("{} (moved from {})", visible(&it.to), visible(&it.from))).collect()
}

/// A definition's changes without colour.
pub(super) fn lines(group: &DefinitionChange) -> Vec<String> {
    let mut out = String::new();
    let paint = Paint { colour: false };
    group.changes.iter().for_each(|change| paint.change(change, &mut out));
    out.lines().map(|line| line.strip_prefix("  ").unwrap_or(line).to_owned()).collect()
}

struct Paint {
    colour: bool,
}

impl Paint {
    fn level(&self, level: Level) -> String {
        let code = match level {
            Level::None => return level.name().to_owned(),
            Level::Rollout => "36",
            Level::Credential => "35",
            Level::Blocked => "33",
            Level::DataLoss => "1;31",
        };
        self.code(code, level.name())
    }

    fn code(&self, code: &str, text: &str) -> String {
        match self.colour {
            true => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
            false => text.to_owned(),
        }
    }

    fn group(&self, group: &DefinitionChange, former: Option<&str>, out: &mut String) {
        let what = match (group.action(), former) {
            (Action::Added, _) => " (new)".to_owned(),
            (Action::Removed, _) => " (removed)".to_owned(),
            (Action::Changed, Some(former)) => format!(" (moved from {})", visible(former)),
            (Action::Changed, None) => String::new(),
        };
        let name = self.code("1", &visible(&group.definition));
        out.push_str(&format!("{name}{what}: {}\n", self.level(group.level())));
        for change in &group.changes {
            self.change(change, out);
        }
        out.push('\n');
    }

    fn change(&self, change: &ObjectChange, out: &mut String) {
        let (sign, code) = match change.action {
            Action::Added => ("+", "32"),
            Action::Removed => ("-", "31"),
            Action::Changed => ("~", "33"),
        };
        let key = &change.key;
        let object = format!("{sign} {}", visible(&key.to_string()));
        out.push_str(&format!("  {}\n", self.code(code, &object)));
        for field in &change.fields {
            field_lines(change, field).iter().for_each(|line| {
                out.push_str(&format!("      {line}\n"));
            });
            let finding =
                change.findings.iter().find(|f| f.field.as_deref() == Some(&*field.field()));
            if let Some(finding) = finding.filter(|finding| finding.level > Level::None) {
                self.finding(finding, out);
            }
        }
        let is_of_all = |finding: &&Finding| finding.field.is_none() && finding.level > Level::None;
        for finding in change.findings.iter().filter(is_of_all) {
            self.finding(finding, out);
        }
    }

    fn finding(&self, finding: &Finding, out: &mut String) {
        out.push_str(&format!("        {}: {}\n", self.level(finding.level), finding.reason));
        if let Some(instead) = &finding.instead {
            out.push_str(&format!("        what to do: {instead}\n"));
        }
    }
}

fn field_lines(change: &ObjectChange, field: &FieldChange) -> Vec<String> {
    let name = field.field();
    let name = visible(&name);
    if field.is_sealed() {
        return vec![format!("{name}: value changed, {}", change.generations())];
    }
    let texts =
        (field.old.as_ref().and_then(Node::as_str), field.new.as_ref().and_then(Node::as_str));
    if let (Some(old), Some(new)) = texts
        && (old.contains('\n') || new.contains('\n'))
    {
        let lines = unified(old, new).into_iter().map(|line| {
            let line = visible(&line);
            format!("  {line}")
        });
        return [format!("{name}:")].into_iter().chain(lines).collect();
    }
    let shown = |node: &Option<Node>| node.as_ref().map_or_else(|| "(none)".to_owned(), inline);
    vec![format!("{name}: {} → {}", shown(&field.old), shown(&field.new))]
}

/// A value on one line. A long value is cut.
pub(in crate::cli) fn inline(node: &Node) -> String {
    let text = match &node.value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Float(value) => value.to_string(),
        Value::String(text) if text.is_empty() => "\"\"".to_owned(),
        // Control characters are shown as escapes, so that the terminal does not act on them.
        Value::String(text) => visible(text).into_owned(),
        Value::List(items) => {
            format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", "))
        }
        Value::Map(entries) => {
            let entries = entries.iter();
            let entries = entries.map(|e| format!("{}: {}", visible(&e.key), inline(&e.node)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
    };
    match text.char_indices().nth(LONG) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

/// The number of definitions by action and by risk, in one line.
pub(super) fn summary(changes: &Changes) -> String {
    if changes.is_empty() {
        return "no changes\n".to_owned();
    }
    let actions = [
        (changes.count(Action::Changed), "changed"),
        (changes.count(Action::Added), "new"),
        (changes.count(Action::Removed), "removed"),
        (changes.moves.len(), "moved"),
    ];
    let actions: Vec<String> = actions
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, action)| format!("{count} {action}"))
        .collect();
    let levels: Vec<String> = Level::ALL
        .into_iter()
        .rev()
        .filter(|level| changes.count_of(*level) > 0)
        .map(|level| format!("{} {}", changes.count_of(level), level.name()))
        .collect();
    let levels = if levels.is_empty() { Level::None.name().to_owned() } else { levels.join(", ") };
    format!("definitions: {}; risks: {levels}\n", actions.join(", "))
}
