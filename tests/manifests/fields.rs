//! Fields that are always stated, and fields that never are.

use crate::read::{POSTGRES_DATABASE, clusters};
use serde_yaml::Value;

/// What must hold of a field.
#[derive(Clone, Copy, Debug)]
enum Must {
    /// It has this value, as YAML.
    Be(&'static str),
    /// It is stated, whatever its value.
    Stand,
    /// It is not there.
    Miss,
}
use Must::{Be, Miss, Stand};

/// Fields that every object of a kind states, because leaving them to a default loses data,
/// starves a site or drifts, and fields that no object ever states.
const FIELDS: &[(&str, &str, Must)] = &[
    // Frappe needs both, and MariaDB refuses one without the other.
    ("Database", "spec.characterSet", Be("utf8mb4")),
    ("Database", "spec.collate", Be("utf8mb4_unicode_ci")),
    // The default drops the database together with the object.
    ("Database", "spec.cleanupPolicy", Be("Skip")),
    ("Database", "spec.requeueInterval", Be("1h")),
    ("Database", "spec.retryInterval", Be("10s")),
    ("Database", "spec.name", Stand),
    ("User", "spec.name", Stand),
    ("User", "spec.host", Be("'%'")),
    // The default of 10 starves workers.
    ("User", "spec.maxUserConnections", Stand),
    ("User", "spec.cleanupPolicy", Stand),
    ("User", "spec.requeueInterval", Be("1h")),
    ("User", "spec.retryInterval", Be("10s")),
    ("User", "spec.passwordSecretKeyRef.name", Stand),
    ("User", "spec.passwordSecretKeyRef.key", Be("password")),
    // There is no such field on a User.
    ("User", "spec.passwordSecretKeyRef.generate", Miss),
    // Two password methods are refused.
    ("User", "spec.passwordHashSecretKeyRef", Miss),
    ("User", "spec.passwordPlugin", Miss),
    ("Grant", "spec.host", Be("'%'")),
    ("Grant", "spec.table", Be("'*'")),
    ("Grant", "spec.privileges", Stand),
    ("Grant", "spec.grantOption", Be("false")),
    // Revoking what is not there hangs the finalizer for ever.
    ("Grant", "spec.cleanupPolicy", Be("Skip")),
    ("Grant", "spec.requeueInterval", Be("1h")),
    ("Grant", "spec.retryInterval", Be("10s")),
    // It may be set once only: from birth, then.
    ("MariaDB", "spec.rootPasswordSecretKeyRef.name", Stand),
    ("MariaDB", "spec.rootPasswordSecretKeyRef.key", Be("password")),
    ("MariaDB", "spec.rootPasswordSecretKeyRef.generate", Be("false")),
    ("MariaDB", "spec.storage.size", Stand),
    // The operator rewrites it: drift.
    ("MariaDB", "spec.storage.volumeClaimTemplate", Miss),
    ("MariaDB", "spec.tls.enabled", Be("true")),
    // Required, it refuses clients without TLS.
    ("MariaDB", "spec.tls.required", Be("false")),
    ("MariaDB", "spec.port", Be("3306")),
    ("MariaDB", "spec.replicas", Stand),
    ("MariaDB", "spec.image", Stand),
    // The grant that the operator derives from these has unescaped wildcards.
    ("MariaDB", "spec.database", Miss),
    ("MariaDB", "spec.username", Miss),
    ("MariaDB", "spec.passwordSecretKeyRef", Miss),
    // A failover changes it.
    ("MariaDB", "spec.primary", Miss),
    ("MariaDB", "spec.replication.primary", Miss),
    ("MariaDB", "spec.galera.primary", Miss),
    // It is compared whole and can never change.
    ("Backup", "spec.mariaDbRef.namespace", Stand),
    ("Backup", "spec.mariaDbRef.waitForIt", Be("true")),
    ("Backup", "spec.storage", Stand),
    ("Backup", "spec.restartPolicy", Be("OnFailure")),
    ("PhysicalBackup", "spec.mariaDbRef.waitForIt", Be("true")),
    ("PhysicalBackup", "spec.restartPolicy", Be("OnFailure")),
    // A standalone server has no replica to take it from.
    ("PhysicalBackup", "spec.target", Be("PreferReplica")),
    // The deletion of an object deletes no data.
    (POSTGRES_DATABASE, "spec.databaseReclaimPolicy", Be("retain")),
    ("DatabaseRole", "spec.databaseRoleReclaimPolicy", Be("retain")),
    ("DatabaseRole", "spec.superuser", Be("false")),
    ("DatabaseRole", "spec.createrole", Be("false")),
    ("ExternalMariaDB", "spec.host", Stand),
    ("ExternalMariaDB", "spec.port", Stand),
    ("ExternalMariaDB", "spec.username", Stand),
    ("ExternalMariaDB", "spec.passwordSecretKeyRef.name", Stand),
    ("ExternalMariaDB", "spec.passwordSecretKeyRef.key", Stand),
    // Without it, passwords cross the network in clear text.
    ("ExternalMariaDB", "spec.tls.enabled", Be("true")),
    // Unstated, it is true, and a Secret is read that nothing makes.
    ("ExternalMariaDB", "spec.tls.mutual", Stand),
    // Unstated, a Secret is read that nothing makes.
    ("ExternalMariaDB", "spec.tls.serverCASecretRef.name", Stand),
    // Unstated, it is looked up in the live cluster.
    ("FrappeSite", "spec.domain", Stand),
    ("FrappeSite", "spec.siteName", Stand),
    ("FrappeSite", "spec.benchRef.name", Stand),
    ("FrappeSite", "spec.benchRef.namespace", Stand),
    ("FrappeSite", "spec.adminPasswordSecretRef.name", Stand),
    // Empty, it fails at frappe-operator 2.3.
    ("FrappeSite", "spec.adminPasswordSecretRef.namespace", Stand),
    // The operator's own update writes these back: drift.
    ("FrappeSite", "spec.dbConfig.provider", Stand),
    ("FrappeSite", "spec.dbConfig.mode", Stand),
    ("FrappeSite", "spec.tls.enabled", Stand),
    // Ignored at frappe-operator 2.3.
    ("FrappeSite", "spec.ingress.tls", Miss),
    ("FrappeSite", "spec.dbConfig.resources", Miss),
    ("FrappeBench", "spec.frappeVersion", Stand),
    // The operator passes them on to no pod.
    ("FrappeBench", "spec.imageConfig.pullSecrets", Miss),
];

fn breaks(must: Must, found: Option<&Value>) -> bool {
    match must {
        Be(expected) => found != Some(&serde_yaml::from_str(expected).unwrap()),
        Stand => found.is_none_or(|value| value.is_null() || value.as_str() == Some("")),
        Miss => found.is_some(),
    }
}

#[test]
fn fields_are_stated() {
    let clusters = clusters();
    for (kind, field, must) in FIELDS {
        let mut seen = 0;
        for object in clusters.iter().flat_map(|cluster| cluster.of(kind)) {
            seen += 1;
            let found = object.at(field);
            assert!(!breaks(*must, found), "{}: {field} {must:?}: {found:?}", object.shown);
        }
        assert!(seen > 0, "no sample has a {kind}");
    }
}

/// A table that cannot fail says nothing.
#[test]
fn the_table_of_fields_can_fail() {
    for (kind, field, must) in FIELDS {
        let other = Value::from("something else");
        match must {
            Be(_) => assert!(breaks(*must, None) && breaks(*must, Some(&other)), "{kind}"),
            Stand => assert!(breaks(*must, None) && breaks(*must, Some(&Value::Null))),
            Miss => assert!(breaks(*must, Some(&other)) && breaks(*must, Some(&Value::Null))),
        }
        assert!(field.starts_with("spec."), "{kind} {field}");
    }
}

/// Frappe reads and writes utf8mb4, and a server must not let a client say otherwise.
#[test]
fn servers_speak_utf8mb4() {
    for server in clusters().iter().flat_map(|cluster| cluster.of("MariaDB")) {
        let lines: Vec<&str> = server.text("spec.myCnf").lines().collect();
        for line in [
            "character_set_server=utf8mb4",
            "collation_server=utf8mb4_unicode_ci",
            "skip_character_set_client_handshake",
        ] {
            assert!(lines.contains(&line), "{}: {line}", server.shown);
        }
    }
}

/// Dropping a user takes its grants along, and no data; what goes with its server is not dropped one by
/// one, since the server may be gone first.
#[test]
fn users_are_dropped_where_their_server_stays() {
    let mut seen = std::collections::BTreeSet::new();
    for cluster in clusters() {
        for user in cluster.of("User") {
            let retired = user.annotation("sitewright/lifecycle").is_some();
            let own = user.server().2.ends_with("-mariadb") && user.server().2 != "frappe-mariadb";
            let expected = if retired && own { "Skip" } else { "Delete" };
            assert_eq!(user.text("spec.cleanupPolicy"), expected, "{}", user.shown);
            seen.insert(expected);
        }
    }
    assert_eq!(seen.len(), 2);
}
