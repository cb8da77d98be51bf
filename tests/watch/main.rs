//! `render --watch` and `check --watch`, with the real program and real files.

#[cfg(test)]
mod project;
#[cfg(test)]
#[path = "../tools/mod.rs"]
mod tools;

#[cfg(test)]
mod tests {
    use crate::project::{Project, SITEWRIGHT, Watch, replace, site};
    use crate::tools::needed;
    use std::fs;
    use std::os::unix::process::ExitStatusExt as _;
    use std::thread;
    use std::time::Duration;

    const DEMO: &str = "sites/eu/demo.yaml";
    const STATE: &str = "watching `sites`, `templates` and the settings; Ctrl-C ends\n";

    /// A watch of `render` that has rendered the project once.
    fn started(project: &Project) -> Watch {
        let watch = Watch::start(project, &["render", "--watch"]);
        let first = watch.turn();
        assert!(first.starts_with("+ eu/demo/") && first.ends_with(STATE), "{first}");
        assert!(project.has("rendered/eu/demo/user.yaml"));
        watch
    }

    /// The next run is because of one file, and updates one manifest.
    fn updates_one(watch: &Watch, how: &str) {
        let turn = watch.turn();
        assert!(turn.starts_with("---\n1 file changed\n"), "{how}: {turn}");
        assert!(turn.contains("\n~ eu/demo/frappesite.yaml\n"), "{how}: {turn}");
        assert!(turn.contains("\n0 created, 1 updated, 0 removed, "), "{how}: {turn}");
        assert!(turn.ends_with(STATE), "{how}: {turn}");
    }

    /// The run records passwords beside the definition. It must not take them for a change by somebody else.
    #[test]
    fn one_save_is_one_run() {
        let project = Project::new();
        let watch = started(&project);
        assert!(watch.is_silent());
        project.put_site("globex");
        let turn = watch.turn();
        assert!(turn.starts_with("---\n1 file changed\n+ eu/globex/"), "{turn}");
        assert!(turn.contains("new password"), "{turn}");
        assert!(project.has("sites/eu/globex.secrets.yaml"));
        assert!(watch.is_silent());
        // The records are an input: a change by another program counts.
        project.fine(&["secrets", "rotate", "globex"]);
        let turn = watch.turn();
        assert!(turn.starts_with("---\n1 file changed\n"), "{turn}");
        assert!(watch.is_silent());
    }

    #[test]
    fn editors_save_in_many_ways() {
        let project = Project::new();
        let watch = started(&project);
        let path = project.path(DEMO);
        let text = |number: u32| site("demo", &format!("domain: shop-{number}.example.com\n"));
        fs::write(&path, text(1)).unwrap();
        updates_one(&watch, "written in place");
        replace(&path, &text(2));
        updates_one(&watch, "replaced by a rename");
        fs::remove_file(&path).unwrap();
        fs::write(&path, text(3)).unwrap();
        updates_one(&watch, "removed and written");
        // As vim does it with a backup.
        let probe = project.path("sites/eu/4913");
        fs::write(&probe, "").unwrap();
        fs::remove_file(&probe).unwrap();
        let backup = project.path("sites/eu/demo.yaml~");
        fs::rename(&path, &backup).unwrap();
        fs::write(&path, text(4)).unwrap();
        fs::remove_file(&backup).unwrap();
        updates_one(&watch, "written beside a backup");
        assert!(watch.is_silent());
    }

    /// What is no input, and what comes and goes, is no reason to run.
    #[test]
    fn other_files_do_not_matter() {
        let project = Project::new();
        let watch = started(&project);
        project.put("README.md", "read me\n");
        project.put("notes/a.txt", "a\n");
        project.put("sites/eu/.demo.yaml.swp", "swap\n");
        project.put("rendered/eu/notes.txt", "not ours\n");
        assert!(watch.is_silent());
        project.put_site("globex");
        assert!(watch.turn().starts_with("---\n1 file changed\n+ eu/globex/"));
    }

    #[test]
    fn folders_come_and_go() {
        let project = Project::new();
        let watch = started(&project);
        project.put("sites/eu/retail/north/globex.yaml", &site("globex", ""));
        let turn = watch.turn();
        assert!(turn.contains("\n+ eu/retail/north/globex/"), "{turn}");
        // A file in a folder that came later.
        project.put("sites/eu/retail/north/hooli.yaml", &site("hooli", ""));
        let turn = watch.turn();
        assert!(turn.contains("\n+ eu/retail/north/hooli/"), "{turn}");
        // The folder of definitions itself. Nothing is removed while it is away.
        fs::rename(project.path("sites"), project.path("away")).unwrap();
        watch.complains("SW201");
        assert!(watch.turn().ends_with(STATE));
        assert!(project.has("rendered/eu/demo/user.yaml"));
        fs::rename(project.path("away"), project.path("sites")).unwrap();
        let turn = watch.turn();
        assert!(turn.contains("\n0 created, 0 updated, 0 removed, "), "{turn}");
        project.put(DEMO, &site("demo", "domain: shop.example.com\n"));
        updates_one(&watch, "in the folder that came back");
        // Templates, and a folder that the settings name.
        project.put("templates/frappe/frappesite.yaml.j2", "{{ nothing }}\n");
        watch.complains("SW");
        watch.turn();
        fs::remove_dir_all(project.path("templates")).unwrap();
        watch.turn();
        project.put("sitewright.yaml", "kind: Project\nsites: definitions\n");
        watch.complains("SW201");
        watch.turn();
        fs::rename(project.path("sites"), project.path("definitions")).unwrap();
        let turn = watch.turn();
        assert!(turn.contains("watching `definitions`, `templates`"), "{turn}");
    }

    /// A checkout is one change, although Git writes each file by itself. A run in between could see a site without
    /// its records, and make another password for it.
    #[test]
    fn a_checkout_of_another_branch_is_one_change() {
        const SITES: usize = 300;
        let project = Project::new();
        project.git(&["init", "-q", "-b", "main"]);
        project.fine(&["render", "-q"]);
        project.git(&["add", "."]);
        project.git(&["commit", "-q", "-m", "one"]);
        project.git(&["checkout", "-q", "-b", "many"]);
        (0..SITES).for_each(|number| project.put_site(&format!("site-{number}")));
        project.fine(&["render", "-q"]);
        project.git(&["add", "."]);
        project.git(&["commit", "-q", "-m", "many"]);
        project.git(&["checkout", "-q", "main"]);
        let watch = Watch::start(&project, &["render", "--watch"]);
        watch.turn();
        project.git(&["checkout", "-q", "many"]);
        let turn = watch.turn();
        // Each site has a file of records.
        assert!(turn.starts_with(&format!("---\n{} files changed\n", 2 * SITES)), "{turn}");
        assert!(!turn.contains("new password"), "{turn}");
        assert!(watch.is_silent());
        project.fine(&["check"]);
        let changed = project.command("git", &["status", "--porcelain"]).output().unwrap();
        assert_eq!(String::from_utf8(changed.stdout).unwrap(), "");
    }

    #[test]
    fn a_run_waits_while_git_writes() {
        let project = Project::new();
        project.git(&["init", "-q"]);
        let watch = started(&project);
        project.put(".git/index.lock", "");
        project.put_site("globex");
        assert!(watch.is_silent());
        fs::remove_file(project.path(".git/index.lock")).unwrap();
        assert!(watch.turn().starts_with("---\n1 file changed\n+ eu/globex/"));
    }

    /// Each look opens every folder, which must not be the reason for another look.
    #[cfg(target_os = "linux")]
    #[test]
    fn an_idle_watch_does_nothing() {
        let project = Project::new();
        let watch = started(&project);
        thread::sleep(Duration::from_millis(500));
        let used = || {
            let path = format!("/proc/{}/stat", watch.child.id());
            let text = fs::read_to_string(path).unwrap();
            // The times in user code and in the system, in hundredths of a second.
            let after_name = text.rsplit_once(") ").unwrap().1;
            let times = after_name.split(' ').skip(11).take(2);
            times.map(|time| time.parse::<u32>().unwrap()).sum::<u32>()
        };
        let before = used();
        thread::sleep(Duration::from_secs(2));
        assert!(used() - before < 10, "{} of 200", used() - before);
    }

    #[test]
    fn a_failed_run_keeps_watching() {
        let project = Project::new();
        let watch = started(&project);
        project.put(DEMO, "kind: Sit\n");
        watch.complains("; nothing was written");
        assert_eq!(watch.turn(), format!("---\n1 file changed\n{STATE}"));
        project.put(DEMO, &site("demo", "domain: shop.example.com\n"));
        updates_one(&watch, "after an error");
    }

    #[test]
    fn a_wrong_definition_at_the_start_keeps_watching() {
        let project = Project::new();
        project.put(DEMO, "kind: Sit\n");
        let watch = Watch::start(&project, &["render", "--watch"]);
        watch.complains("1 error");
        assert_eq!(watch.turn(), STATE);
        project.put_site("demo");
        assert!(watch.turn().contains("+ eu/demo/"));
    }

    /// The limit of removals holds in each run.
    #[test]
    fn a_watch_removes_no_more_than_a_render() {
        let project = Project::new();
        project.put("sitewright.yaml", "kind: Project\nmaxRemovals: 1\n");
        ["one", "two", "three"].iter().for_each(|name| project.put_site(name));
        let watch = started(&project);
        for name in ["one", "two"] {
            fs::remove_file(project.path(&format!("sites/eu/{name}.yaml"))).unwrap();
        }
        watch.complains("SW60");
        watch.turn();
        assert!(project.has("rendered/eu/one/user.yaml"));
        assert!(project.has("rendered/eu/two/user.yaml"));
        project.put_site("one");
        let turn = watch.turn();
        assert!(turn.contains("- eu/two/"), "{turn}");
        assert!(project.has("rendered/eu/one/user.yaml"));
    }

    #[test]
    fn check_also_watches_what_is_rendered() {
        let project = Project::new();
        project.fine(&["render", "-q"]);
        let watch = Watch::start(&project, &["check", "--watch"]);
        let turn = watch.turn();
        let state =
            "watching `sites`, `templates`, `rendered`, `gitops` and the settings; Ctrl-C ends\n";
        assert!(turn.contains("manifests up to date\n") && turn.ends_with(state), "{turn}");
        project.put(DEMO, &site("demo", "domain: shop.example.com\n"));
        let turn = watch.turn();
        assert!(
            turn.starts_with("---\n1 file changed\noutdated  eu/demo/frappesite.yaml\n"),
            "{turn}"
        );
        project.fine(&["render", "-q"]);
        let turn = watch.turn();
        assert!(turn.contains("manifests up to date\n"), "{turn}");
        let manifest = project.path("rendered/eu/demo/frappesite.yaml");
        let text = fs::read_to_string(&manifest).unwrap();
        fs::write(&manifest, format!("{text}edited: true\n")).unwrap();
        let turn = watch.turn();
        assert!(turn.contains("edited    eu/demo/frappesite.yaml\n"), "{turn}");
        assert!(watch.is_silent());
    }

    #[test]
    fn another_run_is_waited_for() {
        let project = Project::new();
        let held = project.hold();
        let watch = Watch::start(&project, &["render", "--watch", "--lock-timeout", "0s"]);
        watch.complains("SW605");
        assert_eq!(watch.turn(), STATE);
        held.unlock().unwrap();
        // Without a change.
        let mut turn = watch.turn();
        while turn == format!("---\n{STATE}") {
            turn = watch.turn();
        }
        assert!(turn.starts_with("---\n+ eu/demo/"), "{turn}");
        // The rest of what it said about the other run.
        while !watch.is_silent() {}
        project.put_site("globex");
        let turn = watch.turn();
        assert!(turn.starts_with("---\n1 file changed\n+ eu/globex/"), "{turn}");
        // Between two runs, the watch has no lock.
        project.fine(&["secrets", "rotate", "demo", "--lock-timeout", "0s"]);
    }

    #[test]
    fn with_q_only_diagnostics_are_printed() {
        let project = Project::new();
        let watch = Watch::start(&project, &["render", "--watch", "-q"]);
        while !project.has("rendered/eu/demo/user.yaml") {
            thread::sleep(Duration::from_millis(10));
        }
        assert!(watch.is_silent());
        project.put(DEMO, "kind: Sit\n");
        watch.complains("; nothing was written");
        while !watch.is_silent() {}
        project.put_site("globex");
        watch.complains("; nothing was written");
    }

    #[test]
    fn an_interrupt_ends_it() {
        let project = Project::new();
        let mut watch = started(&project);
        watch.signal("-INT");
        assert_eq!(watch.child.wait().unwrap().signal(), Some(2));
        project.fine(&["check"]);
    }

    #[test]
    fn it_ends_when_nobody_reads() {
        let project = Project::new();
        let mut watch = started(&project);
        watch.is_read_no_more();
        for number in 0.. {
            project.put(DEMO, &site("demo", &format!("domain: shop-{number}.example.com\n")));
            thread::sleep(Duration::from_millis(300));
            if let Some(status) = watch.child.try_wait().unwrap() {
                assert!(status.success());
                return;
            }
        }
    }

    /// A terminal shows only the last run.
    #[test]
    fn a_terminal_is_cleared_before_each_run() {
        if needed("script").is_none() {
            return;
        }
        let project = Project::new();
        let line = format!("{SITEWRIGHT} render --watch");
        let watch = Watch::of(project.command("script", &["-qfec", &line, "/dev/null"]));
        let first = watch.turn();
        assert!(first.starts_with("\u{1b}[H\u{1b}[2J+ eu/demo/"), "{first:?}");
        project.put_site("globex");
        let turn = watch.turn();
        assert!(turn.starts_with("\u{1b}[H\u{1b}[2J1 file changed\r\n+ eu/globex/"), "{turn:?}");
        assert!(turn.ends_with(&format!("\r\n\r\n{}", STATE.replace('\n', "\r\n"))), "{turn:?}");
    }

    /// The limit of the system belongs to a namespace of users.
    #[test]
    fn where_the_system_watches_no_more_folders_it_looks_by_time() {
        if needed("unshare").is_none() {
            return;
        }
        let project = Project::new();
        for (limit, what) in [
            ("max_inotify_watches", "the system's limit of watched folders is reached"),
            ("max_inotify_instances", "the system's limit of watching programs is reached"),
        ] {
            let line =
                format!("echo 0 >/proc/sys/user/{limit} && exec {SITEWRIGHT} render --watch");
            let watch = Watch::of(project.command("unshare", &["-Ur", "sh", "-c", &line]));
            let turn = watch.turn();
            assert!(turn.contains(&format!(" every 2 s, because {what}")), "{turn}");
            project.put(
                DEMO,
                &site("demo", &format!("domain: {}.example.com\n", limit.replace('_', "-"))),
            );
            let turn = watch.turn();
            assert!(turn.contains("\n0 created, 1 updated, 0 removed, "), "{turn}");
            assert!(turn.contains(" every 2 s, because "), "{turn}");
        }
    }
}
