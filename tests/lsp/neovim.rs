//! Neovim's own client against the server. Where its version reads the configuration of `docs/editor.md`, it starts the
//! server by that.

use crate::tools::needed;
use serde_json::{Value, json};
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Command;

const SITEWRIGHT: &str = env!("CARGO_BIN_EXE_sitewright");

/// The PATH with this build's program in front.
fn path() -> OsString {
    let folder = Path::new(SITEWRIGHT).parent().unwrap().to_owned();
    let others = std::env::var_os("PATH").unwrap_or_default();
    std::env::join_paths([folder].into_iter().chain(std::env::split_paths(&others))).unwrap()
}

#[test]
fn neovim_shows_problems_fixes_documentation_names_and_definitions() {
    let Some(neovim) = needed("nvim") else { return };
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    let init = ["init", "-q", "--cluster", "eu", "--namespace", "erp"];
    assert!(Command::new(SITEWRIGHT).args(init).current_dir(&folder).status().unwrap().success());
    let page = fs::read_to_string(here.join("docs/editor.md")).unwrap();
    let configuration = page.split("```lua\n").nth(1).unwrap().split("```").next().unwrap();
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("configuration.lua"), configuration).unwrap();
    let output = Command::new(neovim)
        .args(["--headless", "--clean", "-n", "-S"])
        .arg(here.join("tests/lsp/session.lua"))
        .current_dir(&folder)
        .env("HOME", home.path())
        .env("XDG_STATE_HOME", home.path())
        .env("CONFIGURATION", home.path().join("configuration.lua"))
        .env("PATH", path())
        .output()
        .unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    let shown: Vec<Value> =
        said.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let of = |what: &str| shown.iter().find(|it| it[0] == what).map(|it| &it[1]);
    let problem =
        json!({"line": 2, "message": "unknown key `sitename`\nwrite `siteName`", "severity": 1});
    assert_eq!(of("problems"), Some(&json!([problem])), "{said}");
    assert_eq!(of("action"), Some(&json!("Write `siteName` (SW102)")), "{said}");
    assert_eq!(of("line"), Some(&json!("siteName: demo.example.com")), "{said}");
    let hover = of("hover").and_then(Value::as_str).unwrap_or(&said);
    assert!(hover.starts_with("`siteName`\n\nThe name of the site in Frappe"), "{hover}");
    assert!(
        hover.ends_with("`siteName: demo.example.com`, from sites/eu/demo.yaml:3\n"),
        "{hover}"
    );
    assert_eq!(of("completed"), Some(&json!("bench: erpnext-v15")), "{said}");
    assert_eq!(of("definition"), Some(&json!("erpnext-v15.yaml")), "{said}");
    assert_eq!(of("failed"), None);
}
