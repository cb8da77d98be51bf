//! Finds labels and annotations that users may not set: those of sitewright, and those that make an
//! engine delete data. It also finds annotations that are too large for an object.

use crate::cluster::{Annotations, Common};
use crate::diagnostic::{Code, Diagnostic};
use crate::layers::Origin;
use crate::manifest::{ANNOTATIONS, KEPT, LABELS};
use crate::resolve::Fleet;

/// The prefixes of keys that only templates and sitewright may set. The sealed-secrets controller
/// reads the scope of a ciphertext from annotations, and cannot decrypt it with another scope.
const PREFIXES: [&str; 2] = ["sitewright/", "sealedsecrets.bitnami.com/"];

pub(super) fn check(fleet: &Fleet) -> Vec<Diagnostic> {
    let servers = fleet.servers.iter().map(|server| &server.common);
    let benches = fleet.benches.iter().map(|bench| &bench.common);
    let sites = fleet.sites.iter().map(|site| &site.common);
    let all = servers.chain(benches).chain(sites);
    let found = all.flat_map(|common| {
        let many = too_many(&common.annotations, &common.origin, &["annotations"]);
        reserved(common).into_iter().chain(many).chain(of_secrets(common, fleet))
    });
    let ingresses = fleet.sites.iter().filter_map(|site| {
        let path = ["ingress", "annotations"];
        too_many(&site.ingress.annotations, &site.common.origin, &path)
    });
    found.chain(ingresses).collect()
}

/// All annotations of one object, keys and values, may have 256 KiB together
/// (`TotalAnnotationSizeLimitB` in apimachinery's `pkg/api/validation`). Annotations of sitewright
/// and of operators count too.
fn too_many(annotations: &Annotations, origin: &Origin, path: &[&str]) -> Option<Diagnostic> {
    const MOST: usize = 256 << 10;
    let stated: usize =
        annotations.iter().map(|(key, value)| key.as_str().len() + value.len()).sum();
    let most = MOST - KEPT;
    (stated > most).then(|| {
        let message = format!(
            "`{}` has {stated} bytes, but an object may have {MOST}, of which {KEPT} are reserved for \
             sitewright and the operators",
            path.join(".")
        );
        // SW104: an object has too many bytes of annotations.
        Diagnostic::new(Code::BadValue, origin.span(path), message)
            .help(format!("state at most {most} bytes of keys and values, and put longer texts into a ConfigMap"))
    })
}

/// Finds labels and annotations that the cluster's mode of Secrets reserves.
fn of_secrets(common: &Common, fleet: &Fleet) -> Vec<Diagnostic> {
    let taken = fleet.cluster(common).secrets.reserved_keys;
    let labels = common.labels.keys().map(|key| ("labels", key.as_str()));
    let annotations = common.annotations.keys().map(|key| ("annotations", key.as_str()));
    let found = labels.chain(annotations).filter(|(_, key)| taken.contains(key));
    found
        .map(|(field, key)| {
            let message =
                format!("SOPS takes `{key}` for a key of a Secret, and would decrypt its text");
            // SW104: a value that is not allowed.
            Diagnostic::new(Code::BadValue, common.origin.span(&[field, key]), message)
                .help("use another key, or one with a prefix such as `example.com/`")
        })
        .collect()
}

fn reserved(common: &Common) -> Vec<Diagnostic> {
    let labels = common.labels.keys().map(|key| ("labels", key.as_str(), LABELS));
    let annotations =
        common.annotations.keys().map(|key| ("annotations", key.as_str(), ANNOTATIONS));
    labels
        .chain(annotations)
        .filter(|(_, key, taken)| {
            taken.contains(key) || PREFIXES.iter().any(|prefix| key.starts_with(prefix))
        })
        .map(|(field, key, taken)| {
            let message = format!("only sitewright may set `{key}`");
            let help = match field {
                _ if !taken.contains(&key) => {
                    "remove it: the record of the password decides this key"
                }
                "labels" => "remove it, or use another prefix or none",
                _ => "remove it: `protect`, `lifecycle` and the cluster's `gitops.engine` decide this",
            };
            Diagnostic::new(Code::BadValue, common.origin.span(&[field, key]), message).help(help)
        })
        .collect()
}
