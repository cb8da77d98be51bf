//! The pages as a whole: their bytes, what they load, their schemes, and their pictures.

use crate::chromium::Chromium;
use crate::fleet::REPORTS;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// The whole files. Open one in a browser to see what it shows.
#[test]
fn the_pages_are_as_expected() {
    for (name, html) in [("diff", &REPORTS.diff), ("list", &REPORTS.list)] {
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/html/expected/{name}.html"));
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, html).unwrap();
        }
        let expected = fs::read_to_string(&path).unwrap_or_default();
        assert!(*html == expected, "{}: UPDATE_EXPECT=1 rewrites it", path.display());
    }
}

/// What a reader without a mouse and without eyes is told: the names and roles of what can be used.
const NAMES: &str =
    "[...document.querySelectorAll('input, nav, main, header, footer, search, [role=region]')]
    .filter((it) => it.checkVisibility({visibilityProperty: false}))
    .map((it) => it.labels?.[0]?.textContent ?? it.getAttribute('aria-label') ?? it.localName)";

#[test]
fn a_page_loads_nothing_and_nothing_in_it_fails() {
    let Some(mut chromium) = Chromium::start() else { return };
    for html in [&REPORTS.diff, &REPORTS.list] {
        chromium.open(html);
        chromium.was_quiet();
        let names = chromium.eval(NAMES);
        let names: Vec<&str> = names.as_array().unwrap().iter().filter_map(Value::as_str).collect();
        for name in ["header", "search", "main", "footer", "Light", "Dark", "Auto"] {
            assert!(names.contains(&name), "{name}: {names:?}");
        }
        assert!(names.iter().any(|name| name.starts_with("Search ")), "{names:?}");
    }
}

#[test]
fn only_the_highest_risk_is_unfolded() {
    let Some(mut chromium) = Chromium::start() else { return };
    chromium.open(&REPORTS.diff);
    let sections = chromium.eval(
        "Object.fromEntries([...document.querySelectorAll('.section')]
            .map((it) => [it.id, it.querySelector('details').open]))",
    );
    let expected = json!({
        "denied": true, "diagnostics": false, "data-loss": true, "blocked": false,
        "credential": false, "rollout": false, "none": false, "moved": false,
    });
    assert_eq!(sections, expected);
    // A link unfolds its section.
    chromium.eval("document.querySelector('nav a[href=\"#rollout\"]').click()");
    chromium.drawn();
    assert_eq!(chromium.eval("document.querySelector('#rollout details').open"), json!(true));
}

/// The luminance of a colour (WCAG 2.2), and the contrast of each text with what is behind it.
const CONTRASTS: &str = "(() => {
    const canvas = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true});
    const parts = (colour) => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const luminance = (parts) => parts.slice(0, 3)
        .map((it) => it / 255)
        .map((it) => it <= 0.04045 ? it / 12.92 : ((it + 0.055) / 1.055) ** 2.4)
        .reduce((sum, it, at) => sum + it * [0.2126, 0.7152, 0.0722][at], 0);
    const behind = (element) => {
        for (let at = element; at; at = at.parentElement) {
            const colour = parts(getComputedStyle(at).backgroundColor);
            if (colour[3] === 255) return colour;
        }
        return [255, 255, 255, 255];
    };
    document.querySelectorAll('details').forEach((it) => { it.open = true; });
    const poor = [];
    let seen = 0;
    for (const element of document.querySelectorAll('body *:not(script)')) {
        const isText = [...element.childNodes].some((it) => it.nodeType === 3 && it.data.trim());
        if (!isText || element.hidden) continue;
        const pair = [luminance(parts(getComputedStyle(element).color)), luminance(behind(element))];
        const contrast = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
        seen += 1;
        if (contrast < 4.5) poor.push(`${element.className || element.localName}: ${contrast.toFixed(2)}`);
    }
    return {poor, seen};
})()";

/// The system decides the scheme until the reader does. Every text has the contrast that WCAG asks for.
#[test]
fn both_schemes_are_readable() {
    let Some(mut chromium) = Chromium::start() else { return };
    let is_dark =
        "getComputedStyle(document.documentElement).backgroundColor !== 'rgb(255, 255, 255)'";
    for (name, html) in [("diff", &REPORTS.diff), ("list", &REPORTS.list)] {
        for scheme in ["light", "dark"] {
            chromium.scheme(scheme);
            chromium.open(html);
            assert_eq!(chromium.eval(is_dark), json!(scheme == "dark"));
            let picture = chromium.picture(&format!("{name}-{scheme}.png"));
            assert!(fs::metadata(picture).unwrap().len() > 20_000);
            let contrasts = chromium.eval(CONTRASTS);
            assert_eq!(contrasts["poor"], json!([]), "{name}, {scheme}");
            assert!(contrasts["seen"].as_u64().unwrap() > 80, "{contrasts}");
        }
        chromium.eval("document.getElementById('light').click()");
        assert_eq!(chromium.eval(is_dark), json!(false));
        // The choice stays, also if the system changes.
        chromium.open(html);
        assert_eq!(chromium.eval(is_dark), json!(false));
        chromium.eval("document.getElementById('auto').click()");
        assert_eq!(chromium.eval(is_dark), json!(true));
    }
}

/// Without scripts, only the search is lost.
#[test]
fn a_page_is_complete_without_its_script() {
    let Some(mut chromium) = Chromium::start() else { return };
    chromium.call("Emulation.setScriptExecutionDisabled", json!({"value": true}));
    chromium.open(&REPORTS.diff);
    assert_eq!(chromium.eval("document.querySelector('search').hidden"), json!(true));
    let clicked = "(() => {
        document.querySelector('#rollout summary').click();
        document.getElementById('dark').click();
        return [document.querySelector('#rollout details').open,
            getComputedStyle(document.documentElement).colorScheme];
    })()";
    assert_eq!(chromium.eval(clicked), json!([true, "dark"]));
    let text = chromium.eval("document.getElementById('report').textContent");
    for shown in ["production/retail/north", "spec.maxUserConnections", "What to do:"] {
        assert!(text.as_str().unwrap().contains(shown), "{shown}");
    }
}
