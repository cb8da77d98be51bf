//! The checks of the whole fleet: problems that no single definition shows. Each file is one group
//! of checks. Each check takes the resolved fleet and returns its diagnostics.
//!
//! Checks that depend on the database system are in its provider
//! ([`crate::provider::Spec::check`]), and those that depend on Frappe in `src/frappe/check/`.

mod amounts;
mod capacity;
mod fields;
mod metadata;
mod names;
mod retired;
mod secrets;
mod services;
mod unique;

pub use fields::idle;

use crate::diagnostic::Diagnostic;
use crate::frappe;
use crate::plan::{Planned, Plans};
use crate::resolve::Fleet;
use rayon::prelude::*;

/// All problems of the fleet. `plans` is what its definitions make.
pub fn check(fleet: &Fleet, plans: &Plans) -> Vec<Diagnostic> {
    type Group = fn(&Fleet) -> Vec<Diagnostic>;
    const GROUPS: [Group; 7] = [
        amounts::check,
        names::check,
        services::check,
        retired::check,
        capacity::check,
        fields::check,
        metadata::check,
    ];
    let planned = plans.of(fleet);
    let groups = || {
        let groups = GROUPS.par_iter().chain(&frappe::check::GROUPS);
        groups.flat_map_iter(|group| group(fleet)).collect::<Vec<_>>()
    };
    let lists = || rayon::join(|| unique::check(fleet, &planned), || secrets::check(&planned));
    let ((unique, secrets), (groups, providers)) =
        rayon::join(lists, || rayon::join(groups, || of_providers(&planned)));
    [unique, secrets, groups, providers].concat()
}

/// The problems that providers find.
fn of_providers(planned: &[Planned]) -> Vec<Diagnostic> {
    let of = |it: &Planned| match it.unit.spec() {
        Some(spec) => spec.check(it.fleet.owner(it.unit)),
        None => Vec::new(),
    };
    planned.par_iter().flat_map_iter(of).collect()
}
