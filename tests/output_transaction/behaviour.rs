//! What a run writes, removes and leaves alone, case by case.

use crate::support::{Output, crlf, edited, manifest, taken};
use sitewright::diagnostic::{Code, Diagnostic};
use sitewright::output::{Entry, Files, Folder, Scope, State, Written};
use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::Path;

fn wanted(paths: &[&str]) -> Files {
    paths.iter().map(|path| ((*path).to_owned(), manifest(path, 1))).collect()
}

fn entry(path: &str, state: State, wanted: bool) -> Entry {
    Entry { path: path.to_owned(), state, wanted }
}

fn ids(path: &Path) -> (u64, i64, i64) {
    let found = fs::metadata(path).unwrap();
    (found.ino(), found.mtime(), found.mtime_nsec())
}

#[test]
fn a_cold_run_writes_exactly_the_wanted_tree() {
    let output = Output::new(&[]);
    let wanted =
        wanted(&["p/a/db.yaml", "p/a/user.yaml", "p/b/c/db.yaml", "q/a/db.yaml", "r.yaml"]);
    let written = output.write(&wanted);
    assert_eq!(written.created, wanted.keys().cloned().collect::<Vec<_>>());
    assert!(written.updated.is_empty() && written.removed.is_empty() && written.kept.is_empty());
    let mut tree = output.tree();
    for folder in ["p/", "p/a/", "p/b/", "p/b/c/", "q/", "q/a/"] {
        assert_eq!(tree.remove(folder), Some(Vec::new()), "{folder}");
    }
    assert_eq!(tree, wanted);
    assert!(output.compare(&wanted).is_current());
}

#[test]
fn nothing_wanted_makes_no_folder() {
    let output = Output::new(&[]);
    assert_eq!(output.write(&Files::new()), Written::default());
    assert!(!output.path("").exists());
}

#[test]
fn an_unchanged_file_keeps_its_inode_and_time() {
    let output = Output::new(&[]);
    output.write(&wanted(&["p/a/db.yaml", "p/a/user.yaml"]));
    let before = ids(&output.path("p/a/db.yaml"));
    let mut wanted = wanted(&["p/a/db.yaml", "p/a/user.yaml", "p/a/grant.yaml"]);
    wanted.insert("p/a/user.yaml".into(), manifest("p/a/user.yaml", 2));
    let written = output.write(&wanted);
    assert_eq!(written.unchanged, 1);
    assert_eq!(written.updated, ["p/a/user.yaml"]);
    assert_eq!(written.created, ["p/a/grant.yaml"]);
    assert_eq!(ids(&output.path("p/a/db.yaml")), before);
    assert_eq!(fs::read(output.path("p/a/user.yaml")).unwrap(), wanted["p/a/user.yaml"]);
}

#[test]
fn stale_files_go_with_the_folders_they_leave_empty() {
    let output = Output::new(&[]);
    output.write(&wanted(&["p/a/db.yaml", "p/b/c/db.yaml", "p/b/c/user.yaml", "q/a/db.yaml"]));
    output.put("q/a/.gitkeep", b"");
    fs::create_dir(output.path("p/empty")).unwrap();
    let written = output.write(&wanted(&["p/a/db.yaml"]));
    assert_eq!(written.removed, ["p/b/c/db.yaml", "p/b/c/user.yaml", "q/a/db.yaml"]);
    let left = ["p/", "p/a/", "p/a/db.yaml", "p/empty/", "q/", "q/a/", "q/a/.gitkeep"];
    assert_eq!(output.paths(), left);
    assert_eq!(output.write(&Files::new()).removed, ["p/a/db.yaml"]);
    assert!(output.path("").is_dir());
}

#[test]
fn foreign_and_edited_files_are_kept_and_reported() {
    let files = ["p/edited.yaml", "p/foreign.yaml", "p/fine.yaml"];
    let output = Output::new(&[
        ("p/edited.yaml", &edited("p/edited.yaml")),
        ("p/foreign.yaml", b"kind: Secret\n"),
        ("p/gone.yaml", &edited("p/gone.yaml")),
        ("p/README.md", b"# Notes\n"),
    ]);
    let before = output.tree();
    let written = output.write(&wanted(&files));
    let kept = [
        entry("p/README.md", State::Foreign, false),
        entry("p/edited.yaml", State::Edited, true),
        entry("p/foreign.yaml", State::Foreign, true),
        entry("p/gone.yaml", State::Edited, false),
    ];
    assert_eq!(written.kept, kept);
    assert_eq!(written.created, ["p/fine.yaml"]);
    let after = output.tree();
    assert!(before.iter().all(|(path, bytes)| after.get(path) == Some(bytes)));

    let warnings = output.folder().warnings(&written.kept);
    let codes: Vec<Code> = warnings.iter().map(|warning| warning.code).collect();
    assert_eq!(codes, [Code::Foreign, Code::Edited, Code::Foreign, Code::Edited]);
    assert_eq!(
        warnings[2].message,
        "`rendered/p/foreign.yaml` has the path of a manifest, but sitewright did not write it, so it is not changed"
    );

    let forced = output.force(&wanted(&files));
    assert_eq!(forced.updated, ["p/edited.yaml", "p/foreign.yaml"]);
    assert_eq!(forced.removed, ["p/gone.yaml"]);
    assert_eq!(forced.kept, [entry("p/README.md", State::Foreign, false)]);
    assert_eq!(output.compare(&wanted(&files)).unchanged, 3);
}

#[test]
fn what_comes_below_a_folder_that_stays_is_seen() {
    let output = Output::new(&[]);
    output.write(&wanted(&["p/a/db.yaml", "p/a/user.yaml", "p/a-b/db.yaml"]));
    let run = |paths: &[&str]| {
        let stay = ["p/a/db.yaml", "p/a/user.yaml", "p/a-b/db.yaml"];
        taken(&output.folder(), &wanted(&[&stay, paths].concat()), &Scope::everything(), false)
    };
    let written = run(&["p/a/b/db.yaml", "p/a/c/d/db.yaml"]).unwrap();
    assert_eq!(written.created, ["p/a/b/db.yaml", "p/a/c/d/db.yaml"]);
    assert_eq!((written.unchanged, written.kept.as_slice()), (3, &[][..]));
    let written = run(&["p/a/c/d/db.yaml"]).unwrap();
    assert_eq!((written.unchanged, written.removed), (4, vec!["p/a/b/db.yaml".to_owned()]));
    run(&[]).unwrap();
    assert_eq!(run(&[]).unwrap(), Written { unchanged: 3, ..Written::default() });
    // Nobody asks for this; nothing may come of it.
    let kept = vec![entry("p/a/db.yaml", State::Untouchable, true)];
    let written = run(&["p/a/db.yaml/c.yaml"]).unwrap();
    assert_eq!(written, Written { unchanged: 3, kept, ..Written::default() });
    assert!(output.path("p/a/db.yaml").is_file());
}

#[test]
fn links_and_misplaced_folders_are_never_touched() {
    let output = Output::new(&[
        ("p/folder.yaml/inside.yaml", &manifest("inside", 1)),
        ("p/file", &manifest("p/file", 1)),
        ("elsewhere/db.yaml", b"kept\n"),
    ]);
    symlink("../elsewhere", output.path("p/link")).unwrap();
    symlink("nowhere", output.path("p/link.yaml")).unwrap();
    symlink("nowhere", output.path("p/unwanted")).unwrap();
    let wanted = wanted(&["p/file/db.yaml", "p/folder.yaml", "p/link/db.yaml", "p/link.yaml"]);
    let before = output.tree();
    let kept = [
        entry("elsewhere/db.yaml", State::Foreign, false),
        entry("p/file", State::Untouchable, true),
        entry("p/folder.yaml", State::Untouchable, true),
        entry("p/link", State::Untouchable, true),
        entry("p/link.yaml", State::Untouchable, true),
        entry("p/unwanted", State::Untouchable, false),
    ];
    assert_eq!(output.write(&wanted).kept, kept);
    assert_eq!(output.force(&wanted), Written { kept: kept.to_vec(), ..Written::default() });
    assert_eq!(output.tree(), before);
    let warnings = output.folder().warnings(&kept);
    assert!(warnings.iter().all(|warning| warning.code == Code::Foreign));
}

#[test]
fn turned_line_ends_are_no_edit() {
    let files = wanted(&["p/a.yaml", "p/b.yaml"]);
    let output = Output::new(&[
        ("p/a.yaml", &crlf(&manifest("p/a.yaml", 1))),
        ("p/b.yaml", &crlf(&manifest("p/b.yaml", 2))),
        ("p/c.yaml", &crlf(&manifest("p/c.yaml", 1))),
    ]);
    let entries = [
        entry("p/a.yaml", State::Crlf, true),
        entry("p/b.yaml", State::Outdated, true),
        entry("p/c.yaml", State::Stale, false),
    ];
    assert_eq!(output.compare(&files).entries, entries);
    let written = output.write(&files);
    assert_eq!((written.updated.len(), written.removed.len()), (2, 1));
    assert!(output.compare(&files).is_current());
}

#[test]
fn a_scope_leaves_the_rest_alone() {
    let output = Output::new(&[
        ("p/a/old.yaml", &manifest("old", 1)),
        ("p/a-b/old.yaml", &manifest("old", 1)),
        ("p/foreign.yaml", b"foreign\n"),
        ("q/a/old.yaml", &manifest("old", 1)),
    ]);
    let wanted = wanted(&["p/a/new.yaml", "p/a-b/new.yaml", "p/foreign.yaml", "q/a/new.yaml"]);
    let scope = Scope::of(["p/a", "q/a/new.yaml"]);
    let written = output.folder().write(&wanted, &scope, true).unwrap();
    assert_eq!(written.created, ["p/a/new.yaml", "q/a/new.yaml"]);
    assert_eq!(written.removed, ["p/a/old.yaml"]);
    assert!(written.updated.is_empty() && written.kept.is_empty());
    assert!(output.folder().compare(&wanted, &scope).unwrap().is_current());
    assert!(!output.compare(&wanted).is_current());
}

#[test]
fn what_a_killed_run_left_is_cleared() {
    let output = Output::new(&[
        ("p/a.yaml", b""),
        (".sitewright-staging/p/a.yaml", b"half"),
        (".sitewright-staging/.thinned", b"p/gone/deep\np/full\n../outside\n"),
        ("p/full/note.txt", b"kept\n"),
    ]);
    fs::create_dir(output.path("p/gone")).unwrap();
    fs::create_dir(output.temp.path().join("outside")).unwrap();
    let written = output.write(&wanted(&["p/a.yaml"]));
    assert_eq!(written.updated, ["p/a.yaml"]);
    assert_eq!(output.paths(), ["p/", "p/a.yaml", "p/full/", "p/full/note.txt"]);
    assert!(output.temp.path().join("outside").is_dir());
}

fn error(folder: &Folder, wanted: &Files) -> Diagnostic {
    let everything = Scope::everything();
    let error = *folder.write(wanted, &everything, false).unwrap_err();
    assert_eq!(*taken(folder, wanted, &everything, false).unwrap_err(), error);
    error
}

#[test]
fn an_output_path_that_is_no_folder_is_an_error() {
    let output = Output::new(&[("file", b"kept\n")]);
    symlink(".", output.path("link")).unwrap();
    let files = wanted(&["a.yaml"]);
    for (name, message) in [
        ("file", "`out` is a file, not a folder"),
        ("link", "`out` is a symbolic link, not a folder"),
        ("file/below", "`out` cannot be read: Not a directory (os error 20)"),
    ] {
        let folder = Folder::new(output.path(name), "out");
        let error = error(&folder, &files);
        assert_eq!((error.code, error.message.as_str()), (Code::OutputPlace, message));
        assert_eq!(folder.compare(&files, &Scope::everything()).unwrap_err().message, message);
    }
    assert_eq!(output.paths(), ["file", "link"]);
}

#[test]
fn no_path_leads_out_of_the_folder() {
    let output = Output::new(&[]);
    for path in ["../a.yaml", "/tmp/a.yaml", "p/../../a.yaml", ".git/config", "b.yaml/a.yaml"] {
        let error = error(&output.folder(), &wanted(&["b.yaml", path]));
        assert_eq!(error.code, Code::WriteFailed, "{path}");
    }
    assert!(!output.path("").exists());
}
