//! The two comment lines at the start of every file that sitewright writes.

use sha2::{Digest, Sha256};
use std::borrow::Cow;

const FIRST_LINE: &str = "# Rendered by sitewright from ";
const SECOND_LINE: &str = "# Digest of what follows: ";

/// The number of bytes at the start of a file that [`is_ours`] needs.
pub(super) const START: usize = FIRST_LINE.len();

/// The text of a file: a line that names its definition, a line with the digest of the body, and
/// `body`. `source` is the definition's path, on one line.
///
/// The digest distinguishes a file that was edited by hand from a file that is out of date: an
/// edited file no longer fits its digest, and an outdated file does. So no other data about written
/// files is needed.
pub fn with_header(source: &str, body: &str) -> Vec<u8> {
    let digest = digest(body.as_bytes());
    let parts = [FIRST_LINE, source, ". Do not edit.\n", SECOND_LINE, &digest, "\n", body];
    parts.concat().into_bytes()
}

/// Whether sitewright wrote the file with this start, even if it was edited since.
pub fn is_ours(start: &[u8]) -> bool {
    start.starts_with(FIRST_LINE.as_bytes())
}

/// Whether a file that sitewright wrote still fits its digest.
pub(super) fn is_intact(file: &[u8]) -> bool {
    let mut parts = file.splitn(3, |byte| *byte == b'\n').skip(1);
    let (Some(second), Some(body)) = (parts.next(), parts.next()) else { return false };
    second.strip_prefix(SECOND_LINE.as_bytes()) == Some(digest(body).as_bytes())
}

/// Whether a file contains the conflict markers of an unfinished Git merge.
pub(super) fn is_conflicted(file: &[u8]) -> bool {
    file.split(|byte| *byte == b'\n').any(|line| line.starts_with(b"<<<<<<< "))
}

/// The file with each CR LF replaced by LF.
pub(super) fn with_unix_line_ends(file: &[u8]) -> Cow<'_, [u8]> {
    let ends_line = |at: usize| file[at] == b'\r' && file.get(at + 1) == Some(&b'\n');
    if !(0..file.len()).any(ends_line) {
        return Cow::Borrowed(file);
    }
    (0..file.len()).filter(|at| !ends_line(*at)).map(|at| file[at]).collect()
}

/// The first 64 bits of SHA-256, in hexadecimal. That is enough to detect accidental changes. It
/// cannot detect deliberate ones, because anybody can compute the digest.
fn digest(body: &[u8]) -> String {
    let start = Sha256::digest(body).first_chunk().copied().unwrap_or_default();
    format!("{:016x}", u64::from_be_bytes(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_file_starts_with_its_source_and_digest() {
        let file = with_header("sites/production/acme.yaml", "kind: Database\n");
        assert_eq!(
            String::from_utf8(file).unwrap(),
            "# Rendered by sitewright from sites/production/acme.yaml. Do not edit.\n\
             # Digest of what follows: 680ac5ce611d28ef\n\
             kind: Database\n"
        );
    }

    #[test]
    fn a_sealed_file_is_intact_whatever_it_holds() {
        for body in ["", "\n", "no line end", "two\r\nlines\r\n", "# Digest of what follows: 00\n"]
        {
            let file = with_header("a.yaml", body);
            assert!(is_ours(&file) && is_ours(&file[..START]) && is_intact(&file), "{body:?}");
        }
    }

    #[test]
    fn any_change_after_the_first_line_shows() {
        let file = with_header("a.yaml", "a: 1\n");
        let first_line = file.iter().position(|byte| *byte == b'\n').unwrap();
        for at in first_line + 1..file.len() {
            let mut edited = file.clone();
            edited[at] ^= 1;
            assert!(!is_intact(&edited), "byte {at}");
            assert!(!is_intact(&file[..at]), "cut at byte {at}");
        }
    }

    #[test]
    fn line_ends_turn_back() {
        let file = with_header("a.yaml", "a: 1\nb: 2\n");
        let turned = String::from_utf8(file.clone()).unwrap().replace('\n', "\r\n");
        assert!(!is_intact(turned.as_bytes()));
        assert_eq!(with_unix_line_ends(turned.as_bytes()), file);
        assert_eq!(with_unix_line_ends(b"a\rb\r\r\nc\r").as_ref(), b"a\rb\r\nc\r");
        assert!(matches!(with_unix_line_ends(&file), Cow::Borrowed(_)));
    }
}
