//! The assembly of a diff at the library: which trees are compared, and what is asked of them.

use super::support::{ACME, BENCH, Project};
use sitewright::diagnostic::{Code, Diagnostic, Reported};
use sitewright::diff::{Changes, Compared, Gate, compared};
use sitewright::project;
use sitewright::risk::{Action, Level};
use std::fs;

/// What changes, and what is said of it.
fn diff(project: &Project, base: Option<&str>) -> Result<(Changes, Vec<Code>), Vec<Code>> {
    let read = project::Project::read(project.0.path()).unwrap();
    let Reported { value: project, diagnostics: found } = read;
    let codes =
        |list: Vec<Diagnostic>| -> Vec<Code> { list.iter().map(|problem| problem.code).collect() };
    match compared(&project, base, found) {
        Ok(Compared { changes, diagnostics }) => Ok((changes, codes(diagnostics))),
        Err(problems) => Err(codes(problems)),
    }
}

/// The definitions that change, and how.
fn definitions(changes: &Changes) -> Vec<(&str, Action, Level)> {
    let all = changes.definitions.iter();
    all.map(|change| (change.definition.as_str(), change.action(), change.level())).collect()
}

#[test]
fn a_render_is_compared_with_the_folder_as_it_is_or_with_what_is_named() {
    let project = Project::new();
    project.git("init -q");
    project.git("add -A");
    project.git("commit -qm base");
    let copy = tempfile::tempdir().unwrap();
    let copy_path = copy.path().join("before");
    fs::rename(project.path("rendered"), &copy_path).unwrap();
    // Before the first render everything is new.
    let (changes, said) = diff(&project, None).unwrap();
    assert!(definitions(&changes).iter().all(|(_, action, _)| *action == Action::Added));
    assert_eq!((changes.definitions.len(), said), (6, vec![]));
    for base in ["HEAD", copy_path.to_str().unwrap()] {
        let (changes, said) = diff(&project, Some(base)).unwrap();
        assert_eq!((definitions(&changes), said), (vec![], vec![]), "{base}");
    }
    project.append(ACME, "database: {maxUserConnections: 7}\n");
    for base in ["HEAD", copy_path.to_str().unwrap()] {
        let (changes, _) = diff(&project, Some(base)).unwrap();
        let names: Vec<&str> = definitions(&changes).into_iter().map(|(name, ..)| name).collect();
        assert_eq!(names, ["eu/acme"], "{base}");
    }
}

#[test]
fn certificates_and_manifests_of_others_are_asked_for_where_the_base_is_named() {
    let project = Project::new();
    project.git("init -q");
    project.git("add -A");
    project.git("commit -qm base");
    project.put("rendered/eu/other.yaml", "kind: Secret\n");
    let certificate = fs::read_to_string(project.path("sites/eu/_sealing/1.pem")).unwrap();
    project.put("sites/eu/_sealing/2.pem", &certificate);
    let recipient = include_str!("../../examples/sops/sites/production/_sealing/flux.age.pub");
    project.put("sites/eu/_sealing/flux.age.pub", recipient);
    assert_eq!(definitions(&diff(&project, None).unwrap().0), []);
    let (changes, _) = diff(&project, Some("HEAD")).unwrap();
    let objects = changes.definitions.iter().flat_map(|one| &one.changes);
    let mut kinds: Vec<(&str, Level)> =
        objects.map(|change| (change.key.kind.as_str(), change.level())).collect();
    kinds.sort();
    let expected = ["Certificate", "File", "Recipient"].map(|kind| (kind, Level::Credential));
    assert_eq!(kinds, expected);
}

#[test]
fn the_removal_limit_and_the_gate_are_asked_of_the_same_changes() {
    let project = Project::new();
    project.put("sitewright.yaml", "kind: Project\nmaxRemovals: 0\n");
    project.remove(ACME);
    project.remove("sites/eu/acme.secrets.yaml");
    let (changes, said) = diff(&project, None).unwrap();
    assert_eq!(said, [Code::TooManyRemovals]);
    assert_eq!(definitions(&changes), [("eu/acme", Action::Removed, changes.level())]);
    let mut gate = Gate { deny: Some(Level::Credential), allow: Vec::new() };
    assert_eq!(gate.denied(&changes).len(), 1);
    gate.allow.push(("eu/acme".to_owned(), Level::DataLoss));
    assert_eq!(gate.denied(&changes).len(), 0);
    project.put("sitewright.yaml", "kind: Project\nmaxRemovals: 1\n");
    assert_eq!(diff(&project, None).unwrap().1, []);
}

#[test]
fn what_is_wrong_with_the_definitions_is_said_before_what_is_wrong_with_the_base() {
    let project = Project::new();
    assert_eq!(diff(&project, Some("./none")).unwrap_err(), [Code::DiffTree]);
    project.append(BENCH, "colour: green\n");
    let said = diff(&project, Some("./none")).unwrap_err();
    assert!(!said.is_empty() && !said.contains(&Code::DiffTree), "{said:?}");
}
