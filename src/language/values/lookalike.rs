//! Characters that look like ASCII characters, or that are invisible. A name with such a character
//! looks right but is a different name.

/// A text with the characters that were probably meant, and a note about the first character that
/// was replaced.
pub struct Lookalike {
    /// The text in ASCII.
    pub meant: String,
    /// The note about the first replaced character.
    pub note: String,
}

/// Letters of other scripts, grouped by the Latin letter that they look like (source: the Cyrillic
/// and Greek letters of Unicode's confusables).
const LETTERS: [(char, &str); 40] = [
    ('a', "аα"),
    ('b', "ЬƄ"),
    ('c', "сϲ"),
    ('d', "ԁ"),
    ('e', "еҽ"),
    ('g', "ց"),
    ('h', "һ"),
    ('i', "іι"),
    ('j', "јϳ"),
    ('k', "кκ"),
    ('l', "ӏ"),
    ('m', "м"),
    ('n', "пη"),
    ('o', "оοσ"),
    ('p', "рρ"),
    ('q', "ԛ"),
    ('r', "гᴦ"),
    ('s', "ѕ"),
    ('t', "тτ"),
    ('u', "υս"),
    ('v', "ѵν"),
    ('w', "ԝω"),
    ('x', "хχ"),
    ('y', "уγ"),
    ('A', "АΑ"),
    ('B', "ВΒ"),
    ('C', "СϹ"),
    ('E', "ЕΕ"),
    ('H', "НΗ"),
    ('I', "ІΙ"),
    ('J', "Ј"),
    ('K', "КΚ"),
    ('M', "МΜ"),
    ('N', "Ν"),
    ('O', "ОΟ"),
    ('P', "РΡ"),
    ('S', "Ѕ"),
    ('T', "ТΤ"),
    ('X', "ХΧ"),
    ('Y', "УΥ"),
];

/// The ASCII text that a character looks like. It is empty for an invisible character.
fn meant(character: char) -> Option<String> {
    let letter = LETTERS.iter().find(|(_, others)| others.contains(character));
    let one = match character {
        _ if let Some((letter, _)) = letter => *letter,
        '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}' => {
            return Some(String::new());
        }
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => ' ',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '\u{2018}'..='\u{201b}' => '\'',
        '\u{201c}'..='\u{201f}' => '"',
        // The wide forms of East Asian texts have the order of ASCII.
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(character) - 0xff01 + 0x21)?,
        _ => return None,
    };
    Some(one.to_string())
}

/// The text that was probably meant, or `None` where the text has no such character.
pub fn lookalike(text: &str) -> Option<Lookalike> {
    if text.is_ascii() {
        return None;
    }
    let (first, instead) = text.chars().find_map(|one| Some((one, meant(one)?)))?;
    let code = format!("U+{:04X}", u32::from(first));
    let note = match instead.as_str() {
        "" => format!("it holds {code}, which nobody sees"),
        " " => format!("it holds {code}, which only looks like a space"),
        _ => format!("its `{first}` is {code}, which only looks like `{instead}`"),
    };
    let all = text.chars().map(|one| meant(one).unwrap_or_else(|| one.to_string()));
    Some(Lookalike { meant: all.collect(), note })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_ascii_is_named() {
        for (text, meant, note) in [
            ("nаmespace", "namespace", "its `а` is U+0430, which only looks like `a`"),
            ("Ѕitе", "Site", "its `Ѕ` is U+0405, which only looks like `S`"),
            ("siteΝame", "siteName", "its `Ν` is U+039D, which only looks like `N`"),
            ("ｓhared", "shared", "its `ｓ` is U+FF53, which only looks like `s`"),
            ("acme\u{200b}", "acme", "it holds U+200B, which nobody sees"),
            ("a\u{a0}b", "a b", "it holds U+00A0, which only looks like a space"),
            ("acme–eu", "acme-eu", "its `–` is U+2013, which only looks like `-`"),
        ] {
            let found = lookalike(text).unwrap();
            assert_eq!((found.meant.as_str(), found.note.as_str()), (meant, note));
        }
        for text in ["site", "münchen", "東京", ""] {
            assert!(lookalike(text).is_none(), "{text}");
        }
    }

    #[test]
    fn no_letter_stands_for_two() {
        let others: Vec<char> = LETTERS.iter().flat_map(|(_, others)| others.chars()).collect();
        for (at, other) in others.iter().enumerate() {
            assert!(!other.is_ascii() && !others[..at].contains(other), "{other}");
        }
    }
}
