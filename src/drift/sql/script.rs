//! The statements for a server, in a form that its client takes as it is.

use super::Server;
use std::fmt;

/// The start of every row of an answer.
pub(super) const MARK: &str = "sitewright ";

/// The script of a server. It reads, and never writes.
#[derive(Debug)]
pub struct Script<'s>(pub &'s Server);

impl fmt::Display for Script<'_> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Self(server) = self;
        let name = server.name();
        writeln!(f, "-- {name}")?;
        writeln!(
            f,
            "-- Reads, and changes nothing. Give what it prints to `sitewright drift --sql-result FILE`:"
        )?;
        writeln!(f, "--   {} < SCRIPT > FILE", server.sql.client())?;
        for (fact, ..) in &server.facts {
            writeln!(f, "-- expected: {} = {}", shown(&fact.subject), shown(&fact.value))?;
        }
        writeln!(f, "START TRANSACTION READ ONLY;")?;
        writeln!(f, "SELECT '{MARK}begin = {}' AS answer;", quoted(&name))?;
        for statement in server.sql.statements(&server.asked) {
            writeln!(f, "{statement}")?;
        }
        // Without this row, the answers are incomplete.
        writeln!(f, "SELECT '{MARK}end = {}' AS answer;", quoted(&name))?;
        writeln!(f, "COMMIT;")
    }
}

/// A text in a comment. No line end in it can end the comment.
fn shown(text: &str) -> String {
    text.replace(char::is_control, " ")
}

/// A text between single quotes. Names of clusters and objects have no backslash.
fn quoted(text: &str) -> String {
    text.replace('\'', "''")
}
