//! The addresses of files: `file://`, with the letters that an address cannot have as `%` and two digits (RFC 8089).
//!
//! The rules of both families of systems are pure functions, so each is tested on every system.

use std::path::{Path, PathBuf};

/// How a system writes paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Paths {
    /// `/a/b`.
    Unix,
    /// `C:\a\b`, and `\\server\share\a` for a folder of another machine.
    Windows,
}

const OWN: Paths = if cfg!(windows) { Paths::Windows } else { Paths::Unix };

/// The address of a file.
pub(super) fn of(path: &Path) -> String {
    address(&path.to_string_lossy(), OWN)
}

/// The file of an address. `None` for other addresses, such as those of texts that are no files yet.
pub(super) fn path(uri: &str) -> Option<PathBuf> {
    file(uri, OWN).map(PathBuf::from)
}

fn address(path: &str, paths: Paths) -> String {
    let (path, start) = match paths {
        Paths::Unix => (path.to_owned(), "file://"),
        Paths::Windows => {
            // The long form of a path has this in front of it.
            let path = match path.strip_prefix(r"\\?\UNC\") {
                Some(rest) => format!(r"\\{rest}"),
                None => path.strip_prefix(r"\\?\").unwrap_or(path).to_owned(),
            };
            match path.replace('\\', "/").strip_prefix("//") {
                Some(rest) => (rest.to_owned(), "file://"),
                None => (with_upper_drive(&path.replace('\\', "/")), "file:///"),
            }
        }
    };
    let mut uri = start.to_owned();
    for (at, byte) in path.bytes().enumerate() {
        let is_drive = paths == Paths::Windows && at == 1 && start == "file:///";
        match byte {
            b'/' | b'-' | b'_' | b'.' | b'~' => uri.push(char::from(byte)),
            b':' if is_drive => uri.push(':'),
            _ if byte.is_ascii_alphanumeric() => uri.push(char::from(byte)),
            _ => uri += &format!("%{byte:02X}"),
        }
    }
    uri
}

fn file(uri: &str, paths: Paths) -> Option<String> {
    let scheme = uri.get(..7).filter(|scheme| scheme.eq_ignore_ascii_case("file://"))?;
    let rest = &uri[scheme.len()..];
    let (host, path) = rest.split_at(rest.find('/')?);
    let is_here = host.is_empty() || host.eq_ignore_ascii_case("localhost");
    let path = decoded(path)?;
    match paths {
        Paths::Unix => is_here.then_some(path),
        Paths::Windows if is_here => {
            let path = path.strip_prefix('/')?;
            let has_drive = path.as_bytes().first().is_some_and(u8::is_ascii_alphabetic)
                && path.get(1..3) == Some(":/");
            has_drive.then(|| with_upper_drive(path).replace('/', "\\"))
        }
        Paths::Windows => Some(format!(r"\\{}{}", decoded(host)?, path).replace('/', "\\")),
    }
}

/// Editors write the letter of a drive in either case, and Windows makes no difference.
fn with_upper_drive(path: &str) -> String {
    match path.split_at_checked(1) {
        Some((drive, rest)) if rest.starts_with(':') => drive.to_ascii_uppercase() + rest,
        _ => path.to_owned(),
    }
}

/// A text with the letters that `%` and two digits stand for. `None` if it is no text, or none that a path can have.
fn decoded(text: &str) -> Option<String> {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let [first, others @ ..] = rest {
        (rest, bytes) = match (first, others) {
            (b'%', [high, low, others @ ..]) => {
                let digit = |byte: &u8| char::from(*byte).to_digit(16);
                bytes.push(u8::try_from(digit(high)? * 16 + digit(low)?).ok()?);
                (others, bytes)
            }
            (b'%', _) => return None,
            (byte, _) => {
                bytes.push(*byte);
                (others, bytes)
            }
        };
    }
    let text = String::from_utf8(bytes).ok()?;
    (!text.contains('\0')).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_leads_back_to_its_file() {
        for (path, uri, paths) in [
            ("/a/b.yaml", "file:///a/b.yaml", Paths::Unix),
            ("/ä/%41/c:d#e?.yaml", "file:///%C3%A4/%2541/c%3Ad%23e%3F.yaml", Paths::Unix),
            (r"/a\b", "file:///a%5Cb", Paths::Unix),
            (r"C:\a b\c.yaml", "file:///C:/a%20b/c.yaml", Paths::Windows),
            (r"C:\ä\%41#.yaml", "file:///C:/%C3%A4/%2541%23.yaml", Paths::Windows),
            (r"C:\", "file:///C:/", Paths::Windows),
            (r"\\server\share\a b", "file://server/share/a%20b", Paths::Windows),
        ] {
            assert_eq!(address(path, paths), uri);
            assert_eq!(file(uri, paths).as_deref(), Some(path));
        }
    }

    #[test]
    fn other_forms_of_an_address_lead_to_the_same_file() {
        for (uri, path, paths) in [
            ("file:///a%3ab", "/a:b", Paths::Unix),
            ("file://localhost/a", "/a", Paths::Unix),
            ("FILE:///a", "/a", Paths::Unix),
            // VS Code writes the drive like this.
            ("file:///c%3A/a/b.yaml", r"C:\a\b.yaml", Paths::Windows),
            ("file:///c:/a%2Fb.yaml", r"C:\a\b.yaml", Paths::Windows),
            ("file://localhost/D:/a", r"D:\a", Paths::Windows),
        ] {
            assert_eq!(file(uri, paths).as_deref(), Some(path), "{uri}");
        }
        for (path, uri) in [
            (r"\\?\C:\a", "file:///C:/a"),
            (r"\\?\UNC\server\share", "file://server/share"),
            (r"d:\a", "file:///D:/a"),
        ] {
            assert_eq!(address(path, Paths::Windows), uri);
        }
    }

    #[test]
    fn other_addresses_are_no_files() {
        for uri in [
            "untitled:Untitled-1",
            "https://example.com/a",
            "file:a",
            "file://a",
            "file://other/a",
            "file:///%",
            "file:///%4",
            "file:///%zz",
            "file:///%+1",
            "file:///%FF",
            "file:///a%00b",
            "file:/ä",
            "",
        ] {
            assert_eq!(file(uri, Paths::Unix), None, "{uri}");
        }
        for uri in ["file:///a/b", "file:///C:a", "file:///%C3%A4:/", "file:///", "file:///C"] {
            assert_eq!(file(uri, Paths::Windows), None, "{uri}");
        }
    }
}
