//! SiteDatabases: Argo CD waits for no status, whatever it says, and leaves alone what the reconciler writes.

use crate::delivered::{PATIENCE, Stage, versions};
use crate::samples::files;
use cluster::{ControllerManager, eventually};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

const STATES: &str = "sites/mumbai/_cluster.yaml";
const SITES: &str = "sitedatabases --all-namespaces";

/// The sample fleet, whose cluster `mumbai` asks for SiteDatabases.
struct Project(TempDir);

impl Project {
    fn new() -> Self {
        let (project, root) = (TempDir::new().unwrap(), Path::new(env!("CARGO_MANIFEST_DIR")));
        for folder in ["sites", "templates", "rendered"] {
            for (path, bytes) in files(&root.join(folder)) {
                let path = project.path().join(folder).join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, bytes).unwrap();
            }
        }
        let text = fs::read_to_string(root.join(STATES)).unwrap();
        let text = text.replacen("kind: Cluster\n", "kind: Cluster\nstatus: true\n", 1);
        fs::write(project.path().join(STATES), text).unwrap();
        Self(project)
    }

    fn run(&self, words: &str) {
        let mut program = Command::new(env!("CARGO_BIN_EXE_sitewright"));
        let output = program.args(words.split(' ')).current_dir(&self.0).output().unwrap();
        assert!(output.status.success(), "{words}: {output:?}");
    }
}

/// No reconciler runs: what it would write is written here.
pub(crate) fn waits_for_no_status(stage: &Stage) {
    let kubectl = stage.plane.kubectl();
    let before = versions(stage);
    let project = Project::new();
    project.run("render");
    project.run("gitops");
    stage.apply_pack(&project.0.path().join("gitops/mumbai"));
    let rendered = files(&project.0.path().join("rendered/mumbai")).into_iter();
    let sites: Vec<_> = rendered.filter(|(path, _)| path.ends_with("/sitedatabase.yaml")).collect();
    assert_eq!(sites.len(), 6);
    for (path, bytes) in sites {
        let text = String::from_utf8(bytes).unwrap();
        stage.repository.write(&format!("rendered/mumbai/{path}"), &text);
    }
    let added = stage.repository.commit("Statuses");
    let healthy = |commit: &str| {
        stage.argo_cd.refresh("mumbai");
        stage.argo_cd.wait_until("mumbai", commit, "Synced", "Healthy", PATIENCE);
    };
    healthy(&added);
    let items = kubectl.items(SITES);
    assert_eq!(items.len(), 6);
    assert!(items.iter().all(|site| site["status"].is_null()), "{items:#?}");

    // A site that has failed is told by its status, and holds up no delivery.
    let status = json!({"databaseStatus": {"phase": "Failed", "lastError": "Access denied"}});
    let patch = json!({"status": status}).to_string();
    let words = ["patch", "sdb", "intranet", "--namespace=platform", "--subresource=status"];
    kubectl.with(&[&words[..], &["--type=merge", "--patch", &patch]].concat(), "");
    let path = "rendered/mumbai/intranet/sitedatabase.yaml";
    stage.repository.edit(path, "  port: 3306", "  port: 3307");
    healthy(&stage.repository.commit("Another port"));
    let site = kubectl.find("sitedatabases", "platform", "intranet").unwrap();
    assert_eq!((&site["spec"]["port"], &site["status"]), (&json!(3307), &status));

    // Where the cluster no longer asks for them they go, and nothing else does. Argo CD deletes in the foreground:
    // that ends once the garbage collector has looked for what the object owns.
    let _collector = ControllerManager::start(&stage.plane);
    stage.repository.git(&["revert", "--no-edit", "HEAD", "HEAD~1"]);
    healthy(&stage.repository.commit("No status any more"));
    eventually("no SiteDatabase is there", PATIENCE, || {
        let left: Vec<Value> = kubectl.items(SITES);
        if left.is_empty() { Ok(()) } else { Err(left.len()) }
    });
    assert_eq!(versions(stage), before);
}
