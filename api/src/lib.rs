//! The type that both programs share: the compiler renders a SiteDatabase for each site, and the
//! reconciler writes its status. The CRD is made from these types.
//!
//! Nothing here knows a Kubernetes client: the compiler stays free of one.

mod crd;
mod spec;
mod status;

pub use crd::crd;
pub use spec::{ObjectRef, Readiness, SiteDatabaseSpec};
pub use status::{Condition, ConditionStatus, DatabaseStatus, Phase, Reason, SiteDatabaseStatus};

/// The API group and its version. A macro, so that other constants can be built from both.
macro_rules! api_group {
    () => {
        "sitewright.dev"
    };
}

/// The API group of [`KIND`].
pub const GROUP: &str = api_group!();
/// The only version of the type.
pub const VERSION: &str = "v1alpha1";
/// What an object's `apiVersion` says.
pub const API_VERSION: &str = concat!(api_group!(), "/v1alpha1");
/// What an object's `kind` says.
pub const KIND: &str = "SiteDatabase";
/// The resource's name in the API's paths.
pub const PLURAL: &str = "sitedatabases";
/// The name that `kubectl get` takes for short.
pub const SHORT_NAME: &str = "sdb";
/// The type of the condition that the reconciler writes.
pub const READY: &str = "Ready";
/// The name of the CRD.
pub const CRD_NAME: &str = concat!("sitedatabases.", api_group!());
