//! Names of every length, for every kind and mode: each is refused where it is read, or renders objects that
//! Kubernetes takes and records that are read back.

#[cfg(test)]
mod tests {
    use serde_yaml::Value;
    use sitewright::diagnostic::{Code, Diagnostic, Place, Reported, Severity};
    use sitewright::project::Project;
    use sitewright::secret::Missing;
    use std::collections::BTreeMap;
    use std::fs;
    use std::path::Path;
    use std::process::Command;

    const CERTIFICATE: &str = include_str!("../sites/frankfurt/_sealing/2026-11.pem");

    /// A cluster for each version of frappe-operator and for each mode of Secrets: neither decides about the
    /// other.
    const CLUSTERS: [(&str, &str); 3] = [
        ("2.3", "{mode: plain}"),
        ("2.5", "{mode: external, external: {store: {name: vault}}}"),
        ("2.6", "{mode: sealed}"),
    ];

    /// A definition, and the longest name that it can have under each version of frappe-operator.
    struct Case {
        /// What its names start with.
        letter: char,
        text: &'static str,
        longest: [usize; 3],
    }

    const fn case(letter: char, longest: [usize; 3], text: &'static str) -> Case {
        Case { letter, text, longest }
    }

    /// `SITE` stands for what every site states.
    const CASES: &[Case] = &[
        // `<site>-init`, and `<site>-delete` where the operator drops sites.
        case('a', [58, 58, 56], "SITEdatabase: {server: db}\n"),
        // The StatefulSet `<site>-mariadb`.
        case('b', [44; 3], "SITEdatabase: {mode: dedicated}\n"),
        case('c', [44; 3], "SITEdatabase: {mode: dedicated, metrics: {enabled: true}}\n"),
        case('d', [58, 58, 56], "SITEdatabase: {mode: external, server: outside}\n"),
        // The CronJob `<site>-backup`.
        case('e', [45; 3], "SITEdatabase: {server: db}\nbackup: BACKUP\n"),
        case('f', [44; 3], "SITEdatabase: {mode: dedicated}\nbackup: BACKUP\n"),
        case('g', [45; 3], "SITEdatabase: {mode: external, server: outside}\nbackup: BACKUP\n"),
        // The StatefulSet `<server>`.
        case('h', [52; 3], "kind: DatabaseServer\nstorageSize: 1Gi\nmetrics: {enabled: true}\n"),
        case('i', [52; 3], "kind: DatabaseServer\nstorageSize: 1Gi\ntopology: replication\n"),
        case('j', [52; 3], "kind: DatabaseServer\nstorageSize: 1Gi\ntopology: galera\n"),
        // The Job `<server>-10-recovery`.
        case(
            'k',
            [51; 3],
            "kind: DatabaseServer\nstorageSize: 1Gi\ntopology: galera\nreplicas: 11\n",
        ),
        case(
            'l',
            [45; 3],
            "kind: DatabaseServer\nstorageSize: 1Gi\nbackup: {kind: logical, REST\n",
        ),
        // The Jobs `<server>-backup-last-<time>`.
        case(
            'm',
            [36; 3],
            "kind: DatabaseServer\nstorageSize: 1Gi\nbackup: {kind: physical, REST\n",
        ),
        // A Service of the same name, or none.
        case('n', [63; 3], "kind: DatabaseServer\nexternal: {host: other.example.com}\n"),
        case('o', [63; 3], "kind: DatabaseServer\nmanaged: false\n"),
        // The StatefulSet `<bench>-redis-cache`.
        case('p', [40; 3], BENCH),
        case('q', [63; 3], "kind: Bench\nmanaged: false\n"),
    ];

    const BENCH: &str = "kind: Bench\nfrappeVersion: version-16\nimage: {tag: v16.2.0}\n\
                         apps: [{name: erpnext, source: image}]\n";

    const REST: &str = "schedule: \"@daily\", storage: {persistentVolumeClaim: {size: 1Gi}}}";

    fn put(root: &Path, path: &str, text: &str) {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Every case in every length, in each cluster; the paths, and whether the name fits.
    fn write(root: &Path) -> BTreeMap<String, bool> {
        let mut fits = BTreeMap::new();
        for (at, (version, secrets)) in CLUSTERS.iter().enumerate() {
            let folder = format!("sites/c{at}");
            let put = |name: &str, text: &str| put(root, &format!("{folder}/{name}"), text);
            let cluster = format!(
                "kind: Cluster\noperators: {{frappe: \"{version}\", mariadb: \"26.6\"}}\nnamespace: ns\n\
                 gitops: {{engine: flux}}\nsecrets: {secrets}\n"
            );
            put("_cluster.yaml", &cluster);
            put("_sealing/2026-11.pem", CERTIFICATE);
            put("db.yaml", "kind: DatabaseServer\nstorageSize: 1Gi\n");
            let outside = format!("kind: DatabaseServer\nexternal: {{host: db{at}.example.com}}\n");
            put("outside.yaml", &outside);
            put("bench.yaml", BENCH);
            for Case { letter, text, longest } in CASES {
                for length in 1..=63 {
                    let name = format!("{letter}{}.yaml", "0".repeat(length - 1));
                    let site = format!("kind: Site\nsiteName: {letter}{length}.io\nbench: bench\n");
                    let text = text.replace("SITE", &site).replace("BACKUP", "{REST");
                    put(&name, &text.replace("REST", REST));
                    fits.insert(format!("{folder}/{name}"), length <= longest[at]);
                }
            }
        }
        fits
    }

    /// The manifests, and the files that are refused with the code of each.
    fn compile(root: &Path) -> (Vec<Vec<u8>>, BTreeMap<String, Code>) {
        let Reported { value: project, diagnostics } = Project::read(root).unwrap();
        let compiled = sitewright::compile(&project, Missing::Ignore, diagnostics);
        let (files, diagnostics) = match compiled {
            Ok(Reported { value, diagnostics }) => {
                (value.files.into_values().collect(), diagnostics)
            }
            Err(diagnostics) => (Vec::new(), diagnostics),
        };
        let errors = diagnostics.iter().filter(|it| it.code.severity() == Severity::Error);
        let place = |problem: &Diagnostic| match problem.place {
            Place::Span(span) => project.sources.path(span.file).to_owned(),
            ref other => panic!("{other:?}: {problem:?}"),
        };
        (files, errors.map(|problem| (place(problem), problem.code)).collect())
    }

    fn run(root: &Path, command: &str) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_sitewright"))
            .arg("-C")
            .arg(root)
            .args(command.split(' '))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{command}: {said}");
        format!("{}{said}", String::from_utf8_lossy(&output.stdout))
    }

    /// An object's name and labels are such as Kubernetes takes.
    fn is_taken(bytes: &[u8]) {
        let object: Value = serde_yaml::from_slice(bytes).unwrap();
        let metadata = &object["metadata"];
        let name = metadata["name"].as_str().unwrap();
        let most = if object["kind"].as_str() == Some("Service") { 63 } else { 253 };
        assert!(name.len() <= most, "{object:?}");
        for (key, value) in metadata["labels"].as_mapping().unwrap() {
            assert!(value.as_str().unwrap().len() <= 63, "{key:?} of {name}");
        }
    }

    #[test]
    fn names_of_every_length_are_refused_or_render_what_is_read_back() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        let fits = write(root);
        let (_, refused) = compile(root);
        for (path, fits) in &fits {
            match refused.get(path) {
                None => assert!(fits, "{path} is accepted"),
                Some(Code::NameTooLong) => assert!(!fits, "{path} is refused"),
                // About one name in sixteen, under operators that cannot compute it.
                Some(Code::PanickingName) => assert!(!path.starts_with("sites/c2/"), "{path}"),
                Some(other) => panic!("{path}: {other:?}"),
            }
        }
        refused.keys().for_each(|path| fs::remove_file(root.join(path)).unwrap());
        run(root, "render");
        // With what was recorded by the first run.
        let (files, _) = compile(root);
        assert!(files.len() > 5_000, "{}", files.len());
        files.iter().for_each(|bytes| is_taken(bytes));
        let again = run(root, "render");
        assert!(again.contains("\n0 created, 0 updated, 0 removed"), "{again}");
        run(root, "check");
    }
}
