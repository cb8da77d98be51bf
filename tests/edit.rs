//! Changing one value of any document changes nothing else of its text.

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sitewright::diagnostic::FileId;
    use sitewright::source::node::Node;
    use sitewright::source::{edit, yaml};
    use std::ops::Range;

    /// A document: its text, and each of its values by the keys that lead there.
    #[derive(Clone, Debug, Default)]
    struct Document {
        text: String,
        values: Vec<(Vec<String>, Range<usize>)>,
        /// The maps, by the keys that lead there.
        maps: Vec<Vec<String>>,
    }

    /// A value of a document.
    #[derive(Clone, Debug)]
    enum Value {
        Scalar(&'static str),
        /// On one line, or on several.
        Map(bool, Vec<Value>),
    }

    /// Everything that may stand around values.
    #[derive(Clone, Debug)]
    struct Style {
        line_end: &'static str,
        indent: usize,
        comments: bool,
        ends: bool,
    }

    fn value() -> impl Strategy<Value = Value> {
        let scalar = prop::sample::select(vec![
            "a",
            "'2.5'",
            "\"2.6\"",
            "1",
            "true",
            "\"x # y\"",
            "'it''s'",
            "\"\\u00e9: {\"",
            "é",
            "[a, b]",
            "~",
        ]);
        let leaf = scalar.prop_map(Value::Scalar);
        leaf.prop_recursive(3, 16, 4, |inner| {
            (any::<bool>(), prop::collection::vec(inner, 1..4))
                .prop_map(|(flow, all)| Value::Map(flow, all))
        })
    }

    fn style() -> impl Strategy<Value = Style> {
        let line_end = prop::sample::select(vec!["\n", "\r\n"]);
        (line_end, 1..5_usize, any::<bool>(), any::<bool>()).prop_map(
            |(line_end, indent, comments, ends)| Style { line_end, indent, comments, ends },
        )
    }

    impl Document {
        fn new(values: &[Value], style: &Style) -> Self {
            let mut document = Self::default();
            document.block(values, &[], 0, style);
            if !style.ends {
                let length = document.text.trim_end_matches(['\r', '\n']).len();
                document.text.truncate(length);
            }
            document
        }

        fn block(&mut self, values: &[Value], path: &[String], depth: usize, style: &Style) {
            self.maps.push(path.to_vec());
            for (at, value) in values.iter().enumerate() {
                let key = format!("k{at}");
                let path = [path, std::slice::from_ref(&key)].concat();
                if style.comments && at % 2 == 0 {
                    self.text += &format!("{}# about: {key}{}", " ".repeat(depth), style.line_end);
                }
                self.text += &format!("{}{key}:", " ".repeat(depth));
                match value {
                    Value::Map(false, below) => {
                        self.end_line(style);
                        self.block(below, &path, depth + style.indent, style);
                    }
                    _ => {
                        self.text.push(' ');
                        self.flow(value, &path);
                        self.end_line(style);
                    }
                }
            }
        }

        fn end_line(&mut self, style: &Style) {
            if style.comments {
                self.text += "  # it's a \"comment\"";
            }
            self.text += style.line_end;
        }

        fn flow(&mut self, value: &Value, path: &[String]) {
            match value {
                Value::Scalar(written) => {
                    let start = self.text.len();
                    self.text += written;
                    self.values.push((path.to_vec(), start..self.text.len()));
                }
                Value::Map(_, below) => {
                    self.maps.push(path.to_vec());
                    self.text.push('{');
                    for (at, value) in below.iter().enumerate() {
                        let key = format!("k{at}");
                        self.text += &format!("{}{key}: ", if at > 0 { ", " } else { "" });
                        self.flow(value, &[path, &[key]].concat());
                    }
                    self.text.push('}');
                }
            }
        }
    }

    /// The text at a path.
    fn read(text: &str, path: &[&str]) -> Option<String> {
        let root = yaml::read(text, FileId(0)).unwrap();
        let found = path.iter().try_fold(&root, |node, key| node.get(key));
        found.and_then(Node::as_str).map(str::to_owned)
    }

    /// Whether a text is another one with something added at one place.
    fn is_with_more(text: &str, before: &str) -> bool {
        let same = text.bytes().zip(before.bytes()).take_while(|(one, other)| one == other).count();
        (0..=same).rev().any(|at| before.is_char_boundary(at) && text.ends_with(&before[at..]))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2048))]

        #[test]
        fn only_the_value_changes(
            values in prop::collection::vec(value(), 1..5),
            style in style(),
            at in any::<prop::sample::Index>(),
            new in "[ -~é]{0,12}",
        ) {
            let document = Document::new(&values, &style);
            let (path, range) = &document.values[at.index(document.values.len())];
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            let changed = edit::set(&document.text, &path, &new).unwrap();
            prop_assert_eq!(read(&changed, &path), Some(new));
            let (before, after) = (&document.text[..range.start], &document.text[range.end..]);
            prop_assert!(changed.starts_with(before) && changed.ends_with(after), "{:?}", changed);
        }

        #[test]
        fn a_key_is_only_added(
            values in prop::collection::vec(value(), 1..5),
            style in style(),
            at in any::<prop::sample::Index>(),
            below in any::<bool>(),
        ) {
            let document = Document::new(&values, &style);
            let map = &document.maps[at.index(document.maps.len())];
            let new: &[&str] = if below { &["new", "below"] } else { &["new"] };
            let path: Vec<&str> = map.iter().map(String::as_str).chain(new.iter().copied()).collect();
            let changed = edit::set(&document.text, &path, "2.6").unwrap();
            prop_assert_eq!(read(&changed, &path), Some("2.6".to_owned()));
            prop_assert!(is_with_more(&changed, &document.text), "{:?}", changed);
        }
    }
}
