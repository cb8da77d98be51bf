//! What was measured, as tables in Markdown.

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
    /// The run of the bare program that handles the same files.
    floor: Option<&'static str>,
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
        floor: Option<&'static str>,
    ) {
        let run = run.into();
        match self.rows.iter_mut().find(|row| row.what == what) {
            None => self.rows.push(Row { what, run, floor }),
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

    pub(crate) fn print(&self, folder: &Path) {
        let mut out = format!(
            "\n{} sites, {} files, {} MB, in {}:\n\n| | time | × bare | CPU | peak |\n|---|---:|---:|---:|---:|\n",
            self.sites,
            self.files,
            self.megabytes,
            folder.display()
        );
        for Row { what, run, floor } in &self.rows {
            let floor = floor.and_then(|floor| self.run(floor));
            let ratio =
                floor.map_or(String::new(), |it| format!("{:.2}", run.seconds / it.seconds));
            let cpu = run.cpu.map_or(String::new(), |cpu| format!("{cpu:.2} s"));
            let peak = run.peak.map_or(String::new(), |peak| format!("{} MiB", peak >> 10));
            line(&mut out, &[what, &format!("{:.3} s", run.seconds), &ratio, &cpu, &peak]);
        }
        say(&out);
    }
}

/// How time and memory grow with the fleet.
pub(crate) fn growth(tables: &[Table]) {
    let mut out = String::from(
        "\nGrowth:\n\n| sites | cold, a site | unchanged, a site | check, a site | memory a site, over 30 MiB |\n\
         |---:|---:|---:|---:|---:|\n",
    );
    for table in tables {
        let each = |what: &str| {
            let run = table.run(what);
            run.map_or(String::new(), |it| {
                format!("{:.0} µs", it.seconds * 1e6 / table.sites as f64)
            })
        };
        let peak = table.rows.iter().filter_map(|row| row.run.peak).max();
        let memory = peak.map_or(String::new(), |peak| {
            format!("{:.1} KiB", peak.saturating_sub(BASE) as f64 / table.sites as f64)
        });
        let [cold, unchanged, check] =
            ["cold render", "render, nothing changed", "check"].map(each);
        line(&mut out, &[&table.sites.to_string(), &cold, &unchanged, &check, &memory]);
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
