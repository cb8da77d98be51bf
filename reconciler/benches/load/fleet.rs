//! The objects of a fleet, as the API server has them once every operator has done its work.

use crate::Result;
use cluster::ControlPlane;
use futures::{StreamExt as _, stream};
use kube::Client;
use serde_json::{Value, json};
use std::path::Path;

/// The CRDs, below the folder that `SITEWRIGHT_CRDS_BY_VERSION` names.
const CRDS: [&str; 2] = ["mariadb-operator/26.6.0", "frappe-operator/2.6.4"];
/// A namespace has so many sites, on one server and one bench.
const PER_NAMESPACE: usize = 50;
/// Requests side by side.
const AT_ONCE: usize = 32;

const MARIADB: &str = "k8s.mariadb.com/v1alpha1";
const FRAPPE: &str = "vyogo.tech/v1alpha1";

/// The namespace of a site.
pub(crate) fn namespace(site: usize) -> String {
    format!("erp-{}", site / PER_NAMESPACE)
}

/// The name of a site.
pub(crate) fn name(site: usize) -> String {
    format!("site-{site:05}")
}

/// A condition that is true.
fn done(kind: &str, reason: &str) -> Value {
    condition(kind, "True", reason, reason)
}

/// A status with one condition.
pub(crate) fn condition(kind: &str, status: &str, reason: &str, message: &str) -> Value {
    json!({"conditions": [{
        "type": kind, "status": status, "reason": reason, "message": message,
        "lastTransitionTime": "2026-01-01T00:00:00Z",
    }]})
}

/// A kind's place in the paths of the API, and an object of it.
type Object = (&'static str, Value);

fn object(
    (api, kind, plural): (&str, &str, &'static str),
    namespace: &str,
    name: &str,
    spec: Value,
    status: Value,
) -> Object {
    let metadata = json!({"name": name, "namespace": namespace});
    let object = json!({
        "apiVersion": api, "kind": kind, "metadata": metadata, "spec": spec, "status": status,
    });
    (plural, object)
}

/// What the sites of a namespace share.
fn shared(namespace: &str) -> Vec<Object> {
    let server = json!({"storage": {"size": "100Gi"}});
    let bench = json!({"frappeVersion": "version-16"});
    let mut initialized = done("Ready", "Initialized");
    initialized["phase"] = json!("Ready");
    initialized["observedGeneration"] = json!(1);
    vec![
        object(
            (MARIADB, "MariaDB", "mariadbs"),
            namespace,
            "db",
            server,
            done("Ready", "StatefulSetReady"),
        ),
        object((FRAPPE, "FrappeBench", "frappebenches"), namespace, "bench", bench, initialized),
    ]
}

/// The objects of a site, without its SiteDatabase.
fn of_site(site: usize) -> Vec<Object> {
    let (namespace, name) = (namespace(site), name(site));
    let sealed = |part: &str| {
        let spec = json!({"encryptedData": {"password": "c2VhbGVk".repeat(80)}});
        let mut status = done("Synced", "");
        status["observedGeneration"] = json!(1);
        let kind = ("bitnami.com/v1alpha1", "SealedSecret", "sealedsecrets");
        object(kind, &namespace, &format!("{name}-{part}"), spec, status)
    };
    let sql = |kind, plural, part: &str, spec: Value| {
        let name = format!("{name}-{part}");
        object((MARIADB, kind, plural), &namespace, &name, spec, done("Ready", "Created"))
    };
    let server = json!({"name": "db"});
    let spec = json!({"mariaDbRef": server});
    let grant = json!({"mariaDbRef": server, "privileges": ["SELECT"], "username": name});
    let address = format!("{name}.example.com");
    let bench = json!({"name": "bench", "namespace": namespace});
    let frappe = json!({"benchRef": bench, "siteName": address, "domain": address});
    let mut ready = done("Ready", "SiteReady");
    ready["phase"] = json!("Ready");
    ready["observedGeneration"] = json!(1);
    ready["siteURL"] = json!(format!("https://{address}"));
    ready["databaseName"] = json!(format!("_{site:08x}_{}", address.replace(['.', '-'], "_")));
    vec![
        sealed("db-password"),
        sealed("admin"),
        sql("Database", "databases", "db", spec.clone()),
        sql("User", "users", "user", spec),
        sql("Grant", "grants", "grant", grant),
        object((FRAPPE, "FrappeSite", "frappesites"), &namespace, &name, frappe, ready),
    ]
}

/// The SiteDatabase of a site, which names all that the site needs.
fn site_database(site: usize) -> Object {
    let (namespace, name) = (namespace(site), name(site));
    let own = of_site(site);
    let (secrets, others) = own.split_at(2);
    let shared = shared(&namespace);
    let objects = secrets.iter().chain(&shared[..1]).chain(&others[..3]).chain(&shared[1..]);
    let reference = |(_, object): &Object| {
        let (api, kind, name) =
            (&object["apiVersion"], &object["kind"], &object["metadata"]["name"]);
        json!({"apiVersion": api, "kind": kind, "name": name})
    };
    let references: Vec<Value> = objects.chain(&others[3..]).map(reference).collect();
    let spec = json!({
        "siteName": format!("{name}.example.com"),
        "provider": "mariadb",
        "mode": "shared",
        "server": "db",
        "bench": "bench",
        "host": format!("db.{namespace}.svc.cluster.local"),
        "port": 3306,
        "database": format!("_{name}"),
        "user": format!("_{name}"),
        "objects": references,
    });
    let kind = (sitewright_api::API_VERSION, sitewright_api::KIND, sitewright_api::PLURAL);
    object(kind, &namespace, &name, spec, Value::Null)
}

/// Makes everything, and returns how many objects that are beside the SiteDatabases.
pub(crate) async fn make(
    plane: &ControlPlane,
    client: &Client,
    crds: &Path,
    sites: usize,
) -> Result<usize> {
    let kubectl = plane.kubectl();
    kubectl.apply(&sitewright_api::crd().to_string());
    for folder in CRDS {
        plane.install(&crds.join(folder));
    }
    plane.install(&plane.programs().crds("sealed-secrets"));
    // Where a type has no subresource for its status, an object comes with its status in one request.
    let foreign = [
        "mariadbs.k8s.mariadb.com",
        "databases.k8s.mariadb.com",
        "users.k8s.mariadb.com",
        "grants.k8s.mariadb.com",
        "frappebenches.vyogo.tech",
        "frappesites.vyogo.tech",
        "sealedsecrets.bitnami.com",
    ];
    let without = r#"[{"op": "remove", "path": "/spec/versions/0/subresources"}]"#;
    let with =
        r#"[{"op": "add", "path": "/spec/versions/0/subresources", "value": {"status": {}}}]"#;
    let patch = |patch: &str| {
        for crd in foreign {
            kubectl.with(&["patch", "crd", crd, "--type=json", "--patch", patch], "");
        }
    };
    patch(without);
    let spaces = 0..sites.div_ceil(PER_NAMESPACE);
    let names: Vec<String> = spaces.map(|space| namespace(space * PER_NAMESPACE)).collect();
    let space = |name: &String| json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
    let spaces: Vec<Value> = names.iter().map(space).collect();
    kubectl.apply(&json!({"apiVersion": "v1", "kind": "List", "items": spaces}).to_string());
    settle(client).await?;

    let objects = names.iter().flat_map(|name| shared(name)).chain((0..sites).flat_map(of_site));
    let count = create(client, objects).await?;
    patch(with);
    create(client, (0..sites).map(site_database)).await?;
    Ok(count)
}

/// Waits until the API server takes a status with an object: it needs a moment to serve a changed CRD.
async fn settle(client: &Client) -> Result<()> {
    for attempt in 0.. {
        let (plural, mut probe) = shared("default").remove(0);
        probe["metadata"]["name"] = json!(format!("probe-{attempt}"));
        let path = path(&probe, plural);
        let made: Value = client.request(post(&path, &probe)?).await?;
        let name = &made["metadata"]["name"];
        let path = format!("{path}/{}", name.as_str().unwrap_or_default());
        client.request_text(http::Request::delete(path).body(Vec::new())?).await?;
        if !made["status"].is_null() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    }
    // The other types changed in the same moment.
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    Ok(())
}

fn path(object: &Value, plural: &str) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (api, namespace) = (text(&object["apiVersion"]), text(&object["metadata"]["namespace"]));
    format!("/apis/{api}/namespaces/{namespace}/{plural}")
}

fn post(path: &str, object: &Value) -> Result<http::Request<Vec<u8>>> {
    let request = http::Request::post(path).header("Content-Type", "application/json");
    Ok(request.body(serde_json::to_vec(object)?)?)
}

async fn create(client: &Client, objects: impl Iterator<Item = Object>) -> Result<usize> {
    let requests = objects.map(|(plural, object)| {
        let client = client.clone();
        async move {
            let request = post(&path(&object, plural), &object)?;
            client.request_text(request).await?;
            Ok(())
        }
    });
    let answers: Vec<Result<()>> = stream::iter(requests).buffer_unordered(AT_ONCE).collect().await;
    let count = answers.len();
    answers.into_iter().collect::<Result<()>>()?;
    Ok(count)
}

/// Changes the status of a site's Database.
pub(crate) async fn change(client: &Client, site: usize, status: &Value) -> Result<()> {
    let (namespace, name) = (namespace(site), name(site));
    let path = format!("/apis/{MARIADB}/namespaces/{namespace}/databases/{name}-db/status");
    let body = serde_json::to_vec(&json!({"status": status}))?;
    let request = http::Request::patch(path).header("Content-Type", "application/merge-patch+json");
    client.request_text(request.body(body)?).await?;
    Ok(())
}
