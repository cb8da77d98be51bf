//! What a database server must answer if the objects are true of it.
//!
//! An operator's `Ready` does not prove that a grant is still there (source: mariadb-operator#1737). Only the server
//! knows, so each provider states facts, and the statements that show them. The statements read, and never write.

use crate::risk::Object;
use std::collections::BTreeSet;
use std::fmt::{self, Debug};

/// The database server of an object, as its reference names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServerRef {
    /// The kind of the server's object, such as `MariaDB`.
    pub kind: String,
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

impl fmt::Display for ServerRef {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} {}/{}", self.kind, self.namespace, self.name)
    }
}

/// A fact about a server. A server that answers states each fact on one line, `SUBJECT = VALUE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What the fact is about, such as `database _1f2e_acme character-set`.
    pub subject: String,
    /// The value that the object promises.
    pub value: String,
}

/// The databases and accounts that a script asks about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The names of databases.
    pub databases: BTreeSet<String>,
    /// The names of accounts, without their hosts.
    pub accounts: BTreeSet<String>,
}

/// The facts that an object promises.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promised {
    /// The server on which they are true.
    pub server: ServerRef,
    /// The facts.
    pub facts: Vec<Fact>,
    /// The database and the account that they are about.
    pub asked: Asked,
}

/// How a provider asks a server.
pub trait SqlFacts: Debug + Sync {
    /// The client that runs the statements, and the options with which it prints one answer on each line.
    fn client(&self) -> &'static str;

    /// The kinds of the objects that promise facts, and of the servers on which these are true.
    fn kinds(&self) -> &'static [&'static str];

    /// The facts that an object promises. `None` for an object that promises none.
    fn promised(&self, object: &Object) -> Option<Promised>;

    /// The statements that show the facts about these databases and accounts, each with its `;`. Every row has one
    /// column, with the text `sitewright SUBJECT = VALUE`. They show other accounts that reach these databases, too.
    fn statements(&self, asked: &Asked) -> Vec<String>;

    /// Whether the value that a server states is the promised one.
    fn fits(&self, promised: &str, found: &str) -> bool;
}
