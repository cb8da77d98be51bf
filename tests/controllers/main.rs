//! Fleets under GitOps controllers: in no sequence of commits that the gate lets pass does anything go
//! that holds data or carries a Secret, unless it was retired before. The clusters, the operators and
//! the controllers are models in memory; compiler and gate are the real ones.

#[cfg(test)]
mod argocd;
#[cfg(test)]
mod commit;
#[cfg(test)]
mod edit;
#[cfg(test)]
mod fleet;
#[cfg(test)]
mod model;
#[cfg(test)]
mod property;
#[cfg(test)]
mod scenarios;
#[cfg(test)]
mod world;
