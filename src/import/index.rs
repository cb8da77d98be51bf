//! Finds objects by kind, namespace and name, and knows which of them a definition takes over.

use crate::live::LiveObject;
use crate::risk::Key;
use crate::site_database;
use crate::source::node::Node;
use std::collections::{BTreeMap, HashMap};

/// The API groups of the objects that are imported.
pub(super) const FRAPPE: &str = "vyogo.tech";
pub(super) const MARIADB: &str = "k8s.mariadb.com";
pub(super) const POSTGRES: &str = "postgresql.cnpg.io";

/// A Database of CloudNativePG. mariadb-operator has a kind of that name too.
pub(super) const POSTGRES_DATABASE: &str = "Database.postgresql.cnpg.io";

/// The kinds that definitions are made from, with their groups. Objects of any other kind are left alone.
pub(super) const KINDS: [(&str, &str); 17] = [
    ("FrappeSite", FRAPPE),
    ("FrappeBench", FRAPPE),
    ("MariaDB", MARIADB),
    ("ExternalMariaDB", MARIADB),
    ("Database", MARIADB),
    ("User", MARIADB),
    ("Grant", MARIADB),
    ("Backup", MARIADB),
    ("PhysicalBackup", MARIADB),
    ("Cluster", POSTGRES),
    ("Database", POSTGRES),
    ("DatabaseRole", POSTGRES),
    ("Pooler", POSTGRES),
    ("ScheduledBackup", POSTGRES),
    ("ObjectStore", "barmancloud.cnpg.io"),
    ("PodMonitor", "monitoring.coreos.com"),
    ("SiteDatabase", site_database::GROUP),
];

/// Secrets, and the kinds of objects that make them.
const SECRETS: [(&str, &str); 5] = [
    ("Secret", ""),
    ("SealedSecret", "bitnami.com"),
    ("ExternalSecret", "external-secrets.io"),
    ("PushSecret", "external-secrets.io"),
    ("Password", "generators.external-secrets.io"),
];

/// The place of an object among the objects that were read.
pub(super) type At = usize;

/// The objects that were read.
pub(super) struct Index<'l> {
    objects: &'l [LiveObject],
    by_name: HashMap<(&'l str, &'l str, &'l str), At>,
}

/// An object that a definition is made from.
#[derive(Clone, Copy)]
pub(super) struct Live<'l> {
    /// Its place among the objects.
    pub(super) at: At,
    /// The object.
    pub(super) object: &'l LiveObject,
}

impl<'l> Live<'l> {
    /// Its content.
    pub(super) fn node(self) -> &'l Node {
        &self.object.node
    }

    /// Its kind.
    pub(super) fn kind(self) -> &'l str {
        &self.object.key.kind
    }

    /// Its name.
    pub(super) fn name(self) -> &'l str {
        &self.object.key.name
    }

    /// Its namespace.
    pub(super) fn namespace(self) -> &'l str {
        &self.object.key.namespace
    }
}

impl<'l> Index<'l> {
    /// The index of these objects. Objects that are being deleted are left out.
    pub(super) fn new(objects: &'l [LiveObject]) -> Self {
        let mut by_name = HashMap::new();
        for (at, object) in objects.iter().enumerate() {
            if (is_imported(object) || is_secret(&object.key)) && !object.is_deleted {
                let key = &object.key;
                let kind = match (key.kind.as_str(), key.group.as_str()) {
                    ("Database", POSTGRES) => POSTGRES_DATABASE,
                    (kind, _) => kind,
                };
                by_name.insert((kind, key.namespace.as_str(), key.name.as_str()), at);
            }
        }
        Self { objects, by_name }
    }

    /// The object of this kind and name.
    pub(super) fn find(&self, kind: &str, namespace: &str, name: &str) -> Option<Live<'l>> {
        let at = *self.by_name.get(&(kind, namespace, name))?;
        Some(Live { at, object: &self.objects[at] })
    }

    /// All objects of a kind, in the order in which they were read.
    pub(super) fn all(&self, kind: &str) -> impl Iterator<Item = Live<'l>> + use<'l, '_> {
        let mut found: Vec<At> =
            self.by_name.iter().filter(|((of, ..), _)| *of == kind).map(|(_, at)| *at).collect();
        found.sort_unstable();
        found.into_iter().map(|at| Live { at, object: &self.objects[at] })
    }

    /// The id of the access key of an object store that a SealedSecret states in clear text.
    pub(super) fn access_key(&self, namespace: &str, name: &str) -> Option<&'l str> {
        let sealed = self.find("SealedSecret", namespace, name)?;
        super::value::text(sealed.node(), &["spec", "template", "data", "access-key-id"])
    }

    /// The value of a key beside the encrypted one, which a SealedSecret or an ExternalSecret states in clear text.
    pub(super) fn beside_key(&self, namespace: &str, name: &str, key: &str) -> Option<&'l str> {
        let of = |kind, path: &[&str]| {
            super::value::text(self.find(kind, namespace, name)?.node(), path)
        };
        let sealed = of("SealedSecret", &["spec", "template", "data", key]);
        sealed.or_else(|| of("ExternalSecret", &["spec", "target", "template", "data", key]))
    }

    /// The objects by their places.
    pub(super) fn objects(&self) -> &'l [LiveObject] {
        self.objects
    }

    /// How many objects of each kind are left alone, with those that were not read.
    pub(super) fn left_alone(
        &self,
        not_read: &BTreeMap<(String, String), usize>,
    ) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        let is_left = |object: &&LiveObject| !is_imported(object) && !is_secret(&object.key);
        let read = self.objects.iter().filter(is_left);
        let read = read.map(|it| ((it.key.kind.clone(), it.key.group.clone()), 1));
        let not_read = not_read.iter().map(|(of, count)| (of.clone(), *count));
        for ((kind, group), count) in read.chain(not_read) {
            let shown = if group.is_empty() { kind } else { format!("{kind} ({group})") };
            *counts.entry(shown).or_default() += count;
        }
        counts
    }
}

/// Whether an import needs the objects of a group and kind: those that become definitions, the Secrets that they name,
/// and the Deployments of the operators.
pub(super) fn is_needed(group: &str, kind: &str) -> bool {
    KINDS.contains(&(kind, group))
        || SECRETS.contains(&(kind, group))
        || [("Service", ""), ("Deployment", "apps")].contains(&(kind, group))
}

/// Whether an object is a Secret or makes one. The passwords of definitions are found in them.
fn is_secret(key: &Key) -> bool {
    SECRETS.contains(&(key.kind.as_str(), key.group.as_str()))
}

/// Whether definitions are made from objects of this kind.
fn is_imported(object: &LiveObject) -> bool {
    let key = &object.key;
    // Only the Service of a server outside the cluster is rendered. Its type tells it from all others.
    let is_address = key.kind == "Service"
        && key.group.is_empty()
        && super::value::text(&object.node, &["spec", "type"]) == Some("ExternalName");
    is_address || KINDS.contains(&(key.kind.as_str(), key.group.as_str()))
}
