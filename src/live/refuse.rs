//! What is refused while objects are read, and how it is said. A report shows a line only if it cannot be of a
//! Secret.

use super::object;
use crate::diagnostic::{Code, Diagnostic, Line, Place, visible};
use crate::risk::Key;
use std::sync::Arc;

/// How much of a line is shown.
const WIDTH: usize = 100;

/// A place in a file, as reports show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shown {
    file: Arc<str>,
    line: u32,
    /// The start of the line. Empty if it is not shown.
    text: String,
}

impl Shown {
    /// The place `at` of a text that starts on this line.
    pub(super) fn new(file: &Arc<str>, line: u32, text: &str, at: usize) -> Self {
        let at = text.floor_char_boundary(at);
        let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
        let above = text[..start].bytes().filter(|byte| *byte == b'\n').count();
        let whole = text[start..].lines().next().unwrap_or_default();
        let shown = match whole.len() {
            // The data of a Secret has no form that could be recognised in a line of it.
            _ if text.contains("Secret") => String::new(),
            0..=WIDTH => whole.to_owned(),
            _ => {
                let rest = text[at..].lines().next().unwrap_or_default();
                format!("{}…", &rest[..rest.floor_char_boundary(WIDTH)])
            }
        };
        let line = line.saturating_add(u32::try_from(above).unwrap_or(u32::MAX));
        Self { file: file.clone(), line, text: shown }
    }

    /// A line whose text is not shown.
    pub(super) fn line(file: &Arc<str>, line: u32) -> Self {
        Self { file: file.clone(), line, text: String::new() }
    }

    fn place(self) -> Place {
        let Self { file, line, text } = self;
        Place::Line(Arc::new(Line { path: file.to_string(), number: line as usize, text }))
    }
}

/// The place of an object that was read.
fn of_object(place: &object::Place) -> Place {
    Shown::line(&place.file, place.line).place()
}

/// A stream ends in the middle of a List or an object.
pub(super) fn cut(at: Shown) -> Diagnostic {
    // SW820: a dump or a manifest that is cut or cannot be parsed.
    Diagnostic::at(Code::DumpSyntax, at.place(), "the file ends before its last object ends")
        .help("write the dump again: a full disk or a lost connection has cut it")
}

/// A text is not valid.
pub(super) fn syntax(at: Shown, message: &str) -> Diagnostic {
    Diagnostic::at(Code::DumpSyntax, at.place(), message.to_owned()).help(
        "give the unchanged output of `kubectl get … -o json` or `-o yaml`, or a valid manifest",
    )
}

/// A text is not valid YAML.
pub(super) fn yaml(at: Shown, message: &str) -> Diagnostic {
    syntax(at, &format!("this is not valid YAML: {message}"))
}

/// A text is not valid JSON.
pub(super) fn json(at: Shown, error: &serde_json::Error) -> Diagnostic {
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or_default();
    syntax(at, &format!("this is not valid JSON: {message}"))
}

/// A text is not UTF-8.
pub(super) fn not_utf8(at: Shown) -> Diagnostic {
    // SW821: a dump or a manifest that is not UTF-8.
    Diagnostic::at(Code::DumpEncoding, at.place(), "the file is not UTF-8")
        .help("convert it with `iconv -t UTF-8`")
}

/// A file is UTF-16.
pub(super) fn utf16(file: &Arc<str>) -> Diagnostic {
    Diagnostic::of_path(Code::DumpEncoding, &**file, "the file is UTF-16").help(
        "PowerShell's `>` writes UTF-16: write `kubectl get … | Set-Content -Encoding utf8 FILE`",
    )
}

/// Something has no `apiVersion` or no `kind`, or is no map.
pub(super) fn not_an_object(at: Shown) -> Diagnostic {
    // SW822: something in a dump that is not an object.
    Diagnostic::at(
        Code::NotAnObject,
        at.place(),
        "this is no object: it has no `apiVersion` or no `kind`",
    )
    .help("give manifests, or the output of `kubectl get … -o json` or `-o yaml`")
}

/// An object has no name.
pub(super) fn no_name(at: Shown) -> Diagnostic {
    Diagnostic::at(Code::NotAnObject, at.place(), "this object has no `metadata.name`")
        .help("state its name: without it, nothing says which object it is")
}

/// An object's name or namespace cannot exist.
pub(super) fn name(at: Shown, namespace: &str, name: &str) -> Diagnostic {
    let shown = match namespace {
        "" => visible(name).into_owned(),
        namespace => format!("{}/{}", visible(namespace), visible(name)),
    };
    let shown = &shown[..shown.floor_char_boundary(WIDTH)];
    let message = format!("no object of Kubernetes can have the name `{shown}`");
    // SW823: a name that no object of Kubernetes can have.
    Diagnostic::at(Code::ObjectName, at.place(), message).help(
        "a name has a-z, 0-9, `-` and `.`, and starts and ends with a letter or digit; a namespace has no `.`",
    )
}

/// A List contains a List.
pub(super) fn nested_list(at: Shown) -> Diagnostic {
    // SW824: a List in a List.
    Diagnostic::at(Code::NestedList, at.place(), "a List is an item of a List")
        .help("give each dump as a file of its own")
}

/// An object was read from two places.
pub(super) fn duplicate(key: &Key, one: &object::Place, other: &object::Place) -> Diagnostic {
    let first = format!("{}:{}", one.file, one.line);
    let message = format!("{key} was read twice: first in {first}");
    // SW825: an object that was read twice.
    let mut problem = Diagnostic::at(Code::LiveDuplicate, of_object(other), message)
        .help("keep one of them: nothing says which one is in the cluster");
    problem.related.push((of_object(one), "first read here".to_owned()));
    problem
}

/// A file is a template.
pub(super) fn template(at: Shown) -> Diagnostic {
    // SW826: a template in the place of a manifest.
    Diagnostic::at(
        Code::HelmTemplate,
        at.place(),
        "this is a template, not a manifest: it has `{{ … }}`",
    )
    .help("render it first, for example with `helm template NAME CHART > FILE`")
}

/// An input has no object.
pub(super) fn no_manifests(shown: &str) -> Diagnostic {
    // SW827: no manifests to read.
    Diagnostic::of_path(Code::NoManifests, shown, "no object was found here")
        .help("give a file or folder with manifests, or the output of `kubectl get … -o json`")
}

/// Objects of a wanted kind have a version that is not known. `known` is their type in each version that is.
pub(super) fn unknown_version(
    at: &Shown,
    api_version: &str,
    kind: &str,
    number: usize,
    known: &[String],
) -> Diagnostic {
    let objects = if number == 1 { "object was" } else { "objects were" };
    let message = format!("`{api_version}` of {kind} is not known: {number} {objects} left alone");
    let commands: Vec<String> = known.iter().map(|it| format!("`kubectl get {it}`")).collect();
    // SW828: an object of an API version that sitewright does not know.
    Diagnostic::at(Code::UnknownVersion, at.clone().place(), message)
        .help(format!("ask the cluster for a known version: {}", commands.join(" or ")))
}

/// The annotations of an object are too large.
pub(super) fn annotations(at: Shown, key: &Key) -> Diagnostic {
    // SW829: an object that is larger than Kubernetes accepts.
    let message = format!("the annotations of {key} have more than 256 KiB");
    Diagnostic::at(Code::TooLargeObject, at.place(), message)
        .help("no cluster accepts this object: remove annotations")
}

/// A piece of a file is too large for an object.
pub(super) fn too_large(at: Shown) -> Diagnostic {
    let message = "an object or document that starts here has more than 32 MiB";
    Diagnostic::at(Code::TooLargeObject, at.place(), message)
        .help("no cluster accepts such an object: is this a dump of `kubectl get`?")
}
