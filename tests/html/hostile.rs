//! Values that try to be markup or a script. They come from manifests that somebody wrote by hand, and from
//! definitions that are wrong.

use crate::chromium::Chromium;
use crate::fleet::{edit, put, report, run};
use serde_json::json;

/// Texts that would run if a page did not escape them, each in another place of a page.
const HOSTILE: [&str; 6] = [
    "</script><script>ran = 1</script>",
    "<img src=x onerror='ran = 1'>",
    "\\\" autofocus onfocus=\\\"ran = 1",
    "</style></title><svg onload='ran = 1'>",
    "javascript:ran = 1",
    "`<a href='javascript:ran = 1'>`b",
];

/// How many elements a page has that run or load something, and whether anything ran.
const TRACES: &str = "[typeof ran, document.scripts.length,
    document.querySelectorAll('img, svg, iframe, a[href^=javascript], [onerror], [onload], [onfocus]').length]";

/// Nothing of these kinds, and the one script of the page.
fn nothing() -> serde_json::Value {
    json!(["undefined", 1, 0])
}

/// The report of a fleet against a base in which somebody wrote such texts into every place that a report shows.
fn hostile_diff() -> String {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    run(root, &["init", "--quiet"], 0);
    put(root, "sites/production/acme.yaml", "kind: Site\nsiteName: acme.example.com\n");
    run(root, &["render", "--quiet"], 0);
    run(root, &["render", "--quiet", "--out", "before"], 0);
    let [script, image, quote, style, address, code] = HOSTILE;
    let site = "before/production/acme/frappesite.yaml";
    let lines = format!("siteName: \"{script}\\n{style}\\n\"");
    edit(root, site, "siteName: acme.example.com", &lines);
    edit(root, site, "\nspec:\n", &format!("\nspec:\n  \"{image}\": \"{quote}\"\n"));
    // A file that sitewright did not write is shown with its name.
    for name in [address, code, "\u{202e}\u{7}"] {
        let name = name.replace('/', "");
        put(root, &format!("before/production/acme/{name}.yaml"), "kind: ConfigMap\n");
    }
    report(root, &["diff", "--base", "before"], 0)
}

#[test]
fn nothing_in_a_manifest_is_markup() {
    let html = hostile_diff();
    assert_eq!(html.matches("<script>").count(), 1);
    for acts in ["\u{202e}", "\u{7}"] {
        assert!(!html.contains(acts), "{acts:?}");
    }
    let Some(mut chromium) = Chromium::start() else { return };
    chromium.open(&html);
    chromium.eval("document.querySelectorAll('details').forEach((it) => { it.open = true; })");
    chromium.was_quiet();
    assert_eq!(chromium.eval(TRACES), nothing());
    let text = chromium.eval("document.getElementById('report').textContent");
    let text = text.as_str().unwrap();
    for shown in HOSTILE {
        // Backquotes become the style of code.
        let shown = shown.replace("\\\"", "\"").replace('`', "");
        assert!(text.replace('`', "").contains(&shown), "{shown}: {text}");
    }
    assert!(text.contains("\\u{202e}\\u{7}"), "{text}");
    // The search takes a text as a text, too.
    chromium.press("/");
    chromium.type_text("<img onerror='ran");
    assert_eq!(chromium.eval(TRACES), nothing());
    assert_ne!(
        chromium.eval("document.getElementById('found').textContent"),
        json!("nothing found")
    );
    chromium.was_quiet();
}

/// A definition that is wrong is quoted on the page.
#[test]
fn nothing_in_a_definition_is_markup() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    run(root, &["init", "--quiet"], 0);
    for (at, text) in HOSTILE.iter().enumerate() {
        let site = format!("kind: Site\nsiteName: \"{text}\"\n");
        put(root, &format!("sites/production/s{at}.yaml"), &site);
    }
    let html = report(root, &["list"], 2);
    let Some(mut chromium) = Chromium::start() else { return };
    chromium.open(&html);
    chromium.was_quiet();
    assert_eq!(chromium.eval(TRACES), nothing());
    let said = chromium.eval("document.querySelector('#diagnostics pre').textContent");
    for text in HOSTILE {
        assert!(said.as_str().unwrap().contains(text), "{text}: {said}");
    }
}

/// The same texts run where nothing hinders them, so the tests above would see it. In a report that failed to escape
/// them, the policy of the page would stop them.
#[test]
fn the_policy_stops_what_would_run() {
    let Some(mut chromium) = Chromium::start() else { return };
    let attack = "<script>ran = 1</script><img src=x onerror='ran = 1'>";
    chromium.open(&format!("<!DOCTYPE html><body>{attack}</body>"));
    assert_eq!(chromium.eval("typeof ran"), json!("number"));
    let html = hostile_diff();
    let attacked = html.replace("<main ", &format!("{attack}<main "));
    assert_ne!(html, attacked);
    chromium.open(&attacked);
    chromium.drawn();
    assert_eq!(chromium.eval("typeof ran"), json!("undefined"));
    assert!(!chromium.said("Log.entryAdded").is_empty());
}
