//! What rules may state, what they find, and that no expression panics, runs long or shows a secret.

use super::budget;
use super::file::{Rules, compiled};
use super::judge::{Verdict, context, judge};
use super::value::of_node;
use crate::diagnostic::{Code, Diagnostic, FileId, Severity, Span};
use crate::source::yaml;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// A file with one rule about sites.
fn file(require: &str, message: &str) -> String {
    let (require, message) = (json!(require), json!(message));
    format!(
        "kind: ProjectRules\nrules:\n  - name: a-rule\n    about: object\n    require: {require}\n    message: {message}\n"
    )
}

/// Runs something with a stack of this many MiB. The program compiles with 64, and judges with 16.
fn with_stack<T: Send>(size: usize, run: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(size << 20);
        thread.spawn_scoped(scope, run).unwrap().join().unwrap()
    })
}

fn rules(text: &str) -> Result<Rules, Vec<Diagnostic>> {
    with_stack(64, || match compiled(text, FileId(0)) {
        Ok((rules, problems)) if problems.is_empty() => Ok(rules),
        Ok((_, problems)) | Err(problems) => Err(problems),
    })
}

/// What a condition says about a object.
fn verdict(require: &str, object: &Value) -> Verdict {
    of_message(require, "it does not hold", object)
}

fn of_message(require: &str, message: &str, object: &Value) -> Verdict {
    let rules = rules(&file(require, message)).unwrap_or_else(|it| panic!("{require}: {it:?}"));
    let (path, cluster) = (json!("eu/acme"), json!({"name": "eu"}));
    let given = [("path", &path), ("cluster", &cluster), ("object", object)];
    with_stack(16, || {
        let context = context(&rules.rules[0], rules.environment.as_ref().unwrap(), &given);
        judge(&rules.rules[0], &context, budget::share(1))
    })
}

fn object() -> Value {
    json!({
        "name": "acme",
        "apps": ["erpnext", "hrms"],
        "database": {"mode": "dedicated", "storageSize": "100Gi", "maxUserConnections": 20},
        "labels": {"b": "2", "a": "1", "c": "3"},
        "many": (0..200).collect::<Vec<i32>>(),
        "long": "x".repeat(4_000),
    })
}

#[test]
fn a_condition_holds_or_not() {
    for holds in [
        r#"object.database.mode == "dedicated""#,
        r#"object.database.mode in ["shared", "dedicated"]"#,
        "has(object.database.mode) && !has(object.backup)",
        "!has(object.backup) || size(object.backup.schedule) > 0",
        "object.apps.exists(app, app == 'hrms') && object.apps.size() == 2",
        "object.apps.all(app, app.lowerAscii() == app)",
        "object.apps.filter(app, app.startsWith('h')).join(',') == 'hrms'",
        r#"quantity(object.database.storageSize) >= quantity("100Gi")"#,
        r#"quantity("1500m") > quantity("1") && quantity("1Ki") == quantity("1024")"#,
        "object.labels['a'] == '1' && 'b' in object.labels",
        "object.name.split('m')[0] == 'ac' && object.name.endsWith('me') && object.name.contains('cm')",
        "path == 'eu/acme' && cluster.name == 'eu'",
        "object.many.exists_one(n, n == 7)",
        "object.name.matches('^a[a-z]{3}$') && object.name.matches('cm') && object.long.matches('x{4}')",
        "(object.database.mode == 'shared' ? 1 : object.database.maxUserConnections) == 20",
        "int('7') + 1 == 8 && string(7) == '7' && double('1.5') > 1.0",
    ] {
        assert_eq!(verdict(holds, &object()), Verdict::Holds, "{holds}");
        let not = format!("!({holds})");
        assert!(matches!(verdict(&not, &object()), Verdict::Violated(_)), "{not}");
    }
}

#[test]
fn a_message_shows_values() {
    let message =
        "{{ object.name }} has {{ size(object.apps) }} apps: {{ object.apps.join(\", \") }}";
    assert_eq!(
        of_message("false", message, &object()),
        Verdict::Violated("acme has 2 apps: erpnext, hrms".to_owned())
    );
    let Verdict::Failed(why, _) = of_message("false", "{{ object.apps }}", &object()) else {
        panic!()
    };
    assert_eq!(why, "a message shows only texts, numbers, true and false");
}

#[test]
fn what_can_be_known_without_values_is_refused() {
    for (require, message, help) in [
        ("objec.name == 'a'", "there is no variable `objec`", "did you mean `object`?"),
        ("bench.name == 'a'", "there is no variable `bench`", "known are object, cluster, path"),
        (
            "object.name.startWith('a')",
            "there is no function `startWith`",
            "did you mean `startsWith`?",
        ),
        ("object.name.replace('a', 'b') == ''", "there is no function `replace`", "known are size"),
        ("object.name.matches('(a')", "not a regular expression: unclosed group", "^c[0-9]{4}-"),
        (
            "object.name.matches('(\\\\w{100}){100}')",
            "the regular expression is too large",
            "fewer times",
        ),
        (
            "object.name.matches(path)",
            "the pattern of `matches` must be a quoted text",
            "^c[0-9]{4}-",
        ),
        ("size(object, 1) == 1", "`size` takes 1 arguments, not 2", "as many as it takes"),
        ("contains(object.name, 'a')", "`contains` is not called this way", "follow the value"),
        (
            "object.apps.join(object.name) == 'a'",
            "the separator of `join` must be a quoted text",
            "join",
        ),
        (
            "object.apps.all(object, true)",
            "the loop's variable `object` hides another variable",
            "another name",
        ),
        ("'text'", "the result of the expression is never true or false", "compare"),
        ("1 + 1", "the result of the expression is never true or false", "compare"),
        ("object.apps.map(a, a)", "the result of the expression is never true or false", "compare"),
        ("size(object.apps)", "the result of the expression is never true or false", "compare"),
        ("b'a' == b'a'", "bytes and unsigned numbers are not supported", "write a text"),
        ("Site{} == 1", "this form of expression is not supported", "use maps"),
        ("object.?name == 1", "not a CEL expression", "write an expression"),
        ("object.name ==", "not a CEL expression", "write an expression"),
        ("", "not a CEL expression", "write an expression"),
    ] {
        let problems = rules(&file(require, "m")).expect_err(require);
        assert_eq!(problems.len(), 1, "{require}: {problems:?}");
        assert!(problems[0].message.starts_with(message), "{require}: {}", problems[0].message);
        assert!(problems[0].help.as_ref().unwrap().contains(help), "{require}: {problems:?}");
    }
    let unclosed = rules(&file("true", "a {{ object.name")).expect_err("an open expression");
    assert_eq!(unclosed[0].message, "`{{` has no `}}`");
}

#[test]
fn a_rule_that_fails_for_a_value_says_why() {
    for (require, why) in [
        ("object.backup.schedule == 'a'", "there is no `backup`"),
        ("object.name < 1", "`<` does not take string and int"),
        ("object.name", "its result is not true or false"),
        ("object.apps[7] == 'a'", "a list has no item of this index"),
        ("1 / (size(object.apps) - 2) == 1", "it divides by zero"),
        ("9223372036854775807 + size(object.apps) == 1", "a number becomes too large"),
        ("int(object.name) == 1", "`int` fails for this value"),
        ("quantity(object.name) > 1.0", "`quantity` fails for this value"),
    ] {
        let Verdict::Failed(found, _) = verdict(require, &object()) else { panic!("{require}") };
        assert!(found.starts_with(why), "{require}: {found}");
    }
}

#[test]
fn loops_over_maps_have_an_order() {
    let holds = "object.labels.map(key, key).join(',') == 'a,b,c' \
                 && {'z': 1, 'y': 2, 'x': 3}.map(key, key).join('') == 'xyz'";
    for _ in 0..20 {
        assert_eq!(verdict(holds, &object()), Verdict::Holds);
    }
}

#[test]
fn a_field_that_the_language_lacks_is_refused() {
    for (about, require, message, help) in [
        ("site", "has(site.bakup)", "`site` has no field `bakup`", "did you mean `site.backup`?"),
        (
            "site",
            "site.database.mod == \"a\"",
            "`site.database` has no field `mod`",
            "`site.database.mode`",
        ),
        (
            "databaseServer",
            "databaseServer.storage == \"a\"",
            "`databaseServer` has no field `storage`",
            "databaseServer",
        ),
        (
            "cluster",
            "cluster.operator.frappe == \"a\"",
            "`cluster` has no field `operator`",
            "`cluster.operators`",
        ),
    ] {
        let text = file(require, "m").replace("about: object", &format!("about: {about}"));
        let problems = rules(&text).expect_err(require);
        assert_eq!((problems.len(), problems[0].message.as_str()), (1, message), "{require}");
        assert!(problems[0].help.as_ref().unwrap().contains(help), "{problems:?}");
    }
    for (about, require) in [
        ("site", "site.labels.anything == \"a\" && site.apps[0] == \"a\" && site.name != \"\""),
        ("site", "has(site.ingress.className) && has(site.database.myCnf.anything)"),
        ("cluster", "cluster.name == \"a\" && has(cluster.gitops.engine)"),
        ("bench", "bench.image.tag != \"\" && bench.namespace != \"\""),
    ] {
        let text = file(require, "m").replace("about: object", &format!("about: {about}"));
        assert!(rules(&text).is_ok(), "{require}: {:?}", rules(&text));
    }
}

/// Expressions whose cost grows fast with their length.
fn costly() -> Vec<String> {
    let nested = |inner: &str| {
        format!(
            "object.many.all(a, object.many.all(b, object.many.all(c, object.many.all(d, {inner}))))"
        )
    };
    let doubled = |times: usize| {
        let doubling = ".map(a, a + a)".repeat(times);
        format!("['{}']{doubling}.size() == 1", "x".repeat(100))
    };
    vec![
        nested("a + b + c + d >= 0"),
        nested("object.long == object.long"),
        nested("object.name < 1 || true"),
        nested("true").replace("all", "exists_one"),
        "object.many.map(a, object.many.map(b, object.many.map(c, object))).size() == 1".to_owned(),
        "object.many.all(a, object.many.map(b, object.long + object.long).size() > 0)".to_owned(),
        doubled(40),
        doubled(20),
        format!("[object]{}.size() == 1", ".map(a, [a, a, a])".repeat(30)),
        "object.many.map(a, object.many).map(b, b.map(c, object.long)).size() == 1".to_owned(),
        // The most work that a pattern of a size can be made to do.
        "object.many.all(n, !object.long.matches('y'))".to_owned(),
        "object.many.all(n, !object.long.matches('(x{1,60}){1,20}y'))".to_owned(),
        "object.many.all(n, !object.long.matches('(.*)(.*)(.*)(.*)(.*)[^x]'))".to_owned(),
    ]
}

#[test]
fn what_would_run_long_ends_and_says_so() {
    for require in costly() {
        let start = Instant::now();
        assert_eq!(verdict(&require, &object()), Verdict::TooCostly, "{require}");
        assert!(start.elapsed() < Duration::from_secs(5), "{require}: {:?}", start.elapsed());
    }
}

#[test]
fn long_and_deep_texts_are_refused_before_they_are_parsed() {
    let deep = [
        format!("{}true{}", "(".repeat(900), ")".repeat(900)),
        "[".repeat(1_900),
        "!".repeat(1_900),
        format!("{}1 == 1", "-".repeat(1_900)),
        "object.apps.all(a, ".repeat(100),
        format!("object{} == 1", ".a".repeat(900)),
        format!("{}1 == 1", "1+".repeat(900)),
        format!("{}true", "true?true:".repeat(190)),
        format!("object{} == 1", "[0]".repeat(600)),
        format!("object{} == 1", ".trim()".repeat(250)),
    ];
    for text in deep {
        let start = Instant::now();
        let problems = rules(&file(&text, "m")).expect_err(&text);
        assert!(start.elapsed() < Duration::from_secs(5), "{text}: {:?}", start.elapsed());
        let known = ["the expression is nested deeper than 64 levels", "not a CEL expression"];
        assert!(known.iter().any(|it| problems[0].message.starts_with(it)), "{problems:?}");
    }
    let long = format!("'{}' == ''", "x".repeat(2_000));
    let problems = rules(&file(&long, "m")).expect_err("a long text");
    assert_eq!(problems[0].message, "an expression has at most 2000 bytes, and this one has more");
}

#[test]
fn a_long_and_expression_of_many_terms_is_accepted() {
    let require = vec!["has(object.name)"; 100].join(" && ");
    assert_eq!(verdict(&require, &object()), Verdict::Holds);
}

#[test]
fn no_expression_sees_a_password() {
    let text = "password: hunter2\nrootPassword: [hunter2]\napiToken: 12345\n\
                database:\n  url: mysql://root:hunter2@db/x\nlist:\n  - https://u:hunter2@host/\n";
    let node = yaml::read(text, FileId(0)).unwrap();
    let values = of_node(&node);
    assert!(!values.to_string().contains("hunter2"), "{values}");
    assert!(!values.to_string().contains("12345"), "{values}");
    let message =
        "{{ object.password }} {{ object.database.url.split('@')[0] }} {{ object.list[0] }}";
    let Verdict::Violated(shown) = of_message("false", message, &values) else { panic!() };
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[test]
fn a_violation_has_the_code_of_its_rule() {
    let text = file("false", "m").replace("about: object", "about: object\n    severity: warning");
    let rules = rules(&text).unwrap();
    let problem =
        Diagnostic::new(Code::ProjectRule, Span::NOWHERE, "m").of_rule(&rules.rules[0].own);
    assert_eq!((problem.id(), problem.severity()), ("rule/a-rule", Severity::Warning));
    assert_eq!(Code::of(problem.id()), None, "no code of sitewright has the form of a rule's code");
}

#[test]
fn a_test_that_fails_says_what_the_rule_says() {
    let test = |given: &str, passes: &str, message: &str| {
        let test = format!(
            "    tests:\n      - name: a test\n        given: {{object: {given}}}\n        passes: {passes}\n{message}"
        );
        let text = file("object.name == 'acme'", "it is {{ object.name }}") + &test;
        let rules = rules(&text).unwrap_or_else(|it| panic!("{it:?}"));
        rules.trials().pop().unwrap().failure.map(|it| (it.code, it.message))
    };
    let failed = |why: &str| {
        Some((Code::RuleTest, format!("the test `a test` of the rule `a-rule` fails: {why}")))
    };
    assert_eq!(test("{name: acme}", "true", ""), None);
    assert_eq!(test("{name: x}", "false", ""), None);
    assert_eq!(test("{name: x}", "false", "        message: it is x\n"), None);
    assert_eq!(test("{name: acme}", "false", ""), failed("the rule holds, and it should not"));
    assert_eq!(test("{name: x}", "true", ""), failed("the rule does not hold: it is x"));
    let other = "        message: it is y\n";
    assert_eq!(test("{name: x}", "false", other), failed("the message is `it is x`"));
    let absent = failed("the rule cannot be evaluated: there is no `name`");
    assert_eq!(test("{}", "true", ""), absent);
}

/// Parts from which texts are made that are often valid.
const WORDS: &[&str] = &[
    "object",
    "object.name",
    "object.apps",
    "object.many",
    "object.labels",
    "object.long",
    "path",
    "a",
    "b",
    "1",
    "0",
    "9223372036854775807",
    "1.5",
    "'x'",
    "\"\"",
    "null",
    "true",
    "false",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "?",
    ".",
    "+",
    "-",
    "*",
    "/",
    "%",
    "==",
    "!=",
    "<",
    ">=",
    " in ",
    "&&",
    "||",
    "!",
    ".all(a, ",
    ".exists(b, ",
    ".map(a, ",
    ".filter(a, ",
    ".exists_one(b, ",
    "has(",
    "size(",
    "int(",
    "double(",
    "string(",
    "quantity(",
    ".split('')",
    ".join()",
    ".trim()",
    ".contains(",
    ".upperAscii()",
    "[0]",
    "['a']",
    "b'x'",
    "1u",
    "é",
    "\\",
    "'",
    "@",
    "`",
    "#",
    "//",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn no_expression_panics_or_runs_long(parts in prop::collection::vec(prop::sample::select(WORDS), 1..30)) {
        let require = parts.concat();
        let start = Instant::now();
        if rules(&file(&require, "m")).is_ok() {
            let first = verdict(&require, &object());
            prop_assert_eq!(first, verdict(&require, &object()), "{}", require);
        }
        prop_assert!(start.elapsed() < Duration::from_secs(10), "{}: {:?}", require, start.elapsed());
    }

    #[test]
    fn no_text_panics(text in ".{0,60}") {
        let _ = rules(&file(&text, "m"));
        let _ = rules(&file("true", &text));
    }
}
