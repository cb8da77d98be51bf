//! What changes do, one by one, as the operators' code and the runs against real servers say: each
//! scenario changes the definitions of one fleet, and names the findings that must come of it.

use crate::support::{ACME, BENCH, BIG, CLUSTER, DB, Project};
use serde_json::Value;

/// `risk Kind name field`, of every finding above `none`; the field is empty where an object comes or
/// goes.
pub(crate) fn findings(result: &Value) -> Vec<String> {
    let list = |value: &Value| value.as_array().unwrap().clone();
    let mut found = Vec::new();
    for definition in list(&result["definitions"]) {
        for object in list(&definition["objects"]) {
            for finding in list(&object["findings"]) {
                assert!(!finding["reason"].as_str().unwrap().is_empty());
                let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                let line = format!(
                    "{} {} {} {}",
                    text(&finding["risk"]),
                    text(&object["kind"]),
                    text(&object["name"]),
                    text(&finding["field"])
                );
                found.push(line.trim_end().to_owned());
            }
        }
    }
    found.sort();
    found
}

pub(crate) const LEVELS: [&str; 5] = ["none", "rollout", "credential", "blocked", "data-loss"];

pub(crate) fn level(text: &str) -> usize {
    LEVELS.iter().position(|level| *level == text).unwrap()
}

/// Changes the fleet, and compares what is found.
#[track_caller]
pub(crate) fn scenario(change: impl FnOnce(&Project), expected: &[&str]) {
    scenario_of(|_| {}, change, expected);
}

/// The same of a fleet that was changed before.
#[track_caller]
pub(crate) fn scenario_of(
    before: impl FnOnce(&Project),
    change: impl FnOnce(&Project),
    expected: &[&str],
) {
    let project = Project::new();
    before(&project);
    project.run("render -q", 0);
    change(&project);
    let result = project.diff("");
    let mut expected: Vec<&str> = expected.to_vec();
    expected.sort_unstable();
    assert_eq!(findings(&result), expected, "{result:#}");
    let risk = |line: &&str| level(line.split(' ').next().unwrap());
    let worst = expected.iter().map(risk).max().unwrap_or(0);
    assert_eq!(result["risk"], LEVELS[worst]);
}

/// All that a site's going does, when it was not announced.
const BIG_GOES: [&str; 8] = [
    "data-loss Database big-db",
    "data-loss FrappeSite big",
    "data-loss MariaDB big-mariadb",
    "credential Grant big-grant",
    "data-loss SealedSecret big-admin",
    "data-loss SealedSecret big-db-credentials",
    "data-loss SealedSecret big-mariadb-root",
    "credential User big-user",
];

#[test]
fn nothing_changes() {
    scenario(|_| {}, &[]);
}

#[test]
fn a_comment_and_the_order_of_keys_are_no_change() {
    scenario(|p| p.put(ACME, "# new\nkind: Site\nbench: b15\nsiteName: erp.acme.com\n"), &[]);
}

#[test]
fn a_label_costs_nothing() {
    scenario(|p| p.append(ACME, "labels: {team: blue}\n"), &[]);
}

#[test]
fn a_quantity_in_other_words_is_the_same() {
    scenario(|p| p.edit(DB, "cpu: \"1\", memory: 2Gi", "cpu: 1000m, memory: 2048Mi"), &[]);
}

#[test]
fn a_new_site_costs_nothing() {
    scenario(
        |p| {
            p.put("sites/eu/new.yaml", "kind: Site\nsiteName: erp.new.com\n");
            p.run("render -q --out elsewhere", 0);
        },
        &[],
    );
}

#[test]
fn a_site_goes_unannounced() {
    scenario(|p| p.remove(BIG), &BIG_GOES);
}

#[test]
fn a_site_goes_after_it_was_retired() {
    scenario(
        |p| {
            p.append(BIG, "lifecycle: retired\n");
            p.run("render -q", 0);
            p.remove(BIG);
        },
        &[
            "rollout Database big-db",
            "rollout FrappeSite big",
            "rollout MariaDB big-mariadb",
            "credential Grant big-grant",
            "credential SealedSecret big-admin",
            "credential SealedSecret big-db-credentials",
            "credential SealedSecret big-mariadb-root",
            "credential User big-user",
        ],
    );
}

#[test]
fn retiring_takes_the_protection_off() {
    let prune = "metadata.annotations.kustomize.toolkit.fluxcd.io/prune";
    let of = |kind: &str, name: &str| format!("rollout {kind} {name} {prune}");
    let expected = [
        of("Database", "acme-db"),
        of("Grant", "acme-grant"),
        of("SealedSecret", "acme-admin"),
        of("SealedSecret", "acme-db-credentials"),
        of("User", "acme-user"),
        "rollout FrappeSite acme spec.ingress.enabled".to_owned(),
    ];
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    scenario(|p| p.append(ACME, "lifecycle: retired\n"), &expected);
}

/// frappe-operator 2.6 drops a site's database with its FrappeSite: that one stays in the cluster.
#[test]
fn retiring_keeps_the_data() {
    let project = Project::new();
    project.append(ACME, "lifecycle: retired\n");
    project.append(BIG, "lifecycle: retired\n");
    project.run("render -q", 0);
    let of = |path: &str| std::fs::read_to_string(project.path(path)).unwrap();
    let is_protected = |text: &str| text.contains("kustomize.toolkit.fluxcd.io/prune: disabled");
    for site in ["acme", "big"] {
        assert!(is_protected(&of(&format!("rendered/eu/{site}/frappesite.yaml"))));
        let database = of(&format!("rendered/eu/{site}/database.yaml"));
        assert!(!is_protected(&database) && database.contains("cleanupPolicy: Skip"));
    }
    // What goes with its server waits for no server.
    assert!(of("rendered/eu/acme/user.yaml").contains("cleanupPolicy: Delete"));
    assert!(of("rendered/eu/big/user.yaml").contains("cleanupPolicy: Skip"));
    assert!(!of("rendered/eu/big/mariadb.yaml").contains("pvcRetentionPolicy"));
    project.edit(CLUSTER, "\"2.6\"", "\"2.5\"");
    project.run("render -q --force", 0);
    assert!(!is_protected(&of("rendered/eu/acme/frappesite.yaml")));
}

#[test]
fn data_goes_when_its_definition_says_so() {
    scenario(
        |p| {
            p.append(ACME, "lifecycle: retired\n");
            p.append(BIG, "lifecycle: retired\n");
            p.append("sites/eu/db2.yaml", "lifecycle: retired\n");
            p.run("render -q", 0);
            p.append(ACME, "data: delete\n");
            p.append(BIG, "data: delete\n");
            p.append("sites/eu/db2.yaml", "data: delete\n");
        },
        &[
            "data-loss Database acme-db spec.cleanupPolicy",
            "rollout FrappeSite acme metadata.annotations.kustomize.toolkit.fluxcd.io/prune",
            "data-loss MariaDB big-mariadb spec.storage.pvcRetentionPolicy",
            "data-loss MariaDB db2 spec.storage.pvcRetentionPolicy",
        ],
    );
}

#[test]
fn data_that_goes_is_named_once_more() {
    scenario(
        |p| {
            p.append(ACME, "lifecycle: retired\ndata: delete\n");
            p.append("sites/eu/db2.yaml", "lifecycle: retired\ndata: delete\n");
            p.run("render -q", 0);
            p.remove(ACME);
            p.remove("sites/eu/db2.yaml");
        },
        &[
            "data-loss Database acme-db",
            "data-loss FrappeSite acme",
            "data-loss MariaDB db2",
            "credential Grant acme-grant",
            "credential SealedSecret acme-admin",
            "credential SealedSecret acme-db-credentials",
            "credential SealedSecret db2-root",
            "credential User acme-user",
        ],
    );
}

#[test]
fn a_site_is_renamed() {
    let mut expected: Vec<&str> = BIG_GOES.to_vec();
    expected.push("data-loss FrappeSite large");
    scenario(
        |p| {
            let text = std::fs::read_to_string(p.path(BIG)).unwrap();
            p.remove(BIG);
            p.put("sites/eu/large.yaml", &text);
            p.run("render -q --out elsewhere", 0);
        },
        &expected,
    );
}

#[test]
fn a_file_moves_between_folders() {
    scenario(
        |p| {
            for ending in ["yaml", "secrets.yaml"] {
                let from = format!("sites/eu/acme.{ending}");
                let text = std::fs::read_to_string(p.path(&from)).unwrap();
                p.remove(&from);
                p.put(&format!("sites/eu/retail/acme.{ending}"), &text);
            }
        },
        &[],
    );
}

#[test]
fn a_site_name_changes() {
    scenario(
        |p| p.edit(ACME, "erp.acme.com", "erp.acme.org"),
        &[
            "blocked Grant acme-grant spec.database",
            "blocked Grant acme-grant spec.username",
            "blocked User acme-user spec.name",
            "data-loss Database acme-db spec.name",
            "data-loss FrappeSite acme spec.siteName",
            "blocked FrappeSite acme spec.domain",
            "rollout FrappeSite acme",
        ],
    );
}

#[test]
fn a_site_moves_to_another_server() {
    scenario(
        |p| p.append(ACME, "database: {server: db2}\n"),
        &[
            "blocked Grant acme-grant spec.mariaDbRef.name",
            "blocked User acme-user spec.mariaDbRef.name",
            "data-loss Database acme-db spec.mariaDbRef.name",
            "data-loss FrappeSite acme spec.dbConfig.mariadbRef.name",
            "rollout FrappeSite acme",
        ],
    );
}

#[test]
fn a_shared_site_becomes_a_dedicated_one() {
    scenario(
        |p| {
            p.append(ACME, "database: {mode: dedicated, server: null}\n");
            p.run("render -q --out elsewhere", 0);
        },
        &[
            "blocked Grant acme-grant spec.mariaDbRef.name",
            "blocked User acme-user spec.mariaDbRef.name",
            "data-loss Database acme-db spec.mariaDbRef.name",
            "data-loss FrappeSite acme spec.dbConfig.mariadbRef.name",
            "data-loss FrappeSite acme spec.dbConfig.mode",
            "rollout FrappeSite acme",
        ],
    );
}

#[test]
fn a_site_moves_to_another_bench() {
    scenario(
        |p| p.append(ACME, "bench: b16\n"),
        &["data-loss FrappeSite acme spec.benchRef.name", "rollout FrappeSite acme"],
    );
}

#[test]
fn a_domain_changes() {
    scenario(
        |p| p.append(ACME, "domain: shop.acme.com\n"),
        &["blocked FrappeSite acme spec.domain", "rollout FrappeSite acme"],
    );
}

#[test]
fn an_older_operator_grants_more() {
    scenario_of(
        |p| p.edit(BENCH, "version-15", "version-16"),
        |p| p.edit(CLUSTER, "frappe: \"2.6\"", "frappe: \"2.3\""),
        &[
            "credential Grant acme-grant spec.privileges",
            "credential Grant big-grant spec.privileges",
        ],
    );
}

/// 2.5 drops nothing, and runs the init Job of a site once.
#[test]
fn rules_go_by_the_operators_after_the_change() {
    let project = Project::new();
    project.edit(CLUSTER, "frappe: \"2.6\"", "frappe: \"2.5\"");
    project.append(ACME, "domain: shop.acme.com\n");
    project.remove(BIG);
    let said = project.run("diff", 0);
    assert!(said.contains("frappe-operator 2.5 never runs the init Job"), "{said}");
    assert!(said.contains("data-loss: no object manages the site any more"), "{said}");
    assert!(!said.contains("2.6") && !said.contains("drops the site"), "{said}");
}

#[test]
fn a_password_is_rotated() {
    scenario(
        |p| {
            p.run("secrets rotate acme/acme-admin -q", 0);
        },
        &[
            "credential FrappeSite acme metadata.annotations.sitewright/admin-generation",
            "credential SealedSecret acme-admin spec.encryptedData.password",
        ],
    );
}

/// The records of an earlier version: the Secret of the site's user has its former name.
fn former_name(p: &Project) {
    p.edit("sites/eu/acme.secrets.yaml", "acme-db-credentials", "acme-db-password");
}

#[test]
fn a_rotated_password_gets_a_secret_of_another_name() {
    scenario_of(
        former_name,
        |p| {
            p.run("secrets rotate acme/acme-db-password -q", 0);
        },
        &[
            "credential SealedSecret acme-db-password",
            "credential User acme-user spec.passwordSecretKeyRef.name",
        ],
    );
    let external = "secrets: {mode: external, external: {store: {name: vault}}}";
    scenario_of(
        |p| {
            p.edit(CLUSTER, "secrets: {mode: sealed}", external);
            p.forget_passwords();
            p.run("render -q", 0);
            former_name(p);
        },
        |p| {
            p.run("secrets rotate acme/acme-db-password -q", 0);
        },
        &[
            "credential ExternalSecret acme-db-password",
            "credential Password acme-db-password",
            "credential PushSecret acme-db-password",
            "credential User acme-user spec.passwordSecretKeyRef.name",
        ],
    );
}

#[test]
fn a_secret_of_another_name_says_what_the_site_needs() {
    let project = Project::new();
    former_name(&project);
    project.run("render -q", 0);
    project.run("secrets rotate acme/acme-db-password -q", 0);
    let said = project.run("diff", 0);
    assert!(said.contains("set `db_password` in the site's site_config.json"), "{said}");
    project.run("diff --deny data-loss", 0);
}

/// Of a Secret in clear text no manifest is rendered: only what reads it tells.
#[test]
fn a_password_in_clear_text_is_rotated() {
    scenario_of(
        |p| {
            p.edit(CLUSTER, "mode: sealed", "mode: plain");
            p.forget_passwords();
        },
        |p| {
            p.run("secrets rotate acme -q", 0);
        },
        &[
            "credential FrappeSite acme metadata.annotations.sitewright/admin-generation",
            "credential User acme-user metadata.annotations.sitewright/db-credentials-generation",
        ],
    );
}

#[test]
fn protection_is_switched_off() {
    let prune = "metadata.annotations.kustomize.toolkit.fluxcd.io/prune";
    scenario(
        |p| p.append("sites/eu/b16.yaml", "protect: false\n"),
        &[&format!("rollout FrappeBench b16 {prune}")],
    );
}

#[test]
fn a_template_drops_what_keeps_the_data() {
    let template = include_str!("../../templates/mariadb/database.yaml.j2");
    let dangerous = template.replace("{{ database.cleanupPolicy }}", "Delete");
    assert_ne!(dangerous, template);
    scenario(
        |p| p.put("templates/mariadb/database.yaml.j2", &dangerous),
        &[
            "data-loss Database acme-db spec.cleanupPolicy",
            "data-loss Database big-db spec.cleanupPolicy",
        ],
    );
}

#[test]
fn a_template_narrows_the_privileges() {
    let template = include_str!("../../templates/mariadb/grant.yaml.j2");
    let narrower = template.replace("{{ database.privileges }}", "[SELECT]");
    assert_ne!(narrower, template);
    scenario(
        |p| p.put("templates/mariadb/grant.yaml.j2", &narrower),
        &[
            "credential Grant acme-grant spec.privileges",
            "credential Grant big-grant spec.privileges",
        ],
    );
}

#[test]
fn privileges_in_another_order_are_the_same() {
    let template = include_str!("../../templates/mariadb/grant.yaml.j2");
    let reversed =
        template.replace("{{ database.privileges }}", "{{ database.privileges | reverse }}");
    scenario(|p| p.put("templates/mariadb/grant.yaml.j2", &reversed), &[]);
}

#[test]
fn a_character_set_cannot_change() {
    let template = include_str!("../../templates/mariadb/database.yaml.j2");
    let other = template.replace("utf8mb4_unicode_ci", "utf8mb4_general_ci");
    assert_ne!(other, template);
    scenario(
        |p| p.put("templates/mariadb/database.yaml.j2", &other),
        &["blocked Database acme-db spec.collate", "blocked Database big-db spec.collate"],
    );
}

#[test]
fn a_root_password_of_an_older_operator_cannot_change() {
    scenario(
        |p| {
            p.run("secrets rotate db -q", 0);
            p.edit(CLUSTER, "mariadb: \"26.6\"", "mariadb: \"25.10\"");
        },
        &[
            "blocked SealedSecret db-root spec.encryptedData.password",
            "credential MariaDB db metadata.annotations.sitewright/root-generation",
        ],
    );
}

#[test]
fn a_store_with_another_root_password_cannot_be_followed_by_an_older_operator() {
    let store = "{mode: external, external: {store: {name: vault}}}";
    let change = |operator: &str, of_root: &str| {
        let mut expected = Vec::new();
        for (name, risk) in [
            ("acme-admin", "credential"),
            ("acme-db-credentials", "credential"),
            ("big-admin", "credential"),
            ("big-db-credentials", "credential"),
            ("big-mariadb-root", of_root),
            ("db-root", of_root),
            ("db2-root", of_root),
        ] {
            expected.push(format!("{risk} ExternalSecret {name} spec.secretStoreRef.name"));
            for store in ["other", "vault"] {
                expected
                    .push(format!("credential PushSecret {name} spec.secretStoreRefs.[{store}]"));
            }
        }
        scenario_of(
            |p| {
                p.edit(CLUSTER, "mariadb: \"26.6\"", &format!("mariadb: \"{operator}\""));
                p.edit(CLUSTER, "{mode: sealed}", store);
                p.forget_passwords();
            },
            |p| p.edit(CLUSTER, "name: vault", "name: other"),
            &expected.iter().map(String::as_str).collect::<Vec<_>>(),
        );
    };
    change("26.6", "credential");
    change("25.10", "blocked");
}

#[test]
fn a_template_lets_others_into_a_server() {
    let template = include_str!("../../templates/mariadb/mariadb.yaml.j2");
    let open = |text: &str| format!("{template}  {text}\n");
    for (text, risk, field) in [
        ("args: [--skip-grant-tables]", "credential", "spec.args"),
        // A server that is there keeps the password that it has.
        ("rootEmptyPassword: true", "blocked", "spec.rootEmptyPassword"),
    ] {
        scenario(
            |p| p.put("templates/mariadb/mariadb.yaml.j2", &open(text)),
            &[
                &format!("{risk} MariaDB big-mariadb {field}"),
                &format!("{risk} MariaDB db {field}"),
                &format!("{risk} MariaDB db2 {field}"),
            ],
        );
        // From its birth on.
        scenario_of(
            |p| {
                p.put("templates/mariadb/mariadb.yaml.j2", &open(text));
                p.run("render -q", 0);
            },
            |p| {
                p.put("sites/eu/db3.yaml", "kind: DatabaseServer\nstorageSize: 10Gi\n");
                p.run("render -q --out elsewhere", 0);
            },
            &["credential MariaDB db3"],
        );
    }
}

#[test]
fn a_site_moves_to_another_namespace() {
    let project = Project::new();
    project.put("sites/eu/b15.yaml", "kind: Bench\nmanaged: false\n");
    project.run("render -q", 0);
    project.put("sites/eu/far.yaml", "kind: Bench\nmanaged: false\nnamespace: far\n");
    project.append(ACME, "namespace: far\nbench: far\n");
    project.remove("sites/eu/acme.secrets.yaml");
    project.run("render -q --out elsewhere", 0);
    let found = findings(&project.diff(""));
    for expected in ["data-loss Database acme-db", "data-loss FrappeSite acme"] {
        // Once for what goes, and for the site once more for what comes in its place.
        assert!(found.iter().any(|line| line == expected), "{found:?}");
    }
    assert_eq!(found.iter().filter(|line| *line == "data-loss FrappeSite acme").count(), 2);
}

/// Somebody took it out of the folder, and the engine deleted it: its Grant was not made for the account that comes.
#[test]
fn a_user_is_made_again() {
    scenario(|p| p.remove("rendered/eu/acme/user.yaml"), &["rollout User acme-user"]);
    scenario(
        |p| {
            p.remove("rendered/eu/acme/user.yaml");
            p.remove("rendered/eu/acme/grant.yaml");
        },
        &[],
    );
}

#[test]
fn replicas_come_and_go() {
    scenario(
        |p| p.append("sites/eu/db2.yaml", "topology: galera\nreplicas: 3\n"),
        &["blocked MariaDB db2 spec.galera", "rollout MariaDB db2 spec.replicas"],
    );
}

#[test]
fn two_sites_swap_their_servers() {
    let project = Project::new();
    project.put("sites/eu/other.yaml", "kind: Site\nsiteName: o.com\ndatabase: {server: db2}\n");
    project.run("render -q", 0);
    project.append(ACME, "database: {server: db2}\n");
    project.put("sites/eu/other.yaml", "kind: Site\nsiteName: o.com\ndatabase: {server: db}\n");
    let result = project.diff("");
    assert_eq!(result["counts"]["data-loss"], 2, "{result:#}");
}

#[test]
fn an_engine_is_switched() {
    // Either one protects.
    scenario(|p| p.edit(CLUSTER, "engine: flux", "engine: argocd"), &[]);
}

#[test]
fn an_administrators_password_is_read_elsewhere() {
    let project = Project::new();
    project.append(ACME, "admin: {secretRef: {name: vault-admin}}\n");
    let found = findings(&project.diff(""));
    assert_eq!(
        found,
        [
            "credential FrappeSite acme spec.adminPasswordSecretRef.name",
            "data-loss SealedSecret acme-admin"
        ]
    );
}

#[test]
fn a_scope_is_changed_under_a_sealed_value() {
    let template = include_str!("../../templates/secret/sealedsecret.yaml.j2");
    let wider = template.replace(
        "spec:\n  encryptedData",
        "  annotations: {sealedsecrets.bitnami.com/cluster-wide: \"true\"}\nspec:\n  encryptedData",
    );
    assert_ne!(wider, template);
    let project = Project::new();
    project.put("templates/secret/sealedsecret.yaml.j2", &wider);
    let found = findings(&project.diff(""));
    assert_eq!(found.len(), 7, "{found:#?}");
    assert!(found.iter().all(|line| line.starts_with("blocked SealedSecret ")), "{found:#?}");
}
