//! What was measured, as tables in Markdown.

use crate::THREADS;
use crate::bare::Tree;
use crate::run::Run;
use std::fmt::Write as _;
use std::path::Path;

/// What a program may take whatever the fleet, in KiB.
const BASE: u64 = 30 << 10;

/// The runs of one fleet, the best of each kind.
pub(crate) struct Table {
    sites: usize,
    files: usize,
    megabytes: usize,
    rows: Vec<Row>,
}

struct Row {
    what: &'static str,
    run: Run,
    /// The runs of the bare program that handles the same files: with two threads, and with one.
    floors: &'static [&'static str],
}

impl Table {
    pub(crate) fn new(sites: usize, tree: &Tree) -> Self {
        Self { sites, files: tree.files(), megabytes: tree.bytes() / 1_000_000, rows: Vec::new() }
    }

    /// Adds a run, or keeps the better of two of its kind.
    pub(crate) fn add(
        &mut self,
        what: &'static str,
        run: impl Into<Run>,
        floors: &'static [&'static str],
    ) {
        let run = run.into();
        match self.rows.iter_mut().find(|row| row.what == what) {
            None => self.rows.push(Row { what, run, floors }),
            Some(row) => {
                row.run.peak = row.run.peak.max(run.peak);
                if run.seconds < row.run.seconds {
                    (row.run.seconds, row.run.cpu) = (run.seconds, run.cpu);
                }
            }
        }
    }

    fn run(&self, what: &str) -> Option<Run> {
        self.rows.iter().find(|row| row.what == what).map(|row| row.run)
    }

    /// The best time of a kind; none is no time at all.
    pub(crate) fn seconds(&self, what: &str) -> f64 {
        self.run(what).map_or(0.0, |run| run.seconds)
    }

    /// A time in multiples of a bare program's, where there is one.
    fn ratio(&self, row: &Row, threads: usize) -> String {
        let floor = row.floors.get(THREADS - threads).and_then(|floor| self.run(floor));
        floor.map_or(String::new(), |floor| format!("{:.2}", row.run.seconds / floor.seconds))
    }

    pub(crate) fn print(&self, folder: &Path) {
        let mut out = format!(
            "\n{} sites, {} files, {} MB, in {}:\n\n| | time | × bare, 2 threads | 1 thread | CPU | peak |\n|---|---:|---:|---:|---:|---:|\n",
            self.sites,
            self.files,
            self.megabytes,
            folder.display()
        );
        for row @ Row { what, run, .. } in &self.rows {
            let (two, one) = (self.ratio(row, 2), self.ratio(row, 1));
            let cpu = run.cpu.map_or(String::new(), |cpu| format!("{cpu:.2} s"));
            let peak = run.peak.map_or(String::new(), |peak| format!("{} MiB", peak >> 10));
            line(&mut out, &[what, &format!("{:.3} s", run.seconds), &two, &one, &cpu, &peak]);
        }
        say(&out);
    }
}

/// How time and memory grow with the fleet, and time in multiples of the bare programs', which grow too.
pub(crate) fn growth(tables: &[Table]) {
    let mut out = String::from(
        "\nGrowth:\n\n| sites | cold, a site | × bare | unchanged, a site | × bare | check, a site | × bare | memory a site, over 30 MiB |\n\
         |---:|---:|---:|---:|---:|---:|---:|---:|\n",
    );
    for table in tables {
        let mut cells = vec![table.sites.to_string()];
        for what in ["cold render", "render, nothing changed", "check"] {
            let row = table.rows.iter().find(|row| row.what == what);
            cells.push(row.map_or(String::new(), |row| {
                format!("{:.0} µs", row.run.seconds * 1e6 / table.sites as f64)
            }));
            cells.push(row.map_or(String::new(), |row| table.ratio(row, THREADS)));
        }
        let peak = table.rows.iter().filter_map(|row| row.run.peak).max();
        cells.push(peak.map_or(String::new(), |peak| {
            format!("{:.1} KiB", peak.saturating_sub(BASE) as f64 / table.sites as f64)
        }));
        line(&mut out, &cells.iter().map(String::as_str).collect::<Vec<_>>());
    }
    say(&out);
}

fn line(out: &mut String, cells: &[&str]) {
    // Writing to a string does not fail.
    let _ = writeln!(out, "| {} |", cells.join(" | "));
}

fn say(text: &str) {
    use std::io::Write as _;
    // Nobody is told when nobody listens.
    let _ = writeln!(std::io::stdout(), "{text}");
}
