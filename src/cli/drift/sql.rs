//! `sitewright drift --sql` and `--sql-result`: the scripts for database servers, and what their answers say.

use crate::cli::arguments::{Drift as Arguments, Format};
use crate::cli::outcome::Outcome;
use crate::cli::render::fail;
use crate::cli::terminal::{Terminal, number};
use sitewright::diagnostic::{Checked, Code, Diagnostic, cause, visible};
use sitewright::drift::sql::report::SqlReport;
use sitewright::drift::sql::{self, Answers, Difference, Finding, Script, Server};
use sitewright::language::nearest_definition;
use sitewright::project::Project;
use std::io::Read as _;
use std::path::Path;

/// The largest file of answers. A server with 10,000 sites answers with 5 MiB.
const MAX_BYTES: u64 = 256 << 20;

/// Prints the scripts of the servers that are meant.
pub(super) fn scripts(arguments: &Arguments, project: &Project, terminal: &Terminal) -> Outcome {
    let servers = match chosen(arguments, project) {
        Ok(servers) => servers,
        Err(problems) => return fail(problems, &project.sources, terminal),
    };
    if terminal.format == Format::Json {
        let scripts = servers.iter().map(|server| {
            serde_json::json!({
                "server": server.name(),
                "definition": server.definition,
                "client": server.sql.client(),
                "script": Script(server).to_string(),
            })
        });
        let scripts: Vec<_> = scripts.collect();
        terminal.document(&[], &project.sources, serde_json::json!({ "scripts": scripts }));
        return Outcome::Fine;
    }
    let scripts: Vec<String> = servers.iter().map(|server| Script(server).to_string()).collect();
    terminal.out(&scripts.join("\n"));
    Outcome::Fine
}

/// Reads the answers of servers, and prints which facts differ.
pub(super) fn answers(arguments: &Arguments, project: &Project, terminal: &Terminal) -> Outcome {
    match compared(arguments, project) {
        Ok((servers, answers)) => {
            let results = results(&servers, &answers);
            show(&results, project, terminal);
            let differs = results.iter().any(|(_, findings)| !findings.is_empty());
            Outcome::of(&[], differs)
        }
        Err(problems) => fail(problems, &project.sources, terminal),
    }
}

/// The servers that are meant, and the answers of some of them.
fn compared(arguments: &Arguments, project: &Project) -> Checked<(Vec<Server>, Vec<Answers>)> {
    let servers = chosen(arguments, project)?;
    let (mut all, mut problems) = (Vec::new(), Vec::new());
    for file in &arguments.sql_result {
        match text(file).and_then(|text| sql::read(&text, file)) {
            Ok(answers) => all.extend(answers),
            Err(problem) => problems.push(*problem),
        }
    }
    for answers in &all {
        if !servers.iter().any(|server| server.name() == answers.server) {
            problems.push(unknown(&answers.server, &servers));
        }
    }
    if problems.is_empty() { Ok((servers, all)) } else { Err(problems) }
}

/// The diagnostic for the answers of a server of which nothing is promised.
fn unknown(name: &str, servers: &[Server]) -> Diagnostic {
    let names: Vec<String> = servers.iter().map(Server::name).collect();
    let message = format!("the manifests promise nothing of the server `{}`", visible(name));
    // SW858: answers of a database server that cannot be used.
    let problem = Diagnostic::of_path(Code::SqlAnswers, "--sql-result", message);
    problem.help(format!("servers of this project: {}", names.join(", ")))
}

/// Each server that answered, with the facts that differ.
fn results<'s>(servers: &'s [Server], answers: &[Answers]) -> Vec<(&'s Server, Vec<Finding>)> {
    let of = |server: &'s Server| {
        let answers = answers.iter().find(|answers| answers.server == server.name())?;
        Some((server, sql::compare(server, answers)))
    };
    servers.iter().filter_map(of).collect()
}

/// The servers of the cluster and of the definitions that the user names, or all.
fn chosen(arguments: &Arguments, project: &Project) -> Checked<Vec<Server>> {
    let mut servers = sql::servers(project)?;
    if let Some(cluster) = &arguments.cluster {
        let cluster = sitewright::live::target(project, Some(cluster)).map_err(|it| vec![*it])?;
        servers.retain(|server| server.cluster == cluster);
    }
    if servers.is_empty() {
        let message = "the manifests promise nothing of any database server";
        let problem = Diagnostic::of_path(Code::UnknownPath, &project.folders.rendered, message);
        return Err(vec![problem.help("run `sitewright render` first")]);
    }
    if arguments.server.is_empty() {
        return Ok(servers);
    }
    let is_named = |server: &Server, name: &str| {
        server.name() == name
            || server.definition.as_deref() == Some(name)
            || format!("{}/{}", server.server.namespace, server.server.name) == name
    };
    let unknown =
        arguments.server.iter().filter(|name| !servers.iter().any(|it| is_named(it, name)));
    let known = || servers.iter().map(|it| it.definition.clone().unwrap_or_else(|| it.name()));
    let known: Vec<String> = known().collect();
    let problems: Vec<Diagnostic> = unknown
        .map(|name| {
            let message = format!("`{name}` is no database server with sites");
            let help = nearest_definition(name, "DatabaseServer", known.iter().map(String::as_str));
            // SW209: a path or a name that matches no definition.
            Diagnostic::of_path(Code::UnknownPath, name, message).help(help)
        })
        .collect();
    if !problems.is_empty() {
        return Err(problems);
    }
    servers.retain(|server| arguments.server.iter().any(|name| is_named(server, name)));
    Ok(servers)
}

/// The text of a file, or of standard input.
fn text(file: &str) -> Result<String, Box<Diagnostic>> {
    let mut bytes = Vec::new();
    let read = match file {
        "-" => std::io::stdin().lock().take(MAX_BYTES).read_to_end(&mut bytes),
        file => std::fs::File::open(Path::new(file))
            .and_then(|file| file.take(MAX_BYTES).read_to_end(&mut bytes)),
    };
    match read {
        Ok(_) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Err(error) => {
            let message = format!("cannot be read: {}", cause(&error));
            // SW001: a file or folder cannot be read.
            let problem = Diagnostic::of_path(Code::Unreadable, file, message);
            Err(Box::new(problem.help("name the file with the output of the script")))
        }
    }
}

fn show(results: &[(&Server, Vec<Finding>)], project: &Project, terminal: &Terminal) {
    if terminal.format == Format::Json {
        let owned: Vec<(&Server, Vec<Finding>)> = results.to_vec();
        // Maps with text for keys, numbers and text always have a JSON form.
        let report = serde_json::to_value(SqlReport::new(&owned)).unwrap_or_default();
        return terminal.document(&[], &project.sources, report);
    }
    for (server, findings) in results {
        terminal.line(&format!(
            "{}: {}, {}",
            visible(&server.name()),
            number(server.facts.len(), "fact"),
            match findings.len() {
                0 => "all true".to_owned(),
                count => number(count, "difference"),
            }
        ));
        for finding in findings {
            lines(finding).iter().for_each(|line| terminal.line(line));
        }
    }
}

/// A finding in lines.
fn lines(finding: &Finding) -> Vec<String> {
    let object = match &finding.object {
        Some((key, definition)) => format!("{key} of {definition}"),
        None => "no object of these manifests".to_owned(),
    };
    let value = |value: &Option<String>| value.as_deref().unwrap_or_default().to_owned();
    let what = match finding.difference {
        Difference::Missing => format!("missing, promised {}", value(&finding.promised)),
        Difference::Different => {
            format!("{}, promised {}", value(&finding.found), value(&finding.promised))
        }
        Difference::Unexpected => format!("{}, promised nowhere", value(&finding.found)),
    };
    let subject = &finding.subject;
    vec![format!("► {}", visible(&object)), format!("    {}: {}", visible(subject), visible(&what))]
}
