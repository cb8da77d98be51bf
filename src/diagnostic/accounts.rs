//! Hides the accounts in addresses: a name with a password or a token is never printed.

use std::borrow::Cow;
use std::ops::Range;

/// The text that replaces a hidden value.
pub(super) const REDACTED: &str = "***";

/// The text with the accounts of its addresses hidden.
pub fn without_accounts(text: &str) -> Cow<'_, str> {
    let Some(first) = account(text, 0) else { return Cow::Borrowed(text) };
    let (mut shown, mut at, mut next) = (String::with_capacity(text.len()), 0, Some(first));
    while let Some(account) = next {
        shown.push_str(&text[at..account.start]);
        shown.push_str(REDACTED);
        at = account.end;
        next = self::account(text, at);
    }
    shown.push_str(&text[at..]);
    Cow::Owned(shown)
}

/// The account of the first address after `from`: the part between its scheme and its host.
pub(super) fn account(text: &str, from: usize) -> Option<Range<usize>> {
    let mut schemes = text[from..].match_indices(':').map(|(at, _)| from + at + 1);
    schemes.find_map(|at| {
        let start = slash(text, slash(text, at)?)?;
        let end = end(text, start)?;
        // The account `git` is the same on all Git servers, so it is shown.
        (start < end && &text[start..end] != "git").then_some(start..end)
    })
}

/// The end of the account that starts at `start`, if there is one. A quote that may close a text
/// ends the address, because an address contains quotes only in an encoded form.
fn end(text: &str, start: usize) -> Option<usize> {
    let (mut at, mut end, mut is_path) = (start, None, false);
    while let Some(letter) = text[at..].chars().next() {
        if letter.is_whitespace() || (matches!(letter, '"' | '\'') && closes(&text[at + 1..])) {
            break;
        }
        if let Some(next) = slash(text, at) {
            // The host ends here, unless its apparent port is the start of a token.
            if is_path || end.is_some() || !has_odd_port(&text[start..at]) {
                break;
            }
            is_path = true;
            at = next;
            continue;
        }
        if sign(text, at, '@', &["\\x40", "\\u0040", "\\U00000040"]).is_some() {
            end = Some(at);
        }
        at += letter.len_utf8();
    }
    end
}

/// Whether a quote before this closes a text and is not part of it.
fn closes(rest: &str) -> bool {
    rest.chars().next().is_none_or(|next| next.is_whitespace() || ",:;}])`".contains(next))
}

/// Whether the text in the place of a port is not a port.
fn has_odd_port(host: &str) -> bool {
    host.rsplit_once(':').is_some_and(|(_, port)| !port.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The end of the slash that starts here, in any form that it may have in a quoted text of YAML or
/// JSON.
fn slash(text: &str, at: usize) -> Option<usize> {
    sign(text, at, '/', &["\\/", "\\x2f", "\\u002f", "\\U0000002f"])
}

/// The end of the character that starts here, plain or in one of its escapes.
fn sign(text: &str, at: usize, sign: char, escapes: &[&str]) -> Option<usize> {
    let rest = &text[at..];
    if rest.starts_with(sign) {
        return Some(at + sign.len_utf8());
    }
    let is_here = |escape: &&&str| {
        rest.get(..escape.len()).is_some_and(|start| start.eq_ignore_ascii_case(escape))
    };
    escapes.iter().find(is_here).map(|escape| at + escape.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn accounts_are_redacted_and_nothing_else() {
        for (text, redacted) in [
            ("https://a:hunter2@b.com/c", "https://***@b.com/c"),
            ("https://hunter2@b.com", "https://***@b.com"),
            ("`https://a:b@c.d` and jdbc:x://e@f/g", "`https://***@c.d` and jdbc:x://***@f/g"),
            ("https://a:b@c@d.e/f@g", "https://***@d.e/f@g"),
            ("https://a:to/ken@b.com/c", "https://***@b.com/c"),
            ("\"https:\\/\\/a:b@c.d\\/e\"", "\"https:\\/\\/***@c.d\\/e\""),
            ("https:\\x2F\\u002fa:b\\x40c.d", "https:\\x2F\\u002f***\\x40c.d"),
            ("u: https://a\"b:c'd@e.f", "u: https://***@e.f"),
            ("ssh://git:hunter2@b.com/c", "ssh://***@b.com/c"),
            ("https://ä:ö@ü.de/x", "https://***@ü.de/x"),
        ] {
            assert_eq!(without_accounts(text), redacted, "{text}");
        }
        for text in [
            "",
            "https://b.com/@c",
            "https://b.com:8080/@scope/app",
            "ssh://git@github.com/acme/app",
            "git@github.com:acme/app",
            "a: https://b.com # by c@d.e",
            "{\"a\":\"https://b.com\",\"c\":\"d@e.f\"}",
            "'https://b.com', 'd@e.f'",
            "https://[::1]:8080/a@b",
            "https://",
            "a :// b@c",
        ] {
            assert!(matches!(without_accounts(text), Cow::Borrowed(_)), "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Whatever stands around an address.
        #[test]
        fn no_account_is_shown(
            before in "\\PC{0,12}",
            after in "[/?# \"'`,)}\\n][^@\\pC]{0,12}|",
            scheme in "(https|http|ssh|ftp|HTTPS)",
            user in "[a-z0-9._~%!$&*+,;=-]{0,6}USER",
            password in "(:[a-z0-9._~%!$&*+,;=:@#?-]{0,6}TOKEN)?",
        ) {
            let text = format!("{before}{scheme}://{user}{password}@git.example.com{after}");
            let shown = without_accounts(&text);
            prop_assert!(!shown.contains("USER") && !shown.contains("TOKEN"), "{}", shown);
            prop_assert!(shown.contains("@git.example.com"), "{}", shown);
        }

        #[test]
        fn a_text_without_an_at_stays_as_it_is(text in "[^@]{0,40}") {
            let is_same = matches!(without_accounts(&text), Cow::Borrowed(_));
            prop_assert!(is_same || text.contains("\\"));
        }
    }
}
