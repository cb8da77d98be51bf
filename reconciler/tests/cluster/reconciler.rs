//! The reconciler's program as a process.

use crate::metrics::Metrics;
use crate::stage::LIMIT;
use cluster::{ControlPlane, Process, eventually, free_port};
use serde_json::Value;
use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::ExitStatus;
use std::time::Duration;

/// How long the program may take to end.
const DRAIN: Duration = Duration::from_secs(5);

/// A running reconciler, until it is dropped: that kills it.
pub(crate) struct Reconciler {
    process: Process,
    port: u16,
}

impl Reconciler {
    /// Starts it as the administrator of the cluster, for the SiteDatabases of one namespace.
    pub(crate) fn start(plane: &ControlPlane, namespace: &str, arguments: &[&str]) -> Self {
        let namespaces = ["--namespaces", namespace];
        Self::start_as(plane, plane.kubectl().kubeconfig(), &[&namespaces, arguments].concat())
    }

    /// Starts it with a kubeconfig.
    pub(crate) fn start_as(plane: &ControlPlane, kubeconfig: &Path, arguments: &[&str]) -> Self {
        let port = free_port();
        let folder = plane.workplace().folder(&format!("reconciler-{port}"));
        let program = Path::new(env!("CARGO_BIN_EXE_sitewright-reconciler"));
        let process = Process::start("sitewright-reconciler", program, &folder, |command| {
            command.arg("--listen").arg(format!("127.0.0.1:{port}"));
            command.args(["--log-format", "json"]).args(arguments);
            command.env("KUBECONFIG", kubeconfig);
        });
        Self { process, port }
    }

    /// Waits until every watch has listed once.
    pub(crate) fn wait_until_ready(&mut self) {
        eventually("the reconciler is ready", LIMIT, || {
            if let Some(end) = self.process.ended() {
                panic!("{end}");
            }
            match self.get("/readyz") {
                Ok((200, _)) => Ok(()),
                other => Err(other),
            }
        });
    }

    /// The status and the body of what it serves at a path.
    pub(crate) fn get(&self, path: &str) -> io::Result<(u16, String)> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        // The older protocol has no chunks: the answer ends where the connection does.
        write!(stream, "GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head.split_whitespace().nth(1).and_then(|status| status.parse().ok());
        Ok((status.ok_or_else(|| io::Error::other(head.to_owned()))?, body.to_owned()))
    }

    pub(crate) fn metrics(&self) -> Metrics {
        let (status, text) = self.get("/metrics").unwrap();
        assert_eq!(status, 200, "{text}");
        Metrics::read(&text)
    }

    /// The lines of its log. The test fails if one is no JSON.
    pub(crate) fn log(&self) -> Vec<Value> {
        let log = self.process.log();
        // The last may be half written.
        let whole = log.rfind('\n').map_or("", |end| &log[..end]);
        let line = |line| serde_json::from_str(line).unwrap_or_else(|why| panic!("{why}: {line}"));
        whole.lines().map(line).collect()
    }

    /// Kills it, so that it can finish nothing.
    pub(crate) fn kill(mut self) {
        self.process.end();
    }

    /// Asks it to end, as a kubelet does, and returns how it ended. The test fails if that takes longer than it
    /// may.
    pub(crate) fn terminate(mut self) -> ExitStatus {
        self.process.terminate(DRAIN).0
    }
}
