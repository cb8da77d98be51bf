//! A page of 10,000 sites stays small, and a browser shows and searches it.

#[path = "../../benches/support/fleet.rs"]
mod fleet;

use crate::chromium::Chromium;
use crate::fleet::report;
use serde_json::json;

const SITES: usize = 10_000;

#[test]
fn ten_thousand_sites_are_listed_and_found() {
    let folder = tempfile::tempdir().unwrap();
    fleet::write(folder.path(), SITES).unwrap();
    let html = report(folder.path(), &["list"], 0);
    assert_eq!(html.matches("<tr class=\"leaf\">").count(), SITES);
    // A CSV of the same is 1.8 MB.
    assert!(html.len() < 4 << 20, "{}", html.len());
    let Some(mut chromium) = Chromium::start() else { return };
    chromium.open(&html);
    let folders = chromium.eval("document.querySelectorAll('.section').length");
    assert!(folders.as_u64().unwrap() > 50, "{folders}");
    assert_eq!(chromium.eval("document.querySelectorAll('details[open]').length"), json!(0));
    chromium.press("/");
    // What every site has unfolds nothing: the folders stay an overview, with their numbers.
    chromium.type_text("e");
    assert_eq!(chromium.eval("document.getElementById('found').textContent"), json!("10000 found"));
    assert_eq!(chromium.eval("document.querySelectorAll('details[open]').length"), json!(0));
    chromium.press("Escape");
    // A site of the fleet is named by a number of its own.
    let name = chromium.eval("[...document.querySelectorAll('.leaf th')].at(7777).textContent");
    chromium.type_text(name.as_str().unwrap());
    let found = chromium.eval(
        "[...document.querySelectorAll('.leaf')].filter((it) => it.checkVisibility())
            .map((it) => it.querySelector('th').textContent)",
    );
    assert!(found.as_array().unwrap().contains(&name), "{found}");
    assert!(found.as_array().unwrap().len() < 20, "{found}");
    chromium.was_quiet();
}
