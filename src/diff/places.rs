//! Where definitions are, in a few words.

use std::cmp::Reverse;
use std::collections::BTreeMap;

/// The most places that a summary names.
const MAX: usize = 4;

/// Whether so many definitions are named one by one.
pub fn few(count: usize) -> bool {
    count <= MAX
}

/// The paths of a few definitions, or the folders of many, such as `eu/acme, eu/retail/* (12)`. A folder has a `*`, and
/// the number of those definitions that no other place of the summary has. If even the clusters are too many, the
/// summary counts the rest.
pub fn places<'p>(paths: impl IntoIterator<Item = &'p str>) -> String {
    let paths: Vec<&str> = paths.into_iter().collect();
    if few(paths.len()) {
        return paths.join(", ");
    }
    let depth_of = |path: &&str| path.matches('/').count();
    let deepest = paths.iter().map(depth_of).max().unwrap_or_default().max(1);
    let at = |depth: usize| {
        let mut folders: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for path in &paths {
            folders.entry(above(path, depth)).or_default().push(path);
        }
        folders
    };
    // The deepest folders that are few enough say the most.
    let found = (1..=deepest).rev().map(at).find(|folders| few(folders.len()));
    let folders = found.unwrap_or_else(|| at(1));
    let is_only = folders.len() == 1;
    let mut folders: Vec<(&str, Vec<&str>)> = folders.into_iter().collect();
    let shown = if few(folders.len()) { folders.len() } else { MAX - 1 };
    if shown < folders.len() {
        folders.sort_by_key(|(_, paths)| Reverse(paths.len()));
    }
    let left: usize = folders[shown..].iter().map(|(_, paths)| paths.len()).sum();
    // Where there is room, a folder of a few definitions is replaced by their paths.
    let mut room = MAX - shown - usize::from(left > 0);
    let mut named: Vec<String> = Vec::new();
    for (folder, paths) in &folders[..shown] {
        match paths.len() - 1 {
            more if more <= room => {
                room -= more;
                named.extend(paths.iter().map(|path| (*path).to_owned()));
            }
            _ if is_only => named.push(format!("{folder}/*")),
            _ => named.push(format!("{folder}/* ({})", paths.len())),
        }
    }
    if left > 0 {
        named.push(format!("… and {left} more"));
    }
    named.join(", ")
}

/// The folder of a definition, cut after so many parts. A definition without a folder is its own place.
fn above(path: &str, depth: usize) -> &str {
    let folder = path.rsplit_once('/').map_or(path, |(folder, _)| folder);
    folder.match_indices('/').nth(depth - 1).map_or(folder, |(end, _)| &folder[..end])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn numbered(folder: &str, count: usize) -> Vec<String> {
        (0..count).map(|number| format!("{folder}/s{number}")).collect()
    }

    fn said(paths: &[Vec<String>]) -> String {
        places(paths.iter().flatten().map(String::as_str))
    }

    #[test]
    fn a_few_are_named_and_many_are_their_folders() {
        assert_eq!(said(&[numbered("eu", 2)]), "eu/s0, eu/s1");
        assert_eq!(said(&[numbered("eu/retail", 12)]), "eu/retail/*");
        assert_eq!(
            said(&[numbered("eu/retail", 12), numbered("eu", 1)]),
            "eu/s0, eu/retail/* (12)"
        );
        let tenants = |cluster: &str| -> Vec<String> {
            (0..9).flat_map(|at| numbered(&format!("{cluster}/t{at}"), 5)).collect()
        };
        assert_eq!(said(&[tenants("eu")]), "eu/*");
        assert_eq!(said(&[tenants("eu"), tenants("us")]), "eu/* (45), us/* (45)");
    }

    #[test]
    fn clusters_that_are_too_many_are_counted() {
        let clusters: Vec<Vec<String>> =
            (1..=9).map(|at| numbered(&format!("c{at}"), at)).collect();
        assert_eq!(said(&clusters), "c9/* (9), c8/* (8), c7/* (7), … and 21 more");
    }

    proptest! {
        #[test]
        fn the_summary_is_short_and_counts_every_definition(
            paths in prop::collection::btree_set("[a-c](/[a-c]{1,2}){0,4}", 1..60)
        ) {
            let text = places(paths.iter().map(String::as_str));
            let named: Vec<&str> = text.split(", ").collect();
            prop_assert!(named.len() <= MAX, "{}", text);
            let counted = named.iter().map(|place| match (place.strip_prefix("… and "), place.split_once(" (")) {
                (Some(more), _) => more.trim_end_matches(" more").parse::<usize>().unwrap(),
                (_, Some((_, count))) => count.trim_end_matches(')').parse().unwrap(),
                _ if place.ends_with("/*") => paths.len(),
                _ => 1,
            });
            prop_assert_eq!(counted.sum::<usize>(), paths.len(), "{}", text);
        }
    }
}
