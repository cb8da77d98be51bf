//! What to do in which order, as the profile of the new version says.

use super::target::Target;
use crate::operator::{DataPlane, Installation, Releases, installation_commands};
use crate::project::Project;
use crate::resolve::Fleet;

/// Something to do, with its commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What to do, and why.
    pub text: String,
    /// The commands, which run one after the other.
    pub commands: Vec<String>,
}

impl Step {
    pub(super) fn new(text: impl Into<String>, commands: Vec<String>) -> Self {
        Self { text: text.into(), commands }
    }
}

/// The steps of an upgrade within one version of the API. The new CRDs come first, because they have every field of
/// the old ones. The manifests come last, because the old version would still act on them.
pub(super) fn steps(
    fleet: &Fleet,
    target: &Target,
    (installation, releases): (Installation, Releases),
    is_delivered_otherwise: bool,
    project: &Project,
) -> Vec<Step> {
    let name = target.operator.name();
    let release = releases.newest().unwrap_or_default();
    let place = installation.place.map(|place| format!(", {place}")).unwrap_or_default();
    let mut steps = vec![Step::new(
        format!(
            "Install the CRDs of {name} {release}{place}. {} also works with them: they have all fields of its own CRDs",
            target.from
        ),
        installation_commands(installation.crds, releases),
    )];
    let servers = servers(fleet, target);
    let data_plane = installation.data_plane.filter(|_| !servers.is_empty());
    steps.extend(data_plane.map(|DataPlane { follow, .. }| {
        let text = "Let the operator replace its own containers beside servers with replicas. The new version needs \
                    them. Their pods restart";
        Step::new(text, of_each(follow, &servers))
    }));
    if is_delivered_otherwise {
        let text = "Apply what delivers the manifests, because the new version needs other rights or health checks";
        steps.push(apply_delivery(target, project, text));
    }
    steps.push(Step::new(
        format!(
            "Upgrade {name} to {release}{place}. If you installed it without this chart, upgrade it your way"
        ),
        installation_commands(installation.operator, releases),
    ));
    steps.extend(data_plane.map(|DataPlane { stay, .. }| {
        let text = "When these servers are ready again, stop replacing their containers";
        Step::new(text, of_each(stay, &servers))
    }));
    steps.push(Step::new(
        "Render, commit and merge. Only now may the new manifests reach the cluster",
        vec!["sitewright render".to_owned()],
    ));
    steps
}

/// Applies what delivers the manifests.
pub(super) fn apply_delivery(target: &Target, project: &Project, text: &str) -> Step {
    let (folder, cluster) = (&project.folders.gitops, &target.cluster);
    let apply =
        format!("kubectl apply --server-side --field-manager=sitewright -R -f {folder}/{cluster}");
    Step::new(text, vec!["sitewright gitops".to_owned(), apply])
}

/// The servers of the cluster with containers of the operator beside them, as namespaces and names.
fn servers(fleet: &Fleet, target: &Target) -> Vec<(String, String)> {
    let is_meant = |server: &&crate::resolve::Server| {
        fleet.cluster(&server.common).name == target.cluster
            && server.provider.operator() == target.operator
            && server.spec.has_data_plane()
    };
    let named = |server: &crate::resolve::Server| {
        (server.common.namespace.to_string(), server.common.name.to_string())
    };
    fleet.servers.iter().filter(is_meant).map(named).collect()
}

/// A command for each of these servers.
fn of_each(command: &str, servers: &[(String, String)]) -> Vec<String> {
    let of = |(namespace, name): &(String, String)| {
        command.replace("{namespace}", namespace).replace("{name}", name)
    };
    servers.iter().map(of).collect()
}
