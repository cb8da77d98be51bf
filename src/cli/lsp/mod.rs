//! `sitewright lsp`: a language server on standard input and output.
//!
//! It speaks the protocol. What it answers comes from [`sitewright::editor`]. A scaffold from elsewhere would end at the
//! first broken frame, so the frames are read here.

mod answer;
mod frame;
mod server;
mod uri;

use super::outcome::Outcome;
use frame::Frame;
use server::{Ended, Server};
use std::collections::VecDeque;
use std::io::{self, BufReader};
use std::path::Path;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// How long nobody must have typed before the project is checked.
const PAUSE: Duration = Duration::from_millis(300);

/// Serves one client until it ends the server, or is gone.
pub(super) fn run(root: &Path) -> Outcome {
    let (sender, frames) = mpsc::channel();
    thread::spawn(move || {
        let mut input = BufReader::new(io::stdin());
        // The end of the input ends the server too.
        while let Ok(Some(frame)) = frame::read(&mut input) {
            if sender.send(frame).is_err() {
                break;
            }
        }
    });
    match serve(&mut Server::new(root), &frames) {
        Ok(Ended::AsAgreed) => Outcome::Fine,
        // The protocol asks for the exit code 1.
        Ok(Ended::WithoutShutdown) | Err(_) => Outcome::Findings,
    }
}

fn serve(server: &mut Server, frames: &Receiver<Frame>) -> io::Result<Ended> {
    let mut queue = VecDeque::new();
    let mut due: Option<Instant> = None;
    loop {
        if queue.is_empty() {
            let received = match due {
                None => frames.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(due) => frames.recv_timeout(due.saturating_duration_since(Instant::now())),
            };
            match received {
                Ok(frame) => queue.push_back(frame),
                Err(RecvTimeoutError::Disconnected) => return Ok(Ended::WithoutShutdown),
                Err(RecvTimeoutError::Timeout) => {
                    due = None;
                    send(server.publish())?;
                }
            }
        }
        // A cancelled request is known before it is its turn.
        queue.extend(frames.try_iter());
        let Some(frame) = queue.pop_front() else { continue };
        let reply = match frame {
            Frame::Broken(problem) => server::broken(&problem),
            Frame::Json(message) => server.handle(&message, &queue),
        };
        send(reply.messages)?;
        if let Some(ended) = reply.ended {
            return Ok(ended);
        }
        if reply.has_changed {
            due = Some(Instant::now() + PAUSE);
        }
    }
}

fn send(messages: Vec<serde_json::Value>) -> io::Result<()> {
    let mut output = io::stdout().lock();
    messages.iter().try_for_each(|message| frame::write(&mut output, message))
}
