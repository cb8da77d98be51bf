//! A DatabaseServer from a Cluster of CloudNativePG, and the database of a site on one.

use super::convert;
use super::draft::{Draft, Row};
use super::filled::{Given, TABLE};
use super::index::{Index, Live, POSTGRES_DATABASE};
use super::value::{at, bare, int, items, map, number, put, string, take, take_default, text};
use crate::language::Kind;
use crate::naming::{NameInputs, Scheme};
use crate::provider::service;
use crate::source::node::Node;

/// A server: its namespace and its name.
type ServerId = (String, String);

/// The word for this database system.
const PROVIDER: &str = "postgres";

/// The fields that a server and a Cluster share, for a server of its own and for that of a dedicated site.
const ROWS: &[Row] = &[
    (&["instances"], &["spec", "instances"]),
    (&["storageSize"], &["spec", "storage", "size"]),
    (&["storageClassName"], &["spec", "storage", "storageClass"]),
    (&["resources"], &["spec", "resources"]),
];

/// The server of a Cluster. `promised` is the number of connections that its sites may hold together.
pub(super) fn managed(live: Live, index: &Index, cluster: &str, promised: u64) -> Draft {
    let mut draft = Draft::of(Kind::DatabaseServer, live);
    draft.state(&["provider"], string(PROVIDER));
    instance(&mut draft, live, index, &[]);
    max_connections(&mut draft, promised);
    pooler(&mut draft, live, index);
    let own = format!("{cluster}/{}/{}", live.namespace(), live.name());
    backup(&mut draft, live, index, &own);
    draft
}

/// `max_connections` as the field that is compared with what the sites may hold. If they may hold more, only the
/// setting says what is so.
fn max_connections(draft: &mut Draft, promised: u64) {
    const KEPT: u64 = 10;
    let path = ["settings", "max_connections"];
    let Some(count) = text(&draft.fields, &path).and_then(|text| text.parse::<i64>().ok()) else {
        return;
    };
    let fits = u64::try_from(count).is_ok_and(|count| promised + KEPT <= count);
    if (10..=100_000).contains(&count) && fits {
        take(&mut draft.fields, &path);
        put(&mut draft.fields, &["maxConnections"], int(count));
    }
}

/// A server that somebody else owns: sites only refer to it.
pub(super) fn reference(namespace: &str, name: &str) -> Draft {
    let mut draft = super::server::reference(namespace, name);
    draft.state(&["provider"], string(PROVIDER));
    draft
}

/// The fields of a Cluster, below `database` for the server of a dedicated site.
fn instance(draft: &mut Draft, live: Live, index: &Index, below: &[&str]) {
    draft.copy(live, below, ROWS);
    let path = |field: &'static str| [below, &[field]].concat();
    take_default(&mut draft.fields, &path("instances"), &int(1));
    take_default(&mut draft.fields, &path("resources"), &map());
    let from = ["spec", "imageName"];
    if let Some(image) = text(live.node(), &from) {
        match convert::version(image, "ghcr.io/cloudnative-pg/postgresql:", "-system-trixie") {
            Some(version) => draft.set(live, &path("version"), &from, string(version)),
            None => draft.set(live, &path("image"), &from, string(image)),
        }
    }
    let from = ["spec", "postgresql", "parameters"];
    let settings = at(live.node(), &from).map(bare).map(|found| without_defaults(found, "Cluster"));
    if let Some(settings) = settings.filter(|settings| !settings.entries().is_empty()) {
        draft.set(live, &path("settings"), &from, settings);
    }
    metrics(draft, live, index, &path("metrics"));
    bootstrap(draft, live, index, &path("bootstrapFrom"));
}

/// Settings without those that the operator writes where nobody states them.
fn without_defaults(mut settings: Node, kind: &str) -> Node {
    let rows = TABLE.iter().filter(|of| of.kind == kind).flat_map(|of| of.rows());
    for row in rows {
        let Some(name) = row.path.strip_prefix("spec.postgresql.parameters.") else { continue };
        if let Given::Text(value) = row.value {
            take_default(&mut settings, &[name], &string(value));
        }
    }
    settings
}

/// The PodMonitor by which Prometheus finds the server.
fn metrics(draft: &mut Draft, live: Live, index: &Index, field: &[&str]) {
    let below = |name: &'static str| [field, &["podMonitor", name]].concat();
    let Some(monitor) = index.find("PodMonitor", live.namespace(), live.name()) else { return };
    draft.objects.push(monitor.at);
    draft.state(&[field, &["enabled"]].concat(), super::value::boolean(true));
    let endpoint = items(at(monitor.node(), &["spec", "podMetricsEndpoints"])).first();
    let fields = [
        ("prometheusRelease", text(monitor.node(), &["metadata", "labels", "release"])),
        ("jobLabel", text(monitor.node(), &["spec", "jobLabel"])),
        ("interval", endpoint.and_then(|it| text(it, &["interval"]))),
        ("scrapeTimeout", endpoint.and_then(|it| text(it, &["scrapeTimeout"]))),
    ];
    for (name, value) in fields {
        if let Some(value) = value {
            draft.state(&below(name), string(value));
        }
    }
}

/// The pooler before a server. Two settings have values that a definition need not state.
fn pooler(draft: &mut Draft, live: Live, index: &Index) {
    const SETTINGS: [(&str, &str); 2] = [("default_pool_size", "20"), ("max_client_conn", "1000")];
    let name = format!("{}-pooler-rw", live.name());
    let Some(pooler) = index.find("Pooler", live.namespace(), &name) else { return };
    draft.objects.push(pooler.at);
    let instances = number(pooler.node(), &["spec", "instances"]).unwrap_or(1);
    draft.set(pooler, &["pooler", "instances"], &["spec", "instances"], int(instances));
    let from = ["spec", "pgbouncer", "parameters"];
    if let Some(mut settings) = at(pooler.node(), &from).map(bare) {
        for (name, value) in SETTINGS {
            take_default(&mut settings, &[name], &string(value));
        }
        if !settings.entries().is_empty() {
            draft.set(pooler, &["pooler", "settings"], &from, settings);
        }
    }
    let containers = items(at(pooler.node(), &["spec", "template", "spec", "containers"]));
    let container = containers.iter().find(|it| text(it, &["name"]) == Some("pgbouncer"));
    if let Some(resources) = container.and_then(|it| at(it, &["resources"])) {
        draft.state(&["pooler", "resources"], bare(resources));
    }
}

/// The backups of a server: an ObjectStore, and a ScheduledBackup. `own` is the last part of the folder in the store,
/// which is rendered in any case.
fn backup(draft: &mut Draft, live: Live, index: &Index, own: &str) {
    let name = format!("{}-backup", draft.name);
    let find = |kind: &str| index.find(kind, live.namespace(), &name);
    let (Some(scheduled), Some(store)) = (find("ScheduledBackup"), find("ObjectStore")) else {
        return;
    };
    draft.objects.extend([scheduled.at, store.at]);
    let from = ["spec", "schedule"];
    let five = text(scheduled.node(), &from).and_then(convert::five_fields);
    if let Some(schedule) = five {
        draft.set(scheduled, &["backup", "schedule"], &from, string(schedule));
    }
    let hours = text(store.node(), &["spec", "retentionPolicy"]).and_then(convert::hours);
    if let Some(hours) = hours.filter(|hours| hours != "720h") {
        draft.state(&["backup", "maxRetention"], string(&hours));
    }
    let compression = text(store.node(), &["spec", "configuration", "data", "compression"]);
    if compression != Some("gzip") {
        draft.state(&["backup", "compression"], string(compression.unwrap_or("none")));
    }
    let from = ["spec", "instanceSidecarConfiguration", "resources"];
    if let Some(resources) = at(store.node(), &from) {
        draft.set(store, &["backup", "resources"], &from, bare(resources));
    }
    let plugins = items(at(live.node(), &["spec", "plugins"]));
    let server = plugins.first().and_then(|it| text(it, &["parameters", "serverName"]));
    let secret = format!("{}-backup-s3", draft.name);
    object_store(draft, store, index, &["backup", "storage", "s3"], server, &secret);
    let path = ["backup", "storage", "s3", "prefix"];
    let stated = text(&draft.fields, &path).map(str::to_owned);
    let above = stated.as_deref().and_then(|stated| stated.strip_suffix(own));
    match above.map(|above| above.trim_end_matches('/')) {
        Some("") => _ = take(&mut draft.fields, &path),
        Some(above) => put(&mut draft.fields, &path, string(above)),
        None => {}
    }
}

/// The backup from which a server started: an external cluster, and an ObjectStore.
fn bootstrap(draft: &mut Draft, live: Live, index: &Index, field: &[&str]) {
    let Some(recovery) = at(live.node(), &["spec", "bootstrap", "recovery"]) else { return };
    let name = format!("{}-bootstrap", draft.name);
    let Some(store) = index.find("ObjectStore", live.namespace(), &name) else { return };
    draft.objects.push(store.at);
    let origins = items(at(live.node(), &["spec", "externalClusters"]));
    let server = origins.first().and_then(|it| text(it, &["plugin", "parameters", "serverName"]));
    let secret = format!("{}-bootstrap-s3", draft.name);
    object_store(draft, store, index, &[field, &["s3"]].concat(), server, &secret);
    if let Some(time) = at(recovery, &["recoveryTarget", "targetTime"]) {
        draft.state(&[field, &["targetRecoveryTime"]].concat(), bare(time));
    }
}

/// The fields of an object store. Its folder ends with the name of the server.
fn object_store(
    draft: &mut Draft,
    store: Live,
    index: &Index,
    field: &[&str],
    server: Option<&str>,
    own_secret: &str,
) {
    let of = |name: &'static str| [field, &[name]].concat();
    let configuration =
        |path: &[&'static str]| text(store.node(), &[&["spec", "configuration"], path].concat());
    let place = configuration(&["destinationPath"]).and_then(convert::bucket);
    if let Some((bucket, above)) = place {
        draft.state(&of("bucket"), string(bucket));
        let folder = [above, server.unwrap_or_default()].join("/");
        draft.state(&of("prefix"), string(folder.trim_matches('/')));
    }
    let address = configuration(&["endpointURL"]).and_then(convert::endpoint);
    if let Some((endpoint, tls)) = address {
        draft.state(&of("endpoint"), string(endpoint));
        if !tls {
            draft.state(&of("tls"), super::value::boolean(false));
        }
    }
    let credentials = configuration(&["s3Credentials", "secretAccessKey", "name"]);
    let key = |name| index.beside_key(&draft.namespace, own_secret, name);
    let id = key("access-key-id").filter(|_| credentials == Some(own_secret));
    // Only the Secret has the region. The definition states that there is one.
    let region = configuration(&["s3Credentials", "region", "key"])
        .map(|_| key("region").unwrap_or("as-in-the-secret"));
    match (id, credentials) {
        (Some(id), _) => draft.state(&of("accessKeyId"), string(id)),
        (None, Some(name)) => {
            draft.state(&[field, &["credentials", "name"]].concat(), string(name))
        }
        (None, None) => {}
    }
    if let Some(region) = region {
        draft.state(&of("region"), string(region));
    }
}

/// What a site on PostgreSQL refers to.
pub(super) enum Home {
    /// A server that sites share.
    On(ServerId),
    /// A server of its own, or a database that exists already.
    Own,
}

/// Copies the database of a site, if it is on PostgreSQL. `cluster` is the name of the cluster.
pub(super) fn database(
    draft: &mut Draft,
    live: Live,
    index: &Index,
    cluster: &str,
) -> Option<Home> {
    let host = text(live.node(), &["spec", "dbConfig", "host"]);
    let found = host.and_then(service).and_then(|(service, namespace)| {
        let server = service.strip_suffix("-pooler-rw").or_else(|| service.strip_suffix("-rw"))?;
        let of = |kind, ending| index.find(kind, namespace, &format!("{}{ending}", live.name()));
        Some((server, namespace, of("DatabaseRole", "-role")?, of(POSTGRES_DATABASE, "-db")?))
    });
    let computed = Scheme::Sha256.sql_name(NameInputs {
        cluster,
        namespace: live.namespace(),
        name: live.name(),
        site_name: text(live.node(), &["spec", "siteName"]).unwrap_or_default(),
    });
    let fits = |database: Live| {
        let name = text(database.node(), &["spec", "name"]);
        computed.as_ref().is_ok_and(|computed| Some(computed.as_str()) == name)
    };
    let Some((server, namespace, role, database)) = found.filter(|(.., it)| fits(*it)) else {
        return connection(draft, live);
    };
    draft.state(&["database", "provider"], string(PROVIDER));
    draft.objects.extend([role.at, database.at]);
    let path = ["spec", "connectionLimit"];
    let limit = number(role.node(), &path).unwrap_or(-1);
    draft.set(role, &["database", "maxUserConnections"], &path, int(limit.max(0)));
    let own = format!("{}-postgres", live.name());
    if server != own || namespace != live.namespace() {
        return Some(Home::On((namespace.to_owned(), server.to_owned())));
    }
    draft.state(&["database", "mode"], string("dedicated"));
    if let Some(instance) = index.find("Cluster", namespace, &own) {
        draft.objects.push(instance.at);
        self::instance(draft, instance, index, &["database"]);
        let folder = format!("{cluster}/{namespace}/{own}");
        backup(draft, instance, index, &folder);
    }
    Some(Home::Own)
}

/// A database that exists already, if it is on PostgreSQL: the port shows that.
fn connection(draft: &mut Draft, live: Live) -> Option<Home> {
    let path = ["spec", "dbConfig", "port"];
    let is_external = text(live.node(), &["spec", "dbConfig", "provider"]) == Some("external");
    if !is_external || text(live.node(), &path) != Some("5432") {
        return None;
    }
    super::connection::connection(draft, live);
    take_default(&mut draft.fields, &["database", "connection", "port"], &int(5432));
    draft.state(&["database", "provider"], string(PROVIDER));
    Some(Home::Own)
}

/// Whether an object of a retired definition shows that the data goes with it. Every engine keeps a Cluster whose data
/// stays.
pub(super) fn drops(node: &Node) -> bool {
    let kept = ["metadata", "annotations", "kustomize.toolkit.fluxcd.io/prune"];
    match text(node, &["kind"]) {
        Some("Cluster") => text(node, &kept).is_none(),
        _ => text(node, &["spec", "databaseReclaimPolicy"]) == Some("delete"),
    }
}
