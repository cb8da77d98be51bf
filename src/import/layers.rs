//! What a file must state: what its definition means beyond the layers below it.

use super::value::same;
use crate::source::node::{Entry, Node, Value};

/// The layers below a definition.
#[derive(Clone, Debug)]
pub(super) struct Below {
    /// The built-in defaults. A null does not unset them.
    pub(super) built_in: Node,
    /// What the cluster, `_defaults.yaml` files and a plan state, merged.
    pub(super) stated: Node,
}

impl Below {
    /// These layers with one more on top.
    pub(super) fn with(&self, layer: &Node) -> Self {
        let mut stated = self.stated.clone();
        merge(&mut stated, layer);
        Self { built_in: self.built_in.clone(), stated }
    }

    /// What a definition must state to mean `fields`.
    pub(super) fn beyond(&self, fields: &Node) -> Node {
        let found = beyond(fields, Some(&self.stated), Some(&self.built_in));
        found.unwrap_or_else(super::value::map)
    }

    /// The value at a path.
    pub(super) fn get(&self, path: &[String]) -> Option<&Node> {
        let of = |node| path.iter().try_fold(node, |node: &Node, key| node.get(key));
        of(&self.stated).filter(|node| node.value != Value::Null).or_else(|| of(&self.built_in))
    }
}

/// Lays a map over another: maps merge key by key, anything else replaces.
pub(super) fn merge(under: &mut Node, over: &Node) {
    match (&mut under.value, &over.value) {
        (Value::Map(entries), Value::Map(stronger)) => {
            for entry in stronger {
                match entries.iter_mut().find(|known| known.key == entry.key) {
                    Some(known) => merge(&mut known.node, &entry.node),
                    None => entries.push(entry.clone()),
                }
            }
        }
        _ => under.value = over.value.clone(),
    }
}

/// `None` if nothing must be stated.
fn beyond(want: &Node, stated: Option<&Node>, built_in: Option<&Node>) -> Option<Node> {
    let stated = stated.filter(|node| node.value != Value::Null);
    let (Value::Map(wanted), None | Some(Value::Map(_))) =
        (&want.value, stated.map(|it| &it.value))
    else {
        let known = stated.or(built_in);
        return (!known.is_some_and(|known| same(known, want))).then(|| want.clone());
    };
    let mut entries: Vec<Entry> = Vec::new();
    for Entry { key, node, .. } in wanted {
        let of = |layer: Option<&'_ Node>| layer.and_then(|it| it.get(key)).cloned();
        let below = beyond(node, of(stated).as_ref(), of(built_in).as_ref());
        entries.extend(below.map(|node| Entry::new(key, node)));
    }
    for Entry { key, node, .. } in stated.into_iter().flat_map(Node::entries) {
        if node.value != Value::Null && want.get(key).is_none() {
            entries.push(Entry::new(key, Node::from(Value::Null)));
        }
    }
    // An empty map that nobody states below is a statement of its own.
    let is_known = stated.is_some() || built_in.is_some();
    match entries.is_empty() && (is_known || !wanted.is_empty()) {
        true => None,
        false => Some(Node::from(Value::Map(entries))),
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

    fn stated(want: &str, stated: &str, built_in: &str) -> Node {
        let below = Below { built_in: read(built_in), stated: read(stated) };
        below.beyond(&read(want))
    }

    #[test]
    fn a_file_states_only_what_the_layers_below_do_not() {
        let found = stated(
            "{a: 1, b: {c: 2, d: 3}, e: [1], f: x}",
            "{a: 1, b: {c: 9}, g: 7}",
            "{b: {d: 3}, e: [1, 2], f: z}",
        );
        let null = Node::from(Value::Null);
        let mut expected = read("{b: {c: 2}, e: [1], f: x}");
        super::super::value::put(&mut expected, &["g"], null);
        assert!(same(&found, &expected), "{found:?}");
    }

    #[test]
    fn built_in_defaults_are_never_unset() {
        assert!(same(&stated("{}", "{}", "{a: 1, b: {c: 2}}"), &read("{}")));
        assert!(same(&stated("{b: {c: 3}}", "{}", "{a: 1, b: {c: 2}}"), &read("{b: {c: 3}}")));
    }

    #[test]
    fn an_empty_map_is_stated_if_nobody_else_states_it() {
        let with = stated("{a: {}}", "{}", "{}");
        assert!(with.get("a").is_some());
        assert!(stated("{a: {}}", "{a: {}}", "{}").entries().is_empty());
    }
}
