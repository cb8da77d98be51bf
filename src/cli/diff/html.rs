//! The report as a page: a section for each risk, with the groups of equal changes in it. Only the section of the
//! highest risk is unfolded.

use super::text::{heading, objects, one_line, riskiest, summary};
use crate::cli::html::{Page, Prose, Shown, diagnostics};
use crate::cli::terminal::number;
use maud::{Markup, html};
use sitewright::diagnostic::{Diagnostic, Sources, visible};
use sitewright::diff::report::Denied;
use sitewright::diff::{Changes, Equal, Group, expanded, few, groups, unified};
use sitewright::risk::{Action, FieldChange, Finding, Level, ObjectChange};
use std::collections::BTreeSet;

/// The most groups of a section that are unfolded with it.
const UNFOLDED: usize = 10;

/// What the page shows.
pub(super) struct Report<'r> {
    pub(super) changes: &'r Changes,
    /// Whether each definition has its own group.
    pub(super) is_long: bool,
    /// The definitions that the gate denies.
    pub(super) denied: &'r [Denied],
    /// What the user compares with.
    pub(super) base: Option<&'r str>,
}

impl Report<'_> {
    pub(super) fn page(&self, found: &[Diagnostic], sources: &Sources) -> String {
        let changes = self.changes;
        let groups = if self.is_long { expanded(changes) } else { groups(changes) };
        let of_level = |level| groups.iter().filter(|group| group.level() == level).collect();
        let levels: Vec<(Level, Vec<&Group>)> =
            Level::ALL.into_iter().rev().map(|level| (level, of_level(level))).collect();
        let levels: Vec<_> = levels.into_iter().filter(|(_, groups)| !groups.is_empty()).collect();
        Page {
            title: "sitewright diff",
            summary: summary(changes).lines().collect::<Vec<_>>().join("; "),
            head: html! { (self.compared()) (overview(&levels)) },
            what: "changes",
            style: String::new(),
            body: html! {
                (self.denied())
                (diagnostics(found, sources))
                @for (at, (level, groups)) in levels.iter().enumerate() {
                    (self.section(*level, groups, at == 0))
                }
                (self.moves())
            },
        }
        .write()
    }

    /// What the fleet is compared with. A place outside of the project is not named: the bytes of the report would
    /// differ between machines.
    fn compared(&self) -> Markup {
        html! {
            @if let Some(base) = self.base.filter(|base| !base.starts_with('/')) {
                p.base { "Compared with " code { (Shown(base)) } }
            }
        }
    }

    fn denied(&self) -> Markup {
        html! {
            @if !self.denied.is_empty() {
                section.section.group.denied #denied {
                    details open[few(self.denied.len())] {
                        summary {
                            h2 { "denied" }
                            span.count { (number(self.denied.len(), "definition")) }
                            span.hits {}
                            span.gist { "The gate refuses these changes. The exit code is 4." }
                        }
                        ul.leaves {
                            @for denied in self.denied {
                                li.leaf { code { (Shown(&denied.definition)) } " " (pill(denied.risk)) }
                            }
                        }
                    }
                }
            }
        }
    }

    fn section(&self, level: Level, groups: &[&Group], is_open: bool) -> Markup {
        html! {
            section.section.{ (level.name()) } id=(level.name()) {
                details open[is_open] {
                    summary {
                        h2 { (level.name()) }
                        span.count { (number(definitions(groups), "definition")) }
                        span.gist { (level.meaning()) }
                    }
                    @for group in groups { (self.group(group, groups.len() <= UNFOLDED)) }
                }
            }
        }
    }

    fn group(&self, group: &Group, is_open: bool) -> Markup {
        let former = group.only().and_then(|only| self.changes.former_path(&only.definition));
        html! {
            article.group {
                details open[is_open] {
                    summary {
                        h3 { (Shown(heading(group))) }
                        @match group.action() {
                            Action::Added => span.tag.added { "new" },
                            Action::Removed => span.tag.removed { "removed" },
                            Action::Changed => {},
                        }
                        span.hits {}
                        @if let Some(what) = riskiest(group) { span.gist { (Prose(&what)) } }
                    }
                    @if let (Action::Changed, Some(former)) = (group.action(), former) {
                        p.note { "Moved from " code { (Shown(former)) } "." }
                    }
                    // Without this, a reader could take the changes below for all changes of the definition.
                    @if group.is_part && group.only().is_some() {
                        p.note { "In addition to changes that others share." }
                    }
                    (members(group))
                    @for change in &group.changes { (equal(change)) }
                }
            }
        }
    }

    fn moves(&self) -> Markup {
        let moves = &self.changes.moves;
        html! {
            @if !moves.is_empty() {
                section.section.group #moved {
                    details {
                        summary {
                            h2 { "moved" }
                            span.count { (number(moves.len(), "definition")) }
                            span.hits {}
                            span.gist { "the file moved, and its objects stay the same objects" }
                        }
                        ul.leaves {
                            @for moved in moves {
                                li.leaf { code { (Shown(&moved.from)) } " → " code { (Shown(&moved.to)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The number of definitions in these groups.
fn definitions(groups: &[&Group]) -> usize {
    groups.iter().flat_map(|group| group.paths()).collect::<BTreeSet<_>>().len()
}

/// The sections, as links.
fn overview(levels: &[(Level, Vec<&Group>)]) -> Markup {
    html! {
        @if !levels.is_empty() {
            nav aria-label="Risks" {
                @for (level, groups) in levels {
                    a.pill.{ (level.name()) } href={ "#" (level.name()) } {
                        b { (definitions(groups)) } " " (level.name())
                    }
                }
            }
        }
    }
}

fn pill(level: Level) -> Markup {
    html! { span.pill.{ (level.name()) } { (level.name()) } }
}

/// The definitions of a group, if its heading only counts them. They are unfolded where a number must not hide them.
fn members(group: &Group) -> Markup {
    html! {
        @if !few(group.definitions.len()) {
            details.members open[group.names_all()] {
                summary { (number(group.definitions.len(), "definition")) }
                ul.leaves { @for path in group.paths() { li.leaf { code { (Shown(path)) } } } }
            }
        }
    }
}

fn equal(equal: &Equal) -> Markup {
    let change = equal.first;
    let (sign, action) = match change.action {
        Action::Added => ("+", "added"),
        Action::Removed => ("−", "removed"),
        Action::Changed => ("~", "changed"),
    };
    let findings = equal.findings();
    let above_none = |finding: &&Finding| finding.level > Level::None;
    html! {
        div.change.{ (action) } {
            h4 {
                span.sign aria-hidden="true" { (sign) }
                span.unseen { (action) " " }
                (Shown(objects(equal)))
            }
            @for field in equal.fields() {
                @let name = field.field();
                div.field {
                    (value(change, field))
                    @for found in findings.iter().filter(|it| it.field.as_deref() == Some(&name)).filter(above_none) {
                        (finding(found))
                    }
                }
            }
            @for found in findings.iter().filter(|it| it.field.is_none()).filter(above_none) {
                (finding(found))
            }
        }
    }
}

fn finding(finding: &Finding) -> Markup {
    html! {
        div.finding.{ (finding.level.name()) } {
            p { (pill(finding.level)) " " (Prose(&finding.reason)) }
            @if let Some(instead) = &finding.instead {
                p.instead { b { "What to do:" } " " (Prose(instead)) }
            }
        }
    }
}

/// A field with its values. Of a sealed value, only the generations are shown.
fn value(change: &ObjectChange, field: &FieldChange) -> Markup {
    let name = html! { code.name { (Shown(field.field())) } };
    if field.is_sealed() {
        return html! { p { (name) " value changed, " (Shown(change.generations())) } };
    }
    let (old, new) = (&field.old, &field.new);
    let texts =
        (old.as_ref().and_then(|old| old.as_str()), new.as_ref().and_then(|new| new.as_str()));
    if let (Some(old), Some(new)) = texts
        && (old.contains('\n') || new.contains('\n'))
    {
        return html! { p { (name) } pre.lines { @for line in unified(old, new) { (line_of(&line)) } } };
    }
    html! {
        p {
            (name) " "
            @match old {
                Some(old) => del { (Shown(one_line(old))) },
                None => span.none { "none" },
            }
            span.arrow { " → " }
            @match new {
                Some(new) => ins { (Shown(one_line(new))) },
                None => span.none { "none" },
            }
        }
    }
}

/// A line of a unified diff.
fn line_of(line: &str) -> Markup {
    let shown = visible(line);
    html! {
        @match line.as_bytes().first() {
            Some(b'-') => del { (Shown(shown)) },
            Some(b'+') => ins { (Shown(shown)) },
            _ => span { (Shown(shown)) },
        }
        "\n"
    }
}
