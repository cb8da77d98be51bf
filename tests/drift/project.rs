//! A small project in a Git repository.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

pub(crate) const CERTIFICATE: &str = include_str!("../../sites/frankfurt/_sealing/2026-11.pem");

/// A project with a cluster `eu` that Flux serves: a server, a bench and a site. The first commit has its
/// manifests.
pub(crate) struct Project(pub(crate) TempDir);

/// What a run printed.
pub(crate) struct Ran {
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Project {
    pub(crate) fn new() -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        project.run("init -q --cluster eu --namespace erp", 0);
        fs::remove_file(project.path("sites/eu/demo.yaml")).unwrap();
        project.edit("sites/eu/_cluster.yaml", "mode: plain", "mode: sealed");
        project.put("sites/eu/_sealing/1.pem", CERTIFICATE);
        project.run("new site acme -q", 0);
        project.run("render -q", 0);
        project.git("init -q -b main");
        project.commit("first", "2026-11-01T08:00:00Z");
        project
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    pub(crate) fn put(&self, path: &str, text: &str) {
        fs::create_dir_all(self.path(path).parent().unwrap()).unwrap();
        fs::write(self.path(path), text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    /// Replaces a text that is there.
    #[track_caller]
    pub(crate) fn edit(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert!(text.contains(from), "{path} has no {from:?}: {text}");
        self.put(path, &text.replace(from, to));
    }

    pub(crate) fn git(&self, arguments: &str) {
        self.git_at(arguments, "2026-11-01T08:00:00Z");
    }

    fn git_at(&self, arguments: &str, time: &str) {
        let output = Command::new("git")
            .current_dir(self.0.path())
            .args(["-c", "user.name=a", "-c", "user.email=a@example.com"])
            .args(arguments.split(' '))
            .envs([("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_COMMITTER_DATE", time)])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    pub(crate) fn commit(&self, message: &str, time: &str) {
        self.git("add -A");
        self.git_at(&format!("commit -q -m {message}"), time);
    }

    /// Runs sitewright, which must end with this code.
    #[track_caller]
    pub(crate) fn run(&self, arguments: &str, code: i32) -> Ran {
        self.run_with(arguments, code, None, "")
    }

    /// The same with a folder that is first on the PATH, and an input.
    #[track_caller]
    pub(crate) fn run_with(
        &self,
        arguments: &str,
        code: i32,
        programs: Option<&Path>,
        input: &str,
    ) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sitewright"));
        command.current_dir(self.0.path()).args(arguments.split(' '));
        if let Some(folder) = programs {
            let path = std::env::var("PATH").unwrap();
            command.env("PATH", format!("{}:{path}", folder.display()));
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_owned();
        // A run that refuses its arguments reads no input.
        let writer = std::thread::spawn(move || {
            let _ = std::io::Write::write_all(&mut stdin, input.as_bytes());
        });
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        let out = String::from_utf8(output.stdout).unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments}: {out}{err}");
        assert!(!err.contains("panicked"), "{err}");
        Ran { out, err }
    }
}
