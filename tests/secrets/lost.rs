//! Records that are lost, empty or cut while something else still has the password: no command makes a second
//! one, and what the message names restores the first.

use crate::project::{ADMIN, CERTIFICATE, Project, RECORDS, SITE, tree};
use crate::renamed::old;
use sitewright::output::{Earlier, EarlierManifests};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;

const SEALED: &str = "{mode: sealed}";
const EXTERNAL: &str = "{mode: external, external: {store: {name: vault}}}";
const COMMANDS: [&str; 6] =
    ["render", "render --locked", "render --out elsewhere", "check", "diff", "secrets verify"];

/// A rendered project whose passwords have had some values.
fn project(mode: &str, layout: &str) -> Project {
    let project = Project::new(mode);
    project.put("sites/production/_sealing/2026-11.pem", CERTIFICATE);
    project.put("sitewright.yaml", &format!("kind: Project\nlayout: {layout}\n"));
    let site = format!("{SITE}database: {{mode: dedicated}}\n");
    project.put("sites/production/acme.yaml", &site);
    project.run("render", 0);
    project.run("secrets rotate acme/acme-admin", 0);
    project.run("render", 0);
    project
}

fn state(project: &Project) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = tree(project.0.path());
    files.retain(|path, _| !path.components().any(|part| part.as_os_str() == ".git"));
    files
}

/// The command that a message says restores it.
fn restoring(said: &str) -> String {
    let line = said.lines().find(|line| line.contains("` restores it"));
    let line = line.unwrap_or_else(|| panic!("nothing restores it: {said}"));
    line.split('`').nth(1).unwrap().to_owned()
}

/// Runs every command on a project whose records were damaged, then the one that restores them.
#[track_caller]
fn is_restored(project: &Project, before: &BTreeMap<PathBuf, Vec<u8>>) {
    let damaged = state(project);
    let mut command = String::new();
    for arguments in COMMANDS {
        let said = project.run(arguments, 2);
        assert!(said.contains("error[SW713]"), "{arguments}: {said}");
        assert!(state(project) == damaged, "{arguments} changed something");
        command = restoring(&said);
    }
    let arguments = command.strip_prefix("sitewright ").unwrap();
    project.run(arguments, 0);
    project.run("render", 0);
    project.run("check", 0);
    assert!(state(project) == *before, "{command} restored something else");
}

#[test]
fn a_record_that_is_gone_is_restored_from_what_was_rendered() {
    for mode in [SEALED, EXTERNAL] {
        for layout in ["object", "site"] {
            let project = project(mode, layout);
            let before = state(&project);
            // The whole file, and one record of it.
            fs::remove_file(project.path(RECORDS)).unwrap();
            is_restored(&project, &before);
            let records = project.read(RECORDS);
            let (start, rest) = records.split_once("acme-db-credentials:\n").unwrap();
            let (_, rest) = rest.split_once("acme-mariadb-root:\n").unwrap();
            project.put(RECORDS, &format!("{start}acme-mariadb-root:\n{rest}"));
            is_restored(&project, &before);
        }
    }
}

#[test]
fn a_record_of_an_earlier_version_is_restored_under_its_name() {
    for mode in [SEALED, EXTERNAL] {
        let project = Project::new(mode);
        project.put("sites/production/_sealing/2026-11.pem", CERTIFICATE);
        let project = old(project);
        let before = state(&project);
        fs::remove_file(project.path(RECORDS)).unwrap();
        is_restored(&project, &before);
        assert_eq!(project.record("acme-db-password")["generation"], 1, "{mode}");
        // Whoever wants a new password gets it under the new name.
        fs::remove_file(project.path(RECORDS)).unwrap();
        let said = project.run("secrets rotate acme/acme-db-credentials", 0);
        assert!(said.contains("its Secret was acme-db-password"), "{said}");
        assert_eq!(project.record("acme-db-credentials")["generation"], 2, "{mode}");
    }
}

#[test]
fn a_file_of_records_that_is_cut_anywhere_is_restored() {
    for (mode, layout) in [(SEALED, "object"), (EXTERNAL, "site")] {
        let project = project(mode, layout);
        let before = state(&project);
        let whole = project.read(RECORDS);
        let lines = whole.match_indices('\n').map(|(at, _)| at + 1);
        let within = (0..whole.len()).step_by(241);
        for end in lines.chain(within).filter(|end| *end < whole.len()) {
            project.put(RECORDS, &whole[..end]);
            let said = project.run("render", 2);
            assert!(said.contains("error[SW713]"), "{end}: {said}");
            let command = restoring(&said);
            project.run(command.strip_prefix("sitewright ").unwrap(), 0);
            project.run("render", 0);
            assert!(state(&project) == before, "cut at {end}: {command}");
        }
    }
}

/// What such a file holds is not known until somebody ends the merge, so no record counts as lost.
#[test]
fn an_unfinished_merge_is_the_only_problem_of_its_file() {
    let project = project(SEALED, "object");
    let whole = project.read(RECORDS);
    project.put(RECORDS, &format!("<<<<<<< HEAD\n{whole}"));
    let damaged = state(&project);
    for arguments in COMMANDS {
        let said = project.run(arguments, 2);
        assert!(said.contains("error[SW018]"), "{arguments}: {said}");
        assert_eq!(said.matches("error[").count(), 1, "{arguments}: {said}");
        assert!(state(&project) == damaged, "{arguments} changed something");
    }
    project.put(RECORDS, &whole);
    project.run("check", 0);
}

#[test]
fn a_damaged_file_is_replaced_only_by_all_of_its_passwords() {
    let project = project(SEALED, "object");
    project.put(RECORDS, "");
    let said = project.run("secrets adopt rendered/production/acme/sealedsecret-admin.yaml", 2);
    assert!(said.contains("error[SW008]: the file holds no record"), "{said}");
    assert_eq!(project.read(RECORDS), "");
    fs::remove_file(project.path("rendered/production/acme/sealedsecret-admin.yaml")).unwrap();
    let said = project.run("render", 2);
    assert!(said.contains("restore the file from Git") && !said.contains("SW713"), "{said}");
    // Another file that is damaged stays in the way.
    project.put("sites/production/db.secrets.yaml", "");
    let said = project.run("secrets adopt rendered/production/acme", 2);
    assert!(said.contains("db.secrets.yaml"), "{said}");
}

#[test]
fn a_ciphertext_of_any_length_shows_that_it_was_cut() {
    let project = project(SEALED, "object");
    let whole = project.read(RECORDS).replace("alphanumeric-32", "adopted");
    project.put(RECORDS, &whole);
    project.run("check", 0);
    // Four characters are three bytes: what is left has the form of a shorter value.
    project.put(RECORDS, &whole[..whole.len() - 5]);
    let said = project.run("check", 2);
    assert!(said.contains("error[SW705]: the file is incomplete"), "{said}");
    assert!(restoring(&said).starts_with("sitewright secrets adopt"), "{said}");
}

#[test]
fn what_the_base_of_a_diff_carries_is_restored_from_there() {
    for layout in ["object", "site"] {
        let project = project(SEALED, layout);
        let git = |arguments: &str| {
            let words = arguments.split(' ');
            let known = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
            let mut git = Command::new("git");
            let output = git.current_dir(project.0.path()).args(known).args(words).output();
            assert!(output.unwrap().status.success(), "git {arguments}");
        };
        git("init -q -b main");
        git("add .");
        git("commit -qm one");
        git("checkout -qb topic");
        let before = state(&project);
        fs::remove_file(project.path(RECORDS)).unwrap();
        fs::remove_dir_all(project.path("rendered")).unwrap();
        for base in ["main", "main..."] {
            let said = project.run(&format!("diff --base {base}"), 2);
            assert!(said.contains("error[SW713]"), "{said}");
            let command = restoring(&said);
            git(command.strip_prefix("git ").unwrap());
            git("reset -q");
            project.run("render", 0);
            assert!(state(&project) == before, "{command}");
            fs::remove_file(project.path(RECORDS)).unwrap();
            fs::remove_dir_all(project.path("rendered")).unwrap();
        }
    }
}

#[test]
fn what_another_folder_holds_is_no_less_known() {
    let project = project(SEALED, "object");
    project.run("render --out elsewhere", 0);
    fs::remove_dir_all(project.path("rendered")).unwrap();
    fs::remove_file(project.path(RECORDS)).unwrap();
    for command in ["render --out elsewhere", "check --out elsewhere", "diff --base ./elsewhere"] {
        let said = project.run(command, 2);
        let restoring = restoring(&said);
        assert!(restoring.contains("elsewhere/production/acme/"), "{command}: {said}");
    }
}

#[test]
fn what_the_cluster_keeps_otherwise_is_not_made_anew() {
    let project = project(SEALED, "object");
    fs::remove_file(project.path(RECORDS)).unwrap();
    project.cluster("26.6", EXTERNAL);
    let said = project.run("render", 2);
    assert!(said.contains("error[SW713]"), "{said}");
    assert!(said.contains("restore `sites/production/acme.secrets.yaml` from Git"), "{said}");
}

#[test]
fn a_new_password_is_made_where_that_is_said() {
    let project = project(SEALED, "object");
    fs::remove_file(project.path(RECORDS)).unwrap();
    let said = project.run("secrets list acme", 0);
    assert_eq!(said.matches("lost").count(), 3, "{said}");
    project.run("secrets rotate acme", 0);
    assert_eq!(project.record("acme-admin")["generation"], 3);
    assert_eq!(project.record("acme-db-credentials")["generation"], 2);
    project.run("render", 0);
    project.run("secrets verify", 0);
}

/// Whoever names a folder of manifests means what was lost of it, and not what is older there.
#[test]
fn what_was_rendered_replaces_no_record() {
    let project = project(SEALED, "site");
    project.run("secrets rotate acme/acme-admin", 0);
    let before = project.read(RECORDS);
    let said = project.run("secrets adopt rendered", 0);
    assert!(
        said.contains("acme-admin/password: not adopted, because its record has another value"),
        "{said}"
    );
    assert!(said.contains("0 passwords adopted, 3 already recorded"), "{said}");
    assert_eq!(project.read(RECORDS), before);
    let said = project.run("secrets adopt rendered --format json", 0);
    assert_eq!(said.matches("\"left\": true").count(), 1, "{said}");
}

#[test]
fn clear_text_on_this_machine_is_kept_with_its_generation() {
    let project = project("{mode: plain}", "object");
    let before = state(&project);
    fs::remove_file(project.path(RECORDS)).unwrap();
    let said = project.run("render --locked", 3);
    assert!(said.contains("run `sitewright render production/acme`"), "{said}");
    let said = project.run("render", 0);
    let kept =
        "3 passwords kept from .sitewright/secrets, recorded in sites/production/acme.secrets.yaml";
    assert!(said.contains(kept), "{said}");
    assert!(!said.contains("new password"), "{said}");
    assert!(state(&project) == before);
    fs::remove_file(project.path(RECORDS)).unwrap();
    let said = project.run("render --format json", 0);
    assert!(said.contains("\"passwords\": 0") && said.contains("\"kept\": 3"), "{said}");
    // Beside one that is new.
    fs::remove_file(project.path(RECORDS)).unwrap();
    fs::remove_file(project.path(ADMIN)).unwrap();
    let said = project.run("render", 0);
    assert!(said.contains("1 new password and 2 passwords kept from"), "{said}");
}

#[test]
fn clear_text_that_cannot_be_read_is_not_overwritten() {
    let project = project("{mode: plain}", "object");
    fs::remove_file(project.path(RECORDS)).unwrap();
    project.put(ADMIN, "");
    let before = state(&project);
    let said = project.run("render", 2);
    assert!(said.contains("error[SW713]") && said.contains(ADMIN), "{said}");
    assert!(state(&project) == before);
}

#[test]
fn a_name_of_earlier_versions_is_kept_where_only_clear_text_tells_it() {
    let project = project("{mode: plain}", "object");
    let folder = ".sitewright/secrets/production/acme";
    let new = project.path(&format!("{folder}/acme-db-credentials.yaml"));
    let text = fs::read_to_string(&new).unwrap();
    let former = text.replace("acme-db-credentials", "acme-db-password");
    project.put(&format!("{folder}/acme-db-password.yaml"), &former);
    fs::remove_file(new).unwrap();
    fs::remove_file(project.path(RECORDS)).unwrap();
    project.run("render", 0);
    assert_eq!(project.record("acme-db-password")["generation"], 1);
    let user = project.read("rendered/production/acme/user.yaml");
    assert!(user.contains("name: acme-db-password"), "{user}");
}

/// Which folders of earlier manifests are asked for.
#[derive(Default)]
struct Asked(Mutex<Vec<String>>);

impl Earlier for Asked {
    fn manifests(&self, folders: &[&str], _: fn(&str) -> bool) -> Option<EarlierManifests> {
        self.0.lock().unwrap().extend(folders.iter().map(|folder| (*folder).to_owned()));
        None
    }
}

/// A fleet of ten thousand sites is not read for the one that is new.
#[test]
fn earlier_manifests_are_looked_at_only_for_what_has_no_record() {
    let project = project(SEALED, "object");
    let asked = || {
        let asked = Asked::default();
        let read = sitewright::project::Project::read(project.0.path()).unwrap().value;
        let (fleet, plans) = sitewright::fleet(&read).value;
        sitewright::settle(&read, &fleet, &plans, &asked);
        asked.0.into_inner().unwrap()
    };
    assert!(asked().is_empty());
    project.put("sites/production/globex.yaml", "kind: Site\nsiteName: erp.globex.com\n");
    assert_eq!(asked(), ["production/globex"]);
}
