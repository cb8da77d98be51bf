//! An API server walks the steps that `sitewright upgrade` prints for frappe-operator 2.6 → 5.2, with the CRDs of
//! both. Databases, accounts, servers, Secrets and volumes are the same objects before and after.
//!
//! The operator itself does not run: the test gives the objects the finalizers and the children that 2.6.4 gives
//! them (`handleFinalizer` in `controllers/frappebench_controller.go` and `controllers/frappesite_controller.go`,
//! `controllers/sitebackup_controller.go`, `ensureBenchStorage` in `controllers/frappebench_storage.go`). The garbage collector is the real one.

#[cfg(test)]
mod fields;
#[cfg(test)]
mod project;
#[cfg(test)]
#[path = "../tools/mod.rs"]
mod tools;

#[cfg(test)]
mod tests {
    use super::project::{Project, SITES};
    use super::tools::needed;
    use cluster::{ControlPlane, ControllerManager, Kubectl, Programs, eventually};
    use serde_json::{Value, json};
    use std::collections::BTreeMap;
    use std::path::{Path, PathBuf};
    use std::process::Command;
    use std::time::Duration;

    const NAMESPACE: &str = "erp";
    const OLD: &str = "frappe-operator/2.6.4";
    const NEW: &str = "frappe-operator/5.2.7";
    const LIMIT: Duration = Duration::from_secs(90);

    /// Everything that must be the same object after the upgrade.
    const KEPT: [&str; 6] = [
        "mariadbs.k8s.mariadb.com",
        "databases.k8s.mariadb.com",
        "users.k8s.mariadb.com",
        "grants.k8s.mariadb.com",
        "secrets",
        "persistentvolumeclaims",
    ];

    /// A cluster that runs 2.6, as its administrator finds it.
    struct Running {
        plane: ControlPlane,
        _collector: ControllerManager,
        project: Project,
        crds: PathBuf,
    }

    impl Running {
        fn start() -> Option<Self> {
            let (programs, crds) = (needed("cluster")?, needed("crds-by-version")?);
            let programs = Programs::of(&programs);
            let plane = ControlPlane::start(&programs);
            for folder in ["mariadb-operator/26.6.0", OLD] {
                plane.install(&crds.join(folder));
            }
            for module in ["source-controller", "kustomize-controller"] {
                plane.install(&programs.crds(module));
            }
            let collector = ControllerManager::start(&plane);
            let project = Project::new(plane.workplace().folder("project"));
            let running = Self { plane, _collector: collector, project, crds };
            running.set_up();
            Some(running)
        }

        fn kubectl(&self) -> &Kubectl {
            self.plane.kubectl()
        }

        fn set_up(&self) {
            let kubectl = self.kubectl();
            for namespace in ["flux-system", "frappe-operator-system"] {
                kubectl.run(&format!("create namespace {namespace}"));
            }
            self.project.run(&["render"], 0);
            self.project.run(&["gitops"], 0);
            self.apply(&self.project.path("gitops/eu"), "sitewright");
            self.apply(&self.project.path(".sitewright/secrets"), "engine");
            self.apply(&self.project.path("rendered"), "engine");
            let name = "frappe-operator-controller-manager";
            kubectl.apply(&deployment("frappe-operator-system", name, None));
            let finalizers = |finalizer| {
                format!("{{\"metadata\": {{\"finalizers\": [\"vyogo.tech/{finalizer}\"]}}}}")
            };
            for site in SITES {
                self.patch(
                    &format!("frappesites.vyogo.tech/{site}"),
                    &finalizers("site-finalizer"),
                );
            }
            self.patch("frappebenches.vyogo.tech/b15", &finalizers("bench-finalizer"));
            let backup = json!({
                "apiVersion": "vyogo.tech/v1alpha1",
                "kind": "SiteBackup",
                "metadata": {
                    "name": "nightly",
                    "namespace": NAMESPACE,
                    "finalizers": ["vyogo.tech/finalizer"],
                },
                "spec": {"site": "a.acme.com"},
            });
            kubectl.apply(&backup.to_string());
            let bench = kubectl.find("frappebenches.vyogo.tech", NAMESPACE, "b15").unwrap();
            let owner = json!([{
                "apiVersion": "vyogo.tech/v1alpha1",
                "kind": "FrappeBench",
                "name": "b15",
                "uid": bench["metadata"]["uid"],
                "controller": true,
                "blockOwnerDeletion": true,
            }]);
            let volume = json!({
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "metadata": {"name": "b15-sites", "namespace": NAMESPACE, "ownerReferences": owner},
                "spec": {
                    "accessModes": ["ReadWriteOnce"],
                    "resources": {"requests": {"storage": "10Gi"}},
                },
            });
            kubectl.apply(&volume.to_string());
            kubectl.apply(&deployment(NAMESPACE, "b15-gunicorn", Some(&owner)));
        }

        fn patch(&self, object: &str, patch: &str) {
            let arguments =
                ["--namespace", NAMESPACE, "patch", object, "--type=merge", "--patch", patch];
            self.kubectl().with(&arguments, "");
        }

        fn apply(&self, folder: &Path, manager: &str) {
            let (folder, manager) =
                (folder.to_str().unwrap(), format!("--field-manager={manager}"));
            let apply =
                ["apply", "--server-side", "--force-conflicts", &manager, "-R", "-f", folder];
            self.kubectl().with(&apply, "");
        }

        /// What must stay, by kinds and names, with the identities.
        fn kept(&self) -> BTreeMap<(String, String), String> {
            let of = |kind: &str| {
                let all = self.kubectl().list(kind, Some(NAMESPACE)).into_iter();
                let named = all.map(|object| {
                    let metadata = &object["metadata"];
                    assert_eq!(metadata["deletionTimestamp"], Value::Null, "{object:#}");
                    let text = |key: &str| metadata[key].as_str().unwrap().to_owned();
                    ((kind.to_owned(), text("name")), text("uid"))
                });
                named.collect::<Vec<_>>()
            };
            KEPT.iter().flat_map(|kind| of(kind)).collect()
        }

        /// Runs a command of a step as an administrator would; whether it could be run here.
        fn walk(&self, command: &str) -> bool {
            if let Some(arguments) = command.strip_prefix("sitewright ") {
                self.project.run(&arguments.split(' ').collect::<Vec<_>>(), 0);
                return true;
            }
            if command.starts_with("helm show crds ") {
                self.plane.install(&self.crds.join(NEW));
                return true;
            }
            // No chart can be fetched, and no pod runs.
            if command.starts_with("helm ")
                || command.contains(" exec ")
                || command.contains(" run ")
            {
                return false;
            }
            let program = self.plane.programs().program("kubectl");
            let path = format!(
                "{}:{}",
                program.parent().unwrap().display(),
                std::env::var("PATH").unwrap()
            );
            let output = Command::new("sh")
                .args(["-c", command])
                .current_dir(self.project.path(""))
                .env("PATH", path)
                .env("KUBECONFIG", self.kubectl().kubeconfig())
                .output()
                .unwrap();
            let err = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{command}\n{err}");
            true
        }
    }

    fn deployment(namespace: &str, name: &str, owners: Option<&Value>) -> String {
        let labels = json!({"app": name});
        json!({
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {
                "name": name,
                "namespace": namespace,
                "ownerReferences": owners.unwrap_or(&Value::Null),
            },
            "spec": {
                "replicas": 1,
                "selector": {"matchLabels": labels},
                "template": {
                    "metadata": {"labels": labels},
                    "spec": {"containers": [{"name": "main", "image": "none"}]},
                },
            },
        })
        .to_string()
    }

    #[test]
    fn the_printed_steps_keep_the_data() {
        let Some(running) = Running::start() else { return };
        let kubectl = running.kubectl();
        let before = running.kept();
        let count = |kind: &str| before.keys().filter(|(of, _)| of == kind).count();
        assert_eq!(KEPT.map(count), [2, 3, 3, 3, 8, 1]);

        let upgrade = ["upgrade", "eu", "--frappe", "5.2", "--keep-databases"];
        let printed = running.project.run(&[&upgrade[..], &["--format", "json"]].concat(), 0);
        let steps = printed["result"]["steps"].as_array().unwrap();
        let mut left_out = Vec::new();
        for step in steps {
            let text = step["text"].as_str().unwrap();
            for command in step["commands"].as_array().unwrap() {
                let command = command.as_str().unwrap();
                if !running.walk(command) {
                    left_out.push(command.split(' ').take(4).collect::<Vec<_>>().join(" "));
                }
            }
            match text {
                _ if text.starts_with("Stop the delivery") => {
                    assert_eq!(suspended(kubectl), [true, true]);
                }
                _ if text.starts_with("Delete the CRDs") => {
                    let crds = kubectl.run("get crds --output name");
                    assert!(!crds.contains("vyogo.tech"), "{crds}");
                    assert_eq!(running.kept(), before);
                    let volume =
                        kubectl.find("persistentvolumeclaims", NAMESPACE, "b15-sites").unwrap();
                    assert_eq!(volume["metadata"]["ownerReferences"], Value::Null);
                }
                "Merge the branch" => {
                    running.apply(&running.project.path(".sitewright/secrets"), "engine");
                    running.apply(&running.project.path("rendered"), "engine");
                }
                _ => {}
            }
        }
        let helm = [
            "helm repo add frappe-operator",
            "helm upgrade frappe-operator frappe-operator/frappe-operator",
        ];
        let pods = ["kubectl --namespace erp exec"; 3];
        let copies = ["kubectl --namespace erp run"];
        assert_eq!(left_out, [&pods[..], &copies, &helm].concat());
        assert_eq!(suspended(kubectl), [false, false]);
        after(&running, &before);
    }

    /// What the upgrade must leave.
    fn after(running: &Running, before: &BTreeMap<(String, String), String>) {
        let kubectl = running.kubectl();
        let mut after = running.kept();
        for site in SITES {
            // The one kind of object that is new.
            let key = ("secrets".to_owned(), format!("{site}-fernet-key"));
            assert!(after.remove(&key).is_some(), "{site} has no key");
            let object =
                kubectl.json(&format!("--namespace erp get frappesites.vyogo.tech {site}"));
            assert_eq!(object["apiVersion"], "vyogo.tech/v1");
            let config = &object["spec"]["dbConfig"];
            let secret = config["connectionSecretRef"]["name"].as_str().unwrap();
            let secret = kubectl.find("secrets", NAMESPACE, secret).unwrap();
            let database =
                kubectl.find("databases.k8s.mariadb.com", NAMESPACE, &format!("{site}-db"));
            let name = database.unwrap()["spec"]["name"].as_str().unwrap().to_owned();
            for key in ["database", "username"] {
                assert_eq!(decoded(&secret, key), name, "{site}: {key}");
            }
        }
        assert_eq!(&after, before);
    }

    /// A value of a Secret.
    fn decoded(secret: &Value, key: &str) -> String {
        let text = secret["data"][key].as_str().unwrap_or_else(|| panic!("{key}: {secret:#}"));
        let output =
            Command::new("sh").args(["-c", &format!("printf %s '{text}' | base64 -d")]).output();
        String::from_utf8(output.unwrap().stdout).unwrap()
    }

    /// Whether each Kustomization is suspended.
    fn suspended(kubectl: &Kubectl) -> Vec<bool> {
        let all = kubectl.list("kustomizations.kustomize.toolkit.fluxcd.io", Some("flux-system"));
        all.iter().map(|object| object["spec"]["suspend"] == true).collect()
    }

    /// What the steps prevent.
    #[test]
    fn without_the_steps_the_volume_of_a_bench_goes_with_its_crd() {
        let Some(running) = Running::start() else { return };
        let kubectl = running.kubectl();
        // The API server refuses the new CRDs while the old ones are there.
        let new = running.crds.join(NEW);
        let apply = ["apply", "--server-side", "--force-conflicts", "-f", new.to_str().unwrap()];
        let answer = kubectl.try_with(&apply, "");
        assert!(!answer.success && answer.stderr.contains("storedVersions"), "{}", answer.stderr);
        kubectl.run("delete crds frappebenches.vyogo.tech --wait=false");
        running.patch("frappebenches.vyogo.tech/b15", "{\"metadata\": {\"finalizers\": null}}");
        eventually("the volume is deleted", LIMIT, || {
            match kubectl.find("persistentvolumeclaims", NAMESPACE, "b15-sites") {
                None => Ok(()),
                Some(volume) if volume["metadata"]["deletionTimestamp"].is_string() => Ok(()),
                Some(_) => Err("it is there"),
            }
        });
    }
}
