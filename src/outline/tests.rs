//! Outlines of small templates: which templates have one, and which values fit into it.

use super::*;
use crate::language::{Namespace, ResourceName};
use crate::manifest;
use crate::source::yaml::MAX_DEPTH;
use minijinja::Value as Given;
use proptest::prelude::*;

const TEMPLATE: &str = "mariadb/user.yaml.j2";
const START: &str = "apiVersion: a/v1\nkind: User\nmetadata:\n  name: {{ name }}\n  namespace: b\n";

/// A project's own template, and its outlines.
struct Run {
    templates: Templates,
    outlines: Outlines,
}

impl Run {
    fn of(text: &str) -> Self {
        let project = tempfile::tempdir().unwrap();
        let path = project.path().join("templates").join(TEMPLATE);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        let templates = Templates::load(project.path(), "templates", &mut Default::default()).value;
        let outlines = Outlines::new(&templates);
        Self { templates, outlines }
    }

    /// An object, made the whole way.
    fn whole(&self, name: &str, metadata: &Metadata, context: &Given) -> Option<String> {
        let text = self.templates.render(TEMPLATE, context).ok()?;
        let mut node = manifest::read(&text, &manifest(name), context, "").ok()?;
        metadata.put(&mut node, |text| text.into());
        Some(manifest::write(node))
    }

    /// An object from its outline and the same object made the whole way, from which an outline is
    /// made. Both are the same where there are both.
    #[track_caller]
    fn both(
        &self,
        name: &str,
        metadata: &Metadata,
        context: &Given,
    ) -> (Option<String>, Option<String>) {
        let whole = self.whole(name, metadata, context);
        let mut bindings = self.outlines.bindings();
        bindings.bind(context);
        // A template that does not compile has no flow.
        let Some(flow) = self.outlines.flows.get(TEMPLATE) else { return (None, whole) };
        let Some(trace) = flow.follow(&mut bindings) else { return (None, whole) };
        let manifest = manifest(name);
        let subject = Subject { manifest: &manifest, metadata, passwords: &[] };
        let filled = self.outlines.fill(&subject, &trace);
        if filled.is_some() {
            assert_eq!(filled, whole, "{context:?}");
        }
        if let Some(body) = &whole {
            self.outlines.learn(&subject, flow, &trace, body);
        }
        (filled, whole)
    }
}

fn manifest(name: &str) -> Manifest {
    Manifest {
        of: object_types().find(|of| of.template == TEMPLATE).unwrap(),
        part: crate::object::Part::Definition,
        namespace: Namespace::new("b").unwrap(),
        name: ResourceName::new(name).unwrap(),
        reads: Box::default(),
        outlives: false,
    }
}

/// The second of two objects from the outline of the first, where it has one.
#[track_caller]
fn filled(text: &str, values: [(&str, Given); 2], labels: [&str; 2]) -> Option<String> {
    let run = Run::of(text);
    let both = values.into_iter().zip(labels).map(|((name, value), label)| {
        let context = Given::from(BTreeMap::from([("name", Given::from(name)), ("v", value)]));
        run.both(name, &Metadata::of([("l", label)], [("a", "1")]), &context).0
    });
    both.last().flatten()
}

#[test]
fn values_are_written_into_their_holes() {
    let text = format!(
        "{{% if v.on %}}{START}{{% endif %}}spec: # c\n  a: {{{{ v.text }}}}\n  b:\n    - [{{{{ v.list }}}}]\n  \
         c:\n    {{{{ v.key }}}}: true\n{{% if v.text == \"x\" %}}d: 1{{% else %}}e: {{{{ name ~ \"-e\" }}}}{{% endif %}}\n"
    );
    let value = |text: &str, key: &str, list: Vec<i64>| {
        let entries = [("on", Given::from(true)), ("text", text.into()), ("key", key.into())];
        let list = ("list", Given::from(list));
        Given::from(entries.into_iter().chain([list]).collect::<BTreeMap<_, _>>())
    };
    let values = [("n", value("y", "k", vec![])), ("m", value("a: \nb\n", "no", vec![5, -1]))];
    assert_eq!(
        filled(&text, values, ["x", "null"]).unwrap(),
        "apiVersion: a/v1\nkind: User\nmetadata:\n  name: m\n  namespace: b\n  labels:\n    l: \"null\"\n  \
         annotations:\n    a: \"1\"\nspec:\n  a: \"a: \\nb\\n\"\n  b:\n    - - - 5\n        - -1\n  c:\n    \
         \"no\": true\ne: m-e\n"
    );
    // The other decision of a condition has an outline of its own.
    let values = [("n", value("y", "k", vec![])), ("m", value("x", "k", vec![]))];
    assert_eq!(filled(&text, values, ["x", "x"]), None);
}

#[test]
fn a_template_whose_values_could_change_the_tree_has_no_outline() {
    for rest in [
        "a: {{ v }}px\n",
        "a: -{{ v }}\n",
        "a: x {{ v }}\n",
        "a: '{{ v }}'\n",
        "a: |\n  {{ v }}\n",
        "# {{ v }}\na: 1\n",
        "a: [1, {{ v }}{{ v }}]\n",
        "{{ v }}: 2\n",
        "a: {b: 1, {{ v }}: 2}\n",
        "a: \"\\u00010\"\nb: {{ v }}\n",
        "a: \"\\u00011\"\nb: {{ v }}\n",
        "  labels: {{ {\"a\": v} }}\n",
        "  labels:\n    a: {{ v }}\n",
        "  annotations: {{ v }}\n",
        "status: {{ v }}\n",
        "{% set w = v %}a: {{ w }}\n",
        "{% for w in [v] %}a: {{ w }}\n{% endfor %}",
        "a: {{ v | upper }}\n",
        "a: {{ v.b }}\n",
        "a: {{ w }}\n",
        "a: {{ v[0] }}\n",
        "{% if v is none %}a: 1{% endif %}\n",
        "{% if v > \"a\" %}a: 1{% endif %}\n",
    ] {
        let values = [("n", Given::from("u")), ("n", Given::from("v"))];
        assert_eq!(filled(&format!("{START}{rest}"), values, ["x", "x"]), None, "{rest:?}");
    }
}

#[test]
fn values_that_readers_may_read_otherwise_do_not_fit() {
    let fill = |value: Given| {
        filled(&format!("{START}a: {{{{ v }}}}\n"), [("n", "x".into()), ("n", value)], ["x"; 2])
    };
    for value in [
        Given::from(1.5),
        Given::from(u64::MAX),
        Given::from_safe_string("x".to_owned()),
        Given::from_bytes(vec![1]),
        Given::UNDEFINED,
        Given::from(BTreeMap::from([("a\"", 1)])),
        Given::from_pairs([(1, 1)]),
    ] {
        assert_eq!(fill(value.clone()), None, "{value:?}");
    }
    let nested = |levels| (0..levels).fold(Given::from(1), |value, _| Given::from(vec![value]));
    assert!(fill(nested(MAX_DEPTH - 1)).is_some());
    assert_eq!(fill(nested(MAX_DEPTH)), None);
    // Another object than the one that is wanted.
    let text = START.replace("{{ name }}", "{{ v }}");
    assert_eq!(filled(&text, [("n", "n".into()), ("n", "m".into())], ["x"; 2]), None);
}

#[test]
fn only_the_same_list_gets_the_kept_text_of_a_shared_list() {
    let text = format!("{START}a: {{{{ v }}}}\nb:\n  - {{{{ v }}}}\n");
    let fill = |one: &Given, other: &Given| {
        filled(&text, [("n", one.clone()), ("m", other.clone())], ["x"; 2])
    };
    let shared = Given::from(vec![1]);
    let written = "a:\n  - 1\nb:\n  - - 1\n";
    assert!(fill(&shared, &shared).unwrap().ends_with(written));
    assert!(fill(&shared, &Given::from(vec![1])).unwrap().ends_with(written));
    assert!(fill(&shared, &Given::from(vec![2])).unwrap().ends_with("- - 2\n"));
    // minijinja says that this list is equal to the first one, and its text differs.
    let alike = Given::from(vec![1.0]);
    assert!(alike == shared && fill(&shared, &alike).is_none());
}

#[test]
fn an_invariant_has_no_other_value() {
    let run = Run::of(&format!("{START}spec:\n  name: {{{{ v }}}}\n"));
    let metadata = Metadata::of([("l", "x")], [("a", "1")]);
    let map = |entries: Vec<(&'static str, Given)>| {
        Given::from(entries.into_iter().collect::<BTreeMap<_, _>>())
    };
    let fill = |v: &str, name: &str, kind: Option<&str>| {
        let server = map(kind.map(|kind| ("kind", kind.into())).into_iter().collect());
        let database = map(vec![("name", name.into()), ("server", server)]);
        let context = map(vec![("name", "n".into()), ("v", v.into()), ("database", database)]);
        let (filled, whole) = run.both("n", &metadata, &context);
        (filled.is_some(), whole.is_some())
    };
    assert_eq!(fill("a", "a", None), (false, true));
    assert_eq!(fill("b", "b", None), (true, true));
    assert_eq!(fill("a", "b", None), (false, false));
    // A server of another kind, which the template does not write.
    assert_eq!(fill("a", "a", Some("ExternalMariaDB")), (false, false));
}

#[test]
fn other_keys_of_labels_have_another_outline() {
    let run = Run::of(START);
    let context = Given::from(BTreeMap::from([("name", "n")]));
    let body = |key: &'static str| run.both("n", &Metadata::of([(key, "x")], []), &context).0;
    assert_eq!((body("a"), body("b")), (None, None));
    assert!(body("a").unwrap().contains("    a: x\n"));
    // The same key of an annotation is another key.
    let annotation = || run.both("n", &Metadata::of([], [("a", "x")]), &context).0;
    assert_eq!(annotation(), None);
    assert!(annotation().unwrap().contains("  annotations:\n    a: x\n"));
    // A template whose texts always differ does not fill the memory.
    let keys: Vec<&'static str> =
        (0..2 * MAX_OUTLINES).map(|number| &*format!("k{number}").leak()).collect();
    assert!(keys.into_iter().all(|key| body(key).is_none()));
    assert_eq!(run.outlines.known.read().unwrap().len(), MAX_OUTLINES);
}

fn value() -> impl Strategy<Value = Given> {
    let leaf = prop_oneof![
        any::<String>().prop_map(Given::from),
        any::<bool>().prop_map(Given::from),
        any::<i64>().prop_map(Given::from),
        Just(Given::from(())),
        prop::sample::select(vec![
            "a", "b: c", "", "no", "1", "\n", "\u{1}0", "- x", "#", "a\n\n", "a\nb\n"
        ])
        .prop_map(Given::from),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        let key = prop::sample::select(vec!["a", "b", "no", ": ", "é"]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Given::from),
            prop::collection::btree_map(key, inner, 0..3).prop_map(Given::from),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the template: an outline gives what the whole way gives, or nothing.
    #[test]
    fn no_outline_is_wrong(
        parts in prop::collection::vec(prop::sample::select(vec![
            "{{ v }}", "{{ v }}", "{{ name }}", "{{ v ~ name }}", "{% if v %}", "{% else %}", "{% endif %}", "{% if name == v %}",
            "a", "b: ", "c:", "\n", "\n  ", "\n- ", "- ", " ", "[", "]", "{", "}", ", ", ",", ":", "#", " # ", "spec: ", "  labels: ",
            "'", "\"", "|", ">", "-", "?", "? ", "!", "&a ", "*a", "---\n", "1", "\\u00010", "\t",
        ]), 0..9),
        one in value(), two in value(), labels in [any::<String>(), any::<String>()],
    ) {
        let values = [("n", one), ("m", two)];
        filled(&format!("{START}{}", parts.concat()), values, labels.each_ref().map(String::as_str));
    }
}
