//! What the reconciler needs: the type SiteDatabase.

use super::{Delivered, DeliveryObject, labels};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

#[derive(Serialize)]
struct Context {
    labels: BTreeMap<&'static str, String>,
    crd: Crd,
}

#[derive(Serialize)]
struct Crd {
    name: &'static str,
    spec: Value,
}

/// The objects of a cluster whose sites have a SiteDatabase.
pub(super) fn objects(delivered: &Delivered) -> Vec<DeliveryObject> {
    if !delivered.cluster.status {
        return Vec::new();
    }
    let name = sitewright_api::CRD_NAME;
    let crd = Crd { name, spec: sitewright_api::crd()["spec"].take() };
    let context = Context { labels: labels(delivered.cluster), crd };
    let template = "gitops/customresourcedefinition.yaml.j2";
    vec![DeliveryObject::new(template, "CustomResourceDefinition", None, name, context)]
}
