//! What every rendered manifest must be, whatever the site: read with serde_yaml, a second reader
//! that knows nothing of ours, from the committed manifests of all samples.
//!
//! The expectations are what the operators' code and real servers demand. They are stated here once
//! more on purpose: nothing is taken from the templates or the program.

#[cfg(test)]
mod fields;
#[cfg(test)]
mod marks;
#[cfg(test)]
mod read;
#[cfg(test)]
mod references;
#[cfg(test)]
#[path = "../samples/mod.rs"]
mod samples;
#[cfg(test)]
mod shape;
