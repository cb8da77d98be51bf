//! A template writes the same text for thousands of sites, with other values. So its canonical text
//! is computed once for each combination of its conditions, and then only the values are inserted.
//!
//! This only saves time and does not change the output. A form is used only if the text around the
//! values cannot depend on the values: each value is where YAML reads a quoted string as a separate
//! value or key. The first object of each form is rendered both ways, and the form is kept only if
//! all bytes are the same. An object without a form is rendered normally, and only that way reports
//! problems.

mod outline;

use super::marks::Marks;
use super::writer::{self, HOLE, Hole};
use super::{Identity, encrypted, in_order, reserved, unexpected};
use crate::object::{Manifest, ObjectKind};
use crate::source::node::{Node, Value};
use crate::template::{Followed, Interpolated, Templates, Turns};
use foldhash::fast::FixedState;
use minijinja::Value as Given;
use outline::Outline;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::{Arc, RwLock};

/// The maximum number of forms. A template has one for each combination of its conditions. A
/// template whose texts always differ must not fill the memory.
const MAX_FORMS: usize = 1024;

/// The forms of a run.
#[derive(Debug, Default)]
pub struct Forms {
    /// The keys come from the project itself, so nobody chooses keys that slow down a hash table.
    known: RwLock<HashMap<Key, Known, FixedState>>,
}

/// A template, the decisions of its conditions, and a hash of the marks' keys.
type Key = (&'static str, Turns, u64);

/// The form of a key.
#[derive(Debug)]
struct Known {
    /// The keys of the form's marks.
    marks: Box<[Box<str>]>,
    /// `None` if objects of this key cannot have a form.
    form: Option<Arc<Form>>,
}

/// An object that may be rendered by its form.
#[derive(Debug)]
pub struct Subject<'a> {
    /// The object.
    pub manifest: &'a Manifest,
    /// The result of its template's plan.
    pub followed: &'a Followed<'a>,
    /// The marks that are added.
    pub marks: &'a Marks<'a>,
}

impl Forms {
    /// Renders an object by its form, if there is one. It returns the form and the canonical text.
    pub fn fill(&self, subject: &Subject) -> Option<(Arc<Form>, String)> {
        let form = match self.known.read().ok()?.get(&subject.key())? {
            known if subject.has_marks(&known.marks) => known.form.clone()?,
            _ => return None,
        };
        let body = form.fill(subject)?;
        Some((form, body))
    }

    /// Learns the form of an object from its text, which was rendered without a form.
    pub fn learn(&self, subject: &Subject, templates: &Templates, body: &str) {
        let key = subject.key();
        let is_done = |known: &HashMap<Key, Known, FixedState>| {
            known.len() >= MAX_FORMS || known.contains_key(&key)
        };
        if self.known.read().is_ok_and(|known| is_done(&known)) {
            return;
        }
        let form = Form::of(subject, templates);
        let form = form.filter(|form| form.fill(subject).as_deref() == Some(body));
        let form = form.map(|form| Arc::new(form.keep_lists(subject.followed)));
        let marks = subject.marks.iter().map(|(_, key, _)| key.into()).collect();
        if let Ok(mut known) = self.known.write()
            && !is_done(&known)
        {
            known.insert(key, Known { marks, form });
        }
    }
}

impl Subject<'_> {
    /// Everything that determines the text except the values.
    fn key(&self) -> Key {
        let mut hasher = FixedState::default().build_hasher();
        self.marks.iter().for_each(|(field, key, _)| (field, key).hash(&mut hasher));
        (self.manifest.of.template, self.followed.turns, hasher.finish())
    }

    fn has_marks(&self, keys: &[Box<str>]) -> bool {
        self.marks.iter().map(|(_, key, _)| key).eq(keys.iter().map(|key| &**key))
    }
}

/// The canonical text of an object without its values.
#[derive(Debug)]
pub struct Form {
    text: String,
    holes: Vec<Place>,
    kind: Word,
    namespace: Word,
    name: Word,
    /// The values of the fields of its type's invariants, in their order. `None` if it does not
    /// have the field.
    invariants: Box<[Option<Word>]>,
    /// The only key and value of a SealedSecret's `encryptedData`.
    encrypted: Option<(Word, Word)>,
    /// The maximum depth of each value, by its number.
    room: Vec<usize>,
}

/// The place of a value.
#[derive(Debug)]
struct Place {
    hole: Hole,
    /// A list that many objects share, with its written text.
    list: Option<(Given, Box<str>)>,
}

/// A text that is the same for all objects of a form, or the number of a value.
#[derive(Debug)]
enum Word {
    Fixed(Box<str>),
    Hole(usize),
}

impl Word {
    fn of(text: &str) -> Self {
        match hole(text) {
            Some(number) => Self::Hole(number),
            None => Self::Fixed(text.into()),
        }
    }

    fn get<'a>(&'a self, followed: &'a Followed) -> Option<&'a str> {
        match self {
            Word::Fixed(text) => Some(text),
            Word::Hole(number) => followed.value(*number)?.as_text(),
        }
    }
}

/// The number of a placeholder string.
fn hole(text: &str) -> Option<usize> {
    text.strip_prefix(HOLE)?.parse().ok()
}

impl Form {
    /// The form of an object, or `None` if it cannot have one or is invalid.
    fn of(subject: &Subject, templates: &Templates) -> Option<Self> {
        let Subject { manifest, followed, marks } = subject;
        let parts = templates.parts(manifest.of.template, followed.turns);
        let Outline { mut node, room } = Outline::of(&parts)?;
        if room.len() != followed.count() || reserved(&node).is_some() {
            return None;
        }
        let word = |path: &[&str]| {
            let found = path.iter().try_fold(&node, |node, key| node.get(key));
            found.and_then(Node::as_str).map(str::to_owned)
        };
        let [kind, namespace, name] =
            [word(&["kind"])?, word(&["metadata", "namespace"])?, word(&["metadata", "name"])?];
        let identity = Identity { kind: &kind, namespace: Some(&namespace), name: &name };
        if unexpected(&node, identity).is_some() || hole(word(&["apiVersion"])?.as_str()).is_some()
        {
            return None;
        }
        let encrypted = encrypted(&node).map(|(key, value)| (Word::of(key), Word::of(value)));
        if manifest.of.kind == ObjectKind::SealedSecret && encrypted.is_none() {
            return None;
        }
        let invariants = manifest.of.invariants().map(|invariant| {
            match invariant.field.iter().try_fold(&node, |node, key| node.get(key)) {
                None => Some(None),
                Some(stated) => stated.as_str().map(|text| Some(Word::of(text))),
            }
        });
        let invariants = invariants.collect::<Option<_>>()?;
        let mut next = room.len();
        marks.put(&mut node, |_| {
            next += 1;
            format!("{HOLE}{}", next - 1).into()
        });
        let (text, holes) = writer::with_holes(&in_order(node))?;
        let mut numbers: Vec<usize> = holes.iter().map(|hole| hole.number).collect();
        numbers.sort_unstable();
        let is_complete = numbers.into_iter().eq(0..next);
        let [kind, namespace, name] = [kind, namespace, name].map(|text| Word::of(&text));
        let holes = holes.into_iter().map(|hole| Place { hole, list: None }).collect();
        is_complete.then_some(Self {
            text,
            holes,
            kind,
            namespace,
            name,
            invariants,
            encrypted,
            room,
        })
    }

    /// The text of an object. `None` if its values do not fit the form, or its identity is not the
    /// expected one.
    fn fill(&self, subject: &Subject) -> Option<String> {
        let Manifest { of, namespace, name, .. } = subject.manifest;
        let followed = subject.followed;
        let expected =
            [(&self.kind, of.kind.as_str()), (&self.namespace, namespace), (&self.name, name)];
        if expected.iter().any(|(word, expected)| word.get(followed) != Some(*expected)) {
            return None;
        }
        if !self
            .invariants
            .iter()
            .enumerate()
            .all(|(at, word)| is_as_given(word.as_ref(), followed, at))
        {
            return None;
        }
        let marks: Vec<&str> = subject.marks.iter().map(|(_, _, value)| value).collect();
        let mut body = String::with_capacity(self.text.len() + 64 * self.holes.len() + 1024);
        let mut done = 0;
        for Place { hole, list } in &self.holes {
            body.push_str(&self.text[done..hole.at]);
            done = hole.at;
            let Some(value) = followed.value(hole.number) else {
                hole.text(marks.get(hole.number - followed.count())?, &mut body);
                continue;
            };
            match (value.as_text(), list) {
                _ if hole.is_key() && !value.is_key() => return None,
                (Some(text), _) => hole.text(text, &mut body),
                (None, Some((list, text))) if value.is_same_list(list) => body.push_str(text),
                _ => self.put(hole, value, &mut body)?,
            }
        }
        body.push_str(&self.text[done..]);
        Some(body)
    }

    /// Writes a value that is not a text. `None` if it does not fit.
    fn put(&self, hole: &Hole, value: &Interpolated, body: &mut String) -> Option<()> {
        let stated = value.stated()?;
        (levels(&stated) <= self.room[hole.number]).then(|| hole.value(&stated, body))
    }

    /// Keeps the written text of the lists of an object that the form rendered.
    fn keep_lists(mut self, followed: &Followed) -> Self {
        let mut holes = std::mem::take(&mut self.holes);
        for Place { hole, list } in &mut holes {
            // Texts and maps are not lists.
            let value = followed.value(hole.number);
            let Some(value) = value.filter(|value| value.is_same_list(value.value())) else {
                continue;
            };
            let mut text = String::new();
            let written = self.put(hole, value, &mut text);
            *list = written.map(|()| (value.value().clone(), text.into()));
        }
        Self { holes, ..self }
    }

    /// The encrypted data of an object that the form rendered.
    pub fn encrypted<'a>(&'a self, followed: &'a Followed) -> Option<(&'a str, &'a str)> {
        let (key, value) = self.encrypted.as_ref()?;
        Some((key.get(followed)?, value.get(followed)?))
    }
}

/// Whether a field has the value that the context gives for it.
fn is_as_given(word: Option<&Word>, followed: &Followed, at: usize) -> bool {
    match (word, followed.invariant(at)) {
        // The field is the variable itself.
        (Some(Word::Hole(hole)), _) if followed.is_invariant(*hole, at) => true,
        (Some(word), Some(told)) => {
            told.as_text().is_some_and(|told| word.get(followed) == Some(told))
        }
        (None, Some(told)) => told.value().is_none(),
        (None, None) => true,
        (Some(_), None) => false,
    }
}

/// The depth of nested maps and lists in a value.
fn levels(value: &Value) -> usize {
    match value {
        Value::List(items) => 1 + items.iter().map(|it| levels(&it.value)).max().unwrap_or(0),
        Value::Map(entries) => {
            1 + entries.iter().map(|it| levels(&it.node.value)).max().unwrap_or(0)
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest;
    use crate::plan::object_types;
    use crate::source::yaml::MAX_DEPTH;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    const TEMPLATE: &str = "mariadb/user.yaml.j2";
    const START: &str =
        "apiVersion: a/v1\nkind: User\nmetadata:\n  name: {{ name }}\n  namespace: b\n";

    fn templates(text: &str) -> Templates {
        let project = tempfile::tempdir().unwrap();
        let path = project.path().join("templates").join(TEMPLATE);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        Templates::load(project.path(), "templates", &mut Default::default(), &mut Vec::new())
    }

    fn manifest(name: &str) -> Manifest {
        Manifest {
            of: object_types().find(|of| of.template == TEMPLATE).unwrap(),
            app: "mariadb",
            part: crate::object::Part::Definition,
            namespace: "b".to_owned(),
            name: name.to_owned(),
            suffix: None,
            reads: Vec::new(),
            outlives: false,
        }
    }

    /// An object from its template alone.
    fn whole(templates: &Templates, name: &str, marks: &Marks, context: &Given) -> Option<String> {
        let text = templates.render(TEMPLATE, context).ok()?;
        let mut node = manifest::read(&text, &manifest(name), context, "").ok()?;
        marks.put(&mut node, |text| text.into());
        Some(manifest::write(node))
    }

    /// The second object by the form of the first, where there is one; it is the same as without.
    fn filled(text: &str, values: [(&str, Given); 2], labels: [&str; 2]) -> Option<String> {
        let templates = templates(text);
        let forms = Forms::default();
        let mut last = None;
        for ((name, value), label) in values.into_iter().zip(labels) {
            let context = Given::from(BTreeMap::from([("name", Given::from(name)), ("v", value)]));
            let marks = Marks::of([("l", label)], [("a", "1")]);
            let whole = whole(&templates, name, &marks, &context);
            let mut bindings = templates.bindings();
            bindings.bind(&context);
            let followed = templates.follow(TEMPLATE, &mut bindings)?;
            let manifest = manifest(name);
            let subject = Subject { manifest: &manifest, followed: &followed, marks: &marks };
            last = forms.fill(&subject).map(|(_, body)| body);
            if let Some(body) = &last {
                assert_eq!(Some(body), whole.as_ref(), "{text:?} {context:?}");
            }
            forms.learn(&subject, &templates, &whole?);
        }
        last
    }

    #[test]
    fn values_take_their_places() {
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
        // The other way of a condition has a form of its own.
        let values = [("n", value("y", "k", vec![])), ("m", value("x", "k", vec![]))];
        assert_eq!(filled(&text, values, ["x", "x"]), None);
    }

    #[test]
    fn what_its_values_could_change_has_no_form() {
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
    fn what_is_no_text_of_a_plain_kind_is_not_filled_in() {
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
        // Another object than the one that is asked for.
        let text = START.replace("{{ name }}", "{{ v }}");
        assert_eq!(filled(&text, [("n", "n".into()), ("n", "m".into())], ["x"; 2]), None);
    }

    #[test]
    fn a_list_that_objects_share_is_written_once_and_others_are_not_taken_for_it() {
        let text = format!("{START}a: {{{{ v }}}}\nb:\n  - {{{{ v }}}}\n");
        let fill = |one: &Given, other: &Given| {
            filled(&text, [("n", one.clone()), ("m", other.clone())], ["x"; 2])
        };
        let shared = Given::from(vec![1]);
        let written = "a:\n  - 1\nb:\n  - - 1\n";
        assert!(fill(&shared, &shared).unwrap().ends_with(written));
        assert!(fill(&shared, &Given::from(vec![1])).unwrap().ends_with(written));
        assert!(fill(&shared, &Given::from(vec![2])).unwrap().ends_with("- - 2\n"));
        // Templates take it for equal to the first, and it is written otherwise.
        let alike = Given::from(vec![1.0]);
        assert!(alike == shared && fill(&shared, &alike).is_none());
    }

    #[test]
    fn an_invariant_is_not_filled_in_otherwise() {
        let text = format!("{START}spec:\n  name: {{{{ v }}}}\n");
        let templates = templates(&text);
        let (forms, manifest) = (Forms::default(), manifest("n"));
        let marks = Marks::of([("l", "x")], [("a", "1")]);
        let map = |entries: Vec<(&'static str, Given)>| {
            Given::from(entries.into_iter().collect::<BTreeMap<_, _>>())
        };
        let fill = |v: &str, name: &str, kind: Option<&str>| {
            let server = map(kind.map(|kind| ("kind", kind.into())).into_iter().collect());
            let database = map(vec![("name", name.into()), ("server", server)]);
            let context = map(vec![("name", "n".into()), ("v", v.into()), ("database", database)]);
            let whole = whole(&templates, "n", &marks, &context);
            let mut bindings = templates.bindings();
            bindings.bind(&context);
            let followed = templates.follow(TEMPLATE, &mut bindings).unwrap();
            let subject = Subject { manifest: &manifest, followed: &followed, marks: &marks };
            let filled = forms.fill(&subject).map(|(_, body)| body);
            if let Some(body) = &whole {
                forms.learn(&subject, &templates, body);
            }
            (filled.is_some(), whole.is_some())
        };
        assert_eq!(fill("a", "a", None), (false, true));
        assert_eq!(fill("b", "b", None), (true, true));
        assert_eq!(fill("a", "b", None), (false, false));
        // A server of another kind, of which the template says nothing.
        assert_eq!(fill("a", "a", Some("ExternalMariaDB")), (false, false));
    }

    #[test]
    fn marks_of_other_keys_have_another_form() {
        let templates = templates(START);
        let (forms, context) = (Forms::default(), Given::from(BTreeMap::from([("name", "n")])));
        let mut bindings = templates.bindings();
        bindings.bind(&context);
        let followed = templates.follow(TEMPLATE, &mut bindings).unwrap();
        let manifest = manifest("n");
        let body = |key: &'static str| {
            let marks = Marks::of([(key, "x")], []);
            let subject = Subject { manifest: &manifest, followed: &followed, marks: &marks };
            let filled = forms.fill(&subject).map(|(_, body)| body);
            forms.learn(&subject, &templates, &whole(&templates, "n", &marks, &context).unwrap());
            filled
        };
        assert_eq!((body("a"), body("b")), (None, None));
        assert!(body("a").unwrap().contains("    a: x\n"));
        // A template without two texts alike fills no memory.
        let keys: Vec<&'static str> =
            (0..2 * MAX_FORMS).map(|number| &*format!("k{number}").leak()).collect();
        assert!(keys.into_iter().all(|key| body(key).is_none()));
        assert_eq!(forms.known.read().unwrap().len(), MAX_FORMS);
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

        /// Whatever a template says: a form makes what the template makes, or nothing.
        #[test]
        fn no_form_is_wrong(
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
}
