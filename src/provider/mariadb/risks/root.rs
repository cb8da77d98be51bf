//! The risks of the Secret with a server's root password.

use crate::risk::Condition::{self, NameEnds, Own};
use crate::risk::Level::Blocked;
use crate::risk::{Predicate, Rule, Table, field};

const ROOT_STAYS: &str =
    "{mariadb-operator} cannot change a root password: it loses its own access";
const RESTORE: &str = "restore the record from Git";

/// The operator cannot change a server's root password.
const FIXED_ROOT: Condition = Own(&Predicate {
    name: "FIXED_ROOT",
    holds: |scene| {
        scene.known.has(|it| it.profiles.mariadb.is_some_and(|it| !it.rotates_root_password))
    },
});

const ROOT: &str = "internal/controller of mariadb-operator 25.10.4, which lacks mariadb_controller_root_password.go of 26.6.0";

pub(super) const TABLE: Table = Table {
    rules: RULES,
    #[cfg(test)]
    cases: tests::cases,
};

#[rustfmt::skip]
const RULES: &[Rule] = &[
    field("SealedSecret", "spec.encryptedData", &[NameEnds("-root"), FIXED_ROOT], Blocked, ROOT_STAYS, RESTORE).read_in(ROOT),
    field("ExternalSecret", "spec.data", &[NameEnds("-root"), FIXED_ROOT], Blocked, ROOT_STAYS, RESTORE).read_in(ROOT),
    field("ExternalSecret", "spec.secretStoreRef", &[NameEnds("-root"), FIXED_ROOT], Blocked, "{mariadb-operator} cannot change a root password, and the other store holds another one", "keep the store, or run mariadb-operator 26.6").read_in(ROOT),
];

#[cfg(test)]
mod tests {
    use crate::risk::Level::{Blocked, Credential};
    use crate::risk::case::{Case, spec};

    const ROOT: &str = "{metadata: {name: db-root}}";

    /// A change of `spec` of the Secret of a server's root.
    fn of_root(
        kind: &'static str,
        before: &str,
        after: &str,
        field: &str,
        words: &'static str,
    ) -> Vec<Case> {
        let of = |level, words| spec(kind, before, after, field, level, words);
        vec![
            of(Blocked, words).with(ROOT).under("mariadb-operator", "25.10"),
            of(Credential, "the password").with(ROOT),
            // An account's own.
            of(Credential, "the password").under("mariadb-operator", "25.10"),
        ]
    }

    pub(super) fn cases() -> Vec<Case> {
        const LOSES: &str = "mariadb-operator 25.10 cannot change a root password: it loses";
        const STORE: &str = "the other store holds another one";
        let mut cases = of_root(
            "SealedSecret",
            "{encryptedData: {password: a}}",
            "{encryptedData: {password: b}}",
            "encryptedData.password",
            LOSES,
        );
        cases.extend(of_root("ExternalSecret", "{data: a}", "{data: b}", "data", LOSES));
        cases.extend(of_root(
            "ExternalSecret",
            "{secretStoreRef: {name: a}}",
            "{secretStoreRef: {name: b}}",
            "secretStoreRef.name",
            STORE,
        ));
        cases
    }
}
