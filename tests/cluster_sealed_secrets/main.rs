//! The real sealed-secrets controller opens what is rendered, and makes the Secrets that the other objects
//! of the fleet read. Values are compared, and never shown.

#[cfg(test)]
#[path = "../samples/mod.rs"]
mod samples;
#[cfg(test)]
#[path = "../tools/mod.rs"]
mod tools;

#[cfg(test)]
mod tests {
    use super::samples::{files, samples};
    use super::tools::needed;
    use cluster::{ControlPlane, Kubectl, Programs, SealedSecrets, eventually};
    use serde_json::{Value, json};
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::{Path, PathBuf};
    use std::process::Command;
    use std::time::Duration;

    const FRANKFURT: &str = include_str!("../keys/public-and-worthless.frankfurt.key.pem");
    const MUMBAI: &str = include_str!("../keys/public-and-worthless.mumbai.key.pem");
    const OF_FRANKFURT: &str = include_str!("../../sites/frankfurt/_sealing/2026-11.pem");
    const OF_MUMBAI: &str = include_str!("../../sites/mumbai/_sealing/2026-11.pem");
    const PATIENCE: Duration = Duration::from_secs(120);
    /// With its default of 5 requests a second it opens two Secrets a second.
    const QUICKLY: [&str; 2] = ["--kubeclient-qps=100", "--kubeclient-burst=200"];

    /// A cluster with the controller and the keys of the sample fleet; nothing where one cannot run.
    fn start() -> Option<(SealedSecrets, ControlPlane)> {
        let programs = needed("cluster")?;
        needed("unshare")?;
        let plane = ControlPlane::start(&Programs::of(&programs));
        let keys = [(FRANKFURT, OF_FRANKFURT), (MUMBAI, OF_MUMBAI)];
        Some((SealedSecrets::start(&plane, &keys, &QUICKLY), plane))
    }

    fn objects(folder: &Path) -> Vec<Value> {
        let files = files(folder).into_iter().filter(|(path, _)| path.ends_with(".yaml"));
        files.map(|(_, bytes)| serde_yaml::from_slice(&bytes).unwrap()).collect()
    }

    fn text(value: &Value) -> &str {
        value.as_str().unwrap_or_default()
    }

    fn apply(kubectl: &Kubectl, objects: &[Value]) {
        let names: BTreeSet<&str> =
            objects.iter().map(|object| text(&object["metadata"]["namespace"])).collect();
        let namespaces = names.into_iter().map(
            |name| json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}),
        );
        let sealed = objects.iter().filter(|object| object["kind"] == "SealedSecret").cloned();
        let items: Vec<Value> = namespaces.chain(sealed).collect();
        kubectl.apply(&json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string());
    }

    /// The status and the message of a SealedSecret's condition `Synced`.
    fn synced(kubectl: &Kubectl, namespace: &str, name: &str) -> Option<(String, String)> {
        let found = kubectl.find("sealedsecrets.bitnami.com", namespace, name)?;
        let status = &found["status"];
        if status["observedGeneration"] != found["metadata"]["generation"] {
            return None;
        }
        let one = status["conditions"].as_array()?.iter().find(|one| one["type"] == "Synced")?;
        Some((text(&one["status"]).to_owned(), text(&one["message"]).to_owned()))
    }

    /// Waits for the Secret that a SealedSecret becomes.
    fn opened(kubectl: &Kubectl, namespace: &str, name: &str) -> Value {
        eventually(&format!("{namespace}/{name} is opened"), PATIENCE, || {
            match synced(kubectl, namespace, name) {
                Some((status, _)) if status == "True" => Ok(()),
                other => Err(other),
            }
        });
        kubectl.find("secret", namespace, name).unwrap()
    }

    /// How long a value is, of base64 as the API has it.
    fn length(base64: &str) -> usize {
        base64.len() / 4 * 3 - base64.bytes().filter(|byte| *byte == b'=').count()
    }

    /// Where an object reads a Secret: its name and key.
    fn references(object: &Value) -> Vec<(String, String, String)> {
        let spec = &object["spec"];
        let own = text(&object["metadata"]["namespace"]);
        let to = |reference: &Value, namespace: &str, key: &str| {
            let name = text(&reference["name"]);
            (!name.is_empty()).then(|| (namespace.to_owned(), name.to_owned(), key.to_owned()))
        };
        let of_key = |reference: &Value| to(reference, own, text(&reference["key"]));
        let admin = &spec["adminPasswordSecretRef"];
        let found = match text(&object["kind"]) {
            "User" | "ExternalMariaDB" => of_key(&spec["passwordSecretKeyRef"]),
            "MariaDB" => of_key(&spec["rootPasswordSecretKeyRef"]),
            // frappe-operator reads the key `password` (source: its controllers of 2.3 and 2.6).
            "FrappeSite" => to(admin, text(&admin["namespace"]), "password"),
            _ => None,
        };
        found.into_iter().collect()
    }

    #[test]
    fn every_sealed_secret_becomes_what_its_consumers_read() {
        let Some((_controller, plane)) = start() else { return };
        let kubectl = plane.kubectl();
        let (mut sealed, mut read) = (0, 0);
        for sample in samples() {
            let rendered = sample.root.join("rendered");
            for cluster in fs::read_dir(&rendered).unwrap() {
                let objects = objects(&cluster.unwrap().path());
                let secrets: Vec<&Value> =
                    objects.iter().filter(|object| object["kind"] == "SealedSecret").collect();
                if secrets.is_empty() {
                    continue;
                }
                apply(kubectl, &objects);
                for one in &secrets {
                    becomes(kubectl, one);
                }
                sealed += secrets.len();
                for (namespace, name, key) in objects.iter().flat_map(references) {
                    // What a person made stands in no manifest.
                    if let Some(secret) = kubectl.find("secret", &namespace, &name) {
                        assert!(
                            secret["data"][&key].is_string(),
                            "{}: {namespace}/{name} has no {key}",
                            sample.name
                        );
                        read += 1;
                    }
                }
                let names: BTreeSet<String> = objects
                    .iter()
                    .flat_map(references)
                    .map(|(namespace, name, _)| format!("{namespace}/{name}"))
                    .collect();
                for one in secrets {
                    let metadata = &one["metadata"];
                    let id =
                        format!("{}/{}", text(&metadata["namespace"]), text(&metadata["name"]));
                    assert!(names.contains(&id), "nobody reads {id}");
                }
            }
        }
        assert!(sealed > 40 && read > 40, "{sealed} sealed, {read} read");
    }

    /// The Secret has the type, the keys, the labels and the owner that the SealedSecret states.
    fn becomes(kubectl: &Kubectl, sealed: &Value) {
        let (metadata, template) = (&sealed["metadata"], &sealed["spec"]["template"]);
        let (namespace, name) = (text(&metadata["namespace"]), text(&metadata["name"]));
        let secret = opened(kubectl, namespace, name);
        assert_eq!(secret["type"], template["type"], "{name}");
        assert_eq!(secret["metadata"]["labels"], template["metadata"]["labels"], "{name}");
        let keys = |value: &Value| -> BTreeSet<String> {
            value.as_object().unwrap().keys().cloned().collect()
        };
        assert_eq!(keys(&secret["data"]), keys(&sealed["spec"]["encryptedData"]), "{name}");
        for (key, value) in secret["data"].as_object().unwrap() {
            assert_eq!(length(text(value)), 32, "{name}: {key}");
        }
        let owners = secret["metadata"]["ownerReferences"].as_array().cloned().unwrap_or_default();
        let owns =
            owners.iter().any(|owner| owner["kind"] == "SealedSecret" && owner["name"] == *name);
        assert!(owns, "{namespace}/{name}: {owners:?}");
    }

    /// A copy of the sample fleet.
    fn copy(folder: &Path) -> PathBuf {
        for name in ["sites", "rendered", "templates"] {
            let from = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
            for (path, bytes) in files(&from) {
                let to = folder.join(name).join(path);
                fs::create_dir_all(to.parent().unwrap()).unwrap();
                fs::write(to, bytes).unwrap();
            }
        }
        folder.to_owned()
    }

    fn sitewright(root: &Path, arguments: &[&str]) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sitewright"));
        let output = command.arg("-C").arg(root).args(arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "sitewright {arguments:?}: {said}");
    }

    #[test]
    fn a_rotated_password_replaces_the_one_in_the_secret() {
        let Some((_controller, plane)) = start() else { return };
        let kubectl = plane.kubectl();
        let folder = tempfile::tempdir().unwrap();
        let root = copy(folder.path());
        let site = root.join("rendered/mumbai/intranet");
        apply(kubectl, &objects(&site));
        let before = opened(kubectl, "platform", "intranet-admin");

        sitewright(&root, &["secrets", "rotate", "mumbai/intranet/intranet-admin"]);
        sitewright(&root, &["render"]);
        apply(kubectl, &objects(&site));
        let after = opened(kubectl, "platform", "intranet-admin");
        assert!(before["data"] != after["data"], "the value is still the same");
        assert_eq!(before["metadata"]["uid"], after["metadata"]["uid"]);
        let generation = &after["metadata"]["annotations"]["sitewright/generation"];
        assert_eq!(generation, "2");
    }

    #[test]
    fn a_secret_that_is_in_the_way_stays_and_shows() {
        let Some((_controller, plane)) = start() else { return };
        let kubectl = plane.kubectl();
        let foreign = json!({
            "apiVersion": "v1", "kind": "Secret",
            "metadata": {"name": "intranet-admin", "namespace": "platform"},
            "stringData": {"password": "somebody-else"},
        });
        kubectl.run("create namespace platform");
        kubectl.apply_as("somebody", &foreign.to_string());
        let version = |secret: Value| secret["metadata"]["resourceVersion"].clone();
        let before = version(kubectl.find("secret", "platform", "intranet-admin").unwrap());
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        apply(kubectl, &objects(&root.join("rendered/mumbai/intranet")));
        let message = eventually("the controller says so", PATIENCE, || {
            match synced(kubectl, "platform", "intranet-admin") {
                Some((status, message)) if status == "False" => Ok(message),
                other => Err(other),
            }
        });
        assert!(message.contains("already exists and is not managed by SealedSecret"), "{message}");
        assert_eq!(version(kubectl.find("secret", "platform", "intranet-admin").unwrap()), before);
    }
}
