//! Documents are current, their links lead somewhere, and their examples work.

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use sitewright::diagnostic::{Code, FileId};
    use sitewright::language::{Kind, json_schema, shape};
    use sitewright::operator::frappe::{Apps, RerunsInit};
    use sitewright::operator::{CloudNativePgVersion, FrappeVersion, MariadbVersion};
    use sitewright::source::yaml;
    use std::fmt::Write as _;
    use std::fs;
    use std::path::{Path, PathBuf};
    use std::process::Command;

    fn root() -> &'static Path {
        Path::new(env!("CARGO_MANIFEST_DIR"))
    }

    fn read(path: &str) -> String {
        fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

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
        if schema.get("properties").is_some() || schema.get("patternProperties").is_some() {
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
            "# The definition language\n\n<!-- Made from the Rust types by tests/docs.rs. -->\n\n\
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
                Kind::Plan => {
                    "in the folder of a cluster; or directly in `sites/`, for all clusters"
                }
                Kind::Cluster => "`_cluster.yaml` in a folder directly in `sites/`",
                Kind::Defaults => "`_defaults.yaml` in any folder of definitions",
                Kind::AcceptedDrift => "`drift.yaml` in the project's folder; you may leave it out",
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
    fn the_schemas_of_drift_are_made_from_the_types() {
        for (path, schema) in [
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
        assert_eq!(
            read("docs/language.md"),
            reference(),
            "UPDATE_EXPECT=1 writes docs/language.md"
        );
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
                RerunsInit::OnAnyChange => {
                    "runs again on a change, not within an hour of its last end"
                }
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
        let made =
            with_tables(with_tables(read(path), &tables_of_versions()), &tables_of_postgres());
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            fs::write(root().join(path), &made).unwrap();
        }
        assert_eq!(read(path), made, "UPDATE_EXPECT=1 writes the tables");
    }

    /// Every document that people read, by its path from the repository's folder.
    fn documents() -> Vec<PathBuf> {
        let mut found: Vec<PathBuf> =
            ["README.md", "CHANGELOG.md", "CONTRIBUTING.md"].iter().map(PathBuf::from).collect();
        for folder in ["docs", "docs/codes"] {
            for entry in fs::read_dir(root().join(folder)).unwrap() {
                let name = entry.unwrap().file_name();
                if Path::new(&name).extension().is_some_and(|extension| extension == "md") {
                    found.push(Path::new(folder).join(name));
                }
            }
        }
        found
    }

    #[test]
    fn links_lead_to_files() {
        let mut followed = 0;
        for document in documents() {
            let text = read(document.to_str().unwrap());
            for link in text.split("](").skip(1) {
                let target = link.split([')', '#']).next().unwrap_or_default();
                if target.is_empty() || target.contains("://") {
                    continue;
                }
                let path = root().join(document.parent().unwrap()).join(target);
                assert!(path.exists(), "{} links to {target}", document.display());
                followed += 1;
            }
        }
        assert!(followed > 10, "only {followed} links were found");
    }

    /// A recipe that sends its reader to a file that has moved is worse than none.
    #[test]
    fn files_that_recipes_name_are_there() {
        let mut named = 0;
        for quoted in read("CONTRIBUTING.md").split('`').skip(1).step_by(2) {
            let is_path =
                ["src/", "tests/", "benches/", "docs/"].iter().any(|it| quoted.starts_with(it));
            // `NAME`, `NNN` and `*` stand for what the reader adds.
            let is_placeholder = quoted.contains(['*', ' ', '…'])
                || ["NAME", "NNN"].iter().any(|it| quoted.contains(it));
            if is_path && !is_placeholder {
                assert!(root().join(quoted).exists(), "CONTRIBUTING.md names {quoted}");
                named += 1;
            }
        }
        assert!(named > 40, "only {named} paths were found");
    }

    /// The paths and texts of the files below a folder.
    fn texts(folder: &str) -> Vec<(PathBuf, String)> {
        let (mut folders, mut found) = (vec![root().join(folder)], Vec::new());
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let entry = entry.unwrap();
                let path = entry.path();
                match entry.file_type().unwrap().is_dir() {
                    true => folders.push(path),
                    // Some tests need files that are not UTF-8.
                    false => found.extend(fs::read_to_string(&path).ok().map(|text| (path, text))),
                }
            }
        }
        found
    }

    /// A search for a code such as SWnnn finds its rule, its page and its test. A file that makes a
    /// diagnostic has the number in a comment, because the rule itself uses the code's name.
    #[test]
    fn every_code_leads_to_its_rule_its_page_and_its_test() {
        let mut rules = texts("src");
        rules.retain(|(path, _)| !path.ends_with("tests.rs"));
        let tests = texts("tests");
        for code in Code::ALL {
            let id = code.id();
            // Whoever makes a diagnostic passes the code as an argument. A comparison has no comma.
            let (made, comment) = (format!("Code::{code:?},"), format!("// {id}: "));
            let mut makers = 0;
            for (path, text) in &rules {
                let source = text.split("\n#[cfg(test)]").next().unwrap();
                let (makes, says) = (source.contains(&made), source.contains(&comment));
                let path = path.display();
                assert_eq!(
                    says, makes,
                    "{path}: `{comment}` stands where `{made}` does, and only there"
                );
                makers += usize::from(makes);
            }
            assert!(makers > 0, "no file of src/ makes {id}");
            let page = format!("docs/codes/{id}.md");
            assert!(read(&page).contains(id), "{page} does not name {id}");
            assert!(tests.iter().any(|(_, text)| text.contains(id)), "no test names {id}");
        }
    }

    /// The fenced blocks of a language.
    fn blocks<'t>(text: &'t str, language: &str) -> Vec<&'t str> {
        let fence = format!("\n```{language}\n");
        text.split(&fence).skip(1).filter_map(|rest| rest.split("\n```").next()).collect()
    }

    /// The pages of codes also show definitions that are wrong, so `tests/diagnostics.rs` runs those.
    #[test]
    fn definitions_in_the_documents_are_valid() {
        let mut seen = 0;
        for document in documents() {
            if document.starts_with("docs/codes") {
                continue;
            }
            let text = read(document.to_str().unwrap());
            for block in blocks(&text, "yaml") {
                let first = block.lines().find(|line| !line.starts_with('#')).unwrap_or_default();
                let kind = first.strip_prefix("kind: ").and_then(|kind| kind.split(' ').next());
                let kind = kind.and_then(Kind::named);
                // Other pages also show parts of definitions, manifests and workflows.
                let may_be_other = document != Path::new("README.md");
                assert!(kind.is_some() || may_be_other, "not a definition: {block}");
                let Some(kind) = kind else { continue };
                let node = yaml::read(block, FileId(0)).unwrap();
                let problems = shape::check(kind, &node, block);
                assert_eq!(problems, [], "{}: {block}", document.display());
                seen += 1;
            }
        }
        assert!(seen >= 20, "only {seen} definitions were found");
    }

    /// The transcripts of the README, command by command, in an empty folder.
    #[test]
    fn transcripts_of_the_readme_are_true() {
        let folder = tempfile::tempdir().unwrap();
        let text = read("README.md");
        let mut run = 0;
        for block in blocks(&text, "console") {
            if block.contains("error[") {
                let site = folder.path().join("sites/production/acme.yaml");
                let broken = fs::read_to_string(&site).unwrap().replace("siteName", "sitename");
                fs::write(&site, broken).unwrap();
            }
            for transcript in format!("\n{block}").split("\n$ sitewright ").skip(1) {
                let (command, expected) = transcript.split_once('\n').unwrap();
                let output = Command::new(env!("CARGO_BIN_EXE_sitewright"))
                    .current_dir(folder.path())
                    .args(command.split(' '))
                    .output()
                    .unwrap();
                let said = [output.stdout, output.stderr].concat();
                let said = String::from_utf8(said).unwrap();
                assert_eq!(said.trim(), expected.trim(), "$ sitewright {command}");
                run += 1;
            }
        }
        assert_eq!(run, 5);
    }

    /// `tests/cmd.rs` runs the transcript, so the sample on the page is what the command prints.
    #[test]
    fn the_sample_of_a_diff_is_in_a_transcript() {
        let page = read("docs/diff.md");
        let (command, sample) = blocks(&page, "console")[0].split_once('\n').unwrap();
        assert_eq!(command, "$ sitewright diff");
        assert!(read("tests/cmd/diff.md").contains(&format!("{command}\n{sample}\n")), "{sample}");
    }

    /// The samples of the pages about one task, too.
    #[test]
    fn the_samples_of_tasks_are_in_transcripts() {
        for (page, transcripts) in [
            ("docs/moving.md", &["tests/cmd/mv.md"][..]),
            ("docs/import.md", &["tests/cmd/import.md"]),
            ("docs/drift.md", &["tests/cmd/drift.md", "tests/cmd/drift-sql.md"]),
        ] {
            let text = read(page);
            let transcripts: String = transcripts.iter().map(|path| read(path)).collect();
            let samples = blocks(&text, "console");
            assert!(!samples.is_empty(), "{page} has no sample");
            for sample in samples {
                assert!(transcripts.contains(&format!("{sample}\n")), "{page}: {sample}");
            }
        }
    }

    #[test]
    fn the_gate_runs_the_readmes_tests() {
        let readme = read("README.md");
        let commands = blocks(&readme, "sh");
        let gate = read(".ci/run");
        assert!(commands.contains(&"tests/run"), "{commands:?}");
        assert!(gate.lines().any(|line| line == "tests/run"));
    }

    /// Every variable of the templates' documentation exists, and every one that exists is there.
    #[test]
    fn the_templates_context_is_documented() {
        let text = read("docs/templates.md");
        let explain = |(folder, name): (&str, &str)| -> Value {
            let output = Command::new(env!("CARGO_BIN_EXE_sitewright"))
                .current_dir(root().join(folder))
                .args(["explain", name, "--context"])
                .output()
                .unwrap();
            serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{name}: {error}"))
        };
        let names = [
            ("", "hafen-klinik"),
            ("", "intranet"),
            ("", "frankfurt/erpnext-v15"),
            ("", "city-database"),
            ("", "mumbai/frappe-mariadb"),
            ("examples/postgres", "main"),
        ];
        let mut seen = std::collections::BTreeSet::new();
        for context in names.map(explain) {
            for (variable, fields) in context.as_object().unwrap() {
                let row = text.lines().find(|line| line.starts_with(&format!("| `{variable}` |")));
                let row = row.unwrap_or_else(|| panic!("`{variable}` is not documented"));
                let Some(fields) = fields.as_object() else { continue };
                for field in fields.keys() {
                    assert!(row.contains(&format!("`{field}`")), "`{variable}.{field}`");
                }
                seen.insert(variable.clone());
            }
        }
        let documented =
            text.lines().filter(|line| line.starts_with("| `") && !line.contains(".j2"));
        for row in documented {
            let variable = row.split('`').nth(1).unwrap();
            assert!(seen.contains(variable), "`{variable}` is documented and seen nowhere");
        }
    }
}
