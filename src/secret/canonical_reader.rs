//! The fast reader of records that have exactly the form that sitewright writes. It reads line by
//! line and builds no tree. Nearly all records have this canonical form.
//!
//! This reader only saves time. It returns `None` for a text that differs from the output of
//! [`write`](super::record_file::write), except in the comments at its start. The YAML reader then
//! reads the text.

use super::backend;
use super::record::{Facts, Policy, Record, scope_name};
use super::records::Records;
use crate::diagnostic::{Excerpt, FileId, Sources, Span};
use crate::language::{Fingerprint, Label, ResourceName, SecretKey, SecretMode, SecretScope};
use crate::manifest::writer::is_plain;

/// The records of a file.
pub(super) fn read(file: FileId, sources: &Sources) -> Option<Records> {
    let mut lines = Lines { file, sources, text: sources.text(file), at: 0 };
    while lines.rest().starts_with('#') {
        // In YAML, other characters than `\n` also end a line, and some are not allowed even in
        // comments.
        lines.next().filter(|line| line.bytes().all(|byte| matches!(byte, b' '..=b'~')))?;
    }
    let mut records = Vec::new();
    let mut last = ("", "");
    while !lines.rest().is_empty() {
        let secret = lines.key("").filter(|secret| ResourceName::accepts(secret))?;
        // The keys are sorted, so none can occur twice.
        if secret <= last.0 {
            return None;
        }
        last = (secret, "");
        let before = records.len();
        while lines.rest().starts_with("  ") {
            let key = lines.key("  ").filter(|key| SecretKey::accepts(key) && *key > last.1)?;
            last.1 = key;
            records.push((secret.to_owned(), key.to_owned(), lines.record()?));
        }
        if records.len() == before {
            return None;
        }
    }
    (!records.is_empty()).then(|| records.into_iter().collect())
}

struct Lines<'s> {
    file: FileId,
    sources: &'s Sources,
    text: &'s str,
    /// The start of the next line.
    at: usize,
}

impl<'s> Lines<'s> {
    fn rest(&self) -> &'s str {
        &self.text[self.at..]
    }

    /// The next line, without its line end.
    fn next(&mut self) -> Option<&'s str> {
        let (line, _) = self.rest().split_once('\n')?;
        self.at += line.len() + 1;
        Some(line)
    }

    /// The key of the next line, whose value is a map.
    fn key(&mut self, indent: &str) -> Option<&'s str> {
        let key = self.next()?.strip_prefix(indent)?.strip_suffix(':')?;
        is_plain(key).then_some(key)
    }

    /// The value of a fact, or `None` if the next line does not state that fact.
    fn value(&mut self, fact: &str) -> Option<&'s str> {
        let rest = self.rest();
        let value = rest.strip_prefix("    ")?.strip_prefix(fact)?.strip_prefix(": ")?;
        let before = rest.len() - value.len();
        let (value, _) = value.split_once('\n')?;
        self.at += before + value.len() + 1;
        Some(value)
    }

    /// The value of a fact that must be one of a few words.
    fn word<T: Copy>(&mut self, fact: &str, words: &[T], name: fn(T) -> &'static str) -> Fact<T> {
        match self.value(fact) {
            None => Fact::Not,
            Some(value) => match words.iter().find(|word| name(**word) == value) {
                None => Fact::Otherwise,
                Some(word) => Fact::As(*word),
            },
        }
    }

    /// The mode.
    fn mode(&mut self) -> Fact<SecretMode> {
        match self.value("mode") {
            None => Fact::Not,
            Some(word) => backend::recorded_mode(word).map_or(Fact::Otherwise, Fact::As),
        }
    }

    /// The value of a fact that is a text, as a range of the file.
    fn text(&mut self, fact: &str, accepts: fn(&str) -> bool) -> Fact<Excerpt> {
        let Some(value) = self.value(fact) else { return Fact::Not };
        let end = self.at - 1;
        let start = match value {
            "\"\"" => end,
            _ if is_plain(value) => end - value.len(),
            _ => return Fact::Otherwise,
        };
        match self.sources.excerpt(Span::new(self.file, start, end)) {
            Some(text) if accepts(&text) => Fact::As(text),
            _ => Fact::Otherwise,
        }
    }

    /// A record. Its facts have a fixed order.
    fn record(&mut self) -> Option<Record> {
        let generation = self.value("generation")?;
        if generation.starts_with(['0', '+']) {
            return None;
        }
        let facts = Facts {
            generation: generation.parse().ok()?,
            policy: self.word("policy", &Policy::ALL, Policy::name).known()??,
            mode: self.mode().known()?,
            scope: self.word("scope", &SecretScope::ALL, scope_name).known()?,
            label: self.text("label", Label::accepts).known()??,
            sealed_for: self.text("sealedFor", Fingerprint::accepts).known()?,
            // The check of its shape is stricter than the check of its format.
            sealed: self.text("sealed", |_| true).known()?,
        };
        backend::record(facts).ok()
    }
}

/// A fact.
enum Fact<T> {
    Not,
    As(T),
    /// The fact is stated in another form, which at most the YAML reader can read.
    Otherwise,
}

impl<T> Fact<T> {
    /// The value of the fact if it is stated. `None` if the form of the line is not known.
    fn known(self) -> Option<Option<T>> {
        match self {
            Fact::Not => Some(None),
            Fact::As(value) => Some(Some(value)),
            Fact::Otherwise => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::record_file::{read_yaml, write};
    use crate::secret::{Certificate, SealedValue, seal};
    use proptest::prelude::*;

    fn certificate() -> Certificate {
        let pem = include_str!("../../sites/frankfurt/_sealing/2026-11.pem");
        Certificate::of_pem("a.pem", pem).unwrap()
    }

    fn source(text: &str) -> (Sources, FileId) {
        let mut sources = Sources::default();
        let file = sources.add("a.secrets.yaml".to_owned(), text.to_owned());
        (sources, file)
    }

    /// Records of every kind.
    fn records() -> Records {
        let sealed = seal(&certificate(), "", &[b'a'; 32]).unwrap();
        let value = |scope: SecretScope, key: Option<&str>| {
            let sealed_for = key.map(Into::into);
            let ciphertext = sealed.as_str().into();
            (SecretMode::Sealed, Some(SealedValue { scope: Some(scope), sealed_for, ciphertext }))
        };
        let fingerprint = certificate().fingerprint;
        let records = [
            ("a-admin", "password", "a/a-admin", value(SecretScope::Strict, Some(&fingerprint))),
            ("a-admin", "x", "", value(SecretScope::ClusterWide, None)),
            ("b", "1.5", "123", value(SecretScope::NamespaceWide, None)),
            ("c.d", "password", "a/c.d", (SecretMode::Plain, None)),
            ("no", "token", "a/no", (SecretMode::External, None)),
        ];
        // The backends that hold no value here.
        let elsewhere = [SecretMode::Plain, SecretMode::External]
            .iter()
            .filter_map(|mode| Some(("d", backend::recorded_word(*mode)?, "a/d", (*mode, None))));
        let record = |(secret, key, label, (mode, sealed)): (&str, &str, &str, _)| {
            let policy = Policy::Alphanumeric32;
            let record = Record { generation: 12, policy, mode, label: label.into(), sealed };
            (secret.to_owned(), key.to_owned(), record)
        };
        records.into_iter().chain(elsewhere).map(record).collect()
    }

    #[test]
    fn what_is_written_is_read_as_written() {
        let records = records();
        // A text that needs quotes is left to the YAML reader.
        let mut plain = records.clone();
        plain.remove("b", "1.5");
        plain.remove("no", "token");
        let (sources, file) = source(&write("a", &plain));
        assert_eq!(read(file, &sources), Some(plain));
        let (sources, file) = source(&write("a", &records));
        assert_eq!(read(file, &sources), None);
        assert_eq!(read_yaml(file, &sources), Ok(records));
    }

    #[test]
    fn any_other_text_is_left_to_yaml() {
        let mut records = records();
        records.remove("b", "1.5");
        records.remove("no", "token");
        let text = write("a", &records);
        for (old, new) in [
            ("generation: 12", "generation: 012"),
            ("generation: 12", "generation: +12"),
            ("generation: 12", "generation: 0"),
            ("generation: 12", "generation: 12 # raised"),
            ("generation: 12", "generation:  12"),
            ("policy: alphanumeric-32", "policy: \"alphanumeric-32\""),
            ("policy: alphanumeric-32", "policy: adopt"),
            ("label: a/a-admin", "label: A"),
            ("label: a/a-admin", "label: 1"),
            ("    scope: strict\n", ""),
            ("scope: strict", "scope: wide"),
            ("sealedFor: SHA256:", "sealedFor: SHA256"),
            ("    sealed: ", "    sealed: !"),
            ("    sealed: ", "    sealed: A"),
            ("    label: a/a-admin\n", "    label: a/a-admin\n    label: a/a-admin\n"),
            ("\nc.d:", "\na-admin:"),
            ("  x:\n", "  password:\n"),
            ("c.d:", "c.d: {}\nd:"),
            ("c.d:", "C:"),
            ("# Commit", "# \rno: {}"),
            ("# Commit", "# \u{7f}"),
            ("# Commit", "Commit"),
            ("    mode: plain\n", "    mode: plain\n\n"),
            ("    mode: plain\n", "    mode: plain\r\n"),
            ("    mode: plain\n", "    mode: plan\n"),
            ("    mode: plain\n", "    mode: plain\n    sealedFor: SHA256:x\n"),
            ("  password:\n    generation", "   password:\n    generation"),
        ] {
            assert!(text.contains(old), "{old}");
            let (sources, file) = source(&text.replacen(old, new, 1));
            assert_eq!(read(file, &sources), None, "{new}");
        }
        for text in ["", "# a\n", "a:\n", "a:\n  b:\n", text.trim_end()] {
            let (sources, file) = source(text);
            assert_eq!(read(file, &sources), None, "{text:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// After any edit of a file, the answer is that of the YAML reader, or there is none.
        #[test]
        fn no_answer_is_wrong(
            edits in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..9, prop::sample::select(vec![
                "", "\n", " ", "  ", ":", ": ", "#", "\"", "'", "-", "0", "a", "password:", "    ", "null", "~", "&a ", "=", "\t", "\u{85}", "\r", "\r\n", "\u{7f}", "\rb: {}\n",
                "generation: 1\n", "    generation: 1\n", "    label: a\n", "    mode: plain\n", "b:\n", "  p:\n", "---\n", "...\n",
            ])), 1..4),
        ) {
            let mut text = write("a", &records());
            for (at, removed, added) in edits {
                let at = at.index(text.len());
                let end = (at + removed).min(text.len());
                if text.is_char_boundary(at) && text.is_char_boundary(end) {
                    text.replace_range(at..end, added);
                }
            }
            let (sources, file) = source(&text);
            if let Some(records) = read(file, &sources) {
                prop_assert_eq!(read_yaml(file, &sources), Ok(records), "{}", text);
            }
        }
    }
}
