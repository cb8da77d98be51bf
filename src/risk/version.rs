//! Compares images and versions by the numbers in their tags.

use crate::language::release_numbers;
use std::cmp::Ordering;

/// Whether an image or version is older than the one before the change. The first `count` numbers
/// are compared. A branch such as `version-15` has only one of them.
pub(crate) fn is_older(old: &str, new: &str, count: usize) -> bool {
    let (Some(old), Some(new)) = (version(old, count), version(new, count)) else { return false };
    let first = old.iter().zip(&new).map(|(old, new)| new.cmp(old)).find(|order| order.is_ne());
    first == Some(Ordering::Less)
}

/// The first `count` numbers in an image's tag or a version's name: 15, 90 and 1 of
/// `erp:v15.90.1-custom`, and 15 of `version-15`. The branch `develop` counts as newer than every
/// release.
fn version(text: &str, count: usize) -> Option<Vec<u32>> {
    let (text, _) = text.split_once('@').unwrap_or((text, ""));
    // A registry may have a port, and a branch a `/`.
    let name = text.rsplit_once('/').map_or(text, |(_, name)| name);
    let tag = name.split_once(':').map_or(name, |(_, tag)| tag);
    if tag == "develop" {
        return Some(vec![u32::MAX]);
    }
    let numbers = release_numbers(tag)?;
    Some(numbers.into_iter().take(count).collect())
}
