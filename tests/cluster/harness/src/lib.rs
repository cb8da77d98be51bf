//! A cluster on loopback: starts the programs that a test names, each in its own folder and on free
//! ports, waits until they are ready, and ends them by process id whatever happens.
//!
//! `tests/cluster/build` builds the programs; [`Programs`] finds them. A test holds the values that it
//! starts: dropping one ends its process. When the test's process dies, by a panic or a signal, the
//! kernel ends them. When a test fails, the end of each program's log is printed and the logs stay.
//!
//! Nothing here returns an error: whatever goes wrong fails the test, with the reason.

mod api;
mod argo_cd;
mod audit;
mod cloudnative_pg;
mod control_plane;
mod flux;
mod kubectl;
mod operators;
mod ports;
mod process;
mod programs;
mod repository;
mod sealed_secrets;
mod sops;
mod wait;

pub use argo_cd::{ArgoCd, Verdict, judge};
pub use audit::Write;
pub use cloudnative_pg::CloudNativePg;
pub use control_plane::{ControlPlane, ControllerManager};
pub use flux::Flux;
pub use kubectl::{Kubectl, Output};
pub use operators::Operators;
pub use ports::free_port;
pub use process::{Process, Workplace};
pub use programs::Programs;
pub use repository::{GitServer, Repository};
pub use sealed_secrets::{SealedSecrets, may_unshare};
pub use sops::Sops;
pub use wait::{eventually, steadily};
