//! `sitewright init`: an empty folder becomes a project that renders.

use super::arguments::{Engine, Init};
use super::outcome::Outcome;
use super::render::fail;
use super::schema::{refuse, write_all};
use super::terminal::Terminal;
use sitewright::diagnostic::{Code, Diagnostic, Sources};
use sitewright::language::{GitUrl, ObjectName};
use sitewright::output::{Folder, Scope};
use sitewright::project::Project;
use std::path::Path;

/// The folder of JSON Schemas, for editors.
pub(super) const SCHEMAS: &str = "schemas";

/// The files of a new project; `CLUSTER` and `NAMESPACE` stand for what the user chose.
const FILES: [(&str, &str); 6] = [
    (".gitattributes", include_str!("scaffold/gitattributes")),
    ("sites/CLUSTER/_cluster.yaml", include_str!("scaffold/cluster.yaml")),
    ("sites/CLUSTER/_defaults.yaml", include_str!("scaffold/defaults.yaml")),
    ("sites/CLUSTER/frappe-mariadb.yaml", include_str!("scaffold/server.yaml")),
    ("sites/CLUSTER/erpnext-v15.yaml", include_str!("scaffold/bench.yaml")),
    ("sites/CLUSTER/demo.yaml", include_str!("scaffold/site.yaml")),
];

pub(super) fn run(arguments: &Init, root: &Path, terminal: &Terminal) -> Outcome {
    for name in [&arguments.cluster, &arguments.namespace] {
        if let Err(complaint) = ObjectName::new(name) {
            let problem = Diagnostic::of_path(Code::BadValue, name, complaint.message);
            return refuse(problem.help(complaint.help), terminal);
        }
    }
    if let Some(problem) = arguments.repository.as_deref().and_then(unreachable) {
        return refuse(problem, terminal);
    }
    let gitops = match (arguments.gitops, &arguments.repository) {
        (Some(Engine::Flux), Some(url)) => format!("flux\n  repository: {url}"),
        (Some(Engine::Argocd), Some(url)) => format!("argocd\n  repository: {url}"),
        _ => "flux".to_owned(),
    };
    let fill = |text: &str| {
        let text = text.replace("engine: flux", &format!("engine: {gitops}"));
        text.replace("CLUSTER", &arguments.cluster).replace("NAMESPACE", &arguments.namespace)
    };
    let files: Vec<(String, String)> =
        FILES.iter().map(|(path, text)| (fill(path), fill(text))).collect();
    let names = ["sites", SCHEMAS, "gitops", ".gitattributes"];
    if let Some(taken) = names.iter().find(|name| root.join(name).exists()) {
        let message = format!("there is a `{taken}` here already");
        let help =
            "start in an empty folder, or add sites to this project with `sitewright new site`";
        return refuse(
            Diagnostic::of_path(Code::WriteFailed, *taken, message).help(help),
            terminal,
        );
    }
    let written = files.iter().try_for_each(|(path, text)| write(&root.join(path), text));
    if let Err(error) = written.and_then(|()| write_all(&root.join(SCHEMAS))) {
        let message = format!("the project could not be written: {}", error.kind());
        return refuse(Diagnostic::of_path(Code::WriteFailed, ".", message), terminal);
    }
    for (path, _) in &files {
        terminal.line(&format!("+ {path}"));
    }
    terminal.line(&format!("+ {SCHEMAS}/*.json"));
    if arguments.gitops.is_some() {
        match deliver(root) {
            Ok(paths) => paths.iter().for_each(|path| terminal.line(&format!("+ gitops/{path}"))),
            Err(problems) => return fail(problems, &Sources::default(), terminal),
        }
    }
    terminal.line(
        "Next: `sitewright render` writes the manifests, `sitewright explain demo` says why.",
    );
    Outcome::Fine
}

/// Why an address cannot be a repository's.
fn unreachable(url: &str) -> Option<Diagnostic> {
    let complaint = GitUrl::new(url).err()?;
    Some(Diagnostic::of_path(Code::BadValue, url, complaint.message).help(complaint.help))
}

/// Writes what delivers the manifests of the new project; the paths of the files.
fn deliver(root: &Path) -> Result<Vec<String>, Vec<Diagnostic>> {
    let mut diagnostics = Vec::new();
    let files = match Project::read(root, &mut diagnostics) {
        Ok(project) => super::gitops::files(&project, &mut diagnostics),
        Err(_) => None,
    };
    let Some(files) = files else { return Err(diagnostics) };
    let folder = Folder::new(root.join("gitops"), "gitops");
    let written = folder.write(&files, &Scope::everything(), false);
    written.map(|written| written.created).map_err(|problem| vec![*problem])
}

/// Writes a file that is not there yet, with its folders.
pub(super) fn write(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    if let Some(folder) = path.parent() {
        fs_err::create_dir_all(folder)?;
    }
    fs_err::OpenOptions::new().write(true).create_new(true).open(path)?.write_all(text.as_bytes())
}
