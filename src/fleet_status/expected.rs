//! The sites that the definitions of a cluster state, and the join with its SiteDatabases.

use super::reading::{Reading, SiteDatabase};
use super::{FleetStatus, SiteStatus, State};
use crate::diagnostic::{Code, Diagnostic, Reported};
use crate::live;
use crate::project::Project;
use crate::resolve::{Fleet, Site};
use rayon::prelude::*;
use std::collections::{HashMap, HashSet};

/// The sites of a cluster, as the definitions state them.
#[derive(Debug)]
pub struct Expected {
    cluster: String,
    /// The file of the Cluster.
    file: String,
    /// Whether the Cluster states `status: true`: each site has a SiteDatabase then.
    has_status: bool,
    /// The sites, by the namespaces and names of their SiteDatabases.
    sites: HashMap<Identity, SiteStatus>,
    /// The SiteDatabases of the project's other clusters.
    others: HashMap<String, HashSet<Identity>>,
}

/// The namespace and name of a SiteDatabase.
type Identity = (String, String);

impl Expected {
    /// The sites of a cluster. Invalid definitions are left out, and reported.
    pub fn new(project: &Project, cluster: &str) -> Reported<Self> {
        let Reported { value: fleet, diagnostics } = crate::resolved(project);
        let (mut sites, mut others) = (HashMap::new(), HashMap::<_, HashSet<_>>::new());
        for site in &fleet.sites {
            let of = &fleet.cluster(&site.common).name;
            match of == cluster {
                true => _ = sites.insert(identity(site), expected(&fleet, site)),
                false => _ = others.entry(of.clone()).or_default().insert(identity(site)),
            }
        }
        let of = fleet.clusters.iter().find(|it| it.name == cluster);
        let file = of.map_or(cluster, |it| project.sources.path(it.definition.file)).to_owned();
        let has_status = of.is_some_and(|it| it.status);
        let value = Self { cluster: cluster.to_owned(), file, has_status, sites, others };
        Reported { value, diagnostics }
    }

    /// Whether the cluster gets SiteDatabases with its next delivery, if it has none.
    pub fn has_status(&self) -> bool {
        self.has_status
    }

    /// The statuses of the sites. A dump of another cluster is refused. So is an empty dump, because it says nothing
    /// about the sites, unless a delivery is awaited.
    pub fn join(
        &self,
        project: &Project,
        found: Vec<SiteDatabase>,
        is_awaited: bool,
    ) -> Result<FleetStatus, Box<Diagnostic>> {
        let found: HashMap<Identity, SiteDatabase> = found
            .into_iter()
            .map(|found| ((found.namespace.clone(), found.name.clone()), found))
            .collect();
        if found.is_empty() && !self.has_status {
            return Err(Box::new(self.without_status()));
        }
        if !found.is_empty() || !is_awaited {
            self.refuse_another_cluster(project, &found)?;
        }
        let mut sites: Vec<SiteStatus> = match self.has_status {
            true => self.missing(&found).cloned().collect(),
            false => Vec::new(),
        };
        sites.par_extend(found.into_par_iter().map(|(identity, found)| {
            let state = found.reading.state();
            match self.sites.get(&identity) {
                Some(site) => SiteStatus { state, reading: found.reading, ..site.clone() },
                None => unknown(found, state),
            }
        }));
        sites.par_sort_by(|one, other| order(one).cmp(&order(other)));
        Ok(FleetStatus { cluster: self.cluster.clone(), lists_missing: self.has_status, sites })
    }

    /// What brings the SiteDatabases to a cluster that has none.
    pub fn remedy(&self) -> String {
        let deliver = "deliver what `sitewright render` and `sitewright gitops` write";
        match self.has_status {
            true => format!("{deliver}, or name the right cluster with `--context`"),
            false => format!("state `status: true` in {}, then {deliver}", self.file),
        }
    }

    /// The error for a cluster that has no SiteDatabases, and should have none.
    fn without_status(&self) -> Diagnostic {
        let message = format!(
            "`{}` has no SiteDatabases, and its Cluster does not state `status: true`",
            self.cluster
        );
        // SW859: a cluster without SiteDatabases.
        Diagnostic::of_path(Code::NoSiteDatabases, &*self.file, message).help(self.remedy())
    }

    /// The sites without a SiteDatabase.
    fn missing(
        &self,
        found: &HashMap<Identity, SiteDatabase>,
    ) -> impl Iterator<Item = &SiteStatus> {
        let missing = self.sites.iter().filter(|(identity, _)| !found.contains_key(*identity));
        missing.map(|(_, site)| site)
    }

    fn refuse_another_cluster(
        &self,
        project: &Project,
        found: &HashMap<Identity, SiteDatabase>,
    ) -> Result<(), Box<Diagnostic>> {
        let unknown: Vec<&Identity> =
            found.keys().filter(|identity| !self.sites.contains_key(*identity)).collect();
        let present = found.len() - unknown.len();
        let of_dump = live::Found {
            cluster: &self.cluster,
            what: "SiteDatabases",
            all: self.sites.len(),
            present,
            unknown: unknown.len(),
            command: "kubectl --context CONTEXT get sitedatabases -A -o json",
        };
        let problem = live::other_cluster(project, of_dump, |other| {
            let Some(sites) = self.others.get(other) else { return 0 };
            unknown.iter().filter(|identity| sites.contains(**identity)).count()
        });
        problem.map_or(Ok(()), Err)
    }
}

fn identity(site: &Site) -> Identity {
    (site.common.namespace.to_string(), site.common.name.to_string())
}

/// A site without a SiteDatabase.
fn expected(fleet: &Fleet, site: &Site) -> SiteStatus {
    let named = |common: &crate::cluster::Common| match common.namespace == site.common.namespace {
        true => common.name.to_string(),
        false => common.full_name(),
    };
    let (namespace, name) = identity(site);
    SiteStatus {
        definition: Some(site.common.origin.definition.path()),
        namespace,
        name,
        site_name: Some(site.site_name.to_string()),
        bench: Some(named(&fleet.bench(site.bench).common)),
        server: site.server.map(|server| named(&fleet.server(server).common)),
        state: State::NotInTheCluster,
        reading: Reading::default(),
    }
}

/// A SiteDatabase that belongs to no definition.
fn unknown(found: SiteDatabase, state: State) -> SiteStatus {
    let SiteDatabase { namespace, name, site_name, bench, server, reading } = found;
    SiteStatus { definition: None, namespace, name, site_name, bench, server, state, reading }
}

/// The order of a report: the worst state first, then what only a person ends, then what has lasted longest. A site
/// without a time comes last.
fn order(site: &SiteStatus) -> impl Ord + use<'_> {
    let Reading { reason, since, .. } = &site.reading;
    let needs_person = reason.as_deref() == Some("NeedsAttention");
    let since = (since.is_none(), since.as_deref());
    let name = (site.definition.is_none(), site.definition.as_deref());
    (site.state, !needs_person, since, name, site.namespace.as_str(), site.name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(name: &str, state: State, reason: &str, since: Option<&str>) -> SiteStatus {
        SiteStatus {
            definition: Some(format!("eu/{name}")),
            namespace: "erp".to_owned(),
            name: name.to_owned(),
            site_name: None,
            bench: None,
            server: None,
            state,
            reading: Reading {
                reason: Some(reason.to_owned()),
                since: since.map(str::to_owned),
                ..Reading::default()
            },
        }
    }

    #[test]
    fn the_worst_comes_first() {
        let (failed, retried) = (State::Failed, "ProvisioningFailed");
        let mut sites = [
            site("ready", State::Ready, "", Some("2026-01-01T00:00:00Z")),
            site("later", failed, retried, Some("2026-11-02T00:00:00Z")),
            site("missing", State::NotInTheCluster, "", None),
            site("timeless", failed, retried, None),
            site("b", failed, retried, Some("2026-11-01T00:00:00Z")),
            SiteStatus {
                definition: None,
                ..site("0", failed, retried, Some("2026-11-01T00:00:00Z"))
            },
            site("a", failed, retried, Some("2026-11-01T00:00:00Z")),
            site("person", failed, "NeedsAttention", Some("2026-11-28T00:00:00Z")),
            site("waits", State::Pending, "", None),
        ];
        sites.sort_by(|one, other| order(one).cmp(&order(other)));
        let names: Vec<&str> = sites.iter().map(|site| site.name.as_str()).collect();
        let expected = ["person", "a", "b", "0", "later", "timeless", "waits", "missing", "ready"];
        assert_eq!(names, expected);
    }
}
