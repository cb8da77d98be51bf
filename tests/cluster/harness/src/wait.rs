//! Waiting for what another process does.

use std::fmt::Debug;
use std::time::{Duration, Instant};

const PAUSE: Duration = Duration::from_millis(300);

/// Asks again and again until there is an answer, and returns it. After `limit` the test fails, with
/// what was waited for and the last reason against it.
pub fn eventually<T, E: Debug>(
    what: &str,
    limit: Duration,
    mut ask: impl FnMut() -> Result<T, E>,
) -> T {
    let start = Instant::now();
    loop {
        match ask() {
            Ok(answer) => return answer,
            Err(reason) if start.elapsed() > limit => {
                panic!("{what}: not within {} s, since {reason:?}", limit.as_secs());
            }
            Err(_) => std::thread::sleep(PAUSE),
        }
    }
}

/// Asks again and again for as long as `time` says. The test fails at the first answer that is an
/// error: something happened that must not.
pub fn steadily<E: Debug>(what: &str, time: Duration, mut ask: impl FnMut() -> Result<(), E>) {
    let start = Instant::now();
    while start.elapsed() < time {
        if let Err(reason) = ask() {
            panic!("{what}: no longer after {:?}, since {reason:?}", start.elapsed());
        }
        std::thread::sleep(PAUSE);
    }
}
