//! What a new version of an operator does that the old one does not, as their profiles say. A diff of manifests
//! does not show it.

use crate::operator::frappe::{Apps, RerunsInit};
use crate::operator::{Frappe, Mariadb, Profiles};

/// Something that a version of an operator does: how its profile says so, and what is said of it.
type Effect<P> = (fn(&P) -> bool, &'static str);

const OF_FRAPPE: &[Effect<Frappe>] = &[
    (|it| it.drops_site, "the deletion of a FrappeSite drops its site and its database"),
    (
        |it| it.follows_images,
        "the Deployments of a bench get the image that the bench states: compare it with the image that runs now, \
         and run `bench --site SITE migrate` if it is newer",
    ),
    (
        |it| it.reruns_init == RerunsInit::OnAnyChange,
        "a change of a FrappeSite runs its init Job again, which writes the site's configuration",
    ),
    (
        |it| it.reruns_init == RerunsInit::OnSiteVersion,
        "new apps and new passwords reach a site that is ready only when its `siteVersion` changes",
    ),
    (
        |it| it.apps == Apps::Stated,
        "a new site gets the apps in `apps`, and erpnext only if it is among them",
    ),
];

const OF_MARIADB: &[Effect<Mariadb>] = &[
    (
        |it| it.rotates_root_password,
        "a root password that changed in its Secret is applied to the server, also one that changed before",
    ),
    (
        |it| it.drops_outside,
        "the deletion of a Database or User of a server outside the cluster also drops it there, as its \
         `cleanupPolicy` says",
    ),
];

/// What the versions after an upgrade do that those before do not.
pub(super) fn of(before: &Profiles, after: &Profiles) -> Vec<&'static str> {
    let frappe = new(OF_FRAPPE, before.frappe, after.frappe);
    let mariadb = match (before.mariadb, after.mariadb) {
        (Some(before), Some(after)) => new(OF_MARIADB, before, after),
        _ => Vec::new(),
    };
    [frappe, mariadb].concat()
}

fn new<P>(all: &[Effect<P>], before: &P, after: &P) -> Vec<&'static str> {
    let is_new = |(does, _): &&Effect<P>| does(after) && !does(before);
    all.iter().filter(is_new).map(|(_, text)| *text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(from: (&str, &str), to: (&str, &str)) -> Vec<&'static str> {
        let profiles = |(frappe, mariadb)| Profiles {
            frappe: Frappe::of(frappe),
            mariadb: Some(Mariadb::of(mariadb)),
            cloudnative_pg: None,
        };
        of(&profiles(from), &profiles(to))
    }

    #[test]
    fn what_a_version_begins_to_do_is_said_once() {
        assert_eq!(texts(("2.3", "25.10"), ("2.5", "25.10")), [""; 0]);
        let found = texts(("2.5", "25.10"), ("2.6", "25.10"));
        assert_eq!(found.len(), 4, "{found:?}");
        assert!(found[0].contains("drops its site and its database"), "{found:?}");
        let found = texts(("2.6", "25.10"), ("5.2", "25.10"));
        assert!(matches!(found[..], [only] if only.contains("siteVersion")), "{found:?}");
        assert_eq!(texts(("2.6", "25.10"), ("2.6", "26.6")).len(), OF_MARIADB.len());
        assert_eq!(texts(("2.6", "26.6"), ("2.6", "26.6")), [""; 0]);
    }
}
