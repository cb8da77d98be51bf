//! The report for a comment or an issue. It has at most 60,000 characters and counts everything that it leaves out.
//! No value can break its markup.

use super::text::{lines, summary};
use crate::cli::diff::markdown::{MAX, cell, code, fenced, html, mark};
use crate::cli::terminal::number;
use sitewright::drift::{Drift, Drifted};

/// How many objects the table names.
const ROWS: usize = 50;

pub(super) fn report(drift: &Drift) -> String {
    let summary = summary(drift);
    let mut paragraphs = summary.lines();
    let mut out = format!("### sitewright: {}\n", html(paragraphs.next().unwrap_or_default()));
    for line in paragraphs {
        out.push_str(&format!("\n{}\n", html(line)));
    }
    if drift.objects.is_empty() {
        return out;
    }
    out.push_str("\n| object | how it differs | risk of putting it back |\n|---|---|---|\n");
    drift.objects.iter().take(ROWS).for_each(|object| out.push_str(&row(object)));
    if drift.objects.len() > ROWS {
        let more = drift.objects.len() - ROWS;
        out.push_str(&format!("| … and {more} more | | |\n"));
    }
    let mut shown = 0;
    for object in &drift.objects {
        let details = details(drift, object);
        // The length of the line that says what is left out.
        if out.len() + details.len() > MAX - 200 {
            break;
        }
        out.push_str(&details);
        shown += 1;
    }
    let left = &drift.objects[shown..];
    if let Some(first) = left.first() {
        let (count, risk) = (number(left.len(), "more object"), first.change.level().name());
        out.push_str(&format!(
            "\nThis report has no room for {count}. The highest risk among them is {risk}.\n"
        ));
    }
    out
}

fn row(object: &Drifted) -> String {
    let level = object.change.level();
    let what = match object.change.fields.as_slice() {
        [] => object.state.words().to_owned(),
        fields => {
            let names: Vec<String> = fields.iter().map(|field| field.field()).collect();
            format!("{}: {}", object.state.words(), names.join(", "))
        }
    };
    let what = match what.char_indices().nth(200) {
        Some((at, _)) => format!("{}…", &what[..at]),
        None => what,
    };
    let name = code(&object.name());
    format!("| {name} | {} | {} {} |\n", cell(&what), mark(level), level.name())
}

fn details(drift: &Drift, object: &Drifted) -> String {
    let title = format!(
        "{} {} {}",
        mark(object.change.level()),
        html(&object.name()),
        object.state.words()
    );
    fenced(&title, &lines(drift, object))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sitewright::drift::{Cause, Changed, Reaction, State};
    use sitewright::language::Engine;
    use sitewright::risk::{Action, FieldChange, Key, Object, ObjectChange};
    use sitewright::source::node::{Node, Value};

    fn object(number: usize) -> Drifted {
        let text = |text: String| Some(Node::from(Value::String(text.into())));
        let object = || Some(Object { path: String::new(), node: Value::Null.into() });
        let key = Key {
            cluster: "eu".into(),
            kind: "FrappeSite".into(),
            group: "vyogo.tech".into(),
            namespace: "erp".into(),
            name: format!("s{number}"),
        };
        let path = vec!["spec".to_owned(), "siteName".to_owned()];
        let (old, new) = (text("old ``` | <b>".repeat(20)), text("ñ😀|".repeat(40)));
        let change = ObjectChange {
            key,
            action: Action::Changed,
            base: object(),
            head: object(),
            fields: vec![FieldChange { path, old, new }],
            findings: Vec::new(),
        };
        Drifted {
            change,
            state: State::Drifted,
            causes: vec![Cause::Changed(Changed { by: None, like: None })],
            commit: None,
            finalizers: Vec::new(),
            reaction: Reaction::PutsBack,
        }
    }

    #[test]
    fn a_report_of_5_000_objects_stays_in_its_limit_and_counts_what_it_leaves_out() {
        let drift = Drift {
            cluster: "eu".into(),
            engine: Engine::Flux,
            compared: 60_000,
            secrets: 0,
            absent: Vec::new(),
            accepted: Vec::new(),
            objects: (0..5_000).map(object).collect(),
        };
        let text = report(&drift);
        assert!(text.len() <= MAX, "{}", text.len());
        let shown = text.matches("<details>").count();
        assert!(shown > 50, "{shown}");
        assert!(text.contains("… and 4950 more"), "{text}");
        assert!(text.contains(&format!("no room for {} more objects", 5_000 - shown)), "{text}");
        assert!(!text.contains("<b>") || text.contains("````"), "{text}");
    }
}
