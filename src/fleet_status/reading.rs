//! Reads a SiteDatabase of a cluster.
//!
//! Words that this version does not know are kept as texts: a newer reconciler may have written the status.

use super::State;
use crate::live::LiveObject;
use crate::source::node::{Node, Value};
use sitewright_api::{GROUP, KIND, PLURAL, Phase, VERSION};

/// What the SiteDatabase of a site says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// The phase as the status has it.
    pub phase: Option<String>,
    /// Why the condition `Ready` is what it is: one word.
    pub reason: Option<String>,
    /// The message of the condition `Ready`.
    pub message: Option<String>,
    /// When the condition `Ready` last changed, as the status has it.
    pub since: Option<String>,
    /// The host name of the database server.
    pub host: Option<String>,
    /// The port of the database server.
    pub port: Option<i64>,
    /// The database on the server.
    pub database: Option<String>,
    /// What keeps the database from being ready.
    pub last_error: Option<String>,
    /// The generation of the SiteDatabase.
    pub generation: Option<i64>,
    /// The generation that the status describes.
    pub observed_generation: Option<i64>,
}

impl Reading {
    /// Whether the status is older than the SiteDatabase: it says how the database was before the last change.
    pub fn is_stale(&self) -> bool {
        match (self.observed_generation, self.generation) {
            (Some(observed), Some(generation)) => observed < generation,
            _ => false,
        }
    }

    /// The state that the phase means.
    pub(super) fn state(&self) -> State {
        let phase = self.phase.as_deref();
        let known = Phase::ALL.into_iter().find(|known| phase == Some(known.word()));
        known.map_or(State::NoStatus, State::from)
    }

    /// Why the database is not ready: the last error, or else the message of the condition.
    pub fn why(&self) -> Option<&str> {
        let texts = [&self.last_error, &self.message];
        texts.into_iter().flatten().map(String::as_str).find(|text| !text.is_empty())
    }
}

/// Whether an object of this group and kind is a SiteDatabase.
pub fn is_wanted(group: &str, kind: &str) -> bool {
    group == GROUP && kind == KIND
}

/// The type of a SiteDatabase, as `kubectl get` takes it.
pub fn resource() -> String {
    format!("{PLURAL}.{VERSION}.{GROUP}")
}

/// A SiteDatabase that was read from a cluster.
#[derive(Clone, Debug, PartialEq)]
pub struct SiteDatabase {
    pub(super) namespace: String,
    pub(super) name: String,
    pub(super) site_name: Option<String>,
    pub(super) bench: Option<String>,
    pub(super) server: Option<String>,
    pub(super) reading: Reading,
}

impl SiteDatabase {
    /// Keeps what is shown of a SiteDatabase.
    pub fn new(object: LiveObject) -> Self {
        let spec = object.node.get("spec");
        let stated = |key| spec.and_then(|spec| text(spec, key));
        let (site_name, bench, server) = (stated("siteName"), stated("bench"), stated("server"));
        let reported = object.reported.unwrap_or_default();
        let mut reading = reading(&reported.status);
        reading.generation = reported.generation;
        let (namespace, name) = (object.key.namespace, object.key.name);
        Self { namespace, name, site_name, bench, server, reading }
    }
}

/// What a status says.
fn reading(status: &Node) -> Reading {
    let ready = status.get("conditions").into_iter().flat_map(items);
    let ready = ready.into_iter().find(|it| text(it, "type").as_deref() == Some("Ready"));
    let of_ready = |key| ready.and_then(|condition| text(condition, key));
    let database = status.get("databaseStatus");
    let of_database = |key| database.and_then(|database| text(database, key));
    Reading {
        phase: of_database("phase"),
        reason: of_ready("reason"),
        message: of_ready("message"),
        since: of_ready("lastTransitionTime"),
        host: of_database("host"),
        port: database.and_then(|it| number(it, "port")),
        database: of_database("database"),
        last_error: of_database("lastError"),
        generation: None,
        observed_generation: number(status, "observedGeneration"),
    }
}

fn items(node: &Node) -> &[Node] {
    match &node.value {
        Value::List(items) => items,
        _ => &[],
    }
}

fn text(node: &Node, key: &str) -> Option<String> {
    Some(node.get(key)?.as_str()?.to_owned())
}

fn number(node: &Node, key: &str) -> Option<i64> {
    match node.get(key)?.value {
        Value::Int(number) => Some(number),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::FileId;
    use crate::source::yaml;

    fn of(text: &str) -> Reading {
        reading(&yaml::read(text, FileId::NONE).unwrap())
    }

    #[test]
    fn each_phase_has_its_state() {
        for phase in Phase::ALL {
            let reading = of(&format!("databaseStatus: {{phase: {}}}\n", phase.word()));
            assert_eq!(reading.state().words(), phase.word());
        }
        for text in ["{}\n", "databaseStatus: {}\n", "databaseStatus: {phase: Moving}\n", "a: 1\n"]
        {
            assert_eq!(of(text).state(), State::NoStatus, "{text}");
        }
    }

    #[test]
    fn only_the_condition_ready_is_read() {
        let reading = of(
            "conditions:\n- {type: Other, reason: A}\n- {type: Ready, reason: New, lastTransitionTime: now}\n- 1\n",
        );
        let word = |text: &Option<String>| text.clone().unwrap_or_default();
        assert_eq!((word(&reading.reason), word(&reading.since)), ("New".into(), "now".into()));
        assert_eq!(of("conditions: 1\ndatabaseStatus: []\n"), Reading::default());
    }

    #[test]
    fn the_error_comes_before_the_message() {
        let reading = |error: &str, message: &str| Reading {
            last_error: Some(error.to_owned()),
            message: Some(message.to_owned()),
            ..Reading::default()
        };
        assert_eq!(reading("a", "b").why(), Some("a"));
        assert_eq!(reading("", "b").why(), Some("b"));
        assert_eq!(reading("", "").why(), None);
    }

    #[test]
    fn a_status_of_an_older_generation_is_stale() {
        for (observed, generation, is_stale) in [
            (Some(1), Some(2), true),
            (Some(2), Some(2), false),
            (Some(3), Some(2), false),
            (None, Some(2), false),
            (Some(1), None, false),
        ] {
            let reading =
                Reading { observed_generation: observed, generation, ..Reading::default() };
            assert_eq!(reading.is_stale(), is_stale, "{observed:?} {generation:?}");
        }
    }
}
