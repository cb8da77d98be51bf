//! Where definitions go: the folder of each, and the name of its file.

use super::draft::Draft;
use crate::language::Kind;
use std::collections::{BTreeMap, BTreeSet};

/// The place of a definition.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// The folder below the cluster's, named after its namespace. `None` for the cluster's own.
    pub(super) folder: Option<String>,
    /// The file name without `.yaml`.
    pub(super) stem: String,
}

impl Place {
    /// The path below the cluster's folder, without `.yaml`.
    pub(super) fn below(&self) -> String {
        match &self.folder {
            Some(folder) => format!("{folder}/{}", self.stem),
            None => self.stem.clone(),
        }
    }

    /// The path below the folder of definitions, such as `production/retail/acme`.
    pub(super) fn path(&self, cluster: &str) -> String {
        format!("{cluster}/{}", self.below())
    }
}

/// The place of each definition. `namespace` is the one that the cluster states, and `taken` has the names of files
/// and folders that the cluster's folder has already.
pub(super) fn places(
    drafts: &[Draft],
    namespace: Option<&str>,
    taken: &BTreeSet<String>,
) -> Vec<Place> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for draft in drafts {
        *counts.entry(&draft.namespace).or_default() += 1;
    }
    // A namespace of one definition needs no folder: the definition states it.
    let folder = |draft: &Draft| {
        let is_usual = namespace == Some(draft.namespace.as_str());
        let has_several = counts.get(draft.namespace.as_str()).is_some_and(|count| *count > 1);
        (!is_usual && has_several).then(|| draft.namespace.clone())
    };
    let folders: BTreeSet<String> = drafts.iter().filter_map(folder).collect();
    let mut used: BTreeSet<(Option<String>, String)> = BTreeSet::new();
    used.extend(taken.iter().map(|name| (None, name.clone())));
    // The manifests of a definition have a folder of its name, beside the folders of groups.
    used.extend(folders.into_iter().map(|name| (None, name)));
    let mut places: Vec<Option<Place>> = vec![None; drafts.len()];
    // Sites keep their names: there are many of them, and people look for them.
    for kind in [Kind::Site, Kind::Bench, Kind::DatabaseServer] {
        for (at, draft) in drafts.iter().enumerate().filter(|(_, draft)| draft.kind == kind) {
            let folder = folder(draft);
            let free = |stem: &String| !used.contains(&(folder.clone(), stem.clone()));
            let stem = stems(draft).find(free).unwrap_or_default();
            used.insert((folder.clone(), stem.clone()));
            places[at] = Some(Place { folder, stem });
        }
    }
    places.into_iter().flatten().collect()
}

/// The file names that a definition may have, the best first.
fn stems(draft: &Draft) -> impl Iterator<Item = String> {
    let Draft { name, namespace, .. } = draft;
    let what = match draft.kind {
        Kind::Bench => "bench",
        Kind::DatabaseServer => "server",
        _ => "site",
    };
    let mut few = [
        name.clone(),
        format!("{name}-{what}"),
        format!("{namespace}-{name}"),
        format!("{namespace}-{name}-{what}"),
    ];
    if draft.kind == Kind::Site {
        // A site most likely clashes with one of another namespace, and the others with a site.
        few.swap(1, 2);
    }
    let many = (2..).map(move |number| format!("{name}-{number}"));
    few.into_iter().chain(many)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stems(drafts: &[(Kind, &str, &str)], taken: &[&str]) -> Vec<String> {
        let drafts: Vec<Draft> = drafts
            .iter()
            .map(|(kind, namespace, name)| Draft::new(*kind, namespace, name))
            .collect();
        let taken = taken.iter().map(ToString::to_string).collect();
        places(&drafts, Some("erp"), &taken).iter().map(Place::below).collect()
    }

    #[test]
    fn a_namespace_of_several_definitions_has_a_folder() {
        let drafts = [
            (Kind::Site, "erp", "acme"),
            (Kind::Site, "retail", "acme"),
            (Kind::Bench, "retail", "v15"),
            (Kind::DatabaseServer, "databases", "shared"),
        ];
        assert_eq!(stems(&drafts, &[]), ["acme", "retail/acme", "retail/v15", "shared"]);
    }

    #[test]
    fn a_name_that_is_taken_gives_way_to_another_file_name() {
        let drafts = [
            (Kind::DatabaseServer, "erp", "acme"),
            (Kind::Bench, "erp", "acme"),
            (Kind::Site, "erp", "acme"),
            (Kind::Site, "erp", "retail"),
            (Kind::Site, "retail", "one"),
            (Kind::Site, "retail", "two"),
            (Kind::Site, "other", "acme"),
        ];
        let expected = [
            "acme-server",
            "acme-bench",
            "acme",
            "erp-retail",
            "retail/one",
            "retail/two",
            "other-acme",
        ];
        assert_eq!(stems(&drafts, &[]), expected);
        assert_eq!(stems(&drafts[2..3], &["acme"]), ["erp-acme"]);
    }
}
