//! The names that an object and its definition have, and placeholders for them in values.
//!
//! Each site of a fleet may have its own name in a value, as in `acme.old.example`. With a placeholder in place of
//! the name, the values of all sites are equal, and a report shows them once: `<name>.old.example`.

use crate::risk::{FieldChange, Object, ObjectChange};
use crate::source::node::{Entry, Node, Value};

/// What stands for the object's own name in a text about several objects.
pub(super) const NAME: &str = "<name>";

/// The label with the name of the definition that an object belongs to.
const PART_OF: &str = "app.kubernetes.io/part-of";

/// The other names: the placeholder of each, and where the object has it.
const FIELDS: &[(&str, &[&str])] = &[
    ("<definition>", &["metadata", "labels", PART_OF]),
    ("<siteName>", &["spec", "siteName"]),
    // The name of a database or an account, and the account of a grant.
    ("<sqlName>", &["spec", "name"]),
    ("<sqlName>", &["spec", "username"]),
];

const NAMESPACE: &str = "<namespace>";
const CLUSTER: &str = "<cluster>";

/// The names of one object, each with its placeholder, the longest first.
struct Names<'c>(Vec<(&'static str, &'c str)>);

/// The fields of a change whose values have a name of its object, with placeholders for the names, and the index of each
/// field.
///
/// Putting the names back gives the values again. So a value that already has the text of a placeholder stays as it is.
/// The values of a Secret and sealed values stay as they are, too.
pub(super) fn named(change: &ObjectChange) -> Vec<(usize, FieldChange)> {
    if change.fields.is_empty() || change.key.kind == "Secret" {
        return Vec::new();
    }
    let names = Names::of(change);
    let named = |field: &FieldChange| {
        let any = |is: &dyn Fn(&str) -> bool| {
            field.old.iter().chain(&field.new).any(|node| any_text(node, is))
        };
        let is_named = any(&|text| names.is_in(text)) && !any(&has_placeholder);
        let replaced = |node: &Option<Node>| node.as_ref().map(|node| names.replaced_in(node));
        (is_named && !field.is_sealed()).then(|| FieldChange {
            path: field.path.clone(),
            old: replaced(&field.old),
            new: replaced(&field.new),
        })
    };
    let fields = change.fields.iter().enumerate();
    fields.filter_map(|(at, field)| Some((at, named(field)?))).collect()
}

impl<'c> Names<'c> {
    fn of(change: &'c ObjectChange) -> Self {
        let key = &change.key;
        let mut names = vec![(NAME, key.name.as_str())];
        names.extend(FIELDS.iter().filter_map(|(placeholder, path)| {
            let of = |object: &'c Option<Object>| object.as_ref()?.text(path);
            // A name that changes is a value like others: a placeholder would hide what changes.
            let name = of(&change.base).filter(|name| of(&change.head) == Some(name))?;
            Some((*placeholder, name))
        }));
        names.extend([(NAMESPACE, key.namespace.as_str()), (CLUSTER, key.cluster.as_str())]);
        names.retain(|(_, name)| !name.is_empty());
        // The sort is stable: of equal names, the first one counts.
        names.sort_by_key(|(_, name)| std::cmp::Reverse(name.len()));
        Self(names)
    }

    /// Whether a text has one of the names.
    fn is_in(&self, text: &str) -> bool {
        self.0.iter().any(|(_, name)| text.contains(name)) && self.replaced(text) != text
    }

    /// A text with placeholders for the names. A name counts only as a whole word, so that a site `art` has no effect on
    /// `start`.
    fn replaced(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let (mut rest, mut is_in_word) = (text, false);
        while let Some(first) = rest.chars().next() {
            let ends = |name: &str| {
                let after = rest.strip_prefix(name)?;
                (!after.starts_with(char::is_alphanumeric)).then_some(after)
            };
            let found = (self.0.iter())
                .filter(|_| !is_in_word)
                .find_map(|(placeholder, name)| Some((placeholder, ends(name)?)));
            match found {
                Some((placeholder, after)) => {
                    out.push_str(placeholder);
                    (rest, is_in_word) = (after, false);
                }
                None => {
                    out.push(first);
                    (rest, is_in_word) = (&rest[first.len_utf8()..], first.is_alphanumeric());
                }
            }
        }
        out
    }

    fn replaced_in(&self, node: &Node) -> Node {
        let value = match &node.value {
            Value::String(text) => Value::String(self.replaced(text).into()),
            Value::List(items) => {
                Value::List(items.iter().map(|item| self.replaced_in(item)).collect())
            }
            Value::Map(entries) => {
                let entry =
                    |entry: &Entry| Entry { node: self.replaced_in(&entry.node), ..entry.clone() };
                Value::Map(entries.iter().map(entry).collect())
            }
            other => other.clone(),
        };
        Node { span: node.span, value }
    }
}

fn has_placeholder(text: &str) -> bool {
    let others = FIELDS.iter().map(|(placeholder, _)| *placeholder);
    text.contains('<')
        && others.chain([NAME, NAMESPACE, CLUSTER]).any(|placeholder| text.contains(placeholder))
}

/// Whether a text in a value is as asked.
fn any_text(node: &Node, is: &dyn Fn(&str) -> bool) -> bool {
    match &node.value {
        Value::String(text) => is(text),
        Value::List(items) => items.iter().any(|item| any_text(item, is)),
        Value::Map(entries) => entries.iter().any(|entry| any_text(&entry.node, is)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::risk::{Action, Key};

    /// A change of one field of the object `acme`, which had no value before.
    fn changed(kind: &str, path: &[&str], value: &str) -> ObjectChange {
        let [cluster, group, namespace] = ["eu", "", "erp"].map(str::to_owned);
        let key = Key { cluster, kind: kind.to_owned(), group, namespace, name: "acme".to_owned() };
        let path = path.iter().map(|key| (*key).to_owned()).collect();
        let new = Some(Value::String(value.into()).into());
        let fields = vec![FieldChange { path, old: None, new }];
        let (base, head, findings) = (None, None, Vec::new());
        ObjectChange { key, action: Action::Changed, base, head, fields, findings }
    }

    #[test]
    fn secrets_sealed_values_and_texts_of_placeholders_stay_as_they_are() {
        for (kind, path, value, expected) in [
            ("FrappeSite", &["spec", "domain"][..], "acme.erp", 1),
            ("FrappeSite", &["spec", "domain"], "other", 0),
            ("FrappeSite", &["spec", "domain"], "acme.<namespace>", 0),
            ("Secret", &["stringData", "password"], "acme.erp", 0),
            ("SealedSecret", &["metadata", "labels", "of"], "acme.erp", 1),
            ("SealedSecret", &["spec", "encryptedData", "password"], "acme.erp", 0),
            ("FrappeSite", &["spec", "text"], "ENC[acme]", 0),
        ] {
            let found = named(&changed(kind, path, value));
            assert_eq!(found.len(), expected, "{kind} {path:?} {value}");
            let shown = found.first().and_then(|(_, field)| field.new.as_ref()?.as_str());
            assert_eq!(shown, (expected == 1).then_some("<name>.<namespace>"));
        }
    }

    #[test]
    fn only_whole_words_are_names_and_the_longest_one_counts() {
        let names = Names(vec![
            ("<siteName>", "acme.example"),
            ("<sqlName>", "_1"),
            (NAME, "acme"),
            (NAMESPACE, "ñ"),
        ]);
        for (text, expected) in [
            ("acme.old.example", "<name>.old.example"),
            ("https://acme.example/acme", "https://<siteName>/<name>"),
            ("acme.examples", "<name>.examples"),
            ("acmes, 1acme and macme", "acmes, 1acme and macme"),
            ("acme-db acme_db acme", "<name>-db <name>_db <name>"),
            ("a_1 _1 _12", "a_1 <sqlName> _12"),
            ("ñ ñandú", "<namespace> ñandú"),
            ("", ""),
        ] {
            assert_eq!(names.replaced(text), expected);
            assert_eq!(names.is_in(text), text != expected, "{text}");
        }
    }
}
