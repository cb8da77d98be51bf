//! Reads what a client printed: the rows of one script or of several.

use super::script::MARK;
use crate::diagnostic::{Code, Diagnostic};
use std::collections::BTreeMap;

/// The answers of a server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// The server, as [`super::Server::name`] has it.
    pub server: String,
    /// The values that the server states, by subject.
    pub found: BTreeMap<String, Vec<String>>,
}

/// The answers in a text. `shown` is the file in messages. The text may be what the client prints with or without a
/// header, as a table or row by row.
pub fn read(text: &str, shown: &str) -> Result<Vec<Answers>, Box<Diagnostic>> {
    let refuse = |message: String, help: &str| {
        // SW858: answers of a database server that cannot be used.
        Err(Box::new(Diagnostic::of_path(Code::SqlAnswers, shown, message).help(help)))
    };
    const AGAIN: &str = "run the script of `sitewright drift --sql` again: an error of the client, such as a missing \
                         right, ends it early";
    let mut all = Vec::new();
    let mut current: Option<Answers> = None;
    for line in text.lines() {
        let Some((subject, value)) = row(line) else { continue };
        match (subject.as_str(), &mut current) {
            ("begin", None) => current = Some(Answers { server: value, ..Answers::default() }),
            ("begin", Some(open)) => {
                let message = format!("the answers of `{}` are incomplete", open.server);
                return refuse(message, AGAIN);
            }
            ("end", Some(open)) if open.server == value => all.extend(current.take()),
            (_, Some(open)) => open.found.entry(subject).or_default().push(value),
            (_, None) => {
                let message = format!("`{subject}` belongs to no server");
                return refuse(message, "give the whole output of the script");
            }
        }
    }
    match current {
        Some(open) => refuse(format!("the answers of `{}` are incomplete", open.server), AGAIN),
        None if all.is_empty() => {
            refuse("there is no answer of a database server".to_owned(), AGAIN)
        }
        None => Ok(all),
    }
}

/// The subject and the value of a row.
fn row(line: &str) -> Option<(String, String)> {
    // A client may draw a table.
    let line = line.trim_matches(|c: char| c.is_whitespace() || c == '|');
    // In batch mode, the client of MariaDB doubles backslashes.
    let text = line.strip_prefix(MARK)?.replace("\\\\", "\\");
    let (subject, value) =
        text.split_once(" = ").or_else(|| Some((text.strip_suffix(" =")?, "")))?;
    Some((subject.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: [&str; 4] = [
        "sitewright begin = eu MariaDB erp/db",
        "sitewright grant '_a'@'%' on \\_a = INSERT, SELECT",
        "sitewright role r attributes =",
        "sitewright end = eu MariaDB erp/db",
    ];

    fn found(text: &str) -> Vec<(String, Vec<String>)> {
        let answers = read(text, "f").unwrap().remove(0);
        assert_eq!(answers.server, "eu MariaDB erp/db");
        answers.found.into_iter().collect()
    }

    #[test]
    fn rows_are_read_in_every_form_that_a_client_prints() {
        let grant = ("grant '_a'@'%' on \\_a".to_owned(), vec!["INSERT, SELECT".to_owned()]);
        let wanted = [grant, ("role r attributes".to_owned(), vec![String::new()])];
        let plain = ROWS.join("\n");
        let table: String = ROWS.iter().map(|row| format!("| {row}  |\n+---+\n")).collect();
        let psql: String =
            ROWS.iter().map(|row| format!(" answer \n----\n {row}\n(1 row)\n\n")).collect();
        let batch = format!("answer\n{}\n", plain.replace('\\', "\\\\"));
        let windows = plain.replace('\n', "\r\n");
        for text in [plain, table, psql, batch, windows] {
            assert_eq!(found(&text), wanted, "{text}");
        }
    }

    #[test]
    fn answers_that_end_early_are_refused() {
        for count in 0..ROWS.len() {
            let problem = read(&ROWS[..count].join("\n"), "f").unwrap_err();
            assert_eq!(problem.code, Code::SqlAnswers, "{count}");
        }
        let twice = [&ROWS[..2], &ROWS[..]].concat().join("\n");
        assert!(read(&twice, "f").is_err());
        assert!(read(&ROWS[1..].join("\n"), "f").is_err());
        assert_eq!(read(&[ROWS, ROWS].concat().join("\n"), "f").unwrap().len(), 2);
    }
}
