//! Which field of a definition decides a field of an object.
//!
//! Only fields are listed that a definition states as they are. The value of another field is computed, or is the
//! same in every definition.

use crate::language::Kind;

/// A field of an object, and the field of a definition that decides it.
#[derive(Debug)]
pub struct StatedField {
    /// The kinds of objects, separated by spaces. `*` is every kind.
    pub kinds: &'static str,
    /// The keys of the object's field, separated by spaces. A last key `*` is any field below.
    pub object: &'static str,
    /// The kind of the definition.
    pub of: Kind,
    /// The keys of the definition's field, in the same form.
    pub field: &'static str,
}

const fn row(
    kinds: &'static str,
    object: &'static str,
    of: Kind,
    field: &'static str,
) -> StatedField {
    StatedField { kinds, object, of, field }
}

/// Every such field.
pub const ROWS: &[StatedField] = &[
    // The objects of a server, which a definition of its own or a dedicated site states.
    row("MariaDB Cluster", "spec storage size", Kind::DatabaseServer, "storageSize"),
    row("MariaDB Cluster", "spec storage size", Kind::Site, "database storageSize"),
    row("MariaDB", "spec storage storageClassName", Kind::DatabaseServer, "storageClassName"),
    row("MariaDB", "spec storage storageClassName", Kind::Site, "database storageClassName"),
    row("Cluster", "spec storage storageClass", Kind::DatabaseServer, "storageClassName"),
    row("Cluster", "spec storage storageClass", Kind::Site, "database storageClassName"),
    row("MariaDB Cluster", "spec resources *", Kind::DatabaseServer, "resources *"),
    row("MariaDB Cluster", "spec resources *", Kind::Site, "database resources *"),
    row("MariaDB", "spec image", Kind::DatabaseServer, "image"),
    row("MariaDB", "spec image", Kind::Site, "database image"),
    row("Cluster", "spec imageName", Kind::DatabaseServer, "image"),
    row("Cluster", "spec imageName", Kind::Site, "database image"),
    row("MariaDB", "spec replicas", Kind::DatabaseServer, "replicas"),
    row("Cluster", "spec instances", Kind::DatabaseServer, "instances"),
    row("Cluster", "spec instances", Kind::Site, "database instances"),
    row("MariaDB", "spec podDisruptionBudget *", Kind::DatabaseServer, "podDisruptionBudget *"),
    row("MariaDB", "spec podDisruptionBudget *", Kind::Site, "database podDisruptionBudget *"),
    row("Cluster", "spec postgresql parameters *", Kind::DatabaseServer, "settings *"),
    row("Cluster", "spec postgresql parameters *", Kind::Site, "database settings *"),
    row("Pooler", "spec instances", Kind::DatabaseServer, "pooler instances"),
    row("ExternalMariaDB", "spec host", Kind::DatabaseServer, "external host"),
    row("ExternalMariaDB", "spec port", Kind::DatabaseServer, "external port"),
    row("ExternalMariaDB", "spec username", Kind::DatabaseServer, "external username"),
    // Backups.
    row("Backup PhysicalBackup", "spec schedule cron", Kind::DatabaseServer, "backup schedule"),
    row("Backup PhysicalBackup", "spec schedule cron", Kind::Site, "backup schedule"),
    row("Backup PhysicalBackup", "spec maxRetention", Kind::DatabaseServer, "backup maxRetention"),
    row("Backup PhysicalBackup", "spec maxRetention", Kind::Site, "backup maxRetention"),
    row("Backup PhysicalBackup", "spec compression", Kind::DatabaseServer, "backup compression"),
    row("Backup PhysicalBackup", "spec compression", Kind::Site, "backup compression"),
    row("Backup PhysicalBackup", "spec resources *", Kind::DatabaseServer, "backup resources *"),
    row("Backup PhysicalBackup", "spec resources *", Kind::Site, "backup resources *"),
    // The objects of a site.
    row("User", "spec maxUserConnections", Kind::Site, "database maxUserConnections"),
    row("DatabaseRole", "spec connectionLimit", Kind::Site, "database maxUserConnections"),
    row("FrappeSite", "spec siteName", Kind::Site, "siteName"),
    row("FrappeSite", "spec domain", Kind::Site, "domain"),
    row("FrappeSite", "spec ingress *", Kind::Site, "ingress *"),
    row("FrappeSite", "spec ingressClassName", Kind::Site, "ingress className"),
    row("FrappeSite", "spec tls *", Kind::Site, "tls *"),
    row("FrappeSite", "metadata annotations frappe.io/site-version", Kind::Site, "siteVersion"),
    // The objects of a bench.
    row("FrappeBench", "spec frappeVersion", Kind::Bench, "frappeVersion"),
    row("FrappeBench", "spec imageConfig *", Kind::Bench, "image *"),
    row("FrappeBench", "spec componentReplicas *", Kind::Bench, "componentReplicas *"),
    row("FrappeBench", "spec componentResources *", Kind::Bench, "componentResources *"),
    row("FrappeBench", "spec redisConfig *", Kind::Bench, "redis *"),
    row("FrappeBench", "spec workerAutoscaling *", Kind::Bench, "workerAutoscaling *"),
    row("FrappeBench", "spec domainConfig *", Kind::Bench, "domain *"),
    row("FrappeBench", "spec gitConfig enabled", Kind::Bench, "git enabled"),
    row("FrappeBench", "spec security *", Kind::Bench, "security *"),
    row("FrappeBench", "spec storageClassName", Kind::Bench, "storageClassName"),
    // All objects of a definition.
    row("*", "metadata labels *", Kind::Site, "labels *"),
    row("*", "metadata labels *", Kind::DatabaseServer, "labels *"),
    row("*", "metadata labels *", Kind::Bench, "labels *"),
    row("*", "metadata annotations *", Kind::Site, "annotations *"),
    row("*", "metadata annotations *", Kind::DatabaseServer, "annotations *"),
    row("*", "metadata annotations *", Kind::Bench, "annotations *"),
];

/// The keys of the field of a definition that decides a field of an object. `None` if the language has no such field.
pub fn stated_field(kind: &str, path: &[String], of: Kind) -> Option<Vec<String>> {
    let rows = ROWS.iter().filter(|row| {
        row.of == of && row.kinds.split(' ').any(|known| known == "*" || known == kind)
    });
    rows.filter_map(|row| below(row.object, row.field, path)).next()
}

/// The keys of a definition's field, if the object's field is the one of a row.
fn below(object: &str, field: &str, path: &[String]) -> Option<Vec<String>> {
    let keys: Vec<&str> = object.split(' ').collect();
    let field = field.split(' ').map(str::to_owned);
    match keys.split_last() {
        Some((&"*", start)) => {
            let rest = path.get(start.len()..).filter(|rest| !rest.is_empty())?;
            let is_it = start.iter().zip(path).all(|(key, found)| key == found);
            let field = field.filter(|key| key != "*");
            is_it.then(|| field.chain(rest.iter().cloned()).collect())
        }
        _ => path.iter().eq(keys.iter()).then(|| field.collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::json_schema;
    use crate::object::ObjectKind;

    /// A row of a field that the language does not have would be of no use.
    #[test]
    fn every_row_names_a_kind_and_a_field_of_the_language() {
        for StatedField { kinds, of, field, .. } in ROWS {
            for kind in kinds.split(' ').filter(|kind| *kind != "*") {
                assert!(ObjectKind::of(kind).is_some(), "{kind}");
            }
            let mut schema = json_schema(*of);
            for key in field.split(' ').filter(|key| *key != "*") {
                let inner = schema["anyOf"].get(0).unwrap_or(&schema).clone();
                schema = inner["properties"][key].clone();
                assert!(schema.is_object(), "{of:?} {field}: {key}");
            }
        }
    }

    #[test]
    fn fields_are_found_by_their_keys() {
        let of = |kind: &str, path: &str, of| {
            let path: Vec<String> = path.split(' ').map(str::to_owned).collect();
            stated_field(kind, &path, of).map(|keys| keys.join(" "))
        };
        let found = |path: &str| of("MariaDB", path, Kind::Site);
        assert_eq!(found("spec storage size").as_deref(), Some("database storageSize"));
        assert_eq!(
            found("spec resources requests cpu").as_deref(),
            Some("database resources requests cpu")
        );
        assert_eq!(found("spec resources"), None);
        assert_eq!(found("spec storage"), None);
        assert_eq!(found("spec port"), None);
        assert_eq!(of("MariaDB", "spec storage size", Kind::Bench), None);
        let label = of("Grant", "metadata labels example.com/a", Kind::Site);
        assert_eq!(label.as_deref(), Some("labels example.com/a"));
    }
}
