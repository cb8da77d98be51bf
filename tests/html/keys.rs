//! The search and the keys, pressed for real.

use crate::chromium::Chromium;
use crate::fleet::REPORTS;
use serde_json::{Value, json};

/// What has the focus: the text of a heading or of a row.
const FOCUS: &str = "document.activeElement.matches('summary, tr')
    ? document.activeElement.querySelector('h2, h3, th').textContent
    : document.activeElement.id || document.activeElement.localName";

/// The headings of the groups that are in sight.
const SHOWN: &str = "[...document.querySelectorAll('article.group')]
    .filter((it) => it.checkVisibility()).map((it) => it.querySelector('h3').textContent)";

impl Chromium {
    #[track_caller]
    fn focused(&mut self, expected: &str) {
        assert_eq!(self.eval(FOCUS), json!(expected));
    }

    /// Presses keys one after another, and says what had the focus after each.
    fn after_each(&mut self, keys: &[&str]) -> Vec<Value> {
        let mut focused = Vec::new();
        for key in keys {
            self.press(key);
            focused.push(self.eval(FOCUS));
        }
        focused
    }

    fn found(&mut self) -> Value {
        self.eval("document.getElementById('found').textContent")
    }
}

#[test]
fn the_search_shows_only_what_has_all_words() {
    let Some(mut chromium) = Chromium::start() else { return };
    chromium.open(&REPORTS.diff);
    let all = chromium.eval(SHOWN);
    chromium.press("/");
    chromium.focused("search");
    chromium.type_text("acme Ingress");
    assert_eq!(chromium.eval(SHOWN), json!(["production/acme"]));
    assert_eq!(chromium.found(), json!("1 found"));
    chromium.press("Escape");
    chromium.drawn();
    // What the search unfolded is folded again.
    assert_eq!(chromium.eval(SHOWN), all);
    assert_eq!(chromium.found(), json!(""));
    chromium.focused("search");
    chromium.type_text("</script>");
    assert_eq!(chromium.found(), json!("nothing found"));
    assert_eq!(chromium.eval(SHOWN), json!([]));
    chromium.was_quiet();
}

/// A site that is only a member of a group is found, and the group says how many of its members fit.
#[test]
fn a_member_of_a_group_is_found() {
    let Some(mut chromium) = Chromium::start() else { return };
    chromium.open(&REPORTS.diff);
    chromium.press("/");
    chromium.type_text("harbour connections");
    let heading = "11 definitions in production/* (4), production/retail/* (7)";
    assert_eq!(chromium.eval(SHOWN), json!([heading]));
    let members = chromium.eval(
        "[...document.querySelectorAll('#rollout .leaf')].filter((it) => it.checkVisibility())
            .map((it) => it.textContent)",
    );
    assert_eq!(members, json!(["production/retail/harbour"]));
    let hits = chromium.eval("document.querySelector('#rollout .hits').textContent");
    assert_eq!(hits, json!("1 found"));
    let marked = chromium.eval("[...CSS.highlights.get('found')].map(String)");
    assert!(marked.as_array().unwrap().contains(&json!("harbour")), "{marked}");
}

#[test]
fn the_keys_go_from_group_to_group_and_fold() {
    let Some(mut chromium) = Chromium::start() else { return };
    chromium.open(&REPORTS.diff);
    let expected = ["denied", "diagnostics", "data-loss", "production/frappe-mariadb"];
    assert_eq!(chromium.after_each(&["j", "j", "j", "j"]), expected);
    let expected = ["data-loss", "production/frappe-mariadb", "production/hooli", "blocked"];
    assert_eq!(chromium.after_each(&["k", "j", "ArrowDown", "ArrowDown"]), expected);
    // The section is folded: what is in it is passed over.
    assert_eq!(chromium.after_each(&["j", "k"]), ["credential", "blocked"]);
    let is_open = "document.querySelector('#blocked details').open";
    chromium.press("ArrowRight");
    assert_eq!(chromium.eval(is_open), json!(true));
    assert_eq!(chromium.after_each(&["j"]), ["production/acme"]);
    // Folds the group, goes to its section, folds that.
    assert_eq!(
        chromium.after_each(&["ArrowLeft", "ArrowLeft", "ArrowLeft"]),
        ["production/acme", "blocked", "blocked"]
    );
    assert_eq!(chromium.eval(is_open), json!(false));
    chromium.press("Enter");
    assert_eq!(chromium.eval(is_open), json!(true));
    // What has the focus is marked, and below the search.
    let outline = chromium.eval("getComputedStyle(document.activeElement).outlineStyle");
    assert_eq!(outline, json!("solid"));
    let is_in_sight = chromium.eval(
        "document.activeElement.getBoundingClientRect().top
            >= document.querySelector('search').getBoundingClientRect().bottom",
    );
    assert_eq!(is_in_sight, json!(true));
}

#[test]
fn the_keys_go_through_the_rows_that_a_search_finds() {
    let Some(mut chromium) = Chromium::start() else { return };
    chromium.open(&REPORTS.list);
    chromium.press("/");
    chromium.type_text("retail th.");
    assert_eq!(chromium.found(), json!("2 found"));
    let found = ["production/retail", "production/retail/north", "production/retail/south"];
    assert_eq!(chromium.after_each(&["ArrowDown", "ArrowDown", "j"]), found);
    let back = ["production/retail/north", "production/retail", "search"];
    assert_eq!(chromium.after_each(&["ArrowUp", "ArrowUp", "ArrowUp"]), back);
    // A second Esc leaves the search.
    assert_eq!(chromium.after_each(&["Escape", "Escape"]), ["search", "body"]);
    assert_eq!(chromium.after_each(&["j", "j"]), ["production", "production/acme"]);
    assert_eq!(chromium.after_each(&["ArrowLeft"]), ["production"]);
}

/// WCAG 2.2, 2.1.4: single letters can be switched off, and are letters where one types.
#[test]
fn letters_are_no_keys_where_they_should_not_be() {
    let Some(mut chromium) = Chromium::start() else { return };
    chromium.open(&REPORTS.diff);
    chromium.press("Tab");
    assert_eq!(chromium.eval("document.activeElement.textContent"), json!("Skip to the report"));
    chromium.press("/");
    chromium.type_text("j/k");
    chromium.focused("search");
    assert_eq!(chromium.eval("document.getElementById('search').value"), json!("j/k"));
    chromium.after_each(&["Escape", "Escape"]);
    chromium.eval("document.getElementById('letters').click()");
    assert_eq!(chromium.after_each(&["j", "/"]), ["body", "body"]);
    // The page can still be used with the keys that every page has.
    assert_eq!(chromium.after_each(&["Tab", "Tab"]), ["denied", "diagnostics"]);
}
