//! The listing as a page: a table for each folder.

use crate::cli::html::{Page, Shown, diagnostics};
use crate::cli::terminal::number;
use maud::{Markup, html};
use sitewright::diagnostic::{Diagnostic, Sources};
use sitewright::inventory::{self, Cell, Row};
use sitewright::language::Kind;
use std::collections::BTreeMap;

/// The most rows that a page shows unfolded. With more, the folders are an overview.
const UNFOLDED: usize = 100;

/// The widest column, in letters. A longer value has several lines.
const WIDEST: usize = 36;

/// The page of the rows of a kind. `headings` has the names of the columns as people read them, with the definition
/// first, and `what` is the word for a row.
pub(super) fn page(
    kind: Kind,
    rows: &[Row],
    (headings, what): (&[String], &str),
    (found, sources): (&[Diagnostic], &Sources),
) -> String {
    let names = inventory::columns(kind);
    let shared: Vec<bool> = (0..names.len()).map(|column| is_shared(rows, column)).collect();
    let columns: Vec<usize> = (0..names.len()).filter(|column| !shared[*column]).collect();
    let table = Table { headings, names, columns };
    let folders = table.folders(kind, rows);
    let is_open = rows.len() <= UNFOLDED;
    Page {
        title: "sitewright list",
        summary: number(rows.len(), what),
        head: facts(rows, headings, &shared),
        what: "rows",
        style: table.widths(rows),
        body: html! {
            (diagnostics(found, sources))
            @for (folder, rows) in &folders {
                section.section.group {
                    details open[is_open] {
                        summary {
                            h2 { @if folder.is_empty() { "All" } @else { (Shown(folder)) } }
                            span.count { (number(rows.len(), what)) }
                            span.hits {}
                        }
                        (table.of(folder, rows))
                    }
                }
            }
        },
    }
    .write()
}

/// Whether all rows have the same in a column. A single row has nothing to share.
fn is_shared(rows: &[Row], column: usize) -> bool {
    rows.len() > 1 && rows.iter().all(|row| row.cells[column] == rows[0].cells[column])
}

/// What all rows have in common, which the tables need not repeat.
fn facts(rows: &[Row], headings: &[String], shared: &[bool]) -> Markup {
    let shared = shared.iter().enumerate().filter(|(_, is_shared)| **is_shared);
    let facts: Vec<(&String, String)> =
        shared.map(|(column, _)| (&headings[column + 1], rows[0].cells[column].text())).collect();
    html! {
        @if !facts.is_empty() {
            dl.facts {
                dt { "The same for all:" }
                @for (name, value) in &facts {
                    dd { (name) " " @if value.is_empty() { span.none { "none" } } @else { b { (Shown(value)) } } }
                }
            }
        }
    }
}

/// The columns of the tables.
struct Table<'t> {
    headings: &'t [String],
    names: &'t [&'t str],
    /// The columns that the tables have, without the definition.
    columns: Vec<usize>,
}

impl Table<'_> {
    /// The rows by their folders. Only sites are many enough for that.
    fn folders<'r>(&self, kind: Kind, rows: &'r [Row]) -> BTreeMap<&'r str, Vec<&'r Row>> {
        let mut folders: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
        for row in rows {
            let folder = match kind {
                Kind::Site => row.definition.rsplit_once('/').map_or("", |(folder, _)| folder),
                _ => "",
            };
            folders.entry(folder).or_default().push(row);
        }
        folders
    }

    fn of(&self, folder: &str, rows: &[&Row]) -> Markup {
        html! {
            // A wide table scrolls by itself, also by keyboard.
            div.wide role="region" tabindex="0" aria-label={ "Table of " (Shown(folder)) } {
                table {
                    colgroup { col.definition; @for column in &self.columns { col class={ "c" (column) }; } }
                    thead {
                        tr {
                            th scope="col" { (self.headings[0]) }
                            @for column in &self.columns { th scope="col" { (self.headings[column + 1]) } }
                        }
                    }
                    tbody.leaves { @for row in rows { (self.row(row)) } }
                }
            }
        }
    }

    fn row(&self, row: &Row) -> Markup {
        html! {
            tr.leaf {
                th scope="row" { (Shown(&row.definition)) }
                @for column in &self.columns { (self.cell(*column, &row.cells[*column])) }
            }
        }
    }

    fn cell(&self, column: usize, cell: &Cell) -> Markup {
        let is_retired = self.names[column] == "lifecycle" && cell.text() != "active";
        html! {
            @match cell {
                Cell::Text(text) if is_retired => td { span.tag.retired { (Shown(text)) } },
                Cell::Text(text) => td { (Shown(text)) },
                Cell::Count(count) => td.count { (count) },
                Cell::None => td.none { "–" },
            }
        }
    }

    /// The widths of the columns. They make the tables of all folders alike, and a browser need not measure every row.
    fn widths(&self, rows: &[Row]) -> String {
        let letters = |texts: &mut dyn Iterator<Item = String>, heading: &str| {
            let longest = texts.map(|text| text.chars().count()).max().unwrap_or(0);
            longest.max(heading.chars().count()).min(WIDEST) + 3
        };
        let definition =
            letters(&mut rows.iter().map(|row| row.definition.clone()), &self.headings[0]);
        let mut style = format!("col.definition {{ width: {definition}ch; }}\n");
        let mut all = definition;
        for column in &self.columns {
            let mut texts = rows.iter().map(|row| row.cells[*column].text());
            let width = letters(&mut texts, &self.headings[column + 1]);
            all += width;
            style.push_str(&format!("col.c{column} {{ width: {width}ch; }}\n"));
        }
        style.push_str(&format!("table {{ min-width: {all}ch; }}\n"));
        style
    }
}
