//! Recognises the dump of another cluster.

use super::target::clusters;
use crate::diagnostic::{Code, Diagnostic};
use crate::project::Project;

/// What a dump has of a cluster.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found<'f> {
    /// The cluster.
    pub(crate) cluster: &'f str,
    /// What is looked for, such as `objects`.
    pub(crate) what: &'f str,
    /// How many of them the cluster should have.
    pub(crate) all: usize,
    /// How many of these the dump has.
    pub(crate) present: usize,
    /// How many objects of ours the dump has that the cluster should not have.
    pub(crate) unknown: usize,
    /// What to type to dump the right cluster.
    pub(crate) command: &'f str,
}

/// The error for a dump that has hardly anything of the cluster. `of_other` says how many of the unknown objects
/// another cluster of the project has.
pub(crate) fn other_cluster(
    project: &Project,
    found: Found,
    of_other: impl Fn(&str) -> usize,
) -> Option<Box<Diagnostic>> {
    let Found { cluster, what, all, present, unknown, command } = found;
    let is_hardly_any = present == 0 || (present * 10 < all && unknown > present);
    if all == 0 || !is_hardly_any {
        return None;
    }
    let count = match present {
        0 => "none".to_owned(),
        _ => format!("only {present}"),
    };
    let message = format!("the dump has {count} of the {all} {what} of `{cluster}`");
    let others = clusters(project).into_iter().filter(|name| *name != cluster);
    let best = others.map(|other| (of_other(other), other)).max();
    let help = match best.filter(|(count, _)| *count > present) {
        Some((_, other)) => format!(
            "it looks like a dump of `{other}`: add `--cluster {other}`, or dump the other cluster"
        ),
        None => format!(
            "dump the cluster with `{command}`; before the first apply, everything is missing"
        ),
    };
    // SW850: a dump of another cluster.
    Some(Box::new(Diagnostic::of_path(Code::OtherClusterDump, cluster, message).help(help)))
}
