//! Patterns of the command line and of the settings.

/// Whether a text is as the pattern says, in which `*` stands for any text.
pub fn fits(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let start = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(start) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(end) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(end)
}

/// Whether a path is as the pattern says, in which `*` stands for any text within a name, and `**` for any folders.
pub fn fits_path(pattern: &str, path: &str) -> bool {
    let pattern: Vec<&str> = pattern.split('/').collect();
    let path: Vec<&str> = path.split('/').collect();
    // The starts of the path that the pattern matches so far, by their lengths.
    let mut ends = vec![0];
    for part in pattern {
        let next = |end: &usize| match part {
            "**" => (*end..=path.len()).collect(),
            _ if path.get(*end).is_some_and(|name| fits(part, name)) => vec![end + 1],
            _ => Vec::new(),
        };
        ends = ends.iter().flat_map(next).collect();
        ends.sort_unstable();
        ends.dedup();
    }
    ends.contains(&path.len())
}

#[cfg(test)]
mod tests {
    use super::{fits, fits_path};

    #[test]
    fn a_star_stays_within_a_name() {
        for (pattern, path, expected) in [
            ("a/*.yaml", "a/b.yaml", true),
            ("a/*.yaml", "a/b/c.yaml", false),
            ("a/**/c.yaml", "a/b/b/c.yaml", true),
            ("a/**/c.yaml", "a/c.yaml", true),
            ("a/**", "a/b/c", true),
            ("**/x", "a/b/y", false),
            ("a", "a/b", false),
            ("a/b", "a", false),
        ] {
            assert_eq!(fits_path(pattern, path), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, text, expected) in [
            ("", "", true),
            ("", "a", false),
            ("a", "a", true),
            ("a", "ab", false),
            ("*", "", true),
            ("a*", "ab", true),
            ("*b", "ab", true),
            ("*b", "ba", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("ab*ba", "aba", false),
        ] {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        }
    }
}
