//! Which objects a SiteDatabase names, how it is delivered, and when there is none.

use crate::project::{ARGO, FLUX, MARIADB, cluster, gitops, put, rendered, report, root};
use serde_json::Value;
use sitewright::diagnostic;
use sitewright::project::Project;
use std::collections::{BTreeMap, BTreeSet};

const SITES: &[(&str, &str)] = &[
    ("db.yaml", "kind: DatabaseServer\nstorageSize: 1Gi\n"),
    ("acme.yaml", "kind: Site\nsiteName: acme.example.com\nbench: b16\ndatabase: {server: db}\n"),
    (
        "globex.yaml",
        "kind: Site\nsiteName: globex.example.com\nbench: b16\nlifecycle: retired\n\
         database: {mode: dedicated, storageSize: 1Gi}\n",
    ),
];
const STORE: &str = "secrets: {mode: external, external: {store: {name: vault}}}\n";

/// The identity of an object: `apiVersion`, kind, namespace and name.
type Id = (String, String, String, String);

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn id(object: &Value) -> Id {
    let metadata = &object["metadata"];
    let [api, kind] = ["apiVersion", "kind"].map(|key| text(&object[key]));
    (api, kind, text(&metadata["namespace"]), text(&metadata["name"]))
}

/// The objects that a SiteDatabase names.
fn named(report: &Value) -> BTreeSet<Id> {
    let own = text(&report["metadata"]["namespace"]);
    let objects = report["spec"]["objects"].as_array().unwrap().iter();
    let of = |object: &Value| {
        let [api, kind, name] = ["apiVersion", "kind", "name"].map(|key| text(&object[key]));
        let namespace = object["namespace"].as_str().map_or(own.clone(), str::to_owned);
        (api, kind, namespace, name)
    };
    objects.map(of).collect()
}

/// Kinds whose status does not say whether a site's database is ready.
const OTHERS: [&str; 3] = ["SiteDatabase", "PushSecret", "Password"];

/// A SiteDatabase names each object of its site, its bench and its server that is rendered, and nothing else. The
/// versions of their APIs are those of the templates.
#[test]
fn what_is_named_is_what_is_rendered() {
    for (frappe, more) in [("2.3", STORE), ("2.6", STORE), ("5.2", STORE), ("2.6", "")] {
        let root = root(&cluster(frappe, MARIADB, &format!("{more}status: true\n")), SITES);
        let objects = rendered(root.path());
        let below = |folder: &str| {
            let start = format!("eu/{folder}/");
            let found = objects.iter().filter(move |(path, _)| path.starts_with(&start));
            found.map(|(_, object)| id(object)).filter(|(_, kind, ..)| !OTHERS.contains(&&**kind))
        };
        for (site, server) in [("acme", Some("db")), ("globex", None)] {
            // The Secret of a shared server is the server's own affair.
            let of_server = server.into_iter().flat_map(below).filter(|it| it.1 == "MariaDB");
            let expected: BTreeSet<Id> = below(site).chain(below("b16")).chain(of_server).collect();
            assert_eq!(named(report(&objects, site)), expected, "{frappe} {site}");
        }
    }
}

/// A record of another mode is carried by the object of that mode.
#[test]
fn passwords_are_named_by_what_carries_them() {
    let kinds = |more: &str| -> BTreeSet<String> {
        let root = root(&cluster("2.6", MARIADB, &format!("{more}status: true\n")), SITES);
        let objects = rendered(root.path());
        named(report(&objects, "acme")).into_iter().map(|(_, kind, ..)| kind).collect()
    };
    assert!(kinds(STORE).contains("ExternalSecret"));
    assert!(!kinds("").iter().any(|kind| kind.ends_with("Secret")));
}

/// Without `status: true` nothing else is rendered, and with it no other object changes.
#[test]
fn no_other_object_changes() {
    for engine in [FLUX, ARGO, ""] {
        let of = |status: &str| {
            let root = root(&cluster("2.6", MARIADB, &format!("{engine}{status}")), SITES);
            rendered(root.path())
        };
        let without = of("");
        assert_eq!(of("status: false\n"), without);
        let mut with: BTreeMap<String, Value> = of("status: true\n");
        let before = with.len();
        with.retain(|_, object| object["kind"] != "SiteDatabase");
        assert_eq!((before - with.len(), with), (2, without));
    }
}

/// It holds no data, so the engine deletes it when the setting is removed. It is applied first, because it tells why the others are not ready.
#[test]
fn no_engine_keeps_a_site_database() {
    for (engine, waves) in [(FLUX, false), (ARGO, true)] {
        let root = root(&cluster("2.6", MARIADB, &format!("{engine}status: true\n")), SITES);
        let objects = rendered(root.path());
        let annotations = &report(&objects, "acme")["metadata"]["annotations"];
        let expected = match waves {
            true => serde_json::json!({"argocd.argoproj.io/sync-wave": "-2"}),
            false => Value::Null,
        };
        assert_eq!(*annotations, expected, "{engine}");
        // A retired site has one as long as its file is there.
        let retired = &report(&objects, "globex")["metadata"]["annotations"];
        assert_eq!(retired["sitewright/lifecycle"], "retired");
    }
}

/// A Kustomization of its own applies the SiteDatabases, and nothing waits for it: Flux waits for any object with a
/// status of an older generation.
#[test]
fn flux_waits_for_no_site_database() {
    for delivery in ["cluster", "site"] {
        let more = FLUX.replace("engine", &format!("delivery: {delivery}, engine"));
        let root = root(&cluster("2.6", MARIADB, &format!("{more}status: true\n")), SITES);
        let objects = gitops(root.path());
        let all: Vec<&Value> = objects.iter().filter(|it| it["kind"] == "Kustomization").collect();
        let waiting: Vec<&&Value> = all.iter().filter(|it| it["spec"]["wait"] == true).collect();
        let others: Vec<&&Value> = all.iter().filter(|it| it["spec"]["wait"] != true).collect();
        let [status] = others[..] else { panic!("{others:?}") };
        assert_eq!(status["metadata"]["name"], "eu-status");
        assert_eq!(status["spec"]["path"], "./rendered/eu");
        assert_eq!(
            status["spec"]["patches"][0]["target"]["labelSelector"],
            "app.kubernetes.io/component!=status"
        );
        assert!(!waiting.is_empty());
        for kustomization in waiting {
            let text = kustomization.to_string();
            assert!(!text.contains("eu-status"), "{text}");
        }
    }
}

/// The Kustomization of the SiteDatabases applies the whole folder of the cluster, and a folder with a list of its files
/// hides the folders below it.
#[test]
fn a_site_in_the_folder_of_another_would_have_no_site_database() {
    let said = |status: &str| {
        let cluster = cluster(
            "2.6",
            MARIADB,
            &format!("{}{status}", FLUX.replace("engine", "delivery: site, engine")),
        );
        let site = "kind: Site\nsiteName: below.example.com\nbench: b16\ndatabase: {server: db}\n";
        let root = root(&cluster, &[SITES, &[("acme/below.yaml", site)]].concat());
        put(&root.path().join("sitewright.yaml"), "kind: Project\nkustomizations: true\n");
        let project = Project::read(root.path()).unwrap().value;
        let (fleet, plans) = sitewright::fleet(&project).value;
        let units = plans.with_manifests(&fleet);
        let found = sitewright::gitops::files(&fleet, &units, &project).diagnostics;
        diagnostic::text(&found, &project.sources, false)
    };
    assert_eq!(said(""), "");
    let told = said("status: true\n");
    assert!(
        told.contains("SW107") && told.contains("`eu/acme/below` would have no SiteDatabase"),
        "{told}"
    );
}

/// Argo CD shows the state of a site's database, and calls it healthy in any case.
#[test]
fn argo_cd_waits_for_no_site_database() {
    use mlua::{Lua, LuaSerdeExt as _};
    let root = root(&cluster("2.6", MARIADB, &format!("{ARGO}status: true\n")), SITES);
    let objects = gitops(root.path());
    let of = |kind: &str| objects.iter().find(|it| it["kind"] == kind).unwrap();
    let allowed = of("AppProject")["spec"]["namespaceResourceWhitelist"].as_array().unwrap();
    assert!(
        allowed.iter().any(|it| it["group"] == "sitewright.dev" && it["kind"] == "SiteDatabase")
    );
    let check =
        &of("ConfigMap")["data"]["resource.customizations.health.sitewright.dev_SiteDatabase"];
    let failed =
        serde_json::json!({"databaseStatus": {"phase": "Failed", "lastError": "no server"}});
    let ready = serde_json::json!({"databaseStatus": {"phase": "Ready"}});
    for (status, message) in [
        (Value::Null, "not reported yet"),
        (serde_json::json!({}), "not reported yet"),
        (ready, "Ready"),
        (failed, "Failed: no server"),
    ] {
        let lua = Lua::new();
        let mut object = serde_json::json!({"kind": "SiteDatabase"});
        if !status.is_null() {
            object["status"] = status.clone();
        }
        lua.globals().set("obj", lua.to_value(&object).unwrap()).unwrap();
        let health: mlua::Table = lua.load(check.as_str().unwrap()).eval().unwrap();
        assert_eq!(health.get::<String>("status").unwrap(), "Healthy", "{status}");
        assert_eq!(health.get::<String>("message").unwrap(), message, "{status}");
    }
}
