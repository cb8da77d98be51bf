//! `cargo bench -p sitewright-reconciler --bench load -- [SITES]`: what the reconciler takes for a fleet on a real
//! API server. It needs the programs that `tests/cluster/build` builds, in the folder that `SITEWRIGHT_CLUSTER`
//! names, and the CRDs of the operators in the folder that `SITEWRIGHT_CRDS_BY_VERSION` names.
//!
//! etcd, the API server, the reconciler and this program share one machine. So the times are those of a machine that
//! does much more than a reconciler has to.

mod changes;
mod fleet;
mod program;

use cluster::{ControlPlane, Programs};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use program::Reconciler;
use std::error::Error;
use std::io::Write as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

const SITES: usize = 10_000;
const CHANGES: usize = 500;
/// Between two resyncs. A status waits for the API server for less: one that waits for longer is sent again.
const RESYNC: Duration = Duration::from_secs(15);
const PATIENCE: Duration = Duration::from_secs(600);

fn main() -> Result<()> {
    // Cargo itself adds options, such as `--bench`.
    let mut words = std::env::args().skip(1).filter(|word| !word.starts_with("--"));
    let sites = words.next().map_or(Ok(SITES), |word| word.replace(['_', ','], "").parse())?;
    let [programs, crds] = ["SITEWRIGHT_CLUSTER", "SITEWRIGHT_CRDS_BY_VERSION"].map(folder);
    let (plane, crds) = (ControlPlane::start_without_audit(&Programs::of(&programs?)), crds?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(measure(&plane, &crds, sites))
}

fn folder(variable: &str) -> Result<PathBuf> {
    let folder = std::env::var_os(variable).map(PathBuf::from).filter(|folder| folder.is_dir());
    folder.ok_or_else(|| format!("{variable} names no folder").into())
}

/// One line of the report.
fn say(what: &str, value: &str, limit: &str) -> Result<()> {
    let mut out = std::io::stdout();
    writeln!(out, "{what:<44} {value:>12}   {limit}")?;
    Ok(out.flush()?)
}

async fn measure(plane: &ControlPlane, crds: &std::path::Path, sites: usize) -> Result<()> {
    let kubeconfig = Kubeconfig::read_from(plane.kubectl().kubeconfig())?;
    let config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await?;
    let client = Client::try_from(config)?;
    let start = Instant::now();
    let objects = fleet::make(plane, &client, crds, sites).await?;
    let took = start.elapsed();
    say("sites", &sites.to_string(), "")?;
    say("other objects", &objects.to_string(), &format!("made in {:.0} s", took.as_secs_f64()))?;

    let before = plane.api_server().processor_time().unwrap_or_default();
    let mut reconciler = Reconciler::start(plane, RESYNC);
    let took = reconciler.wait_for_patches(sites, PATIENCE).await?;
    say("first start: every status written", &seconds(took), "limit 30 s")?;
    let api_server = plane.api_server().processor_time().unwrap_or_default() - before;
    say(
        "  processor time",
        &seconds(reconciler.processor_time()),
        &format!("the API server: {}", seconds(api_server)),
    )?;
    let limit = 40.0 + sites as f64 * 4.0 / 1024.0;
    memory(&reconciler, &format!("limit {limit:.0} MiB"))?;

    // Three resyncs, and the time that writes would take.
    tokio::time::sleep(3 * RESYNC + Duration::from_secs(2)).await;
    let patches = reconciler.patches()? - sites;
    say("more patches over 3 resyncs", &patches.to_string(), "limit 0")?;
    memory(&reconciler, "after them")?;

    let before = reconciler.patches()?;
    let count = CHANGES.min(sites);
    let times = changes::run(&client, sites, count).await?;
    let patches = reconciler.patches()? - before;
    say("changes of a status", &count.to_string(), "one in 20 ms")?;
    say("patches for them", &patches.to_string(), &format!("limit {count}"))?;
    for (name, part, limit) in
        [("median", 0.5, ""), ("p99", 0.99, "limit 1 s"), ("longest", 1.0, "")]
    {
        let index = ((times.len() as f64 * part).ceil() as usize).clamp(1, times.len()) - 1;
        say(&format!("from change to patch, {name}"), &seconds(times[index]), limit)?;
    }
    memory(&reconciler, "after them")?;
    reconciler.end();

    let mut reconciler = Reconciler::start(plane, RESYNC);
    let took = reconciler.wait_until_ready(PATIENCE).await?;
    say("next start: every watch has listed", &seconds(took), "limit 30 s")?;
    say("  processor time", &seconds(reconciler.processor_time()), "")?;
    tokio::time::sleep(RESYNC).await;
    say("patches after it", &reconciler.patches()?.to_string(), "limit 0")?;
    memory(&reconciler, "")
}

fn seconds(time: Duration) -> String {
    format!("{:.3} s", time.as_secs_f64())
}

fn memory(reconciler: &Reconciler, note: &str) -> Result<()> {
    let mib = |kib: Option<u64>| format!("{:.1} MiB", kib.unwrap_or(0) as f64 / 1024.0);
    let (now, most) = reconciler.memory();
    say("  memory", &mib(now), &format!("at most {} so far; {note}", mib(most)))
}
