//! A project in a repository, and what becomes of it in a cluster.

use super::stage::{CERTIFICATE, Stage};
use cluster::{Kubectl, Repository, Write, eventually};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

/// Only a loaded machine needs so long.
pub(crate) const LIMIT: Duration = Duration::from_secs(180);

/// What is rendered, and the Secrets that follow from it, as kubectl takes it.
const KINDS: [&str; 9] = [
    "mariadbs.k8s.mariadb.com",
    "databases.k8s.mariadb.com",
    "users.k8s.mariadb.com",
    "grants.k8s.mariadb.com",
    "backups.k8s.mariadb.com",
    "frappebenches",
    "frappesites",
    "sealedsecrets",
    "secrets",
];
/// By these labels Flux knows what is whose (source: `SetOwnerLabels` of fluxcd/pkg/ssa).
pub(crate) const OWNER: &str = "kustomize.toolkit.fluxcd.io/name";
const PRUNE: &str = "kustomize.toolkit.fluxcd.io/prune";
const LIFECYCLE: &str = "sitewright/lifecycle";

/// Of a site, to a volume.
pub(crate) const BACKUP: &str =
    "backup: {schedule: \"0 3 * * *\", storage: {persistentVolumeClaim: {size: 1Gi}}}\n";

/// An object in the cluster.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Live {
    pub(crate) uid: String,
    pub(crate) version: String,
    /// The Kustomization that applied it last.
    pub(crate) owner: String,
    /// Whether Flux leaves it when its file goes.
    pub(crate) is_marked: bool,
    pub(crate) is_retired: bool,
    pub(crate) object: Value,
}

/// A project of one cluster, in a namespace of the cluster's name.
pub(crate) struct Story {
    pub(crate) stage: Arc<Stage>,
    pub(crate) repository: Repository,
    pub(crate) cluster: &'static str,
}

impl Story {
    /// A server, a bench, the shared sites `acme` and `globex`, and `big` with a server of its own.
    pub(crate) fn begin(stage: Arc<Stage>, cluster: &'static str, delivery: &str) -> Self {
        let repository = Repository::named(stage.plane.workplace(), cluster);
        let story = Self { stage, repository, cluster };
        story.write_cluster(delivery);
        let story_file = |name: &str, text: &str| story.define(name, text);
        story_file("_sealing/1.pem", CERTIFICATE);
        story_file("_defaults.yaml", "kind: Defaults\nsite: {bench: main, apps: [erpnext]}\n");
        story_file("db.yaml", "kind: DatabaseServer\nstorageSize: 10Gi\n");
        story_file(
            "main.yaml",
            "kind: Bench\nfrappeVersion: version-16\napps: [{name: erpnext, source: image}]\n",
        );
        for site in ["acme", "globex"] {
            story.define(&format!("{site}.yaml"), &shared(site));
        }
        let dedicated = "{mode: dedicated, storageSize: 10Gi}";
        let big = format!("kind: Site\nsiteName: big.example.com\ndatabase: {dedicated}\n");
        story_file("big.yaml", &big);
        story
    }

    /// `_cluster.yaml`, with a way of delivery.
    pub(crate) fn write_cluster(&self, delivery: &str) {
        let versions = self.stage.versions;
        let text = format!(
            "kind: Cluster\n\
             operators: {{frappe: \"{}\", mariadb: \"{}\", frappeDefaultFsGroup: 1000, rbac: {{}}}}\n\
             gitops: {{engine: flux, repository: \"{}\", delivery: {delivery}}}\n\
             secrets: {{mode: {}}}\n\
             namespace: {}\n",
            versions.frappe,
            versions.mariadb,
            self.stage.git.url_of(&self.repository),
            self.stage.secrets(),
            self.cluster,
        );
        self.define("_cluster.yaml", &text);
    }

    /// Writes a file of the cluster's folder.
    pub(crate) fn define(&self, name: &str, text: &str) {
        self.repository.write(&self.path(name), text);
    }

    /// Where a file of the cluster's folder is, in the repository.
    pub(crate) fn path(&self, name: &str) -> String {
        format!("sites/{}/{name}", self.cluster)
    }

    /// Adds lines to a definition.
    pub(crate) fn state(&self, name: &str, lines: &str) {
        let path = self.path(name);
        self.repository.write(&path, &(self.repository.read(&path) + lines));
    }

    /// Removes a definition with its records.
    pub(crate) fn remove(&self, name: &str) {
        self.repository.remove(&self.path(&format!("{name}.yaml")));
        let records = self.path(&format!("{name}.secrets.yaml"));
        if self.repository.path().join(&records).is_file() {
            self.repository.remove(&records);
        }
    }

    /// Runs the program in the working copy; what it wrote.
    pub(crate) fn sitewright(&self, arguments: &[&str]) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sitewright"));
        let output = command.current_dir(self.repository.path()).args(arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "sitewright {arguments:?}: {said}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Renders, commits and pushes; the commit's name. Flux does not know of it yet.
    pub(crate) fn push(&self, message: &str) -> String {
        self.sitewright(&["render"]);
        self.repository.commit(message)
    }

    /// Renders, commits, pushes, and has Flux see it; the commit's name.
    pub(crate) fn commit(&self, message: &str) -> String {
        let commit = self.push(message);
        self.stage.flux.fetch(self.cluster, &commit);
        commit
    }

    /// The same, and waits until every Kustomization is Ready with it.
    pub(crate) fn deliver(&self, message: &str) -> String {
        let commit = self.commit(message);
        self.settle(&commit);
        commit
    }

    /// Waits until every Kustomization is Ready with a commit.
    pub(crate) fn settle(&self, commit: &str) {
        for name in self.kustomizations() {
            self.stage.flux.wait_until_ready(&name, commit, LIMIT);
        }
    }

    /// Writes the pack and applies it, by the command of docs/gitops.md.
    pub(crate) fn apply_pack(&self) {
        self.apply_pack_with(|text| text);
    }

    /// The same with another text in each file, for what a test has no minutes for.
    pub(crate) fn apply_pack_with(&self, edit: impl Fn(String) -> String) {
        self.sitewright(&["gitops"]);
        let rendered = self.repository.path().join("gitops").join(self.cluster);
        let applied = self.stage.plane.workplace().folder(&format!("packs/{}", self.cluster));
        // What an earlier pack had is for the test to delete, as docs/gitops.md says.
        std::fs::remove_dir_all(&applied).unwrap();
        std::fs::create_dir(&applied).unwrap();
        for (name, path) in files(&rendered) {
            let text = std::fs::read_to_string(&path).unwrap();
            std::fs::write(applied.join(name), edit(text)).unwrap();
        }
        let (flags, folder) = (["--server-side", "--field-manager=sitewright"], applied.to_str());
        let arguments = ["apply", flags[0], flags[1], "-R", "-f", folder.unwrap()];
        self.kubectl().with(&arguments, "");
    }

    /// The same but for `timeout`: no test may wait for minutes until a health check ends. Flux takes less
    /// than half a minute for half a minute (source: `GetTimeout` of a Kustomization).
    pub(crate) fn apply_pack_with_short_waits(&self) {
        self.apply_pack_with(|text| {
            let lines = text.lines().map(|line| match line.starts_with("  timeout: ") {
                true if text.contains("\nkind: Kustomization\n") => "  timeout: 30s",
                _ => line,
            });
            lines.collect::<Vec<_>>().join("\n")
        });
    }

    /// Renders, commits and delivers for the first time.
    pub(crate) fn deliver_all(&self) -> String {
        let first = self.push("The fleet");
        self.apply_pack();
        self.settle(&first);
        first
    }

    /// Changes the spec of a Kustomization.
    pub(crate) fn patch(&self, layer: &str, spec: &str) {
        let patch = format!("{{\"spec\": {{{spec}}}}}");
        let name = self.layer(layer);
        let arguments = ["-n", "flux-system", "patch", "kustomization", &name, "--type", "merge"];
        self.kubectl().with(&[&arguments[..], &["-p", &patch]].concat(), "");
    }

    /// Deletes Kustomizations, and waits until Flux has let them go.
    pub(crate) fn delete(&self, layers: &[&str]) {
        let names: Vec<String> = layers.iter().map(|layer| self.layer(layer)).collect();
        self.kubectl().run(&format!("-n flux-system delete kustomization {}", names.join(" ")));
    }

    /// The Kustomizations that the cluster has of this project.
    pub(crate) fn kustomizations(&self) -> Vec<String> {
        let selector = format!("-l app.kubernetes.io/part-of={}", self.cluster);
        let found = self.kubectl().items(&format!("kustomizations -n flux-system {selector}"));
        found.iter().map(|it| it["metadata"]["name"].as_str().unwrap().to_owned()).collect()
    }

    /// The name of a Kustomization of `delivery: cluster`, `data` or `sites`; with a dot and a path, of
    /// `delivery: site`.
    pub(crate) fn layer(&self, layer: &str) -> String {
        format!("{}-{layer}", self.cluster)
    }

    /// What a Kustomization holds to be its own, as `Kind name`.
    pub(crate) fn inventory(&self, layer: &str) -> BTreeSet<String> {
        let found = self.stage.flux.get("kustomization", &self.layer(layer));
        let entries = found["status"]["inventory"]["entries"].as_array().cloned();
        let ids = entries.unwrap_or_default().into_iter();
        ids.map(|entry| {
            // `namespace_name_group_kind`: none of them has an underscore.
            let parts: Vec<&str> = entry["id"].as_str().unwrap().split('_').collect();
            format!("{} {}", parts[3], parts[1])
        })
        .collect()
    }

    /// All that is live, by `Kind name`.
    pub(crate) fn live(&self) -> BTreeMap<String, Live> {
        let list = |kind: &&str| self.kubectl().list(kind, Some(self.cluster));
        let items = KINDS.iter().flat_map(list);
        items.map(|object| (id(&object), live(object))).collect()
    }

    /// An object that must be live.
    pub(crate) fn object(&self, id: &str) -> Live {
        self.find(id).unwrap_or_else(|| panic!("no {id}"))
    }

    /// An object, where it is live.
    pub(crate) fn find(&self, id: &str) -> Option<Live> {
        let (kind, name) = id.split_once(' ').unwrap();
        let group = match kind {
            "MariaDB" | "Database" | "User" | "Grant" | "Backup" => ".k8s.mariadb.com",
            _ => "",
        };
        self.kubectl().find(&format!("{kind}{group}"), self.cluster, name).map(live)
    }

    /// Waits until an object is gone: its deletion may be under way.
    pub(crate) fn wait_until_gone(&self, id: &str) {
        let what = format!("{id} of {} is gone", self.cluster);
        eventually(&what, LIMIT, || self.find(id).map_or(Ok(()), |live| Err(live.object)));
    }

    /// The writes to objects of this project, in order.
    pub(crate) fn writes(&self) -> Vec<Write> {
        let writes = self.stage.plane.writes().into_iter();
        writes.filter(|write| write.namespace == self.cluster).collect()
    }

    /// When the last write came: later ones are later than this.
    pub(crate) fn last_write(&self) -> String {
        self.writes().last().map(|write| write.time.clone()).unwrap_or_default()
    }

    pub(crate) fn kubectl(&self) -> &Kubectl {
        self.stage.plane.kubectl()
    }

    /// An object as `Operators::hold` takes it.
    pub(crate) fn held(&self, id: &str) -> String {
        let (kind, name) = id.split_once(' ').unwrap();
        format!("{kind}/{}/{name}", self.cluster)
    }
}

/// The definition of a site on the shared server.
pub(crate) fn shared(site: &str) -> String {
    format!("kind: Site\nsiteName: {site}.example.com\ndatabase: {{server: db}}\n")
}

/// The uids of objects.
pub(crate) fn uids(live: &BTreeMap<String, Live>) -> BTreeMap<&String, &String> {
    live.iter().map(|(id, live)| (id, &live.uid)).collect()
}

fn id(object: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    format!("{} {}", text(&object["kind"]), text(&object["metadata"]["name"]))
}

fn live(object: Value) -> Live {
    let metadata = &object["metadata"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Live {
        uid: text(&metadata["uid"]),
        version: text(&metadata["resourceVersion"]),
        owner: text(&metadata["labels"][OWNER]),
        is_marked: metadata["annotations"][PRUNE] == "disabled",
        is_retired: metadata["annotations"][LIFECYCLE] == "retired",
        object,
    }
}

/// The files of a folder.
fn files(folder: &Path) -> Vec<(String, PathBuf)> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    entries.map(|it| (it.file_name().into_string().unwrap(), it.path())).collect()
}
