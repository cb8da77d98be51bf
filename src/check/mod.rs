//! The checks of the whole fleet: problems that no single definition shows. Each file is one group
//! of checks. Each check takes the resolved fleet and returns its diagnostics.
//!
//! Checks that depend on the database system are in its provider
//! ([`crate::provider::Provider::check`]).

mod amounts;
mod benches;
mod capacity;
mod deletions;
mod fields;
mod metadata;
mod names;
mod new_sites;
mod retired;
mod secrets;
mod services;
mod unique;

pub use fields::{Idle, idle};

use crate::diagnostic::Diagnostic;
use crate::resolve::Fleet;
use rayon::prelude::*;

/// All problems of the fleet.
pub fn check(fleet: &Fleet) -> Vec<Diagnostic> {
    let groups = [
        unique::check,
        amounts::check,
        names::check,
        services::check,
        secrets::check,
        retired::check,
        benches::check,
        new_sites::check,
        deletions::check,
        capacity::check,
        fields::check,
        metadata::check,
        crate::provider::check,
    ];
    groups.par_iter().flat_map_iter(|group| group(fleet)).collect()
}
