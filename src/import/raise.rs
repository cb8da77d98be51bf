//! Raises what most definitions share into `_defaults.yaml`.

use super::layers::Below;
use super::value::{map, put, same};
use crate::language::Kind;
use crate::source::node::{Node, Value};

/// The fields that are never a default: they say which definition it is, or what becomes of it.
const OWN: [&str; 14] = [
    "siteName",
    "frappeVersion",
    "domain",
    "namespace",
    "admin",
    "lifecycle",
    "data",
    "protect",
    "managed",
    "external",
    "database.name",
    "database.connection",
    "bootstrapFrom",
    "database.bootstrapFrom",
];

/// The section of a kind in `kind: Defaults`.
pub(super) fn section(kind: Kind) -> &'static str {
    match kind {
        Kind::Bench => "bench",
        Kind::DatabaseServer => "databaseServer",
        _ => "site",
    }
}

/// The values that most of `voters` share and the layers below them do not state. They become defaults of all
/// `definitions`. A value is raised only if the files together become shorter by it.
pub(super) fn shared(voters: &[&Node], definitions: &[&Node], below: &Below) -> Node {
    let mut leaves: Vec<Leaf> = Vec::new();
    for definition in voters {
        collect(definition, &mut Vec::new(), &mut leaves);
    }
    let mut raised = map();
    for leaf in leaves {
        let path: Vec<&str> = leaf.path.iter().map(String::as_str).collect();
        if below.get(&leaf.path).is_some_and(|known| same(known, leaf.most().0)) {
            continue;
        }
        let (value, count) = leaf.most();
        // Each definition without a value at this place would have to unset the default.
        let lacking = definitions.iter().filter(|it| super::value::at(it, &path).is_none()).count();
        if count > lacking + 1 && count * 2 > voters.len() {
            put(&mut raised, &path, value.clone());
        }
    }
    raised
}

/// How many values of a field are counted. A value that comes later is not the one that most have.
const COUNTED: usize = 64;

/// Whether a field is never a default.
fn is_own(path: &[String]) -> bool {
    let joined = path.join(".");
    OWN.iter().any(|own| {
        joined.strip_prefix(own).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    })
}

/// A field that is no map, and the values that definitions give it.
struct Leaf<'n> {
    path: Vec<String>,
    values: Vec<(&'n Node, usize)>,
}

impl<'n> Leaf<'n> {
    /// The most common value, and how many definitions have it. Of several, the first.
    fn most(&self) -> (&'n Node, usize) {
        let first = self.values[0];
        self.values.iter().skip(1).fold(first, |most, it| if it.1 > most.1 { *it } else { most })
    }
}

fn collect<'n>(node: &'n Node, path: &mut Vec<String>, leaves: &mut Vec<Leaf<'n>>) {
    if is_own(path) {
        return;
    }
    if let Value::Map(entries) = &node.value
        && !entries.is_empty()
    {
        for entry in entries {
            path.push(entry.key.to_string());
            collect(&entry.node, path, leaves);
            path.pop();
        }
        return;
    }
    let Some(leaf) = leaves.iter_mut().find(|leaf| leaf.path == *path) else {
        leaves.push(Leaf { path: path.clone(), values: vec![(node, 1)] });
        return;
    };
    match leaf.values.iter().position(|(value, _)| same(value, node)) {
        Some(at) => leaf.values[at].1 += 1,
        None if leaf.values.len() < COUNTED => leaf.values.push((node, 1)),
        None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::FileId;
    use crate::import::value::bare;
    use crate::source::yaml;

    fn read(text: &str) -> Node {
        bare(&yaml::read(text, FileId::NONE).unwrap())
    }

    #[track_caller]
    fn raises(definitions: &[&str], expected: &str) {
        let definitions: Vec<Node> = definitions.iter().map(|text| read(text)).collect();
        let below = Below { built_in: read("{mode: shared}"), stated: read("{known: 1}") };
        let definitions: Vec<&Node> = definitions.iter().collect();
        let raised = shared(&definitions, &definitions, &below);
        assert!(same(&raised, &read(expected)), "{raised:?}");
    }

    #[test]
    fn what_most_share_is_raised_if_that_saves_lines() {
        raises(&["{a: 1, b: {c: 2}}", "{a: 1, b: {c: 2, d: 3}}"], "{a: 1, b: {c: 2}}");
        raises(&["{a: 1}", "{a: 1}", "{}"], "{}");
        raises(&["{a: 1}", "{a: 1}", "{a: 1}", "{}"], "{a: 1}");
        raises(&["{a: 1}", "{a: 1}", "{a: 2}"], "{a: 1}");
        raises(&["{a: 1}", "{a: 1}", "{a: 2}", "{a: 3}"], "{}");
        raises(&["{a: [1]}"], "{}");
    }

    #[test]
    fn what_is_known_or_is_a_definitions_own_is_not_raised() {
        raises(&["{known: 1, mode: shared}", "{known: 1, mode: shared}"], "{}");
        raises(&["{siteName: a, database: {name: x}}", "{siteName: a, database: {name: x}}"], "{}");
    }
}
