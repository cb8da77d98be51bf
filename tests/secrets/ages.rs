//! When passwords were made, as Git knows it: `rotate --older-than` and `list --dates`, with the real Git.

use crate::project::{Project, RECORDS, SITE, copy};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;

const BETA: &str = "sites/production/beta.yaml";

/// A project with two sites and a server. All passwords were committed on January 1st.
fn project() -> Project {
    let project = Project::new("{mode: plain}");
    project.put(BETA, "kind: Site\nsiteName: erp.beta.com\n");
    project.run("render -q", 0);
    git(&project, "init -q -b main");
    commit(&project, "2026-01-01");
    project
}

fn git(project: &Project, arguments: &str) {
    git_on(project, arguments, "2026-12-31");
}

/// Runs Git on a day.
#[track_caller]
fn git_on(project: &Project, arguments: &str, day: &str) {
    let time = format!("{day}T23:30:00Z");
    let output = Command::new("git")
        .current_dir(project.0.path())
        .args(["-c", "user.name=a", "-c", "user.email=a@example.com"])
        .args(arguments.split(' '))
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .envs([("GIT_AUTHOR_DATE", &time), ("GIT_COMMITTER_DATE", &time)])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn commit(project: &Project, day: &str) {
    git(project, "add -A");
    git_on(project, &format!("commit -q -m {day}"), day);
}

/// Rotates passwords, and commits them on a day.
fn rotate(project: &Project, names: &str, day: &str) {
    project.run(&format!("secrets rotate -q {names}"), 0);
    commit(project, day);
}

/// The day of each password, by its Secret.
#[track_caller]
fn dates(project: &Project) -> Vec<(String, String)> {
    let said = project.run("secrets list --dates --format json", 0);
    let said: Value = serde_json::from_str(&said).unwrap();
    let text = |value: &Value| value.as_str().unwrap_or("none").to_owned();
    let row = |row: &Value| (text(&row["secret"]), text(&row["since"]));
    said["result"]["passwords"].as_array().unwrap().iter().map(row).collect()
}

/// The day of a password.
#[track_caller]
fn date(project: &Project, secret: &str) -> String {
    let found = dates(project).into_iter().find(|(name, _)| name == secret);
    found.unwrap_or_else(|| panic!("no {secret}")).1
}

/// The Secrets that a rotation on this day would take, and what it leaves.
#[track_caller]
fn older(project: &Project, days: u32, today: &str) -> (Vec<String>, Vec<String>) {
    let arguments =
        format!("secrets rotate --older-than {days}d --today {today} --dry-run --format json");
    let said: Value = serde_json::from_str(&project.run(&arguments, 0)).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let list = |value: &Value| value.as_array().unwrap().clone();
    let rotated = list(&said["result"]["rotated"]).iter().map(|it| text(&it["secret"])).collect();
    (rotated, list(&said["result"]["left"]).iter().map(text).collect())
}

#[test]
fn what_is_older_than_its_days_is_rotated() {
    let project = project();
    rotate(&project, "acme/acme-admin", "2026-03-01");
    let all = ["acme-db-credentials", "beta-admin", "beta-db-credentials", "db-root"];
    assert_eq!(older(&project, 90, "2026-04-02"), (all.map(str::to_owned).to_vec(), vec![]));
    // A password of January 1st is exactly 90 days old.
    assert_eq!(older(&project, 90, "2026-04-01"), (vec![], vec![]));
    assert_eq!(older(&project, 30, "2026-04-01").0.len(), 5);
    assert_eq!(older(&project, 0, "2026-01-01"), (vec![], vec![]));
    // A day before all commits, and one before 1970.
    assert_eq!(older(&project, 90_000, "2026-04-01"), (vec![], vec![]));

    let said = project.run("secrets rotate --older-than 90d --today 2026-04-02", 4);
    assert!(said.contains("would rotate 4 of 5 passwords, and no limit is stated"), "{said}");
    let said = project.run("secrets rotate --older-than 90d --today 2026-04-02 --limit 4", 0);
    assert!(said.contains("~ production/beta/beta-admin/password: generation 2\n"), "{said}");
    // What is rotated and not committed is new.
    let left = |secret: &str| format!("production/{secret}/password");
    let new =
        ["acme/acme-db-credentials", "db/db-root", "beta/beta-admin", "beta/beta-db-credentials"];
    let (rotated, mut kept) = older(&project, 90, "2026-07-01");
    kept.sort();
    let mut expected = new.map(left);
    expected.sort();
    assert_eq!((rotated, kept), (vec!["acme-admin".to_owned()], expected.to_vec()));
    let said = project.run("secrets rotate --older-than 90d --today 2026-07-01 --dry-run", 0);
    let reason = "not rotated, because its present generation is not committed yet\n";
    assert_eq!(said.matches(reason).count(), 4, "{said}");
}

#[test]
fn what_can_never_be_rotated_is_left_and_named() {
    let project = project();
    project.cluster("25.10", "{mode: plain}");
    let (rotated, left) = older(&project, 90, "2026-06-01");
    assert_eq!(rotated.len(), 4);
    assert_eq!(left, ["production/db/db-root/password"]);
    // A younger one of these is not spoken of.
    assert_eq!(older(&project, 200, "2026-06-01").1, [""; 0]);
    let said = project.run("secrets rotate --older-than 90d --today 2026-06-01 --limit 4", 0);
    assert!(
        said.contains("db-root/password: not rotated, because mariadb-operator 25.10"),
        "{said}"
    );
    assert!(said.contains("set `db_password` in its site_config.json"), "{said}");
    assert!(said.contains("set-admin-password"), "{said}");
}

#[test]
fn an_encryption_key_is_never_rotated_however_old_it_is() {
    let project = Project::new("{mode: plain}");
    let cluster = "sites/production/_cluster.yaml";
    let text = project.read(cluster).replace("frappe: \"2.6\"", "frappe: \"5.2\"");
    project.put(cluster, &text);
    project.run("render -q", 0);
    git(&project, "init -q -b main");
    commit(&project, "2026-01-01");
    let records = project.read(RECORDS);
    let key = records.split("acme-fernet-key:").nth(1).unwrap().to_owned();
    let (rotated, left) = older(&project, 90, "2026-06-01");
    assert_eq!(rotated, ["acme-admin", "acme-db-credentials", "db-root"]);
    assert_eq!(left, ["production/acme/acme-fernet-key/encryption_key"]);
    let said = project.run("secrets rotate --older-than 90d --today 2026-06-01 --limit 100%", 0);
    assert!(said.contains("acme-fernet-key/encryption_key: not rotated, because"), "{said}");
    assert_eq!(project.read(RECORDS).split("acme-fernet-key:").nth(1).unwrap(), key);
}

#[test]
fn dates_are_listed_for_people_too() {
    let project = project();
    project.run("secrets rotate -q acme/acme-admin", 0);
    let said = project.run("secrets list --dates acme", 0);
    assert_eq!(
        said,
        "production/acme  acme-db-credentials/password  1  2026-01-01     plain\n\
         production/acme  acme-admin/password           2  not committed  plain\n"
    );
    commit(&project, "2026-02-01");
    let said: Value =
        serde_json::from_str(&project.run("secrets list --dates acme --format json", 0)).unwrap();
    let commit = said["result"]["passwords"][1]["commit"].as_str().unwrap();
    git(&project, &format!("rev-parse --verify {commit}^{{commit}}"));
    let without: Value =
        serde_json::from_str(&project.run("secrets list acme --format json", 0)).unwrap();
    assert_eq!(without["result"]["passwords"][1].get("since"), None);
}

#[test]
fn a_definition_that_moves_keeps_the_age_of_its_passwords() {
    let project = project();
    rotate(&project, "acme/acme-admin", "2026-02-01");
    let before = dates(&project);
    project.run("mv production/acme production/retail/acme -q", 0);
    // Not committed at its new place.
    assert_eq!(date(&project, "acme-admin"), "none");
    commit(&project, "2026-03-01");
    project.run("mv production/retail/acme production/retail/corporation -q", 0);
    commit(&project, "2026-04-01");
    rotate(&project, "beta", "2026-05-01");
    let after = dates(&project);
    for row in before.iter().filter(|(secret, _)| secret.starts_with("acme")) {
        assert!(after.contains(row), "{row:?}: {after:?}");
    }
    assert_eq!(date(&project, "beta-admin"), "2026-05-01");
}

#[test]
fn another_key_of_the_same_file_is_not_younger() {
    let project = project();
    for day in ["2026-02-01", "2026-03-01", "2026-04-01"] {
        rotate(&project, "acme/acme-admin", day);
    }
    assert_eq!(date(&project, "acme-admin"), "2026-04-01");
    assert_eq!(date(&project, "acme-db-credentials"), "2026-01-01");
}

#[test]
fn merges_keep_the_day_of_the_rotation() {
    let project = project();
    git(&project, "checkout -q -b work");
    rotate(&project, "acme/acme-admin", "2026-02-01");
    git(&project, "checkout -q main");
    rotate(&project, "acme/acme-db-credentials", "2026-03-01");
    rotate(&project, "beta/beta-admin", "2026-04-01");
    git(&project, "checkout -q work");
    // Git merges two changes of one file, and a long branch gets what main has.
    git_on(&project, "merge -q --no-edit main", "2026-05-01");
    for (secret, day) in [
        ("acme-admin", "2026-02-01"),
        ("acme-db-credentials", "2026-03-01"),
        ("beta-admin", "2026-04-01"),
        ("beta-db-credentials", "2026-01-01"),
    ] {
        assert_eq!(date(&project, secret), day, "{secret}");
    }
    // A rotation that only the merge has.
    git(&project, "checkout -q -b more");
    rotate(&project, "beta/beta-db-credentials", "2026-06-01");
    git(&project, "checkout -q work");
    git(&project, "merge -q --no-ff --no-commit more");
    rotate(&project, "beta/beta-db-credentials", "2026-07-01");
    assert_eq!(date(&project, "beta-db-credentials"), "2026-07-01");
}

#[test]
fn a_rotation_that_is_taken_back_leaves_the_old_age() {
    let project = project();
    rotate(&project, "acme/acme-admin", "2026-02-01");
    git_on(&project, "revert --no-edit HEAD", "2026-03-01");
    assert_eq!(date(&project, "acme-admin"), "2026-01-01");
    rotate(&project, "acme/acme-admin", "2026-04-01");
    assert_eq!(date(&project, "acme-admin"), "2026-04-01");
}

#[test]
fn a_record_that_comes_again_is_new_and_a_rebase_keeps_the_day() {
    let project = project();
    let records = project.read(RECORDS);
    fs::remove_file(project.path(RECORDS)).unwrap();
    commit(&project, "2026-02-01");
    project.put(RECORDS, &records);
    commit(&project, "2026-03-01");
    assert_eq!(date(&project, "acme-admin"), "2026-03-01");
    git(&project, "commit -q --amend --no-edit -m amended --date 2026-03-01T12:00:00Z");
    assert_eq!(date(&project, "acme-admin"), "2026-03-01");
}

/// A version with the marks of a conflict is no reason to call a password new.
#[test]
fn a_version_that_is_not_valid_says_nothing() {
    let project = project();
    let records = project.read(RECORDS);
    project.put(RECORDS, &format!("<<<<<<< HEAD\n{records}"));
    commit(&project, "2026-02-01");
    project.put(RECORDS, &records);
    commit(&project, "2026-03-01");
    assert_eq!(date(&project, "acme-admin"), "2026-01-01");
}

/// The project is in a folder of its repository, and moved there, and its files differ from those that are committed.
#[test]
fn a_project_in_a_folder_has_the_ages_of_its_former_place() {
    let outer = project();
    let inner = outer.path("fleet/frappe");
    fs::create_dir_all(&inner).unwrap();
    for folder in ["sites", "rendered"] {
        git(&outer, &format!("mv {folder} fleet/frappe/{folder}"));
    }
    commit(&outer, "2026-02-01");
    let list = || {
        let output = Command::new(env!("CARGO_BIN_EXE_sitewright"))
            .args(["-C", "fleet/frappe", "secrets", "list", "--dates"])
            .current_dir(outer.0.path())
            .output()
            .unwrap();
        String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
    };
    assert_eq!(list().matches("  2026-01-01  ").count(), 5, "{}", list());
    let records = inner.join("production").with_file_name(RECORDS);
    let text = fs::read_to_string(&records).unwrap();
    fs::write(&records, text.replace("# Commit it", "# Commit it soon")).unwrap();
    assert_eq!(list().matches("  2026-01-01  ").count(), 5, "{}", list());
}

#[test]
fn a_shallow_clone_is_refused_unless_it_knows_enough() {
    let origin = project();
    rotate(&origin, "acme/acme-admin", "2026-02-01");
    commit_something(&origin, "2026-03-01");
    let clone = Project(tempfile::tempdir().unwrap());
    let from = format!("file://{}", origin.0.path().display());
    git(&clone, &format!("clone -q --depth 1 {from} ."));
    copy(&origin.path(".sitewright"), &clone.path(".sitewright"));
    let said = clone.run("secrets rotate --older-than 30d --today 2026-03-15 --dry-run", 2);
    assert!(
        said.contains("error[SW718]: the clone is shallow, and does not say when 5 passwords were made, such as `production/")
            && said.contains("= help: fetch the whole history: `git fetch --unshallow`"),
        "{said}"
    );
    clone.run("secrets list --dates", 2);
    // Five passwords are at least as old as the commit at which the clone ends.
    assert_eq!(older(&clone, 30, "2026-06-01").0.len(), 5);
    // Two more commits, of which the newer one is about a password.
    rotate(&clone, "acme/acme-admin", "2026-05-15");
    assert_eq!(older(&clone, 30, "2026-06-01").0.len(), 4);
    git(&clone, "fetch -q --unshallow");
    assert_eq!(date(&clone, "acme-db-credentials"), "2026-01-01");
}

fn commit_something(project: &Project, day: &str) {
    project.put(BETA, &format!("{}labels: {{team: blue}}\n", project.read(BETA)));
    project.run("render -q", 0);
    commit(project, day);
}

#[test]
fn without_a_history_nothing_is_guessed() {
    let project = Project::new("{mode: plain}");
    project.put("sites/production/acme.yaml", SITE);
    project.run("render -q", 0);
    for arguments in ["secrets rotate --older-than 90d --dry-run", "secrets list --dates"] {
        let said = project.run(arguments, 2);
        assert!(
            said.contains("error[SW718]: Git does not say when passwords were made: fatal: not a git repository"),
            "{said}"
        );
    }
    // No program of that name.
    let path = ("PATH", project.0.path().display().to_string());
    let said = project.run_with(&[path], "secrets list --dates", 2);
    assert!(said.contains("were made: git: entity not found"), "{said}");
    // A repository without a commit: everything is new.
    git(&project, "init -q -b main");
    let said = project.run("secrets rotate --older-than 0d --dry-run", 0);
    assert_eq!(said.matches("is not committed yet\n").count(), 3, "{said}");
    assert!(
        said.ends_with(
            "0 passwords would be rotated; nothing was written, because of `--dry-run`\n"
        ),
        "{said}"
    );
}

/// Settings of Git that change what its commands print.
#[test]
fn the_users_settings_of_git_change_nothing() {
    let project = project();
    project.run("mv production/acme production/retail/acme -q", 0);
    commit(&project, "2026-03-01");
    let before = dates(&project);
    for (name, value) in [
        ("diff.renames", "false"),
        ("log.showRoot", "false"),
        ("log.follow", "true"),
        ("log.showSignature", "true"),
        ("log.diffMerges", "first-parent"),
        ("diff.noprefix", "true"),
        ("core.quotePath", "true"),
        ("log.date", "relative"),
        ("format.pretty", "oneline"),
        ("color.ui", "always"),
    ] {
        git(&project, &format!("config {name} {value}"));
        assert_eq!(dates(&project), before, "{name}");
    }
    assert!(before.iter().all(|(_, day)| day == "2026-01-01"), "{before:?}");
    assert!(Path::new(&project.path("sites/production/retail")).exists());
}
