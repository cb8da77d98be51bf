//! The file-system calls of a run, as strace sees them, and runs in which one of them fails.

use crate::project::{Project, Run};
use std::collections::HashMap;
use std::fmt;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Calls that touch no file, or that no file system fails. Rust's library does not look at the result of `close`, and
/// panics where a folder cannot be closed.
const OTHERS: [&str; 7] = ["close", "execve", "fcntl", "ioctl", "lseek", "mmap", "poll"];
/// Calls that change something.
const CHANGING: [&str; 17] = [
    "write",
    "pwrite64",
    "mkdir",
    "mkdirat",
    "rename",
    "renameat",
    "renameat2",
    "unlink",
    "unlinkat",
    "rmdir",
    "link",
    "linkat",
    "fsync",
    "ftruncate",
    "chmod",
    "fchmod",
    "fchmodat",
];

/// What befalls a call.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    Error(&'static str),
    /// The process is killed before the call.
    Kill,
}

impl Fault {
    const ALL: [Self; 4] =
        [Self::Error("EIO"), Self::Error("ENOSPC"), Self::Error("EROFS"), Self::Kill];
}

/// One call of a run.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    name: String,
    /// Its place among the calls of this name, or among those that touch `path`. The first is 1.
    number: usize,
    /// The file that distinguishes it from a call of the loader, which has the same number.
    path: Option<String>,
    line: String,
    pub(crate) changes: bool,
}

/// One call, and what befalls it.
#[derive(Debug)]
pub(crate) struct Injection {
    call: Call,
    fault: Fault,
}

impl fmt::Display for Injection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} at {} {}: {}", self.fault, self.call.name, self.call.number, self.call.line)
    }
}

fn strace(project: &Project, options: &[String], command: &[&str]) -> (Run, String) {
    let log = tempfile::NamedTempFile::new().unwrap();
    let mut strace = Command::new("strace");
    strace.args(["-f", "-y", "-qq", "-o"]).arg(log.path()).args(options);
    // Without Git: the calls of another program are not ours.
    strace.args(["-E", "PATH=/nowhere"]);
    strace.args(project.words(command)).current_dir(project.path());
    let run = Run::of(&mut strace);
    (run, fs::read_to_string(log.path()).unwrap())
}

/// The process or thread of a line, the name of its call, and its arguments.
fn parts(line: &str) -> Option<(&str, &str, &str)> {
    let (thread, rest) = line.split_once(' ')?;
    let (name, rest) = rest.trim_start().split_once('(')?;
    // Without the result, which may name the file too.
    let (arguments, _) = rest.rsplit_once(") ")?;
    Some((thread, name, arguments))
}

/// Whether a call touches a file: it names it, or has it open.
fn touches(rest: &str, root: &str, path: &str) -> bool {
    rest.contains(&format!("\"./{path}\"")) || rest.contains(&format!("<{root}/{path}>"))
}

/// The file that a call touches, by its path in the project.
fn path_of(rest: &str, root: &str) -> Option<String> {
    let quoted = rest.split_once("\"./").and_then(|(_, rest)| rest.split('"').next());
    let open = rest.split_once(&format!("<{root}/")).and_then(|(_, rest)| rest.split('>').next());
    quoted.or(open).map(str::to_owned)
}

/// Runs a command without a fault, and tells its calls from the first that looks into the project.
///
/// One thread does the work, and another one only starts it. That one makes the calls of the loader, and
/// strace counts the calls of each thread: where both have a call of the same number, the file tells them apart.
pub(crate) fn calls(project: &Project, command: &[&str]) -> Vec<Call> {
    let (run, log) = strace(project, &["-e".into(), "trace=%file,%desc".into()], command);
    assert!(run.is_success(), "{run}");
    let root = project.path().canonicalize().unwrap();
    let root = root.to_str().unwrap();
    let lines: Vec<_> = log.lines().filter_map(parts).collect();
    let starts = |(_, _, rest): &(&str, &str, &str)| rest.contains("\"./");
    let start = lines.iter().position(starts).expect("it looks into the project");
    let worker = lines[start].0;
    let (mut loader, mut numbers, mut calls) = (HashMap::new(), HashMap::new(), Vec::<Call>::new());
    for (thread, name, _) in &lines {
        if *thread != worker {
            *loader.entry(*name).or_insert(0) += 1;
        }
    }
    let late = lines[start..].iter().find(|it| it.0 != worker && path_of(it.2, root).is_some());
    assert!(late.is_none(), "another thread works too: {late:?}");
    let of_worker = lines.iter().enumerate().filter(|(_, it)| it.0 == worker);
    for (at, (_, name, rest)) in of_worker {
        let number = numbers.entry(*name).or_insert(0);
        *number += 1;
        if at < start || OTHERS.contains(name) {
            continue;
        }
        let path =
            path_of(rest, root).filter(|_| *number <= loader.get(name).copied().unwrap_or(0));
        let earlier = |path: &String| {
            let same = lines[..=at].iter().filter(|it| it.0 == worker && it.1 == *name);
            same.filter(|it| touches(it.2, root, path)).count()
        };
        calls.push(Call {
            name: (*name).to_owned(),
            number: path.as_ref().map_or(*number, earlier),
            path,
            line: rest.chars().take(120).collect(),
            changes: CHANGING.contains(name) || rest.contains("O_CREAT"),
        });
    }
    calls
}

impl Injection {
    /// What can befall a call. One that only reads meets no full disk, and being killed before it is being killed
    /// before the next one that changes something.
    pub(crate) fn of(call: &Call) -> Vec<Self> {
        let all = if call.changes { &Fault::ALL[..] } else { &Fault::ALL[..1] };
        all.iter().map(|fault| Self { call: call.clone(), fault: *fault }).collect()
    }

    /// Runs a command in which it happens.
    pub(crate) fn run(&self, project: &Project, command: &[&str]) -> Run {
        let Call { name, number, path, .. } = &self.call;
        let what = match self.fault {
            Fault::Error(error) => format!("error={error}"),
            Fault::Kill => "signal=KILL".to_owned(),
        };
        let mut options = vec!["-e".to_owned(), format!("trace={name}")];
        options.extend(["-e".to_owned(), format!("inject={name}:{what}:when={number}")]);
        if let Some(path) = path {
            // As the program names it, and as it is open: strace compares texts.
            for root in [Path::new("."), &project.path().canonicalize().unwrap()] {
                options.extend(["-P".to_owned(), root.join(path).to_str().unwrap().to_owned()]);
            }
        }
        let (run, log) = strace(project, &options, command);
        let hits = log.matches("(INJECTED)").count() + log.matches("+++ killed by SIGKILL").count();
        assert!(hits > 0, "{self}: it did not happen\n{log}");
        run
    }
}
