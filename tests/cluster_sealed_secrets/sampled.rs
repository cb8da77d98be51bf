//! The sample fleet and every example: each reference leads to a Secret that the controller made.

use super::consumers::{Reference, references};
use super::project::{CLUSTER, Project, objects, sealed, sitewright, write};
use super::samples::{Sample, files, samples};
use super::secret::{Hidden, announced};
use super::stage::{FRANKFURT, LIMIT, Stage, name_of, namespace_of};
use base64ct::{Base64Url, Encoding};
use cluster::eventually;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Secrets that are named in definitions and made by nobody here.
const OF_THE_USER: [&str; 11] = [
    "examples/backups: erp/backup-store",
    "examples/existing-database: erp/harlow-database",
    "examples/external-server: erp/managed-database-ca",
    "examples/external-server: erp/managed-database-client",
    "examples/external-server: erp/managed-database-provisioner",
    "examples/frappe-operator-5: erp/legacy-database",
    "examples/postgres: databases/backup-store",
    "examples/postgres-sites: erp/legacy-database",
    "the repository: erp/city-database-ca",
    "the repository: erp/city-database-provisioner",
    "the repository: erp/stadtwerke-ellern-certificate",
];

/// The repository's clusters as they are committed. No example has a certificate, so each is sealed anew
/// for the one of `frankfurt`.
pub(crate) fn every_reference_of_the_samples_leads_to_a_secret(stage: &Stage) {
    let (mut missing, mut values) = (BTreeSet::new(), BTreeSet::new());
    // What a site reads that is in another namespace than its server.
    let mut repeated = BTreeSet::new();
    let (mut clusters, mut secrets) = (0, 0);
    for sample in samples() {
        let committed = sealed_secrets(&sample.root.join("rendered"));
        let is_example = sample.name.starts_with("examples/");
        assert_eq!(committed == 0, is_example, "{}: {committed} SealedSecrets", sample.name);
        let root = if is_example { sealed_copy(stage, &sample) } else { sample.root.clone() };
        for cluster in folders(&root.join("rendered")) {
            let objects = objects(&root.join("rendered"), &cluster);
            let made = sealed(&objects);
            let needed = references(&objects);
            let named = |it: &Reference| format!("{}: {}/{}", sample.name, it.namespace, it.secret);
            let is_of_the_user = |it: &Reference| OF_THE_USER.contains(&named(it).as_str());
            let needs_none = needed.iter().all(is_of_the_user);
            assert_eq!(made.is_empty(), needs_none, "{}: {cluster}", sample.name);
            if made.is_empty() {
                missing.extend(needed.iter().map(named));
                continue;
            }
            stage.open(&made);
            for object in &made {
                let value = has_what_it_announced(stage, object);
                let is_key = name_of(object).ends_with("-fernet-key") && value.length == 44;
                assert!(value.is_minted() || is_key, "{}: {value:?}", name_of(object));
                match name_of(object).ends_with("-db-connection") {
                    true => assert!(repeated.insert(value), "{}", name_of(object)),
                    false => {
                        assert!(values.insert(value), "{}: a password twice", name_of(object));
                    }
                }
            }
            let lost = check(stage, &needed, &made);
            missing.extend(lost.into_iter().map(|secret| format!("{}: {secret}", sample.name)));
            remove(stage, &made);
            (clusters, secrets) = (clusters + 1, secrets + made.len());
        }
    }
    assert!(!repeated.is_empty() && repeated.is_subset(&values), "not the role's password");
    assert_eq!(missing, OF_THE_USER.map(str::to_owned).into());
    assert!(clusters > 10 && secrets > 80, "{secrets} Secrets in {clusters} clusters");
}

/// An access key's secret half is given, and its id is stated.
pub(crate) fn both_halves_of_an_access_key_arrive(stage: &Stage) {
    const GIVEN: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    let project = Project::begin(stage, "given", "{mode: sealed}", FRANKFURT);
    project.define(
        "db.yaml",
        "kind: DatabaseServer\nstorageSize: 9Gi\nbackup:\n  schedule: \"@daily\"\n  \
         storage: {s3: {bucket: acme, endpoint: s3.acme.com, accessKeyId: AKIA1}}\n",
    );
    sitewright(&project.root, "secrets set production/db/db-backup-s3", GIVEN);
    project.deliver();

    let found = references(&objects(&project.root.join("rendered"), CLUSTER));
    let read: Vec<_> = found.iter().filter(|it| it.secret == "db-backup-s3").collect();
    assert_eq!(read.len(), 2, "{read:?}");
    assert_eq!(check(stage, &found, &project.sealed()), BTreeSet::new());
    let secret = stage.secret("given", "db-backup-s3");
    let expected = [("access-key-id", "AKIA1"), ("secret-access-key", GIVEN)];
    let expected = expected.map(|(key, value)| (key.to_owned(), Hidden::of(value.as_bytes())));
    assert_eq!(secret.values, expected.into());
}

/// Asserts that the Secret is what its SealedSecret says; the sealed value.
fn has_what_it_announced(stage: &Stage, object: &Value) -> Hidden {
    let (namespace, name) = (namespace_of(object), name_of(object));
    let secret = stage.secret(namespace, name);
    let live = stage.sealed_secret(namespace, name).unwrap();
    assert_eq!(live["spec"], object["spec"], "{namespace}/{name}");
    assert_eq!(secret.shape, announced(&live), "{namespace}/{name}");
    // CloudNativePG asks for this type.
    let kinds = ["Opaque", "kubernetes.io/basic-auth"];
    assert!(kinds.contains(&secret.shape.kind.as_str()), "{namespace}/{name}");
    assert!(!secret.generation().is_empty(), "{namespace}/{name}");
    secret.values.get("encryption_key").unwrap_or_else(|| secret.password()).clone()
}

/// Asserts that each reference leads to a Secret with its keys, or to one that is not ours to make, and
/// that something reads each that is made; the Secrets that nobody makes.
fn check(stage: &Stage, references: &[Reference], made: &[Value]) -> BTreeSet<String> {
    let id = |namespace: &str, name: &str| format!("{namespace}/{name}");
    let made: BTreeSet<String> =
        made.iter().map(|object| id(namespace_of(object), name_of(object))).collect();
    let read: BTreeSet<String> =
        references.iter().map(|it| id(&it.namespace, &it.secret)).collect();
    let unread: Vec<&String> = made.difference(&read).collect();
    assert!(unread.is_empty(), "nothing reads {unread:?}");
    for reference in references {
        let Reference { from, namespace, secret: name, keys, watched } = reference;
        let Some(secret) = stage.find(namespace, name) else { continue };
        for key in keys {
            let value = secret.values.get(key);
            assert!(value.is_some_and(|it| it.length > 0), "{from}: {name} has no {key}");
        }
        let label = &secret.shape.labels["k8s.mariadb.com/watch"];
        assert!(!watched || label == "", "{from}: mariadb-operator does not watch {name}");
    }
    let lost = read.difference(&made);
    lost.inspect(|id| {
        let (namespace, name) = id.split_once('/').unwrap();
        assert!(stage.find(namespace, name).is_none(), "who made {id}?");
    })
    .cloned()
    .collect()
}

/// Deletes SealedSecrets, and waits until their Secrets went with them: the next cluster has some of the
/// same names.
fn remove(stage: &Stage, sealed: &[Value]) {
    let namespaces: BTreeSet<&str> = sealed.iter().map(namespace_of).collect();
    for namespace in namespaces {
        stage.kubectl().run(&format!("delete sealedsecrets --all --namespace={namespace}"));
        eventually(&format!("{namespace} has no Secret"), LIMIT, || {
            let left = stage.kubectl().list("secrets", Some(namespace));
            if left.is_empty() { Ok(()) } else { Err(left.len()) }
        });
    }
}

/// A copy of an example whose passwords are sealed for the certificate of `frankfurt`, rendered.
fn sealed_copy(stage: &Stage, sample: &Sample) -> PathBuf {
    let root = stage.plane.workplace().folder(&sample.name);
    for (path, bytes) in files(&sample.root) {
        let is_made = ["rendered/", "gitops/"].iter().any(|folder| path.starts_with(folder));
        // What is recorded of passwords that are kept otherwise fits no sealed cluster.
        if !is_made && !path.ends_with(".secrets.yaml") {
            write(&root.join(&path), std::str::from_utf8(&bytes).unwrap());
        }
    }
    for cluster in folders(&root.join("sites")) {
        let folder = root.join("sites").join(cluster);
        let path = folder.join("_cluster.yaml");
        let text = fs::read_to_string(&path).unwrap();
        write(&path, &format!("{}secrets: {{mode: sealed}}\n", without_secrets(&text)));
        write(&folder.join("_sealing/2026-11.pem"), FRANKFURT);
    }
    for (path, bytes) in files(&sample.root) {
        // Under frappe-operator 5.2, the key of a site on a database that exists is given.
        let site = path.strip_prefix("sites/").and_then(|path| path.strip_suffix(".yaml"));
        let Some(site) = site.filter(|site| !site.ends_with(".secrets")) else { continue };
        let has_connection = String::from_utf8_lossy(&bytes).contains("connection:");
        let folder = site.split('/').next().unwrap();
        let cluster = fs::read_to_string(root.join(format!("sites/{folder}/_cluster.yaml")));
        if has_connection && cluster.is_ok_and(|cluster| cluster.contains("frappe: \"5.2\"")) {
            let name = site.rsplit('/').next().unwrap();
            let key = Base64Url::encode_string(&Sha256::digest(&sample.name));
            sitewright(&root, &format!("secrets set {site}/{name}-fernet-key"), &key);
        }
    }
    sitewright(&root, "render", "");
    root
}

/// How many SealedSecrets there are below a folder.
fn sealed_secrets(rendered: &Path) -> usize {
    folders(rendered).iter().map(|cluster| sealed(&objects(rendered, cluster)).len()).sum()
}

/// The names of the folders in a folder.
fn folders(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let folders = entries.filter(|entry| entry.file_type().unwrap().is_dir());
    let mut names: Vec<String> =
        folders.map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The text of a Cluster without its block `secrets:`.
fn without_secrets(text: &str) -> String {
    let mut is_within = false;
    let is_kept = |line: &&str| {
        // A comment or a key at the start of a line ends a block.
        if !line.starts_with(' ') {
            is_within = line.starts_with("secrets:");
        }
        !is_within
    };
    text.lines().filter(is_kept).map(|line| format!("{line}\n")).collect()
}
