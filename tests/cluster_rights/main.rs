//! An API server says what frappe-operator may do by the rights that `sitewright gitops` renders, for each
//! version of it, and what the reconciler may do.
//!
//! What else frappe-operator needs comes with its own manifest or chart, and is not tested here.

#[cfg(test)]
#[path = "../tools/mod.rs"]
mod tools;

#[cfg(test)]
mod tests {
    use super::tools::needed;
    use cluster::{ControlPlane, Kubectl, Programs};
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::Path;
    use std::process::Command;

    const READ: [&str; 3] = ["get", "list", "watch"];
    const WRITE: [&str; 5] = ["create", "update", "patch", "delete", "deletecollection"];
    /// What frappe-operator looks for before it makes one of its own (source: `controllers/database` of
    /// frappe-operator 2.3.0 and 2.6.4).
    const MARIADB: [&str; 4] = [
        "mariadbs.k8s.mariadb.com",
        "databases.k8s.mariadb.com",
        "users.k8s.mariadb.com",
        "grants.k8s.mariadb.com",
    ];
    /// The account of the operator's kustomization `config/default`.
    const ACCOUNT: &str = "frappe-operator-system:frappe-operator-controller-manager";
    /// An account that nobody gave a right to.
    const NOBODY: &str = "frappe-operator-system:nobody";

    #[test]
    fn frappe_operator_may_read_what_it_needs_and_no_more() {
        let Some(plane) = start() else { return };
        let kubectl = plane.kubectl();
        let (pods, none) = (["pods"], [""; 0]);
        // The last is a cluster that goes back to 2.3: the right goes too.
        for (version, more) in
            [("2.5", &none[..]), ("2.6", &pods[..]), ("5.2", &pods[..]), ("2.3", &none[..])]
        {
            // Given a cluster with this version, when its administrator applies the pack,
            apply_pack(&plane, version, "{}");

            // then the operator may read this in every namespace, and do nothing else in any.
            let readable: BTreeSet<&str> = MARIADB.iter().chain(more).copied().collect();
            for resource in &readable {
                for verb in READ {
                    let question = format!("{verb} {resource} --all-namespaces");
                    assert!(may(kubectl, ACCOUNT, &question), "{version}: {question}");
                }
            }
            for question in forbidden(more.is_empty()) {
                assert!(!may(kubectl, ACCOUNT, &question), "{version}: {question}");
            }
            let read: Vec<String> = READ.map(str::to_owned).into();
            let expected = readable.into_iter().map(|name| (name.to_owned(), read.clone()));
            assert_eq!(granted(kubectl, ACCOUNT), expected.collect(), "{version}");
        }
    }

    /// frappe-operator reaches a PostgreSQL database by a Secret, and looks at pods all the same.
    #[test]
    fn without_mariadb_it_may_read_pods_alone() {
        let Some(plane) = start() else { return };
        let project = plane.workplace().folder("project");
        let operators = "{frappe: \"5.2\", cloudnativePg: \"1.30\", rbac: {}}";
        write_cluster(&project, operators);
        apply(&plane, &project);
        let read = READ.map(str::to_owned).into();
        assert_eq!(granted(plane.kubectl(), ACCOUNT), [("pods".to_owned(), read)].into());
    }

    #[test]
    fn the_rights_go_to_the_stated_account_alone() {
        let Some(plane) = start() else { return };
        let kubectl = plane.kubectl();
        apply_pack(&plane, "2.6", "{serviceAccount: {name: frappe, namespace: operators}}");
        assert_eq!(granted(kubectl, "operators:frappe").len(), 5);
        for other in [ACCOUNT, "operators:default", "erp:frappe"] {
            assert_eq!(granted(kubectl, other), BTreeMap::new(), "{other}");
        }
    }

    /// The reconciler reads what decides how a database is. It writes statuses and events, and nothing else.
    #[test]
    fn the_reconciler_may_read_and_report_alone() {
        let Some(plane) = start() else { return };
        let kubectl = plane.kubectl();
        let project = plane.workplace().folder("project");
        let operators = "{frappe: \"2.6\", mariadb: \"26.6\"}\nstatus: true\n\
                         gitops: {reconciler: {image: \"registry.acme.com/reconciler:1\"}}";
        write_cluster(&project, operators);
        apply(&plane, &project);
        let account = "sitewright-system:sitewright-reconciler";
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
        let own = |verbs: &[&str]| verbs.iter().map(|verb| (*verb).to_owned()).collect();
        let mut expected: BTreeMap<String, Vec<String>> =
            reads.map(|resource| (resource.to_owned(), own(&READ))).into();
        expected.insert("sitedatabases.sitewright.dev/status".to_owned(), own(&["patch"]));
        expected.insert("events.events.k8s.io".to_owned(), own(&["create", "patch"]));
        assert_eq!(granted(kubectl, account), expected);
        for question in ["list sitedatabases.sitewright.dev", "watch grants.k8s.mariadb.com"] {
            assert!(may(kubectl, account, &format!("{question} --all-namespaces")), "{question}");
        }
        for question in
            ["get secrets", "list secrets", "patch sitedatabases.sitewright.dev", "create events"]
        {
            assert!(!may(kubectl, account, &format!("{question} --namespace=erp")), "{question}");
        }
    }

    /// An API server that knows the operators' kinds.
    fn start() -> Option<ControlPlane> {
        let (programs, crds) = (needed("cluster")?, needed("crds-by-version")?);
        let plane = ControlPlane::start(&Programs::of(&programs));
        for folder in ["mariadb-operator/26.6.0", "frappe-operator/2.6.4"] {
            plane.install(&crds.join(folder));
        }
        Some(plane)
    }

    /// Renders the pack of a cluster, and applies it as docs/gitops.md says.
    fn apply_pack(plane: &ControlPlane, version: &str, rbac: &str) {
        let project = plane.workplace().folder("project");
        let operators = format!("{{frappe: \"{version}\", mariadb: \"26.6\", rbac: {rbac}}}");
        write_cluster(&project, &operators);
        apply(plane, &project);
    }

    fn apply(plane: &ControlPlane, project: &Path) {
        let mut sitewright = Command::new(env!("CARGO_BIN_EXE_sitewright"));
        let output = sitewright.arg("-C").arg(project).arg("gitops").output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let folder = project.join("gitops/eu");
        let apply = ["apply", "--server-side", "--field-manager=sitewright", "-R", "-f"];
        plane.kubectl().with(&[&apply[..], &[folder.to_str().unwrap()]].concat(), "");
    }

    fn write_cluster(project: &Path, operators: &str) {
        let folder = project.join("sites/eu");
        std::fs::create_dir_all(&folder).unwrap();
        let cluster = format!("kind: Cluster\noperators: {operators}\nnamespace: erp\n");
        std::fs::write(folder.join("_cluster.yaml"), cluster).unwrap();
    }

    /// What the operator must not do by these rights, in whatever namespace.
    fn forbidden(may_not_read_pods: bool) -> Vec<String> {
        let mut found = Vec::new();
        let mut each = |resource: &str, verbs: &[&str]| {
            found.extend(verbs.iter().map(|verb| format!("{verb} {resource} --namespace=erp")));
        };
        for resource in MARIADB {
            // What it made would be there before ours.
            each(resource, &WRITE);
        }
        each("pods", &WRITE);
        if may_not_read_pods {
            each("pods", &READ);
        }
        each("pods/exec", &["create"]);
        // Passwords: its own manifest lets it read those that it needs.
        each("secrets", &READ);
        each("secrets", &WRITE);
        each("backups.k8s.mariadb.com", &READ);
        each("clusterroles.rbac.authorization.k8s.io", &["escalate", "bind"]);
        found
    }

    /// Whether a ServiceAccount, as `NAMESPACE:NAME`, may do something.
    fn may(kubectl: &Kubectl, account: &str, question: &str) -> bool {
        let answer =
            kubectl.try_run(&format!("auth can-i {question} --as=system:serviceaccount:{account}"));
        match answer.stdout.trim() {
            "yes" => true,
            "no" => false,
            other => panic!("{question}: {other} {}", answer.stderr),
        }
    }

    /// The resources that an account may do something with and another account may not, with the verbs.
    fn granted(kubectl: &Kubectl, account: &str) -> BTreeMap<String, Vec<String>> {
        let list = |account: &str| -> BTreeSet<String> {
            let words = "auth can-i --list --namespace=erp --no-headers";
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
}
