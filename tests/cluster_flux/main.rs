//! Flux end to end: a commit in a Git repository, the GitOps pack as it is rendered, and Flux's own
//! source-controller and kustomize-controller. The operators are a double, which writes the statuses that
//! the real ones write when all is well.

#[cfg(test)]
mod delivery;
#[cfg(test)]
mod model;
#[cfg(test)]
#[expect(dead_code, reason = "the sequences of `tests/controllers` ask for more")]
#[path = "../controllers/model/mod.rs"]
mod models;
#[cfg(test)]
mod moves;
#[cfg(test)]
mod protection;
#[cfg(test)]
mod retirement;
#[cfg(test)]
mod stage;
#[cfg(test)]
mod story;
#[cfg(test)]
#[path = "../tools/mod.rs"]
mod tools;
#[cfg(test)]
mod waits;
