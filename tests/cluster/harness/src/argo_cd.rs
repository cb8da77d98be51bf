//! Argo CD: its application controller, its repository server, its controller of ApplicationSets, and the
//! Redis that they share. The API server with its pages is left out: nothing here logs in.

use crate::control_plane::ControlPlane;
use crate::kubectl::Kubectl;
use crate::ports::free_port;
use crate::process::{Process, Workplace};
use crate::programs::Programs;
use crate::wait::eventually;
use serde_json::{Value, json};
use std::io::Write as _;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

const READY: Duration = Duration::from_secs(120);
const NAMESPACE: &str = "argocd";

/// The running programs.
#[derive(Debug)]
pub struct ArgoCd {
    kubectl: Kubectl,
    processes: Vec<Process>,
}

impl ArgoCd {
    /// Installs its CRDs and its settings, and starts it. `redis` is Redis's server.
    pub fn start(plane: &ControlPlane, redis: &Path) -> Self {
        plane.install(&plane.programs().crds("argo-cd"));
        plane.kubectl().run(&format!("create namespace {NAMESPACE}"));
        plane.kubectl().apply_as("argocd-installation", &settings());
        let workplace = plane.workplace();
        let store = start_redis(workplace, redis);
        let repositories = free_port();
        let address = format!("127.0.0.1:{repositories}");
        let mut processes = vec![
            store.process,
            start(plane, "argocd-repo-server", |command| {
                command.args(["--address", "127.0.0.1", "--port", &repositories.to_string()]);
                command.args(["--metrics-address", "127.0.0.1", "--disable-tls"]);
                command.args(["--metrics-port", &free_port().to_string()]);
                command.args(["--redis", &store.address]).env("ARGOCD_GPG_ENABLED", "false");
            }),
            start(plane, "argocd-application-controller", |command| {
                command.args(["--repo-server", &address, "--repo-server-plaintext"]);
                command.args(["--redis", &store.address, "--namespace", NAMESPACE]);
                // It has no flag for the address: its metrics are served on every one.
                command.args(["--metrics-port", &free_port().to_string()]);
                command.arg("--kubeconfig").arg(plane.kubectl().kubeconfig());
                // It takes the cluster of this kubeconfig for the one that it runs in, whatever the flag
                // says (source: `EnvVarFakeInClusterConfig` in `pkg/apis/application/v1alpha1` of 3.2).
                command.env("ARGOCD_FAKE_IN_CLUSTER", "true");
                command.env("KUBECONFIG", plane.kubectl().kubeconfig());
            }),
            start(plane, "argocd-applicationset-controller", |command| {
                command.args(["--argocd-repo-server", &address, "--repo-server-plaintext"]);
                command.args(["--namespace", NAMESPACE, "--enable-leader-election=false"]);
                for flag in ["--metrics-addr", "--probe-addr", "--webhook-addr"] {
                    command.args([flag, &format!("127.0.0.1:{}", free_port())]);
                }
                command.env("KUBECONFIG", plane.kubectl().kubeconfig());
            }),
        ];
        eventually("Argo CD's repository server listens", READY, || {
            for process in &mut processes {
                if let Some(end) = process.ended() {
                    panic!("{end}");
                }
            }
            TcpStream::connect(("127.0.0.1", repositories)).map(drop)
        });
        Self { kubectl: plane.kubectl().clone(), processes }
    }

    /// Has an Application look for a new commit now.
    pub fn refresh(&self, application: &str) {
        self.kubectl.run(&format!(
            "annotate --overwrite --namespace={NAMESPACE} application {application} \
             argocd.argoproj.io/refresh=normal"
        ));
    }

    /// An Application as it is; null where there is none.
    pub fn application(&self, name: &str) -> Value {
        self.kubectl.find("application.argoproj.io", NAMESPACE, name).unwrap_or_default()
    }

    /// Waits until an Application's states of synchronization and health are these, at a commit.
    pub fn wait_until(&self, name: &str, commit: &str, sync: &str, health: &str, limit: Duration) {
        eventually(&format!("{name} is {sync} and {health} at {commit}"), limit, || {
            let found = self.application(name);
            let status = &found["status"];
            let is_there = status["sync"]["revision"] == commit
                && status["operationState"]["phase"] != "Running"
                && status["sync"]["status"] == sync
                && status["health"]["status"] == health;
            if is_there { Ok(()) } else { Err(format!("{}", summary(status))) }
        });
    }

    /// Its processes, for what they wrote.
    pub fn processes(&self) -> &[Process] {
        &self.processes
    }
}

/// What a person would look at.
fn summary(status: &Value) -> Value {
    let resources = status["resources"].as_array().cloned().unwrap_or_default();
    let is_open = |one: &Value| {
        one["status"] != "Synced"
            || !matches!(one["health"]["status"].as_str(), None | Some("Healthy"))
    };
    let open: Vec<Value> = resources.into_iter().filter(is_open).collect();
    json!({
        "sync": status["sync"]["status"],
        "revision": status["sync"]["revision"],
        "health": status["health"],
        "phase": status["operationState"]["phase"],
        "message": status["operationState"]["message"],
        "conditions": status["conditions"],
        "open": open,
    })
}

/// What an installation brings: it finds its settings by these names.
fn settings() -> String {
    let named = |kind: &str, name: &str| {
        json!({
            "apiVersion": "v1",
            "kind": kind,
            "metadata": {
                "name": name,
                "namespace": NAMESPACE,
                "labels": {"app.kubernetes.io/name": name, "app.kubernetes.io/part-of": "argocd"},
            },
        })
    };
    let maps = ["argocd-cm", "argocd-rbac-cm", "argocd-tls-certs-cm", "argocd-ssh-known-hosts-cm"];
    let mut items: Vec<Value> = maps.map(|name| named("ConfigMap", name)).into();
    items.push(named("ConfigMap", "argocd-gpg-keys-cm"));
    let mut secret = named("Secret", "argocd-secret");
    // It signs the sessions of people, and the settings are incomplete without it.
    secret["stringData"] = json!({"server.secretkey": "public-and-worthless"});
    items.push(secret);
    json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string()
}

struct Store {
    process: Process,
    address: String,
}

fn start_redis(workplace: &Workplace, redis: &Path) -> Store {
    let (folder, port) = (workplace.folder("redis"), free_port());
    let mut process = Process::start("redis", redis, &folder, |command| {
        command.args(["--bind", "127.0.0.1", "--port", &port.to_string()]);
        command.args(["--save", "", "--appendonly", "no"]);
    });
    eventually("Redis listens", READY, || {
        if let Some(end) = process.ended() {
            panic!("{end}");
        }
        TcpStream::connect(("127.0.0.1", port)).map(drop)
    });
    Store { process, address: format!("127.0.0.1:{port}") }
}

fn start(plane: &ControlPlane, name: &str, configure: impl FnOnce(&mut Command)) -> Process {
    let folder = plane.workplace().folder(name);
    let program = plane.programs().program("argocd-controllers");
    Process::start(name, &program, &folder, |command| {
        // One program acts as the one that this names.
        command.env("ARGOCD_BINARY_NAME", name);
        command.env("HOME", &folder).env("TMPDIR", &folder);
        configure(command);
    })
}

/// What Argo CD's own code says of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// `Healthy`, `Progressing`, `Degraded`; empty where no check speaks of the kind, so that it counts as
    /// done at once.
    pub health: String,
    /// What the check says.
    pub message: String,
    /// The wave in which the object is applied.
    pub wave: i64,
}

/// Has Argo CD judge objects, with the data of an `argocd-cm`: a verdict each.
pub fn judge(programs: &Programs, config_map: &Value, objects: &[Value]) -> Vec<Verdict> {
    let mut command = Command::new(programs.program("argocd-judge"));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the judge starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    // It reads everything before it writes.
    let question = json!({"configMap": config_map, "objects": objects}).to_string();
    stdin.write_all(question.as_bytes()).expect("the judge reads");
    drop(stdin);
    let output = child.wait_with_output().expect("the judge ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answer: Vec<Value> = serde_json::from_slice(&output.stdout).expect("JSON");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let verdict = |one: &Value| Verdict {
        health: text(&one["health"]),
        message: text(&one["message"]),
        wave: one["wave"].as_i64().unwrap_or_default(),
    };
    answer.iter().map(verdict).collect()
}
