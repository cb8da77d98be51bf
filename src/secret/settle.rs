//! Compares the passwords that the fleet needs with their records.
//!
//! A record is kept as long as it fits. A record may no longer fit because its Secret was renamed
//! or moved, or because it belongs to another cluster. That is an error: a new password that nobody
//! asked for would lock a site out of its database.

use super::backend::{self, Fitting};
use super::carried;
use super::certificate::Certificates;
use super::need::{Need, Settled, State, Unused};
use super::pairs;
use super::record::Record;
use super::record_file::{self, RecordFile};
use super::strays::Strays;
use crate::diagnostic::{Code, Diagnostic, FileId, Sources};
use crate::language::{Definition, Kind};
use crate::object::{Form, SecretSpec};
use crate::output::Earlier;
use crate::plan::Planned;
use crate::resolve::Fleet;
use foldhash::fast::RandomState;
use rayon::prelude::*;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// All passwords of a fleet.
#[derive(Clone, Debug, Default)]
pub struct Settlement {
    /// The passwords that the fleet needs, in the order of [`Fleet::units`].
    pub settled: Vec<Settled>,
    /// The records of other passwords.
    pub unused: Vec<Unused>,
    /// The diagnostics for lost records.
    lost: Vec<Diagnostic>,
}

/// The passwords of a fleet that sitewright creates.
pub fn needs(planned: &[Planned]) -> Vec<Need> {
    let of = |planned: &Planned| {
        let common = planned.unit.common();
        let definition = common.origin.definition;
        let path: Arc<str> = definition.path().into();
        let owner: Arc<str> = common.name.as_str().into();
        let wanted = planned.secrets.iter().filter(|wanted| wanted.ours);
        let need = |wanted: &Arc<SecretSpec>| Need {
            definition: Arc::clone(&path),
            owner: Arc::clone(&owner),
            span: definition.span(),
            cluster: common.cluster,
            wanted: Arc::clone(wanted),
        };
        wanted.map(need).collect::<Vec<_>>()
    };
    planned.par_iter().flat_map_iter(of).collect()
}

/// Compares the needed passwords with the records. A password without a record is searched for in
/// the manifests of earlier renders.
pub fn settle(
    needs: Vec<Need>,
    fleet: &Fleet,
    definitions: &[Definition],
    stores: &[RecordFile],
    certificates: &Certificates,
    sources: &Sources,
    earlier: &[&dyn Earlier],
) -> Settlement {
    let by_path: HashMap<&str, &RecordFile, RandomState> =
        stores.iter().map(|s| (s.path.as_str(), s)).collect();
    let unused = unused(&needs, fleet, definitions, stores, sources);
    let look = Look { fleet, certificates, sources, strays: Strays::new(&unused, &by_path) };
    let mut settled: Vec<Settled> = needs
        .into_par_iter()
        .map(|need| {
            let state = match by_path.get(&*need.definition) {
                Some(store) if !store.is_read => State::Unknown,
                Some(store) if !store.is_sound => State::Damaged(None),
                store => look.state(&need, store.copied()),
            };
            Settled { need, state }
        })
        .collect();
    let lost = carried::find(&mut settled, fleet, sources, earlier);
    pairs::check(&mut settled);
    Settlement { settled, unused, lost }
}

/// The records that no definition uses: those of deleted definitions, and of Secrets that a
/// definition no longer has. The needs of an invalid definition are not known, so its records count
/// as used.
fn unused(
    needs: &[Need],
    fleet: &Fleet,
    definitions: &[Definition],
    stores: &[RecordFile],
    sources: &Sources,
) -> Vec<Unused> {
    let wanted: HashMap<&str, &[Need], RandomState> = (needs
        .chunk_by(|a, b| a.definition == b.definition))
    .map(|needs| (&*needs[0].definition, needs))
    .collect();
    let resolved: HashSet<FileId, RandomState> =
        fleet.units().map(|unit| unit.common().origin.definition.file).collect();
    let uncertain: HashSet<String> = definitions
        .iter()
        .filter(|d| matches!(d.kind, Kind::Site | Kind::DatabaseServer | Kind::Bench))
        .filter(|d| !resolved.contains(&d.file))
        .map(Definition::path)
        .collect();
    let of = |store: &RecordFile| {
        let wanted = wanted.get(store.path.as_str()).copied().unwrap_or_default();
        let is_wanted = |secret: &str, key: &str| {
            wanted.iter().any(|n| n.wanted.name == secret && n.key() == key)
        };
        let records = store.records.iter().map(|(secret, key, _)| (secret, key));
        let unused: Vec<_> = records.filter(|(secret, key)| !is_wanted(secret, key)).collect();
        if unused.is_empty() {
            return Vec::new();
        }
        let spans = store.spans(&unused, sources);
        let unused = unused.into_iter().zip(spans).map(|((secret, key), span)| Unused {
            definition: store.path.clone(),
            secret: secret.to_owned(),
            key: key.to_owned(),
            span,
        });
        unused.collect()
    };
    stores.par_iter().filter(|store| !uncertain.contains(&store.path)).flat_map_iter(of).collect()
}

struct Look<'a> {
    fleet: &'a Fleet<'a>,
    certificates: &'a Certificates,
    sources: &'a Sources,
    strays: Strays<'a>,
}

impl Look<'_> {
    fn state(&self, need: &Need, store: Option<&RecordFile>) -> State {
        let record = store
            .and_then(|store| Some((store, store.records.get(&need.wanted.name, need.key())?)));
        match record {
            None => {
                let cluster = &self.fleet.clusters[need.cluster.0];
                self.strays.state(need, cluster, self.sources)
            }
            Some((store, record)) => match self.unfit(need, store, record) {
                None => State::Kept(record.clone()),
                Some(problem) => State::Unfit(record.clone(), Box::new(problem)),
            },
        }
    }

    /// Why a record cannot be used.
    fn unfit(&self, need: &Need, store: &RecordFile, record: &Record) -> Option<Diagnostic> {
        let at = |fact: &str| store.fact(&need.wanted.name, need.key(), fact, self.sources);
        let cluster = &self.fleet.clusters[need.cluster.0];
        let certificates = self.certificates;
        let fitting = Fitting { need, record, cluster, certificates, at: &at };
        backend::of(record.mode).unfit(&fitting)
    }
}

impl Settlement {
    /// The passwords with their records, by definition.
    pub fn by_definition(&self) -> HashMap<&str, &[Settled], RandomState> {
        let definitions = self.settled.chunk_by(|a, b| a.need.definition == b.need.definition);
        definitions.map(|settled| (&*settled[0].need.definition, settled)).collect()
    }

    /// The diagnostics for records that do not fit.
    pub fn problems(&self) -> Vec<Diagnostic> {
        let unfit = self.settled.iter().filter_map(|settled| match &settled.state {
            State::Unfit(_, problem) => Some((**problem).clone()),
            _ => None,
        });
        unfit.chain(self.lost.iter().cloned()).collect()
    }

    /// The diagnostics for values that a key of the user opens, and that are damaged.
    pub fn damaged(&self) -> Vec<Diagnostic> {
        let of_mode = |mode| {
            let kept = self.settled.iter().filter_map(|it| Some((&it.need, it.state.record()?)));
            let values: Vec<_> = kept.filter(|(_, record)| record.mode == mode).collect();
            backend::of(mode).damaged(&values)
        };
        backend::MODES.iter().flat_map(|mode| of_mode(*mode)).collect()
    }

    /// The diagnostics for unused records: one warning for each file.
    pub fn warnings(&self, sources: &Sources) -> Vec<Diagnostic> {
        let mut warnings = Vec::new();
        for unused in self.unused.chunk_by(|a, b| a.definition == b.definition) {
            const SHOWN: usize = 8;
            let name = |unused: &Unused| format!("{}/{}", unused.secret, unused.key);
            let mut names: Vec<String> = unused.iter().take(SHOWN).map(name).collect();
            if unused.len() > SHOWN {
                names.push(format!("and {} more", unused.len() - SHOWN));
            }
            let file = sources.path(unused[0].span.file);
            let verb = if unused.len() == 1 { "is" } else { "are" };
            let message = format!("{} {verb} not used by any definition: {file}", names.join(", "));
            // SW706: a record that is no longer used.
            warnings.push(Diagnostic::new(Code::UnusedRecord, unused[0].span, message).help(
                "when nobody needs the password any more, run `sitewright secrets prune` to remove the record",
            ));
        }
        warnings
    }

    /// The diagnostics for missing passwords that may not be created: one error for each
    /// definition, with the command that creates them.
    pub fn locked(&self, fleet: &Fleet, is_meant: impl Fn(&Settled) -> bool) -> Vec<Diagnostic> {
        let missing =
            |settled: &&Settled| matches!(settled.state, State::Missing) && is_meant(settled);
        let missing: Vec<&Need> =
            self.settled.iter().filter(missing).map(|settled| &settled.need).collect();
        missing
            .chunk_by(|a, b| a.definition == b.definition && a.wanted.given == b.wanted.given)
            .map(|needs| {
                let names: Vec<String> = needs
                    .iter()
                    .map(|need| format!("{}/{}", need.wanted.name, need.key()))
                    .collect();
                let path = &needs[0].definition;
                let message = format!("`{path}` has no record of {}", names.join(", "));
                // SW701: a password has no record, and this command may not create it.
                let problem = Diagnostic::new(Code::NoRecord, needs[0].span, message);
                if backend::must_be_given(needs[0], fleet) {
                    let path = needs[0].path();
                    let origin = match needs[0].wanted.form {
                        Form::Password => "get the value from the third party that gives it",
                        Form::FernetKey => {
                            "take the value of `encryption_key` in the site's site_config.json, or a new \
                             key if the database holds no site yet"
                        }
                    };
                    return problem.help(format!(
                        "{origin}, then run `sitewright secrets set {path} < FILE`"
                    ));
                }
                let store = match needs[0].wanted.given {
                    true => "; put the third party's value into the secret store yourself",
                    false => "",
                };
                problem.help(format!(
                    "run `sitewright render {path}` and commit {}{}{store}",
                    path.rsplit('/').next().unwrap_or_default(),
                    record_file::ENDING
                ))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Span;

    #[test]
    fn each_file_has_one_warning_that_names_few_of_its_unused_records() {
        let mut sources = Sources::default();
        let mut unused = Vec::new();
        for (name, count) in [("one", 1), ("two", 2), ("eight", 8), ("nine", 9)] {
            let definition = format!("eu/{name}");
            let file = sources.add(format!("sites/{definition}.secrets.yaml"), "");
            unused.extend((0..count).map(|key| Unused {
                definition: definition.clone(),
                secret: name.to_owned(),
                key: format!("k{key}"),
                span: Span::new(file, 0, 0),
            }));
        }
        let settlement = Settlement { unused, ..Settlement::default() };
        let warnings = settlement.warnings(&sources).into_iter();
        let messages: Vec<String> = warnings.map(|warning| warning.message).collect();
        let names = |name: &str, count: usize| {
            let names: Vec<String> = (0..count).map(|key| format!("{name}/k{key}")).collect();
            names.join(", ")
        };
        let of = |names: String, verb: &str, name: &str| {
            format!("{names} {verb} not used by any definition: sites/eu/{name}.secrets.yaml")
        };
        let expected = [
            of(names("one", 1), "is", "one"),
            of(names("two", 2), "are", "two"),
            of(names("eight", 8), "are", "eight"),
            of(names("nine", 8) + ", and 1 more", "are", "nine"),
        ];
        assert_eq!(messages, expected);
    }
}
