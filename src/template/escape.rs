//! Every interpolated value becomes a JSON literal, which YAML readers read as exactly that value.

use minijinja::value::ValueKind;
use minijinja::{Error, ErrorKind, Output, State, Value, escape_formatter};

/// Writes a value as JSON. It also escapes the characters that JSON allows unescaped and YAML does
/// not.
pub(super) fn literal(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    let holds_text = matches!(value.kind(), ValueKind::String | ValueKind::Map | ValueKind::Seq);
    if !holds_text || value.is_safe() {
        return escape_formatter(out, state, value);
    }
    if let Some(text) = value.as_str().filter(|text| stands_as_it_is(text)) {
        out.write_str("\"")?;
        out.write_str(text)?;
        return out.write_str("\"").map_err(Error::from);
    }
    let json = serde_json::to_string(value).map_err(|error| {
        Error::new(ErrorKind::BadSerialization, "the value cannot be written as JSON")
            .with_source(error)
    })?;
    let mut rest = json.as_str();
    while let Some(at) = rest.find(is_refused) {
        out.write_str(&rest[..at])?;
        let refused = rest[at..].chars().next().unwrap_or_default();
        write!(out, "\\u{:04x}", u32::from(refused))?;
        rest = &rest[at + refused.len_utf8()..];
    }
    out.write_str(rest).map_err(Error::from)
}

/// Whether the JSON literal of a text is the text itself between quotes. This is true for nearly
/// all texts.
pub fn stands_as_it_is(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\')
}

/// Characters that JSON does not escape and that YAML forbids or reads as the end of a line.
fn is_refused(character: char) -> bool {
    matches!(character, '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}')
        || matches!(character, '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use crate::diagnostic::FileId;
    use crate::source::yaml;
    use minijinja::{Environment, context};

    #[test]
    fn any_text_comes_through_a_template_unchanged() {
        let mut environment = Environment::new();
        environment.set_auto_escape_callback(|_| minijinja::AutoEscape::Json);
        environment.set_formatter(super::literal);
        let every: String = (0..0x1_1000).filter_map(char::from_u32).collect();
        for text in ["no", "a\": b", "x\n  y: z", "{{ a }}", "# c", "", every.as_str()] {
            let values = context!(text => text, map => context!(key => text));
            let rendered = environment.render_str("a: {{ text }}\nb: {{ map }}\n", values).unwrap();
            let node = yaml::read(&rendered, FileId(0)).unwrap();
            assert_eq!(node.get("a").unwrap().as_str(), Some(text));
            assert_eq!(node.get("b").unwrap().get("key").unwrap().as_str(), Some(text));
        }
    }
}
