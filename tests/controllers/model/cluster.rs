//! A cluster in memory, with what its API server and its operators do.

use serde_yaml::Value;
use sitewright::operator::FrappeVersion;
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

/// What makes an object the same one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) group: String,
    pub(crate) kind: String,
    pub(crate) namespace: String,
    pub(crate) name: String,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} {}/{}", self.kind, self.namespace, self.name)
    }
}

type Texts = BTreeMap<String, String>;

/// An object, in a commit or live.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Object {
    pub(crate) key: Key,
    pub(crate) labels: Texts,
    pub(crate) annotations: Texts,
    pub(crate) spec: Value,
}

impl Object {
    /// Reads a manifest.
    pub(crate) fn read(bytes: &[u8]) -> Self {
        let mut value: Value = serde_yaml::from_slice(bytes).unwrap();
        let metadata = &value["metadata"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let texts = |value: &Value| -> Texts {
            let entries = value.as_mapping().into_iter().flatten();
            entries.map(|(key, value)| (text(key), text(value))).collect()
        };
        let group = text(&value["apiVersion"]);
        let key = Key {
            group: group.rsplit_once('/').map_or("", |(group, _)| group).to_owned(),
            kind: text(&value["kind"]),
            namespace: text(&metadata["namespace"]),
            name: text(&metadata["name"]),
        };
        let (labels, annotations) = (texts(&metadata["labels"]), texts(&metadata["annotations"]));
        let spec = value.get_mut("spec").map(std::mem::take).unwrap_or_default();
        Self { key, labels, annotations, spec }
    }

    /// What stands at a path of fields with dots between them.
    fn field(&self, path: &str) -> Option<&Value> {
        path.split('.').try_fold(&self.spec, |value, key| value.get(key))
    }

    fn text(&self, path: &str) -> &str {
        self.field(path).and_then(Value::as_str).unwrap_or_default()
    }
}

/// What a controller is to make of a cluster.
pub(crate) type Tree = BTreeMap<Key, Rc<Object>>;

/// When the API server refuses that a field changes.
#[derive(Clone, Copy)]
enum Fixed {
    Always,
    /// It had a value.
    OnceSet,
    /// It becomes less.
    Grows,
}

/// Fields that cannot change (source: the webhooks of mariadb-operator 25.10, `api/v1alpha1`).
const FIXED: &[(&str, &[&str], Fixed)] = &[
    ("Database", &["mariaDbRef", "name", "characterSet", "collate"], Fixed::Always),
    ("User", &["mariaDbRef", "name", "host"], Fixed::Always),
    (
        "Grant",
        &["mariaDbRef", "database", "table", "username", "host", "grantOption"],
        Fixed::Always,
    ),
    (
        "MariaDB",
        &["storage.storageClassName", "timeZone", "database", "username", "connection"],
        Fixed::Always,
    ),
    ("MariaDB", &["rootPasswordSecretKeyRef", "bootstrapFrom"], Fixed::OnceSet),
    ("MariaDB", &["storage.size"], Fixed::Grows),
    ("Backup", &["mariaDbRef", "storage", "restartPolicy"], Fixed::Always),
    ("Backup", &["maxRetention"], Fixed::OnceSet),
    ("PhysicalBackup", &["mariaDbRef", "storage", "schedule.cron"], Fixed::Always),
    ("MaxScale", &["mariaDbRef"], Fixed::Always),
];

/// An object that went.
#[derive(Clone, Debug)]
pub(crate) struct Gone {
    /// As it was at last.
    pub(crate) live: Object,
    /// What data went with it, and why.
    pub(crate) loss: Option<String>,
}

/// A cluster.
#[derive(Clone, Debug)]
pub(crate) struct Cluster {
    /// The operator that runs there.
    pub(crate) frappe: FrappeVersion,
    /// Whether mariadb-operator drops databases on servers outside the cluster.
    pub(crate) drops_outside: bool,
    objects: BTreeMap<Key, Object>,
    /// What went, in that order.
    pub(crate) gone: Vec<Gone>,
}

impl Cluster {
    pub(crate) fn new(frappe: FrappeVersion) -> Self {
        Self { frappe, drops_outside: true, objects: BTreeMap::new(), gone: Vec::new() }
    }

    pub(crate) fn live(&self, key: &Key) -> Option<&Object> {
        self.objects.get(key)
    }

    pub(crate) fn objects(&self) -> impl Iterator<Item = &Object> {
        self.objects.values()
    }

    /// Server-side apply of a whole object by the one who always applies it: what it states no more
    /// goes. An object that is refused stays as it was.
    pub(crate) fn apply(&mut self, object: Object) -> Result<(), String> {
        if let Some(live) = self.objects.get(&object.key) {
            admit(live, &object)?;
        }
        self.objects.insert(object.key.clone(), object);
        Ok(())
    }

    /// Deletes an object, and lets its operator act.
    pub(crate) fn delete(&mut self, key: &Key) {
        let Some(live) = self.objects.remove(key) else { return };
        let loss = self.loss(&live);
        self.gone.push(Gone { live, loss });
    }

    /// What data goes with an object.
    fn loss(&self, live: &Object) -> Option<String> {
        match live.key.kind.as_str() {
            // 25.10 finds no such server when an object goes (source: `Finalize` in
            // `pkg/controller/sql/finalizer.go`).
            "Database"
                if !self.drops_outside && live.text("mariaDbRef.kind") == "ExternalMariaDB" =>
            {
                None
            }
            // Unset means Delete (source: `CleanupPolicy` of mariadb-operator's `SQLTemplate`).
            "Database" if live.text("cleanupPolicy") != "Skip" => Some(
                "mariadb-operator drops the database: its cleanupPolicy is not Skip".to_owned(),
            ),
            // A StatefulSet keeps its volumes unless it is told otherwise.
            "MariaDB" if live.text("storage.pvcRetentionPolicy.whenDeleted") == "Delete" => {
                Some("the server's volumes go with it: whenDeleted is Delete".to_owned())
            }
            // 2.3 only takes its finalizer off; 2.6 runs `bench drop-site --no-backup`.
            "FrappeSite" if self.frappe.profile().drops_site => {
                Some("frappe-operator 2.6 drops the site with its database".to_owned())
            }
            // Its data stays, and nothing else can decrypt it.
            "SealedSecret" | "ExternalSecret" if live.key.name.ends_with("-fernet-key") => {
                Some("the encrypted fields of the site can never be read again".to_owned())
            }
            _ => None,
        }
    }
}

fn admit(live: &Object, object: &Object) -> Result<(), String> {
    for (kind, fields, fixed) in FIXED {
        if *kind != live.key.kind {
            continue;
        }
        for field in *fields {
            let (old, new) = (live.field(field), object.field(field));
            let is_fine = match fixed {
                Fixed::Always => old == new,
                Fixed::OnceSet => old.is_none() || old == new,
                Fixed::Grows => gibibytes(old) <= gibibytes(new),
            };
            if !is_fine {
                return Err(format!("{}: {field} is immutable", live.key));
            }
        }
    }
    Ok(())
}

/// The fleets of these tests state sizes so.
fn gibibytes(size: Option<&Value>) -> Option<u32> {
    size?.as_str()?.strip_suffix("Gi")?.parse().ok()
}
