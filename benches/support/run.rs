//! One run of a program: how long, on how many cores, with how much memory.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// What a run took.
#[derive(Clone, Copy)]
pub(crate) struct Run {
    pub(crate) seconds: f64,
    /// The CPU time of all threads, in seconds (Linux, whose ticks are 10 ms).
    pub(crate) cpu: Option<f64>,
    /// The most memory that it had, in KiB (Linux).
    pub(crate) peak: Option<u64>,
}

/// A bare program runs within this one: of its memory and CPU time nothing is known.
impl From<f64> for Run {
    fn from(seconds: f64) -> Self {
        Self { seconds, cpu: None, peak: None }
    }
}

/// Runs sitewright on a project; its output is nobody's.
pub(crate) fn sitewright(root: &Path, arguments: &[&str]) -> Result<Run, Box<dyn Error>> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sitewright"));
    program(command.arg("-C").arg(root).args(arguments))
}

/// Runs a program.
pub(crate) fn program(command: &mut Command) -> Result<Run, Box<dyn Error>> {
    let (before, started) = (cpu_of_children(), Instant::now());
    let mut child = command.spawn()?;
    let mut peak = None;
    let status = loop {
        peak = peak_memory(child.id()).or(peak);
        match child.try_wait()? {
            Some(status) => break status,
            None => std::thread::sleep(Duration::from_millis(1)),
        }
    };
    let seconds = started.elapsed().as_secs_f64();
    let cpu = cpu_of_children().zip(before).map(|(after, before)| after - before);
    match status.success() {
        true => Ok(Run { seconds, cpu, peak }),
        false => Err(format!("{command:?}: {status}").into()),
    }
}

/// The CPU time of all programs that were run so far.
fn cpu_of_children() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program, in parentheses, may hold spaces.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |field: usize| fields.get(field)?.parse::<f64>().ok();
    Some((ticks(13)? + ticks(14)?) / 100.0)
}

/// The most memory that a process has had so far.
fn peak_memory(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    peak.trim().strip_suffix(" kB")?.parse().ok()
}
