//! The archives: what they hold, that their checksums fit, and that a second run makes the same bytes.

use crate::stage::{PROGRAM, Stage, VERSION, built, ended, released, repository};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// All files below a folder.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_owned();
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    found
}

#[track_caller]
fn sh(folder: &Path, line: &str) -> String {
    let output = Command::new("sh").args(["-ec", line]).current_dir(folder).output().unwrap();
    ended(&output, 0)
}

#[test]
fn a_release_has_archives_packages_bills_and_checksums() {
    let Some(stage) = released() else { return };
    let (target, commit) = built();
    let dist = stage.path("dist");
    let architecture = if target.starts_with("x86_64") { "amd64" } else { "arm64" };
    let mut expected = vec![
        "SHA256SUMS".to_owned(),
        format!("sitewright-{VERSION}-{target}.cdx.json"),
        format!("sitewright-{VERSION}-{target}.tar.gz"),
        format!("sitewright-reconciler-{VERSION}-{target}.cdx.json"),
        format!("sitewright-reconciler-{VERSION}-{target}.tar.gz"),
        format!("sitewright_{VERSION}-1_{architecture}.deb"),
    ];
    expected.sort();
    assert_eq!(names(&dist), expected);
    let checked = sh(&dist, "sha256sum --check SHA256SUMS");
    assert_eq!(checked.matches(": OK").count(), expected.len() - 1, "{checked}");

    let asked = fs::read_to_string(stage.path("asked")).unwrap();
    // As packaging/tools installs it, whatever the first Python of PATH has.
    let python = repository().join("target/release-tools/bin/python3");
    let python = python.display();
    let build = |package: &str| {
        format!(
            "auditable zigbuild --quiet --release --locked --target {target} --package {package} \
             as {commit} with the Zig of {python}\n"
        )
    };
    assert_eq!(asked, build("sitewright") + &build("sitewright-reconciler"));
}

#[test]
fn an_archive_has_the_program_and_what_it_prints() {
    let Some(stage) = released() else { return };
    let name = format!("sitewright-{VERSION}-{}", built().0);
    let dist = stage.path("dist");
    let listed = sh(&dist, &format!("tar --list --verbose --numeric-owner --file {name}.tar.gz"));
    for line in listed.lines() {
        let (mode, rest) = line.split_once(' ').unwrap();
        assert!(rest.starts_with("0/0 "), "{line}");
        let is_program = line.ends_with("/bin/sitewright");
        let wanted = match mode.starts_with('d') {
            true => "drwxr-xr-x",
            false if is_program => "-rwxr-xr-x",
            false => "-rw-r--r--",
        };
        assert_eq!(mode, wanted, "{line}");
    }

    let folder = tempfile::tempdir().unwrap();
    let archive = dist.join(format!("{name}.tar.gz"));
    sh(folder.path(), &format!("tar --extract --file '{}'", archive.display()));
    assert_eq!(names(folder.path()), [name.as_str()]);
    let unpacked = folder.path().join(&name);
    assert_eq!(
        names(&unpacked),
        ["CHANGELOG.md", "LICENSE", "THIRD-PARTY-LICENSES", "bin", "share"]
    );
    for same in ["CHANGELOG.md", "LICENSE"] {
        assert!(
            fs::read(unpacked.join(same)).unwrap() == fs::read(repository().join(same)).unwrap()
        );
    }
    // `tests/packaging.rs` compares all completions.
    let program = unpacked.join("bin/sitewright");
    let says = |arguments: &[&str]| {
        let output = |program: &Path| Command::new(program).args(arguments).output().unwrap();
        let (ours, unpacked) = (output(Path::new(PROGRAM)), output(&program));
        assert_eq!(ended(&ours, 0), ended(&unpacked, 0));
        ours.stdout
    };
    says(&["--version"]);
    let completions = "share/bash-completion/completions/sitewright";
    assert!(fs::read(unpacked.join(completions)).unwrap() == says(&["completions", "bash"]));
    let pages = folder.path().join("man");
    says(&["man", "--out", pages.to_str().unwrap()]);
    assert!(files(&unpacked.join("share/man/man1")) == files(&pages));
}

#[test]
fn the_reconciler_has_an_archive_of_its_own() {
    let Some(stage) = released() else { return };
    let name = format!("sitewright-reconciler-{VERSION}-{}", built().0);
    let list = format!("tar --list --file {name}.tar.gz");
    let expected: String = [
        "",
        "CHANGELOG.md",
        "LICENSE",
        "THIRD-PARTY-LICENSES",
        "bin/",
        "bin/sitewright-reconciler",
    ]
    .map(|path| format!("{name}/{path}\n"))
    .concat();
    assert_eq!(sh(&stage.path("dist"), &list), expected);
}

/// Another time zone, language, mask and folder, and files that are newer.
#[test]
fn a_second_run_makes_the_same_bytes() {
    let Some(stage) = released() else { return };
    let second = Stage::new();
    let release = second.command(repository());
    let mut command = Command::new("sh");
    command.args(["-c", r#"umask 077; exec bash "$@""#, "sh"]).args(release.get_args());
    command.arg("--out").arg(second.path("dist")).arg(built().0).current_dir(second.path("."));
    for (name, value) in release.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.env("TZ", "Asia/Kolkata").env("LC_ALL", "C.UTF-8");
    ended(&command.output().unwrap(), 0);
    let (first, second) = (files(&stage.path("dist")), files(&second.path("dist")));
    let differing: Vec<&PathBuf> = first
        .keys()
        .chain(second.keys())
        .filter(|name| first.get(*name) != second.get(*name))
        .collect();
    assert!(differing.is_empty(), "{differing:?}");
}
