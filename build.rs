//! Tells the program what it is built from: the commit, in release builds, and the target.

use std::io::Write as _;
use std::path::Path;
use std::process::Command;

fn main() {
    tell("cargo::rerun-if-changed=build.rs");
    tell("cargo::rerun-if-env-changed=SITEWRIGHT_COMMIT");
    let target = std::env::var("TARGET").unwrap_or_default();
    let build: Vec<String> = commit().into_iter().chain([target]).collect();
    tell(&format!("cargo::rustc-env=SITEWRIGHT_BUILD={}", build.join(", ")));
}

/// Says a line to Cargo.
fn tell(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// The commit that is built. A variable has precedence, for builds from an archive without Git.
///
/// A debug build has none: each commit would compile everything anew.
fn commit() -> Option<String> {
    if let Some(stated) = std::env::var("SITEWRIGHT_COMMIT").ok().filter(|it| !it.is_empty()) {
        return Some(stated);
    }
    let is_release = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    if !is_release || !Path::new(".git").exists() {
        return None;
    }
    // The first file changes with the branch, the second one with each commit.
    for file in ["HEAD", "logs/HEAD"] {
        let path = git(&["rev-parse", "--git-path", file])?;
        if Path::new(&path).exists() {
            tell(&format!("cargo::rerun-if-changed={path}"));
        }
    }
    git(&["rev-parse", "--short=12", "HEAD"])
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
