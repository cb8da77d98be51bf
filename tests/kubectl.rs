//! Go's own YAML reader and kustomize, through kubectl, over everything that is rendered: each file must
//! mean to them what it means to us.

#[cfg(test)]
mod samples;
#[cfg(test)]
mod syntax;
#[cfg(test)]
mod tools;

#[cfg(test)]
mod tests {
    use super::samples::{files, samples};
    use super::syntax;
    use super::tools::needed;
    use proptest::prelude::*;
    use proptest::strategy::ValueTree as _;
    use proptest::test_runner::TestRunner;
    use rayon::prelude::*;
    use serde_json::{Map, Value as Json, json};
    use sitewright::diagnostic::{self, FileId, Reported};
    use sitewright::output::layout;
    use sitewright::project::Project;
    use sitewright::secret::Missing;
    use sitewright::source::node::{Node, Value};
    use sitewright::source::yaml;
    use std::collections::BTreeMap;
    use std::fs;
    use std::path::Path;
    use std::process::Command;

    /// How many fleets are generated.
    const FLEETS: usize = 300;

    fn put(path: &Path, bytes: impl AsRef<[u8]>) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// What a project renders, and how many objects that is.
    fn compile(root: &Path) -> (BTreeMap<String, Vec<u8>>, usize) {
        let Reported { value: project, diagnostics } = Project::read(root).unwrap();
        let compiled = sitewright::compile(&project, Missing::Ignore, diagnostics);
        let said = |found: &[_]| diagnostic::text(found, &project.sources, false);
        let compiled = compiled.unwrap_or_else(|it| panic!("{}: {}", root.display(), said(&it)));
        let compiled = compiled.value;
        (compiled.files, compiled.objects)
    }

    fn meant(node: &Node) -> Json {
        match &node.value {
            Value::Null => Json::Null,
            Value::Bool(value) => json!(value),
            Value::Int(value) => json!(value),
            Value::Float(value) => json!(value),
            Value::String(text) => json!(text),
            Value::List(items) => items.iter().map(meant).collect(),
            Value::Map(entries) => {
                let entries = entries.iter().map(|e| (e.key.to_string(), meant(&e.node)));
                Json::Object(entries.collect::<Map<_, _>>())
            }
        }
    }

    /// The objects of a file, as we mean them.
    fn objects(path: &str, bytes: &[u8]) -> Vec<Json> {
        let text = std::str::from_utf8(bytes).unwrap();
        let object = |text: &str| {
            let node = yaml::read(text, FileId(0));
            meant(&node.unwrap_or_else(|problems| panic!("{path}: {problems:?}")))
        };
        layout::objects_of(text).into_iter().map(object).collect()
    }

    /// What kubectl reads in a folder, in the order of the files' paths.
    fn read_by_kubectl(folder: &Path) -> Vec<Json> {
        let output = Command::new("kubectl")
            .args(["annotate", "--local", "-o", "json", "-R", "read=by-kubectl", "-f"])
            .arg(folder)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let objects = serde_json::Deserializer::from_slice(&output.stdout).into_iter();
        let mut objects: Vec<Json> = objects.map(Result::unwrap).collect();
        for object in &mut objects {
            let annotations = object["metadata"]["annotations"].as_object_mut().unwrap();
            assert_eq!(annotations.remove("read"), Some(json!("by-kubectl")));
        }
        objects
    }

    /// Writes trees side by side and has kubectl read them all at once.
    fn compare(trees: Vec<BTreeMap<String, Vec<u8>>>) {
        let folder = tempfile::tempdir().unwrap();
        let mut expected = Vec::new();
        for (number, tree) in trees.iter().enumerate() {
            let root = folder.path().join(format!("{number:04}"));
            for (path, bytes) in tree {
                put(&root.join(path), bytes);
                let shown = format!("{number}/{path}");
                expected.extend(objects(&shown, bytes).into_iter().map(|o| (shown.clone(), o)));
            }
        }
        let mut read = read_by_kubectl(folder.path());
        assert_eq!(read.len(), expected.len());
        // By what they are: kubectl walks folders as Go sorts names.
        let key = |object: &Json| serde_json::to_string(object).unwrap();
        let sorted = |object: &Json| -> Json { serde_json::from_str(&canonical(object)).unwrap() };
        for (_, object) in &mut expected {
            // One without annotations comes back with an empty map.
            let metadata = object["metadata"].as_object_mut().unwrap();
            metadata.entry("annotations").or_insert(json!({}));
            *object = sorted(object);
        }
        read.iter_mut().for_each(|object| *object = sorted(object));
        expected.sort_by_cached_key(|(_, object)| key(object));
        read.sort_by_cached_key(key);
        for ((path, expected), read) in expected.iter().zip(&read) {
            assert_eq!(expected, read, "{path}");
        }
    }

    /// An object with its keys sorted.
    fn canonical(value: &Json) -> String {
        match value {
            Json::Object(fields) => {
                let sorted: BTreeMap<_, _> = fields.iter().collect();
                let field = |(key, value): (&&String, &&Json)| {
                    format!("{}:{}", Json::String((*key).clone()), canonical(value))
                };
                format!("{{{}}}", sorted.iter().map(field).collect::<Vec<_>>().join(","))
            }
            Json::Array(items) => {
                format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(","))
            }
            other => other.to_string(),
        }
    }

    #[test]
    fn go_reads_the_samples_as_they_are_meant() {
        if needed("kubectl").is_none() {
            return;
        }
        let of = |folder: &'static str| {
            samples().into_iter().map(move |sample| files(&sample.root.join(folder)))
        };
        compare(of("rendered").chain(of("gitops")).collect());
    }

    /// Text of everything that readers of YAML stumble over.
    fn nasty() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            "[-?:,\\[\\]{}#&*!|>'\"%@` \n\t]{1,4}",
            "(no|yes|on|off|y|n|null|~|true|0777|0o17|0x1F|1_000|1:30|1e3|\\.inf|\\.NaN|=|<<|---|\\.\\.\\.)",
            "[0-9.eE+_-]{1,6}",
            "(\u{85}|\u{2028}|\u{feff}|é|日本|\u{1F600})",
            "[a-z ]{0,12}",
        ];
        prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
    }

    /// A my.cnf value: one line that starts and ends with something.
    fn setting() -> impl Strategy<Value = String> {
        "[A-Za-z0-9*'\"%@!|>&{}\\[\\]:,=~-]([A-Za-z0-9 *'\"%@!|>&{}\\[\\]:,=~-]{0,10}[A-Za-z0-9'\"%:])?"
    }

    #[derive(Clone, Debug)]
    struct Fleet {
        frappe: &'static str,
        engine: &'static str,
        layout: &'static str,
        dedicated: bool,
        retired: bool,
        backup: bool,
        annotations: Vec<String>,
        setting: String,
        class: String,
    }

    fn fleet() -> impl Strategy<Value = Fleet> {
        (
            prop::sample::select(vec!["2.3", "2.6"]),
            prop::sample::select(vec!["flux", "argocd", "none"]),
            prop::sample::select(vec!["object", "site"]),
            any::<[bool; 3]>(),
            prop::collection::vec(nasty(), 1..4),
            setting(),
            "(null|true|no|y|[0-9]{1,3}|1e3|0x1f|[a-z]{3})",
        )
            .prop_map(
                |(
                    frappe,
                    engine,
                    layout,
                    [dedicated, retired, backup],
                    annotations,
                    setting,
                    class,
                )| {
                    Fleet {
                        frappe,
                        engine,
                        layout,
                        dedicated,
                        retired,
                        backup,
                        annotations,
                        setting,
                        class,
                    }
                },
            )
    }

    fn write(root: &Path, fleet: &Fleet) {
        // What ends a line in YAML 1.1 must be an escape.
        let text = |text: &str| {
            let text = serde_json::to_string(text).unwrap();
            text.replace('\u{85}', "\\u0085").replace('\u{2028}', "\\u2028")
        };
        let Fleet { frappe, engine, layout, .. } = fleet;
        put(&root.join("sitewright.yaml"), format!("kind: Project\nlayout: {layout}\n"));
        let cluster = format!(
            "kind: Cluster\noperators: {{frappe: \"{frappe}\", mariadb: \"26.6\"}}\nnamespace: a\n\
             gitops: {{engine: {engine}}}\ningress: {{className: {}}}\n",
            text(&fleet.class)
        );
        put(&root.join("sites/c/_cluster.yaml"), cluster);
        put(
            &root.join("sites/c/b.yaml"),
            "kind: Bench\nfrappeVersion: \"16\"\napps: [{name: erpnext, source: image}]\n",
        );
        let server = format!(
            "kind: DatabaseServer\nstorageSize: 1Gi\nmyCnf: {{init_connect: {}}}\n",
            text(&fleet.setting)
        );
        put(&root.join("sites/c/db.yaml"), server);
        let annotations: Vec<String> = (fleet.annotations.iter().enumerate())
            .map(|(number, value)| format!("  acme.com/n{number}: {}\n", text(value)))
            .collect();
        let mut site = format!(
            "kind: Site\nsiteName: x{}.com\nbench: b\nannotations:\n{}",
            fleet.annotations.len(),
            annotations.concat()
        );
        site +=
            &format!("ingress:\n  annotations:\n    acme.com/a: {}\n", text(&fleet.annotations[0]));
        site += match fleet.dedicated {
            true => "database: {mode: dedicated}\n",
            false => "database: {server: db}\n",
        };
        if fleet.retired {
            site += "lifecycle: retired\n";
        }
        if fleet.backup {
            site +=
                "backup: {schedule: \"@daily\", storage: {persistentVolumeClaim: {size: 1Gi}}}\n";
        }
        put(&root.join("sites/c/acme.yaml"), site);
    }

    #[test]
    fn go_reads_generated_fleets_as_they_are_meant() {
        if needed("kubectl").is_none() {
            return;
        }
        let mut runner = TestRunner::deterministic();
        let strategy = fleet();
        let fleets: Vec<Fleet> =
            (0..FLEETS).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect();
        let trees = fleets.par_iter().map(|fleet| {
            let root = tempfile::tempdir().unwrap();
            write(root.path(), fleet);
            compile(root.path()).0
        });
        let trees: Vec<_> = trees.collect();
        let hostile = fleets.iter().flat_map(|fleet| &fleet.annotations);
        let count =
            hostile.filter(|text| text.contains(['\u{feff}', '\u{85}', '\u{2028}'])).count();
        assert!(count > 10, "{count}");
        compare(trees);
    }

    /// What our reader accepts of any text, Go's reader accepts and reads alike.
    #[test]
    fn go_reads_what_is_accepted_alike() {
        if needed("kubectl").is_none() {
            return;
        }
        let mut runner = TestRunner::deterministic();
        let strategy = syntax::texts();
        let mut tree = BTreeMap::new();
        for number in 0..40_000 {
            let text = strategy.new_tree(&mut runner).unwrap().current();
            // Beside what makes it an object to kubectl.
            let text = format!(
                "apiVersion: a.example.com/v1\nkind: Text\nmetadata: {{name: a{number}}}\n{text}"
            );
            if yaml::read(&text, FileId(0)).is_ok() {
                tree.insert(format!("{number:05}.yaml"), text.into_bytes());
            }
        }
        assert!(tree.len() > 2_000, "{}", tree.len());
        compare(vec![tree]);
    }

    /// Every folder that lists its files, in both layouts.
    #[test]
    fn kustomize_accepts_every_folder() {
        if needed("kubectl").is_none() {
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let mut folders = Vec::new();
        for (number, sample) in samples().iter().enumerate() {
            for layout in ["object", "site"] {
                let name = sample.name.replace('/', "-");
                let root = folder.path().join(format!("{name}-{layout}"));
                for part in ["sites", "templates"] {
                    let from = sample.root.join(part);
                    // The repository's templates are the built-in ones.
                    if from.is_dir() && (part == "sites" || number > 0) {
                        files(&from)
                            .iter()
                            .for_each(|(path, bytes)| put(&root.join(part).join(path), bytes));
                    }
                }
                let settings = format!("kind: Project\nlayout: {layout}\nkustomizations: true\n");
                put(&root.join("sitewright.yaml"), settings);
                let (files, _) = compile(&root);
                for (path, bytes) in &files {
                    put(&root.join("rendered").join(path), bytes);
                    if let Some(folder) = path.strip_suffix("/kustomization.yaml") {
                        let inside: Vec<Json> = files
                            .iter()
                            .filter(|(path, _)| path.rsplit_once('/').unwrap().0 == folder)
                            .filter(|(path, _)| !path.ends_with(layout::KUSTOMIZATION))
                            .flat_map(|(path, bytes)| objects(path, bytes))
                            .collect();
                        folders.push((root.join("rendered").join(folder), inside));
                    }
                }
            }
        }
        assert!(folders.len() > 100, "{}", folders.len());
        folders.par_iter().for_each(|(folder, expected)| {
            let output = Command::new("kubectl").arg("kustomize").arg(folder).output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{}: {said}", folder.display());
            let text = String::from_utf8(output.stdout).unwrap();
            let built = serde_yaml::Deserializer::from_str(&text);
            let built = built.map(|document| serde::Deserialize::deserialize(document).unwrap());
            let mut built: Vec<String> = built.map(|object: Json| canonical(&object)).collect();
            let mut expected: Vec<String> = expected.iter().map(canonical).collect();
            built.sort();
            expected.sort();
            assert_eq!(built, expected, "{}", folder.display());
        });
    }
}
