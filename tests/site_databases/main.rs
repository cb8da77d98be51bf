//! SiteDatabases: what is rendered for each system, mode and version, the type that both programs share, and its CRD.

#[cfg(test)]
mod alerts;
#[cfg(test)]
mod crd;
#[cfg(test)]
mod objects;
#[cfg(test)]
mod project;
#[cfg(test)]
mod reconciler;
#[cfg(test)]
mod spec;
#[cfg(test)]
#[path = "../tools/mod.rs"]
mod tools;
