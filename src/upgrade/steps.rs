//! What to do in which order, as the profile of the new version says.

use super::target::Target;
use crate::operator::{DataPlane, Installation, Profiles, Releases, of_release};
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

/// What is installed, for the texts of steps.
struct Installed {
    installation: Installation,
    releases: Releases,
}

impl Installed {
    /// The newest known release, such as `2.6.4`.
    fn release(&self) -> &'static str {
        self.releases.newest().unwrap_or_default()
    }

    /// Where the commands run, as the end of a sentence.
    fn place(&self) -> String {
        self.installation.place.map(|place| format!(", {place}")).unwrap_or_default()
    }

    fn commands(&self, commands: &[&str]) -> Vec<String> {
        commands.iter().map(|command| of_release(command, self.releases)).collect()
    }
}

/// The steps of an upgrade to these versions. The new CRDs come first, because they have every field of the old
/// ones. The manifests come last, because the old version would act on them before it goes.
pub(super) fn steps(
    fleet: &Fleet,
    target: &Target,
    after: &Profiles,
    is_delivered_otherwise: bool,
    project: &Project,
) -> Vec<Step> {
    let Some((installation, releases)) = after.installation(target.operator) else {
        return Vec::new();
    };
    let installed = Installed { installation, releases };
    let name = target.operator.name();
    let (release, place) = (installed.release(), installed.place());
    let mut steps = vec![Step {
        text: format!(
            "Install the CRDs of {name} {release}{place}. {} also works with them: they have all fields of its own CRDs",
            target.from
        ),
        commands: installed.commands(installation.crds),
    }];
    let servers = servers(fleet, target);
    let data_plane = installation.data_plane.filter(|_| !servers.is_empty());
    steps.extend(data_plane.map(|DataPlane { follow, .. }| Step {
        text: "Let the operator replace its own containers beside servers with replicas. The new version needs them. \
               Their pods restart"
            .to_owned(),
        commands: of_each(follow, &servers),
    }));
    if is_delivered_otherwise {
        steps.push(delivery(target, project));
    }
    steps.push(Step {
        text: format!(
            "Upgrade {name} to {release}{place}. If you installed it without this chart, upgrade it your way"
        ),
        commands: installed.commands(installation.operator),
    });
    steps.extend(data_plane.map(|DataPlane { stay, .. }| Step {
        text: "When these servers are ready again, stop replacing their containers".to_owned(),
        commands: of_each(stay, &servers),
    }));
    steps.push(Step {
        text: "Render, commit and merge. Only now may the new manifests reach the cluster"
            .to_owned(),
        commands: vec!["sitewright render".to_owned()],
    });
    steps
}

/// Installs what delivers the manifests, with the rights of the new version.
fn delivery(target: &Target, project: &Project) -> Step {
    let (folder, cluster) = (&project.folders.gitops, &target.cluster);
    Step {
        text:
            "Apply what delivers the manifests, because the new version needs other rights or health checks"
                .to_owned(),
        commands: vec![
            "sitewright gitops".to_owned(),
            format!(
                "kubectl apply --server-side --field-manager=sitewright -R -f {folder}/{cluster}"
            ),
        ],
    }
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
