//! A Bench from a FrappeBench.

use super::draft::{Draft, Row};
use super::index::Live;
use super::value::{
    at, at_mut, boolean, int, items_mut, number, put, string, take, take_default, text,
};
use crate::language::Kind;
use crate::operator::Frappe;
use crate::source::node::{Entry, Node, Value};

/// The fields that a Bench and a FrappeBench share.
const ROWS: &[Row] = &[
    (&["frappeVersion"], &["spec", "frappeVersion"]),
    (&["apps"], &["spec", "apps"]),
    (&["image"], &["spec", "imageConfig"]),
    (&["componentReplicas"], &["spec", "componentReplicas"]),
    (&["componentResources"], &["spec", "componentResources"]),
    (&["redis"], &["spec", "redisConfig"]),
    (&["workerAutoscaling"], &["spec", "workerAutoscaling"]),
    (&["domain"], &["spec", "domainConfig"]),
    (&["fpm"], &["spec", "fpmConfig"]),
    (&["git"], &["spec", "gitConfig"]),
    (&["storageClassName"], &["spec", "storageClassName"]),
    (&["security"], &["spec", "security"]),
];

/// The components, as a FrappeBench of 5.2 and a Bench call them.
const COMPONENTS: [(&str, &str); 6] = [
    ("gunicorn", "gunicorn"),
    ("nginx", "nginx"),
    ("socketio", "socketio"),
    ("worker-default", "workerDefault"),
    ("worker-long", "workerLong"),
    ("worker-short", "workerShort"),
];

/// What a queue means that states none of it.
const SCALING: [(&str, i64); 6] = [
    ("minReplicas", 0),
    ("maxReplicas", 10),
    ("queueLength", 5),
    ("cooldownPeriod", 60),
    ("pollingInterval", 30),
    ("staticReplicas", 1),
];

/// The Bench of a FrappeBench.
pub(super) fn bench(live: Live, frappe: &Frappe) -> Draft {
    let mut draft = Draft::of(Kind::Bench, live);
    draft.copy(live, &[], ROWS);
    if frappe.scales_components {
        fixed_components(&mut draft, live);
    }
    let fields = &mut draft.fields;
    redis(fields, live.namespace(), frappe);
    scaling(fields);
    replicas(fields);
    packages(fields, live.namespace());
    take_default(fields, &["domain", "autoDetect"], &boolean(false));
    if at(fields, &["domain"]).is_some_and(|domain| domain.entries().is_empty()) {
        take(fields, &["domain"]);
    }
    draft
}

/// A bench that somebody else owns: sites only refer to it.
pub(super) fn reference(namespace: &str, name: &str) -> Draft {
    let mut draft = Draft::new(Kind::Bench, namespace, name);
    draft.state(&["managed"], boolean(false));
    draft
}

/// The components of 5.2 with a fixed number of replicas. The language has no others for 5.2.
fn fixed_components(draft: &mut Draft, live: Live) {
    for (theirs, ours) in COMPONENTS {
        let path = ["spec", "componentAutoscaling", theirs, "staticReplicas"];
        let of = &["spec", "componentAutoscaling", theirs, "enabled"];
        let is_fixed = at(live.node(), of).is_some_and(|it| it.value == Value::Bool(false));
        if let Some(count) = number(live.node(), &path).filter(|_| is_fixed) {
            draft.set(live, &["componentReplicas", ours], &path, int(count));
        }
    }
}

/// The type is rendered in any case. A Secret is in the bench's namespace.
fn redis(fields: &mut Node, namespace: &str, frappe: &Frappe) {
    let Some(redis) = at_mut(fields, &["redis"]) else { return };
    if let Some(secret) = at_mut(redis, &["connectionSecretRef"]) {
        take_default(secret, &["namespace"], &string(namespace));
    }
    let is_more = redis.entries().len() > 1;
    let is_redis = text(redis, &["type"]).is_none_or(|kind| kind == "redis");
    match (is_redis, is_more) {
        (true, true) => _ = take(redis, &["type"]),
        // A bench of 5.2 has `redisConfig` in any case.
        (true, false) if frappe.needs_redis_type => _ = take(fields, &["redis"]),
        _ => {}
    }
}

/// What a queue states beyond what it means by itself.
fn scaling(fields: &mut Node) {
    for queue in ["default", "long", "short"] {
        let Some(stated) = at_mut(fields, &["workerAutoscaling", queue]) else { continue };
        for (field, default) in SCALING {
            take_default(stated, &[field], &int(default));
        }
        take_default(stated, &["enabled"], &boolean(true));
        if stated.entries().is_empty() {
            put(stated, &["enabled"], boolean(true));
        }
    }
}

/// Each component has one replica if none is stated. The API server fills them in.
fn replicas(fields: &mut Node) {
    let Some(stated) = at_mut(fields, &["componentReplicas"]) else { return };
    let Value::Map(entries) = &mut stated.value else { return };
    let first = entries.first().cloned();
    let is_default = |entry: &Entry| entry.node.value == Value::Int(1);
    entries.retain(|entry| !is_default(entry));
    // The block itself is rendered only if something is stated.
    if entries.is_empty() {
        entries.extend(first);
    }
}

/// A repository is the fiftieth in the search if it states no priority. Its Secret is in the bench's namespace.
fn packages(fields: &mut Node, namespace: &str) {
    let Some(repositories) = at_mut(fields, &["fpm", "repositories"]) else { return };
    for repository in items_mut(repositories) {
        take_default(repository, &["priority"], &int(50));
        if let Some(secret) = at_mut(repository, &["authSecretRef"]) {
            take_default(secret, &["namespace"], &string(namespace));
        }
    }
}
