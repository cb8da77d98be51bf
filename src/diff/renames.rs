//! Definitions that only seem to go: another definition of the same change looks like the same one under another
//! name or namespace.

use super::removals::stands;
use super::tree::{ObjectTree, differing};
use crate::cluster::Common;
use crate::diagnostic::{Code, Diagnostic};
use crate::frappe;
use crate::manifest::writer;
use crate::output::Files;
use crate::resolve::{Fleet, Site, Unit};
use crate::risk::{Key, Object, ObjectChange};
use std::collections::HashMap;

/// A definition that goes, and the one that looks like it.
struct Rename<'r, 'p> {
    /// The object that stands for the definition that goes.
    key: &'r Key,
    object: &'r Object,
    /// The definition that comes.
    common: &'r Common<'p>,
    /// The siteName that both have, if they are sites.
    site_name: Option<&'r str>,
}

impl Rename<'_, '_> {
    /// The lines of the new definition that keep the identity of the old one.
    fn lines(&self) -> String {
        let (name, namespace) = (&self.key.name, &self.key.namespace);
        let name = (self.common.name.as_str() != name).then(|| format!("`name: {name}`"));
        let namespace = (self.common.namespace.as_str() != namespace)
            .then(|| format!("`namespace: {namespace}`"));
        name.into_iter().chain(namespace).collect::<Vec<_>>().join(" and ")
    }

    /// What to write into the new file.
    fn instead(&self, sites: &str) -> String {
        let file = format!("{sites}/{}.yaml", self.common.origin.definition.path());
        format!(
            "this looks like a rename: write {} into `{file}`, which then keeps everything under its old name",
            self.lines()
        )
    }
}

/// The sites that go and whose siteName another site of the same cluster has.
fn renamed_sites<'r, 'p>(
    gone: impl Iterator<Item = (&'r Key, &'r Object)>,
    fleet: &'r Fleet<'p>,
) -> Vec<Rename<'r, 'p>> {
    let gone =
        gone.filter_map(|(key, object)| Some((key, object, frappe::site_name(key, object)?)));
    let gone: Vec<_> = gone.collect();
    if gone.is_empty() {
        return Vec::new();
    }
    let by_name = |site: &'r Site<'p>| {
        ((fleet.cluster(&site.common).name.as_str(), site.site_name.as_str()), &site.common)
    };
    let sites: HashMap<_, _> = fleet.sites.iter().map(by_name).collect();
    let of = |(key, object, site_name): (&'r Key, &'r Object, &'r str)| {
        let common = *sites.get(&(key.cluster.as_str(), site_name))?;
        let rename = Rename { key, object, common, site_name: Some(site_name) };
        (!rename.lines().is_empty()).then_some(rename)
    };
    gone.into_iter().filter_map(of).collect()
}

/// The servers and benches that go while another one comes in the same namespace, with the same
/// fields but for its name.
fn renamed_others<'r, 'p>(
    base: &'r ObjectTree,
    head: &'r ObjectTree,
    fleet: &'r Fleet<'p>,
) -> Vec<Rename<'r, 'p>> {
    let is_other =
        |key: &Key, object: &Object| stands(object) && frappe::site_name(key, object).is_none();
    let gone = base.iter().filter(|(key, object)| !head.contains_key(key) && is_other(key, object));
    let come: Vec<_> = head
        .iter()
        .filter(|(key, object)| !base.contains_key(key) && is_other(key, object))
        .collect();
    let of = |(key, object): (&'r Key, &'r Object)| {
        let looks_same = |(other, it): &&(&Key, &Object)| {
            let places = |key: &'r Key| (&key.cluster, &key.kind, &key.group, &key.namespace);
            (&other.cluster, &other.kind, &other.group, &other.namespace) == places(key)
                && specification(it, &other.name, &key.name)
                    == specification(object, &key.name, &key.name)
        };
        let (_, new) = come.iter().find(looks_same)?;
        let definition = new.definition();
        let is_it = |unit: &Unit| unit.common().origin.definition.path() == definition;
        let unit = fleet.units().find(is_it).filter(|unit| !matches!(unit, Unit::Site(_)))?;
        Some(Rename { key, object, common: unit.common(), site_name: None })
    };
    gone.filter_map(of).collect()
}

/// The specification of an object, as if it had another name.
fn specification(object: &Object, name: &str, other: &str) -> Option<String> {
    let mut text = String::new();
    writer::write(object.at(&["spec"])?, &mut text);
    Some(text.replace(name, other))
}

/// Says of each removed object that stands for a definition which line keeps its data, if the same change adds a
/// definition that looks like it. The risk stays.
pub(super) fn mark(
    changes: &mut [ObjectChange],
    base: &ObjectTree,
    head: &ObjectTree,
    fleet: &Fleet,
    sites: &str,
) {
    let gone = base.iter().filter(|(key, _)| !head.contains_key(key));
    let mut renames = renamed_sites(gone, fleet);
    renames.extend(renamed_others(base, head, fleet));
    for rename in &renames {
        let change = changes.iter_mut().find(|change| change.key == *rename.key);
        if let Some(finding) = change.and_then(|change| change.findings.first_mut()) {
            finding.instead = Some(rename.instead(sites));
        }
    }
}

/// The warnings for sites that have the siteName of a site whose manifests are removed. Somebody
/// renamed the file, with its records or without. For the operators, this is another site.
pub fn renamed(gone: &Files, fleet: &Fleet) -> Vec<Diagnostic> {
    let (gone, _) = differing(gone, &Files::new()).value;
    let said = renamed_sites(gone.iter(), fleet).into_iter().map(|rename| {
        let Rename { object, common, site_name, .. } = &rename;
        let message = format!(
            "`{}` is a new site, which starts empty: the one of the siteName `{}` is `{}`, \
             which goes",
            common.origin.definition.path(),
            site_name.unwrap_or_default(),
            object.definition()
        );
        let help = format!(
            "write {} into this file: then it is the same site, and keeps its data. Or restore a \
             backup into the new site",
            rename.lines()
        );
        // SW607: a renamed site starts with an empty database.
        Diagnostic::new(Code::Renamed, common.origin.span(&["siteName"]), message).help(help)
    });
    said.collect()
}
