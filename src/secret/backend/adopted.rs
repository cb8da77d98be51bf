//! The generation and the policy of an adopted value that the record does not have yet.

use super::of;
use crate::secret::offer::Offer;
use crate::secret::password::LENGTH;
use crate::secret::record::{Policy, Record};

/// Whether the recorded value is in clear text on a machine. Its sealed form is then the same value.
fn is_in_clear_text(record: &Record) -> bool {
    of(record.mode).local().is_some()
}

/// The generation of a value that differs from the recorded one. `None` if there can be no further
/// generation.
pub(super) fn generation(offer: &Offer) -> Option<u32> {
    match offer.state.record() {
        Some(record) if is_in_clear_text(record) => Some(record.generation),
        Some(record) => record.next_generation(),
        None => Some(offer.first_generation()),
    }
}

/// The policy of a sealed value of this length.
pub(super) fn policy(offer: &Offer, length: usize) -> Policy {
    match offer.state.record() {
        Some(record) if is_in_clear_text(record) && length == LENGTH => record.policy,
        None if offer.is_ours && offer.need.wanted.given => Policy::Given,
        None if offer.is_ours && length == LENGTH => Policy::Alphanumeric32,
        _ => Policy::Adopted,
    }
}
