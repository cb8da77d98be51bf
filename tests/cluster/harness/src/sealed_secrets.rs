//! The sealed-secrets controller.

use crate::control_plane::ControlPlane;
use crate::kubectl::Kubectl;
use crate::ports::free_port;
use crate::process::Process;
use crate::wait::eventually;
use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const READY: Duration = Duration::from_secs(60);
/// Where the key pairs are.
const NAMESPACE: &str = "kube-system";

/// Shows a folder as the place of a service account's token, to the one program that it then runs. The
/// controller takes no kubeconfig (source: `rest.InClusterConfig` in `pkg/controller/main.go` of 0.40).
const IN_CLUSTER: &str = "\
set -e
mount -t tmpfs none /var/run
mkdir -p /var/run/secrets/kubernetes.io/serviceaccount
cp token ca.crt namespace /var/run/secrets/kubernetes.io/serviceaccount/
exec \"$@\"
";

/// Whether this machine lets a test have mounts of its own.
pub fn may_unshare() -> bool {
    let tried = unshare("unshare").args(["sh", "-c", "mount -t tmpfs none /var/run"]).output();
    tried.is_ok_and(|output| output.status.success())
}

/// A namespace of mounts; of users too where this is not root's.
fn unshare(program: &str) -> Command {
    let mut command = Command::new(program);
    command.args(["--mount", "--map-root-user"]);
    command
}

/// The running controller.
#[derive(Debug)]
pub struct SealedSecrets {
    process: Process,
}

impl SealedSecrets {
    /// Installs the CRD and the keys, and starts the controller with its defaults, but for
    /// `arguments`, such as `--kubeclient-qps=50`. A key is a private key and the certificate for it,
    /// both PEM. Without any, the controller makes one. It makes no other by itself, however old these
    /// are: that would take seconds of every test.
    pub fn start(plane: &ControlPlane, keys: &[(&str, &str)], arguments: &[&str]) -> Self {
        plane.install(&plane.programs().crds("sealed-secrets"));
        for (index, (key, certificate)) in keys.iter().enumerate() {
            add_key(plane.kubectl(), &format!("key-{index}"), key, certificate);
        }
        let folder = plane.workplace().folder("sealed-secrets-controller");
        identify(plane, &folder);
        let controller = plane.programs().program("sealed-secrets-controller");
        let (address, metrics) = (free_port(), free_port());
        let mut process =
            Process::start("sealed-secrets-controller", Path::new("unshare"), &folder, |command| {
                command.args(["--mount", "--map-root-user", "sh", "-c", IN_CLUSTER, "sh"]);
                command.arg(&controller);
                command.arg(format!("--listen-addr=127.0.0.1:{address}"));
                command.arg(format!("--listen-metrics-addr=127.0.0.1:{metrics}"));
                command.arg("--key-renew-period=0");
                command.args(arguments);
                command.env("KUBERNETES_SERVICE_HOST", "127.0.0.1");
                command.env("KUBERNETES_SERVICE_PORT", plane.port().to_string());
            });
        eventually("the sealed-secrets controller is ready", READY, || {
            if let Some(end) = process.ended() {
                panic!("{end}");
            }
            TcpStream::connect(("127.0.0.1", address)).map(drop)
        });
        Self { process }
    }

    /// Has it make a new key now, as it does every 30 days by default; the certificate, as PEM. It keeps
    /// its old keys (source: `initKeyGenSignalListener` in `pkg/controller` of 0.40).
    pub fn renew_key(&self, kubectl: &Kubectl) -> String {
        let before = self.keys_made();
        let id = self.process.id().to_string();
        let status = Command::new("kill").args(["-USR1", &id]).status();
        assert!(status.is_ok_and(|status| status.success()), "no signal to {id}");
        let name = eventually("the controller has a new key", READY, || {
            let made = self.keys_made();
            if made.len() > before.len() { Ok(made[before.len()].clone()) } else { Err("none yet") }
        });
        let template = "--output=go-template={{index .data \"tls.crt\" | base64decode}}";
        kubectl.with(&["get", "secret", &name, "--namespace", NAMESPACE, template], "")
    }

    /// The Secrets of the keys that it has made and uses (source: `generateKey` in
    /// `pkg/controller/keyregistry.go` of 0.40).
    fn keys_made(&self) -> Vec<String> {
        let log = self.process.log();
        let lines = log.lines().filter(|line| line.contains("New key written"));
        let names = lines.filter_map(|line| line.rsplit_once("name="));
        names.map(|(_, name)| name.trim().to_owned()).collect()
    }

    /// Its process.
    pub fn process(&self) -> &Process {
        &self.process
    }
}

/// The token of an account that may do all that the controller does, and more: its rights are not
/// what is tested.
fn identify(plane: &ControlPlane, folder: &Path) {
    let kubectl = plane.kubectl();
    kubectl.run(&format!("create serviceaccount sealed-secrets --namespace={NAMESPACE}"));
    kubectl.run(&format!(
        "create clusterrolebinding sealed-secrets --clusterrole=cluster-admin \
         --serviceaccount={NAMESPACE}:sealed-secrets"
    ));
    let token = kubectl.run(&format!("create token sealed-secrets --namespace={NAMESPACE}"));
    fs::write(folder.join("token"), token).expect("a file");
    fs::write(folder.join("namespace"), NAMESPACE).expect("a file");
    fs::copy(plane.certificate_authority(), folder.join("ca.crt")).expect("a file");
}

/// A key pair as the controller stores its own (source: `pkg/controller/keys.go` of 0.40).
fn add_key(kubectl: &Kubectl, name: &str, key: &str, certificate: &str) {
    let secret = serde_json::json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "kubernetes.io/tls",
        "metadata": {
            "name": name,
            "namespace": NAMESPACE,
            "labels": {"sealedsecrets.bitnami.com/sealed-secrets-key": "active"},
        },
        "stringData": {"tls.key": key, "tls.crt": certificate},
    });
    kubectl.apply(&secret.to_string());
}
