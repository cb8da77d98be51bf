//! Reads the objects of one piece.

use super::clean::clean;
use super::cut::{Form, Piece};
use super::json::{self, Keep};
use super::manifest_yaml::{self, Document};
use super::object::{LiveObject, Place};
use super::refuse::{self, Shown};
use super::skip::skip;
use crate::diagnostic::Diagnostic;
use crate::language::{Namespace, ResourceName};
use crate::risk::Key;
use crate::source::node::{Entry, Node, Value};
use std::sync::Arc;

/// All annotations of one object, keys and values, may have 256 KiB together
/// (`TotalAnnotationSizeLimitB` in `k8s.io/apimachinery/pkg/api/validation`).
const MOST_ANNOTATIONS: usize = 256 << 10;

/// The API versions that are known, by their groups. An object of another version may have other fields.
const VERSIONS: &[(&str, &[&str])] = &[
    ("", &["v1"]),
    ("vyogo.tech", &["v1alpha1", "v1"]),
    ("k8s.mariadb.com", &["v1alpha1"]),
    ("postgresql.cnpg.io", &["v1"]),
    ("barmancloud.cnpg.io", &["v1"]),
    ("bitnami.com", &["v1alpha1"]),
    ("external-secrets.io", &["v1alpha1", "v1beta1", "v1"]),
    ("generators.external-secrets.io", &["v1alpha1"]),
    ("monitoring.coreos.com", &["v1"]),
    (sitewright_api::GROUP, &[sitewright_api::VERSION]),
];

/// The type of an object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Type {
    pub(super) kind: String,
    pub(super) group: String,
    pub(super) version: String,
}

impl Type {
    fn new(api_version: &str, kind: String) -> Self {
        let (group, version) = api_version.rsplit_once('/').unwrap_or(("", api_version));
        Self { kind, group: group.to_owned(), version: version.to_owned() }
    }

    /// The versions of its group that are known. `None` if versions of this group have no meaning to sitewright.
    fn known_versions(&self) -> Option<&'static [&'static str]> {
        VERSIONS.iter().find(|(group, _)| *group == self.group).map(|(_, versions)| *versions)
    }

    fn is_known(&self) -> bool {
        self.known_versions().is_none_or(|versions| versions.contains(&self.version.as_str()))
    }

    /// The type in each known version, as `kubectl get` takes it. The singular name, which every kind forms alike, is
    /// as good as the plural.
    pub(super) fn known_resources(&self) -> Vec<String> {
        let kind = self.kind.to_lowercase();
        let resource = |version: &&str| format!("{kind}.{version}.{}", self.group);
        self.known_versions().unwrap_or_default().iter().map(resource).collect()
    }
}

/// What was found in a piece.
#[derive(Debug)]
pub(super) enum Found<O> {
    /// An object, or what was made of it.
    Object(O),
    /// An object that the caller does not want.
    LeftAlone(Type),
    /// An object of a wanted kind, with an unknown version.
    UnknownVersion(Type, Shown),
    /// A List, which may be empty.
    List,
    /// Something in a file of a folder that is not meant as an object, such as the values of a chart.
    SomethingElse,
    Problem(Box<Diagnostic>),
}

impl<O> Found<O> {
    /// The same with another object.
    pub(super) fn map<P>(self, make: impl FnOnce(O) -> P) -> Found<P> {
        match self {
            Self::Object(object) => Found::Object(make(object)),
            Self::LeftAlone(of) => Found::LeftAlone(of),
            Self::UnknownVersion(of, place) => Found::UnknownVersion(of, place),
            Self::List => Found::List,
            Self::SomethingElse => Found::SomethingElse,
            Self::Problem(problem) => Found::Problem(problem),
        }
    }
}

/// What one piece has.
type Objects = Vec<Found<Box<LiveObject>>>;

/// How the pieces of a file are read.
pub(super) struct Reader<'r> {
    /// The file as the user named it.
    pub(super) file: &'r Arc<str>,
    /// Whether the user named the file itself.
    pub(super) is_named: bool,
    /// Which objects are wanted, by group and kind.
    pub(super) wanted: &'r (dyn Fn(&str, &str) -> bool + Sync),
    /// Whether `managedFields` are wanted.
    pub(super) managers: bool,
    /// Whether the statuses are wanted.
    pub(super) statuses: bool,
}

/// A piece's text and where it starts.
#[derive(Clone, Copy)]
struct Text<'t> {
    file: &'t Arc<str>,
    text: &'t str,
    line: u32,
    in_list: bool,
}

impl Text<'_> {
    /// A place of the text, as reports show it.
    fn shown(&self, at: usize) -> Shown {
        Shown::new(self.file, self.line, self.text, at)
    }
}

impl Reader<'_> {
    /// Reads a piece of a buffer.
    pub(super) fn read(&self, bytes: &[u8], piece: &Piece) -> Objects {
        let bytes = &bytes[piece.range.clone()];
        let Piece { line, in_list, .. } = *piece;
        match std::str::from_utf8(bytes) {
            Ok(text) => {
                let text = Text { file: self.file, text, line, in_list };
                match piece.form {
                    Form::Json => self.json(text),
                    Form::Yaml => self.yaml(text),
                    Form::EndOfList => vec![Found::List],
                }
            }
            Err(error) => {
                let text = String::from_utf8_lossy(bytes);
                let text = Text { file: self.file, text: &text, line, in_list };
                problem(refuse::not_utf8(text.shown(error.valid_up_to())))
            }
        }
    }

    fn json(&self, text: Text) -> Objects {
        let bytes = text.text.as_bytes();
        let head = json::head(bytes).map(|(version, kind)| Type::new(&version, kind));
        if let Some(of) = head.as_ref().filter(|of| self.is_left_alone(of)) {
            return vec![Found::LeftAlone(of.clone())];
        }
        let is_secret = head.is_some_and(|of| of.kind == "Secret" && of.group.is_empty());
        let keep = Keep { managers: self.managers, statuses: self.statuses, is_secret };
        match json::read(bytes, keep) {
            Ok(node) => self.node(node, &[], text),
            Err(error) => {
                let lines = text.text.split_inclusive('\n').take(error.line().saturating_sub(1));
                let at = lines.map(str::len).sum::<usize>() + error.column().saturating_sub(1);
                problem(refuse::json(text.shown(at), &error))
            }
        }
    }

    fn yaml(&self, text: Text) -> Objects {
        if let Some(of) = head_of_yaml(text.text).filter(|of| self.is_left_alone(of)) {
            return vec![Found::LeftAlone(of)];
        }
        let read = || manifest_yaml::read(text.text);
        let document = match text.in_list {
            true => manifest_yaml::read(&skip(text.text, self.managers, self.statuses))
                .or_else(|_| read()),
            false => read(),
        };
        match document {
            Ok(Document { node, items }) => match node.value {
                // A piece that was cut out of a list is a list with one item.
                Value::List(mut items) if text.in_list && items.len() == 1 => {
                    self.node(items.swap_remove(0), &[], text)
                }
                value => self.node(value.into(), &items, text),
            },
            Err(error) if text.text.contains("{{") => {
                problem(refuse::template(text.shown(error.at)))
            }
            Err(error) => problem(refuse::yaml(text.shown(error.at), &error.message)),
        }
    }

    /// Whether an object of this type need not be read. A List is read in any case.
    fn is_left_alone(&self, of: &Type) -> bool {
        !of.kind.ends_with("List") && !(self.wanted)(&of.group, &of.kind)
    }

    /// The objects of a node. `starts` has the places of its items.
    fn node(&self, node: Node, starts: &[usize], text: Text) -> Objects {
        let first = first_line(text.text);
        let kind = node.get("kind").and_then(Node::as_str);
        let items = node.get("items").map(|items| &items.value);
        match (&node.value, kind, items) {
            (Value::Null, ..) if !text.in_list => Vec::new(),
            (Value::Map(_), Some(kind), Some(Value::List(_) | Value::Null))
                if kind.ends_with("List") =>
            {
                if text.in_list {
                    return problem(refuse::nested_list(text.shown(first)));
                }
                self.items(node, starts, text)
            }
            // `kubectl` writes the kind of a List after its items.
            (Value::Map(_), None, Some(Value::List(_))) => {
                problem(refuse::cut(text.shown(text.text.len())))
            }
            _ => vec![self.object(node, first, text)],
        }
    }

    /// The items of a List.
    fn items(&self, list: Node, starts: &[usize], text: Text) -> Objects {
        let Value::Map(entries) = list.value else { return vec![Found::List] };
        let items = entries.into_iter().find(|entry| &*entry.key == "items");
        let Some(Value::List(items)) = items.map(|entry| entry.node.value) else {
            return vec![Found::List];
        };
        let starts = starts.iter().copied().chain(std::iter::repeat(0));
        // Each item's place is found from the place before.
        let (mut rest, mut gone) = (text, 0);
        let read = |(item, start): (Node, usize)| {
            let (before, after) = rest.text.split_at(start.saturating_sub(gone));
            rest = Text { text: after, line: rest.line + line_ends(before), in_list: true, ..rest };
            gone = start.max(gone);
            let is_list = item.get("items").is_some_and(|it| matches!(it.value, Value::List(_)))
                && item.get("kind").and_then(Node::as_str).is_some_and(|it| it.ends_with("List"));
            match is_list {
                true => Found::Problem(Box::new(refuse::nested_list(rest.shown(0)))),
                false => self.object(item, 0, rest),
            }
        };
        items.into_iter().zip(starts).map(read).chain([Found::List]).collect()
    }

    /// An object that starts at `at`.
    fn object(&self, node: Node, at: usize, text: Text) -> Found<Box<LiveObject>> {
        let complain =
            |problem: fn(Shown) -> Diagnostic| Found::Problem(Box::new(problem(text.shown(at))));
        let word = |key: &str| node.get(key).and_then(Node::as_str).filter(|word| !word.is_empty());
        let (version, kind) = match (word("apiVersion"), word("kind")) {
            (Some(version), Some(kind)) => (version, kind),
            (None, None) if !self.is_named && !text.in_list => return Found::SomethingElse,
            _ => return complain(refuse::not_an_object),
        };
        let of = Type::new(version, kind.to_owned());
        if !(self.wanted)(&of.group, &of.kind) {
            return Found::LeftAlone(of);
        }
        if !of.is_known() {
            return Found::UnknownVersion(of, text.shown(at));
        }
        let metadata = node.get("metadata");
        let word = |key| metadata.and_then(|it| it.get(key)).and_then(Node::as_str);
        let (name, namespace) = (word("name").unwrap_or(""), word("namespace").unwrap_or(""));
        if name.is_empty() {
            return complain(refuse::no_name);
        }
        if !ResourceName::accepts(name) || !(namespace.is_empty() || Namespace::accepts(namespace))
        {
            return Found::Problem(Box::new(refuse::name(text.shown(at), namespace, name)));
        }
        let key = Key {
            cluster: String::new(),
            kind: of.kind,
            group: of.group,
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        };
        let annotations = metadata.and_then(|it| it.get("annotations"));
        let annotations = annotations.map(Node::entries).unwrap_or_default();
        if size(annotations) > MOST_ANNOTATIONS {
            return Found::Problem(Box::new(refuse::annotations(text.shown(at), &key)));
        }
        let line = text.line + line_ends(&text.text[..at]);
        let place = Place { file: text.file.clone(), line };
        Found::Object(Box::new(clean(node, key, of.version, place, self.statuses)))
    }
}

fn problem(problem: Diagnostic) -> Objects {
    vec![Found::Problem(Box::new(problem))]
}

/// The bytes of keys and texts.
fn size(entries: &[Entry]) -> usize {
    entries.iter().map(|it| it.key.len() + it.node.as_str().map_or(0, str::len)).sum()
}

fn line_ends(text: &str) -> u32 {
    u32::try_from(text.bytes().filter(|byte| *byte == b'\n').count()).unwrap_or(u32::MAX)
}

/// The start of the first line that is more than a comment or the mark of a document.
fn first_line(text: &str) -> usize {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let is_empty = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
        if !is_empty(line) && line.trim_end() != "---" && !line.starts_with("--- #") {
            return at;
        }
        at += line.len();
    }
    0
}

/// The type of an object in block style, if both of its lines are as simple as `kubectl` writes them. The rest of
/// the text is not read.
fn head_of_yaml(text: &str) -> Option<Type> {
    let text = &text[first_line(text)..];
    let dash = text.len() - text.trim_start_matches(' ').len();
    let indentation = if text[dash..].starts_with("- ") { dash + 2 } else { dash };
    let (mut version, mut kind) = (None, None);
    for (number, line) in text.lines().enumerate() {
        // Only the first line has the dash of the item.
        let is_deeper = number > 0 && line.bytes().take(indentation).any(|byte| byte != b' ');
        let Some(line) = line.get(indentation..).filter(|_| !is_deeper) else { continue };
        let known = match line.split_once(": ") {
            Some(("apiVersion", value)) => (&mut version, value),
            Some(("kind", value)) => (&mut kind, value),
            _ => continue,
        };
        let is_simple = |byte: u8| byte.is_ascii_alphanumeric() || b"./-".contains(&byte);
        let value = known.1.trim_end();
        if value.is_empty()
            || !value.starts_with(|it: char| it.is_ascii_alphabetic())
            || !value.bytes().all(is_simple)
        {
            return None;
        }
        known.0.get_or_insert(value);
        if let (Some(version), Some(kind)) = (version, kind) {
            return Some(Type::new(version, kind.to_owned()));
        }
    }
    None
}
