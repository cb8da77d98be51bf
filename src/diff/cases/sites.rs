//! FrappeSite.

use super::{Case, comes, goes, spec, whole};
use crate::diff::finding::Level::{self, Blocked, Credential, DataLoss, None, Rollout};

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
    let renamed = |words| of("{}", "{siteName: other.example.com}", "siteName", DataLoss, words);
    let moved = |words| of("{}", "{benchRef: {name: other}}", "benchRef.name", DataLoss, words);
    let server = |after, field| of(SERVER, after, field, DataLoss, NONE_THERE);
    const SERVER: &str =
        "{dbConfig: {host: a, port: \"1\", connectionSecretRef: {name: a}, mariadbRef: {name: a}}}";
    vec![
        renamed("a new init Job makes a site of the new name, on a database that does not exist"),
        renamed("makes no site of the new name").frappe("2.3"),
        renamed("makes no site of the new name").frappe("2.5"),
        moved("makes a new site over its database"),
        moved("stay on the volume of its old bench").frappe("2.3"),
        server("{dbConfig: {mode: dedicated}}", "dbConfig.mode"),
        server("{dbConfig: {provider: postgres}}", "dbConfig.provider"),
        server("{dbConfig: {mariadbRef: {name: b}}}", "dbConfig.mariadbRef.name"),
        server("{dbConfig: {host: b}}", "dbConfig.host"),
        server("{dbConfig: {port: \"2\"}}", "dbConfig.port"),
        server("{dbConfig: {connectionSecretRef: {name: b}}}", "dbConfig.connectionSecretRef.name"),
        server("{dbConfig: {host: b}}", "dbConfig.host").frappe("2.3"),
        of(
            "{apps: [erpnext]}",
            "{apps: [erpnext, hrms]}",
            "apps",
            Blocked,
            "run `bench --site SITE install-app",
        ),
        of("{apps: [erpnext]}", "{apps: null}", "apps", Blocked, "never later"),
        // Nobody reads them there.
        of("{apps: [erpnext]}", "{apps: null}", "apps", None, "").frappe("2.5"),
        of(
            "{}",
            "{adminPasswordSecretRef: {name: other}}",
            "adminPasswordSecretRef.name",
            Credential,
            "made anew",
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
            cases.push(of(before, after, field, Blocked, EDIT).frappe(version));
        }
        // One that is not there yet is made of the new value.
        let mut off = super::yaml(before);
        super::patch(&mut off, &super::yaml(OFF));
        cases.push(of(&off.to_string(), after, field, Rollout, "acts on it"));
    }
    cases.extend([
        of("{ingress: {className: a}}", "{ingress: {className: b}}", "ingress.className", None, ""),
        of("{}", OFF, "ingress.enabled", Rollout, "delete the Ingress `demo-ingress`"),
        of(OFF, "{ingress: {enabled: true}}", "ingress.enabled", Rollout, "acts on it"),
    ]);
    cases
}

/// What the init Job makes of a change, and when.
fn jobs() -> Vec<Case> {
    const HOUR: &str = "ended less than an hour ago";
    const DELETE: &str = "where the Job `demo-init` is still in the cluster, delete it";
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
        of("{domain: other.example.com}", Blocked, NEVER).frappe("2.3"),
        of("{domain: other.example.com}", Blocked, "set-config host_name").frappe("2.5"),
        of("{siteName: other.example.com}", None, "").frappe("2.3"),
    ]
}

fn coming_and_going() -> Vec<Case> {
    const RETIRED: &str = "{metadata: {annotations: {sitewright/lifecycle: retired}}}";
    const UNMARKED: &str = "{metadata: {annotations: {kustomize.toolkit.fluxcd.io/prune: null, \
                            argocd.argoproj.io/sync-options: null}}}";
    const DROPS: &str = "frappe-operator 2.6 drops the site with its database";
    let goes = |patches: &[&str], level, words| goes(KIND, patches, level, words);
    let of_argo = "{metadata: {annotations: {kustomize.toolkit.fluxcd.io/prune: null}}}";
    vec![
        comes(KIND, "{}", None, ""),
        comes(KIND, "{}", DataLoss, "siteName of `eu/erp/beside`, which goes").beside("{}"),
        comes(KIND, "{}", None, "").beside("{spec: {siteName: other}}"),
        goes(&[], DataLoss, DROPS),
        goes(&[], DataLoss, "lifecycle: retired"),
        goes(&[UNMARKED], DataLoss, "lifecycle: retired"),
        goes(&[RETIRED, UNMARKED], DataLoss, "restored once"),
        goes(&[RETIRED], Rollout, "since frappe-operator 2.6 would drop its database"),
        goes(&[RETIRED, of_argo], Rollout, "since frappe-operator 2.6 would drop its database"),
        // A cluster that no definition states may run the version that drops.
        goes(&[], DataLoss, "frappe-operator drops the site").unknown(),
        goes(&[RETIRED, UNMARKED], DataLoss, "frappe-operator drops the site").unknown(),
        // Other versions drop nothing.
        goes(&[], DataLoss, "its database and files stay").frappe("2.3"),
        goes(&[UNMARKED], DataLoss, "its database and files stay").frappe("2.5"),
        goes(&[RETIRED], Rollout, "it is marked against pruning").frappe("2.3"),
        goes(&[RETIRED, UNMARKED], Rollout, "retired before").frappe("2.3"),
    ]
}
