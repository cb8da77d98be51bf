//! The webhook of CloudNativePG, as its manager serves it.
//!
//! The manager looks after a namespace that does not exist. So it answers the API server's questions
//! about every object, and leaves the objects themselves alone.

use crate::control_plane::ControlPlane;
use crate::ports::free_port;
use crate::process::Process;
use crate::wait::eventually;
use base64ct::{Base64, Encoding as _};
use serde_json::{Value, json};
use std::fs;
use std::net::TcpStream;
use std::time::Duration;

const READY: Duration = Duration::from_secs(120);
/// The kinds with a webhook, and their resources (source: `config/webhook/manifests.yaml` of 1.30.0).
const KINDS: [(&str, &str); 5] = [
    ("backup", "backups"),
    ("cluster", "clusters"),
    ("database", "databases"),
    ("pooler", "poolers"),
    ("scheduledbackup", "scheduledbackups"),
];

/// The running manager.
#[derive(Debug)]
pub struct CloudNativePg {
    _process: Process,
}

impl CloudNativePg {
    /// Installs its CRDs and those of its plugin for backups, starts it, and lets the API server ask its webhook.
    pub fn start(plane: &ControlPlane) -> Self {
        plane.install(&plane.programs().crds("cloudnative-pg"));
        plane.install(&plane.programs().crds("plugin-barman-cloud"));
        let folder = plane.workplace().folder("cloudnative-pg");
        let program = plane.programs().program("cloudnative-pg-manager");
        let port = free_port();
        // The API server has a certificate for 127.0.0.1 under the names that the manager asks for.
        let authority = plane.certificate_authority();
        let certificates = authority.parent().expect("the folder of the API server").to_path_buf();
        let kubeconfig = plane.kubectl().kubeconfig().to_path_buf();
        let mut process = Process::start("cloudnative-pg", &program, &folder, |command| {
            command.args(["controller", "--metrics-bind-address", "127.0.0.1:0"]);
            command.args(["--webhook-port", &port.to_string()]);
            command.env("KUBECONFIG", &kubeconfig);
            command.env("WEBHOOK_CERT_DIR", &certificates);
            command.env("OPERATOR_NAMESPACE", "cnpg-system");
            command.env("WATCH_NAMESPACE", "cnpg-system");
        });
        eventually("CloudNativePG's webhook is ready", READY, || {
            if let Some(end) = process.ended() {
                panic!("{end}");
            }
            TcpStream::connect(("127.0.0.1", port)).map(drop)
        });
        let authority = fs::read(&authority).expect("the certificate of the API server");
        for kind in ["Validating", "Mutating"] {
            let configuration = configuration(kind, port, &authority);
            plane.kubectl().apply(&configuration.to_string());
        }
        Self { _process: process }
    }
}

/// The webhooks as the manager's own manifest states them, on loopback. It changes no Pooler.
fn configuration(kind: &str, port: u16, authority: &[u8]) -> Value {
    let verb = if kind == "Validating" { "validate" } else { "mutate" };
    let kinds = KINDS.into_iter().filter(|(kind, _)| verb == "validate" || *kind != "pooler");
    let webhook = |(kind, resource): (&str, &str)| {
        let url = format!("https://127.0.0.1:{port}/{verb}-postgresql-cnpg-io-v1-{kind}");
        json!({
            "name": format!("{verb}{kind}.cnpg.io"),
            "admissionReviewVersions": ["v1"],
            "sideEffects": "None",
            "failurePolicy": "Fail",
            "clientConfig": {"url": url, "caBundle": Base64::encode_string(authority)},
            "rules": [{
                "apiGroups": ["postgresql.cnpg.io"],
                "apiVersions": ["v1"],
                "operations": ["CREATE", "UPDATE"],
                "resources": [resource],
            }],
        })
    };
    json!({
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": format!("{kind}WebhookConfiguration"),
        "metadata": {"name": format!("cnpg-{}", kind.to_ascii_lowercase())},
        "webhooks": kinds.map(webhook).collect::<Vec<_>>(),
    })
}
