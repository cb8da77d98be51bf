//! Resolves the values of one definition that do not depend on other definitions.

use super::fleet::{Bench, Server};
use super::system::provider;
use crate::cluster::{Annotations, Cluster, Common, Index, Labels};
use crate::diagnostic::{Checked, Code, Diagnostic, both};
use crate::language::{
    self, AppSource, BackupKind, Data, Lifecycle, Namespace, ObjectName, SiteName,
};
use crate::layers::{Origin, decoded, require};
use crate::provider::backup;

/// A site whose references are not followed yet.
pub(super) struct Draft<'p> {
    pub(super) common: Common<'p>,
    pub(super) site_name: SiteName,
    pub(super) fields: language::Site,
}

/// The fields that every kind has.
struct Shared {
    namespace: Option<Namespace>,
    labels: Option<Labels>,
    annotations: Option<Annotations>,
    lifecycle: Option<Lifecycle>,
    data: Option<Data>,
    protect: Option<bool>,
}

/// Moves these fields out of the type of a kind.
macro_rules! shared {
    ($fields:ident, $data:expr) => {
        Shared {
            namespace: $fields.namespace.take(),
            labels: $fields.labels.take(),
            annotations: $fields.annotations.take(),
            lifecycle: $fields.lifecycle,
            data: $data,
            protect: $fields.protect,
        }
    };
}

fn common<'p>(origin: Origin<'p>, cluster: Index, shared: Shared) -> Checked<Common<'p>> {
    let why = "the cluster's `namespace` serves all that state none";
    let namespace = require(shared.namespace, &origin, &["namespace"], why)?;
    let lifecycle = shared.lifecycle.unwrap_or(Lifecycle::Active);
    let drops_data = shared.data == Some(Data::Delete);
    if drops_data && lifecycle == Lifecycle::Active {
        let message =
            format!("`{}` states `data: delete`, but it is not retired", origin.definition.path());
        // SW107: `data: delete` on an active definition.
        let problem = Diagnostic::new(Code::Conflict, origin.span(&["data"]), message)
            .help("state `lifecycle: retired` too, or remove `data`");
        return Err(vec![problem]);
    }
    // The name of a definition is already checked with its file.
    let name = ObjectName::new(origin.definition.name()).map_err(|_| Vec::new())?;
    Ok(Common {
        cluster,
        name,
        namespace,
        labels: shared.labels.unwrap_or_default(),
        annotations: shared.annotations.unwrap_or_default(),
        lifecycle,
        protect: shared.protect.unwrap_or(true),
        drops_data,
        origin,
    })
}

pub(super) fn site<'p>(origin: Origin<'p>, cluster: Index) -> Checked<Draft<'p>> {
    let mut fields: language::Site = decoded(&origin)?;
    let why = "it is what Frappe answers to";
    let site_name = require(fields.site_name.clone(), &origin, &["siteName"], why);
    let shared = shared!(fields, fields.data);
    let (common, site_name) = both(common(origin, cluster, shared), site_name)?;
    Ok(Draft { common, site_name, fields })
}

pub(super) fn server<'p>(
    origin: Origin<'p>,
    index: Index,
    cluster: &Cluster,
) -> Checked<Server<'p>> {
    let mut fields: language::DatabaseServer = decoded(&origin)?;
    let provider = provider(fields.provider, &origin, &["provider"], cluster)?;
    let (max_connections, max_sites) = (fields.max_connections, fields.max_sites);
    // No operator can copy the files of a server outside the cluster.
    let kind = match fields.external {
        Some(_) => BackupKind::Logical,
        None => BackupKind::Physical,
    };
    let backup = backup::backup(fields.backup.take(), &origin, kind);
    let shared = shared!(fields, fields.data);
    let spec = both(provider.server(fields, &origin), backup);
    let ((spec, backup), common) = both(spec, common(origin, index, shared))?;
    Ok(Server { common, provider, spec, max_connections, max_sites, backup: backup.map(Box::new) })
}

pub(super) fn bench<'p>(origin: Origin<'p>, cluster: Index) -> Checked<Bench<'p>> {
    let mut fields: language::Bench = decoded(&origin)?;
    let managed = fields.managed.unwrap_or(true);
    let mut problems = Vec::new();
    if managed {
        let why = "the version of the Frappe framework, such as version-15";
        let version = require(fields.frappe_version.as_ref(), &origin, &["frappeVersion"], why);
        problems.extend(version.err().into_iter().flatten());
        problems.extend(apps(&fields, &origin));
    }
    let shared = shared!(fields, None);
    let sound = if problems.is_empty() { Ok(()) } else { Err(problems) };
    let (common, ()) = both(common(origin, cluster, shared), sound)?;
    Ok(Bench { common, managed, fields })
}

/// The required fields of each source of an app (source: the descriptions of FrappeBench's fields;
/// its schema does not require them).
fn apps(fields: &language::Bench, origin: &Origin) -> Vec<Diagnostic> {
    let problem = |app: &language::App, field: &str, source: &str| {
        let message = format!("the app `{}` has no `{field}`", app.name);
        // SW105: an app without a field that its source needs.
        Diagnostic::new(Code::MissingField, origin.span(&["apps"]), message)
            .help(format!("`source: {source}` needs it"))
    };
    let of = |app: &language::App| {
        let (source, fields): (_, &[(&str, bool)]) = match app.source {
            AppSource::Git => ("git", &[("gitUrl", app.git_url.is_none())]),
            AppSource::Fpm => {
                ("fpm", &[("org", app.org.is_none()), ("version", app.version.is_none())])
            }
            AppSource::Image => ("image", &[]),
        };
        let missing = fields.iter().filter(|(_, is_missing)| *is_missing);
        missing.map(|(field, _)| problem(app, field, source)).collect::<Vec<_>>()
    };
    fields.apps.iter().flatten().flat_map(of).collect()
}
