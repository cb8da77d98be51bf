//! The passwords of a run: those that are recorded, and those that it made.

use super::certificate::Certificates;
use super::mint::{Minted, mint};
use super::plain;
use super::record::{Record, Store};
use super::settle::{Need, Settled, Settlement, State};
use super::store::{Change, Edit};
use crate::diagnostic::{Diagnostic, Sources};
use crate::language::SecretMode;
use crate::output::Scope;
use crate::resolve::Fleet;
use foldhash::fast::RandomState;
use std::collections::HashMap;
use std::path::Path;

/// What a run does about a password without a record.
#[derive(Clone, Copy, Debug)]
pub enum Missing<'s> {
    /// It makes one, for definitions within this scope.
    Mint(&'s Scope),
    /// It says so, for definitions within this scope.
    Refuse(&'s Scope),
    /// Nothing: what carries it is not rendered.
    Ignore,
}

impl Missing<'_> {
    /// The same without making anything, where nothing can come of it.
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
    /// Those of the definition at a path.
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

/// All passwords that a fleet wants.
#[derive(Debug, Default)]
pub struct Passwords {
    /// What was recorded before.
    pub settlement: Settlement,
    /// What was made now.
    pub minted: Vec<Minted>,
}

impl Passwords {
    /// What was recorded, with what is missing made or reported.
    pub fn new(
        settlement: Settlement,
        missing: Missing,
        root: &Path,
        fleet: &Fleet,
        certificates: &Certificates,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Self {
        let mut minted = Vec::new();
        match missing {
            Missing::Ignore => {}
            Missing::Refuse(scope) => {
                diagnostics.extend(settlement.locked(|it| scope.covers(&it.need.definition)));
            }
            Missing::Mint(scope) => {
                let needs = settlement
                    .settled
                    .iter()
                    .filter(|settled| matches!(settled.state, State::Missing))
                    .filter(|settled| scope.covers(&settled.need.definition))
                    .filter(|settled| !settled.need.must_be_given(fleet))
                    .map(|settled| (settled.need.clone(), 1))
                    .collect();
                let given = |settled: &Settled| settled.need.must_be_given(fleet);
                diagnostics
                    .extend(settlement.locked(|settled| {
                        scope.covers(&settled.need.definition) && given(settled)
                    }));
                let is_plain =
                    |need: &Need| fleet.clusters[need.cluster.0].secrets.mode == SecretMode::Plain;
                let known =
                    |need: &Need| is_plain(need).then(|| plain::password(root, need)).flatten();
                match mint(needs, fleet, certificates, known) {
                    Ok(made) => minted = made,
                    Err(problems) => diagnostics.extend(problems),
                }
            }
        }
        Self { settlement, minted }
    }

    /// The records to render, by definition.
    pub fn by_definition(&self) -> ByDefinition<'_> {
        let mut minted: HashMap<&str, Vec<&Minted>, RandomState> = HashMap::default();
        for it in &self.minted {
            minted.entry(it.need.definition.as_str()).or_default().push(it);
        }
        ByDefinition { settled: self.settlement.by_definition(), minted }
    }

    /// The files of records that change by what was made.
    pub fn changes(&self, sites: &str, stores: &[Store], sources: &Sources) -> Vec<Change> {
        let mut edit = Edit::new(stores);
        self.minted.iter().for_each(|minted| edit.put(&minted.need, &minted.record));
        edit.changes(sites, sources)
    }

    /// Writes the Secrets in clear text, of the mode plain.
    pub fn write_plain(&self, root: &Path) -> Result<Vec<String>, Box<Diagnostic>> {
        let kept = self.settlement.settled.iter().filter_map(|settled| match &settled.state {
            State::Kept(record) => Some((&settled.need, &**record, None)),
            _ => None,
        });
        let minted = self.minted.iter().map(|m| (&m.need, &m.record, m.password.as_ref()));
        plain::write(root, &kept.chain(minted).collect::<Vec<_>>())
    }
}
