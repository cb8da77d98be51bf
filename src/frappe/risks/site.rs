//! The risks of FrappeSite.

use crate::object::ObjectKind;
use crate::operator::frappe::{Apps, RerunsInit};
use crate::risk::Condition::{
    self, MakerGoes, Own, Protected, Retired, SecretMoves, To, Touches, Unprotected, WasNot, WasSet,
};
use crate::risk::Level::{Blocked, Credential, DataLoss, None, Rollout};
use crate::risk::On::{Changes, Comes, Goes};
use crate::risk::{
    ARGO_PROTECTION, FLUX_PROTECTION, Key, MIGRATE, MOVES, Object, Predicate, RETIRE, RETIRED,
    Relation, Rule, Table, Thing, field, on,
};

const INGRESS: &str =
    "the operator makes an Ingress once, and never changes it: the Ingress keeps the old value";
const EDIT_INGRESS: &str =
    "after the change, edit the Ingress `{name}-ingress` in the cluster by hand";
const UNPROTECTED: &str =
    "its engine may prune it from now on, and {frappe-operator} drops its database with it";
const KEEP_DATA: &str = "state `data: keep`";

/// What the init Job writes into a site (`site_init.sh` in `pkg/scripts/templates` of 2.6.4).
const INIT: &[&str] = &["spec.siteName", "spec.domain", "spec.benchRef", "spec.dbConfig"];

/// frappe-operator drops a site with its FrappeSite.
const DROPS_SITES: Condition = Own(&Predicate {
    name: "DROPS_SITES",
    holds: |scene| scene.known.may(|it| it.profiles.frappe.drops_site),
});
/// frappe-operator runs a site's init Job again.
const RERUNS_INIT: Condition = Own(&Predicate {
    name: "RERUNS_INIT",
    holds: |scene| scene.known.may(|it| it.profiles.frappe.reruns_init == RerunsInit::OnAnyChange),
});
/// frappe-operator runs a site's init Job again when the version of the site changes, and only then.
const BY_VERSION: Condition = Own(&Predicate {
    name: "BY_VERSION",
    holds: |scene| {
        scene.known.has(|it| it.profiles.frappe.reruns_init == RerunsInit::OnSiteVersion)
    },
});
/// The field tells how many values a password has had, before and after.
const ROTATED: Condition = Own(&Predicate {
    name: "ROTATED",
    holds: |scene| scene.field.is_some_and(|field| field.old.is_some() && field.new.is_some()),
});
/// frappe-operator reads no apps from a FrappeSite.
const IGNORES_APPS: Condition = Own(&Predicate {
    name: "IGNORES_APPS",
    holds: |scene| scene.known.has(|it| it.profiles.frappe.apps != Apps::Stated),
});

const INGRESSES: &str =
    "ensureIngress in controllers/frappesite_ingress.go of frappe-operator 2.6.4";
const VERSION: &str = "metadata.annotations.frappe.io/site-version";
const ADMIN_GENERATION: &str = "metadata.annotations.sitewright/admin-generation";
const DATABASE_GENERATION: &str = "metadata.annotations.sitewright/db-credentials-generation";
const KEY_GENERATION: &str = "metadata.annotations.sitewright/fernet-key-generation";
/// What the init Job of 5.2 writes into a site.
const INIT_BY_VERSION: &[&str] = &[
    "spec.siteName",
    "spec.benchRef",
    "spec.dbConfig",
    "spec.apps",
    "spec.adminPasswordSecretRef",
];
const UNTIL_VERSION: &str = "{frappe-operator} runs the init Job of a site that is ready only when `siteVersion` changes: until then the site gets nothing of it";
const CHANGE_VERSION: &str = "change `siteVersion` of the site in the same change";
pub(super) const API: &str = "an API server has the CRDs of the old version of the API, or those of the new one: it refuses this object until the old ones are gone, with all of their objects";
pub(super) const STEPS: &str =
    "follow the steps that `sitewright upgrade` prints, which keep the data";
pub(super) const CRDS: &str =
    "the CRDs of frappe-operator 2.6.4 and 5.2.7, which tests/cluster_upgrade tries";
const KEY_GOES: &str = "fields that the old key has encrypted can be read with no other key";
const JOBS: &str = "controllers/frappesite_jobs.go of frappe-operator 5.2, commit 1efa67c";
const APPS: &str = "site_init.sh in pkg/scripts/templates of frappe-operator 2.6.4";
const OLD_SITE: &str = "ensureSiteInitialized in controllers/frappesite_controller.go of frappe-operator 2.3.0 and 2.5.0";

pub(super) const TABLE: Table = Table {
    rules: RULES,
    #[cfg(test)]
    cases: tests::cases,
};

#[rustfmt::skip]
const RULES: &[Rule] = &[
    field("FrappeSite", "spec.siteName", &[BY_VERSION], DataLoss, "the site gets another database and another folder: the data stays under the old name", MIGRATE),
    field("FrappeSite", "spec.siteName", &[RERUNS_INIT], DataLoss, "a new init Job makes a site of the new name, on a database that does not exist: the data stays under the old name", MIGRATE),
    field("FrappeSite", "spec.siteName", &[], DataLoss, "the operator computes another database name from it, and makes no site of the new name: the data stays under the old one", MIGRATE),
    field("FrappeSite", "spec.benchRef", &[RERUNS_INIT], DataLoss, "a new init Job finds no files of the site on that bench, and makes a new site over its database", MIGRATE),
    field("FrappeSite", "spec.benchRef", &[], DataLoss, "the site's files stay on the volume of its old bench", MIGRATE),
    field("FrappeSite", "apiVersion", &[], Blocked, API, STEPS).read_in(CRDS),
    field("FrappeSite", "spec.dbConfig", &[Touches(&["apiVersion"])], Rollout, "the object is made again, and connects the site by its Secret: to the same database, if the Database stays as it is", ""),
    field("FrappeSite", "spec.dbConfig.mode", &[], DataLoss, MOVES, MIGRATE),
    field("FrappeSite", "spec.dbConfig.provider", &[], DataLoss, MOVES, MIGRATE),
    field("FrappeSite", "spec.dbConfig.mariadbRef", &[], DataLoss, MOVES, MIGRATE),
    field("FrappeSite", "spec.dbConfig.host", &[], DataLoss, MOVES, MIGRATE),
    field("FrappeSite", "spec.dbConfig.port", &[], DataLoss, MOVES, MIGRATE),
    field("FrappeSite", "spec.dbConfig.connectionSecretRef.name", &[SecretMoves], Credential, "the connection is read from the password's new Secret", ""),
    field("FrappeSite", "spec.dbConfig.connectionSecretRef", &[], DataLoss, MOVES, MIGRATE),
    field("FrappeSite", "spec.apps", &[IGNORES_APPS], None, "", ""),
    field("FrappeSite", "spec.apps", &[BY_VERSION, Touches(&[VERSION])], Rollout, "a new init Job installs the apps that the site lacks, and removes none", "to remove an app, run `bench --site SITE uninstall-app APP` in a pod of the bench"),
    field("FrappeSite", "spec.apps", &[BY_VERSION], Blocked, UNTIL_VERSION, CHANGE_VERSION).read_in(JOBS),
    field("FrappeSite", ADMIN_GENERATION, &[BY_VERSION, ROTATED, Touches(&[VERSION])], Credential, "a new init Job sets the new password of the Administrator", ""),
    field("FrappeSite", ADMIN_GENERATION, &[BY_VERSION, ROTATED], Credential, "the Administrator keeps the old password: {frappe-operator} runs the init Job that sets the new one only when `siteVersion` changes", CHANGE_VERSION),
    field("FrappeSite", DATABASE_GENERATION, &[BY_VERSION, ROTATED, Touches(&[VERSION])], Credential, "a new init Job writes the new password into the site", ""),
    field("FrappeSite", DATABASE_GENERATION, &[BY_VERSION, ROTATED], Credential, "the account gets the new password at once, and the site keeps the old one: {frappe-operator} runs the init Job that writes it only when `siteVersion` changes", CHANGE_VERSION),
    field("FrappeSite", KEY_GENERATION, &[ROTATED], DataLoss, KEY_GOES, "restore the record of the old key from Git"),
    field("FrappeSite", VERSION, &[], Rollout, "a new init Job migrates the site, installs its new apps, and writes its passwords again", ""),
    field("FrappeSite", "spec.encryptionKeySecretRef", &[WasSet], DataLoss, KEY_GOES, "keep the Secret, with the key that it has"),
    field("FrappeSite", "spec.encryptionKeySecretRef", &[], DataLoss, "the init Job writes the key of the Secret over the one that the site has: nothing can read what the old key has encrypted", "record the `encryption_key` of the site's site_config.json before the first render"),
    field("FrappeSite", "spec.deletionPolicy", &[To("Delete")], DataLoss, "the deletion of the object drops the site with its database, and makes no backup", "state `Retain`"),
    field("FrappeSite", "spec.apps", &[], Blocked, "the operator installs apps when it makes the site, and never later, although the site's status lists the new ones", "in a pod of the bench, run `bench --site SITE install-app APP`, or `uninstall-app`").read_in(APPS),
    field("FrappeSite", "spec.adminPasswordSecretRef", &[BY_VERSION], Credential, "a new init Job sets the new password, and it runs only when `siteVersion` changes", CHANGE_VERSION),
    field("FrappeSite", "spec.adminPasswordSecretRef", &[], Credential, "only a new site reads it: this site keeps its admin password", "in a pod of the bench, run `bench --site SITE set-admin-password`"),
    field("FrappeSite", "spec.domain", &[WasNot("spec.ingress.enabled", "false")], Blocked, INGRESS, EDIT_INGRESS).read_in(INGRESSES),
    field("FrappeSite", "spec.tls", &[WasNot("spec.ingress.enabled", "false")], Blocked, INGRESS, EDIT_INGRESS).read_in(INGRESSES),
    field("FrappeSite", "spec.ingressClassName", &[WasNot("spec.ingress.enabled", "false")], Blocked, INGRESS, EDIT_INGRESS).read_in(INGRESSES),
    field("FrappeSite", "spec.ingress.annotations", &[WasNot("spec.ingress.enabled", "false")], Blocked, INGRESS, EDIT_INGRESS).read_in(INGRESSES),
    // No version reads it: `ingressClassName` is what counts.
    field("FrappeSite", "spec.ingress.className", &[], None, "", ""),
    field("FrappeSite", "spec.ingress.enabled", &[To("false")], Rollout, "the operator leaves the Ingress in the cluster: the site can still be reached by it", "delete the Ingress `{name}-ingress` in the cluster, if nobody may reach the site any more"),
    // Only `data: delete` removes the protection.
    field("FrappeSite", FLUX_PROTECTION, &[Unprotected, Retired, DROPS_SITES], Rollout, UNPROTECTED, KEEP_DATA),
    field("FrappeSite", ARGO_PROTECTION, &[Unprotected, Retired, DROPS_SITES], Rollout, UNPROTECTED, KEEP_DATA),
    on("FrappeSite", Changes, &[BY_VERSION, Touches(&[VERSION])], None, "", ""),
    on("FrappeSite", Changes, &[BY_VERSION, Touches(INIT_BY_VERSION)], Blocked, UNTIL_VERSION, CHANGE_VERSION).read_in(JOBS),
    on("FrappeSite", Changes, &[RERUNS_INIT, Touches(INIT)], Rollout, "a new init Job writes the change into the site, unless the last one ended less than an hour ago: then only the status shows the change, and the site never gets it", "if the Job `{name}-init` is still in the cluster, delete it before the change arrives"),
    on("FrappeSite", Changes, &[Touches(&["spec.domain"])], Blocked, "{frappe-operator} never runs the init Job of a site again: the site keeps its old `host_name`", "in a pod of the bench, run `bench --site SITE set-config host_name DOMAIN`").read_in(OLD_SITE),
    on("FrappeSite", Comes, &[MakerGoes], DataLoss, "it has the siteName of `{before}`, which this change removes: the new site starts empty", "keep the file's name, namespace and cluster; folders may change"),
    on("FrappeSite", Goes, &[Retired, Protected, DROPS_SITES], Rollout, "it stays in the cluster, since {frappe-operator} would drop its database", "delete it there when its data is no longer wanted"),
    on("FrappeSite", Goes, &[Retired, DROPS_SITES], DataLoss, "{frappe-operator} drops the site with its database, and makes no backup", "make a backup, test that it can be restored, and let the change pass with `--allow`"),
    on("FrappeSite", Goes, &[DROPS_SITES], DataLoss, "{frappe-operator} drops the site with its database, and makes no backup", RETIRE),
    on("FrappeSite", Goes, &[Retired, Protected], Rollout, "it stays in the cluster, where it is marked against pruning", "delete it there when nobody wants it any more"),
    on("FrappeSite", Goes, &[Retired], Rollout, RETIRED, ""),
    on("FrappeSite", Goes, &[], DataLoss, "no object manages the site any more; its database and files stay", RETIRE),
];

/// The siteName of a FrappeSite.
pub(crate) fn site_name<'o>(key: &Key, object: &'o Object) -> Option<&'o str> {
    let name = object.text(&["spec", "siteName"])?;
    (key.kind == ObjectKind::FrappeSite.as_str()).then_some(name)
}

/// A FrappeSite makes the site of its siteName.
pub(super) fn subject(key: &Key, object: &Object) -> Option<Relation> {
    let name = site_name(key, object)?.to_owned();
    let called = format!("{}/{}/{}", key.cluster, key.namespace, key.name);
    let identity = Thing::new(ObjectKind::FrappeSite, [name]);
    Some(Relation::Makes { identity, called, ends: true })
}

#[cfg(test)]
mod tests {
    use crate::risk::Level::{self, Blocked, Credential, DataLoss, None, Rollout};
    use crate::risk::case::{Case, annotation, comes, goes, patch, spec, whole, yaml};

    const KIND: &str = "FrappeSite";
    const OFF: &str = "{ingress: {enabled: false}}";

    pub(super) fn cases() -> Vec<Case> {
        [identity(), access(), jobs(), versions(), rotations(), coming_and_going()]
            .into_iter()
            .flatten()
            .collect()
    }

    fn of(before: &str, after: &str, field: &str, level: Level, words: &'static str) -> Case {
        spec(KIND, before, after, field, level, words)
    }

    fn identity() -> Vec<Case> {
        const NONE_THERE: &str = "where there is none";
        let renamed =
            |words| of("{}", "{siteName: other.example.com}", "siteName", DataLoss, words);
        let moved = |words| of("{}", "{benchRef: {name: other}}", "benchRef.name", DataLoss, words);
        let server = |after, field| of(SERVER, after, field, DataLoss, NONE_THERE);
        const SERVER: &str = "{dbConfig: {host: a, port: \"1\", connectionSecretRef: {name: a}, mariadbRef: {name: a}}}";
        vec![
            renamed(
                "a new init Job makes a site of the new name, on a database that does not exist",
            ),
            renamed("makes no site of the new name").under("frappe-operator", "2.3"),
            renamed("makes no site of the new name").under("frappe-operator", "2.5"),
            moved("makes a new site over its database"),
            moved("stay on the volume of its old bench").under("frappe-operator", "2.3"),
            server("{dbConfig: {mode: dedicated}}", "dbConfig.mode"),
            server("{dbConfig: {provider: postgres}}", "dbConfig.provider"),
            server("{dbConfig: {mariadbRef: {name: b}}}", "dbConfig.mariadbRef.name"),
            server("{dbConfig: {host: b}}", "dbConfig.host"),
            server("{dbConfig: {port: \"2\"}}", "dbConfig.port"),
            server(
                "{dbConfig: {connectionSecretRef: {name: b}}}",
                "dbConfig.connectionSecretRef.name",
            ),
            server("{dbConfig: {host: b}}", "dbConfig.host").under("frappe-operator", "2.3"),
            of(
                "{apps: [erpnext]}",
                "{apps: [erpnext, hrms]}",
                "apps",
                Blocked,
                "run `bench --site SITE install-app",
            ),
            of("{apps: [erpnext]}", "{apps: null}", "apps", Blocked, "never later"),
            // Nobody reads them there.
            of("{apps: [erpnext]}", "{apps: null}", "apps", None, "")
                .under("frappe-operator", "2.5"),
            of(
                "{}",
                "{adminPasswordSecretRef: {name: other}}",
                "adminPasswordSecretRef.name",
                Credential,
                "only a new site",
            ),
        ]
    }

    /// How a site is reached.
    fn access() -> Vec<Case> {
        const EDIT: &str = "keeps the old value; after the change, edit the Ingress `demo-ingress`";
        let mut cases = Vec::new();
        for (before, after, field) in [
            ("{}", "{domain: other.example.com}", "domain"),
            ("{tls: {enabled: false}}", "{tls: {enabled: true}}", "tls.enabled"),
            ("{ingressClassName: a}", "{ingressClassName: b}", "ingressClassName"),
            (
                "{ingress: {annotations: {a: b}}}",
                "{ingress: {annotations: {a: c}}}",
                "ingress.annotations.a",
            ),
        ] {
            for version in ["2.3", "2.5", "2.6"] {
                cases.push(
                    of(before, after, field, Blocked, EDIT).under("frappe-operator", version),
                );
            }
            // One that is not there yet is made of the new value.
            let mut off = yaml(before);
            patch(&mut off, &yaml(OFF));
            cases.push(of(&off.to_string(), after, field, Rollout, "acts on it"));
        }
        cases.extend([
            of(
                "{ingress: {className: a}}",
                "{ingress: {className: b}}",
                "ingress.className",
                None,
                "",
            ),
            of("{}", OFF, "ingress.enabled", Rollout, "delete the Ingress `demo-ingress`"),
            of(OFF, "{ingress: {enabled: true}}", "ingress.enabled", Rollout, "acts on it"),
        ]);
        cases
    }

    /// What the init Job makes of a change, and when.
    fn jobs() -> Vec<Case> {
        const HOUR: &str = "ended less than an hour ago";
        const DELETE: &str = "if the Job `demo-init` is still in the cluster, delete it";
        const NEVER: &str = "2.3 never runs the init Job of a site again";
        let of = |after, level, words| whole(KIND, "{}", after, level, words);
        vec![
            of("{siteName: other.example.com}", Rollout, HOUR),
            of("{domain: other.example.com}", Rollout, HOUR),
            of("{domain: other.example.com}", Rollout, DELETE),
            of("{benchRef: {name: other}}", Rollout, HOUR),
            of("{dbConfig: {mariadbRef: {name: other}}}", Rollout, HOUR),
            // The Job does not look at these.
            of("{tls: {enabled: true}}", None, ""),
            of(OFF, None, ""),
            of("{domain: other.example.com}", Blocked, NEVER).under("frappe-operator", "2.3"),
            of("{domain: other.example.com}", Blocked, "set-config host_name")
                .under("frappe-operator", "2.5"),
            of("{siteName: other.example.com}", None, "").under("frappe-operator", "2.3"),
            of("{dbConfig: {host: other}}", Blocked, "change `siteVersion`")
                .under("frappe-operator", "5.2"),
            of("{tls: {enabled: true}}", None, "").under("frappe-operator", "5.2"),
        ]
    }

    /// The version of a site changes too.
    fn of_version(mut case: Case) -> Case {
        let version = |version| {
            yaml(&format!(
                "{{metadata: {{annotations: {{frappe.io/site-version: \"{version}\"}}}}}}"
            ))
        };
        case.before.push(version("1"));
        case.after.push(version("2"));
        case
    }

    /// The version of the API changes too.
    fn of_api(mut case: Case) -> Case {
        case.before.push(yaml("{apiVersion: vyogo.tech/v1alpha1}"));
        case.after.push(yaml("{apiVersion: vyogo.tech/v1}"));
        case
    }

    /// A rotation reaches a site under frappe-operator 5.2 only with another version.
    fn rotations() -> Vec<Case> {
        let of = |suffix: &str, before, after, level, words| {
            let name = format!("sitewright/{suffix}-generation");
            let [before, after] = [before, after]
                .map(|it| format!("{{metadata: {{annotations: {{{name}: {it}}}}}}}"));
            annotation(KIND, &before, &after, &name, level, words).under("frappe-operator", "5.2")
        };
        const CHANGES: &str = "the password that it reads changes";
        let of_any = |suffix: &str, words| {
            let moves = "change `siteVersion`";
            [
                of(suffix, "\"1\"", "\"2\"", Credential, moves),
                of_version(of(suffix, "\"1\"", "\"2\"", Credential, words)).without_advice(),
                of(suffix, "null", "\"2\"", None, ""),
                of(suffix, "\"1\"", "\"2\"", Credential, CHANGES).under("frappe-operator", "2.6"),
                of_version(of(suffix, "null", "\"2\"", None, "")),
                of_version(of(suffix, "\"1\"", "\"2\"", Credential, CHANGES))
                    .under("frappe-operator", "2.6"),
            ]
        };
        let mut cases = Vec::from(of_any("admin", "sets the new password of the Administrator"));
        cases.extend(of_any("db-credentials", "writes the new password into the site"));
        cases.extend([
            of("fernet-key", "\"1\"", "\"2\"", DataLoss, "no other key"),
            of("fernet-key", "null", "\"2\"", None, ""),
        ]);
        cases
    }

    /// frappe-operator 5.2 runs the init Job again by the version of a site.
    fn versions() -> Vec<Case> {
        const FIELD: &str = "metadata.annotations.frappe.io/site-version";
        const HOST: &str = "{dbConfig: {host: other}}";
        let under = |case: Case| case.under("frappe-operator", "5.2");
        let apps = |level, words| of("{apps: [a]}", "{apps: [a, b]}", "apps", level, words);
        let whole = |level, words| whole(KIND, "{}", HOST, level, words);
        let annotation = of("{}", "{}", "", Rollout, "a new init Job migrates the site");
        let policy =
            |before, after, level, words| of(before, after, "deletionPolicy", level, words);
        const KEY: &str = "{encryptionKeySecretRef: {name: a, key: k}}";
        const KEY_NAME: &str = "encryptionKeySecretRef.name";
        const ADMIN: &str = "{adminPasswordSecretRef: {name: other}}";
        const RETAIN: &str = "{deletionPolicy: Retain}";
        const DELETE: &str = "{deletionPolicy: Delete}";
        vec![
            under(apps(Blocked, "change `siteVersion`")),
            under(of_version(apps(Rollout, "installs the apps that the site lacks"))),
            of_version(apps(Blocked, "never later")),
            under(whole(Blocked, "change `siteVersion`")),
            under(of_version(whole(None, ""))),
            of_version(whole(Rollout, "ended less than an hour ago")),
            under(of_version(Case { field: Some(FIELD.to_owned()), ..annotation })),
            under(policy(RETAIN, DELETE, DataLoss, "drops the site")),
            under(policy(DELETE, RETAIN, Rollout, "acts on it")),
            under(of("{}", "{siteName: b}", "siteName", DataLoss, "another folder")),
            under(of(
                KEY,
                "{encryptionKeySecretRef: {name: b}}",
                KEY_NAME,
                DataLoss,
                "no other key",
            )),
            under(of("{}", ADMIN, "adminPasswordSecretRef.name", Credential, "only when")),
            under(of("{}", KEY, "encryptionKeySecretRef", DataLoss, "record the `encryption_key`")),
            under(of_api(of("{}", HOST, "dbConfig.host", Rollout, "made again"))),
            under(of_api(Case {
                field: Some("apiVersion".to_owned()),
                ..of("{}", "{}", "", Blocked, "until the old ones are gone")
            })),
        ]
    }

    fn coming_and_going() -> Vec<Case> {
        const RETIRED: &str = "{metadata: {annotations: {sitewright/lifecycle: retired}}}";
        const UNPROTECTED: &str = "{metadata: {annotations: {kustomize.toolkit.fluxcd.io/prune: null, \
                            argocd.argoproj.io/sync-options: null}}}";
        const DROPS: &str = "frappe-operator 2.6 drops the site with its database";
        let goes = |patches: &[&str], level, words| goes(KIND, patches, level, words);
        let of_argo = "{metadata: {annotations: {kustomize.toolkit.fluxcd.io/prune: null}}}";
        vec![
            comes(KIND, "{}", None, ""),
            comes(KIND, "{}", DataLoss, "siteName of `eu/erp/beside`, which this change removes")
                .beside("{}"),
            comes(KIND, "{}", None, "").beside("{spec: {siteName: other}}"),
            goes(&[], DataLoss, DROPS),
            goes(&[], DataLoss, "lifecycle: retired"),
            goes(&[UNPROTECTED], DataLoss, "lifecycle: retired"),
            goes(&[RETIRED, UNPROTECTED], DataLoss, "can be restored"),
            goes(&[RETIRED], Rollout, "since frappe-operator 2.6 would drop its database"),
            goes(&[RETIRED, of_argo], Rollout, "since frappe-operator 2.6 would drop its database"),
            // A cluster that no definition states may run the version that drops.
            goes(&[], DataLoss, "frappe-operator drops the site").unknown(),
            goes(&[RETIRED, UNPROTECTED], DataLoss, "frappe-operator drops the site").unknown(),
            // Other versions drop nothing.
            goes(&[], DataLoss, "its database and files stay").under("frappe-operator", "2.3"),
            goes(&[UNPROTECTED], DataLoss, "its database and files stay")
                .under("frappe-operator", "2.5"),
            goes(&[RETIRED], Rollout, "it is marked against pruning")
                .under("frappe-operator", "2.3"),
            goes(&[RETIRED, UNPROTECTED], Rollout, "retired before")
                .under("frappe-operator", "2.3"),
            // Under `Retain`.
            goes(&[], DataLoss, "its database and files stay").under("frappe-operator", "5.2"),
            goes(&[RETIRED, UNPROTECTED], Rollout, "retired before")
                .under("frappe-operator", "5.2"),
        ]
    }
}
