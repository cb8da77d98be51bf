//! `sitewright init`: writes a complete project into an empty folder.

use super::arguments::{Engine, Format, Init};
use super::outcome::Outcome;
use super::render::fail;
use super::schema::{refuse, write_all};
use super::terminal::Terminal;
use serde_json::json;
use sitewright::diagnostic::{Code, Diagnostic, Reported, Sources, cause};
use sitewright::language::{Complaint, GitUrl, Kind, ObjectName};
use sitewright::output::{Folder, Scope};
use sitewright::project::Project;
use std::io::{self, Write as _};
use std::path::Path;

/// The folder of JSON Schemas, for editors.
pub(super) const SCHEMAS: &str = "schemas";

/// The files of a new project. `CLUSTER` and `NAMESPACE` are placeholders for the user's arguments.
const FILES: [(&str, &str); 5] = [
    ("sites/CLUSTER/_cluster.yaml", include_str!("scaffold/cluster.yaml")),
    ("sites/CLUSTER/_defaults.yaml", include_str!("scaffold/defaults.yaml")),
    ("sites/CLUSTER/frappe-mariadb.yaml", include_str!("scaffold/server.yaml")),
    ("sites/CLUSTER/erpnext-v15.yaml", include_str!("scaffold/bench.yaml")),
    ("sites/CLUSTER/demo.yaml", include_str!("scaffold/site.yaml")),
];

/// The lines of `.gitattributes`. A repository may have such a file already.
const ATTRIBUTES: (&str, &str) = (".gitattributes", include_str!("scaffold/gitattributes"));

/// The credentials that Flux needs for a repository behind ssh.
const KEY: &str = "
  # The Secret of the key, here the one that `flux bootstrap` makes.
  credentials:
    name: flux-system";

pub(super) fn run(arguments: &Init, root: &Path, terminal: &Terminal) -> Outcome {
    for name in [&arguments.cluster, &arguments.namespace] {
        if let Err(complaint) = ObjectName::new(name) {
            // SW104: a value that is not allowed.
            let problem = Diagnostic::of_path(Code::BadValue, name, complaint.message);
            return refuse(problem.help(complaint.help), terminal);
        }
    }
    let gitops = match gitops(arguments) {
        Ok(gitops) => gitops,
        Err(problem) => return refuse(*problem, terminal),
    };
    // The address is replaced last, because it may contain the other placeholders.
    let fill = |text: &str| {
        text.replace("CLUSTER", &arguments.cluster)
            .replace("NAMESPACE", &arguments.namespace)
            .replace("engine: flux", &gitops)
    };
    let files: Vec<(String, String)> =
        FILES.iter().map(|(path, text)| (fill(path), fill(text))).collect();
    let names = ["sites", SCHEMAS, "gitops"];
    if let Some(taken) = names.iter().find(|name| root.join(name).exists()) {
        let message = format!("this folder already has a `{taken}`");
        let help =
            "start in an empty folder, or add sites to this project with `sitewright new site`";
        // SW602: `init` overwrites nothing.
        return refuse(
            Diagnostic::of_path(Code::WriteFailed, *taken, message).help(help),
            terminal,
        );
    }
    let written = attributes(root).and_then(|said| {
        files.iter().try_for_each(|(path, text)| write(&root.join(path), text))?;
        write_all(&root.join(SCHEMAS))?;
        Ok(said)
    });
    let said = match written {
        Ok(said) => said,
        Err(error) => {
            let message = format!("the project could not be written: {}", cause(&error));
            return refuse(Diagnostic::of_path(Code::WriteFailed, ".", message), terminal);
        }
    };
    terminal.line(&said);
    for (path, _) in &files {
        terminal.line(&format!("+ {path}"));
    }
    terminal.line(&format!("+ {SCHEMAS}/*.json"));
    let attributes = (!said.starts_with('=')).then(|| ATTRIBUTES.0.to_owned());
    let files = files.into_iter().map(|(path, _)| path);
    let mut paths: Vec<String> = attributes.into_iter().chain(files).collect();
    paths.extend(Kind::ALL.map(|kind| format!("{SCHEMAS}/{}", kind.schema_file())));
    if arguments.gitops.is_some() {
        match deliver(root, terminal) {
            Ok(delivered) => {
                let delivered = delivered.into_iter().map(|path| format!("gitops/{path}"));
                for path in delivered {
                    terminal.line(&format!("+ {path}"));
                    paths.push(path);
                }
            }
            Err(outcome) => return outcome,
        }
    }
    if terminal.format == Format::Json {
        terminal.document(&[], &Sources::default(), json!({"files": paths, "written": true}));
    }
    terminal.line(
        "Next: `sitewright render` writes the manifests, `sitewright explain demo` shows where each value comes from.",
    );
    Outcome::Fine
}

/// Writes [`ATTRIBUTES`], or adds the missing lines to an existing file. Returns the line of the
/// report.
fn attributes(root: &Path) -> io::Result<String> {
    let (name, wanted) = ATTRIBUTES;
    let path = root.join(name);
    let stated = match fs_err::read_to_string(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            write(&path, wanted)?;
            return Ok(format!("+ {name}"));
        }
        stated => stated?,
    };
    let is_stated = |line: &str| stated.lines().any(|other| other.trim() == line);
    let missing: Vec<&str> = wanted.lines().filter(|line| !is_stated(line)).collect();
    if missing.iter().all(|line| line.starts_with('#')) {
        return Ok(format!("= {name}, which needs no change"));
    }
    let end = if stated.is_empty() || stated.ends_with('\n') { "" } else { "\n" };
    let mut file = fs_err::OpenOptions::new().append(true).open(&path)?;
    file.write_all(format!("{end}{}\n", missing.join("\n")).as_bytes())?;
    Ok(format!("~ {name}, with {} more lines", missing.len()))
}

/// The engine's fields of the new cluster, or why they are not valid.
fn gitops(arguments: &Init) -> Result<String, Box<Diagnostic>> {
    let (Some(engine), Some(url)) = (arguments.gitops, &arguments.repository) else {
        return Ok("engine: flux".to_owned());
    };
    let refused = |complaint: Complaint| {
        let problem = Diagnostic::of_path(Code::BadValue, "--repository", complaint.message);
        Box::new(problem.help(complaint.help))
    };
    let address = GitUrl::new(url).map_err(refused)?;
    let (name, key) = match engine {
        Engine::Argocd => ("argocd", ""),
        Engine::Flux => {
            address.check_for_flux().map_err(refused)?;
            ("flux", if address.needs_key() { KEY } else { "" })
        }
    };
    Ok(format!("engine: {name}\n  repository: {url}{key}"))
}

/// Writes the objects that deliver the manifests of the new project. Returns the paths of the
/// files.
fn deliver(root: &Path, terminal: &Terminal) -> Result<Vec<String>, Outcome> {
    let read = Project::read(root);
    let read = read.map_err(|unread| fail(unread.diagnostics, &unread.sources, terminal))?;
    let Reported { value: project, diagnostics } = read;
    let files = super::gitops::files(&project, diagnostics);
    let files = files.map_err(|problems| fail(problems, &project.sources, terminal))?.value;
    let folder = Folder::new(root.join("gitops"), "gitops");
    let written = folder.write(&files, &Scope::everything(), false);
    let written = written.map_err(|problem| fail(vec![*problem], &project.sources, terminal))?;
    Ok(written.created)
}

/// Writes a file that does not exist yet, and its folders.
pub(super) fn write(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs_err::create_dir_all(folder)?;
    }
    fs_err::OpenOptions::new().write(true).create_new(true).open(path)?.write_all(text.as_bytes())
}
