//! Dangers of the objects of frappe-operator, and of what belongs to them.

use super::{FRAPPE, Live, MARIADB, about, text};
use crate::diagnostic::{Code, Diagnostic};
use crate::live::{LiveObject, Owner};
use crate::operator::Frappe;
use std::collections::BTreeSet;

/// The kinds whose controllers make Secrets and accounts of their own, which go along with them rightly.
const MAKERS: [&str; 6] =
    ["SealedSecret", "ExternalSecret", "MariaDB", "MaxScale", "Cluster", "PushSecret"];

pub(super) fn owned(live: &Live) -> Vec<Diagnostic> {
    let read = secrets_in_use(live);
    let is_password = |object: &&LiveObject| {
        object.key.kind == "Secret" && read.contains(&(&*object.key.namespace, &*object.key.name))
    };
    let kinds = [
        ("Database", "the database"),
        ("User", "the account"),
        ("Grant", "the privileges"),
        ("MariaDB", "the server"),
    ];
    let of_kinds =
        kinds.iter().flat_map(|(kind, lost)| live.of(MARIADB, kind).map(|it| (it, *lost)));
    let passwords = live.of("", "Secret").filter(is_password).map(|it| (it, "the password"));
    let mut found = Vec::new();
    for (object, lost) in of_kinds.chain(passwords) {
        let is_maker = |owner: &&Owner| !MAKERS.contains(&owner.kind.as_str());
        for owner in object.owners.iter().filter(is_maker) {
            let message = format!(
                "the {} is owned by the {} {}: Kubernetes deletes it, and {lost} with it, when that one is deleted",
                object.key, owner.kind, owner.name
            );
            let help = format!(
                "remove `metadata.ownerReferences` of the {} before anything deletes the {}",
                object.key.kind, owner.kind
            );
            // SW845: an object that is deleted with its owner.
            found.push(about(Code::OwnedObject, object, message, help));
        }
    }
    found
}

/// The namespaces and names of the Secrets with passwords that other objects read.
fn secrets_in_use<'o>(live: &Live<'o>) -> BTreeSet<(&'o str, &'o str)> {
    let references: [(&str, &str, &[&str]); 5] = [
        (MARIADB, "User", &["spec", "passwordSecretKeyRef", "name"]),
        (MARIADB, "MariaDB", &["spec", "rootPasswordSecretKeyRef", "name"]),
        (MARIADB, "ExternalMariaDB", &["spec", "passwordSecretKeyRef", "name"]),
        (FRAPPE, "FrappeSite", &["spec", "adminPasswordSecretRef", "name"]),
        (FRAPPE, "FrappeSite", &["spec", "encryptionKeySecretRef", "name"]),
    ];
    let mut found = BTreeSet::new();
    for (group, kind, path) in references {
        let of_kind = live.of(group, kind);
        found.extend(of_kind.filter_map(|it| Some((&*it.key.namespace, text(it, path)?))));
    }
    found
}

pub(super) fn without_domain(live: &Live) -> Vec<Diagnostic> {
    let sites = live.of(FRAPPE, "FrappeSite");
    let sites = sites.filter(|site| text(site, &["spec", "domain"]).is_none_or(str::is_empty));
    let of = |site: &LiveObject| {
        let name = text(site, &["spec", "siteName"]).unwrap_or("its siteName");
        let message = format!(
            "the {} has no `domain`, so frappe-operator takes one from what it finds in the cluster",
            site.key
        );
        let help = format!(
            "state the host of the Ingress `{}-ingress` as `domain`, if it is not `{name}`",
            site.key.name
        );
        // SW846: a live site without a domain.
        about(Code::NoDomain, site, message, help)
    };
    sites.map(of).collect()
}

pub(super) fn external_provider(live: &Live) -> Vec<Diagnostic> {
    if live.profiles.frappe.takes_connection {
        return Vec::new();
    }
    let is_external =
        |site: &&LiveObject| text(site, &["spec", "dbConfig", "provider"]) == Some("external");
    let of = |site: &LiveObject| {
        let id = live.profiles.frappe.id;
        let message = format!(
            "the {} has `provider: external`, with which no site of frappe-operator {id} comes up",
            site.key
        );
        let help = format!(
            "use frappe-operator {}, or state `provider: mariadb` with a `mariadbRef`",
            Frappe::versions_that(|profile| profile.takes_connection)
        );
        // SW847: a live site whose connection this operator does not know.
        about(Code::NoConnection, site, message, help)
    };
    live.of(FRAPPE, "FrappeSite").filter(is_external).map(of).collect()
}
