//! The risks of Database and DatabaseRole.

use super::{IMMUTABLE, LEAVE};
use crate::object::ObjectKind;
use crate::risk::Condition::{self, Gone, Has, Is, Own, Retired, To};
use crate::risk::Level::{Blocked, Credential, DataLoss, Rollout};
use crate::risk::On::{Comes, Goes};
use crate::risk::{
    Key, MIGRATE, MOVES, Object, Predicate, RETIRE, RETIRED, Rule, SecretUse, Table, field,
    in_group, on,
};

const DATABASE_GOES: &str = "removing the object drops the database";
const KEEP_DATABASE: &str = "keep `databaseReclaimPolicy: retain`";
const DROPS: &str = "CloudNativePG drops the database at once, whatever the reclaim policy says";
const PRESENT: &str = "keep `ensure: present`";
const FROM_BIRTH: &str = "CloudNativePG reads the field only when it makes the database: another value is refused, and a \
                          value that comes or goes does nothing";
const ORPHANED: &str = "no object manages the site's database any more";

const MORE: &str = "the role may do more than own its database, and may reach those of other sites";
const NO_MORE: &str = "keep what the built-in template states";
const NO_LOGIN: &str = "the site's role can log in no longer";
const LOGIN: &str = "keep `login: true`";
const OTHER_PASSWORD: &str = "the role gets another password";
const SITE_CONFIG: &str =
    "set `db_password` in the site's site_config.json as soon as the Secret is there";

/// A role may do more than own its database.
const PRIVILEGED: Condition = Own(&Predicate {
    name: "PRIVILEGED",
    holds: |scene| scene.object().is_some_and(is_privileged),
});

pub(super) const TABLE: Table = Table {
    rules: RULES,
    #[cfg(test)]
    cases: tests::cases,
};

#[rustfmt::skip]
const RULES: &[Rule] = &in_group(super::super::GROUP, [
    field("Database", "spec.name", &[], DataLoss, MOVES, MIGRATE),
    field("Database", "spec.cluster", &[], DataLoss, MOVES, MIGRATE),
    field("Database", "spec.owner", &[], Credential, "another role owns the database from now on, and the site's role loses its rights", LEAVE),
    field("Database", "spec.ensure", &[To("absent")], DataLoss, DROPS, PRESENT),
    field("Database", "spec.databaseReclaimPolicy", &[To("delete")], DataLoss, "removing the object drops the database from now on", KEEP_DATABASE),
    field("Database", "spec.template", &[], Blocked, FROM_BIRTH, LEAVE),
    field("Database", "spec.encoding", &[], Blocked, FROM_BIRTH, LEAVE),
    field("Database", "spec.locale", &[], Blocked, FROM_BIRTH, LEAVE),
    field("Database", "spec.localeProvider", &[], Blocked, FROM_BIRTH, LEAVE),
    field("Database", "spec.localeCollate", &[], Blocked, FROM_BIRTH, LEAVE),
    field("Database", "spec.localeCType", &[], Blocked, FROM_BIRTH, LEAVE),
    field("Database", "spec.icuLocale", &[], Blocked, FROM_BIRTH, LEAVE),
    field("Database", "spec.icuRules", &[], Blocked, FROM_BIRTH, LEAVE),
    field("Database", "spec.builtinLocale", &[], Blocked, FROM_BIRTH, LEAVE),
    field("Database", "spec.collationVersion", &[], Blocked, FROM_BIRTH, LEAVE),
    on("Database", Comes, &[Is("spec.ensure", "absent")], DataLoss, DROPS, PRESENT),
    on("Database", Comes, &[Is("spec.databaseReclaimPolicy", "delete")], DataLoss, DATABASE_GOES, KEEP_DATABASE),
    on("Database", Goes, &[Is("spec.databaseReclaimPolicy", "delete")], DataLoss, DATABASE_GOES, KEEP_DATABASE),
    on("Database", Goes, &[Retired], Rollout, RETIRED, ""),
    on("Database", Goes, &[], DataLoss, ORPHANED, RETIRE),

    field("DatabaseRole", "spec.name", &[], Blocked, IMMUTABLE, LEAVE),
    field("DatabaseRole", "spec.cluster", &[], Blocked, IMMUTABLE, LEAVE),
    field("DatabaseRole", "spec.ensure", &[To("absent")], Blocked, "CloudNativePG drops no role so: the change is refused", "remove the object, with `databaseRoleReclaimPolicy: delete`"),
    field("DatabaseRole", "spec.disablePassword", &[To("true"), Has("spec.passwordSecret")], Blocked, "a role has a password or none: the change is refused", LEAVE),
    field("DatabaseRole", "spec.passwordSecret", &[Gone], Credential, NO_LOGIN, LEAVE),
    field("DatabaseRole", "spec.passwordSecret", &[], Credential, OTHER_PASSWORD, SITE_CONFIG),
    field("DatabaseRole", "spec.login", &[To("false")], Credential, NO_LOGIN, LOGIN),
    field("DatabaseRole", "spec.login", &[Gone], Credential, NO_LOGIN, LOGIN),
    field("DatabaseRole", "spec.superuser", &[To("true")], Credential, MORE, NO_MORE),
    field("DatabaseRole", "spec.createdb", &[To("true")], Credential, MORE, NO_MORE),
    field("DatabaseRole", "spec.createrole", &[To("true")], Credential, MORE, NO_MORE),
    field("DatabaseRole", "spec.replication", &[To("true")], Credential, MORE, NO_MORE),
    field("DatabaseRole", "spec.bypassrls", &[To("true")], Credential, MORE, NO_MORE),
    field("DatabaseRole", "spec.inRoles", &[], Credential, MORE, NO_MORE),
    field("DatabaseRole", "spec.validUntil", &[], Credential, "the role's password ends at another time", LEAVE),
    field("DatabaseRole", "spec.connectionLimit", &[], Rollout, "the site may hold another number of connections", ""),
    field("DatabaseRole", "spec.databaseRoleReclaimPolicy", &[To("delete")], Rollout, "removing the object drops the role from now on", ""),
    on("DatabaseRole", Comes, &[PRIVILEGED], Credential, MORE, NO_MORE),
    on("DatabaseRole", Goes, &[Is("spec.databaseRoleReclaimPolicy", "delete")], Credential, "the role is dropped", ""),
    on("DatabaseRole", Goes, &[], Credential, "the role stays on its server, with its password", "drop it there when nobody needs it any more"),
]);

/// Whether a role may do more than own its database.
fn is_privileged(role: &Object) -> bool {
    const POWERS: [&str; 5] = ["superuser", "createdb", "createrole", "replication", "bypassrls"];
    let has = |power: &&str| {
        let node = role.at(&["spec", power]);
        node.is_some_and(|node| node.value == crate::source::node::Value::Bool(true))
    };
    POWERS.iter().any(has) || role.at(&["spec", "inRoles"]).is_some()
}

/// A DatabaseRole reads its password from a Secret.
pub(super) fn secret<'o>(key: &Key, object: &'o Object) -> Option<SecretUse<'o>> {
    let is_role = key.kind == ObjectKind::DatabaseRole.as_str();
    let name = object.text(&["spec", "passwordSecret", "name"])?;
    is_role.then_some(SecretUse::Reads(name))
}

#[cfg(test)]
mod tests {
    use crate::risk::Level::{self, Blocked, Credential, DataLoss, None, Rollout};
    use crate::risk::case::{Case, comes, goes, spec};

    const DATABASE: &str = "Database.postgresql.cnpg.io";
    const ROLE: &str = "DatabaseRole.postgresql.cnpg.io";
    const RETIRED: &str = "{metadata: {annotations: {sitewright/lifecycle: retired}}}";

    pub(super) fn cases() -> Vec<Case> {
        [databases(), birth(), roles(), powers()].into_iter().flatten().collect()
    }

    fn databases() -> Vec<Case> {
        const DELETE: &str = "{spec: {databaseReclaimPolicy: delete}}";
        let of =
            |before, after, field, level, words| spec(DATABASE, before, after, field, level, words);
        const EMPTY: &str = "where there is none";
        vec![
            of("{name: a}", "{name: b}", "name", DataLoss, EMPTY),
            of("{cluster: {name: a}}", "{cluster: {name: b}}", "cluster.name", DataLoss, EMPTY),
            of("{owner: a}", "{owner: b}", "owner", Credential, "loses its rights"),
            of("{ensure: present}", "{ensure: absent}", "ensure", DataLoss, "at once"),
            of("{ensure: absent}", "{ensure: present}", "ensure", Rollout, "acts on it"),
            of(
                "{}",
                "{databaseReclaimPolicy: delete}",
                "databaseReclaimPolicy",
                DataLoss,
                "from now on",
            ),
            of(
                "{}",
                "{databaseReclaimPolicy: retain}",
                "databaseReclaimPolicy",
                Rollout,
                "acts on it",
            ),
            comes(DATABASE, "{spec: {ensure: absent}}", DataLoss, "at once"),
            comes(DATABASE, DELETE, DataLoss, "drops the database"),
            comes(DATABASE, "{spec: {databaseReclaimPolicy: retain, ensure: present}}", None, ""),
            goes(DATABASE, &[DELETE, RETIRED], DataLoss, "drops the database"),
            goes(DATABASE, &[RETIRED], Rollout, "retired before"),
            goes(DATABASE, &[], DataLoss, "no object manages"),
        ]
    }

    fn birth() -> Vec<Case> {
        const FIELDS: [&str; 10] = [
            "template",
            "encoding",
            "locale",
            "localeProvider",
            "localeCollate",
            "localeCType",
            "icuLocale",
            "icuRules",
            "builtinLocale",
            "collationVersion",
        ];
        let of = |name: &str| {
            let to = |value| format!("{{{name}: {value}}}");
            spec(DATABASE, &to("a"), &to("b"), name, Blocked, "comes or goes does nothing")
        };
        FIELDS.into_iter().map(of).collect()
    }

    fn roles() -> Vec<Case> {
        let of =
            |before, after, field, level, words| spec(ROLE, before, after, field, level, words);
        const READS: &str = "{passwordSecret: {name: a}}";
        const NO_LOGIN: &str = "can log in no longer";
        vec![
            of("{name: a}", "{name: b}", "name", Blocked, "immutable"),
            of(
                "{cluster: {name: a}}",
                "{cluster: {name: b}}",
                "cluster.name",
                Blocked,
                "immutable",
            ),
            of("{}", "{ensure: absent}", "ensure", Blocked, "drops no role so"),
            of("{}", "{ensure: present}", "ensure", Rollout, "acts on it"),
            of(READS, "{disablePassword: true}", "disablePassword", Blocked, "or none"),
            of(READS, "{disablePassword: false}", "disablePassword", Rollout, "acts on it"),
            of("{}", "{disablePassword: true}", "disablePassword", Rollout, "acts on it"),
            of(READS, "{passwordSecret: null}", "passwordSecret", Credential, NO_LOGIN),
            of(
                READS,
                "{passwordSecret: {name: b}}",
                "passwordSecret.name",
                Credential,
                "another password",
            ),
            of("{login: true}", "{login: false}", "login", Credential, NO_LOGIN),
            of("{login: true}", "{login: null}", "login", Credential, NO_LOGIN),
            of("{login: false}", "{login: true}", "login", Rollout, "acts on it"),
            of(
                "{}",
                "{validUntil: \"2026-01-01T00:00:00Z\"}",
                "validUntil",
                Credential,
                "ends at another time",
            ),
            of(
                "{connectionLimit: 100}",
                "{connectionLimit: 50}",
                "connectionLimit",
                Rollout,
                "number of connections",
            ),
            of(
                "{}",
                "{databaseRoleReclaimPolicy: delete}",
                "databaseRoleReclaimPolicy",
                Rollout,
                "from now on",
            ),
            of(
                "{}",
                "{databaseRoleReclaimPolicy: retain}",
                "databaseRoleReclaimPolicy",
                Rollout,
                "acts on it",
            ),
            goes(ROLE, &["{spec: {databaseRoleReclaimPolicy: delete}}"], Credential, "is dropped"),
            goes(ROLE, &[], Credential, "stays on its server"),
        ]
    }

    fn powers() -> Vec<Case> {
        const MORE: &str = "may do more";
        let of = |name: &'static str| -> [Case; 3] {
            let to = |value: bool| format!("{{{name}: {value}}}");
            let may = format!("{{spec: {{{name}: true}}}}");
            let changed = |before, after, level: Level, words| {
                spec(ROLE, &to(before), &to(after), name, level, words)
            };
            [
                changed(false, true, Credential, MORE),
                changed(true, false, Rollout, "acts on it"),
                comes(ROLE, &may, Credential, MORE),
            ]
        };
        let powers = ["superuser", "createdb", "createrole", "replication", "bypassrls"];
        let mut cases: Vec<Case> = powers.into_iter().flat_map(of).collect();
        cases.push(spec(ROLE, "{}", "{inRoles: [pg_read_all_data]}", "inRoles", Credential, MORE));
        cases.push(comes(ROLE, "{spec: {inRoles: [pg_read_all_data]}}", Credential, MORE));
        cases.push(comes(ROLE, "{spec: {superuser: false}}", None, ""));
        cases
    }
}
