//! What the shown lines of a source withhold: a password that somebody wrote into a definition by mistake
//! stays out of terminals and logs.

use std::ops::Range;

/// How keys end whose values are secret, in small letters and without `_` and `-`.
const SECRET: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "token",
    "secret",
    "apikey",
    "privatekey",
    "accesskey",
    "encryptionkey",
    // A reference is a map: a text in its place is likely the password itself.
    "secretref",
];

/// What stands for a value.
const WITHHELD: &str = "***";

/// Whether a key's name says that its value is secret.
pub fn is_secret(key: &str) -> bool {
    let letters = key.chars().filter(|letter| !matches!(letter, '_' | '-'));
    let key: String = letters.flat_map(char::to_lowercase).collect();
    SECRET.iter().any(|end| key.ends_with(end))
}

/// A line without the values of its secret keys, and where a stretch of it is then.
pub(super) fn withhold(line: &str, range: Range<usize>) -> (String, Range<usize>) {
    let (mut shown, mut at) = (String::new(), 0);
    let Range { mut start, mut end } = range.clone();
    while let Some(value) = secret_value(line, at) {
        shown.push_str(&line[at..value.start]);
        // What is partly withheld is underlined as a whole.
        let moved = |place: usize, now: usize, within: usize| match place {
            place if place <= value.start => now,
            place if place < value.end => shown.len() + within,
            place => shown.len() + WITHHELD.len() + (place - value.end),
        };
        (start, end) = (moved(range.start, start, 0), moved(range.end, end, WITHHELD.len()));
        shown.push_str(WITHHELD);
        at = value.end;
    }
    shown.push_str(&line[at..]);
    (shown, start..end)
}

/// The first value of a secret key from `from` on.
fn secret_value(line: &str, from: usize) -> Option<Range<usize>> {
    let separators = line[from..].match_indices([':', '=']).map(|(at, _)| from + at);
    separators.filter(|at| is_secret(key_before(line, *at))).find_map(|at| value_after(line, at))
}

/// The word that ends at a separator.
fn key_before(line: &str, separator: usize) -> &str {
    let key = line[..separator].trim_end().trim_end_matches(['"', '\'']);
    let is_part = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-');
    &key[key.trim_end_matches(is_part).len()..]
}

/// The text that starts behind a separator; nothing where a map, a list or a block does.
fn value_after(line: &str, separator: usize) -> Option<Range<usize>> {
    let rest = &line[separator + 1..];
    let text = rest.trim_start();
    let start = line.len() - text.len();
    let length = match text.chars().next()? {
        '{' | '[' | '|' | '>' | '#' => return None,
        // Up to the last one: the text may hold some itself.
        quote @ ('"' | '\'') => text.rfind(quote).filter(|at| *at > 0).map(|at| at + 1),
        _ if line[..separator].contains('{') => text.find([',', '}']),
        _ => None,
    };
    Some(start..length.map_or(line.trim_end().len(), |length| start + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_what_is_secret() {
        for key in ["adminPassword", "DB_PASSWORD", "api-key", "token", "passwordSecretRef"] {
            assert!(is_secret(key), "{key}");
        }
        for key in ["secrets", "secretName", "plan", "passwords", "key", ""] {
            assert!(!is_secret(key), "{key}");
        }
    }

    #[test]
    fn the_values_of_secret_keys_are_withheld() {
        let shown = [
            ("adminPassword: hunter2", "adminPassword: ***"),
            ("  admin_password:   hunter2: x  ", "  admin_password:   ***  "),
            ("  - \"password\": \"hunter 2\"", "  - \"password\": ***"),
            ("db: {db_password: hunter2, foo: 1}", "db: {db_password: ***, foo: 1}"),
            ("{\"token\":\"a\",\"secret\":\"b\"}", "{\"token\":***}"),
            ("{token: a, secret: b}", "{token: ***, secret: ***}"),
            ("  - DB_PASSWORD=hunter2", "  - DB_PASSWORD=***"),
            ("password: 'hunter2", "password: ***"),
            ("password: ü", "password: ***"),
            ("password: |", "password: |"),
            ("password: {name: a, key: b}", "password: {name: a, key: b}"),
            ("password:", "password:"),
            (
                "plan: large # the password is in the vault",
                "plan: large # the password is in the vault",
            ),
        ];
        for (line, withheld) in shown {
            assert_eq!(withhold(line, 0..0).0, withheld, "{line}");
        }
    }

    #[test]
    fn what_is_underlined_stays_underlined() {
        let line = "{db_password: hunter2, foo: 1}";
        let underlined = |of: &str| {
            let start = line.find(of).unwrap();
            let (shown, range) = withhold(line, start..start + of.len());
            shown[range].to_owned()
        };
        assert_eq!(underlined("db_password"), "db_password");
        assert_eq!(underlined("hunter2"), "***");
        assert_eq!(underlined("ter2"), "***");
        assert_eq!(underlined("foo"), "foo");
        assert_eq!(underlined("2, f"), "***, f");
    }
}
