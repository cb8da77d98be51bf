//! The report for a comment on a pull request. It has at most 60,000 characters and counts
//! everything that it leaves out. No value can break its markup.

use super::text::{heading, lines, moved, names, riskiest, summary};
use crate::cli::terminal::number;
use sitewright::diagnostic::visible;
use sitewright::diff::{Changes, Group, expanded, few, groups};
use sitewright::risk::{Action, Level};
use std::collections::BTreeSet;

/// GitHub accepts 65,536 characters. The rest is for text that a script adds to the report.
pub(in crate::cli) const MAX: usize = 60_000;

/// How many groups of definitions the table names.
const ROWS: usize = 50;

/// The report of the groups of equal changes; or, if `is_long`, of each definition.
pub(super) fn report(changes: &Changes, is_long: bool) -> String {
    let groups = if is_long { expanded(changes) } else { groups(changes) };
    let mut out = format!("### sitewright: {}", summary(changes).replace('\n', "\n\n"));
    out.pop();
    out.push_str(&moves(&moved(changes, &groups, is_long)));
    if groups.is_empty() {
        return out;
    }
    out.push_str("\n| definition | risk | what it does |\n|---|---|---|\n");
    for group in groups.iter().take(ROWS) {
        out.push_str(&row(group));
    }
    if groups.len() > ROWS {
        let more = count(&groups[ROWS..]);
        out.push_str(&format!("| … and {more} more | | |\n"));
    }
    let mut shown = 0;
    for group in &groups {
        // The length of the line that says what is left out.
        let room = (MAX - 200).saturating_sub(out.len());
        let Some(details) = details(group, room) else { break };
        out.push_str(&details);
        shown += 1;
    }
    let left = &groups[shown..];
    if !left.is_empty() {
        let changes = left.iter().flat_map(|group| &group.changes);
        let objects: usize = changes.map(|change| change.count()).sum();
        out.push_str(&format!(
            "\nThis report has no room for {} with {}. The highest risk among them is {}.\n",
            number(count(left), "more definition"),
            number(objects, "object"),
            left.iter().map(Group::level).max().unwrap_or(Level::None).name(),
        ));
    }
    out
}

/// The number of definitions in these groups.
fn count(groups: &[Group]) -> usize {
    groups.iter().flat_map(Group::paths).collect::<BTreeSet<_>>().len()
}

/// The lines about definitions that moved.
fn moves(moved: &[String]) -> String {
    if moved.is_empty() {
        return String::new();
    }
    let mut out = String::from("\n");
    for line in moved.iter().take(ROWS) {
        out.push_str(&format!("- {}\n", html(line).replace('*', "\\*")));
    }
    if moved.len() > ROWS {
        out.push_str(&format!("- … and {} more\n", moved.len() - ROWS));
    }
    out
}

fn row(group: &Group) -> String {
    let sign = mark(group.level());
    let definitions = match (few(group.definitions.len()), group.definitions.len()) {
        (true, _) => group.paths().map(code).collect::<Vec<_>>().join(", "),
        (false, count) => {
            format!("{count}{} in {}", what(group), code(&visible(&group.places())))
        }
    };
    let level = group.level().name();
    format!("| {definitions} | {sign} {level} | {} |\n", cell(&riskiest(group).unwrap_or_default()))
}

/// What becomes of the definitions of a group.
fn what(group: &Group) -> &'static str {
    match group.action() {
        Action::Added => " new",
        Action::Removed => " removed",
        Action::Changed => "",
    }
}

/// The changes of a group, in at most so many bytes. If the names of its definitions have no room, their number is
/// told. `None` if the changes have no room.
fn details(group: &Group, room: usize) -> Option<String> {
    let level = group.level();
    let title = format!("{} {}: {}", mark(level), html(&heading(group)), level.name());
    let (names, lines) = (names(group), lines(group));
    let with = |count: usize| {
        let left = names.len() - count;
        let more = (left > 0).then(|| format!("… and {left} more: `sitewright diff` names them"));
        let named = names[..count].iter().cloned().chain(more);
        fenced(&title, &named.chain(lines.iter().cloned()).collect::<Vec<_>>())
    };
    let fits = |text: &String| text.len() <= room;
    let whole = Some(with(names.len())).filter(fits);
    whole.or_else(|| {
        let lengths = names.iter().map(|name| name.len() + 1);
        let free = room.checked_sub(with(0).len())?;
        let ends = lengths.scan(0, |end, length| {
            *end += length;
            Some(*end)
        });
        Some(with(ends.take_while(|end| *end <= free).count())).filter(fits)
    })
}

/// Lines that the reader can unfold. The title is HTML.
pub(in crate::cli) fn fenced(title: &str, lines: &[String]) -> String {
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    // The fence is longer than every fence in the text, so no value can end it.
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("\n<details><summary>{title}</summary>\n\n{fence}\n{text}{fence}\n\n</details>\n")
}

pub(in crate::cli) fn mark(level: Level) -> &'static str {
    match level {
        Level::None => "⚪",
        Level::Rollout => "🔵",
        Level::Credential => "🟣",
        Level::Blocked => "🟠",
        Level::DataLoss => "🔴",
    }
}

/// A name in a code span of a table.
pub(in crate::cli) fn code(text: &str) -> String {
    format!("`{}`", text.replace(['`', '|'], "_"))
}

pub(in crate::cli) fn cell(text: &str) -> String {
    html(text).replace('|', "\\|").replace('\n', " ")
}

pub(in crate::cli) fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use sitewright::diff::{diff, tree};
    use sitewright::output::with_header;
    use std::collections::BTreeMap;

    /// The changes of so many sites, whose siteName changes from the first text to the second one. The texts may have
    /// the number of the site.
    fn renamed(sites: usize, [old, new]: [&dyn Fn(usize) -> String; 2]) -> Changes {
        let side = |value: &dyn Fn(usize) -> String| {
            let file = |number: usize| {
                let text = format!(
                    "apiVersion: a/v1\nkind: FrappeSite\nmetadata: {{name: s{number}, namespace: erp}}\n\
                     spec: {{siteName: \"{}\"}}\n",
                    value(number)
                );
                (format!("eu/s{number}/frappesite.yaml"), with_header("sites/a.yaml", &text))
            };
            (0..sites).map(file).collect()
        };
        let (base, head) = tree::differing(&side(old), &side(new)).value;
        Changes::new(diff(&base, &head, &BTreeMap::new()))
    }

    #[test]
    fn a_report_of_5_000_sites_stays_in_its_limit_and_counts_what_it_leaves_out() {
        let text = |value: &'static str| move |number| format!("{}{number}", value.repeat(40));
        let text = report(&renamed(5_000, [&text("old"), &text("ñ😀|")]), false);
        assert!(text.len() <= MAX, "{}", text.len());
        let shown = text.matches("<details>").count();
        let left = 5_000 - shown;
        assert!(shown > 50, "{shown}");
        assert!(text.contains("… and 4950 more"), "{text}");
        let expected = format!(
            "no room for {left} more definitions with {left} objects. The highest risk among them is data-loss"
        );
        assert!(text.contains(&expected), "{text}");
    }

    #[test]
    fn the_names_of_a_group_are_cut_at_the_limit_and_the_rest_is_counted() {
        let value = |value: &'static str| move |_| value.to_owned();
        let text = report(&renamed(10_000, [&value("old"), &value("new")]), false);
        assert!(text.len() <= MAX && text.len() > MAX - 300, "{}", text.len());
        let named = text.lines().filter(|line| line.starts_with("eu/s")).count();
        let more = format!("\n… and {} more: `sitewright diff` names them\n", 10_000 - named);
        assert!(named > 5_000 && text.contains(&more), "{named}");
        assert!(text.contains("spec.siteName: old → new\n"), "{named}");
        assert!(!text.contains("no room"), "{named}");
    }
}
