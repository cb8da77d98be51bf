//! Argo CD's controllers deliver the sample cluster `mumbai`, with its pack as it is rendered: only the
//! repository's URL differs.

use crate::reported;
use crate::samples::files;
use crate::tools::needed;
use cluster::{
    ArgoCd, ControlPlane, GitServer, Operators, Programs, Repository, SealedSecrets, Write,
    eventually, steadily,
};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

const KEY: &str = include_str!("../keys/public-and-worthless.mumbai.key.pem");
const STATED_URL: &str = "https://github.com/acme/fleet";
pub(crate) const PATIENCE: Duration = Duration::from_secs(300);

/// A cluster with Argo CD. Fields are dropped in this order.
pub(crate) struct Stage {
    pub(crate) argo_cd: ArgoCd,
    operators: Operators,
    _sealed_secrets: SealedSecrets,
    git: GitServer,
    pub(crate) repository: Repository,
    pub(crate) plane: ControlPlane,
}

impl Stage {
    fn start() -> Option<Self> {
        let (programs, crds) = (needed("cluster")?, needed("crds-by-version")?);
        let redis = needed("redis-server")?;
        needed("unshare")?;
        let programs = Programs::of(&programs);
        let plane = ControlPlane::start(&programs);
        plane.install(&crds.join("mariadb-operator/25.10.4"));
        plane.install(&crds.join("frappe-operator/2.3.0"));
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let certificate = files(&root.join("sites/mumbai/_sealing")).into_values().next().unwrap();
        let certificate = String::from_utf8(certificate).unwrap();
        let quickly = ["--kubeclient-qps=100", "--kubeclient-burst=200"];
        let sealed_secrets = SealedSecrets::start(&plane, &[(KEY, &certificate)], &quickly);
        let repository = Repository::new(plane.workplace());
        for (path, bytes) in files(&root.join("rendered/mumbai")) {
            let text = String::from_utf8(bytes).unwrap();
            repository.write(&format!("rendered/mumbai/{path}"), &text);
        }
        Some(Self {
            argo_cd: ArgoCd::start(&plane, &redis),
            operators: Operators::start(&plane, "2.3"),
            _sealed_secrets: sealed_secrets,
            git: GitServer::start(&programs, plane.workplace()),
            repository,
            plane,
        })
    }

    /// Applies the pack in a folder as docs/gitops.md says.
    pub(crate) fn apply_pack(&self, folder: &Path) {
        let mut stream = String::new();
        for (_, bytes) in files(folder) {
            let text = String::from_utf8(bytes).unwrap();
            stream += &format!("---\n{}", text.replace(STATED_URL, &self.git.url()));
        }
        self.plane.kubectl().apply(&stream);
    }

    /// The first write that made each object, in order: its kind in the API's words, and its name.
    fn made(&self) -> Vec<Write> {
        let writes = self.plane.writes().into_iter();
        writes
            .filter(|write| write.subresource.is_empty() && write.code == 201)
            .filter(|write| write.agent.starts_with("argocd-controllers/"))
            .collect()
    }
}

/// The wave of a resource, as the API's paths have it.
fn wave(resource: &str) -> Option<i64> {
    Some(match resource {
        "sealedsecrets" => -2,
        "mariadbs" | "externalmariadbs" | "services" => -1,
        "databases" | "users" => 0,
        "grants" | "frappebenches" => 1,
        "frappesites" | "backups" | "physicalbackups" => 2,
        _ => return None,
    })
}

/// One story: it takes a minute to start, and each step needs the one before.
#[test]
fn argo_cd_delivers_a_sample_cluster() {
    let Some(stage) = Stage::start() else { return };
    let kubectl = stage.plane.kubectl();

    // A server that is not up holds its wave: nothing of a later one is there.
    stage.operators.hold("MariaDB/erp/frappe-mariadb");
    let first = stage.repository.commit("The cluster");
    stage.apply_pack(&Path::new(env!("CARGO_MANIFEST_DIR")).join("gitops/mumbai"));
    eventually("the server is there", PATIENCE, || {
        kubectl.find("mariadb", "erp", "frappe-mariadb").map(drop).ok_or("it is not")
    });
    steadily("no Database is there", Duration::from_secs(5), || {
        let databases = kubectl.items("databases.k8s.mariadb.com --all-namespaces");
        if databases.is_empty() { Ok(()) } else { Err(databases.len()) }
    });

    // It comes up, and everything follows in the order of the waves.
    stage.operators.release("MariaDB/erp/frappe-mariadb");
    stage.argo_cd.wait_until("mumbai", &first, "Synced", "Healthy", PATIENCE);
    let made = stage.made();
    let waves: Vec<i64> = made.iter().filter_map(|write| wave(&write.resource)).collect();
    assert!(waves.len() > 30, "{made:?}");
    assert!(waves.is_sorted(), "{made:#?}");

    changes_one_field(&stage);
    keeps_what_was_not_retired(&stage);
    reported::waits_for_no_status(&stage);
}

/// A commit that changes a User reaches that User, and nothing else is written.
fn changes_one_field(stage: &Stage) {
    let kubectl = stage.plane.kubectl();
    let before = versions(stage);
    let path = "rendered/mumbai/intranet/user.yaml";
    let text = stage.repository.read(path);
    let line = text.lines().find(|line| line.contains("maxUserConnections:")).unwrap().to_owned();
    stage.repository.edit(path, &line, "  maxUserConnections: 7");
    let commit = stage.repository.commit("Fewer connections");
    stage.argo_cd.refresh("mumbai");
    stage.argo_cd.wait_until("mumbai", &commit, "Synced", "Healthy", PATIENCE);
    let user = kubectl.find("users.k8s.mariadb.com", "platform", "intranet-user").unwrap();
    assert_eq!(user["spec"]["maxUserConnections"], 7);
    let after = versions(stage);
    let changed: Vec<&String> = after
        .iter()
        .filter(|(id, version)| before.get(*id) != Some(version))
        .map(|it| it.0)
        .collect();
    assert_eq!(changed, ["User platform/intranet-user"]);
}

/// A folder that goes without having been retired leaves its objects, and the Application says so.
fn keeps_what_was_not_retired(stage: &Stage) {
    let before = versions(stage);
    stage.repository.remove("rendered/mumbai/intranet");
    let commit = stage.repository.commit("A mistake");
    stage.argo_cd.refresh("mumbai");
    stage.argo_cd.wait_until("mumbai", &commit, "OutOfSync", "Healthy", PATIENCE);
    steadily("every object is there", Duration::from_secs(5), || {
        let now = versions(stage);
        let gone: Vec<String> =
            before.keys().filter(|id| !now.contains_key(*id)).cloned().collect();
        if gone.is_empty() { Ok(()) } else { Err(gone) }
    });

    stage.repository.git(&["revert", "--no-edit", "HEAD"]);
    let commit = stage.repository.commit("Taken back");
    stage.argo_cd.refresh("mumbai");
    stage.argo_cd.wait_until("mumbai", &commit, "Synced", "Healthy", PATIENCE);
}

/// What was last stated of each object of ours: its generation, which a status does not change.
pub(crate) fn versions(stage: &Stage) -> BTreeMap<String, Value> {
    let kinds = "sealedsecrets,mariadbs.k8s.mariadb.com,databases.k8s.mariadb.com,\
                 users.k8s.mariadb.com,grants.k8s.mariadb.com,frappebenches,frappesites";
    let items = stage.plane.kubectl().items(&format!("{kinds} --all-namespaces"));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    items
        .iter()
        .map(|item| {
            let metadata = &item["metadata"];
            let place = format!("{}/{}", text(&metadata["namespace"]), text(&metadata["name"]));
            (format!("{} {place}", text(&item["kind"])), metadata["generation"].clone())
        })
        .collect()
}
