//! What is filled into the objects of frappe-operator.

use super::row::{Filled, Given, by_default, by_operator};
use crate::operator::Operator;

/// It adds its finalizer by an update of the whole object, in which a block that is not stated is empty, and a
/// switch that is off is absent.
const fn updated(path: &'static str, value: Given) -> Filled {
    const SOURCE: &str = "the update that adds the finalizer, seen running with 2.3.0 and 2.6.4";
    by_operator(Operator::Frappe, path, value, SOURCE)
}

pub(super) const SITE: &[Filled] = &[
    updated("spec.dbConfig", Given::Map),
    by_default("spec.dbConfig.provider", Given::Text("mariadb")),
    by_default("spec.dbConfig.mode", Given::Text("shared")),
    updated("spec.tls", Given::Map),
    updated("spec.tls.enabled", Given::Bool(false)),
    by_default("spec.deletionPolicy", Given::Text("Retain"))
        .only(|scene| scene.profiles.frappe.has_deletion_policy),
];

pub(super) const BENCH: &[Filled] = &[
    by_default("spec.domainConfig.autoDetect", Given::Bool(true)),
    by_default("spec.storageSize", Given::Text("10Gi"))
        .only(|scene| scene.profiles.frappe.has_bench_storage),
    by_default("spec.fpmConfig.repositories[].priority", Given::Int(50)),
];

/// A field in which 5.x states replicas.
const fn scaled(path: &'static str, value: Given) -> Filled {
    by_default(path, value).only(|scene| scene.profiles.frappe.scales_components)
}

/// A field in which earlier versions state replicas.
const fn counted(path: &'static str, value: Given) -> Filled {
    by_default(path, value).only(|scene| !scene.profiles.frappe.scales_components)
}

macro_rules! workers {
    ($($queue:literal)+) => {
        &[
            scaled("spec.componentAutoscaling.*.enabled", Given::Bool(false)),
            scaled("spec.componentAutoscaling.*.provider", Given::Text("hpa")),
            scaled("spec.componentAutoscaling.*.minReplicas", Given::Int(1)),
            scaled("spec.componentAutoscaling.*.maxReplicas", Given::Int(10)),
            scaled("spec.componentAutoscaling.*.staticReplicas", Given::Int(1)),
            scaled("spec.componentAutoscaling.*.pollingInterval", Given::Int(30)),
            scaled("spec.componentAutoscaling.*.cooldownPeriod", Given::Int(60)),
            counted("spec.componentReplicas.gunicorn", Given::Int(1)),
            counted("spec.componentReplicas.nginx", Given::Int(1)),
            counted("spec.componentReplicas.socketio", Given::Int(1)),
            counted("spec.componentReplicas.workerDefault", Given::Int(1)),
            counted("spec.componentReplicas.workerLong", Given::Int(1)),
            counted("spec.componentReplicas.workerShort", Given::Int(1)),
            $(
                counted(concat!("spec.workerAutoscaling.", $queue, ".enabled"), Given::Bool(true)),
                counted(concat!("spec.workerAutoscaling.", $queue, ".minReplicas"), Given::Int(0)),
                counted(concat!("spec.workerAutoscaling.", $queue, ".maxReplicas"), Given::Int(10)),
                counted(concat!("spec.workerAutoscaling.", $queue, ".staticReplicas"), Given::Int(1)),
                counted(concat!("spec.workerAutoscaling.", $queue, ".queueLength"), Given::Int(5)),
                counted(concat!("spec.workerAutoscaling.", $queue, ".pollingInterval"), Given::Int(30)),
                counted(concat!("spec.workerAutoscaling.", $queue, ".cooldownPeriod"), Given::Int(60)),
            )+
        ]
    };
}

pub(super) const SCALING: &[Filled] = workers!("short" "long" "default");
