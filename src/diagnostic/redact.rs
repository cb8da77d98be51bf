//! Hides secret values in reports: a password that somebody wrote into a definition by mistake must
//! not reach terminals and logs.

use super::accounts::{REDACTED, account};
use std::ops::Range;

/// The endings of keys whose values are passwords, in lower case and without `_` and `-`.
const PASSWORDS: &[&str] = &[
    "password",
    "passwords",
    "passwd",
    "passphrase",
    "pass",
    "pwd",
    "token",
    "apikey",
    "privatekey",
    "accesskey",
    "encryptionkey",
];

/// The endings of keys that name Secrets. Somebody may write the password itself there.
const SECRETS: &[&str] = &["secret", "secretref"];

/// The facts of records that are not secret.
const FACTS: &[&str] = &["generation", "policy", "mode", "scope", "label", "sealedFor"];

/// Whether a key has the name of a password.
pub fn is_password(key: &str) -> bool {
    ends(key, PASSWORDS)
}

fn ends(key: &str, endings: &[&str]) -> bool {
    let letters = key.chars().filter(|letter| !matches!(letter, '_' | '-'));
    let key: String = letters.flat_map(char::to_lowercase).collect();
    endings.iter().any(|end| key.ends_with(end))
}

/// The kind of text whose lines are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    /// A definition, a template, or the output of a template.
    Definition,
    /// A file of records, in which only facts may be shown.
    Records,
}

impl Of {
    pub(super) fn file(path: &str) -> Self {
        if path.ends_with(".secrets.yaml") { Of::Records } else { Of::Definition }
    }
}

/// A line as reports show it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) line: String,
    /// The underlined range. `None` if a value before it is hidden, because the column would be
    /// wrong.
    pub(super) range: Option<Range<usize>>,
    /// Whether the underlined value is hidden, so that reports may not say anything about it.
    pub(super) is_redacted: bool,
}

/// A line with its secret values hidden.
pub(super) fn redact(line: &str, range: Range<usize>, of: Of) -> Shown {
    let (mut shown, mut at) = (String::new(), 0);
    let (mut underlined, mut is_redacted) = (Some(range.clone()), false);
    while let Some(value) = secret_value(line, at, of) {
        shown.push_str(&line[at..value.start]);
        let start = shown.len();
        shown.push_str(REDACTED);
        if range.start >= value.end {
            underlined = None;
        } else if range.end > value.start {
            is_redacted = true;
            underlined = underlined.map(|known| known.start.min(start)..shown.len());
        }
        at = value.end;
    }
    shown.push_str(&line[at..]);
    Shown { line: shown, range: underlined, is_redacted }
}

/// The first secret value from `from` on.
fn secret_value(line: &str, from: usize, of: Of) -> Option<Range<usize>> {
    let of_key = value_of_key(line, from, of);
    let account = account(line, from);
    let first = of_key.iter().chain(&account).min_by_key(|value| value.start);
    first.cloned()
}

fn value_of_key(line: &str, from: usize, of: Of) -> Option<Range<usize>> {
    let mut separators = line[from..].match_indices([':', '=']).map(|(at, _)| from + at);
    separators.find_map(|at| {
        let key = key_before(line, at)?;
        let (is_secret, may_be_map) = match of {
            Of::Records => (is_key(line, at) && !FACTS.contains(&key), true),
            Of::Definition => (is_password(key) || ends(key, SECRETS), ends(key, SECRETS)),
        };
        is_secret.then(|| value_after(line, at, may_be_map)).flatten()
    })
}

/// The key that ends at a separator. Keys of annotations are skipped, because they belong to other
/// tools.
fn key_before(line: &str, separator: usize) -> Option<&str> {
    let before = line[..separator].trim_end().trim_end_matches(['"', '\'']);
    let is_part = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-');
    let rest = before.trim_end_matches(is_part);
    let key = &before[rest.len()..];
    (!key.is_empty() && !rest.ends_with('/')).then_some(key)
}

/// Whether a separator ends a key and is not part of a value.
fn is_key(line: &str, separator: usize) -> bool {
    let next = line[separator + 1..].chars().next();
    line[separator..].starts_with(':') && matches!(next, Some(' ' | '\t' | '"' | '\''))
}

/// The value that starts after a separator. `None` if the value is on other lines, or is a map
/// whose own keys are checked.
fn value_after(line: &str, separator: usize, may_be_map: bool) -> Option<Range<usize>> {
    let text = line[separator + 1..].trim_start();
    let start = line.len() - text.len();
    if text.is_empty() || is_block_header(text) || (may_be_map && text.starts_with('{')) {
        return None;
    }
    let within = match line[..separator].contains(['{', '[']) && !text.starts_with(['{', '[']) {
        true => end_in_flow(text),
        false => None,
    };
    Some(start..within.map_or(line.trim_end().len(), |length| start + length))
}

/// Whether a text of several lines follows.
fn is_block_header(text: &str) -> bool {
    let Some(rest) = text.strip_prefix(['|', '>']) else { return false };
    let rest = rest.trim_start_matches(|letter: char| matches!(letter, '+' | '-' | '1'..='9'));
    let comment = rest.trim_start();
    comment.is_empty() || (comment.starts_with('#') && comment.len() < rest.len())
}

/// The end of a value that further entries of a map or list follow.
fn end_in_flow(text: &str) -> Option<usize> {
    let end = match text.chars().next()? {
        quote @ ('"' | '\'') => closing(text, quote)? + 1,
        _ => text.find([',', '}', ']'])?,
    };
    text[end..].trim_start().starts_with([',', '}', ']']).then_some(end)
}

/// The end of a quoted text.
fn closing(text: &str, quote: char) -> Option<usize> {
    let mut letters = text.char_indices().skip(1).peekable();
    while let Some((at, letter)) = letters.next() {
        let is_next_quote = letters.peek().is_some_and(|(_, next)| *next == quote);
        match letter {
            '\\' if quote == '"' => _ = letters.next(),
            letter if letter == quote && quote == '\'' && is_next_quote => _ = letters.next(),
            letter if letter == quote => return Some(at),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(line: &str) -> String {
        redact(line, 0..0, Of::Definition).line
    }

    #[test]
    fn names_tell_what_is_a_password() {
        for key in ["adminPassword", "DB_PASSWORD", "api-key", "token", "dbPass", "passwords"] {
            assert!(is_password(key), "{key}");
        }
        for key in ["secrets", "secretName", "plan", "passwordSecretRef", "key", ""] {
            assert!(!is_password(key), "{key}");
        }
    }

    #[test]
    fn the_values_of_secret_keys_are_redacted() {
        for (line, redacted) in [
            ("adminPassword: hunter2", "adminPassword: ***"),
            ("  admin_password:   hunter2: x  ", "  admin_password:   ***  "),
            ("  - \"password\": \"hunter 2\"", "  - \"password\": ***"),
            ("db: {db_password: hunter2, foo: 1}", "db: {db_password: ***, foo: 1}"),
            ("{\"token\":\"a\",\"secret\":\"b\"}", "{\"token\":***,\"secret\":***}"),
            ("{token: 'it''s, x', b: \"c\"}", "{token: ***, b: \"c\"}"),
            ("{token: \"a\\\", b\", b: c}", "{token: ***, b: c}"),
            ("{token: 'it's-hunter2, b: 1}", "{token: ***"),
            ("  - DB_PASSWORD=hunter2", "  - DB_PASSWORD=***"),
            ("password: 'hunter2", "password: ***"),
            ("password: 'it's-hunter2", "password: ***"),
            ("password: \"a\"hunter2", "password: ***"),
            ("password: |hunter2", "password: ***"),
            ("password: >-hunter2", "password: ***"),
            ("password: [hunter2", "password: ***"),
            ("password: {value: hunter2}", "password: ***"),
            ("password: #hunter2", "password: ***"),
            ("password: ü", "password: ***"),
            ("passwordSecretRef: hunter2", "passwordSecretRef: ***"),
            ("gitUrl: https://a:hunter2@b.com/c", "gitUrl: https://***@b.com/c"),
            ("token: a://b@c", "token: ***"),
        ] {
            assert_eq!(shown(line), redacted, "{line}");
        }
        for line in [
            "password:",
            "password: |",
            "password: >2- # in lines",
            "passwordSecretRef: {name: a, key: b}",
            "secretName: a",
            "gitUrl: ssh://git@github.com/acme/app",
            "gitUrl: https://b.com/@c",
            "plan: large # the password is in the vault",
            "nginx.ingress.kubernetes.io/auth-secret: a",
        ] {
            assert_eq!(shown(line), line);
        }
    }

    #[test]
    fn a_file_of_records_shows_facts_only() {
        let shown = |line| redact(line, 0..0, Of::Records).line;
        assert_eq!(shown("acme-admin: hunter2"), "acme-admin: ***");
        assert_eq!(shown("    sealed: AgB=="), "    sealed: ***");
        assert_eq!(shown("p: {generation: 1, sealed: AgB}"), "p: {generation: 1, sealed: ***}");
        for line in ["    label: erp/acme-admin", "    sealedFor: SHA256:GxQ"] {
            assert_eq!(shown(line), line);
        }
    }

    #[test]
    fn what_is_underlined_stays_underlined_or_is_not_shown() {
        let line = "{plan: a, db_password: hunter2, foo: 1}";
        let underlined = |of: &str| {
            let start = line.find(of).unwrap();
            let shown = redact(line, start..start + of.len(), Of::Definition);
            (shown.range.map(|range| shown.line[range].to_owned()), shown.is_redacted)
        };
        assert_eq!(underlined("plan"), (Some("plan".into()), false));
        assert_eq!(underlined("db_password"), (Some("db_password".into()), false));
        assert_eq!(underlined("hunter2"), (Some("***".into()), true));
        assert_eq!(underlined("ter2"), (Some("***".into()), true));
        assert_eq!(underlined("d: hunt"), (Some("d: ***".into()), true));
        assert_eq!(underlined("foo"), (None, false));
    }
}
