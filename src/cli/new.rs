//! `sitewright new`: writes a complete definition into the right folder.

use super::arguments::{New, NewSite};
use super::init::{SCHEMAS, write};
use super::outcome::Outcome;
use super::render::fail;
use super::schema::refuse;
use super::terminal::Terminal;
use sitewright::diagnostic::{Code, Diagnostic, Reported};
use sitewright::language::{Kind, ObjectName, SiteName};
use sitewright::project::Project;
use std::path::Path;

pub(super) fn run(what: &New, root: &Path, terminal: &Terminal) -> Outcome {
    let New::Site(arguments) = what;
    let Reported { value: project, .. } = match Project::read(root) {
        Ok(read) => read,
        Err(unread) => return fail(unread.diagnostics, &unread.sources, terminal),
    };
    let (path, text) = match site(arguments, &project) {
        Ok(site) => site,
        Err(problem) => return refuse(*problem, terminal),
    };
    let shown = format!("{}/{path}.yaml", project.folders.sites);
    if let Err(error) = write(&root.join(&shown), &text) {
        let message = match error.kind() {
            std::io::ErrorKind::AlreadyExists => format!("`{shown}` already exists"),
            kind => format!("`{shown}` could not be written: {kind}"),
        };
        // SW602: the definition could not be written.
        let problem = Diagnostic::of_path(Code::WriteFailed, shown, message);
        let help =
            "edit the file, or choose another name: sitewright never overwrites a definition";
        return refuse(problem.help(help), terminal);
    }
    terminal.line(&format!("+ {shown}"));
    // Problems of the new site are reported now, not at the next render. The file stays, and the
    // user completes it.
    let Reported { value: project, mut diagnostics } = match Project::read(root) {
        Ok(read) => read,
        Err(unread) => return fail(unread.diagnostics, &unread.sources, terminal),
    };
    diagnostics.extend(sitewright::fleet(&project).diagnostics);
    if diagnostics.is_empty() {
        return Outcome::Fine;
    }
    match fail(diagnostics, &project.sources, terminal) {
        Outcome::Input => Outcome::Findings,
        other => other,
    }
}

/// The path of the site's file, and its text.
fn site(arguments: &NewSite, project: &Project) -> Result<(String, String), Box<Diagnostic>> {
    let refuse = |code: Code, message: String, help: String| {
        Err(Box::new(Diagnostic::of_path(code, &arguments.name, message).help(help)))
    };
    let clusters: Vec<&str> = project
        .definitions
        .iter()
        .filter(|definition| definition.kind == Kind::Cluster)
        .map(|definition| definition.cluster())
        .collect();
    let stated = project.below(&arguments.name);
    let path = match (stated.contains('/'), clusters.as_slice()) {
        (true, _) => stated.to_owned(),
        (false, [only]) => format!("{only}/{stated}"),
        (false, _) => {
            let message = format!("`{stated}` needs a cluster");
            let choices: Vec<String> =
                clusters.iter().map(|cluster| format!("`{cluster}/{stated}`")).collect();
            // SW209: a path or a name that matches no definition.
            return refuse(Code::UnknownPath, message, format!("write {}", choices.join(" or ")));
        }
    };
    for part in path.split('/') {
        if let Err(complaint) = ObjectName::new(part) {
            // SW006: a file name is not a DNS label.
            return refuse(Code::FileName, complaint.message, complaint.help);
        }
    }
    let cluster = path.split('/').next().unwrap_or_default();
    if !clusters.contains(&cluster) {
        let message = format!("there is no cluster `{cluster}`");
        // SW202: a cluster's folder has no _cluster.yaml.
        return refuse(Code::NoCluster, message, format!("clusters: {}", clusters.join(", ")));
    }
    let name = path.rsplit('/').next().unwrap_or_default();
    let site_name = arguments.site_name.clone().unwrap_or_else(|| format!("{name}.example.com"));
    if let Err(complaint) = SiteName::new(&site_name) {
        // SW104: a value that is not allowed.
        let problem = Diagnostic::of_path(Code::BadValue, "--site-name", complaint.message);
        return Err(Box::new(problem.help(complaint.help)));
    }
    Ok((path.clone(), text(&path, &site_name, arguments.dedicated, project)))
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
    let up = "../".repeat(path.matches('/').count() + 1);
    let mut text = format!("# yaml-language-server: $schema={up}{SCHEMAS}/site.json\n");
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
