//! The fields of the definition language as editors show them: documentation, keys and choices, from the JSON Schemas.

use crate::language::{Kind, json_schema};
use serde_json::Value as Json;
use std::sync::LazyLock;

static SCHEMAS: LazyLock<Vec<Json>> =
    LazyLock::new(|| Kind::ALL.iter().map(|kind| json_schema(*kind)).collect());

/// A field, or a document as a whole.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field(&'static Json);

impl Field {
    /// The field of a kind at this path.
    pub(super) fn of(kind: Kind, path: &[String]) -> Option<Self> {
        let document = Kind::ALL.iter().position(|other| *other == kind)?;
        path.iter().try_fold(Self(SCHEMAS.get(document)?), |field, key| field.below(key))
    }

    /// The part that restricts the value: an optional enum comes as `anyOf: [the enum, null]`.
    fn content(self) -> &'static Json {
        self.0["anyOf"].get(0).unwrap_or(self.0)
    }

    fn below(self, key: &str) -> Option<Self> {
        let content = self.content();
        if let Some(properties) = content["properties"].as_object() {
            return properties.get(key).map(Self);
        }
        if let Some(items) = content.get("items") {
            return Some(Self(items));
        }
        let patterns = content["patternProperties"].as_object();
        let of_pattern = patterns.and_then(|patterns| patterns.values().next());
        let others = content.get("additionalProperties").filter(|it| it.is_object());
        of_pattern.or(others).map(Self)
    }

    /// What the field is.
    pub(super) fn description(self) -> Option<&'static str> {
        let own = self.0["description"].as_str();
        own.or_else(|| self.content()["description"].as_str())
    }

    /// The keys that its value may have.
    pub(super) fn keys(self) -> Vec<(&'static str, Self)> {
        let properties = self.content()["properties"].as_object();
        properties.into_iter().flatten().map(|(key, value)| (key.as_str(), Self(value))).collect()
    }

    /// Whether its value is a map or a list.
    pub(super) fn has_parts(self) -> bool {
        let content = self.content();
        ["properties", "patternProperties", "additionalProperties", "items"]
            .iter()
            .any(|keyword| content.get(keyword).is_some())
    }

    /// The values that it may have, each with what it means, if these are few.
    pub(super) fn choices(self) -> Vec<(&'static str, Option<&'static str>)> {
        let content = self.content();
        let mut choices: Vec<_> = content["enum"]
            .as_array()
            .into_iter()
            .flatten()
            .chain(content.get("const"))
            .filter_map(|choice| Some((choice.as_str()?, None)))
            .collect();
        let options = content["oneOf"].as_array().into_iter().flatten();
        choices.extend(
            options.filter_map(|it| Some((it["const"].as_str()?, it["description"].as_str()))),
        );
        let types = &content["type"];
        let is_boolean = |it: &Json| it.as_str() == Some("boolean");
        if is_boolean(types) || types.as_array().is_some_and(|all| all.iter().any(is_boolean)) {
            choices.extend([("true", None), ("false", None)]);
        }
        choices
    }
}

/// The kind of the definition that a field refers to by its name.
pub(super) fn referenced(kind: Kind, path: &[String]) -> Option<Kind> {
    let mut path: Vec<&str> = path.iter().map(String::as_str).collect();
    match kind {
        Kind::Site | Kind::Plan => {}
        Kind::Defaults if path.first() == Some(&"site") => drop(path.remove(0)),
        _ => return None,
    }
    match path.as_slice() {
        ["bench"] => Some(Kind::Bench),
        ["plan"] => Some(Kind::Plan),
        ["database", "server"] => Some(Kind::DatabaseServer),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(kind: Kind, path: &str) -> Field {
        let path: Vec<String> = path.split('.').map(str::to_owned).collect();
        Field::of(kind, &path).unwrap_or_else(|| panic!("{kind:?} has no {path:?}"))
    }

    /// Else a renamed field would silently be no reference any more.
    #[test]
    fn fields_that_refer_to_definitions_exist() {
        for (path, to) in [
            ("bench", Kind::Bench),
            ("plan", Kind::Plan),
            ("database.server", Kind::DatabaseServer),
        ] {
            let keys: Vec<String> = path.split('.').map(str::to_owned).collect();
            assert!(field(Kind::Site, path).description().is_some());
            assert_eq!(referenced(Kind::Site, &keys), Some(to));
            let of_defaults: Vec<String> = [vec!["site".to_owned()], keys.clone()].concat();
            assert!(Field::of(Kind::Defaults, &of_defaults).is_some());
            assert_eq!(referenced(Kind::Defaults, &of_defaults), Some(to));
            assert_eq!(referenced(Kind::Bench, &keys), None);
        }
    }

    #[test]
    fn every_field_of_a_site_is_described() {
        let site = Field::of(Kind::Site, &[]).unwrap();
        assert!(site.keys().len() > 10);
        for (key, field) in site.keys() {
            assert!(field.description().is_some(), "{key}");
        }
    }

    #[test]
    fn choices_are_those_of_the_language() {
        let names = |field: Field| field.choices().into_iter().map(|it| it.0).collect::<Vec<_>>();
        assert_eq!(names(field(Kind::Site, "database.mode")), ["shared", "dedicated", "external"]);
        assert_eq!(names(field(Kind::Site, "protect")), ["true", "false"]);
        assert!(names(field(Kind::Site, "siteName")).is_empty());
    }
}
