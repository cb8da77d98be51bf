//! Replaces recorded passwords by new ones.

use super::age::made;
use super::ledger::{Ledger, last_generation};
use super::records::{Recorded, record_rotated};
use crate::diagnostic::{Checked, Code, Diagnostic, Reported};
use crate::language::{Portion, nearest_definition};
use crate::object::SecretSpec;
use crate::resolve::Fleet;
use crate::secret::{Need, Passwords, Settled, mint, must_be_given, partners};
use std::collections::{BTreeMap, BTreeSet};

/// Which passwords a rotation takes.
#[derive(Clone, Debug)]
pub enum Selection {
    /// Those that these names mean: definitions, Secrets, or keys of Secrets. One that cannot be rotated refuses the
    /// whole rotation.
    Named(Vec<String>),
    /// All that can be rotated and fit. The others are left.
    Fitting {
        /// The cluster.
        cluster: Option<String>,
        /// The start of the fingerprint of the key for which they are sealed.
        sealed_for: Option<String>,
        /// The number of a day: they were made before it.
        made_before: Option<u64>,
        /// The most that may be rotated, of all that have a record. `None` asks for it.
        limit: Option<Portion>,
    },
}

/// A rotation that is planned. Nothing is made yet.
#[derive(Debug)]
pub struct Rotation {
    /// The passwords, sorted by path, each with its new generation.
    pub needs: Vec<(Need, u32)>,
    /// The passwords whose Secret has another name now: each with its former Secret, by its new
    /// path.
    pub former: BTreeMap<String, Need>,
    /// The passwords that are left, and why.
    pub left: Vec<(String, &'static str)>,
    /// Why the rotation is larger than it may be.
    excess: Option<Box<Diagnostic>>,
}

/// The result of a rotation.
#[derive(Debug)]
pub struct Rotated {
    /// The new passwords.
    pub passwords: Passwords,
    /// As in [`Rotation`].
    pub former: BTreeMap<String, Need>,
    /// As in [`Rotation`].
    pub left: Vec<(String, &'static str)>,
    /// The files that were written.
    pub recorded: Recorded,
}

/// Why a password that a third party gives is left.
const GIVEN: &str = "a third party gives it: use `sitewright secrets set`";

/// Why a password is left whose age nobody knows yet.
const NOT_COMMITTED: &str = "its present generation is not committed yet";

/// Plans new passwords for everything that is selected.
pub fn rotation(selection: &Selection, ledger: &Ledger) -> Checked<Rotation> {
    let Reported { value: Choice { chosen, left }, diagnostics: mut problems } = match selection {
        Selection::Named(names) => choose(names, ledger),
        Selection::Fitting { cluster, sealed_for, made_before, .. } => {
            fitting(cluster.as_deref(), sealed_for.as_deref(), *made_before, ledger)
        }
    };
    let by_definition = ledger.settlement.by_definition();
    let paired = |settled: &Settled| {
        let all = by_definition.get(&*settled.need.definition).copied().unwrap_or_default();
        partners(settled, all).filter_map(|it| it.state.generation()).max()
    };
    let (mut needs, mut former) = (Vec::new(), BTreeMap::new());
    for settled in chosen {
        let need = settled.need.renewed();
        let name = settled.secret();
        let has_name = |wanted: &SecretSpec| wanted.name == name;
        if let Some(wanted) = need.wanted.former().filter(has_name) {
            former.insert(need.path(), Need { wanted: wanted.into(), ..need.clone() });
        }
        match generation(settled, paired(settled), ledger.fleet) {
            Ok(generation) => needs.push((need, generation)),
            Err(problem) => problems.push(*problem),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let left = left.into_iter().map(|(settled, why)| (named(settled), why)).collect();
    let excess = match selection {
        Selection::Named(_) => None,
        Selection::Fitting { limit, .. } => excess(needs.len(), *limit, ledger),
    };
    Ok(Rotation { needs, former, left, excess })
}

impl Rotation {
    /// Creates and records the new passwords.
    pub fn record(self, ledger: &Ledger) -> Checked<Rotated> {
        let Self { needs, former, left, excess } = self;
        if let Some(problem) = excess {
            return Err(vec![*problem]);
        }
        let Ledger { project, fleet, .. } = ledger;
        let minted = mint(needs, fleet, &project.certificates, |_| None)?;
        // Only the new passwords are written. The records of the others stay as they are.
        let passwords = Passwords { minted, ..Passwords::default() };
        let recorded = record_rotated(project, &passwords, former.values());
        let recorded = recorded.map_err(|problem| vec![*problem])?;
        Ok(Rotated { passwords, former, left, recorded })
    }
}

/// The problem of a rotation that is larger than its limit, or has none.
fn excess(count: usize, limit: Option<Portion>, ledger: &Ledger) -> Option<Box<Diagnostic>> {
    let recorded = recorded(ledger).count();
    let (message, help) = match limit {
        _ if count == 0 => return None,
        None => (
            format!("this would rotate {count} of {recorded} passwords, and no limit is stated"),
            format!("look at them with `--dry-run`, and then state `--limit {count}`"),
        ),
        Some(limit) if count <= limit.of(recorded) => return None,
        Some(limit) => (
            format!(
                "this would rotate {count} of {recorded} passwords, but `--limit {limit}` allows {}",
                limit.of(recorded)
            ),
            "rotate a part of them, such as one cluster, or state a higher limit".to_owned(),
        ),
    };
    // SW717: a rotation of more passwords than allowed.
    Some(Box::new(Diagnostic::of_path(Code::TooManyRotations, "--limit", message).help(help)))
}

/// The passwords to rotate, sorted by path, and those that are left, each with the reason.
struct Choice<'a> {
    chosen: Vec<&'a Settled>,
    left: Vec<(&'a Settled, &'static str)>,
}

/// The passwords that have a record and fit.
fn fitting<'a>(
    cluster: Option<&str>,
    sealed_for: Option<&str>,
    made_before: Option<u64>,
    ledger: &'a Ledger,
) -> Reported<Choice<'a>> {
    let refused = |problem| Reported {
        value: Choice { chosen: Vec::new(), left: Vec::new() },
        diagnostics: vec![problem],
    };
    let unknown = cluster.and_then(|name| unknown_cluster(name, ledger));
    if let Some(problem) = unknown.or_else(|| sealed_for.and_then(|it| unknown_key(it, ledger))) {
        return refused(problem);
    }
    let fits = |settled: &&'a Settled| {
        let is_in = |name: &str| settled.need.definition.split('/').next() == Some(name);
        let is_for = |start: &str| fingerprint(settled).is_some_and(|it| it.starts_with(start));
        cluster.is_none_or(is_in) && sealed_for.is_none_or(is_for)
    };
    let fitting: Vec<&Settled> = recorded(ledger).filter(fits).collect();
    let ages = match made_before.map(|day| ages(&fitting, day, ledger)).transpose() {
        Ok(ages) => ages.unwrap_or_else(|| vec![Age::Older; fitting.len()]),
        Err(problem) => return refused(*problem),
    };
    let (mut chosen, mut left) = (Vec::new(), Vec::new());
    for (settled, age) in fitting.into_iter().zip(ages) {
        let is_given = || must_be_given(&settled.need, ledger.fleet);
        match (age, settled.need.wanted.fixed) {
            (Age::Younger, _) => {}
            (_, Some(why)) => left.push((settled, why)),
            (_, None) if is_given() => left.push((settled, GIVEN)),
            (Age::NotCommitted, None) => left.push((settled, NOT_COMMITTED)),
            (Age::Older, None) => chosen.push(settled),
        }
    }
    let chosen = with_partners(chosen, ledger);
    Reported { value: Choice { chosen, left }, diagnostics: Vec::new() }
}

/// The passwords that have a record.
fn recorded<'a>(ledger: &'a Ledger) -> impl Iterator<Item = &'a Settled> {
    ledger.settlement.settled.iter().filter(|it| it.state.record().is_some())
}

/// The fingerprint of the key for which a password is sealed.
fn fingerprint(settled: &Settled) -> Option<&str> {
    settled.state.record()?.sealed.as_ref()?.sealed_for.as_deref()
}

/// The problem of a name that no cluster has.
fn unknown_cluster(name: &str, ledger: &Ledger) -> Option<Diagnostic> {
    let known = || ledger.fleet.clusters.iter().map(|cluster| cluster.name.as_str());
    if known().any(|known| known == name) {
        return None;
    }
    let help = nearest_definition(name, "Cluster", known());
    let message = format!("there is no cluster `{name}`");
    // SW209: a path or a name that matches no definition.
    Some(Diagnostic::of_path(Code::UnknownPath, name, message).help(help))
}

/// The problem of a fingerprint that no record has.
fn unknown_key(start: &str, ledger: &Ledger) -> Option<Diagnostic> {
    let known: BTreeSet<&str> = recorded(ledger).filter_map(fingerprint).collect();
    if known.iter().any(|known| known.starts_with(start)) {
        return None;
    }
    let known: Vec<&str> = known.into_iter().collect();
    let help = match known.as_slice() {
        [] => "no record is sealed for a known key".to_owned(),
        known => format!("records are sealed for {}", known.join(", ")),
    };
    let message = format!("no password is sealed for `{start}`");
    // SW209: a path or a name that matches no definition.
    Some(Diagnostic::of_path(Code::UnknownPath, start, message).help(help))
}

/// How old a password is, compared with a stated day.
#[derive(Clone, Copy)]
enum Age {
    Older,
    Younger,
    NotCommitted,
}

/// The ages of these passwords, compared with a day.
fn ages(passwords: &[&Settled], before: u64, ledger: &Ledger) -> Result<Vec<Age>, Box<Diagnostic>> {
    let made = made(passwords, Some(before), ledger.project)?;
    let age = |made: Option<_>| match made {
        None => Age::NotCommitted,
        Some(day) if day < before => Age::Older,
        Some(_) => Age::Younger,
    };
    Ok(made.into_iter().map(|made| age(made.map(|made| made.day))).collect())
}

/// The passwords with the others that have the same value, sorted by path.
fn with_partners<'a>(mut chosen: Vec<&'a Settled>, ledger: &'a Ledger) -> Vec<&'a Settled> {
    let by_definition = ledger.settlement.by_definition();
    let paired: Vec<&Settled> = (chosen.iter())
        .flat_map(|settled: &&'a Settled| {
            let all = by_definition.get(&*settled.need.definition).copied().unwrap_or_default();
            partners(settled, all)
        })
        .collect();
    chosen.extend(paired);
    let place = |settled: &&Settled| (settled.need.path(), settled.need.key().to_owned());
    chosen.sort_by_cached_key(place);
    chosen.dedup_by_key(|settled| place(settled));
    chosen
}

/// The passwords that these names mean. The other names are reported.
fn choose<'a>(names: &[String], ledger: &'a Ledger) -> Reported<Choice<'a>> {
    let (mut chosen, mut left, mut diagnostics) = (Vec::new(), Vec::new(), Vec::new());
    for name in names {
        match ledger.choose(name) {
            // A name that means several passwords leaves those that a third party gives. A name that
            // means only such passwords is refused later.
            Ok(found) => {
                let is_given = |settled: &&Settled| must_be_given(&settled.need, ledger.fleet);
                let (given, ours): (Vec<_>, Vec<_>) = found.into_iter().partition(is_given);
                let (rotated, kept) = if ours.is_empty() { (given, ours) } else { (ours, given) };
                chosen.extend(rotated);
                left.extend(kept.into_iter().map(|settled| (settled, GIVEN)));
            }
            Err(problem) => diagnostics.push(*problem),
        }
    }
    let chosen = with_partners(chosen, ledger);
    Reported { value: Choice { chosen, left }, diagnostics }
}

/// The name of a password in messages.
fn named(settled: &Settled) -> String {
    format!("{}/{}", settled.need.path(), settled.need.key())
}

/// The generation that a rotated password gets.
/// `paired` is the generation of another Secret with the same value.
fn generation(
    settled: &Settled,
    paired: Option<u32>,
    fleet: &Fleet,
) -> Result<u32, Box<Diagnostic>> {
    let need = &settled.need;
    let refuse = |message: String, help: &str| {
        // SW709: a password that cannot be rotated.
        Err(Box::new(Diagnostic::new(Code::NotRotatable, need.span, message).help(help)))
    };
    let path = named(settled);
    if let Some(why) = need.wanted.fixed {
        let message = format!("`{path}` cannot be rotated: {why}");
        return refuse(message, "name only Secrets that can be rotated; nothing was rotated");
    }
    if must_be_given(need, fleet) {
        let message = format!("sitewright cannot make `{path}`: a third party gives it");
        return refuse(
            message,
            "get a new value from the third party, and record it with `sitewright secrets set`",
        );
    }
    match settled.state.generation().max(paired) {
        Some(last) => last.checked_add(1).ok_or_else(|| Box::new(last_generation(settled))),
        None => {
            let message = format!("`{path}` has no record yet");
            refuse(message, "`sitewright render` makes the first password")
        }
    }
}
