//! The fields of a definition that would give a field of an object its live value.
//!
//! A candidate is only a proposal. `adopt` compiles the project with it, and keeps what proves itself.

use super::fields::as_stated;
use crate::import::{convert, my_cnf};
use crate::object::{Candidate, Reading};
use crate::risk::{FieldChange, Object};
use crate::source::edit;
use crate::source::node::{Entry, Node, Value};

/// A field of a definition and its new value. `None` if the definition must not state it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Proposal {
    pub(super) field: Vec<String>,
    pub(super) value: Option<Value>,
}

/// The number of the last parts of a folder that are the definition's own: cluster, namespace and name.
const OWN: usize = 3;

/// What a definition would have to state. `None` if the value has a form that the field cannot have.
pub(super) fn proposals(
    candidate: &Candidate,
    live: &Object,
    manifest: &Object,
    change: &FieldChange,
) -> Option<Vec<Proposal>> {
    let keys = &change.path[..candidate.depth];
    let cut = candidate.depth < change.path.len();
    let (old, new) = match cut {
        true => {
            let (new, old) = (at(&manifest.node, keys)?, at(&live.node, keys)?);
            (Some(list(new, old)), Some(new.clone()))
        }
        false => (change.old.clone(), change.new.clone()),
    };
    let one = |value| Some(vec![Proposal { field: candidate.field.clone(), value }]);
    let Some(old) = old else { return of_none(candidate) };
    if matches!(candidate.reading, Reading::Same | Reading::WordOrNone) {
        return one(Some(old.value));
    }
    if let Reading::OfItem(names) = candidate.reading {
        return Some(of_item(candidate, names, &old));
    }
    if candidate.reading == Reading::Limit {
        let Value::Int(limit) = old.value else { return None };
        return one(Some(Value::Int(limit.max(0))));
    }
    of_text(candidate, old.as_str()?, new.as_ref().and_then(Node::as_str))
}

/// What a definition would have to state if the cluster has nothing of a map. `None` if it does not decide every field
/// of the map.
pub(super) fn map_left_out(
    map: &Node,
    path: &[String],
    known: impl Fn(&[String]) -> Vec<Candidate> + Copy,
) -> Option<Vec<Proposal>> {
    let Value::Map(entries) = &map.value else {
        return of_none(known(path).first()?);
    };
    let of = |entry: &Entry| {
        let below: Vec<String> = path.iter().cloned().chain([entry.key.to_string()]).collect();
        map_left_out(&entry.node, &below, known)
    };
    let proposals: Option<Vec<_>> = entries.iter().map(of).collect();
    Some(proposals?.concat())
}

/// What a definition would have to state if the object has no value.
fn of_none(candidate: &Candidate) -> Option<Vec<Proposal>> {
    match candidate.reading {
        Reading::WordOrNone => {
            let value = Some("none".into_value());
            Some(vec![Proposal { field: candidate.field.clone(), value }])
        }
        Reading::Folder => Some(vec![below(candidate, "prefix", None)]),
        Reading::Bucket | Reading::Endpoint | Reading::OptionFile(_) | Reading::OfItem(_) => None,
        _ => Some(vec![Proposal { field: candidate.field.clone(), value: None }]),
    }
}

/// The same for a value that is a text. `stated` is the text of the manifest.
fn of_text(candidate: &Candidate, live: &str, stated: Option<&str>) -> Option<Vec<Proposal>> {
    let one =
        |value: Value| Some(vec![Proposal { field: candidate.field.clone(), value: Some(value) }]);
    match candidate.reading {
        Reading::Number => one(Value::Int(live.parse().ok()?)),
        Reading::Version(before, after) => one(convert::version(live, before, after)?.into_value()),
        Reading::Days => one(convert::hours(live)?.into_value()),
        Reading::FiveFields => one(convert::five_fields(live)?.into_value()),
        Reading::OptionFile(limit) => Some(settings(candidate, live, stated?, limit)),
        Reading::Folder => {
            let prefix = above(live, stated?, OWN)?;
            Some(vec![below(candidate, "prefix", prefix.map(IntoValue::into_value))])
        }
        Reading::Bucket => {
            // The last part is the server's name, which the address does not have.
            let ((bucket, folder), (_, stated)) =
                (convert::bucket(live)?, convert::bucket(stated?)?);
            let prefix = above(folder, stated, OWN - 1)?;
            let prefix = below(candidate, "prefix", prefix.map(IntoValue::into_value));
            Some(vec![below(candidate, "bucket", Some(bucket.into_value())), prefix])
        }
        Reading::Endpoint => {
            let (host, tls) = convert::endpoint(live)?;
            let tls = below(candidate, "tls", Some(Value::Bool(tls)));
            Some(vec![below(candidate, "endpoint", Some(host.into_value())), tls])
        }
        Reading::Same | Reading::Limit | Reading::WordOrNone | Reading::OfItem(_) => None,
    }
}

/// The settings that an option file has otherwise than the one of the manifest.
fn settings(candidate: &Candidate, live: &str, stated: &str, limit: Option<&str>) -> Vec<Proposal> {
    let (live, stated) = (my_cnf::settings(live), my_cnf::settings(stated));
    let of = |name: &str, value| match limit {
        Some(field) if name == "max_connections" => {
            Proposal { field: vec![field.to_owned()], value }
        }
        _ => below(candidate, name, value),
    };
    let changed = live.entries().iter().filter(|entry| stated.get(&entry.key) != Some(&entry.node));
    let changed = changed.map(|entry| of(&entry.key, Some(entry.node.value.clone())));
    let gone = stated.entries().iter().filter(|entry| live.get(&entry.key).is_none());
    // A setting without a value is absent if it is off. A layer below may have it, so the definition states it.
    let gone = gone.map(|entry| match entry.key.starts_with("skip_") {
        true => of(&entry.key, Some(Value::Bool(false))),
        false => of(&entry.key, None),
    });
    changed.chain(gone).collect()
}

/// Some keys of the only item of a list.
fn of_item(candidate: &Candidate, names: &[&str], list: &Node) -> Vec<Proposal> {
    let Value::List(items) = &list.value else { return Vec::new() };
    let [item] = items.as_slice() else { return Vec::new() };
    let of = |name: &&str| below(candidate, name, item.get(name).map(|node| node.value.clone()));
    names.iter().map(of).collect()
}

/// A folder without its last parts, if they are those of the manifest's folder.
fn above<'f>(live: &'f str, stated: &str, parts: usize) -> Option<Option<&'f str>> {
    let own = stated.rmatch_indices('/').nth(parts - 1).map_or(stated, |(at, _)| &stated[at + 1..]);
    match live.strip_suffix(own)? {
        "" => Some(None),
        rest => rest.strip_suffix('/').map(Some),
    }
}

fn below(candidate: &Candidate, key: &str, value: Option<Value>) -> Proposal {
    let field = candidate.field.iter().cloned().chain([key.to_owned()]).collect();
    Proposal { field, value }
}

/// The value at the keys of an object.
fn at<'n>(node: &'n Node, keys: &[String]) -> Option<&'n Node> {
    keys.iter().try_fold(node, |node, key| node.get(key))
}

/// The live items, each without the fields that its item in the manifest does not state.
fn list(manifest: &Node, live: &Node) -> Node {
    let (Value::List(stated), Value::List(items)) = (&manifest.value, &live.value) else {
        return live.clone();
    };
    let name = |node: &Node| node.get("name").and_then(Node::as_str).map(str::to_owned);
    let of = |item: &Node| {
        let stated = stated.iter().find(|stated| name(stated) == name(item));
        stated.map_or_else(|| item.clone(), |stated| as_stated(stated, item))
    };
    Value::List(items.iter().map(of).collect()).into()
}

/// A text as a value.
trait IntoValue {
    fn into_value(self) -> Value;
}

impl<T: AsRef<str>> IntoValue for T {
    fn into_value(self) -> Value {
        Value::String(self.as_ref().into())
    }
}

/// The text of a definition with the proposed values, or the field that cannot be changed alone.
pub(super) fn written(text: &str, proposals: &[Proposal]) -> Result<String, String> {
    proposals.iter().try_fold(text.to_owned(), |text, Proposal { field, value }| {
        let keys: Vec<&str> = field.iter().map(String::as_str).collect();
        let name = field.join(".");
        match value {
            Some(value) => edit::set_value(&text, &keys, value).ok_or_else(|| {
                format!("`{name}` cannot be changed alone: write the value there by hand")
            }),
            // If no line states it, the compiled project shows whether it is gone.
            None if !edit::states(&text, &keys) => Ok(text),
            None => edit::remove(&text, &keys)
                .ok_or_else(|| format!("the cluster has no value, so remove `{name}` by hand")),
        }
    })
}
