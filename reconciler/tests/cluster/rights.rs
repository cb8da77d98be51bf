//! What the reconciler may do by the rights of the rendered pack: the API server says it of every verb, and the
//! reconciler runs with these rights and no others.

use crate::objects::{external_secret, list, mariadb, postgres, site_of, sql};
use crate::reconciler::Reconciler;
use crate::stage::{LIMIT, Stage, root};
use crate::statuses::{applied, created, postgres_server, ready, running};
use cluster::{Kubectl, eventually};
use serde_json::{Deserializer, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

const VERBS: [&str; 8] =
    ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"];
const READ: [&str; 3] = ["get", "list", "watch"];
/// The objects whose status decides, as `RESOURCE.GROUP`.
const WATCHED: [&str; 12] = [
    "mariadbs.k8s.mariadb.com",
    "externalmariadbs.k8s.mariadb.com",
    "databases.k8s.mariadb.com",
    "users.k8s.mariadb.com",
    "grants.k8s.mariadb.com",
    "frappesites.vyogo.tech",
    "frappebenches.vyogo.tech",
    "sealedsecrets.bitnami.com",
    "externalsecrets.external-secrets.io",
    "clusters.postgresql.cnpg.io",
    "databases.postgresql.cnpg.io",
    "databaseroles.postgresql.cnpg.io",
];
/// What it must not touch with any verb. The first would give it passwords, the next ones other programs' rights.
const FORBIDDEN: [&str; 26] = [
    "secrets",
    "serviceaccounts",
    "serviceaccounts/token",
    "pods",
    "pods/exec",
    "pods/log",
    "configmaps",
    "namespaces",
    "nodes",
    "services",
    "persistentvolumeclaims",
    "deployments.apps",
    "statefulsets.apps",
    "jobs.batch",
    "leases.coordination.k8s.io",
    "roles.rbac.authorization.k8s.io",
    "rolebindings.rbac.authorization.k8s.io",
    "clusterroles.rbac.authorization.k8s.io",
    "clusterrolebindings.rbac.authorization.k8s.io",
    "customresourcedefinitions.apiextensions.k8s.io",
    "mutatingwebhookconfigurations.admissionregistration.k8s.io",
    "backups.k8s.mariadb.com",
    "sqljobs.k8s.mariadb.com",
    "connections.k8s.mariadb.com",
    "secretstores.external-secrets.io",
    "sitejobs.vyogo.tech",
];

/// An account that nobody gave a right to.
const NOBODY: &str = "rights:nobody";

/// The verbs that the reconciler needs, by `RESOURCE.GROUP`.
fn needed() -> BTreeMap<String, BTreeSet<&'static str>> {
    let watched = WATCHED.iter().map(|resource| ((*resource).to_owned(), READ.into()));
    let sites = sitewright_api::CRD_NAME;
    let (name, group) = sites.split_once('.').unwrap();
    let own = [
        (sites.to_owned(), READ.into()),
        (format!("{name}/status.{group}"), ["patch"].into()),
        ("events.events.k8s.io".to_owned(), ["create", "patch"].into()),
    ];
    watched.chain(own).collect()
}

/// The objects of the rendered pack that run the reconciler. Those for the operator of Prometheus need its CRDs.
fn pack() -> Vec<Value> {
    let files = std::fs::read_dir(root().join("examples/status/gitops/production/reconciler"));
    let objects = files.unwrap().map(|file| {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        serde_yaml::from_str::<Value>(&text).unwrap()
    });
    objects.filter(|object| object["apiVersion"] != "monitoring.coreos.com/v1").collect()
}

/// The account of the pack's Deployment, as NAMESPACE and NAME, which exists with its rights from now on.
fn install_pack(kubectl: &Kubectl) -> (String, String) {
    let objects = pack();
    let deployment = objects.iter().find(|object| object["kind"] == "Deployment").unwrap();
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    let namespace = word(&deployment["metadata"]["namespace"]);
    let name = word(&deployment["spec"]["template"]["spec"]["serviceAccountName"]);
    let metadata = json!({"name": namespace});
    let space = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata});
    kubectl.apply(&space.to_string());
    // The API server also takes the Deployment as it is.
    kubectl.apply(&list(&objects));
    (namespace, name)
}

#[test]
fn it_may_do_what_it_needs_and_nothing_else() {
    let Some(stage) = Stage::enter("rights") else { return };
    let kubectl = stage.kubectl();
    let (namespace, name) = install_pack(kubectl);
    let account = format!("{namespace}:{name}");
    let needed = needed();

    // Each verb of each resource, in another namespace than its own.
    let sites = sitewright_api::CRD_NAME.split_once('.').unwrap();
    let more = ["", "/finalizers"].map(|part| format!("{}{part}.{}", sites.0, sites.1));
    let status_of_others = WATCHED.iter().map(|resource| {
        let (name, group) = resource.split_once('.').unwrap();
        format!("{name}/status.{group}")
    });
    let forbidden = FORBIDDEN.iter().map(|resource| (*resource).to_owned());
    let resources: BTreeSet<String> =
        needed.keys().cloned().chain(more).chain(status_of_others).chain(forbidden).collect();
    let questions: Vec<(String, &str)> = resources
        .iter()
        .flat_map(|resource| VERBS.iter().map(move |verb| (resource.clone(), *verb)))
        .chain([
            ("clusterroles.rbac.authorization.k8s.io".to_owned(), "escalate"),
            ("clusterroles.rbac.authorization.k8s.io".to_owned(), "bind"),
            ("serviceaccounts".to_owned(), "impersonate"),
            ("users".to_owned(), "impersonate"),
        ])
        .collect();
    let answers = ask(kubectl, (&namespace, &name), &questions);
    for ((resource, verb), is_allowed) in questions.iter().zip(answers) {
        let is_needed = needed.get(resource).is_some_and(|verbs| verbs.contains(verb));
        assert_eq!(is_allowed, is_needed, "{verb} {resource}");
    }

    // And everything that the API server knows of the account: nothing that is not named above.
    let granted = granted(kubectl, &account);
    let words = |verbs: BTreeSet<&'static str>| verbs.into_iter().map(str::to_owned).collect();
    let expected = needed.into_iter().map(|(resource, verbs)| (listed(&resource), words(verbs)));
    assert_eq!(granted, expected.collect::<BTreeMap<String, BTreeSet<String>>>());
}

/// A resource as `kubectl auth can-i --list` prints it: `sitedatabases.sitewright.dev/status`.
fn listed(resource: &str) -> String {
    match resource.split_once('/') {
        None => resource.to_owned(),
        Some((name, rest)) => match rest.split_once('.') {
            None => resource.to_owned(),
            Some((part, group)) => format!("{name}.{group}/{part}"),
        },
    }
}

/// What `kubectl auth can-i` asks the API server, for many questions at once.
fn ask(kubectl: &Kubectl, account: (&str, &str), questions: &[(String, &str)]) -> Vec<bool> {
    let (namespace, name) = account;
    let reviews: Vec<Value> = questions
        .iter()
        .map(|(resource, verb)| {
            let (resource, group) = resource.split_once('.').unwrap_or((resource, ""));
            let (resource, part) = resource.split_once('/').unwrap_or((resource, ""));
            let attributes = json!({
                "namespace": "rights", "verb": verb,
                "group": group, "resource": resource, "subresource": part,
            });
            let groups = json!([
                "system:serviceaccounts",
                format!("system:serviceaccounts:{namespace}"),
                "system:authenticated",
            ]);
            let user = format!("system:serviceaccount:{namespace}:{name}");
            let spec = json!({"user": user, "groups": groups, "resourceAttributes": attributes});
            let api = "authorization.k8s.io/v1";
            json!({"apiVersion": api, "kind": "SubjectAccessReview", "spec": spec})
        })
        .collect();
    let text = kubectl.with(&["create", "--output=json", "-f", "-"], &list(&reviews));
    let answers: Vec<Value> =
        Deserializer::from_str(&text).into_iter().map(Result::unwrap).collect();
    assert_eq!(answers.len(), questions.len());
    let allowed = |(answer, asked): (&Value, &Value)| {
        assert_eq!(
            answer["spec"]["resourceAttributes"]["verb"],
            asked["spec"]["resourceAttributes"]["verb"]
        );
        answer["status"]["allowed"].as_bool().unwrap()
    };
    answers.iter().zip(&reviews).map(allowed).collect()
}

/// The resources that an account may do something with and another account may not, with the verbs.
fn granted(kubectl: &Kubectl, account: &str) -> BTreeMap<String, BTreeSet<String>> {
    let list = |account: &str| -> BTreeSet<String> {
        let words = "auth can-i --list --namespace=rights --no-headers";
        let text = kubectl.run(&format!("{words} --as=system:serviceaccount:{account}"));
        // The columns are as wide as what stands in them.
        text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
    };
    let nobody = list(NOBODY);
    assert!(!nobody.is_empty());
    let own = list(account).into_iter().filter(|line| !nobody.contains(line));
    own.map(|line| {
        // Resource, URLs, names of objects, and verbs: the lists in brackets.
        let (resource, _) = line.split_once(' ').unwrap();
        let (_, verbs) = line.trim_end_matches(']').rsplit_once('[').unwrap();
        (resource.to_owned(), verbs.split(' ').map(str::to_owned).collect())
    })
    .collect()
}

#[test]
fn the_reconciler_works_with_these_rights() {
    let Some(stage) = Stage::enter("bound") else { return };
    let kubectl = stage.kubectl();
    let account = install_pack(kubectl);
    let kubeconfig = kubeconfig(&stage, &account);
    let server = mariadb("bound", "db");
    let [database, user, grant] = sql("bound", "acme");
    let secret = external_secret("bound", "acme-db");
    let objects = [server.clone(), database.clone(), user.clone(), grant.clone(), secret.clone()];
    let of_postgres = postgres("bound", "globex");
    let sites = [
        site_of("bound", "acme", &objects.each_ref()),
        site_of("bound", "globex", &of_postgres.each_ref()),
    ];
    stage.apply(&[&objects[..], &of_postgres[..], &sites[..]].concat());
    let arguments = ["--namespaces", "bound", "--grace", "1s"];
    let mut reconciler = Reconciler::start_as(&stage.plane, &kubeconfig, &arguments);
    reconciler.wait_until_ready();
    stage.wait_for_phase("acme", "Pending");

    stage.set(&server, &running());
    stage.set(&secret, &ready("True", "SecretSynced", "secret synced"));
    [&database, &user, &grant].iter().for_each(|object| stage.set(object, &created()));
    let healthy = postgres_server("Cluster in healthy state", "True", "ClusterIsReady");
    stage.set(&of_postgres[0], &healthy);
    of_postgres[1..].iter().for_each(|object| stage.set(object, &applied(1)));
    stage.wait_for_phase("acme", "Ready");
    stage.wait_for_phase("globex", "Ready");
    eventually("its events", LIMIT, || {
        match stage.kubectl().items("events.events.k8s.io --namespace=bound").len() {
            2.. => Ok(()),
            other => Err(other),
        }
    });
    // It was refused nothing.
    for line in reconciler.log() {
        let text = line.to_string().to_lowercase();
        assert!(!text.contains("forbidden") && !text.contains("403"), "{line}");
    }
    assert!(reconciler.terminate().success());
}

/// A kubeconfig with a token of a ServiceAccount.
fn kubeconfig(stage: &Stage, (namespace, name): &(String, String)) -> PathBuf {
    let kubectl = stage.kubectl();
    let token = kubectl.run(&format!("create token {name} --namespace={namespace}"));
    let text = std::fs::read_to_string(kubectl.kubeconfig()).unwrap();
    let mut config: Value = serde_json::from_str(&text).unwrap();
    config["users"][0]["user"] = json!({"token": token.trim()});
    let path = stage.plane.workplace().folder("bound").join("kubeconfig");
    std::fs::write(&path, config.to_string()).unwrap();
    path
}
