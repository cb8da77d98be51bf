//! The SiteDatabase of a site: what sitewright decided about the site's database, and the objects whose status
//! says how it is. The reconciler of sitewright reads it and writes its status.
//!
//! It is rendered only where the cluster states `status: true`.

mod risks;

pub(crate) use risks::RISKS;

use crate::frappe;
use crate::language::ResourceName;
use crate::object::{Manifest, ObjectKind, ObjectType, Part, Stands, View};
use crate::plan::Planned;
use crate::provider::DeliveredKind;
use crate::resolve::{Fleet, Site, Unit};
use crate::secret::{self, Need, Record};
use minijinja::{Value, value::Serde};
use serde::Serialize;
use sitewright_api::{API_VERSION, ObjectRef, SiteDatabaseSpec};

/// The API group of SiteDatabase.
pub const GROUP: &str = sitewright_api::GROUP;

/// It is applied first, and nothing waits for it: it must tell why other objects of the site are not ready. It
/// holds no data, so it goes when the cluster no longer states `status: true`.
const SITE_DATABASE: ObjectType = ObjectType {
    template: "status/sitedatabase.yaml.j2",
    kind: ObjectKind::SiteDatabase,
    app: "sitewright",
    component: COMPONENT,
    stands: Stands::No,
    is_protected: false,
    wave: -2,
    invariants: &[],
};

/// No engine waits for a SiteDatabase: it is not ready while its site is not, the site may wait for the engine, and
/// the reconciler may not run at all.
pub(crate) const DELIVERED: DeliveredKind = DeliveredKind {
    kind: ObjectKind::SiteDatabase,
    group: GROUP,
    version: sitewright_api::VERSION,
    ready: None,
    health: include_str!("health.lua"),
};

/// The label `app.kubernetes.io/component` of a SiteDatabase.
pub(crate) const COMPONENT: &str = "status";

/// The types of the objects that report about sites.
pub(crate) fn object_types() -> [&'static ObjectType; 1] {
    [&SITE_DATABASE]
}

/// The SiteDatabase of a definition. `None` for a definition without one.
pub fn manifest(planned: &Planned) -> Option<Manifest> {
    let Unit::Site(site) = planned.unit else { return None };
    let has_status = planned.fleet.cluster(&site.common).status;
    has_status.then(|| Manifest {
        of: &SITE_DATABASE,
        part: Part::Status,
        namespace: site.common.namespace.clone(),
        name: ResourceName::from(&site.common.name),
        reads: Box::default(),
        outlives: false,
    })
}

/// The SiteDatabase of a definition, with what its template sees. `None` for a definition without one.
pub(crate) fn view(planned: &Planned, passwords: &[(&Need, &Record)]) -> Option<View> {
    let (manifest, Unit::Site(site)) = (manifest(planned)?, planned.unit) else { return None };
    let spec = spec(planned, site, passwords);
    let context =
        Value::from(Serde(Context { site_database: SiteDatabase::new(&manifest, &spec) }));
    Some(View { context, manifests: vec![manifest] })
}

/// What is decided about a site's database.
fn spec(planned: &Planned, site: &Site, passwords: &[(&Need, &Record)]) -> SiteDatabaseSpec {
    let (fleet, owner) = (planned.fleet, planned.fleet.owner(planned.unit));
    let (host, port) = site.database.binding(owner).address();
    let name = site.database.sql_name().map(|name| name.as_str().to_owned());
    let mut objects = secret::reported_by(planned.secrets, passwords, owner.cluster);
    objects.extend(site.database.reported_by(owner));
    objects.extend(frappe::reported_by(fleet, site));
    let namespace = site.common.namespace.as_str();
    for object in &mut objects {
        object.namespace.take_if(|it| it == namespace);
    }
    SiteDatabaseSpec {
        site_name: site.site_name.to_string(),
        provider: site.provider.system().name().to_owned(),
        mode: site.database.mode().name().to_owned(),
        server: server(fleet, site),
        bench: Some(fleet.bench(site.bench).common.name.to_string()),
        host,
        port,
        database: name.clone(),
        // A user has the name of its database.
        user: name,
        objects,
    }
}

/// The DatabaseServer of a site, as the site's definition can state it.
fn server(fleet: &Fleet, site: &Site) -> Option<String> {
    let server = &fleet.server(site.server?).common;
    match server.namespace == site.common.namespace {
        true => Some(server.name.to_string()),
        false => Some(server.full_name()),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Context<'a> {
    site_database: SiteDatabase<'a>,
}

/// `siteDatabase`: the fields of a SiteDatabase under their own names. A field that cannot be known is `none`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SiteDatabase<'a> {
    api_version: &'static str,
    name: &'a str,
    namespace: &'a str,
    site_name: &'a str,
    provider: &'a str,
    mode: &'a str,
    server: Option<&'a str>,
    bench: Option<&'a str>,
    host: Option<&'a str>,
    port: Option<u16>,
    database: Option<&'a str>,
    user: Option<&'a str>,
    objects: &'a [ObjectRef],
}

impl<'a> SiteDatabase<'a> {
    fn new(manifest: &'a Manifest, spec: &'a SiteDatabaseSpec) -> Self {
        Self {
            api_version: API_VERSION,
            name: &manifest.name,
            namespace: &manifest.namespace,
            site_name: &spec.site_name,
            provider: &spec.provider,
            mode: &spec.mode,
            server: spec.server.as_deref(),
            bench: spec.bench.as_deref(),
            host: spec.host.as_deref(),
            port: spec.port,
            database: spec.database.as_deref(),
            user: spec.user.as_deref(),
            objects: &spec.objects,
        }
    }
}
