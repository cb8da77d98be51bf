//! Flux's source-controller and kustomize-controller.

use crate::control_plane::ControlPlane;
use crate::kubectl::Kubectl;
use crate::ports::free_port;
use crate::process::Process;
use crate::wait::eventually;
use serde_json::Value;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

const READY: Duration = Duration::from_secs(60);
const NAMESPACE: &str = "flux-system";

/// Both controllers.
#[derive(Debug)]
pub struct Flux {
    kubectl: Kubectl,
    kustomize: Process,
    source: Process,
}

impl Flux {
    /// Installs Flux's CRDs and starts both controllers with their defaults, but for `arguments` of
    /// the kustomize-controller, such as `--concurrent=20`.
    pub fn start(plane: &ControlPlane, arguments: &[&str]) -> Self {
        plane.install(&plane.programs().crds("source-controller"));
        plane.install(&plane.programs().crds("kustomize-controller"));
        plane.kubectl().run("create namespace flux-system");
        let storage = format!("127.0.0.1:{}", free_port());
        let mut source = start(plane, "source-controller", |command| {
            command.args(["--storage-path", ".", "--storage-addr", &storage]);
            command.args(["--storage-adv-addr", &storage]);
        });
        let mut kustomize = start_kustomize_controller(plane, arguments);
        wait_until_ready(&mut source);
        wait_until_ready(&mut kustomize);
        Self {
            kubectl: plane.kubectl().clone(),
            kustomize: kustomize.process,
            source: source.process,
        }
    }

    /// Ends the kustomize-controller and starts it with other arguments.
    pub fn restart_kustomize_controller(&mut self, plane: &ControlPlane, arguments: &[&str]) {
        self.kustomize.end();
        let mut kustomize = start_kustomize_controller(plane, arguments);
        wait_until_ready(&mut kustomize);
        self.kustomize = kustomize.process;
    }

    /// The kustomize-controller's process.
    pub fn kustomize_controller(&self) -> &Process {
        &self.kustomize
    }

    /// The source-controller's process.
    pub fn source_controller(&self) -> &Process {
        &self.source
    }

    /// Has a GitRepository look for a new commit now, as `flux reconcile source git` does, and waits
    /// until it has this one.
    pub fn fetch(&self, repository: &str, commit: &str) {
        self.hurry("gitrepository", repository);
        eventually("the commit is fetched", READY, || {
            let found = self.get("gitrepository", repository);
            let revision = found["status"]["artifact"]["revision"].as_str().unwrap_or_default();
            if revision.ends_with(commit) { Ok(()) } else { Err(found["status"].to_string()) }
        });
    }

    /// Has an object reconciled now, as `flux reconcile` does.
    pub fn hurry(&self, kind: &str, name: &str) {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let now = now.expect("a time after 1970").as_nanos();
        self.kubectl.run(&format!(
            "annotate --overwrite --namespace={NAMESPACE} {kind} {name} \
             reconcile.fluxcd.io/requestedAt={now}"
        ));
    }

    /// Waits until a Kustomization is Ready at a commit.
    pub fn wait_until_ready(&self, kustomization: &str, commit: &str, limit: Duration) {
        eventually(&format!("{kustomization} is Ready at {commit}"), limit, || {
            let found = self.get("kustomization", kustomization);
            match self.verdict(&found) {
                Some((true, _)) if is_at(&found, commit) => Ok(()),
                _ => Err(found["status"].to_string()),
            }
        });
    }

    /// Whether a Kustomization was applied at a commit, whatever its health.
    pub fn is_applied(&self, kustomization: &str, commit: &str) -> bool {
        is_at(&self.get("kustomization", kustomization), commit)
    }

    /// The status and the message of a Kustomization's condition `Ready`; nothing where it has not
    /// been judged, or is at work.
    pub fn judged(&self, kustomization: &str) -> Option<(bool, String)> {
        self.verdict(&self.get("kustomization", kustomization))
    }

    /// A Flux object as it is.
    pub fn get(&self, kind: &str, name: &str) -> Value {
        self.kubectl.find(kind, NAMESPACE, name).unwrap_or_default()
    }

    fn verdict(&self, found: &Value) -> Option<(bool, String)> {
        let conditions = found["status"]["conditions"].as_array()?;
        let ready = conditions.iter().find(|condition| condition["type"] == "Ready")?;
        let message = ready["message"].as_str().unwrap_or_default().to_owned();
        match ready["status"].as_str()? {
            "True" => Some((true, message)),
            "False" => Some((false, message)),
            _ => None,
        }
    }
}

fn is_at(kustomization: &Value, commit: &str) -> bool {
    let revision = kustomization["status"]["lastAppliedRevision"].as_str().unwrap_or_default();
    revision.ends_with(commit)
}

struct Started {
    process: Process,
    health: u16,
}

fn start_kustomize_controller(plane: &ControlPlane, arguments: &[&str]) -> Started {
    start(plane, "kustomize-controller", |command| {
        // Its default is 30 s: a test has no reason to wait so long for a dependency.
        command.arg("--requeue-dependency=1s").args(arguments);
    })
}

fn wait_until_ready(started: &mut Started) {
    eventually("Flux is ready", READY, || {
        if let Some(end) = started.process.ended() {
            panic!("{end}");
        }
        is_healthy(started.health)
    });
}

fn start(
    plane: &ControlPlane,
    name: &str,
    configure: impl FnOnce(&mut std::process::Command),
) -> Started {
    let health = free_port();
    let metrics = free_port();
    let folder = plane.workplace().folder(name);
    let process = Process::start(name, &plane.programs().program(name), &folder, |command| {
        command.env("KUBECONFIG", plane.kubectl().kubeconfig());
        command.env("RUNTIME_NAMESPACE", NAMESPACE).env("HOME", &folder);
        // At its start the kustomize-controller removes the temporary folders that it finds, those of one
        // at work for another test too (source: `purgeStaleTempDirs` in its `main.go`).
        command.env("TMPDIR", plane.workplace().folder(&format!("{name}-temporary")));
        command.arg(format!("--metrics-addr=127.0.0.1:{metrics}"));
        command.arg(format!("--health-addr=127.0.0.1:{health}"));
        configure(command);
    });
    Started { process, health }
}

/// Whether a controller answers that it is ready.
fn is_healthy(port: u16) -> Result<(), String> {
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        stream.write_all(b"GET /readyz HTTP/1.0\r\nHost: localhost\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    let answer = ask().map_err(|problem| problem.to_string())?;
    let line = answer.lines().next().unwrap_or_default();
    if line.contains(" 200 ") { Ok(()) } else { Err(line.to_owned()) }
}
