//! Checks a document against its kind. It finds all unknown keys, wrong types and refused values of
//! a file at once, each with its place.
//!
//! A shape is compiled once from the kind's JSON Schema, so types, editors and errors cannot
//! disagree.

use super::advice::{choose, foreign, nearest, noted};
use super::schema::{Kind, json_schema};
use super::values::{Format, lookalike};
use crate::diagnostic::{Code, Diagnostic, Span, is_password};
use crate::operator::FrappeVersion;
use crate::source::node::{Entry, Node, Value};
use crate::source::scalar::{Plain, plain};
use serde_json::Value as Json;
use std::sync::LazyLock;

/// What a value must look like.
#[derive(Debug)]
pub(super) enum Shape {
    /// A map with known keys.
    Object { fields: Vec<(String, Shape)>, required: Vec<String> },
    /// A map whose keys have a format.
    Table { key: Option<&'static Format>, value: Box<Shape> },
    /// A list.
    List(Box<Shape>),
    /// Text, a number or a boolean.
    Scalar(Scalar),
    /// Any value.
    Any,
}

#[derive(Debug, Default)]
pub(super) struct Scalar {
    text: bool,
    integer: bool,
    boolean: bool,
    format: Option<&'static Format>,
    choices: Vec<String>,
    minimum: Option<i64>,
    maximum: Option<i64>,
}

static SHAPES: LazyLock<Vec<Shape>> =
    LazyLock::new(|| Kind::ALL.iter().map(|kind| compile(&json_schema(*kind))).collect());

/// The shape of a document of this kind.
pub(super) fn of(kind: Kind) -> &'static Shape {
    let position = Kind::ALL.iter().position(|other| *other == kind).unwrap_or_default();
    &SHAPES[position]
}

/// All problems of a document of this kind; `text` is the file's.
pub fn check(kind: Kind, node: &Node, text: &str) -> Vec<Diagnostic> {
    let shape = of(kind);
    let mut check = Check { root: shape, text, path: Vec::new(), found: Vec::new() };
    if let Value::Map(_) = node.value {
        check.value(shape, node);
    } else {
        check.found.push(
            Diagnostic::new(
                Code::WrongType,
                node.span,
                format!("a definition is a map, but this is {}", node.type_name()),
            )
            .help(format!(
                "start with `kind: {}`, then write one `key: value` on each line",
                kind.name()
            )),
        );
    }
    check.found
}

/// The shape of a file that is not a definition.
#[derive(Debug)]
pub struct Form(Shape);

impl Form {
    /// The shape of a type.
    pub fn of<T: schemars::JsonSchema>() -> Self {
        Self(compile(&super::schema_of::<T>()))
    }

    /// All problems of a document of this shape; `text` is the file's.
    pub fn check(&self, node: &Node, text: &str) -> Vec<Diagnostic> {
        let mut check = Check { root: &self.0, text, path: Vec::new(), found: Vec::new() };
        check.value(&self.0, node);
        check.found
    }
}

fn compile(schema: &Json) -> Shape {
    // An optional enum comes as `anyOf: [the enum, null]`.
    if let Some(first) = schema["anyOf"].get(0) {
        return compile(first);
    }
    if let Json::Object(properties) = &schema["properties"] {
        let fields = properties.iter().map(|(key, value)| (key.clone(), compile(value))).collect();
        let required = strings(&schema["required"]);
        return Shape::Object { fields, required };
    }
    if let Json::Object(patterns) = &schema["patternProperties"]
        && let Some((pattern, value)) = patterns.iter().next()
    {
        let key = super::values::FORMATS.iter().copied().find(|format| format.pattern == pattern);
        return Shape::Table { key, value: Box::new(compile(value)) };
    }
    if schema.get("items").is_some() {
        return Shape::List(Box::new(compile(&schema["items"])));
    }
    if let Some(value) = schema.get("additionalProperties") {
        return Shape::Table { key: None, value: Box::new(compile(value)) };
    }
    if KEYWORDS.iter().all(|keyword| schema.get(keyword).is_none()) {
        return Shape::Any;
    }
    Shape::Scalar(scalar(schema))
}

/// The keywords of a schema that restrict a value.
const KEYWORDS: [&str; 4] = ["type", "enum", "const", "oneOf"];

fn scalar(schema: &Json) -> Scalar {
    let mut choices = strings(&schema["enum"]);
    choices.extend(schema["const"].as_str().map(str::to_owned));
    if let Some(options) = schema["oneOf"].as_array() {
        choices.extend(options.iter().filter_map(|o| o["const"].as_str()).map(str::to_owned));
    }
    let types = match &schema["type"] {
        Json::String(one) => vec![one.clone()],
        many => strings(many),
    };
    let has = |name: &str| types.iter().any(|found| found == name);
    Scalar {
        text: has("string") || !choices.is_empty(),
        integer: has("integer"),
        boolean: has("boolean"),
        format: schema["format"].as_str().and_then(Format::named),
        choices,
        minimum: schema["minimum"].as_i64(),
        maximum: schema["maximum"].as_i64().or(match schema["format"].as_str() {
            Some("uint16") => Some(i64::from(u16::MAX)),
            Some("uint32") => Some(i64::from(u32::MAX)),
            _ => None,
        }),
    }
}

fn strings(value: &Json) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Json::as_str).map(str::to_owned).collect()
}

impl Scalar {
    /// Whether this quoted text would be a valid value without its quotes.
    fn accepts_plain(&self, text: &str) -> bool {
        match plain(text) {
            Plain::Int(_) => self.integer,
            Plain::Bool(_) => self.boolean,
            _ => false,
        }
    }

    fn expected(&self) -> String {
        if !self.choices.is_empty() {
            return format!("one of {}", self.choices.join(", "));
        }
        let mut words = Vec::new();
        if self.text {
            words.push(self.format.map_or("a string", |format| format.what));
        }
        if self.integer {
            words.push("a whole number");
        }
        if self.boolean {
            words.push("true or false");
        }
        words.join(" or ")
    }
}

impl Shape {
    fn expected(&self) -> String {
        match self {
            Shape::Object { .. } | Shape::Table { .. } => "a map".to_owned(),
            Shape::List(_) => "a list".to_owned(),
            Shape::Scalar(scalar) => scalar.expected(),
            Shape::Any => "any value".to_owned(),
        }
    }
}

struct Check<'a> {
    root: &'a Shape,
    text: &'a str,
    path: Vec<String>,
    found: Vec<Diagnostic>,
}

impl Check<'_> {
    fn value(&mut self, shape: &Shape, node: &Node) {
        match (shape, &node.value) {
            // An explicit null unsets the value of a weaker layer.
            (_, Value::Null) if !self.path.is_empty() => {}
            (Shape::Object { fields, required }, Value::Map(entries)) => {
                self.object(fields, required, node.span, entries);
            }
            (Shape::Table { key, value }, Value::Map(entries)) => {
                for entry in entries {
                    if let Some(format) = key {
                        self.format(format, &entry.key, entry.key_span);
                    }
                    self.within(&entry.key, value, &entry.node);
                }
            }
            (Shape::List(item), Value::List(nodes)) => {
                for (index, node) in nodes.iter().enumerate() {
                    self.path.push(index.to_string());
                    match node.value {
                        Value::Null => self.wrong_type(item, node),
                        _ => self.value(item, node),
                    }
                    self.path.pop();
                }
            }
            (Shape::Scalar(scalar), Value::String(text)) if scalar.text => {
                self.text(scalar, text, node.span);
            }
            (Shape::Scalar(scalar), Value::Int(number)) if scalar.integer => {
                self.integer(scalar, *number, node.span);
            }
            (Shape::Scalar(scalar), Value::Bool(_)) if scalar.boolean => {}
            (Shape::Any, _) => {}
            _ => self.wrong_type(shape, node),
        }
    }

    fn within(&mut self, key: &str, shape: &Shape, node: &Node) {
        self.path.push(key.to_owned());
        self.value(shape, node);
        self.path.pop();
    }

    fn object(
        &mut self,
        fields: &[(String, Shape)],
        required: &[String],
        span: Span,
        entries: &[Entry],
    ) {
        // A misspelt required field is reported once, as an unknown key.
        let mut misspelt = Vec::new();
        for entry in entries {
            match fields.iter().find(|(name, _)| **name == *entry.key) {
                Some((name, shape)) => self.within(name, shape, &entry.node),
                None => misspelt.extend(self.unknown_key(fields, entry, entries)),
            }
        }
        for name in required.iter().filter(|name| !misspelt.contains(&name.as_str())) {
            let stated = entries.iter().find(|entry| *entry.key == **name);
            if stated.is_some_and(|entry| entry.node.value != Value::Null) {
                continue;
            }
            let at = stated.map_or(span, |entry| entry.node.span);
            let full = self.full(name);
            let help = match fields.iter().find(|(field, _)| field == name) {
                Some((_, Shape::Object { fields, .. })) => {
                    format!("state `{name}:` here, with its keys {}", names(fields).join(", "))
                }
                _ => format!("state `{name}:` here"),
            };
            // SW105: a required field is missing.
            self.found.push(
                Diagnostic::new(Code::MissingField, at, format!("`{full}` is missing")).help(help),
            );
        }
    }

    /// Reports an unknown key, and returns the known key that is probably meant.
    fn unknown_key<'f>(
        &mut self,
        fields: &'f [(String, Shape)],
        entry: &Entry,
        beside: &[Entry],
    ) -> Option<&'f str> {
        let here = if self.path.is_empty() { "here".to_owned() } else { self.path.join(".") };
        let names = names(fields);
        let elsewhere = find_field(self.root, &entry.key, &mut Vec::new());
        let lookalike = lookalike(&entry.key);
        let meant = nearest(lookalike.as_ref().map_or(&entry.key, |it| &it.meant), &names);
        let help = match (meant, elsewhere.as_deref()) {
            _ if &*entry.key == "siteName" => {
                "every site has a siteName of its own: state it in the site's file".to_owned()
            }
            _ if let Some(own) = foreign(&names, &entry.key) => own.to_owned(),
            _ if &*entry.key == "data" && elsewhere.is_none() => {
                "write `data` in the file of the retired definition, and nowhere else".to_owned()
            }
            (Some(name), _) => format!("write `{name}`"),
            (None, None) if is_password(&entry.key) && is_text(&entry.node) => PASSWORDS.to_owned(),
            (None, Some(path)) => format!("did you mean `{path}`?"),
            (None, None) => format!("known keys: {}", names.join(", ")),
        };
        let is_plain = self.text.get(entry.key_span.range()) == Some(&*entry.key);
        // Another reason than the spelling has another help.
        let is_misspelt = meant.is_some_and(|name| help == format!("write `{name}`"));
        let renamed = meant.filter(|name| {
            is_plain && is_misspelt && !beside.iter().any(|other| *other.key == **name)
        });
        let help = noted(help, lookalike);
        // SW102: an unknown key.
        let mut problem = Diagnostic::new(
            Code::UnknownKey,
            entry.key_span,
            format!("unknown key `{}`", entry.key),
        )
        .label(match self.path.is_empty() {
            true => "no key of this kind".to_owned(),
            false => format!("no key of `{here}`"),
        })
        .help(help);
        if let Some(name) = renamed {
            problem = problem.fix(entry.key_span, name);
        }
        self.found.push(problem);
        meant
    }

    fn text(&mut self, scalar: &Scalar, text: &str, span: Span) {
        if !scalar.choices.is_empty() {
            if !scalar.choices.iter().any(|choice| choice == text) {
                let release = (self.path == ["operators", "frappe"])
                    .then(|| FrappeVersion::instead_of(text))
                    .flatten();
                let help = release.unwrap_or_else(|| choose(text, &scalar.choices));
                let message = format!("`{text}` is not a valid `{}`", self.path.join("."));
                // SW104: a value that is not allowed.
                self.found.push(Diagnostic::new(Code::BadValue, span, message).help(help));
            }
        } else if let Some(format) = scalar.format {
            self.format(format, text, span);
        }
    }

    fn format(&mut self, format: &Format, text: &str, span: Span) {
        if let Err(complaint) = format.check(text) {
            let mut problem =
                Diagnostic::new(Code::BadValue, span, complaint.message).help(complaint.help);
            if format.has_faults() {
                problem = problem.label(format!("as `{}`", self.path.join(".")));
            }
            self.found.push(problem);
        }
    }

    fn integer(&mut self, scalar: &Scalar, number: i64, span: Span) {
        if let Some(format) = scalar.format {
            return self.format(format, &number.to_string(), span);
        }
        let (low, high) = (scalar.minimum.unwrap_or(i64::MIN), scalar.maximum.unwrap_or(i64::MAX));
        if !(low..=high).contains(&number) {
            let message = format!("{number} is out of range for `{}`", self.path.join("."));
            let help = match low == high {
                true => format!("allowed: {low}"),
                false => format!("allowed: {low} to {high}"),
            };
            self.found.push(Diagnostic::new(Code::BadValue, span, message).help(help));
        }
    }

    fn wrong_type(&mut self, shape: &Shape, node: &Node) {
        let (expected, found) = (shape.expected(), node.type_name());
        let message = format!("`{}` must be {expected}, but this is {found}", self.path.join("."));
        let written = self.text.get(node.span.range()).unwrap_or_default();
        let help = match (shape, &node.value) {
            (Shape::Object { fields, .. }, _) => {
                format!("write its keys below it, indented: {}", names(fields).join(", "))
            }
            (Shape::Table { .. }, _) => {
                "write its keys below it, indented, one `key: value` on each line".to_owned()
            }
            (Shape::List(_), _) => {
                "write its items below it, each on a line of its own after `- `".to_owned()
            }
            (Shape::Scalar(scalar), Value::String(text)) if scalar.accepts_plain(text) => {
                format!("{WITHOUT_QUOTES}{text}")
            }
            (
                Shape::Scalar(Scalar { text: true, choices, .. }),
                Value::Int(_) | Value::Float(_) | Value::Bool(_),
            ) if choices.is_empty() || choices.iter().any(|choice| choice == written) => {
                format!("{IN_QUOTES}\"{written}\"")
            }
            (Shape::Scalar(Scalar { format: Some(format), .. }), _) => format.help.to_owned(),
            _ => format!("write {expected}"),
        };
        let fix = help.strip_prefix(IN_QUOTES).or(help.strip_prefix(WITHOUT_QUOTES));
        let fix = fix.filter(|_| !written.contains('\n')).map(str::to_owned);
        // SW103: a value of the wrong type.
        let problem = Diagnostic::new(Code::WrongType, node.span, message).help(help);
        self.found.push(match fix {
            Some(text) => problem.fix(node.span, text),
            None => problem,
        });
    }

    fn full(&self, name: &str) -> String {
        self.path.iter().map(String::as_str).chain([name]).collect::<Vec<_>>().join(".")
    }
}

fn is_text(node: &Node) -> bool {
    !matches!(node.value, Value::Map(_) | Value::List(_))
}

/// The start of a help text that ends with the right value.
const IN_QUOTES: &str = "write it in quotes: ";
const WITHOUT_QUOTES: &str = "write it without quotes: ";

/// The help for a definition that holds a password.
const PASSWORDS: &str = "no definition holds a password: sitewright makes each, and `sitewright secrets adopt` takes \
                         over one that is there; change this one if others may have seen it";

fn names(fields: &[(String, Shape)]) -> Vec<&str> {
    fields.iter().map(|(name, _)| name.as_str()).collect()
}

/// The path of a field of this name anywhere below `shape`.
fn find_field(shape: &Shape, name: &str, path: &mut Vec<String>) -> Option<String> {
    let Shape::Object { fields, .. } = shape else { return None };
    if !path.is_empty() && fields.iter().any(|(field, _)| field == name) {
        return Some(format!("{}.{name}", path.join(".")));
    }
    fields.iter().find_map(|(field, shape)| {
        path.push(field.clone());
        let found = find_field(shape, name, path);
        path.pop();
        found
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_compiles_to_an_object() {
        for (kind, shape) in Kind::ALL.iter().zip(SHAPES.iter()) {
            let Shape::Object { fields, required } = shape else { panic!("{kind:?}: {shape:?}") };
            assert_eq!(fields[0].0, "kind");
            assert!(required.iter().all(|name| fields.iter().any(|(field, _)| field == name)));
        }
    }

    #[test]
    fn every_format_of_the_schemas_is_known() {
        fn formats(schema: &Json, out: &mut Vec<String>) {
            match schema {
                Json::Object(fields) => {
                    if let (Some(Json::String(_)), Some(Json::String(format))) =
                        (fields.get("pattern"), fields.get("format"))
                    {
                        out.push(format.clone());
                    }
                    fields.values().for_each(|value| formats(value, out));
                }
                Json::Array(items) => items.iter().for_each(|item| formats(item, out)),
                _ => {}
            }
        }
        let mut found = Vec::new();
        Kind::ALL.iter().for_each(|kind| formats(&json_schema(*kind), &mut found));
        assert!(found.len() > 50);
        for name in found {
            assert!(Format::named(&name).is_some(), "{name}");
        }
    }
}
