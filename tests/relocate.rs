//! Definitions that move: no byte of any object changes, records and passwords follow, and a move that was interrupted
//! anywhere leaves a project that compiles to the same objects.

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tools;

#[cfg(test)]
mod tests {
    use super::samples::{files, samples};
    use super::tools::needed;
    use sitewright::diagnostic::{Code, Diagnostic, Reported};
    use sitewright::language::{Definition, Kind};
    use sitewright::output::{Scope, layout};
    use sitewright::project::Project;
    use sitewright::relocate::{self, Move};
    use sitewright::secret::Missing;
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;
    use std::process::Command;
    use tempfile::TempDir;

    /// A copy of a project without what it renders.
    fn copy(root: &Path) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in ["sites", "templates"] {
            if !root.join(name).is_dir() {
                continue;
            }
            for (path, bytes) in files(&root.join(name)) {
                let target = folder.path().join(name).join(path);
                fs::create_dir_all(target.parent().unwrap()).unwrap();
                fs::write(target, bytes).unwrap();
            }
        }
        let settings = root.join("sitewright.yaml");
        if settings.is_file() {
            fs::copy(settings, folder.path().join("sitewright.yaml")).unwrap();
        }
        folder
    }

    fn read(root: &Path) -> Project {
        let Reported { value, diagnostics } = Project::read(root).unwrap();
        assert_eq!(diagnostics.iter().filter(|it| it.is_error()).count(), 0, "{diagnostics:?}");
        value
    }

    /// Every object that the project makes, each as its text. Where it is in the tree does not matter, but its cluster.
    fn objects(root: &Path) -> BTreeSet<(String, String)> {
        let project = read(root);
        let compiled = sitewright::compile(&project, Missing::Ignore, Vec::new());
        let compiled = compiled.unwrap().without_errors().unwrap().value;
        let of = |(path, bytes): (&String, &Vec<u8>)| {
            let text = String::from_utf8(bytes.clone()).unwrap();
            let body = text.splitn(3, '\n').nth(2).unwrap().to_owned();
            let cluster = path.split('/').next().unwrap().to_owned();
            let objects = layout::objects_of(&body).into_iter().map(str::to_owned);
            objects.map(|text| (cluster.clone(), text)).collect::<Vec<_>>()
        };
        let of_kustomize = |text: &str| text.starts_with("apiVersion: kustomize.config.k8s.io/");
        let all = compiled.files.iter().flat_map(of);
        all.filter(|(_, text)| !of_kustomize(text)).collect()
    }

    fn planned(root: &Path, old: &str, new: &str) -> Result<Move, Vec<Diagnostic>> {
        relocate::plan(read(root), old, new, Vec::new()).map_err(|refused| refused.diagnostics)
    }

    fn refused(root: &Path, old: &str, new: &str) -> Vec<Code> {
        planned(root, old, new).unwrap_err().iter().map(|it| it.code).collect()
    }

    /// Renders, so that every password has a record.
    fn render(root: &Path) {
        let binary = env!("CARGO_BIN_EXE_sitewright");
        let done = Command::new(binary).args(["-q", "-C"]).arg(root).arg("render").status();
        assert!(done.unwrap().success());
    }

    #[test]
    fn every_definition_of_every_sample_is_renamed_and_no_object_changes() {
        let mut renamed = 0;
        for sample in samples() {
            let folder = copy(&sample.root);
            let before = objects(folder.path());
            assert!(!before.is_empty(), "{}", sample.name);
            let has_place = |it: &&Definition| !matches!(it.kind, Kind::Cluster | Kind::Defaults);
            let project = read(folder.path());
            let paths: Vec<String> =
                project.definitions.iter().filter(has_place).map(Definition::path).collect();
            for path in paths {
                let moved = planned(folder.path(), &path, &format!("{path}-2")).unwrap();
                assert!(moved.changes.definitions.is_empty(), "{}: {path}", sample.name);
                assert_eq!(moved.stated_name.as_deref(), path.rsplit('/').next(), "{path}");
                moved.write().unwrap();
                renamed += 1;
            }
            assert_eq!(objects(folder.path()), before, "{}", sample.name);
            let left = files(&folder.path().join("sites")).into_keys();
            let left: Vec<String> = left
                .filter(|path| {
                    path.ends_with(".yaml") && !path.contains("/_") && !path.starts_with('_')
                })
                .filter(|path| {
                    !path.trim_end_matches(".yaml").trim_end_matches(".secrets").ends_with("-2")
                })
                .collect();
            assert!(left.is_empty(), "{}: {left:?}", sample.name);
        }
        assert!(renamed > 60, "{renamed}");
    }

    /// A project with records: one site in a folder with defaults of its own.
    fn small(mode: &str) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        let certificate =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("sites/frankfurt/_sealing/2026-11.pem");
        let certificate = fs::read_to_string(certificate).unwrap();
        for (path, text) in [
            (
                "eu/_cluster.yaml",
                format!(
                    "kind: Cluster\noperators: {{frappe: \"2.6\", mariadb: \"26.6\", frappeDefaultFsGroup: 1000}}\n\
                     namespace: erp\nsecrets: {{mode: {mode}}}\n"
                )
                .as_str(),
            ),
            ("eu/_sealing/1.pem", certificate.as_str()),
            ("eu/b15.yaml", "kind: Bench\nfrappeVersion: version-15\nimage: {repository: erp, tag: v15.90.1}\napps: [{name: erpnext, source: image}]\n"),
            ("eu/db.yaml", "kind: DatabaseServer\nstorageSize: 100Gi\n"),
            ("eu/db2.yaml", "kind: DatabaseServer\nstorageSize: 100Gi\n"),
            ("_defaults.yaml", "kind: Defaults\nsite: {bench: b15, apps: [erpnext], database: {server: db}}\n"),
            ("eu/acme.yaml", "# ours\nkind: Site # a site\nsiteName: erp.acme.com\n"),
            ("eu/retail/globex.yaml", "kind: Site\nsiteName: erp.globex.com\n"),
            ("eu/big/_defaults.yaml", "kind: Defaults\nsite: {database: {maxUserConnections: 70}}\n"),
            ("eu/other/_defaults.yaml", "kind: Defaults\nsite: {namespace: other}\ndatabaseServer: {namespace: other}\n"),
            ("eu/far/_defaults.yaml", "kind: Defaults\nsite: {database: {server: db2}}\n"),
            ("us/_cluster.yaml", "kind: Cluster\noperators: {frappe: \"2.6\", mariadb: \"26.6\"}\nnamespace: erp\n"),
        ] {
            let path = folder.path().join("sites").join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        render(folder.path());
        folder
    }

    fn text(folder: &TempDir, path: &str) -> String {
        fs::read_to_string(folder.path().join(path)).unwrap()
    }

    #[test]
    fn records_and_passwords_follow_the_file() {
        for mode in ["plain", "sealed"] {
            let folder = small(mode);
            let (before, records) =
                (objects(folder.path()), text(&folder, "sites/eu/acme.secrets.yaml"));
            planned(folder.path(), "acme", "eu/retail/acme-gmbh").unwrap().write().unwrap();
            assert_eq!(objects(folder.path()), before);
            assert_eq!(
                text(&folder, "sites/eu/retail/acme-gmbh.yaml"),
                "# ours\nkind: Site # a site\nname: acme\nsiteName: erp.acme.com\n"
            );
            let moved = text(&folder, "sites/eu/retail/acme-gmbh.secrets.yaml");
            assert!(moved.contains("passwords of acme-gmbh:"), "{moved}");
            let facts = |text: &str| text.splitn(3, '\n').nth(2).unwrap().to_owned();
            assert_eq!(facts(&moved), facts(&records));
            assert!(!folder.path().join("sites/eu/acme.secrets.yaml").exists());
            let secrets = folder.path().join(".sitewright/secrets/eu");
            assert_eq!(secrets.join("retail/acme-gmbh/acme-admin.yaml").is_file(), mode == "plain");
            assert!(!secrets.join("acme").exists());
            // The next render needs no new password, and finds no stray one.
            let project = read(folder.path());
            let everything = Scope::everything();
            let compiled = sitewright::compile(&project, Missing::Refuse(&everything), Vec::new());
            assert_eq!(compiled.unwrap().diagnostics, []);
        }
    }

    #[test]
    fn a_folder_moves_whole_and_other_defaults_are_told() {
        let folder = small("sealed");
        let before = objects(folder.path());
        planned(folder.path(), "eu/retail", "eu/shops").unwrap().write().unwrap();
        assert_eq!(objects(folder.path()), before);
        assert!(folder.path().join("sites/eu/shops/globex.secrets.yaml").is_file());
        assert!(!folder.path().join("sites/eu/retail").exists());
        let moved = planned(folder.path(), "eu/shops", "eu/big/").unwrap();
        assert_eq!((moved.to.as_str(), moved.is_folder), ("eu/big/shops", true));
        let fields = moved.changes.definitions.iter().flat_map(|group| &group.changes);
        let fields: Vec<String> = fields.flat_map(|it| &it.fields).map(|it| it.field()).collect();
        assert_eq!(fields, ["spec.maxUserConnections"]);
        assert_eq!(moved.changes.moves[0].to, "eu/big/shops/globex");
        moved.write().unwrap();
        assert!(folder.path().join("sites/eu/big/shops/globex.yaml").is_file());
    }

    #[test]
    fn what_would_be_another_object_is_refused_and_nothing_moves() {
        let folder = small("sealed");
        let before = files(folder.path());
        for (old, new, code) in [
            ("eu/acme", "us/acme", Code::Migration),
            ("eu", "europe", Code::Migration),
            ("eu/acme", "eu/other/acme", Code::Migration),
            ("eu/db2", "eu/other/db2", Code::Migration),
            ("eu/acme", "eu/far/acme", Code::Migration),
            ("eu/acme", "eu/db", Code::MoveTarget),
            ("eu/retail", "eu/big", Code::MoveTarget),
            ("eu/acme", "eu/acme", Code::MoveTarget),
            ("eu/retail", "eu/retail/b", Code::MoveTarget),
            ("eu/acme", "eu/Acme", Code::FileName),
            ("eu/acne", "eu/x", Code::UnknownPath),
            ("eu/_cluster", "eu/x", Code::UnknownPath),
        ] {
            // A folder that exists is a place to move into, so another name in it is taken.
            if (old, new) == ("eu/retail", "eu/big") {
                fs::create_dir_all(folder.path().join("sites/eu/big/retail")).unwrap();
            }
            assert_eq!(refused(folder.path(), old, new).last(), Some(&code), "{old} {new}");
        }
        assert_eq!(files(folder.path()), before);
    }

    #[test]
    fn an_interrupted_move_leaves_the_same_objects_and_can_be_repeated() {
        let folder = small("plain");
        let root = folder.path();
        let before = objects(root);
        let (old, new) = ("sites/eu/acme", "sites/eu/big-acme");
        // A folder in the place of a value stops the move directly before its rename.
        let in_the_way = root.join(".sitewright/secrets/eu/big-acme/acme-admin.yaml");
        fs::create_dir_all(&in_the_way).unwrap();
        let moved = planned(root, "eu/acme", "eu/big-acme").unwrap();
        assert_eq!(moved.write().unwrap_err().code, Code::WriteFailed);
        assert!(root.join(format!("{old}.yaml")).is_file());
        assert!(root.join(format!("{new}.secrets.yaml")).is_file(), "the records are copied first");
        assert_eq!(objects(root), before);
        fs::remove_dir(&in_the_way).unwrap();
        let moved = planned(root, "eu/acme", "eu/big-acme").unwrap();
        assert_eq!(moved.stated_name, None, "the first run has stated it");
        moved.write().unwrap();
        assert_eq!(objects(root), before);
        // Killed directly after the rename, the old records are still there.
        fs::copy(
            root.join(format!("{new}.secrets.yaml")),
            root.join(format!("{old}.secrets.yaml")),
        )
        .unwrap();
        assert_eq!(objects(root), before);
        let other = root.join(format!("{old}.secrets.yaml"));
        assert!(other.is_file());
        assert_eq!(refused(root, "eu/big-acme", "eu/acme"), [Code::MoveTarget]);
    }

    /// The calls with which a run changes files.
    const CHANGING: [&str; 11] = [
        "rename",
        "renameat",
        "renameat2",
        "unlink",
        "unlinkat",
        "rmdir",
        "mkdir",
        "mkdirat",
        "link",
        "linkat",
        "write",
    ];

    /// Moves the site `acme`, and kills the run before its call of this kind and number. Whether the run ended by
    /// itself.
    fn killed_before(kind: &str, number: usize, root: &Path) -> bool {
        let inject = format!("inject={kind}:signal=KILL:when={number}");
        let done = Command::new("strace")
            .args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={kind}"), "-e", &inject])
            // The calls are counted for each thread.
            .args([env!("CARGO_BIN_EXE_sitewright"), "-q", "--jobs", "1", "-C"])
            .arg(root)
            .args(["mv", "eu/acme", "eu/retail/acme-gmbh"])
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&done.stderr);
        assert!(!errors.contains("error"), "{errors}");
        done.status.success()
    }

    /// Checks a project in which the site `acme` was moved and the run was killed. Whether the site was moved.
    fn is_moved(root: &Path, before: &BTreeSet<(String, String)>, killed: &str) -> bool {
        let places = ["sites/eu/acme.yaml", "sites/eu/retail/acme-gmbh.yaml"];
        let places = places.map(|path| root.join(path).is_file());
        assert!(places == [true, false] || places == [false, true], "{killed}: {places:?}");
        assert_eq!(objects(root), *before, "{killed}");
        // The definition has all its passwords, wherever it is.
        let everything = Scope::everything();
        let project = read(root);
        let compiled = sitewright::compile(&project, Missing::Refuse(&everything), Vec::new());
        let errors = compiled.unwrap().diagnostics.into_iter().filter(Diagnostic::is_error);
        assert_eq!(errors.count(), 0, "{killed}");
        let path = project.definitions.iter().find(|it| it.name() == "acme").unwrap().path();
        let value = root.join(format!(".sitewright/secrets/{path}/acme-admin.yaml"));
        assert!(value.is_file(), "{killed}");
        places[1]
    }

    #[test]
    fn a_run_that_is_killed_at_any_call_leaves_the_same_objects() {
        if needed("strace").is_none() {
            return;
        }
        let fresh = small("plain");
        let before = objects(fresh.path());
        let (mut not_moved, mut moved) = (0, 0);
        for kind in CHANGING {
            for number in 1.. {
                assert!(number < 500, "the run never ends");
                let folder = tempfile::tempdir().unwrap();
                let root = folder.path();
                let mut copy = Command::new("cp");
                copy.arg("-a").arg(fresh.path().join(".")).arg(root);
                assert!(copy.status().unwrap().success());
                if killed_before(kind, number, root) {
                    break;
                }
                let killed = format!("killed before {kind} {number}");
                if is_moved(root, &before, &killed) {
                    moved += 1;
                    continue;
                }
                not_moved += 1;
                // The same command completes it.
                planned(root, "eu/acme", "eu/retail/acme-gmbh").unwrap().write().unwrap();
                assert!(is_moved(root, &before, &format!("{killed}, and repeated")));
            }
        }
        assert!(not_moved > 8 && moved > 15, "{not_moved} {moved}");
    }
}
