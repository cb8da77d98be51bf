//! The output folder on the command line: what a run that cannot write, or may not, says about it,
//! with which exit code it ends, and what it leaves. The writing itself is tested in
//! `output_transaction`.

#[cfg(test)]
mod program;
#[cfg(test)]
mod refusal;

#[cfg(test)]
mod tests {
    use crate::program;
    use crate::refusal::{Project, binary};
    use serde_json::Value;
    use std::collections::BTreeMap;
    use std::fs::{self, File, Permissions};
    use std::io::{self, Write as _};
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
    use std::os::unix::process::CommandExt;
    use std::path::Path;
    use std::process::{Command, Stdio};
    use std::thread;
    use std::time::Instant;

    const CLUSTER: &str = "kind: Cluster\n\
                           operators: {frappe: \"2.6\", mariadb: \"26.6\"}\n\
                           namespace: frappe\n";
    const DEFAULTS: &str = "kind: Defaults\n\
                            site:\n  bench: erpnext-v15\n  apps: [erpnext]\n  database: {server: frappe-mariadb}\n";
    const SERVER: &str = "kind: DatabaseServer\nstorageSize: 50Gi\n";
    const BENCH: &str = "kind: Bench\nmanaged: false\n";
    const NOBODY: u32 = 65534;

    const OF_ACME: [&str; 4] = [
        "production/acme/database.yaml",
        "production/acme/frappesite.yaml",
        "production/acme/grant.yaml",
        "production/acme/user.yaml",
    ];
    const OF_THE_SERVER: &str = "production/frappe-mariadb/mariadb.yaml";
    const USER: &str = "rendered/production/acme/user.yaml";

    /// A server, a bench that is only referred to, and these sites.
    fn project(sites: &[&str]) -> Project {
        let project = Project::new();
        project.put("sites/production/_cluster.yaml", CLUSTER);
        project.put("sites/production/_defaults.yaml", DEFAULTS);
        project.put("sites/production/frappe-mariadb.yaml", SERVER);
        project.put("sites/production/erpnext-v15.yaml", BENCH);
        for site in sites {
            put_site(&project, site, "");
        }
        project
    }

    fn put_site(project: &Project, path: &str, more: &str) {
        let name = path.replace('/', "-");
        let text = format!("kind: Site\nsiteName: {name}.example.com\n{more}");
        project.put(&format!("sites/production/{path}.yaml"), text);
    }

    /// How a run ended.
    struct Run {
        code: Option<i32>,
        out: String,
        err: String,
    }

    impl Run {
        fn of(mut command: Command) -> io::Result<Self> {
            let done = command.output()?;
            let text = |bytes| String::from_utf8(bytes).unwrap();
            Ok(Self { code: done.status.code(), out: text(done.stdout), err: text(done.stderr) })
        }

        /// A render that ended so.
        fn ended(project: &Project, arguments: &[&str], code: i32) -> Self {
            let run = Self::of(project.render(&binary(), arguments)).unwrap();
            assert_eq!(run.code, Some(code), "{arguments:?}\n{}\n{}", run.out, run.err);
            run
        }

        /// The one diagnostic of a run that was refused, as [`only`] tells it.
        fn refusal(&self) -> String {
            assert_eq!(self.code, Some(2), "{}\n{}", self.out, self.err);
            let mut document: Value = serde_json::from_str(&self.out).unwrap();
            match document["diagnostics"].take() {
                Value::Array(diagnostics) => only(diagnostics),
                other => panic!("no list of diagnostics: {other}"),
            }
        }

        /// A render that wrote all that it should and had nothing to say against it.
        fn fine(project: &Project, arguments: &[&str]) -> Self {
            let run = Self::ended(project, arguments, 0);
            assert_eq!(run.err, "");
            run
        }
    }

    /// A report on a disk that is full is none; that a reader went away is nobody's fault.
    #[test]
    #[cfg(target_os = "linux")]
    fn results_that_cannot_be_written_are_an_error() {
        for arguments in [&["schema", "Site"][..], &["schema", "Site", "--format", "json"]] {
            let full = File::options().write(true).open("/dev/full").unwrap();
            let mut command = Command::new(binary());
            let done =
                command.args(arguments).stdout(full).stderr(Stdio::piped()).output().unwrap();
            assert_eq!(done.status.code(), Some(2));
            let said = String::from_utf8(done.stderr).unwrap();
            assert!(said.starts_with("error: the results could not be written: "), "{said}");
        }
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        let done = Command::new(binary()).args(["schema", "Site"]).stdout(writer).status();
        assert_eq!(done.unwrap().code(), Some(0));
    }

    /// Removes a site with the records of its passwords.
    fn gone(project: &Project, site: &str) {
        for ending in ["yaml", "secrets.yaml"] {
            let path = project.path(&format!("sites/production/{site}.{ending}"));
            fs::remove_file(path).unwrap();
        }
    }

    /// The one diagnostic of a render that was refused and touched nothing, as [`only`] tells it.
    fn refusal(project: &Project, arguments: &[&str]) -> String {
        only(
            project.refused_by(
                project.render(&binary(), &[&["--format", "json"], arguments].concat()),
            ),
        )
    }

    /// `code message (help)` of the one diagnostic.
    fn only(diagnostics: Vec<Value>) -> String {
        assert_eq!(diagnostics.len(), 1, "{diagnostics:?}");
        let text = |key: &str| diagnostics[0][key].as_str().unwrap();
        format!("{} {} ({})", text("code"), text("message"), text("help"))
    }

    /// Every file of a folder, by its path below it; folders of none are not told.
    fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
        fn walk(folder: &Path, below: &str, found: &mut BTreeMap<String, Vec<u8>>) {
            let Ok(entries) = fs::read_dir(folder) else { return };
            for entry in entries {
                let path = entry.unwrap().path();
                let name = format!("{below}{}", path.file_name().unwrap().to_str().unwrap());
                match path.is_dir() {
                    true => walk(&path, &format!("{name}/"), found),
                    false => drop(found.insert(name, fs::read(&path).unwrap())),
                }
            }
        }
        let mut found = BTreeMap::new();
        walk(folder, "", &mut found);
        found
    }

    fn paths(folder: &Path) -> Vec<String> {
        tree(folder).into_keys().collect()
    }

    fn leave_out(test: &str, reason: &str) {
        writeln!(io::stderr(), "left out: {test}: {reason}").unwrap();
    }

    #[test]
    fn an_output_folder_that_is_a_file_is_refused() {
        let project = project(&["acme"]);
        project.put("rendered", "mine\n");
        assert_eq!(
            only(project.refused()),
            "SW601 `rendered` is a file, not a folder (move it away, or name another output folder)"
        );
        let text = Run::ended(&project, &[], 2);
        assert_eq!(text.out, "");
        assert!(text.err.starts_with("error[SW601]: `rendered` is a file"), "{}", text.err);
        assert!(text.err.ends_with(
            "1 error; nothing was written. `sitewright explain SW601` explains the code\n"
        ));
    }

    #[test]
    fn an_output_folder_among_or_around_the_definitions_is_refused() {
        let project = project(&["acme"]);
        project.put("templates/_note.j2", "");
        for (inside, read) in
            [("sites", "sites"), ("sites/new", "sites"), ("templates", "templates"), ("", "sites")]
        {
            let out = project.path(inside);
            let message = format!("cannot hold manifests: `{read}` is read by sitewright");
            let said = refusal(&project, &["--out", out.to_str().unwrap(), "--force"]);
            assert!(said.starts_with("SW601") && said.contains(&message), "{said}");
        }
        let within = project.path("rendered/production");
        let said = refusal(&project, &["--out", within.to_str().unwrap()]);
        assert!(said.contains("`rendered` is a folder of manifests itself"), "{said}");
        Run::fine(&project, &["--out", project.path("rendered").to_str().unwrap()]);
    }

    #[test]
    fn an_output_folder_that_is_a_symbolic_link_is_refused() {
        let project = project(&["acme"]);
        fs::create_dir(project.path("elsewhere")).unwrap();
        symlink("elsewhere", project.path("rendered")).unwrap();
        let message = "is a symbolic link, not a folder";
        assert!(only(project.refused()).starts_with(&format!("SW601 `rendered` {message}")));
        assert!(refusal(&project, &["--force"]).starts_with("SW601"), "--force changes nothing");
        let link = project.path("rendered");
        let stated = refusal(&project, &["--out", link.to_str().unwrap()]);
        assert_eq!(
            stated,
            format!(
                "SW601 `{}` {message} (move it away, or name another output folder)",
                link.display()
            )
        );
        assert_eq!(paths(&project.path("elsewhere")), [""; 0]);
    }

    /// A render by a user whom permissions bind; none where this one cannot become such a user.
    fn as_nobody(project: &Project) -> Option<Command> {
        let top = project.path("");
        fs::set_permissions(&top, Permissions::from_mode(0o755)).unwrap();
        let copy = project.path("sitewright");
        program::copy(&binary(), &copy);
        let mut command = project.render(&copy, &["--format", "json"]);
        if fs::metadata(&top).unwrap().uid() == 0 {
            command.uid(NOBODY).gid(NOBODY);
            let mut probe = Command::new("true");
            if let Err(error) = probe.uid(NOBODY).gid(NOBODY).status() {
                leave_out("read-only folder", &format!("no process for another user: {error}"));
                return None;
            }
        }
        Some(command)
    }

    #[test]
    fn a_read_only_output_folder_says_what_to_do() {
        let project = project(&["acme"]);
        Run::fine(&project, &[]);
        put_site(&project, "globex", "");
        let rendered = project.path("rendered");
        fs::set_permissions(&rendered, Permissions::from_mode(0o555)).unwrap();
        let refused = as_nobody(&project).map(|command| only(project.refused_by(command)));
        fs::set_permissions(&rendered, Permissions::from_mode(0o755)).unwrap();
        let Some(refused) = refused else { return };
        assert_eq!(
            refused,
            "SW602 `rendered` cannot be written: Permission denied (os error 13) (make the \
             output folder and everything in it writable, then run again; nothing was changed)"
        );
        Run::fine(&project, &[]);
    }

    #[test]
    fn a_full_disk_leaves_what_was_there() {
        const NO_MOUNT: i32 = 77;
        let project = project(&["acme", "globex", "initech", "umbrella"]);
        fs::create_dir(project.path("rendered")).unwrap();
        let is_root = fs::metadata(project.path("")).unwrap().uid() == 0;
        let mut command = Command::new("unshare");
        command.current_dir(project.path(""));
        // One site fits, four do not.
        command.args([if is_root { "-m" } else { "-rm" }, "sh", "-c"]).arg(format!(
            r#"mount -t tmpfs -o size=48k none rendered || exit {NO_MOUNT}
            mkdir later && mv sites/production/[giu]*.yaml later/ && "$0" -q render || exit 78
            mv later/* sites/production/ && find rendered -type f | sort >before
            "$0" --format json render; code=$?
            find rendered -type f | sort | cmp - before || exit 79; exit $code"#
        ));
        command.arg(binary());
        let run = match Run::of(command) {
            Ok(run)
                if run.code == Some(NO_MOUNT) || (run.code == Some(1) && run.out.is_empty()) =>
            {
                return leave_out("full disk", &run.err);
            }
            Ok(run) => run,
            Err(error) => return leave_out("full disk", &format!("unshare: {error}")),
        };
        let refused = run.refusal();
        assert!(refused.starts_with("SW602 `rendered/production/"), "{refused}");
        assert!(
            refused.ends_with(
                "cannot be written: No space left on device (os error 28) (free some space, \
                 then run again; nothing was changed)"
            ),
            "{refused}"
        );
    }

    #[test]
    fn a_file_that_grows_too_large_leaves_what_was_there() {
        let project = project(&["acme"]);
        Run::fine(&project, &[]);
        let before = tree(&project.path("rendered"));
        put_site(&project, "acme", &format!("annotations: {{note: {}}}\n", "x".repeat(4000)));
        let mut command = Command::new("sh");
        // One block of `ulimit -f` has 512 or 1024 bytes.
        command.args(["-c", r#"trap "" XFSZ; ulimit -f 2; exec "$0" "$@""#]).arg(binary());
        command.arg("-C").arg(project.path("")).args(["render", "--format", "json"]);
        let refused = Run::of(command).unwrap().refusal();
        let message = "cannot be written: File too large (os error 27) (remove the cause, then run \
                       again; nothing was changed";
        assert!(refused.starts_with("SW602 `rendered/production/acme/"), "{refused}");
        assert!(refused.contains(message), "{refused}");
        assert!(tree(&project.path("rendered")) == before);
        Run::fine(&project, &[]);
    }

    #[test]
    fn a_foreign_file_in_the_way_is_kept_until_forced() {
        let project = project(&["acme"]);
        project.put(USER, "kind: User\n");
        let run = Run::ended(&project, &[], 1);
        assert_eq!(
            run.err,
            format!(
                "warning[SW603]: `{USER}` has the path of a manifest, but sitewright did not write \
                 it, so it is not changed\n--> {USER}\n = help: move it away, or overwrite it with `sitewright render \
                 --force`\n\n1 warning\n"
            )
        );
        assert!(run.out.contains("4 created, 0 updated, 0 removed, 0 unchanged"), "{}", run.out);
        assert_eq!(fs::read_to_string(project.path(USER)).unwrap(), "kind: User\n");
        Run::fine(&project, &["--force"]);
        assert!(fs::read_to_string(project.path(USER)).unwrap().starts_with("# Rendered by"));
        Run::fine(&project, &[]);
    }

    #[test]
    fn a_foreign_file_elsewhere_is_a_warning_only() {
        let project = project(&["acme"]);
        project.put("rendered/production/README.md", "# Notes\n");
        project.put("rendered/production/.note", "hidden\n");
        for arguments in [&[][..], &["--force"]] {
            let run = Run::ended(&project, arguments, 0);
            let message = "warning[SW603]: `rendered/production/README.md` was not written";
            assert!(run.err.starts_with(message), "{}", run.err);
            assert!(run.err.ends_with("\n1 warning\n"), "{}", run.err);
        }
        let kept = fs::read_to_string(project.path("rendered/production/README.md"));
        assert_eq!(kept.unwrap(), "# Notes\n");
    }

    #[test]
    fn a_file_of_others_may_be_allowed() {
        let project = project(&["acme"]);
        let allow = |patterns: &str| {
            let text = format!("kind: Project\nallowForeign: [{patterns}]\n");
            project.put("sitewright.yaml", &text);
        };
        let extra = "rendered/production/extra/policy.yaml";
        project.put(extra, "kind: NetworkPolicy\n");
        project.put("rendered/production/extra/.hidden.yaml", "kind: Secret\n");
        allow("production/extra/*.yaml");
        for arguments in [&[][..], &["--force"]] {
            assert_eq!(Run::ended(&project, arguments, 0).err, "");
        }
        assert_eq!(fs::read_to_string(project.path(extra)).unwrap(), "kind: NetworkPolicy\n");
        allow("production/extra/policy.yaml, production/extras/**");
        let run = Run::ended(&project, &[], 0);
        assert!(
            run.err.contains("warning[SW615]: `production/extras/**` matches no file"),
            "{}",
            run.err
        );
        assert!(!run.err.contains("SW603"), "{}", run.err);
        allow("production/**");
        let run = Run::ended(&project, &[], 2);
        assert!(
            run.err.contains("error[SW614]: `production/**` matches `production/"),
            "{}",
            run.err
        );
        for wrong in ["/etc/*", "../a.yaml", "a//b", "a/../b"] {
            allow(&format!("\"{wrong}\""));
            let run = Run::ended(&project, &[], 2);
            assert!(run.err.contains("error[SW104]"), "{wrong}: {}", run.err);
        }
    }

    #[test]
    fn a_folder_in_the_way_is_kept_even_when_forced() {
        let project = project(&["acme"]);
        fs::create_dir_all(project.path(USER)).unwrap();
        for arguments in [&[][..], &["--force"]] {
            let run = Run::ended(&project, arguments, 1);
            assert!(run.err.contains("even `--force` does not change it"), "{}", run.err);
        }
    }

    #[test]
    fn an_edited_file_is_kept_and_force_repairs_it() {
        let project = project(&["acme"]);
        Run::fine(&project, &[]);
        let ours = fs::read(project.path(USER)).unwrap();
        let edited = String::from_utf8(ours.clone()).unwrap().replace(": 100", ": 500");
        project.put(USER, &edited);
        let run = Run::ended(&project, &[], 1);
        let message =
            format!("warning[SW604]: `{USER}` was edited by hand, so it is not changed\n");
        assert!(run.err.starts_with(&message), "{}", run.err);
        assert!(run.err.contains("`sitewright render --force` replaces the file"));
        assert_eq!(fs::read_to_string(project.path(USER)).unwrap(), edited);
        let run = Run::fine(&project, &["--force"]);
        assert!(run.out.contains("~ production/acme/user.yaml\n"), "{}", run.out);
        assert_eq!(fs::read(project.path(USER)).unwrap(), ours);
    }

    #[test]
    fn of_a_gone_definition_an_edited_file_stays_until_forced() {
        let project = project(&["acme"]);
        project.put_rendered();
        let run = Run::ended(&project, &[], 1);
        assert!(run.out.contains("- production/gone/database.yaml\n"), "{}", run.out);
        let gone = project.path("rendered/production/gone");
        assert_eq!(paths(&gone), ["user.yaml"]);
        let message = "`rendered/production/gone/user.yaml` is no longer rendered, but was edited by hand, so it is not removed";
        assert!(run.err.contains(message), "{}", run.err);
        Run::ended(&project, &["--force"], 0);
        assert!(!gone.exists());
    }

    #[test]
    fn a_folder_that_another_run_writes_is_busy() {
        let project = project(&["acme"]);
        Run::fine(&project, &[]);
        put_site(&project, "globex", "");
        let held = File::open(project.path("rendered")).unwrap();
        held.lock().unwrap();
        let at_once = ["--format", "json", "--lock-timeout", "0s"];
        assert_eq!(
            only(project.refused_by(project.render(&binary(), &at_once))),
            "SW605 another run is writing `rendered` (run again when the other run has ended; \
             nothing was changed)"
        );
        drop(held);
        Run::fine(&project, &[]);
    }

    /// What `check` finds, as `state path`.
    fn differences(project: &Project) -> Vec<String> {
        let mut command = Command::new(binary());
        command.arg("-C").arg(project.path("")).args(["check", "--format", "json"]);
        let run = Run::of(command).unwrap();
        let document: Value = serde_json::from_str(&run.out).unwrap();
        let differences = document["result"]["differences"].as_array().unwrap();
        assert_eq!(run.code, Some(i32::from(!differences.is_empty())), "{}", run.out);
        let text = |entry: &Value, key: &str| entry[key].as_str().unwrap().to_owned();
        differences.iter().map(|e| format!("{} {}", text(e, "state"), text(e, "path"))).collect()
    }

    #[test]
    fn a_killed_run_leaves_whole_files_and_the_next_one_repairs() {
        const ROUNDS: u32 = 6;
        let names: Vec<String> = (0..100).map(|number| format!("group/site-{number}")).collect();
        let project = project(&[]);
        let put_all = |labels: &str| names.iter().for_each(|name| put_site(&project, name, labels));
        put_all("");
        // The first run makes passwords, which the later ones do not.
        Run::fine(&project, &[]);
        put_all("labels: {round: \"0\"}\n");
        let started = Instant::now();
        Run::fine(&project, &[]);
        let whole_run = started.elapsed();
        let mut cut_off = 0;
        for round in 1..=ROUNDS {
            // Every file changes, and every third run starts from nothing.
            put_all(&format!("labels: {{round: \"{round}\"}}\n"));
            if round % 3 == 0 {
                fs::remove_dir_all(project.path("rendered")).unwrap();
            }
            let mut command = project.render(&binary(), &[]);
            let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            // Towards the end of a run, where it writes.
            thread::sleep(whole_run.mul_f64(0.3 + 0.7 * (f64::from(round) * 0.618_034 % 1.0)));
            child.kill().unwrap();
            child.wait().unwrap();
            let found = differences(&project);
            cut_off += usize::from(!found.is_empty());
            let is_whole =
                |line: &String| line.starts_with("missing ") || line.starts_with("outdated ");
            assert!(found.iter().all(is_whole), "{found:?}");
            Run::fine(&project, &[]);
            assert_eq!(differences(&project), [""; 0]);
            assert!(!project.path("rendered/.sitewright-staging").exists());
        }
        assert!(cut_off > 0, "no run was killed before its end");
    }

    #[test]
    fn another_output_folder_leaves_the_projects_alone() {
        let project = project(&["acme"]);
        let out = project.path("build/manifests");
        Run::fine(&project, &["--out", out.to_str().unwrap()]);
        let all: Vec<&str> = OF_ACME.into_iter().chain([OF_THE_SERVER]).collect();
        assert_eq!(paths(&out), all);
        assert!(!project.path("rendered").exists());
        // A gone definition is looked for where its manifests are.
        gone(&project, "acme");
        Run::fine(&project, &["--out", out.to_str().unwrap(), "production/acme"]);
        assert_eq!(paths(&out), [OF_THE_SERVER]);
    }

    #[test]
    fn printing_writes_nothing() {
        let project = project(&["acme"]);
        // No password is made for what is only shown.
        Run::ended(&project, &["--stdout"], 3);
        Run::fine(&project, &[]);
        fs::remove_dir_all(project.path("rendered")).unwrap();
        let run = Run::fine(&project, &["--stdout"]);
        assert!(!project.path("rendered").exists());
        let documents: Vec<&str> = run.out.split("---\n").collect();
        assert_eq!(documents.len(), 5, "{}", run.out);
        let kind = |text: &&str| -> serde_yaml::Value {
            assert!(text.starts_with("# Rendered by sitewright from sites/production/"), "{text}");
            serde_yaml::from_str::<serde_yaml::Value>(text).unwrap()["kind"].clone()
        };
        let kinds: Vec<_> = documents.iter().map(kind).collect();
        assert_eq!(kinds, ["Database", "FrappeSite", "Grant", "User", "MariaDB"]);

        let run = Run::fine(&project, &["--stdout", "production/frappe-mariadb"]);
        assert_eq!(run.out, documents[4]);
        for other in ["--force", "--out=build"] {
            let run = Run::ended(&project, &["--stdout", other], 2);
            assert_eq!(run.out, "");
            assert!(run.err.contains("cannot be used with"), "{}", run.err);
        }
    }

    #[test]
    fn a_path_writes_what_it_names_only() {
        for path in [
            "production/acme",
            "sites/production/acme.yaml",
            "./sites/production/acme.yaml",
            "production/acme/",
        ] {
            let project = project(&["acme", "acme-test", "retail/globex"]);
            Run::fine(&project, &[path]);
            assert_eq!(paths(&project.path("rendered")), OF_ACME, "{path}");
        }
        let project = project(&["acme", "retail/globex"]);
        Run::fine(&project, &["sites/production/retail", "production/frappe-mariadb"]);
        let found = paths(&project.path("rendered"));
        assert_eq!(found.len(), 5, "{found:?}");
        assert!(found.iter().all(|path| !path.starts_with("production/acme/")));
        for all in ["sites", "sites/", "."] {
            Run::fine(&project, &[all]);
            assert_eq!(paths(&project.path("rendered")).len(), 9, "{all}");
            fs::remove_dir_all(project.path("rendered")).unwrap();
        }
    }

    #[test]
    fn the_manifests_of_a_gone_definition_go_when_its_path_is_named() {
        let project = project(&["acme", "retail/globex", "retail/initech"]);
        Run::fine(&project, &[]);
        gone(&project, "acme");
        gone(&project, "retail/globex");
        let run = Run::fine(&project, &["production/frappe-mariadb"]);
        assert!(run.out.contains("0 created, 0 updated, 0 removed, 1 unchanged"), "{}", run.out);
        let run = Run::fine(&project, &["sites/production/acme.yaml"]);
        assert!(run.out.contains("0 created, 0 updated, 4 removed, 0 unchanged"), "{}", run.out);
        assert!(!project.path("rendered/production/acme").exists());
        assert!(project.path("rendered/production/retail/globex").exists());
        Run::fine(&project, &["production/retail"]);
        assert!(!project.path("rendered/production/retail/globex").exists());
        assert_eq!(differences(&project), [""; 0]);
    }

    #[test]
    fn a_path_that_names_nothing_is_refused() {
        let project = project(&["acme", "retail/globex"]);
        for (path, help) in [
            ("production/acne", "did you mean `production/acme`?"),
            ("globe", "did you mean `globex`?"),
            ("production/acm", "did you mean `production/acme`?"),
            ("..", "defined: "),
        ] {
            let refused = refusal(&project, &[path, "production/acme"]);
            let message = "is neither a definition nor a folder of them";
            let expected = format!("SW209 `{path}` {message} ({help}");
            assert!(refused.starts_with(&expected), "{refused}");
            assert!(!project.path("rendered").exists());
        }
    }

    #[test]
    fn a_mistake_anywhere_stops_a_run_for_one_path() {
        let project = project(&["acme"]);
        put_site(&project, "globex", "bench: none\n");
        assert!(refusal(&project, &["production/acme"]).starts_with("SW204 no bench is named"));
        assert!(!project.path("rendered").exists());
    }
}
