//! The numbers in an image's tag or in the name of a version.

/// The numbers of a release: 15, 90 and 1 of `v15.90.1-custom`, 15 of `version-15`. Empty if the text has no number, such
/// as `develop`.
pub fn release_numbers(tag: &str) -> Option<Vec<u32>> {
    let tag = &tag[start(tag)?..];
    let end = tag.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(tag.len());
    let parts: Vec<u32> = tag[..end].split('.').map_while(|part| part.parse().ok()).collect();
    (!parts.is_empty()).then_some(parts)
}

/// Where the version starts: at the first number that is a word of its own, or that follows a `v`. In `lts-ubi9`, the
/// number belongs to another name.
fn start(tag: &str) -> Option<usize> {
    let is_edge = |c: Option<char>| c.is_none_or(|c| "-_.".contains(c));
    let starts_word = |at: usize| {
        let mut before = tag[..at].chars().rev();
        match before.next() {
            Some('v') => is_edge(before.next()),
            other => is_edge(other),
        }
    };
    let digits = tag.char_indices().filter(|(_, c)| c.is_ascii_digit());
    digits.map(|(at, _)| at).find(|at| starts_word(*at))
}
