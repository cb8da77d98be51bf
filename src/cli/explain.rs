//! `sitewright explain`.

use super::arguments::{Explain, Format};
use super::outcome::Outcome;
use super::render::fail;
use super::schema::refuse;
use super::terminal::{Terminal, redacted};
use serde_json::{Value, json};
use sitewright::check::idle;
use sitewright::diagnostic::{Code, Diagnostic, Reported};
use sitewright::language::{Definition, Kind, nearest_definition};
use sitewright::layers::is_built_in;
use sitewright::object::Part;
use sitewright::output::layout;
use sitewright::plan::Planned;
use sitewright::project::Project;
use sitewright::provider::Binding;
use sitewright::resolve::{Site, Unit};
use sitewright::source::node::{self, Node};
use std::path::Path;

pub(super) fn run(arguments: &Explain, root: &Path, terminal: &Terminal) -> Outcome {
    let subject = arguments.subject.as_str();
    if is_code(subject) {
        return page(subject, terminal);
    }
    let Reported { value: project, mut diagnostics } = match Project::read(root) {
        Ok(read) => read,
        Err(unread) => return fail(unread.diagnostics, &unread.sources, terminal),
    };
    let (fleet, plans) = sitewright::fleet(&project).add_to(&mut diagnostics);
    let definition = match find(subject, &project) {
        Ok(definition) => definition,
        Err(problem) => return refuse(*problem, terminal),
    };
    let planned = plans
        .of(&fleet)
        .into_iter()
        .find(|it| it.unit.common().origin.definition.file == definition.file);
    let Some(planned) = planned else {
        if diagnostics.is_empty() {
            let message =
                format!("`{subject}` is a {}, which makes no object", definition.kind.name());
            let help = "explain a site, a database server or a bench instead: it shows the values of plans and defaults";
            // SW209: a path or a name that matches no definition.
            let problem = Diagnostic::new(Code::UnknownPath, definition.span(), message).help(help);
            diagnostics.push(problem);
        }
        return fail(diagnostics, &project.sources, terminal);
    };
    if arguments.context {
        // A context of plain maps always has a JSON form.
        let context = serde_json::to_value(planned.context(Part::Definition)).unwrap_or_default();
        let context = redacted(context);
        terminal.out(&format!("{context:#}\n"));
        return Outcome::Fine;
    }
    let explanation = Explanation { project: &project, planned };
    match terminal.format {
        Format::Json => terminal.document(&diagnostics, &project.sources, explanation.json()),
        Format::Text | Format::Markdown | Format::Sarif => {
            terminal.out_redacted(&explanation.text());
            if !diagnostics.is_empty() {
                return fail(diagnostics, &project.sources, terminal);
            }
        }
    }
    Outcome::of(&diagnostics, false)
}

fn is_code(subject: &str) -> bool {
    let digits = subject.strip_prefix("SW").or(subject.strip_prefix("sw"));
    digits.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
}

fn page(id: &str, terminal: &Terminal) -> Outcome {
    match Code::of(id) {
        Some(code) => {
            terminal.out(code.page());
            Outcome::Fine
        }
        None => {
            let known: Vec<&str> = Code::ALL.iter().map(|code| code.id()).collect();
            let message = format!("`{id}` is not a code");
            let help = format!("codes: {}", known.join(", "));
            refuse(Diagnostic::of_path(Code::UnknownPath, id, message).help(help), terminal)
        }
    }
}

/// The definition that a subject means. It is a path, with or without the folder of definitions and
/// the ending, or a name that only one definition has.
fn find<'p>(subject: &str, project: &'p Project) -> Result<&'p Definition, Box<Diagnostic>> {
    let below = project.below(subject);
    let all = &project.definitions;
    if let Some(definition) = all.iter().find(|definition| definition.path() == below) {
        return Ok(definition);
    }
    let named: Vec<&Definition> = all.iter().filter(|d| d.name() == below).collect();
    let (message, help) = match named.as_slice() {
        [only] => return Ok(only),
        [] => {
            let objects = all
                .iter()
                .filter(|d| matches!(d.kind, Kind::Site | Kind::DatabaseServer | Kind::Bench));
            // A name is compared with names, a path with paths.
            let known: Vec<String> = match below.contains('/') {
                true => objects.map(Definition::path).collect(),
                false => objects.map(|definition| definition.name().to_owned()).collect(),
            };
            let help = nearest_definition(below, "Site", known.iter().map(String::as_str));
            (format!("no definition is named `{subject}`"), help)
        }
        several => {
            let paths: Vec<String> = several.iter().map(|d| format!("`{}`", d.path())).collect();
            let message = format!("{} definitions are named `{subject}`", several.len());
            (message, format!("write {}", paths.join(" or ")))
        }
    };
    Err(Box::new(Diagnostic::of_path(Code::UnknownPath, subject, message).help(help)))
}

struct Explanation<'a, 'p> {
    project: &'p Project,
    planned: Planned<'a, 'p>,
}

impl Explanation<'_, '_> {
    /// The values with their paths and origins. Defaults that have no effect on the definition are
    /// left out, such as those of a dedicated server for a shared site.
    fn values(&self) -> Vec<(String, String, String)> {
        let sources = &self.project.sources;
        let origin = &self.planned.unit.common().origin;
        let (definition, layers) = (origin.definition, origin.layers.merged());
        let idle: Vec<String> =
            idle(self.planned.unit).iter().map(|idle| idle.path.join(".")).collect();
        let has_effect = |path: &str| {
            !idle.iter().any(|idle| path == idle || path.starts_with(&format!("{idle}.")))
        };
        let leaves = layers.leaves().into_iter().filter(|(path, node)| {
            // A plan has a name of its own.
            let is_own = node.span.file == definition.file;
            path != "kind"
                && (path != "name" || is_own)
                && (has_effect(path) || !is_built_in(sources, node.span.file))
        });
        leaves
            .map(|(path, node)| {
                let origin = match is_built_in(sources, node.span.file) {
                    true => sources.path(node.span.file).to_owned(),
                    false => sources.line_of(node.span),
                };
                (path, inline(node), origin)
            })
            .collect()
    }

    /// The facts that follow from the values.
    fn derived(&self) -> Vec<(&'static str, String)> {
        let common = self.planned.unit.common();
        let mut derived = vec![("object", common.full_name())];
        if let Unit::Site(site) = self.planned.unit {
            derived.push(("domain", site.domain.to_string()));
            derived.push(("bench", self.planned.fleet.bench(site.bench).common.full_name()));
            derived.push(("database server", self.server(site)));
            let (connection, why) = self.connection(site);
            derived.push(("connection", connection));
            derived.push(("reason", why));
            if let Some(name) = site.database.sql_name() {
                derived.push(("database and user", name.as_str().to_owned()));
            }
            if let Some(pattern) = site.database.grant_pattern() {
                derived.push(("pattern in its grant", pattern));
            }
        }
        derived
    }

    /// How frappe-operator reaches the site's database, and why it does so.
    fn connection(&self, site: &Site) -> (String, String) {
        let owner = self.planned.fleet.owner(self.planned.unit);
        let frappe = owner.cluster.profiles.frappe;
        let operator = format!("frappe-operator {}", frappe.id);
        match site.database.binding(owner) {
            Binding::Operator(server) => {
                let server = format!("{}/{}", server.namespace, server.name);
                let why = match frappe.takes_connection {
                    true => "the server is in the cluster",
                    false => "this version takes no Secret with a connection",
                };
                (format!("{operator} computes it from the server {server}"), why.to_owned())
            }
            Binding::Connection { secret, host, port } => {
                let at = match (host, port) {
                    (Some(host), Some(port)) => format!(", at {host}:{port}"),
                    (Some(host), None) => format!(", at {host}"),
                    (None, Some(port)) => format!(", on port {port}"),
                    (None, None) => String::new(),
                };
                let why = match (site.database.connection_secret(), frappe.needs_connection) {
                    (Some(_), _) => "the site states `database.connection`".to_owned(),
                    (None, true) => format!("{operator} connects every site by a Secret"),
                    (None, false) => "the server is outside the cluster".to_owned(),
                };
                (format!("by the Secret {}/{secret}{at}", site.common.namespace), why)
            }
        }
    }

    fn server(&self, site: &Site) -> String {
        let own = || site.database.own_server(&site.common);
        match (site.server, site.database.connection_secret()) {
            (Some(server), _) => self.planned.fleet.server(server).common.full_name(),
            (None, Some(secret)) => format!("the one behind the Secret {secret}"),
            (None, None) => own()
                .map(|own| format!("{}/{}, its own", site.common.namespace, own.name))
                .unwrap_or_default(),
        }
    }

    fn manifests(&self) -> Vec<String> {
        let folders = &self.project.folders;
        let path = self.planned.unit.common().origin.definition.path();
        let layout = self.project.output.layout;
        let mut files: Vec<String> = (self.planned.manifests.iter())
            .map(|manifest| layout::file(layout, &manifest.file()).to_owned())
            .map(|file| format!("{}/{path}/{file}", folders.rendered))
            .collect();
        files.dedup();
        files
    }

    fn text(&self) -> String {
        let definition = self.planned.unit.common().origin.definition;
        let file = self.project.sources.path(definition.file);
        let mut text = format!("{} {}, from {file}\n", definition.kind.name(), definition.path());
        let values = self.values();
        let rows = values.iter().map(|(path, value, origin)| [&**path, &**value, &**origin]);
        text += &format!("\nValues\n{}", table(rows.collect()));
        let derived = self.derived();
        let rows = derived.iter().map(|(what, value)| [*what, &**value, ""]);
        text += &format!("\nWhat follows from them\n{}", table(rows.collect()));
        text += "\nManifests\n";
        for file in self.manifests() {
            text += &format!("  {file}\n");
        }
        let secrets = self.planned.secrets;
        if !secrets.is_empty() {
            text += "\nSecrets that they refer to\n";
        }
        for secret in secrets {
            let keys: Vec<&str> = secret.keys().collect();
            let (name, keys) = (format!("{}/{}", secret.namespace, secret.name), keys.join(", "));
            let whose = if secret.ours { "" } else { ", yours" };
            let (holds, of) = (secret.purpose.holds, secret.purpose.of);
            text += &format!("  {name}: {keys} ({holds} of {of}{whose})\n");
        }
        text
    }

    fn json(&self) -> Value {
        let definition = self.planned.unit.common().origin.definition;
        let values = self
            .values()
            .into_iter()
            .map(|(path, value, origin)| json!({"path": path, "value": value, "origin": origin}));
        let derived =
            self.derived().into_iter().map(|(what, value)| (what.to_owned(), json!(value)));
        let secrets = self.planned.secrets.iter().map(|secret| {
            let keys: Vec<&str> = secret.keys().collect();
            json!({"namespace": secret.namespace, "name": secret.name, "keys": keys})
        });
        json!({
            "definition": definition.path(),
            "kind": definition.kind.name(),
            "values": values.collect::<Vec<_>>(),
            "derived": derived.collect::<serde_json::Map<_, _>>(),
            "manifests": self.manifests(),
            "secrets": secrets.collect::<Vec<_>>(),
        })
    }
}

/// A value on one line.
fn inline(node: &Node) -> String {
    match &node.value {
        node::Value::Null => "null (unset)".to_owned(),
        node::Value::Bool(value) => value.to_string(),
        node::Value::Int(value) => value.to_string(),
        node::Value::Float(value) => value.to_string(),
        node::Value::String(text) => text.replace('\n', "\\n"),
        node::Value::Map(entries) => {
            let entries = entries.iter().map(|e| format!("{}: {}", e.key, inline(&e.node)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        node::Value::List(items) => {
            format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", "))
        }
    }
}

/// Rows of up to three columns, aligned.
fn table(rows: Vec<[&str; 3]>) -> String {
    let width = |column: usize| {
        rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default().min(48)
    };
    let (first, second) = (width(0), width(1));
    rows.iter()
        .map(|[one, two, three]| {
            format!("{}\n", format!("  {one:<first$}  {two:<second$}  {three}").trim_end())
        })
        .collect()
}
