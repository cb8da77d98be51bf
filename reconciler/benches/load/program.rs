//! The reconciler's program, as it is built for use.

use crate::Result;
use cluster::{ControlPlane, Process, free_port};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};

/// How often it is asked how far it is.
const PAUSE: Duration = Duration::from_millis(50);

/// A running reconciler.
pub(crate) struct Reconciler {
    process: Process,
    port: u16,
    start: Instant,
}

impl Reconciler {
    pub(crate) fn start(plane: &ControlPlane, resync: Duration) -> Self {
        let port = free_port();
        let folder = plane.workplace().folder(&format!("reconciler-{port}"));
        let program = Path::new(env!("CARGO_BIN_EXE_sitewright-reconciler"));
        let start = Instant::now();
        let process = Process::start("sitewright-reconciler", program, &folder, |command| {
            command.arg("--listen").arg(format!("127.0.0.1:{port}"));
            command.arg("--resync").arg(format!("{}s", resync.as_secs()));
            command.env("KUBECONFIG", plane.kubectl().kubeconfig());
        });
        Self { process, port, start }
    }

    fn get(&self, path: &str) -> Result<(bool, String)> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        // The older protocol has no chunks: the answer ends where the connection does.
        write!(stream, "GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok((answer.split(' ').nth(1) == Some("200"), answer))
    }

    /// A number of its metrics.
    fn metric(&self, series: &str) -> Result<usize> {
        let (_, text) = self.get("/metrics")?;
        let mut lines = text.lines().filter_map(|line| line.rsplit_once(' '));
        let value = lines.find(|(name, _)| *name == series).map(|(_, value)| value.parse());
        Ok(value.ok_or_else(|| format!("there is no {series}"))??)
    }

    /// How many statuses the API server has taken from it.
    pub(crate) fn patches(&self) -> Result<usize> {
        self.metric("sitewright_patches_total{result=\"ok\"}")
    }

    /// The time from its start until it has written so many statuses, and none is left to write.
    pub(crate) async fn wait_for_patches(
        &mut self,
        count: usize,
        patience: Duration,
    ) -> Result<Duration> {
        let is_done = |this: &Self| {
            Ok(this.patches()? >= count && this.metric("sitewright_queue_length")? == 0)
        };
        self.wait(patience, is_done).await
    }

    /// The time from its start until every watch has listed.
    pub(crate) async fn wait_until_ready(&mut self, patience: Duration) -> Result<Duration> {
        self.wait(patience, |this| Ok(this.get("/readyz")?.0)).await
    }

    async fn wait(
        &mut self,
        patience: Duration,
        is_done: impl Fn(&Self) -> Result<bool>,
    ) -> Result<Duration> {
        // It does not listen from its first moment on.
        while !is_done(self).unwrap_or(false) {
            if let Some(end) = self.process.ended() {
                return Err(end.into());
            }
            if self.start.elapsed() > patience {
                return Err("it takes too long".into());
            }
            tokio::time::sleep(PAUSE).await;
        }
        Ok(self.start.elapsed())
    }

    /// The processor time that it has taken.
    pub(crate) fn processor_time(&self) -> Duration {
        self.process.processor_time().unwrap_or_default()
    }

    /// The memory that it holds, and the most that it has held, in KiB.
    pub(crate) fn memory(&self) -> (Option<u64>, Option<u64>) {
        (self.process.memory(), self.process.peak_memory())
    }

    pub(crate) fn end(mut self) {
        self.process.end();
    }
}
