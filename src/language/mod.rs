//! The definition language: its kinds as Rust types. The types are the only source of the parser,
//! of the JSON Schemas and of the checks of a single file.
//!
//! Every field is optional here, because any layer may state it. [`crate::resolve`] merges the
//! layers and asks for required fields. [`shape::check`] compares a document with the shape of its
//! kind, which is compiled from the type's JSON Schema. It finds all problems of a document at
//! once, each with its place.

mod advice;
mod backup;
mod bench;
mod cluster;
pub mod day;
mod document;
mod drift;
mod lookup;
mod order;
mod pattern;
mod release;
mod rules;
mod schema;
mod server;
pub mod shape;
mod shared;
mod site;
pub mod values;

#[cfg(test)]
pub(crate) use advice::IMPORTED_GROUPS;
pub use advice::nearest;
pub use backup::*;
pub use bench::*;
pub use cluster::*;
pub use document::{Definition, definitions, nearest_definition};
pub use drift::*;
pub use lookup::Lookup;
pub use order::Fields;
pub use pattern::{fits, fits_path};
pub use release::release_numbers;
pub use rules::*;
pub use schema::{Kind, json_schema, schema_of};
pub use server::*;
pub use shared::*;
pub use site::*;
pub use values::*;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, de};
use std::{borrow::Cow, fmt};

/// The value of a my.cnf setting: text, a whole number or a switch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum SettingText {
    /// A switch: ON or OFF.
    Switch(bool),
    /// Any other value, as the definition writes it.
    Text(String),
}

impl<'de> Deserialize<'de> for SettingText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = SettingText;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("text, a whole number or a boolean")
            }
            fn visit_bool<E: de::Error>(self, switch: bool) -> Result<SettingText, E> {
                Ok(SettingText::Switch(switch))
            }
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<SettingText, E> {
                Ok(SettingText::Text(number.to_string()))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<SettingText, E> {
                let value = SettingValue::new(text).map_err(|c| E::custom(c.message))?;
                Ok(SettingText::Text(value.as_str().to_owned()))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl JsonSchema for SettingText {
    fn schema_name() -> Cow<'static, str> {
        "SettingText".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = SettingValue::json_schema(generator);
        schema.insert("type".into(), serde_json::json!(["string", "integer", "boolean"]));
        schema
    }
}
