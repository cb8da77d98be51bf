//! Recognises the dump of another cluster.

use super::rendered::Rendered;
use super::target::clusters;
use crate::diagnostic::{Code, Diagnostic};
use crate::project::Project;
use crate::risk::Key;

/// The error for a dump that has hardly any object of the cluster. `present` of `all` manifests have an object, and
/// `unknown` are objects of ours without a manifest.
pub(super) fn refuse(
    project: &Project,
    cluster: &str,
    present: usize,
    all: usize,
    unknown: &[&Key],
) -> Option<Box<Diagnostic>> {
    let is_hardly_any = present == 0 || (present * 10 < all && unknown.len() > present);
    if all == 0 || !is_hardly_any {
        return None;
    }
    let found = match present {
        0 => "none".to_owned(),
        _ => format!("only {present}"),
    };
    let message = format!("the dump has {found} of the {all} objects of `{cluster}`");
    let help = match better(project, cluster, present, unknown) {
        Some(other) => format!("it looks like a dump of `{other}`: add `--cluster {other}`, or dump the other cluster"),
        None => "dump the cluster with `kubectl --context CONTEXT get KINDS -A -o json`; before the first apply, everything is missing".to_owned(),
    };
    // SW850: a dump of another cluster.
    Some(Box::new(Diagnostic::of_path(Code::OtherClusterDump, cluster, message).help(help)))
}

/// The cluster of the project that has most of the unknown objects.
fn better(project: &Project, cluster: &str, present: usize, unknown: &[&Key]) -> Option<String> {
    let others = clusters(project).into_iter().filter(|name| *name != cluster);
    let counted = others.filter_map(|other| {
        let rendered = Rendered::read(project, other).ok()?;
        let is_there = |key: &&&Key| {
            let key = Key { cluster: other.to_owned(), ..(**key).clone() };
            rendered.number(&key).is_some()
        };
        Some((unknown.iter().filter(is_there).count(), other))
    });
    let (count, best) = counted.max()?;
    (count > present).then(|| best.to_owned())
}
