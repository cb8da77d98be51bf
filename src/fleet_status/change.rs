//! What is different between two readings of a fleet.

use super::{FleetStatus, SiteStatus, State};
use std::collections::HashMap;

/// A site whose status is another one than before.
#[derive(Debug, PartialEq)]
pub struct Change<'f> {
    /// The site as it is now, or, if the cluster no longer has it and no definition states it, as it was.
    pub site: &'f SiteStatus,
    /// Its state before. `None` if it was not there.
    pub from: Option<State>,
    /// Its state now. `None` if it is not there any more.
    pub to: Option<State>,
}

/// The sites whose state or error changed, in the order of the later report. Sites that are gone come last.
pub fn changes<'f>(before: &'f FleetStatus, after: &'f FleetStatus) -> Vec<Change<'f>> {
    let key = |site: &'f SiteStatus| (site.namespace.as_str(), site.name.as_str());
    let mut old: HashMap<_, _> = before.sites.iter().map(|site| (key(site), site)).collect();
    let mut found = Vec::new();
    for site in &after.sites {
        let was = old.remove(&key(site));
        if was.is_none_or(|was| said(was) != said(site)) {
            found.push(Change { site, from: was.map(|was| was.state), to: Some(site.state) });
        }
    }
    let gone = before.sites.iter().filter(|site| old.contains_key(&key(site)));
    found.extend(gone.map(|site| Change { site, from: Some(site.state), to: None }));
    found
}

/// What a change is about. The time and the place of the database are not.
fn said(site: &SiteStatus) -> impl PartialEq + use<'_> {
    let reading = &site.reading;
    (site.state, reading.reason.as_deref(), reading.why(), reading.is_stale())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet_status::Reading;

    fn site(name: &str, state: State) -> SiteStatus {
        SiteStatus {
            definition: None,
            namespace: "erp".to_owned(),
            name: name.to_owned(),
            site_name: None,
            bench: None,
            server: None,
            state,
            reading: Reading::default(),
        }
    }

    fn fleet(sites: Vec<SiteStatus>) -> FleetStatus {
        FleetStatus { cluster: "eu".to_owned(), lists_missing: true, sites }
    }

    #[test]
    fn a_change_is_another_state_reason_error_or_staleness() {
        let reading = Reading {
            reason: Some("Retrying".to_owned()),
            last_error: Some("lost".to_owned()),
            ..Reading::default()
        };
        let before =
            fleet(vec![SiteStatus { reading: reading.clone(), ..site("a", State::Failed) }]);
        let set = |change: fn(&mut Reading)| {
            let mut after = before.clone();
            change(&mut after.sites[0].reading);
            changes(&before, &after).len()
        };
        assert_eq!(set(|_| {}), 0);
        assert_eq!(set(|it| it.since = Some("now".to_owned())), 0);
        assert_eq!(set(|it| it.host = Some("db".to_owned())), 0);
        assert_eq!(set(|it| it.reason = None), 1);
        assert_eq!(set(|it| it.last_error = None), 1);
        assert_eq!(set(|it| (it.generation, it.observed_generation) = (Some(2), Some(1))), 1);
    }

    #[test]
    fn sites_come_and_go() {
        let before = fleet(vec![site("a", State::Ready), site("b", State::Ready)]);
        let after = fleet(vec![site("c", State::Pending), site("b", State::Failed)]);
        let found = changes(&before, &after);
        let found: Vec<_> =
            found.iter().map(|it| (it.site.name.as_str(), it.from, it.to)).collect();
        let expected = [
            ("c", None, Some(State::Pending)),
            ("b", Some(State::Ready), Some(State::Failed)),
            ("a", Some(State::Ready), None),
        ];
        assert_eq!(found, expected);
    }
}
