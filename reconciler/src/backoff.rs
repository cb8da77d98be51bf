//! How long to wait after a failure.

use std::time::Duration;

/// The longest wait that a server may ask for.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(300);

/// A wait that doubles with each failure, up to a limit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Backoff {
    /// The wait after the first failure.
    pub(crate) first: Duration,
    /// The longest wait.
    pub(crate) longest: Duration,
}

impl Backoff {
    /// The wait after a number of failures in a row. `jitter`, from 0 to 1, spreads those who failed together
    /// over the second half of the wait.
    pub(crate) fn delay(self, failures: u32, jitter: f64) -> Duration {
        let doubled = 1u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX);
        let whole = self.first.saturating_mul(doubled).min(self.longest);
        whole / 2 + (whole / 2).mul_f64(jitter.clamp(0.0, 1.0))
    }

    /// The wait with a random jitter.
    pub(crate) fn random(self, failures: u32) -> Duration {
        self.delay(failures, fastrand::f64())
    }
}

/// The header `Retry-After`, which Kubernetes gives in seconds.
pub(crate) fn retry_after(header: &str) -> Option<Duration> {
    let seconds = header.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST_RETRY_AFTER))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_doubles_up_to_its_limit() {
        let backoff =
            Backoff { first: Duration::from_millis(500), longest: Duration::from_secs(60) };
        let seconds = |failures| backoff.delay(failures, 1.0).as_secs_f64();
        assert_eq!([1, 2, 3, 4].map(seconds), [0.5, 1.0, 2.0, 4.0]);
        assert_eq!([8, 9, 40, u32::MAX].map(seconds), [60.0; 4]);
        assert_eq!(backoff.delay(1, 0.0), Duration::from_millis(250));
        let random = backoff.random(3);
        assert!(random >= Duration::from_secs(1) && random <= Duration::from_secs(2));
    }

    #[test]
    fn a_server_cannot_ask_for_a_day() {
        assert_eq!(retry_after(" 7 "), Some(Duration::from_secs(7)));
        assert_eq!(retry_after("86400"), Some(LONGEST_RETRY_AFTER));
        assert_eq!(retry_after("Wed, 21 Oct 2026 07:28:00 GMT"), None);
        assert_eq!(retry_after("-1"), None);
    }
}
