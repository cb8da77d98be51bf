//! `cargo bench --bench render -- [--in FOLDER …] [--rounds N] [--uncached] [SITES …]`: renders generated
//! fleets of these sizes (10,000 sites unless stated) in these folders (the system's temporary one unless
//! stated), and tells each time as a multiple of what a bare program needs for the same files, with CPU time and
//! peak memory. The runs of a round follow each other in turn, and the best of all rounds counts.
//!
//! With `--uncached` it also makes the system forget what it has read, which takes root, and reads from the
//! disk.

#[path = "support/bare.rs"]
mod bare;
#[path = "support/fleet.rs"]
mod fleet;
#[path = "support/run.rs"]
mod run;
#[path = "support/table.rs"]
mod table;

use run::sitewright;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use table::Table;

/// The most threads of the bare programs that times are compared with.
const THREADS: usize = 2;

/// What a cold render is compared with, and what compares with what is there.
const WRITERS: &[&str] = &["bare write", "bare write, 1 thread"];
const READERS: &[&str] = &["bare compare", "bare compare, 1 thread"];

/// A fleet of more sites is large.
const LARGE: usize = 20_000;

fn main() -> Result<(), Box<dyn Error>> {
    let Arguments { folders, rounds, uncached, sizes } = Arguments::parse()?;
    for folder in &folders {
        let mut tables = Vec::new();
        for sites in &sizes {
            let root = folder.join(format!("sitewright-bench-{}", std::process::id()));
            fs::create_dir_all(&root)?;
            let rounds = rounds.unwrap_or(if *sites > LARGE { 1 } else { 3 });
            let result = measure(&root, *sites, rounds, uncached);
            fs::remove_dir_all(&root)?;
            let table = result?;
            table.print(folder);
            tables.push(table);
        }
        if tables.len() > 1 {
            table::growth(&tables);
        }
    }
    Ok(())
}

struct Arguments {
    folders: Vec<PathBuf>,
    rounds: Option<usize>,
    uncached: bool,
    sizes: Vec<usize>,
}

impl Arguments {
    fn parse() -> Result<Self, Box<dyn Error>> {
        let mut parsed =
            Self { folders: Vec::new(), rounds: None, uncached: false, sizes: Vec::new() };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{argument} of what?"));
            match argument.as_str() {
                "--in" => parsed.folders.push(value()?.into()),
                "--rounds" => parsed.rounds = Some(value()?.parse()?),
                "--uncached" => parsed.uncached = true,
                // Cargo's own.
                "--bench" => {}
                sites => parsed.sizes.push(sites.replace(',', "").parse()?),
            }
        }
        if parsed.folders.is_empty() {
            parsed.folders.push(std::env::temp_dir());
        }
        if parsed.sizes.contains(&0) {
            return Err("a fleet of no sites has nothing to measure".into());
        }
        if parsed.sizes.is_empty() {
            parsed.sizes.push(10_000);
        }
        Ok(parsed)
    }
}

fn measure(
    root: &Path,
    sites: usize,
    rounds: usize,
    uncached: bool,
) -> Result<Table, Box<dyn Error>> {
    fleet::write(root, sites)?;
    let rendered = root.join("rendered");
    let first = sitewright(root, &["render", "-q"])?;
    let tree = bare::Tree::load(&rendered)?;
    let definitions = bare::Tree::load(&root.join("sites"))?;
    let mut table = Table::new(sites, &tree);
    table.add("first render, which seals", first, &[]);
    // Of a large fleet, what needs a copy more of it is left out: it would not fit into memory.
    let is_large = sites > LARGE;
    if !is_large {
        commit(root)?;
    }
    for round in 0..rounds {
        // To new folders, all of which stay: after a large tree was deleted, many file systems are slow.
        let new = |what: &str| root.join(format!("{what}-{round}"));
        if !is_large {
            settle_disk();
            table.add("bare write, 1 thread", tree.write(&new("one"), 1)?, &[]);
        }
        settle_disk();
        table.add("bare write", tree.write(&new("two"), THREADS)?, &[]);
        settle_disk();
        let out = new("cold").display().to_string();
        table.add("cold render", sitewright(root, &["render", "-q", "--out", &out])?, WRITERS);
        // The one run whose files nobody else looks at.
        if !tree.is_all_of(Path::new(&out))? {
            return Err(format!("{out} has more files than are rendered").into());
        }
        settle_disk();

        table.add(
            "bare read of the definitions",
            definitions.compare(&root.join("sites"), THREADS)?,
            &[],
        );
        table.add("bare listing of the folders", tree.list(&rendered, THREADS)?, &[]);
        table.add("bare compare, 1 thread", tree.compare(&rendered, 1)?, &[]);
        table.add("bare compare", tree.compare(&rendered, THREADS)?, &[]);
        table.add("render, nothing changed", sitewright(root, &["render", "-q"])?, READERS);
        table.add("check", sitewright(root, &["check", "-q"])?, READERS);
        if !is_large {
            let diff = sitewright(root, &["diff", "-q", "--base", "HEAD"])?;
            table.add("diff --base HEAD", diff, READERS);
        }
        // One site is changed, and then changed back.
        let site = root.join("sites/frankfurt/tenants-0000/site-000000.yaml");
        let before = fs::read_to_string(&site)?;
        fs::write(&site, format!("{before}protect: false\n"))?;
        table.add("render, one site changed", sitewright(root, &["render", "-q"])?, READERS);
        fs::write(&site, &before)?;
        sitewright(root, &["render", "-q"])?;
        if uncached && drop_caches() {
            let uncached = tree.compare(&rendered, THREADS)?;
            // A file system in memory has no other place to read from.
            if uncached > 2.0 * table.seconds("bare compare") {
                table.add("bare compare, uncached", uncached, &[]);
                drop_caches();
                let floor = &["bare compare, uncached"];
                table.add("check, uncached", sitewright(root, &["check", "-q"])?, floor);
            }
        }
    }
    Ok(table)
}

/// Commits definitions and manifests, for `diff --base`.
fn commit(root: &Path) -> Result<(), Box<dyn Error>> {
    let identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
    for arguments in
        [&["init", "-q"][..], &["add", "-A", "sites", "rendered"], &["commit", "-qm", "a"]]
    {
        // Nothing may still write in the background when the folder is removed.
        let quiet = ["-c", "gc.auto=0", "-c", "maintenance.auto=false"];
        let mut git = Command::new("git");
        git.arg("-C").arg(root).args(identity).args(quiet).args(arguments);
        let status = git.status()?;
        if !status.success() {
            return Err(format!("git: {status}").into());
        }
    }
    Ok(())
}

/// Waits until nothing is left to be written, so that no run pays for the one before.
fn settle_disk() {
    // Where there is no such command, times vary more.
    let _ = Command::new("sync").status();
}

/// Makes the system forget what it has read, where that is allowed (Linux, as root).
fn drop_caches() -> bool {
    settle_disk();
    fs::write("/proc/sys/vm/drop_caches", "3").is_ok()
}
