//! Documents that are made from types and profiles are current.

use crate::texts::{read, root};
use serde_json::Value;
use sitewright::diagnostic::FileId;
use sitewright::language::{Kind, json_schema, shape};
use sitewright::operator::frappe::{Apps, RerunsInit};
use sitewright::operator::{CloudNativePgVersion, FrappeVersion, MariadbVersion};
use sitewright::source::yaml;
use std::fmt::Write as _;
use std::fs;

/// What a field takes, in a few words.
fn takes(schema: &Value) -> String {
    if let Some(first) = schema["anyOf"].get(0) {
        return takes(first);
    }
    if let Some(options) = schema["oneOf"].as_array() {
        let words: Vec<String> = options
            .iter()
            .map(|option| format!("`{}`", option["const"].as_str().unwrap()))
            .collect();
        return words.join(", ");
    }
    if let Some(only) = schema["const"].as_str() {
        return format!("`{only}`");
    }
    if let Some(words) = schema["enum"].as_array() {
        let words: Vec<String> =
            words.iter().filter_map(Value::as_str).map(|word| format!("`{word}`")).collect();
        return words.join(", ");
    }
    if schema.get("items").is_some() {
        return "a list".to_owned();
    }
    let is_map = schema.get("properties").is_some() || schema["type"] == "object";
    if is_map || schema.get("patternProperties").is_some() {
        return "a map".to_owned();
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        many => many.as_array().unwrap().iter().filter_map(Value::as_str).collect(),
    };
    let format = schema["format"].as_str().and_then(sitewright::language::Format::named);
    let word = |name: &&str| match *name {
        "string" => Some(format.map_or("text", |format| format.what)),
        "integer" => Some("a whole number"),
        "boolean" => Some("`true` or `false`"),
        _ => None,
    };
    types.iter().filter_map(word).collect::<Vec<_>>().join(", ")
}

/// The part of a schema that describes the value itself, or each item of a list.
fn inner(schema: &Value) -> &Value {
    let schema = schema["anyOf"].get(0).unwrap_or(schema);
    schema.get("items").unwrap_or(schema)
}

/// A map that several fields take. The reference lists its fields once.
struct SharedMap {
    heading: &'static str,
    schema: Value,
}

fn shared_maps() -> Vec<SharedMap> {
    let maps = [
        ("Backups", Kind::Site, "backup"),
        ("Starting from a backup", Kind::Site, "database.bootstrapFrom"),
        ("Object stores", Kind::Site, "backup.storage.s3"),
        ("CPU and memory", Kind::Site, "backup.resources"),
        ("Metrics", Kind::Site, "database.metrics"),
        ("Scaling of workers", Kind::Bench, "workerAutoscaling.default"),
    ];
    let map = |(heading, kind, path): (&'static str, Kind, &str)| {
        let schema = path
            .split('.')
            .fold(json_schema(kind), |schema, key| inner(&schema)["properties"][key].clone());
        SharedMap { heading, schema: inner(&schema).clone() }
    };
    maps.into_iter().map(map).collect()
}

/// The rows of the fields of a map. A field that takes a shared map links to its table.
fn fields(schema: &Value, path: &str, shared: &[SharedMap], out: &mut String) {
    let list = if schema.get("items").is_some() { "[]" } else { "" };
    let (schema, path) = (inner(schema), format!("{path}{list}"));
    let Some(properties) = schema["properties"].as_object() else { return };
    for (name, field) in properties {
        let below = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        let what = field["description"].as_str().unwrap_or_default().replace('\n', " ");
        let same = |map: &&SharedMap| map.schema["properties"] == inner(field)["properties"];
        let table = shared.iter().find(same);
        let link = table.map_or_else(String::new, |SharedMap { heading, .. }| {
            let anchor = heading.to_lowercase().replace(' ', "-");
            format!(" Fields: [{heading}](#{anchor}).")
        });
        writeln!(out, "| `{below}` | {} | {what}{link} |", takes(field)).unwrap();
        // Sites, servers and benches have chapters of their own.
        let has_chapter = ["site", "databaseServer", "bench"].contains(&below.as_str());
        if !has_chapter && table.is_none() {
            fields(field, &below, shared, out);
        }
    }
}

/// A definition of each kind, with its most important fields.
#[expect(clippy::too_many_lines, reason = "a table of examples")]
fn example(kind: Kind) -> &'static str {
    match kind {
        Kind::Site => {
            "# sites/production/acme.yaml\n\
             kind: Site\n\
             siteName: erp.acme.com\n\
             bench: erpnext-v15\n\
             apps: [erpnext]\n\
             database:\n  \
               mode: shared\n  \
               server: frappe-mariadb\n"
        }
        Kind::DatabaseServer => {
            "# sites/production/frappe-mariadb.yaml\n\
             kind: DatabaseServer\n\
             version: \"10.11\"\n\
             storageSize: 50Gi\n\
             maxConnections: 500\n\
             myCnf:\n  \
               innodb_buffer_pool_size: 2G\n"
        }
        Kind::Bench => {
            "# sites/production/erpnext-v15.yaml\n\
             kind: Bench\n\
             frappeVersion: version-15\n\
             image: {repository: frappe/erpnext, tag: v15.90.1}\n\
             apps:\n  \
               - {name: erpnext, source: image}\n\
             componentReplicas: {gunicorn: 2, workerDefault: 2}\n"
        }
        Kind::Plan => {
            "# sites/business.yaml\n\
             kind: Plan\n\
             database: {maxUserConnections: 200}\n\
             tls: {enabled: true, issuer: letsencrypt}\n"
        }
        Kind::Cluster => {
            "# sites/production/_cluster.yaml\n\
             kind: Cluster\n\
             operators: {frappe: \"2.6\", mariadb: \"26.6\"}\n\
             gitops: {engine: flux, repository: https://github.com/acme/fleet}\n\
             secrets: {mode: sealed}\n\
             namespace: frappe\n"
        }
        Kind::Defaults => {
            "# sites/production/retail/_defaults.yaml\n\
             kind: Defaults\n\
             site:\n  \
               namespace: retail\n  \
               bench: erpnext-v15\n\
             databaseServer:\n  \
               storageClassName: fast\n"
        }
        Kind::AcceptedDrift => {
            "# drift.yaml\n\
             kind: AcceptedDrift\n\
             accepted:\n  \
               - object: Database/erp/acme-db\n    \
                 field: spec.characterSet\n    \
                 reason: the migration is planned for January\n    \
                 expires: \"2027-01-31\"\n"
        }
        Kind::ProjectRules => {
            "# rules.yaml\n\
             kind: ProjectRules\n\
             rules:\n  \
               - name: dedicated-has-backup\n    \
                 about: site\n    \
                 when: site.database.mode == \"dedicated\"\n    \
                 require: has(site.backup)\n    \
                 message: \"{{ site.name }} has a server of its own, and no backup\"\n"
        }
        Kind::Project => {
            "# sitewright.yaml\n\
             kind: Project\n\
             layout: site\n\
             maxRemovals: 5%\n"
        }
    }
}

fn reference() -> String {
    let mut out = String::from(
        "# The definition language\n\n<!-- Made from the Rust types by tests/docs/generated.rs. -->\n\n\
         A definition is one YAML file in UTF-8, of at most 1 MiB. The file name is the name of the object,\n\
         unless the definition states another `name`.\n\
         The first key is `kind`:\n\n",
    );
    let shared = shared_maps();
    out.push_str("| kind | meaning | file |\n|---|---|---|\n");
    for kind in Kind::ALL {
        let schema = json_schema(kind);
        let place = match kind {
            Kind::Site | Kind::DatabaseServer | Kind::Bench => "in the folder of a cluster",
            Kind::Plan => "in the folder of a cluster; or directly in `sites/`, for all clusters",
            Kind::Cluster => "`_cluster.yaml` in a folder directly in `sites/`",
            Kind::Defaults => "`_defaults.yaml` in any folder of definitions",
            Kind::AcceptedDrift => "`drift.yaml` in the project's folder; you may leave it out",
            Kind::ProjectRules => "`rules.yaml` in the project's folder; you may leave it out",
            Kind::Project => "`sitewright.yaml` in the project's folder; you may leave it out",
        };
        let what = schema["description"].as_str().unwrap_or_default().replace('\n', " ");
        let (name, anchor) = (kind.name(), kind.name().to_lowercase());
        writeln!(out, "| [{name}](#{anchor}) | {what} | {place} |").unwrap();
    }
    out.push_str(
        "\n**Layers.** A value comes from the strongest layer that states it. The layers, from weak to strong:\n\
         the built-in values, the cluster, the `_defaults.yaml` files from the top folder down to the folder of\n\
         the definition, the plan, the definition. Every layer may state every field, unless the field says\n\
         otherwise. Maps merge key by key. A list replaces a list.\n\n\
         **`null`.** `null`, or a key without a value, removes the value of the weaker layers. The default then\n\
         applies again. You can write it for every field, for whole maps, and for keys of `labels`,\n\
         `annotations` and `myCnf`, but not for an item of a list. An empty `site:`, `databaseServer:` or\n\
         `bench:` in a `_defaults.yaml` has no effect.\n",
    );
    for kind in Kind::ALL {
        let schema = json_schema(kind);
        write!(out, "\n## {}\n\n```yaml\n{}```\n\n", kind.name(), example(kind)).unwrap();
        if kind == Kind::Plan {
            out.push_str("A Plan has the fields of a Site, except `siteName` and `plan`.\n");
            continue;
        }
        out.push_str(TABLE);
        fields(&schema, "", &shared, &mut out);
    }
    out.push_str("\n## Maps that several fields take\n");
    for SharedMap { heading, schema } in &shared {
        write!(out, "\n### {heading}\n\n{TABLE}").unwrap();
        fields(schema, "", &shared, &mut out);
    }
    out
}

const TABLE: &str = "| field | value | meaning |\n|---|---|---|\n";

#[test]
fn examples_of_the_reference_are_valid() {
    for kind in Kind::ALL {
        let text = example(kind);
        let node = yaml::read(text, FileId(0)).unwrap();
        assert_eq!(shape::check(kind, &node, text), [], "{text}");
    }
}

/// What machines read of a diff has a schema of its own, made from the types too.
#[test]
fn the_schema_of_diffs_is_made_from_the_types() {
    let path = root().join("docs/diff.schema.json");
    let schema = format!("{:#}\n", sitewright::diff::report::schema());
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, &schema).unwrap();
    }
    assert_eq!(read("docs/diff.schema.json"), schema, "UPDATE_EXPECT=1 writes it");
}

/// What machines read of an import, too.
#[test]
fn the_schema_of_imports_is_made_from_the_types() {
    let path = root().join("docs/import.schema.json");
    let schema = format!("{:#}\n", sitewright::import::report::schema());
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, &schema).unwrap();
    }
    assert_eq!(read("docs/import.schema.json"), schema, "UPDATE_EXPECT=1 writes it");
}

#[test]
fn the_schemas_of_reports_about_clusters_are_made_from_the_types() {
    for (path, schema) in [
        ("docs/status.schema.json", sitewright::fleet_status::report::schema()),
        ("docs/drift.schema.json", sitewright::drift::report::schema()),
        ("docs/drift-sql.schema.json", sitewright::drift::sql::report::schema()),
    ] {
        let schema = format!("{schema:#}\n");
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            fs::write(root().join(path), &schema).unwrap();
        }
        assert_eq!(read(path), schema, "UPDATE_EXPECT=1 writes it");
    }
}

#[test]
fn the_reference_is_made_from_the_types() {
    let path = root().join("docs/language.md");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, reference()).unwrap();
    }
    assert_eq!(read("docs/language.md"), reference(), "UPDATE_EXPECT=1 writes docs/language.md");
}

/// A table of docs/versions.md: its head, and a row for each profile.
struct Table {
    head: &'static str,
    rows: Vec<String>,
}

/// The tables of docs/versions.md, made from the profiles.
fn tables_of_versions() -> [Table; 3] {
    let yes = |does: bool| if does { "yes" } else { "no" };
    let frappe = FrappeVersion::ALL.map(FrappeVersion::profile);
    let sites = frappe.map(|profile| {
        let late = if profile.oldest_frappe_in_part { "a late " } else { "" };
        let apps = match profile.apps {
            Apps::Always(app) => format!("{app}, always"),
            Apps::Stated => "those in `apps`".to_owned(),
        };
        let deletion = match profile.drops_site {
            true => "drops the site with its database",
            false if profile.has_deletion_policy => {
                "does nothing under `Retain`, which is rendered"
            }
            false => "does nothing",
        };
        let connects = yes(profile.takes_connection);
        let (id, releases, oldest) = (profile.id, profile.releases, profile.oldest_frappe);
        format!("| `{id}` | {releases} | {late}{oldest} | {apps} | {connects} | {deletion} |")
    });
    let changes = frappe.map(|profile| {
        let init = match profile.reruns_init {
            RerunsInit::Never => "runs once",
            RerunsInit::OnAnyChange => "runs again on a change, not within an hour of its last end",
            RerunsInit::OnSiteVersion => "runs again when `siteVersion` changes",
        };
        let image = match profile.follows_images {
            true => "reaches the Deployments",
            false => "reaches new sites only",
        };
        format!("| `{}` | {init} | {image} |", profile.id)
    });
    let servers = MariadbVersion::ALL.map(MariadbVersion::profile).map(|profile| {
        let root = match profile.rotates_root_password {
            true => "is applied",
            false => "is never applied: all SQL of the server fails",
        };
        let drops = match profile.drops_outside {
            true => "drops what its object says",
            false => "drops nothing",
        };
        format!("| `{}` | {} | {root} | {drops} |", profile.id, profile.releases)
    });
    [
        Table {
            head: "| `operators.frappe` | releases | oldest Frappe | apps of a new site | connects a site to a \
                   database that exists | deleting a FrappeSite |",
            rows: sites.into(),
        },
        Table {
            head: "| `operators.frappe` | the init Job of a site | a new image of a bench |",
            rows: changes.into(),
        },
        Table {
            head: "| `operators.mariadb` | releases | a new root password | a deletion on a server outside the \
                   cluster |",
            rows: servers.into(),
        },
    ]
}

/// The tables about PostgreSQL.
fn tables_of_postgres() -> [Table; 2] {
    let frappe = FrappeVersion::ALL.map(FrappeVersion::profile);
    let postgres = CloudNativePgVersion::ALL.map(CloudNativePgVersion::profile);
    let postgres = postgres.map(|profile| {
        format!("| `{}` | {} | {} |", profile.id, profile.releases, profile.oldest_postgres)
    });
    let refused = frappe.map(|profile| {
        let postgres = profile.no_postgres.unwrap_or("it does not fail");
        format!("| `{}` | {postgres} | {} |", profile.id, profile.no_sqlite)
    });
    [
        Table {
            head: "| `operators.cloudnativePg` | releases | oldest PostgreSQL |",
            rows: postgres.into(),
        },
        Table {
            head: "| `operators.frappe` | why a site on PostgreSQL fails | why a site on SQLite fails |",
            rows: refused.into(),
        },
    ]
}

/// A text whose tables with these heads have these rows.
fn with_tables(mut text: String, tables: &[Table]) -> String {
    for Table { head, rows } in tables {
        let start = text.find(head).unwrap_or_else(|| panic!("no table `{head}`"));
        let end = text[start..].find("\n\n").map_or(text.trim_end().len(), |end| start + end);
        let line = "|---".repeat(head.matches('|').count() - 1);
        text.replace_range(start..end, &format!("{head}\n{line}|\n{}", rows.join("\n")));
    }
    text
}

#[test]
fn the_tables_of_versions_are_made_from_the_profiles() {
    let path = "docs/versions.md";
    let made = with_tables(with_tables(read(path), &tables_of_versions()), &tables_of_postgres());
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(root().join(path), &made).unwrap();
    }
    assert_eq!(read(path), made, "UPDATE_EXPECT=1 writes the tables");
}
