//! `--kubectl` runs the user's kubectl, and nothing but `get`. A script plays kubectl here: it fails on any other
//! call.

use super::support::{Cluster, Project};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use tempfile::TempDir;

/// The one form of a call. The script notes the type that is asked for.
const SCRIPT: &str = r#"#!/bin/sh
here=$(dirname "$0")
if [ "$1" = --context ]; then context=$2; shift 2; fi
[ "$context" = "$(cat "$here/context")" ] || { echo "error: context \"$context\" does not exist" >&2; exit 1; }
[ $# = 6 ] && [ "$1" = get ] && [ "$3" = --all-namespaces ] && [ "$4" = --show-managed-fields ] \
  && [ "$5" = --chunk-size=500 ] && [ "$6" = --output=json ] || { echo "kubectl $*" >>"$here/wrong"; exit 9; }
echo "$2" >>"$here/asked"
if [ -f "$here/$2.json" ]; then cat "$here/$2.json"; exit; fi
if [ -f "$here/forbidden" ]; then echo "Error from server (Forbidden): $2 is forbidden" >&2; exit 1; fi
echo "error: the server doesn't have a resource type \"$2\"" >&2
exit 1
"#;

/// A folder with the script and the objects that it returns.
fn programs(cluster: &Cluster, context: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    put("kubectl", SCRIPT);
    let script = folder.path().join("kubectl");
    fs::set_permissions(script, fs::Permissions::from_mode(0o755)).unwrap();
    put("context", context);
    let resource = |object: &Value| {
        let (group, version) = object["apiVersion"].as_str().unwrap().split_once('/').unwrap();
        format!("{}.{version}.{group}", object["kind"].as_str().unwrap())
    };
    for object in &cluster.0 {
        let of = resource(object);
        let items = cluster.0.iter().filter(|it| resource(it) == of).cloned();
        let list = json!({"apiVersion": "v1", "kind": "List", "items": items.collect::<Vec<_>>()});
        put(&format!("{of}.json"), &list.to_string());
    }
    folder
}

fn asked(folder: &Path) -> Vec<String> {
    assert!(
        !folder.join("wrong").exists(),
        "{}",
        fs::read_to_string(folder.join("wrong")).unwrap()
    );
    let asked = fs::read_to_string(folder.join("asked")).unwrap();
    let mut asked: Vec<String> = asked.lines().map(str::to_owned).collect();
    asked.sort_unstable();
    asked
}

#[test]
fn only_the_kinds_that_are_rendered_are_listed() {
    let project = Project::new();
    let cluster = project.applied();
    let programs = programs(&cluster, "fra");
    let ran = project.run_with("drift --kubectl --context fra", 0, Some(programs.path()), "");
    assert_eq!(ran.out, "no drift: 9 objects of eu compared\n");
    let asked = asked(programs.path());
    assert_eq!(
        asked,
        [
            "Backup.v1alpha1.k8s.mariadb.com",
            "Database.v1alpha1.k8s.mariadb.com",
            "ExternalMariaDB.v1alpha1.k8s.mariadb.com",
            "FrappeBench.v1alpha1.vyogo.tech",
            "FrappeSite.v1alpha1.vyogo.tech",
            "Grant.v1alpha1.k8s.mariadb.com",
            "MariaDB.v1alpha1.k8s.mariadb.com",
            "PhysicalBackup.v1alpha1.k8s.mariadb.com",
            "SealedSecret.v1alpha1.bitnami.com",
            "User.v1alpha1.k8s.mariadb.com",
        ]
    );
}

#[test]
fn drift_is_found_and_the_context_is_the_current_one() {
    let project = Project::new();
    let mut cluster = project.applied();
    cluster.edit("Database", "acme-db", "characterSet", "latin1".into());
    // A type that the cluster no longer knows has no objects.
    cluster.remove("Grant", "acme-grant");
    let programs = programs(&cluster, "");
    let ran = project.run_with("drift --kubectl", 1, Some(programs.path()), "");
    assert!(ran.out.contains("kubectl-edit"), "{}", ran.out);
    assert!(ran.out.contains("► Grant/erp/acme-grant missing in the cluster"), "{}", ran.out);
    asked(programs.path());
}

#[test]
fn what_kubectl_refuses_is_said() {
    let project = Project::new();
    let programs = programs(&project.applied(), "fra");
    let ran = project.run_with("drift --kubectl --context mum", 2, Some(programs.path()), "");
    assert!(ran.err.contains("SW853"), "{}", ran.err);
    assert!(ran.err.contains("context \"mum\" does not exist"), "{}", ran.err);
    fs::remove_file(programs.path().join("Grant.v1alpha1.k8s.mariadb.com.json")).unwrap();
    fs::write(programs.path().join("forbidden"), "").unwrap();
    let ran = project.run_with("drift --kubectl --context fra", 2, Some(programs.path()), "");
    assert!(ran.err.contains("Grant.v1alpha1.k8s.mariadb.com is forbidden"), "{}", ran.err);
    assert_eq!(ran.out, "");
    asked(programs.path());
}

/// A listing that breaks off must not look like missing objects.
#[test]
fn a_listing_that_breaks_off_is_an_error() {
    let project = Project::new();
    let programs = programs(&project.applied(), "");
    let script = "#!/bin/sh\nprintf '{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": ['\necho lost >&2\nexit 1\n";
    fs::write(programs.path().join("kubectl"), script).unwrap();
    let ran = project.run_with("drift --kubectl", 2, Some(programs.path()), "");
    assert!(ran.err.contains("failed: lost"), "{}", ran.err);
    fs::remove_file(programs.path().join("kubectl")).unwrap();
    let only = programs.path().to_owned();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_sitewright"))
        .args(["drift", "--kubectl", "-C"])
        .arg(project.path(""))
        .env("PATH", only)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("SW853"));
}
