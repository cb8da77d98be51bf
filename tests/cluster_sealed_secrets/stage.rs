//! A cluster with the sealed-secrets controller, and what deletes what owners leave behind.

use super::secret::{Secret, secret};
use super::tools::needed;
use cluster::{ControlPlane, ControllerManager, Kubectl, Programs, SealedSecrets, eventually};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

/// Private keys with their certificates.
const KEYS: [(&str, &str); 2] = [
    (include_str!("../keys/public-and-worthless.frankfurt.key.pem"), FRANKFURT),
    (include_str!("../keys/public-and-worthless.mumbai.key.pem"), MUMBAI),
];
pub(crate) const FRANKFURT: &str = include_str!("../../sites/frankfurt/_sealing/2026-11.pem");
pub(crate) const MUMBAI: &str = include_str!("../../sites/mumbai/_sealing/2026-11.pem");

/// Only a loaded machine needs so long.
pub(crate) const LIMIT: Duration = Duration::from_secs(120);

/// A story that is told on a stage.
pub(crate) type Told = fn(&Stage);

/// What runs. Each story has namespaces of its own.
pub(crate) struct Stage {
    // Fields are dropped in this order: the API server last.
    pub(crate) controller: SealedSecrets,
    _manager: ControllerManager,
    pub(crate) plane: ControlPlane,
}

impl Stage {
    /// Tells stories side by side, since they wait more than they work; none where the programs are
    /// missing or the machine refuses what the controller needs.
    pub(crate) fn tell(stories: &[(&str, Told)]) {
        let Some(stage) = Self::start() else { return };
        let stage = &stage;
        let failed: Vec<&str> = std::thread::scope(|scope| {
            let told: Vec<_> = stories
                .iter()
                .map(|(name, story)| {
                    let thread = std::thread::Builder::new().name((*name).to_owned());
                    (*name, thread.spawn_scoped(scope, || story(stage)).unwrap())
                })
                .collect();
            let ended = told.into_iter().map(|(name, thread)| (name, thread.join()));
            ended.filter(|(_, end)| end.is_err()).map(|(name, _)| name).collect()
        });
        assert!(failed.is_empty(), "failed: {failed:?}");
    }

    fn start() -> Option<Self> {
        let (programs, _) = (needed("cluster")?, needed("unshare")?);
        let plane = ControlPlane::start(&Programs::of(&programs));
        // By default the controller opens two a second.
        let quick = ["--kubeclient-qps=100", "--kubeclient-burst=200"];
        let controller = SealedSecrets::start(&plane, &KEYS, &quick);
        let manager = ControllerManager::start(&plane);
        Some(Self { controller, _manager: manager, plane })
    }

    pub(crate) fn kubectl(&self) -> &Kubectl {
        self.plane.kubectl()
    }

    /// Applies objects, and before them their namespaces.
    pub(crate) fn apply(&self, objects: &[Value]) {
        let namespace =
            |name| json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
        let names: BTreeSet<&str> = objects.iter().map(namespace_of).collect();
        self.kubectl().apply(&list(names.into_iter().map(namespace).collect()));
        self.kubectl().apply(&list(objects.to_vec()));
    }

    /// Applies SealedSecrets, and waits until the controller has made a Secret of each.
    pub(crate) fn open(&self, sealed: &[Value]) {
        self.apply(sealed);
        for object in sealed {
            let (namespace, name) = (namespace_of(object), name_of(object));
            eventually(&format!("{namespace}/{name} is opened"), LIMIT, || {
                match self.verdict(namespace, name) {
                    Some((true, _)) => Ok(()),
                    other => Err(other),
                }
            });
        }
    }

    /// Waits until the controller says that it cannot make a Secret; what it says.
    pub(crate) fn wait_until_refused(&self, namespace: &str, name: &str) -> String {
        eventually(&format!("{namespace}/{name} is refused"), LIMIT, || {
            match self.verdict(namespace, name) {
                Some((false, why)) => Ok(why),
                other => Err(other),
            }
        })
    }

    /// Whether the controller has made a Secret of the newest SealedSecret, and what it says; nothing
    /// until it has seen that.
    fn verdict(&self, namespace: &str, name: &str) -> Option<(bool, String)> {
        let object = self.sealed_secret(namespace, name)?;
        let status = &object["status"];
        if status["observedGeneration"] != object["metadata"]["generation"] {
            return None;
        }
        let mut conditions = status["conditions"].as_array()?.iter();
        let synced = conditions.find(|condition| condition["type"] == "Synced")?;
        let message = synced["message"].as_str().unwrap_or_default();
        Some((synced["status"] == "True", message.to_owned()))
    }

    /// A SealedSecret, where it is live.
    pub(crate) fn sealed_secret(&self, namespace: &str, name: &str) -> Option<Value> {
        self.kubectl().find("sealedsecret", namespace, name)
    }

    /// A Secret, where it is live.
    pub(crate) fn find(&self, namespace: &str, name: &str) -> Option<Secret> {
        self.kubectl().find("secret", namespace, name).map(|object| secret(&object))
    }

    /// A Secret that must be live.
    pub(crate) fn secret(&self, namespace: &str, name: &str) -> Secret {
        self.find(namespace, name).unwrap_or_else(|| panic!("no Secret {namespace}/{name}"))
    }

    /// Waits until a Secret is gone.
    pub(crate) fn wait_until_gone(&self, namespace: &str, name: &str) {
        eventually(&format!("the Secret {namespace}/{name} is gone"), LIMIT, || {
            self.find(namespace, name).map_or(Ok(()), |secret| Err(secret.shape.owners))
        });
    }
}

/// Objects as kubectl reads them.
fn list(items: Vec<Value>) -> String {
    json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string()
}

pub(crate) fn namespace_of(object: &Value) -> &str {
    object["metadata"]["namespace"].as_str().unwrap_or_else(|| panic!("no namespace: {object}"))
}

pub(crate) fn name_of(object: &Value) -> &str {
    object["metadata"]["name"].as_str().unwrap_or_else(|| panic!("no name: {object}"))
}
