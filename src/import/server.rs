//! A DatabaseServer from a MariaDB or an ExternalMariaDB, and the server of a dedicated site.

use super::backup;
use super::convert;
use super::draft::{Draft, Row};
use super::index::{Index, Live};
use super::my_cnf;
use super::value::{at, boolean, int, is_true, number, put, string, take, take_default, text};
use crate::language::Kind;

/// The fields that a server and a MariaDB share, for a server of its own and for that of a dedicated site.
const ROWS: &[Row] = &[
    (&["storageSize"], &["spec", "storage", "size"]),
    (&["storageClassName"], &["spec", "storage", "storageClassName"]),
    (&["resources"], &["spec", "resources"]),
    (&["podDisruptionBudget"], &["spec", "podDisruptionBudget"]),
];

/// The fields of `metrics`. Those of the exporter itself are not in the language.
const METRICS: &[Row] = &[
    (&["enabled"], &["spec", "metrics", "enabled"]),
    (&["serviceMonitor"], &["spec", "metrics", "serviceMonitor"]),
];

/// The fields that `external` and an ExternalMariaDB share.
const OUTSIDE: &[Row] = &[
    (&["host"], &["spec", "host"]),
    (&["port"], &["spec", "port"]),
    (&["username"], &["spec", "username"]),
    (&["passwordSecretRef", "name"], &["spec", "passwordSecretKeyRef", "name"]),
    (&["passwordSecretRef", "key"], &["spec", "passwordSecretKeyRef", "key"]),
    (&["tls", "enabled"], &["spec", "tls", "enabled"]),
    (&["tls", "mutual"], &["spec", "tls", "mutual"]),
    (&["tls", "serverCASecretRef", "name"], &["spec", "tls", "serverCASecretRef", "name"]),
    (&["tls", "clientCertSecretRef", "name"], &["spec", "tls", "clientCertSecretRef", "name"]),
];

/// The server of a MariaDB. `promised` is the number of connections that its sites may hold together.
pub(super) fn managed(live: Live, index: &Index, cluster: &str, promised: u64) -> Draft {
    let mut draft = Draft::of(Kind::DatabaseServer, live);
    instance(&mut draft, live, index, &[]);
    let topology = match () {
        () if is_true(live.node(), &["spec", "replication", "enabled"]) => "replication",
        () if is_true(live.node(), &["spec", "galera", "enabled"]) => "galera",
        () => "standalone",
    };
    draft.state(&["topology"], string(topology));
    let usual = if topology == "standalone" { 1 } else { 3 };
    let path = ["spec", "replicas"];
    if let Some(replicas) = number(live.node(), &path).filter(|count| *count != usual) {
        draft.set(live, &["replicas"], &path, int(replicas));
    }
    max_connections(&mut draft, promised);
    let name = format!("{}-backup", live.name());
    backup::copy(&mut draft, index, cluster, &name, "physical");
    draft
}

/// The fields of a MariaDB, below `database` for the server of a dedicated site.
pub(super) fn instance(draft: &mut Draft, live: Live, index: &Index, below: &[&str]) {
    draft.copy(live, below, ROWS);
    let path = |field: &'static str| [below, &[field]].concat();
    if let Some(image) = text(live.node(), &["spec", "image"]) {
        match convert::version(image, "mariadb:", "") {
            Some(version) => {
                draft.set(live, &path("version"), &["spec", "image"], string(version));
            }
            None => draft.set(live, &path("image"), &["spec", "image"], string(image)),
        }
    }
    if let Some(file) = text(live.node(), &["spec", "myCnf"]) {
        draft.set(live, &path("myCnf"), &["spec", "myCnf"], my_cnf::settings(file));
    }
    if is_true(live.node(), &["spec", "metrics", "enabled"]) {
        let metrics = path("metrics");
        draft.copy(live, &metrics, METRICS);
    } else if below.is_empty() {
        draft.state(&["metrics", "enabled"], boolean(false));
    }
    backup::bootstrap(draft, live, index, below);
}

/// `max_connections` as the field that is compared with what the sites may hold. If they may hold more, only the
/// setting says what is so.
fn max_connections(draft: &mut Draft, promised: u64) {
    const KEPT: u64 = 10;
    let path = ["myCnf", "max_connections"];
    let Some(count) = number(&draft.fields, &path) else { return };
    let fits = u64::try_from(count).is_ok_and(|count| promised + KEPT <= count);
    if (10..=100_000).contains(&count) && fits {
        take(&mut draft.fields, &path);
        put(&mut draft.fields, &["maxConnections"], int(count));
    }
}

/// The server of an ExternalMariaDB.
pub(super) fn outside(live: Live, index: &Index, cluster: &str) -> Draft {
    let mut draft = Draft::of(Kind::DatabaseServer, live);
    draft.copy(live, &["external"], OUTSIDE);
    let fields = &mut draft.fields;
    take_default(fields, &["external", "port"], &int(3306));
    take_default(fields, &["external", "username"], &string("root"));
    take_default(fields, &["external", "passwordSecretRef", "key"], &string("password"));
    let secret = string(&format!("{}-root", live.name()));
    take_default(fields, &["external", "passwordSecretRef", "name"], &secret);
    if is_true(fields, &["external", "tls", "enabled"]) {
        let shows = at(fields, &["external", "tls", "clientCertSecretRef"]).is_some();
        take_default(fields, &["external", "tls", "mutual"], &boolean(shows));
        take(fields, &["external", "tls", "enabled"]);
    }
    // The Service by which sites find the server.
    draft.objects.extend(index.find("Service", live.namespace(), live.name()).map(|it| it.at));
    let name = format!("{}-backup", live.name());
    backup::copy(&mut draft, index, cluster, &name, "logical");
    draft
}

/// A server outside the cluster of which only the Service is known by which sites find it.
pub(super) fn address(live: Live) -> Draft {
    let mut draft = reference(live.namespace(), live.name());
    draft.copy(live, &["external"], &[(&["host"], &["spec", "externalName"])]);
    draft
}

/// A server that somebody else owns: sites only refer to it.
pub(super) fn reference(namespace: &str, name: &str) -> Draft {
    let mut draft = Draft::new(Kind::DatabaseServer, namespace, name);
    draft.state(&["managed"], boolean(false));
    draft
}
