//! The page of every HTML report: one file that loads nothing, with its style and its script inside.
//!
//! The page is complete without the script. The script adds the search and the keys. The policy of the page allows
//! this one style and this one script, by their hashes, and nothing else. So even markup that got past the escaping
//! could run nothing and load nothing.

use super::terminal::number;
use base64ct::{Base64, Encoding as _};
use maud::{DOCTYPE, Markup, PreEscaped, Render, html};
use sha2::{Digest as _, Sha256};
use sitewright::diagnostic::{Diagnostic, Sources, text, visible, without_accounts};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// A text of the project. It is escaped, accounts in addresses are hidden, and characters that would act on the text
/// around them are shown as escapes. Every text that the project decides must be written through this type.
pub(super) struct Shown<T>(pub(super) T);

impl<T: AsRef<str>> Render for Shown<T> {
    fn render_to(&self, buffer: &mut String) {
        without_accounts(&visible(self.0.as_ref())).render_to(buffer);
    }
}

/// A sentence. What it has between backquotes is code.
pub(super) struct Prose<'t>(pub(super) &'t str);

impl Render for Prose<'_> {
    fn render_to(&self, buffer: &mut String) {
        // Before the sentence is cut, because an address may contain a backquote.
        let text = without_accounts(self.0);
        for (at, part) in text.split('`').enumerate() {
            match at % 2 {
                0 => Shown(part).render_to(buffer),
                _ => html! { code { (Shown(part)) } }.render_to(buffer),
            }
        }
    }
}

/// A report as a page.
pub(super) struct Page {
    /// The command, which is also the heading.
    pub(super) title: &'static str,
    /// The whole report in a few words.
    pub(super) summary: String,
    /// Further lines of the head.
    pub(super) head: Markup,
    /// What the search looks through, such as `sites`.
    pub(super) what: &'static str,
    /// Rules that only this page needs.
    pub(super) style: String,
    /// The report.
    pub(super) body: Markup,
}

impl Page {
    /// The bytes of the file. They depend on nothing but the report.
    pub(super) fn write(&self) -> String {
        let style = format!("{STYLE}{}", self.style);
        let policy = format!(
            "default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'",
            source(&style),
            source(SCRIPT)
        );
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta http-equiv="Content-Security-Policy" content=(policy);
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    meta name="referrer" content="no-referrer";
                    title { (self.title) " – " (Shown(&self.summary)) }
                    style { (PreEscaped(style)) }
                }
                body {
                    a.skip href="#report" { "Skip to the report" }
                    header {
                        div.top {
                            h1 { (self.title) }
                            (scheme())
                        }
                        p.summary { (Shown(&self.summary)) }
                        (self.head)
                    }
                    (search(self.what))
                    main id="report" tabindex="-1" { (self.body) }
                    (keys())
                    script { (PreEscaped(SCRIPT)) }
                }
            }
        };
        format!("{}\n", page.into_string())
    }
}

/// The source of a policy that allows exactly this text.
fn source(text: &str) -> String {
    format!("'sha256-{}'", Base64::encode_string(&Sha256::digest(text)))
}

/// The switch between the schemes. The style reads it, so it works without the script.
fn scheme() -> Markup {
    html! {
        fieldset.scheme {
            legend.unseen { "Colours" }
            @for (value, name) in [("auto", "Auto"), ("light", "Light"), ("dark", "Dark")] {
                input type="radio" name="scheme" id=(value) value=(value) checked[value == "auto"];
                label for=(value) { (name) }
            }
        }
    }
}

/// The search, which the script shows.
fn search(what: &str) -> Markup {
    html! {
        search hidden {
            label for="search" { "Search " (what) }
            input type="search" id="search" autocomplete="off" spellcheck="false"
                placeholder="every word must occur" aria-keyshortcuts="/" aria-describedby="found";
            output id="found" for="search" {}
        }
    }
}

/// The keys, which the script adds. A reader whose software sends single letters can switch those off.
fn keys() -> Markup {
    let keys = [
        (&["/"][..], "search"),
        (&["j", "k"], "next, previous"),
        (&["↓", "↑"], "the same, from the search on"),
        (&["→", "←"], "unfold, fold"),
        (&["Esc"], "clear the search"),
    ];
    html! {
        footer hidden {
            dl.keys {
                @for (keys, what) in keys {
                    div {
                        dt { @for key in keys { kbd { (key) } " " } }
                        dd { (what) }
                    }
                }
            }
            label { input type="checkbox" id="letters" checked; " use the keys /, j and k" }
        }
    }
}

/// What the run found wrong, as the terminal shows it. Nothing if it found nothing.
pub(super) fn diagnostics(found: &[Diagnostic], sources: &Sources) -> Markup {
    let errors = found.iter().filter(|diagnostic| diagnostic.is_error()).count();
    let counts = [(errors, "error"), (found.len() - errors, "warning")];
    let counts = counts.into_iter().filter(|(count, _)| *count > 0);
    let counts: Vec<String> = counts.map(|(count, what)| number(count, what)).collect();
    let lines = text(found, sources, false);
    html! {
        @if !found.is_empty() {
            section.section.group.error[errors > 0] #diagnostics {
                details {
                    summary {
                        h2 { "diagnostics" }
                        span.count { (counts.join(", ")) }
                    }
                    // Lines keep their ends. Everything else in them is shown.
                    pre { @for line in lines.lines() { (Shown(line)) "\n" } }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(text: &str) -> [String; 2] {
        [html! { (Shown(text)) }.into_string(), html! { (Prose(text)) }.into_string()]
    }

    /// What a browser makes of a text without markup.
    fn read(text: &str) -> String {
        let text = text.replace("<code>", "").replace("</code>", "");
        text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
    }

    fn hostile() -> impl Strategy<Value = String> {
        let part = prop_oneof![
            Just("</script>".to_owned()),
            Just("<img src=x onerror=alert(1)>".to_owned()),
            Just("\"' onfocus='alert(1)".to_owned()),
            Just("javascript:alert(1)".to_owned()),
            Just("-->]]>&lt;".to_owned()),
            Just("https://a:b@c.d".to_owned()),
            Just("`".to_owned()),
            any::<String>(),
            "\\PC{0,8}",
            "[\u{0}-\u{1f}\u{7f}-\u{9f}\u{200b}-\u{202e}\u{2066}-\u{2069}]{0,4}",
        ];
        prop::collection::vec(part, 0..6).prop_map(|parts| parts.concat())
    }

    proptest! {
        /// Nothing of a text is markup, and the reader sees all of it but the accounts.
        #[test]
        fn a_text_stays_a_text(text in hostile()) {
            let [shown, prose] = written(&text);
            prop_assert!(!shown.contains(['<', '>', '"']), "{}", shown);
            let plain = prose.replace("<code>", "").replace("</code>", "");
            prop_assert!(!plain.contains(['<', '>', '"']), "{}", prose);
            prop_assert_eq!(prose.matches("<code>").count(), prose.matches("</code>").count());
            for written in [&shown, &prose] {
                prop_assert!(!written.contains("a:b@"), "{}", written);
                prop_assert_eq!(&visible(written), written);
            }
            let expected = without_accounts(&visible(&text)).into_owned();
            prop_assert_eq!(read(&shown), expected);
        }
    }

    #[test]
    fn code_in_a_sentence_is_marked() {
        assert_eq!(
            html! { (Prose("delete `a<b` first")) }.into_string(),
            "delete <code>a&lt;b</code> first"
        );
    }

    /// The browser takes the content of the elements literally, up to their end tags.
    #[test]
    fn the_style_and_the_script_cannot_end_early() {
        for text in [STYLE, SCRIPT] {
            assert!(!text.contains("</") && !text.contains("<!--"));
        }
    }
}
