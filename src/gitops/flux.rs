//! Flux: a GitRepository, and Kustomizations in two layers.
//!
//! frappe-operator creates missing objects itself: if it sees a FrappeSite first, it creates its
//! own user, grant and password. So FrappeSites wait until all other objects are ready.
//!
//! A retired FrappeSite is delivered by the layer of its data. Otherwise a retirement could reach
//! the data and not the FrappeSite, and the removal of the file would then delete only the data.
//! When a site is retired or made active again, its FrappeSite moves from one layer to the other.
//! Flux deletes an object that a layer no longer contains. So each layer contains every FrappeSite,
//! and tells Flux to ignore those that the other layer applies (source: `shouldSkipApply` in
//! fluxcd/pkg/ssa; since kustomize-controller 1.7 the inventory handles ignored objects correctly,
//! fluxcd/kustomize-controller#1510).
//!
//! The SiteDatabases of a cluster have a layer of their own, which waits for nothing and for which nothing
//! waits. Flux waits for an object whose status is of an older generation, whatever the health checks say (source:
//! `runtime/cel/status_evaluator.go` of fluxcd/pkg). So in another layer, a reconciler that does not run would hold up
//! sites. In its own layer, a missing CRD does not hold up sites either.

use super::{Delivered, DeliveryObject, labels};
use crate::diagnostic::{Code, Diagnostic};
use crate::language::Delivery;
use crate::resolve::Unit;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// The maximum length of a Kustomization's name. Flux writes the name into a label of every object
/// that it applies (source: kustomize-controller), and a label's value has at most 63 characters.
const MAX_NAME: usize = 63;

/// The label that distinguishes a FrappeSite from the other objects of a site.
const SITES: &str = "app.kubernetes.io/component=site";
const OTHERS: &str = "app.kubernetes.io/component!=site";
/// The label that distinguishes a SiteDatabase.
const REPORTS: &str = "app.kubernetes.io/component=status";
const ALL_BUT_REPORTS: &str = "app.kubernetes.io/component!=status";
/// The annotation that distinguishes retired objects from all others.
const RETIRED: &str = "sitewright/lifecycle=retired";
const ACTIVE: &str = "sitewright/lifecycle!=retired";

#[derive(Clone, Serialize)]
struct Source {
    name: String,
    namespace: String,
    repository: String,
    branch: String,
    credentials: Option<String>,
    /// The Secret with the age identity, if the manifests are encrypted.
    #[serde(rename = "keySecret")]
    key_secret: Option<String>,
    /// All files of the repository except the manifests, in the syntax of `.gitignore`.
    ignore: String,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Kustomization {
    name: String,
    path: String,
    depends_on: Vec<BTreeMap<&'static str, String>>,
    /// The objects that the layer never applies, as a label selector.
    omits: Option<&'static str>,
    /// The objects that the layer does not apply at the moment.
    ignores: Option<Ignored>,
    /// Whether Flux waits until the objects are ready.
    waits: bool,
}

/// A selection of objects by their labels and annotations.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
struct Ignored {
    label_selector: &'static str,
    annotation_selector: &'static str,
}

impl Ignored {
    /// The FrappeSites that the layer of the sites applies.
    const ACTIVE_SITES: Self = Self { label_selector: SITES, annotation_selector: ACTIVE };
    /// The FrappeSites that the layer of the data applies.
    const RETIRED_SITES: Self = Self { label_selector: SITES, annotation_selector: RETIRED };
}

#[derive(Clone, Serialize)]
struct Context {
    labels: BTreeMap<&'static str, String>,
    source: Source,
    kustomization: Option<Kustomization>,
}

pub(super) fn objects(delivered: &Delivered) -> Result<Vec<DeliveryObject>, Box<Diagnostic>> {
    let cluster = delivered.cluster;
    let settings = &cluster.delivery;
    let top = delivered.folder.split('/').next().unwrap_or_default();
    if let Some(problem) = nested(delivered) {
        return Err(problem);
    }
    let repository = delivered.repository()?;
    if let Err(complaint) = repository.check_for_flux() {
        let span = delivered.span("repository");
        // SW104: a repository that Flux cannot read.
        let problem = Diagnostic::new(Code::BadValue, span, complaint.message);
        return Err(Box::new(problem.help(complaint.help)));
    }
    if repository.needs_key() && settings.credentials.is_none() {
        let message = "`gitops.credentials.name` is missing: Flux needs a key to read `ssh://`";
        let span = delivered.span("repository");
        let help = "state the Secret of the key, such as flux-system, which `flux bootstrap` makes";
        // SW105: an SSH repository without its key.
        return Err(Box::new(Diagnostic::new(Code::MissingField, span, message).help(help)));
    }
    let source = Source {
        name: cluster.name.clone(),
        namespace: settings.namespace.clone(),
        repository: repository.to_string(),
        branch: settings.branch.clone(),
        credentials: settings.credentials.as_ref().map(ToString::to_string),
        key_secret: cluster.secrets.key_secret.clone(),
        ignore: format!("/*\n!/{top}/\n"),
    };
    let context =
        |kustomization| Context { labels: labels(cluster), source: source.clone(), kustomization };
    let namespace = Some(source.namespace.as_str());
    let repository = DeliveryObject::new(
        "gitops/gitrepository.yaml.j2",
        "GitRepository",
        namespace,
        &source.name,
        context(None),
    );
    let kustomizations = match settings.by {
        Delivery::Cluster => by_cluster(delivered),
        Delivery::Site => delivered.units.iter().flat_map(|unit| of(*unit, delivered)).collect(),
    };
    let kustomizations = kustomizations.into_iter().chain(of_reports(delivered));
    let kustomizations = kustomizations.map(|kustomization| {
        let name = kustomization.name.clone();
        let context = context(Some(kustomization));
        DeliveryObject::new(
            "gitops/kustomization.yaml.j2",
            "Kustomization",
            namespace,
            &name,
            context,
        )
    });
    Ok([repository].into_iter().chain(kustomizations).collect())
}

/// Flux applies a folder with all folders below it. For a folder with a `kustomization.yaml` it
/// applies only the listed files (source: the generator of fluxcd/pkg/kustomize). So a definition
/// in another definition's folder would be delivered twice, or never.
fn nested(delivered: &Delivered) -> Option<Box<Diagnostic>> {
    let by = delivered.cluster.delivery.by;
    let (fate, help) = match (by, delivered.listed) {
        (Delivery::Site, false) => (
            "would be delivered twice: it is in the folder of `FOLDER`",
            "move it to another folder, or state `delivery: cluster`",
        ),
        (Delivery::Cluster, true) => (
            "would not be delivered: it is in the folder of `FOLDER`, whose kustomization lists only its own files",
            "move it to another folder, or remove `kustomizations: true`",
        ),
        // The layer of the SiteDatabases applies the folder of the cluster.
        (Delivery::Site, true) if delivered.cluster.status => (
            "would have no SiteDatabase: it is in the folder of `FOLDER`, whose kustomization lists only its own files",
            "move it to another folder, or remove `kustomizations: true` or `status: true`",
        ),
        (Delivery::Site, true) | (Delivery::Cluster, false) => return None,
    };
    let definition = |unit: &Unit| unit.common().origin.definition.path();
    let paths: BTreeSet<String> = delivered.units.iter().map(definition).collect();
    let above = |path: &str| {
        let folders = std::iter::successors(Some(path), |path| Some(path.rsplit_once('/')?.0));
        let mut above = folders.skip(1);
        above.find(|folder| paths.contains(*folder)).map(str::to_owned)
    };
    let unit = delivered.units.iter().find(|unit| above(&definition(unit)).is_some())?;
    let (path, folder) = (definition(unit), above(&definition(unit))?);
    let message = format!("`{path}` {}", fate.replace("FOLDER", &folder));
    let span = unit.common().origin.definition.span();
    // SW107: a definition in the folder of another definition.
    Some(Box::new(Diagnostic::new(Code::Conflict, span, message).help(help)))
}

fn waits_for(names: Vec<String>) -> Vec<BTreeMap<&'static str, String>> {
    names.into_iter().map(|name| BTreeMap::from([("name", name)])).collect()
}

/// What the layers of the data omit: the SiteDatabases, if the cluster has any.
fn reports(delivered: &Delivered) -> Option<&'static str> {
    delivered.cluster.status.then_some(REPORTS)
}

/// The layer of the SiteDatabases: one for the whole cluster, whatever the unit of the delivery, because it blocks
/// nothing.
fn of_reports(delivered: &Delivered) -> Option<Kustomization> {
    let cluster = &delivered.cluster.name;
    delivered.cluster.status.then(|| Kustomization {
        name: name(cluster, "status", ""),
        path: format!("./{}/{cluster}", delivered.folder),
        depends_on: Vec::new(),
        omits: Some(ALL_BUT_REPORTS),
        ignores: None,
        waits: false,
    })
}

fn by_cluster(delivered: &Delivered) -> Vec<Kustomization> {
    let cluster = &delivered.cluster.name;
    let path = format!("./{}/{cluster}", delivered.folder);
    let data = Kustomization {
        name: name(cluster, "data", ""),
        path: path.clone(),
        depends_on: Vec::new(),
        omits: reports(delivered),
        ignores: Some(Ignored::ACTIVE_SITES),
        waits: true,
    };
    let sites = Kustomization {
        name: name(cluster, "sites", ""),
        path,
        depends_on: waits_for(vec![data.name.clone()]),
        omits: Some(OTHERS),
        ignores: Some(Ignored::RETIRED_SITES),
        waits: true,
    };
    vec![data, sites]
}

/// The Kustomizations of a definition: two for a site and one for any other. The FrappeSite waits
/// for its data and its bench. The data waits for the shared server.
fn of(unit: Unit, delivered: &Delivered) -> Vec<Kustomization> {
    let cluster = &delivered.cluster.name;
    let definition = unit.common().origin.definition.path();
    let below = definition.strip_prefix(&format!("{cluster}/")).unwrap_or(&definition);
    let path = format!("./{}/{definition}", delivered.folder);
    let data_of = |other: Unit| {
        let path = other.common().origin.definition.path();
        let is_delivered = delivered.has(other);
        let below = path.strip_prefix(&format!("{cluster}/")).unwrap_or(&path);
        is_delivered.then(|| name(cluster, "data", below))
    };
    let data = Kustomization {
        name: name(cluster, "data", below),
        path: path.clone(),
        depends_on: Vec::new(),
        omits: None,
        ignores: None,
        waits: true,
    };
    let Unit::Site(site) = unit else { return vec![data] };
    let server = site.server.map(|index| delivered.fleet.server(index));
    let server = server.and_then(|server| data_of(Unit::Server(server)));
    let bench = data_of(Unit::Bench(delivered.fleet.bench(site.bench)));
    let data = Kustomization {
        depends_on: waits_for(server.into_iter().collect()),
        omits: reports(delivered),
        ignores: Some(Ignored::ACTIVE_SITES),
        ..data
    };
    let first = [data.name.clone()].into_iter().chain(bench).collect();
    let site = Kustomization {
        name: name(cluster, "sites", below),
        path,
        depends_on: waits_for(first),
        omits: Some(OTHERS),
        ignores: Some(Ignored::RETIRED_SITES),
        waits: true,
    };
    vec![data, site]
}

/// The name of a Kustomization, such as `production-data.retail.globex`. It is unique, because
/// names of clusters and definitions have no dot. A name that is too long is cut and ends with a
/// part of its digest.
fn name(cluster: &str, layer: &str, below: &str) -> String {
    let whole = match below {
        "" => format!("{cluster}-{layer}"),
        below => format!("{cluster}-{layer}.{}", below.replace('/', ".")),
    };
    if whole.len() <= MAX_NAME {
        return whole;
    }
    let digest = Sha256::digest(whole.as_bytes());
    let digest: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let start = whole[..MAX_NAME - digest.len() - 1].trim_end_matches(['-', '.']);
    format!("{start}-{digest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_retired_is_told_by_its_mark() {
        let key = crate::object::LIFECYCLE;
        assert_eq!((RETIRED, ACTIVE), (&*format!("{key}=retired"), &*format!("{key}!=retired")));
    }

    #[test]
    fn a_site_database_is_told_by_its_component() {
        let component = crate::site_database::COMPONENT;
        assert_eq!(REPORTS, format!("app.kubernetes.io/component={component}"));
        assert_eq!(ALL_BUT_REPORTS, format!("app.kubernetes.io/component!={component}"));
    }

    #[test]
    fn names_fit_a_label_and_stay_apart() {
        assert_eq!(name("production", "data", ""), "production-data");
        assert_eq!(name("production", "sites", "retail/globex"), "production-sites.retail.globex");
        let long = "a".repeat(60);
        let (one, other) = (format!("{long}/b"), format!("{long}/c"));
        let names = [name("production", "data", &one), name("production", "data", &other)];
        assert_ne!(names[0], names[1]);
        for name in names {
            assert!(name.len() <= MAX_NAME && name.starts_with("production-data.aaa"), "{name}");
        }
        let cut_at_a_dot = name("p", "data", &format!("{}/{}", "a".repeat(39), "b".repeat(40)));
        assert!(!cut_at_a_dot.contains(".-") && cut_at_a_dot.len() <= MAX_NAME, "{cut_at_a_dot}");
    }
}
