//! The risks of ExternalMariaDB, and of the Service of a server outside the cluster.

use crate::risk::Condition::{IsNot, Retired, Was};
use crate::risk::Level::{Credential, DataLoss, Rollout};
use crate::risk::On::Goes;
use crate::risk::{MIGRATE, RETIRE, RETIRED, Rule, Table, field, on};

const OTHER_SERVER: &str = "the new server has none of the databases";

pub(super) const TABLE: Table = Table {
    rules: RULES,
    #[cfg(test)]
    cases: tests::cases,
};

#[rustfmt::skip]
const RULES: &[Rule] = &[
    field("ExternalMariaDB", "spec.host", &[], DataLoss, OTHER_SERVER, MIGRATE),
    field("ExternalMariaDB", "spec.port", &[], DataLoss, OTHER_SERVER, MIGRATE),
    field("ExternalMariaDB", "spec.username", &[], Credential, "the operator makes databases with another account", ""),
    field("ExternalMariaDB", "spec.passwordSecretKeyRef", &[], Credential, "the operator reads the account's password from another Secret or key", ""),
    field("ExternalMariaDB", "spec.tls", &[Was("spec.tls.enabled", "true"), IsNot("spec.tls.enabled", "true")], Credential, "the passwords of accounts reach the server in clear text", "keep `tls.enabled: true`"),
    // By its Service, frappe-operator reaches such a server.
    field("Service", "spec.externalName", &[], DataLoss, OTHER_SERVER, MIGRATE),
    on("Service", Goes, &[], Rollout, "sites that reach a server outside the cluster by it are out of service", ""),
    field("ExternalMariaDB", "spec.tls", &[], Credential, "the passwords of accounts reach the server under other TLS settings", ""),
    on("ExternalMariaDB", Goes, &[Retired], Rollout, RETIRED, ""),
    on("ExternalMariaDB", Goes, &[], DataLoss, "no object manages the databases on the server any more", RETIRE),
];

#[cfg(test)]
mod tests {
    use crate::risk::Level::{Credential, DataLoss, Rollout};
    use crate::risk::case::{Case, goes, spec};

    const RETIRED: &str = "{metadata: {annotations: {sitewright/lifecycle: retired}}}";

    pub(super) fn cases() -> Vec<Case> {
        const KIND: &str = "ExternalMariaDB";
        const BEFORE: &str = "{host: a, port: 3306, username: a, passwordSecretKeyRef: {name: a}}";
        const NONE_THERE: &str = "has none of the databases";
        let of = |after, field, level, words| spec(KIND, BEFORE, after, field, level, words);
        let tls =
            |before, after, field, level, words| spec(KIND, before, after, field, level, words);
        const ON: &str = "{tls: {enabled: true}}";
        vec![
            of("{host: b}", "host", DataLoss, NONE_THERE),
            of("{port: 3307}", "port", DataLoss, NONE_THERE),
            of("{username: b}", "username", Credential, "another account"),
            of(
                "{passwordSecretKeyRef: {name: b}}",
                "passwordSecretKeyRef.name",
                Credential,
                "from another Secret",
            ),
            tls(ON, "{tls: {enabled: false}}", "tls.enabled", Credential, "in clear text"),
            tls(ON, "{tls: null}", "tls", Credential, "in clear text"),
            tls(ON, "{tls: {mutual: false}}", "tls.mutual", Credential, "under other TLS settings"),
            tls("{}", ON, "tls", Credential, "under other TLS settings"),
            tls(
                "{tls: {enabled: false}}",
                "{tls: {mutual: false}}",
                "tls.mutual",
                Credential,
                "under other TLS settings",
            ),
            spec(
                "Service",
                "{externalName: a}",
                "{externalName: b}",
                "externalName",
                DataLoss,
                NONE_THERE,
            ),
            goes("Service", &[], Rollout, "out of service"),
            goes(KIND, &[], DataLoss, "no object manages the databases"),
            goes(KIND, &[RETIRED], Rollout, "retired before"),
        ]
    }
}
