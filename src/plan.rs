//! What each definition makes: its objects, and the Secrets that they refer to. Both are listed once,
//! and checks, secrets, rendering, diff and GitOps read the lists here.
//!
//! The context of a template is built when its object is rendered ([`Planned::context`]), because
//! the contexts of a whole fleet would fill the memory.

use crate::cluster::{Cluster, Index};
use crate::frappe;
use crate::language::Namespace;
use crate::object::{Manifest, OF_ALL, ObjectType, Part, SecretSpec, StatedField, Variables};
use crate::operator::{Operator, Profiles};
use crate::provider;
use crate::resolve::{Fleet, Unit};
use minijinja::{Value, value::Serde};
use rayon::prelude::*;
use serde::ser::{Serialize, SerializeStruct, Serializer};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What every definition of a fleet makes.
#[derive(Debug, Default)]
pub struct Plans {
    /// In the order of [`Fleet::units`].
    made: Vec<Made>,
}

/// What one definition makes.
#[derive(Debug)]
pub struct Made {
    manifests: Box<[Manifest]>,
    secrets: Box<[Arc<SecretSpec>]>,
}

/// Which definitions of a fleet have manifests.
#[derive(Debug, Default)]
pub struct WithManifests {
    /// In the order of [`Fleet::units`].
    has_manifests: Vec<bool>,
    /// The namespaces, by cluster, in which only objects of definitions of other namespaces are.
    other_namespaces: BTreeSet<(Index, Namespace)>,
}

impl WithManifests {
    /// The namespaces of a cluster that have objects of definitions of other namespaces.
    pub fn other_namespaces(&self, cluster: Index) -> impl Iterator<Item = &str> {
        let of = self.other_namespaces.iter().filter(move |(it, _)| *it == cluster);
        of.map(|(_, namespace)| namespace.as_str())
    }

    /// The definitions that have manifests. `fleet` is the one of [`Plans::new`].
    pub fn units<'f, 'p>(&'f self, fleet: &'f Fleet<'p>) -> impl Iterator<Item = Unit<'f, 'p>> {
        let units = fleet.units().zip(&self.has_manifests);
        units.filter(|(_, has_manifests)| **has_manifests).map(|(unit, _)| unit)
    }
}

/// A definition with what it makes.
#[derive(Clone, Copy, Debug)]
pub struct Planned<'f, 'p> {
    /// The fleet.
    pub fleet: &'f Fleet<'p>,
    /// The definition.
    pub unit: Unit<'f, 'p>,
    /// Its objects, in the order in which reports list them, without the objects that carry its
    /// passwords, and without the one that reports about its database.
    pub manifests: &'f [Manifest],
    /// The Secrets that its objects refer to.
    pub secrets: &'f [Arc<SecretSpec>],
}

impl Plans {
    /// Lists what the definitions of a fleet make.
    pub fn new(fleet: &Fleet) -> Self {
        let units: Vec<Unit> = fleet.units().collect();
        let made = |unit| {
            let (mut manifests, secrets) = (manifests(fleet, unit), secrets(fleet, unit));
            share_names(&mut manifests, &secrets);
            Made {
                manifests: manifests.into(),
                secrets: secrets.into_iter().map(Arc::new).collect(),
            }
        };
        Self { made: units.into_par_iter().map(made).collect() }
    }

    /// Every definition of the fleet with what it makes. `fleet` is the one of [`Plans::new`].
    pub fn of<'f, 'p>(&'f self, fleet: &'f Fleet<'p>) -> Vec<Planned<'f, 'p>> {
        fleet.units().zip(&self.made).map(|(unit, made)| made.planned(fleet, unit)).collect()
    }

    /// The same, for a caller that frees what each definition makes as soon as it is done with it.
    /// Nothing is copied on the way, because a copy of all would add to the peak of the memory.
    pub fn into_par_iter<'f, 'p>(
        self,
        fleet: &'f Fleet<'p>,
    ) -> impl IndexedParallelIterator<Item = (Unit<'f, 'p>, Made)> {
        let units: Vec<Unit> = fleet.units().collect();
        units.into_par_iter().zip(self.made)
    }

    /// Which definitions have manifests. `fleet` is the one of [`Plans::new`].
    pub fn with_manifests(&self, fleet: &Fleet) -> WithManifests {
        let mut other_namespaces = BTreeSet::new();
        for (unit, made) in fleet.units().zip(&self.made) {
            let common = unit.common();
            let manifests = made.manifests.iter().map(|manifest| &manifest.namespace);
            for namespace in manifests.filter(|namespace| **namespace != common.namespace) {
                other_namespaces.insert((common.cluster, namespace.clone()));
            }
        }
        WithManifests {
            has_manifests: self.made.iter().map(|made| !made.manifests.is_empty()).collect(),
            other_namespaces,
        }
    }
}

impl Made {
    /// What the definition makes, with the definition.
    pub fn planned<'f, 'p>(&'f self, fleet: &'f Fleet<'p>, unit: Unit<'f, 'p>) -> Planned<'f, 'p> {
        Planned { fleet, unit, manifests: &self.manifests, secrets: &self.secrets }
    }
}

impl Planned<'_, '_> {
    /// What the templates of a part see. Every variable always exists, and a field is `none` if
    /// nothing is stated. So a template can ask `{% if site.tls.issuer %}`, and a misspelt name is
    /// an error.
    pub fn context(&self, part: Part) -> Value {
        let Self { fleet, unit, .. } = self;
        let cluster = ClusterContext::new(fleet.cluster(unit.common()));
        let mut variables: Variables = vec![("cluster", Value::from(Serde(cluster)))];
        match unit {
            Unit::Site(site) if part == Part::Definition => {
                variables.extend(frappe::site_variables(fleet, site));
            }
            Unit::Bench(bench) => variables.extend(frappe::bench_variables(
                bench,
                fleet.cluster(&bench.common).profiles.frappe,
            )),
            Unit::Site(_) | Unit::Server(_) => {}
        }
        if let Some(spec) = unit.spec() {
            variables.extend(spec.variables(fleet.owner(*unit), part));
        }
        Value::from(Serde(Context(variables)))
    }
}

/// The variables of a part. A map would sort them, and `explain --context` shows them in this order.
struct Context(Variables);

impl Serialize for Context {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut context = serializer.serialize_struct("Context", self.0.len())?;
        for (name, value) in &self.0 {
            context.serialize_field(name, value)?;
        }
        context.end()
    }
}

/// The fields of all objects that definitions state.
pub fn stated_fields() -> impl Iterator<Item = &'static StatedField> {
    let of_providers = provider::ALL.iter().flat_map(|provider| provider.stated_fields());
    of_providers.chain(frappe::STATED).chain(OF_ALL)
}

/// The types of all objects of servers, benches and sites.
pub fn object_types() -> impl Iterator<Item = &'static ObjectType> {
    let of_providers = provider::ALL.iter().flat_map(|provider| provider.object_types());
    of_providers.chain(&frappe::OBJECTS).copied()
}

fn manifests(fleet: &Fleet, unit: Unit) -> Vec<Manifest> {
    let mut manifests = match unit.spec() {
        Some(spec) => spec.manifests(fleet.owner(unit)),
        None => Vec::new(),
    };
    match unit {
        Unit::Server(_) => {}
        Unit::Bench(bench) => manifests.extend(frappe::bench_manifests(bench)),
        Unit::Site(site) => {
            // Backups come last.
            let backups = manifests.iter().position(|it| it.part != Part::Definition);
            let at = backups.unwrap_or(manifests.len());
            manifests.insert(at, frappe::site_manifest(fleet, site));
        }
    }
    manifests
}

/// Lets the objects that read a Secret share the text of its name. The copies of a whole fleet would
/// add to the peak of the memory.
fn share_names(manifests: &mut [Manifest], secrets: &[SecretSpec]) {
    for name in manifests.iter_mut().flat_map(|manifest| &mut manifest.reads) {
        if let Some(secret) = secrets.iter().find(|secret| secret.name == *name) {
            *name = secret.name.clone();
        }
    }
}

fn secrets(fleet: &Fleet, unit: Unit) -> Vec<SecretSpec> {
    let mut secrets = match unit.spec() {
        Some(spec) => spec.secrets(fleet.owner(unit)),
        None => Vec::new(),
    };
    if let Unit::Site(site) = unit {
        secrets.extend(frappe::site_secrets(fleet, site));
    }
    secrets
}

/// `cluster`: the cluster and its operators.
pub(crate) struct ClusterContext<'a> {
    /// The name of the cluster's folder.
    name: &'a str,
    profiles: Profiles,
}

impl<'a> ClusterContext<'a> {
    pub(crate) fn new(cluster: &'a Cluster) -> Self {
        Self { name: &cluster.name, profiles: cluster.profiles }
    }
}

impl Serialize for ClusterContext<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { name, profiles } = self;
        let mut context = serializer.serialize_struct("ClusterContext", 4 + Operator::ALL.len())?;
        context.serialize_field("name", name)?;
        for operator in Operator::ALL {
            // The version, such as `2.6`. An operator that the cluster does not have has none.
            context.serialize_field(operator.variable(), &profiles.version(operator))?;
        }
        // The version of the API of frappe-operator's objects.
        context.serialize_field("frappeApi", profiles.frappe.api.word())?;
        // Whether frappe-operator needs to read pods.
        context.serialize_field("readsPods", &profiles.frappe.reads_pods)?;
        // Whether the phase of a FrappeSite never becomes stable, so that its health is judged by
        // its URL.
        context.serialize_field("phaseFlips", &profiles.frappe.phase_flips)?;
        context.end()
    }
}
