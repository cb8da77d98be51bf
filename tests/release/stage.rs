//! Runs `packaging/release` with tools that build nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;
use tempfile::TempDir;

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_sitewright");
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The tools that are played. Cargo puts the program of the tests, and a script in place of the reconciler, where a
/// build puts them. `rust-audit-info` lists what Cargo compiles into a program of that name.
const CARGO: &str = r#"
case $1 in auditable) ;; *) CARGO_HOME=$HOME_OF_CARGO exec "$REAL_CARGO" "$@" ;; esac
echo "$@ as $SITEWRIGHT_COMMIT with the Zig of $CARGO_ZIGBUILD_PYTHON_PATH" >> "$SCRATCH/asked"
while [ $# -gt 0 ]; do
  case $1 in --target) target=$2 ;; --package) package=$2 ;; esac
  shift
done
mkdir -p "$CARGO_TARGET_DIR/$target/release"
cp "$SCRATCH/programs/$package" "$CARGO_TARGET_DIR/$target/release/"
"#;
const AUDIT: &str = r#"
cd "$REPOSITORY"
crates=$(CARGO_HOME=$HOME_OF_CARGO "$REAL_CARGO" tree --locked --package "$(basename "$1")" --edges normal,build \
  --prefix none --format '{p}' | sed 's/\([^ ]*\) v\([^ ]*\).*/{"name":"\1","version":"\2"},/' | grep -v "${WITHOUT:-^$}")
echo "{\"packages\":[$crates]}"
"#;

pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The target that the tests are built for, and the commit if the program knows one.
pub(crate) fn built() -> (String, String) {
    let output = Command::new(PROGRAM).arg("--version").output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let build = said.trim().strip_prefix(&format!("sitewright {VERSION} (")).unwrap();
    let build = build.strip_suffix(')').unwrap();
    match build.split_once(", ") {
        Some((commit, target)) => (target.to_owned(), commit.to_owned()),
        None => (build.to_owned(), String::new()),
    }
}

pub(crate) fn script(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let written = path.with_extension("text");
    fs::write(&written, format!("#!/bin/sh\nset -e\n{text}\n")).unwrap();
    // Not by this process: a child of another thread would hold the file open, and it could not run.
    let copied = Command::new("install").args(["-m", "755"]).args([&written, path]).status();
    assert!(copied.unwrap().success());
    fs::remove_file(&written).unwrap();
}

/// A folder with the played tools, the programs to release, and what is released.
pub(crate) struct Stage(TempDir);

impl Stage {
    pub(crate) fn new() -> Self {
        let stage = Self(tempfile::tempdir().unwrap());
        script(&stage.path("bin/cargo"), CARGO);
        script(&stage.path("bin/rust-audit-info"), AUDIT);
        let programs = stage.path("programs");
        fs::create_dir_all(&programs).unwrap();
        // Debug information and symbols would be most of the archive.
        let stripped = programs.join("sitewright");
        let strip = Command::new("strip").arg("-o").arg(&stripped).arg(PROGRAM).status();
        if !strip.is_ok_and(|it| it.success()) {
            fs::copy(PROGRAM, &stripped).unwrap();
        }
        let said = format!("echo sitewright-reconciler {VERSION}");
        script(&programs.join("sitewright-reconciler"), &said);
        stage
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    /// The script of a repository, which finds the played tools first.
    pub(crate) fn command(&self, repository: &Path) -> Command {
        let mut command = Command::new("bash");
        let path = std::env::var("PATH").unwrap();
        let home = std::env::var("CARGO_HOME").ok().filter(|it| !it.is_empty());
        let home = home.unwrap_or_else(|| format!("{}/.cargo", std::env::var("HOME").unwrap()));
        command
            .arg(repository.join("packaging/release"))
            .current_dir(self.0.path())
            .env("PATH", format!("{}:{path}", self.path("bin").display()))
            .env("SCRATCH", self.0.path())
            .env("REAL_CARGO", env!("CARGO"))
            .env("REPOSITORY", self::repository())
            .env("HOME_OF_CARGO", home)
            // A debug build names the sources of its dependencies, which a release may not.
            .env("CARGO_HOME", self.path("cargo home"))
            .env("CARGO_TARGET_DIR", self.path("built"))
            .env("SITEWRIGHT_COMMIT", built().1)
            .env("SOURCE_DATE_EPOCH", "1700000000")
            // The fastest: how small the package gets is not tested.
            .env("DPKG_DEB_COMPRESSOR_TYPE", "gzip")
            .env("DPKG_DEB_COMPRESSOR_LEVEL", "1")
            .env_remove("CARGO_ZIGBUILD_PYTHON_PATH")
            .env_remove("DEBEMAIL")
            .env_remove("DEBFULLNAME");
        command
    }
}

#[track_caller]
pub(crate) fn ended(output: &Output, code: i32) -> String {
    let said = [output.stdout.as_slice(), &output.stderr].concat();
    let said = String::from_utf8(said).unwrap();
    assert_eq!(output.status.code(), Some(code), "{said}");
    said
}

/// What is released of this repository; nothing on a machine without dpkg or Git.
pub(crate) fn released() -> Option<&'static Stage> {
    static RELEASED: LazyLock<Option<Stage>> = LazyLock::new(|| {
        crate::tools::needed("dpkg-deb")?;
        let stage = Stage::new();
        let mut command = stage.command(repository());
        command.arg("--out").arg(stage.path("dist")).arg(built().0);
        ended(&command.output().unwrap(), 0);
        Some(stage)
    });
    RELEASED.as_ref()
}
