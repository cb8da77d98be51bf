//! The canonical form of definitions: of every file in the repository, of what sitewright writes by itself, and of
//! texts that people might write.

#[cfg(test)]
#[path = "samples/mod.rs"]
mod samples;

#[cfg(test)]
mod tests {
    use super::samples::{files, samples};
    use proptest::prelude::*;
    use sitewright::diagnostic::{self, Diagnostic, FileId};
    use sitewright::formatting::{self, Formatted, Unformatted, formatted};
    use sitewright::language::{Fields, Kind};
    use sitewright::source::yaml;
    use std::fs;
    use std::path::Path;
    use std::process::Command;

    /// The files of a project that are not in canonical form, and the codes of what was found.
    fn differing(root: &Path) -> (Vec<String>, Vec<&'static str>) {
        let Formatted { edited, diagnostics, .. } = formatting::files(root, &[]).unwrap();
        let codes = diagnostics.iter().map(|found: &Diagnostic| found.code.id()).collect();
        (edited.into_iter().map(|file| file.path).collect(), codes)
    }

    #[test]
    fn every_sample_is_in_canonical_form() {
        for sample in samples() {
            assert_eq!(differing(&sample.root), Default::default(), "{}", sample.name);
        }
    }

    #[test]
    fn whatever_the_reader_accepts_has_a_canonical_form() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut count = 0;
        for folder in ["tests/fleets", "tests/syntax", "sites", "examples", "rendered", "gitops"] {
            for (path, bytes) in files(&root.join(folder)) {
                let Ok(text) = String::from_utf8(bytes) else { continue };
                let Ok(read) = yaml::read(&text, FileId(0)) else { continue };
                if read.entries().is_empty() {
                    continue;
                }
                for kind in [Some(Kind::Site), Some(Kind::Bench), None] {
                    stays(&text, kind.map_or(Fields::unknown(), Fields::of))
                        .unwrap_or_else(|why| panic!("{folder}/{path}: {why}"));
                }
                count += 1;
            }
        }
        assert!(count > 1000, "{count}");
    }

    /// Checks that a text that the reader accepts has a canonical form, which is the canonical form of itself.
    fn stays(text: &str, fields: Fields) -> Result<(), String> {
        let once = formatted(text, fields).map_err(|why| format!("{why:?}"))?;
        let twice = formatted(&once, fields).map_err(|why| format!("{why:?}: {once}"))?;
        if once != twice {
            return Err(format!("first:\n{once}then:\n{twice}"));
        }
        let is_clean = once.ends_with('\n') && !once.contains(['\r', '\u{feff}']);
        if is_clean { Ok(()) } else { Err(once) }
    }

    #[test]
    fn what_sitewright_writes_is_in_canonical_form() {
        let folder = tempfile::tempdir().unwrap();
        let run = |line: &str| {
            let output = Command::new(env!("CARGO_BIN_EXE_sitewright"))
                .args(line.split(' '))
                .current_dir(folder.path())
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.code().is_some_and(|code| code < 2), "{line}: {said}");
        };
        run("init --gitops flux --repository https://git.example/fleet");
        for line in [
            "new site first",
            "new site production/retail/second --dedicated --site-name b.example.com",
            "new server books",
            "new server rows --provider postgres",
            "new bench edge --frappe-version version-16 --image example.com:5000/erp:v16.2.0",
            "new bench production/other/v15",
            "new plan gold",
            "new plan standard --of-all",
            "new cluster staging --namespace erp",
        ] {
            run(line);
        }
        assert_eq!(differing(folder.path()), Default::default());
    }

    #[test]
    fn files_that_cannot_be_read_are_reported_and_left() {
        let folder = tempfile::tempdir().unwrap();
        let sites = folder.path().join("sites/a");
        fs::create_dir_all(&sites).unwrap();
        let bom = "\u{feff}siteName: x.example.com\r\nkind: Site\r\n";
        for (name, text) in [
            ("_cluster.yaml", "operators: {}\nkind: Cluster\n"),
            ("anchor.yaml", "siteName: &a x\nkind: Site\n"),
            ("bom.yaml", bom),
            ("broken.yaml", "siteName: [\nkind: Site\n"),
            ("merge.yaml", "<<<<<<< HEAD\nsiteName: a\n=======\n"),
            ("object.yaml", "kind: MariaDB\napiVersion: v1\n"),
            ("tag.yaml", "siteName: !!str x\nkind: Site\n"),
            ("unknown.yaml", "sitename: x\nkind: Site\n"),
            ("word.yaml", "protect: yes\nkind: Site\n"),
            ("x.secrets.yaml", "z: [\n"),
        ] {
            fs::write(sites.join(name), text).unwrap();
        }
        fs::write(folder.path().join("sitewright.yaml"), "maxRemovals: 5\nkind: Project\n")
            .unwrap();
        fs::write(folder.path().join("drift.yaml"), "\u{feff}kind: AcceptedDrift\n").unwrap();
        let Formatted { edited, unchanged, mut diagnostics, sources, .. } =
            formatting::files(folder.path(), &[]).unwrap();
        let after: Vec<(&str, &str)> =
            edited.iter().map(|file| (file.path.as_str(), file.after.as_str())).collect();
        assert_eq!(
            after,
            [
                ("sites/a/_cluster.yaml", "kind: Cluster\noperators: {}\n"),
                ("sites/a/bom.yaml", "kind: Site\nsiteName: x.example.com\n"),
                ("sites/a/unknown.yaml", "kind: Site\nsitename: x\n"),
                ("sitewright.yaml", "kind: Project\nmaxRemovals: 5\n"),
                ("drift.yaml", "kind: AcceptedDrift\n"),
            ]
        );
        assert_eq!(edited[1].before, bom);
        assert_eq!(unchanged, 0);
        diagnostic::sort(&mut diagnostics, &sources);
        let codes: Vec<&str> = diagnostics.iter().map(|found| found.code.id()).collect();
        assert_eq!(codes, ["SW014", "SW010", "SW018", "SW101", "SW016", "SW013"]);
    }

    #[test]
    fn paths_choose_files() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let of = |paths: &[&str]| {
            let paths: Vec<String> = paths.iter().map(|path| (*path).to_owned()).collect();
            let found = formatting::files(root, &paths).unwrap();
            let codes: Vec<&str> = found.diagnostics.iter().map(|it| it.code.id()).collect();
            (found.unchanged, codes)
        };
        assert_eq!(of(&["frankfurt/shared"]), (1, vec![]));
        assert_eq!(of(&["./sites/frankfurt/shared.yaml", "frankfurt/_cluster"]), (2, vec![]));
        let (whole, _) = of(&["sites"]);
        assert!(of(&["sites/frankfurt/"]).0 < whole);
        assert_eq!(of(&["."]), of(&[]));
        assert_eq!(of(&["frankfurt/no-such"]), (0, vec!["SW209"]));
        assert_eq!(of(&["sites/frankfurt/shared.secrets.yaml"]), (0, vec![]));
    }

    const KEYS: &[&str] = &[
        "siteName",
        "'bench'",
        "\"plan\"",
        "database",
        "mode",
        "server",
        "labels",
        "apps",
        "name",
        "resources",
        "limits",
        "memory",
        "cpu",
        "unknown",
        "\"a b\"",
        "domain",
    ];

    const SCALARS: &[&str] = &[
        "a",
        "'2.5'",
        "\"2.6\"",
        "1",
        "true",
        "~",
        "",
        "\"x # y\"",
        "'it''s'",
        "\"\\u00e9: {\"",
        "é",
        "a b",
        "'no'",
        "x:z",
        "http://a/b?c",
        "\"\\t\"",
        "- ",
        "'- '",
        "0x1F",
        "\"a\\nb\"",
        "''",
        "[]",
        "{}",
    ];

    /// A value of a definition.
    #[derive(Clone, Debug)]
    enum Value {
        Scalar(&'static str),
        Text(&'static str, Vec<&'static str>),
        Map(Style, Vec<(Around, &'static str, Value)>),
        List(Style, Vec<(Around, Value)>),
    }

    /// How a map or a list is written.
    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Style {
        Block { indent: usize },
        Line,
        Brackets,
    }

    /// What stands around an entry.
    #[derive(Clone, Debug)]
    struct Around {
        above: Vec<(usize, &'static str)>,
        beside: &'static str,
        is_below: bool,
    }

    fn around() -> impl Strategy<Value = Around> {
        let line = (0..7_usize, prop::sample::select(vec!["# a", "#", "# b: 'c'", "", ""]));
        let beside = prop::sample::select(vec!["", "", "", " # d", "   # \"e\"", "\t#f"]);
        (prop::collection::vec(line, 0..4), beside, prop::bool::weighted(0.1))
            .prop_map(|(above, beside, is_below)| Around { above, beside, is_below })
    }

    fn value() -> impl Strategy<Value = Value> {
        let style = || {
            let block = (0..4_usize).prop_map(|indent| Style::Block { indent });
            prop_oneof![4 => block, 1 => Just(Style::Line), 1 => Just(Style::Brackets)]
        };
        let header = prop::sample::select(vec!["|", "|-", "|+", ">", ">-", ">+", "| # g"]);
        let line = prop::sample::select(vec!["x", "  y", "# z", "", "k: v", "- w"]);
        let leaf = prop_oneof![
            4 => prop::sample::select(SCALARS).prop_map(Value::Scalar),
            1 => (header, prop::collection::vec(line, 0..4)).prop_map(|(header, lines)| Value::Text(header, lines)),
        ];
        leaf.prop_recursive(3, 24, 4, move |inner| {
            let entry = (around(), prop::sample::select(KEYS), inner.clone());
            let map = (style(), prop::collection::vec(entry, 1..5));
            let list = (style(), prop::collection::vec((around(), inner), 1..4));
            prop_oneof![
                map.prop_map(|(style, entries)| Value::Map(style, entries)),
                list.prop_map(|(style, items)| Value::List(style, items)),
            ]
        })
    }

    /// Writes the lines around and the value of an entry, after its key or its dash.
    fn write_value(value: &Value, around: &Around, indent: usize, out: &mut String) {
        match value {
            Value::Scalar(text) if around.is_below && !text.is_empty() => {
                *out += &format!(
                    "{}\n{}{text}{}\n",
                    around.beside,
                    " ".repeat(indent + 3),
                    around.beside
                );
            }
            Value::Scalar(text) => *out += &format!(" {text}{}\n", around.beside),
            Value::Text(header, lines) => {
                *out += &format!(" {header}\n");
                for line in lines {
                    let pad = if line.is_empty() { 0 } else { indent + 2 };
                    *out += &format!("{}{line}\n", " ".repeat(pad));
                }
            }
            Value::Map(Style::Block { indent: more }, _) => {
                *out += &format!("{}\n", around.beside);
                write_block(value, indent + 1 + more, out);
            }
            Value::List(Style::Block { indent: more }, _) => {
                *out += &format!("{}\n", around.beside);
                write_block(value, indent + more, out);
            }
            Value::Map(..) | Value::List(..) => {
                out.push(' ');
                write_flow(value, indent, out);
                *out += &format!("{}\n", around.beside);
            }
        }
    }

    fn write_above(around: &Around, out: &mut String) {
        for (pad, line) in &around.above {
            *out += &format!(
                "{}{line}\n",
                if line.is_empty() { String::new() } else { " ".repeat(*pad) }
            );
        }
    }

    fn write_block(value: &Value, indent: usize, out: &mut String) {
        let pad = " ".repeat(indent);
        match value {
            Value::Map(_, entries) => {
                for (around, key, value) in entries {
                    write_above(around, out);
                    *out += &format!("{pad}{key}:");
                    write_value(value, around, indent, out);
                }
            }
            Value::List(_, items) => {
                for (around, item) in items {
                    write_above(around, out);
                    *out += &format!("{pad}-");
                    // A list directly in a list must be indented.
                    write_value(item, around, indent + 1, out);
                }
            }
            Value::Scalar(_) | Value::Text(..) => {}
        }
    }

    fn write_flow(value: &Value, indent: usize, out: &mut String) {
        let (open, close, style, parts): (_, _, _, Vec<(&Around, Option<&str>, &Value)>) =
            match value {
                Value::Scalar(text) => return *out += text,
                Value::Text(..) => return *out += "\"t\"",
                Value::Map(style, entries) => {
                    let parts =
                        entries.iter().map(|(around, key, value)| (around, Some(*key), value));
                    ("{", "}", style, parts.collect())
                }
                Value::List(style, items) => (
                    "[",
                    "]",
                    style,
                    items.iter().map(|(around, value)| (around, None, value)).collect(),
                ),
            };
        *out += open;
        for (around, key, value) in parts {
            *out += &key.map_or_else(String::new, |key| format!("{key}: "));
            write_flow(value, indent + 1, out);
            out.push(',');
            if *style == Style::Brackets {
                *out += &format!("{}\n", around.beside);
                write_above(around, out);
                *out += &" ".repeat(indent + 1);
            }
        }
        *out += close;
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        #[test]
        fn a_text_that_people_might_write_has_one_canonical_form(
            entries in prop::collection::vec((around(), prop::sample::select(KEYS), value()), 1..6),
            end in around(),
            line_end in prop::sample::select(vec!["\n", "\r\n"]),
            cut in any::<bool>(),
        ) {
            let mut text = "kind: Site\n".to_owned();
            write_block(&Value::Map(Style::Line, entries), 0, &mut text);
            write_above(&end, &mut text);
            if cut {
                text.truncate(text.trim_end_matches('\n').len());
            }
            let text = text.replace('\n', line_end);
            // Some of the texts have a key twice, or a sign that readers disagree about.
            let is_read = yaml::read(&text, FileId(0)).is_ok();
            let found = stays(&text, Fields::of(Kind::Site));
            match is_read {
                true => prop_assert_eq!(found, Ok(()), "{}", text),
                false => prop_assert_eq!(formatted(&text, Fields::of(Kind::Site)), Err(Unformatted::Unread)),
            }
        }
    }

    /// The texts above are not refused too often to prove anything.
    #[test]
    fn most_texts_are_read() {
        use proptest::strategy::ValueTree as _;
        use proptest::test_runner::TestRunner;
        let mut runner = TestRunner::deterministic();
        let entries = prop::collection::vec((around(), prop::sample::select(KEYS), value()), 1..6);
        let mut read = 0;
        for _ in 0..500 {
            let entries = entries.new_tree(&mut runner).unwrap().current();
            let mut text = "kind: Site\n".to_owned();
            write_block(&Value::Map(Style::Line, entries), 0, &mut text);
            read += usize::from(yaml::read(&text, FileId(0)).is_ok());
        }
        assert!(read > 100, "{read}");
    }
}
