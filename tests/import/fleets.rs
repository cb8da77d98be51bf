//! Generated fleets with everything that a definition can state of a site, a server and a bench.

use proptest::prelude::*;
use std::fs;
use std::path::Path;

/// The name of the cluster of every generated fleet.
pub(crate) const CLUSTER: &str = "production";

/// A fleet: the files of a project.
#[derive(Clone, Debug)]
pub(crate) struct Fleet {
    files: Vec<(String, String)>,
}

impl Fleet {
    /// Writes the project to a folder.
    pub(crate) fn write(&self, root: &Path) {
        for (path, text) in &self.files {
            let path = root.join("sites").join(CLUSTER).join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }
}

/// One of several texts, or none.
fn one(texts: &'static [&'static str]) -> impl Strategy<Value = &'static str> + Clone {
    prop::sample::select([&[""], texts].concat())
}

/// A definition: its kind, and lines of which each may be absent.
fn definition(
    kind: &'static str,
    required: &'static str,
    optional: Vec<&'static [&'static str]>,
) -> impl Strategy<Value = String> {
    let lines: Vec<_> = optional.into_iter().map(one).collect();
    lines.prop_map(move |lines| format!("kind: {kind}\n{required}{}", lines.concat()))
}

fn server() -> impl Strategy<Value = String> {
    definition(
        "DatabaseServer",
        "storageSize: 40Gi\n",
        vec![
            &["storageClassName: fast\n"],
            &["version: \"11.8\"\n", "image: registry.example/mariadb:10.11\n"],
            &["maxSites: 50\n"],
            &["maxConnections: 900\n"],
            &["myCnf:\n  innodb_buffer_pool_size: 2G\n  slow_query_log: true\n"],
            &["resources: {requests: {cpu: 500m, memory: 2Gi}, limits: {memory: 2Gi}}\n"],
            &[
                "metrics: {enabled: true}\n",
                "metrics: {enabled: true, serviceMonitor: {interval: 30s}}\n",
            ],
            &["podDisruptionBudget: {maxUnavailable: 1}\n"],
            &[
                "backup: {schedule: \"0 2 * * *\", storage: {persistentVolumeClaim: {size: 20Gi}}}\n",
                S3,
            ],
            &["labels: {team: core}\n"],
            &["protect: false\n"],
        ],
    )
}

/// A server that no site uses: frappe-operator reaches no replicated one by itself.
fn replicated() -> impl Strategy<Value = String> {
    definition(
        "DatabaseServer",
        "storageSize: 20Gi\n",
        vec![
            &["topology: replication\n", "topology: galera\n", "topology: galera\nreplicas: 5\n"],
            &["metrics: {enabled: true}\n"],
        ],
    )
}

fn outside() -> impl Strategy<Value = String> {
    definition(
        "DatabaseServer",
        "external:\n  host: db.example.com\n  tls: {enabled: false}\n",
        vec![&["  username: admin\n"], &["labels: {team: core}\n"]],
    )
}

const S3: &str = "backup:\n  kind: logical\n  schedule: \"@daily\"\n  maxRetention: 240h\n  compression: bzip2\n  storage:\n    \
                  s3: {bucket: nightly, endpoint: s3.example.com, region: eu-1, prefix: nightly, credentials: {name: store}}\n";

fn bench() -> impl Strategy<Value = String> {
    definition(
        "Bench",
        "frappeVersion: version-16\napps: [{name: erpnext, source: image}]\n",
        vec![
            &["image: {repository: registry.example/erpnext, tag: v16.1.0}\n"],
            &["componentReplicas: {gunicorn: 2, nginx: 2}\n"],
            &["componentResources: {gunicorn: {requests: {cpu: 200m, memory: 512Mi}}}\n"],
            &["redis: {maxMemory: 1Gi}\n"],
            &[
                "workerAutoscaling: {default: {maxReplicas: 4}, short: {enabled: false, staticReplicas: 2}}\n",
            ],
            &["domain: {suffix: .example.com}\n"],
            &["git: {enabled: true}\n"],
            &["annotations: {example.com/owner: core}\n"],
        ],
    )
}

fn site() -> impl Strategy<Value = String> {
    definition(
        "Site",
        "bench: bench\n",
        vec![
            &["domain: shop-N.example.org\n"],
            &["namespace: retail\n"],
            &["apps: [erpnext]\n"],
            &[
                SHARED,
                "database: {server: erp/db, maxUserConnections: 7}\n",
                "database: {server: erp/db}\nbackup: {schedule: \"@daily\", storage: {persistentVolumeClaim: {size: 5Gi}}}\n",
                "database: {mode: external, server: erp/outside}\n",
                "database: {mode: dedicated, storageSize: 30Gi, resources: {requests: {memory: 1Gi}}}\n",
                "database: {mode: dedicated, storageClassName: fast, version: \"10.11\", myCnf: {sync_binlog: 0}}\n",
                "database: {mode: dedicated, metrics: {enabled: true}, maxUserConnections: 0}\n",
                "database: {mode: external, connection: {secretName: theirs-N, host: db.example.com}}\n",
            ],
            &[
                "ingress: {enabled: false}\n",
                "ingress: {className: nginx, annotations: {nginx.ingress.kubernetes.io/proxy-body-size: 50m}}\n",
            ],
            &[
                "tls: {enabled: true, issuer: letsencrypt}\n",
                "tls: {enabled: true, secretName: wildcard}\n",
            ],
            &["admin: {secretRef: {name: admins}}\n"],
            &["labels: {tier: gold}\nannotations: {example.com/contract: \"2024\"}\n"],
            &["lifecycle: retired\n", "lifecycle: retired\ndata: delete\n"],
            &["protect: false\n"],
        ],
    )
}

const RETAIL: &str = "kind: Bench\nnamespace: retail\nfrappeVersion: version-16\napps: [{name: erpnext, source: image}]\n";
const SHARED: &str = "database: {server: erp/db}\n";

/// A fleet of one cluster with two namespaces.
pub(crate) fn fleet() -> impl Strategy<Value = Fleet> {
    let operators = prop_oneof![
        Just(("2.3", "25.10")),
        Just(("2.5", "25.10")),
        Just(("2.6", "26.6")),
        Just(("5.2", "26.6")),
    ];
    let engine = prop::sample::select(vec!["flux", "argocd", "none"]);
    let secrets = prop::sample::select(vec![
        "",
        "secrets: {mode: external, external: {store: {name: vault}, prefix: fleet/}}\n",
    ]);
    let status = prop::sample::select(vec!["", "status: true\n"]);
    let sites = prop::collection::vec(site(), 1..6);
    let servers = (server(), replicated(), outside());
    (operators, engine, secrets, status, servers, bench(), sites).prop_map(
        |((frappe, mariadb), engine, secrets, status, (server, replicated, outside), bench, sites)| {
            let cluster = format!(
                "kind: Cluster\noperators: {{frappe: \"{frappe}\", mariadb: \"{mariadb}\"}}\nnamespace: erp\n\
                 gitops: {{engine: {engine}}}\n{secrets}{status}"
            );
            let mut files = vec![
                ("_cluster.yaml".to_owned(), cluster),
                ("db.yaml".to_owned(), server),
                ("replicated.yaml".to_owned(), replicated),
                ("outside.yaml".to_owned(), outside),
                ("bench.yaml".to_owned(), of_version(bench, frappe)),
                ("retail/bench.yaml".to_owned(), of_version(RETAIL.to_owned(), frappe)),
            ];
            for (number, site) in sites.into_iter().enumerate() {
                let mut text = format!("{site}siteName: erp{number}.example.com\n");
                if !text.contains("database:") {
                    text += SHARED;
                }
                if text.contains("backup:") {
                    // A backup logs in with a Secret of its own namespace.
                    text = text.replace("namespace: retail\n", "");
                }
                if ["2.3", "2.6"].contains(&frappe) && text.contains("connection:") {
                    let lines = text.lines().filter(|line| !line.starts_with("database:"));
                    text = lines.map(|line| format!("{line}\n")).collect::<String>() + SHARED;
                }
                if frappe == "5.2" {
                    // It serves a site only under its siteName.
                    text = text.replace("domain: shop-N.example.org\n", "");
                }
                let text = text.replace("-N", &format!("-{number}"));
                // A file that stands apart from its name.
                let (path, text) = match number {
                    0 => ("first/old.yaml".to_owned(), format!("{text}name: site-0\n")),
                    number => (format!("site-{number}.yaml"), text),
                };
                files.push((path, text));
            }
            Fleet { files }
        },
    )
}

/// The bench with what its operator needs and without what it does not know.
fn of_version(bench: String, frappe: &str) -> String {
    let group = "security: {podSecurityContext: {fsGroup: 1000}}\n";
    match frappe {
        "2.6" => bench + group,
        "5.2" => {
            let lines = bench.lines().filter(|line| !line.starts_with("workerAutoscaling"));
            lines.map(|line| format!("{line}\n")).collect::<String>() + group
        }
        _ => bench,
    }
}

/// A fleet on PostgreSQL, which only one version of frappe-operator serves.
pub(crate) fn postgres_fleet() -> impl Strategy<Value = Fleet> {
    let server = definition(
        "DatabaseServer",
        "provider: postgres\nstorageSize: 40Gi\n",
        vec![
            &["instances: 3\n"],
            &["storageClassName: fast\n"],
            &["version: \"17.6\"\n", "image: registry.example/postgresql:18.4\n"],
            &["maxConnections: 900\n"],
            &["settings: {shared_buffers: 2GB, work_mem: 16MB}\n"],
            &["resources: {requests: {cpu: 500m, memory: 2Gi}, limits: {memory: 2Gi}}\n"],
            &["pooler: {}\n", "pooler: {instances: 2, settings: {query_timeout: \"60\"}}\n"],
            &[
                "metrics: {enabled: true}\n",
                "metrics: {enabled: true, podMonitor: {interval: 30s}}\n",
            ],
            &[
                "backup: {schedule: \"0 2 * * *\", maxRetention: 240h, storage: {s3: {bucket: nightly, endpoint: s3.example.com, credentials: {name: store}}}}\n",
            ],
            &["protect: false\n"],
            &["lifecycle: retired\n", "lifecycle: retired\ndata: delete\n"],
        ],
    );
    let site = definition(
        "Site",
        "bench: bench\n",
        vec![
            &[
                "database: {provider: postgres, server: databases/db, maxUserConnections: 7}\n",
                "database: {provider: postgres, mode: dedicated, storageSize: 30Gi, instances: 2}\n",
                "database: {provider: postgres, mode: dedicated, settings: {work_mem: 8MB}, metrics: {enabled: true}}\n",
                "database: {provider: postgres, mode: external, connection: {secretName: theirs-N, host: db.example.com}}\n",
            ],
            &["labels: {tier: gold}\n"],
            &["lifecycle: retired\n", "lifecycle: retired\ndata: delete\n"],
            &["protect: false\n"],
        ],
    );
    let engine = prop::sample::select(vec!["flux", "argocd", "none"]);
    let servers = (server, prop::collection::vec(site, 1..5));
    (engine, servers).prop_map(|(engine, (server, sites))| {
        let cluster = format!(
            "kind: Cluster\noperators: {{frappe: \"5.2\", cloudnativePg: \"1.30\"}}\nnamespace: erp\n\
             gitops: {{engine: {engine}}}\nsecrets: {{mode: external, external: {{store: {{name: vault}}}}}}\n"
        );
        let bench = RETAIL.replace("namespace: retail\n", "");
        let mut files = vec![
            ("_cluster.yaml".to_owned(), cluster),
            ("db.yaml".to_owned(), format!("{server}namespace: databases\n")),
            ("bench.yaml".to_owned(), of_version(bench, "5.2").replace("erpnext", "crm")),
        ];
        for (number, site) in sites.into_iter().enumerate() {
            let mut text = format!("{site}siteName: erp{number}.example.com\napps: [crm]\n");
            if !text.contains("database:") {
                text += "database: {provider: postgres, server: databases/db}\n";
            }
            files.push((format!("site-{number}.yaml"), text.replace("-N", &format!("-{number}"))));
        }
        Fleet { files }
    })
}
