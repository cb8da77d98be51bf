//! The database of a site that exists already, of any database system.

use super::draft::Draft;
use super::index::Live;
use super::value::{int, number, string, text};

/// A database that exists already.
pub(super) fn connection(draft: &mut Draft, live: Live) {
    draft.state(&["database", "mode"], string("external"));
    draft.copy(
        live,
        &["database", "connection"],
        &[
            (&["secretName"], &["spec", "dbConfig", "connectionSecretRef", "name"]),
            (&["host"], &["spec", "dbConfig", "host"]),
        ],
    );
    let path = ["spec", "dbConfig", "port"];
    let port = text(live.node(), &path).and_then(|port| port.parse().ok());
    if let Some(port) = port.or_else(|| number(live.node(), &path)) {
        draft.set(live, &["database", "connection", "port"], &path, int(port));
    }
}
