//! A program that runs in its own folder, until its value is dropped or its test dies.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How much of a log is printed when a test fails.
const TAIL_LINES: usize = 25;

/// The folder of a test, with one folder for each program. It is removed at the end, and kept where
/// the test failed.
#[derive(Debug)]
pub struct Workplace {
    folder: Option<TempDir>,
    path: PathBuf,
}

impl Workplace {
    /// A new folder.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().to_path_buf();
        Self { folder: Some(folder), path }
    }

    /// A folder below it, which is made.
    pub fn folder(&self, name: &str) -> PathBuf {
        let folder = self.path.join(name);
        fs::create_dir_all(&folder).expect("a folder");
        folder
    }
}

impl Default for Workplace {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Workplace {
    fn drop(&mut self) {
        if std::thread::panicking()
            && let Some(folder) = self.folder.take()
        {
            say(&format!("the logs stay in {}", folder.keep().display()));
        }
    }
}

/// A running program.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts a program in a folder, which also gets its log. `configure` adds its arguments.
    pub fn start(
        name: &str,
        program: &Path,
        folder: &Path,
        configure: impl FnOnce(&mut Command),
    ) -> Self {
        let log = folder.join(format!("{name}.log"));
        let out = File::create(&log).expect("a log");
        // The kernel kills it when this process ends, however that ends.
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "--"]).arg(program);
        command.current_dir(folder).stdin(Stdio::null());
        command.stdout(out.try_clone().expect("a log")).stderr(out);
        configure(&mut command);
        let child = spawn(command).unwrap_or_else(|problem| panic!("{name}: {problem}"));
        Self { name: name.to_owned(), child, log }
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has written so far.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    /// The reason why it cannot get ready any more: it has ended.
    pub fn ended(&mut self) -> Option<String> {
        let status = self.child.try_wait().ok()??;
        Some(format!("{} ended with {status}:\n{}", self.name, tail(&self.log())))
    }

    /// Ends it by its process id. None of these programs has state that outlives the test.
    pub fn end(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Asks it to end, with SIGTERM, and returns how it ended and how long that took. The test fails if it has not
    /// ended after `limit`.
    pub fn terminate(&mut self, limit: Duration) -> (ExitStatus, Duration) {
        let start = Instant::now();
        let signal = Command::new("kill").args(["-TERM", &self.id().to_string()]).status();
        assert!(signal.expect("kill starts").success(), "{} takes no signal", self.name);
        loop {
            if let Some(status) = self.child.try_wait().expect("its status") {
                return (status, start.elapsed());
            }
            let log = || tail(&self.log());
            assert!(
                start.elapsed() < limit,
                "{} still runs after {limit:?}:\n{}",
                self.name,
                log()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The processor time that it has taken (source: proc(5), `utime` and `stime`, of which Linux counts 100 a
    /// second).
    pub fn processor_time(&self) -> Option<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.id())).ok()?;
        // The name in brackets may hold anything.
        let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
        let ticks: u64 =
            fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?;
        Some(Duration::from_millis(ticks * 10))
    }

    /// The memory that it holds, in KiB (source: proc(5), `VmRSS`).
    pub fn memory(&self) -> Option<u64> {
        self.status_field("VmRSS:")
    }

    /// The most memory that it has held, in KiB (source: proc(5), `VmHWM`).
    pub fn peak_memory(&self) -> Option<u64> {
        self.status_field("VmHWM:")
    }

    fn status_field(&self, field: &str) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix(field))?;
        line.trim().strip_suffix("kB")?.trim().parse().ok()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
        if std::thread::panicking() {
            say(&format!("-- the end of {}'s log\n{}", self.name, tail(&self.log())));
        }
    }
}

fn tail(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
}

/// To where the output of a failing test is shown.
#[expect(clippy::disallowed_macros, reason = "the test runner captures and shows what these print")]
fn say(text: &str) {
    eprintln!("{text}");
}

type Answer = io::Result<Child>;

/// The kernel sends the signal of `setpriv --pdeathsig` (util-linux) when the *thread* ends that
/// started the program (source: `PR_SET_PDEATHSIG` in prctl(2)). So one thread that never ends starts
/// them all.
fn spawn(command: Command) -> Answer {
    static SPAWNER: OnceLock<Sender<(Command, Sender<Answer>)>> = OnceLock::new();
    let spawner = SPAWNER.get_or_init(|| {
        let (send, receive) = channel::<(Command, Sender<Answer>)>();
        std::thread::spawn(move || {
            for (mut command, answer) in receive {
                let _ = answer.send(command.spawn());
            }
        });
        send
    });
    let (send, receive) = channel();
    spawner.send((command, send)).expect("the thread that starts programs never ends");
    receive.recv().expect("the thread that starts programs never ends")
}
