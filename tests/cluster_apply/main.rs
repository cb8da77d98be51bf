//! A real API server takes every object that is rendered: with unknown fields refused, against the
//! CRDs of exactly the versions that a cluster states. It returns what was sent, and a second apply
//! changes nothing.

#[cfg(test)]
mod compare;
#[cfg(test)]
mod given;
#[cfg(test)]
#[path = "../samples/mod.rs"]
mod samples;
#[cfg(test)]
#[path = "../tools/mod.rs"]
mod tools;
#[cfg(test)]
#[path = "../versions/mod.rs"]
mod versions;

#[cfg(test)]
mod tests {
    use super::compare::{Sent, differences, unused};
    use super::given::{GivenCluster, by_versions, generated, sampled};
    use super::tools::needed;
    use cluster::{ControlPlane, Programs};
    use std::collections::BTreeSet;
    use std::path::Path;

    /// How many sites of the generated fleet are applied.
    const SITES: usize = 500;

    /// The repository's own fleet, and every example.
    #[test]
    fn an_api_server_takes_and_keeps_every_sample() {
        let (Some(programs), Some(crds)) = (needed("cluster"), needed("crds-by-version")) else {
            return;
        };
        let clusters = sampled(&programs);
        assert!(clusters.len() > 10, "{} clusters", clusters.len());
        let used = take_and_keep(&programs, &crds, clusters);
        assert_eq!(unused(&used), [""; 0], "accepted, and met nowhere");
    }

    #[test]
    fn an_api_server_takes_and_keeps_a_large_fleet() {
        let (Some(programs), Some(crds)) = (needed("cluster"), needed("crds-by-version")) else {
            return;
        };
        let folder = tempfile::tempdir().unwrap();
        take_and_keep(&programs, &crds, generated(folder.path(), SITES));
    }

    /// Applies each cluster to an API server with its versions; which accepted differences were met.
    fn take_and_keep(programs: &Path, crds: &Path, clusters: Vec<GivenCluster>) -> BTreeSet<usize> {
        let (mut used, mut found) = (BTreeSet::new(), Vec::new());
        for (versions, clusters) in by_versions(clusters) {
            let plane = start(programs, crds, &versions);
            for cluster in clusters {
                let differences = takes_and_keeps(&plane, &cluster, &mut used).into_iter();
                found.extend(differences.map(|line| format!("{}: {line}", cluster.name)));
            }
        }
        assert!(found.is_empty(), "the API server returns\n{}", found.join("\n"));
        used
    }

    /// An API server with the CRDs of these folders, and those of every cluster.
    fn start(programs: &Path, crds: &Path, versions: &[String]) -> ControlPlane {
        let programs = Programs::of(programs);
        let plane = ControlPlane::start(&programs);
        for folder in versions {
            plane.install(&crds.join(folder));
        }
        plane.install(&programs.crds("sealed-secrets"));
        plane.install(&Path::new(env!("CARGO_MANIFEST_DIR")).join("api/crds"));
        plane
    }

    /// What the API server returns of a cluster other than it was sent.
    fn takes_and_keeps(
        plane: &ControlPlane,
        cluster: &GivenCluster,
        used: &mut BTreeSet<usize>,
    ) -> Vec<String> {
        let kubectl = plane.kubectl();
        kubectl.apply(&cluster.namespaces());
        let stream = cluster.stream();
        kubectl.apply(&stream);
        let sent = Sent::read(&cluster.objects);
        let taken = sent.returned(kubectl);
        let found = differences(&sent, &taken, used);
        kubectl.apply(&stream);
        let again = sent.returned(kubectl);
        for (id, version) in again.resource_versions() {
            let before = taken.resource_version(&id);
            assert_eq!(before, Some(version), "{}: {id} changed", cluster.name);
        }
        // The next cluster may have objects of the same names.
        kubectl.with(&["delete", "--wait=false", "-f", "-"], &stream);
        found
    }
}
