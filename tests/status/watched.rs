//! `--watch` where the output is no terminal.

use crate::project::{Project, site_database};
use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Stdio};
use std::time::Duration;

/// A run that is ended with the test.
struct Watch {
    child: Child,
    /// `None` once nobody reads.
    lines: Option<BufReader<ChildStdout>>,
}

impl Watch {
    fn start(project: &Project, arguments: &[&str]) -> Self {
        let watch = ["status", "--kubectl", "--watch", "1"];
        let mut command = project.command(&[&watch[..], arguments].concat());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let lines = child.stdout.take().map(BufReader::new);
        Self { child, lines }
    }

    /// The next line. It waits for one.
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.lines.as_mut().unwrap().read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn changes_are_printed_line_by_line() {
    let project = Project::new(["acme".to_owned()]);
    project.answers(&[site_database("acme", "Provisioning", None)]);
    let mut watch = Watch::start(&project, &[]);
    assert_eq!(watch.line(), "status of eu, 1 site: 1 Provisioning");
    project.answers(&[site_database("acme", "Failed", Some("lost"))]);
    let since = "DatabaseReady since 2026-11-28T09:00:00Z";
    assert_eq!(watch.line(), format!("eu/acme: Provisioning → Failed; {since}: lost"));
    // A cluster that is away for a while ends nothing.
    project.fails("Unable to connect to the server");
    let mut errors = BufReader::new(watch.child.stderr.take().unwrap());
    let mut error = String::new();
    errors.read_line(&mut error).unwrap();
    assert!(error.contains("SW853") && error.contains("Unable to connect"), "{error}");
    project.answers(&[site_database("acme", "Ready", None)]);
    assert_eq!(watch.line(), format!("eu/acme: Failed → Ready; {since}"));
    error.clear();
    errors.read_line(&mut error).unwrap();
    assert_eq!(error, "kubectl answers again\n");
    project.asked_only_for_site_databases();
}

#[test]
fn it_ends_when_nobody_reads() {
    let project = Project::new(["acme".to_owned()]);
    project.answers(&[site_database("acme", "Provisioning", None)]);
    let mut watch = Watch::start(&project, &[]);
    watch.line();
    watch.lines = None;
    project.answers(&[site_database("acme", "Ready", None)]);
    assert!(watch.child.wait().unwrap().success());
}

/// With `-q`, a change is not printed, and a problem is.
#[test]
fn a_quiet_watch_prints_only_problems() {
    let project = Project::new(["acme".to_owned()]);
    project.answers(&[site_database("acme", "Provisioning", None)]);
    let mut watch = Watch::start(&project, &["-q"]);
    let mut errors = BufReader::new(watch.child.stderr.take().unwrap());
    let mut error = String::new();
    // A first failure would end the run.
    while !project.path("bin/asked").exists() {
        assert_eq!(watch.child.try_wait().unwrap(), None);
        std::thread::sleep(Duration::from_millis(10));
    }
    project.fails("Unable to connect to the server");
    errors.read_line(&mut error).unwrap();
    assert!(error.contains("SW853"), "{error}");
    project.answers(&[site_database("acme", "Failed", Some("lost"))]);
    error.clear();
    errors.read_line(&mut error).unwrap();
    assert_eq!(error, "kubectl answers again\n");
    // The next problem comes after the change would have been printed.
    project.fails("Unable to connect to the server");
    errors.read_line(&mut error).unwrap();
    watch.child.kill().unwrap();
    assert_eq!(watch.line(), "");
}

#[test]
fn a_first_delivery_is_awaited() {
    let project = Project::new(["acme".to_owned()]);
    project.fails(
        "error: the server doesn't have a resource type \"sitedatabases\" in group \"sitewright.dev\"",
    );
    let mut watch = Watch::start(&project, &[]);
    let mut error = String::new();
    BufReader::new(watch.child.stderr.take().unwrap()).read_line(&mut error).unwrap();
    assert!(error.starts_with("error[SW859]: the cluster does not know the type"), "{error}");
    project.answers(&[]);
    assert_eq!(watch.line(), "status of eu, 1 site: 1 not in the cluster");
    project.answers(&[site_database("acme", "Provisioning", None)]);
    let change =
        "eu/acme: not in the cluster → Provisioning; DatabaseReady since 2026-11-28T09:00:00Z";
    assert_eq!(watch.line(), change);
}

/// Without `status: true`, no delivery brings the type.
#[test]
fn what_no_delivery_brings_is_not_awaited() {
    let project = Project::new(["acme".to_owned()]);
    project.states_no_status();
    project.answers(&[]);
    let error = project.refused(&["status", "--kubectl", "--watch", "1"]);
    assert!(error.contains("SW859"), "{error}");
}

/// A question that is wrong from the start is not asked again.
#[test]
fn a_first_failure_ends_the_run() {
    let project = Project::new(["acme".to_owned()]);
    project.fails("error: context \"fra\" does not exist");
    let error = project.refused(&["status", "--kubectl", "--watch", "1", "--context", "fra"]);
    assert!(error.contains("context \"fra\" does not exist"), "{error}");
}
