//! The day on which a command runs. It decides what a command does, and no file has it.

use sitewright::language::{Date, day};
use std::time::{SystemTime, UNIX_EPOCH};

/// The number of the stated day, or of today in UTC.
pub(super) fn or_today(stated: Option<&Date>) -> u64 {
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    stated.map_or_else(|| now().as_secs() / day::SECONDS, day::number)
}
