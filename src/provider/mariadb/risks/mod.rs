//! The risks of mariadb-operator's kinds.

mod accounts;
mod backup;
mod external;
mod root;
mod server;

use crate::risk::Condition::{self, Own};
use crate::risk::{Predicate, Risks, Ties};

pub(super) static RISKS: Risks = Risks {
    tables: &[accounts::TABLE, server::TABLE, backup::TABLE, external::TABLE, root::TABLE],
    ties: Ties { subject: accounts::subject, secret: accounts::secret },
    unordered: &["privileges"],
};

const IMMUTABLE: &str = "the field is immutable: the change is refused";
const DEFAULTED: &str = "the field is immutable, and the operator sets it when it creates the object: the change is \
                         refused";
const LEAVE: &str = "keep the old value";
const RECREATE: &str = "keep the old value; a new value needs a new object with another name";
const NEWER: &str = "keep the old value, or run mariadb-operator 26.6";

/// The operator accepts no change of fields that concern pods.
const FIXED_PODS: Condition = Own(&Predicate {
    name: "FIXED_PODS",
    holds: |scene| {
        scene.known.has(|it| it.profiles.mariadb.is_some_and(|it| it.pod_fields_are_immutable))
    },
});

const PODS: &str = "api/v1alpha1/base_types.go of mariadb-operator 26.6.0";
