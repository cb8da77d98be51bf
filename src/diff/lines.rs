//! Texts of several lines, as a unified diff.

use similar::{ChangeTag, TextDiff};

/// The lines that differ, with two unchanged lines before and after them. Each line starts with a
/// space, `-` or `+`.
pub fn unified(old: &str, new: &str) -> Vec<String> {
    let diff = TextDiff::from_lines(old, new);
    let mut lines = Vec::new();
    for (index, group) in diff.grouped_ops(2).iter().enumerate() {
        if index > 0 {
            lines.push("…".to_owned());
        }
        for change in group.iter().flat_map(|operation| diff.iter_changes(operation)) {
            let sign = match change.tag() {
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
                ChangeTag::Equal => ' ',
            };
            lines.push(format!("{sign}{}", change.value().trim_end_matches(['\r', '\n'])));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_shown_with_its_surroundings() {
        let old: String = (0..9).map(|line| format!("line {line}\n")).collect();
        let new = old.replace("line 4\n", "line four\n");
        assert_eq!(
            unified(&old, &new),
            [" line 2", " line 3", "-line 4", "+line four", " line 5", " line 6"]
        );
        assert!(unified(&old, &old).is_empty());
    }
}
