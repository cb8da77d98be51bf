//! Import: the values that others write into objects, and the way from rendered objects through a cluster back to
//! definitions.

#[cfg(test)]
mod filled;
#[cfg(test)]
mod fleets;
#[cfg(test)]
mod large;
#[cfg(test)]
mod round_trip;
#[cfg(test)]
#[path = "../samples/mod.rs"]
mod samples;
#[cfg(test)]
#[path = "../tools/mod.rs"]
mod tools;
#[cfg(test)]
mod wrapped;
