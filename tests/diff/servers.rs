//! What changes of servers and benches do, as [`crate::scenarios`] tells it.

use crate::scenarios::{findings, scenario, scenario_of};
use crate::support::{ACME, BENCH, BIG, CLUSTER, DB, Project};

#[test]
fn a_volume_grows() {
    scenario(|p| p.edit(DB, "100Gi", "0.2Ti"), &["rollout MariaDB db spec.storage.size"]);
}

#[test]
fn a_volume_shrinks() {
    scenario(
        |p| p.edit(BIG, "50Gi", "40960Mi"),
        &["data-loss MariaDB big-mariadb spec.storage.size"],
    );
}

#[test]
fn a_volume_shrinks_in_whatever_unit() {
    for size in ["9000000000u", "99.9999999999Gi", "\"1e10\""] {
        scenario(|p| p.edit(DB, "100Gi", size), &["data-loss MariaDB db spec.storage.size"]);
    }
}

#[test]
fn apps_change_places() {
    scenario(
        |p| {
            p.edit(
                BENCH,
                "{name: erpnext, source: image}, {name: hrms, source: image}",
                "{name: hrms, source: image}, {name: erpnext, source: image}",
            )
        },
        &["rollout FrappeBench b15 spec.apps"],
    );
}

#[test]
fn an_app_gets_an_older_version() {
    const APPS: &str = "apps: [{name: erpnext, source: image}, {name: hrms, source: image}]";
    let apps = |branch: &str| {
        format!(
            "apps: [{{name: erpnext, source: image}}, {{name: hrms, source: git, gitUrl: 'https://a.example/hrms', gitBranch: {branch}}}]"
        )
    };
    scenario_of(
        |p| p.edit(BENCH, APPS, &apps("version-15")),
        |p| p.edit(BENCH, "version-15}", "version-14}"),
        &["data-loss FrappeBench b15 spec.apps.[hrms].gitBranch"],
    );
}

#[test]
fn a_storage_class_changes() {
    scenario(
        |p| p.append(DB, "storageClassName: fast\n"),
        &["blocked MariaDB db spec.storage.storageClassName"],
    );
}

#[test]
fn a_server_that_runs_is_told_to_start_from_a_backup() {
    scenario(
        |p| p.append(DB, "bootstrapFrom: {kind: logical, backup: old}\n"),
        &["data-loss MariaDB db spec.bootstrapFrom"],
    );
}

#[test]
fn a_storage_class_of_a_bench_changes() {
    scenario(
        |p| p.append(BENCH, "storageClassName: fast\n"),
        &["blocked FrappeBench b15 spec.storageClassName"],
    );
}

#[test]
fn a_server_gets_a_newer_version() {
    scenario(|p| p.edit(DB, "10.11", "11.4"), &["rollout MariaDB db spec.image"]);
}

#[test]
fn a_server_gets_an_older_version() {
    scenario(|p| p.edit(DB, "10.11", "10.6"), &["data-loss MariaDB db spec.image"]);
}

#[test]
fn a_server_gets_another_patch() {
    scenario(|p| p.edit(DB, "10.11", "10.11.8"), &["rollout MariaDB db spec.image"]);
}

#[test]
fn a_server_gets_more_memory() {
    scenario(
        |p| p.edit(DB, "memory: 2Gi", "memory: 4Gi"),
        &["rollout MariaDB db spec.resources.requests.memory"],
    );
}

#[test]
fn a_setting_of_a_server_changes() {
    scenario(
        |p| p.append(DB, "myCnf: {innodb_buffer_pool_size: 1G}\n"),
        &["rollout MariaDB db spec.myCnf"],
    );
}

/// The operator has written 720h into a Backup by then, which cannot change; into a PhysicalBackup too, which can.
#[test]
fn backups_are_to_be_kept_for_another_time() {
    const BACKUP: &str =
        "backup: {schedule: 0 3 * * *, storage: {persistentVolumeClaim: {size: 9Gi}}}\n";
    let keep = |p: &Project, time: &str| {
        for definition in [ACME, DB] {
            p.edit(definition, "backup: {", &format!("backup: {{maxRetention: {time}, "));
        }
    };
    let with_backups = |p: &Project| {
        for definition in [ACME, DB] {
            p.append(definition, BACKUP);
        }
    };
    let physical = "rollout PhysicalBackup db-backup spec.maxRetention";
    scenario_of(
        with_backups,
        |p| keep(p, "48h"),
        &["blocked Backup acme-backup spec.maxRetention", physical],
    );
    scenario_of(with_backups, |p| keep(p, "720h"), &[physical]);
}

#[test]
fn a_server_with_replicas_gets_a_budget() {
    scenario_of(
        |p| p.append("sites/eu/db2.yaml", "topology: replication\nreplicas: 3\n"),
        |p| p.append("sites/eu/db2.yaml", "podDisruptionBudget: {maxUnavailable: 1}\n"),
        &["blocked MariaDB db2 spec.podDisruptionBudget"],
    );
}

#[test]
fn a_site_may_hold_fewer_connections() {
    scenario(
        |p| p.append(ACME, "database: {maxUserConnections: 10}\n"),
        &["rollout User acme-user spec.maxUserConnections"],
    );
}

#[test]
fn a_bench_gets_a_newer_image() {
    scenario(
        |p| p.edit(BENCH, "v15.9.0", "v15.10.0"),
        &["rollout FrappeBench b15 spec.imageConfig.tag"],
    );
}

#[test]
fn a_bench_gets_an_older_major_version() {
    scenario(
        |p| p.edit("sites/eu/b16.yaml", "version-16", "version-15"),
        &["data-loss FrappeBench b16 spec.frappeVersion"],
    );
}

#[test]
fn a_bench_loses_an_app() {
    scenario(
        |p| p.edit(BENCH, ", {name: hrms, source: image}", ""),
        &["rollout FrappeBench b15 spec.apps.[hrms]"],
    );
}

#[test]
fn a_bench_goes() {
    scenario(|p| p.remove("sites/eu/b16.yaml"), &["data-loss FrappeBench b16"]);
}

#[test]
fn a_server_goes() {
    scenario(
        |p| p.remove("sites/eu/db2.yaml"),
        &["data-loss SealedSecret db2-root", "data-loss MariaDB db2"],
    );
}

/// A fleet whose site is on a server outside the cluster.
fn outside() -> Project {
    let project = Project::new();
    project.put(
        "sites/eu/far.yaml",
        "kind: DatabaseServer\n\
         external: {host: db.example.com, username: root, tls: {enabled: false}}\n",
    );
    project.put(
        "sites/eu/ext.yaml",
        "kind: Site\nsiteName: e.com\ndatabase: {mode: external, server: far}\n",
    );
    project.run("render -q", 0);
    project
}

#[test]
fn another_operator_computes_other_names_for_servers_outside() {
    let project = outside();
    project.edit(CLUSTER, "frappe: \"2.6\"", "frappe: \"2.5\"");
    let found = findings(&project.diff(""));
    for expected in [
        "data-loss Database ext-db spec.name",
        "blocked User ext-user spec.name",
        "data-loss FrappeSite ext spec.dbConfig.provider",
    ] {
        assert!(found.iter().any(|line| line == expected), "{expected}: {found:#?}");
    }
}

#[test]
fn a_server_outside_is_another_one() {
    let project = outside();
    project.edit("sites/eu/far.yaml", "db.example.com", "db2.example.com");
    let found = findings(&project.diff(""));
    for expected in
        ["data-loss ExternalMariaDB far spec.host", "rollout Service far spec.externalName"]
    {
        assert!(found.iter().any(|line| line == expected), "{expected}: {found:#?}");
    }
}

#[test]
fn a_server_outside_is_reached_by_another_account() {
    let project = outside();
    project.edit("sites/eu/far.yaml", "username: root", "username: admin");
    let found = findings(&project.diff(""));
    assert_eq!(found, ["credential ExternalMariaDB far spec.username"]);
}

/// Whether passwords are encrypted on their way is nothing that restarts a server.
#[test]
fn a_server_outside_is_reached_without_encryption() {
    let project = outside();
    project.edit(
        "sites/eu/far.yaml",
        "tls: {enabled: false}",
        "tls: {serverCASecretRef: {name: ca}}",
    );
    project.run("render -q", 0);
    let rendered = || std::fs::read_to_string(project.path("rendered/eu/far/externalmariadb.yaml"));
    let with =
        "  tls:\n    enabled: true\n    mutual: false\n    serverCASecretRef:\n      name: ca\n";
    assert!(rendered().unwrap().ends_with(with));
    project.edit("sites/eu/far.yaml", "serverCASecretRef: {name: ca}", "enabled: false");
    let found = findings(&project.diff(""));
    assert!(!found.is_empty());
    for line in found {
        assert!(line.starts_with("credential ExternalMariaDB far spec.tls"), "{line}");
    }
}

/// Where mariadb-operator drops nothing outside the cluster, a diff says what stays there, and the gate lets
/// pass what it lets pass elsewhere.
#[test]
fn what_stays_on_a_server_outside_is_said() {
    let said = |project: &Project, name: &str| {
        let result = project.diff("");
        let definition = result["definitions"][0].clone();
        let mut objects = definition["objects"].as_array().unwrap().iter();
        let finding = &objects.find(|object| object["name"] == name).unwrap()["findings"][0];
        format!("{} {}", finding["risk"].as_str().unwrap(), finding["reason"].as_str().unwrap())
    };
    for (version, stays) in [("25.10", true), ("26.6", false)] {
        for (retired, level) in [(true, "rollout"), (false, "data-loss")] {
            let project = outside();
            project.edit(CLUSTER, "mariadb: \"26.6\"", &format!("mariadb: \"{version}\""));
            if retired {
                project.append("sites/eu/ext.yaml", "lifecycle: retired\n");
            }
            project.run("render -q", 0);
            project.remove("sites/eu/ext.yaml");
            let (user, database) = (said(&project, "ext-user"), said(&project, "ext-db"));
            assert!(user.starts_with("credential "), "{user}");
            assert!(database.starts_with(level), "{database}");
            for text in [user, database] {
                assert_eq!(text.contains("stays on the server"), stays, "{version}: {text}");
            }
        }
    }
}
