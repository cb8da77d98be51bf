//! The fields of Frappe's objects that definitions state as they are.

use crate::language::Kind;
use crate::object::{StatedField, stated};

/// The fields.
pub(crate) const STATED: &[StatedField] = &[
    stated("FrappeSite", "spec siteName", Kind::Site, "siteName"),
    stated("FrappeSite", "spec domain", Kind::Site, "domain"),
    stated("FrappeSite", "spec apps", Kind::Site, "apps"),
    stated("FrappeSite", "spec ingress *", Kind::Site, "ingress *"),
    stated("FrappeSite", "spec ingressClassName", Kind::Site, "ingress className"),
    stated("FrappeSite", "spec tls *", Kind::Site, "tls *"),
    stated("FrappeSite", "metadata annotations frappe.io/site-version", Kind::Site, "siteVersion"),
    stated("FrappeBench", "spec frappeVersion", Kind::Bench, "frappeVersion"),
    stated("FrappeBench", "spec imageConfig *", Kind::Bench, "image *"),
    stated("FrappeBench", "spec componentReplicas *", Kind::Bench, "componentReplicas *"),
    stated("FrappeBench", "spec componentResources *", Kind::Bench, "componentResources *"),
    stated("FrappeBench", "spec redisConfig *", Kind::Bench, "redis *"),
    stated("FrappeBench", "spec workerAutoscaling *", Kind::Bench, "workerAutoscaling *"),
    stated("FrappeBench", "spec domainConfig *", Kind::Bench, "domain *"),
    stated("FrappeBench", "spec gitConfig enabled", Kind::Bench, "git enabled"),
    stated("FrappeBench", "spec security *", Kind::Bench, "security *"),
    stated("FrappeBench", "spec storageClassName", Kind::Bench, "storageClassName"),
];
