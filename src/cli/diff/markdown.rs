//! The report for a comment on a pull request. It has at most 60,000 characters and counts
//! everything that it leaves out. No value can break its markup.

use super::text::{lines, moved, summary};
use crate::cli::terminal::number;
use sitewright::diff::{Changes, DefinitionChange};
use sitewright::risk::Level;

/// GitHub accepts 65,536 characters. The rest is for text that a script adds to the report.
pub(in crate::cli) const MAX: usize = 60_000;

/// How many definitions the table names.
const ROWS: usize = 50;

pub(super) fn report(changes: &Changes) -> String {
    let mut out = format!("### sitewright: {}", summary(changes));
    out.push_str(&moves(changes));
    if changes.definitions.is_empty() {
        return out;
    }
    out.push_str("\n| definition | risk | what it does |\n|---|---|---|\n");
    for group in changes.definitions.iter().take(ROWS) {
        out.push_str(&row(group));
    }
    if changes.definitions.len() > ROWS {
        let more = changes.definitions.len() - ROWS;
        out.push_str(&format!("| … and {more} more | | |\n"));
    }
    let mut shown = 0;
    for group in &changes.definitions {
        let details = details(group);
        // The length of the line that says what is left out.
        if out.len() + details.len() > MAX - 200 {
            break;
        }
        out.push_str(&details);
        shown += 1;
    }
    let left = &changes.definitions[shown..];
    if !left.is_empty() {
        let objects: usize = left.iter().map(|group| group.changes.len()).sum();
        out.push_str(&format!(
            "\nThis report has no room for {} with {}. The highest risk among them is {}.\n",
            number(left.len(), "more definition"),
            number(objects, "object"),
            left.iter().map(DefinitionChange::level).max().unwrap_or(Level::None).name(),
        ));
    }
    out
}

/// The definitions that only moved.
fn moves(changes: &Changes) -> String {
    let moved = moved(changes);
    if moved.is_empty() {
        return String::new();
    }
    let mut out = String::from("\n");
    for line in moved.iter().take(ROWS) {
        out.push_str(&format!("- {}\n", html(line)));
    }
    if moved.len() > ROWS {
        out.push_str(&format!("- … and {} more\n", moved.len() - ROWS));
    }
    out
}

fn row(group: &DefinitionChange) -> String {
    let what = group.riskiest().map_or(String::new(), |(change, finding)| {
        format!("{} {}: {}", change.key.kind, change.key.name, finding.reason)
    });
    let sign = mark(group.level());
    format!("| {} | {sign} {} | {} |\n", code(&group.definition), group.level().name(), cell(&what))
}

fn details(group: &DefinitionChange) -> String {
    let level = group.level();
    let title = format!("{} {}: {}", mark(level), html(&group.definition), level.name());
    fenced(&title, &lines(group))
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

    #[test]
    fn a_report_of_5_000_sites_stays_in_its_limit_and_counts_what_it_leaves_out() {
        let side = |value: &str| {
            let file = |number: usize| {
                let text = format!(
                    "apiVersion: a/v1\nkind: FrappeSite\nmetadata: {{name: s{number}, namespace: erp}}\n\
                     spec: {{siteName: \"{}{number}\"}}\n",
                    value.repeat(40)
                );
                (format!("eu/s{number}/frappesite.yaml"), with_header("sites/a.yaml", &text))
            };
            (0..5_000).map(file).collect()
        };
        let (base, head) = tree::differing(&side("old"), &side("ñ😀|")).value;
        let changes = Changes::new(diff(&base, &head, &BTreeMap::new()));
        let text = report(&changes);
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
}
