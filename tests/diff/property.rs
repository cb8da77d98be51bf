//! What holds of any two trees.

use proptest::prelude::*;
use sitewright::diagnostic::Reported;
use sitewright::diff::{diff, tree};
use sitewright::output::{Files, with_header};
use std::collections::{BTreeMap, BTreeSet};

/// A manifest of one of a few names, with a few fields.
fn manifest() -> impl Strategy<Value = (String, Vec<u8>)> {
    let kind = prop_oneof![Just("Database"), Just("User"), Just("Other")];
    let list = prop::collection::vec("[a-c]", 0..4);
    (kind, 0..4_u8, prop::option::of("[a-z]{1,3}"), list, 0..3_u8).prop_map(
        |(kind, number, text, list, folder)| {
            let text = text.map_or(String::new(), |text| format!("  text: \"{text}\"\n"));
            let list = list.iter().map(|item| format!("\"{item}\"")).collect::<Vec<_>>().join(", ");
            let body = format!(
                "apiVersion: v1\nkind: {kind}\nmetadata:\n  name: n{number}\n  namespace: a\n\
                 spec:\n{text}  list: [{list}]\n"
            );
            (format!("eu/f{folder}/{kind}-{number}.yaml"), with_header("sites/eu/a.yaml", &body))
        },
    )
}

/// A tree in which each object stands once.
fn files() -> impl Strategy<Value = Files> {
    prop::collection::vec(manifest(), 0..8).prop_map(|list| {
        let mut seen = BTreeSet::new();
        let name = |path: &String| path.rsplit('/').next().unwrap().to_owned();
        list.into_iter().filter(|(path, _)| seen.insert(name(path))).collect()
    })
}

proptest! {
    #[test]
    fn a_tree_does_not_differ_from_itself(tree in files()) {
        let Reported { value: (base, head), diagnostics: problems } = tree::differing(&tree, &tree);
        prop_assert!(diff(&base, &head, &BTreeMap::new()).is_empty() && problems.is_empty());
    }

    #[test]
    fn exactly_the_objects_that_differ_are_named(one in files(), other in files()) {
        let Reported { value: (base, head), diagnostics: problems } = tree::differing(&one, &other);
        let changed: BTreeSet<String> =
            diff(&base, &head, &BTreeMap::new()).into_iter().map(|change| format!("{}-{}", change.key.kind, change.key.name)).collect();
        // Where a file stands plays no part: an object is its name and what it says.
        let objects = |files: &Files| -> BTreeSet<(String, Vec<u8>)> {
            let name = |path: &str| path.rsplit('/').next().unwrap().replace(".yaml", "");
            files.iter().map(|(path, bytes)| (name(path), bytes.clone())).collect()
        };
        let (one, other) = (objects(&one), objects(&other));
        let differing: BTreeSet<String> = one
            .symmetric_difference(&other)
            .map(|(name, _)| name.rsplit_once('-').map(|(kind, n)| format!("{kind}-n{n}")).unwrap())
            .collect();
        prop_assert_eq!(changed, differing);
        prop_assert!(problems.is_empty());
    }
}
