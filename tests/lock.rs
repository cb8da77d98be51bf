//! Two runs in one project at the same time: the second waits for the first, and then reads what the first has
//! written.

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs::{self, File};
    use std::io::{BufRead as _, BufReader, Read as _};
    use std::os::unix::process::ExitStatusExt as _;
    use std::path::{Path, PathBuf};
    use std::process::{Child, ChildStderr, Command, Output, Stdio};
    use std::time::{Duration, Instant};
    use tempfile::TempDir;

    struct Project(TempDir);

    impl Project {
        /// The project of `init`, in which passwords stay on this machine.
        fn new() -> Self {
            let project = Self(tempfile::tempdir().unwrap());
            assert!(project.run(&["init", "-q"]).status.success());
            let cluster = project.path("sites/production/_cluster.yaml");
            let text = fs::read_to_string(&cluster).unwrap();
            assert!(text.contains("mode: plain"), "{text}");
            project
        }

        fn path(&self, path: &str) -> PathBuf {
            self.0.path().join(path)
        }

        fn put(&self, path: &str, text: &str) {
            fs::write(self.path(path), text).unwrap();
        }

        fn command(&self, arguments: &[&str]) -> Command {
            // A process in the background of a script ignores SIGINT, and so do its children.
            let mut command = Command::new("env");
            command.args(["--default-signal=INT", env!("CARGO_BIN_EXE_sitewright")]);
            command.args(arguments).current_dir(self.0.path());
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
            command
        }

        fn run(&self, arguments: &[&str]) -> Output {
            self.command(arguments).output().unwrap()
        }

        fn fine(&self, arguments: &[&str]) {
            let run = self.run(arguments);
            assert!(run.status.success(), "{arguments:?}: {}", said(&run));
        }

        /// The lock that a run has.
        fn hold(&self) -> File {
            let held = File::open(self.0.path()).unwrap();
            held.lock().unwrap();
            held
        }

        /// All files with their bytes.
        fn tree(&self) -> BTreeMap<PathBuf, Vec<u8>> {
            fn walk(folder: &Path, found: &mut BTreeMap<PathBuf, Vec<u8>>) {
                for entry in fs::read_dir(folder).unwrap() {
                    let path = entry.unwrap().path();
                    match path.is_dir() {
                        true => walk(&path, found),
                        false => _ = found.insert(path.clone(), fs::read(path).unwrap()),
                    }
                }
            }
            let mut found = BTreeMap::new();
            walk(self.0.path(), &mut found);
            found
        }
    }

    fn said(run: &Output) -> String {
        String::from_utf8(run.stderr.clone()).unwrap()
    }

    /// A run that waits.
    struct Waiting {
        child: Child,
        errors: BufReader<ChildStderr>,
    }

    impl Waiting {
        /// Starts a run, and returns when it says that it waits.
        fn start(project: &Project, arguments: &[&str]) -> (Self, String) {
            let mut child = project.command(arguments).spawn().unwrap();
            let errors = BufReader::new(child.stderr.take().unwrap());
            let mut waiting = Self { child, errors };
            let mut line = String::new();
            waiting.errors.read_line(&mut line).unwrap();
            (waiting, line)
        }

        fn ended(mut self) -> (Option<i32>, String) {
            let mut rest = String::new();
            self.errors.read_to_string(&mut rest).unwrap();
            (self.child.wait().unwrap().code(), rest)
        }
    }

    #[test]
    fn a_run_waits_and_reads_what_the_other_wrote() {
        let project = Project::new();
        let held = project.hold();
        let (waiting, line) = Waiting::start(&project, &["render"]);
        let me = format!("another run (process {}) is writing this project: ", std::process::id());
        // In some containers, the system does not tell the process.
        let line = line.replace(&me, "another run is writing this project: ");
        assert_eq!(line, "another run is writing this project: waiting for up to 60 s\n");
        project.put("sites/production/globex.yaml", "kind: Site\nsiteName: globex.example.com\n");
        held.unlock().unwrap();
        assert_eq!(waiting.ended(), (Some(0), String::new()));
        assert!(project.path("rendered/production/globex/user.yaml").exists());
        project.fine(&["check"]);
    }

    /// `secrets adopt -` waits for its input while it has the lock.
    #[test]
    fn a_killed_run_frees_the_next() {
        let project = Project::new();
        project.fine(&["render"]);
        let mut first = project.command(&["secrets", "adopt", "-"]);
        let mut first = first.stdin(Stdio::piped()).spawn().unwrap();
        let busy = ["render", "--lock-timeout", "0s"];
        let started = Instant::now();
        while project.run(&busy).status.success() {
            assert!(started.elapsed() < Duration::from_secs(60), "`adopt` takes no lock");
        }
        let (waiting, line) = Waiting::start(&project, &["render"]);
        assert!(line.contains("is writing this project"), "{line}");
        first.kill().unwrap();
        first.wait().unwrap();
        assert_eq!(waiting.ended().0, Some(0));
    }

    #[test]
    fn a_wait_ends_with_an_error() {
        let project = Project::new();
        let _held = project.hold();
        let before = project.tree();
        let started = Instant::now();
        let run = project.run(&["render", "--lock-timeout", "1s"]);
        assert!(started.elapsed() >= Duration::from_secs(1));
        let said = said(&run);
        assert_eq!(run.status.code(), Some(2), "{said}");
        assert!(said.contains("waiting for up to 1 s\n"), "{said}");
        assert!(said.contains("error[SW605]: another run "), "{said}");
        assert!(said.contains(" is still writing this project"), "{said}");
        assert!(said.contains("--lock-timeout 10m"), "{said}");
        assert_eq!(project.tree(), before);
    }

    #[test]
    fn an_interrupted_wait_changes_nothing() {
        let project = Project::new();
        let _held = project.hold();
        let before = project.tree();
        let (mut waiting, _) = Waiting::start(&project, &["render"]);
        let process = waiting.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &process]).status().unwrap().success());
        assert_eq!(waiting.child.wait().unwrap().signal(), Some(2));
        assert_eq!(project.tree(), before);
    }

    #[test]
    fn with_q_a_wait_is_silent() {
        let project = Project::new();
        let _held = project.hold();
        let run = project.run(&["render", "-q", "--lock-timeout", "1s"]);
        assert!(said(&run).starts_with("error[SW605]"), "{}", said(&run));
    }

    /// A run that writes elsewhere waits for that folder.
    #[test]
    fn another_folder_has_a_lock_of_its_own() {
        let project = Project::new();
        project.fine(&["render"]);
        let out = project.path("out");
        fs::create_dir(&out).unwrap();
        let held = File::open(&out).unwrap();
        held.lock().unwrap();
        let arguments = ["render", "--locked", "--out", "out"];
        let run = project.run(&[&arguments[..], &["--lock-timeout", "0s"]].concat());
        assert!(said(&run).contains("SW605]: another run is writing `out`"), "{}", said(&run));
        let (waiting, line) = Waiting::start(&project, &arguments);
        assert!(line.contains("is writing `out`: waiting for up to 60 s"), "{line}");
        held.unlock().unwrap();
        assert_eq!(waiting.ended().0, Some(0));
        assert!(out.join("production/demo/user.yaml").exists());
    }

    /// Without a lock, each of them would make its own passwords.
    #[test]
    fn runs_at_once_make_one_password_each() {
        let project = Project::new();
        let runs: Vec<Child> =
            (0..4).map(|_| project.command(&["render"]).spawn().unwrap()).collect();
        for run in runs {
            let run = run.wait_with_output().unwrap();
            assert!(run.status.success(), "{}", said(&run));
        }
        project.fine(&["check"]);
        let listed = project.run(&["secrets", "list", "--format", "json"]);
        let listed: serde_json::Value = serde_json::from_slice(&listed.stdout).unwrap();
        let text = listed.to_string();
        assert!(text.contains("\"generation\":1"), "{text}");
        assert!(!text.contains("\"generation\":2"), "{text}");
    }

    #[test]
    fn every_command_that_changes_the_project_takes_the_lock() {
        let project = Project::new();
        project.fine(&["render"]);
        project.put("dump.yaml", "kind: List\napiVersion: v1\nitems: []\n");
        let _held = project.hold();
        let before = project.tree();
        for arguments in [
            &["render"][..],
            &["render", "--dry-run"],
            &["render", "--out", "out"],
            &["check", "--fix"],
            &["fmt"],
            &["gitops"],
            &["gitops", "--dry-run"],
            &["drift", "--accept", "User/erp/demo-user", "dump.yaml"],
            &["secrets", "rotate", "--all"],
            &["secrets", "set", "demo"],
            &["secrets", "adopt", "dump.yaml"],
            &["secrets", "prune"],
            &["upgrade", "production", "--frappe", "2.5"],
            &["mv", "demo", "other"],
            &["retire", "demo"],
            &["rm", "demo"],
            &["import", "dump.yaml"],
            &["new", "site", "globex"],
            &["init"],
        ] {
            let run = project.run(&[arguments, &["--lock-timeout", "0s"]].concat());
            assert_eq!(run.status.code(), Some(2), "{arguments:?}: {}", said(&run));
            assert!(said(&run).contains("SW605"), "{arguments:?}: {}", said(&run));
        }
        for arguments in [
            &["render", "--stdout"][..],
            &["render", "--locked", "--out", "out"],
            &["check"],
            &["fmt", "--check"],
            &["fmt", "-"],
            &["gitops", "--stdout"],
            &["gitops", "--out", "delivery"],
            &["diff"],
            &["list"],
            &["explain", "demo"],
            &["secrets", "list"],
            &["secrets", "verify"],
            &["secrets", "rotate", "--all", "--dry-run"],
            &["mv", "demo", "other", "--dry-run"],
            &["retire", "demo", "--dry-run"],
            &["import", "dump.yaml", "--dry-run"],
        ] {
            let run = project.run(&[arguments, &["--lock-timeout", "0s"]].concat());
            assert!(!said(&run).contains("SW605"), "{arguments:?}: {}", said(&run));
        }
        let own = |tree: BTreeMap<PathBuf, Vec<u8>>| {
            let outside = [project.path("out"), project.path("delivery")];
            let mut tree = tree;
            tree.retain(|path, _| !outside.iter().any(|it| path.starts_with(it)));
            tree
        };
        assert_eq!(own(project.tree()), before);
    }
}
