//! `sitewright new`: writes a complete definition into the right folder.

use super::arguments::{
    Format, New, NewBench, NewCluster, NewPlan, NewProvider, NewServer, NewSite,
};
use super::init::{SCHEMAS, write};
use super::outcome::Outcome;
use super::render::fail;
use super::schema::refuse;
use super::terminal::Terminal;
use serde_json::{Value, json};
use sitewright::diagnostic::{self, Code, Diagnostic, Reported, Sources, cause};
use sitewright::language::{
    Complaint, Definition, Image, ImageTag, Kind, ObjectName, SiteName, Size, Word,
};
use sitewright::project::Project;
use std::io::ErrorKind;
use std::path::Path;

/// A definition that is added: its path below the folder of definitions, without `.yaml`, and its text.
type Added = (String, String);

pub(super) fn run(what: &New, root: &Path, terminal: &Terminal) -> Outcome {
    let Reported { value: project, .. } = match Project::read(root) {
        Ok(read) => read,
        Err(unread) => return fail(unread.diagnostics, &unread.sources, terminal),
    };
    let added = match what {
        New::Site(arguments) => site(arguments, &project),
        New::Server(arguments) => server(arguments, &project),
        New::Bench(arguments) => bench(arguments, &project),
        New::Plan(arguments) => plan(arguments, &project),
        New::Cluster(arguments) => cluster(arguments),
    };
    let (path, text) = match added {
        Ok(added) => added,
        Err(problem) => return refuse(*problem, terminal),
    };
    let shown = format!("{}/{path}.yaml", project.folders.sites);
    let is_dry = what.is_dry();
    let written = match is_dry {
        true if root.join(&shown).exists() => Err(ErrorKind::AlreadyExists.into()),
        true => Ok(()),
        false => write(&root.join(&shown), &text),
    };
    if let Err(error) = written {
        let message = match error.kind() {
            ErrorKind::AlreadyExists => format!("`{shown}` already exists"),
            _ => format!("`{shown}` could not be written: {}", cause(&error)),
        };
        // SW602: the definition could not be written.
        let problem = Diagnostic::of_path(Code::WriteFailed, shown, message);
        let help =
            "edit the file, or choose another name: sitewright never overwrites a definition";
        return refuse(problem.help(help), terminal);
    }
    let result = json!({"files": [&shown], "written": !is_dry});
    terminal.line(&format!("+ {shown}"));
    if is_dry {
        text.lines().for_each(|line| terminal.line(format!("  {line}").trim_end()));
        terminal.line("Nothing was written, because of `--dry-run`");
        return done(Vec::new(), &project.sources, result, terminal);
    }
    // Problems of the new definition are reported now, not at the next render. The file stays, and the
    // user completes it.
    let Reported { value: project, mut diagnostics } = match Project::read(root) {
        Ok(read) => read,
        Err(unread) => return fail(unread.diagnostics, &unread.sources, terminal),
    };
    diagnostics.extend(sitewright::fleet(&project).diagnostics);
    done(diagnostics, &project.sources, result, terminal)
}

/// Reports what was written, and what the user must complete.
fn done(
    mut diagnostics: Vec<Diagnostic>,
    sources: &Sources,
    result: Value,
    terminal: &Terminal,
) -> Outcome {
    diagnostic::sort(&mut diagnostics, sources);
    match terminal.format {
        Format::Json => terminal.document(&diagnostics, sources, result),
        _ => terminal.diagnostics(&diagnostics, sources),
    }
    match Outcome::of(&diagnostics, false) {
        Outcome::Input => Outcome::Findings,
        other => other,
    }
}

fn site(arguments: &NewSite, project: &Project) -> Result<Added, Box<Diagnostic>> {
    let path = path_in_cluster(&arguments.name, project)?;
    let name = path.rsplit('/').next().unwrap_or_default();
    let site_name = arguments.site_name.clone().unwrap_or_else(|| format!("{name}.example.com"));
    valid("--site-name", SiteName::new(&site_name))?;
    let text = text(&path, &site_name, arguments.dedicated, project);
    Ok((path, text))
}

fn server(arguments: &NewServer, project: &Project) -> Result<Added, Box<Diagnostic>> {
    let path = path_in_cluster(&arguments.name, project)?;
    let size = &arguments.storage_size;
    valid("--storage-size", Size::new(size))?;
    let kind = format!("{}kind: DatabaseServer\n", schema(&path, Kind::DatabaseServer));
    let rest = format!(
        "# It can grow, never shrink.\nstorageSize: {size}\nresources:\n  requests:\n    cpu: 500m\n    memory: 2Gi\n  limits:\n    memory: 4Gi\n"
    );
    let system = match arguments.provider {
        NewProvider::Mariadb => "version: \"10.11\"\n",
        NewProvider::Postgres => "provider: postgres\nversion: \"18.4\"\n",
    };
    Ok((path, format!("{kind}{system}{rest}")))
}

fn bench(arguments: &NewBench, project: &Project) -> Result<Added, Box<Diagnostic>> {
    let path = path_in_cluster(&arguments.name, project)?;
    let text = include_str!("scaffold/bench.yaml");
    let (_, text) = text.split_once('\n').unwrap_or_default();
    let text = match (&arguments.frappe_version, &arguments.image) {
        (Some(version), Some(image)) => {
            valid("--frappe-version", Word::new(version))?;
            let parts = image.rsplit_once(':').filter(|(_, tag)| !tag.contains('/'));
            let Some((repository, tag)) = parts else {
                let message = format!("`{image}` has no tag");
                // SW104: a value that is not allowed.
                let problem = Diagnostic::of_path(Code::BadValue, "--image", message);
                return Err(Box::new(problem.help("write REPOSITORY:TAG")));
            };
            valid("--image", Image::new(repository))?;
            valid("--image", ImageTag::new(tag))?;
            format!(
                "kind: Bench\nfrappeVersion: {version}\napps:\n  - name: erpnext\n    source: image\nimage:\n  repository: {repository}\n  tag: {tag}\n"
            )
        }
        _ => text.to_owned(),
    };
    Ok((path.clone(), schema(&path, Kind::Bench) + &text))
}

fn plan(arguments: &NewPlan, project: &Project) -> Result<Added, Box<Diagnostic>> {
    let path = match arguments.of_all {
        true => project.below(&arguments.name).to_owned(),
        false => path_in_cluster(&arguments.name, project)?,
    };
    valid_parts(&path, &arguments.name)?;
    let name = path.rsplit('/').next().unwrap_or_default();
    let text = format!(
        "kind: Plan\n# What every site with `plan: {name}` has unless it states something else.\ndatabase:\n  maxUserConnections: 100\n"
    );
    Ok((path.clone(), schema(&path, Kind::Plan) + &text))
}

fn cluster(arguments: &NewCluster) -> Result<Added, Box<Diagnostic>> {
    let name = &arguments.name;
    valid(name, ObjectName::new(name))?;
    valid("--namespace", ObjectName::new(&arguments.namespace))?;
    let text = include_str!("scaffold/cluster.yaml").replace("NAMESPACE", &arguments.namespace);
    Ok((format!("{name}/_cluster"), text))
}

/// Refuses a value that is not allowed.
fn valid<T>(of: &str, value: Result<T, Complaint>) -> Result<(), Box<Diagnostic>> {
    // SW104: a value that is not allowed.
    let refused =
        |it: Complaint| Box::new(Diagnostic::of_path(Code::BadValue, of, it.message).help(it.help));
    value.map(|_| ()).map_err(refused)
}

/// The path of a new definition. A name without a folder means the project's only cluster.
fn path_in_cluster(name: &str, project: &Project) -> Result<String, Box<Diagnostic>> {
    let refuse = |code: Code, message: String, help: String| {
        Err(Box::new(Diagnostic::of_path(code, name, message).help(help)))
    };
    let clusters = project.definitions.iter().filter(|it| it.kind == Kind::Cluster);
    let clusters: Vec<&str> = clusters.map(Definition::cluster).collect();
    let stated = project.below(name);
    let path = match (stated.contains('/'), clusters.as_slice()) {
        (true, _) => stated.to_owned(),
        (false, [only]) => format!("{only}/{stated}"),
        (false, _) => {
            let message = format!("`{stated}` needs a cluster");
            let choices: Vec<String> =
                clusters.iter().map(|cluster| format!("`{cluster}/{stated}`")).collect();
            let help = match choices.as_slice() {
                [] => "add a cluster first, with `sitewright new cluster NAME`".to_owned(),
                choices => format!("write {}", choices.join(" or ")),
            };
            // SW209: a path or a name that matches no definition.
            return refuse(Code::UnknownPath, message, help);
        }
    };
    valid_parts(&path, name)?;
    let cluster = path.split('/').next().unwrap_or_default();
    if !clusters.contains(&cluster) {
        let message = format!("there is no cluster `{cluster}`");
        let help = match clusters.as_slice() {
            [] => "add a cluster first, with `sitewright new cluster NAME`".to_owned(),
            // The path may start in the only cluster's folder.
            [only] => format!(
                "write `{only}/{path}`, or add the cluster with `sitewright new cluster {cluster}`"
            ),
            several => format!("clusters: {}", several.join(", ")),
        };
        // SW202: a cluster's folder has no _cluster.yaml.
        return refuse(Code::NoCluster, message, help);
    }
    Ok(path)
}

/// Refuses a path with a part that no file or folder may have.
fn valid_parts(path: &str, stated: &str) -> Result<(), Box<Diagnostic>> {
    for part in path.split('/') {
        if let Err(complaint) = ObjectName::new(part) {
            // SW006: a file name is not a DNS label.
            let problem = Diagnostic::of_path(Code::FileName, stated, complaint.message);
            return Err(Box::new(problem.help(complaint.help)));
        }
    }
    Ok(())
}

/// The line that tells an editor the schema of a file.
fn schema(path: &str, kind: Kind) -> String {
    let up = "../".repeat(path.matches('/').count() + 1);
    format!("# yaml-language-server: $schema={up}{SCHEMAS}/{}\n", kind.schema_file())
}

fn text(path: &str, site_name: &str, dedicated: bool, project: &Project) -> String {
    let cluster = path.split('/').next().unwrap_or_default();
    // If a cluster has only one bench or server, the site uses it, unless defaults state one
    // already.
    let only = |kind: Kind| {
        let mut all =
            project.definitions.iter().filter(|d| d.kind == kind && d.cluster() == cluster);
        match (all.next(), all.next()) {
            (Some(only), None) => Some(only.name().to_owned()),
            _ => None,
        }
    };
    let defaulted = |path: &[&str]| {
        project.definitions.iter().filter(|d| d.kind == Kind::Defaults).any(|defaults| {
            let site = defaults.node.as_ref().and_then(|node| node.get("site"));
            path.iter().try_fold(site, |node, key| Some(node?.get(key))).flatten().is_some()
        })
    };
    let mut text = schema(path, Kind::Site);
    text += &format!("kind: Site\nsiteName: {site_name}\n");
    if let Some(bench) = only(Kind::Bench).filter(|_| !defaulted(&["bench"])) {
        text += &format!("bench: {bench}\n");
    }
    let server = only(Kind::DatabaseServer).filter(|_| !defaulted(&["database", "server"]));
    match (dedicated, server) {
        (true, _) => text += "database:\n  mode: dedicated\n  storageSize: 20Gi\n",
        (false, Some(server)) => text += &format!("database:\n  server: {server}\n"),
        (false, None) => {}
    }
    text
}
