//! Finds passwords whose record is lost although manifests of an earlier render still carry them. A
//! new password would lock the site out of its database.

use super::backend::{self, Carrying, carrying};
use super::carrier::text;
use super::need::{Carried, Need, Settled, State};
use super::record_file;
use crate::cluster::Cluster;
use crate::diagnostic::{Code, Diagnostic, FileId, Sources};
use crate::output::{At, Earlier, EarlierManifests, layout};
use crate::resolve::Fleet;
use crate::source::node::Node;
use crate::source::yaml;
use foldhash::fast::RandomState;
use rayon::prelude::*;
use std::collections::{BTreeSet, HashMap};

/// Searches the manifests of an earlier render for passwords without a record, and reports the lost
/// records.
pub(super) fn find(
    settled: &mut [Settled],
    fleet: &Fleet,
    sources: &Sources,
    earlier: &[&dyn Earlier],
) -> Vec<Diagnostic> {
    for render in earlier {
        let is_sought = |it: &&Settled| matches!(it.state, State::Missing | State::Damaged(None));
        let sought = settled.iter().filter(is_sought);
        let folders: BTreeSet<String> = sought.map(|it| it.need.definition.to_string()).collect();
        if folders.is_empty() {
            break;
        }
        let folders: Vec<&str> = folders.iter().map(String::as_str).collect();
        let Some(manifests) = render.manifests(&folders, is_of_a_carrier) else { continue };
        let objects = Objects::new(&manifests);
        for Settled { need, state } in settled.iter_mut() {
            let cluster = &fleet.clusters[need.cluster.0];
            let carried = || objects.carried(need, cluster).map(Box::new);
            match state {
                State::Missing => *state = carried().map_or(State::Missing, State::Lost),
                State::Damaged(found @ None) => *found = carried(),
                _ => {}
            }
        }
    }
    problems(settled, sources)
}

/// Whether a file may hold a carrier.
fn is_of_a_carrier(name: &str) -> bool {
    name == layout::ALL_IN_ONE
        || backend::kinds_with_generation().any(|kind| {
            let rest = name.strip_prefix(kind.as_str().to_ascii_lowercase().as_str());
            rest.is_some_and(|rest| rest.starts_with('-'))
        })
}

/// The carriers that were found, by the folders of their definitions.
struct Objects<'s> {
    at: &'s At,
    by_folder: HashMap<&'s str, Vec<(&'s str, Node)>, RandomState>,
}

impl<'s> Objects<'s> {
    fn new(manifests: &'s EarlierManifests) -> Self {
        let of = |(path, bytes): (&'s String, &'s Vec<u8>)| {
            let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n");
            let objects = layout::objects_of(&text).into_iter();
            let nodes = objects.filter_map(|text| yaml::read(text, FileId::NONE).ok());
            let carriers = nodes.filter(|node| carrying(node).is_some());
            carriers.map(|node| (path.as_str(), node)).collect::<Vec<_>>()
        };
        let found: Vec<_> = manifests.files.par_iter().flat_map_iter(of).collect();
        let mut by_folder: HashMap<&str, Vec<_>, RandomState> = HashMap::default();
        for (path, node) in found {
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            by_folder.entry(folder).or_default().push((path, node));
        }
        Self { at: &manifests.at, by_folder }
    }

    /// The carrier of a password, under its current or its former name.
    fn carried(&self, need: &Need, cluster: &Cluster) -> Option<Carried> {
        let objects = self.by_folder.get(&*need.definition)?;
        need.names().find_map(|wanted| {
            let secret = wanted.name.as_str();
            let is_it = |node: &Node| {
                text(node, &["metadata", "name"]) == Some(secret)
                    && text(node, &["metadata", "namespace"]) == Some(&need.wanted.namespace)
            };
            let (path, node) = objects.iter().find(|(_, node)| is_it(node))?;
            let Carrying { mode, generation, .. } = carrying(node)?;
            Some(Carried {
                secret: secret.to_owned(),
                generation: generation.unwrap_or(1),
                path: (*path).to_owned(),
                at: self.at.clone(),
                is_enough: backend::of_cluster(cluster).accepts().contains(&mode)
                    && backend::of(mode).is_usable(node, cluster),
            })
        })
    }
}

/// The diagnostics for lost records: one error for each definition.
fn problems(settled: &[Settled], sources: &Sources) -> Vec<Diagnostic> {
    let definitions = settled.chunk_by(|a, b| a.need.definition == b.need.definition);
    definitions
        .filter_map(|settled| lost(settled, sources).or_else(|| damaged(settled, sources)))
        .collect()
}

/// A password, and the manifest that carries it.
type Found<'s> = (&'s Need, &'s Carried);

/// The diagnostic for records that no longer exist.
fn lost(settled: &[Settled], sources: &Sources) -> Option<Diagnostic> {
    let found = settled.iter().filter_map(|Settled { need, state }| match state {
        State::Lost(carried) => Some((need, &**carried)),
        _ => None,
    });
    let found: Vec<Found> = found.collect();
    let (need, carried) = *found.first()?;
    let names = found.iter().map(|(need, carried)| format!("{}/{}", carried.secret, need.key()));
    let names: Vec<String> = names.collect();
    let carry = match found.len() {
        1 => format!("`{}` still carries it", carried.file()),
        _ => format!("manifests such as `{}` still carry them", carried.file()),
    };
    let message =
        format!("`{}` has no record of {}, but {carry}", need.definition, names.join(", "));
    Some(problem(need, message, restore(&found, sources)))
}

/// The help for a damaged file of records that can be restored. The damage itself is already
/// reported.
fn damaged(settled: &[Settled], sources: &Sources) -> Option<Diagnostic> {
    let found = settled.iter().map(|Settled { need, state }| match state {
        State::Damaged(Some(carried)) => Some((need, &**carried)),
        _ => None,
    });
    let found: Vec<Found> = found.collect::<Option<_>>()?;
    let (need, carried) = *found.first()?;
    let message = format!(
        "`{}` is damaged, but manifests such as `{}` still carry its passwords",
        records(need, sources),
        carried.file()
    );
    Some(problem(need, message, restore(&found, sources)))
}

fn problem(need: &Need, message: String, help: String) -> Diagnostic {
    // SW713: a record is lost, but a manifest still contains its password.
    Diagnostic::new(Code::LostRecord, need.span, message).help(help)
}

/// The file of a definition's records.
fn records(need: &Need, sources: &Sources) -> String {
    let definition = sources.path(need.span.file);
    format!("{}{}", definition.strip_suffix(".yaml").unwrap_or(definition), record_file::ENDING)
}

/// The command that restores records.
fn restore(found: &[Found], sources: &Sources) -> String {
    let (need, _) = found[0];
    let file = records(need, sources);
    let revision = found.iter().find_map(|(_, carried)| match &carried.at {
        At::Revision(revision) => Some(revision),
        At::Folder(_) => None,
    });
    if let Some(revision) = revision {
        return format!("`git checkout {revision} -- {file}` restores it");
    }
    if found.iter().any(|(_, carried)| !carried.is_enough) {
        return format!(
            "restore `{file}` from Git: the manifest has another secrets mode or scope than the \
             cluster, so no record can be made from it"
        );
    }
    let files: BTreeSet<String> = found.iter().map(|(_, carried)| carried.file()).collect();
    let files: Vec<String> = files.into_iter().collect();
    format!("`sitewright secrets adopt {}` restores it", files.join(" "))
}

impl Carried {
    /// The name of the manifest in messages.
    fn file(&self) -> String {
        match &self.at {
            At::Folder(folder) => format!("{folder}/{}", self.path),
            At::Revision(revision) => format!("{} of {revision}", self.path),
        }
    }
}
