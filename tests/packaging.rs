//! What a package has beside the program is what the program prints.

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::{Path, PathBuf};
    use std::process::{Command, Output};

    const PROGRAM: &str = env!("CARGO_BIN_EXE_sitewright");

    /// The script with a Cargo that notes its arguments and installs the program of this test.
    fn build(folder: &Path, arguments: &[&str]) -> Output {
        let cargo = folder.join("bin/cargo");
        fs::create_dir_all(cargo.parent().unwrap()).unwrap();
        // It finds the prefix after `--root`.
        let script = format!(
            "#!/bin/sh\nset -e\necho \"$@\" > '{}'\nwhile [ \"$1\" != --root ]; do shift; done\n\
             mkdir \"$2/bin\"\ncp '{PROGRAM}' \"$2/bin/\"\n",
            folder.join("asked").display()
        );
        fs::write(&cargo, script).unwrap();
        fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).unwrap();
        let path = format!("{}:{}", folder.join("bin").display(), std::env::var("PATH").unwrap());
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/build");
        // A shell runs it: Cargo's file may still be open in a child of another thread.
        let mut command = Command::new("sh");
        command.arg(script).args(arguments).current_dir(folder).env("PATH", path);
        command.output().unwrap()
    }

    fn files(folder: &Path) -> BTreeMap<PathBuf, String> {
        fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() { walk(&path, found) } else { found.push(path) }
            }
        }
        let mut found = Vec::new();
        walk(folder, &mut found);
        let file = |path: PathBuf| {
            let text = fs::read_to_string(&path).unwrap();
            (path.strip_prefix(folder).unwrap().to_owned(), text)
        };
        found.into_iter().map(file).collect()
    }

    #[test]
    fn a_package_has_the_completions_and_pages_that_the_program_prints() {
        let folder = tempfile::tempdir().unwrap();
        let built = build(folder.path(), &["staged here", "--target", "some-target"]);
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        let asked = fs::read_to_string(folder.path().join("asked")).unwrap();
        assert!(asked.starts_with("install --locked --no-track --force --root /"), "{asked}");
        assert!(asked.ends_with(" --target some-target\n"), "{asked}");

        let run = |arguments: &[&str]| {
            let output =
                Command::new(PROGRAM).args(arguments).current_dir(folder.path()).output().unwrap();
            assert!(output.status.success(), "{arguments:?}");
            String::from_utf8(output.stdout).unwrap()
        };
        run(&["man", "--out", "man"]);
        let pages = files(&folder.path().join("man"));
        assert!(pages.len() > 20 && pages.contains_key(Path::new("sitewright-diff.1")));
        let mut expected: BTreeMap<PathBuf, String> = pages
            .into_iter()
            .map(|(path, text)| (Path::new("man/man1").join(path), text))
            .collect();
        for (shell, path) in [
            ("bash", "bash-completion/completions/sitewright"),
            ("elvish", "elvish/lib/sitewright.elv"),
            ("fish", "fish/vendor_completions.d/sitewright.fish"),
            ("powershell", "pwsh/completions/sitewright.ps1"),
            ("zsh", "zsh/site-functions/_sitewright"),
        ] {
            expected.insert(path.into(), run(&["completions", shell]));
        }
        let found = files(&folder.path().join("staged here/share"));
        let names = |files: &BTreeMap<PathBuf, String>| files.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&found), names(&expected));
        assert!(found == expected, "a file differs from what the program prints");
    }

    #[test]
    fn a_build_that_fails_is_not_packed() {
        let folder = tempfile::tempdir().unwrap();
        let usage = build(folder.path(), &[]);
        assert_eq!(usage.status.code(), Some(2));
        assert!(
            String::from_utf8_lossy(&usage.stderr).starts_with("usage: packaging/build PREFIX")
        );
        // Cargo's folder is there already, so this Cargo fails.
        fs::create_dir_all(folder.path().join("staged/bin/sitewright")).unwrap();
        let failed = build(folder.path(), &["staged"]);
        assert!(!failed.status.success());
        assert!(!folder.path().join("staged/share").exists());
    }
}
