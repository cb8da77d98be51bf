//! Flux's own kustomize-controller judges the statuses that operators write, kind by kind, by the health
//! checks that `sitewright gitops` renders.
//!
//! Each status is one object with a Kustomization of its own, so that all are judged side by side.

#[cfg(test)]
mod objects;
#[cfg(test)]
#[path = "../statuses/mod.rs"]
mod statuses;
#[cfg(test)]
#[path = "../tools/mod.rs"]
mod tools;

#[cfg(test)]
mod tests {
    use super::objects::{NAMESPACE, changed, object};
    use super::statuses::Verdict::{self, Current, Failed, Waits};
    use super::statuses::{ALL, Case, NEWEST, PREVIEW, Versions, cases};
    use super::tools::needed;
    use cluster::{ControlPlane, Flux, GitServer, Kubectl, Programs, Repository, eventually};
    use serde_json::{Value, json};
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::Path;
    use std::process::Command;
    use std::time::Duration;

    /// How long a Kustomization waits. Flux takes no less (source: `GetTimeout` in
    /// `api/v1/kustomization_types.go` of kustomize-controller 1.9).
    const TIMEOUT: &str = "30s";
    /// What Flux says at the end of a wait for an object without a status. An expression can ask whether a
    /// field is there, but not whether there is a status.
    const NO_STATUS: &str = "no such attribute(s): status.";
    /// Only a loaded machine needs so long.
    const LIMIT: Duration = Duration::from_secs(300);

    #[test]
    fn flux_judges_every_status() {
        let (Some(programs), Some(crds)) = (needed("cluster"), needed("crds-by-version")) else {
            return;
        };
        let programs = Programs::of(&programs);
        let plane = ControlPlane::start(&programs);
        let kubectl = plane.kubectl();
        plane.install(&crds.join("external-secrets/2.9.0"));
        plane.install(&programs.crds("sealed-secrets"));
        kubectl.run(&format!("create namespace {NAMESPACE}"));

        // Given objects with the statuses that operators of each version write, and with the health
        // checks for these versions,
        let (mut judged, mut kustomizations) = (Vec::new(), Vec::new());
        let server = GitServer::start(&programs, plane.workplace());
        // An API server has one version of FrappeSite's API. The checks of both are the same, as `tests/gitops`
        // says.
        for versions in ALL.into_iter().filter(|versions| *versions != PREVIEW) {
            operators(versions).iter().for_each(|operator| plane.install(&crds.join(operator)));
            let cases = cases_of(versions);
            write_statuses(kubectl, &cases);
            let pack = pack(&plane.workplace().folder(versions.frappe), versions);
            kustomizations.extend(cases.keys().map(|name| kustomization(&pack, name)));
            kustomizations.push(source(&pack, &server.url()));
            judged.extend(cases);
        }

        // when Flux applies a commit with these objects, some of them changed since their operator saw
        // them,
        commit(&Repository::new(plane.workplace()), &judged);
        // All at the same time.
        let workers = ["--concurrent=100", "--kube-api-qps=1000", "--kube-api-burst=1000"];
        let _flux = Flux::start(&plane, &workers);
        kubectl.apply(&list(kustomizations));

        // then it judges each as the table says.
        wait_for_verdicts(kubectl, &judged);
        let generations = generations(kubectl);
        for (name, case) in &judged {
            assert_eq!(generations[name], case.generation(), "{case}");
        }
    }

    /// The folders of the CRDs of these versions.
    fn operators(versions: Versions) -> [&'static str; 5] {
        let mariadb = match versions.mariadb {
            "25.10" => "mariadb-operator/25.10.4",
            _ => "mariadb-operator/26.6.0",
        };
        let frappe = match versions.frappe {
            "2.3" => "frappe-operator/2.3.0",
            "2.5" => "frappe-operator/2.5.0",
            _ => "frappe-operator/2.6.4",
        };
        [
            mariadb,
            frappe,
            "cloudnative-pg/1.30.0",
            "plugin-barman-cloud/0.14.0",
            "prometheus-operator/0.93.0",
        ]
    }

    fn commit(repository: &Repository, judged: &[(String, Case)]) {
        for (name, case) in judged {
            let object = object(case, name);
            let object = if case.changed { changed(object) } else { object };
            repository.write(&format!("rendered/eu/{name}/object.yaml"), &object.to_string());
        }
        repository.commit("Every status");
    }

    fn wait_for_verdicts(kubectl: &Kubectl, judged: &[(String, Case)]) {
        let mut found = BTreeMap::new();
        eventually("every status is judged as expected", LIMIT, || {
            // Asking takes time that Flux needs on a small machine.
            std::thread::sleep(Duration::from_secs(1));
            // While Flux tries again, its last verdict counts.
            found.extend(verdicts(kubectl));
            let wrong = judged.iter().filter_map(|(name, case)| {
                let found = found.get(name).map_or("nothing yet", String::as_str);
                let expected = expected(case);
                (found != expected).then(|| format!("{case}: {found}, and not {expected}"))
            });
            let wrong: Vec<String> = wrong.collect();
            if wrong.is_empty() { Ok(()) } else { Err(wrong) }
        });
    }

    /// The cases of a cluster with these versions, by the names of their objects. What the newest
    /// operators write as the older ones do is judged once.
    fn cases_of(versions: Versions) -> BTreeMap<String, Case> {
        let newest = if versions == NEWEST { Vec::new() } else { cases(NEWEST) };
        let new = cases(versions).into_iter().filter(|case| !newest.contains(case));
        let version = versions.frappe.replace('.', "-");
        new.map(|case| (format!("{}-{}-{version}", kind_of(&case), case.name), case)).collect()
    }

    /// The kind in the name of an object, which tells two kinds of one name apart.
    fn kind_of(case: &Case) -> String {
        let group = case.group.and_then(|group| group.split('.').next());
        let group = group.map_or_else(String::new, |group| format!("{group}-"));
        format!("{group}{}", case.kind.to_lowercase())
    }

    fn list(items: Vec<Value>) -> String {
        json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string()
    }

    /// Writes each object with its status, as its operator would. A status that the CRD of this version
    /// does not know is refused.
    fn write_statuses(kubectl: &Kubectl, cases: &BTreeMap<String, Case>) {
        let objects: BTreeMap<&String, Value> =
            cases.iter().map(|(name, case)| (name, object(case, name))).collect();
        kubectl.apply(&list(objects.values().cloned().collect()));
        let has_status = cases.iter().filter(|(_, case)| !case.status.is_null());
        let statuses = has_status.map(|(name, case)| (&objects[name], &case.status));
        kubectl.set_statuses(&statuses.collect::<Vec<_>>());
    }

    /// Names the cluster, and with it the GitRepository of its pack.
    fn cluster_of(versions: Versions) -> String {
        format!("eu-{}", versions.frappe.replace('.', "-"))
    }

    /// What `sitewright gitops` writes for a cluster with these versions, by kind.
    fn pack(project: &Path, versions: Versions) -> BTreeMap<String, Value> {
        let Versions { frappe, mariadb } = versions;
        let folder = project.join("sites").join(cluster_of(versions));
        std::fs::create_dir_all(&folder).unwrap();
        let cluster = format!(
            "kind: Cluster\noperators: {{frappe: \"{frappe}\", mariadb: \"{mariadb}\", cloudnativePg: \"1.30\"}}\n\
             namespace: {NAMESPACE}\n\
             gitops: {{engine: flux, repository: \"https://git.example/fleet\"}}\n"
        );
        std::fs::write(folder.join("_cluster.yaml"), cluster).unwrap();
        let mut sitewright = Command::new(env!("CARGO_BIN_EXE_sitewright"));
        let output = sitewright.arg("-C").arg(project).arg("gitops").output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let files = std::fs::read_dir(project.join("gitops").join(cluster_of(versions))).unwrap();
        let objects = files.map(|file| {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            let object: Value = serde_yaml::from_str(&text).unwrap();
            (object["kind"].as_str().unwrap().to_owned(), object)
        });
        // The checks are the same in every Kustomization: `tests/gitops` says so.
        objects.collect()
    }

    fn source(pack: &BTreeMap<String, Value>, url: &str) -> Value {
        let mut source = pack["GitRepository"].clone();
        source["spec"]["url"] = json!(url);
        source
    }

    /// The pack's Kustomization for one folder, alone.
    fn kustomization(pack: &BTreeMap<String, Value>, name: &str) -> Value {
        let mut object = pack["Kustomization"].clone();
        object["metadata"]["name"] = json!(name);
        let spec = object["spec"].as_object_mut().unwrap();
        assert_eq!(spec["wait"], true);
        spec.insert("path".to_owned(), json!(format!("./rendered/eu/{name}")));
        spec.insert("timeout".to_owned(), json!(TIMEOUT));
        spec.shift_remove("patches");
        spec.shift_remove("dependsOn");
        object
    }

    /// The generation of each object, by its name.
    fn generations(kubectl: &Kubectl) -> BTreeMap<String, u64> {
        let kinds = cases(NEWEST).into_iter().map(|case| resource(&object(&case, "any")));
        let kinds: BTreeSet<String> = kinds.collect();
        let kinds = kinds.into_iter().collect::<Vec<_>>().join(",");
        let items = kubectl.items(&format!("{kinds} --namespace={NAMESPACE}"));
        let generation = |item: &Value| {
            let metadata = &item["metadata"];
            (
                metadata["name"].as_str().unwrap().to_owned(),
                metadata["generation"].as_u64().unwrap(),
            )
        };
        items.iter().map(generation).collect()
    }

    /// A kind as kubectl takes it: `User.v1alpha1.k8s.mariadb.com`.
    fn resource(object: &Value) -> String {
        let (group, version) = object["apiVersion"].as_str().unwrap().split_once('/').unwrap();
        format!("{}.{version}.{group}", object["kind"].as_str().unwrap())
    }

    /// What Flux says of each Kustomization that it has judged.
    fn verdicts(kubectl: &Kubectl) -> BTreeMap<String, String> {
        let items = kubectl.items("kustomizations --all-namespaces");
        let judged = items.iter().filter_map(|item| {
            let conditions = item["status"]["conditions"].as_array()?;
            let ready = conditions.iter().find(|condition| condition["type"] == "Ready")?;
            let message = ready["message"].as_str()?;
            let verdict = match ready["status"].as_str()? {
                "True" => shown(Current),
                "False" if message.contains("status: 'InProgress'") => shown(Waits),
                "False" if message.contains(NO_STATUS) => NO_STATUS.to_owned(),
                "False" if message.contains("status: 'Failed'") => shown(Failed),
                "False" => message.to_owned(),
                _ => return None,
            };
            Some((item["metadata"]["name"].as_str()?.to_owned(), verdict))
        });
        judged.collect()
    }

    fn expected(case: &Case) -> String {
        let waits_for_one = case.status.is_null() && case.flux == Waits;
        if waits_for_one { NO_STATUS.to_owned() } else { shown(case.flux) }
    }

    fn shown(verdict: Verdict) -> String {
        format!("{verdict:?}")
    }
}
