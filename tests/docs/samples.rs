//! The examples on pages work.

use crate::pages::documents;
use crate::texts::{blocks, read};
use sitewright::diagnostic::FileId;
use sitewright::language::{Kind, shape};
use sitewright::source::yaml;
use std::fs;
use std::path::Path;
use std::process::Command;

/// The pages of codes also show definitions that are wrong, so `tests/diagnostics.rs` runs those.
#[test]
fn definitions_in_the_documents_are_valid() {
    let mut seen = 0;
    for document in documents() {
        if document.starts_with("docs/codes") {
            continue;
        }
        let text = read(document.to_str().unwrap());
        for block in blocks(&text, "yaml") {
            let first = block.lines().find(|line| !line.starts_with('#')).unwrap_or_default();
            let kind = first.strip_prefix("kind: ").and_then(|kind| kind.split(' ').next());
            let kind = kind.and_then(Kind::named);
            // Other pages also show parts of definitions, manifests and workflows.
            let may_be_other = document != Path::new("README.md");
            assert!(kind.is_some() || may_be_other, "not a definition: {block}");
            let Some(kind) = kind else { continue };
            let node = yaml::read(block, FileId(0)).unwrap();
            let problems = shape::check(kind, &node, block);
            assert_eq!(problems, [], "{}: {block}", document.display());
            seen += 1;
        }
    }
    assert!(seen >= 20, "only {seen} definitions were found");
}

/// The transcripts of the README, command by command, in an empty folder.
#[test]
fn transcripts_of_the_readme_are_true() {
    let folder = tempfile::tempdir().unwrap();
    let text = read("README.md");
    let mut run = 0;
    for block in blocks(&text, "console") {
        if block.contains("error[") {
            let site = folder.path().join("sites/production/acme.yaml");
            let broken = fs::read_to_string(&site).unwrap().replace("siteName", "sitename");
            fs::write(&site, broken).unwrap();
        }
        for transcript in format!("\n{block}").split("\n$ sitewright ").skip(1) {
            let (command, expected) = transcript.split_once('\n').unwrap();
            let output = Command::new(env!("CARGO_BIN_EXE_sitewright"))
                .current_dir(folder.path())
                .args(command.split(' '))
                .output()
                .unwrap();
            let said = [output.stdout, output.stderr].concat();
            let said = String::from_utf8(said).unwrap();
            assert_eq!(said.trim(), expected.trim(), "$ sitewright {command}");
            run += 1;
        }
    }
    assert_eq!(run, 5);
}

/// `tests/cmd.rs` runs the transcript, so the sample on the page is what the command prints.
#[test]
fn the_sample_of_a_diff_is_in_a_transcript() {
    let page = read("docs/diff.md");
    let samples = blocks(&page, "console");
    for (sample, transcript) in [(0, "tests/cmd/diff.md"), (1, "tests/cmd/diff-groups.md")] {
        let (command, sample) = samples[sample].split_once('\n').unwrap();
        assert_eq!(command, "$ sitewright diff");
        assert!(read(transcript).contains(&format!("{command}\n{sample}\n")), "{sample}");
    }
}

/// The samples of the pages about one task, too.
#[test]
fn the_samples_of_tasks_are_in_transcripts() {
    const TASKS: &[&str] = &["tests/cmd/tasks.md"];
    for (page, transcripts) in [
        ("docs/moving.md", &["tests/cmd/mv.md"][..]),
        ("docs/import.md", &["tests/cmd/import.md"]),
        ("docs/status.md", &["tests/cmd/status.md"]),
        ("docs/drift.md", &["tests/cmd/drift.md", "tests/cmd/drift-sql.md"]),
        ("docs/list.md", &["tests/cmd/list.md"]),
        ("docs/html.md", &["tests/cmd/html.md"]),
        ("docs/rules.md", &["tests/cmd/rules.md"]),
        ("docs/tasks/add-a-customer.md", TASKS),
        ("docs/tasks/move-a-customer.md", TASKS),
        ("docs/tasks/review-a-pull-request.md", TASKS),
        ("docs/tasks/rotate-after-a-leak.md", TASKS),
    ] {
        let text = read(page);
        let transcripts: String = transcripts.iter().map(|path| read(path)).collect();
        let samples = blocks(&text, "console");
        assert!(!samples.is_empty(), "{page} has no sample");
        for sample in samples {
            assert!(transcripts.contains(&format!("{sample}\n")), "{page}: {sample}");
        }
    }
}

#[test]
fn the_gate_runs_the_readmes_tests() {
    let readme = read("README.md");
    let commands = blocks(&readme, "sh");
    let gate = read(".ci/run");
    assert!(commands.contains(&"tests/run"), "{commands:?}");
    assert!(gate.lines().any(|line| line == "tests/run"));
}
