//! The passwords of a run: the recorded passwords and the new ones.

use super::backend;
use super::certificate::Certificates;
use super::mint::{KnownPassword, Minted, mint};
use super::need::{Need, Settled, State};
use super::pairs;
use super::password::Password;
use super::record::Record;
use super::record_file::RecordFile;
use super::settle::Settlement;
use super::store::{Edit, FileChange};
use crate::diagnostic::{Checked, Diagnostic, Reported, Sources};
use crate::output::Scope;
use crate::resolve::Fleet;
use foldhash::fast::RandomState;
use std::collections::HashMap;
use std::path::Path;

/// What a run does with a password that has no record.
#[derive(Clone, Copy, Debug)]
pub enum Missing<'s> {
    /// It creates the password, for definitions within this scope.
    Mint(&'s Scope),
    /// It reports the password, for definitions within this scope.
    Refuse(&'s Scope),
    /// It does nothing. The object that carries the password is not rendered.
    Ignore,
}

impl Missing<'_> {
    /// The same mode, but without creating passwords, for a run that has already failed.
    pub fn refused(self) -> Self {
        match self {
            Missing::Mint(_) => Missing::Ignore,
            other => other,
        }
    }
}

/// The records to render, by definition.
#[derive(Debug)]
pub struct ByDefinition<'a> {
    settled: HashMap<&'a str, &'a [Settled], RandomState>,
    minted: HashMap<&'a str, Vec<&'a Minted>, RandomState>,
}

impl<'a> ByDefinition<'a> {
    /// The records of the definition at a path.
    pub fn of(&self, path: &str) -> Vec<(&'a Need, &'a Record)> {
        let kept = |Settled { need, state }: &'a Settled| match state {
            State::Kept(record) => Some((need, &**record)),
            _ => None,
        };
        let kept = self.settled.get(path).into_iter().copied().flatten().filter_map(kept);
        let minted = self.minted.get(path).into_iter().flatten();
        kept.chain(minted.map(|it| (&it.need, &it.record))).collect()
    }
}

/// All passwords that a fleet needs.
#[derive(Debug, Default)]
pub struct Passwords {
    /// The passwords with the records of earlier runs.
    pub settlement: Settlement,
    /// The passwords that this run created.
    pub minted: Vec<Minted>,
}

impl Passwords {
    /// Reads the records, and creates missing passwords. The passwords that are still missing are
    /// reported.
    pub fn new(
        settlement: Settlement,
        missing: Missing,
        root: &Path,
        fleet: &Fleet,
        certificates: &Certificates,
    ) -> Reported<Self> {
        let only = |diagnostics| Reported { value: Vec::new(), diagnostics };
        let Reported { value: minted, diagnostics } = match missing {
            Missing::Ignore => Reported::default(),
            Missing::Refuse(scope) => {
                only(settlement.locked(fleet, |it| scope.covers(&it.need.definition)))
            }
            Missing::Mint(scope) => {
                let maker = Maker { root, fleet, certificates };
                maker.make(&settlement, scope).unwrap_or_else(only)
            }
        };
        Reported { value: Self { settlement, minted }, diagnostics }
    }

    /// The number of new passwords, and the number of existing passwords that had no record.
    pub fn counts(&self) -> (usize, usize) {
        let kept = self.minted.iter().filter(|minted| minted.is_kept).count();
        (self.minted.len() - kept, kept)
    }

    /// The records to render, by definition.
    pub fn by_definition(&self) -> ByDefinition<'_> {
        let mut minted: HashMap<&str, Vec<&Minted>, RandomState> = HashMap::default();
        for it in &self.minted {
            minted.entry(&*it.need.definition).or_default().push(it);
        }
        ByDefinition { settled: self.settlement.by_definition(), minted }
    }

    /// The files of records that change because of the new passwords.
    pub fn changes(
        &self,
        sites: &str,
        stores: &[RecordFile],
        sources: &Sources,
    ) -> Vec<FileChange> {
        let mut edit = Edit::new(stores);
        self.minted.iter().for_each(|minted| edit.put(&minted.need, &minted.record));
        edit.changes(sites, sources)
    }

    /// Writes the values that belong on this machine, and returns the paths of their files.
    pub fn write_local(&self, root: &Path) -> Result<Vec<String>, Box<Diagnostic>> {
        let mut written = Vec::new();
        for (mode, local) in backend::locals() {
            let kept = self.settlement.settled.iter().filter_map(|settled| match &settled.state {
                State::Kept(record) => Some((&settled.need, &**record, None)),
                _ => None,
            });
            let minted = self.minted.iter().map(|m| (&m.need, &m.record, m.password.as_ref()));
            let values = kept.chain(minted).filter(|(_, record, _)| record.mode == mode);
            written.extend(local.write(root, &values.collect::<Vec<_>>())?);
        }
        Ok(written)
    }
}

/// The inputs for creating passwords.
struct Maker<'a> {
    root: &'a Path,
    fleet: &'a Fleet<'a>,
    certificates: &'a Certificates,
}

impl Maker<'_> {
    /// Creates the passwords within a scope that have no record. The passwords that only a third
    /// party can give are reported. It creates nothing if there is any other error.
    fn make(&self, settlement: &Settlement, scope: &Scope) -> Checked<Reported<Vec<Minted>>> {
        let missing = settlement.settled.iter().filter(|settled| {
            matches!(settled.state, State::Missing) && scope.covers(&settled.need.definition)
        });
        let damaged: Vec<_> = missing.clone().filter_map(|it| self.local(&it.need).err()).collect();
        if !damaged.is_empty() {
            return Err(damaged.into_iter().map(|problem| *problem).collect());
        }
        let is_asked_for =
            |need: &Need| backend::must_be_given(need, self.fleet) && self.known(need).is_none();
        let needs = missing.filter(|settled| !is_asked_for(&settled.need));
        let by_definition = settlement.by_definition();
        // A Secret with the value of another one has its generation too.
        let generation = |settled: &Settled| {
            let all = by_definition.get(&*settled.need.definition).copied().unwrap_or_default();
            pairs::partners(settled, all).find_map(|it| it.state.generation()).unwrap_or(1)
        };
        let needs = needs.map(|settled| (settled.need.clone(), generation(settled))).collect();
        let asked = settlement.locked(self.fleet, |settled| {
            scope.covers(&settled.need.definition) && is_asked_for(&settled.need)
        });
        let made = mint(needs, self.fleet, self.certificates, |need| self.known(need))?;
        Ok(Reported { value: made, diagnostics: asked })
    }

    /// The password that exists on this machine.
    fn known(&self, need: &Need) -> Option<KnownPassword> {
        let (password, generation) = self.local(need).ok()??;
        Some(KnownPassword { password, kept: Some(generation) })
    }

    /// The value that the cluster's backend keeps on this machine, and its generation. A file
    /// without a valid value gives a diagnostic.
    fn local(&self, need: &Need) -> Result<Option<(Password, u32)>, Box<Diagnostic>> {
        match backend::of_cluster(&self.fleet.clusters[need.cluster.0]).local() {
            Some(local) => local.value(self.root, need),
            None => Ok(None),
        }
    }
}
