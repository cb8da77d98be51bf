//! Creates passwords and their records.

use super::certificate::{Certificate, Certificates};
use super::need::Need;
use super::password::Password;
use super::record::{Held, Policy, Record};
use super::seal::seal;
use crate::cluster::Cluster;
use crate::diagnostic::{Code, Diagnostic};
use crate::language::SecretMode;
use crate::resolve::Fleet;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// A new password.
#[derive(Debug)]
pub struct Minted {
    /// The password's need: its definition, Secret and key.
    pub need: Need,
    /// The record of the password.
    pub record: Record,
    /// The password itself, only in the mode plain.
    pub password: Option<Password>,
    /// Whether the password existed before and only its record is new.
    pub is_kept: bool,
}

/// A known password, for which no new value is created.
#[derive(Debug)]
pub struct Known {
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
    known: impl Fn(&Need) -> Option<Known> + Sync,
) -> Result<Vec<Minted>, Vec<Diagnostic>> {
    let sealing = sealing(&needs, fleet, certificates)?;
    let minted: Vec<_> = needs
        .into_par_iter()
        .map(|(need, generation)| {
            let cluster = &fleet.clusters[need.cluster.0];
            let certificate = sealing.get(cluster.name.as_str()).copied();
            one(need, generation, cluster, certificate, &known)
        })
        .collect();
    // The system's random generator fails for all passwords or for none, so only the first error is
    // reported.
    minted.into_iter().collect::<Result<_, _>>().map_err(|problem| vec![*problem])
}

/// The certificate of each cluster in which a value must be sealed.
fn sealing<'c>(
    needs: &[(Need, u32)],
    fleet: &'c Fleet,
    certificates: &'c Certificates,
) -> Result<BTreeMap<&'c str, &'c Certificate>, Vec<Diagnostic>> {
    let (mut sealing, mut problems) = (BTreeMap::new(), Vec::new());
    for (index, cluster) in fleet.clusters.iter().enumerate() {
        let is_needed = needs.iter().any(|(need, _)| need.cluster.0 == index);
        if !is_needed || cluster.secrets.mode != SecretMode::Sealed {
            continue;
        }
        match usable(cluster, certificates) {
            Ok(certificate) => _ = sealing.insert(cluster.name.as_str(), certificate),
            Err(problem) => problems.push(*problem),
        }
    }
    if problems.is_empty() { Ok(sealing) } else { Err(problems) }
}

fn usable<'c>(
    cluster: &Cluster,
    certificates: &'c Certificates,
) -> Result<&'c Certificate, Box<Diagnostic>> {
    let folder = certificates.folder(&cluster.name);
    let fetch =
        format!("`kubeseal --fetch-cert > {folder}/YEAR-MONTH.pem` fetches the current one");
    match certificates.newest(&cluster.name) {
        None => {
            let message = format!("the cluster `{}` has no certificate to seal with", cluster.name);
            let span = cluster.definition.span();
            Err(Box::new(Diagnostic::new(Code::NoCertificate, span, message).help(fetch)))
        }
        Some(certificate) if certificate.is_expired() => {
            let message = format!(
                "the newest certificate of `{}`, {}, has expired",
                cluster.name,
                certificate.file_name()
            );
            let problem = Diagnostic::of_path(Code::NoCertificate, &*certificate.path, message);
            Err(Box::new(problem.help(fetch)))
        }
        Some(certificate) => Ok(certificate),
    }
}

fn one(
    need: Need,
    generation: u32,
    cluster: &Cluster,
    certificate: Option<&Certificate>,
    known: &impl Fn(&Need) -> Option<Known>,
) -> Result<Minted, Box<Diagnostic>> {
    let failed = |error: String| {
        let message = format!("no password can be made: {error}");
        let help = "the operating system's random generator has to work";
        Box::new(Diagnostic::new(Code::Unreadable, need.span, message).help(help))
    };
    let known = known(&need);
    let kept = known.as_ref().and_then(|known| known.kept);
    let mint = || match known {
        Some(Known { password, .. }) => Ok(password),
        None => Password::mint().map_err(|error| failed(error.to_string())),
    };
    let label = need.label(cluster);
    let (value, password) = match (cluster.secrets.mode, certificate) {
        (SecretMode::External, _) => (Held::External, None),
        (SecretMode::Sealed, Some(certificate)) => {
            let password = mint()?;
            let sealed = seal(certificate, &label, password.reveal()).map_err(failed)?;
            let key = Some(certificate.fingerprint.as_str().into());
            let sealed = sealed.as_str().into();
            (Held::Sealed { scope: cluster.secrets.scope, key, sealed }, None)
        }
        (SecretMode::Sealed, None) => return Err(failed("there is no certificate".to_owned())),
        (SecretMode::Plain, _) => {
            let password = mint()?;
            (Held::Plain, Some(password))
        }
    };
    let policy = if need.wanted.given { Policy::Given } else { Policy::Alphanumeric32 };
    let generation = kept.unwrap_or(generation);
    let record = Record { generation, policy, label: label.as_str().into(), value };
    Ok(Minted { need, record, password, is_kept: kept.is_some() })
}
