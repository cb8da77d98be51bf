//! The values that API servers and operators write into objects where nobody states them: one row for each
//! field, with its source.
//!
//! [`even_out`] takes such values out of a live object and out of the rendered one. A comparison of the two then
//! sees only what people state.

mod frappe;
mod mariadb;
mod postgres;
mod row;
mod secrets;
mod server;

pub use row::{Filled, Given, Scene, Writer};

use crate::diff::same;
use crate::operator::Profiles;
use crate::source::node::{Node, Value};

/// The rows of a kind.
#[derive(Debug)]
pub struct OfKind {
    /// The group of its `apiVersion`.
    pub group: &'static str,
    /// The kind.
    pub kind: &'static str,
    /// Its rows. A row stands below the rows of the maps in which its field is.
    pub rows: &'static [&'static [Filled]],
}

impl OfKind {
    /// Its rows in their order.
    pub fn rows(&self) -> impl DoubleEndedIterator<Item = &'static Filled> + use<> {
        self.rows.iter().copied().flatten()
    }
}

const MARIADB: &str = "k8s.mariadb.com";
const FRAPPE: &str = "vyogo.tech";
const POSTGRES: &str = "postgresql.cnpg.io";
const EXTERNAL_SECRETS: &str = "external-secrets.io";
const GENERATORS: &str = "generators.external-secrets.io";

/// All rows.
pub static TABLE: &[OfKind] = &[
    OfKind { group: MARIADB, kind: "Database", rows: &[mariadb::DATABASE] },
    OfKind { group: MARIADB, kind: "User", rows: &[mariadb::USER] },
    OfKind { group: MARIADB, kind: "Grant", rows: &[mariadb::GRANT] },
    OfKind { group: MARIADB, kind: "ExternalMariaDB", rows: &[mariadb::EXTERNAL] },
    OfKind { group: MARIADB, kind: "Backup", rows: &[mariadb::BACKUP] },
    OfKind { group: MARIADB, kind: "PhysicalBackup", rows: &[mariadb::PHYSICAL_BACKUP] },
    OfKind {
        group: MARIADB,
        kind: "MariaDB",
        rows: &[server::SERVER, server::METRICS, server::REPLICATION, server::GALERA],
    },
    OfKind { group: FRAPPE, kind: "FrappeSite", rows: &[frappe::SITE] },
    OfKind { group: FRAPPE, kind: "FrappeBench", rows: &[frappe::BENCH, frappe::SCALING] },
    OfKind { group: POSTGRES, kind: "Cluster", rows: &[postgres::CLUSTER, postgres::PARAMETERS] },
    OfKind { group: POSTGRES, kind: "Database", rows: &[postgres::DATABASE] },
    OfKind { group: POSTGRES, kind: "DatabaseRole", rows: &[postgres::ROLE] },
    OfKind { group: POSTGRES, kind: "Pooler", rows: &[postgres::POOLER] },
    OfKind { group: POSTGRES, kind: "ScheduledBackup", rows: &[postgres::SCHEDULED_BACKUP] },
    OfKind { group: EXTERNAL_SECRETS, kind: "ExternalSecret", rows: &[secrets::EXTERNAL_SECRET] },
    OfKind { group: EXTERNAL_SECRETS, kind: "PushSecret", rows: &[secrets::PUSH_SECRET] },
    OfKind { group: GENERATORS, kind: "Password", rows: &[secrets::PASSWORD] },
    OfKind { group: "", kind: "Service", rows: &[secrets::SERVICE] },
];

/// The rows of the kind of an object.
fn of_kind(object: &Node) -> Option<&'static OfKind> {
    let kind = object.get("kind")?.as_str()?;
    let group = object.get("apiVersion")?.as_str()?.split_once('/').map_or("", |(group, _)| group);
    TABLE.iter().find(|of| of.kind == kind && of.group == group)
}

/// Takes the values that nobody stated out of a live object and of the rendered one. A field goes if only one of
/// the two has it, and its value is the one that is filled in.
pub fn even_out(live: &mut Node, rendered: &mut Node, profiles: Profiles) {
    let Some(of_kind) = of_kind(live) else { return };
    let scene = Scene { object: live, profiles };
    let rows = of_kind.rows().rev().filter(|row| (row.only)(scene));
    let rows: Vec<(&Filled, Option<Node>)> = rows.map(|row| (row, row.value.of(scene))).collect();
    // The rows of a map's fields come first, so that an empty map is left of a map that nobody stated.
    for (row, value) in rows {
        let Some(value) = value else { continue };
        let keys: Vec<&str> = row.path.split('.').collect();
        let field = Field { keys: &keys, row, value: &value };
        take_out(live, Some(rendered), 0, &field);
        take_out(rendered, Some(live), 0, &field);
    }
}

/// A field to take out.
struct Field<'a> {
    keys: &'a [&'a str],
    row: &'a Filled,
    value: &'a Node,
}

impl Field<'_> {
    /// Whether a value is the one that is filled in.
    fn is_filled(&self, value: &Node) -> bool {
        let path = || self.keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>();
        self.row.value.is_any()
            || value.value == self.value.value
            || same(&path(), value, self.value)
    }
}

/// Takes a field out of a map if the other object lacks it, and the map too if nothing else is left of it.
/// `depth` is the number of keys that lead to the map.
fn take_out(map: &mut Node, other: Option<&Node>, depth: usize, field: &Field) {
    let Value::Map(entries) = &mut map.value else { return };
    let (key, is_list) = match field.keys[depth].strip_suffix("[]") {
        Some(key) => (key, true),
        None => (field.keys[depth], false),
    };
    let is_last = depth + 1 == field.keys.len();
    entries.retain_mut(|entry| {
        if key != "*" && *entry.key != *key {
            return true;
        }
        let beside = other.and_then(|other| other.get(&entry.key));
        if is_last {
            return beside.is_some() || !field.is_filled(&entry.node);
        }
        match (&mut entry.node.value, is_list) {
            (Value::List(items), true) => {
                for (at, item) in items.iter_mut().enumerate() {
                    let beside = beside.and_then(|list| match &list.value {
                        Value::List(items) => items.get(at),
                        _ => None,
                    });
                    take_out(item, beside, depth + 1, field);
                }
                true
            }
            (Value::Map(below), false) if !below.is_empty() => {
                take_out(&mut entry.node, beside, depth + 1, field);
                beside.is_some() || !entry.node.entries().is_empty()
            }
            _ => true,
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::FileId;
    use crate::source::yaml;
    use std::collections::BTreeSet;

    fn node(text: &str) -> Node {
        yaml::read(text, FileId::NONE).unwrap()
    }

    /// What is left of a live and a rendered spec of a kind.
    fn left(api: &str, live: &str, rendered: &str) -> (String, String) {
        let object = |spec: &str| node(&format!("{api}\nmetadata: {{name: a}}\nspec: {spec}\n"));
        let (mut live, mut rendered) = (object(live), object(rendered));
        even_out(&mut live, &mut rendered, Profiles::of_cases());
        let text = |node: &Node| {
            let mut text = String::new();
            crate::manifest::writer::write(node.get("spec").unwrap(), &mut text);
            text
        };
        (text(&live), text(&rendered))
    }

    const DATABASE: &str = "apiVersion: k8s.mariadb.com/v1alpha1\nkind: Database";
    const SERVER: &str = "apiVersion: k8s.mariadb.com/v1alpha1\nkind: MariaDB";
    const SITE: &str = "apiVersion: vyogo.tech/v1alpha1\nkind: FrappeSite";

    #[test]
    fn a_value_that_nobody_stated_goes_from_either_side() {
        let (live, rendered) = left(
            DATABASE,
            "{name: a, characterSet: utf8, mariaDbRef: {name: m, waitForIt: true}}",
            "{name: a, collate: utf8_general_ci, mariaDbRef: {name: m}}",
        );
        assert_eq!(live, rendered);
        assert!(!live.contains("waitForIt") && !live.contains("utf8"), "{live}");
    }

    #[test]
    fn a_value_that_somebody_stated_stays() {
        let (live, rendered) = left(
            DATABASE,
            "{characterSet: utf8, mariaDbRef: {name: m, waitForIt: false}}",
            "{characterSet: utf8mb4, mariaDbRef: {name: m}}",
        );
        assert!(
            live.contains("waitForIt: false") && live.contains("characterSet: utf8\n"),
            "{live}"
        );
        assert!(rendered.contains("characterSet: utf8mb4"), "{rendered}");
    }

    #[test]
    fn a_map_goes_with_its_last_value() {
        let claim = "{accessModes: [ReadWriteOnce], resources: {requests: {storage: 1024Mi}}}";
        let live = format!(
            "{{storage: {{size: 1Gi, volumeClaimTemplate: {claim}}}, rootEmptyPassword: false}}"
        );
        let (live, rendered) = left(SERVER, &live, "{storage: {size: 1Gi}}");
        assert_eq!(live, rendered);
        let (live, _) = left(
            SERVER,
            "{storage: {size: 1Gi, volumeClaimTemplate: {accessModes: [ReadWriteMany]}}}",
            "{storage: {size: 1Gi}}",
        );
        assert!(live.contains("ReadWriteMany"), "{live}");
    }

    /// A server whose block `tls` lacks `enabled` has no TLS.
    #[test]
    fn an_empty_block_is_not_an_absent_one() {
        let (live, rendered) = left(SERVER, "{tls: {}}", "{tls: {enabled: true}}");
        assert_ne!(live, rendered);
        let (live, rendered) = left(SERVER, "{port: 3306}", "{tls: {enabled: true}}");
        assert_eq!(live, rendered);
    }

    #[test]
    fn the_rewrite_of_frappe_operator_is_no_difference() {
        let (live, rendered) =
            left(SITE, "{siteName: a, tls: {}}", "{siteName: a, tls: {enabled: false}}");
        assert_eq!(live, rendered);
        let (live, rendered) =
            left(SITE, "{siteName: a, tls: {}}", "{siteName: a, tls: {enabled: true}}");
        assert_ne!(live, rendered);
    }

    #[test]
    fn a_value_that_does_not_follow_from_the_object_goes_whatever_it_is() {
        let live = "{replication: {enabled: true, primary: {podIndex: 2, autoFailover: true}, agent: {image: x, port: 5555}}}";
        let (live, rendered) = left(SERVER, live, "{replication: {enabled: true}}");
        assert_eq!(live, rendered);
        let (live, _) = left(
            SERVER,
            "{replication: {enabled: true, agent: {port: 1}}}",
            "{replication: {enabled: true}}",
        );
        assert!(live.contains("port: 1"), "{live}");
    }

    #[test]
    fn a_row_stands_below_the_maps_of_its_field_and_once() {
        for of in TABLE {
            let mut seen = BTreeSet::new();
            for row in of.rows() {
                assert!(seen.insert(row.path), "{} {} twice", of.kind, row.path);
                assert!(!row.source.is_empty(), "{} {}", of.kind, row.path);
            }
            // A map that is filled in as a whole needs no row above its fields: they have their own values.
            let rows: Vec<&Filled> = of.rows().collect();
            for (at, row) in rows.iter().enumerate() {
                let starts = |above: &str| {
                    row.path.strip_prefix(above).is_some_and(|it| it.starts_with('.'))
                };
                let is_map =
                    |above: &Filled| matches!(above.value, Given::Map) && starts(above.path);
                let late = rows[at..].iter().find(|above| is_map(above));
                assert!(late.is_none(), "{} {} stands above {late:?}", of.kind, row.path);
            }
        }
    }
}
