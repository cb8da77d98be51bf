//! What users copy into their pipelines, run for real in a scratch repository; only the servers that it
//! talks to are played.

#[cfg(test)]
mod tests {
    use serde_yaml::Value;
    use std::fs;
    use std::path::{Path, PathBuf};
    use std::process::{Command, Output};
    use tempfile::TempDir;

    fn repository() -> &'static Path {
        Path::new(env!("CARGO_MANIFEST_DIR"))
    }

    fn yaml(path: &str) -> Value {
        serde_yaml::from_str(&fs::read_to_string(repository().join(path)).unwrap()).unwrap()
    }

    /// A repository with a rendered project in `fleet/`, its `main` behind, and a branch checked out on
    /// which a volume shrinks.
    struct Scratch(TempDir);

    impl Scratch {
        fn new() -> Self {
            let scratch = Self(tempfile::tempdir().unwrap());
            fs::create_dir_all(scratch.path("origin/fleet")).unwrap();
            scratch.sh(
                "cd origin && git init -q -b main && sitewright -C fleet init -q && \
                        sitewright -C fleet render -q && git add -A && git commit -q -m first",
                0,
            );
            scratch.sh(
                "git clone -q origin work && cd work && git checkout -q -b feature && \
                        sed -i s/50Gi/20Gi/ fleet/sites/production/frappe-mariadb.yaml && \
                        sitewright -C fleet render -q && git commit -q -a -m second",
                0,
            );
            scratch
        }

        fn path(&self, path: &str) -> PathBuf {
            self.0.path().join(path)
        }

        /// A program that notes what it was asked, and answers from a file.
        fn play(&self, name: &str, script: &str) {
            fs::create_dir_all(self.path("bin")).unwrap();
            let text = self.path("script");
            fs::write(&text, format!("#!/bin/sh\n{script}\n")).unwrap();
            // Not by this process: a child of another thread would hold the file open, and it could
            // not run.
            let path = self.path("bin").join(name);
            let copied = Command::new("install").args(["-m", "755"]).args([&text, &path]).status();
            assert!(copied.unwrap().success());
        }

        fn command(&self, line: &str) -> Command {
            let binary = Path::new(env!("CARGO_BIN_EXE_sitewright")).parent().unwrap();
            let rest = std::env::var("PATH").unwrap();
            let mut command = Command::new("bash");
            command
                .args(["-c", line])
                .current_dir(self.0.path())
                .env("PATH", format!("{}:{}:{rest}", self.path("bin").display(), binary.display()))
                .env("GIT_CONFIG_GLOBAL", "/dev/null")
                .env("SCRATCH", self.0.path());
            for who in ["AUTHOR", "COMMITTER"] {
                command
                    .env(format!("GIT_{who}_NAME"), "a")
                    .env(format!("GIT_{who}_EMAIL"), "a@b.c");
            }
            command
        }

        #[track_caller]
        fn sh(&self, line: &str, code: i32) -> String {
            ended(&self.command(line).output().unwrap(), code)
        }
    }

    #[track_caller]
    fn ended(output: &Output, code: i32) -> String {
        let said = [output.stdout.as_slice(), &output.stderr].concat();
        let said = String::from_utf8(said).unwrap();
        assert_eq!(output.status.code(), Some(code), "{said}");
        said
    }

    #[test]
    fn the_action_keeps_one_comment_up_to_date() {
        let scratch = Scratch::new();
        let steps = yaml("action.yml")["runs"]["steps"].clone();
        let run = steps[2]["run"].as_str().unwrap().to_owned();
        // GitHub's API, as far as it is asked: what comments there are, and one to write.
        scratch.play(
            "gh",
            r#"echo "$@" >> "$SCRATCH/asked"
               for argument in "$@"; do case $argument in
                 body=@*) cp "${argument#body=@}" "$SCRATCH/comment" ;;
               esac; done
               case "$*" in *--paginate*) cat "$SCRATCH/mine" 2>/dev/null || true ;; esac"#,
        );
        let comment = |deny: &str, allow: &str, code: i32| {
            let mut command = scratch.command(&run);
            command.current_dir(scratch.path("work"));
            let environment = steps[2]["env"].as_mapping().unwrap();
            for name in environment.keys().map(|key| key.as_str().unwrap()) {
                let value = match name {
                    "BASE" => "origin/main...",
                    "DENY" => deny,
                    "ALLOW" => allow,
                    "PROJECT" => "fleet",
                    "REPOSITORY" => "acme/fleet",
                    "PULL" => "7",
                    "GH_TOKEN" => "secret",
                    other => panic!("{other} is not known here"),
                };
                command.env(name, value);
            }
            command.env("GITHUB_ACTION_PATH", repository());
            ended(&command.output().unwrap(), code);
            fs::read_to_string(scratch.path("asked")).unwrap()
        };
        let asked = comment("data-loss", "", 4);
        assert!(asked.contains("--method POST repos/acme/fleet/issues/7/comments"), "{asked}");
        let text = fs::read_to_string(scratch.path("comment")).unwrap();
        assert!(text.starts_with("<!-- sitewright diff -->\n### sitewright: "), "{text}");
        assert!(text.contains("🔴 data-loss"), "{text}");
        fs::write(scratch.path("mine"), "41\n").unwrap();
        let asked = comment("data-loss", "production/frappe-mariadb=data-loss", 0);
        assert!(asked.contains("--method PATCH repos/acme/fleet/issues/comments/41"), "{asked}");
        comment("none", "", 0);
        // Broken input is no comment.
        fs::write(scratch.path("work/fleet/sites/production/bad.yaml"), "kind: Sight\n").unwrap();
        let before = fs::read_to_string(scratch.path("asked")).unwrap();
        assert_eq!(comment("none", "", 2), before);
    }

    const VERSION: &str = env!("CARGO_PKG_VERSION");
    const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

    /// A folder with a release for one architecture, a Cargo that builds nothing, and a machine.
    struct Release(Scratch);

    impl Release {
        fn new(architecture: &str) -> Self {
            let scratch = Scratch(tempfile::tempdir().unwrap());
            scratch.play("cargo", r#"echo "$@" >> "$SCRATCH/built""#);
            scratch
                .play("uname", r#"case $1 in -s) echo Linux ;; *) cat "$SCRATCH/machine" ;; esac"#);
            let release = Self(scratch);
            let says = format!("sitewright {VERSION} ({}, some-target)", &COMMIT[..12]);
            release.publish(architecture, &format!("echo '{says}'"));
            release
        }

        /// Makes a release of a script in place of the program.
        fn publish(&self, architecture: &str, script: &str) {
            let name = format!("sitewright-{VERSION}-{architecture}-unknown-linux-musl");
            fs::write(self.0.path("machine"), architecture).unwrap();
            fs::write(self.0.path("program"), format!("#!/bin/sh\n{script}\n")).unwrap();
            self.0.sh(
                &format!(
                    "mkdir -p releases/v{VERSION} && cd releases/v{VERSION} && rm -rf * && \
                     install -D ../../program {name}/bin/sitewright && \
                     tar -czf {name}.tar.gz {name} && rm -r {name} && sha256sum * > SHA256SUMS"
                ),
                0,
            );
        }

        /// Runs the first step of the action, used at a tag, branch or commit. What the step says, and what is on
        /// the PATH then; built programs are in the sources of the action.
        #[track_caller]
        fn install(&self, used_at: &str, code: i32) -> (String, String) {
            let step = yaml("action.yml")["runs"]["steps"][0].clone();
            let names: Vec<&str> =
                step["env"].as_mapping().unwrap().keys().map(|key| key.as_str().unwrap()).collect();
            assert_eq!(names, ["REF", "RELEASES"]);
            let _ = fs::remove_dir_all(self.0.path("temp"));
            fs::create_dir(self.0.path("temp")).unwrap();
            fs::write(self.0.path("github-path"), "").unwrap();
            let mut command = self.0.command(step["run"].as_str().unwrap());
            command
                .env("REF", used_at)
                .env("RELEASES", format!("file://{}", self.0.path("releases").display()))
                .env("RUNNER_TEMP", self.0.path("temp"))
                .env("GITHUB_PATH", self.0.path("github-path"))
                .env("GITHUB_ACTION_PATH", repository());
            let said = ended(&command.output().unwrap(), code);
            (said, fs::read_to_string(self.0.path("github-path")).unwrap())
        }

        #[track_caller]
        fn takes(&self, used_at: &str) {
            let (said, path) = self.install(used_at, 0);
            assert!(!self.0.path("built").exists(), "{said}");
            let program = Path::new(path.trim()).join("sitewright");
            let output = Command::new(program).output().unwrap();
            assert!(ended(&output, 0).starts_with(&format!("sitewright {VERSION} (")));
        }

        #[track_caller]
        fn builds(&self, used_at: &str, why: &str) {
            let (said, path) = self.install(used_at, 0);
            assert!(said.contains(why), "{said}");
            let built = fs::read_to_string(self.0.path("built")).expect(&said);
            let manifest = repository().join("Cargo.toml");
            let manifest = manifest.display();
            assert_eq!(
                built,
                format!("build --release --locked --quiet --manifest-path {manifest}\n")
            );
            assert_eq!(path, format!("{}/target/release\n", repository().display()));
            fs::remove_file(self.0.path("built")).unwrap();
        }
    }

    #[test]
    fn the_action_takes_the_release_of_its_tag_or_commit() {
        for architecture in ["x86_64", "aarch64"] {
            let release = Release::new(architecture);
            release.takes(&format!("v{VERSION}"));
            release.takes(COMMIT);
        }
    }

    #[test]
    fn the_action_builds_what_no_release_has() {
        let release = Release::new("x86_64");
        release.builds("main", "'main' is no release");
        // The action of a repository for itself.
        release.builds("", "'' is no release");
        release.builds("v9.9.9", "'v9.9.9' is no release");
        release.builds(&COMMIT.replace('0', "9"), "was made of another commit: sitewright ");
        fs::write(release.0.path("machine"), "riscv64").unwrap();
        release.builds(COMMIT, "no release is made for Linux on riscv64");
        // The release has no archive for this machine.
        fs::write(release.0.path("machine"), "aarch64").unwrap();
        release.builds(COMMIT, &format!("no release {VERSION} was found"));
        release.publish("x86_64", "exit 1");
        release.builds(COMMIT, "does not run here");
        fs::remove_dir_all(release.0.path("releases")).unwrap();
        release.builds(&format!("v{VERSION}"), &format!("no release {VERSION} was found"));
    }

    #[test]
    fn the_action_refuses_an_archive_with_a_wrong_checksum() {
        let release = Release::new("x86_64");
        let folder = format!("releases/v{VERSION}");
        for spoil in ["echo >> *.tar.gz", "sed -i '/tar.gz/d' SHA256SUMS"] {
            release.publish("x86_64", "echo bad");
            release.0.sh(&format!("cd {folder} && {spoil}"), 0);
            let (said, path) = release.install(&format!("v{VERSION}"), 1);
            assert!(said.contains("is not what SHA256SUMS of the release says"), "{said}");
            assert_eq!(path, "");
            assert!(!release.0.path("built").exists());
        }
    }

    #[test]
    fn the_action_checks_what_is_rendered() {
        let scratch = Scratch::new();
        let run = yaml("action.yml")["runs"]["steps"][1]["run"].as_str().unwrap().to_owned();
        let line = format!("cd work && PROJECT=fleet && {run}");
        scratch.sh(&line, 0);
        scratch.sh("rm work/fleet/rendered/production/demo/user.yaml", 0);
        let said = scratch.sh(&line, 1);
        let wanted = "::error file=fleet/rendered/production/demo/user.yaml,title=missing::";
        assert!(said.contains(wanted), "{said}");
    }

    #[test]
    fn the_gitlab_job_reports_and_denies() {
        let scratch = Scratch::new();
        let job = yaml("integration/gitlab-ci.yml")["sitewright"].clone();
        let script: Vec<&str> = job["script"]
            .as_sequence()
            .unwrap()
            .iter()
            .map(|line| line.as_str().unwrap())
            .collect();
        let script = format!("cd work && set -eo pipefail\n{}", script.join("\n"));
        scratch.play("curl", r#"echo "$@" >> "$SCRATCH/asked"; cp sitewright.md "$SCRATCH/note""#);
        let run = |deny: &str, token: &str, code: i32| {
            let mut command = scratch.command(&script);
            command
                .env("SITEWRIGHT_PROJECT", "fleet")
                .env("SITEWRIGHT_DENY", deny)
                .env("SITEWRIGHT_TOKEN", token)
                .env("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main")
                .env("CI_API_V4_URL", "https://gitlab.example/api/v4")
                .env("CI_PROJECT_ID", "3")
                .env("CI_MERGE_REQUEST_IID", "7");
            ended(&command.output().unwrap(), code);
        };
        run("data-loss", "", 4);
        assert!(!scratch.path("asked").exists());
        run("data-loss", "token", 4);
        let asked = fs::read_to_string(scratch.path("asked")).unwrap();
        assert!(asked.contains("/projects/3/merge_requests/7/notes"), "{asked}");
        let note = fs::read_to_string(scratch.path("note")).unwrap();
        assert!(note.contains("🔴 data-loss"), "{note}");
        // A folder in a repository, whose branch changes nothing that is denied.
        scratch.sh("cd work && git checkout -q main", 0);
        run("data-loss", "", 0);
    }

    #[test]
    fn the_hooks_run_what_they_name() {
        let scratch = Scratch::new();
        for hook in yaml(".pre-commit-hooks.yaml").as_sequence().unwrap() {
            let entry = hook["entry"].as_str().unwrap();
            assert_eq!(hook["pass_filenames"], false);
            let line = format!("cd work/fleet && {entry}");
            scratch.sh(&line, 0);
            fs::write(scratch.path("work/fleet/sites/production/bad.yaml"), "kind: Sight\n")
                .unwrap();
            scratch.sh(&line, 2);
            fs::remove_file(scratch.path("work/fleet/sites/production/bad.yaml")).unwrap();
        }
    }

    #[test]
    fn generated_files_are_not_hidden_from_reviewers() {
        for path in [".gitattributes", "src/cli/scaffold/gitattributes"] {
            let text = fs::read_to_string(repository().join(path)).unwrap();
            assert!(text.contains("rendered/** text eol=lf\n"), "{path}");
            assert!(!text.contains("linguist-generated"), "{path}");
        }
    }
}
