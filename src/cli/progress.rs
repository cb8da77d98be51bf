//! A line on a terminal that shows that a long run continues.

use std::io::{self, IsTerminal, Write};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// The time before the line appears.
const PATIENCE: Duration = Duration::from_millis(500);

/// Shows the line until it is dropped. Then the line is removed.
pub(super) struct Progress(Option<(Sender<()>, JoinHandle<()>)>);

impl Progress {
    /// Shows the line on standard error, if that is a terminal and the line is `wanted`.
    pub(super) fn new(what: &'static str, wanted: bool) -> Self {
        match wanted && io::stderr().is_terminal() {
            true => Self::to(io::stderr(), what, PATIENCE),
            false => Self(None),
        }
    }

    fn to(mut out: impl Write + Send + 'static, what: &'static str, patience: Duration) -> Self {
        let (done, ended) = mpsc::channel();
        let started = Instant::now();
        let shows = thread::spawn(move || {
            let mut wait = patience;
            let mut shown = false;
            // A failure to show the line does not matter.
            while ended.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                let _ = write!(out, "\r{what} … {:.0} s", started.elapsed().as_secs_f64());
                let _ = out.flush();
                (wait, shown) = (Duration::from_millis(250), true);
            }
            if shown {
                let _ = write!(out, "\r\u{1b}[K");
                let _ = out.flush();
            }
        });
        Self(Some((done, shows)))
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((done, shows)) = self.0.take() {
            drop(done);
            let _ = shows.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Screen(Arc<Mutex<Vec<u8>>>);

    impl Write for Screen {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn the_line_comes_after_a_while_and_goes_with_the_work() {
        let screen = Screen::default();
        drop(Progress::to(screen.clone(), "compiling", Duration::from_secs(3600)));
        assert!(screen.0.lock().unwrap().is_empty());
        let progress = Progress::to(screen.clone(), "compiling", Duration::ZERO);
        while screen.0.lock().unwrap().is_empty() {
            thread::yield_now();
        }
        drop(progress);
        let text = String::from_utf8(screen.0.lock().unwrap().clone()).unwrap();
        assert!(text.starts_with("\rcompiling … 0 s") && text.ends_with("\r\u{1b}[K"), "{text:?}");
    }
}
