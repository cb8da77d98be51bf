//! Leaves out of a YAML object what is not compared, before the YAML is read: most of a dump is statuses and
//! field managers, and reading YAML takes long.

use super::clean::LAST_APPLIED;

/// A map around a line.
struct Level<'t> {
    name: &'t str,
    /// The indentation of its key.
    key: usize,
    /// The indentation of its own keys, once the first of them was read.
    keys: Option<usize>,
}

/// An item of a List in block style without the annotation that has the last applied object, without `status`
/// and without `managedFields`, unless statuses or managers are wanted. A line is left out only if its indentation shows that
/// it is a key of that map: the lines of a block text are deeper.
///
/// What is left out may have an anchor. Then the rest cannot be read, and the caller reads the whole item.
pub(super) fn skip(item: &str, managers: bool, statuses: bool) -> String {
    let dash = item.len() - item.trim_start_matches(' ').len();
    let base = dash + "- ".len();
    let mut kept = String::with_capacity(item.len());
    let mut levels = vec![Level { name: "", key: dash, keys: Some(base) }];
    // The indentation of the key whose value is left out.
    let mut skipped: Option<usize> = None;
    for (number, line) in item.split_inclusive('\n').enumerate() {
        let text = line.trim_start_matches(' ');
        let is_empty = text.trim_end().is_empty();
        let indentation = if number == 0 { base } else { line.len() - text.len() };
        // The items of a list may have the indentation of its key.
        let is_below = |key: usize| {
            is_empty || indentation > key || (indentation == key && text.starts_with("- "))
        };
        if skipped.is_some_and(is_below) {
            continue;
        }
        skipped = None;
        if is_empty || text.starts_with('#') || number == 0 {
            kept.push_str(line);
            continue;
        }
        levels.retain(|level| indentation > level.key);
        let around: Vec<&str> = levels.iter().map(|level| level.name).collect();
        let is_key =
            levels.last_mut().is_some_and(|it| *it.keys.get_or_insert(indentation) == indentation);
        let (key, value) = text.split_once(':').unwrap_or((text, ""));
        let opens = value.trim().is_empty();
        match (around.as_slice(), key) {
            _ if !is_key => {}
            ([""], "status") if opens && !statuses => skipped = Some(indentation),
            (["", "metadata"], "managedFields") if opens && !managers => {
                skipped = Some(indentation)
            }
            (["", "metadata", "annotations"], LAST_APPLIED) => skipped = Some(indentation),
            ([""], "metadata") | (["", "metadata"], "annotations") if opens => {
                levels.push(Level { name: key, key: indentation, keys: None });
            }
            _ => {}
        }
        if skipped.is_none() {
            kept.push_str(line);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_compared_is_left_out() {
        let item = "- apiVersion: v1\n  a: |\n    status:\n      b\n  kind: A\n  metadata:\n    annotations:\n      a: |\n        managedFields:\n\n        x\n      kubectl.kubernetes.io/last-applied-configuration: |\n        {}\n\n      z: b\n    managedFields:\n    - a: b\n      c:\n        d: {}\n    name: status\n  status:\n    metadata:\n      name: b\n  spec:\n    status:\n      a: b\n";
        let left = "- apiVersion: v1\n  a: |\n    status:\n      b\n  kind: A\n  metadata:\n    annotations:\n      a: |\n        managedFields:\n\n        x\n      z: b\n    name: status\n  spec:\n    status:\n      a: b\n";
        assert_eq!(skip(item, false, false), left);
        assert!(skip(item, true, false).contains("    managedFields:\n    - a: b\n"));
        assert!(skip(item, false, true).contains("  status:\n    metadata:\n      name: b\n"));
        let inline = "- kind: A\n  metadata: {managedFields: []}\n  status: {}\n";
        assert_eq!(skip(inline, false, false), inline);
    }
}
