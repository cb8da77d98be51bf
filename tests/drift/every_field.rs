//! Every field that a template renders is one that `--accept` can take, or stands in [`LEFT`] with a reason.

use sitewright::language::Kind;
use sitewright::object::candidates;
use sitewright::plan::stated_fields;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const IDENTITY: &str = "it follows from the name and the namespace of the definition";
const ACCOUNT: &str = "another account or database would be another one with other data";
const SERVER: &str = "the data would have to move to another server first";
const KEY: &str = "it names a Secret that sitewright makes for the definition";
const LIFECYCLE: &str = "it follows from `lifecycle`, `data` and `protect`, which decide together";
const FIRST_START: &str = "the operator reads it only when the server starts for the first time";
const SAME: &str = "every definition has the same value wherever the field is rendered";
const FIXED: &str = "the language has a fixed number of replicas for each component";
const TOPOLOGY: &str = "the topology and the number of replicas only change together";

/// The fields that no single field of a definition decides: the kinds, the field or the fields above it, and why.
const LEFT: &[(&str, &str, &str)] = &[
    ("FrappeSite", "spec benchRef namespace", IDENTITY),
    ("FrappeSite", "spec adminPasswordSecretRef namespace", IDENTITY),
    ("FrappeSite", "spec encryptionKeySecretRef", KEY),
    ("FrappeSite", "spec deletionPolicy", LIFECYCLE),
    ("FrappeSite", "spec dbConfig provider", SERVER),
    ("FrappeSite", "spec dbConfig mode", SERVER),
    ("FrappeSite", "spec dbConfig mariadbRef namespace", SERVER),
    ("FrappeSite", "spec dbConfig connectionSecretRef namespace", IDENTITY),
    ("FrappeBench", "spec componentAutoscaling * enabled", FIXED),
    ("FrappeBench", "spec componentAutoscaling * minReplicas", FIXED),
    ("FrappeBench", "spec componentAutoscaling * maxReplicas", FIXED),
    ("FrappeBench", "spec componentAutoscaling * cooldownPeriod", FIXED),
    ("FrappeBench", "spec componentAutoscaling * pollingInterval", FIXED),
    ("FrappeBench", "spec componentAutoscaling * provider", FIXED),
    ("User Grant Database Backup PhysicalBackup", "spec mariaDbRef", SERVER),
    ("Database User", "spec name", ACCOUNT),
    ("Database", "spec owner", ACCOUNT),
    ("Grant", "spec database", ACCOUNT),
    ("Grant", "spec username", ACCOUNT),
    ("Grant", "spec privileges", "the operator and Frappe need exactly these privileges"),
    ("Database User", "spec cleanupPolicy", LIFECYCLE),
    ("User", "spec passwordSecretKeyRef", KEY),
    ("MariaDB", "spec rootPasswordSecretKeyRef", KEY),
    ("MariaDB", "spec storage pvcRetentionPolicy", LIFECYCLE),
    ("MariaDB", "spec replication", TOPOLOGY),
    ("MariaDB", "spec galera", TOPOLOGY),
    ("MariaDB", "spec bootstrapFrom", FIRST_START),
    ("Backup", "spec databases", "a backup has the databases of the definition"),
    ("Backup PhysicalBackup", "spec schedule suspend", SAME),
    ("PhysicalBackup", "spec schedule immediate", SAME),
    ("Backup PhysicalBackup", "spec storage s3 accessKeyIdSecretKeyRef key", KEY),
    ("Backup PhysicalBackup", "spec storage s3 secretAccessKeySecretKeyRef key", KEY),
    ("Backup PhysicalBackup", "spec storage persistentVolumeClaim accessModes", SAME),
    ("Backup PhysicalBackup", "spec stagingStorage persistentVolumeClaim accessModes", SAME),
    ("Cluster", "spec bootstrap", FIRST_START),
    ("Cluster", "spec externalClusters", FIRST_START),
    ("Cluster", "spec plugins", "it follows from `backup` and the name of the definition"),
    ("Cluster", "spec postgresql pg_hba", "these rules keep each site's account to its database"),
    ("Database DatabaseRole Pooler ScheduledBackup", "spec cluster name", SERVER),
    ("DatabaseRole", "spec name", ACCOUNT),
    ("DatabaseRole", "spec passwordSecret name", KEY),
    ("DatabaseRole", "spec superuser", LIFECYCLE),
    ("DatabaseRole", "spec createdb", LIFECYCLE),
    ("DatabaseRole", "spec createrole", LIFECYCLE),
    ("DatabaseRole", "spec replication", LIFECYCLE),
    ("DatabaseRole", "spec bypassrls", LIFECYCLE),
    ("DatabaseRole", "spec databaseRoleReclaimPolicy", LIFECYCLE),
    ("Database", "spec databaseReclaimPolicy", LIFECYCLE),
    ("ScheduledBackup", "spec pluginConfiguration name", SAME),
    ("ObjectStore", "spec configuration s3Credentials region", "the region itself is in a Secret"),
    ("ObjectStore", "spec configuration s3Credentials accessKeyId key", KEY),
    ("ObjectStore", "spec configuration s3Credentials secretAccessKey key", KEY),
    ("ObjectStore", "spec instanceSidecarConfiguration retentionPolicyIntervalSeconds", SAME),
    ("ObjectStore", "spec instanceSidecarConfiguration logLevel", SAME),
    ("PodMonitor", "spec selector matchLabels cnpg.io/cluster", IDENTITY),
];

/// A field in the text of a template.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Field {
    kind: String,
    path: Vec<String>,
    /// Whether its value or its presence depends on the definition.
    varies: bool,
}

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The fields of a template, by the indentation of its lines.
fn fields(template: &str) -> BTreeSet<Field> {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, comment)) = rest.split_once("{#") {
        text.push_str(before);
        rest = comment.split_once("#}").unwrap().1;
    }
    text.push_str(rest);
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let (mut conditions, mut above) = (0_usize, Vec::<(usize, String)>::new());
    let (mut kind, mut found) = (String::new(), BTreeSet::new());
    for line in lines {
        let content = line.trim_start();
        if let Some(statement) = content.strip_prefix("{%") {
            match statement.trim().split(' ').next().unwrap() {
                "if" | "for" => conditions += 1,
                "endif" | "endfor" => conditions -= 1,
                _ => {}
            }
            continue;
        }
        let indent = line.len() - content.len();
        above.retain(|(other, _)| *other < indent);
        let is_item = content.starts_with("- ");
        let (key, value) = match content.trim_start_matches("- ").split_once(':') {
            Some((_, name)) if content.starts_with("- name:") => (format!("[{}]", name.trim()), ""),
            // A list whose items have no names is compared as a whole.
            _ if is_item => ("-".to_owned(), ""),
            Some((key, value)) => (key.trim_matches('"').to_owned(), value.trim()),
            None => panic!("a template has the line {line:?}"),
        };
        if indent == 0 && key == "kind" {
            kind = value.to_owned();
        }
        let path: Vec<String> =
            above.iter().map(|(_, key)| key.clone()).chain([key.clone()]).collect();
        above.push((indent, key));
        if above.iter().any(|(_, key)| key == "-") {
            continue;
        }
        let is_list = value.is_empty() && path.last().unwrap() == "podMetricsEndpoints";
        if !value.is_empty() || is_list {
            let varies = conditions > 0 || value.contains("{{") || is_list;
            found.insert(Field { kind: String::new(), path, varies });
        }
    }
    found.into_iter().map(|field| Field { kind: kind.clone(), ..field }).collect()
}

fn templates() -> BTreeSet<Field> {
    let mut found = BTreeSet::new();
    for folder in ["frappe", "mariadb", "postgres"] {
        for entry in fs::read_dir(root("templates").join(folder)).unwrap() {
            found.extend(fields(&fs::read_to_string(entry.unwrap().path()).unwrap()));
        }
    }
    let is_identity = |path: &[String]| {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        matches!(path[..], ["apiVersion" | "kind"] | ["metadata", "name" | "namespace"])
    };
    found.retain(|field| !is_identity(&field.path));
    found
}

/// Whether a row of the rendered objects decides a field, or a field below it.
fn is_taken(kind: &str, path: &[String]) -> bool {
    let has = |of| !candidates(stated_fields(), kind, path, of).is_empty();
    let joined = path.join(" ");
    let below = stated_fields().any(|row| {
        let rest = row.object.strip_prefix(joined.as_str());
        row.kinds.split(' ').any(|known| known == kind)
            && rest.is_some_and(|rest| rest.starts_with(' '))
    });
    below || [Kind::Site, Kind::DatabaseServer, Kind::Bench].into_iter().any(has)
}

/// The place in [`LEFT`] of a field.
fn left(kind: &str, path: &[String]) -> Option<usize> {
    let starts =
        |field: &str| field.split(' ').zip(path).all(|(one, other)| one == "*" || one == other);
    LEFT.iter().position(|(kinds, field, _)| {
        kinds.split(' ').any(|known| known == kind)
            && field.split(' ').count() <= path.len()
            && starts(field)
    })
}

#[test]
fn every_field_of_a_template_is_taken_or_left_for_a_reason() {
    let templates = templates();
    assert!(templates.len() > 150, "{}", templates.len());
    let decisions =
        templates.iter().filter(|field| field.varies).map(|Field { kind, path, .. }| {
            let decision = (is_taken(kind, path), left(kind, path).is_some());
            (format!("{kind} {}", path.join(".")), decision)
        });
    let wrong: Vec<_> = decisions.filter(|(_, (taken, left))| taken == left).collect();
    assert!(wrong.is_empty(), "(--accept takes it, LEFT has it): {wrong:#?}");
}

/// The templates show whole maps, such as the storage of a backup. The manifests show what is in them.
#[test]
fn every_field_of_a_manifest_is_taken_or_left_for_a_reason() {
    let (templates, mut used) = (templates(), BTreeSet::new());
    let kinds: BTreeSet<&str> = templates.iter().map(|field| &*field.kind).collect();
    let (mut seen, mut undecided) = (BTreeSet::new(), BTreeSet::new());
    let mut files = Vec::new();
    for folder in ["rendered", "examples"] {
        manifests(&root(folder), &mut files);
    }
    for file in files {
        let object: serde_yaml::Value =
            serde_yaml::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        let Some(kind) = object["kind"].as_str().filter(|kind| kinds.contains(kind)) else {
            continue;
        };
        let mut leaves = Vec::new();
        walk(&object["spec"], &mut vec!["spec".to_owned()], &mut leaves);
        for path in leaves {
            let constant = Field { kind: kind.to_owned(), path: path.clone(), varies: false };
            let left = left(kind, &path);
            used.extend(left);
            let is_decided =
                left.is_some() || is_taken(kind, &path) || templates.contains(&constant);
            if !is_decided {
                undecided.insert(format!("{kind} {}", path.join(".")));
            }
        }
        seen.insert(kind.to_owned());
    }
    assert!(undecided.is_empty(), "neither --accept nor LEFT has {undecided:#?}");
    let unseen: Vec<_> = kinds.iter().filter(|kind| !seen.contains(**kind)).collect();
    assert!(unseen.is_empty(), "no manifest shows {unseen:?}");
    used.extend(templates.iter().filter_map(|field| left(&field.kind, &field.path)));
    let unused: Vec<_> =
        (0..LEFT.len()).filter(|at| !used.contains(at)).map(|at| LEFT[at]).collect();
    assert!(unused.is_empty(), "nothing renders {unused:?}");
}

fn manifests(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        // Its template has fields that the language does not know.
        if path.ends_with("custom-template") {
            continue;
        }
        if path.is_dir() {
            manifests(&path, found);
        } else if path.extension().is_some_and(|it| it == "yaml")
            && path.iter().any(|part| part == "rendered")
        {
            found.push(path);
        }
    }
}

/// The fields that have a value. A list is one field, unless its items have names.
fn walk(value: &serde_yaml::Value, path: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    let mut below = |key: String, value: &serde_yaml::Value| {
        path.push(key);
        walk(value, path, found);
        path.pop();
    };
    match value {
        serde_yaml::Value::Mapping(map) if !map.is_empty() => {
            for (key, value) in map {
                below(key.as_str().unwrap().to_owned(), value);
            }
        }
        serde_yaml::Value::Sequence(items) if items.iter().all(|it| it["name"].is_string()) => {
            for item in items {
                below(format!("[{}]", item["name"].as_str().unwrap()), item);
            }
        }
        _ => found.push(path.clone()),
    }
}
