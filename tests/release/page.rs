//! The commands of `docs/installation.md` work with what a release has.

use crate::stage::{VERSION, built, ended, released, repository, script};
use std::fs;
use std::process::Command;

/// The examples of the part about releases.
fn examples() -> Vec<String> {
    let page = fs::read_to_string(repository().join("docs/installation.md")).unwrap();
    let part = page.split("\n## ").find(|part| part.starts_with("From a release\n")).unwrap();
    let blocks = part.split("```sh\n").skip(1);
    blocks.map(|block| block.split("```").next().unwrap().to_owned()).collect()
}

/// The page is about the version of the manifest, and about the static program. The tests are linked to another C library.
#[test]
fn the_archive_is_installed_as_the_page_says() {
    let Some(stage) = released() else { return };
    let [archive, _] = &examples()[..] else { panic!("two examples") };
    assert!(archive.contains(&format!("name=sitewright-{VERSION}-")), "{archive}");
    let target = built().0;
    let example = archive.replace("$(uname -m)-unknown-linux-musl", &target);
    assert_ne!(&example, archive);
    let folder = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(stage.path("dist")).unwrap() {
        let path = entry.unwrap().path();
        // Not all files of a release are there.
        if path.extension().is_none_or(|it| it != "deb") {
            fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
        }
    }
    let home = folder.path().join("home");
    fs::create_dir(&home).unwrap();
    let mut command = Command::new("sh");
    command.args(["-ec", &example]).current_dir(folder.path()).env("HOME", &home);
    let said = ended(&command.output().unwrap(), 0);
    assert!(said.contains(&format!("sitewright-{VERSION}-{target}.tar.gz: OK\n")), "{said}");
    assert!(said.lines().last().unwrap().starts_with(&format!("sitewright {VERSION} (")), "{said}");
    assert!(home.join(".local/share/man/man1/sitewright.1").exists());
}

/// What is installed is in the tests of the package.
#[test]
fn the_package_is_called_as_the_page_says() {
    let Some(stage) = released() else { return };
    let [_, package] = &examples()[..] else { panic!("two examples") };
    script(
        &stage.path("sudo/sudo"),
        r#"echo "$@"; for file; do :; done; case $2 in --install) test -f "$file" ;; esac"#,
    );
    let architecture = if built().0.starts_with("x86_64") { "amd64" } else { "arm64" };
    let mut command = Command::new("sh");
    let path = format!("{}:{}", stage.path("sudo").display(), std::env::var("PATH").unwrap());
    command.args(["-ec", &package.replace("amd64", architecture)]).env("PATH", path);
    let said = ended(&command.current_dir(stage.path("dist")).output().unwrap(), 0);
    let file = format!("sitewright_{VERSION}-1_{architecture}.deb");
    assert_eq!(said, format!("dpkg --install {file}\ndpkg --remove sitewright\n"));
}
