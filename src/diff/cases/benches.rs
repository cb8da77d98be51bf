//! FrappeBench.

use super::{Case, goes, same, spec};
use crate::diff::finding::Level::{self, Blocked, DataLoss, Rollout};

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
    const ONCE: &str = "2.3 makes the Deployments of a bench once, and never changes their image";
    const OLD: &str = "{frappeVersion: version-15}";
    const NEW: &str = "{frappeVersion: version-16}";
    let tag = |before, after, level, words| {
        let of_tag = |tag| format!("{{imageConfig: {{tag: {tag}}}}}");
        of(&of_tag(before), &of_tag(after), "imageConfig.tag", level, words)
    };
    vec![
        of(NEW, OLD, "frappeVersion", DataLoss, OLDER),
        of(NEW, OLD, "frappeVersion", DataLoss, OLDER).frappe("2.3"),
        of(OLD, NEW, "frappeVersion", Rollout, RESTART),
        of(OLD, NEW, "frappeVersion", Blocked, ONCE).frappe("2.3"),
        tag("v15.90.1", "v15.90.0", DataLoss, OLDER),
        tag("v15.90.1-custom", "v15.90.0-custom", DataLoss, OLDER),
        tag("v15.90.1-custom", "v15.90.0-custom", DataLoss, OLDER).frappe("2.3"),
        tag("v15.90.1-custom", "v15.90.2", Rollout, RESTART),
        tag("v15.90.1", "v15.90.1-custom", Rollout, RESTART),
        tag("v15.90.1", "v15.90.2", Blocked, ONCE).frappe("2.3"),
        tag("v15.90.1", "v15.90.2", Blocked, "edit the Deployments").frappe("2.5"),
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
    const SIZES: &str = "never changes this";
    let replicas = |component, level, words| {
        let of_count = |count| format!("{{componentReplicas: {{{component}: {count}}}}}");
        let field = format!("componentReplicas.{component}");
        of(&of_count(1), &of_count(2), &field, level, words)
    };
    vec![
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
        same(KIND, "{redisConfig: {maxMemory: 4Gi}}", "{redisConfig: {maxMemory: 4096Mi}}"),
        goes(KIND, &[], DataLoss, FILES),
        goes(KIND, &[], DataLoss, "lifecycle: retired"),
        goes(KIND, &[RETIRED], DataLoss, FILES),
        goes(KIND, &[RETIRED], DataLoss, "have backups"),
    ]
}
