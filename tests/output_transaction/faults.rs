//! What a run leaves behind when it fails, is killed or meets another run.
//!
//! Rights, limits and kills bind processes: these tests run this executable again, with the task
//! for [`child`] in its environment.

use crate::program;
use crate::support::{Output, taken, tree};
use sitewright::diagnostic::{Code, Diagnostic};
use sitewright::output::{Files, Folder, Scope, State, Written, with_header};
use std::collections::BTreeMap;
use std::fs::{self, File, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, thread};

const TASK: &str = "SITEWRIGHT_TEST_TASK";
const ROOT: &str = "SITEWRIGHT_TEST_ROOT";
const GENERATION: &str = "SITEWRIGHT_TEST_GENERATION";
const SITES: usize = 300;
const NOBODY: u32 = 65534;

/// A fleet in which, from one generation to the next, sites appear, change and go.
fn fleet(sites: usize, generation: usize) -> Files {
    let is_there = |site: &usize| !(site + generation).is_multiple_of(7);
    let files = |site| {
        ["database", "grant", "user"].map(|kind| {
            let version = if site % 3 == 0 { generation } else { 0 };
            let body = format!("kind: {kind}\nversion: {version}\n{}", "# filler\n".repeat(90));
            let path = format!("production/group-{}/site-{site}/{kind}.yaml", site % 9);
            (path, with_header(&format!("sites/production/site-{site}.yaml"), &body))
        })
    };
    (0..sites).filter(is_there).flat_map(files).collect()
}

fn write(path: &Path, wanted: &Files) -> Result<Written, Box<Diagnostic>> {
    taken(&Folder::new(path, "rendered"), wanted, &Scope::everything(), false)
}

/// Whether the folder holds the wanted files, their folders and nothing else.
fn assert_exact(path: &Path, wanted: &Files) {
    let mut expected: BTreeMap<String, Vec<u8>> = wanted.clone();
    for path in wanted.keys() {
        let folders = path.match_indices('/').map(|(at, _)| (path[..=at].to_owned(), Vec::new()));
        expected.extend(folders);
    }
    let found = tree(path);
    let names = |tree: &BTreeMap<String, Vec<u8>>| tree.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&found), names(&expected));
    assert!(found == expected, "the same names, but other bytes");
}

/// Not a test: the process that tests start.
#[test]
fn child() {
    let (Ok(task), Some(root)) = (env::var(TASK), env::var_os(ROOT)) else { return };
    let root = Path::new(&root);
    match task.as_str() {
        "write" => {
            let generation = env::var(GENERATION).unwrap().parse().unwrap();
            let outcome = match write(root, &fleet(SITES, generation)) {
                Ok(_) => "written".to_owned(),
                Err(error) => {
                    let help = error.help.unwrap_or_default();
                    format!("{} {} ({help})", error.code.id(), error.message)
                }
            };
            writeln!(io::stdout(), "outcome: {outcome}").unwrap();
        }
        "fill the disk" => fill_the_disk(root),
        other => panic!("no task {other}"),
    }
}

fn with_task(command: &mut Command, task: &str, root: &Path) {
    command.args(["faults::child", "--exact", "--nocapture"]);
    command.env(TASK, task).env(ROOT, root).env(GENERATION, "1");
}

fn leave_out(test: &str, reason: &str) {
    writeln!(io::stderr(), "left out: {test}: {reason}").unwrap();
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// The outcome of writing generation 1 as a user whom permissions bind; nothing where this one
/// cannot become such a user.
fn write_as_nobody(test: &str, output: &Output, root: &Path) -> Option<String> {
    let folder = output.temp.path();
    set_mode(folder, 0o755);
    let executable = folder.join("test");
    program::copy(&env::current_exe().unwrap(), &executable);
    let mut command = Command::new(executable);
    with_task(&mut command, "write", root);
    if fs::metadata(folder).unwrap().uid() == 0 {
        command.uid(NOBODY).gid(NOBODY).current_dir("/");
    }
    match command.output() {
        Ok(done) => {
            let text = String::from_utf8(done.stdout).unwrap();
            let (_, outcome) = text.split_once("outcome: ").expect("the child has an outcome");
            outcome.lines().next().map(str::to_owned)
        }
        Err(error) => {
            leave_out(test, &format!("no process for another user: {error}"));
            None
        }
    }
}

/// Generation 0, with this mode on one file or folder of it, and then generation 1 as nobody: the
/// outcome, and whether the tree is as before.
fn write_with_mode(test: &str, path: &str, mode: u32) -> Option<(String, bool)> {
    let output = Output::new(&[]);
    output.write(&fleet(SITES, 0));
    let before = output.tree();
    let top = output.path("");
    set_mode(&top, 0o777);
    set_mode(&output.path(path), mode);
    let outcome = write_as_nobody(test, &output, &top);
    set_mode(&output.path(path), 0o755);
    let is_same = output.tree() == before;
    if !is_same {
        assert_eq!(output.compare(&fleet(SITES, 1)).count(State::Edited), 0);
    }
    output.write(&fleet(SITES, 1));
    assert_exact(&top, &fleet(SITES, 1));
    Some((outcome?, is_same))
}

#[test]
fn a_read_only_output_folder_stays_as_it_was() {
    let Some((outcome, is_same)) = write_with_mode("read-only folder", "", 0o555) else { return };
    assert_eq!(
        outcome,
        "SW602 `rendered` cannot be written: Permission denied (os error 13) (make the output \
         folder and everything in it writable, then run again; nothing was changed)"
    );
    assert!(is_same);
}

#[test]
fn an_unreadable_file_stops_the_run_before_it_writes() {
    let path = "production/group-1/site-1/user.yaml";
    let Some((outcome, is_same)) = write_with_mode("unreadable file", path, 0o000) else { return };
    let message = format!("SW601 `rendered/{path}` cannot be read: Permission denied");
    assert!(outcome.starts_with(&message), "{outcome}");
    assert!(is_same);
}

#[test]
fn a_rename_that_fails_says_that_the_tree_is_partly_updated() {
    let path = "production/group-3";
    let Some((outcome, _)) = write_with_mode("read-only subfolder", path, 0o555) else { return };
    assert!(outcome.starts_with("SW602 `rendered/production/"), "{outcome}");
    assert!(outcome.contains("may be partly updated, but each file is complete"), "{outcome}");
}

#[test]
fn a_folder_that_cannot_be_made_leaves_nothing() {
    let output = Output::new(&[("note", b"kept\n")]);
    let root = output.path("a/b/c");
    let Some(outcome) = write_as_nobody("folder in the way", &output, &root) else { return };
    assert!(outcome.starts_with("SW602 `rendered` cannot be written"), "{outcome}");
    assert!(!output.path("a").exists());
}

/// Runs where no large file can be written: first into a folder that is missing, then into one
/// with an older fleet.
fn fill_the_disk(root: &Path) {
    let mut wanted = fleet(30, 1);
    wanted.insert(
        "production/large.yaml".into(),
        with_header("large", &"# filler\n".repeat(400_000)),
    );
    let assert_full = |error: &Diagnostic| {
        assert_eq!(error.code, Code::WriteFailed);
        let help = error.help.as_deref().unwrap();
        assert!(help.ends_with("nothing was changed"), "{help}");
        writeln!(io::stdout(), "outcome: {}", error.message).unwrap();
    };

    assert_full(&write(&root.join("a/b"), &wanted).unwrap_err());
    assert!(!root.join("a").exists());

    let old = root.join("old");
    write(&old, &fleet(30, 0)).unwrap();
    assert_full(&write(&old, &wanted).unwrap_err());
    assert_exact(&old, &fleet(30, 0));
}

#[test]
fn a_file_that_cannot_be_written_leaves_the_tree_as_it_was() {
    let output = Output::new(&[("note", b"")]);
    let mut command = Command::new("sh");
    command.args(["-c", r#"trap "" XFSZ; ulimit -f 8; exec "$0" "$@""#]);
    command.arg(env::current_exe().unwrap());
    with_task(&mut command, "fill the disk", &output.path(""));
    let done = command.output().unwrap();
    let text = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success(), "{text}");
    let message = "`rendered/production/large.yaml` cannot be written: File too large";
    assert_eq!(text.matches(message).count(), 2, "{text}");
}

#[test]
fn a_full_disk_leaves_the_tree_as_it_was() {
    const NO_MOUNT: i32 = 77;
    let output = Output::new(&[("note", b"")]);
    let is_root = fs::metadata(output.temp.path()).unwrap().uid() == 0;
    let mut command = Command::new("unshare");
    command.args([if is_root { "-m" } else { "-rm" }, "sh", "-c"]);
    command.arg(format!(
        r#"mount -t tmpfs -o size=1m none "${ROOT}" || exit {NO_MOUNT}; exec "$0" "$@""#
    ));
    command.arg(env::current_exe().unwrap());
    with_task(&mut command, "fill the disk", &output.path(""));
    let done = match command.output() {
        Ok(done) if done.status.code() != Some(NO_MOUNT) => done,
        Ok(done) => return leave_out("full disk", &String::from_utf8_lossy(&done.stderr)),
        Err(error) => return leave_out("full disk", &format!("unshare: {error}")),
    };
    let text = String::from_utf8_lossy(&done.stdout);
    if text.is_empty() {
        return leave_out("full disk", &String::from_utf8_lossy(&done.stderr));
    }
    assert!(done.status.success(), "{text}");
    assert_eq!(text.matches("cannot be written: No space left on device").count(), 2, "{text}");
}

/// Starts writing a generation, and kills it after a while unless it has ended.
fn write_and_kill(root: &Path, generation: usize, after: Duration) {
    let mut command = Command::new(env::current_exe().unwrap());
    with_task(&mut command, "write", root);
    command.env(GENERATION, generation.to_string()).stdout(Stdio::null());
    let mut child = command.spawn().unwrap();
    thread::sleep(after);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_killed_run_leaves_whole_files_and_the_next_one_does_the_rest() {
    const ROUNDS: u32 = 24;
    let output = Output::new(&[]);
    let root = output.path("");
    let started = Instant::now();
    write(&root, &fleet(SITES, 0)).unwrap();
    let whole_run = started.elapsed();
    let mut cut_off = 0;
    for round in 1..=ROUNDS {
        // Every third round starts from nothing: there whole folders move.
        if round % 3 == 0 {
            fs::remove_dir_all(&root).unwrap();
            fs::create_dir(&root).unwrap();
        }
        // Steps through the run by a part that no number of rounds makes even.
        let after = whole_run.mul_f64(f64::from(round) * 0.618_034 % 1.0);
        write_and_kill(&root, round as usize, after);
        let wanted = fleet(SITES, round as usize);
        cut_off += usize::from(root.join(".sitewright-staging").exists());
        let found = output.compare(&wanted);
        let damaged = found.count(State::Edited) + found.count(State::Foreign);
        assert_eq!(damaged, 0, "{:?}", found.entries);
        assert!(tree(&root).iter().all(|(path, bytes)| {
            path.starts_with('.') || path.ends_with('/') || !bytes.is_empty()
        }));
        write(&root, &wanted).unwrap();
        assert_exact(&root, &wanted);
    }
    assert!(cut_off > 0, "no run was cut off while it wrote");
}

#[test]
fn a_folder_that_another_run_holds_is_busy() {
    let output = Output::new(&[("note", b"kept\n")]);
    let root = output.path("");
    let held = File::open(&root).unwrap();
    held.lock().unwrap();
    let error = write(&root, &fleet(3, 0)).unwrap_err();
    assert_eq!(error.code, Code::Busy);
    assert_eq!(error.message, "another run is writing `rendered`");
    assert!(!output.compare(&fleet(3, 0)).is_current());
    assert_eq!(output.paths(), ["note"]);
    drop(held);
    write(&root, &fleet(3, 0)).unwrap();
}

#[test]
fn runs_at_once_end_with_the_tree_of_one() {
    let output = Output::new(&[]);
    let root = output.path("");
    fs::create_dir(&root).unwrap();
    let results: Vec<_> = thread::scope(|scope| {
        let run = |generation| {
            let root = &root;
            scope.spawn(move || write(root, &fleet(SITES, generation)))
        };
        let runs: Vec<_> = (0..4).map(run).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    let is_busy = |error: &Diagnostic| error.code == Code::Busy;
    assert!(results.iter().all(|result| result.as_ref().map_or_else(|e| is_busy(e), |_| true)));
    let is_exact = |generation: &usize| output.compare(&fleet(SITES, *generation)).is_current();
    let last = (0..4).find(is_exact).expect("the tree of one run");
    assert!(results[last].is_ok());
    assert_exact(&root, &fleet(SITES, last));
}
