//! The workflows only call the scripts, and have no more rights than they need.

use crate::stage::{Stage, ended, repository, script};
use serde_yaml::Value;
use std::fs;

fn workflow(name: &str) -> (String, Value) {
    let text = fs::read_to_string(repository().join(".github/workflows").join(name)).unwrap();
    let value = serde_yaml::from_str(&text).unwrap();
    (text, value)
}

fn step<'a>(job: &'a Value, name: &str) -> &'a Value {
    job["steps"].as_sequence().unwrap().iter().find(|step| step["name"] == name).unwrap()
}

/// A tag of another repository can move, and a commit cannot.
#[test]
fn actions_of_others_are_pinned_to_commits() {
    let mut used = 0;
    for name in ["release.yml", "advisories.yml"] {
        for line in workflow(name).0.lines().filter_map(|line| line.split_once("uses: ")) {
            let (action, version) = line.1.split_once(" # v").unwrap();
            let (_, commit) = action.split_once('@').unwrap();
            let is_commit = commit.len() == 40 && commit.bytes().all(|it| it.is_ascii_hexdigit());
            assert!(is_commit && version.split('.').count() == 3, "{name}: {}", line.1);
            used += 1;
        }
    }
    assert_eq!(used, 5);
}

#[test]
fn only_the_job_that_runs_no_code_of_the_repository_may_write() {
    let (_, advisories) = workflow("advisories.yml");
    let (_, release) = workflow("release.yml");
    let rights = |value: &Value| serde_yaml::to_string(&value["permissions"]).unwrap();
    assert_eq!(rights(&advisories), "contents: read\n");
    assert_eq!(rights(&release), "{}\n");
    let jobs = &release["jobs"];
    assert_eq!(rights(&jobs["build"]), "contents: read\n");
    assert_eq!(jobs["publish"]["needs"], "build");
    for step in jobs["publish"]["steps"].as_sequence().unwrap() {
        assert!(!step["uses"].as_str().unwrap_or_default().contains("checkout"));
        assert!(!step["run"].as_str().unwrap_or_default().contains("packaging/"));
    }
}

/// The steps in the order in which they run, with scripts in place of what they call.
#[test]
fn a_tag_is_passed_on() {
    let (_, release) = workflow("release.yml");
    let make = step(&release["jobs"]["build"], "Make the release");
    let stage = Stage::new();
    script(&stage.path("packaging/release"), r#"echo "asked for:$(printf ' [%s]' "$@")""#);
    let run = |tag: &str| {
        let mut command = std::process::Command::new("bash");
        command.args(["-ec", make["run"].as_str().unwrap()]).current_dir(stage.path("."));
        ended(&command.env("TAG", tag).output().unwrap(), 0)
    };
    assert_eq!(run("v1.2.3"), "asked for: [--tag] [v1.2.3]\n");
    // Started by hand.
    assert_eq!(run(""), "asked for: []\n");
    assert!(repository().join("packaging/release").exists());
}

/// The notes of a release are its section of the changelog.
#[test]
fn a_release_is_published_with_its_section_of_the_changelog() {
    let (_, release) = workflow("release.yml");
    let publish = step(&release["jobs"]["publish"], "Publish");
    let stage = Stage::new();
    script(&stage.path("bin/gh"), r#"echo "$@" > asked; cp notes.md noted"#);
    let folder = stage.path("dist/sitewright-1.2.3-x86_64-unknown-linux-musl");
    fs::create_dir_all(&folder).unwrap();
    let changelog = "# Changelog\n\n## Unreleased\n\n- Later.\n\n## 1.2.3 - 2026-12-01\n\n\
                     ### Added\n\n- This.\n\n## 1.2.2 - 2026-11-30\n\n- Earlier.\n";
    fs::write(folder.join("CHANGELOG.md"), changelog).unwrap();
    let pack = "cd dist && tar -czf $(echo *).tar.gz * && rm -r *-musl";
    let path = format!("{}:{}", stage.path("bin").display(), std::env::var("PATH").unwrap());
    for line in [pack, publish["run"].as_str().unwrap()] {
        let mut command = std::process::Command::new("bash");
        command.args(["-eo", "pipefail", "-c", line]).current_dir(stage.path("."));
        ended(&command.env("TAG", "v1.2.3").env("PATH", &path).output().unwrap(), 0);
    }
    let asked = fs::read_to_string(stage.path("asked")).unwrap();
    let wanted = "release create v1.2.3 --verify-tag --title v1.2.3 --notes-file notes.md \
                  dist/sitewright-1.2.3-x86_64-unknown-linux-musl.tar.gz\n";
    assert_eq!(asked, wanted);
    let noted = fs::read_to_string(stage.path("noted")).unwrap();
    assert_eq!(noted, "\n### Added\n\n- This.\n\n");
}

/// Scripts stand for what installs.
#[test]
fn the_tools_are_installed_in_one_version_each() {
    let stage = Stage::new();
    for name in ["cargo", "rustup", "python3"] {
        script(&stage.path("tools").join(name), &format!("echo {name} \"$@\""));
    }
    let path = format!("{}:{}", stage.path("tools").display(), std::env::var("PATH").unwrap());
    let install = |crates: &[&str], code: i32| {
        let mut command = std::process::Command::new("bash");
        command.arg(repository().join("packaging/tools")).args(crates).env("PATH", &path);
        ended(&command.output().unwrap(), code)
    };
    let said = install(&["cargo-deny"], 0);
    let version = said.trim().strip_prefix("cargo install --locked --quiet cargo-deny@").unwrap();
    assert_eq!(version.split('.').filter(|part| part.parse::<u32>().is_ok()).count(), 3);
    // The gate and the workflow for advisories ask for it.
    assert!(install(&["no-such-tool"], 1).contains("no version of no-such-tool is stated"));
}
