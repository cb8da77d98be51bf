//! Plans: sets of values that several sites share, beyond what all sites share.

use super::layers::Below;
use super::raise::shared;
use super::value::{at, map, put, text};
use crate::source::node::{Node, Value};
use std::collections::{BTreeMap, BTreeSet};

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

/// How few values make no plan.
const FEW: usize = 3;

/// The fields that a plan may state. Others say which site it is, or where it is.
const OF_PLANS: [&str; 7] =
    ["apps", "database", "backup", "ingress", "tls", "labels", "annotations"];

/// The fields of `database` that belong to one site.
const OF_SITES: [&str; 3] = ["name", "connection", "bootstrapFrom"];

/// The plans of sites. `rests` has what each site states beyond the layers below it, by its place. `taken` has the names
/// that no plan can have.
pub(super) fn plans(rests: &[(usize, Node)], taken: &BTreeSet<String>) -> Vec<Plan> {
    let mut plans: Vec<Plan> = Vec::new();
    let mut by_mode: BTreeMap<String, Vec<(usize, Node)>> = BTreeMap::new();
    for (site, rest) in rests {
        let mode = text(rest, &["database", "mode"]).unwrap_or_default();
        by_mode.entry(mode.to_owned()).or_default().push((*site, of_plan(rest)));
    }
    for (mode, sites) in by_mode {
        if mode.is_empty() {
            plans.extend(equal(&sites, taken));
            continue;
        }
        let voters: Vec<&Node> = sites.iter().map(|(_, rest)| rest).collect();
        let nothing = Below { built_in: map(), stated: map() };
        let fields = shared(&voters, &voters, &nothing);
        if sites.len() > 1 && leaves(&fields) >= FEW {
            let name = free(&mode, taken, &plans);
            plans.push(Plan { name, fields, sites: sites.iter().map(|(site, _)| *site).collect() });
        }
    }
    plans
}

/// The plans of sites whose values are all the same.
fn equal(sites: &[(usize, Node)], taken: &BTreeSet<String>) -> Vec<Plan> {
    let mut groups: BTreeMap<String, Vec<&(usize, Node)>> = BTreeMap::new();
    for site in sites.iter().filter(|(_, rest)| leaves(rest) >= FEW) {
        let mut key = String::new();
        crate::manifest::writer::write(&site.1, &mut key);
        groups.entry(key).or_default().push(site);
    }
    let mut plans: Vec<Plan> = Vec::new();
    for group in groups.into_values().filter(|group| group.len() > 1) {
        let name = free("plan-1", taken, &plans);
        let sites = group.iter().map(|(site, _)| *site).collect();
        plans.push(Plan { name, fields: group[0].1.clone(), sites });
    }
    plans
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

    #[test]
    fn sites_with_servers_of_their_own_share_a_plan() {
        let own = |size: &str| {
            format!(
                "{{siteName: a, database: {{mode: dedicated, storageSize: {size}, version: '11.8', maxUserConnections: 0}}}}"
            )
        };
        let found = of(&[&own("100Gi"), &own("400Gi"), "{siteName: b}"], &[]);
        assert_eq!(found.len(), 1);
        assert_eq!((&*found[0].name, &*found[0].sites), ("dedicated", &[0, 1][..]));
        let expected = "{database: {mode: dedicated, version: '11.8', maxUserConnections: 0}}";
        assert!(same(&found[0].fields, &read(expected)), "{:?}", found[0].fields);
        let found = of(&[&own("1Gi"), &own("1Gi")], &["dedicated"]);
        assert_eq!(found[0].name, "dedicated-2");
        assert!(of(&[&own("1Gi")], &[]).is_empty(), "one site needs no plan");
    }

    #[test]
    fn sites_with_the_same_values_share_a_plan() {
        let gold = "{siteName: a, apps: [erpnext], labels: {plan: gold}, database: {maxUserConnections: 9}}";
        let few = "{siteName: a, apps: [erpnext], labels: {plan: tin}}";
        let found = of(&[gold, gold, few, few], &[]);
        assert_eq!(found.len(), 1, "two values make no plan");
        assert_eq!((&*found[0].name, &*found[0].sites), ("plan-1", &[0, 1][..]));
        assert_eq!(text(&found[0].fields, &["siteName"]), None);
    }
}
