//! The short run, on stable Rust and without libFuzzer: every seed, and a fixed number of mutations of the seeds.
//!
//! The mutations are the same in every run. A failure is thus a change of the code, and the long run finds what
//! is new.

use crate::{MAX_INPUT, TARGETS, Target};
use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestRunner};
use std::path::{Path, PathBuf};
use std::{fmt, fs};

/// The maximum size of all seeds of a target, in bytes.
const MAX_SEEDS: usize = 64 << 10;

fn folder(target: Target) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(target.name)
}

/// The seeds of a target with their names, in the order of their names.
fn seeds(target: Target) -> Vec<(String, Vec<u8>)> {
    let read = fs::read_dir(folder(target)).unwrap().map(|entry| {
        let entry = entry.unwrap();
        (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap())
    });
    let mut seeds: Vec<_> = read.collect();
    seeds.sort();
    seeds
}

/// One change of an input. Positions are shares of its length, so they fit every input.
#[derive(Clone, Debug)]
enum Edit {
    /// Writes bytes at a place.
    Insert(u16, Vec<u8>),
    /// Removes a part.
    Remove(u16, u16),
    /// Writes a part once more, at another place.
    Repeat(u16, u16, u16),
    /// Takes the end of another seed.
    Cross(u16, prop::sample::Index, u16),
    /// Changes a byte.
    Flip(u16, u8),
}

impl Edit {
    fn apply(&self, input: &mut Vec<u8>, seeds: &[Vec<u8>]) {
        let at = |share: u16, length: usize| usize::from(share) * length / usize::from(u16::MAX);
        let part = |from: u16, length: u16, of: &[u8]| {
            let start = at(from, of.len());
            start..(start + usize::from(length % 64)).min(of.len())
        };
        match self {
            Self::Insert(to, bytes) => {
                let to = at(*to, input.len());
                input.splice(to..to, bytes.iter().copied());
            }
            Self::Remove(from, length) => drop(input.drain(part(*from, *length, input))),
            Self::Repeat(from, length, to) => {
                let copy = input[part(*from, *length, input)].to_vec();
                let to = at(*to, input.len());
                input.splice(to..to, copy);
            }
            Self::Cross(keep, other, from) => {
                let other = other.get(seeds);
                input.truncate(at(*keep, input.len()));
                input.extend_from_slice(&other[at(*from, other.len())..]);
            }
            Self::Flip(place, by) => {
                let place = at(*place, input.len().saturating_sub(1));
                if let Some(byte) = input.get_mut(place) {
                    *byte ^= by;
                }
            }
        }
    }
}

/// What YAML and the targets have signs for.
const TOKENS: [&[u8]; 48] = [
    b"\n",
    b"\n  ",
    b"\n    ",
    b"\n- ",
    b": ",
    b":",
    b"- ",
    b"-",
    b"? ",
    b"#",
    b" #",
    b"[",
    b"]",
    b"{",
    b"}",
    b",",
    b", ",
    b"'",
    b"\"",
    b"|\n  ",
    b">-\n  ",
    b"|+\n",
    b"&a ",
    b"*a",
    b"!!str ",
    b"<<: *a",
    b"%YAML 1.1\n",
    b"---\n",
    b"...\n",
    b"\t",
    b"\r",
    b"\r\n",
    b"\0",
    b"\xc2\x85",
    b"\xe2\x80\xa8",
    b"\xef\xbb\xbf",
    b"\xff",
    b"\xff[\xff",
    b"\xff{\xff",
    b"\xff<\xff",
    b"no",
    b"0777",
    b"1e3",
    b"~",
    b"1_000",
    b"1:30",
    b".inf",
    b"kind: Site\n",
];

fn edit() -> impl Strategy<Value = Edit> {
    let token = prop::sample::select(&TOKENS[..]).prop_map(<[u8]>::to_vec);
    let bytes = prop::collection::vec(any::<u8>(), 1..4);
    let inserted = prop_oneof![4 => token, 1 => bytes];
    prop_oneof![
        4 => (any::<u16>(), inserted).prop_map(|(to, bytes)| Edit::Insert(to, bytes)),
        2 => (any::<u16>(), any::<u16>()).prop_map(|(from, length)| Edit::Remove(from, length)),
        2 => any::<(u16, u16, u16)>().prop_map(|(from, length, to)| Edit::Repeat(from, length, to)),
        1 => any::<(u16, prop::sample::Index, u16)>()
            .prop_map(|(keep, other, from)| Edit::Cross(keep, other, from)),
        1 => (any::<u16>(), 1..=u8::MAX).prop_map(|(place, by)| Edit::Flip(place, by)),
    ]
}

/// An input that a failure shows as a literal of Rust.
struct Input(Vec<u8>);

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "b\"{}\"", self.0.escape_ascii())
    }
}

/// A seed with some changes.
fn inputs(seeds: Vec<Vec<u8>>) -> impl Strategy<Value = Input> {
    let input = (any::<prop::sample::Index>(), prop::collection::vec(edit(), 1..6));
    input.prop_map(move |(seed, edits)| {
        let mut input = seed.get(&seeds).clone();
        edits.iter().for_each(|edit| edit.apply(&mut input, &seeds));
        input.truncate(MAX_INPUT);
        Input(input)
    })
}

fn short_run(name: &str) {
    let target = crate::target(name).unwrap();
    let seeds = seeds(target);
    for (name, seed) in &seeds {
        let result = std::panic::catch_unwind(|| (target.run)(seed));
        assert!(result.is_ok(), "the seed {}/{name} fails", target.name);
    }
    let seeds: Vec<Vec<u8>> = seeds.into_iter().map(|(_, seed)| seed).collect();
    let config = ProptestConfig {
        cases: target.mutations,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let run = TestRunner::new(config).run(&inputs(seeds), |input| {
        (target.run)(&input.0);
        Ok(())
    });
    run.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn reader() {
    short_run("reader");
}

#[test]
fn differential() {
    short_run("differential");
}

#[test]
fn writer() {
    short_run("writer");
}

#[test]
fn records() {
    short_run("records");
}

#[test]
fn dumps() {
    short_run("dumps");
}

#[test]
fn definitions() {
    short_run("definitions");
}

/// A corpus belongs beside the seeds, where Git ignores it.
#[test]
fn seeds_stay_small() {
    for target in TARGETS {
        let seeds = seeds(target);
        assert!(!seeds.is_empty(), "{} has no seed", target.name);
        for (name, seed) in &seeds {
            assert!(
                seed.len() <= MAX_INPUT,
                "the seed {}/{name} has {} bytes, and a target reads at most {MAX_INPUT}: shorten it",
                target.name,
                seed.len()
            );
        }
        let total: usize = seeds.iter().map(|(_, seed)| seed.len()).sum();
        assert!(
            total <= MAX_SEEDS,
            "the seeds of {} have {total} bytes, and {MAX_SEEDS} are allowed: remove what finds nothing new",
            target.name
        );
    }
}

/// The lists of targets: here, in `fuzz_targets/`, in the manifest and on the page.
#[test]
fn every_target_is_everywhere() {
    let manifest = include_str!("../Cargo.toml");
    for Target { name, .. } in TARGETS {
        assert!(manifest.contains(&format!("path = \"fuzz_targets/{name}.rs\"")), "{name}");
        assert!(include_str!("../README.md").contains(&format!("| `{name}` |")), "{name}");
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fuzz_targets/{name}.rs"));
        let program = fs::read_to_string(program).unwrap();
        assert!(program.contains(&format!("sitewright_fuzz::{name}::run(input)")), "{program}");
        assert!(include_str!("short.rs").contains(&format!("short_run(\"{name}\");")), "{name}");
    }
    assert_eq!(manifest.matches("[[bin]]").count(), TARGETS.len());
}
