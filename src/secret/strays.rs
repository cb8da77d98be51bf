//! Finds unused records that may belong to a password without a record: the definition was moved
//! without its records, or was renamed together with them.

use super::backend::{MODES, of};
use super::need::{Need, State, Unused};
use super::record::Record;
use super::record_file::{self, Store};
use crate::cluster::Cluster;
use crate::diagnostic::{Code, Diagnostic, Sources};
use crate::object::SecretSpec;
use foldhash::fast::RandomState;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// An unused record.
type Stray<'a> = (&'a Unused, &'a Arc<Record>);

/// All unused records.
pub(super) struct Strays<'a> {
    /// The records by cluster, Secret and label, for a definition that was moved without its
    /// records.
    elsewhere: BTreeMap<(&'a str, &'a str, &'a str), Stray<'a>>,
    /// The records by definition, for a definition that was renamed together with its records.
    renamed: BTreeMap<&'a str, Vec<Stray<'a>>>,
}

impl<'a> Strays<'a> {
    pub(super) fn new(
        unused: &'a [Unused],
        stores: &HashMap<&str, &'a Store, RandomState>,
    ) -> Self {
        let (mut elsewhere, mut renamed) = (BTreeMap::new(), BTreeMap::<_, Vec<_>>::new());
        for unused in unused {
            let store = stores.get(unused.definition.as_str());
            let record = store.and_then(|s| s.records.get(&unused.secret, &unused.key));
            let Some(record) = record else { continue };
            let cluster = unused.definition.split('/').next().unwrap_or_default();
            let place = (cluster, unused.secret.as_str(), &*record.label);
            elsewhere.insert(place, (unused, record));
            renamed.entry(unused.definition.as_str()).or_default().push((unused, record));
        }
        Self { elsewhere, renamed }
    }

    /// The state of a password that has no record under its name.
    pub(super) fn state(&self, need: &Need, cluster: &Cluster, sources: &Sources) -> State {
        // Nearly all fleets have no unused records.
        if self.renamed.is_empty() {
            return State::Missing;
        }
        let former = need.wanted.former();
        let names: Vec<&SecretSpec> =
            [Some(&need.wanted), former.as_ref()].into_iter().flatten().collect();
        let moved = names.iter().find_map(|wanted| {
            let stray = self.elsewhere(wanted, cluster)?;
            Some((stray.1, moved(need, &wanted.name, stray.0, sources)))
        });
        let renamed = || {
            let stray = self.renamed(need, &names)?;
            Some((stray.1, renamed(need, stray.0)))
        };
        match moved.or_else(renamed) {
            Some((record, problem)) => State::Unfit(record.clone(), Box::new(problem)),
            None => State::Missing,
        }
    }

    /// The record of a Secret of this name.
    fn elsewhere(&self, wanted: &SecretSpec, cluster: &Cluster) -> Option<Stray<'a>> {
        let SecretSpec { namespace, name, .. } = wanted;
        MODES.iter().find_map(|mode| {
            let label = of(*mode).label(cluster, namespace, name);
            self.elsewhere.get(&(cluster.name.as_str(), name.as_str(), label.as_str())).copied()
        })
    }

    /// The record of the same definition whose Secret has one of these suffixes.
    fn renamed(&self, need: &Need, names: &[&SecretSpec]) -> Option<Stray<'a>> {
        let ends = |secret: &str| {
            names.iter().any(|wanted| {
                secret.strip_suffix(wanted.suffix).is_some_and(|start| start.ends_with('-'))
            })
        };
        let strays = self.renamed.get(need.definition.as_str())?;
        strays.iter().find(|(unused, _)| ends(&unused.secret)).copied()
    }
}

/// The diagnostic for a record beside another definition or under another key.
fn moved(need: &Need, name: &str, unused: &Unused, sources: &Sources) -> Diagnostic {
    if unused.definition == need.definition {
        let message = format!(
            "`{name}` has no record of its key `{}`, but one of `{}`, which it does not have",
            need.key(),
            unused.key
        );
        let help = format!("name the record `{}`, or restore the file from Git", need.key());
        return Diagnostic::new(Code::RecordMoved, unused.span, message).help(help);
    }
    let file = sources.path(unused.span.file);
    let message = format!("the records of `{}/{name}` stand in {file}", need.definition);
    let help = format!(
        "move that file beside the definition, as {}{}",
        need.definition.rsplit('/').next().unwrap_or_default(),
        record_file::ENDING
    );
    let problem = Diagnostic::new(Code::RecordMoved, need.span, message);
    problem.related(unused.span, "recorded here").help(help)
}

/// The diagnostic for a record whose definition was renamed.
fn renamed(need: &Need, unused: &Unused) -> Diagnostic {
    let message = format!(
        "the Secret `{}` has no record, but `{}` has, which nothing uses any more",
        need.wanted.name, unused.secret
    );
    let help = format!(
        "a file of another name is a new site or server, which starts empty: the data stays with the \
         old one. Give both files their old name back, or, for an empty one, \
         `sitewright secrets rotate {}` makes a new password",
        need.path()
    );
    Diagnostic::new(Code::RecordMoved, unused.span, message).help(help)
}
