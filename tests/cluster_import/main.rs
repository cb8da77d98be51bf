//! A real API server gives what was applied to it, and an import makes definitions of it that render the same
//! objects.
//!
//! The objects pass through the CRDs of exactly the versions that a cluster states, so the dump has their
//! defaults, the order of fields and the field managers of a real cluster. No operator runs.

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
    use super::given::{Given, Id, by_versions, generated, id, sampled};
    use super::tools::needed;
    use cluster::{ControlPlane, Kubectl, Programs};
    use serde_json::Value;
    use sitewright::language::SecretMode;
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;
    use std::process::{Command, Output};

    /// How many sites of the generated fleet are imported.
    const SITES: usize = 300;

    #[test]
    fn every_sample_comes_back_from_an_api_server() {
        let (Some(programs), Some(crds)) = (needed("cluster"), needed("crds-by-version")) else {
            return;
        };
        let clusters = sampled();
        assert!(clusters.len() > 10, "{} clusters", clusters.len());
        come_back(&programs, &crds, clusters);
    }

    #[test]
    fn a_large_fleet_comes_back_from_an_api_server() {
        let (Some(programs), Some(crds)) = (needed("cluster"), needed("crds-by-version")) else {
            return;
        };
        come_back(&programs, &crds, generated(SITES));
    }

    /// Applies each cluster to an API server with its versions, and imports what that gives.
    fn come_back(programs: &Path, crds: &Path, clusters: Vec<Given>) {
        let mut found = Vec::new();
        for (versions, clusters) in by_versions(clusters) {
            let programs = Programs::of(programs);
            let plane = ControlPlane::start(&programs);
            for folder in &versions {
                plane.install(&crds.join(folder));
            }
            plane.install(&programs.crds("sealed-secrets"));
            plane.install(&Path::new(env!("CARGO_MANIFEST_DIR")).join("api/crds"));
            for cluster in clusters {
                let differences = comes_back(plane.kubectl(), &cluster).into_iter();
                found.extend(differences.map(|line| format!("{}: {line}", cluster.name)));
            }
        }
        assert!(found.is_empty(), "{}", found.join("\n"));
    }

    /// What is other than before after the way through an API server and an import.
    fn comes_back(kubectl: &Kubectl, cluster: &Given) -> Vec<String> {
        kubectl.apply(&cluster.namespaces());
        kubectl.apply_as(cluster.manager, &cluster.stream());
        let kinds = cluster.kinds();
        let mut found = Vec::new();
        for form in ["yaml", "json"] {
            let get = ["get", &kinds, "-A", "-o", form, "--show-managed-fields"];
            let dump = kubectl.with(&get, "");
            found.extend(
                imported(kubectl, cluster, &dump).into_iter().map(|it| format!("{form}: {it}")),
            );
        }
        // The next cluster may have objects of the same names.
        kubectl.with(&["delete", "--wait=false", "-f", "-"], &cluster.stream());
        found
    }

    /// Imports a dump into an empty project, renders it, and compares with what was applied and with what the
    /// API server has.
    fn imported(kubectl: &Kubectl, cluster: &Given, dump: &str) -> Vec<String> {
        let root = tempfile::tempdir().unwrap();
        cluster.put_templates(root.path());
        fs::write(root.path().join("dump"), dump).unwrap();
        let dump = root.path().join("dump");
        let mut arguments = vec!["import", "--cluster", &cluster.folder];
        arguments
            .extend(cluster.operators.iter().flat_map(|(option, version)| [*option, *version]));
        arguments.push(dump.to_str().unwrap());
        let output = sitewright(root.path(), &arguments);
        // Passwords without ciphertext have no record.
        let mut expected = vec![Some(0)];
        expected.extend((cluster.mode == SecretMode::Plain).then_some(Some(1)));
        if !expected.contains(&output.status.code()) {
            return vec![format!("import: {}", said(&output))];
        }
        cluster.put_certificates(root.path());
        let locked = (cluster.mode != SecretMode::Plain).then_some("--locked");
        let render: Vec<&str> = ["render"].into_iter().chain(locked).collect();
        let output = sitewright(root.path(), &render);
        if !output.status.success() {
            return vec![format!("render: {}", said(&output))];
        }
        let rendered = Given::objects_below(&root.path().join("rendered").join(&cluster.folder));
        let ids = |objects: &[Value]| objects.iter().map(id).collect::<BTreeSet<Id>>();
        let (before, after) = (ids(&cluster.objects), ids(&rendered));
        let mut found: Vec<String> =
            before.difference(&after).map(|it| format!("is gone: {it:?}")).collect();
        found.extend(after.difference(&before).map(|it| format!("is new: {it:?}")));
        let manager = format!("--field-manager={}", cluster.manager);
        let list = Given::list(rendered);
        let difference = kubectl.try_with(&["diff", "--server-side", &manager, "-f", "-"], &list);
        if !difference.success {
            found.push(format!("kubectl diff: {}{}", difference.stdout, difference.stderr));
        }
        found
    }

    fn sitewright(root: &Path, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sitewright"));
        command.arg("-C").arg(root).args(["--color", "never"]).args(arguments).output().unwrap()
    }

    fn said(Output { status, stdout, stderr }: &Output) -> String {
        format!("{status}\n{}{}", String::from_utf8_lossy(stdout), String::from_utf8_lossy(stderr))
    }
}
