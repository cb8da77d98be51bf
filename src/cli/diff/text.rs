//! The report for people: equal changes together, the highest risk first.

use crate::cli::terminal::number;
use sitewright::diagnostic::visible;
use sitewright::diff::{Changes, Equal, Group, expanded, few, groups, unified};
use sitewright::risk::{Action, FieldChange, Finding, Level, ObjectChange};
use sitewright::source::node::{Node, Value};
use std::collections::{BTreeMap, BTreeSet};

/// The longest value that is shown on one line.
const LONG: usize = 100;

/// The groups of equal changes; or, if `is_long`, the changes of each definition.
pub(in crate::cli) fn report(changes: &Changes, is_long: bool, colour: bool) -> String {
    let mut out = String::new();
    let paint = Paint { colour };
    let groups = if is_long { expanded(changes) } else { groups(changes) };
    for group in &groups {
        paint.group(group, changes, &mut out);
    }
    let moved = moved(changes, &groups, is_long);
    if !moved.is_empty() {
        moved.iter().for_each(|line| out.push_str(&format!("{line}: {}\n", Level::None.name())));
        out.push('\n');
    }
    out.push_str(&summary(changes));
    out
}

/// The definitions that moved and that no heading calls moved, one on each line. Definitions that moved together from
/// one folder to another share a line, unless `is_long`.
pub(super) fn moved(changes: &Changes, groups: &[Group], is_long: bool) -> Vec<String> {
    let named: BTreeSet<&str> =
        groups.iter().filter_map(Group::only).map(|it| &*it.definition).collect();
    let moves = changes.moves.iter().filter(|it| !named.contains(&*it.to));
    let mut folders: BTreeMap<(&str, &str), Vec<(&str, &str)>> = BTreeMap::new();
    for it in moves {
        // A definition that was renamed too has a line of its own.
        let folders_of = match (it.from.rsplit_once('/'), it.to.rsplit_once('/')) {
            (Some((from, old)), Some((to, new))) if old == new => (from, to),
            _ => (&*it.from, &*it.to),
        };
        folders.entry(folders_of).or_default().push((&it.from, &it.to));
    }
    let mut lines: Vec<(&str, String)> = Vec::new();
    for ((from, to), moves) in folders {
        if is_long || few(moves.len()) {
            let line = |from, to| format!("{} (moved from {})", visible(to), visible(from));
            lines.extend(moves.iter().map(|(from, to)| (*to, line(from, to))));
        } else {
            let (from, to) = (visible(from), visible(to));
            lines.push((
                moves[0].1,
                format!("{} definitions in {to}/* (moved from {from}/*)", moves.len()),
            ));
        }
    }
    lines.sort();
    lines.into_iter().map(|(_, line)| line).collect()
}

/// The changes of a group without colour.
pub(super) fn lines(group: &Group) -> Vec<String> {
    let mut out = String::new();
    let paint = Paint { colour: false };
    group.changes.iter().for_each(|change| paint.equal(change, &mut out));
    out.lines().map(|line| line.strip_prefix("  ").unwrap_or(line).to_owned()).collect()
}

/// The definitions of a group: their paths, or their number with their folders.
pub(super) fn heading(group: &Group) -> String {
    let places = group.places();
    let places = visible(&places);
    match few(group.definitions.len()) {
        true => places.into_owned(),
        false => format!("{} definitions in {places}", group.definitions.len()),
    }
}

/// The paths that a report must name in addition to the heading of the group.
pub(super) fn names(group: &Group) -> Vec<String> {
    match group.names_all() && !few(group.definitions.len()) {
        true => group.paths().map(|path| visible(path).into_owned()).collect(),
        false => Vec::new(),
    }
}

/// The objects of equal changes: their names, or their number.
pub(super) fn objects(equal: &Equal) -> String {
    let key = &equal.first.key;
    match equal.count() {
        1 => visible(&key.to_string()).into_owned(),
        count if few(count) => {
            let name = |change: &ObjectChange| {
                let whole = change.key.to_string();
                whole.strip_prefix(&format!("{} ", key.kind)).unwrap_or(&whole).to_owned()
            };
            let names: Vec<String> = equal.members().map(name).collect();
            visible(&format!("{} {}", key.kind, names.join(", "))).into_owned()
        }
        count => format!("{count} {}", visible(&key.kind)),
    }
}

/// What the riskiest change of a group does. `None` if no change has a risk.
pub(super) fn riskiest(group: &Group) -> Option<String> {
    // The changes and their findings are in the order of their risk.
    let change = group.changes.first()?;
    let finding = change.findings().into_iter().next()?;
    let key = &change.first.key;
    let object = match change.count() {
        1 => format!("{} {}", key.kind, key.name),
        _ => objects(change),
    };
    (finding.level > Level::None).then(|| format!("{object}: {}", finding.reason))
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

    fn group(&self, group: &Group, changes: &Changes, out: &mut String) {
        let former = group.only().and_then(|only| changes.former_path(&only.definition));
        let what = match (group.action(), former) {
            (Action::Added, _) => " (new)".to_owned(),
            (Action::Removed, _) => " (removed)".to_owned(),
            (Action::Changed, Some(former)) => format!(" (moved from {})", visible(former)),
            (Action::Changed, None) => String::new(),
        };
        // Without this, a reader could take the changes below for all changes of the definition.
        let more = match group.is_part && group.only().is_some() {
            true => ", in addition to changes that others share",
            false => "",
        };
        let name = self.code("1", &heading(group));
        out.push_str(&format!("{name}{what}{more}: {}\n", self.level(group.level())));
        names(group).iter().for_each(|name| out.push_str(&format!("    {name}\n")));
        for change in &group.changes {
            self.equal(change, out);
        }
        out.push('\n');
    }

    fn equal(&self, equal: &Equal, out: &mut String) {
        let change = equal.first;
        let (sign, code) = match change.action {
            Action::Added => ("+", "32"),
            Action::Removed => ("-", "31"),
            Action::Changed => ("~", "33"),
        };
        let object = format!("{sign} {}", objects(equal));
        out.push_str(&format!("  {}\n", self.code(code, &object)));
        let findings = equal.findings();
        for field in equal.fields() {
            field_lines(change, field).iter().for_each(|line| {
                out.push_str(&format!("      {line}\n"));
            });
            let finding = findings.iter().find(|f| f.field.as_deref() == Some(&*field.field()));
            if let Some(finding) = finding.filter(|finding| finding.level > Level::None) {
                self.finding(finding, out);
            }
        }
        let is_of_all = |finding: &&Finding| finding.field.is_none() && finding.level > Level::None;
        for finding in findings.iter().filter(is_of_all) {
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
    let text = one_line(node);
    match text.char_indices().nth(LONG) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

/// A value on one line, whatever its length.
pub(super) fn one_line(node: &Node) -> String {
    match &node.value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Float(value) => value.to_string(),
        Value::String(text) if text.is_empty() => "\"\"".to_owned(),
        // Control characters are shown as escapes, so that the terminal does not act on them.
        Value::String(text) => visible(text).into_owned(),
        Value::List(items) => {
            format!("[{}]", items.iter().map(one_line).collect::<Vec<_>>().join(", "))
        }
        Value::Map(entries) => {
            let entries = entries.iter();
            let entries = entries.map(|e| format!("{}: {}", visible(&e.key), one_line(&e.node)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
    }
}

/// The number of definitions by action and by risk, in one line. A filter adds a line about what it leaves out.
pub(super) fn summary(changes: &Changes) -> String {
    let mut out = match (changes.is_empty(), changes.left_out) {
        (false, _) => counts(changes),
        (true, None) => return "no changes\n".to_owned(),
        (true, Some(_)) => "no change fits\n".to_owned(),
    };
    if let Some(left) = changes.left_out.filter(|left| left.objects + left.moves > 0) {
        let objects = (left.objects > 0).then(|| {
            let (objects, definitions) =
                (number(left.objects, "object"), number(left.definitions, "definition"));
            format!("{objects} of {definitions}, with a risk up to {}", left.level.name())
        });
        let moves = (left.moves > 0).then(|| format!("{} moved", left.moves));
        let what: Vec<String> = objects.into_iter().chain(moves).collect();
        out.push_str(&format!("left out: {}\n", what.join("; ")));
    }
    out
}

fn counts(changes: &Changes) -> String {
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
