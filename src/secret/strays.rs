//! Finds unused records that may belong to a password without a record. Such a record remains if the
//! definition was moved without its records, or was renamed together with them.

use super::backend::{MODES, of};
use super::need::{Need, State, Unused};
use super::record::Record;
use super::record_file::{self, RecordFile};
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
    by_label: BTreeMap<(&'a str, &'a str, &'a str), Stray<'a>>,
    /// The records by definition, for a definition that was renamed together with its records.
    by_definition: BTreeMap<&'a str, Vec<Stray<'a>>>,
}

impl<'a> Strays<'a> {
    pub(super) fn new(
        unused: &'a [Unused],
        stores: &HashMap<&str, &'a RecordFile, RandomState>,
    ) -> Self {
        let (mut by_label, mut by_definition) = (BTreeMap::new(), BTreeMap::<_, Vec<_>>::new());
        for unused in unused {
            let store = stores.get(unused.definition.as_str());
            let record = store.and_then(|s| s.records.get(&unused.secret, &unused.key));
            let Some(record) = record else { continue };
            let cluster = unused.definition.split('/').next().unwrap_or_default();
            let label = (cluster, unused.secret.as_str(), &*record.label);
            by_label.insert(label, (unused, record));
            by_definition.entry(unused.definition.as_str()).or_default().push((unused, record));
        }
        Self { by_label, by_definition }
    }

    /// The state of a password that has no record under its name.
    pub(super) fn state(&self, need: &Need, cluster: &Cluster, sources: &Sources) -> State {
        // Nearly all fleets have no unused records.
        if self.by_definition.is_empty() {
            return State::Missing;
        }
        let names: Vec<Arc<SecretSpec>> = need.names().collect();
        let moved = names.iter().find_map(|wanted| {
            let stray = self.of_label(wanted, cluster)?;
            Some((stray.1, moved(need, &wanted.name, stray.0, sources)))
        });
        let renamed = || {
            let stray = self.of_definition(need, &names)?;
            Some((stray.1, renamed(need, stray.0)))
        };
        match moved.or_else(renamed) {
            Some((record, problem)) => State::Unfit(record.clone(), Box::new(problem)),
            None => State::Missing,
        }
    }

    /// The record of a Secret of this name, beside another definition or under another key.
    fn of_label(&self, wanted: &SecretSpec, cluster: &Cluster) -> Option<Stray<'a>> {
        let SecretSpec { namespace, name, .. } = wanted;
        MODES.iter().find_map(|mode| {
            let label = of(*mode).label(cluster, namespace, name);
            self.by_label.get(&(cluster.name.as_str(), name.as_str(), label.as_str())).copied()
        })
    }

    /// The record of the same definition whose Secret has one of these suffixes.
    fn of_definition(&self, need: &Need, names: &[Arc<SecretSpec>]) -> Option<Stray<'a>> {
        let ends = |secret: &str| {
            names.iter().any(|wanted| {
                secret.strip_suffix(wanted.suffix()).is_some_and(|start| start.ends_with('-'))
            })
        };
        let strays = self.by_definition.get(&*need.definition)?;
        strays.iter().find(|(unused, _)| ends(&unused.secret)).copied()
    }
}

/// The diagnostic for a record beside another definition or under another key.
fn moved(need: &Need, name: &str, unused: &Unused, sources: &Sources) -> Diagnostic {
    if *unused.definition == *need.definition {
        let message = format!(
            "the record of `{name}` has the key `{}`, but the key of the Secret is `{}`",
            unused.key,
            need.key()
        );
        let help = format!("rename the key to `{}`, or restore the file from Git", need.key());
        // SW702: a record no longer fits its Secret.
        return Diagnostic::new(Code::RecordMoved, unused.span, message).help(help);
    }
    let file = sources.path(unused.span.file);
    let message = format!(
        "the record of `{}/{name}` is in {file}, the file of another definition",
        need.definition
    );
    let help = format!(
        "move that file next to the definition, and name it {}{}",
        need.definition.rsplit('/').next().unwrap_or_default(),
        record_file::ENDING
    );
    let problem = Diagnostic::new(Code::RecordMoved, need.span, message);
    problem.related(unused.span, "recorded here").help(help)
}

/// The diagnostic for a record whose definition was renamed.
fn renamed(need: &Need, unused: &Unused) -> Diagnostic {
    let message = format!(
        "the Secret `{}` has no record, but the unused Secret `{}` has one",
        need.wanted.name, unused.secret
    );
    let help = format!(
        "a file with a new name defines a new site or server, which starts empty: the data stays under \
         the old name. To keep the data, give both files their old names. To start empty, run \
         `sitewright secrets rotate {}`, which makes a new password",
        need.path()
    );
    Diagnostic::new(Code::RecordMoved, unused.span, message).help(help)
}
