//! The risks of CloudNativePG's kinds.

mod accounts;
mod server;

use crate::risk::{Risks, Ties};

/// The API group of the kinds.
const GROUP: &str = "postgresql.cnpg.io";

pub(super) static RISKS: Risks = Risks {
    tables: &[server::TABLE, accounts::TABLE],
    ties: Ties { subject: |_, _| None, secret: accounts::secret },
    unordered: &[],
};

const IMMUTABLE: &str = "the field is immutable: the change is refused";
const LEAVE: &str = "keep the old value";
