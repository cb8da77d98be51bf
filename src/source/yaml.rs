//! The YAML reader. It reads one document with the place of every value. Its rules ensure that
//! every YAML reader understands the document alike.
//!
//! It reads the events of a parser and keeps its own stack, so a deep document cannot overflow the
//! call stack. It stops at [`MAX_DEPTH`]. It refuses every alias, so none is ever expanded.

use super::complaint::{explain, otherwise_meant};
use super::disputed::{self, Scalars};
use super::keys::Keys;
use super::node::{Entry, Node, Value};
use super::scalar::{Plain, plain};
use crate::diagnostic::{Checked, Code, Diagnostic, FileId, Span};
use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError};
use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

/// The maximum size of a file, in bytes.
pub const MAX_BYTES: u64 = 1 << 20;

/// The maximum depth of nested maps and lists.
pub const MAX_DEPTH: usize = 64;

/// The maximum number of problems that are reported for one file.
pub const MAX_PROBLEMS: usize = 50;

/// Reads exactly one document, or returns at least one problem.
pub fn read(text: &str, file: FileId) -> Checked<Node> {
    let mut reader = Reader {
        text,
        file,
        open: Vec::new(),
        root: None,
        documents: 0,
        problems: Vec::new(),
        anchored: false,
        flow: 0,
        scalars: Scalars::of(text),
    };
    reader.run();
    let Reader { root, mut problems, scalars, .. } = reader;
    // If the parser gave up, the scalars are not complete.
    if root.is_some() {
        problems.extend(scalars.disputed(text, file));
    }
    if !problems.is_empty() {
        problems.truncate(MAX_PROBLEMS);
        return Err(problems);
    }
    root.filter(|node| node.value != Value::Null).ok_or_else(|| {
        let message = "the file holds no definition";
        // SW008: a file holds no definition.
        let problem = Diagnostic::new(Code::Empty, Span::new(file, 0, 0), message);
        vec![problem.help("start with `kind:`, or remove the file")]
    })
}

/// A map or list that is still open.
struct Open {
    start: usize,
    content: Content,
}

enum Content {
    List(Vec<Node>),
    Map {
        entries: Vec<Entry>,
        keys: Keys,
        /// The key whose value comes next; `None` inside when the key cannot be used.
        key: Option<Option<(Arc<str>, Span)>>,
    },
}

struct Reader<'t> {
    text: &'t str,
    file: FileId,
    open: Vec<Open>,
    root: Option<Node>,
    documents: usize,
    problems: Vec<Diagnostic>,
    /// Whether an anchor, alias or merge key was reported. One report for each file is enough.
    anchored: bool,
    /// How many of the open maps and lists are in flow style.
    flow: usize,
    /// The scalars, in which tabs are allowed.
    scalars: Scalars,
}

impl<'t> Reader<'t> {
    fn run(&mut self) {
        let options = granit_parser::options! {
            disallow_directives: true,
            emit_anchor_events: true,
            emit_unresolved_aliases: true,
            // The scanner is ahead of the events, so it would reach its own limit later in the
            // text.
            flow_nesting_limit: MAX_DEPTH,
        };
        for next in Parser::new_from_str_with_options(self.text, options) {
            let (event, span) = match next {
                Ok(next) => next,
                Err(error) => return self.syntax(&error),
            };
            if let Some(tag) = span.tag_span() {
                let range = self.range(tag);
                // SW016: an explicit YAML tag.
                self.report(
                    Diagnostic::new(
                        Code::Tag,
                        Span::new(self.file, range.start, range.end),
                        "YAML tags are not allowed",
                    )
                    .help("remove it: the field decides the type"),
                );
            }
            let range = self.range(span);
            if !self.event(event, range) {
                return;
            }
        }
    }

    fn range(&self, span: granit_parser::Span) -> Range<usize> {
        let range = span.byte_range().unwrap_or(0..0);
        range.start.min(self.text.len())..range.end.min(self.text.len())
    }

    /// Handles one event. It returns `false` when reading cannot continue.
    fn event(&mut self, event: Event, range: Range<usize>) -> bool {
        let span = Span::new(self.file, range.start, range.end);
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents == 1 {
                    self.problems.extend(disputed::early_end(self.text, self.file, range.start));
                }
                if self.documents > 1 {
                    // SW009: a file holds several documents.
                    self.report(
                        Diagnostic::new(Code::ManyDocuments, span, "this file has a second YAML document")
                            .help("each definition has a file of its own: move this one into another file"),
                    );
                    return false;
                }
            }
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                self.anchor(span, "an alias");
                self.value(Node { span, value: Value::Null });
            }
            Event::Anchor(..) => self.anchor(span, "an anchor"),
            Event::Scalar(text, style, ..) => self.scalar(text, style, span),
            Event::SequenceStart(..) => return self.start(span, Content::List(Vec::new())),
            Event::MappingStart(..) => {
                return self.start(
                    span,
                    Content::Map { entries: Vec::new(), keys: Keys::default(), key: None },
                );
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(range.end),
            _ => {}
        }
        true
    }

    fn start(&mut self, span: Span, content: Content) -> bool {
        if self.open.len() >= MAX_DEPTH {
            self.too_deep(span);
            return false;
        }
        if self.flow > 0 || self.starts_flow(span.start as usize) {
            self.flow += 1;
        }
        self.open.push(Open { start: span.start as usize, content });
        true
    }

    fn too_deep(&mut self, span: Span) {
        // Earlier problems are dropped: in such a deep document they do not help the user.
        self.problems.clear();
        let message = format!("nested deeper than {MAX_DEPTH} levels");
        // SW015: nested deeper than 64 levels.
        self.report(
            Diagnostic::new(Code::TooDeep, span, message).help("a definition needs about five"),
        );
    }

    fn end(&mut self, end: usize) {
        let Some(Open { start, content }) = self.open.pop() else { return };
        self.flow = self.flow.saturating_sub(1);
        let (value, last) = match content {
            Content::List(mut items) => {
                items.shrink_to_fit();
                let last = items.last().map(|item| item.span.end);
                (Value::List(items), last)
            }
            Content::Map { mut entries, .. } => {
                // Most maps are small, and all maps of a fleet are held in memory until the end.
                entries.shrink_to_fit();
                let last = entries.last().map(|entry| entry.node.span.end);
                (Value::Map(entries), last)
            }
        };
        // A block collection ends with its last value, a flow collection with its bracket.
        let end =
            if self.starts_flow(start) { end } else { last.map_or(end, |last| last as usize) };
        self.value(Node { span: Span::new(self.file, start, end.max(start)), value });
    }

    fn scalar(&mut self, text: Cow<str>, style: ScalarStyle, span: Span) {
        let text = match disputed::at_the_end(self.text, &text, style, span) {
            Ok(text) => text,
            Err(problem) => {
                self.report(*problem);
                &*text
            }
        };
        let is_key =
            matches!(self.open.last(), Some(Open { content: Content::Map { key: None, .. }, .. }));
        let meaning = match style {
            ScalarStyle::Plain => plain(text),
            _ => Plain::Text,
        };
        self.scalars.put(&span, style);
        if self.flow > 0 {
            self.problems.extend(disputed::in_brackets(self.text, text, style, span));
        }
        if let Plain::Ambiguous(what) = meaning {
            if text == "<<" {
                self.anchor(span, "a merge key");
            } else {
                // SW013: a plain scalar that YAML readers interpret differently.
                self.report(
                    Diagnostic::new(
                        Code::AmbiguousScalar,
                        span,
                        format!("YAML readers disagree about `{text}`: it is {what}"),
                    )
                    .help(match otherwise_meant(text) {
                        Some(meant) => format!("write \"{text}\" for the text, or {meant}"),
                        None => format!("write \"{text}\" for the text"),
                    })
                    .fix(span, format!("\"{text}\"")),
                );
            }
        }
        if is_key {
            return self.key(text, meaning, span);
        }
        let value = match meaning {
            Plain::Null => Value::Null,
            Plain::Bool(value) => Value::Bool(value),
            Plain::Int(value) => Value::Int(value),
            Plain::Float(value) => Value::Float(value),
            Plain::Text | Plain::Ambiguous(_) => Value::String(text.into()),
        };
        self.value(Node { span, value });
    }

    /// Whether the map or list that starts here is in flow style.
    fn starts_flow(&self, start: usize) -> bool {
        self.text.as_bytes().get(start).is_some_and(|byte| b"[{".contains(byte))
    }

    fn key(&mut self, text: &str, meaning: Plain, span: Span) {
        let usable = matches!(meaning, Plain::Text | Plain::Ambiguous(_));
        if !usable {
            let what = if text.is_empty() {
                "an empty key".to_owned()
            } else {
                format!("the key `{text}`")
            };
            // SW017: a key that is not plain text.
            self.report(
                Diagnostic::new(Code::BadKey, span, format!("{what} is not text"))
                    .help(format!("write \"{text}\"")),
            );
        }
        let Some(Open { content: Content::Map { entries, keys, key }, .. }) = self.open.last_mut()
        else {
            return;
        };
        let first = keys.first(entries, text);
        *key = Some(usable.then(|| (text.into(), span)));
        if let Some(first) = first {
            // SW012: a key is written twice in one map.
            self.report(
                Diagnostic::new(
                    Code::DuplicateKey,
                    span,
                    format!("the key `{text}` is written twice"),
                )
                .related(first, "first stated here")
                .help("keep one of them"),
            );
        }
    }

    /// Adds a finished value to the collection that contains it.
    fn value(&mut self, node: Node) {
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return;
        };
        let bad_key = match &mut open.content {
            Content::List(items) => {
                items.push(node);
                return;
            }
            Content::Map { entries, key, .. } => match key.take() {
                Some(Some((key, key_span))) => {
                    entries.push(Entry { key, key_span, node });
                    return;
                }
                Some(None) => return,
                // The key is a map or a list.
                None => {
                    *key = Some(None);
                    node
                }
            },
        };
        // Only an alias is null here, and it is already reported.
        if bad_key.value != Value::Null {
            self.report(Diagnostic::new(Code::BadKey, bad_key.span, "this key is not text").help(
                "write a word as the key; `{{ … }}` of a template engine does not work here",
            ));
        }
    }

    fn anchor(&mut self, span: Span, what: &str) {
        if !self.anchored {
            self.anchored = true;
            // SW014: an anchor, an alias or a merge key.
            self.report(
                Diagnostic::new(Code::Anchor, span, format!("{what} is not allowed")).help(
                    "write the value wherever it is needed; put a value that many sites share into a `_defaults.yaml` or a plan",
                ),
            );
        }
    }

    fn syntax(&mut self, error: &ScanError) {
        let marker = error.marker();
        let at = marker.byte_offset().unwrap_or(self.text.len()).min(self.text.len());
        if matches!(error.kind(), ErrorKind::RecursionLimitExceeded) {
            return self.too_deep(Span::new(self.file, at, at));
        }
        if let Some(tab) = disputed::tab_near(self.text, at, error.info().contains("tab")) {
            return self.report(disputed::tab(self.file, tab));
        }
        // After a bracket that is never closed, the following text is read as keys. Those keys are
        // not reported.
        self.problems.retain(|problem| problem.code != Code::YamlSyntax);
        // SW010: not valid YAML.
        let problem = match error.kind() {
            // The parser reports the start of the scalar that contains the character.
            ErrorKind::UnexpectedCharacter { character } if character.is_control() => {
                let at = self.text[at..].find(*character).map_or(at, |found| at + found);
                let span = Span::new(self.file, at, at + character.len_utf8());
                let code = u32::from(*character);
                let message = format!("YAML does not allow the character U+{code:04X}");
                Diagnostic::new(Code::YamlSyntax, span, message)
                    .help(format!("write it as \\u{code:04x} within double quotes"))
            }
            kind => {
                let (message, help) = explain(kind);
                let look = "check this line and the line above: the indentation, the quotes, a space after each `:`";
                Diagnostic::new(Code::YamlSyntax, Span::new(self.file, at, at), message)
                    .help(help.unwrap_or(look))
            }
        };
        self.report(problem);
    }

    fn report(&mut self, problem: Diagnostic) {
        self.problems.push(problem);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Sources;

    fn node(text: &str) -> Node {
        read(text, FileId(0)).unwrap_or_else(|problems| panic!("{text:?}: {problems:?}"))
    }

    /// `code line:column` of each problem.
    fn problems(text: &str) -> Vec<String> {
        let mut sources = Sources::default();
        let file = sources.add("a.yaml".into(), text);
        let problems = read(text, file).expect_err(text);
        let place = |problem: &Diagnostic| match problem.place {
            crate::diagnostic::Place::Span(span) => sources.start(span),
            _ => panic!("{problem:?}"),
        };
        problems
            .iter()
            .map(|p| format!("{} {}:{}", p.code.id(), place(p).line, place(p).column))
            .collect()
    }

    #[test]
    fn values_know_their_places() {
        let text = "a: 'b'\nc:\n  - 1\n  - {d: true}\n";
        let node = node(text);
        let slice = |node: &Node| &text[node.span.range()];
        assert_eq!(slice(node.get("a").unwrap()), "'b'");
        let Value::List(items) = &node.get("c").unwrap().value else { panic!() };
        assert_eq!(slice(&items[0]), "1");
        assert_eq!(slice(&items[1]), "{d: true}");
        assert_eq!(slice(&node), text.trim_end());
        assert_eq!(&text[node.entry("c").unwrap().key_span.range()], "c");
    }

    #[test]
    fn json_is_yaml() {
        let node = node(r#"{"a":"b\u00e9\/\ud834\udd1e","c":[1,-2.5,null,true,"no"],"":{}}"#);
        assert_eq!(node.get("a").unwrap().as_str(), Some("bé/𝄞"));
        let Value::List(items) = &node.get("c").unwrap().value else { panic!() };
        assert_eq!(items[4].as_str(), Some("no"));
        assert_eq!(items[1].value, Value::Float(-2.5));
    }

    #[test]
    fn each_problem_has_its_code_and_place() {
        for (text, expected) in [
            ("a: [1\nb: 2\n", &["SW010 2:2"][..]),
            ("a: \"x\n", &["SW010 1:4"]),
            ("a:\n\tb: 1\n", &["SW011 2:1"]),
            ("\ta: 1\n", &["SW011 1:1"]),
            ("a:\n  -\tb: 1\n", &["SW011 2:4"]),
            ("%YAML 1.1\n---\na: 1\n", &["SW010 1:1"]),
            ("a: x\u{85}y\nb: \"x\u{85}y\"\n", &["SW013 1:5", "SW013 2:6"]),
            ("a: 1 # c\u{2028}b: 2\n", &["SW013 1:9"]),
            ("# \u{85}\na: 'x\u{2029}y'\n", &["SW013 1:3", "SW013 2:6"]),
            ("a: {?}\nb: [x?, :y]\n", &["SW013 1:5", "SW013 2:5", "SW013 2:9"]),
            ("a: {t:}\nb: [a:, c]\n", &["SW013 1:5", "SW013 2:5"]),
            ("a: {\"b\n  c\": d}\n", &["SW010 1:5"]),
            ("a: {b # c\n  : d}\n", &["SW010 1:5"]),
            ("a:\n  \tb\n", &["SW011 2:3"]),
            ("a:\n  - \tb\n", &["SW011 2:5"]),
            ("a: b\n\t# c\n", &["SW011 2:1"]),
            ("a:\n \t\n  b: c\n", &["SW011 2:2"]),
            ("a: |\n  \tb\n", &["SW011 2:3"]),
            ("a: b\n\t\n  c\n", &["SW011 2:1"]),
            ("...\na: 1\n", &["SW010 1:1"]),
            ("a: |+\n  x", &["SW013 2:3"]),
            ("a: \"x\u{7f}\"\n", &["SW010 1:6"]),
            ("a:\n  b: 1\n  \tc: 2\n", &["SW011 3:3"]),
            ("a: [1\nb: 2\n\tc: 3\n", &["SW010 2:2"]),
            ("a: no\nb: [1\nc: 2\n", &["SW013 1:4", "SW010 3:2"]),
            ("a: [b: c, d?]\n", &["SW013 1:11"]),
            ("a: 1\na: 2\n", &["SW012 2:1"]),
            ("a: no\nb: 0777\nc: {d: yes}\n", &["SW013 1:4", "SW013 2:4", "SW013 3:8"]),
            ("a: &x 1\nb: *x\nc:\n  <<: *x\n", &["SW014 1:4"]),
            ("a: *x\n", &["SW014 1:4"]),
            ("*x : 1\n", &["SW014 1:1"]),
            ("a: &x 1\n? *x\n: 2\n", &["SW014 1:4"]),
            ("a:\n  <<: {b: 1}\n", &["SW014 2:3"]),
            ("a: !!str 1\n", &["SW016 1:4"]),
            ("1: x\ntrue: z\n", &["SW017 1:1", "SW017 2:1"]),
            ("{a: b}: x\n", &["SW017 1:1"]),
            ("a: {{ b }}\n", &["SW017 1:5"]),
            ("", &["SW008 1:1"]),
            ("# nothing\n", &["SW008 1:1"]),
            ("---\n", &["SW008 1:1"]),
            ("a: 1\n---\nb: 2\n", &["SW009 2:1"]),
        ] {
            assert_eq!(problems(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_character_that_yaml_does_not_allow_is_found_and_named() {
        for (text, character) in [
            ("a: \"é é\u{7f}\"\n", '\u{7f}'),
            ("a: é é\u{7f}\n", '\u{7f}'),
            ("a: 'x\u{1}'\n", '\u{1}'),
            ("a: |\n  x\u{1}y\n", '\u{1}'),
            ("# \u{1b}\n", '\u{1b}'),
            ("\u{7f}: 1\n", '\u{7f}'),
        ] {
            let [problem] = &read(text, FileId(0)).unwrap_err()[..] else { panic!("{text:?}") };
            let code = u32::from(character);
            let message = format!("YAML does not allow the character U+{code:04X}");
            assert_eq!(problem.message, message, "{text:?}");
            let at = text.find(character).unwrap();
            let span = Span::new(FileId(0), at, at + character.len_utf8());
            assert_eq!(problem.place, crate::diagnostic::Place::Span(span), "{text:?}");
        }
        let problems = read("a: @x\n", FileId(0)).unwrap_err();
        assert_eq!(problems[0].message, "a text cannot start with `@`");
    }

    #[test]
    fn one_document_may_have_its_markers() {
        assert_eq!(node("---\na: 1\n...\n").get("a").unwrap().value, Value::Int(1));
        assert_eq!(node("a: 1\r\nb: x\r\n").get("b").unwrap().as_str(), Some("x"));
    }

    #[test]
    fn a_block_text_ends_where_the_file_does() {
        for (text, value) in [
            ("a: |\n  x\n", "x\n"),
            ("a: |\n  x", "x"),
            ("a: >\n  x\n  y", "x y"),
            ("a: |-\n  x", "x"),
        ] {
            assert_eq!(node(text).get("a").unwrap().as_str(), Some(value), "{text:?}");
        }
    }

    #[test]
    fn tabs_and_signs_stand_where_all_readers_take_them() {
        for text in [
            "a:\tb\n",
            "a: b\t# c\n",
            "a: \"x\n\ty\"\n",
            "a: |\n  x\n  \ty\n",
            "a: |2\n  \ty\n",
            "a: [b,\tc]\n",
            "a: [\"b?\", '?', http://c:80/d]\n",
            "a: {? b}\n",
            "a: {b: , c: }\n",
            "a: b? c\n",
            "a: b\n...\n",
        ] {
            node(text);
        }
    }

    #[test]
    fn depth_is_bounded_and_costs_no_stack() {
        let deepest = "[".repeat(MAX_DEPTH) + &"]".repeat(MAX_DEPTH);
        assert!(read(&deepest, FileId(0)).is_ok());
        for text in ["[".repeat(100_000), "{a: ".repeat(100_000), "- ".repeat(100_000)] {
            let problems = read(&text, FileId(0)).unwrap_err();
            assert_eq!(problems.len(), 1);
            assert_eq!(problems[0].code, Code::TooDeep);
        }
    }

    #[test]
    fn a_key_is_found_twice_in_maps_of_any_size() {
        let keys = |count: u32| (0..count).map(|key| format!("k{key}: 1\n")).collect::<String>();
        for count in [1, 32, 33, 34, 1000] {
            assert_eq!(node(&keys(count)).entries().len(), count as usize);
            let twice = keys(count) + "k0: 2\nk0: 3\n";
            let (first, second) = (count + 1, count + 2);
            assert_eq!(problems(&twice), [format!("SW012 {first}:1"), format!("SW012 {second}:1")]);
        }
        // Were each key compared with all before it, this would take a minute.
        assert_eq!(node(&keys(95_000)).entries().len(), 95_000);
    }

    #[test]
    fn an_alias_bomb_is_one_problem() {
        let mut text = String::from("a0: &a0 [x, x]\n");
        for level in 1..50 {
            let below = level - 1;
            text += &format!("a{level}: &a{level} [*a{below}, *a{below}]\n");
        }
        assert_eq!(problems(&text), ["SW014 1:5"]);
    }
}
