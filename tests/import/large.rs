//! 10,000 sites come back as they are.

#[path = "../../benches/support/fleet.rs"]
mod fleet;

use super::round_trip::{as_json, clusters, dump, rendered, round_trip};
use sitewright::secret::Missing;

const SITES: usize = 10_000;

#[test]
fn ten_thousand_sites_come_back_as_they_are() {
    let root = tempfile::tempdir().unwrap();
    fleet::write(root.path(), SITES).unwrap();
    let mut objects = 0;
    for cluster in clusters(root.path()) {
        // The other tests have passwords, which take long to seal.
        let sent = rendered(root.path(), &cluster.name, Missing::Ignore).unwrap();
        objects += sent.len();
        let live = dump(&sent, as_json, &cluster);
        let found = round_trip(&sent, &live, &cluster, Missing::Ignore);
        assert!(found.is_empty(), "{} {:#?}", found.len(), &found[..found.len().min(20)]);
    }
    assert!(objects > 4 * SITES, "{objects}");
}
