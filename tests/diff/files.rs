//! What the files of a render may be while its objects stay the same, and how many may go at once.

use super::support::{ACME, BIG, Project};
use std::fs;

const SETTINGS: &str = "sitewright.yaml";

/// Every file of the output, by its path.
fn output(project: &Project) -> Vec<String> {
    let listed = project.run("render --format json", 0);
    assert!(listed.contains("\"manifests\": 20"), "{listed}");
    let mut paths = Vec::new();
    let mut folders = vec![project.path("rendered")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => paths.push(
                    path.strip_prefix(project.path("rendered")).unwrap().display().to_string(),
                ),
            }
        }
    }
    paths.sort();
    paths
}

#[test]
fn a_layout_changes_files_and_no_object() {
    let project = Project::new();
    project.git("init -q");
    project.git("add -A");
    project.git("commit -qm base");
    let objects = output(&project);
    for settings in ["layout: site", "layout: site\nkustomizations: true", "kustomizations: true"] {
        project.put(SETTINGS, &format!("kind: Project\n{settings}\n"));
        assert_eq!(project.run("diff", 0), "no changes\n", "{settings}");
        let files = output(&project);
        assert_ne!(files, objects, "{settings}");
        for base in ["diff", "diff --base HEAD"] {
            assert_eq!(project.run(base, 0), "no changes\n", "{settings}");
        }
        assert!(project.run("check", 0).contains("20 manifests up to date"));
        project.run("secrets verify", 0);
    }
    project.remove(SETTINGS);
    assert_eq!(project.run("diff", 0), "no changes\n");
    assert_eq!(output(&project), objects);
    assert_eq!(project.git("status --porcelain rendered"), "");
}

#[test]
fn a_change_shows_in_every_layout() {
    let project = Project::new();
    project.put(SETTINGS, "kind: Project\nlayout: site\nkustomizations: true\n");
    project.run("render -q", 0);
    project.append(ACME, "database: {maxUserConnections: 7}\n");
    let said = project.run("diff", 0);
    assert!(said.contains("spec.maxUserConnections") && said.contains("100 → 7"), "{said}");
    let document = project.diff("");
    let definitions = document["definitions"].as_array().unwrap();
    assert_eq!(definitions.len(), 1);
    assert_eq!(definitions[0]["definition"], "eu/acme");
    // Nothing of a password differs.
    project.run("secrets verify", 0);
    let path = "rendered/eu/acme/manifests.yaml";
    let text = fs::read_to_string(project.path(path)).unwrap();
    project
        .put(path, &text.replace("sitewright/generation: \"1\"", "sitewright/generation: \"2\""));
    let said = project.run("secrets verify", 1);
    assert!(said.contains("eu/acme/manifests.yaml"), "{said}");
}

#[test]
fn no_more_goes_at_once_than_the_project_allows() {
    let project = Project::new();
    project.git("init -q");
    project.git("add -A");
    project.git("commit -qm base");
    project.put(SETTINGS, "kind: Project\nmaxRemovals: 1\n");
    project.remove(ACME);
    project.remove("sites/eu/acme.secrets.yaml");
    // One may go, and what moves does not.
    project.put("sites/eu/retail/big.yaml", &fs::read_to_string(project.path(BIG)).unwrap());
    project.remove(BIG);
    let records = fs::read_to_string(project.path("sites/eu/big.secrets.yaml")).unwrap();
    project.put("sites/eu/retail/big.secrets.yaml", &records);
    project.remove("sites/eu/big.secrets.yaml");
    project.run("diff", 0);
    project.remove("sites/eu/b16.yaml");
    let before = fs::read_to_string(project.path("rendered/eu/b16/frappebench.yaml")).unwrap();
    for (settings, allowed) in
        [("0", false), ("1", false), ("2", true), ("5%", false), ("50%", true)]
    {
        project.put(SETTINGS, &format!("kind: Project\nmaxRemovals: {settings}\n"));
        let code = if allowed { 0 } else { 4 };
        project.run("diff", code);
        project.run("diff --base HEAD", code);
    }
    project.put(SETTINGS, "kind: Project\nmaxRemovals: 1\n");
    project.run("render", 4);
    let after = fs::read_to_string(project.path("rendered/eu/b16/frappebench.yaml")).unwrap();
    assert_eq!(before, after, "a refused render changes nothing");
    project.put(SETTINGS, "kind: Project\nmaxRemovals: 2\n");
    project.run("render", 0);
    assert!(!project.path("rendered/eu/b16").exists());
}

#[cfg(target_os = "linux")]
#[test]
fn what_cannot_be_read_of_a_base_is_named() {
    use std::os::unix::ffi::OsStrExt as _;
    let project = Project::new();
    let name = std::ffi::OsStr::from_bytes(b"a\xff.yaml");
    fs::write(project.path("rendered/eu/acme").join(name), "").unwrap();
    let said = project.run("diff --base rendered --format json", 2);
    assert!(said.contains("SW001") && said.contains("rendered/eu/acme/a\u{fffd}.yaml"), "{said}");
    fs::remove_file(project.path("rendered/eu/acme").join(name)).unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn a_name_that_would_act_on_a_terminal_is_shown() {
    let project = Project::new();
    project.git("init -q");
    project.git("add -A");
    project.git("commit -qm base");
    let manifest = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
    project.put("rendered/eu/a\u{1b}[2Jb/c.yaml", manifest);
    let said = project.run("diff --base HEAD", 0);
    assert!(said.contains("a\\u{1b}[2Jb") && !said.contains('\u{1b}'), "{said}");
}

#[cfg(target_os = "linux")]
#[test]
fn pipes_where_files_of_a_run_are_expected_do_not_stop_it() {
    let project = Project::new();
    let staging = "rendered/.sitewright-staging";
    fs::create_dir(project.path(staging)).unwrap();
    let made = std::process::Command::new("mkfifo")
        .arg(project.path(&format!("{staging}/.thinned")))
        .status();
    assert!(made.unwrap().success());
    project.run("render -q", 0);
    assert!(!project.path(staging).exists());
}
