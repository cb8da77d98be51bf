//! What goes under one name and comes under another in the same change.

use super::compare::{Action, ObjectChange};
use super::tree::{Key, Object};
use std::collections::BTreeMap;

/// What goes, by what it is apart from its object's name.
#[derive(Debug, Default)]
pub(super) struct Moves {
    /// FrappeSites by their siteName.
    sites: BTreeMap<String, String>,
    /// Users that drop their accounts, by these.
    users: BTreeMap<Account, String>,
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
        for change in changes.iter().filter(|change| change.action == Action::Removed) {
            let Some(base) = &change.base else { continue };
            let Key { cluster, namespace, name, .. } = &change.key;
            if let Some(site) = site_name(&change.key, base) {
                moves.sites.insert(site, format!("{cluster}/{namespace}/{name}"));
            }
            let account = account(&change.key, base);
            // Without a policy the operator drops it.
            let drops = base.text(&["spec", "cleanupPolicy"]) != Some("Skip");
            if let Some(account) = account.filter(|_| drops) {
                moves.users.insert(account, name.clone());
            }
        }
        moves
    }

    /// The FrappeSite that goes and has the siteName of one that comes.
    pub(super) fn site_before(&self, change: &ObjectChange) -> Option<&str> {
        let name = site_name(&change.key, change.head.as_ref()?)?;
        self.sites.get(&name).map(String::as_str)
    }

    /// The User that goes and drops the account of one that comes.
    pub(super) fn user_before(&self, change: &ObjectChange) -> Option<&str> {
        let account = account(&change.key, change.head.as_ref()?)?;
        self.users.get(&account).map(String::as_str)
    }
}

fn site_name(key: &Key, object: &Object) -> Option<String> {
    let name = object.text(&["spec", "siteName"])?;
    (key.kind == "FrappeSite").then(|| name.to_owned())
}

/// The account of a User, with the defaults of its schema.
fn account(key: &Key, object: &Object) -> Option<Account> {
    let of = |field: &[&str], default: &str| object.text(field).unwrap_or(default).to_owned();
    (key.kind == "User").then(|| Account {
        cluster: key.cluster.clone(),
        server: [
            of(&["spec", "mariaDbRef", "kind"], "MariaDB"),
            of(&["spec", "mariaDbRef", "namespace"], &key.namespace),
            of(&["spec", "mariaDbRef", "name"], ""),
        ],
        name: of(&["spec", "name"], &key.name),
        host: of(&["spec", "host"], "%"),
    })
}
