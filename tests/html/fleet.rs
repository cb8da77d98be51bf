//! A fleet with a change of each risk, and its reports.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;
use tempfile::TempDir;

/// Both reports of the fleet.
pub(crate) struct Reports {
    pub(crate) diff: String,
    pub(crate) list: String,
}

pub(crate) static REPORTS: LazyLock<Reports> = LazyLock::new(|| {
    let fleet = changed();
    Reports {
        diff: report(fleet.path(), &["diff", "--base", "before", "--deny", "blocked"], 4),
        list: report(fleet.path(), &["list"], 0),
    }
});

/// A report as a page. The run ends with this exit code.
#[track_caller]
pub(crate) fn report(root: &Path, arguments: &[&str], code: i32) -> String {
    run(root, &[arguments, &["--format", "html"]].concat(), code)
}

/// What a command prints on its standard output.
#[track_caller]
pub(crate) fn run(root: &Path, arguments: &[&str], code: i32) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_sitewright"))
        .current_dir(root)
        .args(arguments)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

pub(crate) fn put(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// Replaces a text of a file, which must have it.
pub(crate) fn edit(root: &Path, path: &str, old: &str, new: &str) {
    let text = fs::read_to_string(root.join(path)).unwrap();
    assert!(text.contains(old), "{path} has no {old:?}");
    fs::write(root.join(path), text.replace(old, new)).unwrap();
}

/// A rendered fleet, of which the definitions were changed afterwards.
fn changed() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    run(root, &["init", "--quiet"], 0);
    for name in ["acme", "globex", "hooli", "initech", "old"] {
        site(root, name, "");
    }
    for name in ["east", "harbour", "market", "north", "south", "west"] {
        site(root, &format!("retail/{name}"), "");
    }
    site(root, "vault", "database: {mode: dedicated, server: null, storageSize: 20Gi}\n");
    run(root, &["render", "--quiet"], 0);
    // `mv` moves the manifests too.
    run(root, &["render", "--quiet", "--out", "before"], 0);

    let defaults = "sites/production/_defaults.yaml";
    let server = "    server: frappe-mariadb\n";
    edit(root, defaults, server, &format!("{server}    maxUserConnections: 20\n"));
    edit(root, "sites/production/frappe-mariadb.yaml", "50Gi", "20Gi");
    site(root, "acme", "domain: shop.acme.com\n");
    site(root, "old", "lifecycle: retired\n");
    site(root, "umbrella", "");
    fs::remove_file(root.join("sites/production/hooli.yaml")).unwrap();
    run(root, &["mv", "production/globex", "production/retail/globex", "--quiet"], 0);
    run(root, &["secrets", "rotate", "production/initech/initech-admin", "--quiet"], 0);
    folder
}

fn site(root: &Path, path: &str, more: &str) {
    let name = path.rsplit('/').next().unwrap();
    let text = format!("kind: Site\nsiteName: {name}.example.com\n{more}");
    put(root, &format!("sites/production/{path}.yaml"), &text);
}
