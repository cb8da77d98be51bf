//! The checks that depend on PostgreSQL and CloudNativePG.

use super::super::Owner;
use super::instance::Instance;
use super::spec::{Home, ServerFacts};
use super::{names, settings};
use crate::cluster::Common;
use crate::diagnostic::{Code, Diagnostic};
use crate::language::ResourceName;

/// The problems of a server that sitewright renders.
pub(super) fn server(instance: &Instance, owner: Owner) -> Vec<Diagnostic> {
    let name = ResourceName::from(&owner.common.name);
    let digit = starts_with_digit(owner.common, &name).into_iter();
    digit.chain(of_instance(instance, owner, &[])).collect()
}

/// The checks for every Cluster that sitewright renders. `below` is the path of the server in the
/// definition.
fn of_instance(instance: &Instance, owner: Owner, below: &[&str]) -> Vec<Diagnostic> {
    let operator = owner.cluster.profiles.cloudnative_pg;
    let origin = &owner.common.origin;
    let mut found = settings::check(&instance.settings, operator, origin, below);
    found.extend(version(instance, owner, below));
    found
}

/// The webhook refuses an image without a version, and one that is too old (source:
/// `validateImageName` and `validateConfiguration` in `internal/webhook/v1/cluster_webhook.go` of
/// 1.30.0). A version of PostgreSQL has two numbers since 10.
fn version(instance: &Instance, owner: Owner, below: &[&str]) -> Option<Diagnostic> {
    let operator = owner.cluster.profiles.cloudnative_pg?;
    let origin = &owner.common.origin;
    let path = |field| [below, &[field]].concat();
    let stated = origin.layers.stated(&path("image")).or(origin.layers.stated(&path("version")));
    let span = stated.unwrap_or_else(|| origin.definition.span());
    let (message, help) = match instance.version().as_deref() {
        None => (
            format!("the tag of `{}` states no version of PostgreSQL", instance.image),
            "let the tag start with the version, such as 18.4: the operator refuses other images",
        ),
        Some([major, ..]) if *major < operator.oldest_postgres => (
            format!("CloudNativePG {} does not run PostgreSQL {major}", operator.id),
            "state a newer version, such as \"18.4\"",
        ),
        Some([_, _, _, ..]) if origin.layers.stated(&path("image")).is_none() => (
            "a version of PostgreSQL has two numbers".to_owned(),
            "write the first two, such as \"18.4\"",
        ),
        Some(_) => return None,
    };
    // SW104: a version of PostgreSQL that the operator does not run.
    Some(Diagnostic::new(Code::BadValue, span, message).help(help))
}

/// The webhook refuses such a name whatever Kubernetes accepts (source: `validateName` in
/// `internal/webhook/v1/cluster_webhook.go` of 1.30.0).
fn starts_with_digit(definition: &Common, name: &ResourceName) -> Option<Diagnostic> {
    name.starts_with(|c: char| c.is_ascii_digit()).then(|| {
        let message =
            format!("the Cluster `{name}` starts with a digit, which CloudNativePG refuses");
        // SW309: a name that a Service cannot have.
        Diagnostic::new(Code::ServiceName, definition.origin.definition.span(), message)
            .help("rename the file so that a letter is first")
    })
}

/// The problems of a site's database.
pub(super) fn database(home: &Home, owner: Owner) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> = no_sites(owner).into_iter().collect();
    match home {
        Home::Dedicated { instance, .. } => {
            found.extend(starts_with_digit(owner.common, &names::own_server(owner.common)));
            found.extend(of_instance(instance, owner, &["database"]));
        }
        Home::On { server, .. } => found.extend(other_namespace(server, owner)),
        Home::Connected(_) => {}
    }
    found
}

/// Finds a version of frappe-operator that makes no site on PostgreSQL.
fn no_sites(owner: Owner) -> Option<Diagnostic> {
    let (site, cluster) = (owner.common, owner.cluster);
    let frappe = cluster.profiles.frappe;
    let why = frappe.no_postgres?;
    let message = format!("frappe-operator {} makes no site on PostgreSQL: {why}", frappe.id);
    let span = site.origin.span(&["database", "provider"]);
    // SW403: a feature that this operator version does not have.
    Some(
        Diagnostic::new(Code::NeedsOperator, span, message)
            .related(cluster.definition.span(), "the cluster")
            .help("state `provider: mariadb`; a DatabaseServer of PostgreSQL is rendered all the same"),
    )
}

/// CloudNativePG names a Cluster and a Secret without a namespace, so a Database and a DatabaseRole
/// are in the namespace of their Cluster. frappe-operator reads the Secret of the role in the
/// namespace of the site.
fn other_namespace(server: &ServerFacts, owner: Owner) -> Option<Diagnostic> {
    let (ours, theirs) = (&owner.common.namespace, &server.namespace);
    (ours != theirs).then(|| {
        let message = format!(
            "the site is in the namespace `{ours}`, and its PostgreSQL server `{}` in `{theirs}`",
            server.name
        );
        let span = owner.common.origin.span(&["database", "server"]);
        // SW421: a site in another namespace than its PostgreSQL server.
        Diagnostic::new(Code::OtherNamespace, span, message)
            .related(server.definition, "the server")
            .help(format!(
                "define a server in `{ours}`, state `namespace: {theirs}` for the site and its bench, or \
                 `mode: dedicated`"
            ))
    })
}
