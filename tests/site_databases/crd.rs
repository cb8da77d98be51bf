//! The committed CRD is the one of the types. `UPDATE_EXPECT=1` writes it.

use crate::project::{ARGO, MARIADB, cluster, gitops, put, root};
use sitewright::diagnostic::FileId;
use sitewright::manifest;
use sitewright::source::yaml;
use std::fs;
use std::path::Path;

const HEADER: &str = "# Generated from the types in api/src. Do not edit.\n";

#[test]
fn the_committed_crd_is_what_the_types_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("api/crds/sitedatabases.yaml");
    let node = yaml::read(&sitewright_api::crd().to_string(), FileId::NONE).unwrap();
    let expected = format!("{HEADER}{}", manifest::write(node));
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        put(&path, &expected);
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(found == expected, "api/crds/sitedatabases.yaml is old: set UPDATE_EXPECT=1");
}

/// The pack delivers the same type, with labels.
#[test]
fn the_pack_has_the_crd_where_sites_have_status() {
    for (status, expected) in [("", 0), ("status: false\n", 0), ("status: true\n", 1)] {
        let root = root(&cluster("2.6", MARIADB, &format!("{ARGO}{status}")), &[]);
        let objects = gitops(root.path());
        let crds: Vec<_> =
            objects.iter().filter(|it| it["kind"] == "CustomResourceDefinition").collect();
        assert_eq!(crds.len(), expected, "{status}");
        for crd in crds {
            let type_of = sitewright_api::crd();
            assert_eq!(crd["spec"], type_of["spec"]);
            assert_eq!(crd["metadata"]["name"], type_of["metadata"]["name"]);
        }
    }
}
