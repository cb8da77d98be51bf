//! The frames of the Language Server Protocol: headers, an empty line, and a JSON text of the stated length.
//!
//! A broken frame is an error of its own, and the next frame is read. So no client can end the server by a bad message,
//! or make it allocate what a header announces.

use serde_json::Value;
use std::io::{self, BufRead, Read as _, Write};

/// The longest message that is read. A definition has at most 1 MiB.
const MAX_LENGTH: u64 = 16 << 20;

/// The longest message that is skipped. A longer one is taken for a broken header.
const MAX_SKIPPED: u64 = 1 << 30;

/// The longest header.
const MAX_HEADER: u64 = 4 << 10;

const LENGTH: &str = "content-length:";

/// What comes from the client.
#[derive(Debug, PartialEq)]
pub(super) enum Frame {
    /// A JSON text.
    Json(Value),
    /// What is wrong with a frame.
    Broken(String),
}

/// The next frame. `None` at the end.
pub(super) fn read(reader: &mut impl BufRead) -> io::Result<Option<Frame>> {
    let (mut length, mut broken) = (None, None);
    loop {
        let Some(line) = header(reader)? else { return Ok(None) };
        let line = line.trim_end_matches(['\r', '\n']);
        if line.is_empty() {
            // After a broken frame, empty lines may be left of it.
            match (length, broken.take()) {
                (Some(length), _) => return body(reader, length).map(Some),
                (None, Some(problem)) => return Ok(Some(Frame::Broken(problem))),
                (None, None) => {
                    return Ok(Some(Frame::Broken("a header has no `Content-Length`".to_owned())));
                }
            }
        }
        // The rest of a broken frame may stand before the next header.
        match line.to_ascii_lowercase().rfind(LENGTH) {
            Some(at) => match line[at + LENGTH.len()..].trim().parse::<u64>() {
                Ok(stated) if stated <= MAX_SKIPPED => length = Some(stated),
                _ => broken = Some("`Content-Length` is no possible length".to_owned()),
            },
            None if line.contains(':') => {}
            None => broken = Some("a header has no `:`".to_owned()),
        }
    }
}

/// A line. What is longer than a header may be is cut off.
fn header(reader: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    if reader.by_ref().take(MAX_HEADER).read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    Ok(Some(String::from_utf8_lossy(&line).into_owned()))
}

fn body(reader: &mut impl BufRead, length: u64) -> io::Result<Frame> {
    if length > MAX_LENGTH {
        io::copy(&mut reader.by_ref().take(length), &mut io::sink())?;
        let message = format!("a message has {length} bytes, and at most {MAX_LENGTH} are read");
        return Ok(Frame::Broken(message));
    }
    let mut bytes = Vec::new();
    let read = reader.by_ref().take(length).read_to_end(&mut bytes)?;
    if (read as u64) < length {
        return Ok(Frame::Broken("a message ends before its stated length".to_owned()));
    }
    Ok(match serde_json::from_slice(&bytes) {
        Ok(value) => Frame::Json(value),
        Err(error) => Frame::Broken(format!("a message is not JSON: {error}")),
    })
}

/// Writes a message.
pub(super) fn write(writer: &mut impl Write, message: &Value) -> io::Result<()> {
    let text = message.to_string();
    write!(writer, "Content-Length: {}\r\n\r\n{text}", text.len())?;
    writer.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn all(text: &str) -> Vec<Frame> {
        let (mut reader, mut found) = (text.as_bytes(), Vec::new());
        while let Some(frame) = read(&mut reader).unwrap() {
            found.push(frame);
        }
        found
    }

    #[test]
    fn a_frame_is_read_as_it_is_written() {
        let message = json!({"method": "exit", "text": "é😀"});
        let mut text = Vec::new();
        write(&mut text, &message).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert_eq!(
            all(&format!("{text}{text}")),
            [Frame::Json(message.clone()), Frame::Json(message)]
        );
        let other = "Content-Type: application/vscode-jsonrpc; charset=utf-8\r\ncontent-length: 2\r\n\r\n{}";
        assert_eq!(all(other), [Frame::Json(json!({}))]);
    }

    #[test]
    fn a_good_frame_is_read_after_a_broken_one() {
        let good = "Content-Length: 4\r\n\r\ntrue";
        for broken in [
            "Content-Length: 3\r\n\r\n{a}",
            "Content-Length: many\r\n\r\n",
            "Content-Length: -1\r\n\r\n",
            "Content-Length: 18446744073709551615\r\n\r\n",
            "Content-Length: 99999999999999999999999\r\n\r\n{}",
            "no header\r\n\r\n",
            "Content-Type: x\r\n\r\n",
            "\r\n",
        ] {
            let found = all(&format!("{broken}{good}"));
            assert!(matches!(found.first(), Some(Frame::Broken(_))), "{broken}: {found:?}");
            assert_eq!(found.last(), Some(&Frame::Json(json!(true))), "{broken}: {found:?}");
        }
    }

    #[test]
    fn what_is_too_long_is_skipped() {
        let long = "x".repeat(usize::try_from(MAX_LENGTH).unwrap() + 1);
        let found = all(&format!(
            "Content-Length: {}\r\n\r\n{long}Content-Length: 2\r\n\r\n{{}}",
            long.len()
        ));
        assert_eq!(found.len(), 2);
        assert!(matches!(&found[0], Frame::Broken(it) if it.contains("at most 16777216")));
        assert_eq!(found[1], Frame::Json(json!({})));
    }

    #[test]
    fn a_frame_that_ends_early_is_broken() {
        assert!(matches!(all("Content-Length: 9\r\n\r\n{}")[..], [Frame::Broken(_)]));
        assert_eq!(all("Content-Le"), []);
    }
}
