//! What changes of servers and benches do, as [`crate::scenarios`] tells it.

use crate::scenarios::{findings, scenario, scenario_of};
use crate::support::{ACME, BENCH, BIG, CLUSTER, DB, Project};

/// Each row of the rules has a case beside it; here, what definitions state reaches them.
#[test]
fn servers_change_in_many_ways() {
    scenario(
        |p| {
            p.edit(DB, "100Gi", "0.2Ti");
            p.edit(DB, "10.11", "10.6");
            p.edit(DB, "memory: 2Gi", "memory: 4Gi");
            p.append(DB, "storageClassName: fast\nmyCnf: {innodb_buffer_pool_size: 1G}\n");
            p.edit(BIG, "50Gi, version: \"10.11\"", "40960Mi, version: \"11.4\"");
            let db2 = "storageSize: 50Gi\nbootstrapFrom: {kind: logical, backup: old}\n";
            p.edit("sites/eu/db2.yaml", "storageSize: 100Gi\n", db2);
        },
        &[
            "blocked MariaDB db spec.storage.storageClassName",
            "data-loss MariaDB big-mariadb spec.storage.size",
            "data-loss MariaDB db spec.image",
            "data-loss MariaDB db2 spec.bootstrapFrom",
            "data-loss MariaDB db2 spec.storage.size",
            "rollout MariaDB big-mariadb spec.image",
            "rollout MariaDB db spec.myCnf",
            "rollout MariaDB db spec.resources.requests.memory",
            "rollout MariaDB db spec.storage.size",
        ],
    );
}

#[test]
fn benches_change_in_many_ways() {
    const APPS: &str = "apps: [{name: erpnext, source: image}, {name: hrms, source: image}]";
    let git = "source: git, gitUrl: 'https://a.example/hrms', gitBranch: version-16";
    let hrms = format!("apps: [{{name: erpnext, source: image}}, {{name: hrms, {git}}}]");
    scenario_of(
        |p| p.edit("sites/eu/b16.yaml", "apps: [{name: erpnext, source: image}]", &hrms),
        |p| {
            p.edit("sites/eu/b16.yaml", "gitBranch: version-16", "gitBranch: version-15");
            p.edit("sites/eu/b16.yaml", "frappeVersion: version-16", "frappeVersion: version-15");
            p.edit(BENCH, "v15.9.0", "v15.10.0");
            p.edit(BENCH, APPS, "apps: [{name: erpnext, source: image}]");
            p.append(BENCH, "storageClassName: fast\n");
        },
        &[
            "blocked FrappeBench b15 spec.storageClassName",
            "data-loss FrappeBench b16 spec.apps.[hrms].gitBranch",
            "data-loss FrappeBench b16 spec.frappeVersion",
            "rollout FrappeBench b15 spec.apps.[hrms]",
            "rollout FrappeBench b15 spec.imageConfig.tag",
        ],
    );
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

const BACKUP: &str =
    "backup: {schedule: 0 3 * * *, storage: {persistentVolumeClaim: {size: 9Gi}}}\n";

fn with_backups(p: &Project) {
    for definition in [ACME, DB] {
        p.append(definition, BACKUP);
    }
}

/// A Backup takes no other time once it is there, a PhysicalBackup does.
#[test]
fn backups_are_to_be_kept_for_another_time() {
    let keep = |p: &Project, time: &str| {
        for definition in [ACME, DB] {
            p.edit(definition, "backup: {", &format!("backup: {{maxRetention: {time}, "));
        }
    };
    scenario_of(
        with_backups,
        |p| keep(p, "48h"),
        &[
            "blocked Backup acme-backup spec.maxRetention",
            "rollout PhysicalBackup db-backup spec.maxRetention",
        ],
    );
    // What holds where nothing is stated.
    scenario_of(with_backups, |p| keep(p, "720h"), &[]);
}

/// Manifests of a sitewright that left it to the operator, which has written the same by then.
#[test]
fn how_long_backups_are_kept_is_stated_where_it_was_not() {
    const TEMPLATES: [(&str, &str); 2] = [
        ("backup", include_str!("../../templates/mariadb/backup.yaml.j2")),
        ("physicalbackup", include_str!("../../templates/mariadb/physicalbackup.yaml.j2")),
    ];
    let path = |name: &str| format!("templates/mariadb/{name}.yaml.j2");
    let project = Project::new();
    with_backups(&project);
    for (name, template) in TEMPLATES {
        let older = template.replace("  maxRetention: {{ backup.maxRetention }}\n", "");
        assert_ne!(older, template);
        project.put(&path(name), &older);
    }
    project.run("render -q", 0);
    TEMPLATES.iter().for_each(|(name, _)| project.remove(&path(name)));
    let said = project.run("diff --deny rollout", 0);
    assert_eq!(said.matches("spec.maxRetention: (none) → 720h0m0s\n").count(), 2, "{said}");
    assert!(said.contains("2 changed; risks: 2 none"), "{said}");
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
fn servers_and_benches_go() {
    scenario(
        |p| {
            p.remove("sites/eu/db2.yaml");
            p.remove("sites/eu/b16.yaml");
        },
        &["data-loss FrappeBench b16", "data-loss MariaDB db2", "data-loss SealedSecret db2-root"],
    );
}

/// Its volume goes with it, and no mark is put on that.
#[test]
fn a_bench_goes_after_it_was_retired() {
    scenario_of(
        |p| p.append("sites/eu/b16.yaml", "lifecycle: retired\n"),
        |p| p.remove("sites/eu/b16.yaml"),
        &["data-loss FrappeBench b16"],
    );
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
        ["data-loss ExternalMariaDB far spec.host", "data-loss Service far spec.externalName"]
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
