//! `sitewright explain`.

use super::arguments::{Explain, Format};
use super::outcome::Outcome;
use super::render::fail;
use super::rules;
use super::schema::refuse;
use super::terminal::{Terminal, number, redacted};
use serde_json::{Value, json};
use sitewright::check::idle;
use sitewright::diagnostic::{Code, Diagnostic, Reported, Sources};
use sitewright::inventory;
use sitewright::language::{Definition, Kind};
use sitewright::layers::{Layered, is_built_in};
use sitewright::object::Part;
use sitewright::output::layout;
use sitewright::plan::Planned;
use sitewright::project::Project;
use sitewright::provider::Binding;
use sitewright::resolve::{Site, Unit};
use sitewright::site_database;
use sitewright::source::node::{self, Node};
use std::path::Path;

pub(super) fn run(arguments: &Explain, root: &Path, terminal: &Terminal) -> Outcome {
    let subject = arguments.subject.as_str();
    if is_code(subject) {
        return page(subject, terminal);
    }
    if let Some(name) = subject.strip_prefix("rule/") {
        return rules::explain(name, root, terminal);
    }
    let Reported { value: project, mut diagnostics } = match Project::read(root) {
        Ok(read) => read,
        Err(unread) => return fail(unread.diagnostics, &unread.sources, terminal),
    };
    let (fleet, plans) = sitewright::fleet(&project).add_to(&mut diagnostics);
    let definition = match inventory::find(subject, &project) {
        Ok(definition) => definition,
        Err(problem) => return refuse(*problem, terminal),
    };
    let planned = plans
        .of(&fleet)
        .into_iter()
        .find(|it| it.unit.common().origin.definition.file == definition.file);
    if planned.is_none() && (arguments.context || !HAS_USERS.contains(&definition.kind)) {
        if diagnostics.is_empty() {
            let message =
                format!("`{subject}` is a {}, which makes no object", definition.kind.name());
            let help = "explain a site, a database server or a bench instead: it shows the values of plans and defaults";
            // SW209: a path or a name that matches no definition.
            let problem = Diagnostic::new(Code::UnknownPath, definition.span(), message).help(help);
            diagnostics.push(problem);
        }
        return fail(diagnostics, &project.sources, terminal);
    }
    if let Some(planned) = planned.filter(|_| arguments.context) {
        // A context of plain maps always has a JSON form.
        let context = serde_json::to_value(planned.context(Part::Definition)).unwrap_or_default();
        match terminal.format {
            Format::Json => terminal.document(&diagnostics, &project.sources, context),
            _ => terminal.out(&format!("{:#}\n", redacted(context))),
        }
        return Outcome::Fine;
    }
    let users =
        inventory::users(definition, &fleet).map(|it| it.iter().map(|it| it.path()).collect());
    let is_long = terminal.verbose;
    let explanation = Explanation { project: &project, definition, planned, users, is_long };
    match terminal.format {
        Format::Json => terminal.document(&diagnostics, &project.sources, explanation.json()),
        _ => {
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
        Some(code) if terminal.format == Format::Json => {
            let result = json!({
                "code": code.id(),
                "severity": code.severity().name(),
                "title": code.title(),
                "page": code.page(),
            });
            terminal.document(&[], &Sources::default(), result);
            Outcome::Fine
        }
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

/// The kinds that make no object and can be explained: the definitions that use them are shown.
const HAS_USERS: [Kind; 2] = [Kind::Plan, Kind::Cluster];

struct Explanation<'a, 'p> {
    project: &'p Project,
    definition: &'p Definition,
    /// What the definition makes, if it makes objects.
    planned: Option<Planned<'a, 'p>>,
    /// The paths of the definitions that use it, if others can.
    users: Option<Vec<String>>,
    /// Whether the text lists all of them.
    is_long: bool,
}

impl Explanation<'_, '_> {
    /// The values with their paths and origins. Defaults that have no effect on the definition are
    /// left out, such as those of a dedicated server for a shared site.
    fn values(&self) -> Vec<(String, String, String)> {
        let sources = &self.project.sources;
        let (leaves, idle) = match &self.planned {
            Some(planned) => {
                let idle = idle(planned.unit);
                let idle: Vec<String> = idle.iter().map(|idle| idle.path.join(".")).collect();
                (planned.unit.common().origin.layers.merged().leaves(), idle)
            }
            // Nothing is below a plan or a cluster.
            None => {
                let node = self.definition.node.as_ref();
                (node.map(|it| Layered::Stated(it).leaves()).unwrap_or_default(), Vec::new())
            }
        };
        let has_effect = |path: &str| {
            !idle.iter().any(|idle| path == idle || path.starts_with(&format!("{idle}.")))
        };
        let leaves = leaves.into_iter().filter(|(path, node)| {
            // A plan has a name of its own.
            let is_own = node.span.file == self.definition.file;
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
        let Some(planned) = &self.planned else { return Vec::new() };
        let common = planned.unit.common();
        let mut derived = vec![("object", common.full_name())];
        if let Unit::Site(site) = planned.unit {
            derived.push(("domain", site.domain.to_string()));
            derived.push(("bench", planned.fleet.bench(site.bench).common.full_name()));
            derived.push(("database server", server(site, planned)));
            let (connection, why) = connection(site, planned);
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

    fn manifests(&self) -> Vec<String> {
        let folders = &self.project.folders;
        let path = self.definition.path();
        let layout = self.project.output.layout;
        let manifests = self.planned.map_or(&[] as &[_], |planned| planned.manifests);
        let report = self.planned.and_then(|planned| site_database::manifest(&planned));
        let mut files: Vec<String> = manifests
            .iter()
            .chain(&report)
            .map(|manifest| layout::file(layout, &manifest.file()).to_owned())
            .map(|file| format!("{}/{path}/{file}", folders.rendered))
            .collect();
        files.dedup();
        files
    }

    fn text(&self) -> String {
        let definition = self.definition;
        let file = self.project.sources.path(definition.file);
        let mut text = format!("{} {}, from {file}\n", definition.kind.name(), definition.path());
        let values = self.values();
        let rows = values.iter().map(|(path, value, origin)| [&**path, &**value, &**origin]);
        text += &format!("\nValues\n{}", table(rows.collect()));
        let derived = self.derived();
        if !derived.is_empty() {
            let rows = derived.iter().map(|(what, value)| [*what, &**value, ""]);
            text += &format!("\nWhat follows from them\n{}", table(rows.collect()));
        }
        if let Some(users) = &self.users {
            text += &self.used_by(users);
        }
        if self.planned.is_some() {
            text += "\nManifests\n";
        }
        for file in self.manifests() {
            text += &format!("  {file}\n");
        }
        text + &self.secrets()
    }

    /// The definitions that use it: the first ones, or all.
    fn used_by(&self, users: &[String]) -> String {
        /// The number of definitions that are listed without `-v`.
        const LISTED: usize = 10;
        let shown = if self.is_long { users.len() } else { LISTED.min(users.len()) };
        let mut text = format!("\nUsed by {}\n", number(users.len(), "definition"));
        for path in &users[..shown] {
            text += &format!("  {path}\n");
        }
        if shown < users.len() {
            text += &format!("  and {} more; -v lists all\n", users.len() - shown);
        }
        text
    }

    fn secrets(&self) -> String {
        let secrets = self.planned.map_or(&[] as &[_], |planned| planned.secrets);
        let mut text = String::new();
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
        let definition = self.definition;
        let values = self
            .values()
            .into_iter()
            .map(|(path, value, origin)| json!({"path": path, "value": value, "origin": origin}));
        let derived =
            self.derived().into_iter().map(|(what, value)| (what.to_owned(), json!(value)));
        let secrets = self.planned.map_or(&[] as &[_], |planned| planned.secrets).iter();
        let secrets = secrets.map(|secret| {
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
            "usedBy": self.users,
        })
    }
}

/// How frappe-operator reaches the site's database, and why it does so.
fn connection(site: &Site, planned: &Planned) -> (String, String) {
    let owner = planned.fleet.owner(planned.unit);
    let frappe = owner.cluster.profiles.frappe;
    let operator = format!("frappe-operator {}", frappe.id);
    match site.database.binding(owner) {
        Binding::Operator { server, .. } => {
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

fn server(site: &Site, planned: &Planned) -> String {
    let own = || site.database.own_server(&site.common);
    match (site.server, site.database.connection_secret()) {
        (Some(server), _) => planned.fleet.server(server).common.full_name(),
        (None, Some(secret)) => format!("the one behind the Secret {secret}"),
        (None, None) => own()
            .map(|own| format!("{}/{}, its own", site.common.namespace, own.name))
            .unwrap_or_default(),
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
