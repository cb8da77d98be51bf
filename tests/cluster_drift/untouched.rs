//! A cluster that nobody touched has no drift, whatever defaults the API server has filled.

use super::given::{GivenCluster, by_versions, generated, sampled};
use super::tools::needed;
use super::{FLUX, drift, start};
use cluster::{ControlPlane, Programs};
use std::path::{Path, PathBuf};

/// The folder and the cluster of a sample.
fn sample(cluster: &GivenCluster) -> (PathBuf, &str) {
    let (project, cluster) = cluster.name.split_once(": ").unwrap();
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = if project.starts_with("examples/") { project } else { "" };
    (repository.join(root), cluster)
}

fn apply(plane: &ControlPlane, cluster: &GivenCluster) {
    plane.kubectl().apply(&cluster.namespaces());
    plane.kubectl().apply_as(FLUX, &cluster.stream());
}

#[test]
fn no_sample_and_no_example_has_drift() {
    let (Some(programs), Some(crds)) = (needed("cluster"), needed("crds-by-version")) else {
        return;
    };
    let clusters = sampled(&programs);
    assert!(clusters.len() > 10, "{} clusters", clusters.len());
    let mut found = Vec::new();
    for (versions, clusters) in by_versions(clusters) {
        let plane = start(&Programs::of(&programs), &crds, &versions);
        for cluster in clusters {
            apply(&plane, &cluster);
            let (root, name) = sample(&cluster);
            let (code, out, err) = drift(&root, name, &plane);
            if code != Some(0) {
                found.push(format!("{}: {code:?}\n{out}{err}", cluster.name));
            }
            // The next cluster may have objects of the same names.
            plane.kubectl().with(&["delete", "--wait=false", "-f", "-"], &cluster.stream());
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_generated_fleet_has_no_drift() {
    let (Some(programs), Some(crds)) = (needed("cluster"), needed("crds-by-version")) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    // The fewest sites that both of its clusters share.
    let clusters = generated(folder.path(), 160);
    for (versions, clusters) in by_versions(clusters) {
        let plane = start(&Programs::of(&programs), &crds, &versions);
        for cluster in clusters {
            apply(&plane, &cluster);
            let (_, name) = cluster.name.split_once(": ").unwrap();
            let (code, out, err) = drift(folder.path(), name, &plane);
            assert_eq!(code, Some(0), "{}\n{out}{err}", cluster.name);
        }
    }
}
