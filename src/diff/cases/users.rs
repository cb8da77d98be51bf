//! Database, User and Grant.

use super::{Case, comes, goes, same, spec};
use crate::diff::finding::Level::{Blocked, Credential, DataLoss, None, Rollout};

const RETIRED: &str = "{metadata: {annotations: {sitewright/lifecycle: retired}}}";
const DELETE: &str = "{spec: {cleanupPolicy: Delete}}";
const OUTSIDE: &str = "{spec: {mariaDbRef: {kind: ExternalMariaDB, name: far}}}";

pub(super) fn cases() -> Vec<Case> {
    [databases(), users(), users_that_come_and_go(), grants()].into_iter().flatten().collect()
}

fn databases() -> Vec<Case> {
    let of =
        |before, after, field, level, words| spec("Database", before, after, field, level, words);
    let goes = |patches: &[&str], level, words| goes("Database", patches, level, words);
    const STAYS: &str = "stays on the server: mariadb-operator 25.10 drops nothing";
    vec![
        of("{}", "{name: other}", "name", DataLoss, "where there is none"),
        of("{}", "{mariaDbRef: {name: other}}", "mariaDbRef.name", DataLoss, "where there is none"),
        of("{}", "{characterSet: latin1}", "characterSet", Blocked, "immutable"),
        of("{}", "{collate: utf8mb4_bin}", "collate", Blocked, "immutable"),
        of("{}", "{cleanupPolicy: Delete}", "cleanupPolicy", DataLoss, "from now on"),
        of("{}", "{cleanupPolicy: null}", "cleanupPolicy", DataLoss, "unset means Delete"),
        of("{cleanupPolicy: Delete}", "{cleanupPolicy: Skip}", "cleanupPolicy", Rollout, ""),
        // 25.10 drops nothing on a server outside the cluster.
        of(FAR, "{cleanupPolicy: Delete}", "cleanupPolicy", DataLoss, "from now on"),
        of(FAR, "{cleanupPolicy: Delete}", "cleanupPolicy", Rollout, "acts on it").mariadb("25.10"),
        of(FAR, "{cleanupPolicy: null}", "cleanupPolicy", Rollout, "acts on it").mariadb("25.10"),
        of("{}", "{cleanupPolicy: Delete}", "cleanupPolicy", DataLoss, "").mariadb("25.10"),
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
        .mariadb("25.10"),
        goes(&[], DataLoss, "nothing looks after"),
        goes(&[RETIRED], Rollout, "retired before"),
        goes(&[DELETE], DataLoss, "drops the database"),
        goes(&[DELETE, RETIRED], DataLoss, "drops the database"),
        goes(&[DELETE, RETIRED], DataLoss, "drops the database").unknown(),
        goes(&[DELETE, RETIRED, OUTSIDE], DataLoss, "drops the database"),
        goes(&[RETIRED, OUTSIDE], Rollout, "retired before"),
        goes(&[OUTSIDE], DataLoss, "nothing looks after"),
        goes(&[DELETE, RETIRED, OUTSIDE], Rollout, STAYS).mariadb("25.10"),
        goes(&[RETIRED, OUTSIDE], Rollout, STAYS).mariadb("25.10"),
        goes(&[DELETE, OUTSIDE], DataLoss, STAYS).mariadb("25.10"),
        goes(&[OUTSIDE], DataLoss, STAYS).mariadb("25.10"),
    ]
}

const FAR: &str = "{mariaDbRef: {kind: ExternalMariaDB, name: far}}";

fn users() -> Vec<Case> {
    const BY_HASH: &str =
        "{passwordSecretKeyRef: null, passwordHashSecretKeyRef: {name: a, key: b}}";
    const BY_PLUGIN: &str = "{passwordSecretKeyRef: null, \
                             passwordPlugin: {pluginNameSecretKeyRef: {name: a, key: b}}}";
    let of = |before, after, field, level, words| spec("User", before, after, field, level, words);
    vec![
        of("{}", "{name: other}", "name", Blocked, "immutable"),
        of("{}", "{host: 10.%}", "host", Blocked, "immutable"),
        of("{}", "{mariaDbRef: {namespace: other}}", "mariaDbRef.namespace", Blocked, "immutable"),
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
        // The account of one that goes.
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
        comes(OUTSIDE, None, "").beside(OUTSIDE).mariadb("25.10"),
        // One whose Grant was there before, so that it was there too.
        alone("{}", Rollout, REMADE),
        alone("{}", Rollout, REMADE).along(GRANT, "{spec: {username: other}}"),
        alone("{}", Rollout, REMADE).along(GRANT, "{spec: {host: 10.%}}"),
        alone("{}", Rollout, REMADE).along(GRANT, OUTSIDE),
        alone("{}", Rollout, REMADE).along("Database", "{}"),
        goes(&[], Credential, "dropped, with its grants"),
        goes(&[SKIP], Credential, "left to its server"),
        goes(&[OUTSIDE], Credential, "dropped, with its grants"),
        goes(&[OUTSIDE], Credential, "mariadb-operator 25.10 drops nothing").mariadb("25.10"),
        goes(&[OUTSIDE, SKIP], Credential, "mariadb-operator 25.10 drops nothing").mariadb("25.10"),
    ]
}

fn grants() -> Vec<Case> {
    let of = |before, after, field, level, words| spec("Grant", before, after, field, level, words);
    vec![
        of("{}", "{privileges: [SELECT]}", "privileges", Credential, "less than before"),
        of("{}", "{privileges: [ALL PRIVILEGES]}", "privileges", Credential, "more than before"),
        of(
            "{privileges: [SELECT]}",
            "{privileges: [INSERT, SELECT]}",
            "privileges",
            Credential,
            "more than before",
        ),
        same("Grant", "{privileges: [INSERT, SELECT]}", "{privileges: [SELECT, INSERT]}"),
        of("{}", "{cleanupPolicy: Delete}", "cleanupPolicy", Rollout, "something else"),
        of("{}", "{retryInterval: 1m}", "retryInterval", None, ""),
        of("{}", "{requeueInterval: 2h}", "requeueInterval", None, ""),
        of("{}", "{database: other}", "database", Blocked, "immutable"),
        of("{}", "{grantOption: true}", "grantOption", Blocked, "immutable"),
        goes("Grant", &[], Credential, "no longer stated"),
    ]
}
