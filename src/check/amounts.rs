//! Finds limits of CPU and memory below their requests. The operators accept such an object, and
//! then Kubernetes refuses each of its pods.

use crate::diagnostic::{Code, Diagnostic};
use crate::language::{Amounts, Resources, quantity};
use crate::provider::{Unit, units};
use crate::resolve::{Bench, Database, Fleet, Origin, ServerPlace};

pub(super) fn check(fleet: &Fleet) -> Vec<Diagnostic> {
    let stated = |unit: Unit| {
        let origin = &unit.common().origin;
        let problems = |(path, stated): Stated| below(stated, origin, &path);
        resources(unit).into_iter().flat_map(problems).collect::<Vec<_>>()
    };
    units(fleet).into_iter().flat_map(stated).collect()
}

/// Resources that a definition states for pods, with the path to them.
type Stated<'f> = (Vec<&'static str>, &'f Resources);

/// The resources that a definition states for pods.
fn resources<'f>(unit: Unit<'f, '_>) -> Vec<Stated<'f>> {
    let (backup, server) = match unit {
        Unit::Bench(bench) => return of_bench(bench),
        Unit::Server(server) => match &server.place {
            ServerPlace::Managed(instance) => (&server.backup, Some((vec![], instance))),
            ServerPlace::Referenced(_) | ServerPlace::External(_) => (&server.backup, None),
        },
        Unit::Site(site) => match &site.database {
            Database::Dedicated { instance, .. } => {
                (&site.backup, Some((vec!["database"], instance)))
            }
            _ => (&site.backup, None),
        },
    };
    let backup = backup.as_ref().and_then(|backup| backup.resources.as_ref());
    let backup = backup.map(|stated| (vec!["backup", "resources"], stated));
    let server = server.and_then(|(mut path, instance)| {
        path.push("resources");
        Some((path, instance.resources.as_ref()?))
    });
    backup.into_iter().chain(server).collect()
}

fn of_bench<'f>(bench: &'f Bench) -> Vec<Stated<'f>> {
    let fields = &bench.fields;
    let redis = fields.redis.as_ref().and_then(|redis| redis.resources.as_ref());
    let redis = redis.map(|stated| (vec!["redis", "resources"], stated));
    let components = fields.component_resources.iter().flat_map(|stated| {
        [
            ("gunicorn", &stated.gunicorn),
            ("nginx", &stated.nginx),
            ("scheduler", &stated.scheduler),
            ("socketio", &stated.socketio),
            ("workerDefault", &stated.worker_default),
            ("workerLong", &stated.worker_long),
            ("workerShort", &stated.worker_short),
        ]
    });
    let components = components.filter_map(|(component, stated)| {
        Some((vec!["componentResources", component], stated.as_ref()?))
    });
    components.chain(redis).collect()
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
                "`{name}.limits.{field}` is {limit}, less than the {request} that are requested"
            );
            Some(
                Diagnostic::new(Code::BadValue, at("limits"), message)
                    .related(at("requests"), "requested here")
                    .help(format!("state a limit of `{request}` or more, or request less")),
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
