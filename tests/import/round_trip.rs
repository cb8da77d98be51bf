//! Render, wrap as a cluster would, import into an empty project, render: the same objects.

use super::fleets::{CLUSTER, fleet, postgres_fleet};
use super::samples::{Sample, files, samples};
use super::wrapped::{CLEAR_TEXT, Id, by_id, list, wrapped, yaml};
use proptest::prelude::*;
use serde_json::Value;
use sitewright::diagnostic::{self, Code, Diagnostic, Reported, Sources};
use sitewright::formatting;
use sitewright::import::report::Report;
use sitewright::import::{self, Import, Request};
use sitewright::language::Engine;
use sitewright::live::{self, Input, LiveObject, Options, Read};
use sitewright::operator::Profiles;
use sitewright::output::{Scope, layout};
use sitewright::project::Project;
use sitewright::project::Refused;
use sitewright::secret::Missing;
use sitewright::source::FileChange as _;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// What an import cannot express: the sample, the kind, the field, and the reason.
const NOT_EXPRESSIBLE: &[(&str, &str, &str, &str)] = &[
    ("examples/custom-template", "MariaDB", ".spec.affinity:", OWN_TEMPLATE),
    ("examples/custom-template", "MariaDB", ".spec.nodeSelector:", OWN_TEMPLATE),
    ("examples/custom-template", "MariaDB", ".spec.tolerations:", OWN_TEMPLATE),
];
const OWN_TEMPLATE: &str = "the project's own template writes it";

/// The objects in texts of manifests.
fn objects<'t>(texts: impl Iterator<Item = &'t [u8]>) -> Vec<Value> {
    let of = |bytes: &[u8]| {
        let objects = layout::objects_of(std::str::from_utf8(bytes).unwrap());
        objects.into_iter().map(|text| serde_yaml::from_str(text).unwrap()).collect::<Vec<Value>>()
    };
    texts.flat_map(of).collect()
}

/// The objects of a cluster of a project, or what is wrong with the project.
pub(crate) fn rendered(root: &Path, cluster: &str, missing: Missing) -> Result<Vec<Value>, String> {
    let Reported { value: project, diagnostics } = Project::read(root).unwrap();
    let said = |found: &[_]| diagnostic::text(found, &project.sources, false);
    let compiled = sitewright::compile(&project, missing, diagnostics);
    let files = compiled.map_err(|found| said(&found))?.value.files;
    let own = files.iter().filter(|(path, _)| path.starts_with(&format!("{cluster}/")));
    Ok(objects(own.map(|(_, bytes)| bytes.as_slice())))
}

/// A cluster of a project.
pub(crate) struct Cluster {
    pub(crate) name: String,
    profiles: Profiles,
    engine: Engine,
}

pub(crate) fn clusters(root: &Path) -> Vec<Cluster> {
    let project = Project::read(root).unwrap().value;
    let fleet = sitewright::resolved(&project).value;
    let of = |cluster: &sitewright::cluster::Cluster| Cluster {
        name: cluster.name.clone(),
        profiles: cluster.profiles,
        engine: cluster.engine,
    };
    fleet.clusters.iter().map(of).collect()
}

/// Objects as a cluster gives them, and as an import reads them.
pub(crate) fn dump(
    sent: &[Value],
    text: impl Fn(&Value) -> (&'static str, String),
    Cluster { profiles, engine, .. }: &Cluster,
) -> Vec<LiveObject> {
    let (name, text) = text(&list(&wrapped(sent, *profiles, *engine)));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    of_input(&path)
}

/// The objects of a file or folder, as an import reads them.
fn of_input(path: &Path) -> Vec<LiveObject> {
    let options = Options { wanted: &import::is_wanted, managers: false, statuses: false };
    let found = live::read(
        vec![Input::named(path.to_str().unwrap(), Path::new(""))],
        &options,
        &import::kept,
    );
    let Reported { value: Read { objects, .. }, diagnostics } = found;
    assert_eq!(diagnostic::text(&diagnostics, &Sources::default(), false), "");
    objects
}

/// Imports objects of a cluster into an empty project.
fn imported(root: &Path, cluster: &Cluster, live: &[LiveObject]) -> Result<Import, String> {
    let request = Request {
        cluster: Some(&cluster.name),
        frappe: Some(cluster.profiles.frappe.id),
        mariadb: cluster.profiles.mariadb.map(|profile| profile.id),
        left_alone: &BTreeMap::new(),
    };
    let refused =
        |Refused { sources, diagnostics }: Refused| diagnostic::text(&diagnostics, &sources, false);
    let import = import::import(root, &request, live).map_err(refused)?;
    import.write().unwrap();
    Ok(import)
}

/// The fields in which two objects differ.
fn differences(path: &str, before: &Value, after: &Value, found: &mut Vec<String>) {
    match (before, after) {
        (Value::Object(one), Value::Object(other)) => {
            let keys: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
            for key in keys {
                let path = format!("{path}.{key}");
                let value = |map: &serde_json::Map<String, Value>| map.get(key).cloned();
                match (value(one), value(other)) {
                    (Some(one), Some(other)) => differences(&path, &one, &other, found),
                    (one, other) => found.push(format!("{path}: {one:?} became {other:?}")),
                }
            }
        }
        (one, other) if one != other => found.push(format!("{path}: {one} became {other}")),
        _ => {}
    }
}

/// What differs after a round trip of these objects: the kind, and the field or the object.
pub(crate) fn round_trip(
    sent: &[Value],
    live: &[LiveObject],
    cluster: &Cluster,
    missing: Missing,
) -> Vec<(String, String)> {
    let root = tempfile::tempdir().unwrap();
    let import = match imported(root.path(), cluster, live) {
        Ok(import) => import,
        Err(said) => return vec![("import".to_owned(), said)],
    };
    let mut found = Vec::new();
    let canonical = formatting::files(root.path(), &[])
        .unwrap_or_else(|refused| panic!("{:?}", refused.diagnostics));
    let others = canonical.edited.iter().map(|it| format!("{} is not canonical", it.path()));
    found.extend(others.map(|said| ("format".to_owned(), said)));
    let again = match rendered(root.path(), &cluster.name, missing) {
        Ok(objects) => by_id(objects),
        Err(said) => return vec![("render".to_owned(), said)],
    };
    let before = by_id(sent.to_vec());
    let ids: BTreeSet<&Id> = before.keys().chain(again.keys()).collect();
    for id in ids {
        let shown = format!("{} {}/{}", id.0, id.1, id.2);
        match (before.get(id), again.get(id)) {
            (Some(one), Some(other)) => {
                let mut fields = Vec::new();
                differences("", one, other, &mut fields);
                let of = |field| (id.0.clone(), format!("{shown}{field}"));
                found.extend(fields.into_iter().map(of));
            }
            (one, _) => {
                let what = if one.is_some() { "is not rendered again" } else { "is new" };
                found.push((id.0.clone(), format!("{shown} {what}")));
            }
        }
    }
    if !found.is_empty() {
        let said = |it: &import::Refusal| {
            ("import".to_owned(), format!("{}: {}", live[it.at].key, it.why))
        };
        found.extend(import.refusals.iter().map(said));
    } else {
        // The proof of the import says the same.
        let unsaid = import.unsaid.iter().map(|it| format!("{} {}", live[it.object].key, it.field));
        found.extend(unsaid.map(|field| ("unsaid".to_owned(), field)));
        let changed = import.changes.definitions.iter().map(|it| format!("{it:?}"));
        found.extend(changed.map(|change| ("changed".to_owned(), change)));
        found.extend(import.refusals.iter().map(|it| ("refused".to_owned(), it.why.clone())));
        // What is rendered has no dangerous state, except a retired site whose data goes with it.
        let is_danger = |it: &&Diagnostic| {
            let is_of_live = ("SW840".."SW850").contains(&it.code.id());
            is_of_live
                && !(it.code == Code::DropsData
                    && it.message.contains("the `cleanupPolicy` `Delete`"))
        };
        let dangers = import.warnings.iter().filter(is_danger).map(|it| it.message.clone());
        found.extend(dangers.map(|message| ("danger".to_owned(), message)));
    }
    let report = serde_json::to_string(&Report::new(&import, live, true)).unwrap();
    let texts = files(root.path()).into_values().map(|bytes| String::from_utf8(bytes).unwrap());
    for text in texts.chain([report]) {
        assert!(!text.contains(CLEAR_TEXT) && !text.contains("clear-text"), "{text}");
    }
    found
}

pub(crate) fn as_json(list: &Value) -> (&'static str, String) {
    ("dump.json", serde_json::to_string_pretty(list).unwrap())
}

fn as_yaml(list: &Value) -> (&'static str, String) {
    let mut text = String::new();
    yaml(list, 0, &mut text);
    ("dump.yaml", text)
}

#[test]
fn samples_come_back_as_they_are() {
    let everything = Scope::everything();
    let (mut wrong, mut used) = (Vec::new(), BTreeSet::new());
    for Sample { name, root } in samples() {
        for cluster in clusters(&root) {
            let folder = root.join("rendered").join(&cluster.name);
            let sent = objects(files(&folder).values().map(Vec::as_slice));
            // No cluster has the ciphertext of sops, but the folder in Git has it.
            let is_encrypted = sent.iter().any(|object| object.get("sops").is_some());
            let inputs = match is_encrypted {
                true => vec![of_input(&folder)],
                false => [as_json, as_yaml].map(|text| dump(&sent, text, &cluster)).to_vec(),
            };
            for live in inputs {
                for (kind, what) in round_trip(&sent, &live, &cluster, Missing::Mint(&everything)) {
                    let row = NOT_EXPRESSIBLE.iter().position(|(of, kind_of, field, _)| {
                        *of == name && *kind_of == kind && what.contains(field)
                    });
                    match row {
                        Some(row) => _ = used.insert(row),
                        None => wrong.push(format!("{name} {}: {kind}: {what}", cluster.name)),
                    }
                }
            }
        }
    }
    let unused = NOT_EXPRESSIBLE.iter().enumerate().filter(|(row, _)| !used.contains(row));
    wrong.extend(unused.map(|(_, row)| format!("not needed: {row:?}")));
    wrong.sort();
    wrong.dedup();
    assert!(wrong.is_empty(), "{} {}", wrong.len(), wrong.join("\n"));
}

/// What differs is found: a changed field, and an object that nobody renders.
#[test]
fn another_fleet_is_another_one() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/minimal");
    let cluster = clusters(&root).remove(0);
    let everything = Scope::everything();
    let missing = Missing::Mint(&everything);
    let sent = rendered(&root, &cluster.name, missing).unwrap();
    let is_site = |object: &&mut Value| object["kind"] == "FrappeSite";
    let mut other = sent.clone();
    let site = other.iter_mut().find(is_site).unwrap();
    site["spec"]["domain"] = "another.example.com".into();
    site["spec"]["unknown"] = "field".into();
    let found = round_trip(&sent, &dump(&other, as_json, &cluster), &cluster, missing);
    assert!(found.iter().any(|(_, what)| what.contains(".spec.domain")), "{found:?}");
    let found = round_trip(&other, &dump(&other, as_json, &cluster), &cluster, missing);
    assert!(found.iter().any(|(_, what)| what.contains(".spec.unknown")), "{found:?}");
}

/// How many fleets are generated.
const CASES: u32 = 100;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(CASES) })]

    #[test]
    fn generated_fleets_come_back_as_they_are(fleet in prop_oneof![3 => fleet().boxed(), 1 => postgres_fleet().boxed()]) {
        let root = tempfile::tempdir().unwrap();
        fleet.write(root.path());
        // A few fleets contradict themselves.
        let everything = Scope::everything();
        let missing = Missing::Mint(&everything);
        let Ok(sent) = rendered(root.path(), CLUSTER, missing) else { return Ok(()) };
        let cluster = clusters(root.path()).remove(0);
        let found = round_trip(&sent, &dump(&sent, as_json, &cluster), &cluster, missing);
        prop_assert!(found.is_empty(), "{found:#?}");
    }
}
