//! Folders of other people.

use crate::support::{SERVER, path, read};
use sitewright::diagnostic::Reported;
use std::fs;

#[test]
fn a_folder_is_read_in_the_order_of_its_paths() {
    let root = tempfile::tempdir().unwrap();
    let server = |name: &str| SERVER.replace("name: a", &format!("name: {name}"));
    for (path, text) in [
        ("clusters/b.yaml", server("b")),
        ("clusters/a/kustomization.yaml", "resources: [c.yml]\n".into()),
        ("clusters/a/c.yml", server("c")),
        ("clusters/a/patch.yaml", "- op: replace\n  path: /a\n".into()),
        ("clusters/values.yaml", "replicas: 1\n".into()),
        ("clusters/d.json", "{\"apiVersion\": \"v1\", \"kind\": \"Pod\"}".into()),
        ("clusters/.git/config.yaml", "a: [".into()),
        ("clusters/README.md", "a: [".into()),
        (
            "clusters/kustomization.yaml",
            "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n".into(),
        ),
    ] {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let Reported { value, diagnostics } = read(vec![path(root.path(), "clusters/")]);
    // A Kustomization is an object too. Nobody who asks for databases wants it.
    assert_eq!(diagnostics.iter().map(|it| it.code.id()).collect::<Vec<_>>(), ["SW822"]);
    let places: Vec<_> = value.objects.iter().map(|it| it.place.file.to_string()).collect();
    assert_eq!(places, ["clusters/a/c.yml", "clusters/b.yaml"]);
    assert_eq!(
        value.summary.other_files,
        ["clusters/a/kustomization.yaml", "clusters/a/patch.yaml", "clusters/values.yaml"]
    );
}

/// What this repository renders is what other people may have in theirs.
#[test]
fn rendered_manifests_are_read_whole() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec!["rendered".to_owned()];
    for example in fs::read_dir(root.join("examples")).unwrap() {
        let name = example.unwrap().file_name().into_string().unwrap();
        folders.push(format!("examples/{name}/rendered"));
    }
    for folder in folders.iter().filter(|folder| root.join(folder).is_dir()) {
        let Reported { value, diagnostics } = read(vec![path(root, folder)]);
        // Two clusters may have objects of the same names.
        let others = diagnostics.iter().filter(|it| it.code.id() != "SW825").collect::<Vec<_>>();
        assert!(others.is_empty(), "{folder}: {:?}", others[0]);
        assert!(!value.objects.is_empty(), "{folder}");
    }
}
