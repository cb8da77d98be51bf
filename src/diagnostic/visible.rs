//! Makes foreign texts safe to read: characters that control a terminal, or that hide or reverse
//! the text around them, are shown as escapes and have no effect.

use std::borrow::Cow;

/// A text in which every character is visible.
pub fn visible(text: &str) -> Cow<'_, str> {
    match text.contains(acts) {
        false => Cow::Borrowed(text),
        true => text.chars().flat_map(shown).collect::<String>().into(),
    }
}

fn shown(character: char) -> Vec<char> {
    match acts(character) {
        true => character.escape_default().collect(),
        false => vec![character],
    }
}

/// Whether a character has an effect instead of a shape: control characters, direction marks, and characters without width (source: Unicode, UAX 9 and
/// the category Cf).
pub fn acts(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_act_is_shown() {
        assert_eq!(visible("a\u{1b}[31m\nb"), "a\\u{1b}[31m\\nb");
        assert_eq!(visible("erp\u{202e}moc.\u{200b}x"), "erp\\u{202e}moc.\\u{200b}x");
        assert!(matches!(visible("münchen. 東京"), Cow::Borrowed(_)));
    }
}
