//! Reads all inputs: their files in parallel, and the pieces of each file in parallel.

use super::batch::{Batches, Stop};
use super::cut::{Fault, Wrong};
use super::input::{From, Input, Source, sources};
use super::object::{LiveObject, Place};
use super::piece::{Found, Reader, Type};
use super::refuse::{self, Shown};
use crate::diagnostic::{Diagnostic, Reported};
use crate::risk::Key;
use crate::source::unreadable;
use rayon::prelude::*;
use std::collections::{BTreeMap, HashMap, hash_map::Entry};
use std::fmt;
use std::io::Read as IoRead;
use std::sync::Arc;

/// How many problems of a file are reported, and how many duplicates.
const MOST_PROBLEMS: usize = 50;

/// Which objects are read, and what of them.
pub struct Options<'o> {
    /// Whether the objects of this group and kind are wanted.
    pub wanted: &'o (dyn Fn(&str, &str) -> bool + Sync),
    /// Whether [`LiveObject::managers`] is wanted. It takes more time and memory than all else.
    pub managers: bool,
    /// Whether [`LiveObject::reported`] is wanted.
    pub statuses: bool,
}

impl fmt::Debug for Options<'_> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Self { managers, statuses, .. } = self;
        let mut shown = f.debug_struct("Options");
        shown.field("managers", managers).field("statuses", statuses).finish_non_exhaustive()
    }
}

/// What was read.
#[derive(Debug)]
pub struct Read<T> {
    /// What the caller made of the objects, in the order of the inputs.
    pub objects: Vec<T>,
    /// What was read and what was not.
    pub summary: Summary,
}

/// What was read and what was not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// The number of objects that were read.
    pub objects: usize,
    /// How many objects were left alone, by kind and group.
    pub left_alone: BTreeMap<(String, String), usize>,
    /// Files of a folder that hold something else than objects, such as the values of a chart.
    pub other_files: Vec<String>,
}

/// Reads the objects of all inputs. `each` is called with each wanted object, in parallel and in any order.
/// What it returns is in the order of the inputs.
///
/// One run finds all problems. After an error the objects must not be used.
pub fn read<T: Send>(
    inputs: Vec<Input>,
    options: &Options,
    each: &(dyn Fn(LiveObject) -> Option<T> + Sync),
) -> Reported<Read<T>> {
    let mut diagnostics = Vec::new();
    let sources = sources(inputs, &mut diagnostics);
    let files: Vec<File<T>> =
        sources.into_par_iter().map(|source| file(source, options, each)).collect();
    let mut all = File::new();
    let mut summary = Summary::default();
    for file in files {
        all.problems.extend(few(file.problems));
        all.objects.extend(file.objects);
        for (of, number) in file.left_alone {
            *all.left_alone.entry(of).or_default() += number;
        }
        for (of, (place, number)) in file.unknown {
            all.unknown.entry(of).or_insert((place, 0)).1 += number;
        }
        summary.other_files.extend(file.other);
    }
    diagnostics.extend(all.problems);
    diagnostics.extend(few(duplicates(&all.objects)));
    for (of, (place, number)) in all.unknown {
        let api_version = format!("{}/{}", of.group, of.version);
        let api_version = api_version.trim_start_matches('/');
        diagnostics.push(refuse::unknown_version(
            &place,
            api_version,
            &of.kind,
            number,
            &of.known_resources(),
        ));
        *all.left_alone.entry((of.kind, of.group)).or_default() += number;
    }
    summary.objects = all.objects.len();
    summary.left_alone = all.left_alone;
    let objects = all.objects.into_iter().filter_map(|(_, _, made)| made).collect();
    Reported { value: Read { objects, summary }, diagnostics }
}

/// What was found in one file.
struct File<T> {
    objects: Vec<Made<T>>,
    left_alone: BTreeMap<(String, String), usize>,
    /// Objects of unknown versions: the first place, and their number.
    unknown: BTreeMap<Type, (Shown, usize)>,
    /// The file, if it holds something else than objects.
    other: Option<String>,
    /// Whether it has a List, which may be empty.
    has_list: bool,
    problems: Vec<Diagnostic>,
}

impl<T> File<T> {
    fn new() -> Self {
        Self {
            has_list: false,
            objects: Vec::new(),
            left_alone: BTreeMap::new(),
            unknown: BTreeMap::new(),
            other: None,
            problems: Vec::new(),
        }
    }

    fn is_empty(&self) -> bool {
        let Self { objects, left_alone, unknown, other, has_list, problems } = self;
        !has_list
            && objects.is_empty()
            && left_alone.is_empty()
            && unknown.is_empty()
            && other.is_none()
            && problems.is_empty()
    }
}

/// Reads one file.
fn file<T: Send>(
    source: Source,
    options: &Options,
    each: &(dyn Fn(LiveObject) -> Option<T> + Sync),
) -> File<T> {
    let Source { shown, from, is_named } = source;
    let from: Box<dyn IoRead + Send> = match from {
        From::Stream(from) => from,
        From::File(path) => match fs_err::File::open(path) {
            Ok(from) => Box::new(from),
            Err(error) => {
                let problems = vec![unreadable(&shown, &error)];
                return File { problems, ..File::new() };
            }
        },
    };
    let Options { wanted, managers, statuses } = *options;
    let reader = Reader { file: &shown, is_named, wanted, managers, statuses };
    stream(Batches::of(from), &reader, each)
}

/// Reads one stream. While a batch is read, the next one is cut.
fn stream<T: Send>(
    mut batches: Batches,
    reader: &Reader,
    each: &(dyn Fn(LiveObject) -> Option<T> + Sync),
) -> File<T> {
    let mut file = File::new();
    let mut next = batches.next();
    while let Some(batch) = next {
        let read = |piece| reader.read(&batch.bytes, piece);
        let make = |found: Found<Box<LiveObject>>| {
            found.map(|object| (object.key.clone(), object.place.clone(), each(*object)))
        };
        let pieces = || batch.pieces.par_iter().flat_map_iter(read).map(make);
        let (found, following) = rayon::join(|| pieces().collect::<Vec<_>>(), || batches.next());
        found.into_iter().for_each(|found| file.add(found, reader.file));
        file.problems.extend(batch.fault.as_ref().map(|stop| stopped(stop, reader.file)));
        next = following;
    }
    if reader.is_named && file.is_empty() {
        file.problems.push(refuse::no_manifests(reader.file));
    }
    file
}

/// What the caller made of an object, beside its identity.
type Made<T> = (Key, Place, Option<T>);

impl<T> File<T> {
    fn add(&mut self, found: Found<Made<T>>, shown: &str) {
        match found {
            Found::Object(made) => self.objects.push(made),
            Found::LeftAlone(of) => *self.left_alone.entry((of.kind, of.group)).or_default() += 1,
            Found::UnknownVersion(of, place) => {
                self.unknown.entry(of).or_insert((place, 0)).1 += 1;
            }
            Found::List => self.has_list = true,
            Found::SomethingElse => self.other = Some(shown.to_owned()),
            Found::Problem(problem) => self.problems.push(*problem),
        }
    }
}

/// The first of many problems. The last one that is kept says how many more there are.
fn few(mut problems: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let more = problems.len().saturating_sub(MOST_PROBLEMS);
    problems.truncate(MOST_PROBLEMS);
    if let Some(last) = problems.last_mut().filter(|_| more > 0) {
        last.message = format!("{}; {more} more problems are not shown", last.message);
    }
    problems
}

/// The diagnostic for a stream that cannot be read to its end.
fn stopped(stop: &Stop, file: &Arc<str>) -> Diagnostic {
    match stop {
        Stop::Fault(Fault { line, what }) => {
            let at = Shown::line(file, *line);
            match what {
                Wrong::Cut => refuse::cut(at),
                Wrong::Syntax(message) => refuse::syntax(at, message),
                Wrong::NotAnObject => refuse::not_an_object(at),
            }
        }
        Stop::Utf16 => refuse::utf16(file),
        Stop::TooLarge(line) => refuse::too_large(Shown::line(file, *line)),
        Stop::Unreadable(error) => unreadable(file, error),
    }
}

/// The objects that were read twice. Each but the first place of an object is a problem.
fn duplicates<T>(objects: &[Made<T>]) -> Vec<Diagnostic> {
    let mut first: HashMap<&Key, &Place> = HashMap::with_capacity(objects.len());
    let mut found = Vec::new();
    for (key, place, _) in objects {
        match first.entry(key) {
            Entry::Occupied(known) => found.push(refuse::duplicate(key, known.get(), place)),
            Entry::Vacant(free) => _ = free.insert(place),
        }
    }
    found
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
