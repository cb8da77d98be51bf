//! All rules in their order, and the ties between objects that each owner of kinds states.
//!
//! The immutable fields and the defaults are known from the webhooks and controllers of the
//! operators, in the versions that each rule's source names. `super::measured` compares the rules
//! that block with the answers of a running webhook. A rule that no answer proves names the source
//! where it was read. Each table has a change for every row, and `super::cases` fails if a row, or
//! one of its conditions, can be left out.

use crate::risk::{Risks, Rule, Table, Ties};
use crate::{frappe, manifest, provider, secret, site_database};

fn owners() -> Vec<&'static Risks> {
    let first = [&manifest::OTHER_ENGINES]
        .into_iter()
        .chain(provider::ALL.iter().map(|provider| provider.risks()));
    first.chain([&frappe::RISKS, &secret::RISKS, &site_database::RISKS, &manifest::RISKS]).collect()
}

/// Every table. The first rule that matches counts.
pub(super) fn tables() -> impl Iterator<Item = &'static Table> {
    owners().into_iter().flat_map(|owner| owner.tables)
}

/// Every rule, in the order of the tables.
pub(super) fn all() -> Vec<&'static Rule> {
    tables().flat_map(|table| table.rules).collect()
}

/// The ties of each owner's objects to other objects.
pub(super) fn ties() -> Vec<&'static Ties> {
    owners().into_iter().map(|owner| &owner.ties).collect()
}

/// Whether the order of the items of a list has no meaning.
pub(super) fn is_unordered(field: &str) -> bool {
    owners().iter().any(|owner| owner.unordered.contains(&field))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::ObjectKind;
    use crate::risk::Level;

    #[test]
    fn every_rule_says_what_happens_and_what_to_do_against_the_worst() {
        for rule in all() {
            assert_eq!(rule.reason.is_empty(), rule.level == Level::None, "{rule:?}");
            let needs_advice = rule.level >= Level::Blocked;
            assert!(!needs_advice || !rule.instead.is_empty(), "{rule:?}");
        }
    }

    /// A new type of object needs its own rule, in addition to the rules for all types.
    #[test]
    fn every_kind_that_is_rendered_has_a_rule() {
        let kinds = ObjectKind::ALL.iter().filter(|kind| **kind != ObjectKind::Secret);
        let kinds = kinds.map(|kind| kind.as_str());
        let has_rule =
            |kind: &&str| all().iter().any(|rule| rule.kinds.split(' ').any(|of| of == *kind));
        let without: Vec<&str> = kinds.filter(|kind| !has_rule(kind)).collect();
        assert!(without.is_empty(), "{without:?}");
    }
}
