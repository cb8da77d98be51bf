//! Values that `--accept` writes in another form than the object has, and values that it removes. Each case is proven
//! from outside: after a render, the object no longer differs.

use super::support::Project;
use serde_json::{Value, json};

/// Changes fields of an object in the cluster, accepts them, and returns the definition. Each field is the keys as a
/// JSON pointer. `null` removes it.
#[track_caller]
fn accepted(
    project: &Project,
    (kind, namespace, name): (&str, &str, &str),
    fields: &[(&str, Value)],
    file: &str,
) -> String {
    let mut cluster = project.applied();
    for (pointer, value) in fields {
        let (above, key) = pointer.rsplit_once('/').unwrap();
        let above = cluster.object(kind, name).pointer_mut(above).unwrap();
        match (above, value) {
            (Value::Object(above), Value::Null) => _ = above.remove(key).unwrap(),
            (Value::Object(above), _) => _ = above.insert(key.to_owned(), value.clone()),
            (above, _) => above[key.parse::<usize>().unwrap()] = value.clone(),
        }
    }
    let before = project.read(file);
    let accept = format!("drift - --accept {kind}/{namespace}/{name}");
    let ran = project.run_with(&accept, 0, None, &cluster.dump());
    assert!(ran.out.contains(&format!("~ {file}\n")), "{}", ran.out);
    project.run("render -q", 0);
    let report = project.json(&cluster, 0);
    assert_eq!(report["objects"], json!([]));
    let after = project.read(file);
    let comments = |text: &str| text.lines().filter(|line| line.contains('#')).count();
    assert_eq!(comments(&before), comments(&after), "{after}");
    after
}

#[track_caller]
fn has(text: &str, lines: &[&str]) {
    for line in lines {
        assert!(text.lines().any(|found| found.trim() == *line), "{line:?} is not in: {text}");
    }
}

/// An option file with other lines.
fn option_file(project: &Project, name: &str, changes: &[(&str, &str)]) -> Value {
    let mut cluster = project.applied();
    let mut file = cluster.object("MariaDB", name)["spec"]["myCnf"].as_str().unwrap().to_owned();
    for (from, to) in changes {
        assert!(file.contains(from), "{file}");
        file = file.replace(from, to);
    }
    file.into()
}

#[test]
fn the_settings_of_an_option_file_become_fields() {
    let project = Project::new();
    let file = "sites/eu/frappe-mariadb.yaml";
    project.put(
        file,
        &(project.read(file)
            + "maxConnections: 300\nmyCnf:\n  # why\n  sync_binlog: 0\n  sort_buffer_size: 4M\n"),
    );
    project.run("render -q", 0);
    let changes = [
        ("max_connections=300\n", "max_connections=400\n"),
        ("sync_binlog=0\n", "sync_binlog=1\ntmp_table_size=64M\n"),
        ("sort_buffer_size=4M\n", "slow_query_log=ON\n"),
    ];
    let live = option_file(&project, "frappe-mariadb", &changes);
    let server = ("MariaDB", "erp", "frappe-mariadb");
    let text = accepted(&project, server, &[("/spec/myCnf", live)], file);
    has(
        &text,
        &[
            "maxConnections: 400",
            "sync_binlog: 1",
            "tmp_table_size: 64M",
            "slow_query_log: true",
            "# why",
        ],
    );
    assert!(!text.contains("sort_buffer_size"), "{text}");
}

/// What the definition cannot say is left: the section of clients has no field.
#[test]
fn an_option_file_with_another_section_is_left() {
    let project = Project::new();
    let mut cluster = project.applied();
    let live = option_file(
        &project,
        "frappe-mariadb",
        &[("default_character_set=utf8mb4", "default_character_set=latin1")],
    );
    cluster.edit("MariaDB", "frappe-mariadb", "myCnf", live);
    let accept = "drift - --accept MariaDB/erp/frappe-mariadb";
    let ran = project.run_with(accept, 1, None, &cluster.dump());
    assert!(ran.out.contains("spec.myCnf: a DatabaseServer cannot state"), "{}", ran.out);
    assert!(ran.out.contains("    field: spec.myCnf\n"), "{}", ran.out);
}

#[test]
fn an_image_becomes_the_version_that_the_definition_states() {
    let project = Project::example("postgres");
    let file = "sites/production/main.yaml";
    let image = "ghcr.io/cloudnative-pg/postgresql:18.5-system-trixie";
    let fields = [
        ("/spec/imageName", json!(image)),
        ("/spec/postgresql/parameters/max_connections", json!("350")),
        ("/spec/postgresql/parameters/work_mem", json!("32MB")),
        ("/spec/resources/requests/cpu", json!("3")),
        ("/spec/resources/limits", Value::Null),
    ];
    let text = accepted(&project, ("Cluster", "databases", "main"), &fields, file);
    has(&text, &["version: \"18.5\"", "maxConnections: 350", "work_mem: 32MB", "cpu: \"3\""]);
    assert!(!text.contains("limits"), "{text}");
}

#[test]
fn the_objects_around_a_postgres_server_become_its_fields() {
    let project = Project::example("postgres");
    let file = "sites/production/main.yaml";
    let pooler = ("Pooler", "databases", "main-pooler-rw");
    let parameters = json!({"default_pool_size": "40", "max_client_conn": "1000"});
    let fields = [("/spec/pgbouncer/parameters", parameters), ("/spec/instances", json!(3))];
    let text = accepted(&project, pooler, &fields, file);
    has(&text, &["instances: 3"]);
    assert!(text.contains("default_pool_size: \"40\""), "{text}");
    let backup = ("ScheduledBackup", "databases", "main-backup");
    let text = accepted(&project, backup, &[("/spec/schedule", json!("0 30 4 * * *"))], file);
    has(&text, &["schedule: \"30 4 * * *\""]);
    let store = ("ObjectStore", "databases", "main-backup");
    let fields = [
        ("/spec/retentionPolicy", json!("14d")),
        ("/spec/configuration/endpointURL", json!("http://minio:9000")),
        ("/spec/configuration/destinationPath", json!("s3://other/weekly/production/databases")),
        ("/spec/configuration/data", Value::Null),
        ("/spec/configuration/wal", Value::Null),
    ];
    let text = accepted(&project, store, &fields, file);
    let lines = [
        "maxRetention: 336h",
        "endpoint: \"minio:9000\"",
        "tls: false",
        "bucket: other",
        "prefix: weekly",
        "compression: none",
    ];
    has(&text, &lines);
    let monitor = ("PodMonitor", "databases", "main");
    let endpoint = json!({"port": "metrics", "interval": "60s"});
    let text = accepted(&project, monitor, &[("/spec/podMetricsEndpoints/0", endpoint)], file);
    has(&text, &["interval: 60s"]);
}

#[test]
fn the_storage_of_backups_becomes_fields() {
    let project = Project::example("backups");
    let file = "sites/production/frappe-mariadb.yaml";
    let backup = ("PhysicalBackup", "erp", "frappe-mariadb-backup");
    let fields = [
        ("/spec/storage/s3/prefix", json!("weekly/production/erp/frappe-mariadb")),
        ("/spec/storage/s3/region", Value::Null),
        ("/spec/stagingStorage/persistentVolumeClaim/resources/requests/storage", json!("120Gi")),
    ];
    let text = accepted(&project, backup, &fields, file);
    has(&text, &["prefix: weekly", "size: 120Gi"]);
    assert!(!text.contains("region"), "{text}");
    let server = ("MariaDB", "erp", "frappe-mariadb");
    let fields = [("/spec/metrics/serviceMonitor/interval", json!("15s"))];
    has(&accepted(&project, server, &fields, file), &["interval: 15s"]);
}

/// A value of a plan stays in the plan: the definition of the site gets its own.
#[test]
fn a_value_of_a_plan_is_stated_by_the_site() {
    let project = Project::example("backups");
    let plan = project.read("sites/production/gold.yaml");
    let backup = ("Backup", "erp", "acme-backup");
    let fields = [("/spec/schedule/cron", json!("15 5 * * *"))];
    let text = accepted(&project, backup, &fields, "sites/production/acme.yaml");
    has(&text, &["schedule: \"15 5 * * *\""]);
    assert_eq!(project.read("sites/production/gold.yaml"), plan);
}

#[test]
fn the_address_of_an_external_server_becomes_fields() {
    let project = Project::example("external-server");
    let file = "sites/production/managed-database.yaml";
    let server = ("ExternalMariaDB", "erp", "managed-database");
    let fields = [
        ("/spec/username", json!("admin")),
        ("/spec/passwordSecretKeyRef/key", json!("root")),
        ("/spec/tls/serverCASecretRef/name", json!("another-ca")),
    ];
    let text = accepted(&project, server, &fields, file);
    has(&text, &["username: admin", "key: root", "name: another-ca"]);
}

#[test]
fn a_list_of_apps_is_taken_as_a_whole() {
    let project = Project::new();
    let bench = ("FrappeBench", "erp", "erpnext-v15");
    let apps = json!([{"name": "erpnext", "source": "image"}, {"name": "hrms", "source": "image", "filledIn": true}]);
    let mut cluster = project.applied();
    cluster.edit("FrappeBench", bench.2, "apps", apps);
    let ran =
        project.run_with("drift - --accept FrappeBench/erp/erpnext-v15", 1, None, &cluster.dump());
    assert!(ran.out.contains("`apps` does not take the value"), "{}", ran.out);
    let apps = json!([{"name": "erpnext", "source": "image"}, {"name": "hrms", "source": "image"}]);
    let text = accepted(&project, bench, &[("/spec/apps", apps)], "sites/eu/erpnext-v15.yaml");
    assert!(text.contains("{name: hrms, source: image}"), "{text}");
}
