//! Writes the status of SiteDatabase objects, and changes nothing else.
//!
//! The data flows one way. Watches feed a pure [`index`], which judges objects by [`rules`] and says which
//! statuses differ from what the API server has. A bounded channel leads from there to the one patcher.

mod announce;
pub mod arguments;
mod backoff;
mod clock;
mod http;
pub mod index;
pub mod kind;
pub mod message;
mod metrics;
pub mod observed;
mod patch;
pub mod rules;
pub mod run;
mod watch;
mod write;

/// Who writes: the field manager of the statuses, and the reporter of events.
pub const MANAGER: &str = "sitewright-reconciler";
