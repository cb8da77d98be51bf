//! What comes and goes in the same change, by what it is apart from its object's name.

use super::compare::{Action, FieldChange, ObjectChange};
use super::tree::{Key, Object};
use crate::source::node::Node;
use std::collections::{BTreeMap, BTreeSet};

/// What comes and goes.
#[derive(Debug, Default)]
pub(super) struct Moves {
    /// FrappeSites that go, by their siteName.
    sites: BTreeMap<String, String>,
    /// Users that go and drop their accounts, by these.
    users: BTreeMap<Account, String>,
    /// The accounts of Grants that come.
    granted: BTreeSet<Account>,
    /// Secrets whose reader, a User, reads another one that comes: the names of these.
    secrets: BTreeMap<Secret, String>,
}

/// A Secret: its cluster, its namespace and its name.
type Secret = [String; 3];

fn secret(key: &Key, name: &str) -> Secret {
    [key.cluster.clone(), key.namespace.clone(), name.to_owned()]
}

/// An account on a server.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Account {
    cluster: String,
    /// The kind, namespace and name.
    server: [String; 3],
    name: String,
    host: String,
}

impl Moves {
    pub(super) fn of(changes: &[ObjectChange]) -> Self {
        let mut moves = Self::default();
        for change in changes.iter().filter(|change| change.action == Action::Added) {
            let account = change.head.as_ref().and_then(|head| account(&change.key, head, GRANT));
            moves.granted.extend(account);
        }
        for change in changes.iter().filter(|change| change.action == Action::Removed) {
            let Some(base) = &change.base else { continue };
            let Key { cluster, namespace, name, .. } = &change.key;
            if let Some(site) = site_name(&change.key, base) {
                moves.sites.insert(site, format!("{cluster}/{namespace}/{name}"));
            }
            let account = account(&change.key, base, USER);
            // Without a policy the operator drops it.
            let drops = base.text(&["spec", "cleanupPolicy"]) != Some("Skip");
            if let Some(account) = account.filter(|_| drops) {
                moves.users.insert(account, name.clone());
            }
        }
        moves.secrets = secrets(changes);
        moves
    }

    /// Whether a Secret's password moves to another Secret: that of a carrier, or the one that a field names.
    pub(super) fn moves_secret(&self, change: &ObjectChange, field: Option<&FieldChange>) -> bool {
        let Some(field) = field else {
            return self.secrets.contains_key(&secret(&change.key, &change.key.name));
        };
        let text = |node: &Option<Node>| Some(node.as_ref()?.as_str()?.to_owned());
        let moved = text(&field.old).and_then(|old| self.secrets.get(&secret(&change.key, &old)));
        moved.is_some() && moved.cloned() == text(&field.new)
    }

    /// The FrappeSite that goes and has the siteName of one that comes.
    pub(super) fn site_before(&self, change: &ObjectChange) -> Option<&str> {
        let name = site_name(&change.key, change.head.as_ref()?)?;
        self.sites.get(&name).map(String::as_str)
    }

    /// The User that goes and drops the account of one that comes.
    pub(super) fn user_before(&self, change: &ObjectChange) -> Option<&str> {
        let account = account(&change.key, change.head.as_ref()?, USER)?;
        self.users.get(&account).map(String::as_str)
    }

    /// Whether a Grant for the account of a User comes too.
    pub(super) fn has_new_grant(&self, change: &ObjectChange) -> bool {
        let account = change.head.as_ref().and_then(|head| account(&change.key, head, USER));
        account.is_some_and(|account| self.granted.contains(&account))
    }
}

/// The Secrets that Users read no more, with those that they read instead and that come in the same change.
fn secrets(changes: &[ObjectChange]) -> BTreeMap<Secret, String> {
    const NAME: [&str; 3] = ["spec", "passwordSecretKeyRef", "name"];
    let is_carrier = |change: &&ObjectChange| {
        change.action == Action::Added
            && ["SealedSecret", "ExternalSecret"].contains(&change.key.kind.as_str())
    };
    let coming = changes.iter().filter(is_carrier);
    let coming: BTreeSet<Secret> =
        coming.map(|change| secret(&change.key, &change.key.name)).collect();
    let users = changes.iter().filter(|change| change.key.kind == "User");
    let moved = users.filter_map(|change| {
        let old = change.base.as_ref()?.text(&NAME)?;
        let new = change.head.as_ref()?.text(&NAME)?;
        let moves = old != new && coming.contains(&secret(&change.key, new));
        moves.then(|| (secret(&change.key, old), new.to_owned()))
    });
    moved.collect()
}

fn site_name(key: &Key, object: &Object) -> Option<String> {
    let name = object.text(&["spec", "siteName"])?;
    (key.kind == "FrappeSite").then(|| name.to_owned())
}

/// A kind, and the field that names an account in it.
const USER: (&str, &str) = ("User", "name");
const GRANT: (&str, &str) = ("Grant", "username");

/// The account that an object of a kind is about, with the defaults of its schema.
fn account(key: &Key, object: &Object, (kind, name): (&str, &str)) -> Option<Account> {
    let of = |field: &[&str], default: &str| object.text(field).unwrap_or(default).to_owned();
    (key.kind == kind).then(|| Account {
        cluster: key.cluster.clone(),
        server: [
            of(&["spec", "mariaDbRef", "kind"], "MariaDB"),
            of(&["spec", "mariaDbRef", "namespace"], &key.namespace),
            of(&["spec", "mariaDbRef", "name"], ""),
        ],
        name: of(&["spec", name], &key.name),
        host: of(&["spec", "host"], "%"),
    })
}
