//! dpkg installs the package for real, in a root of its own.

use crate::stage::{PROGRAM, VERSION, built, ended, released};
use crate::tools::needed;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A root with an empty database of packages.
struct Root(tempfile::TempDir);

impl Root {
    fn new() -> Self {
        let root = Self(tempfile::tempdir().unwrap());
        for folder in ["info", "updates", "triggers"] {
            fs::create_dir_all(root.path("var/lib/dpkg").join(folder)).unwrap();
        }
        // The program of the tests is linked to the C library, which the machine has.
        let mut libraries = Command::new("dpkg-query");
        libraries.args(["--status", "libc6", "libgcc-s1"]);
        fs::write(root.path("var/lib/dpkg/status"), libraries.output().unwrap().stdout).unwrap();
        root
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    #[track_caller]
    fn dpkg(&self, arguments: &[&str]) -> String {
        let mut command = match is_root() {
            true => Command::new("dpkg"),
            false => Command::new("fakeroot"),
        };
        if !is_root() {
            command.arg("dpkg");
        }
        // Else it would write into the log of the machine.
        command.arg("--log").arg(self.path("dpkg.log"));
        command.arg("--root").arg(self.0.path()).args(arguments);
        // Where daemons and servers are, which dpkg looks for.
        let path = std::env::var("PATH").unwrap();
        ended(&command.env("PATH", format!("{path}:/usr/sbin:/sbin")).output().unwrap(), 0)
    }
}

fn package() -> Option<PathBuf> {
    let architecture = if built().0.starts_with("x86_64") { "amd64" } else { "arm64" };
    let dist = released()?.path("dist");
    Some(dist.join(format!("sitewright_{VERSION}-1_{architecture}.deb")))
}

/// dpkg gives files to root, which only root can. fakeroot lets others believe it.
fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().unwrap();
    output.stdout == b"0\n"
}

#[test]
fn dpkg_installs_and_removes_the_package() {
    let Some(package) = package() else { return };
    if !is_root() && needed("fakeroot").is_none() {
        return;
    }
    let root = Root::new();
    root.dpkg(&["--install", package.to_str().unwrap()]);
    assert!(root.dpkg(&["--status", "sitewright"]).contains("Status: install ok installed\n"));
    // Nothing is printed if every file has the checksum that the package states.
    assert_eq!(root.dpkg(&["--verify", "sitewright"]), "");

    let listed = root.dpkg(&["--listfiles", "sitewright"]);
    for file in [
        "/usr/bin/sitewright",
        "/usr/share/bash-completion/completions/sitewright",
        "/usr/share/doc/sitewright/THIRD-PARTY-LICENSES.gz",
        "/usr/share/doc/sitewright/changelog.Debian.gz",
        "/usr/share/doc/sitewright/changelog.gz",
        "/usr/share/doc/sitewright/copyright",
        "/usr/share/fish/vendor_completions.d/sitewright.fish",
        "/usr/share/man/man1/sitewright-diff.1.gz",
        "/usr/share/man/man1/sitewright.1.gz",
        "/usr/share/zsh/vendor-completions/_sitewright",
    ] {
        assert!(listed.lines().any(|line| line == file), "{file} is missing:\n{listed}");
    }
    let says = |program: &Path| {
        let output = Command::new(program).arg("--version").output().unwrap();
        ended(&output, 0)
    };
    assert_eq!(says(&root.path("usr/bin/sitewright")), says(Path::new(PROGRAM)));
    let page = Command::new("gzip")
        .args(["--decompress", "--stdout"])
        .arg(root.path("usr/share/man/man1/sitewright.1.gz"))
        .output();
    assert!(page.unwrap().stdout.starts_with(b".ie \\n(.g"), "no manual page");

    root.dpkg(&["--remove", "sitewright"]);
    for file in listed.lines().filter(|file| file.contains("sitewright")) {
        assert!(!root.path(&file[1..]).exists(), "{file} is left");
    }
}

#[test]
fn a_package_states_what_it_is() {
    let Some(package) = package() else { return };
    let field = |name: &str| {
        let output = Command::new("dpkg-deb").arg("--field").args([&package]).arg(name).output();
        ended(&output.unwrap(), 0).trim().to_owned()
    };
    assert_eq!(field("Package"), "sitewright");
    assert_eq!(field("Version"), format!("{VERSION}-1"));
    assert_eq!(field("Recommends"), "git");
    // A static program needs none of them.
    assert_eq!(field("Depends"), "libc6, libgcc-s1");
    let description = field("Description");
    assert!(description.starts_with(env!("CARGO_PKG_DESCRIPTION")), "{description}");
    let size: u64 = field("Installed-Size").parse().unwrap();
    assert!(size > 1000, "{size} KiB");
}

/// Debian's own check of packages, if the machine has it.
#[test]
fn lintian_finds_nothing() {
    let Some(package) = package() else { return };
    if needed("lintian").is_none() {
        return;
    }
    let mut command = Command::new("lintian");
    command.args(["--allow-root", "--fail-on", "error,warning"]).arg(package);
    ended(&command.output().unwrap(), 0);
}
