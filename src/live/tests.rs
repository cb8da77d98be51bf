//! Properties of reading: the form of a dump, the borders of batches and the order of keys do not matter, and a
//! dump that is cut anywhere is refused.

use super::super::clean::json_of;
use super::super::cut::Cutter;
use super::super::json::{self, Keep};
use super::super::scalar;
use super::*;
use crate::{manifest, source};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::io::Cursor;

/// Reads a text in batches of this size. YAML Lists above `small` bytes are cut.
fn read_in(text: &[u8], size: usize, small: usize) -> File<String> {
    let shown: Arc<str> = "dump".into();
    let reader = Reader {
        file: &shown,
        is_named: true,
        wanted: &|_, kind| kind != "Pod",
        managers: true,
        statuses: false,
    };
    let from = Box::new(Cursor::new(text.to_vec()));
    let cutter = Cutter::above(text, small);
    let batches = Batches::sized(from, size, Some(cutter));
    stream(batches, &reader, &|object| {
        let LiveObject { node, owners, finalizers, managers, is_deleted, .. } = object;
        // Our writer has an order of its own.
        let mut content: Value = serde_json::from_str(&json_of(&node)).unwrap();
        content.sort_all_objects();
        Some(format!("{content} {owners:?} {finalizers:?} {managers:?} {is_deleted}"))
    })
}

/// The objects of a text, and the codes of its problems.
fn read_all(text: &[u8]) -> (Vec<String>, Vec<&'static str>) {
    let file = read_in(text, 1 << 20, 1 << 20);
    let codes = file.problems.iter().map(|it| it.code.id()).collect();
    (file.objects.into_iter().filter_map(|(_, _, made)| made).collect(), codes)
}

fn any_scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1.0e6..1.0e6).prop_map(Value::from),
        "[ -~]{0,12}".prop_map(Value::from),
        "(a|\t|\n|\r| |\"|'|\\\\|:|#|-|é|\u{85}|\u{2028}|\u{1}|😀){0,8}".prop_map(Value::from),
        prop::sample::select(vec![
            "yes", "0777", "1:30", "~", "{{ x }}", "- a", "items:", "---", "a: b"
        ])
        .prop_map(Value::from),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    any_scalar().prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec(("[a-m]{3,6}|items|kind|1|é", inner), 0..4)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

/// An object. Its keys are in any order.
fn object(number: usize) -> impl Strategy<Value = Value> {
    let kinds = prop::sample::select(vec!["MariaDB", "Pod", "Secret"]);
    (kinds, value(), value(), any::<prop::sample::Index>()).prop_map(move |(kind, spec, status, turn)| {
        let api_version = if kind == "MariaDB" { "k8s.mariadb.com/v1alpha1" } else { "v1" };
        let entries = [
            ("apiVersion", json!(api_version)),
            ("kind", json!(kind)),
            ("metadata", json!({
                "name": format!("a{number}"), "namespace": "b", "uid": "u", "generation": 3,
                "managedFields": [{"manager": "kubectl", "operation": "Apply", "fieldsV1": {"f:spec": {}}}],
                "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}\n"},
            })),
            ("spec", spec),
            ("data", json!({"password": "aHVudGVyMg=="})),
            ("status", status),
        ];
        let turn = turn.index(entries.len());
        let mut entries = entries.map(|(key, value)| (key.to_owned(), value));
        entries.rotate_left(turn);
        Value::Object(Map::from_iter(entries))
    })
}

fn objects() -> impl Strategy<Value = Vec<Value>> {
    (object(0), object(1), object(2), 0..4_usize)
        .prop_map(|(a, b, c, number)| [a, b, c].into_iter().take(number).collect())
}

/// Whether `serde_yaml` writes a text of the value plain that `kubectl` reads as something else.
fn is_misread(value: &Value) -> bool {
    match value {
        Value::String(text) => !matches!(scalar::plain(text), source::node::Value::String(_)),
        Value::Array(items) => items.iter().any(is_misread),
        Value::Object(entries) => entries.values().any(is_misread),
        _ => false,
    }
}

/// Objects as YAML documents, as sitewright writes them.
fn canonical(objects: &[Value]) -> String {
    let node = |it: &Value| {
        let keep = Keep { managers: true, statuses: false, is_secret: false };
        json::read(it.to_string().as_bytes(), keep).unwrap()
    };
    objects.iter().map(|it| format!("---\n{}", manifest::write(node(it)))).collect()
}

/// The forms in which objects are given.
fn forms(objects: &[Value]) -> Vec<String> {
    let list = json!({"apiVersion": "v1", "items": objects, "kind": "List", "metadata": {"resourceVersion": ""}});
    let lines = objects.iter().map(|it| format!("{it}\n")).collect::<String>();
    let yaml = |it: &Value| serde_yaml::to_string(it).unwrap();
    let mut forms = vec![list.to_string(), format!("{list:#}\n"), Value::from(objects).to_string()];
    if !is_misread(&list) {
        forms.extend([yaml(&list), format!("# a comment\n{}", yaml(&list).replace('\n', "\r\n"))]);
    }
    if !objects.is_empty() {
        forms.extend([lines, canonical(objects)]);
    }
    forms
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_form_and_every_border_gives_the_same(
        objects in objects(), size in 1..200_usize, small in 0..300_usize,
    ) {
        let wanted = objects.iter().filter(|it| it["kind"] != "Pod").count();
        let mut first = None;
        for form in forms(&objects) {
            // A text with carriage returns of its own is another text with Windows line ends.
            if form.contains("\r\n") && objects.iter().any(|it| it.to_string().contains("\\r")) {
                continue;
            }
            let (read, problems) = read_all(form.as_bytes());
            prop_assert_eq!(&problems, &Vec::<&str>::new(), "{}", form);
            prop_assert_eq!(read.len(), wanted);
            let shows = |it: &String| it.contains("\"kind\":\"Secret\"") && it.contains("aHVudGVyMg");
            prop_assert!(!read.iter().any(shows));
            let in_batches = read_in(form.as_bytes(), size, small);
            prop_assert!(in_batches.problems.is_empty(), "{:?} {form}", in_batches.problems);
            let places: Vec<u32> = in_batches.objects.iter().map(|(_, place, _)| place.line).collect();
            let whole = read_in(form.as_bytes(), 1 << 20, 1 << 20);
            prop_assert_eq!(places, whole.objects.iter().map(|(_, place, _)| place.line).collect::<Vec<_>>());
            let made = in_batches.objects.into_iter().filter_map(|(_, _, made)| made);
            prop_assert_eq!(made.collect::<Vec<_>>(), read.clone(), "{}", form);
            prop_assert_eq!(&read, first.get_or_insert(read.clone()), "{}", form);
        }
    }

    /// The objects of a List that is cut are never taken for all of them.
    #[test]
    fn a_list_that_is_cut_anywhere_is_refused(
        objects in objects(), at in any::<prop::sample::Index>(), small in 0..300_usize,
    ) {
        for form in forms(&objects).into_iter().filter(|it| it.contains("List")) {
            let cut = &form.as_bytes()[..at.index(form.len())];
            let whole = read_all(form.as_bytes()).0;
            for file in [read_in(cut, 64, small), read_in(cut, 1 << 20, 1 << 20)] {
                let made: Vec<_> = file.objects.into_iter().filter_map(|(_, _, made)| made).collect();
                prop_assert!(!file.problems.is_empty() || made == whole, "{}", String::from_utf8_lossy(cut));
            }
        }
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), small in 0..50_usize) {
        let _ = read_in(&bytes, 16, small);
    }

    #[test]
    fn no_text_of_signs_panics(text in "[\\[\\]{}\"\\\\:, \nia-]{0,60}", small in 0..50_usize) {
        let _ = read_in(text.as_bytes(), 7, small);
        let _ = read_in(format!("{{\"items\":[{text}").as_bytes(), 7, small);
        let _ = read_in(format!("items:\n- {text}").as_bytes(), 7, small);
    }
}
