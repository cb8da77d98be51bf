//! Which operator is upgraded, and to which version.

use crate::cluster::Cluster;
use crate::diagnostic::{Code, Diagnostic};
use crate::layers::{Layers, Origin};
use crate::operator::{FrappeVersion, Operator, listed};

/// An operator of a cluster, with its old and its new version.
#[derive(Clone, Debug)]
pub struct Target {
    /// The cluster.
    pub cluster: String,
    /// The operator.
    pub operator: Operator,
    /// The version that the cluster states.
    pub from: &'static str,
    /// The new version.
    pub to: &'static str,
}

impl Target {
    /// The upgrade of a cluster's operator to a version that the user states.
    pub(super) fn new(
        cluster: &Cluster,
        operator: Operator,
        version: &str,
    ) -> Result<Self, Box<Diagnostic>> {
        let definition = cluster.definition;
        let node = definition.node.as_ref();
        let origin = Origin { definition, layers: Layers::new(node.into_iter().collect()) };
        let span = origin.span(&["operators", operator.field()]);
        let name = operator.name();
        // SW901: a version to which an operator cannot be upgraded.
        let refuse = |message: String, help: String| {
            Err(Box::new(Diagnostic::new(Code::UpgradeVersion, span, message).help(help)))
        };
        let Some(from) = cluster.profiles.version(operator) else {
            let message = format!("the cluster `{}` has no {name}", cluster.name);
            let help = format!("state `operators.{}`: it is a new operator here", operator.field());
            return refuse(message, help);
        };
        let versions = operator.versions();
        let newer: Vec<String> = versions
            .iter()
            .filter(|id| operator.is_newer(id, from))
            .map(|id| format!("`{id}`"))
            .collect();
        let choices = match newer.as_slice() {
            [] => format!("{from} is the newest supported version"),
            newer => format!("write {}", listed(newer)),
        };
        let Some(to) = versions.iter().copied().find(|id| *id == version) else {
            let message = format!("{name} `{version}` is not supported");
            let instead = match operator {
                Operator::Frappe => FrappeVersion::instead_of(version),
                Operator::Mariadb | Operator::CloudNativePg => None,
            };
            return refuse(message, instead.unwrap_or(choices));
        };
        if to == from {
            let message = format!("the cluster `{}` states {name} {from} already", cluster.name);
            return refuse(message, choices);
        }
        if !operator.is_newer(to, from) {
            let message =
                format!("{name} {to} is older than {from}, which runs in `{}`", cluster.name);
            let help =
                format!("{choices}: nobody tried what an older version does with newer objects");
            return refuse(message, help);
        }
        Ok(Self { cluster: cluster.name.clone(), operator, from, to })
    }
}
