//! A Git repository that the cluster's controllers read over HTTP.

use crate::ports::free_port;
use crate::process::{Process, Workplace};
use crate::programs::Programs;
use crate::wait::eventually;
use std::fs;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// A working copy, and the bare repository that it pushes to.
#[derive(Debug)]
pub struct Repository {
    name: String,
    work: PathBuf,
    bare: PathBuf,
}

impl Repository {
    /// An empty repository `fleet` with the branch `main`.
    pub fn new(workplace: &Workplace) -> Self {
        Self::named(workplace, "fleet")
    }

    /// An empty repository with the branch `main`. Tests that share a cluster name theirs.
    pub fn named(workplace: &Workplace, name: &str) -> Self {
        let bare = workplace.folder("git").join(format!("{name}.git"));
        let work = workplace.folder("work").join(name);
        fs::create_dir_all(&work).expect("a folder");
        let this = Self { name: name.to_owned(), work, bare };
        let bare = this.bare.to_str().expect("a path of UTF-8").to_owned();
        this.git(&["init", "--quiet", "--bare", "--initial-branch=main", &bare]);
        this.git(&["init", "--quiet", "--initial-branch=main", "."]);
        this.git(&["remote", "add", "origin", &bare]);
        this
    }

    /// The working copy.
    pub fn path(&self) -> &Path {
        &self.work
    }

    /// Writes a file.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.work.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    /// The text of a file.
    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.work.join(path))
            .unwrap_or_else(|problem| panic!("{path}: {problem}"))
    }

    /// Replaces a text that stands in a file once.
    pub fn edit(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert_eq!(text.matches(from).count(), 1, "{path} has `{from}` once:\n{text}");
        self.write(path, &text.replace(from, to));
    }

    /// Removes a file or a folder.
    pub fn remove(&self, path: &str) {
        let path = self.work.join(path);
        let removed =
            if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        removed.unwrap_or_else(|problem| panic!("{}: {problem}", path.display()));
    }

    /// Commits everything and pushes it; the commit's name.
    pub fn commit(&self, message: &str) -> String {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "-m", message]);
        self.git(&["push", "--quiet", "origin", "HEAD:main"]);
        self.git(&["rev-parse", "HEAD"]).trim().to_owned()
    }

    /// Runs git in the working copy; what it wrote to stdout.
    pub fn git(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("git");
        command.current_dir(&self.work).args(arguments);
        // Whatever the machine's settings are.
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "Ada");
            command.env(format!("GIT_{who}_EMAIL"), "ada@example.com");
        }
        let output = command.output().expect("git starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {arguments:?}: {said}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

/// Serves a test's repositories over HTTP.
#[derive(Debug)]
pub struct GitServer {
    port: u16,
    _process: Process,
}

impl GitServer {
    /// Starts it.
    pub fn start(programs: &Programs, workplace: &Workplace) -> Self {
        let port = free_port();
        let folder = workplace.folder("git-server");
        let repositories = workplace.folder("git");
        let program = programs.program("git-server");
        let mut process = Process::start("git-server", &program, &folder, |command| {
            command.arg(format!("127.0.0.1:{port}")).arg(&repositories);
        });
        eventually("the Git server listens", Duration::from_secs(20), || {
            if let Some(end) = process.ended() {
                panic!("{end}");
            }
            TcpStream::connect(("127.0.0.1", port)).map(drop)
        });
        Self { port, _process: process }
    }

    /// Where the repository `fleet` is, for the cluster's controllers.
    pub fn url(&self) -> String {
        self.url_of_name("fleet")
    }

    /// Where a repository is, for the cluster's controllers.
    pub fn url_of(&self, repository: &Repository) -> String {
        self.url_of_name(&repository.name)
    }

    fn url_of_name(&self, name: &str) -> String {
        format!("http://127.0.0.1:{}/{name}.git", self.port)
    }
}
