//! JSON Schemas from the Rust types: for editors, for the reference, and for [`super::shape`].

use super::{
    AcceptedDrift, Bench, Cluster, DatabaseServer, Defaults, ObjectName, ProjectRules, Settings,
    Site,
};
use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::{Map, Value, json};

/// What a file defines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A Frappe site.
    Site,
    /// A server that holds many databases.
    DatabaseServer,
    /// The processes and apps that serve sites.
    Bench,
    /// A named set of defaults for sites.
    Plan,
    /// A cluster.
    Cluster,
    /// Defaults for a folder.
    Defaults,
    /// The project's own settings, in `sitewright.yaml`.
    Project,
    /// Drift that is accepted, in `drift.yaml`.
    AcceptedDrift,
    /// The project's own rules, in `rules.yaml`.
    ProjectRules,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 9] = [
        Kind::Site,
        Kind::DatabaseServer,
        Kind::Bench,
        Kind::Plan,
        Kind::Cluster,
        Kind::Defaults,
        Kind::Project,
        Kind::AcceptedDrift,
        Kind::ProjectRules,
    ];

    /// The word after `kind:`.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Site => "Site",
            Kind::DatabaseServer => "DatabaseServer",
            Kind::Bench => "Bench",
            Kind::Plan => "Plan",
            Kind::Cluster => "Cluster",
            Kind::Defaults => "Defaults",
            Kind::Project => "Project",
            Kind::AcceptedDrift => "AcceptedDrift",
            Kind::ProjectRules => "ProjectRules",
        }
    }

    /// The kind of this name.
    pub fn named(name: &str) -> Option<Kind> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The schema's file name, such as `site.json`.
    pub fn schema_file(self) -> String {
        format!("{}.json", self.name().to_ascii_lowercase())
    }

    /// Whether references and objects use the name of a definition of this kind. A cluster has the
    /// name of its folder.
    fn has_name(self) -> bool {
        matches!(self, Kind::Site | Kind::DatabaseServer | Kind::Bench | Kind::Plan)
    }

    /// The fields that the definition itself must state. No other layer may state them.
    fn required(self) -> &'static [&'static str] {
        match self {
            Kind::Site => &["kind", "siteName"],
            Kind::Cluster => &["kind", "operators"],
            _ => &["kind"],
        }
    }

    fn generate(self) -> Value {
        match self {
            Kind::Site | Kind::Plan => of::<Site>(),
            Kind::DatabaseServer => of::<DatabaseServer>(),
            Kind::Bench => of::<Bench>(),
            Kind::Cluster => of::<Cluster>(),
            Kind::Defaults => of::<Defaults>(),
            Kind::Project => of::<Settings>(),
            Kind::AcceptedDrift => of::<AcceptedDrift>(),
            Kind::ProjectRules => of::<ProjectRules>(),
        }
    }
}

/// The description of `name`. No layer but the definition itself can state it.
const NAME: &str = "The name of the definition. References and objects use it. Default: the file \
                    name without `.yaml`. If you state it, you can rename the file, or move it to \
                    another folder of the same cluster, and no object changes. Of a live site or \
                    server, do not change the name: it would start empty.";

/// The JSON Schema of a type that is not a definition. Every object refuses unknown keys.
pub fn schema_of<T: JsonSchema>() -> Value {
    let mut schema = of::<T>();
    close(&mut schema);
    schema
}

/// The JSON Schema of a type, exactly as schemars derives it.
fn of<T: JsonSchema>() -> Value {
    let mut settings = SchemaSettings::draft2020_12();
    settings.inline_subschemas = true;
    settings.into_generator().into_root_schema_for::<T>().to_value()
}

/// The JSON Schema of a kind. Every object refuses unknown keys, and `kind` comes first. Plans and
/// defaults lack the fields that only a site's own definition may state.
pub fn json_schema(kind: Kind) -> Value {
    let mut schema = kind.generate();
    close(&mut schema);
    let mut properties = Map::new();
    properties.insert(
        "kind".into(),
        json!({"const": kind.name(), "description": "The kind of the definition."}),
    );
    if kind.has_name() {
        let mut name = of::<Option<ObjectName>>();
        if let Some(name) = name.as_object_mut() {
            name.retain(|key, _| !["$schema", "title"].contains(&key.as_str()));
        }
        name["description"] = json!(NAME);
        properties.insert("name".into(), name);
    }
    if let Some(Value::Object(fields)) = schema.get("properties") {
        properties.extend(fields.clone());
    }
    match kind {
        Kind::Plan => {
            properties.shift_remove("siteName");
            properties.shift_remove("plan");
            properties.shift_remove("data");
            without_database_name(&mut properties);
            schema["description"] = json!("A named set of defaults for sites.");
        }
        Kind::Defaults => {
            for (part, own) in [("site", &["siteName", "data"][..]), ("databaseServer", &["data"])]
            {
                let fields = properties.get_mut(part).and_then(|s| s.get_mut("properties"));
                let Some(fields) = fields.and_then(Value::as_object_mut) else { continue };
                own.iter().for_each(|field| drop(fields.shift_remove(*field)));
                if part == "site" {
                    without_database_name(fields);
                }
            }
        }
        _ => {}
    }
    schema["properties"] = Value::Object(properties);
    schema["required"] = json!(kind.required());
    schema["title"] = json!(kind.name());
    schema
}

/// Removes the name of the database, which is that of one site.
fn without_database_name(site: &mut Map<String, Value>) {
    let database = site.get_mut("database").and_then(|it| it.get_mut("properties"));
    if let Some(fields) = database.and_then(Value::as_object_mut) {
        fields.shift_remove("name");
    }
}

/// Allows null for the values of a table, as for fields. Null unsets a value.
fn nullable(schema: &mut Value) {
    if let Some(types) = schema.get_mut("type") {
        let mut all = match types.take() {
            Value::Array(all) => all,
            one => vec![one],
        };
        if !all.contains(&json!("null")) {
            all.push(json!("null"));
        }
        *types = Value::Array(all);
    }
}

/// Refuses unknown keys in every object that names its keys.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            fields.values_mut().for_each(close);
            if let Some(Value::Object(tables)) = fields.get_mut("patternProperties") {
                tables.values_mut().for_each(nullable);
            }
            if fields.contains_key("properties") {
                fields.insert("additionalProperties".into(), Value::Bool(false));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}
