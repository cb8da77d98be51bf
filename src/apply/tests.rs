//! Tests of the order, in projects whose sites have passwords in clear text. Paths that must not be
//! writable have names that fail for root too.

use super::{
    Applied, Ledger, Options, Recorded, Rotated, Selection, Target, apply, check, given, prune,
    rotation, scope, set,
};
use crate::diagnostic::{Checked, Code, Diagnostic, Place, Reported};
use crate::language::Portion;
use crate::output::{Discard, Scope, State};
use crate::project::Project;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const RECORDS: &str = "sites/production/acme.secrets.yaml";
const CLEAR_TEXT: &str = ".sitewright/secrets/production/acme/acme-admin.yaml";
const MANIFEST: &str = "rendered/production/acme/frappesite.yaml";

/// A project with these sites.
fn project(sites: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        (
            "_cluster",
            "kind: Cluster\noperators: {frappe: \"2.6\", mariadb: \"26.6\"}\nnamespace: frappe\n\
             secrets: {mode: plain}\n",
        ),
        (
            "_defaults",
            "kind: Defaults\nsite:\n  bench: erpnext-v15\n  apps: [erpnext]\n  \
             database: {server: frappe-mariadb}\n",
        ),
        ("frappe-mariadb", "kind: DatabaseServer\nstorageSize: 50Gi\n"),
        ("erpnext-v15", "kind: Bench\nmanaged: false\n"),
    ] {
        put(&folder, &format!("sites/production/{name}.yaml"), text);
    }
    sites.iter().for_each(|name| put_site(&folder, name));
    folder
}

fn put_site(folder: &TempDir, name: &str) {
    let text = format!("kind: Site\nsiteName: {name}.example.com\n");
    put(folder, &format!("sites/production/{name}.yaml"), &text);
}

fn put(folder: &TempDir, path: &str, text: &str) {
    let path = folder.path().join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// The project as it is now, with the diagnostics of reading it.
fn read(folder: &TempDir) -> (Project, Vec<Diagnostic>) {
    let Reported { value: project, diagnostics } = Project::read(folder.path()).unwrap();
    (project, diagnostics)
}

/// Writes everything, or only these paths. Returns what `see` reads from the result.
fn run<T>(
    folder: &TempDir,
    paths: &[&str],
    locked: bool,
    see: impl FnOnce(&Applied) -> T,
) -> Result<T, Vec<Code>> {
    let (project, mut found) = read(folder);
    let target = Target::of_manifests(None, &project).unwrap();
    let paths: Vec<String> = paths.iter().map(|path| (*path).to_owned()).collect();
    let scope = scope(&paths, &target, &project).add_to(&mut found);
    let options = Options { target: &target, scope: &scope, locked, force: false, dry_run: false };
    match apply(&project, options, found) {
        Ok(applied) => Ok(see(&applied)),
        Err(problems) => Err(problems.iter().map(|problem| problem.code).collect()),
    }
}

/// Writes everything.
fn write(folder: &TempDir) -> Result<(), Vec<Code>> {
    run(folder, &[], false, |_| ())
}

/// All files of a project with their bytes.
fn files(folder: &TempDir) -> BTreeMap<String, Vec<u8>> {
    fn walk(root: &Path, below: &str, found: &mut BTreeMap<String, Vec<u8>>) {
        for (name, kind) in crate::source::entries(&root.join(below)).unwrap() {
            let path = format!("{below}{name}");
            match kind.is_dir() {
                true => walk(root, &format!("{path}/"), found),
                false => _ = found.insert(path.clone(), fs::read(root.join(path)).unwrap()),
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(folder.path(), "", &mut found);
    found
}

fn is_there(folder: &TempDir, path: &str) -> bool {
    folder.path().join(path).exists()
}

#[test]
fn a_run_says_what_it_wrote_and_the_next_one_writes_nothing() {
    let folder = project(&["acme"]);
    let (created, recorded) = run(&folder, &[], false, |applied| {
        (applied.written.created.clone(), applied.recorded.clone())
    })
    .unwrap();
    assert!(created.contains(&MANIFEST.replace("rendered/", "")), "{created:?}");
    assert_eq!(recorded.records, [RECORDS, "sites/production/frappe-mariadb.secrets.yaml"]);
    assert!(recorded.plain.contains(&CLEAR_TEXT.to_owned()), "{recorded:?}");
    let before = files(&folder);
    let again = run(&folder, &[], false, |applied| {
        let written = &applied.written;
        let changed = [&written.created, &written.updated, &written.removed];
        (changed.map(Vec::len), applied.recorded.clone(), applied.compiled.objects)
    });
    let (changed, recorded, objects) = again.unwrap();
    assert_eq!((changed, recorded), ([0; 3], Recorded::default()));
    assert!(objects > 4, "{objects}");
    assert_eq!(files(&folder), before);
}

#[test]
fn the_limit_is_asked_before_anything_is_written() {
    let folder = project(&["old"]);
    write(&folder).unwrap();
    for file in ["old.yaml", "old.secrets.yaml"] {
        fs::remove_file(folder.path().join("sites/production").join(file)).unwrap();
    }
    put_site(&folder, "acme");
    put(&folder, "sitewright.yaml", "kind: Project\nmaxRemovals: 0\n");
    let before = files(&folder);
    assert_eq!(write(&folder), Err(vec![Code::TooManyRemovals]));
    assert_eq!(files(&folder), before);
    // The limit was the only reason against the new site.
    put(&folder, "sitewright.yaml", "kind: Project\nmaxRemovals: 1\n");
    write(&folder).unwrap();
    assert!([RECORDS, CLEAR_TEXT, MANIFEST].iter().all(|path| is_there(&folder, path)));
}

#[test]
fn manifests_that_cannot_be_written_leave_the_records_as_they_are() {
    let folder = project(&["acme"]);
    put(&folder, "rendered", "no folder");
    let before = files(&folder);
    assert_eq!(write(&folder), Err(vec![Code::OutputPlace]));
    assert_eq!(files(&folder), before);
}

#[test]
fn records_that_cannot_be_written_leave_the_manifests_as_they_are() {
    let folder = project(&[]);
    write(&folder).unwrap();
    put_site(&folder, "acme");
    // A file with the name of the folder for new records.
    put(&folder, "sites/.sitewright-staging", "no folder");
    let rendered = |folder: &TempDir| -> Vec<_> {
        files(folder).into_iter().filter(|(path, _)| path.starts_with("rendered/")).collect()
    };
    let before = rendered(&folder);
    assert_eq!(write(&folder), Err(vec![Code::WriteFailed]));
    assert_eq!(rendered(&folder), before);
    assert!(!is_there(&folder, RECORDS));
    // The next run takes a value that has no record yet.
    let clear_text = fs::read(folder.path().join(CLEAR_TEXT)).unwrap();
    fs::remove_file(folder.path().join("sites/.sitewright-staging")).unwrap();
    write(&folder).unwrap();
    assert_eq!(fs::read(folder.path().join(CLEAR_TEXT)).unwrap(), clear_text);
    assert!(is_there(&folder, RECORDS) && is_there(&folder, MANIFEST));
}

#[test]
fn a_locked_run_makes_no_password() {
    let folder = project(&["acme", "other"]);
    let before = files(&folder);
    // One problem for each definition, although each site has several passwords.
    assert_eq!(run(&folder, &[], true, |_| ()), Err(vec![Code::NoRecord; 3]));
    let sites = ["production/acme", "production/other"];
    assert_eq!(run(&folder, &sites, true, |_| ()), Err(vec![Code::NoRecord; 2]));
    assert_eq!(files(&folder), before);
}

#[test]
fn a_run_writes_what_its_paths_name() {
    for path in ["production/acme", "sites/production/acme.yaml", "./production/acme/"] {
        let folder = project(&["acme", "other"]);
        run(&folder, &[path], false, |_| ()).unwrap();
        assert!(is_there(&folder, RECORDS) && is_there(&folder, MANIFEST), "{path}");
        let others = ["rendered/production/other", "sites/production/other.secrets.yaml"];
        assert!(!others.iter().any(|path| is_there(&folder, path)), "{path}");
    }
    let folder = project(&["acme"]);
    let before = files(&folder);
    assert_eq!(run(&folder, &["production/acne"], false, |_| ()), Err(vec![Code::UnknownPath]));
    assert_eq!(files(&folder), before);
    run(&folder, &["sites"], false, |_| ()).unwrap();
    assert!(is_there(&folder, "rendered/production/frappe-mariadb/mariadb.yaml"));
}

#[test]
fn no_manifest_is_written_among_what_is_read() {
    let folder = project(&["acme"]);
    let (project, _) = read(&folder);
    let root = folder.path();
    for path in ["sites", "sites/production", "templates", "rendered/production", "gitops", "."] {
        let problem = Target::of_manifests(Some(&root.join(path)), &project).unwrap_err();
        assert_eq!(problem.code, Code::OutputPlace, "{path}");
    }
    for path in ["rendered", "elsewhere"] {
        Target::of_manifests(Some(&root.join(path)), &project).unwrap();
    }
    Target::of_delivery(Some(&root.join("rendered")), &project).unwrap_err();
    Target::of_delivery(None, &project).unwrap();
}

#[test]
fn a_check_tells_what_a_run_would_leave() {
    let folder = project(&["acme"]);
    let states = |folder: &TempDir| -> (bool, Vec<(String, State)>) {
        let (project, found) = read(folder);
        let checked = check(&project, None, found).unwrap();
        assert!(checked.delivery.is_none());
        let entries = checked.manifests.entries.iter();
        let states = entries.map(|entry| (entry.path.clone(), entry.state)).collect();
        (checked.is_current(), states)
    };
    write(&folder).unwrap();
    assert_eq!(states(&folder), (true, Vec::new()));
    // No run looks at a name that starts with a dot, but engines apply such a file.
    put(&folder, "rendered/production/.hidden.yaml", "kind: Secret\n");
    let hidden = ("production/.hidden.yaml".to_owned(), State::Foreign);
    assert_eq!(states(&folder), (false, vec![hidden]));
    fs::remove_file(folder.path().join("rendered/production/.hidden.yaml")).unwrap();
    fs::remove_file(folder.path().join(MANIFEST)).unwrap();
    let missing = (MANIFEST.replace("rendered/", ""), State::Missing);
    assert_eq!(states(&folder), (false, vec![missing]));
}

#[test]
fn a_site_that_only_seems_to_have_another_name_is_told() {
    let folder = project(&["acme"]);
    write(&folder).unwrap();
    fs::remove_file(folder.path().join(RECORDS)).unwrap();
    let (old, new) = ("sites/production/acme.yaml", "sites/production/acme-erp.yaml");
    fs::rename(folder.path().join(old), folder.path().join(new)).unwrap();
    let (project, found) = read(&folder);
    let checked = check(&project, None, found).unwrap();
    let said = |warnings: &[Diagnostic]| {
        let renamed = warnings.iter().find(|problem| problem.code == Code::Renamed).unwrap();
        matches!(renamed.place, Place::Span(_))
    };
    assert!(said(&checked.diagnostics));
    assert!(run(&folder, &[], false, |applied| said(&applied.warnings)).unwrap());
}

/// Works on the recorded passwords of a project.
fn with_ledger<T>(folder: &TempDir, work: impl FnOnce(&Ledger) -> T) -> T {
    let (project, mut found) = read(folder);
    let (fleet, plans) = crate::fleet(&project).add_to(&mut found);
    assert!(found.is_empty(), "{found:?}");
    let settlement = crate::settle(&project, &fleet, &plans, &Discard);
    work(&Ledger { project: &project, fleet: &fleet, settlement })
}

/// Rotates what these names mean.
fn rotate(names: &[String], ledger: &Ledger) -> Checked<Rotated> {
    rotation(&Selection::Named(names.to_vec()), ledger)?.record(ledger)
}

/// Rotates all that can be rotated, within a limit.
fn rotate_all(limit: Option<&str>, ledger: &Ledger) -> Checked<Rotated> {
    let limit = limit.map(|limit| Portion::new(limit).unwrap());
    rotation(
        &Selection::Fitting { cluster: None, sealed_for: None, made_before: None, limit },
        ledger,
    )?
    .record(ledger)
}

fn codes<T>(result: Result<T, Vec<Diagnostic>>) -> Result<T, Vec<Code>> {
    result.map_err(|problems| problems.iter().map(|problem| problem.code).collect())
}

#[test]
fn a_dry_run_says_what_a_run_does_and_writes_nothing() {
    let folder = project(&["acme"]);
    let dry = |folder: &TempDir| {
        let (project, found) = read(folder);
        let target = Target::of_manifests(None, &project).unwrap();
        let scope = Scope::everything();
        let options =
            Options { target: &target, scope: &scope, locked: false, force: false, dry_run: true };
        let applied = apply(&project, options, found).unwrap();
        (applied.written, applied.compiled.passwords.counts().0)
    };
    let before = files(&folder);
    let (planned, passwords) = dry(&folder);
    assert_eq!(files(&folder), before);
    assert!(
        !folder.path().join("rendered").exists() && !folder.path().join(".sitewright").exists()
    );
    let written = run(&folder, &[], false, |applied| {
        (applied.written.clone(), applied.compiled.passwords.counts().0)
    });
    assert_eq!(written.unwrap(), (planned, passwords));
    // A site that goes, and one that changes.
    put_site(&folder, "other");
    write(&folder).unwrap();
    fs::remove_file(folder.path().join("sites/production/other.yaml")).unwrap();
    put(
        &folder,
        "sites/production/acme.yaml",
        "kind: Site\nsiteName: acme.example.com\ndomain: a.example.com\n",
    );
    let before = files(&folder);
    let (planned, _) = dry(&folder);
    assert_eq!(files(&folder), before);
    assert!(!planned.removed.is_empty() && planned.updated.len() == 1, "{planned:?}");
    assert_eq!(run(&folder, &[], false, |applied| applied.written.clone()).unwrap(), planned);
}

#[test]
fn a_rotation_is_recorded_and_leaves_the_manifests_to_the_next_run() {
    let folder = project(&["acme"]);
    write(&folder).unwrap();
    let before = files(&folder);
    let name = ["acme-admin".to_owned()];
    let recorded = with_ledger(&folder, |ledger| rotate(&name, ledger).unwrap().recorded);
    let expected = Recorded {
        records: vec![RECORDS.to_owned()],
        plain: vec![CLEAR_TEXT.to_owned()],
        removed: Vec::new(),
    };
    assert_eq!(recorded, expected);
    let after = files(&folder);
    let changed = after.iter().filter(|(path, bytes)| before.get(*path) != Some(*bytes));
    let changed: Vec<&String> = changed.map(|(path, _)| path).collect();
    assert_eq!(changed, [CLEAR_TEXT, RECORDS]);
    let text = String::from_utf8_lossy(&after[RECORDS]);
    assert!(text.contains("generation: 2"), "{text}");
}

#[test]
fn nothing_is_rotated_where_any_name_is_wrong() {
    let folder = project(&["acme"]);
    let name = |name: &str| name.to_owned();
    // Without a record there is nothing to rotate.
    let refused = with_ledger(&folder, |ledger| codes(rotate(&[name("acme")], ledger)));
    assert!(refused.unwrap_err().iter().all(|code| *code == Code::NotRotatable));
    write(&folder).unwrap();
    let before = files(&folder);
    let names = [name("acme-admin"), name("acne")];
    let refused = with_ledger(&folder, |ledger| codes(rotate(&names, ledger)));
    assert_eq!(refused.map(|_| ()), Err(vec![Code::UnknownPath]));
    assert_eq!(files(&folder), before);
}

#[test]
fn a_rotation_of_all_needs_a_limit_and_keeps_to_it() {
    let folder = project(&["acme", "other"]);
    write(&folder).unwrap();
    let before = files(&folder);
    for limit in [None, Some("0"), Some("1"), Some("10%")] {
        let refused = with_ledger(&folder, |ledger| codes(rotate_all(limit, ledger)));
        assert_eq!(refused.map(|_| ()), Err(vec![Code::TooManyRotations]), "{limit:?}");
        assert_eq!(files(&folder), before);
    }
    let rotated = with_ledger(&folder, |ledger| rotate_all(Some("100%"), ledger)).unwrap();
    // The server's root password too: this mariadb-operator can change it.
    assert_eq!(rotated.passwords.minted.len(), 5);
    assert!(rotated.passwords.minted.iter().all(|minted| minted.record.generation == 2));
    assert!(rotated.left.is_empty());
}

#[test]
fn a_rotation_of_all_leaves_what_cannot_be_rotated() {
    let folder = project(&["acme"]);
    let cluster = folder.path().join("sites/production/_cluster.yaml");
    let text = fs::read_to_string(&cluster).unwrap();
    fs::write(&cluster, text.replace("\"26.6\"", "\"25.10\"")).unwrap();
    write(&folder).unwrap();
    let rotated = with_ledger(&folder, |ledger| rotate_all(Some("2"), ledger)).unwrap();
    let left: Vec<&str> = rotated.left.iter().map(|(path, _)| path.as_str()).collect();
    assert!(left.len() == 1 && left[0].ends_with("-root/password"), "{left:?}");
    assert_eq!(rotated.passwords.minted.len(), 2);
}

#[test]
fn what_is_made_here_is_not_set_and_what_is_set_is_one_word() {
    let folder = project(&["acme"]);
    write(&folder).unwrap();
    let before = files(&folder);
    with_ledger(&folder, |ledger| {
        assert_eq!(given("acme-admin", ledger).unwrap_err().code, Code::NotRotatable);
        let settled = ledger.choose("acme-admin").unwrap()[0];
        let refused = codes(set(settled, b"two words", ledger));
        assert_eq!(refused.map(|_| ()), Err(vec![Code::BadValue]));
    });
    assert_eq!(files(&folder), before);
}

#[test]
fn what_nothing_uses_goes_with_its_clear_text() {
    let folder = project(&["acme", "other"]);
    write(&folder).unwrap();
    fs::remove_file(folder.path().join("sites/production/acme.yaml")).unwrap();
    let recorded = with_ledger(&folder, |ledger| prune(ledger.project, &ledger.settlement, false));
    let recorded = recorded.unwrap();
    assert_eq!(recorded.records, [RECORDS]);
    assert!(recorded.removed.contains(&CLEAR_TEXT.to_owned()), "{recorded:?}");
    assert!(!is_there(&folder, RECORDS) && !is_there(&folder, CLEAR_TEXT));
    assert!(is_there(&folder, &RECORDS.replace("acme", "other")));
    assert!(is_there(&folder, &CLEAR_TEXT.replace("acme", "other")));
}
