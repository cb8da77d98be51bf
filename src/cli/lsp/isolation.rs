//! Keeps the server alive: work that panics fails alone.
//!
//! A panic is a defect of sitewright. Its text may have values of the project, so only its place in the code is reported.

use std::io::{self, Write as _};
use std::panic::{self, AssertUnwindSafe, Location};

/// Work that has panicked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Panicked;

/// Runs work that may panic. What it has changed until then are texts and answers of a server, and each of them is whole.
pub(super) fn isolated<T>(work: impl FnOnce() -> T) -> Result<T, Panicked> {
    panic::catch_unwind(AssertUnwindSafe(work)).map_err(|_| Panicked)
}

/// From now on, a panic is reported without its text.
pub(super) fn hide_texts_of_panics() {
    panic::set_hook(Box::new(|panic| {
        let _ = writeln!(io::stderr().lock(), "{}", report(panic.location()));
    }));
}

fn report(place: Option<&Location>) -> String {
    let place = place.map(|it| format!(" at {}:{}", it.file(), it.line())).unwrap_or_default();
    format!("error: a defect of sitewright{place}: one answer is missing, and the server goes on")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_that_panics_fails_alone() {
        let mut done = Vec::new();
        assert_eq!(isolated(|| done.push(1)), Ok(()));
        let secret = "hunter2".to_owned();
        let failed = isolated(|| {
            done.push(2);
            assert!(secret.is_empty(), "{secret}");
            done.push(3);
        });
        assert_eq!(failed, Err(Panicked));
        assert_eq!(isolated(|| done.len()), Ok(2));
    }

    #[test]
    fn a_report_names_the_place_in_the_code() {
        let place = Location::caller();
        let expected = format!(" at {}:{}: ", file!(), place.line());
        assert!(report(Some(place)).contains(&expected));
        assert!(report(None).starts_with("error: a defect of sitewright: "));
    }
}
