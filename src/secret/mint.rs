//! Creates passwords and their records.

use super::backend::{Keeper, Kept, of_cluster};
use super::certificate::Certificates;
use super::need::Need;
use super::password::Password;
use super::record::{Policy, Record};
use crate::diagnostic::{Checked, Code, Diagnostic};
use crate::language::ResourceName;
use crate::object::SecretSpec;
use crate::resolve::Fleet;
use rayon::prelude::*;
use std::collections::HashMap;
use std::sync::Arc;

/// A new password.
#[derive(Debug)]
pub struct Minted {
    /// The password's need: its definition, Secret and key.
    pub need: Need,
    /// The record of the password.
    pub record: Record,
    /// The password itself, if it will be written to this machine.
    pub password: Option<Password>,
    /// Whether the password existed before and only its record is new.
    pub is_kept: bool,
}

/// A known password, for which no new value is created.
#[derive(Debug)]
pub struct KnownPassword {
    /// The password.
    pub password: Password,
    /// The generation of a password that exists on this machine and has no record: the run that
    /// created it was interrupted, or the record was lost.
    pub kept: Option<u32>,
}

/// Creates a password of this generation for each need. `known` has passwords that already exist:
/// values that a user gave, or that are on this machine.
pub fn mint(
    needs: Vec<(Need, u32)>,
    fleet: &Fleet,
    certificates: &Certificates,
    known: impl Fn(&Need) -> Option<KnownPassword> + Sync,
) -> Checked<Vec<Minted>> {
    let keepers = keepers(&needs, fleet, certificates)?;
    let shared = shared(&needs, &known).map_err(|problem| vec![*problem])?;
    let minted: Vec<_> = needs
        .into_par_iter()
        .map(|(need, generation)| {
            let keeper = keepers[need.cluster.0].as_ref();
            let shared = shared.get(&(Arc::clone(&need.definition), need.original().clone()));
            one(need, generation, shared, fleet, keeper, &known)
        })
        .collect();
    // The system's random generator fails for all passwords or for none, so only the first error is
    // reported.
    minted.into_iter().collect::<Result<_, _>>().map_err(|problem| vec![*problem])
}

/// The keeper of each cluster, by its index. A cluster without a new value has none.
/// The passwords that several Secrets have, by the definition and the Secret that has it first.
/// Needs of one definition follow each other.
type Shared = HashMap<(Arc<str>, ResourceName), KnownPassword>;

fn shared(
    needs: &[(Need, u32)],
    known: &impl Fn(&Need) -> Option<KnownPassword>,
) -> Result<Shared, Box<Diagnostic>> {
    let mut shared = Shared::new();
    for needs in needs.chunk_by(|(one, _), (next, _)| one.definition == next.definition) {
        let needs = needs.iter().map(|(need, _)| need);
        for copy in needs.clone().filter(|need| need.wanted.repeats.is_some()) {
            let pair = needs.clone().filter(|need| need.is_paired_with(copy));
            let value = match pair.filter_map(known).next() {
                Some(known) => known,
                None => Password::mint(copy.wanted.form)
                    .map(|password| KnownPassword { password, kept: None })
                    .map_err(|error| no_password(copy, &error.to_string()))?,
            };
            shared.insert((Arc::clone(&copy.definition), copy.original().clone()), value);
        }
    }
    Ok(shared)
}

fn no_password(need: &Need, error: &str) -> Box<Diagnostic> {
    let message = format!("sitewright cannot make a password: {error}");
    let help = "check the random number generator of the operating system";
    // SW001: no random bytes can be read for a new password.
    Box::new(Diagnostic::new(Code::Unreadable, need.span, message).help(help))
}

/// The backend of each cluster that needs a password.
fn keepers<'c>(
    needs: &[(Need, u32)],
    fleet: &'c Fleet,
    certificates: &'c Certificates,
) -> Checked<Vec<Option<Keeper<'c>>>> {
    let (mut keepers, mut problems) = (Vec::new(), Vec::new());
    for (index, cluster) in fleet.clusters.iter().enumerate() {
        let is_needed = needs.iter().any(|(need, _)| need.cluster.0 == index);
        let keeper = is_needed.then(|| of_cluster(cluster).keeper(cluster, certificates));
        match keeper.transpose() {
            Ok(keeper) => keepers.push(keeper),
            Err(problem) => problems.push(*problem),
        }
    }
    if problems.is_empty() { Ok(keepers) } else { Err(problems) }
}

fn one(
    need: Need,
    generation: u32,
    shared: Option<&KnownPassword>,
    fleet: &Fleet,
    keeper: Option<&Keeper>,
    known: &impl Fn(&Need) -> Option<KnownPassword>,
) -> Result<Minted, Box<Diagnostic>> {
    let cluster = &fleet.clusters[need.cluster.0];
    let wanted = Arc::clone(&need.wanted);
    let SecretSpec { namespace, name, form, .. } = &*wanted;
    let (known, form) = (known(&need), *form);
    let kept = shared.or(known.as_ref()).and_then(|known| known.kept);
    let make = || match (shared, known) {
        (Some(shared), _) => Ok(shared.password.repeated()),
        (None, Some(KnownPassword { password, .. })) => Ok(password),
        (None, None) => Password::mint(form).map_err(|error| error.to_string()),
    };
    let label = of_cluster(cluster).label(cluster, namespace, name);
    let value = match keeper {
        Some(keep) => keep(&need, &label, Box::new(make)),
        None => Err("no backend is ready to keep it".to_owned()),
    };
    let Kept { sealed, password } = value.map_err(|error| no_password(&need, &error))?;
    let record = Record {
        generation: kept.unwrap_or(generation),
        policy: Policy::of(&wanted),
        mode: cluster.secrets.mode,
        label: label.as_str().into(),
        sealed,
    };
    Ok(Minted { need, record, password, is_kept: kept.is_some() })
}
