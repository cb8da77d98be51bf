//! When the server checks the project, and that no answer waits for a check.

use crate::client::Client;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::time::Instant;

const DEMO: &str = "sites/eu/demo.yaml";
const GOOD: &str = "kind: Site\nsiteName: demo.example.com\n";

/// Whether a message has the problems of a version of a text.
fn is_report(message: &Value, version: i64) -> bool {
    message["method"] == "textDocument/publishDiagnostics"
        && message["params"]["version"] == version
}

/// The template of this project counts before it writes the object of a site. So a check takes seconds, and reading the
/// project does not.
fn slow_project(client: &Client) {
    const TEMPLATE: &str = "templates/frappe/frappesite.yaml.j2";
    let built_in = Path::new(env!("CARGO_MANIFEST_DIR")).join(TEMPLATE);
    let slow = "{% for number in range(90000) %}{% endfor %}";
    let text = slow.to_owned() + &fs::read_to_string(built_in).unwrap();
    fs::create_dir_all(client.path(TEMPLATE).parent().unwrap()).unwrap();
    fs::write(client.path(TEMPLATE), text).unwrap();
    for number in 0..60 {
        let text = format!("kind: Site\nsiteName: s{number}.example.com\n");
        fs::write(client.path(&format!("sites/eu/s{number}.yaml")), text).unwrap();
    }
}

#[test]
fn answers_do_not_wait_for_a_check_and_old_results_are_dropped() {
    let mut client = Client::start();
    slow_project(&client);
    client.initialize();
    client.open(DEMO, GOOD);
    // The first answer comes as soon as the project is read. Now the check renders.
    let hover = client.at("hover", DEMO, 1, 0)["contents"]["value"].to_string();
    assert!(hover.contains("from sites/eu/demo.yaml:2"), "{hover}");
    // A new text is known at once.
    let start = Instant::now();
    client.change(DEMO, &format!("\n{GOOD}bench: "));
    let hover = client.at("hover", DEMO, 2, 0)["contents"]["value"].to_string();
    assert!(hover.contains("from sites/eu/demo.yaml:3"), "{hover}");
    let names = client.at("completion", DEMO, 3, 7);
    assert!(!names.as_array().unwrap().is_empty());
    let answered = start.elapsed();
    // The places of the first check would be wrong in the second text.
    client.problems(DEMO);
    assert!(!client.has_said(|message| is_report(message, 1)));
    // Answers that wait for a check would take most of this time.
    let checked = start.elapsed();
    assert!(answered * 3 < checked, "{answered:?} of {checked:?}");
}

#[test]
fn a_folder_without_a_project_is_no_mistake() {
    let mut client = Client::start_in(tempfile::tempdir().unwrap(), &["lsp"]);
    client.initialize();
    client.open("values.yaml", "kind: Site\nsitename: a\n");
    assert_eq!(client.problems("values.yaml"), [] as [Value; 0]);
    let line = client.next(|message| message["method"] == "window/logMessage");
    let text = line["params"]["message"].as_str().unwrap();
    assert!(text.contains(" has no sitewright project: "), "{text}");
    assert_eq!(client.at("hover", "values.yaml", 0, 0), Value::Null);
    assert_eq!(client.at("completion", "values.yaml", 0, 0), json!([]));
    // It is said once. A project that comes later is noticed.
    client.change("values.yaml", "kind: Site\n");
    assert_eq!(client.problems("values.yaml"), [] as [Value; 0]);
    assert!(!client.has_said(|message| message["method"] == "window/logMessage"));
    fs::create_dir_all(client.path("sites/eu")).unwrap();
    fs::write(client.path(DEMO), GOOD).unwrap();
    client.open(DEMO, "kind: Site\nsitename: a\n");
    // Other programs have a folder of this name too.
    assert_eq!(client.problems(DEMO), [] as [Value; 0]);
    fs::write(client.path("sites/eu/_cluster.yaml"), "kind: Cluster\n").unwrap();
    client.change(DEMO, "kind: Site\nsitenam: a\n");
    assert_eq!(client.problems(DEMO)[0]["code"], "SW102");
}

#[test]
fn a_project_below_the_folder_of_the_editor_is_named() {
    let mut client = Client::start_in(tempfile::tempdir().unwrap(), &["-C", "infra", "lsp"]);
    fs::create_dir_all(client.path("infra/sites/eu")).unwrap();
    fs::write(client.path("infra/sites/eu/demo.yaml"), GOOD).unwrap();
    fs::write(client.path("infra/sitewright.yaml"), "kind: Project\n").unwrap();
    client.initialize();
    client.open("infra/sites/eu/demo.yaml", GOOD);
    assert_eq!(client.problems("infra/sites/eu/demo.yaml")[0]["code"], "SW202");
}

/// Another program, such as `git checkout`, changes files that no editor has open.
#[test]
fn a_file_that_changes_on_the_disk_is_checked() {
    let mut client = Client::start();
    client.initialize_with(
        &json!({"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": true}}}),
    );
    let request = client.next(|message| message["method"] == "client/registerCapability");
    let watched = &request["params"]["registrations"][0];
    assert_eq!(watched["method"], "workspace/didChangeWatchedFiles");
    assert_eq!(watched["registerOptions"]["watchers"][0]["globPattern"], "**/*.yaml");
    client.send(&json!({"jsonrpc": "2.0", "id": request["id"], "result": null}));
    client.open(DEMO, &format!("{GOOD}plan: small\n"));
    assert_eq!(client.problems(DEMO)[0]["code"], "SW203");
    let plan = "sites/eu/small.yaml";
    fs::write(client.path(plan), "kind: Plan\n").unwrap();
    let changes = json!([{"uri": client.uri(plan), "type": 1}]);
    client.tell("workspace/didChangeWatchedFiles", &json!({"changes": changes}));
    assert_eq!(client.problems(DEMO), [] as [Value; 0]);
}
