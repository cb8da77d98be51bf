//! What delivers the manifests: that Flux and Argo CD take the whole tree, in the right order, and wait
//! for what they should wait for.

#[cfg(test)]
mod health;
#[cfg(test)]
mod layers;
#[cfg(test)]
mod objects;
#[cfg(test)]
mod project;
#[cfg(test)]
#[path = "../samples/mod.rs"]
mod samples;
#[cfg(test)]
#[path = "../statuses/mod.rs"]
mod statuses;
#[cfg(test)]
#[path = "../tools/mod.rs"]
mod tools;
