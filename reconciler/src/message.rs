//! `lastError`: what an operator said, made fit for a status that many people can read. One line, at most
//! [`LIMIT`] bytes, no control characters, and never a password.

/// The bytes that a message may have.
pub const LIMIT: usize = 1024;

/// What stands in place of a secret.
const HIDDEN: &str = "***";

/// Makes one line of a text, without what looks like a password.
pub fn one_line(text: &str) -> String {
    // Longer texts are cut before they are searched: an operator decides their length.
    let head = &text[..text.floor_char_boundary(16 * LIMIT)];
    let mut line = String::with_capacity(head.len().min(LIMIT));
    for word in head.split(|it: char| it.is_whitespace() || it.is_control()) {
        if !word.is_empty() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    let mut line = without_passwords(&without_go_passwords(&line));
    if line.len() > LIMIT {
        line.truncate(line.floor_char_boundary(LIMIT - '…'.len_utf8()));
        line.push('…');
    }
    line
}

/// Words after which a secret follows, in lower case.
const BEFORE_SECRETS: [&str; 8] =
    ["identified by", "password", "passwd", "passphrase", "pwd", "secret", "token", "bearer"];

/// Puts [`HIDDEN`] where a password may stand: after the words above, and before the `@` of an address.
fn without_passwords(line: &str) -> String {
    // Same length as the line, so that places in one are places in the other.
    let lower = line.to_ascii_lowercase();
    let mut result = String::with_capacity(line.len());
    let mut at = 0;
    while at < line.len() {
        let rest = &lower[at..];
        let starts_word = !result.ends_with(|it: char| it.is_ascii_alphanumeric());
        let word = BEFORE_SECRETS.iter().find(|word| starts_word && rest.starts_with(**word));
        if let Some(secret) = word.and_then(|word| secret_after(line, at, word)) {
            result.push_str(&line[at..secret.0]);
            result.push_str(HIDDEN);
            at = secret.1;
        } else if let Some(end) = rest.strip_prefix("://").and_then(|_| userinfo(&line[at + 3..])) {
            result.push_str("://");
            result.push_str(HIDDEN);
            at += 3 + end;
        } else {
            let length = line[at..].chars().next().map_or(1, char::len_utf8);
            result.push_str(&line[at..at + length]);
            at += length;
        }
    }
    result
}

/// Where the secret after a word begins and ends. `None` if none follows: `using password: YES` tells only
/// whether there was one.
fn secret_after(line: &str, at: usize, word: &str) -> Option<(usize, usize)> {
    let mut start = at + word.len();
    // `password_hash=`, `Password" : "…`.
    let rest = &line[start..];
    let tail = rest.len()
        - rest.trim_start_matches(|it: char| it == '_' || it.is_ascii_alphanumeric()).len();
    start += tail;
    let rest = &line[start..];
    let rest = rest.strip_prefix(['"', '\'']).unwrap_or(rest);
    let spaced = rest.trim_start();
    let is_sql = word.contains(' ') || word == "bearer";
    // `Secret "acme"` names an object.
    let is_quoted = word != "secret" && word != "token" && spaced.starts_with(['\'', '"', '`']);
    let value = match spaced.strip_prefix([':', '=']) {
        Some(value) => value.trim_start_matches(['=', '>', ' ']),
        // Only a quote makes the next word of a sentence a value: `password 'x'`.
        None if tail == 0 && (is_sql || is_quoted) => spaced,
        None => return None,
    };
    // `IDENTIFIED BY PASSWORD '*…'`, `IDENTIFIED BY 'x'`.
    let value = strip_word(value, "password").unwrap_or(value);
    let start = line.len() - value.len();
    let quote = value.chars().next().filter(|it| ['\'', '"', '`'].contains(it));
    let (start, end) = match quote {
        Some(quote) => (start + 1, quoted_end(&value[1..], quote)),
        None => (start, value.find([' ', ',', ';', '&', ')', '}', '"']).unwrap_or(value.len())),
    };
    let text = &line[start..start + end];
    let harmless = text.is_empty()
        || ["yes", "no", "true", "false"].contains(&text.to_ascii_lowercase().as_str());
    (!harmless).then_some((start, start + end))
}

/// What follows a word, whatever its case.
fn strip_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let head = text.get(..word.len())?;
    head.eq_ignore_ascii_case(word).then(|| text[word.len()..].trim_start())
}

/// Where a quoted text ends: at its quote, unless that is doubled or escaped; else at the end.
fn quoted_end(text: &str, quote: char) -> usize {
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        if character == '\\' {
            characters.next();
        } else if character == quote && characters.next_if(|(_, next)| *next == quote).is_none() {
            return at;
        }
    }
    text.len()
}

/// Go's form of an address of MariaDB is `user:password@tcp(host)`: hides its password.
fn without_go_passwords(line: &str) -> String {
    let hidden = |word: &str| {
        let at = word.rfind("@tcp(").or_else(|| word.rfind("@unix("))?;
        let colon = word[..at].find(':')?;
        Some(format!("{}{HIDDEN}{}", &word[..=colon], &word[at..]))
    };
    let words = line.split(' ').map(|word| hidden(word).unwrap_or_else(|| word.to_owned()));
    words.collect::<Vec<_>>().join(" ")
}

/// The length of `user:password` before the `@` of an address.
fn userinfo(rest: &str) -> Option<usize> {
    let end = rest.find(['/', ' ', '?', '#']).unwrap_or(rest.len());
    // A password may hold a bare `/`: the last `@` of the word decides.
    let word = rest.find(' ').unwrap_or(rest.len());
    let at = rest[..end]
        .rfind('@')
        .or_else(|| rest[..end].contains(':').then(|| rest[..word].rfind('@')).flatten())?;
    rest[..at].contains(':').then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_message_is_one_line_without_control_characters() {
        let text = "Error 1045 (28000):\r\n\tAccess denied\u{7}for user\u{1b}[31m 'x'\u{85}\n";
        assert_eq!(one_line(text), "Error 1045 (28000): Access denied for user [31m 'x'");
        assert_eq!(one_line(" \n "), "");
    }

    #[test]
    fn a_long_message_is_cut_between_characters() {
        let text = "ä".repeat(LIMIT);
        let line = one_line(&text);
        assert!(line.len() <= LIMIT && line.len() > LIMIT - 4, "{}", line.len());
        assert!(line.ends_with("ä…"));
        let fits = "x".repeat(LIMIT);
        assert_eq!(one_line(&fits), fits);
    }

    #[test]
    fn passwords_are_hidden() {
        for (text, expected) in [
            (
                "CREATE USER 'a'@'%' IDENTIFIED BY 'hunter2' WITH",
                "CREATE USER 'a'@'%' IDENTIFIED BY '***' WITH",
            ),
            ("identified  by  \"hunter2\"", "identified by \"***\""),
            ("IDENTIFIED BY 'hunter2", "IDENTIFIED BY '***"),
            ("IDENTIFIED BY 'it''s hunter2' x", "IDENTIFIED BY '***' x"),
            (r"IDENTIFIED BY 'a\'hunter2' x", "IDENTIFIED BY '***' x"),
            ("IDENTIFIED BY PASSWORD '*hunter2'", "IDENTIFIED BY PASSWORD '***'"),
            ("connect: password=hunter2 host=db", "connect: password=*** host=db"),
            ("password = 'hunter2'", "password = '***'"),
            ("Password: hunter2, user: x", "Password: ***, user: x"),
            (r#"{"password":"hunter2","user":"x"}"#, r#"{"password":"***","user":"x"}"#),
            ("db_password=hunter2&x=1", "db_password=***&x=1"),
            ("passwordHash: hunter2", "passwordHash: ***"),
            ("Authorization: Bearer hunter2", "Authorization: Bearer ***"),
            ("token=hunter2", "token=***"),
            ("dial mysql://root:hunter2@db:3306/x", "dial mysql://***@db:3306/x"),
            ("dial mysql://root:hun/ter2@db:3306/x", "dial mysql://***@db:3306/x"),
            ("dial root:hunter2@tcp(db:3306)/ failed", "dial root:***@tcp(db:3306)/ failed"),
        ] {
            assert_eq!(one_line(text), expected);
        }
    }

    #[test]
    fn what_holds_no_password_stays() {
        for text in [
            "Access denied for user 'x'@'10.0.0.1' (using password: YES)",
            "Access denied for user 'x'@'10.0.0.1' (using password: NO)",
            "Secret \"acme-db\" not found",
            "could not get password from Secret",
            "superuser credential is nil",
            "see https://example.com/a@b and https://user@example.com/",
            "failed to create Resource: Resource \"acme\" already exists and is not managed by SealedSecret",
        ] {
            assert_eq!(one_line(text), text);
        }
    }

    proptest! {
        #[test]
        fn any_text_becomes_one_short_line(text in "(?s).{0,3000}") {
            let line = one_line(&text);
            prop_assert!(line.len() <= LIMIT);
            prop_assert!(!line.chars().any(char::is_control), "{line:?}");
        }

        #[test]
        fn no_quoted_password_of_a_statement_stays(
            before in "[a-z @'%]{0,20}", secret in "[A-Za-z0-9]{12}", after in "(?s).{0,20}",
        ) {
            let line = one_line(&format!("{before} IDENTIFIED BY '{secret}'{after}"));
            // Before the statement, the text may hold the same letters by chance only.
            prop_assert!(!line.contains(&secret), "{line}");
        }
    }
}
