//! `cargo bench --bench cluster -- [apply SITES] [flux SITES] [flux-tuned SITES] …`: what a cluster sees of a fleet. It needs the
//! programs that `tests/cluster/build` builds, in the folder that `SITEWRIGHT_CLUSTER` names, and the CRDs of
//! the operators in the folder that `SITEWRIGHT_CRDS_BY_VERSION` names.
//!
//! `apply` applies the objects of so many sites with kubectl to an API server with an etcd, all on this machine,
//! and applies them again. `flux` has Flux deliver them from a commit, with the rendered pack, the real
//! sealed-secrets controller, and a test double of the operators that writes the statuses of success at once:
//! what is left is what API server, Flux and sealed-secrets take. `flux` leaves the kustomize-controller its
//! defaults, and `flux-tuned` lets it ask the API server more often.

#[path = "support/fleet.rs"]
mod fleet;

use cluster::{
    ControlPlane, Flux, GitServer, Operators, Programs, Repository, SealedSecrets, eventually,
};
use std::error::Error;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The generated fleet has a second cluster, which gets a quarter of the sites. It is left out.
const CLUSTER: &str = "frankfurt";
const CRDS: [&str; 2] = ["mariadb-operator/26.6.0", "frappe-operator/2.6.4"];
/// How many kubectls apply side by side.
const APPLIERS: usize = 4;
/// The private key for the certificate of the generated fleet.
const KEY: &str = include_str!("../tests/keys/public-and-worthless.frankfurt.key.pem");
const CERTIFICATE: &str = include_str!("../sites/frankfurt/_sealing/2026-11.pem");
/// With the controller's default of 5 requests a second two Secrets a second are opened.
const OPENS_QUICKLY: [&str; 2] = ["--kubeclient-qps=200", "--kubeclient-burst=400"];
/// The kustomize-controller's default is 50 requests a second, and it applies every object on each commit.
const ASKS_OFTEN: [&str; 2] = ["--kube-api-qps=500", "--kube-api-burst=1000"];
const PATIENCE: Duration = Duration::from_secs(3_600);

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    // Cargo itself adds options, such as `--bench`.
    let words: Vec<String> =
        std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let [programs, crds] = ["SITEWRIGHT_CLUSTER", "SITEWRIGHT_CRDS_BY_VERSION"].map(folder);
    let (programs, crds) = (Programs::of(&programs?), crds?);
    if words.is_empty() || words.len() % 2 == 1 {
        return Err("write: cargo bench --bench cluster -- apply 10,000 flux 1,000".into());
    }
    for pair in words.chunks(2) {
        let sites: usize = pair[1].replace(',', "").parse()?;
        match pair[0].as_str() {
            "apply" => apply(&programs, &crds, sites)?,
            "flux" => deliver(&programs, &crds, sites, &[])?,
            "flux-tuned" => deliver(&programs, &crds, sites, &ASKS_OFTEN)?,
            other => {
                return Err(format!("what is {other}? There are apply, flux and flux-tuned").into());
            }
        }
    }
    Ok(())
}

fn folder(variable: &str) -> Result<PathBuf> {
    let folder = std::env::var_os(variable).map(PathBuf::from).filter(|folder| folder.is_dir());
    folder.ok_or_else(|| format!("{variable} names no folder").into())
}

/// Writes a fleet of this many sites in one cluster, and renders it.
fn render(root: &Path, sites: usize) -> Result<()> {
    // Every fourth folder of fifty sites is the other cluster's.
    let folders = sites.div_ceil(50);
    fleet::write(root, (folders + folders / 3) * 50)?;
    let text = root.join("sites").join(CLUSTER).join("_cluster.yaml");
    let with_source = fs::read_to_string(&text)?.replace(
        "gitops:\n  engine: flux\n",
        "gitops:\n  engine: flux\n  repository: https://git.example.com/fleet\n",
    );
    fs::write(&text, with_source)?;
    fs::remove_dir_all(root.join("sites/mumbai"))?;
    for extra in site_files(root)?.iter().skip(sites) {
        fs::remove_file(extra)?;
    }
    sitewright(root, &["-q", "render"])?;
    sitewright(root, &["-q", "gitops"])?;
    Ok(())
}

/// The definitions of sites, as the generated fleet names them.
fn site_files(root: &Path) -> Result<Vec<PathBuf>> {
    let mut files = files_below(root.join("sites").join(CLUSTER))?;
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    files.retain(|path| name(path).is_some_and(|name| name.starts_with("site-")));
    Ok(files)
}

/// All files of the cluster's manifests.
fn manifests(root: &Path) -> Result<Vec<PathBuf>> {
    files_below(root.join("rendered").join(CLUSTER))
}

fn files_below(folder: PathBuf) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    Ok(files)
}

fn install(plane: &ControlPlane, crds: &Path) {
    for folder in CRDS {
        plane.install(&crds.join(folder));
    }
    plane.install(&plane.programs().crds("sealed-secrets"));
}

fn mebibytes(kibibytes: Option<u64>) -> String {
    kibibytes.map_or_else(|| "unknown".to_owned(), |kib| format!("{} MiB", kib / 1024))
}

fn apply(programs: &Programs, crds: &Path, sites: usize) -> Result<()> {
    let folder = tempfile::tempdir()?;
    render(folder.path(), sites)?;
    let files = manifests(folder.path())?;
    let plane = ControlPlane::start_without_audit(programs);
    install(&plane, crds);
    apply_namespaces(&plane, folder.path())?;
    let empty = plane.etcd_size();
    say(&format!(
        "apply: {sites} sites, {} objects, {APPLIERS} kubectls side by side",
        files.len()
    ));
    for what in ["applied to an empty cluster", "applied again, nothing changed"] {
        let start = Instant::now();
        std::thread::scope(|scope| {
            for part in files.chunks(files.len().div_ceil(APPLIERS)) {
                scope.spawn(|| apply_files(&plane, part));
            }
        });
        let seconds = start.elapsed().as_secs_f64();
        say(&format!(
            "  {what}: {seconds:.1} s, {:.0} objects a second",
            files.len() as f64 / seconds
        ));
    }
    say(&format!("  etcd: {} MiB more on disk", (plane.etcd_size() - empty) / (1024 * 1024)));
    say(&format!(
        "  peak memory: API server {}, etcd {}",
        mebibytes(plane.api_server().peak_memory()),
        mebibytes(plane.etcd().peak_memory())
    ));
    Ok(())
}

fn apply_files(plane: &ControlPlane, files: &[PathBuf]) {
    // So many that a start of kubectl does not count, so few that its memory does not.
    for some in files.chunks(2_000) {
        let texts = some.iter().map(|file| fs::read_to_string(file).expect("a manifest"));
        let stream: Vec<String> = texts.collect();
        plane.kubectl().apply(&stream.join("---\n"));
    }
}

/// Applies the Namespaces of the pack, or all of it with the repository's real URL.
fn pack(root: &Path, is_wanted: impl Fn(&str) -> bool, url: &str) -> Result<String> {
    let mut stream = String::new();
    for entry in fs::read_dir(root.join("gitops").join(CLUSTER))? {
        let text = fs::read_to_string(entry?.path())?;
        if is_wanted(&text) {
            stream += &format!("---\n{}", text.replace("https://git.example.com/fleet", url));
        }
    }
    Ok(stream)
}

fn apply_namespaces(plane: &ControlPlane, root: &Path) -> Result<()> {
    let namespaces = pack(root, |text| text.contains("kind: Namespace\n"), "")?;
    plane.kubectl().apply(&namespaces);
    Ok(())
}

fn deliver(programs: &Programs, crds: &Path, sites: usize, arguments: &[&str]) -> Result<()> {
    let plane = ControlPlane::start_without_audit(programs);
    install(&plane, crds);
    let repository = Repository::new(plane.workplace());
    render(repository.path(), sites)?;
    let server = GitServer::start(programs, plane.workplace());
    let flux = Flux::start(&plane, arguments);
    let _sealed = SealedSecrets::start(&plane, &[(KEY, CERTIFICATE)], &OPENS_QUICKLY);
    let _operators = Operators::start(&plane, "2.6");
    let objects = manifests(repository.path())?.len();
    say(&format!("flux: {sites} sites, {objects} objects, its defaults {}", arguments.join(" ")));

    let first = repository.commit("The fleet");
    plane.kubectl().apply(&pack(repository.path(), |_| true, &server.url())?);
    ready(&flux, &first, "from the first commit until everything is Ready");

    let plan = repository.path().join("sites/small.yaml");
    fs::write(&plan, "kind: Plan\ndatabase:\n  maxUserConnections: 21\n")?;
    sitewright(repository.path(), &["-q", "render"])?;
    let second = repository.commit("Three sites of ten get one connection more");
    flux.hurry("gitrepository", CLUSTER);
    ready(&flux, &second, "from a commit that changes three sites of ten until it is Ready");
    say(&format!(
        "  peak memory: kustomize-controller {}, source-controller {}, API server {}",
        mebibytes(flux.kustomize_controller().peak_memory()),
        mebibytes(flux.source_controller().peak_memory()),
        mebibytes(plane.api_server().peak_memory())
    ));
    Ok(())
}

fn ready(flux: &Flux, commit: &str, what: &str) {
    let start = Instant::now();
    for layer in ["data", "sites"] {
        let name = format!("{CLUSTER}-{layer}");
        eventually("the layer is Ready", PATIENCE, || {
            let (is_ready, message) = flux.judged(&name).unwrap_or_default();
            let is_done = is_ready && flux.is_applied(&name, commit);
            if is_done { Ok(()) } else { Err(message) }
        });
        say(&format!("  {what}, {layer}: {:.1} s", start.elapsed().as_secs_f64()));
    }
}

fn sitewright(root: &Path, arguments: &[&str]) -> Result<()> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sitewright"));
    let status = command.arg("-C").arg(root).args(arguments).stdout(Stdio::null()).status()?;
    let answer = format!("sitewright {}: {status}", arguments.join(" "));
    if status.success() { Ok(()) } else { Err(answer.into()) }
}

fn say(text: &str) {
    // Nobody may be reading.
    let _ = writeln!(std::io::stdout(), "{text}");
}
