//! The addresses of files: `file://`, with the letters that an address cannot have as `%` and two digits.

use std::path::{Path, PathBuf};

/// The address of a file.
pub(super) fn of(path: &Path) -> String {
    let mut uri = "file://".to_owned();
    for byte in path.to_string_lossy().bytes() {
        match byte {
            b'/' | b'-' | b'_' | b'.' | b'~' => uri.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => uri.push(char::from(byte)),
            _ => uri += &format!("%{byte:02X}"),
        }
    }
    uri
}

/// The file of an address. `None` for other addresses, such as those of texts that are no files yet.
pub(super) fn path(uri: &str) -> Option<PathBuf> {
    let rest = uri.strip_prefix("file://")?;
    let rest = rest.strip_prefix("localhost").unwrap_or(rest);
    let (mut bytes, mut at) = (Vec::new(), rest.as_bytes());
    while let [first, others @ ..] = at {
        at = others;
        let byte = match (first, others) {
            (b'%', [_, _, ..]) => {
                at = &others[2..];
                u8::from_str_radix(std::str::from_utf8(&others[..2]).ok()?, 16).ok()?
            }
            (b'%', _) => return None,
            (byte, _) => *byte,
        };
        bytes.push(byte);
    }
    let path = PathBuf::from(String::from_utf8(bytes).ok()?);
    path.is_absolute().then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_leads_back_to_its_file() {
        for file in ["/a/b.yaml", "/ä ö/%41/c:d#e?.yaml"] {
            assert_eq!(path(&of(Path::new(file))), Some(PathBuf::from(file)));
        }
        assert_eq!(of(Path::new("/a b")), "file:///a%20b");
        assert_eq!(path("file:///a%3ab"), Some(PathBuf::from("/a:b")));
    }

    #[test]
    fn other_addresses_are_no_files() {
        for uri in [
            "untitled:Untitled-1",
            "https://example.com/a",
            "file://a",
            "file:///%",
            "file:///%zz",
            "file:///%FF",
            "",
        ] {
            assert_eq!(path(uri), None, "{uri}");
        }
    }
}
