//! The commands of `docs/installation.md` and `docs/release.md` work with what a release has.

use crate::stage::{VERSION, built, ended, released, repository, script};
use std::fs;
use std::process::Command;

/// The examples in a part of a page.
fn examples(page: &str, title: &str) -> Vec<String> {
    let page = fs::read_to_string(repository().join("docs").join(page)).unwrap();
    let title = format!("{title}\n");
    let part = page.split("\n## ").find(|part| part.starts_with(&title)).unwrap();
    let blocks = part.split("```sh\n").skip(1);
    blocks.map(|block| block.split("```").next().unwrap().to_owned()).collect()
}

/// The page is about the version of the manifest, and about the static program. The tests are linked to another C library.
#[test]
fn the_archive_is_installed_as_the_page_says() {
    let Some(stage) = released() else { return };
    let [archive, _] = &examples("installation.md", "From a release")[..] else {
        panic!("two examples")
    };
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
    let [_, package] = &examples("installation.md", "From a release")[..] else {
        panic!("two examples")
    };
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

/// With a script in place of podman, which only looks for what it would read.
#[test]
fn the_image_is_made_as_the_page_says() {
    let Some(stage) = released() else { return };
    let [image] = &examples("installation.md", "As a container image")[..] else { panic!("one") };
    let recipe = fs::read_to_string(repository().join("packaging/Containerfile")).unwrap();
    assert!(recipe.contains(&format!("#   {image}")), "the recipe shows another command");
    assert!(image.contains(&format!("/sitewright:{VERSION} ")), "{image}");
    script(
        &stage.path("podman/podman"),
        r#"test "$1 $2" = "build --file" && test -f "$3" && for context; do :; done && ls "$context"/*.deb"#,
    );
    let root = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(repository().join("packaging"), root.path().join("packaging"))
        .unwrap();
    std::os::unix::fs::symlink(stage.path("dist"), root.path().join("dist")).unwrap();
    let mut command = Command::new("sh");
    let path = format!("{}:{}", stage.path("podman").display(), std::env::var("PATH").unwrap());
    command.args(["-ec", image]).current_dir(root.path()).env("PATH", path);
    let said = ended(&command.output().unwrap(), 0);
    assert!(said.starts_with(&format!("dist/sitewright_{VERSION}-1_")), "{said}");
}

#[test]
fn the_bill_and_the_licences_are_made_as_the_page_says() {
    let [_, scripts] = &examples("release.md", "On your machine")[..] else { panic!("two") };
    let target = built().0;
    let example = scripts
        .replace("packaging/", &format!("'{}'/packaging/", repository().display()))
        .replace("x86_64-unknown-linux-musl", &target);
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new("bash").args(["-ec", &example]).current_dir(folder.path()).output();
    // Cargo may say after it that it has waited for another Cargo.
    let said = ended(&output.unwrap(), 0);
    let count = said.lines().next().unwrap();
    assert!(count.parse::<usize>().unwrap() > 100, "{said}");
    let licences = fs::read_to_string(folder.path().join("THIRD-PARTY-LICENSES")).unwrap();
    assert!(licences.starts_with("sitewright is made of these crates."));
}

#[test]
fn the_gate_checks_licences_as_the_page_says() {
    let [deny] = &examples("release.md", "Licences and advisories")[..] else { panic!("one") };
    let gate = fs::read_to_string(repository().join(".ci/run")).unwrap();
    assert!(gate.lines().any(|line| line == deny.trim()), "{deny}");
}
