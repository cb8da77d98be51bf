//! `cargo bench --bench stages`: each stage of the pipeline by itself, on a generated fleet of 1000 sites.
//! All data is in memory but for the stages that read files, whose files the system has read before.

#[path = "support/fleet.rs"]
mod fleet;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use minijinja::Value;
use sitewright::check;
use sitewright::diagnostic::Reported;
use sitewright::manifest::{self, Metadata};
use sitewright::object::Manifest;
use sitewright::outline::{Outlines, Subject};
use sitewright::output::{Discard, Elsewhere, Files, Folder, Scope, Sink, Taken, with_header};
use sitewright::plan::Plans;
use sitewright::project::{Project, Refused};
use sitewright::resolve::{Fleet, Unit};
use sitewright::secret::Missing;
use sitewright::source::node::Node;
use std::path::Path;
use std::process::Command;

/// How many sites the fleet has.
const SITES: usize = 1000;

criterion_group! {
    name = stages;
    config = Criterion::default().sample_size(20);
    targets = all
}
criterion_main!(stages);

fn all(criterion: &mut Criterion) {
    let root = std::env::temp_dir().join(format!("sitewright-stages-{}", std::process::id()));
    std::fs::create_dir_all(&root).and_then(|()| fleet::write(&root, SITES)).unwrap_or_else(fail);
    // Makes and seals the passwords.
    let mut render = Command::new(env!("CARGO_BIN_EXE_sitewright"));
    let rendered = render.arg("-C").arg(&root).args(["render", "-q"]).status();
    assert!(rendered.unwrap_or_else(fail).success());
    measure(criterion, &root);
    std::fs::remove_dir_all(&root).unwrap_or_else(fail);
}

#[expect(clippy::too_many_lines, reason = "a list of stages")]
fn measure(criterion: &mut Criterion, root: &Path) {
    let mut group = criterion.benchmark_group("stages");
    group.throughput(Throughput::Elements(SITES as u64));
    group.bench_function("read", |bencher| bencher.iter(|| project(root)));

    let project = project(root);
    group.bench_function("resolve", |bencher| bencher.iter(|| resolved(&project)));
    let fleet = resolved(&project);
    group.bench_function("plan", |bencher| bencher.iter(|| Plans::new(&fleet)));
    let plans = Plans::new(&fleet);
    group.bench_function("check", |bencher| {
        bencher.iter(|| assert!(check::check(&fleet, &plans).is_empty()));
    });

    group.bench_function("settle", |bencher| {
        bencher.iter(|| {
            let settlement = sitewright::settle(&project, &fleet, &plans, &Discard);
            assert!(settlement.problems().is_empty());
        });
    });

    group.bench_function("context", |bencher| bencher.iter(|| objects(&fleet, &plans)));
    let objects = objects(&fleet, &plans);
    // From outlines, as nearly all objects are made.
    let outlines = Outlines::new(&project.templates);
    outlined(&fleet, &project, &objects, &outlines);
    group.bench_function("outline", |bencher| {
        bencher.iter(|| assert!(outlined(&fleet, &project, &objects, &outlines) > 0));
    });
    // The whole way: the template runs, the result is read, and the tree is written.
    group.bench_function("template", |bencher| {
        bencher.iter(|| {
            for (_, manifest, context) in &objects {
                project.templates.render(manifest.of.template, context).unwrap_or_else(fail);
            }
        });
    });
    group.bench_function("template and tree", |bencher| bencher.iter(|| trees(&project, &objects)));
    let trees = trees(&project, &objects);
    group.bench_function("emit", |bencher| {
        bencher.iter_batched(
            || trees.clone(),
            |trees| {
                let write = |tree| with_header("a.yaml", &manifest::write(tree));
                trees.into_iter().map(write).collect::<Vec<_>>()
            },
            BatchSize::LargeInput,
        );
    });

    let files = files(&project);
    let everything = Scope::everything();
    let folder = Folder::new(root.join("rendered"), "rendered");
    let definitions = definitions(files);
    group.bench_function("compare", |bencher| {
        bencher.iter_batched(
            || definitions.clone(),
            |definitions| {
                let comparing = folder.comparing(&everything);
                let taken =
                    definitions.into_iter().flat_map(|(path, files)| comparing.take(&path, files));
                let elsewhere: Elsewhere = taken
                    .filter_map(|(path, taken)| match taken {
                        Taken::Elsewhere(place) => Some((path, place)),
                        Taken::Bytes(_) => None,
                    })
                    .collect();
                let compared = comparing.finish(&Files::new(), &elsewhere).unwrap_or_else(fail);
                assert!(compared.is_current());
            },
            BatchSize::LargeInput,
        );
    });
    group.finish();
}

fn project(root: &Path) -> Project {
    match Project::read(root) {
        Ok(Reported { value, diagnostics }) if diagnostics.is_empty() => value,
        Ok(Reported { diagnostics, .. }) | Err(Refused { diagnostics, .. }) => fail(diagnostics),
    }
}

fn resolved(project: &Project) -> Fleet<'_> {
    let Reported { value: fleet, diagnostics } = sitewright::resolved(project);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    fleet
}

/// An object: its definition, and what its template sees.
type Object<'f> = (Unit<'f, 'f>, &'f Manifest, Value);

/// The objects of all definitions.
fn objects<'f>(fleet: &'f Fleet<'f>, plans: &'f Plans) -> Vec<Object<'f>> {
    let mut objects = Vec::new();
    for planned in plans.of(fleet) {
        for part in planned.manifests.chunk_by(|one, next| one.part == next.part) {
            let context = planned.context(part[0].part);
            objects.extend(part.iter().map(|it| (planned.unit, it, context.clone())));
        }
    }
    objects
}

/// Makes the objects from their outlines. Returns the number of bytes.
fn outlined(fleet: &Fleet, project: &Project, objects: &[Object], outlines: &Outlines) -> usize {
    let mut bytes = 0;
    let mut bindings = outlines.bindings();
    for (unit, manifest, context) in objects {
        let common = unit.common();
        let metadata = Metadata::new(manifest, common, fleet.cluster(common), &[]);
        let subject = Subject { manifest, metadata: &metadata, passwords: &[] };
        bindings.bind(context);
        let whole = || {
            let mut tree = tree(project, manifest, context);
            metadata.put(&mut tree, |text| text.into());
            Ok(manifest::write(tree))
        };
        bytes += outlines.body(&subject, &mut bindings, whole).unwrap_or_else(fail).len();
    }
    bytes
}

fn tree(project: &Project, manifest: &Manifest, context: &Value) -> Node {
    let text = project.templates.render(manifest.of.template, context).unwrap_or_else(fail);
    manifest::read(&text, manifest, context, "").unwrap_or_else(fail)
}

fn trees(project: &Project, objects: &[Object]) -> Vec<Node> {
    objects.iter().map(|(_, manifest, context)| tree(project, manifest, context)).collect()
}

fn files(project: &Project) -> Files {
    let compiled = sitewright::compile(project, Missing::Ignore, Vec::new());
    compiled.unwrap_or_else(fail).value.files
}

/// A definition's folder, and its files.
type Definition = (String, Vec<(String, Vec<u8>)>);

fn definitions(files: Files) -> Vec<Definition> {
    let mut definitions: Vec<Definition> = Vec::new();
    for (path, bytes) in files {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        match definitions.last_mut() {
            Some((last, files)) if *last == folder => files.push((path, bytes)),
            _ => definitions.push((folder, vec![(path, bytes)])),
        }
    }
    definitions
}

fn fail<T>(why: impl std::fmt::Debug) -> T {
    panic!("{why:?}")
}
