//! What is filled into the objects that carry passwords, and into a Service.

use super::row::{Filled, Given, by_default};

// No definition states a version of External Secrets. These are the defaults of 2.9.0.

pub(super) const EXTERNAL_SECRET: &[Filled] = &[
    by_default("spec.refreshInterval", Given::Text("1h0m0s")),
    by_default("spec.target", Given::Map),
    by_default("spec.target.creationPolicy", Given::Text("Owner")),
    by_default("spec.target.deletionPolicy", Given::Text("Retain")),
    by_default("spec.target.template.engineVersion", Given::Text("v2")),
    by_default("spec.target.template.mergePolicy", Given::Text("Replace")),
];

pub(super) const PUSH_SECRET: &[Filled] = &[
    by_default("spec.refreshInterval", Given::Text("1h0m0s")),
    by_default("spec.updatePolicy", Given::Text("Replace")),
    by_default("spec.deletionPolicy", Given::Text("None")),
    by_default("spec.secretStoreRefs[].kind", Given::Text("SecretStore")),
    by_default(
        "spec.selector.generatorRef.apiVersion",
        Given::Text("generators.external-secrets.io/v1alpha1"),
    ),
    by_default("spec.data[].conversionStrategy", Given::Text("None")),
];

pub(super) const PASSWORD: &[Filled] = &[
    by_default("spec.length", Given::Int(24)),
    by_default("spec.noUpper", Given::Bool(false)),
    by_default("spec.allowRepeat", Given::Bool(false)),
    by_default("spec.encoding", Given::Text("raw")),
];

pub(super) const SERVICE: &[Filled] = &[Filled {
    source: "`SetDefaults_Service` in `pkg/apis/core/v1/defaults.go` of Kubernetes 1.33",
    ..by_default("spec.sessionAffinity", Given::Text("None"))
}];
