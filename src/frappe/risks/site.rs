//! The risks of FrappeSite.

use crate::object::ObjectKind;
use crate::operator::frappe::Apps;
use crate::risk::Condition::{
    self, MakerGoes, Own, Protected, Retired, SecretMoves, To, Touches, Unprotected, WasNot,
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
    holds: |scene| scene.known.may(|it| it.profiles.frappe.reruns_init),
});
/// frappe-operator reads no apps from a FrappeSite.
const IGNORES_APPS: Condition = Own(&Predicate {
    name: "IGNORES_APPS",
    holds: |scene| scene.known.has(|it| it.profiles.frappe.apps != Apps::Stated),
});

const INGRESSES: &str =
    "ensureIngress in controllers/frappesite_ingress.go of frappe-operator 2.6.4";
const APPS: &str = "site_init.sh in pkg/scripts/templates of frappe-operator 2.6.4";
const OLD_SITE: &str = "ensureSiteInitialized in controllers/frappesite_controller.go of frappe-operator 2.3.0 and 2.5.0";

pub(super) const TABLE: Table = Table {
    rules: RULES,
    #[cfg(test)]
    cases: tests::cases,
};

#[rustfmt::skip]
const RULES: &[Rule] = &[
    field("FrappeSite", "spec.siteName", &[RERUNS_INIT], DataLoss, "a new init Job makes a site of the new name, on a database that does not exist: the data stays under the old name", MIGRATE),
    field("FrappeSite", "spec.siteName", &[], DataLoss, "the operator computes another database name from it, and makes no site of the new name: the data stays under the old one", MIGRATE),
    field("FrappeSite", "spec.benchRef", &[RERUNS_INIT], DataLoss, "a new init Job finds no files of the site on that bench, and makes a new site over its database", MIGRATE),
    field("FrappeSite", "spec.benchRef", &[], DataLoss, "the site's files stay on the volume of its old bench", MIGRATE),
    field("FrappeSite", "spec.dbConfig.mode", &[], DataLoss, MOVES, MIGRATE),
    field("FrappeSite", "spec.dbConfig.provider", &[], DataLoss, MOVES, MIGRATE),
    field("FrappeSite", "spec.dbConfig.mariadbRef", &[], DataLoss, MOVES, MIGRATE),
    field("FrappeSite", "spec.dbConfig.host", &[], DataLoss, MOVES, MIGRATE),
    field("FrappeSite", "spec.dbConfig.port", &[], DataLoss, MOVES, MIGRATE),
    field("FrappeSite", "spec.dbConfig.connectionSecretRef.name", &[SecretMoves], Credential, "the connection is read from the password's new Secret", ""),
    field("FrappeSite", "spec.dbConfig.connectionSecretRef", &[], DataLoss, MOVES, MIGRATE),
    field("FrappeSite", "spec.apps", &[IGNORES_APPS], None, "", ""),
    field("FrappeSite", "spec.apps", &[], Blocked, "the operator installs apps when it makes the site, and never later, although the site's status lists the new ones", "in a pod of the bench, run `bench --site SITE install-app APP`, or `uninstall-app`").read_in(APPS),
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
    use crate::risk::case::{Case, comes, goes, patch, spec, whole, yaml};

    const KIND: &str = "FrappeSite";
    const OFF: &str = "{ingress: {enabled: false}}";

    pub(super) fn cases() -> Vec<Case> {
        [identity(), access(), jobs(), coming_and_going()].into_iter().flatten().collect()
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
        ]
    }
}
