//! What runs the reconciler: its Deployment, its rights, and the settings that are refused.

use crate::project::{MARIADB, cluster, gitops, root};
use serde_json::{Value, json};
use sitewright::diagnostic::{self, Reported};
use sitewright::project::Project;
use std::collections::{BTreeMap, BTreeSet};

const IMAGE: &str = "registry.acme.com/reconciler:1";

/// The objects of the delivery of a cluster with these settings, by kind and name.
pub(crate) fn delivered(settings: &str) -> BTreeMap<(String, String), Value> {
    let more = format!("status: true\ngitops: {{reconciler: {settings}}}\n");
    let root = root(&cluster("2.6", MARIADB, &more), &[]);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let id = |object: &Value| (text(&object["kind"]), text(&object["metadata"]["name"]));
    gitops(root.path()).into_iter().map(|object| (id(&object), object)).collect()
}

/// The kinds of the objects with the name of the reconciler.
fn kinds(settings: &str) -> BTreeSet<String> {
    let own = delivered(settings).into_keys().filter(|(_, name)| name == "sitewright-reconciler");
    own.map(|(kind, _)| kind).collect()
}

/// The object of a kind.
fn one(settings: &str, kind: &str) -> Value {
    delivered(settings).remove(&(kind.to_owned(), "sitewright-reconciler".to_owned())).unwrap()
}

#[test]
fn monitoring_is_there_where_it_is_asked_for() {
    let image = format!("image: {IMAGE}");
    let basis = ["ClusterRole", "ClusterRoleBinding", "Deployment", "ServiceAccount"];
    for (more, expected) in [
        ("", vec![]),
        (", podMonitor: true", vec!["PodMonitor"]),
        (", alerts: true", vec!["PrometheusRule"]),
        (", podMonitor: true, alerts: true", vec!["PodMonitor", "PrometheusRule"]),
    ] {
        let expected = basis.iter().chain(&expected).map(|kind| (*kind).to_owned()).collect();
        assert_eq!(kinds(&format!("{{{image}{more}}}")), expected, "{more}");
    }
    let selected =
        format!("{{{image}, podMonitor: true, alerts: true, prometheusRelease: monitoring}}");
    for kind in ["PodMonitor", "PrometheusRule"] {
        assert_eq!(one(&selected, kind)["metadata"]["labels"]["release"], "monitoring", "{kind}");
    }
}

/// It is in a namespace of its own, which the pack makes too.
#[test]
fn all_parts_are_in_the_stated_namespace() {
    for (more, namespace) in
        [("", "sitewright-system"), (", namespace: tools", "tools"), (", namespace: erp", "erp")]
    {
        let settings = format!("{{image: \"{IMAGE}\", podMonitor: true, alerts: true{more}}}");
        let objects = delivered(&settings);
        assert!(objects.contains_key(&("Namespace".to_owned(), namespace.to_owned())), "{more}");
        for kind in ["Deployment", "ServiceAccount", "PodMonitor", "PrometheusRule"] {
            assert_eq!(one(&settings, kind)["metadata"]["namespace"], namespace, "{kind}");
        }
        let subject = &one(&settings, "ClusterRoleBinding")["subjects"][0];
        assert_eq!(subject["namespace"], namespace);
    }
}

/// Everything that a cluster with the strictest Pod Security Standard asks for.
#[test]
fn the_pod_has_no_privilege() {
    let settings = format!("{{image: \"{IMAGE}\", imagePullSecret: {{name: registry}}}}");
    let deployment = one(&settings, "Deployment");
    let pod = &deployment["spec"]["template"]["spec"];
    let container = &pod["containers"][0];
    assert_eq!(container["image"], IMAGE);
    assert_eq!(pod["securityContext"]["runAsNonRoot"], true);
    assert_eq!(pod["securityContext"]["seccompProfile"], json!({"type": "RuntimeDefault"}));
    assert_eq!(
        container["securityContext"],
        json!({
            "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true,
            "capabilities": {"drop": ["ALL"]},
        })
    );
    // Its labels are those that the Deployment and the PodMonitor select.
    let labels = &deployment["spec"]["template"]["metadata"]["labels"];
    assert_eq!(deployment["spec"]["selector"]["matchLabels"], *labels);
    let monitor = one(&format!("{{image: \"{IMAGE}\", podMonitor: true}}"), "PodMonitor");
    assert_eq!(monitor["spec"]["selector"]["matchLabels"], *labels);
    assert_eq!(monitor["spec"]["podMetricsEndpoints"][0]["port"], container["ports"][0]["name"]);
    let account = one(&settings, "ServiceAccount");
    assert_eq!(account["imagePullSecrets"], json!([{"name": "registry"}]));
}

/// `tests/cluster_rights` asks an API server.
#[test]
fn the_role_has_exactly_what_the_reconciler_needs() {
    let role = one(&format!("{{image: \"{IMAGE}\"}}"), "ClusterRole");
    let mut rights = BTreeMap::new();
    for rule in role["rules"].as_array().unwrap() {
        for resource in rule["resources"].as_array().unwrap() {
            let name = format!(
                "{}.{}",
                resource.as_str().unwrap(),
                rule["apiGroups"][0].as_str().unwrap()
            );
            assert!(rights.insert(name, rule["verbs"].clone()).is_none());
        }
    }
    let read = json!(["get", "list", "watch"]);
    let reads = [
        "sitedatabases.sitewright.dev",
        "frappesites.vyogo.tech",
        "frappebenches.vyogo.tech",
        "mariadbs.k8s.mariadb.com",
        "externalmariadbs.k8s.mariadb.com",
        "databases.k8s.mariadb.com",
        "users.k8s.mariadb.com",
        "grants.k8s.mariadb.com",
        "clusters.postgresql.cnpg.io",
        "databases.postgresql.cnpg.io",
        "databaseroles.postgresql.cnpg.io",
        "sealedsecrets.bitnami.com",
        "externalsecrets.external-secrets.io",
    ];
    let mut expected: BTreeMap<String, Value> =
        reads.map(|name| (name.to_owned(), read.clone())).into();
    expected.insert("sitedatabases/status.sitewright.dev".to_owned(), json!(["patch"]));
    expected.insert("events.events.k8s.io".to_owned(), json!(["create", "patch"]));
    assert_eq!(rights, expected);
}

/// What a Cluster with these lines is told.
fn said(more: &str) -> String {
    let root = root(&cluster("2.6", MARIADB, more), &[]);
    let Reported { value: project, diagnostics } = Project::read(root.path()).unwrap();
    let found = sitewright::resolved(&project).diagnostics;
    diagnostic::text(&[diagnostics, found].concat(), &project.sources, false)
}

#[test]
fn settings_without_effect_are_refused() {
    for (more, words) in [
        ("gitops: {reconciler: {image: \"a:1\"}}\n", "SW106"),
        (
            "status: false\ngitops: {reconciler: {image: \"a:1\"}}\n",
            "no effect without `status: true`",
        ),
        ("status: true\ngitops: {reconciler: {}}\n", "SW105"),
        ("status: true\ngitops: {reconciler: {podMonitor: true}}\n", "the image that you built"),
        (
            "status: true\ngitops: {reconciler: {image: \"a:1\", prometheusRelease: m}}\n",
            "`prometheusRelease` has no effect",
        ),
    ] {
        let said = said(more);
        assert!(said.contains(words), "{more}{said}");
    }
    assert_eq!(said("status: true\ngitops: {reconciler: {image: \"a:1\"}}\n"), "");
}
