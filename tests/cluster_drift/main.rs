//! Drift of a real API server, which keeps the field managers and fills the defaults. Every object is applied on
//! the server's side as Flux does it, and other managers then change some.

#[cfg(test)]
mod changed;
#[cfg(test)]
#[path = "../cluster_apply/given.rs"]
mod given;
#[cfg(test)]
#[path = "../drift/project.rs"]
mod project;
#[cfg(test)]
#[path = "../samples/mod.rs"]
mod samples;
#[cfg(test)]
#[path = "../tools/mod.rs"]
mod tools;
#[cfg(test)]
mod untouched;
#[cfg(test)]
#[path = "../versions/mod.rs"]
mod versions;

#[cfg(test)]
use cluster::{ControlPlane, Programs};
#[cfg(test)]
use std::path::Path;

/// The field manager of Flux.
#[cfg(test)]
const FLUX: &str = "kustomize-controller";

/// An API server with the CRDs of these folders, and those of every cluster.
#[cfg(test)]
fn start(programs: &Programs, crds: &Path, versions: &[String]) -> ControlPlane {
    let plane = ControlPlane::start_without_audit(programs);
    for folder in versions {
        plane.install(&crds.join(folder));
    }
    plane.install(&programs.crds("sealed-secrets"));
    plane.install(&Path::new(env!("CARGO_MANIFEST_DIR")).join("api/crds"));
    plane
}

/// `sitewright drift --kubectl` with the cluster's kubectl: the exit code, and both outputs.
#[cfg(test)]
fn drift(root: &Path, cluster: &str, plane: &ControlPlane) -> (Option<i32>, String, String) {
    let program = plane.programs().program("kubectl");
    let path = std::env::var("PATH").unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_sitewright"))
        .args(["drift", "--kubectl", "--context", "test", "--format", "json"])
        .args(["--cluster", cluster, "-C"])
        .arg(root)
        .env("PATH", format!("{}:{path}", program.parent().unwrap().display()))
        .env("KUBECONFIG", plane.kubectl().kubeconfig())
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}
