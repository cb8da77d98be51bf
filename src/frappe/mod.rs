//! Frappe's own objects: FrappeSite and FrappeBench of frappe-operator, which the sites of every
//! database system have.

mod bench;
pub(crate) mod check;
mod derived;
mod risks;
mod site;
mod stated;

pub(crate) use bench::{bench_manifests, bench_variables, idle_on_bench, resources_of_bench};
pub(crate) use derived::{BENCH_NAMES, site_names};
pub(crate) use risks::{RISKS, site_name};
pub(crate) use site::{reported_by, site_manifest, site_secrets, site_variables};
pub(crate) use stated::STATED;

use crate::object::ObjectType;

/// The types of Frappe's objects.
pub(crate) const OBJECTS: [&ObjectType; 2] = [&bench::BENCH, &site::SITE];

/// The label `app.kubernetes.io/name` of Frappe's objects.
const APP: &str = "frappe";

/// The API group of frappe-operator.
pub(crate) const GROUP: &str = "vyogo.tech";
