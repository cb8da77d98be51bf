//! A release is refused if its parts disagree, or if a program is not what its name says.

use crate::stage::{Stage, VERSION, built, ended, repository, script};
use crate::tools::needed;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A repository with what the script reads, committed, and a changelog that has the section of this version.
fn agreeing(stage: &Stage) -> PathBuf {
    let root = stage.path("repository");
    for path in ["packaging/release", "Cargo.toml", "api/Cargo.toml", "reconciler/Cargo.toml"] {
        let copy = root.join(path);
        fs::create_dir_all(copy.parent().unwrap()).unwrap();
        fs::copy(repository().join(path), copy).unwrap();
    }
    let changelog = format!("# Changelog\n\n## Unreleased\n\n## {VERSION} - 2026-12-01\n");
    fs::write(root.join("CHANGELOG.md"), changelog).unwrap();
    git(&root, &["init", "--quiet"]);
    commit(&root);
    root
}

fn git(root: &Path, arguments: &[&str]) {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=a", "-c", "user.email=a@b.c"]).args(arguments);
    ended(&command.current_dir(root).output().unwrap(), 0);
}

fn commit(root: &Path) {
    git(root, &["add", "--all"]);
    git(root, &["commit", "--quiet", "--message", "all"]);
}

/// What the script says, which must fail.
#[track_caller]
fn refused(stage: &Stage, root: &Path, arguments: &[&str]) -> String {
    let mut command = stage.command(root);
    command.args(arguments).arg("--out").arg(stage.path("dist"));
    let said = ended(&command.output().unwrap(), 1);
    said.lines().find(|line| line.starts_with("error: ")).expect(&said).to_owned()
}

#[test]
fn a_tag_the_manifests_and_the_changelog_must_agree() {
    if needed("git").is_none() {
        return;
    }
    let stage = Stage::new();
    let root = agreeing(&stage);
    let tag = format!("v{VERSION}");
    let other = "9.9.9";
    let change = |path: &str, from: &str, to: &str| {
        let text = fs::read_to_string(root.join(path)).unwrap();
        assert!(text.contains(from));
        fs::write(root.join(path), text.replacen(from, to, 1)).unwrap();
        commit(&root);
    };
    let version = format!("version = \"{VERSION}\"");

    let said = refused(&stage, &root, &["--tag", "v9.9.9"]);
    assert_eq!(said, format!("error: the tag is v9.9.9, and Cargo.toml has the version {VERSION}"));
    for manifest in ["api/Cargo.toml", "reconciler/Cargo.toml"] {
        let changed = format!("version = \"{other}\"");
        change(manifest, &version, &changed);
        let said = refused(&stage, &root, &["--tag", &tag]);
        assert_eq!(
            said,
            format!("error: {manifest} has the version {other}, and Cargo.toml has {VERSION}")
        );
        change(manifest, &changed, &version);
    }
    // A version that a dot of a pattern would fit.
    let near = VERSION.replacen('.', "x", 1);
    change("CHANGELOG.md", &format!("## {VERSION} "), &format!("## {near} "));
    let said = refused(&stage, &root, &["--tag", &tag]);
    assert_eq!(said, format!("error: CHANGELOG.md has no section '## {VERSION} - YYYY-MM-DD'"));
    change("CHANGELOG.md", &format!("## {near} "), &format!("## {VERSION} "));
    fs::write(root.join("new"), "").unwrap();
    let said = refused(&stage, &root, &["--tag", &tag]);
    assert_eq!(said, "error: files differ from the commit; git status lists them");
    fs::remove_file(root.join("new")).unwrap();
    assert!(!stage.path("asked").exists(), "something was built");

    // All agrees, so Cargo is asked; it finds no crates here.
    let mut command = stage.command(&root);
    command.args(["--tag", &tag, "--out"]).arg(stage.path("dist")).arg(built().0);
    assert!(!command.output().unwrap().status.success());
    assert!(stage.path("asked").exists());
}

#[test]
fn a_folder_that_has_something_is_not_written() {
    let stage = Stage::new();
    fs::create_dir(stage.path("dist")).unwrap();
    fs::write(stage.path("dist/mine"), "").unwrap();
    let said = refused(&stage, repository(), &[]);
    assert_eq!(said, format!("error: {} is not empty", stage.path("dist").display()));
    assert!(stage.path("dist/mine").exists());
}

/// A script stands for the program, with what is wrong about it.
#[test]
fn a_program_must_be_what_its_name_says() {
    let stage = Stage::new();
    let (target, commit) = built();
    let build = if commit.is_empty() { target.clone() } else { format!("{commit}, {target}") };
    let program = |says: &str, more: &str| {
        let text = format!("echo '{says}'\nexit 0\n{more}");
        script(&stage.path("programs/sitewright"), &text);
        let said = refused(&stage, repository(), &[&target]);
        fs::remove_dir_all(stage.path("dist")).unwrap();
        said
    };
    let right = format!("sitewright {VERSION} ({build})");
    let wrong = format!("sitewright {VERSION} (another-target)");
    assert_eq!(program(&wrong, ""), format!("error: the program says that it is {wrong}"));
    let source = repository().join("src/main.rs");
    let said = program(&right, source.to_str().unwrap());
    assert_eq!(said, "error: sitewright has paths of this machine");
    let said = program(&right, stage.path("cargo home/registry").to_str().unwrap());
    assert_eq!(said, "error: sitewright has paths of this machine");
}

/// The program lists its crates, and a message of a panic names the file of a crate.
#[test]
fn a_bill_and_its_program_must_have_the_same_crates() {
    let stage = Stage::new();
    let (target, commit) = built();
    let mut command = stage.command(repository());
    command.arg("--out").arg(stage.path("dist")).arg(&target).env("WITHOUT", "minijinja");
    let said = ended(&command.output().unwrap(), 1);
    let line = said.lines().find(|line| line.starts_with("error: ")).unwrap();
    let start = "error: the bill of materials of sitewright lists what the program does not have: \
                 minijinja@";
    assert!(line.starts_with(start), "{said}");
    fs::remove_dir_all(stage.path("dist")).unwrap();

    let build = if commit.is_empty() { target.clone() } else { format!("{commit}, {target}") };
    let sources = "/cargo-home/registry/src/index-1/left-pad-1.2.3+one/src/lib.rs\n\
                   /cargo-home/registry/src/index-1/minijinja-VERSION/src/lib.rs";
    let lock = fs::read_to_string(repository().join("Cargo.lock")).unwrap();
    let version = lock.split("name = \"minijinja\"\nversion = \"").nth(1).unwrap();
    let sources = sources.replace("VERSION", version.split('"').next().unwrap());
    let text = format!("echo 'sitewright {VERSION} ({build})'\nexit 0\n{sources}");
    script(&stage.path("programs/sitewright"), &text);
    let said = refused(&stage, repository(), &[&target]);
    let wanted = "error: the bill of materials of sitewright lacks what the program has: \
                  left-pad@1.2.3+one";
    assert_eq!(said, wanted);
}

#[test]
fn a_static_target_needs_a_static_program() {
    let (target, _) = built();
    // The program of the tests is linked to the C library.
    if needed("readelf").is_none() || !target.ends_with("-gnu") {
        return;
    }
    let stage = Stage::new();
    let said = refused(&stage, repository(), &[&target.replace("-gnu", "-musl")]);
    assert_eq!(said, "error: sitewright is not static");
}
