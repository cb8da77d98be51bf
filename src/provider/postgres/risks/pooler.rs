//! The risks of Pooler, and of a site that connects to one.

use super::super::derived::{POOLER, WRITES};
use super::{IMMUTABLE, LEAVE, REPLACED};
use crate::provider::service;
use crate::risk::Condition::{self, Own, To};
use crate::risk::Level::{Blocked, Credential, Rollout};
use crate::risk::On::Goes;
use crate::risk::{FieldChange, Predicate, Rule, Table, field, on};
use crate::source::node::Node;

const STATE: &str =
    "Frappe keeps state in its session, and each transaction may now have another one";
const OPENS: &str = "other accounts than before may be able to log in through the pooler";
const DOWN: &str = "no site reaches its database through the pooler";

/// The hosts before and after are Services of one server: its own, and its pooler's.
const SAME_SERVER: Condition = Own(&Predicate {
    name: "SAME_SERVER",
    holds: |scene| scene.field.is_some_and(is_of_one_server),
});

pub(super) const TABLE: Table = Table {
    rules: RULES,
    #[cfg(test)]
    cases: tests::cases,
};

#[rustfmt::skip]
const RULES: &[Rule] = &[
    field("Pooler", "spec.cluster", &[], Blocked, IMMUTABLE, LEAVE),
    field("Pooler", "spec.serviceAccountName", &[REPLACED], Blocked, IMMUTABLE, LEAVE),
    field("Pooler", "spec.type", &[], Rollout, "the pooler leads to other instances of the server: a site can write only through `rw`", "keep `type: rw`"),
    field("Pooler", "spec.instances", &[To("0")], Rollout, DOWN, "keep at least one instance"),
    field("Pooler", "spec.instances", &[], Rollout, "instances of the pooler are added or removed; connections through a removed one end", ""),
    field("Pooler", "spec.pgbouncer.poolMode", &[To("transaction")], Rollout, STATE, "keep `poolMode: session`"),
    field("Pooler", "spec.pgbouncer.paused", &[To("true")], Rollout, DOWN, "keep `paused: false`"),
    field("Pooler", "spec.pgbouncer.parameters.auth_type", &[], Credential, OPENS, "leave it out"),
    field("Pooler", "spec.pgbouncer.pg_hba", &[], Credential, OPENS, LEAVE),
    field("Pooler", "spec.pgbouncer.authQuery", &[], Credential, OPENS, LEAVE),
    field("Pooler", "spec.pgbouncer.authQuerySecret", &[], Credential, OPENS, LEAVE),
    field("Pooler", "spec.pgbouncer", &[], Rollout, "the pooler reloads or restarts with other settings", ""),
    on("Pooler", Goes, &[], Rollout, DOWN, "set `db_host` of each site on the server in its site_config.json first"),
    field("FrappeSite", "spec.dbConfig.host", &[SAME_SERVER], Rollout, "the same database has another address, and the site keeps the old one", "set `db_host` in the site's site_config.json as soon as the new address is there"),
];

/// Whether two hosts are Services of one server.
fn is_of_one_server(field: &FieldChange) -> bool {
    let server = |node: &Option<Node>| {
        let (name, namespace) = service(node.as_ref()?.as_str()?)?;
        // The Service of a pooler ends like a server's own.
        let name = name.strip_suffix(POOLER).or(name.strip_suffix(WRITES))?;
        Some((name.to_owned(), namespace.to_owned()))
    };
    let (old, new) = (server(&field.old), server(&field.new));
    old.is_some() && old == new
}

#[cfg(test)]
mod tests {
    use crate::risk::Level::{self, Blocked, Credential, DataLoss, Rollout};
    use crate::risk::case::{Case, goes, spec};

    pub(super) fn cases() -> Vec<Case> {
        let gone = vec![goes("Pooler", &[], Rollout, "no site reaches")];
        [poolers(), accounts(), hosts(), gone].into_iter().flatten().collect()
    }

    fn of(before: &str, after: &str, field: &str, level: Level, words: &'static str) -> Case {
        spec("Pooler", before, after, field, level, words)
    }

    fn poolers() -> Vec<Case> {
        const ACCOUNT: &str = "{serviceAccountName: a}";
        let bouncer = |before: &str, after: &str, field: &str, words| {
            let to = |text: &str| format!("{{pgbouncer: {text}}}");
            of(&to(before), &to(after), &format!("pgbouncer.{field}"), Rollout, words)
        };
        vec![
            of("{}", "{cluster: {name: other}}", "cluster.name", Blocked, "immutable"),
            of(ACCOUNT, "{serviceAccountName: b}", "serviceAccountName", Blocked, "immutable"),
            of("{}", ACCOUNT, "serviceAccountName", Rollout, "acts on it"),
            of("{}", "{type: ro}", "type", Rollout, "only through `rw`"),
            of("{}", "{instances: 0}", "instances", Rollout, "no site reaches"),
            of("{}", "{instances: 3}", "instances", Rollout, "added or removed"),
            bouncer("{}", "{poolMode: transaction}", "poolMode", "in its session"),
            bouncer("{poolMode: transaction}", "{poolMode: session}", "poolMode", "other settings"),
            bouncer("{}", "{paused: true}", "paused", "no site reaches"),
            bouncer("{paused: true}", "{paused: false}", "paused", "other settings"),
            bouncer(
                "{}",
                "{parameters: {default_pool_size: \"5\"}}",
                "parameters.default_pool_size",
                "other settings",
            ),
        ]
    }

    /// Fields that decide which accounts log in.
    fn accounts() -> Vec<Case> {
        let opens = |after: &str, field: &str| {
            let field = format!("pgbouncer.{field}");
            let after = format!("{{pgbouncer: {after}}}");
            of("{}", &after, &field, Credential, "may be able to log in")
        };
        vec![
            opens("{parameters: {auth_type: trust}}", "parameters.auth_type"),
            opens("{pg_hba: [a]}", "pg_hba"),
            opens("{authQuery: a}", "authQuery"),
            opens("{authQuerySecret: {name: a}}", "authQuerySecret"),
        ]
    }

    fn hosts() -> Vec<Case> {
        const ANOTHER: &str = "another address";
        const EMPTY: &str = "where there is none";
        let of = |before, after, level, words| {
            let to = |host| format!("{{dbConfig: {{host: {host}}}}}");
            spec("FrappeSite", &to(before), &to(after), "dbConfig.host", level, words)
        };
        const OWN: &str = "main-rw.erp.svc.cluster.local";
        const POOLED: &str = "main-pooler-rw.erp.svc.cluster.local";
        vec![
            of(OWN, POOLED, Rollout, ANOTHER),
            of(POOLED, OWN, Rollout, ANOTHER),
            of(OWN, "other-pooler-rw.erp.svc.cluster.local", DataLoss, EMPTY),
            of(OWN, "main-pooler-rw.crm.svc.cluster.local", DataLoss, EMPTY),
            of("a.example.com", "b.example.com", DataLoss, EMPTY),
        ]
    }
}
