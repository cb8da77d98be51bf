//! Texts of everything that YAML has signs for, well-formed or not: what one reader accepts, another may refuse
//! or read otherwise.

use proptest::prelude::*;

/// Signs and words, put together at random; no dots, since readers write fractions in ways of their own.
pub(crate) fn texts() -> impl Strategy<Value = String> {
    const FLOW: [&str; 26] = [
        "{", "}", "[", "]", ",", ":", ": ", " ", "a", "b", "?", "? ", "\"c\"", "'d'", "-", "- ",
        "#", " #", "1", "~", "\n ", "/", "|", ">", "=", "\t",
    ];
    const BLOCK: [&str; 36] = [
        "a",
        "b",
        "c",
        ": ",
        ":",
        "\n",
        "\n",
        "\n  ",
        "\n    ",
        "- ",
        "-",
        "? ",
        "?",
        "\"x\"",
        "'y'",
        "|",
        ">",
        "|-",
        ">+",
        "|2",
        "\t",
        "  ",
        " ",
        "#",
        "# z",
        " #",
        "{a: b}",
        "[c]",
        "...",
        "1",
        "\"x\n  y\"",
        "\n\t",
        "  \t",
        "a: b\n",
        "c: d\n",
        "- e\n",
    ];
    let pieces = |pieces: &'static [&'static str], most| {
        let piece = prop::sample::select(pieces);
        prop::collection::vec(piece, 1..most).prop_map(|pieces| pieces.concat())
    };
    let flow = (prop::bool::ANY, pieces(&FLOW, 8)).prop_map(|(is_map, inner)| match is_map {
        true => format!("k: {{{inner}}}\n"),
        false => format!("k: [{inner}]\n"),
    });
    let ends = (pieces(&BLOCK, 10), prop::sample::select(vec!["\n", "\n", "\n", ""]));
    prop_oneof![flow, ends.prop_map(|(text, end)| text + end)]
}
