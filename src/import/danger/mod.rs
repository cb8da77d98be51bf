//! Finds states of live objects that harm data or people, whether or not the objects are imported.

mod accounts;
mod sites;

use crate::diagnostic::{Code, Diagnostic, Line, Place};
use crate::live::{self, LiveObject};
use crate::operator::Profiles;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The diagnostics about dangerous states. `profiles` has the operators of the objects' cluster.
pub fn dangers(objects: &[LiveObject], profiles: Profiles) -> Vec<Diagnostic> {
    let live = Live { objects, profiles };
    let rules: [fn(&Live) -> Vec<Diagnostic>; 8] = [
        accounts::unescaped_grants,
        accounts::cleanup_policies,
        accounts::shared_accounts,
        accounts::shared_databases,
        accounts::shared_names,
        sites::owned,
        sites::without_domain,
        sites::external_provider,
    ];
    rules.iter().flat_map(|rule| rule(&live)).collect()
}

const MARIADB: &str = "k8s.mariadb.com";
const FRAPPE: &str = "vyogo.tech";

/// The objects of a cluster, and its operators.
struct Live<'o> {
    objects: &'o [LiveObject],
    profiles: Profiles,
}

impl<'o> Live<'o> {
    /// The objects of a kind.
    fn of(&self, group: &str, kind: &str) -> impl Iterator<Item = &'o LiveObject> {
        self.objects.iter().filter(move |it| it.key.kind == kind && it.key.group == group)
    }
}

/// The text at a path of keys.
fn text<'o>(object: &'o LiveObject, path: &[&str]) -> Option<&'o str> {
    path.iter().try_fold(&object.node, |node, key| node.get(key))?.as_str()
}

/// A warning about an object, at its file and line.
fn about(code: Code, object: &LiveObject, message: String, help: String) -> Diagnostic {
    Diagnostic::at(code, place(object), message).help(help)
}

/// The file and line of an object. The line itself may have a password.
pub(super) fn place(object: &LiveObject) -> Place {
    let live::Place { file, line } = &object.place;
    Place::Line(Arc::new(Line {
        path: file.to_string(),
        number: *line as usize,
        text: String::new(),
    }))
}

/// A diagnostic for each object that shares something with an earlier one.
fn twins<'o, K: Ord>(
    objects: impl Iterator<Item = (K, &'o LiveObject)>,
    said: impl Fn(&K, &LiveObject, &LiveObject) -> Diagnostic,
) -> Vec<Diagnostic> {
    let mut by_thing: BTreeMap<K, Vec<&LiveObject>> = BTreeMap::new();
    for (thing, object) in objects {
        by_thing.entry(thing).or_default().push(object);
    }
    let mut found = Vec::new();
    for (thing, objects) in by_thing {
        let [first, others @ ..] = &objects[..] else { continue };
        for other in others.iter().filter(|other| other.key != first.key) {
            let mut problem = said(&thing, other, first);
            problem.related.push((place(first), "the other one".to_owned()));
            found.push(problem);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::given::objects;
    use super::*;

    /// What is said of a stream that has one object on each line: the code, the line, and the text.
    fn said(stream: &str) -> Vec<(&'static str, String, String)> {
        let found = dangers(&objects(stream), Profiles::of_cases());
        let one = |it: &Diagnostic| {
            let Place::Line(line) = &it.place else { panic!("{it:?}") };
            let path = format!("{}:{}", line.path, line.number);
            let help = it.help.clone().unwrap();
            (it.code.id(), path, format!("{}; {help}", it.message))
        };
        found.iter().map(one).collect()
    }

    const DATABASE: &str = "apiVersion: k8s.mariadb.com/v1alpha1, kind: Database";
    const USER: &str = "apiVersion: k8s.mariadb.com/v1alpha1, kind: User";
    const GRANT: &str = "apiVersion: k8s.mariadb.com/v1alpha1, kind: Grant";
    const SITE: &str = "apiVersion: vyogo.tech/v1alpha1, kind: FrappeSite";

    /// An object on one line.
    fn object(api: &str, name: &str, spec: &str) -> String {
        format!("{{{api}, metadata: {{name: {name}, namespace: erp}}, spec: {{{spec}}}}}\n")
    }

    /// Asserts that exactly one thing is said: this code, of this line, with these words.
    fn one(stream: &str, code: &str, line: usize, words: &[&str]) {
        let found = said(stream);
        let [(id, place, text)] = &found[..] else { panic!("{found:#?}") };
        assert_eq!((*id, place.as_str()), (code, format!("dump.yaml:{line}").as_str()));
        for word in words {
            assert!(text.contains(word), "{word}: {text}");
        }
    }

    #[test]
    fn a_grant_with_a_wildcard_is_said() {
        let grant = |database: &str, more: &str| {
            let spec = format!(
                "database: '{database}', username: a, cleanupPolicy: Skip, mariaDbRef: {{name: m}}{more}"
            );
            object(GRANT, "a-grant", &spec)
        };
        one(
            &grant("_a1_site", ""),
            "SW840",
            1,
            &["Grant erp/a-grant", "`_a1_site`", "`\\_a1\\_site`"],
        );
        one(&grant("\\_a1_site", ""), "SW840", 1, &["`\\_a1\\_site`"]);
        one(&grant("a%", ""), "SW840", 1, &["`a\\%`"]);
        for quiet in [
            grant("\\_a1\\_site", ""),
            grant("a", ""),
            grant("a_b", ", table: tabUser"),
            grant("*", ""),
        ] {
            assert_eq!(said(&quiet), []);
        }
    }

    #[test]
    fn an_object_whose_removal_drops_data_is_said() {
        let of = |api: &str, policy: &str| {
            object(api, "a", &format!("name: a, mariaDbRef: {{name: m}}{policy}"))
        };
        one(&of(DATABASE, ""), "SW841", 1, &["Database erp/a", "drops the database", "`Skip`"]);
        one(&of(DATABASE, ", cleanupPolicy: Delete"), "SW841", 1, &["`Delete`"]);
        one(&of(USER, ""), "SW841", 1, &["drops the account"]);
        one(&of(GRANT, ""), "SW841", 1, &["revokes the privileges"]);
        for quiet in [of(USER, ", cleanupPolicy: Delete"), of(DATABASE, ", cleanupPolicy: Skip")] {
            assert_eq!(said(&quiet), []);
        }
    }

    #[test]
    fn two_users_of_one_account_are_said() {
        let user = |object_name: &str, spec: &str| {
            object(USER, object_name, &format!("{spec}, cleanupPolicy: Skip"))
        };
        let first = user("a", "name: x, mariaDbRef: {name: m}");
        let same =
            user("b", "name: x, host: '%', mariaDbRef: {name: m, namespace: erp, kind: MariaDB}");
        one(&(first.clone() + &same), "SW842", 2, &["User erp/b", "`x@%`", "User erp/a"]);
        let other_host = user("b", "name: x, host: 10.0.0.1, mariaDbRef: {name: m}");
        let other_server = user("b", "name: x, mariaDbRef: {name: m, kind: ExternalMariaDB}");
        for quiet in [other_host, other_server, first.clone()] {
            assert_eq!(said(&(first.clone() + &quiet)), []);
        }
    }

    #[test]
    fn two_owners_of_one_database_are_said() {
        let database = |name: &str| {
            object(DATABASE, name, "name: x, mariaDbRef: {name: m}, cleanupPolicy: Skip")
        };
        one(
            &(database("a") + &database("b")),
            "SW843",
            2,
            &["Database erp/b", "`x`", "Database erp/a"],
        );
        let site = |name: &str| {
            let spec = "siteName: a.example, domain: a.example, dbConfig: {provider: mariadb, connectionSecretRef: {name: db}}";
            object(SITE, name, spec)
        };
        one(&(site("a") + &site("b")), "SW843", 2, &["`erp/db`", "FrappeSite erp/a"]);
    }

    #[test]
    fn two_servers_of_one_name_are_said() {
        let server = |kind: &str| {
            let api = format!("apiVersion: k8s.mariadb.com/v1alpha1, kind: {kind}");
            object(&api, "m", "port: 3306")
        };
        let both = server("MariaDB") + &server("ExternalMariaDB");
        one(&both, "SW844", 1, &["MariaDB erp/m", "ExternalMariaDB erp/m", "wrong one"]);
        let profiles = Profiles {
            mariadb: Some(crate::operator::Mariadb::of("25.10")),
            ..Profiles::of_cases()
        };
        let found = dangers(&objects(&both), profiles);
        assert!(found[0].help.as_ref().unwrap().contains("DROP"), "{found:?}");
    }

    #[test]
    fn an_object_that_goes_with_its_owner_is_said() {
        let owned = |api: &str, name: &str, owner: &str| {
            format!(
                "{{{api}, metadata: {{name: {name}, namespace: erp, annotations: {{owner: {owner}}}}}, \
                 spec: {{name: a, mariaDbRef: {{name: m}}, cleanupPolicy: Skip}}}}\n"
            )
        };
        one(
            &owned(DATABASE, "a-db", "FrappeSite/a"),
            "SW845",
            1,
            &["Database erp/a-db", "FrappeSite a"],
        );
        assert_eq!(said(&owned(USER, "m-metrics", "MariaDB/m")), []);
        let secret = "apiVersion: v1, kind: Secret";
        let reader = object(
            USER,
            "u",
            "name: a, mariaDbRef: {name: m}, cleanupPolicy: Skip, passwordSecretKeyRef: {name: s, key: password}",
        );
        one(&(reader.clone() + &owned(secret, "s", "FrappeSite/a")), "SW845", 2, &["the password"]);
        assert_eq!(said(&(reader + &owned(secret, "s", "SealedSecret/s"))), []);
        assert_eq!(said(&owned(secret, "a-init-secrets", "FrappeSite/a")), []);
    }

    #[test]
    fn a_site_without_a_domain_is_said() {
        one(
            &object(SITE, "a", "siteName: a.example"),
            "SW846",
            1,
            &["FrappeSite erp/a", "`a-ingress`", "`a.example`"],
        );
    }

    #[test]
    fn a_connection_that_the_operator_does_not_know_is_said() {
        let site = object(
            SITE,
            "a",
            "siteName: a.example, domain: a.example, dbConfig: {provider: external}",
        );
        one(&site, "SW847", 1, &["provider: external", "2.6", "2.5"]);
        let profiles =
            Profiles { frappe: crate::operator::Frappe::of("2.5"), ..Profiles::of_cases() };
        assert_eq!(dangers(&objects(&site), profiles), []);
    }
}
