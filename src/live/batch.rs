//! Reads a stream in batches of pieces, so that only a few MiB of it are in memory.

use super::cut::{Cutter, Fault, Piece};
use std::io::{self, Read};

/// How much is read at a time. A batch has enough pieces for all threads.
const BATCH: usize = 1 << 20;

/// The largest piece. The API server accepts objects of 3 MiB, and etcd those of 1.5 MiB.
const LARGEST: usize = 32 << 20;

/// Bytes with the pieces that are cut out of them.
pub(super) struct Batch {
    pub(super) bytes: Vec<u8>,
    pub(super) pieces: Vec<Piece>,
    /// Why this is the last batch.
    pub(super) fault: Option<Stop>,
}

/// Why the rest of a stream is not read.
pub(super) enum Stop {
    /// It cannot be cut.
    Fault(Fault),
    /// It is UTF-16.
    Utf16,
    /// A piece is too large.
    TooLarge(u32),
    /// It cannot be read.
    Unreadable(io::Error),
}

/// The batches of a stream.
pub(super) struct Batches {
    from: Box<dyn Read + Send>,
    /// What the last batch left over.
    rest: Vec<u8>,
    cutter: Option<Cutter>,
    is_over: bool,
    size: usize,
}

impl Batches {
    pub(super) fn of(from: Box<dyn Read + Send>) -> Self {
        Self { from, rest: Vec::new(), cutter: None, is_over: false, size: BATCH }
    }

    /// The same with batches of another size.
    #[cfg(test)]
    pub(super) fn sized(from: Box<dyn Read + Send>, size: usize, cutter: Option<Cutter>) -> Self {
        Self { size, cutter, ..Self::of(from) }
    }

    /// The next batch, or `None` at the end.
    pub(super) fn next(&mut self) -> Option<Batch> {
        if self.is_over {
            return None;
        }
        let mut batch =
            Batch { bytes: std::mem::take(&mut self.rest), pieces: Vec::new(), fault: None };
        match self.fill(&mut batch) {
            Ok(gone) => self.rest = batch.bytes[gone..].to_vec(),
            Err(fault) => {
                self.is_over = true;
                batch.fault = Some(fault);
            }
        }
        Some(batch)
    }

    /// Reads until the batch has a piece, and returns how many of its bytes the next batch does not need.
    fn fill(&mut self, batch: &mut Batch) -> Result<usize, Stop> {
        loop {
            let before = batch.bytes.len();
            let mut from = (&mut self.from).take(self.size as u64);
            from.read_to_end(&mut batch.bytes).map_err(Stop::Unreadable)?;
            let read = batch.bytes.len() - before;
            self.is_over = read < self.size;
            let cutter = match &mut self.cutter {
                Some(cutter) => cutter,
                None => {
                    if matches!(batch.bytes.as_slice(), [0xff, 0xfe, ..] | [0xfe, 0xff, ..]) {
                        return Err(Stop::Utf16);
                    }
                    if batch.bytes.starts_with(b"\xef\xbb\xbf") {
                        batch.bytes.drain(..3);
                    }
                    self.cutter.insert(Cutter::of(&batch.bytes))
                }
            };
            let gone =
                cutter.cut(&batch.bytes, self.is_over, &mut batch.pieces).map_err(Stop::Fault)?;
            if self.is_over || !batch.pieces.is_empty() {
                return Ok(gone);
            }
            batch.bytes.drain(..gone);
            if batch.bytes.len() > LARGEST {
                return Err(Stop::TooLarge(cutter.line()));
            }
        }
    }
}
