//! `cargo bench --bench render [-- SITES …]`: renders generated fleets of these sizes (10,000 sites
//! unless stated) for the first time, which makes and seals every password, then cold, unchanged and with
//! one site changed. It prints the time of each, as a multiple of the time that a bare program needs for
//! the same files, the CPU time and the peak memory.
//!
//! `TMPDIR` says on which file system: `TMPDIR=/dev/shm` keeps the disk out.

#[path = "support/bare.rs"]
mod bare;
#[path = "support/fleet.rs"]
mod fleet;

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// The threads of the bare programs that times are compared with.
const THREADS: usize = 2;

fn main() -> Result<(), Box<dyn Error>> {
    let mut sizes: Vec<usize> =
        std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    if sizes.is_empty() {
        sizes.push(10_000);
    }
    for sites in sizes {
        let root = std::env::temp_dir().join(format!("sitewright-bench-{}", std::process::id()));
        fs::create_dir_all(&root)?;
        fleet::write(&root, sites)?;
        let result = measure(&root, sites);
        fs::remove_dir_all(&root)?;
        result?;
    }
    Ok(())
}

fn measure(root: &Path, sites: usize) -> Result<(), Box<dyn Error>> {
    let rendered = root.join("rendered");
    let first = run(root, &["render", "-q"])?;
    let tree = bare::Tree::load(&rendered)?;
    print(&format!("{sites} sites, {} files, {} MB", tree.files(), tree.bytes() / 1_000_000));
    first.print("first, sealing", None);

    // Each to a folder of its own: right after a large tree was deleted, many file systems are slow.
    tree.write(&root.join("bare-1"), 1).map(|time| bare("bare write", 1, time))?;
    let writing = tree.write(&root.join("bare-2"), THREADS)?;
    bare("bare write", THREADS, writing);
    let elsewhere = root.join("elsewhere").display().to_string();
    run(root, &["render", "-q", "--out", &elsewhere])?.print("cold", Some(writing));

    tree.compare(&rendered, 1).map(|time| bare("bare compare", 1, time))?;
    let reading = tree.compare(&rendered, THREADS)?;
    bare("bare compare", THREADS, reading);
    drop(tree);
    run(root, &["render", "-q"])?.print("unchanged", Some(reading));
    run(root, &["check", "-q"])?.print("check", Some(reading));

    git(root, &["init", "-q"])?;
    git(root, &["add", "-A", "sites", "rendered"])?;
    git(root, &["-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "-m", "a"])?;
    let changed = root.join("sites/frankfurt/tenants-0000/site-000001.yaml");
    let text = fs::read_to_string(&changed)?;
    fs::write(&changed, text + "protect: false\n")?;
    run(root, &["diff", "-q", "--base", "HEAD"])?.print("diff --base", Some(reading));
    run(root, &["render", "-q"])?.print("one site changed", Some(reading));
    Ok(())
}

fn git(root: &Path, arguments: &[&str]) -> Result<(), Box<dyn Error>> {
    // Nothing may still write in the background when the folder is removed.
    let still = ["-c", "gc.auto=0", "-c", "maintenance.auto=false"];
    let status = Command::new("git").arg("-C").arg(root).args(still).args(arguments).status()?;
    if status.success() { Ok(()) } else { Err(format!("git: {status}").into()) }
}

/// What a run took.
struct Run {
    seconds: f64,
    /// On all cores together; known on Linux.
    cpu: Option<f64>,
    /// The most memory it had, as Linux words it.
    peak: Option<String>,
}

impl Run {
    /// `floor` is the time of the bare program that handles the same files.
    fn print(&self, what: &str, floor: Option<f64>) {
        let ratio = floor.map_or(String::new(), |floor| format!(", {:.2} x", self.seconds / floor));
        let cpu = self.cpu.map_or(String::new(), |cpu| format!(", {cpu:.2} s CPU"));
        let peak = self.peak.as_ref().map_or(String::new(), |peak| format!(", {peak} peak"));
        print(&format!("{what:<18} {:.3} s{ratio}{cpu}{peak}", self.seconds));
    }
}

/// Runs sitewright.
fn run(root: &Path, arguments: &[&str]) -> Result<Run, Box<dyn Error>> {
    let (before, started) = (cpu_of_children(), Instant::now());
    let mut child = Command::new(env!("CARGO_BIN_EXE_sitewright"))
        .arg("-C")
        .arg(root)
        .args(arguments)
        .spawn()?;
    let mut peak = None;
    let status = loop {
        peak = peak_memory(child.id()).or(peak);
        match child.try_wait()? {
            Some(status) => break status,
            None => std::thread::sleep(std::time::Duration::from_millis(1)),
        }
    };
    let seconds = started.elapsed().as_secs_f64();
    let cpu = cpu_of_children().zip(before).map(|(after, before)| after - before);
    match status.success() {
        true => Ok(Run { seconds, cpu, peak }),
        false => Err(format!("sitewright {}: {status}", arguments.join(" ")).into()),
    }
}

/// The CPU time of all programs that were run so far, in seconds (Linux, whose ticks are 10 ms).
fn cpu_of_children() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program, in parentheses, may hold spaces.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |field: usize| fields.get(field)?.parse::<f64>().ok();
    Some((ticks(13)? + ticks(14)?) / 100.0)
}

/// The most memory that a process has had so far (Linux).
fn peak_memory(process: u32) -> Option<String> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(peak.trim().to_owned())
}

fn bare(what: &str, threads: usize, seconds: f64) {
    let noun = if threads == 1 { "thread" } else { "threads" };
    print(&format!("{what:<18} {seconds:.3} s, {threads} {noun}"));
}

fn print(line: &str) {
    use std::io::Write as _;
    // Nobody is told when nobody listens.
    let _ = writeln!(std::io::stdout(), "{line}");
}
