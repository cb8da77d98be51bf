//! The time of the machine.

use crate::index::Seconds;
use jiff::Timestamp;

/// The time, in seconds since 1970.
pub(crate) fn now() -> Seconds {
    Timestamp::now().as_second()
}
