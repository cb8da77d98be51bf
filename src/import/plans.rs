//! Plans: sets of values that several sites share, beyond what all sites share.

use super::layers::Below;
use super::raise::shared;
use super::value::{at, map, put, text};
use crate::language::ObjectName;
use crate::source::node::{Entry, Node, Value};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A plan that is made.
#[derive(Debug)]
pub(super) struct Plan {
    /// Its name.
    pub(super) name: String,
    /// What it states.
    pub(super) fields: Node,
    /// The sites that have it, by their places.
    pub(super) sites: Vec<usize>,
}

/// The labels by which people tell their plans apart, after any prefix.
const LABELS: [&str; 5] = ["plan", "tier", "size", "package", "edition"];

/// The fields that a plan may state. Others say which site it is, or where it is.
const OF_PLANS: [&str; 7] =
    ["apps", "database", "backup", "ingress", "tls", "labels", "annotations"];

/// The fields of `database` that belong to one site.
const OF_SITES: [&str; 3] = ["name", "connection", "bootstrapFrom"];

/// The plans of sites. `rests` has what each site states beyond the layers below it, by its place. `taken` has the names
/// that no plan can have.
///
/// Sites with the same values get a plan. Of the others, those of one mode get a plan with what most of them share.
pub(super) fn plans(rests: &[(usize, Node)], taken: &BTreeSet<String>) -> Vec<Plan> {
    let sites: Vec<(usize, Node)> =
        rests.iter().map(|(site, rest)| (*site, of_plan(rest))).collect();
    let mut plans: Vec<Plan> = Vec::new();
    let mut planned = BTreeSet::new();
    for (fields, members) in groups(&sites) {
        planned.extend(members.iter().copied());
        let mode = text(&fields, &["database", "mode"]).unwrap_or("plan-1");
        let wanted = wanted(&fields, mode);
        let name = free(&wanted, taken, &plans);
        plans.push(Plan { name, fields, sites: members });
    }
    let mut by_mode: BTreeMap<&str, Vec<&(usize, Node)>> = BTreeMap::new();
    for it in sites.iter().filter(|(site, _)| !planned.contains(site)) {
        by_mode.entry(text(&it.1, &["database", "mode"]).unwrap_or_default()).or_default().push(it);
    }
    for (mode, sites) in by_mode.into_iter().filter(|(mode, _)| !mode.is_empty()) {
        let voters: Vec<&Node> = sites.iter().map(|(_, rest)| rest).collect();
        let nothing = Below { built_in: map(), stated: map() };
        let fields = shared(&voters, &voters, &nothing);
        if saved(sites.len(), leaves(&fields)) > 0 {
            let name = free(&wanted(&fields, mode), taken, &plans);
            plans.push(Plan { name, fields, sites: sites.iter().map(|(site, _)| *site).collect() });
        }
    }
    plans
}

/// How many lines a plan of so many fields saves in the files of so many sites.
fn saved(sites: usize, fields: usize) -> isize {
    let (sites, fields) = (sites.cast_signed(), fields.cast_signed());
    // Each site names the plan, and the plan has its kind and its fields.
    (sites - 1) * fields - sites - 1
}

/// Groups of sites that share values, each with these values.
///
/// A value that few sites share must not split a group. So only values that enough sites have count, and of several
/// numbers that are enough, the one that saves the most lines is chosen.
fn groups(sites: &[(usize, Node)]) -> Vec<(Node, Vec<usize>)> {
    let all: Vec<Vec<Leaf>> = sites.iter().map(|(_, fields)| listed(fields)).collect();
    let mut counts: HashMap<&Leaf, usize> = HashMap::new();
    all.iter().flatten().for_each(|leaf| *counts.entry(leaf).or_default() += 1);
    let enough = std::iter::successors(Some(2), |enough| Some(enough + (enough / 4).max(1)));
    let mut best: (isize, Vec<Group>) = (0, Vec::new());
    for enough in enough.take_while(|enough| *enough <= sites.len()) {
        let mut groups: BTreeMap<Vec<&Leaf>, Vec<usize>> = BTreeMap::new();
        for (at, leaves) in all.iter().enumerate() {
            let common = leaves.iter().filter(|leaf| counts[leaf] >= enough);
            groups.entry(common.collect()).or_default().push(at);
        }
        groups.retain(|leaves, members| saved(members.len(), leaves.len()) > 0);
        let lines = groups.iter().map(|(leaves, members)| saved(members.len(), leaves.len())).sum();
        if lines > best.0 {
            best = (lines, groups.into_iter().collect());
        }
    }
    let mut groups = best.1;
    groups.sort_by_key(|(_, members)| members[0]);
    let made = groups.into_iter().map(|(leaves, members)| {
        let mut fields = map();
        for (path, _) in leaves {
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            let value = at(&sites[members[0]].1, &path).cloned();
            value.into_iter().for_each(|value| put(&mut fields, &path, value));
        }
        (fields, members.into_iter().map(|at| sites[at].0).collect())
    });
    made.collect()
}

/// A field that is no map, as its path and the text of its value.
type Leaf = (Vec<String>, String);

/// The values that sites share, and the places of these sites in a list.
type Group<'l> = (Vec<&'l Leaf>, Vec<usize>);

/// The fields of a site, in the order of their paths.
fn listed(fields: &Node) -> Vec<Leaf> {
    fn collect(node: &Node, path: &mut Vec<String>, found: &mut Vec<Leaf>) {
        if let Value::Map(entries) = &node.value
            && !entries.is_empty()
        {
            for entry in entries {
                path.push(entry.key.to_string());
                collect(&entry.node, path, found);
                path.pop();
            }
            return;
        }
        let mut text = String::new();
        let value = Entry::new("value", node.clone());
        crate::manifest::writer::write(&Node::from(Value::Map(vec![value])), &mut text);
        found.push((path.clone(), text));
    }
    let mut found = Vec::new();
    if !fields.entries().is_empty() {
        collect(fields, &mut Vec::new(), &mut found);
    }
    found.sort();
    found
}

/// The name that people most likely give a plan: the value of a label that names one, or `other`.
fn wanted(fields: &Node, other: &str) -> String {
    let labels = fields.get("labels").map_or(&[][..], Node::entries);
    let mut named = labels.iter().filter(|label| {
        let key = label.key.rsplit('/').next().unwrap_or_default();
        LABELS.contains(&key)
    });
    let named = named.find_map(|label| ObjectName::new(label.node.as_str()?).ok());
    named.map_or_else(|| other.to_owned(), |name| name.to_string())
}

/// The values of a site that a plan may state. A value that a layer below states and the site does not have is the
/// site's own matter.
fn of_plan(rest: &Node) -> Node {
    let mut found = map();
    for field in OF_PLANS {
        if let Some(value) = at(rest, &[field]).and_then(stated) {
            put(&mut found, &[field], value);
        }
    }
    for field in OF_SITES {
        super::value::take(&mut found, &["database", field]);
    }
    found
}

/// A value without the nulls in it.
fn stated(node: &Node) -> Option<Node> {
    let node = super::value::bare(node);
    let is_empty = matches!(&node.value, Value::Map(entries) if entries.is_empty());
    (node.value != Value::Null && !is_empty).then_some(node)
}

/// The number of values in a map.
fn leaves(node: &Node) -> usize {
    match &node.value {
        Value::Map(entries) => entries.iter().map(|entry| leaves(&entry.node)).sum(),
        _ => 1,
    }
}

/// A name that no other plan and no definition has.
fn free(wanted: &str, taken: &BTreeSet<String>, plans: &[Plan]) -> String {
    let stem = wanted.trim_end_matches("-1");
    let names = [wanted.to_owned()].into_iter().chain((2..).map(|at| format!("{stem}-{at}")));
    let is_free = |name: &String| !taken.contains(name) && plans.iter().all(|it| it.name != *name);
    names.into_iter().find(is_free).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::FileId;
    use crate::import::value::{bare, same};
    use crate::source::yaml;

    fn read(text: &str) -> Node {
        bare(&yaml::read(text, FileId::NONE).unwrap())
    }

    fn of(sites: &[&str], taken: &[&str]) -> Vec<Plan> {
        let rests: Vec<_> = sites.iter().map(|text| read(text)).enumerate().collect();
        plans(&rests, &taken.iter().map(ToString::to_string).collect())
    }

    /// A site on a server of its own.
    fn own(size: &str, plan: &str) -> String {
        format!(
            "{{siteName: a, database: {{mode: dedicated, storageSize: {size}, version: '11.8', \
             maxUserConnections: 0}}, labels: {{a/plan: {plan}}}}}"
        )
    }

    #[test]
    fn groups_of_sites_get_plans_with_the_names_of_their_labels() {
        let sites = [
            own("1Gi", "gold"),
            own("2Gi", "gold"),
            own("1Gi", "tin"),
            own("3Gi", "gold"),
            own("4Gi", "tin"),
            own("2Gi", "tin"),
            "{siteName: b}".to_owned(),
        ];
        let found = of(&sites.each_ref().map(String::as_str), &[]);
        let names: Vec<_> = found.iter().map(|it| (&*it.name, &*it.sites)).collect();
        assert_eq!(names, [("gold", &[0, 1, 3][..]), ("tin", &[2, 4, 5])]);
        let expected = "{database: {mode: dedicated, version: '11.8', maxUserConnections: 0}, labels: {a/plan: tin}}";
        assert!(same(&found[1].fields, &read(expected)), "{:?}", found[1].fields);
        let found = of(&sites.each_ref().map(String::as_str), &["gold"]);
        assert_eq!(found[0].name, "gold-2");
    }

    #[test]
    fn the_others_of_a_mode_share_what_most_of_them_have() {
        let site = |size: &str, version: &str, most: &str| {
            format!(
                "{{database: {{mode: dedicated, storageSize: {size}, version: '{version}', storageClassName: fast, \
                 maxUserConnections: {most}}}}}"
            )
        };
        let sites =
            [site("1Gi", "10.11", "1"), site("2Gi", "11.4", "1"), site("3Gi", "10.11", "2")];
        let found = of(&sites.each_ref().map(String::as_str), &[]);
        assert_eq!(
            (found.len(), &*found[0].name, &*found[0].sites),
            (1, "dedicated", &[0, 1, 2][..])
        );
        assert_eq!(text(&found[0].fields, &["database", "version"]), Some("10.11"));
    }

    #[test]
    fn what_saves_no_line_makes_no_plan() {
        let few = "{siteName: a, apps: [erpnext], labels: {plan: tin}}";
        assert!(of(&[few, few, few], &[]).is_empty());
        assert!(of(&[few], &[]).is_empty());
        assert_eq!(of(&[few; 4], &[])[0].name, "tin");
        assert!(of(&["{siteName: x, domain: d, database: {name: z}}"; 9], &[]).is_empty());
        assert!(of(&["{}"; 9], &[]).is_empty());
    }
}
