//! What becomes of a text. `tests/formatting/` has the properties of generated texts and the files of the repository.

use super::*;
use crate::language::Kind;

/// A text becomes another one, which stays as it is.
#[track_caller]
fn becomes(kind: Kind, before: &str, after: &str) {
    let fields = Fields::of(kind);
    assert_eq!(formatted(before, fields).as_deref(), Ok(after), "{before}");
    assert_eq!(formatted(after, fields).as_deref(), Ok(after), "a second time");
}

#[track_caller]
fn site(before: &str, after: &str) {
    becomes(Kind::Site, before, after);
}

#[test]
fn keys_have_the_order_of_the_language_and_their_comments() {
    site(
        "# yaml-language-server: $schema=x\n\
         # About the site.\n\
         kind: Site\n\
         # The plan,\n\
         # as agreed.\n\
         plan: business # since March\n\
         siteName: a.example.com\n\
         database: # its own\n  \
           storageSize: 20Gi   # grows\n  \
           # Not shared.\n  \
           mode: dedicated\n",
        "# yaml-language-server: $schema=x\n\
         # About the site.\n\
         kind: Site\n\
         siteName: a.example.com\n\
         # The plan,\n\
         # as agreed.\n\
         plan: business # since March\n\
         database: # its own\n  \
           # Not shared.\n  \
           mode: dedicated\n  \
           storageSize: 20Gi   # grows\n",
    );
}

#[test]
fn keys_that_the_language_does_not_declare_keep_their_order() {
    site(
        "kind: Site\nwhat: 1\nsiteName: a\nelse: 2\nlabels:\n  z: \"1\"\n  a: b\n",
        "kind: Site\nsiteName: a\nlabels:\n  z: \"1\"\n  a: b\nwhat: 1\nelse: 2\n",
    );
}

#[test]
fn kind_comes_first_even_if_it_did_not() {
    becomes(
        Kind::Project,
        "# The project.\n\n# Five at most.\nmaxRemovals: 5\nkind: Project\n",
        "# The project.\n\nkind: Project\n# Five at most.\nmaxRemovals: 5\n",
    );
}

#[test]
fn quotes_are_where_a_reader_needs_them() {
    site(
        "'kind': \"Site\"\nsiteName: 'a.example.com'\nlabels:\n  a: 'no'\n  b: '1'\n  c: 'it''s'\n  d: \"x\\ny\"\n  \
         e: 'a: b'\n  f: ' g'\n  \"h i\": j\n  k: \"\"\n",
        "kind: Site\nsiteName: a.example.com\nlabels:\n  a: \"no\"\n  b: \"1\"\n  c: it's\n  d: \"x\\ny\"\n  \
         e: \"a: b\"\n  f: \" g\"\n  h i: j\n  k: \"\"\n",
    );
}

#[test]
fn other_values_stay_as_they_are_written() {
    let text = "kind: Site\nsiteName: a\na: 0x1F\nb: +5\nc: True\nd: ~\ne:\nf: null\ng: 1.50\nh: []\ni: {}\n";
    site(text, text);
}

#[test]
fn brackets_on_one_line_stay() {
    site(
        "{kind: Site, siteName: a, database: {server: 'b c', mode: \"shared\"}, apps: [ 'x:y', z ,]}\n",
        "kind: Site\nsiteName: a\napps: [\"x:y\", z]\ndatabase: {mode: shared, server: b c}\n",
    );
    site(
        "kind: Site\nlabels: {a: , b, c: {d: e}}\nx: [[1], [f: g]]\n",
        "kind: Site\nlabels: {a: null, b: null, c: {d: e}}\nx: [[1], [{f: g}]]\n",
    );
}

#[test]
fn brackets_over_several_lines_become_lines() {
    site(
        "kind: Site\napps: [erpnext, # one\n  # two\n  hrms # three\n  # four\n] # five\ndatabase: {server: a,\n  mode: shared}\n",
        "kind: Site\napps:\n  - erpnext # one\n  # two\n  - hrms # three\n  # four\n# five\ndatabase:\n  mode: shared\n  server: a\n",
    );
}

#[test]
fn lists_keep_their_order_and_are_indented() {
    becomes(
        Kind::Bench,
        "kind: Bench\napps:\n# First.\n- source: image # s\n  name: erpnext\n\n\n# Second.\n-\n    name: hrms\n    # Why.\n    source: image\n# Next.\nimage:\n    tag: x\n",
        "kind: Bench\napps:\n  # First.\n  - name: erpnext\n    source: image # s\n\n  # Second.\n  - name: hrms\n    # Why.\n    source: image\n# Next.\nimage:\n  tag: x\n",
    );
}

#[test]
fn comments_below_a_block_stay_in_it() {
    site(
        "kind: Site\nsiteName: a\ndatabase:\n  mode: shared\n  # server: main\n    # deeper\n\n  # last\n# plan: b\n\n# The domain.\ndomain: d\n# The end.\n",
        "kind: Site\nsiteName: a\n\n# The domain.\ndomain: d\ndatabase:\n  mode: shared\n  # server: main\n  # deeper\n\n  # last\n# plan: b\n\n# The end.\n",
    );
}

#[test]
fn one_empty_line_stays_between_groups() {
    site(
        "\n\nkind: Site\n\n\nsiteName: a\n\ndatabase:\n\n  mode: shared\n\n\n  # Two.\n\n\n  server: b\n\n\n",
        "kind: Site\n\nsiteName: a\n\ndatabase:\n  mode: shared\n\n  # Two.\n\n  server: b\n",
    );
}

#[test]
fn texts_over_several_lines_stay() {
    site(
        "kind: Site\nlabels:\n    a: | # c\n        x\n          y\n\n        z\n\n    # d\n    b: >-\n      u\n      v\n    c: |4\n         w\n    d: \"p\n       q\n\n       r\" # e\n    f: s\n      t\nplan: g\n",
        "kind: Site\nplan: g\nlabels:\n  a: | # c\n    x\n      y\n\n    z\n\n  # d\n  b: >-\n    u\n    v\n  c: |2\n     w\n  d: \"p\n    q\n\n    r\" # e\n  f: s\n    t\n",
    );
}

#[test]
fn a_text_that_keeps_its_lines_gets_no_other() {
    site(
        "kind: Site\nlabels:\n  a: |+\n    x\n\nplan: |+\n  y\n\n\nsiteName: |+\n  z\n",
        "kind: Site\n\nsiteName: |+\n  z\nplan: |+\n  y\n\n\nlabels:\n  a: |+\n    x\n\n",
    );
}

#[test]
fn a_last_line_gets_its_end() {
    site("kind: Site\nsiteName: a", "kind: Site\nsiteName: a\n");
    site("kind: Site\nlabels:\n  a: |\n    b", "kind: Site\nlabels:\n  a: |-\n    b\n");
    site("kind: Site\nsiteName: a # b", "kind: Site\nsiteName: a # b\n");
}

#[test]
fn line_ends_and_a_byte_order_mark_become_those_of_unix() {
    site(
        "\u{feff}kind: Site\r\n# a\r\nsiteName: b # c\r\nlabels:\r\n  d: |\r\n    e\r\n",
        "kind: Site\n# a\nsiteName: b # c\nlabels:\n  d: |\n    e\n",
    );
}

#[test]
fn the_marks_of_a_document_go_and_their_comments_stay() {
    site(
        "# a\n--- # b\nkind: Site\nsiteName: c\n... # d\n# e\n",
        "# a\n# b\nkind: Site\nsiteName: c\n# d\n# e\n",
    );
}

#[test]
fn a_value_below_its_key_joins_it() {
    site(
        "kind:\n  Site\n? siteName\n: # a\n  b # c\nlabels:\n  # d\n  {e: f}\n",
        "kind: Site\n# a\nsiteName: b # c\n# d\nlabels: {e: f}\n",
    );
}

#[test]
fn what_the_reader_refuses_is_left() {
    for text in [
        "a: [",
        "a: &b c",
        "a: no",
        "a: !!str b",
        "a: 1\n---\nb: 2\n",
        "",
        "# a\n",
        "[a]",
        "a",
        "{}",
    ] {
        assert_eq!(formatted(text, Fields::of(Kind::Site)), Err(Unformatted::Unread), "{text}");
    }
}

#[test]
fn a_text_that_would_mean_something_else_is_left() {
    assert_eq!(proven("a: b\n", "a: c\n".to_owned()), Err(Unformatted::Unequal));
    assert_eq!(proven("a: b\n", "a: b\n".to_owned()), Ok("a: b\n".to_owned()));
    let said = files::unequal("sites/a/b.yaml");
    assert!(said.is_error() && said.code.id() == "SW613", "{said:?}");
}

#[test]
fn a_text_that_would_change_is_not_equal() {
    let text = "a: b # c\nd: [e]\n# f\n";
    assert!(is_equal(text, "# f\nd: [e]\n# c\na: 'b'\n"));
    for other in [
        "a: b # c\nd: [e]\n",
        "a: b # c\nd: [e, e]\n# f\n",
        "a: b # x\nd: [e]\n# f\n",
        "a: [\n",
        "a: b # c\n# f\n",
    ] {
        assert!(!is_equal(text, other), "{other}");
    }
}

#[test]
fn what_cannot_be_seen_is_escaped() {
    let plain = "kind: Site\nlabels:\n  a: \"b\\u202ec\\u200b\\u00a0\\U000e0041\"\n  ü: 東京\n";
    site(plain, plain);
    site("kind: Site\nlabels:\n  a: b\u{202e}c\u{200b}\u{a0}\u{e0041}\n  ü: 東京\n", plain);
}
