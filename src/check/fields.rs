//! Finds fields that have no effect in their definition. Only fields of the definition's own file
//! are reported, because a folder's defaults and plans serve sites of every mode.

use crate::diagnostic::{Code, Diagnostic};
use crate::frappe;
use crate::layers::Idle;
use crate::provider::foreign_fields;
use crate::resolve::{Fleet, Unit};
use rayon::prelude::*;

pub(super) fn check(fleet: &Fleet) -> Vec<Diagnostic> {
    let units: Vec<Unit> = fleet.units().collect();
    units.into_par_iter().flat_map_iter(stated).collect()
}

/// The fields of the definition's own file that have no effect.
fn stated(unit: Unit) -> Vec<Diagnostic> {
    let origin = &unit.common().origin;
    idle(unit)
        .into_iter()
        .filter_map(|Idle { path, help, place }| {
            let message = format!("`{}` has no effect {place}", path.join("."));
            // SW106: a field that has no effect here.
            Some(Diagnostic::new(Code::NoEffect, origin.key_here(path)?, message).help(help))
        })
        .collect()
}

/// The fields that have no effect on the objects of a definition.
pub fn idle(unit: Unit) -> Vec<Idle> {
    match unit {
        Unit::Bench(bench) => frappe::idle_on_bench(bench),
        Unit::Server(server) => {
            let foreign = foreign_fields(server.provider, |own| own.server);
            server.spec.idle().into_iter().chain(foreign).collect()
        }
        Unit::Site(site) => {
            let foreign = foreign_fields(site.provider, |own| own.site);
            site.database.idle().into_iter().chain(foreign).collect()
        }
    }
}
