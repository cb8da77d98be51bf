//! The risks of CloudNativePG's kinds.

mod accounts;
mod backup;
mod pooler;
mod server;

use crate::risk::Condition::{self, Own};
use crate::risk::{Predicate, Risks, Ties};

pub(super) static RISKS: Risks = Risks {
    tables: &[server::TABLE, accounts::TABLE, backup::TABLE, pooler::TABLE],
    ties: Ties { subject: |_, _| None, secret: accounts::secret },
    unordered: &[],
};

const IMMUTABLE: &str = "the field is immutable: the change is refused";
/// The field is there before and after the change. A rule of a schema that compares the old value
/// with the new one does not see a field that is added or removed.
const REPLACED: Condition = Own(&Predicate {
    name: "REPLACED",
    holds: |scene| scene.field.is_some_and(|field| field.old.is_some() && field.new.is_some()),
});
const LEAVE: &str = "keep the old value";

/// The days of a time for which backups are kept, such as `30d`, `4w` or `1m`. Barman counts a month as
/// 31 days (source: `RecoveryWindowRetentionPolicy` in `barman/retention_policies.py`).
fn days(time: &str) -> Option<u32> {
    let (number, unit) = time.split_at_checked(time.len().checked_sub(1)?)?;
    let unit = match unit {
        "d" => 1,
        "w" => 7,
        "m" => 31,
        _ => return None,
    };
    number.parse::<u32>().ok()?.checked_mul(unit)
}
