//! Finds names that are too long for the names that operators derive from them.

use crate::cluster::Common;
use crate::diagnostic::{Code, Diagnostic};
use crate::frappe;
use crate::object::{DerivedName, SERVICE};
use crate::operator::kubernetes::SERVICE_NAMES_WITH_DIGITS;
use crate::resolve::{Fleet, Unit};

pub(super) fn check(fleet: &Fleet) -> Vec<Diagnostic> {
    fleet.units().filter_map(|unit| unfit(fleet, unit.common(), &tables(fleet, unit))).collect()
}

/// The names that operators derive from a definition's name.
fn tables(fleet: &Fleet, unit: Unit) -> Vec<&'static [DerivedName]> {
    let owner = fleet.owner(unit);
    let mut tables = unit.spec().map(|spec| spec.derived_names(owner)).unwrap_or_default();
    match unit {
        Unit::Server(_) => {}
        Unit::Bench(bench) => tables.extend(bench.managed.then_some(frappe::BENCH_NAMES)),
        Unit::Site(_) => tables.extend(frappe::site_names(owner.cluster.profiles.frappe)),
    }
    tables
}

/// Reports a derived name that is too long, or that starts with a digit where the cluster's version
/// of Kubernetes may refuse that. Of several names that are too long it reports the one that leaves
/// the fewest characters for the definition's name.
fn unfit(fleet: &Fleet, common: &Common, tables: &[&'static [DerivedName]]) -> Option<Diagnostic> {
    let derived = || tables.iter().flat_map(|table| table.iter());
    let room = |derived: &&DerivedName| derived.taker.most - derived.ending.len();
    let tightest = derived().min_by_key(room)?;
    if common.name.as_str().len() > room(&tightest) {
        return Some(too_long(common, tightest, room(&tightest)));
    }
    let starts_with_digit = common.name.as_str().starts_with(|c: char| c.is_ascii_digit());
    let version = fleet.cluster(common).kubernetes;
    if !starts_with_digit || version.is_some_and(|it| it.has(&SERVICE_NAMES_WITH_DIGITS)) {
        return None;
    }
    let service = derived().find(|derived| derived.taker.kind == SERVICE.kind)?;
    Some(no_service(fleet, common, service))
}

fn too_long(common: &Common, derived: &DerivedName, room: usize) -> Diagnostic {
    let DerivedName { ending, taker, of } = derived;
    let length = common.name.as_str().len() + ending.len();
    let message = format!(
        "the {0} `{1}{ending}` of {of} has a name of {length} characters; a {0}'s has {2} at most",
        taker.kind, common.name, taker.most
    );
    // SW308: a name is too long for the names that operators derive from it.
    Diagnostic::new(Code::NameTooLong, common.origin.definition.span(), message)
        .help(format!("rename the file: {room} characters at most"))
}

fn no_service(
    fleet: &Fleet,
    common: &Common,
    DerivedName { ending, of, .. }: &DerivedName,
) -> Diagnostic {
    let since = &SERVICE_NAMES_WITH_DIGITS;
    let message = format!(
        "the Service `{}{ending}` of {of} starts with a digit, which Kubernetes accepts only from {since} on",
        common.name
    );
    let cluster = fleet.cluster(common);
    let stated = cluster.kubernetes.map(|version| {
        let kubernetes = cluster.definition.node.as_ref().and_then(|node| node.get("kubernetes"));
        let span = kubernetes.map_or_else(|| cluster.definition.span(), |stated| stated.span);
        (span, format!("{version} is stated here"))
    });
    let (span, label) = stated
        .unwrap_or_else(|| (cluster.definition.span(), "no version is stated here".to_owned()));
    // SW309: a name that a Service cannot have.
    Diagnostic::new(Code::ServiceName, common.origin.definition.span(), message)
        .related(span, label)
        .help(format!(
            "rename the file so that it starts with a letter; or, if the cluster runs it, state `kubernetes: \"{since}\"` in `_cluster.yaml`"
        ))
}
