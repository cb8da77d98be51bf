//! A fleet of 10,000 sites compiles, and its promises hold over all of it.

#[path = "../benches/support/fleet.rs"]
mod fleet;

use sitewright::Compiled;
use sitewright::diagnostic::{self, Reported};
use sitewright::output::{Folder, Scope};
use sitewright::project::Project;
use sitewright::secret::Missing;
use std::collections::HashSet;
use std::fs;
use std::process::Command;

const SITES: usize = 10_000;

#[test]
fn ten_thousand_sites_compile_and_stay_as_they_are() {
    let root = tempfile::tempdir().unwrap();
    fleet::write(root.path(), SITES).unwrap();
    let Reported { value: project, diagnostics } = Project::read(root.path()).unwrap();
    let compiled = sitewright::compile(&project, Missing::Ignore, diagnostics);
    let said = |found: &[_]| diagnostic::text(found, &project.sources, false);
    let Reported { value, diagnostics } = compiled.unwrap_or_else(|it| panic!("{}", said(&it)));
    assert_eq!(said(&diagnostics), "");
    let Compiled { fleet, files, .. } = value;
    assert_eq!(fleet.sites.len(), SITES);

    // Four objects a site, a MariaDB more for each dedicated one, and two for each folder.
    let dedicated = files.keys().filter(|path| path.ends_with("/mariadb.yaml")).count();
    assert_eq!(files.len(), 4 * SITES + dedicated + SITES / 50);
    assert!(dedicated > SITES / 60 + SITES / 50, "{dedicated}");

    let names: HashSet<_> = fleet
        .sites
        .iter()
        .map(|site| {
            let name = site.database.sql_name().unwrap();
            assert!(name.escaped().len() <= 64);
            (site.server, site.common.full_name(), name.as_str().to_owned())
        })
        .collect();
    assert_eq!(names.len(), SITES);

    let folder = Folder::new(root.path().join("rendered"), "rendered");
    let written = folder.write(&files, &Scope::everything(), false).unwrap();
    assert_eq!(written.created.len(), files.len());
    let again = folder.write(&files, &Scope::everything(), false).unwrap();
    assert_eq!((again.unchanged, again.kept.len()), (files.len(), 0));

    fs::write(
        root.path().join("sites/_defaults.yaml"),
        "kind: Defaults\nsite:\n  labels:\n    team: blue\n",
    )
    .unwrap();
    // The passwords of the sites have no records, which the exit code says.
    let ran = Command::new(env!("CARGO_BIN_EXE_sitewright"))
        .arg("diff")
        .current_dir(root.path())
        .output()
        .unwrap();
    let text = String::from_utf8(ran.stdout).unwrap();
    assert!(text.lines().count() < 50, "{text}");
    assert!(
        text.contains("~ 10000 FrappeSite\n      metadata.labels.team: (none) → blue\n"),
        "{text}"
    );
    assert!(text.contains("frankfurt/* (7500), mumbai/* (2500)"), "{text}");
    assert!(text.contains("definitions: 10000 changed; risks: 10000 none\n"), "{text}");
}
