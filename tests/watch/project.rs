//! A project, and a watch of it whose output is read run by run.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;
use tempfile::TempDir;

/// No machine is that slow.
const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) struct Project(TempDir);

impl Project {
    /// A cluster `eu` with one site, `demo`. Passwords stay on this machine.
    pub(crate) fn new() -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        project.fine(&["init", "-q", "--cluster", "eu", "--namespace", "erp"]);
        project
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    pub(crate) fn put(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn put_site(&self, name: &str) {
        self.put(&format!("sites/eu/{name}.yaml"), &site(name, ""));
    }

    pub(crate) fn has(&self, path: &str) -> bool {
        self.path(path).exists()
    }

    pub(crate) fn command(&self, program: &str, arguments: &[&str]) -> Command {
        // A process in the background of a script ignores SIGINT, and so do its children.
        let mut command = Command::new("env");
        command.args(["--default-signal=INT", program]).args(arguments);
        command.current_dir(self.0.path()).stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(SITEWRIGHT, arguments).output().unwrap()
    }

    pub(crate) fn fine(&self, arguments: &[&str]) {
        let run = self.run(arguments);
        let said = String::from_utf8_lossy(&run.stderr);
        assert!(run.status.success(), "{arguments:?}: {said}");
    }

    /// The lock that a run has.
    pub(crate) fn hold(&self) -> File {
        let held = File::open(self.0.path()).unwrap();
        held.lock().unwrap();
        held
    }

    /// Runs Git with a user of its own.
    pub(crate) fn git(&self, arguments: &[&str]) {
        let mut git = self.command("git", arguments);
        for (key, value) in [("NAME", "test"), ("EMAIL", "test@example.com")] {
            git.env(format!("GIT_AUTHOR_{key}"), value);
            git.env(format!("GIT_COMMITTER_{key}"), value);
        }
        let run = git.output().unwrap();
        assert!(run.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&run.stderr));
    }
}

pub(crate) const SITEWRIGHT: &str = env!("CARGO_BIN_EXE_sitewright");

/// The text of a site.
pub(crate) fn site(name: &str, more: &str) -> String {
    format!("kind: Site\nsiteName: {name}.example.com\n{more}")
}

/// A watch, which is ended with the test.
pub(crate) struct Watch {
    pub(crate) child: Child,
    lines: Option<Receiver<String>>,
    errors: Receiver<String>,
}

impl Watch {
    /// Starts a watch. Its output is no terminal.
    pub(crate) fn start(project: &Project, arguments: &[&str]) -> Self {
        Self::of(project.command(SITEWRIGHT, arguments))
    }

    pub(crate) fn of(mut command: Command) -> Self {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let lines = Some(lines(child.stdout.take().unwrap()));
        let errors = lines_of_errors(&mut child);
        Self { child, lines, errors }
    }

    /// What the next run prints on standard output, with what ends it. It waits for that run.
    pub(crate) fn turn(&self) -> String {
        let mut text = String::new();
        while !text.trim_end().ends_with("; Ctrl-C ends") {
            let line = self.lines.as_ref().unwrap().recv_timeout(PATIENCE);
            text += &line.unwrap_or_else(|problem| panic!("{problem} after: {text}"));
        }
        text
    }

    /// Waits for a line on standard error that has this text.
    pub(crate) fn complains(&self, part: &str) {
        let mut seen = String::new();
        while !seen.contains(part) {
            let line = self.errors.recv_timeout(PATIENCE);
            seen += &line.unwrap_or_else(|problem| panic!("{problem} after: {seen}"));
        }
    }

    /// Whether nothing is printed for a while.
    pub(crate) fn is_silent(&self) -> bool {
        let pause = Duration::from_millis(700);
        let is_silent =
            |lines: &Receiver<String>| lines.recv_timeout(pause) == Err(RecvTimeoutError::Timeout);
        is_silent(self.lines.as_ref().unwrap()) && is_silent(&self.errors)
    }

    /// Closes the pipe from which the output is read.
    pub(crate) fn is_read_no_more(&mut self) {
        self.lines = None;
    }

    pub(crate) fn signal(&self, name: &str) {
        let process = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &process]).status().unwrap().success());
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lines_of_errors(child: &mut Child) -> Receiver<String> {
    lines(child.stderr.take().unwrap())
}

/// The lines of a pipe with their ends. It is closed if nobody receives them any more.
fn lines(pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut pipe = BufReader::new(pipe);
        let mut line = String::new();
        while pipe.read_line(&mut line).is_ok_and(|length| length > 0) {
            if sender.send(std::mem::take(&mut line)).is_err() {
                return;
            }
        }
    });
    receiver
}

/// Writes a file as an editor does that first writes a new file beside it.
pub(crate) fn replace(path: &PathBuf, text: &str) {
    let new = path.with_extension("yaml.tmp");
    let mut file = File::create(&new).unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file.sync_all().unwrap();
    fs::rename(new, path).unwrap();
}
