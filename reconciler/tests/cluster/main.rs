//! The reconciler's program against a real API server. Nothing here plays an API server: the tests write
//! objects, write the statuses that operators write, and read what the reconciler made of them.
//!
//! Tests share one API server and have a namespace each. Those that end the API server, or need one with
//! other CRDs, have their own.

#[cfg(test)]
mod crd;
#[cfg(test)]
mod killed;
#[cfg(test)]
mod metrics;
#[cfg(test)]
mod objects;
#[cfg(test)]
mod outage;
#[cfg(test)]
mod ownership;
#[cfg(test)]
mod postgres;
#[cfg(test)]
mod reconciler;
#[cfg(test)]
mod recorder;
#[cfg(test)]
mod rest;
#[cfg(test)]
mod rights;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod stage;
#[cfg(test)]
mod statuses;
#[cfg(test)]
#[path = "../../../tests/tools/mod.rs"]
mod tools;
#[cfg(test)]
mod walk;
