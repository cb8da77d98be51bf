//! Resolves the fields of a cluster.

use super::{
    ArgoDestination, Cluster, DeliverySettings, ReconcilerSettings, RemoteStore, SecretSettings,
};
use crate::diagnostic::{Checked, Code, Diagnostic};
use crate::language::{self, Definition, Engine, Namespace, SecretMode, SecretScope};
use crate::layers::{Layers, Origin, decoded, require};
use crate::operator::{self, Kubernetes, Operator};
use crate::source::node::Node;

/// A cluster. It must state the version of one of these operators of databases. If it states none,
/// the first is missing.
pub(crate) fn cluster<'p>(
    definition: &'p Definition,
    node: &'p Node,
    of_databases: &[Operator],
) -> Checked<Cluster<'p>> {
    let origin = Origin { definition, layers: Layers::new(vec![node]) };
    let fields: language::Cluster = decoded(&origin)?;
    let operators = fields.operators.unwrap_or_default();
    let mut problems = Vec::new();
    if !operators.state(Operator::Frappe) {
        problems.push(missing(&origin, Operator::Frappe));
    }
    if !of_databases.iter().any(|operator| operators.state(*operator)) {
        problems.extend(of_databases.first().map(|operator| missing(&origin, *operator)));
    }
    let profiles = operators.profiles();
    let reader = operators.rbac.map(|rbac| {
        let account = rbac.service_account.unwrap_or_default();
        let or =
            |stated: Option<String>, default: &str| stated.unwrap_or_else(|| default.to_owned());
        (
            or(account.name.map(|name| name.to_string()), "frappe-operator-controller-manager"),
            or(account.namespace.map(|name| name.to_string()), "frappe-operator-system"),
        )
    });
    let gitops = fields.gitops.unwrap_or_default();
    let engine = gitops.engine.unwrap_or(Engine::None);
    problems.extend(without_effect(&origin, engine));
    problems.extend(two_destinations(&origin, &gitops));
    let status = fields.status.unwrap_or(false);
    let reconciler = reconciler(&origin, gitops.reconciler.clone(), status);
    let reconciler = reconciler.map_err(|found| problems.extend(found)).unwrap_or_default();
    let delivery = delivery(gitops, engine);
    let stated = fields.secrets.unwrap_or_default();
    problems.extend(sops(&origin, &stated, engine));
    let secrets = secrets(&origin, stated).map_err(|problem| {
        problems.push(*problem);
    });
    let (Some(profiles), Ok(secrets)) = (profiles, secrets) else { return Err(problems) };
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(Cluster {
        definition,
        name: definition.cluster().to_owned(),
        profiles,
        frappe_default_fs_group: operators.frappe_default_fs_group,
        kubernetes: fields.kubernetes.and_then(|version| Kubernetes::of(version.as_str())),
        engine,
        delivery,
        reader,
        secrets,
        status,
        reconciler,
    })
}

/// A version that the cluster must state.
fn missing(origin: &Origin, operator: Operator) -> Diagnostic {
    let versions: Vec<_> = operator.versions().iter().map(|id| format!("\"{id}\"")).collect();
    let allowed = operator::listed(&versions);
    let message = format!("`operators.{}` is missing", operator.field());
    // SW105: a required field is missing.
    Diagnostic::new(Code::MissingField, origin.span(&["operators"]), message)
        .help(format!("state the version that runs in the cluster: {allowed}"))
}

/// Fields of `gitops` that the engine ignores.
fn without_effect(origin: &Origin, engine: Engine) -> Vec<Diagnostic> {
    const OF_FLUX: &[&str] = &["credentials"];
    const OF_ARGO: &[&str] = &["destination"];
    const OF_BOTH: &[&str] = &["repository", "branch", "path", "delivery", "namespace"];
    let (name, idle) = match engine {
        Engine::Flux => ("flux", vec![OF_ARGO]),
        Engine::Argocd => ("argocd", vec![OF_FLUX]),
        Engine::None => ("none", vec![OF_FLUX, OF_ARGO, OF_BOTH]),
    };
    let idle = idle.into_iter().flatten();
    idle.filter_map(|field| {
        let span = origin.key_here(&["gitops", field])?;
        let message = format!("`gitops.{field}` has no effect with `engine: {name}`");
        // SW106: a field that has no effect here.
        Some(Diagnostic::new(Code::NoEffect, span, message).help("remove it, or state the engine"))
    })
    .collect()
}

/// A cluster that is named by its address and by its name.
fn two_destinations(origin: &Origin, stated: &language::Gitops) -> Option<Diagnostic> {
    let destination = stated.destination.as_ref()?;
    (destination.server.is_some() && destination.name.is_some()).then(|| {
        let span = origin.span(&["gitops", "destination"]);
        let message = "`destination` names the cluster twice";
        let help = "keep `server` or `name`: Argo CD refuses both";
        // SW107: a destination with both `server` and `name`.
        Diagnostic::new(Code::Conflict, span, message).help(help)
    })
}

/// What runs the reconciler, if the cluster states it.
fn reconciler(
    origin: &Origin,
    stated: Option<language::Reconciler>,
    status: bool,
) -> Checked<Option<ReconcilerSettings>> {
    let Some(stated) = stated else { return Ok(None) };
    let path = &["gitops", "reconciler"][..];
    let span = origin.key_here(path).unwrap_or_else(|| origin.span(path));
    let idle = |span, message: &str, help: &str| {
        // SW106: a field that has no effect here.
        vec![Diagnostic::new(Code::NoEffect, span, message).help(help)]
    };
    if !status {
        let message = "`gitops.reconciler` has no effect without `status: true`";
        let help = "state `status: true`: the reconciler writes the status of SiteDatabases";
        return Err(idle(span, message, help));
    }
    let (pod_monitor, alerts) =
        (stated.pod_monitor.unwrap_or(false), stated.alerts.unwrap_or(false));
    let release = &["gitops", "reconciler", "prometheusRelease"][..];
    if let Some(span) = origin.key_here(release).filter(|_| !pod_monitor && !alerts) {
        let message =
            "`prometheusRelease` has no effect without `podMonitor: true` or `alerts: true`";
        return Err(idle(span, message, "remove it, or state one of them"));
    }
    let why = "the image that you built of the reconciler, such as registry.acme.com/sitewright-reconciler:0.1.0";
    let image = require(stated.image, origin, &["gitops", "reconciler", "image"], why)?;
    let namespace = match stated.namespace {
        Some(namespace) => namespace,
        None => Namespace::new("sitewright-system").map_err(|_| Vec::new())?,
    };
    Ok(Some(ReconcilerSettings {
        image,
        image_pull_secret: stated.image_pull_secret.and_then(|secret| secret.name),
        namespace,
        pod_monitor,
        alerts,
        prometheus_release: stated.prometheus_release,
    }))
}

fn delivery(stated: language::Gitops, engine: Engine) -> DeliverySettings {
    let destination = stated.destination.unwrap_or_default();
    let namespace = stated.namespace.map(|namespace| namespace.to_string());
    let default = if engine == Engine::Argocd { "argocd" } else { "flux-system" };
    DeliverySettings {
        repository: stated.repository,
        branch: stated.branch.map_or_else(|| "main".to_owned(), |branch| branch.to_string()),
        path: stated.path.map(|path| path.to_string()).unwrap_or_default(),
        by: stated.delivery.unwrap_or_default(),
        namespace: namespace.unwrap_or_else(|| default.to_owned()),
        credentials: stated.credentials.and_then(|secret| secret.name),
        destination: match destination.name {
            Some(name) => ArgoDestination::Name(name.to_string()),
            None => ArgoDestination::Server(destination.server.map_or_else(
                // The address that Argo CD uses for its own cluster.
                || "https://kubernetes.default.svc".to_owned(),
                |server| server.to_string(),
            )),
        },
    }
}

/// What contradicts the mode sops, or has no effect without it.
fn sops(origin: &Origin, stated: &language::Secrets, engine: Engine) -> Vec<Diagnostic> {
    let is_sops = stated.mode == Some(SecretMode::Sops);
    let mut problems = Vec::new();
    // Argo CD applies manifests as they are unless a plugin generates them. The Applications of
    // `sitewright gitops` read a directory, without a plugin.
    if is_sops && engine == Engine::Argocd {
        let message = "Argo CD cannot decrypt Secrets in the format of SOPS";
        let help = "state `secrets.mode: sealed` or `external`. To deliver the manifests yourself through a \
                    plugin that decrypts them, state `gitops.engine: none`";
        let span = origin.span(&["secrets", "mode"]);
        // SW715: a GitOps engine that cannot decrypt the Secrets.
        problems.push(Diagnostic::new(Code::CannotDecrypt, span, message).help(help));
    }
    let key_secret = &["secrets", "sops", "keySecret"][..];
    let has_effect = is_sops && engine == Engine::Flux;
    let idle = stated.sops.as_ref().filter(|sops| !has_effect && sops.key_secret.is_some());
    problems.extend(idle.map(|_| {
        let span = origin.key_here(key_secret).unwrap_or_else(|| origin.span(key_secret));
        let message = "`secrets.sops.keySecret` has no effect without `secrets.mode: sops` and `engine: flux`";
        // SW106: a field that has no effect here.
        Diagnostic::new(Code::NoEffect, span, message).help("remove it, or state both")
    }));
    problems
}

/// The keys that SOPS takes for those of a Secret, wherever they are. It compares each key of a path by
/// itself, so it would try to decrypt a label of this name.
const KEYS_OF_SECRETS: &[&str] = &["data", "stringData", "password", "secret-access-key"];

/// The Secret in which Flux's documentation keeps the age identity.
const KEY_SECRET: &str = "sops-age";

fn secrets(origin: &Origin, fields: language::Secrets) -> Result<SecretSettings, Box<Diagnostic>> {
    let mode = fields.mode.unwrap_or(SecretMode::Plain);
    let scope = fields.scope.unwrap_or(SecretScope::Strict);
    let sops = fields.sops.unwrap_or_default();
    let is_sops = mode == SecretMode::Sops;
    let key_secret = sops.key_secret.map_or_else(|| KEY_SECRET.to_owned(), |name| name.to_string());
    let settings = |store| SecretSettings {
        mode,
        scope,
        store,
        key_secret: is_sops.then_some(key_secret),
        reserved_keys: if is_sops { KEYS_OF_SECRETS } else { &[] },
    };
    let external = &["secrets", "external"][..];
    match (mode, fields.external) {
        (SecretMode::External, external_fields) => {
            let fields = external_fields.unwrap_or_default();
            let store = fields.store.unwrap_or_default();
            let Some(name) = store.name else {
                let message = "`secrets.external.store.name` is missing";
                let span = origin.span(&["secrets"]);
                let help = "state the ClusterSecretStore or SecretStore that holds the passwords";
                return Err(Box::new(
                    Diagnostic::new(Code::MissingField, span, message).help(help),
                ));
            };
            Ok(settings(Some(RemoteStore {
                kind: store.kind.unwrap_or_default(),
                name,
                prefix: fields.prefix.map(|prefix| prefix.to_string()).unwrap_or_default(),
                separator: fields.separator.unwrap_or_default().as_str(),
            })))
        }
        (_, Some(_)) => {
            let span = origin.key_here(external).unwrap_or_else(|| origin.span(external));
            let message = "`secrets.external` has no effect without `secrets.mode: external`";
            let help = "remove it, or state the mode";
            Err(Box::new(Diagnostic::new(Code::NoEffect, span, message).help(help)))
        }
        (_, None) => Ok(settings(None)),
    }
}
