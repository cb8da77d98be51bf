//! The checks of sites and benches that depend on Frappe and frappe-operator. Each file is one group.

mod benches;
mod deletions;
mod names;
mod new_sites;
mod systems;
mod versions;

use crate::diagnostic::Diagnostic;
use crate::resolve::Fleet;

/// A group of checks: the resolved fleet in, its problems out.
type Group = fn(&Fleet) -> Vec<Diagnostic>;

/// The groups, which run side by side.
pub(crate) const GROUPS: [Group; 6] = [
    benches::check,
    new_sites::check,
    systems::check,
    deletions::check,
    names::check,
    versions::check,
];
