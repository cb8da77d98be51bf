//! The CRD, made from the types.

use crate::{API_VERSION, CRD_NAME, GROUP, KIND, PLURAL, SHORT_NAME, VERSION};
use crate::{SiteDatabaseSpec, SiteDatabaseStatus};
use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform as _};
use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};

/// The CustomResourceDefinition of the type.
pub fn crd() -> Value {
    let column = |name: &str, path: &str, kind: &str, priority: u8, about: &str| {
        json!({
            "name": name, "type": kind, "jsonPath": path, "priority": priority, "description": about,
        })
    };
    json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": { "name": CRD_NAME },
        "spec": {
            "group": GROUP,
            "names": {
                "kind": KIND,
                "listKind": format!("{KIND}List"),
                "plural": PLURAL,
                "singular": "sitedatabase",
                "shortNames": [SHORT_NAME],
            },
            "scope": "Namespaced",
            "versions": [{
                "name": VERSION,
                "served": true,
                "storage": true,
                "subresources": { "status": {} },
                "additionalPrinterColumns": [
                    column("Ready", r#".status.conditions[?(@.type=="Ready")].status"#, "string", 0, "Whether the database is ready"),
                    column("Phase", ".status.databaseStatus.phase", "string", 0, "How far the database is"),
                    column("Host", ".status.databaseStatus.host", "string", 0, "The host name of the database server"),
                    column("Database", ".status.databaseStatus.database", "string", 0, "The name of the database"),
                    column("Age", ".metadata.creationTimestamp", "date", 0, "When the SiteDatabase was made"),
                    column("Error", ".status.databaseStatus.lastError", "string", 1, "What keeps the database from being ready"),
                ],
                "schema": { "openAPIV3Schema": {
                    "description": format!("A {KIND} tells whether the database of a site is ready, where it is, and the last error."),
                    "type": "object",
                    "required": ["spec"],
                    "properties": {
                        "apiVersion": { "type": "string", "description": format!("Always {API_VERSION}.") },
                        "kind": { "type": "string", "description": format!("Always {KIND}.") },
                        "metadata": { "type": "object" },
                        "spec": structural::<SiteDatabaseSpec>(),
                        "status": structural::<SiteDatabaseStatus>(),
                    },
                } },
            }],
        },
    })
}

/// A type's schema, in the form that an API server takes ("structural": no references, and a type
/// only at the top of each schema).
fn structural<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::openapi3().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    RecursiveTransform(simplify).transform(&mut schema);
    let mut schema = schema.to_value();
    if let Some(conditions) = schema.pointer_mut("/properties/conditions") {
        conditions["x-kubernetes-list-type"] = json!("map");
        conditions["x-kubernetes-list-map-keys"] = json!(["type"]);
    }
    schema
}

/// Takes out what a structural schema may not have: titles, `null` as a value, closed objects (the API
/// server drops unknown fields by itself), and alternatives as schemas of their own.
fn simplify(schema: &mut Schema) {
    for keyword in ["title", "nullable", "default", "additionalProperties"] {
        schema.remove(keyword);
    }
    if let Some(Value::Array(alternatives)) = schema.remove("anyOf") {
        // An optional type: the type, or null.
        let value = alternatives.into_iter().find(|it| it.get("nullable").is_none());
        for (keyword, value) in value.as_ref().and_then(Value::as_object).into_iter().flatten() {
            if !schema.as_object().is_some_and(|known| known.contains_key(keyword)) {
                schema.insert(keyword.clone(), value.clone());
            }
        }
    }
    if let Some(Value::Array(variants)) = schema.remove("oneOf") {
        let word = |variant: &Value| {
            let listed = variant.get("enum").and_then(|values| values.get(0));
            listed.or(variant.get("const")).cloned()
        };
        schema.insert("type".into(), json!("string"));
        schema.insert("enum".into(), variants.iter().filter_map(word).collect());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Calls `see` for each key below a value.
    fn keys(value: &Value, see: &mut impl FnMut(&str)) {
        match value {
            Value::Object(fields) => fields.iter().for_each(|(key, value)| {
                see(key);
                keys(value, see);
            }),
            Value::Array(items) => items.iter().for_each(|item| keys(item, see)),
            _ => {}
        }
    }

    #[test]
    fn the_schema_has_no_keyword_that_an_api_server_refuses() {
        keys(&crd(), &mut |key| {
            let refused = ["$ref", "$defs", "definitions", "anyOf", "oneOf", "nullable", "$schema"];
            assert!(!refused.contains(&key), "{key}");
        });
    }

    #[test]
    fn the_names_are_of_one_group() {
        assert_eq!(API_VERSION, format!("{GROUP}/{VERSION}"));
        assert_eq!(CRD_NAME, format!("{PLURAL}.{GROUP}"));
    }
}
