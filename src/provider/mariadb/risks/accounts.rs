//! The risks of Database, User and Grant.

use super::super::delivered;
use super::{IMMUTABLE, RECREATE};
use crate::object::ObjectKind;
use crate::risk::Condition::{self, Gone, Has, Is, IsNot, MakerGoes, Own, Retired, Smaller, To};
use crate::risk::Level::{Blocked, Credential, DataLoss, None, Rollout};
use crate::risk::On::{Comes, Goes};
use crate::risk::{
    FieldChange, Key, MIGRATE, MOVES, Object, Predicate, RETIRE, RETIRED, Relation, Rule,
    SecretUse, Table, Thing, field, in_group, on,
};
use crate::source::node::{Node, Value};

const DATABASE_GOES: &str = "removing the object drops the database";
const KEEP_DATABASE: &str = "state `cleanupPolicy: Skip`";
const ORPHANED: &str = "no object manages the site's database any more";

const TWO_PASSWORDS: &str = "a User may have only one kind of password: the change is refused";
const ONE_PASSWORD: &str = "remove the other one in the same change";
const OTHER_PASSWORD: &str = "the account gets another password";
const SITE_CONFIG: &str =
    "set `db_password` in the site's site_config.json as soon as the Secret is there";
const OTHER_MEANS: &str = "the account logs in by other means";
const OTHER_CONNECTION: &str = "the account needs another kind of connection";
const HANDED: &str = "the User `{before}` drops the account when it is removed. This one makes it again without any \
                      privilege, and only when the operator looks at it next: the site is out of service for an hour \
                      or two";
const REMAKE: &str = "when `{before}` is gone, delete the User `{name}` and its Grant in the cluster: the engine \
                      makes both again";
const REMADE: &str = "the account is made again, and its Grant is there already: the operator gives the \
                      account its privileges only when it looks at the Grant again, so the site is out of service for \
                      an hour or two";
const REGRANT: &str =
    "when the User is ready, delete its Grant in the cluster: the engine makes it again";

/// A User has more than one kind of password.
const TWO_KINDS: Condition =
    Own(&Predicate { name: "TWO_KINDS", holds: |scene| scene.object().is_some_and(has_two_kinds) });
/// A Grant loses privileges.
const NARROWER: Condition =
    Own(&Predicate { name: "NARROWER", holds: |scene| scene.field.is_some_and(loses_items) });
/// No Grant for the User's account is added in the same change: its Grant existed before.
const GRANT_STAYS: Condition =
    Own(&Predicate { name: "GRANT_STAYS", holds: |scene| !scene.moves.serves(scene.change) });
/// The operator drops the account or database on the server, also on a server outside the cluster.
const REACHES: Condition = Own(&Predicate {
    name: "REACHES",
    holds: |scene| {
        let kind = |object: &Object| {
            object.text(&["spec", "mariaDbRef", "kind"]) == Some("ExternalMariaDB")
        };
        let is_outside = scene.object().is_some_and(kind);
        !is_outside || scene.known.may(|it| it.profiles.mariadb.is_none_or(|it| it.drops_outside))
    },
});

const USER: &str = "internal/webhook/v1alpha1/user_webhook.go of mariadb-operator 26.6.0";

pub(super) const TABLE: Table = Table {
    rules: RULES,
    #[cfg(test)]
    cases: tests::cases,
};

#[rustfmt::skip]
const RULES: &[Rule] = &in_group(delivered::GROUP, [
    field("Database", "spec.name", &[], DataLoss, MOVES, MIGRATE),
    field("Database", "spec.mariaDbRef", &[], DataLoss, MOVES, MIGRATE),
    field("Database", "spec.characterSet", &[], Blocked, IMMUTABLE, RECREATE),
    field("Database", "spec.collate", &[], Blocked, IMMUTABLE, RECREATE),
    field("Database", "spec.cleanupPolicy", &[To("Delete"), REACHES], DataLoss, "removing the object drops the database from now on", "keep `cleanupPolicy: Skip`"),
    field("Database", "spec.cleanupPolicy", &[Gone, REACHES], DataLoss, "without this field, removing the object drops the database", "state `cleanupPolicy: Skip`"),
    on("Database", Comes, &[IsNot("spec.cleanupPolicy", "Skip"), REACHES], DataLoss, DATABASE_GOES, KEEP_DATABASE),
    on("Database", Goes, &[IsNot("spec.cleanupPolicy", "Skip"), REACHES], DataLoss, DATABASE_GOES, KEEP_DATABASE),
    on("Database", Goes, &[REACHES, Retired], Rollout, RETIRED, ""),
    on("Database", Goes, &[REACHES], DataLoss, ORPHANED, RETIRE),
    on("Database", Goes, &[Retired], Rollout, "the database stays on the server: {mariadb-operator} drops nothing outside the cluster", "drop it there when its data is no longer wanted"),
    on("Database", Goes, &[], DataLoss, "the site's database stays on the server: {mariadb-operator} drops nothing outside the cluster", RETIRE),

    field("User", "spec.name", &[], Blocked, IMMUTABLE, RECREATE),
    field("User", "spec.host", &[], Blocked, IMMUTABLE, RECREATE),
    field("User", "spec.mariaDbRef", &[], Blocked, IMMUTABLE, RECREATE),
    field("User", "spec.passwordSecretKeyRef", &[TWO_KINDS], Blocked, TWO_PASSWORDS, ONE_PASSWORD).read_in(USER),
    field("User", "spec.passwordPlugin", &[TWO_KINDS], Blocked, TWO_PASSWORDS, ONE_PASSWORD),
    field("User", "spec.passwordHashSecretKeyRef", &[TWO_KINDS], Blocked, TWO_PASSWORDS, ONE_PASSWORD),
    field("User", "spec.passwordSecretKeyRef", &[], Credential, OTHER_PASSWORD, SITE_CONFIG),
    field("User", "spec.passwordPlugin", &[], Credential, OTHER_MEANS, ""),
    field("User", "spec.passwordHashSecretKeyRef", &[], Credential, OTHER_PASSWORD, ""),
    field("User", "spec.require", &[], Credential, OTHER_CONNECTION, ""),
    field("User", "spec.maxUserConnections", &[To("0")], Rollout, "the site may hold any number of connections", ""),
    field("User", "spec.maxUserConnections", &[Smaller], Rollout, "the site may hold fewer connections", ""),
    on("User", Comes, &[Has("spec.passwordPlugin")], Credential, OTHER_MEANS, ""),
    on("User", Comes, &[Has("spec.passwordHashSecretKeyRef")], Credential, "the account's password is a hash that nothing here checks", ""),
    on("User", Comes, &[Has("spec.require")], Credential, OTHER_CONNECTION, ""),
    on("User", Comes, &[MakerGoes, REACHES], Rollout, HANDED, REMAKE),
    on("User", Comes, &[GRANT_STAYS], Rollout, REMADE, REGRANT),
    on("User", Goes, &[REACHES, Is("spec.cleanupPolicy", "Skip")], Credential, "the account stays on its server, as long as the server exists", ""),
    on("User", Goes, &[REACHES], Credential, "the account is dropped, with its grants", ""),
    on("User", Goes, &[], Credential, "the account, with its password and grants, stays on the server: {mariadb-operator} drops nothing outside the cluster", "drop it there"),

    field("Grant", "spec.privileges", &[NARROWER], Credential, "the site may do less than before", ""),
    field("Grant", "spec.privileges", &[], Credential, "the site may do more than before", ""),
    field("Grant", "spec.cleanupPolicy", &[], Rollout, "removing the object has another effect on the privileges from now on", ""),
    field("Grant", "spec.retryInterval", &[], None, "", ""),
    field("Grant", "spec.requeueInterval", &[], None, "", ""),
    field("Grant", "spec", &[], Blocked, IMMUTABLE, RECREATE),
    on("Grant", Goes, &[], Credential, "no manifest states the account's privileges any more", ""),
]);

/// Whether a User has more kinds of password than the one that it may have.
fn has_two_kinds(user: &Object) -> bool {
    const KINDS: [&[&str]; 3] = [
        &["spec", "passwordSecretKeyRef"],
        &["spec", "passwordHashSecretKeyRef"],
        &["spec", "passwordPlugin", "pluginNameSecretKeyRef"],
    ];
    KINDS.iter().filter(|path| user.at(path).is_some()).count() > 1
}

/// Whether a list of privileges lost one. It lost none if it now has `ALL PRIVILEGES`, which
/// includes all others.
fn loses_items(field: &FieldChange) -> bool {
    let items = |node: &Option<Node>| match node.as_ref().map(|node| &node.value) {
        Some(Value::List(items)) => items.clone(),
        _ => Vec::new(),
    };
    let new = items(&field.new);
    let has = |name: &str| new.iter().any(|node| node.as_str() == Some(name));
    let keeps =
        |node: &Node| has("ALL PRIVILEGES") || new.iter().any(|other| other.value == node.value);
    !items(&field.old).iter().all(keeps)
}

/// A User makes an account on a server, and a Grant serves it.
pub(super) fn subject(key: &Key, object: &Object) -> Option<Relation> {
    match ObjectKind::of(&key.kind)? {
        ObjectKind::User => Some(Relation::Makes {
            identity: account(key, object, "name"),
            called: key.name.clone(),
            // Without a policy the operator drops it.
            ends: object.text(&["spec", "cleanupPolicy"]) != Some("Skip"),
        }),
        ObjectKind::Grant => Some(Relation::Serves(account(key, object, "username"))),
        _ => Option::None,
    }
}

/// The account that an object is about, with the defaults of its schema. `name` is the field of its name.
fn account(key: &Key, object: &Object, name: &str) -> Thing {
    let of = |field: &[&str], default: &str| object.text(field).unwrap_or(default).to_owned();
    let parts = [
        key.cluster.clone(),
        of(&["spec", "mariaDbRef", "kind"], "MariaDB"),
        of(&["spec", "mariaDbRef", "namespace"], &key.namespace),
        of(&["spec", "mariaDbRef", "name"], ""),
        of(&["spec", name], &key.name),
        of(&["spec", "host"], "%"),
    ];
    Thing::new(ObjectKind::User, parts)
}

/// A User reads its password from a Secret.
pub(super) fn secret<'o>(key: &Key, object: &'o Object) -> Option<SecretUse<'o>> {
    let is_user = key.kind == ObjectKind::User.as_str();
    let name = object.text(&["spec", "passwordSecretKeyRef", "name"])?;
    is_user.then_some(SecretUse::Reads(name))
}

#[cfg(test)]
mod tests {
    use crate::risk::Level::{Blocked, Credential, DataLoss, None, Rollout};
    use crate::risk::case::{Case, comes, goes, same, spec};

    const RETIRED: &str = "{metadata: {annotations: {sitewright/lifecycle: retired}}}";
    const DELETE: &str = "{spec: {cleanupPolicy: Delete}}";
    const OUTSIDE: &str = "{spec: {mariaDbRef: {kind: ExternalMariaDB, name: far}}}";

    pub(super) fn cases() -> Vec<Case> {
        [databases(), users(), users_that_come_and_go(), grants()].into_iter().flatten().collect()
    }

    fn databases() -> Vec<Case> {
        let of = |before, after, field, level, words| {
            spec("Database", before, after, field, level, words)
        };
        let goes = |patches: &[&str], level, words| goes("Database", patches, level, words);
        const STAYS: &str = "stays on the server: mariadb-operator 25.10 drops nothing";
        vec![
            of("{}", "{name: other}", "name", DataLoss, "where there is none"),
            of(
                "{}",
                "{mariaDbRef: {name: other}}",
                "mariaDbRef.name",
                DataLoss,
                "where there is none",
            ),
            of("{}", "{characterSet: latin1}", "characterSet", Blocked, "immutable"),
            of("{}", "{collate: utf8mb4_bin}", "collate", Blocked, "immutable"),
            of("{}", "{cleanupPolicy: Delete}", "cleanupPolicy", DataLoss, "from now on"),
            of("{}", "{cleanupPolicy: null}", "cleanupPolicy", DataLoss, "without this field"),
            of("{cleanupPolicy: Delete}", "{cleanupPolicy: Skip}", "cleanupPolicy", Rollout, ""),
            // 25.10 drops nothing on a server outside the cluster.
            of(FAR, "{cleanupPolicy: Delete}", "cleanupPolicy", DataLoss, "from now on"),
            of(FAR, "{cleanupPolicy: Delete}", "cleanupPolicy", Rollout, "acts on it")
                .under("mariadb-operator", "25.10"),
            of(FAR, "{cleanupPolicy: null}", "cleanupPolicy", Rollout, "acts on it")
                .under("mariadb-operator", "25.10"),
            of("{}", "{cleanupPolicy: Delete}", "cleanupPolicy", DataLoss, "")
                .under("mariadb-operator", "25.10"),
            same("Database", "{requeueInterval: 1h}", "{requeueInterval: 60m0s}"),
            comes("Database", "{}", None, ""),
            comes("Database", DELETE, DataLoss, "drops the database"),
            comes("Database", "{spec: {cleanupPolicy: null}}", DataLoss, "drops the database"),
            comes(
                "Database",
                "{spec: {cleanupPolicy: Delete, mariaDbRef: {kind: ExternalMariaDB}}}",
                None,
                "",
            )
            .under("mariadb-operator", "25.10"),
            goes(&[], DataLoss, "no object manages"),
            goes(&[RETIRED], Rollout, "retired before"),
            goes(&[DELETE], DataLoss, "drops the database"),
            goes(&[DELETE, RETIRED], DataLoss, "drops the database"),
            goes(&[DELETE, RETIRED], DataLoss, "drops the database").unknown(),
            goes(&[DELETE, RETIRED, OUTSIDE], DataLoss, "drops the database"),
            goes(&[RETIRED, OUTSIDE], Rollout, "retired before"),
            goes(&[OUTSIDE], DataLoss, "no object manages"),
            goes(&[DELETE, RETIRED, OUTSIDE], Rollout, STAYS).under("mariadb-operator", "25.10"),
            goes(&[RETIRED, OUTSIDE], Rollout, STAYS).under("mariadb-operator", "25.10"),
            goes(&[DELETE, OUTSIDE], DataLoss, STAYS).under("mariadb-operator", "25.10"),
            goes(&[OUTSIDE], DataLoss, STAYS).under("mariadb-operator", "25.10"),
        ]
    }

    const FAR: &str = "{mariaDbRef: {kind: ExternalMariaDB, name: far}}";

    #[expect(clippy::too_many_lines, reason = "a table of cases")]
    fn users() -> Vec<Case> {
        const BY_HASH: &str =
            "{passwordSecretKeyRef: null, passwordHashSecretKeyRef: {name: a, key: b}}";
        const BY_PLUGIN: &str = "{passwordSecretKeyRef: null, \
                             passwordPlugin: {pluginNameSecretKeyRef: {name: a, key: b}}}";
        let of =
            |before, after, field, level, words| spec("User", before, after, field, level, words);
        vec![
            of("{}", "{name: other}", "name", Blocked, "immutable"),
            of("{}", "{host: 10.%}", "host", Blocked, "immutable"),
            of(
                "{}",
                "{mariaDbRef: {namespace: other}}",
                "mariaDbRef.namespace",
                Blocked,
                "immutable",
            ),
            // One kind of password.
            of(
                BY_HASH,
                "{passwordSecretKeyRef: {name: a, key: b}}",
                "passwordSecretKeyRef",
                Blocked,
                "one kind",
            ),
            of(
                "{}",
                "{passwordPlugin: {pluginNameSecretKeyRef: {name: a, key: b}}}",
                "passwordPlugin",
                Blocked,
                "one kind",
            ),
            of(
                "{}",
                "{passwordHashSecretKeyRef: {name: a, key: b}}",
                "passwordHashSecretKeyRef",
                Blocked,
                "one kind",
            ),
            of(
                BY_PLUGIN,
                "{passwordHashSecretKeyRef: {name: a, key: b}}",
                "passwordHashSecretKeyRef",
                Blocked,
                "one kind",
            ),
            of("{}", BY_HASH, "passwordHashSecretKeyRef", Credential, "another password"),
            of("{}", BY_HASH, "passwordSecretKeyRef", Credential, "another password"),
            of("{}", BY_PLUGIN, "passwordPlugin", Credential, "other means"),
            of(
                "{}",
                "{passwordSecretKeyRef: {name: other}}",
                "passwordSecretKeyRef.name",
                Credential,
                "set `db_password` in the site's site_config.json",
            ),
            of("{}", "{require: {ssl: true}}", "require", Credential, "another kind of connection"),
            // Connections.
            of(
                "{maxUserConnections: 10}",
                "{maxUserConnections: 0}",
                "maxUserConnections",
                Rollout,
                "any number",
            ),
            of(
                "{maxUserConnections: 10}",
                "{maxUserConnections: 9}",
                "maxUserConnections",
                Rollout,
                "fewer connections",
            ),
            of(
                "{maxUserConnections: 10}",
                "{maxUserConnections: 11}",
                "maxUserConnections",
                Rollout,
                "acts on it",
            ),
        ]
    }

    fn users_that_come_and_go() -> Vec<Case> {
        const GRANT: &str = "Grant";
        const HANDED: &str = "for an hour or two; when `beside` is gone, delete the User";
        const REMADE: &str = "the account is made again, and its Grant is there already";
        const SKIP: &str = "{spec: {cleanupPolicy: Skip}}";
        const SAME_NAME: &str = "{spec: {mariaDbRef: {kind: ExternalMariaDB}}}";
        let alone = |patch, level, words| comes("User", patch, level, words);
        let comes = |patch, level, words| alone(patch, level, words).along(GRANT, patch);
        let goes = |patches: &[&str], level, words| goes("User", patches, level, words);
        let delete = "{spec: {cleanupPolicy: Delete}}";
        vec![
            comes("{}", None, ""),
            comes("{spec: {passwordPlugin: {}}}", Credential, "other means"),
            comes("{spec: {passwordHashSecretKeyRef: {}}}", Credential, "a hash"),
            comes("{spec: {require: {ssl: true}}}", Credential, "another kind of connection"),
            // The account of a User that is removed.
            comes("{}", Rollout, HANDED).beside(delete),
            comes("{}", Rollout, HANDED).beside("{spec: {cleanupPolicy: null}}"),
            comes("{}", None, "").beside("{spec: {cleanupPolicy: Skip}}"),
            comes("{}", None, "").beside("{spec: {name: other}}"),
            comes("{}", None, "").beside("{spec: {host: 10.%}}"),
            comes("{}", None, "").beside("{spec: {mariaDbRef: {name: other}}}"),
            comes("{}", None, "").beside("{spec: {mariaDbRef: {namespace: other}}}"),
            comes("{}", None, "").beside(OUTSIDE),
            comes("{}", None, "").beside(SAME_NAME),
            comes(OUTSIDE, Rollout, HANDED).beside(OUTSIDE),
            comes(OUTSIDE, None, "").beside(OUTSIDE).under("mariadb-operator", "25.10"),
            // One whose Grant was there before, so that it was there too.
            alone("{}", Rollout, REMADE),
            alone("{}", Rollout, REMADE).along(GRANT, "{spec: {username: other}}"),
            alone("{}", Rollout, REMADE).along(GRANT, "{spec: {host: 10.%}}"),
            alone("{}", Rollout, REMADE).along(GRANT, OUTSIDE),
            alone("{}", Rollout, REMADE).along("Database", "{}"),
            goes(&[], Credential, "dropped, with its grants"),
            goes(&[SKIP], Credential, "stays on its server"),
            goes(&[OUTSIDE], Credential, "dropped, with its grants"),
            goes(&[OUTSIDE], Credential, "mariadb-operator 25.10 drops nothing")
                .under("mariadb-operator", "25.10"),
            goes(&[OUTSIDE, SKIP], Credential, "mariadb-operator 25.10 drops nothing")
                .under("mariadb-operator", "25.10"),
        ]
    }

    fn grants() -> Vec<Case> {
        let of =
            |before, after, field, level, words| spec("Grant", before, after, field, level, words);
        vec![
            of("{}", "{privileges: [SELECT]}", "privileges", Credential, "less than before"),
            of(
                "{privileges: [SELECT]}",
                "{privileges: [INSERT]}",
                "privileges",
                Credential,
                "less than before",
            ),
            of(
                "{}",
                "{privileges: [ALL PRIVILEGES]}",
                "privileges",
                Credential,
                "more than before",
            ),
            of(
                "{privileges: [SELECT]}",
                "{privileges: [INSERT, SELECT]}",
                "privileges",
                Credential,
                "more than before",
            ),
            same("Grant", "{privileges: [INSERT, SELECT]}", "{privileges: [SELECT, INSERT]}"),
            of("{}", "{cleanupPolicy: Delete}", "cleanupPolicy", Rollout, "another effect"),
            of("{}", "{retryInterval: 1m}", "retryInterval", None, ""),
            of("{}", "{requeueInterval: 2h}", "requeueInterval", None, ""),
            of("{}", "{database: other}", "database", Blocked, "immutable"),
            of("{}", "{grantOption: true}", "grantOption", Blocked, "immutable"),
            goes("Grant", &[], Credential, "no manifest states"),
        ]
    }
}
