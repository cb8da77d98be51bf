//! Frappe's own objects: FrappeSite and FrappeBench of frappe-operator, which the sites of every
//! database system have.

mod bench;
mod site;

pub(crate) use bench::{bench_context, bench_manifests};
pub(crate) use site::{DbConfig, SiteContext, site_manifest, site_secret};

use crate::object::ObjectType;

/// The types of Frappe's objects.
pub(crate) const OBJECTS: [&ObjectType; 2] = [&bench::BENCH, &site::SITE];

/// The label `app.kubernetes.io/name` of Frappe's objects.
const APP: &str = "frappe";
