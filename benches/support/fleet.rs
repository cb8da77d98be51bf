//! A generated fleet: the same definitions for the same number of sites, everywhere and always.
//!
//! The mix is a hoster's: most sites share a server, one in fifty has its own, folders hold about
//! fifty sites each with defaults of their own, three plans, two clusters of both operator versions.

use std::fs;
use std::io;
use std::path::Path;

/// What passwords are sealed with.
const CERTIFICATE: &str = include_str!("../../sites/frankfurt/_sealing/2026-11.pem");

/// How many sites share a folder, a namespace, a bench and a server.
const FOLDER: usize = 50;

/// Writes a project with this many sites to an empty folder.
pub(crate) fn write(root: &Path, sites: usize) -> io::Result<()> {
    put(root, "sites/small.yaml", "kind: Plan\ndatabase:\n  maxUserConnections: 20\n")?;
    put(root, "sites/large.yaml", "kind: Plan\ndatabase:\n  maxUserConnections: 200\n")?;
    for (cluster, frappe, mariadb, engine) in
        [("frankfurt", "2.6", "26.6", "flux"), ("mumbai", "2.3", "25.10", "argocd")]
    {
        let text = format!(
            "kind: Cluster\noperators:\n  frappe: \"{frappe}\"\n  mariadb: \"{mariadb}\"\n\
             gitops:\n  engine: {engine}\ningress:\n  className: nginx\ntls:\n  enabled: true\n  \
             issuer: letsencrypt\nsecrets:\n  mode: sealed\n"
        );
        put(root, &format!("sites/{cluster}/_sealing/2026-11.pem"), CERTIFICATE)?;
        put(root, &format!("sites/{cluster}/_cluster.yaml"), &text)?;
    }
    let mut number = 0;
    for written in 0..sites {
        let folder = written / FOLDER;
        let cluster = if folder % 4 == 3 { "mumbai" } else { "frankfurt" };
        let path = format!("sites/{cluster}/tenants-{folder:04}");
        if written % FOLDER == 0 {
            group(root, &path, folder)?;
        }
        // frappe-operator 2.3 cannot name every site: those numbers are left out.
        while cluster == "mumbai"
            && fnv(&format!("tenants-{folder:04}/site-{number:06}")) >> 28 == 0
        {
            number += 1;
        }
        put(root, &format!("{path}/site-{number:06}.yaml"), &site(number))?;
        number += 1;
    }
    Ok(())
}

/// A folder's namespace with its defaults, server and bench.
fn group(root: &Path, path: &str, folder: usize) -> io::Result<()> {
    let defaults = format!(
        "kind: Defaults\nsite:\n  namespace: tenants-{folder:04}\n  bench: erpnext-v16\n  apps: [erpnext]\n  \
         database:\n    server: mariadb\ndatabaseServer:\n  namespace: tenants-{folder:04}\nbench:\n  \
         namespace: tenants-{folder:04}\n"
    );
    put(root, &format!("{path}/_defaults.yaml"), &defaults)?;
    let server = "kind: DatabaseServer\nstorageSize: 200Gi\nmaxSites: 200\nmyCnf:\n  \
                  innodb_buffer_pool_size: 8G\nresources:\n  requests:\n    memory: 12Gi\n";
    put(root, &format!("{path}/mariadb.yaml"), server)?;
    let bench = "kind: Bench\nfrappeVersion: version-16\napps:\n  - name: erpnext\n    \
                 source: image\n";
    put(root, &format!("{path}/erpnext-v16.yaml"), bench)
}

fn site(number: usize) -> String {
    let mut text = format!("kind: Site\nsiteName: erp.customer-{number:06}.example.com\n");
    match number % 10 {
        0 => text += "plan: large\n",
        1..=3 => text += "plan: small\n",
        _ => {}
    }
    if number % 50 == 7 {
        text += "database:\n  mode: dedicated\n  storageSize: 100Gi\n  resources:\n    requests:\n      \
                 cpu: \"1\"\n      memory: 4Gi\n";
    }
    if number % 20 == 3 {
        text += "annotations:\n  example.com/contract: \"gold\"\n";
    }
    text
}

fn put(root: &Path, path: &str, text: &str) -> io::Result<()> {
    let path = root.join(path);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text)
}

/// FNV-1a, 32 bits: the hash whose short forms frappe-operator 2.3 panics at.
fn fnv(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}
