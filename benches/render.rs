//! `cargo bench --bench render [-- SITES]`: renders a generated fleet (10,000 sites unless stated)
//! for the first time, which makes and seals every password, then cold, unchanged and with one site
//! changed, and prints the time of each and the peak memory.

#[path = "support/fleet.rs"]
mod fleet;

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let sites = std::env::args().filter_map(|argument| argument.parse().ok()).next();
    let sites = sites.unwrap_or(10_000);
    let root = std::env::temp_dir().join(format!("sitewright-bench-{}", std::process::id()));
    fs::create_dir_all(&root)?;
    fleet::write(&root, sites)?;
    let result = measure(&root, sites);
    fs::remove_dir_all(&root)?;
    result
}

fn measure(root: &Path, sites: usize) -> Result<(), Box<dyn Error>> {
    print(&format!("{sites} sites"));
    run(root, &["render", "-q"], "first, sealing")?;
    // To another folder: right after a large tree was deleted, many file systems are slow.
    let elsewhere = root.join("elsewhere").display().to_string();
    run(root, &["render", "-q", "--out", &elsewhere], "cold")?;
    run(root, &["render", "-q"], "unchanged")?;
    run(root, &["check", "-q"], "check")?;
    git(root, &["init", "-q"])?;
    git(root, &["add", "-A"])?;
    git(root, &["-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "-m", "a"])?;
    let changed = root.join("sites/frankfurt/tenants-0000/site-000001.yaml");
    let text = fs::read_to_string(&changed)?;
    fs::write(&changed, text + "protect: false\n")?;
    run(root, &["diff", "-q", "--base", "HEAD"], "diff --base")?;
    run(root, &["render", "-q"], "one site changed")
}

fn git(root: &Path, arguments: &[&str]) -> Result<(), Box<dyn Error>> {
    // Nothing may still write in the background when the folder is removed.
    let still = ["-c", "gc.auto=0", "-c", "maintenance.auto=false"];
    let status = Command::new("git").arg("-C").arg(root).args(still).args(arguments).status()?;
    if status.success() { Ok(()) } else { Err(format!("git: {status}").into()) }
}

/// Runs sitewright and prints its time and, where the system tells, its peak memory.
fn run(root: &Path, arguments: &[&str], what: &str) -> Result<(), Box<dyn Error>> {
    let started = Instant::now();
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
    let time = started.elapsed().as_secs_f64();
    let memory = peak.map_or(String::new(), |peak| format!(", {peak}"));
    print(&format!("{what:<16} {time:.3} s{memory}"));
    if status.success() { Ok(()) } else { Err(format!("{what}: {status}").into()) }
}

/// The most memory that a process has had so far (Linux).
fn peak_memory(process: u32) -> Option<String> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(format!("{} peak", peak.trim()))
}

fn print(line: &str) {
    use std::io::Write as _;
    // Nobody is told when nobody listens.
    let _ = writeln!(std::io::stdout(), "{line}");
}
