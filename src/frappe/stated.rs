//! The fields of Frappe's objects that definitions state.

use crate::language::Kind;
use crate::object::{Reading, StatedField, stated};

/// The fields.
pub(crate) const STATED: &[StatedField] = &[
    stated("FrappeSite", "spec siteName", Kind::Site, "siteName"),
    stated("FrappeSite", "spec domain", Kind::Site, "domain"),
    stated("FrappeSite", "spec apps", Kind::Site, "apps"),
    stated("FrappeSite", "spec ingress *", Kind::Site, "ingress *"),
    stated("FrappeSite", "spec ingressClassName", Kind::Site, "ingress className"),
    stated("FrappeSite", "spec tls *", Kind::Site, "tls *"),
    stated("FrappeSite", "metadata annotations frappe.io/site-version", Kind::Site, "siteVersion"),
    stated("FrappeSite", "spec benchRef name", Kind::Site, "bench"),
    stated("FrappeSite", "spec dbConfig mariadbRef name", Kind::Site, "database server"),
    stated("FrappeSite", "spec dbConfig host", Kind::Site, "database connection host"),
    stated("FrappeSite", "spec dbConfig port", Kind::Site, "database connection port")
        .read(Reading::Number),
    stated(
        "FrappeSite",
        "spec dbConfig connectionSecretRef name",
        Kind::Site,
        "database connection secretName",
    ),
    stated("FrappeSite", "spec adminPasswordSecretRef name", Kind::Site, "admin secretRef name"),
    stated("FrappeBench", "spec frappeVersion", Kind::Bench, "frappeVersion"),
    stated("FrappeBench", "spec imageConfig *", Kind::Bench, "image *"),
    stated("FrappeBench", "spec componentReplicas *", Kind::Bench, "componentReplicas *"),
    stated("FrappeBench", "spec componentResources *", Kind::Bench, "componentResources *"),
    stated("FrappeBench", "spec redisConfig *", Kind::Bench, "redis *"),
    stated("FrappeBench", "spec workerAutoscaling *", Kind::Bench, "workerAutoscaling *"),
    stated("FrappeBench", "spec domainConfig *", Kind::Bench, "domain *"),
    stated("FrappeBench", "spec fpmConfig *", Kind::Bench, "fpm *"),
    stated("FrappeBench", "spec apps", Kind::Bench, "apps"),
    stated("FrappeBench", "spec gitConfig enabled", Kind::Bench, "git enabled"),
    stated("FrappeBench", "spec security *", Kind::Bench, "security *"),
    stated("FrappeBench", "spec storageClassName", Kind::Bench, "storageClassName"),
    component("spec componentAutoscaling gunicorn staticReplicas", "componentReplicas gunicorn"),
    component("spec componentAutoscaling nginx staticReplicas", "componentReplicas nginx"),
    component("spec componentAutoscaling socketio staticReplicas", "componentReplicas socketio"),
    component(
        "spec componentAutoscaling worker-default staticReplicas",
        "componentReplicas workerDefault",
    ),
    component(
        "spec componentAutoscaling worker-long staticReplicas",
        "componentReplicas workerLong",
    ),
    component(
        "spec componentAutoscaling worker-short staticReplicas",
        "componentReplicas workerShort",
    ),
];

/// The replicas of a component that the operator scales by itself.
const fn component(object: &'static str, field: &'static str) -> StatedField {
    stated("FrappeBench", object, Kind::Bench, field)
}
