//! What objects say of each other: servers, names, grants, Secrets.

use crate::read::{Cluster, Object, POSTGRES_DATABASE, clusters, text};
use crate::samples::files;
use serde_yaml::Value;
use std::collections::BTreeSet;
use std::path::Path;

/// `mariaDbRef` is immutable and compared whole: one form for ever.
#[test]
fn references_to_servers_have_one_form() {
    for cluster in clusters() {
        for object in ["Database", "User", "Grant"].iter().flat_map(|kind| cluster.of(kind)) {
            let reference = object.at("spec.mariaDbRef").unwrap().as_mapping().unwrap();
            let keys: Vec<&str> = reference.keys().map(text).collect();
            let (kind, namespace, name) = object.server();
            match kind {
                "MariaDB" => assert_eq!(keys, ["name", "namespace"], "{}", object.shown),
                _ => assert_eq!(keys, ["name", "namespace", "kind"], "{}", object.shown),
            }
            let rendered = cluster.has(kind, (namespace, name));
            let referred = kind == "MariaDB" && unmanaged(&cluster.sites, name);
            assert!(rendered || referred, "{}: no {kind} {namespace}/{name}", object.shown);
        }
    }
}

/// Whether a server is only referred to, as its definition says.
fn unmanaged(sites: &Path, name: &str) -> bool {
    files(sites).iter().any(|(path, bytes)| {
        let path = Path::new(path);
        path.file_stem().and_then(|stem| stem.to_str()) == Some(name)
            && serde_yaml::from_slice::<Value>(bytes).unwrap().get("managed")
                == Some(&Value::from(false))
    })
}

const PRIVILEGES: [&str; 17] = [
    "ALTER",
    "ALTER ROUTINE",
    "CREATE",
    "CREATE ROUTINE",
    "CREATE TEMPORARY TABLES",
    "CREATE VIEW",
    "DELETE",
    "DROP",
    "EVENT",
    "EXECUTE",
    "INDEX",
    "INSERT",
    "LOCK TABLES",
    "SELECT",
    "SHOW VIEW",
    "TRIGGER",
    "UPDATE",
];

/// A grant reaches one database, through one account, and no other.
#[test]
fn grants_lead_to_one_database_and_one_user() {
    for cluster in clusters() {
        for grant in cluster.of("Grant") {
            let shown = &grant.shown;
            let pattern = grant.text("spec.database");
            let name = unescape(pattern).unwrap_or_else(|| panic!("{shown}: {pattern}"));
            assert!(pattern.len() <= 64, "{shown}: MariaDB takes 64 characters");
            let beside = |object: &&Object| object.server() == grant.server();
            let databases: Vec<&Object> = cluster
                .of("Database")
                .filter(beside)
                .filter(|database| database.text("spec.name") == name)
                .collect();
            assert_eq!(databases.len(), 1, "{shown}: databases named {name}");
            let users: Vec<&Object> = cluster
                .of("User")
                .filter(beside)
                .filter(|user| user.text("spec.name") == grant.text("spec.username"))
                .filter(|user| user.at("spec.host") == grant.at("spec.host"))
                .collect();
            assert_eq!(users.len(), 1, "{shown}: users");
            // Frappe 15 has no name for the user but the database's.
            assert_eq!(grant.text("spec.username"), name, "{shown}");
            assert_eq!(users[0].key().0, databases[0].key().0, "{shown}: namespaces");
            let mut privileges: Vec<&str> = grant
                .at("spec.privileges")
                .unwrap()
                .as_sequence()
                .unwrap()
                .iter()
                .map(text)
                .collect();
            privileges.sort_unstable();
            match cluster.frappe.as_str() {
                "2.3" => assert_eq!(privileges, ["ALL PRIVILEGES"], "{shown}"),
                _ => assert_eq!(privileges, PRIVILEGES, "{shown}"),
            }
        }
    }
}

/// A backup of a site holds its database, and stands where no other's does.
#[test]
fn backups_hold_what_their_definitions_have() {
    let mut places = BTreeSet::new();
    for cluster in clusters() {
        for backup in cluster.of("Backup").chain(cluster.of("PhysicalBackup")) {
            let shown = &backup.shown;
            let databases = backup.at("spec.databases").map_or(Vec::new(), |names| {
                names.as_sequence().unwrap().iter().map(text).collect()
            });
            let of_the_same = |database: &&Object| database.source() == backup.source();
            let own: Vec<&str> =
                cluster.of("Database").filter(of_the_same).map(|it| it.text("spec.name")).collect();
            assert_eq!(databases, own, "{shown}");
            if let Some(prefix) = backup.at("spec.storage.s3.prefix") {
                // The last backup of what goes follows those of before.
                let of = format!("{} {}", backup.source(), backup.kind());
                places.insert((
                    backup.text("spec.storage.s3.bucket").to_owned(),
                    text(prefix).to_owned(),
                    of,
                ));
            }
        }
    }
    assert!(places.len() > 3, "{places:?}");
    let distinct: BTreeSet<_> = places.iter().map(|(bucket, prefix, _)| (bucket, prefix)).collect();
    assert_eq!(distinct.len(), places.len(), "{places:?}");
}

/// The name that a grant's pattern stands for; `None` when it stands for several.
fn unescape(pattern: &str) -> Option<String> {
    let mut name = String::new();
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        name.push(match character {
            '_' | '%' => return None,
            '\\' => characters.next().filter(|next| ['_', '%'].contains(next))?,
            other => other,
        });
    }
    name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_').then_some(name)
}

#[test]
fn patterns_with_wildcards_stand_for_no_name() {
    assert_eq!(unescape(r"\_0a\_erp").as_deref(), Some("_0a_erp"));
    for pattern in ["_0a_erp", r"\_0a_erp", "%", r"\%", r"a\", r"a\\b", "a`b"] {
        assert_eq!(unescape(pattern), None, "{pattern}");
    }
}

/// Neither two databases nor two accounts of one name are on a server, across namespaces.
#[test]
fn sql_names_are_unique_on_their_server() {
    for cluster in clusters() {
        for kind in ["Database", "User"] {
            let mut seen = BTreeSet::new();
            for object in cluster.of(kind) {
                let name = object.text("spec.name");
                assert!(seen.insert((object.server(), name)), "{}: {name}", object.shown);
                assert!(name.len() <= 64, "{}: {name}", object.shown);
            }
        }
    }
}

/// A site with a connection has its Database, User and Grant, and their Secret has the connection.
/// Or it has none of them, because the database existed before.
fn all_or_none(cluster: &Cluster, site: &Object, own: [Option<&Object>; 3]) {
    let shown = &site.shown;
    let secret = site.text("spec.dbConfig.connectionSecretRef.name");
    match own {
        [Some(database), Some(user), Some(_)] => {
            assert_eq!(user.text("spec.passwordSecretKeyRef.name"), secret, "{shown}");
            let (kind, ..) = database.server();
            // 2.5 is told only of a server that it could not find by itself.
            assert!(cluster.frappe == "5.2" || kind == "ExternalMariaDB", "{shown}: {kind}");
            assert_eq!(site.text("spec.dbConfig.host"), host(cluster, database), "{shown}");
        }
        _ => {
            assert!(own.iter().all(Option::is_none), "{shown}");
            on_postgres(cluster, site);
        }
    }
}

/// A site on a PostgreSQL server of the cluster has a Database and a DatabaseRole of one name, and one
/// Secret for the role and the connection. Or it has neither, because the database existed before.
fn on_postgres(cluster: &Cluster, site: &Object) {
    let (shown, (namespace, name)) = (&site.shown, site.key());
    let find = |kind: &'static str, suffix: &str| {
        let name = format!("{name}-{suffix}");
        cluster.of(kind).find(|object| object.key() == (namespace, name.as_str()))
    };
    match [find(POSTGRES_DATABASE, "db"), find("DatabaseRole", "role")] {
        [Some(database), Some(role)] => {
            let server = database.text("spec.cluster.name");
            assert_eq!(role.text("spec.cluster.name"), server, "{shown}");
            assert!(cluster.has("Cluster", (namespace, server)), "{shown}: no {server}");
            assert_eq!(database.text("spec.owner"), role.text("spec.name"), "{shown}");
            assert_eq!(database.text("spec.name"), role.text("spec.name"), "{shown}");
            let secret = site.text("spec.dbConfig.connectionSecretRef.name");
            assert_eq!(role.text("spec.passwordSecret.name"), secret, "{shown}");
            let host = format!("{server}-rw.{namespace}.svc.cluster.local");
            assert_eq!(site.text("spec.dbConfig.host"), host, "{shown}");
            assert_eq!(site.text("spec.dbConfig.port"), "5432", "{shown}");
        }
        own => assert!(own.iter().all(Option::is_none), "{shown}"),
    }
}

/// Where the server of a Database takes writes.
fn host(cluster: &Cluster, database: &Object) -> String {
    let (kind, namespace, name) = database.server();
    let server = cluster.of(kind).find(|server| server.key() == (namespace, name));
    let has = |field| server.is_some_and(|server| server.at(field).is_some());
    match kind {
        "ExternalMariaDB" => server.unwrap().text("spec.host").to_owned(),
        // Of several replicas, one takes writes.
        _ if has("spec.replication") || has("spec.galera") => {
            format!("{name}-primary.{namespace}.svc.cluster.local")
        }
        _ => format!("{name}.{namespace}.svc.cluster.local"),
    }
}

/// What frappe-operator 5.2 would lose, or serve badly: a key of its own goes with the FrappeSite.
#[test]
fn sites_of_5_2_keep_their_data_and_their_key() {
    let mut seen = 0;
    for cluster in clusters() {
        for site in cluster.of("FrappeSite") {
            let shown = &site.shown;
            let is_v1 = site.text("apiVersion") == "vyogo.tech/v1";
            assert_eq!(is_v1, cluster.frappe == "5.2", "{shown}");
            if !is_v1 {
                continue;
            }
            seen += 1;
            assert_eq!(site.text("spec.deletionPolicy"), "Retain", "{shown}");
            assert_eq!(site.text("spec.domain"), site.text("spec.siteName"), "{shown}");
            assert!(site.annotation("frappe.io/site-version").is_some(), "{shown}");
            let name = site.text("spec.encryptionKeySecretRef.name");
            assert_ne!(name, format!("{}-encryption-key", site.key().1), "{shown}: it is lost");
            let carriers = ["ExternalSecret", "SealedSecret", "Secret"];
            let mut carriers = carriers.iter().flat_map(|kind| cluster.of(kind));
            let carrier = carriers.find(|carrier| carrier.key() == (site.key().0, name));
            let carrier = carrier.unwrap_or_else(|| panic!("{shown}: no {name}"));
            for key in ["kustomize.toolkit.fluxcd.io/prune", "argocd.argoproj.io/sync-options"] {
                assert!(carrier.annotation(key).is_some(), "{}: {key}", carrier.shown);
            }
        }
    }
    assert!(seen > 2, "{seen}");
}

/// frappe-operator adopts objects by their names, in the site's namespace, and dials the server
/// that the FrappeSite names.
#[test]
fn sites_find_what_is_theirs() {
    for cluster in clusters() {
        for site in cluster.of("FrappeSite") {
            let shown = &site.shown;
            let (namespace, name) = site.key();
            assert_eq!(site.text("spec.benchRef.namespace"), namespace, "{shown}");
            assert_eq!(site.text("spec.adminPasswordSecretRef.namespace"), namespace, "{shown}");
            assert_ne!(site.text("spec.benchRef.name"), name, "{shown}: Job {name}-init");
            let find = |kind: &'static str, suffix: &str| {
                let key = (namespace, format!("{name}-{suffix}"));
                cluster.of(kind).find(|object| object.key() == (key.0, key.1.as_str()))
            };
            let own = [find("Database", "db"), find("User", "user"), find("Grant", "grant")];
            let provider = site.text("spec.dbConfig.provider");
            if provider == "external" {
                let version = cluster.frappe.as_str();
                assert!(["2.5", "5.2"].contains(&version), "{shown}: {version} cannot be told");
                assert!(site.at("spec.dbConfig.mariadbRef").is_none(), "{shown}");
                let told = site.text("spec.dbConfig.connectionSecretRef.namespace");
                assert_eq!(told, namespace, "{shown}");
                all_or_none(&cluster, site, own);
                continue;
            }
            assert_ne!(cluster.frappe, "5.2", "{shown}: every site is told its connection");
            assert_eq!(provider, "mariadb", "{shown}");
            let [Some(database), Some(user), Some(grant)] = own else {
                panic!("{shown}: no Database, User or Grant");
            };
            // A password that an earlier version recorded keeps its Secret's former name.
            let secrets = ["db-credentials", "db-password"].map(|it| format!("{name}-{it}"));
            let secret = user.text("spec.passwordSecretKeyRef.name").to_owned();
            assert!(secrets.contains(&secret), "{shown}: {secret}");
            let server = (
                site.text("spec.dbConfig.mariadbRef.namespace"),
                site.text("spec.dbConfig.mariadbRef.name"),
            );
            for object in [database, user, grant] {
                let (_, namespace, name) = object.server();
                assert_eq!((namespace, name), server, "{shown}");
            }
            let dedicated = format!("{name}-mariadb");
            match site.text("spec.dbConfig.mode") {
                "dedicated" => {
                    assert_eq!(server, (namespace, dedicated.as_str()), "{shown}");
                    let instance = find("MariaDB", "mariadb").unwrap();
                    let root = instance.text("spec.rootPasswordSecretKeyRef.name");
                    assert_eq!(root, format!("{dedicated}-root"), "{shown}");
                }
                mode => assert_eq!(mode, "shared", "{shown}"),
            }
            // It dials a name of the cluster's DNS, where nothing but this Service stands.
            if database.server().0 == "ExternalMariaDB" {
                assert!(cluster.has("Service", server), "{shown}: no Service {server:?}");
            }
        }
    }
}

/// The name in the cluster's DNS leads to the server that mariadb-operator works on.
#[test]
fn services_lead_to_their_external_servers() {
    let mut seen = 0;
    for cluster in clusters() {
        for service in cluster.of("Service") {
            seen += 1;
            let server = cluster.of("ExternalMariaDB").find(|s| s.key() == service.key());
            let server = server.unwrap_or_else(|| panic!("{}: no server", service.shown));
            assert_eq!(service.text("spec.type"), "ExternalName", "{}", service.shown);
            assert_eq!(
                service.text("spec.externalName"),
                server.text("spec.host"),
                "{}",
                service.shown
            );
            // An alias has no port.
            assert_eq!(server.at("spec.port"), Some(&Value::from(3306)), "{}", server.shown);
        }
    }
    assert!(seen > 0, "no sample has a Service");
}

/// Every SQL string is built without escaping, so no name may need any.
#[test]
fn sql_names_need_no_quotes() {
    for object in clusters().iter().flat_map(|cluster| &cluster.objects) {
        let fields = match object.kind() {
            "Database" | "User" | POSTGRES_DATABASE | "DatabaseRole" => &["spec.name"][..],
            "Grant" | "ExternalMariaDB" => &["spec.username"],
            _ => continue,
        };
        for field in fields {
            let name = object.text(field);
            let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            assert!(plain && !name.is_empty(), "{}: {field} {name}", object.shown);
        }
    }
}
