//! `cargo bench --bench live -- [--rounds N] [SITES …]`: reads what a cluster gives of generated fleets of these
//! sizes (10,000 sites unless stated), as `kubectl get --show-managed-fields -o json` and `-o yaml` print it. Each time is told
//! as a multiple of what `serde_json` needs to parse the same file into values, with the peak memory. The runs of a
//! round follow each other in turn, each in a process of its own, and the best of all rounds counts. `status` reads another
//! file, because it asks only for the SiteDatabases of a cluster that states `status: true`.

#[path = "support/fleet.rs"]
mod fleet;
#[path = "support/run.rs"]
mod run;
#[path = "support/wrapped.rs"]
mod wrapped;

use mimalloc::MiMalloc;
use run::{Run, program, sitewright};
use sitewright::live::{self, Input, Options};
use std::error::Error;
use std::fs::{self, File};
use std::io::{BufReader, Write as _};
use std::path::Path;
use std::process::Command;

/// The allocator of sitewright itself.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// What a program may take whatever the fleet, in KiB.
const BASE: u64 = 30 << 10;

/// The word that makes this program a reader of one file.
const READ: &str = "read";

/// The cluster of the generated fleet that is measured. A quarter of the sites are in another one.
const CLUSTER: &str = "frankfurt";

/// The runs. All others are compared with the first.
const RUNS: [(&str, &str); 8] = [
    ("values", "serde_json, into values"),
    ("objects", "objects, all kept"),
    ("managers", "objects and field managers, all kept"),
    ("dropped", "objects, each dropped"),
    ("yaml", "objects of YAML, all kept"),
    ("import", "import, into an empty project"),
    ("drift", "drift, which finds none"),
    ("status", "status, of the SiteDatabases only"),
];

fn main() -> Result<(), Box<dyn Error>> {
    // Cargo itself adds options, such as `--bench`.
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    match words.as_slice() {
        [first, how, file] if first == READ => read(how, file),
        words => measure(words),
    }
}

fn measure(words: &[String]) -> Result<(), Box<dyn Error>> {
    let (mut rounds, mut sizes) = (3, Vec::new());
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--rounds" => rounds = words.next().ok_or("--rounds of what?")?.parse()?,
            sites => sizes.push(sites.replace(',', "").parse()?),
        }
    }
    if sizes.is_empty() {
        sizes.push(10_000);
    }
    for sites in sizes {
        let root = std::env::temp_dir().join(format!("sitewright-live-{}", std::process::id()));
        fs::create_dir_all(&root)?;
        let result = fleet_of(&root, sites, rounds);
        fs::remove_dir_all(&root)?;
        result?;
    }
    Ok(())
}

fn fleet_of(root: &Path, sites: usize, rounds: usize) -> Result<(), Box<dyn Error>> {
    fleet::write(root, sites * 4 / 3)?;
    sitewright(root, &["render", "-q"])?;
    let dump = root.join("dump.json");
    let yaml = root.join("dump.yaml");
    let objects = wrapped::dump(&root.join("rendered").join(CLUSTER), |_| true, &dump, &yaml)?;
    let reported = root.join("reported");
    let statuses = reported.join("dump.json");
    write_reported(&reported, sites, &statuses)?;
    let mut best: Vec<Option<Run>> = vec![None; RUNS.len()];
    for round in 0..rounds {
        for ((how, _), best) in RUNS.iter().zip(&mut best) {
            let run = match *how {
                "import" => import(&root.join(format!("imported-{round}")), &dump)?,
                "drift" => {
                    let dump = dump.display().to_string();
                    sitewright(root, &["drift", "-q", "--cluster", CLUSTER, &dump])?
                }
                "status" => {
                    let dump = statuses.display().to_string();
                    sitewright(&reported, &["status", "-q", "--cluster", CLUSTER, &dump])?
                }
                how => {
                    let mut reader = Command::new(std::env::current_exe()?);
                    let file = if how == "yaml" { &yaml } else { &dump };
                    program(reader.arg(READ).arg(how).arg(file))?
                }
            };
            match best {
                Some(best) if best.seconds <= run.seconds => best.peak = best.peak.max(run.peak),
                _ => *best = Some(run),
            }
        }
    }
    let megabytes = fs::metadata(&dump)?.len() / 1_000_000;
    say(&format!(
        "\n{sites} sites, {objects} objects, {megabytes} MB:\n\n\
         | | time | × serde_json | CPU | peak | a site, over 30 MiB |\n|---|---:|---:|---:|---:|---:|"
    ));
    let floor = best[0].map_or(f64::NAN, |run| run.seconds);
    for ((_, what), run) in RUNS.iter().zip(best) {
        let Some(Run { seconds, cpu, peak }) = run else { continue };
        let cpu = cpu.map_or(String::new(), |cpu| format!("{cpu:.2} s"));
        let of_site = |peak: u64| peak.saturating_sub(BASE) as f64 / sites as f64;
        let of_site = peak.map_or(String::new(), |peak| format!("{:.1} KiB", of_site(peak)));
        let peak = peak.map_or(String::new(), |peak| format!("{} MiB", peak >> 10));
        let ratio = seconds / floor;
        say(&format!("| {what} | {seconds:.3} s | {ratio:.2} | {cpu} | {peak} | {of_site} |"));
    }
    Ok(())
}

/// Writes the same fleet with `status: true`, and a dump of its SiteDatabases.
fn write_reported(root: &Path, sites: usize, dump: &Path) -> Result<(), Box<dyn Error>> {
    fs::create_dir(root)?;
    fleet::write(root, sites * 4 / 3)?;
    let cluster = root.join("sites").join(CLUSTER).join("_cluster.yaml");
    fs::OpenOptions::new().append(true).open(cluster)?.write_all(b"status: true\n")?;
    sitewright(root, &["render", "-q"])?;
    let is_reported = |path: &Path| path.ends_with("sitedatabase.yaml");
    let rendered = root.join("rendered").join(CLUSTER);
    let found = wrapped::dump(&rendered, is_reported, dump, &dump.with_extension("yaml"))?;
    if found == 0 { Err("no SiteDatabase was rendered".into()) } else { Ok(()) }
}

/// Imports a dump into a project that does not exist yet.
fn import(root: &Path, dump: &Path) -> Result<Run, Box<dyn Error>> {
    fs::create_dir(root)?;
    let versions = ["--frappe", "2.6", "--mariadb", "26.6"];
    let dump = dump.display().to_string();
    sitewright(root, &[&["import", "-q", "--cluster", CLUSTER][..], &versions, &[&dump]].concat())
}

/// Reads a file in one of the ways.
fn read(how: &str, file: &str) -> Result<(), Box<dyn Error>> {
    let options = Options { wanted: &|_, _| true, managers: how == "managers", statuses: false };
    let input = || vec![Input::named(file, Path::new(""))];
    let number = match how {
        "values" => {
            let value: serde_json::Value =
                serde_json::from_reader(BufReader::with_capacity(1 << 20, File::open(file)?))?;
            value["items"].as_array().map_or(0, Vec::len)
        }
        "dropped" => live::read(input(), &options, &|_| None::<()>).value.summary.objects,
        _ => live::read(input(), &options, &Some).value.objects.len(),
    };
    if number == 0 { Err("nothing was read".into()) } else { Ok(()) }
}

fn say(text: &str) {
    // Nobody is told when nobody listens.
    let _ = writeln!(std::io::stdout(), "{text}");
}
