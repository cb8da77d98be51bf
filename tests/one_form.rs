//! What all commands have in common: their document under `--format json`, and that a dry run writes nothing.

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use std::collections::{BTreeMap, BTreeSet};
    use std::fs;
    use std::path::{Path, PathBuf};
    use std::process::{Command, Output};

    fn sitewright(folder: &Path, line: &str) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sitewright"));
        command.current_dir(folder).args(line.split_whitespace()).output().unwrap()
    }

    fn run(folder: &Path, line: &str) -> String {
        let output = sitewright(folder, line);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{line}: {said}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// The names of all commands that run something, as the help lists them.
    fn commands(folder: &Path, of: &str, found: &mut BTreeSet<String>) {
        let help = run(folder, &format!("{of} --help"));
        let Some((_, listed)) = help.split_once("Commands:\n") else {
            assert!(!of.is_empty());
            found.insert(of.trim().to_owned());
            return;
        };
        let names = listed.lines().take_while(|line| line.is_empty() || line.starts_with(' '));
        // A name has two spaces before it; what a command does has more.
        let names = names.filter_map(|line| line.strip_prefix("  "));
        for line in names.filter(|line| line.starts_with(|it: char| it.is_ascii_lowercase())) {
            let name = line.split_whitespace().next().unwrap();
            if name != "help" {
                commands(folder, &format!("{of} {name}"), found);
            }
        }
    }

    const RULES: &str = "kind: ProjectRules\nrules:\n  - name: named\n    about: site\n    require: size(site.name) > 0\n    message: no name\n";

    /// A project with a retired site, an unused record and a rendered folder.
    fn project() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        run(root, "init --gitops flux --repository https://github.com/acme/fleet");
        let cluster = root.join("sites/production/_cluster.yaml");
        let sealed = fs::read_to_string(&cluster).unwrap().replace("mode: plain", "mode: sealed");
        fs::write(cluster, sealed).unwrap();
        let keys = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/keys");
        fs::create_dir_all(root.join("sites/production/_sealing")).unwrap();
        fs::copy(
            keys.join("public-and-worthless.mumbai.2027-06.pem"),
            root.join("sites/production/_sealing/2027-06.pem"),
        )
        .unwrap();
        run(root, "new site acme");
        run(root, "new site gone");
        run(root, "retire gone");
        fs::write(root.join("rules.yaml"), RULES).unwrap();
        run(root, "render");
        let record = root.join("sites/production/acme.secrets.yaml");
        fs::copy(&record, root.join("sites/production/lost.secrets.yaml")).unwrap();
        folder
    }

    /// Every file with its text.
    fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut found = BTreeMap::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => found.extend(files(&path)),
                false => drop(found.insert(path.clone(), fs::read(&path).unwrap())),
            }
        }
        found
    }

    /// A call of every command; those that print no document have none of their own form.
    const CALLS: [&str; 38] = [
        "check",
        "completions bash",
        "diff",
        "drift rendered",
        "explain acme",
        "explain acme --context",
        "explain SW305",
        "explain rule/named",
        "fmt --check",
        "gitops --dry-run",
        "gitops --stdout",
        "import --cluster other --frappe 2.6 --mariadb 26.6 rendered --dry-run",
        "init -C fresh",
        "list",
        "lsp",
        "man --out man",
        "mv acme beta --dry-run",
        "new bench v16",
        "new cluster second",
        "new plan gold",
        "new server other",
        "new site beta",
        "render --dry-run",
        "render --stdout",
        "retire acme --dry-run",
        "rm gone --dry-run",
        "rules list",
        "rules show acme",
        "rules test",
        "schema --out schemas",
        "secrets adopt rendered --dry-run",
        "secrets list",
        "secrets prune --dry-run",
        "secrets rotate acme --dry-run",
        "secrets set production/acme/acme-admin",
        "secrets verify",
        "status rendered",
        "upgrade production --frappe 5.2 --keep-databases --dry-run",
    ];

    #[test]
    fn every_command_answers_in_one_document() {
        let folder = project();
        let root = folder.path();
        fs::create_dir(root.join("fresh")).unwrap();
        let mut known = BTreeSet::new();
        commands(root, "", &mut known);
        let is_called = |name: &str| {
            CALLS.iter().any(|call| *call == name || call.starts_with(&format!("{name} ")))
        };
        let left: Vec<&String> = known.iter().filter(|name| !is_called(name)).collect();
        assert!(known.len() > 25 && left.is_empty(), "{known:?} without {left:?}");
        for call in CALLS {
            let output = sitewright(root, &format!("{call} --format json"));
            let said = String::from_utf8(output.stdout).unwrap();
            if said.is_empty() {
                let why = String::from_utf8(output.stderr).unwrap();
                assert_eq!(output.status.code(), Some(2), "{call}: {why}");
                assert!(why.contains("leave out `--format json`"), "{call}: {why}");
                continue;
            }
            let document: Value = serde_json::from_str(&said)
                .unwrap_or_else(|error| panic!("{call}: {error}: {said}"));
            let keys: Vec<&String> = document.as_object().unwrap().keys().collect();
            assert_eq!(keys, ["diagnostics", "result"], "{call}");
            let errors = document["diagnostics"].as_array().unwrap().iter();
            let has_errors = errors.clone().any(|it| it["severity"] == "error");
            assert!(document["result"].is_object() || has_errors, "{call}: {said}");
        }
    }

    fn dry_run(root: &Path, call: &str) {
        let before = files(root);
        let output = sitewright(root, call);
        let said = String::from_utf8_lossy(&output.stdout).to_lowercase();
        let why = String::from_utf8_lossy(&output.stderr);
        let end = "nothing was written, because of `--dry-run`";
        assert!(said.contains(end), "{call}: {said}{why}");
        assert_eq!(files(root), before, "{call}");
    }

    #[test]
    fn a_dry_run_writes_nothing() {
        let folder = project();
        let dry = CALLS.iter().filter(|call| call.ends_with("--dry-run"));
        let others = ["new site beta --dry-run", "new plan gold --dry-run"];
        dry.chain(&others).for_each(|call| dry_run(folder.path(), call));
        let plan = folder.path().join("sites/production/gold.yaml");
        fs::write(plan, "kind: Plan\ntsl:\n  enabled: true\n").unwrap();
        dry_run(folder.path(), "check --fix --dry-run");
    }
}
