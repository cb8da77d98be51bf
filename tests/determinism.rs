//! The same definitions give the same bytes: whatever the machine, the user, the place, the number of
//! threads and the order in which a file system lists its files. These tests run the real binary.

#[cfg(test)]
mod samples;

#[cfg(test)]
mod tests {
    use super::samples::{files, samples};
    use std::collections::BTreeMap;
    use std::fs;
    use std::path::{Path, PathBuf};
    use std::process::Command;
    use tempfile::TempDir;

    type Tree = BTreeMap<String, Vec<u8>>;

    /// The inputs of a sample: its definitions and its templates.
    fn input(root: &Path) -> Tree {
        let mut input = Tree::new();
        for folder in ["sites", "templates"] {
            if root.join(folder).is_dir() {
                let found = files(&root.join(folder)).into_iter();
                input.extend(found.map(|(path, bytes)| (format!("{folder}/{path}"), bytes)));
            }
        }
        input
    }

    /// A copy of a project whose files were created in the order given.
    fn copy<'a>(input: impl Iterator<Item = (&'a String, &'a Vec<u8>)>) -> TempDir {
        let copy = tempfile::tempdir().unwrap();
        for (path, bytes) in input {
            let path = copy.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        copy
    }

    fn sitewright() -> Command {
        Command::new(env!("CARGO_BIN_EXE_sitewright"))
    }

    fn succeed(command: &mut Command) -> String {
        let output = command.output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command:?}: {errors}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// What a run in a project writes; `set` changes the run.
    fn render(project: &TempDir, set: impl FnOnce(&mut Command)) -> Tree {
        let mut command = sitewright();
        command.arg("render").current_dir(project.path());
        set(&mut command);
        succeed(&mut command);
        files(&project.path().join("rendered"))
    }

    /// Renders a fresh copy of every sample, and compares with what is committed.
    fn each_sample(what: &str, run: impl Fn(&Tree) -> Tree) {
        for sample in samples() {
            let committed = files(&sample.root.join("rendered"));
            let rendered = run(&input(&sample.root));
            let paths = committed.keys().chain(rendered.keys());
            let differing: Vec<&String> =
                paths.filter(|path| committed.get(*path) != rendered.get(*path)).collect();
            assert!(differing.is_empty(), "{} {what}: {differing:?}", sample.name);
        }
    }

    #[test]
    fn threads_do_not_matter() {
        for jobs in ["1", "2", "7"] {
            each_sample(jobs, |input| {
                render(&copy(input.iter()), |command| {
                    command.args(["--jobs", jobs]);
                })
            });
        }
    }

    #[test]
    fn the_place_does_not_matter() {
        let elsewhere = tempfile::tempdir().unwrap();
        each_sample("from elsewhere", |input| {
            let project = copy(input.iter());
            render(&project, |command| {
                command.arg("-C").arg(project.path()).current_dir(elsewhere.path());
            })
        });
        each_sample("by a relative path", |input| {
            let project = copy(input.iter());
            let name = project.path().file_name().unwrap().to_owned();
            let parent = project.path().parent().unwrap().to_owned();
            render(&project, |command| {
                command.arg("-C").arg(name).current_dir(parent);
            })
        });
        let left_behind = files(elsewhere.path());
        assert!(left_behind.is_empty(), "written where the run was started: {left_behind:?}");
    }

    #[test]
    fn the_order_of_files_does_not_matter() {
        each_sample("created backwards", |input| render(&copy(input.iter().rev()), |_| {}));
        for seed in 1..=3_u64 {
            each_sample("created in disorder", |input| {
                let mut shuffled: Vec<_> = input.iter().collect();
                shuffle(&mut shuffled, seed);
                assert!(shuffled.len() < 4 || !shuffled.iter().is_sorted(), "not in disorder");
                render(&copy(shuffled.into_iter()), |_| {})
            });
        }
    }

    /// Fisher and Yates, with Knuth's linear congruential generator: disorder that can be repeated.
    fn shuffle<T>(items: &mut [T], seed: u64) {
        let mut state = seed;
        for last in (1..items.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            items.swap(last, (state >> 33) as usize % (last + 1));
        }
    }

    #[test]
    fn the_environment_does_not_matter() {
        let home = tempfile::tempdir().unwrap();
        let home = home.path().to_str().unwrap();
        let environments: [&[(&str, &str)]; 4] = [
            &[("LANG", "tr_TR.UTF-8"), ("LC_ALL", "tr_TR.UTF-8"), ("TZ", "Pacific/Kiritimati")],
            &[("LANG", "C"), ("LC_ALL", "C"), ("TZ", "America/Los_Angeles")],
            &[("HOME", home), ("USER", "somebody"), ("LOGNAME", "somebody"), ("HOSTNAME", "other")],
            &[("SOURCE_DATE_EPOCH", "1"), ("NO_COLOR", "1"), ("RUST_BACKTRACE", "full")],
        ];
        for environment in environments {
            each_sample(&format!("{environment:?}"), |input| {
                render(&copy(input.iter()), |command| {
                    command.envs(environment.iter().copied());
                })
            });
        }
        each_sample("with no environment at all", |input| {
            render(&copy(input.iter()), |command| {
                command.env_clear();
            })
        });
    }

    #[cfg(unix)]
    #[test]
    fn the_umask_does_not_matter() {
        for umask in ["000", "077"] {
            each_sample(&format!("umask {umask}"), |input| {
                let project = copy(input.iter());
                let script = format!("umask {umask} && exec \"$0\" render");
                let mut shell = Command::new("sh");
                shell.args(["-c", &script, env!("CARGO_BIN_EXE_sitewright")]);
                succeed(shell.current_dir(project.path()));
                files(&project.path().join("rendered"))
            });
        }
    }

    /// Nothing is written again: not even the same bytes into the same file.
    #[cfg(unix)]
    #[test]
    fn a_second_render_touches_nothing() {
        for sample in samples() {
            let project = copy(input(&sample.root).iter());
            render(&project, |_| {});
            let before = stamps(project.path());
            render(&project, |_| {});
            assert_eq!(before, stamps(project.path()), "{}", sample.name);
        }
    }

    /// Inode, time of the last writing and of the last change of anything, for all that is below.
    #[cfg(unix)]
    fn stamps(folder: &Path) -> BTreeMap<PathBuf, (u64, [i64; 4])> {
        use std::os::unix::fs::MetadataExt;
        let mut found = BTreeMap::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let of = fs::symlink_metadata(&path).unwrap();
            if of.is_dir() {
                found.extend(stamps(&path));
            }
            let times = [of.mtime(), of.mtime_nsec(), of.ctime(), of.ctime_nsec()];
            found.insert(path, (of.ino(), times));
        }
        found
    }

    /// What is printed is what is written.
    #[test]
    fn printing_is_deterministic_too() {
        for sample in samples() {
            let project = copy(input(&sample.root).iter());
            // For the passwords of examples, which have no records.
            render(&project, |_| {});
            for (command, folder) in [("render", "rendered"), ("gitops", "gitops")] {
                let mut program = sitewright();
                let program = program.args([command, "--stdout", "-C"]).arg(project.path());
                let printed = succeed(program);
                let committed = files(&sample.root.join(folder));
                let texts = committed.into_values().map(|bytes| String::from_utf8(bytes).unwrap());
                let expected: Vec<String> = texts.collect();
                assert!(printed == expected.join("---\n"), "{}: {command}", sample.name);
            }
        }
    }
}
