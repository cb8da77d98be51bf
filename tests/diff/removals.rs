//! What goes, and what would take its data along: scenarios of removals that were not announced.

use crate::scenarios::{scenario, scenario_of};
use crate::support::{ACME, CLUSTER, Project};

#[test]
fn a_secret_goes_although_nothing_was_retired() {
    // The marks of a commit are no reason to let it pass: nobody knows which are live.
    for protect in ["", "protect: false\n"] {
        scenario_of(
            |p| p.append(ACME, protect),
            |p| p.append(ACME, "admin: {secretRef: {name: vault-admin}}\n"),
            &[
                "credential FrappeSite acme spec.adminPasswordSecretRef.name",
                "data-loss SealedSecret acme-admin",
            ],
        );
    }
}

#[test]
fn a_secret_of_a_retired_site_goes() {
    scenario_of(
        |p| p.append(ACME, "lifecycle: retired\n"),
        |p| p.append(ACME, "admin: {secretRef: {name: vault-admin}}\n"),
        &[
            "credential FrappeSite acme spec.adminPasswordSecretRef.name",
            "credential SealedSecret acme-admin",
        ],
    );
}

#[test]
fn passwords_of_a_store_go() {
    let external = "secrets: {mode: external, external: {store: {name: vault}}}";
    scenario_of(
        |p| {
            p.edit(CLUSTER, "secrets: {mode: sealed}", external);
            p.forget_passwords();
        },
        |p| p.append(ACME, "admin: {secretRef: {name: vault-admin}}\n"),
        &[
            "credential FrappeSite acme spec.adminPasswordSecretRef.name",
            "data-loss ExternalSecret acme-admin",
            "data-loss Password acme-admin",
            "data-loss PushSecret acme-admin",
        ],
    );
}

/// How a server's template says that its volumes are deleted with it.
fn without_volumes(p: &Project) {
    let template = include_str!("../../templates/mariadb/mariadb.yaml.j2");
    let to = "  storage:\n    pvcRetentionPolicy: {whenDeleted: Delete, whenScaled: Retain}\n";
    let dangerous = template.replace("  storage:\n", to);
    assert_ne!(dangerous, template);
    p.put("templates/mariadb/mariadb.yaml.j2", &dangerous);
}

#[test]
fn a_template_deletes_volumes_with_their_server() {
    scenario(
        without_volumes,
        &[
            "data-loss MariaDB big-mariadb spec.storage.pvcRetentionPolicy",
            "data-loss MariaDB db spec.storage.pvcRetentionPolicy",
            "data-loss MariaDB db2 spec.storage.pvcRetentionPolicy",
        ],
    );
    // A volume that replicas leave behind holds nothing of its own.
    scenario(
        |p| {
            without_volumes(p);
            let path = "templates/mariadb/mariadb.yaml.j2";
            p.edit(path, "whenDeleted: Delete, whenScaled: Retain", "whenScaled: Delete");
        },
        &[
            "rollout MariaDB big-mariadb spec.storage.pvcRetentionPolicy",
            "rollout MariaDB db spec.storage.pvcRetentionPolicy",
            "rollout MariaDB db2 spec.storage.pvcRetentionPolicy",
        ],
    );
    scenario_of(
        |p| {
            without_volumes(p);
            p.edit(
                "templates/mariadb/mariadb.yaml.j2",
                "whenDeleted: Delete",
                "whenDeleted: Retain",
            );
        },
        without_volumes,
        &[
            "data-loss MariaDB big-mariadb spec.storage.pvcRetentionPolicy.whenDeleted",
            "data-loss MariaDB db spec.storage.pvcRetentionPolicy.whenDeleted",
            "data-loss MariaDB db2 spec.storage.pvcRetentionPolicy.whenDeleted",
        ],
    );
}

#[test]
fn what_takes_its_data_along_is_known_when_it_comes_and_when_it_goes() {
    let retired = |p: &Project| {
        without_volumes(p);
        p.append("sites/eu/db2.yaml", "lifecycle: retired\n");
    };
    scenario_of(
        retired,
        |p| p.remove("sites/eu/db2.yaml"),
        &["credential SealedSecret db2-root", "data-loss MariaDB db2"],
    );
    scenario_of(
        without_volumes,
        |p| {
            p.put("sites/eu/db3.yaml", "kind: DatabaseServer\nstorageSize: 1Gi\n");
            p.run("render -q --out elsewhere", 0);
        },
        &["data-loss MariaDB db3"],
    );
}
