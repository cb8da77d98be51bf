//! The names that frappe-operator derives from the names of benches and sites.

use crate::object::{DerivedName, JOB, SERVICE, STATEFUL_SET, derived};
use crate::operator::Frappe;

/// A bench (source: `controllers/frappebench_resources.go` of 2.3, `frappebench_redis.go` and
/// `frappebench_deployments.go` of 2.6.4).
pub(crate) const BENCH_NAMES: &[DerivedName] = derived! {
    "-redis-cache" STATEFUL_SET "the bench's Redis";
    "-redis-queue" STATEFUL_SET "the bench's Redis";
    "-redis-cache" SERVICE "the bench's Redis";
    "-redis-queue" SERVICE "the bench's Redis";
    "-gunicorn" SERVICE "the bench";
    "-nginx" SERVICE "the bench";
    "-socketio" SERVICE "the bench";
    "-init" JOB "the bench";
};

/// A site (source: `controllers/frappesite_controller.go` of 2.3, `frappesite_jobs.go` of 2.6.4).
const SITE: &[DerivedName] = derived! {
    "-init" JOB "the site";
};
const DROPPED_SITE: &[DerivedName] = derived! {
    "-delete" JOB "the site";
};

const SITE_INIT: &[DerivedName] = derived! {
    "-site-init" JOB "the site";
};

/// The names of a site.
pub(crate) fn site_names(frappe: &Frappe) -> Vec<&'static [DerivedName]> {
    let of_some_versions =
        [frappe.drops_site.then_some(DROPPED_SITE), frappe.has_site_init.then_some(SITE_INIT)];
    [SITE].into_iter().chain(of_some_versions.into_iter().flatten()).collect()
}
