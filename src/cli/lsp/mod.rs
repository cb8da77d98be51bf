//! `sitewright lsp`: a language server on standard input and output.
//!
//! It speaks the protocol. What it answers comes from [`sitewright::editor`]. A scaffold from elsewhere would end at the
//! first broken frame, so the frames are read here.
//!
//! One thread reads frames. This one answers them. Checks of the project run on other threads ([`checks`]), because a
//! large fleet takes seconds.

mod answer;
mod checks;
mod documents;
mod failure;
mod frame;
mod isolation;
mod server;
mod uri;

use super::outcome::Outcome;
use super::terminal::Terminal;
use checks::{Checks, Progress};
use frame::Frame;
use isolation::isolated;
use serde_json::Value;
use server::{Ended, Reply, Server};
use std::collections::VecDeque;
use std::io::{self, BufReader};
use std::path::Path;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread;
use std::time::Duration;

/// How long nobody must have typed before the project is checked.
const PAUSE: Duration = Duration::from_millis(300);

/// The number of messages that may wait. A client that sends more must wait itself.
const WAITING: usize = 64;

/// What the server reacts to.
#[derive(Debug)]
enum Event {
    /// The client has sent something.
    Frame(Frame),
    /// The client is gone.
    Gone,
    /// A check tells something.
    Check(Progress),
}

/// Serves one client until it ends the server, or is gone.
pub(super) fn run(root: &Path, terminal: &Terminal) -> Outcome {
    isolation::hide_texts_of_panics();
    let (sender, events) = mpsc::sync_channel(WAITING);
    let reader = sender.clone();
    let reading = thread::Builder::new().spawn(move || read(&reader));
    let checks = Checks::new(sender);
    let mut checks = match (reading, checks) {
        (Ok(_), Ok(checks)) => checks,
        (Err(problem), _) => return without_threads(&problem, terminal),
        (_, Err(problem)) => return without_threads(&problem, terminal),
    };
    match serve(&mut Server::new(root), &mut checks, &events) {
        Ok(Ended::AsAgreed) => Outcome::Fine,
        // The protocol asks for the exit code 1.
        Ok(Ended::WithoutShutdown) | Err(_) => Outcome::Findings,
    }
}

fn without_threads(problem: &dyn std::error::Error, terminal: &Terminal) -> Outcome {
    terminal.complain(&format!("error: the system has no threads for a server: {problem}"));
    Outcome::Input
}

fn read(events: &SyncSender<Event>) {
    let mut input = BufReader::new(io::stdin());
    // The end of the input ends the server too, and so does a panic here: nobody would read the next message.
    while let Ok(Ok(Some(frame))) = isolated(|| frame::read(&mut input)) {
        if events.send(Event::Frame(frame)).is_err() {
            return;
        }
    }
    let _ = events.send(Event::Gone);
}

fn serve(server: &mut Server, checks: &mut Checks, events: &Receiver<Event>) -> io::Result<Ended> {
    let mut queue = VecDeque::new();
    loop {
        checks.start_if_due(|| server.check());
        if queue.is_empty() {
            let received = match checks.wait() {
                None => events.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(wait) => events.recv_timeout(wait),
            };
            match received {
                Ok(event) => queue.push_back(event),
                Err(RecvTimeoutError::Timeout) => continue,
                Err(RecvTimeoutError::Disconnected) => return Ok(Ended::WithoutShutdown),
            }
        }
        // A cancelled request is known before it is its turn.
        queue.extend(events.try_iter().take(WAITING.saturating_sub(queue.len())));
        let Some(event) = queue.pop_front() else { continue };
        let reply = match event {
            Event::Gone => return Ok(Ended::WithoutShutdown),
            Event::Frame(Frame::Broken(problem)) => server::broken(&problem),
            Event::Frame(Frame::Json(message)) => {
                server.handle(&message, |id| queue.iter().any(|next| cancels(next, id)))
            }
            Event::Check(progress) => {
                if matches!(progress, Progress::Ended(..)) {
                    checks.ended();
                }
                isolated(|| server.checked(progress)).unwrap_or_default()
            }
        };
        let Reply { messages, has_changed, ended, former } = reply;
        send(&messages)?;
        if let Some(ended) = ended {
            return Ok(ended);
        }
        if has_changed {
            checks.plan();
        }
        if let Some(former) = former {
            checks.free(former);
        }
    }
}

fn cancels(event: &Event, id: &Value) -> bool {
    let Event::Frame(Frame::Json(message)) = event else { return false };
    message["method"] == "$/cancelRequest" && message["params"]["id"] == *id
}

fn send(messages: &[Value]) -> io::Result<()> {
    let mut output = io::stdout().lock();
    messages.iter().try_for_each(|message| frame::write(&mut output, message))
}
