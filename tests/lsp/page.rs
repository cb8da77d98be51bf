//! The example of `docs/editor.md`.

use crate::client::Client;
use serde_json::json;
use std::fs;
use std::path::Path;

const DEMO: &str = "sites/eu/demo.yaml";

#[test]
fn the_example_of_the_page_is_what_an_editor_shows() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/editor.md");
    let page = fs::read_to_string(page).unwrap();
    let example = page.split("## An example\n").nth(1).unwrap().split("\n## ").next().unwrap();
    let blocks: Vec<&str> = example.split("```").skip(1).step_by(2).collect();
    let block = |language: &str| blocks.iter().find_map(|it| it.strip_prefix(language)).unwrap();
    let text = block("yaml\n");
    let mut client = Client::ready();
    client.open(DEMO, text);
    let hover = client.at("hover", DEMO, 3, 3);
    assert_eq!(hover["contents"]["value"], block("markdown\n"));
    client.change(DEMO, &format!("{text}  server: "));
    let names = client.at("completion", DEMO, 4, 10);
    assert_eq!(names[0]["label"], "frappe-mariadb", "{names}");
    client.change(DEMO, &text.replace("siteName", "sitename"));
    let problem = &client.problems(DEMO)[0];
    let shown = format!(
        "{}: {}\n",
        problem["code"].as_str().unwrap(),
        problem["message"].as_str().unwrap()
    );
    assert_eq!(shown, block("text\n"));
    let place = json!({"line": 1, "character": 0});
    let fixes = client.ask(
        "textDocument/codeAction",
        &json!({
            "textDocument": {"uri": client.uri(DEMO)},
            "range": {"start": place, "end": place},
            "context": {"diagnostics": [], "only": ["quickfix"]},
        }),
    );
    let title = fixes[0]["title"].as_str().unwrap();
    assert!(example.contains(&format!("``{title}``")), "{title}");
}
