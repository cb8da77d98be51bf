//! The generation and the policy of an adopted value that the record does not have yet.

use super::of;
use crate::diagnostic::Diagnostic;
use crate::object::Form;
use crate::secret::offer::{Offer, start};
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
    let fits = |policy: Policy| policy.length().is_none_or(|of_policy| of_policy == length);
    match offer.state.record() {
        Some(record) if is_in_clear_text(record) && fits(record.policy) => record.policy,
        None if offer.is_ours && fits(Policy::of(&offer.need.wanted)) => {
            Policy::of(&offer.need.wanted)
        }
        _ => Policy::Adopted,
    }
}

/// Refuses a value that Frappe could not use as an encryption key, where one is wanted. `fits` says
/// whether it may be one, as far as it can be seen: of a sealed value only the length shows.
pub(super) fn refuse_no_key(offer: &Offer, fits: bool) -> Result<(), Box<Diagnostic>> {
    if fits || offer.need.wanted.form != Form::FernetKey {
        return Ok(());
    }
    let message = format!(
        "`{}/{}` is no encryption key: that is 32 bytes in URL-safe base64, which are 44 characters",
        offer.need.path(),
        offer.need.key()
    );
    let help = "take the value of `encryption_key` in the site's site_config.json as it is, without an end of line";
    Err(offer.refusal(start(offer.object), message, help))
}
