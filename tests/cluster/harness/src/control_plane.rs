//! etcd and the API server, and the controller manager where a test needs what it does.
//!
//! The flags are those of Kubernetes 1.36 for one API server on loopback. Admission of service
//! accounts is off: nothing here makes pods.

use crate::audit::{self, Write};
use crate::kubectl::Kubectl;
use crate::ports::free_port;
use crate::process::{Process, Workplace};
use crate::programs::Programs;
use crate::wait::eventually;
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The administrator's token. The API server listens on loopback, for as long as the test runs.
const TOKEN: &str = "public-and-worthless";
/// Signs the tokens of service accounts.
const SIGNING_KEY: &str = include_str!("../../../keys/public-and-worthless.mumbai.key.pem");
const READY: Duration = Duration::from_secs(90);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Audit {
    Writes,
    Off,
}

/// etcd with an API server.
#[derive(Debug)]
pub struct ControlPlane {
    // Fields are dropped in this order: the API server before its store.
    api_server: Process,
    etcd: Process,
    kubectl: Kubectl,
    programs: Programs,
    folder: PathBuf,
    port: u16,
    etcd_port: u16,
    audit: Audit,
    // The last: it says where the logs stay.
    workplace: Workplace,
}

impl ControlPlane {
    /// Starts both, and waits until the API server is ready.
    pub fn start(programs: &Programs) -> Self {
        Self::start_with(programs, Audit::Writes)
    }

    /// Starts both without an audit log, for measuring.
    pub fn start_without_audit(programs: &Programs) -> Self {
        Self::start_with(programs, Audit::Off)
    }

    fn start_with(programs: &Programs, audit: Audit) -> Self {
        let workplace = Workplace::new();
        let (etcd_port, peer, port) = (free_port(), free_port(), free_port());
        let etcd = start_etcd(programs, &workplace.folder("etcd"), etcd_port, peer);
        let folder = workplace.folder("kube-apiserver");
        let api_server = start_api_server(programs, &folder, etcd_port, port, audit);
        let kubeconfig = kubeconfig(&folder, port);
        let kubectl = Kubectl::new(programs.program("kubectl"), kubeconfig);
        let programs = programs.clone();
        let mut plane =
            Self { api_server, etcd, kubectl, programs, folder, port, etcd_port, audit, workplace };
        plane.wait_until_ready();
        plane
    }

    fn wait_until_ready(&mut self) {
        eventually("the API server is ready", READY, || {
            for process in [&mut self.etcd, &mut self.api_server] {
                if let Some(end) = process.ended() {
                    panic!("{end}");
                }
            }
            let answer = self.kubectl.try_run("get --raw /readyz");
            if answer.success { Ok(()) } else { Err(answer.stderr) }
        });
    }

    /// Ends the API server as a machine that fails does. etcd keeps what was written.
    pub fn end_api_server(&mut self) {
        self.api_server.end();
    }

    /// Starts an API server that has ended, on its port and with its certificate, and waits until it is ready.
    pub fn start_api_server_again(&mut self) {
        self.api_server =
            start_api_server(&self.programs, &self.folder, self.etcd_port, self.port, self.audit);
        self.wait_until_ready();
    }

    /// kubectl as the administrator.
    pub fn kubectl(&self) -> &Kubectl {
        &self.kubectl
    }

    /// The programs that it was started with.
    pub fn programs(&self) -> &Programs {
        &self.programs
    }

    /// The folder of the test, for more programs beside these.
    pub fn workplace(&self) -> &Workplace {
        &self.workplace
    }

    /// The port of the API server on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The certificate that clients check the API server's by.
    pub fn certificate_authority(&self) -> PathBuf {
        self.folder.join("apiserver.crt")
    }

    /// What was written so far, in order; empty without an audit log.
    pub fn writes(&self) -> Vec<Write> {
        audit::read(&self.folder.join("audit.log"))
    }

    /// The API server's process.
    pub fn api_server(&self) -> &Process {
        &self.api_server
    }

    /// etcd's process.
    pub fn etcd(&self) -> &Process {
        &self.etcd
    }

    /// How much etcd's files hold, in bytes.
    pub fn etcd_size(&self) -> u64 {
        let database = self.workplace.folder("etcd").join("data/member/snap/db");
        fs::metadata(database).map_or(0, |data| data.len())
    }

    /// Installs every CRD of a folder, and waits until the API server serves them.
    pub fn install(&self, folder: &Path) {
        let folder = folder.to_str().expect("a path of UTF-8");
        let apply = ["apply", "--server-side", "--field-manager=crds", "-f", folder];
        self.kubectl.with(&apply, "");
        // Until it has a condition at all, `kubectl wait` fails at once.
        eventually("the CRDs are served", READY, || {
            let wait = "wait --for=condition=Established crd --all --timeout=60s";
            let answer = self.kubectl.try_run(wait);
            if answer.success { Ok(()) } else { Err(answer.stderr) }
        });
    }
}

fn start_etcd(programs: &Programs, folder: &Path, client: u16, peer: u16) -> Process {
    let (client, peer) = (format!("http://127.0.0.1:{client}"), format!("http://127.0.0.1:{peer}"));
    Process::start("etcd", &programs.program("etcd"), folder, |command| {
        command.args(["--data-dir", "data", "--log-level", "warn"]);
        // Nothing here outlives the test.
        command.arg("--unsafe-no-fsync");
        command.args(["--listen-client-urls", &client, "--advertise-client-urls", &client]);
        command.args(["--listen-peer-urls", &peer, "--initial-advertise-peer-urls", &peer]);
        command.args(["--initial-cluster", &format!("default={peer}")]);
        // As many objects as a fleet of 10,000 sites has need more than the default of 2 GiB.
        command.args(["--quota-backend-bytes", "8589934592"]);
    })
}

fn start_api_server(
    programs: &Programs,
    folder: &Path,
    etcd: u16,
    port: u16,
    audit: Audit,
) -> Process {
    fs::write(folder.join("signing.key"), SIGNING_KEY).expect("a file");
    let tokens = format!("{TOKEN},administrator,administrator,system:masters\n");
    fs::write(folder.join("tokens.csv"), tokens).expect("a file");
    fs::write(folder.join("audit.yaml"), audit::POLICY).expect("a file");
    Process::start("kube-apiserver", &programs.program("kube-apiserver"), folder, |command| {
        command.args(["--etcd-servers", &format!("http://127.0.0.1:{etcd}")]);
        command.args(["--bind-address", "127.0.0.1", "--advertise-address", "127.0.0.1"]);
        command.args(["--secure-port", &port.to_string(), "--cert-dir", "."]);
        command.args(["--service-account-issuer", "https://kubernetes.default.svc"]);
        command.args(["--service-account-key-file", "signing.key"]);
        command.args(["--service-account-signing-key-file", "signing.key"]);
        command.args(["--token-auth-file", "tokens.csv", "--authorization-mode", "RBAC"]);
        command.args(["--service-cluster-ip-range", "10.96.0.0/16"]);
        command.args(["--disable-admission-plugins", "ServiceAccount"]);
        if audit == Audit::Writes {
            command.args(["--audit-policy-file", "audit.yaml", "--audit-log-path", "audit.log"]);
        }
        // The Service of the API server may have no endpoint on loopback.
        command.args(["--endpoint-reconciler-type", "none"]);
        // One client applies a fleet.
        command.args(["--max-requests-inflight", "2000"]);
        command.args(["--max-mutating-requests-inflight", "1000"]);
    })
}

fn kubeconfig(folder: &Path, port: u16) -> PathBuf {
    let authority = folder.join("apiserver.crt");
    let config = json!({
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "test",
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
        "users": [{"name": "test", "user": {"token": TOKEN}}],
        "clusters": [{"name": "test", "cluster": {
            "server": format!("https://127.0.0.1:{port}"),
            "certificate-authority": authority,
        }}],
    });
    let path = folder.join("kubeconfig");
    fs::write(&path, config.to_string()).expect("a file");
    path
}

/// The controller manager: it deletes what owners leave behind, and what a namespace held.
#[derive(Debug)]
pub struct ControllerManager {
    _process: Process,
}

impl ControllerManager {
    /// Starts it. It is at work once it holds its lease.
    pub fn start(plane: &ControlPlane) -> Self {
        let folder = plane.workplace().folder("kube-controller-manager");
        let program = plane.programs().program("kube-controller-manager");
        let port = free_port().to_string();
        let kubeconfig = plane.kubectl().kubeconfig().to_path_buf();
        let key = plane.folder.join("signing.key");
        let mut process = Process::start("kube-controller-manager", &program, &folder, |command| {
            command.arg("--kubeconfig").arg(&kubeconfig);
            command.args(["--bind-address", "127.0.0.1", "--secure-port", &port]);
            command.args(["--cert-dir", ".", "--leader-elect=false"]);
            command.arg("--service-account-private-key-file").arg(&key);
            command.args(["--controllers", "garbage-collector-controller,namespace-controller"]);
            command.args(["--concurrent-gc-syncs", "5"]);
        });
        eventually("the controller manager is ready", READY, || {
            if let Some(end) = process.ended() {
                panic!("{end}");
            }
            let is_at_work = process.log().contains("Garbage collector: all resource monitors");
            if is_at_work { Ok(()) } else { Err("it has not seen all kinds yet") }
        });
        Self { _process: process }
    }
}
