//! The steps of an upgrade of frappe-operator to another version of its API.
//!
//! The API server refuses the new CRDs while the old ones are there, since their status names a stored version that
//! the new ones lack (tried with those of 2.6.4 and 5.2.7). So the old CRDs go first, and all of their objects with
//! them. Three things must not go along: the databases, which the finalizer of 2.6 drops; the volumes, which
//! belong to a FrappeBench; and the keys with which sites encrypt. The objects of the databases belong to no
//! FrappeSite, since sitewright renders them.

use super::steps::{Step, apply_delivery};
use super::target::Target;
use crate::cluster::Cluster;
use crate::language::Engine;
use crate::operator::{Frappe, Installation, OPERATOR_NAMESPACE, Releases, installation_commands};
use crate::project::Project;
use crate::provider::{self, ReadRights};
use crate::resolve::{Bench, Fleet, Site};
use std::collections::BTreeSet;

/// The CRDs of frappe-operator.
const CRDS: &str = "kubectl get crds --output name | grep '\\.vyogo\\.tech$'";
/// The kinds of these CRDs, as kubectl takes them.
const KINDS: &str = "\"$(kubectl get crds --output name | grep '\\.vyogo\\.tech$' | cut -d / -f 2 | paste -s -d ,)\"";
/// The objects whose children must stay. Those of other kinds are deleted with their CRDs.
const OBJECTS: &str = "frappesites.vyogo.tech,frappebenches.vyogo.tech";

/// A cluster with what is upgraded in it.
pub(super) struct Migration<'m> {
    /// The fleet after the upgrade.
    pub(super) fleet: &'m Fleet<'m>,
    /// The cluster after the upgrade.
    pub(super) cluster: &'m Cluster<'m>,
    /// The upgrade.
    pub(super) target: &'m Target,
    /// The version before it.
    pub(super) before: &'static Frappe,
    /// The project.
    pub(super) project: &'m Project,
}

impl Migration<'_> {
    fn after(&self) -> &'static Frappe {
        self.cluster.profiles.frappe
    }

    fn sites(&self) -> impl Iterator<Item = &Site<'_>> {
        let name = &self.cluster.name;
        self.fleet.sites.iter().filter(move |site| self.fleet.cluster(&site.common).name == *name)
    }

    fn benches(&self) -> impl Iterator<Item = &Bench<'_>> {
        let name = &self.cluster.name;
        self.fleet
            .benches
            .iter()
            .filter(move |bench| self.fleet.cluster(&bench.common).name == *name)
    }

    /// The kinds of servers, databases, accounts and privileges, as kubectl takes them.
    fn databases(&self) -> String {
        let of = |rights: &'static ReadRights| {
            rights.resources.iter().map(move |name| format!("{name}.{}", rights.group))
        };
        let rights = provider::of_cluster(self.cluster).filter_map(|it| it.read_by_frappe());
        rights.flat_map(of).collect::<Vec<_>>().join(",")
    }

    /// The namespaces of sites and benches.
    fn namespaces(&self) -> BTreeSet<String> {
        let sites = self.sites().map(|site| site.common.namespace.to_string());
        sites.chain(self.benches().map(|bench| bench.common.namespace.to_string())).collect()
    }

    /// A command for each of the namespaces.
    fn in_each(&self, command: &str) -> Vec<String> {
        let namespaces = self.namespaces().into_iter();
        namespaces.map(|namespace| command.replace("NAMESPACE", &namespace)).collect()
    }

    /// The steps, in their order.
    pub(super) fn steps(&self, installation: Installation, releases: Releases) -> Vec<Step> {
        let mut steps = Vec::new();
        steps.extend(self.keys());
        steps.push(Step::new(
            "Render and commit to a branch. Do not merge it yet",
            vec!["sitewright render".to_owned()],
        ));
        steps.push(self.stop_delivery());
        steps.extend(self.remove());
        steps.extend(self.files());
        let release = releases.newest().unwrap_or_default();
        steps.push(Step::new(
            format!("Install the CRDs of frappe-operator {release}"),
            installation_commands(installation.crds, releases),
        ));
        let start =
            format!("kubectl --namespace {OPERATOR_NAMESPACE} scale deployment --all --replicas=1");
        steps.push(Step::new(
            format!(
                "Upgrade frappe-operator to {release}, and start it. If you installed it without this chart, upgrade \
                 it your way"
            ),
            [installation_commands(installation.operator, releases), vec![start]].concat(),
        ));
        steps.extend(self.unmanaged());
        steps.push(Step::new("Merge the branch", Vec::new()));
        steps.push(self.start_delivery());
        steps.push(Step::new(
            "Wait until every bench and every site is ready",
            self.in_each(&format!("kubectl --namespace NAMESPACE get {OBJECTS}")),
        ));
        steps
    }

    /// Keeps the keys with which the sites encrypt. The init Job of the new version writes the key of the Secret
    /// over the one in site_config.json (`update_site_config_json` in site_init.sh of 5.2, commit ba67c7e).
    fn keys(&self) -> Option<Step> {
        let is_new = self.after().takes_encryption_key && !self.before.takes_encryption_key;
        let command = |site: &Site| {
            let bench = &self.fleet.bench(site.bench).common.name;
            format!(
                "kubectl --namespace {} exec deployment/{bench}-gunicorn -- cat \
                 /home/frappe/frappe-bench/sites/{}/site_config.json",
                site.common.namespace, site.site_name
            )
        };
        is_new.then(|| {
            Step::new(
                "Record the `encryption_key` of each site_config.json as the Secret `<site>-fernet-key` \
                 (docs/secrets.md, Encryption keys). Without a record, `sitewright render` makes a new key, with \
                 which a site cannot read what it has encrypted. A site_config.json without the key needs no record. If a \
                 pod does not have the file, it is at the top of the bench's volume",
                self.sites().map(command).collect(),
            )
        })
    }

    /// Removes the objects and the CRDs of the old version, and nothing else.
    fn remove(&self) -> Vec<Step> {
        let from = self.target.from;
        let stop = match self.before.drops_site {
            true => format!(
                "Stop frappe-operator {from}, and wait until no pod of it is left. If it ran, the deletion of a \
                 FrappeSite would drop the site's database"
            ),
            false => format!("Stop frappe-operator {from}, and wait until no pod of it is left"),
        };
        let in_system = |what: &str| format!("kubectl --namespace {OPERATOR_NAMESPACE} {what}");
        vec![
            Step::new(
                stop,
                vec![in_system("scale deployment --all --replicas=0"), in_system("get pods")],
            ),
            Step::new(
                "Save all objects of frappe-operator. Those that sitewright does not render are not made again: \
                 do that by hand, in the new version of the API",
                vec![format!(
                    "kubectl get {KINDS} --all-namespaces --output yaml > frappe-operator-{from}.yaml"
                )],
            ),
            Step::new(
                "Remove the finalizers, because no operator is left that would do it",
                self.in_each(&format!(
                    "kubectl --namespace NAMESPACE get {KINDS} --output name | xargs -I OBJECT kubectl \
                     --namespace NAMESPACE patch OBJECT --type=merge --patch '{{\"metadata\": {{\"finalizers\": \
                     null}}}}'"
                )),
            ),
            Step::new(
                "Delete the objects, and keep what belongs to them: the volumes with the files of sites, the \
                 Deployments, the Ingresses",
                self.in_each(&format!(
                    "kubectl --namespace NAMESPACE delete {OBJECTS} --all --cascade=orphan"
                )),
            ),
            Step::new(
                "Look at what is left. Go on only if the first command prints no object, and the others print every \
                 database, account, server and volume",
                [
                    vec![format!("kubectl get {OBJECTS} --all-namespaces")],
                    self.in_each(&format!(
                        "kubectl --namespace NAMESPACE get {},persistentvolumeclaims,secrets",
                        self.databases()
                    )),
                ]
                .concat(),
            ),
            Step::new(
                "Delete the CRDs of the old version",
                vec![format!("{CRDS} | xargs kubectl delete")],
            ),
        ]
    }

    /// The benches that somebody else renders.
    fn unmanaged(&self) -> Option<Step> {
        let names: Vec<String> = (self.benches().filter(|bench| !bench.managed))
            .map(|bench| bench.common.full_name())
            .collect();
        (!names.is_empty()).then(|| {
            Step::new(
                format!(
                    "Make these benches again, in the new version of the API. sitewright does not render them: {}",
                    names.join(", ")
                ),
                Vec::new(),
            )
        })
    }

    /// Brings the files of the sites where the new version looks for them. A Deployment that is there keeps its
    /// volumes (`ensureGunicornDeployment`), so that the new version has to make each one again.
    fn files(&self) -> Vec<Step> {
        let Some(folder) = self.after().sites_folder.filter(|_| self.before.sites_folder.is_none())
        else {
            return Vec::new();
        };
        let deployments = |bench: &Bench| {
            let name = &bench.common.name;
            let names: Vec<String> =
                self.before.deployments.iter().map(|part| format!("{name}-{part}")).collect();
            format!(
                "kubectl --namespace {} delete deployments --ignore-not-found {}",
                bench.common.namespace,
                names.join(" ")
            )
        };
        let copy = |bench: &Bench| {
            let name = &bench.common.name;
            let script = format!(
                "cd /volume && mkdir -p {folder} && for entry in *; do [ \\\"$entry\\\" = {folder} ] || cp -a -n \
                 \\\"$entry\\\" {folder}/; done"
            );
            format!(
                "kubectl --namespace {} run {name}-files --image=debian:stable-slim --restart=Never --attach --rm \
                 --overrides='{{\"spec\": {{\"containers\": [{{\"name\": \"copy\", \"image\": \
                 \"debian:stable-slim\", \"command\": [\"sh\", \"-c\", \"{script}\"], \"volumeMounts\": [{{\"name\": \
                 \"sites\", \"mountPath\": \"/volume\"}}]}}], \"volumes\": [{{\"name\": \"sites\", \
                 \"persistentVolumeClaim\": {{\"claimName\": \"{name}-sites\"}}}}]}}}}'",
                bench.common.namespace
            )
        };
        vec![
            Step::new(
                "Delete the Deployments of each bench. From here on the sites are out of service, until the new \
                 version has made the Deployments again",
                self.benches().map(deployments).collect(),
            ),
            Step::new(
                format!(
                    "Copy the files of the sites to the folder `{folder}` of each bench's volume, where \
                     frappe-operator {} looks for them. The volume needs room for both copies",
                    self.after().id
                ),
                self.benches().map(copy).collect(),
            ),
        ]
    }

    /// The objects that deliver the manifests, for kubectl.
    fn delivered_by(&self) -> Option<(&'static str, String)> {
        let kind = match self.cluster.engine {
            Engine::Flux => "kustomizations.kustomize.toolkit.fluxcd.io",
            Engine::Argocd => "applicationsets.argoproj.io",
            Engine::None => return None,
        };
        let namespace = &self.cluster.delivery.namespace;
        let selector = format!(
            "kubectl --namespace {namespace} get {kind} --selector \
             app.kubernetes.io/managed-by=sitewright,app.kubernetes.io/part-of={} --output name | xargs -I OBJECT \
             kubectl --namespace {namespace} patch OBJECT --type=merge --patch",
            self.cluster.name
        );
        let stopped = match self.cluster.engine {
            Engine::Flux => "{\"spec\": {\"suspend\": true}}",
            Engine::Argocd | Engine::None => {
                "{\"spec\": {\"template\": {\"spec\": {\"syncPolicy\": {\"automated\": null}}}}}"
            }
        };
        Some((stopped, selector))
    }

    fn stop_delivery(&self) -> Step {
        let text = "Stop the delivery. It would make the old objects again";
        match self.delivered_by() {
            Some((stopped, patch)) => Step::new(text, vec![format!("{patch} '{stopped}'")]),
            None => Step::new(text, Vec::new()),
        }
    }

    /// For Argo CD, the manifest of the ApplicationSet starts it again.
    fn start_delivery(&self) -> Step {
        let mut step = apply_delivery(self.target, self.project, "Start the delivery again");
        match (self.cluster.engine, self.delivered_by()) {
            (Engine::Flux, Some((_, patch))) => {
                step.commands.push(format!("{patch} '{{\"spec\": {{\"suspend\": null}}}}'"));
            }
            (Engine::None, _) => step.commands.clear(),
            (Engine::Flux | Engine::Argocd, _) => {}
        }
        step
    }
}
