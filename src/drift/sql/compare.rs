//! Compares the answers of a server with what the manifests promise of it.

use super::{Answers, Server};
use crate::risk::Key;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeSet;

/// How a fact differs.
#[derive(Clone, Copy, Debug, JsonSchema, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Difference {
    /// The server does not state it: the database, the account or the grant is not there.
    Missing,
    /// The server states another value.
    Different,
    /// The server states something that no manifest promises, such as the grant of another account on a site's
    /// database.
    Unexpected,
}

/// A fact that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How it differs.
    pub difference: Difference,
    /// What the fact is about.
    pub subject: String,
    /// The promised value.
    pub promised: Option<String>,
    /// What the server states.
    pub found: Option<String>,
    /// The object that promises it, and its definition. `None` if no object does.
    pub object: Option<(Key, String)>,
}

/// The facts that differ, in the order of the subjects: first those that the manifests promise.
pub fn compare(server: &Server, answers: &Answers) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut known = BTreeSet::new();
    for (fact, object, key) in &server.facts {
        known.insert(fact.subject.as_str());
        let found = answers.found.get(&fact.subject).and_then(|values| values.first());
        let difference = match found {
            None => Difference::Missing,
            Some(found) if server.sql.fits(&fact.value, found) => continue,
            Some(_) => Difference::Different,
        };
        findings.push(Finding {
            difference,
            subject: fact.subject.clone(),
            promised: Some(fact.value.clone()),
            found: found.cloned(),
            object: Some((key.clone(), object.definition().to_owned())),
        });
    }
    let others = answers.found.iter().filter(|(subject, _)| !known.contains(subject.as_str()));
    for (subject, values) in others {
        findings.extend(values.iter().map(|value| Finding {
            difference: Difference::Unexpected,
            subject: subject.clone(),
            promised: None,
            found: Some(value.clone()),
            object: None,
        }));
    }
    findings
}
