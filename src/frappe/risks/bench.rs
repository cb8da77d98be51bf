//! The risks of FrappeBench.

use super::site::{API, CRDS, STEPS};
use crate::risk::Condition::{self, ItemGone, Older, Own, Retired};
use crate::risk::Level::{Blocked, DataLoss, Rollout};
use crate::risk::On::Goes;
use crate::risk::{Predicate, RETIRE, Rule, Table, field, on};

const DEPLOYMENTS: &str =
    "{frappe-operator} makes the Deployments of a bench once, and never changes their image";
const SIZES: &str = "the operator makes the Deployments of a bench once, and never changes their resources and replicas";
const EDIT_DEPLOYMENTS: &str =
    "after the change, edit the Deployments of the bench in the cluster by hand";
const UNKNOWN_SIZES: &str = "nobody saw whether {frappe-operator} changes Deployments that it has made: they may keep their old resources and replicas";
const COMPARE_DEPLOYMENTS: &str = "after the change, compare the Deployments of the bench, and edit them by hand where they differ";
const RESTART: &str = "every site on the bench restarts";
const FILES_GO: &str =
    "its volume is deleted with it, and so are the files of every site on the bench";
const RESTORE: &str = "restore the sites' backups of that version";

/// The numbers of a release of Frappe or of an app.
const RELEASE: usize = 3;

/// frappe-operator leaves the Deployments of a bench as they were made.
const FIXED_IMAGES: Condition = Own(&Predicate {
    name: "FIXED_IMAGES",
    holds: |scene| scene.known.has(|it| !it.profiles.frappe.follows_images),
});

/// The code that changes the Deployments of a bench could not be read.
const UNREAD: Condition = Own(&Predicate {
    name: "UNREAD",
    holds: |scene| scene.known.has(|it| it.profiles.frappe.is_preview),
});

const STORAGE: &str = "controllers/frappebench_resources.go of frappe-operator 2.3.0";
const OLD_BENCH: &str = "ensureGunicornDeployment in controllers/frappebench_resources.go of frappe-operator 2.3.0 and 2.5.0";
const BENCH: &str = "controllers/frappebench_deployments.go of frappe-operator 2.6.4";

pub(super) const TABLE: Table = Table {
    rules: RULES,
    #[cfg(test)]
    cases: tests::cases,
};

#[rustfmt::skip]
const RULES: &[Rule] = &[
    field("FrappeBench", "apiVersion", &[], Blocked, API, STEPS).read_in(CRDS),
    field("FrappeBench", "spec.frappeVersion", &[Older(RELEASE)], DataLoss, "Frappe does not undo the migrations of a newer version", RESTORE),
    field("FrappeBench", "spec.imageConfig", &[Older(RELEASE)], DataLoss, "Frappe does not undo the migrations of a newer version", RESTORE),
    field("FrappeBench", "spec.frappeVersion", &[FIXED_IMAGES], Blocked, DEPLOYMENTS, EDIT_DEPLOYMENTS).read_in(OLD_BENCH),
    field("FrappeBench", "spec.imageConfig", &[FIXED_IMAGES], Blocked, DEPLOYMENTS, EDIT_DEPLOYMENTS).read_in(OLD_BENCH),
    field("FrappeBench", "spec.frappeVersion", &[], Rollout, RESTART, ""),
    field("FrappeBench", "spec.imageConfig", &[], Rollout, RESTART, ""),
    field("FrappeBench", "spec.componentResources", &[UNREAD], Rollout, UNKNOWN_SIZES, COMPARE_DEPLOYMENTS),
    field("FrappeBench", "spec.componentAutoscaling", &[], Rollout, UNKNOWN_SIZES, COMPARE_DEPLOYMENTS),
    field("FrappeBench", "spec.componentResources", &[], Blocked, SIZES, EDIT_DEPLOYMENTS).read_in(BENCH),
    field("FrappeBench", "spec.componentReplicas.gunicorn", &[], Blocked, SIZES, EDIT_DEPLOYMENTS).read_in(BENCH),
    field("FrappeBench", "spec.componentReplicas.nginx", &[], Blocked, SIZES, EDIT_DEPLOYMENTS).read_in(BENCH),
    field("FrappeBench", "spec.componentReplicas.socketio", &[], Blocked, SIZES, EDIT_DEPLOYMENTS).read_in(BENCH),
    field("FrappeBench", "spec.storageClassName", &[], Blocked, "the class of a volume is immutable: the bench keeps the one that it has", "keep the old class, or make a new bench and restore backups into its sites").read_in(STORAGE),
    field("FrappeBench", "spec.apps", &[Older(RELEASE)], DataLoss, "an app does not undo the migrations of a newer version", RESTORE),
    field("FrappeBench", "spec.apps", &[ItemGone], Rollout, "sites that have the app installed fail until it is back", "uninstall it from the sites first"),
    on("FrappeBench", Goes, &[Retired], DataLoss, FILES_GO, "make backups with the files of its sites, then let the change pass with `--allow`"),
    on("FrappeBench", Goes, &[], DataLoss, FILES_GO, RETIRE),
];

#[cfg(test)]
mod tests {
    use super::RELEASE;
    use crate::risk::Level::{self, Blocked, DataLoss, Rollout};
    use crate::risk::case::{Case, goes, same, spec, yaml};
    use crate::risk::is_older;

    const KIND: &str = "FrappeBench";

    fn of(before: &str, after: &str, field: &str, level: Level, words: &'static str) -> Case {
        spec(KIND, before, after, field, level, words)
    }

    pub(super) fn cases() -> Vec<Case> {
        [versions(), apps(), others()].into_iter().flatten().collect()
    }

    fn versions() -> Vec<Case> {
        const OLDER: &str = "does not undo the migrations";
        const RESTART: &str = "every site on the bench restarts";
        const ONCE: &str =
            "2.3 makes the Deployments of a bench once, and never changes their image";
        const OLD: &str = "{frappeVersion: version-15}";
        const NEW: &str = "{frappeVersion: version-16}";
        let tag = |before, after, level, words| {
            let of_tag = |tag| format!("{{imageConfig: {{tag: {tag}}}}}");
            of(&of_tag(before), &of_tag(after), "imageConfig.tag", level, words)
        };
        vec![
            of(NEW, OLD, "frappeVersion", DataLoss, OLDER),
            of(NEW, OLD, "frappeVersion", DataLoss, OLDER).under("frappe-operator", "2.3"),
            of(OLD, NEW, "frappeVersion", Rollout, RESTART),
            of(OLD, NEW, "frappeVersion", Blocked, ONCE).under("frappe-operator", "2.3"),
            tag("v15.90.1", "v15.90.0", DataLoss, OLDER),
            tag("v15.90.1-custom", "v15.90.0-custom", DataLoss, OLDER),
            tag("v15.90.1-custom", "v15.90.0-custom", DataLoss, OLDER)
                .under("frappe-operator", "2.3"),
            tag("v15.90.1-custom", "v15.90.2", Rollout, RESTART),
            tag("v15.90.1", "v15.90.1-custom", Rollout, RESTART),
            tag("v15.90.1", "v15.90.2", Blocked, ONCE).under("frappe-operator", "2.3"),
            tag("v15.90.1", "v15.90.2", Blocked, "edit the Deployments")
                .under("frappe-operator", "2.5"),
        ]
    }

    fn apps() -> Vec<Case> {
        let of = |before, after, field, level, words| of(before, after, field, level, words);
        vec![
            of(
                "{apps: [{name: hrms, gitBranch: version-15}]}",
                "{apps: [{name: hrms, gitBranch: version-14}]}",
                "apps.[hrms].gitBranch",
                DataLoss,
                "an app does not undo",
            ),
            of(
                "{apps: [{name: hrms, gitBranch: version-15}]}",
                "{apps: [{name: hrms, gitBranch: version-16}]}",
                "apps.[hrms].gitBranch",
                Rollout,
                "acts on it",
            ),
            of(
                "{apps: [{name: hrms}, {name: crm}]}",
                "{apps: [{name: hrms}]}",
                "apps.[crm]",
                Rollout,
                "fail until it is back",
            ),
            of(
                "{apps: [{name: hrms, gitBranch: version-15}]}",
                "{apps: [{name: hrms}]}",
                "apps.[hrms].gitBranch",
                Rollout,
                "acts on it",
            ),
        ]
    }

    fn others() -> Vec<Case> {
        const RETIRED: &str = "{metadata: {annotations: {sitewright/lifecycle: retired}}}";
        const FILES: &str = "the files of every site on the bench";
        const SIZES: &str = "never changes their resources";
        let replicas = |component, level, words| {
            let of_count = |count| format!("{{componentReplicas: {{{component}: {count}}}}}");
            let field = format!("componentReplicas.{component}");
            of(&of_count(1), &of_count(2), &field, level, words)
        };
        let [old, new] =
            ["v1alpha1", "v1"].map(|it| yaml(&format!("{{apiVersion: vyogo.tech/{it}}}")));
        let of_api = of("{}", "{}", "", Blocked, "until the old ones are gone");
        let of_api = Case {
            before: vec![old],
            after: vec![new],
            field: Some("apiVersion".to_owned()),
            ..of_api
        };
        vec![
            of_api,
            of("{}", "{storageClassName: other}", "storageClassName", Blocked, "keeps the one"),
            replicas("gunicorn", Blocked, SIZES),
            replicas("nginx", Blocked, SIZES),
            replicas("socketio", Blocked, SIZES),
            replicas("workerDefault", Rollout, "acts on it"),
            of(
                "{componentResources: {nginx: {requests: {cpu: 1}}}}",
                "{componentResources: {nginx: {requests: {cpu: 2}}}}",
                "componentResources.nginx.requests.cpu",
                Blocked,
                SIZES,
            ),
            of(
                "{componentResources: {nginx: {requests: {cpu: 1}}}}",
                "{componentResources: {nginx: {requests: {cpu: 2}}}}",
                "componentResources.nginx.requests.cpu",
                Rollout,
                "nobody saw whether frappe-operator 5.2 changes",
            )
            .under("frappe-operator", "5.2"),
            of(
                "{componentAutoscaling: {nginx: {staticReplicas: 1}}}",
                "{componentAutoscaling: {nginx: {staticReplicas: 2}}}",
                "componentAutoscaling.nginx.staticReplicas",
                Rollout,
                "compare the Deployments",
            )
            .under("frappe-operator", "5.2"),
            same(KIND, "{redisConfig: {maxMemory: 4Gi}}", "{redisConfig: {maxMemory: 4096Mi}}"),
            goes(KIND, &[], DataLoss, FILES),
            goes(KIND, &[], DataLoss, "lifecycle: retired"),
            goes(KIND, &[RETIRED], DataLoss, FILES),
            goes(KIND, &[RETIRED], DataLoss, "make backups"),
        ]
    }

    #[test]
    fn a_version_is_older_where_it_says_so() {
        for (old, new) in [
            ("v15.90.1", "v15.10.0"),
            ("v15.90.1", "v15.90.0"),
            ("v15.90.1-custom", "v15.90.0-custom"),
            ("v15.90.1-custom", "v15.9.0"),
            ("version-15", "version-14"),
            ("release/version-15", "release/version-14"),
            ("v15.2.0", "version-14"),
            ("develop", "version-15"),
            ("frappe:v16.0.0", "frappe:v15.90.1"),
            ("erpnext-v16.0.0", "erpnext-v15.90.1"),
        ] {
            let older = |old, new| is_older(old, new, RELEASE);
            assert!(older(old, new) && !older(new, old), "{old} {new}");
        }
        for (one, other) in [
            ("v15.90.1", "version-15"),
            ("v15.90.1-custom", "v15.90.1"),
            ("latest", "v15"),
            ("v15", "v15"),
            ("erp15", "erp14"),
        ] {
            let older = |old, new| is_older(old, new, RELEASE);
            assert!(!older(one, other) && !older(other, one), "{one} {other}");
        }
    }
}
