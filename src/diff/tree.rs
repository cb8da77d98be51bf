//! One side of a diff: the objects of a tree of manifests.

use crate::diagnostic::{Checked, Code, Diagnostic, FileId, Place, Reported};
use crate::output::{APPLIED, Files, is_ours, layout};
use crate::risk::{Key, Object};
use crate::source::{self, yaml};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::path::Path;

/// The start of the name of a staging folder. Its files are not in the output yet.
pub(super) const STAGED: &str = ".sitewright";

/// The objects of one side, in files that may differ from the other side.
pub type ObjectTree = BTreeMap<Key, Object>;

/// The sorted paths of the files below a folder whose names have one of these endings. Hidden files
/// are among them, because engines apply them.
pub(crate) fn paths(
    root: &Path,
    shown: &str,
    endings: &[&str],
) -> Result<Vec<String>, Box<Diagnostic>> {
    walk(root, shown, "", endings)
}

/// The files below a folder whose names have one of these endings, without the wanted files.
pub fn beside(
    root: &Path,
    shown: &str,
    endings: &[&str],
    is_wanted: impl Fn(&str) -> bool + Sync,
) -> Result<Files, Box<Diagnostic>> {
    let paths = paths(root, shown, endings)?.into_par_iter();
    files(root, shown, paths.filter(|path| !is_wanted(path)).collect())
}

/// The paths of the hidden files below a folder whose names have one of these endings. A part of
/// such a path starts with a dot, so no render looks at the file.
pub fn hidden(root: &Path, shown: &str, endings: &[&str]) -> Result<Vec<String>, Box<Diagnostic>> {
    let mut paths = paths(root, shown, endings)?;
    paths.retain(|path| path.split('/').any(|name| name.starts_with('.')));
    Ok(paths)
}

/// The files of a folder at these paths.
pub(super) fn files(
    root: &Path,
    shown: &str,
    paths: Vec<String>,
) -> Result<Files, Box<Diagnostic>> {
    let read: Result<Vec<_>, _> = paths
        .into_par_iter()
        .map(|path| match std::fs::read(root.join(&path)) {
            Ok(bytes) => Ok((path, bytes)),
            Err(error) => Err(Box::new(source::unreadable(&format!("{shown}/{path}"), &error))),
        })
        .collect();
    Ok(read?.into_iter().collect())
}

fn walk(
    root: &Path,
    shown: &str,
    below: &str,
    endings: &[&str],
) -> Result<Vec<String>, Box<Diagnostic>> {
    let is_meant = |name: &str| endings.iter().any(|ending| name.ends_with(ending));
    let of = |(name, kind): (String, std::fs::FileType)| {
        let path = if below.is_empty() { name.clone() } else { format!("{below}/{name}") };
        match name {
            staged if staged.starts_with(STAGED) => Ok(Vec::new()),
            // A name with replaced characters cannot be opened.
            name if name.contains(char::REPLACEMENT_CHARACTER)
                && (kind.is_dir() || is_meant(&name)) =>
            {
                let message = "the name is not UTF-8";
                // SW001: a file name that is not UTF-8.
                let problem =
                    Diagnostic::of_path(Code::Unreadable, format!("{shown}/{path}"), message);
                Err(Box::new(
                    problem.help("rename or remove it: sitewright does not write such names"),
                ))
            }
            _ if kind.is_dir() => walk(root, shown, &path, endings),
            name if kind.is_file() && is_meant(&name) => Ok(vec![path]),
            _ => Ok(Vec::new()),
        }
    };
    let entries = source::entries(&root.join(below)).map_err(|error| {
        let shown = format!("{shown}/{below}");
        Box::new(source::unreadable(shown.trim_end_matches('/'), &error))
    })?;
    let found: Vec<Vec<String>> = entries.into_par_iter().map(of).collect::<Result<_, _>>()?;
    Ok(found.concat())
}

/// The objects of a folder of manifests whose texts are meant. The texts of other objects are not read as YAML.
pub fn objects(
    root: &Path,
    shown: &str,
    is_meant: impl Fn(&str) -> bool + Sync,
) -> Checked<ObjectTree> {
    let paths = paths(root, shown, APPLIED).map_err(|problem| vec![*problem])?;
    let read = |path: &String| {
        let bytes = std::fs::read(root.join(path))
            .map_err(|error| Box::new(source::unreadable(&format!("{shown}/{path}"), &error)))?;
        match is_ours(&bytes) {
            true => parse_meant(path, &bytes, &is_meant).map_err(|mut problem| {
                problem.place = Place::Path(format!("{shown}/{path}"));
                problem
            }),
            false => Ok(Vec::new()),
        }
    };
    let parsed: Vec<_> = paths.par_iter().map(read).collect();
    let (mut tree, mut problems) = (ObjectTree::new(), Vec::new());
    for result in parsed {
        match result {
            Ok(objects) => tree.extend(objects),
            Err(problem) => problems.push(*problem),
        }
    }
    if problems.is_empty() { Ok(tree) } else { Err(problems) }
}

/// The objects of both sides, in files that are not the same on both. Files that sitewright did not
/// write are left out.
pub fn differing(base: &Files, head: &Files) -> Reported<(ObjectTree, ObjectTree)> {
    let mut diagnostics = Vec::new();
    let mut side = |one: &Files, other: &Files| {
        let parsed: Vec<_> = one
            .par_iter()
            .filter(|(path, bytes)| other.get(*path) != Some(*bytes) && is_ours(bytes))
            .map(|(path, bytes)| parse(path, bytes))
            .collect();
        let mut tree = ObjectTree::new();
        for result in parsed {
            match result {
                Ok(objects) => tree.extend(objects),
                Err(problem) => diagnostics.push(*problem),
            }
        }
        tree
    };
    let trees = (side(base, head), side(head, base));
    Reported { value: trees, diagnostics }
}

/// The objects of a file that sitewright wrote.
pub(crate) fn parse(path: &str, bytes: &[u8]) -> Result<Vec<(Key, Object)>, Box<Diagnostic>> {
    parse_meant(path, bytes, &|_| true)
}

/// The objects of a file whose texts are meant.
fn parse_meant(
    path: &str,
    bytes: &[u8],
    is_meant: &dyn Fn(&str) -> bool,
) -> Result<Vec<(Key, Object)>, Box<Diagnostic>> {
    let refuse = |message: String| {
        let help = "restore the file from Git, or let `sitewright render --force` write it";
        // SW801: a side of a diff that cannot be read.
        Box::new(Diagnostic::of_path(Code::DiffTree, path, message).help(help))
    };
    let text = std::str::from_utf8(bytes).map_err(|_| refuse("the file is not UTF-8".into()))?;
    let text = text.replace("\r\n", "\n");
    let objects = layout::objects_of(&text).into_iter();
    let objects = objects.filter(|text| is_meant(text)).map(|text| object(path, text));
    let objects: Result<Vec<_>, String> = objects.collect();
    Ok(objects.map_err(refuse)?.into_iter().flatten().collect())
}

/// An object of a file. `None` for a kustomization, which is never in a cluster.
fn object(path: &str, text: &str) -> Result<Option<(Key, Object)>, String> {
    let node = yaml::read(text, FileId::NONE).map_err(|problems| {
        let why = problems.first().map_or("", |problem| problem.message.as_str());
        format!("the manifest cannot be read: {why}")
    })?;
    let object = Object { path: path.to_owned(), node };
    if object.text(&["apiVersion"]).is_some_and(|api| api.starts_with("kustomize.config.k8s.io/")) {
        return Ok(None);
    }
    let (Some(api), Some(kind), Some(name)) =
        (object.text(&["apiVersion"]), object.text(&["kind"]), object.text(&["metadata", "name"]))
    else {
        return Err("the manifest is not an object".into());
    };
    let key = Key {
        cluster: path.split('/').next().unwrap_or_default().to_owned(),
        kind: kind.to_owned(),
        group: api.rsplit_once('/').map_or("", |(group, _)| group).to_owned(),
        namespace: object.text(&["metadata", "namespace"]).unwrap_or_default().to_owned(),
        name: name.to_owned(),
    };
    Ok(Some((key, object)))
}
