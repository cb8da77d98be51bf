//! Turns errors of the YAML parser into messages for people who write definitions.

use granit_parser::ErrorKind;
use std::borrow::Cow;

/// The message and the help for an error of the parser.
#[expect(clippy::too_many_lines, reason = "a table of errors and messages")]
pub(crate) fn explain(kind: &ErrorKind) -> (Cow<'static, str>, Option<&'static str>) {
    use ErrorKind as Kind;
    const QUOTE: &str = "put the text in double quotes";
    const CLOSE: &str = "close it, or put the text in double quotes";
    const ESCAPES: &str = "write a backslash as \\\\, or put the text in single quotes";
    let (message, help) = match kind {
        Kind::UnexpectedCharacter { character } => {
            return (format!("a text cannot start with `{character}`").into(), Some(QUOTE));
        }
        Kind::UnclosedFlowCollection { open } => {
            return (format!("this `{open}` is never closed").into(), Some(CLOSE));
        }
        Kind::MismatchedFlowCollectionEnd { open, close } => {
            return (format!("this `{open}` is closed by `{close}`").into(), None);
        }
        Kind::MisplacedFlowCollectionEnd => {
            ("this bracket closes nothing", Some("put the text in double quotes, or remove it"))
        }
        Kind::UnexpectedEofFlowSequence
        | Kind::UnexpectedEofFlowMapping
        | Kind::UnexpectedEofImplicitFlowMapping => ("a bracket is never closed", Some(CLOSE)),
        Kind::ExpectedFlowMappingSeparator => ("`,` or `}` is missing here", None),
        Kind::ExpectedFlowSequenceSeparator => ("`,` or `]` is missing here", None),
        Kind::UnclosedQuotedScalar | Kind::DocumentIndicatorInQuotedScalar => {
            ("this quote is never closed", Some("close it, or quote the whole text"))
        }
        Kind::InvalidTrailingSingleQuotedScalar | Kind::InvalidTrailingDoubleQuotedScalar => {
            ("something follows the closing quote", Some("quote the whole text"))
        }
        Kind::UnknownQuotedScalarEscape | Kind::InvalidQuotedScalarHexEscape => {
            ("this text contains an escape that YAML does not know", Some(ESCAPES))
        }
        Kind::InvalidLowSurrogateHexEscape
        | Kind::InvalidLowSurrogate
        | Kind::MissingLowSurrogate
        | Kind::UnpairedLowSurrogate
        | Kind::InvalidUnicodeEscape => {
            ("this text contains an escape that is not a character", None)
        }
        Kind::MappingValueNotAllowed | Kind::InvalidColonPlacement => (
            "a `:` is not allowed here",
            Some("put a text that contains `: ` in double quotes, or correct the indentation"),
        ),
        Kind::SimpleKeyExpected | Kind::InvalidSimpleKey => {
            ("this key has no `:`", Some("write `key: value`"))
        }
        Kind::ExpectedBlockMappingKey => (
            "a key of the map is missing here",
            Some("give all keys of a map the same indentation, and quote texts"),
        ),
        Kind::ExpectedBlockSequenceEntry => (
            "an item of the list, which starts with `- `, is missing here",
            Some("give all items of a list the same indentation"),
        ),
        Kind::BlockEntryInFlowCollection | Kind::BlockSequenceEntryNotAllowed => {
            ("a `-` is not allowed here", Some("start the list on a line of its own"))
        }
        Kind::PlainScalarStartsWithDashFlowIndicator => {
            ("a text cannot start with `-` and a bracket or comma", Some(QUOTE))
        }
        Kind::InvalidIndentation
        | Kind::InvalidBlockScalarIndent
        | Kind::InvalidQuotedScalarIndent
        | Kind::InvalidFlowScalarIndent => ("the indentation is wrong here", None),
        Kind::InvalidBlockScalarHeader | Kind::ZeroBlockScalarIndent => {
            ("a block text starts on the line below its `|` or `>`", None)
        }
        Kind::CommentNotSeparated | Kind::CommentInterceptedScalar => {
            ("a comment cannot start here", Some("put a text that contains `#` in double quotes"))
        }
        Kind::DirectiveDisallowed => (
            "sitewright does not read YAML directives",
            Some("remove the line that starts with `%`"),
        ),
        Kind::BomInsideDocument => ("the text contains a byte order mark", Some("remove it")),
        Kind::InvalidBlockEntryWhitespace | Kind::InvalidMappingValueWhitespace => {
            ("a tab is not allowed before this", Some("write a space"))
        }
        Kind::TabNotAllowed
        | Kind::TabInBlockIndentation
        | Kind::TabInIndentation
        | Kind::TabAtBlockScalarStart
        | Kind::TabInPlainScalar => ("a tab is not allowed here", Some("write a space")),
        Kind::InvalidDocumentEnd => ("something follows the `...` that ends the document", None),
        _ => ("this is not valid YAML", None),
    };
    (message.into(), help)
}

/// What to write for an ambiguous scalar that is not meant as text: a boolean, or a number without
/// separators and leading zeros. Every reader understands these forms alike.
pub(super) fn otherwise_meant(text: &str) -> Option<String> {
    match text.to_ascii_lowercase().as_str() {
        "y" | "yes" | "on" => return Some("true for the boolean".to_owned()),
        "n" | "no" | "off" => return Some("false for the boolean".to_owned()),
        _ => {}
    }
    let digits = text.replace('_', "");
    let number = digits.trim_start_matches('0');
    let all_digits = number.bytes().all(|byte| byte.is_ascii_digit());
    match number.len() {
        1..19 if all_digits => Some(format!("{number} for the number")),
        19.. if all_digits => Some("a smaller number".to_owned()),
        _ => None,
    }
}
