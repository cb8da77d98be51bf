//! Fuzz targets: functions that take any bytes, and panic if sitewright breaks a promise.
//!
//! `cargo test` runs each target with its seeds and with a fixed number of mutations of them (`short`). The
//! programs in `fuzz_targets/` run them in libFuzzer, for as long as wanted.
#![doc = include_str!("../README.md")]

pub mod definitions;
#[cfg(test)]
mod dictionary;
pub mod differential;
pub mod dumps;
pub mod foreign;
pub mod place;
pub mod reader;
pub mod readings;
pub mod records;
pub mod same;
#[cfg(test)]
mod short;
pub mod writer;

/// The maximum length of an input, in bytes. A target ignores a longer one: what it would find, a short
/// input finds too, and sooner.
pub const MAX_INPUT: usize = 4096;

/// A fuzz target.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name. Its seeds are in `seeds/NAME/`.
    pub name: &'static str,
    /// Takes an input, and panics if a promise is broken.
    pub run: fn(&[u8]),
    /// How many mutations of the seeds a short run tries.
    pub mutations: u32,
}

/// Every target.
pub const TARGETS: [Target; 6] = [
    Target { name: "reader", run: reader::run, mutations: 1500 },
    Target { name: "differential", run: differential::run, mutations: 4000 },
    Target { name: "writer", run: writer::run, mutations: 4000 },
    Target { name: "records", run: records::run, mutations: 2000 },
    Target { name: "dumps", run: dumps::run, mutations: 2000 },
    Target { name: "definitions", run: definitions::run, mutations: 150 },
];

/// The target of this name.
pub fn target(name: &str) -> Option<Target> {
    TARGETS.into_iter().find(|target| target.name == name)
}

/// Lets the thread that calls this do all parallel work. libFuzzer then sees the same coverage for the same
/// input, and no time is lost with handing tiny pieces of work to other threads.
pub fn in_one_thread() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread();
    // It fails only if the pool exists already.
    let _ = pool.build_global();
}
