//! Finds limits of CPU and memory below their requests. The operators accept such an object, and
//! then Kubernetes refuses each of its pods.

use crate::diagnostic::{Code, Diagnostic};
use crate::frappe;
use crate::language::{Amounts, Resources, quantity};
use crate::layers::Origin;
use crate::resolve::{Fleet, Unit};

pub(super) fn check(fleet: &Fleet) -> Vec<Diagnostic> {
    let stated = |unit: Unit| {
        let origin = &unit.common().origin;
        let problems = |(path, stated): StatedResources| below(stated, origin, &path);
        resources(unit).into_iter().flat_map(problems).collect::<Vec<_>>()
    };
    fleet.units().flat_map(stated).collect()
}

/// Resources that a definition states for pods, with the path to them.
type StatedResources<'f> = (Vec<&'static str>, &'f Resources);

/// The resources that a definition states for pods.
fn resources<'f>(unit: Unit<'f, '_>) -> Vec<StatedResources<'f>> {
    let mut stated = match (unit, unit.spec()) {
        (Unit::Bench(bench), _) => frappe::resources_of_bench(bench),
        (_, Some(spec)) => spec.resources(),
        (_, None) => Vec::new(),
    };
    let backup = unit.backup().and_then(|backup| backup.resources.as_ref());
    stated.extend(backup.map(|resources| (vec!["backup", "resources"], resources)));
    stated
}

/// The limits that are below their requests. `path` leads to both.
fn below(stated: &Resources, origin: &Origin, path: &[&str]) -> Vec<Diagnostic> {
    let (Some(requests), Some(limits)) = (&stated.requests, &stated.limits) else {
        return Vec::new();
    };
    amounts(requests)
        .into_iter()
        .zip(amounts(limits))
        .filter_map(|((field, request), (_, limit))| {
            let (request, limit) = (request?, limit?);
            // An invalid amount is already reported.
            if quantity(limit)? >= quantity(request)? {
                return None;
            }
            let at = |which| origin.span(&[path, &[which, field]].concat());
            let name = path.join(".");
            let message = format!(
                "`{name}.limits.{field}` is {limit}, which is less than the requested {request}"
            );
            // SW104: a limit below its request.
            Some(
                Diagnostic::new(Code::BadValue, at("limits"), message)
                    .related(at("requests"), "requested here")
                    .help(format!("state a limit of `{request}` or more, or a lower request")),
            )
        })
        .collect()
}

fn amounts(stated: &Amounts) -> [(&'static str, Option<&str>); 3] {
    [
        ("cpu", stated.cpu.as_ref().map(|amount| amount.as_str())),
        ("memory", stated.memory.as_ref().map(|amount| amount.as_str())),
        ("ephemeral-storage", stated.ephemeral_storage.as_ref().map(|amount| amount.as_str())),
    ]
}
