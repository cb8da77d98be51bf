//! Rules of a project over a whole fleet: the same report with any number of threads, no clear text, and the example on
//! the documentation's page.

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use std::fs;
    use std::path::Path;
    use std::process::{Command, Output};
    use tempfile::TempDir;

    fn sitewright(root: &Path, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sitewright"));
        command.arg("-C").arg(root).args(arguments).output().unwrap()
    }

    fn text(bytes: &[u8]) -> String {
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    /// A project with these rules.
    fn project(rules: &str) -> TempDir {
        let root = tempfile::tempdir().unwrap();
        assert!(sitewright(root.path(), &["init", "--quiet"]).status.success());
        fs::write(root.path().join("rules.yaml"), format!("kind: ProjectRules\nrules:\n{rules}"))
            .unwrap();
        root
    }

    fn rule(name: &str, about: &str, require: &str, message: &str) -> String {
        format!(
            "  - name: {name}\n    about: {about}\n    require: '{require}'\n    message: '{message}'\n"
        )
    }

    #[test]
    fn threads_do_not_change_the_report() {
        let rules = [
            rule("even", "site", "!site.name.endsWith(\"1\")", "{{ path }} is odd"),
            rule("absent", "site", "site.name < \"site-100\" || site.plan == \"x\"", "never"),
            rule(
                "large",
                "site",
                "!(site.name > \"site-200\") || \"x\".split(\"\").map(a, a).all(a, site.labels.all(b, site.labels.all(c, site.labels.all(d, site.labels.all(e, true)))))",
                "never",
            ),
            rule(
                "objects",
                "object",
                "object.kind != \"User\" || !object.metadata.name.contains(\"7\")",
                "{{ object.metadata.name }}",
            ),
            rule(
                "absent-objects",
                "object",
                "object.kind != \"Grant\" || object.absent == 1",
                "never",
            ),
        ];
        let root = project(&rules.concat());
        let labels: String = (0..30).map(|at| format!("  l{at:02}: \"1\"\n")).collect();
        for at in 0..300 {
            let site = format!("kind: Site\nsiteName: s{at}.example.com\nlabels:\n{labels}");
            fs::write(root.path().join(format!("sites/production/site-{at:03}.yaml")), site)
                .unwrap();
        }
        let run = |jobs: &str| {
            let output = sitewright(root.path(), &["check", "--jobs", jobs, "--format", "json"]);
            assert_eq!(output.status.code(), Some(2));
            text(&output.stdout)
        };
        let one = run("1");
        for jobs in ["2", "8", "8"] {
            assert_eq!(run(jobs), one);
        }
        let found: Value = serde_json::from_str(&one).unwrap();
        let found = found["diagnostics"].as_array().unwrap();
        let codes = |code: &str| found.iter().filter(|it| it["code"] == code).count();
        assert_eq!((codes("rule/even"), codes("SW112"), codes("SW113")), (30, 2, 1), "{one}");
        let first = found.iter().find(|it| it["code"] == "SW113").unwrap();
        assert!(first["message"].as_str().unwrap().contains("`production/site-201`"), "{first}");
    }

    /// The Secrets with clear text are written to a folder of their own, and are no objects that rules see.
    #[test]
    fn rules_see_no_secret() {
        let no_secret =
            rule("no-secret", "object", "object.kind != \"Secret\"", "{{ object.metadata.name }}");
        let root = project(&no_secret);
        let output = sitewright(root.path(), &["render"]);
        assert!(output.status.success(), "{}", text(&output.stderr));
        let mut secrets = Vec::new();
        clear_text(&root.path().join(".sitewright/secrets"), &mut secrets);
        assert!(!secrets.is_empty(), "the project has Secrets with clear text");
        let shown = sitewright(root.path(), &["rules", "show", "production/demo"]);
        assert!(shown.status.success());
        let shown = text(&shown.stdout);
        assert!(secrets.iter().all(|secret| !shown.contains(secret)), "{shown}");
    }

    /// The values of the manifests in a folder.
    fn clear_text(folder: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                clear_text(&path, found);
            } else if path.extension().is_some_and(|ending| ending == "yaml") {
                let manifest: serde_yaml::Value =
                    serde_yaml::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
                let data = manifest.get("stringData").or(manifest.get("data"));
                let data = data.and_then(serde_yaml::Value::as_mapping).into_iter().flatten();
                found.extend(data.filter_map(|(_, value)| value.as_str()).map(str::to_owned));
            }
        }
    }

    /// The first block of `docs/rules.md` is a file whose tests hold.
    #[test]
    fn the_example_of_the_page_works() {
        let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules.md"))
            .unwrap();
        let (_, block) = page.split_once("```yaml\n").unwrap();
        let (block, _) = block.split_once("```").unwrap();
        let root = project("");
        fs::write(root.path().join("rules.yaml"), block).unwrap();
        let tested = sitewright(root.path(), &["rules", "test"]);
        assert!(tested.status.success(), "{}", text(&tested.stderr));
        assert!(text(&tested.stdout).contains("2 of 2 tests hold"), "{}", text(&tested.stdout));
        assert!(sitewright(root.path(), &["render"]).status.success());
    }

    #[test]
    fn the_rules_of_the_example_hold() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/backups");
        let tested = sitewright(&root, &["rules", "test"]);
        assert!(tested.status.success(), "{}{}", text(&tested.stdout), text(&tested.stderr));
        assert!(text(&tested.stdout).contains("5 of 5 tests hold"), "{}", text(&tested.stdout));
        let checked = sitewright(&root, &["check"]);
        assert!(!text(&checked.stderr).contains("rule/"), "{}", text(&checked.stderr));
    }
}
