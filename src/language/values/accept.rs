//! The checks of those formats that a simple set of characters cannot describe.

pub(super) fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/'
}

/// Whether all bytes of a text are base64 digits. Ciphertexts are long, so the text is checked in
/// chunks, which the compiler can vectorise.
pub(super) fn are_base64(text: &str) -> bool {
    let mut pieces = text.as_bytes().chunks(64);
    pieces.all(|piece| piece.iter().fold(true, |all, byte| all & is_base64(*byte)))
}

pub(super) fn is_label(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

pub(super) fn is_host_name(text: &str) -> bool {
    text.len() <= 253 && text.split('.').all(is_label)
}

/// A DNS subdomain as Kubernetes checks it. The parts between its dots may have any length.
pub(super) fn is_subdomain(text: &str) -> bool {
    let is_part = |part: &str| {
        part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !part.is_empty()
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(is_part)
}

pub(super) fn is_label_value(text: &str) -> bool {
    let edge = |b: Option<&u8>| b.is_none_or(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    bytes.len() <= 63
        && bytes.iter().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(b))
        && edge(bytes.first())
        && edge(bytes.last())
}

pub(super) fn is_sql_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// A name with the hash that tells sites apart. Other names may be those of a server's own databases and
/// accounts, such as `mysql` and `root`.
pub(super) fn is_database_name(text: &str) -> bool {
    let mut parts = text.splitn(3, '_');
    let is_hex = |hash: &str| {
        [8, 16].contains(&hash.len())
            && hash.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    };
    parts.next() == Some("")
        && parts.next().is_some_and(is_hex)
        && parts.next().is_some()
        && is_sql_name(text)
}

/// A part of the name of a setting of PostgreSQL.
pub(super) fn is_parameter(text: &str) -> bool {
    !text.starts_with(|c: char| c.is_ascii_digit())
        && !text.is_empty()
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// A reference to an image (source: the grammar of `github.com/distribution/reference`).
pub(super) fn is_image(text: &str) -> bool {
    let (rest, digest) = text.split_once('@').map_or((text, None), |(rest, it)| (rest, Some(it)));
    let folder = rest.rfind('/').map_or(0, |slash| slash + 1);
    let (name, tag) = match rest[folder..].split_once(':') {
        Some((last, tag)) => (&rest[..folder + last.len()], Some(tag)),
        None => (rest, None),
    };
    let (domain, path) = match name.split_once('/') {
        Some((first, path)) if first.contains(['.', ':']) || first == "localhost" => {
            (Some(first), path)
        }
        _ => (None, name),
    };
    domain.is_none_or(is_registry)
        && path.split('/').all(is_path_component)
        && tag.is_none_or(is_tag)
        && digest.is_none_or(is_digest)
}

fn is_registry(text: &str) -> bool {
    let (host, port) = text.split_once(':').unwrap_or((text, "443"));
    is_host_name(&host.to_ascii_lowercase()) && port.parse::<u16>().is_ok_and(|port| port > 0)
}

fn is_path_component(text: &str) -> bool {
    let is_end = |byte: Option<&u8>| {
        byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    let bytes = text.as_bytes();
    is_end(bytes.first())
        && is_end(bytes.last())
        && bytes.iter().all(|b| is_end(Some(b)) || b"-._".contains(b))
        && !text.contains("..")
}

/// The tag of an image.
pub(super) fn is_tag(text: &str) -> bool {
    text.len() <= 128
        && text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b))
}

fn is_digest(text: &str) -> bool {
    text.split_once(':').is_some_and(|(algorithm, digits)| {
        is_label(algorithm) && !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit())
    })
}

pub(super) fn is_duration(text: &str) -> bool {
    let parts: Vec<&str> = text.split_inclusive(|c: char| c.is_ascii_alphabetic()).collect();
    let is_number = |text: &str| {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        digits(whole) && digits(fraction)
    };
    let fits = |part: &&str| part.strip_suffix(['h', 'm', 's']).is_some_and(is_number);
    !parts.is_empty() && parts.iter().all(fits)
}

/// `30d` → `720h`: durations have no days.
pub(super) fn days_in_hours(text: &str) -> Option<String> {
    let days: u32 = text.strip_suffix('d')?.parse().ok()?;
    Some(format!("{}h", days.checked_mul(24)?))
}

pub(super) fn is_moment(text: &str) -> bool {
    let part = |from: usize, to: usize| text.get(from..to)?.parse::<u32>().ok();
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    let within = |from: usize, low: u32, high: u32| {
        part(from, from + 2).is_some_and(|number| (low..=high).contains(&number))
    };
    shape == "0000-00-00T00:00:00Z"
        && within(5, 1, 12)
        && within(8, 1, 31)
        && within(11, 0, 23)
        && within(14, 0, 59)
        && within(17, 0, 59)
}

/// Whether a text is a part of a path of others' files.
pub(super) fn is_foreign_part(text: &str) -> bool {
    let is_whole = text == "**" || !text.contains("**");
    let is_name = !["", ".", ".."].contains(&text);
    is_whole && is_name && !text.contains(|c: char| c == '\\' || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_those_that_nodes_can_pull() {
        for good in [
            "mariadb",
            "mariadb:10.11",
            "frappe/erpnext:v15.90.1",
            "registry.acme.com:5000/frappe/erp_next-x:V1.2_a",
            "localhost/x",
            "docker.io/library/mariadb@sha256:0123456789abcdef",
            "r.io/x:1@sha256:ab",
        ] {
            assert!(is_image(good), "{good}");
        }
        for bad in [
            "",
            "a b",
            "mariadb: 10.11",
            "redis:7 ",
            " redis:7",
            "mariadb:",
            "mariadb:1:2",
            "Mariadb:1",
            "a//b",
            "/a",
            "a/",
            "r.io:x/a",
            "a@b",
            "a@sha256:",
            "a:-1",
        ] {
            assert!(!is_image(bad), "{bad}");
        }
    }

    #[test]
    fn durations_and_moments() {
        assert!(is_duration("720h") && is_duration("1h30m") && is_duration("1.5h"));
        assert!(!is_duration("30d") && !is_duration("") && !is_duration("h") && !is_duration("10"));
        assert_eq!(days_in_hours("30d").as_deref(), Some("720h"));
        assert!(is_moment("2026-11-20T03:00:00Z"));
        assert!(!is_moment("2026-13-20T03:00:00Z") && !is_moment("2026-11-20T03:00:00+01:00"));
    }
}
