//! `--accept`: writes the live values of an object into its definition.
//!
//! Each value is tried by itself: the definition gets it in memory, the project is compiled, and the value stays only
//! if the field of the object then is as the cluster has it.

use super::candidate::{Proposal, map_left_out, proposals, written};
use super::{Drifted, fields};
use crate::diagnostic::{Code, Diagnostic, Reported, any_error};
use crate::diff::tree;
use crate::language::{Definition, Kind};
use crate::object::candidates;
use crate::plan::stated_fields;
use crate::project::{Project, Refused};
use crate::risk::{FieldChange, Object};
use crate::secret::Missing;
use crate::source::{self, Edited, Written};

/// What becomes of a definition that takes the live values of an object.
#[derive(Debug)]
pub struct Adoption {
    /// The project with the new values.
    pub project: Project,
    /// The file that changes. `None` if no value can be taken.
    pub file: Option<Edited>,
    /// The fields that are taken: the field of the object, and the field of the definition.
    pub taken: Vec<(String, String)>,
    /// The fields that are not taken, each with the reason. `None` is the object as a whole.
    pub left: Vec<(Option<String>, String)>,
}

/// The definition of an object.
struct Subject {
    path: String,
    kind: Kind,
}

/// Writes the live values of an object into its definition, in memory.
pub fn adopt(project: Project, object: &Drifted) -> Result<Adoption, Refused> {
    let change = &object.change;
    let nothing = |project, left| Adoption { project, file: None, taken: Vec::new(), left };
    let (Some(live), Some(manifest)) = (&change.base, &change.head) else {
        let why = format!("it is {}, so there is no value to take", object.state.words());
        return Ok(nothing(project, vec![(None, why)]));
    };
    let path = manifest.definition().to_owned();
    let Some(found) = definition(&project, &path) else {
        let why = format!("its definition `{path}` is gone");
        return Ok(nothing(project, vec![(None, why)]));
    };
    let subject = Subject { kind: found.kind, path };
    let (file, before) = (found.file, project.sources.text(found.file).to_owned());
    let shown = project.sources.path(file).to_owned();
    let mut adoption = nothing(project, Vec::new());
    for field in &change.fields {
        let Adoption { project, taken, left, .. } = adoption;
        let (project, tried) = attempt(project, &subject, live, manifest, field)?;
        adoption = Adoption { project, file: None, taken, left };
        match tried {
            Ok(stated) => adoption.taken.push((field.field(), stated)),
            Err(why) => adoption.left.push((Some(field.field()), why)),
        }
    }
    let after = definition(&adoption.project, &subject.path);
    let after = after.map(|found| adoption.project.sources.text(found.file).to_owned());
    if !adoption.taken.is_empty()
        && let Some(after) = after
    {
        adoption.file = Some(Edited { path: shown, before, after });
    }
    Ok(adoption)
}

fn definition<'p>(project: &'p Project, path: &str) -> Option<&'p Definition> {
    project.definitions.iter().find(|definition| definition.path() == path)
}

/// Tries one field. Returns the fields of the definition that decide it, or why the value cannot be taken. The project
/// is then as it was.
fn attempt(
    mut project: Project,
    subject: &Subject,
    live: &Object,
    manifest: &Object,
    field: &FieldChange,
) -> Result<(Project, Result<String, String>), Refused> {
    let kind = text(live, "kind");
    let known = |path: &[String]| candidates(stated_fields(), &kind, path, subject.kind);
    let found = known(&field.path);
    let of_map = match (&field.old, &field.new) {
        (None, Some(map)) if found.is_empty() => map_left_out(map, &field.path, known),
        _ => None,
    };
    let mut why = match found.is_empty() && of_map.is_none() {
        true => Some(format!("a {} has no field that decides it", subject.kind.name())),
        false => None,
    };
    let of_field = found.iter().filter_map(|it| proposals(it, live, manifest, field));
    let all: Vec<_> = of_field.chain(of_map).filter(|proposed| !proposed.is_empty()).collect();
    for proposed in all {
        let (same, tried) = prove(project, subject, &proposed, live, manifest, field)?;
        project = same;
        match tried {
            Ok(()) => return Ok((project, Ok(names(&proposed)))),
            // The likeliest field explains it best.
            Err(reason) => why = why.or(Some(reason)),
        }
    }
    let form = || format!("a {} cannot state a value of this form", subject.kind.name());
    Ok((project, Err(why.unwrap_or_else(form))))
}

/// The fields of a definition that get a value.
fn names(proposed: &[Proposal]) -> String {
    proposed.iter().map(|it| it.field.join(".")).collect::<Vec<_>>().join(", ")
}

/// Compiles the project with the proposed values. Returns it as it was if they do not prove themselves.
fn prove(
    project: Project,
    subject: &Subject,
    proposed: &[Proposal],
    live: &Object,
    manifest: &Object,
    field: &FieldChange,
) -> Result<(Project, Result<(), String>), Refused> {
    let Some(found) = definition(&project, &subject.path) else {
        return Ok((project, Err("its definition is gone".to_owned())));
    };
    let (file, before) = (found.file, project.sources.text(found.file).to_owned());
    let path = project.sources.path(file).to_owned();
    let after = match written(&before, proposed) {
        Ok(after) => after,
        Err(why) => return Ok((project, Err(why))),
    };
    let change = Edited { path, before, after };
    let Reported { value: project, diagnostics } =
        project.with_texts(std::slice::from_ref(&change))?;
    let refused = match any_error(&diagnostics) {
        true => diagnostics.into_iter().find(Diagnostic::is_error).map(|it| it.message),
        false => remains(&project, live, manifest, field),
    };
    let Some(why) = refused else { return Ok((project, Ok(()))) };
    let back = Edited { before: change.after, after: change.before, path: change.path };
    let project = project.with_texts(&[back])?.value;
    let why = match proposed {
        [Proposal { field, value: None }] => {
            format!("the cluster has no value, and `{}` cannot be left out: {why}", field.join("."))
        }
        _ => format!("`{}` does not take the value: {why}", names(proposed)),
    };
    Ok((project, Err(why)))
}

/// Why a field still differs after the change. `None` if it does not.
fn remains(
    project: &Project,
    live: &Object,
    manifest: &Object,
    field: &FieldChange,
) -> Option<String> {
    let compiled = match crate::compile(project, Missing::Ignore, Vec::new()) {
        Ok(compiled) => compiled.value,
        Err(found) => {
            let first = found.into_iter().find(Diagnostic::is_error);
            return Some(first.map_or_else(String::new, |found| found.message));
        }
    };
    let unchanged = || Some("the manifest would not change".to_owned());
    let Some(bytes) = compiled.files.get(&manifest.path) else { return unchanged() };
    let Ok(objects) = tree::parse(&manifest.path, bytes) else { return unchanged() };
    let is_it = |object: &Object| {
        ["kind", "name"].iter().all(|key| text(object, key) == text(manifest, key))
    };
    let Some((_, object)) = objects.iter().find(|(_, object)| is_it(object)) else {
        return unchanged();
    };
    let differing = fields::differing(&object.node, &live.node);
    let still = differing.iter().find(|other| other.path == field.path);
    still.and_then(|_| unchanged())
}

/// The kind or the name of an object.
fn text(object: &Object, key: &str) -> String {
    let path: &[&str] = if key == "name" { &["metadata", "name"] } else { &["kind"] };
    object.text(path).unwrap_or_default().to_owned()
}

impl Adoption {
    /// Writes the file of the definition.
    pub fn write(&self) -> Result<(), Box<Diagnostic>> {
        const DEFINITIONS: Written = Written {
            what: "files",
            unchanged: "no definition was changed",
            help: "the file is written whole: clear the cause and run again",
        };
        let Project { root, folders, .. } = &self.project;
        let files: Vec<Edited> = self.file.iter().cloned().collect();
        source::replace(root, &folders.sites, &files, &DEFINITIONS)
    }
}

/// The object of this name, as Kind/namespace/name.
pub fn named<'d>(objects: &'d [Drifted], name: &str) -> Result<&'d Drifted, Box<Diagnostic>> {
    let found = objects.iter().find(|object| object.name() == name);
    found.ok_or_else(|| {
        let message = format!("`{name}` has no drift that could be accepted");
        let names: Vec<String> = objects.iter().take(5).map(Drifted::name).collect();
        let help = match names.is_empty() {
            true => "nothing differs".to_owned(),
            false => format!("name an object as the report does, such as {}", names.join(", ")),
        };
        // SW209: an object without drift.
        Box::new(Diagnostic::of_path(Code::UnknownPath, name, message).help(help))
    })
}
