//! Finds benches whose fields contradict each other, and fields that the operator's version does
//! not have. The operator accepts each field by itself, and the bench does not work as intended.

use crate::diagnostic::{Code, Diagnostic};
use crate::language::{AppSource, Scaling};
use crate::operator::Frappe;
use crate::resolve::{Bench, Fleet};
use std::collections::BTreeSet;

pub(super) fn check(fleet: &Fleet) -> Vec<Diagnostic> {
    let managed = fleet.benches.iter().filter(|bench| bench.managed);
    let of_its_own = |bench| [apps(bench), repositories(bench), workers(bench)].concat();
    managed
        .flat_map(|bench| {
            let frappe = fleet.cluster(&bench.common).profiles.frappe;
            of_its_own(bench)
                .into_iter()
                .chain(security(bench, frappe))
                .chain(pull_secrets(bench, frappe))
        })
        .collect()
}

/// A field that the operator's version of FrappeBench does not have.
fn security(bench: &Bench, frappe: &Frappe) -> Option<Diagnostic> {
    bench.fields.security.as_ref().filter(|_| !frappe.has_bench_security)?;
    let message = format!("the FrappeBench of frappe-operator {} has no `security`", frappe.id);
    let versions = Frappe::versions_that(|other| other.has_bench_security);
    // SW403: a feature that this operator version does not have.
    Some(
        Diagnostic::new(Code::NeedsOperator, bench.common.origin.span(&["security"]), message)
            .help(format!("remove it, or run frappe-operator {versions}")),
    )
}

/// Finds pull secrets that the operator passes on to no pod. The pods then use only the pull
/// secrets of their ServiceAccount.
fn pull_secrets(bench: &Bench, frappe: &Frappe) -> Option<Diagnostic> {
    let image = bench.fields.image.as_ref().filter(|_| !frappe.passes_pull_secrets)?;
    image.pull_secrets.as_ref().filter(|secrets| !secrets.is_empty())?;
    let message = format!("frappe-operator {} does not pass these Secrets to any pod", frappe.id);
    let span = bench.common.origin.span(&["image", "pullSecrets"]);
    // SW417: pull secrets that the operator does not pass to pods.
    Some(Diagnostic::new(Code::PullSecrets, span, message).help(format!(
        "remove them, and add them to the `imagePullSecrets` of the ServiceAccount `default` in the namespace \
         `{}`",
        bench.common.namespace
    )))
}

fn problem(bench: &Bench, path: &[&str], message: String, help: &str) -> Diagnostic {
    // SW409: a bench that contradicts itself.
    Diagnostic::new(Code::Bench, bench.common.origin.span(path), message).help(help)
}

fn apps(bench: &Bench) -> Vec<Diagnostic> {
    let fields = &bench.fields;
    let no_git = fields.git.as_ref().and_then(|git| git.enabled) == Some(false);
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for app in fields.apps.iter().flatten() {
        if !seen.insert(app.name.as_str()) {
            let message = format!("the app `{}` is listed twice", app.name);
            found.push(problem(bench, &["apps"], message, "keep one of them"));
        }
        if no_git && app.source == AppSource::Git {
            let message =
                format!("the app `{}` comes from Git, but `git.enabled` is false", app.name);
            let help = "state `git.enabled: true`, or take the app from a package or the image";
            found.push(
                problem(bench, &["apps"], message, help)
                    .related(bench.common.origin.span(&["git", "enabled"]), "stated here"),
            );
        }
    }
    found
}

fn repositories(bench: &Bench) -> Vec<Diagnostic> {
    let Some(fpm) = &bench.fields.fpm else { return Vec::new() };
    let names: Vec<&str> = fpm.repositories.iter().flatten().map(|it| it.name.as_str()).collect();
    let Some(default) = &fpm.default_repo else { return Vec::new() };
    if names.is_empty() || names.contains(&default.as_str()) {
        return Vec::new();
    }
    let message = format!("`fpm.defaultRepo` is `{default}`, but the bench has no such repository");
    let help = format!("repositories: {}", names.join(", "));
    vec![problem(bench, &["fpm", "defaultRepo"], message, &help)]
}

fn workers(bench: &Bench) -> Vec<Diagnostic> {
    let Some(scaling) = &bench.fields.worker_autoscaling else { return Vec::new() };
    let replicas = bench.fields.component_replicas.as_ref();
    let of =
        |field: fn(&crate::language::ComponentReplicas) -> Option<u32>| replicas.and_then(field);
    let queues: [(&str, &Option<Scaling>, &str, Option<u32>); 3] = [
        ("default", &scaling.default, "workerDefault", of(|it| it.worker_default)),
        ("long", &scaling.long, "workerLong", of(|it| it.worker_long)),
        ("short", &scaling.short, "workerShort", of(|it| it.worker_short)),
    ];
    let mut found = Vec::new();
    for (queue, scaling, component, replicas) in queues {
        let Some(scaling) = scaling else { continue };
        let path = ["workerAutoscaling", queue];
        // The defaults of FrappeBench's schema.
        let (fewest, most) =
            (scaling.min_replicas.unwrap_or(0), scaling.max_replicas.unwrap_or(10));
        if fewest > most {
            let message = format!(
                "the workers of `{queue}` have a `minReplicas` of {fewest}, more than their `maxReplicas` of {most}"
            );
            found.push(problem(
                bench,
                &path,
                message,
                "raise `maxReplicas`, or lower `minReplicas`",
            ));
        }
        if replicas.is_some() {
            let message =
                format!("the workers of `{queue}` are stated twice: here and in `{component}`");
            let help = "remove it from `componentReplicas`; `staticReplicas` states the number of scaling workers without KEDA";
            let span = bench.common.origin.span(&["componentReplicas", component]);
            found.push(problem(bench, &path, message, help).related(span, "and here"));
        }
    }
    found
}
