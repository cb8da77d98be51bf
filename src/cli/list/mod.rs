//! `sitewright list`.

mod html;

use super::arguments::{Format, List, Listed};
use super::call;
use super::outcome::Outcome;
use super::render::fail;
use super::terminal::{Terminal, number};
use clap::error::ErrorKind;
use serde_json::{Map, Value, json};
use sitewright::apply;
use sitewright::diagnostic::{Diagnostic, Reported, Sources};
use sitewright::inventory::{self, Cell, Row};
use sitewright::language::{Kind, fits, nearest};
use sitewright::project::Project;
use std::path::Path;

/// What each listing calls the path of a definition.
const DEFINITION: &str = "definition";

/// Columns that the text has only with `-v`. The path of a definition starts with its cluster.
const WIDE: [&str; 3] = ["cluster", "namespace", "provider"];

pub(super) fn run(arguments: &List, root: &Path, terminal: &Terminal) -> Outcome {
    let kind = arguments.kind.kind();
    let filters: Result<Vec<Filter>, String> =
        arguments.filters.iter().map(|text| Filter::new(text, kind)).collect();
    let filters = match filters {
        Ok(filters) => filters,
        Err(message) => call::wrong(ErrorKind::ValueValidation, &message),
    };
    let Reported { value: project, mut diagnostics } = match Project::read(root) {
        Ok(read) => read,
        Err(unread) => return fail(unread.diagnostics, &unread.sources, terminal),
    };
    let fleet = sitewright::resolved(&project).add_to(&mut diagnostics);
    let mut rows = inventory::rows(kind, &fleet, &project.definitions);
    let scope = apply::definitions(&arguments.paths, &project);
    if !scope.diagnostics.is_empty() {
        return fail(scope.diagnostics, &project.sources, terminal);
    }
    rows.retain(|row| scope.value.covers(&row.definition));
    rows.retain(|row| filters.iter().all(|filter| filter.takes(row)));
    let listing = Listing { kind, rows };
    match terminal.format {
        Format::Json => {
            terminal.document(&diagnostics, &project.sources, listing.json());
            return Outcome::of(&diagnostics, false);
        }
        Format::Csv => terminal.out_redacted(&listing.csv()),
        Format::Html => terminal.out(&listing.page(&diagnostics, &project.sources)),
        _ => {
            listing.lines(terminal.verbose).iter().for_each(|line| terminal.line(line));
        }
    }
    fail(diagnostics, &project.sources, terminal)
}

/// A condition on the rows: `FIELD=VALUE` or `FIELD!=VALUE`. A `*` in the value stands for any text, and no value for
/// no fact.
struct Filter {
    /// The column. `None` is the path of the definition.
    column: Option<usize>,
    pattern: String,
    /// Whether rows are taken that do not match.
    is_not: bool,
}

impl Filter {
    /// Reads a condition. The error says what is wrong with it.
    fn new(text: &str, kind: Kind) -> Result<Self, String> {
        let columns = inventory::columns(kind);
        let Some((field, pattern)) = text.split_once('=') else {
            return Err(format!(
                "`--where {text}` is no condition: write FIELD=VALUE or FIELD!=VALUE"
            ));
        };
        let (field, is_not) = match field.strip_suffix('!') {
            Some(field) => (field, true),
            None => (field, false),
        };
        let column = columns.iter().position(|column| *column == field);
        if column.is_none() && field != DEFINITION {
            let names: Vec<&str> =
                [DEFINITION].into_iter().chain(columns.iter().copied()).collect();
            let help = match nearest(field, &names) {
                Some(name) => format!("did you mean `{name}`?"),
                None => format!("fields: {}", names.join(", ")),
            };
            return Err(format!("a {} is not listed with `{field}`: {help}", kind.name()));
        }
        Ok(Self { column, pattern: pattern.to_owned(), is_not })
    }

    fn takes(&self, row: &Row) -> bool {
        let matches = match self.column {
            Some(column) => fits(&self.pattern, &row.cells[column].text()),
            None => fits(&self.pattern, &row.definition),
        };
        matches != self.is_not
    }
}

/// The rows of a kind.
struct Listing {
    kind: Kind,
    rows: Vec<Row>,
}

impl Listing {
    fn json(&self) -> Value {
        let columns = inventory::columns(self.kind);
        let value = |cell: &Cell| match cell {
            Cell::Text(text) => json!(text),
            Cell::Count(count) => json!(count),
            Cell::None => Value::Null,
        };
        let row = |row: &Row| {
            let cells = columns.iter().zip(&row.cells);
            let cells = cells.map(|(name, cell)| ((*name).to_owned(), value(cell)));
            let definition = (DEFINITION.to_owned(), json!(row.definition));
            Value::Object([definition].into_iter().chain(cells).collect::<Map<_, _>>())
        };
        json!({
            "kind": self.kind.name(),
            "definitions": self.rows.iter().map(row).collect::<Vec<_>>(),
        })
    }

    fn csv(&self) -> String {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let columns = inventory::columns(self.kind).iter().map(|name| (*name).to_owned());
        let header: Vec<String> = [DEFINITION.to_owned()].into_iter().chain(columns).collect();
        let rows = self.rows.iter().map(|row| {
            let cells = row.cells.iter().map(Cell::text);
            [row.definition.clone()].into_iter().chain(cells).collect()
        });
        for record in [header].into_iter().chain(rows) {
            // Nothing fails: the writer writes to memory, and all records have one length.
            let _ = writer.write_record(&record);
        }
        String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
    }

    /// The page of all columns.
    fn page(&self, diagnostics: &[Diagnostic], sources: &Sources) -> String {
        let columns = inventory::columns(self.kind).iter().map(|name| heading(name));
        let headings: Vec<String> = [DEFINITION.to_owned()].into_iter().chain(columns).collect();
        html::page(self.kind, &self.rows, (&headings, &self.word()), (diagnostics, sources))
    }

    /// The word for a row.
    fn word(&self) -> String {
        match self.kind {
            Kind::DatabaseServer => "server".to_owned(),
            kind => kind.name().to_lowercase(),
        }
    }

    /// The lines of a table, and the number of its rows.
    fn lines(&self, is_wide: bool) -> Vec<String> {
        let columns = inventory::columns(self.kind);
        let shown: Vec<usize> =
            (0..columns.len()).filter(|at| is_wide || !WIDE.contains(&columns[*at])).collect();
        let header = shown.iter().map(|at| heading(columns[*at]).to_uppercase());
        let header: Vec<String> = [DEFINITION.to_uppercase()].into_iter().chain(header).collect();
        let cell = |cell: &Cell| match cell {
            Cell::None => "-".to_owned(),
            cell => cell.text(),
        };
        let rows = self.rows.iter().map(|row| {
            let cells = shown.iter().map(|at| cell(&row.cells[*at]));
            [row.definition.clone()].into_iter().chain(cells).collect()
        });
        let table: Vec<Vec<String>> = [header].into_iter().chain(rows).collect();
        let width = |column: usize| table.iter().map(|row| row[column].chars().count()).max();
        let widths: Vec<usize> = (0..=shown.len()).filter_map(width).collect();
        let line = |row: &Vec<String>| {
            let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}  "));
            cells.collect::<String>().trim_end().to_owned()
        };
        let count = number(self.rows.len(), &self.word());
        match self.rows.is_empty() {
            true => vec![count],
            false => table.iter().map(line).chain([String::new(), count]).collect(),
        }
    }
}

/// The name of a column as people read it, such as `site name`.
fn heading(name: &str) -> String {
    let words = name.chars().flat_map(|letter| {
        let space = letter.is_uppercase().then_some(' ');
        space.into_iter().chain(letter.to_lowercase())
    });
    words.collect()
}

impl Listed {
    fn kind(self) -> Kind {
        match self {
            Self::Site => Kind::Site,
            Self::Server => Kind::DatabaseServer,
            Self::Bench => Kind::Bench,
            Self::Plan => Kind::Plan,
            Self::Cluster => Kind::Cluster,
        }
    }
}
