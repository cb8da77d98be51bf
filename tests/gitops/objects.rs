//! What the objects say, and above all what they never say.

use crate::project::{REPOSITORY, delivery, of, project, project_of, put};
use crate::statuses::{MIDDLE, NEWEST, OLDEST, PREVIEW};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

fn stated(engine: &str, more: &str) -> BTreeMap<String, Value> {
    let root = project(&format!("{{engine: {engine}, repository: {REPOSITORY}{more}}}"));
    delivery(root.path()).unwrap()
}

/// Every Kustomization keeps what it applied when it goes, prunes, waits, and re-creates nothing.
#[test]
fn no_kustomization_takes_anything_along() {
    for more in ["", ", delivery: site"] {
        let objects = stated("flux", more);
        let kustomizations = of(&objects, "Kustomization");
        assert!(kustomizations.len() >= 2);
        for (name, object) in kustomizations {
            let spec = &object["spec"];
            assert_eq!(spec["deletionPolicy"], "Orphan", "{name}");
            assert_eq!(spec["force"], false, "{name}");
            assert_eq!((&spec["prune"], &spec["wait"]), (&json!(true), &json!(true)), "{name}");
            assert!(name.len() <= 63);
        }
    }
}

/// A Kustomization that waits takes no commit and holds a worker: waits are short, and the documentation says
/// how short, what they hold up, and what ends them.
#[test]
fn waits_are_as_short_as_the_documentation_says() {
    for more in ["", ", delivery: site"] {
        let objects = stated("flux", more);
        for (name, kustomization) in of(&objects, "Kustomization") {
            let spec = &kustomization["spec"];
            let waits = [&spec["wait"], &spec["timeout"], &spec["retryInterval"]];
            assert_eq!(waits, [&json!(true), &json!("2m"), &json!("1m")], "{name}");
        }
    }
    let words: Vec<&str> = include_str!("../../docs/gitops.md").split_whitespace().collect();
    let text = words.join(" ");
    for said in [
        "The pack waits for two minutes (`timeout`) and tries again a minute later (`retryInterval`)",
        "While it waits, it takes no newer commit, not even a commit that repairs the problem.",
        "If four Kustomizations wait, Flux applies nothing until one of these waits ends",
        "`--concurrent=20`",
        "`--feature-gates=CancelHealthCheckOnNewRevision=true`: a new commit then ends a wait",
        "So the engines keep the order between two objects only while they create them.",
    ] {
        assert!(text.contains(said), "{said}");
    }
}

#[test]
fn what_depends_on_what() {
    let objects = stated("flux", ", delivery: site");
    let depends = |object: &Value| -> Vec<String> {
        let names = object["spec"]["dependsOn"].as_array().into_iter().flatten();
        names.map(|it| it["name"].as_str().unwrap().to_owned()).collect()
    };
    let all = of(&objects, "Kustomization");
    let found: BTreeMap<&str, Vec<String>> =
        all.iter().map(|(name, object)| (*name, depends(object))).collect();
    let expected: [(&str, &[&str]); 8] = [
        ("eu-data.acme", &["eu-data.db"]),
        ("eu-data.b15", &[]),
        ("eu-data.db", &[]),
        ("eu-data.retail.globex", &["eu-data.db"]),
        // A server of its own is in its own folder.
        ("eu-data.retail.north.initech", &[]),
        ("eu-sites.acme", &["eu-data.acme", "eu-data.b15"]),
        ("eu-sites.retail.globex", &["eu-data.retail.globex", "eu-data.b15"]),
        ("eu-sites.retail.north.initech", &["eu-data.retail.north.initech", "eu-data.b15"]),
    ];
    let expected: BTreeMap<&str, Vec<String>> = (expected.into_iter())
        .map(|(name, on)| (name, on.iter().map(|name| (*name).to_owned()).collect()))
        .collect();
    assert_eq!(found, expected);
    // What is waited for is there.
    let names: BTreeSet<&str> = all.keys().copied().collect();
    assert!(found.values().flatten().all(|name| names.contains(name.as_str())));
    assert_eq!(all["eu-sites.retail.globex"]["spec"]["path"], "./rendered/eu/retail/globex");
}

#[test]
fn no_application_takes_anything_along() {
    for more in ["", ", delivery: site"] {
        let objects = stated("argocd", more);
        let spec = &of(&objects, "ApplicationSet")["eu"]["spec"];
        assert_eq!(spec["syncPolicy"]["preserveResourcesOnDeletion"], true);
        assert_eq!(spec["syncPolicy"]["applicationsSync"], "create-update");
        let template = &spec["template"];
        assert!(template["metadata"].get("finalizers").is_none());
        let policy = &template["spec"]["syncPolicy"];
        assert_eq!(
            policy["automated"],
            json!({"prune": true, "selfHeal": true, "allowEmpty": false})
        );
        assert!(policy["retry"]["limit"].as_u64() > Some(0));
        let options: BTreeSet<&str> =
            policy["syncOptions"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        let wanted = [
            "ApplyOutOfSyncOnly=true",
            "FailOnSharedResource=true",
            "PruneLast=true",
            "ServerSideApply=true",
        ];
        assert_eq!(options, wanted.into());
    }
}

#[test]
fn nothing_forces_anything() {
    for (engine, more) in [("flux", ""), ("argocd", ""), ("flux", ", delivery: site")] {
        for (path, object) in stated(engine, more) {
            let text = object.to_string();
            for word in
                ["Replace=true", "Force=true", "fluxcd.io/force", "finalizers", "\"force\":true"]
            {
                assert!(!text.contains(word), "{path} says {word}");
            }
        }
    }
}

#[test]
fn an_application_set_finds_each_definition_once() {
    let objects = stated("argocd", ", delivery: site, path: clusters/erp");
    let spec = &of(&objects, "ApplicationSet")["eu"]["spec"];
    let directories = spec["generators"][0]["git"]["directories"].as_array().unwrap();
    let paths = |exclude: bool| -> Vec<&str> {
        let of =
            directories.iter().filter(|it| it["exclude"].as_bool().unwrap_or(false) == exclude);
        of.map(|it| it["path"].as_str().unwrap().strip_prefix("clusters/erp/rendered/").unwrap())
            .collect()
    };
    assert_eq!(paths(false), ["eu/*", "eu/retail/*", "eu/retail/north/*"]);
    assert_eq!(paths(true), ["eu/retail", "eu/retail/north"]);
    // As the generator does: what one pattern of one level matches and none excludes.
    let folders = [
        "eu/acme",
        "eu/b15",
        "eu/db",
        "eu/retail",
        "eu/retail/globex",
        "eu/retail/north",
        "eu/retail/north/initech",
    ];
    let matches = |pattern: &str, folder: &str| {
        let (above, name) = folder.rsplit_once('/').unwrap();
        pattern == folder || (pattern.strip_suffix("/*") == Some(above) && !name.is_empty())
    };
    let found: Vec<&str> = folders
        .into_iter()
        .filter(|folder| paths(false).iter().any(|pattern| matches(pattern, folder)))
        .filter(|folder| !paths(true).iter().any(|pattern| matches(pattern, folder)))
        .collect();
    assert_eq!(
        found,
        ["eu/acme", "eu/b15", "eu/db", "eu/retail/globex", "eu/retail/north/initech"]
    );
    let template = &spec["template"];
    assert_eq!(template["metadata"]["name"], "{{ join \".\" (slice .path.segments 3) }}");
    assert_eq!(template["spec"]["source"]["directory"]["recurse"], false);
}

#[test]
fn a_project_writes_to_its_namespaces_alone() {
    let objects = stated("argocd", ", destination: {name: eu-1}");
    let spec = &of(&objects, "AppProject")["eu"]["spec"];
    assert_eq!(spec["destinations"], json!([{"name": "eu-1", "namespace": "erp"}]));
    assert_eq!(spec["sourceRepos"], json!([REPOSITORY]));
}

/// What every engine prunes by, so that whoever delivers the namespaces never deletes one.
#[test]
fn namespaces_are_there_and_stay() {
    for engine in ["{engine: none}", &format!("{{engine: flux, repository: {REPOSITORY}}}")] {
        let root = project(engine);
        let objects = delivery(root.path()).unwrap();
        let namespace = of(&objects, "Namespace")["erp"];
        let annotations = &namespace["metadata"]["annotations"];
        assert_eq!(annotations["kustomize.toolkit.fluxcd.io/prune"], "disabled");
        assert_eq!(annotations["argocd.argoproj.io/sync-options"], "Prune=false,Delete=false");
    }
}

/// Reading is all that frappe-operator needs where everything is rendered. `tests/cluster_rights` asks
/// an API server.
#[test]
fn rights_are_to_read_and_no_more() {
    let read = |group: &str, resources: &[&str]| {
        json!({
            "apiGroups": [group], "resources": resources, "verbs": ["get", "list", "watch"],
        })
    };
    let mariadb = read("k8s.mariadb.com", &["mariadbs", "databases", "users", "grants"]);
    for (versions, rules) in [
        (OLDEST, json!([mariadb])),
        (MIDDLE, json!([mariadb])),
        // From 2.6.4 it looks at the pods of an init Job.
        (NEWEST, json!([mariadb, read("", &["pods"])])),
        (PREVIEW, json!([mariadb, read("", &["pods"])])),
    ] {
        let root = project_of(versions, "{engine: none}");
        let objects = delivery(root.path()).unwrap();
        let role = of(&objects, "ClusterRole")["frappe-operator-reads-mariadb"];
        assert_eq!(role["rules"], rules);
        let binding = of(&objects, "ClusterRoleBinding")["frappe-operator-reads-mariadb"];
        let account = json!([{
            "kind": "ServiceAccount",
            "name": "frappe-operator-controller-manager",
            "namespace": "frappe-operator-system",
        }]);
        assert_eq!(binding["subjects"], account);
    }
    let root = project("{engine: none}");
    put(
        &root.path().join("sites/eu/_cluster.yaml"),
        "kind: Cluster\noperators: {frappe: \"2.6\", mariadb: \"26.6\"}\nnamespace: erp\n",
    );
    assert!(of(&delivery(root.path()).unwrap(), "ClusterRole").is_empty());
}

#[test]
fn what_cannot_be_delivered_is_said() {
    let refused = |gitops: &str| delivery(project(gitops).path()).unwrap_err();
    let said = refused("{engine: flux}");
    assert!(said.contains("error[SW105]: `gitops.repository` is missing"), "{said}");
    let said =
        refused(&format!("{{engine: flux, repository: {REPOSITORY}, destination: {{name: a}}}}"));
    assert!(said.contains("error[SW106]: `gitops.destination` has no effect"), "{said}");
    let said = refused("{engine: none, repository: https://x.com/y}");
    assert!(said.contains("error[SW106]: `gitops.repository` has no effect"), "{said}");
    let both = "{server: https://a.com, name: b}";
    let said =
        refused(&format!("{{engine: argocd, repository: {REPOSITORY}, destination: {both}}}"));
    assert!(said.contains("error[SW107]"), "{said}");
    let said = refused("{engine: flux, repository: \"git@github.com:acme/fleet.git\"}");
    assert!(said.contains("write `ssh://git@github.com/acme/fleet.git`"), "{said}");
    let said = refused("{engine: flux, repository: \"ssh://git@github.com/acme/fleet\"}");
    assert!(said.contains("error[SW105]: `gitops.credentials.name` is missing"), "{said}");
    let said = refused("{engine: flux, repository: \"https://acme:token@github.com/acme/fleet\"}");
    assert!(said.contains("error[SW104]"), "{said}");
    // A definition in another one's folder would be delivered twice by Flux.
    let root = project(&format!("{{engine: flux, repository: {REPOSITORY}, delivery: site}}"));
    put(&root.path().join("sites/eu/acme/inner.yaml"), "kind: Site\nsiteName: inner.example\n");
    let said = delivery(root.path()).unwrap_err();
    assert!(
        said.contains("`eu/acme/inner` would be delivered twice: it is in the folder of `eu/acme`"),
        "{said}"
    );
    // And never, where kustomize reads a list of files.
    let settings = "kind: Project\nkustomizations: true\n";
    put(&root.path().join("sitewright.yaml"), settings);
    assert!(delivery(root.path()).is_ok());
    let root = project(&format!("{{engine: flux, repository: {REPOSITORY}}}"));
    put(&root.path().join("sites/eu/acme/inner.yaml"), "kind: Site\nsiteName: inner.example\n");
    assert!(delivery(root.path()).is_ok());
    put(&root.path().join("sitewright.yaml"), settings);
    let said = delivery(root.path()).unwrap_err();
    assert!(said.contains("`eu/acme/inner` would not be delivered"), "{said}");
}

#[test]
fn a_projects_own_template_takes_the_built_in_ones_place() {
    let root = project(&format!("{{engine: flux, repository: {REPOSITORY}}}"));
    let template = include_str!("../../templates/gitops/kustomization.yaml.j2");
    let own = template.replace("interval: 10m", "interval: 1h");
    put(&root.path().join("templates/gitops/kustomization.yaml.j2"), &own);
    let objects = delivery(root.path()).unwrap();
    assert_eq!(of(&objects, "Kustomization")["eu-data"]["spec"]["interval"], "1h");
    let reckless = template.replace("force: false", "force: true");
    put(&root.path().join("templates/gitops/kustomization.yaml.j2"), &reckless);
    let said = delivery(root.path()).unwrap_err();
    assert!(said.contains("error[SW503]: `force: true` makes an engine delete objects"), "{said}");
    // Once for all Kustomizations.
    assert_eq!(said.matches("templates/gitops/kustomization.yaml.j2").count(), 1, "{said}");
}
