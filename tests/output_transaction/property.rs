//! What holds of any tree, any wanted files and any scope.

use crate::support::{Output, compared, crlf, edited, manifest, taken};
use proptest::prelude::*;
use sitewright::output::{Files, Scope, Written};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::symlink;

/// What stands at a path before the run.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Before {
    Ours(u8),
    OursCrlf(u8),
    Edited,
    Foreign,
    Empty,
    Link,
    Folder,
}

fn before() -> impl Strategy<Value = Vec<(String, Before)>> {
    let kind = prop_oneof![
        4 => (0..2_u8).prop_map(Before::Ours),
        1 => (0..2_u8).prop_map(Before::OursCrlf),
        1 => Just(Before::Edited),
        1 => Just(Before::Foreign),
        1 => Just(Before::Empty),
        1 => Just(Before::Link),
        1 => Just(Before::Folder),
    ];
    proptest::collection::vec((path(), kind), 0..16)
}

/// Few names, so that files, folders and scopes often meet.
fn path() -> impl Strategy<Value = String> {
    let part = prop_oneof![Just("a"), Just("a-b"), Just("b"), Just("a.yaml")];
    proptest::collection::vec(part, 1..4).prop_map(|parts| parts.join("/"))
}

fn after() -> impl Strategy<Value = Files> {
    proptest::collection::vec((path(), 0..2_u8), 0..16).prop_map(|paths| {
        let mut files = Files::new();
        for (path, version) in paths {
            let is_clear = |other: &String| !is_below(other, &path) && !is_below(&path, other);
            if files.keys().all(is_clear) {
                let bytes = manifest(&path, version);
                files.insert(path, bytes);
            }
        }
        files
    })
}

fn is_below(path: &str, above: &str) -> bool {
    path.strip_prefix(above).is_some_and(|rest| rest.starts_with('/'))
}

/// Makes what can be made of it: a path below a file, or taken already, is passed over.
fn lay_out(output: &Output, before: &[(String, Before)]) -> BTreeMap<String, Before> {
    fs::create_dir_all(output.path("")).unwrap();
    let mut made = BTreeMap::new();
    for (path, kind) in before {
        let full = output.path(path);
        // A link leads nowhere, so that nothing gets below it.
        let parents = fs::create_dir_all(full.parent().unwrap());
        if parents.is_err() || fs::symlink_metadata(&full).is_ok() {
            continue;
        }
        match kind {
            Before::Ours(version) => fs::write(full, manifest(path, *version)),
            Before::OursCrlf(version) => fs::write(full, crlf(&manifest(path, *version))),
            Before::Edited => fs::write(full, edited(path)),
            Before::Foreign => fs::write(full, "foreign: true\n"),
            Before::Empty => fs::write(full, ""),
            Before::Link => symlink("nowhere", full),
            Before::Folder => fs::create_dir(full),
        }
        .unwrap();
        made.insert(path.clone(), *kind);
    }
    made
}

/// Whether a run may replace or remove what stood there.
fn may_change(kind: Before, wanted: bool, force: bool) -> bool {
    match kind {
        Before::Ours(_) | Before::OursCrlf(_) => true,
        Before::Empty if wanted => true,
        Before::Edited => force,
        Before::Foreign => force && wanted,
        Before::Empty | Before::Link | Before::Folder => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_tree_becomes_the_wanted_one_but_for_what_is_kept(
        before in before(),
        wanted in after(),
        scope in proptest::option::of(proptest::collection::vec(path(), 0..3)),
        force: bool,
    ) {
        let output = Output::new(&[]);
        let made = lay_out(&output, &before);
        let old = output.tree();
        let within = |path: &str| scope.as_ref().is_none_or(|scope| {
            scope.iter().any(|above| path == above || is_below(path, above))
        });
        let limit = scope.as_ref().map_or_else(Scope::everything, Scope::of);
        let written = output.folder().write(&wanted, &limit, force).unwrap();
        let new = output.tree();
        let other = Output::new(&[]);
        lay_out(&other, &before);
        prop_assert_eq!(&taken(&other.folder(), &wanted, &limit, force).unwrap(), &written);
        prop_assert_eq!(&other.tree(), &new);

        let kept: BTreeSet<&str> = written.kept.iter().map(|entry| entry.path.as_str()).collect();
        let is_kept = |path: &str| kept.iter().any(|kept| *kept == path || is_below(path, kept));
        for (path, bytes) in &wanted {
            if within(path) && !is_kept(path) {
                prop_assert_eq!(new.get(path), Some(bytes), "{} is not as wanted", path);
            }
        }
        for (path, kind) in made {
            let is_wanted = wanted.contains_key(&path);
            let is_in_the_way = wanted.keys().any(|wanted| is_below(wanted, &path));
            if kind != Before::Folder && (!within(&path) || is_in_the_way || !may_change(kind, is_wanted, force)) {
                prop_assert_eq!(new.get(&path), old.get(&path), "{} was touched", path);
            } else if kind != Before::Folder && !is_wanted && !is_kept(&path) {
                prop_assert!(!new.contains_key(&path), "{} is still there", path);
            }
        }
        for path in new.keys().filter(|path| !path.ends_with('/') && !old.contains_key(*path)) {
            prop_assert!(wanted.contains_key(path) && within(path), "{} appeared", path);
        }

        let again = output.folder().compare(&wanted, &limit).unwrap();
        prop_assert_eq!(&compared(&output.folder(), &wanted, &limit), &again);
        prop_assert_eq!(&again.entries, &written.kept);
        let Written { created, updated, unchanged, .. } = written;
        prop_assert_eq!(again.unchanged, created.len() + updated.len() + unchanged);
    }
}
