//! Argo CD: its own code judges what is rendered, and its controllers deliver a sample cluster.

#[cfg(test)]
mod delivered;
#[cfg(test)]
mod judged;
#[cfg(test)]
mod reported;
#[cfg(test)]
#[path = "../samples/mod.rs"]
mod samples;
#[cfg(test)]
#[path = "../statuses/mod.rs"]
mod statuses;
#[cfg(test)]
#[path = "../tools/mod.rs"]
mod tools;
