//! The manifests of one cluster, as the folder of manifests has them.
//!
//! The files stay in memory as texts. A text is read as YAML only when its live object arrives, so that the trees of
//! a whole fleet never exist at once.

use crate::diagnostic::{Checked, Code, Diagnostic};
use crate::diff::tree;
use crate::object::ObjectKind;
use crate::output::{APPLIED, is_ours, layout};
use crate::project::Project;
use crate::risk::{Key, Object};
use crate::source;
use rayon::prelude::*;
use std::collections::{BTreeSet, HashMap};

/// The manifests of a cluster.
#[derive(Debug)]
pub(super) struct Rendered {
    files: Vec<File>,
    places: HashMap<Key, Place>,
    /// The types of the objects.
    types: BTreeSet<Type>,
    /// The number of Secrets, which are never compared.
    pub(super) secrets: usize,
}

#[derive(Debug)]
struct File {
    /// The path below the folder of manifests.
    path: Box<str>,
    text: Box<str>,
}

/// The type of an object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Type {
    pub(super) kind: String,
    pub(super) group: String,
    pub(super) version: String,
}

impl Type {
    pub(super) fn new(kind: ObjectKind, group: &str, version: &str) -> Self {
        let (kind, group) = (kind.as_str().to_owned(), group.to_owned());
        Self { kind, group, version: version.to_owned() }
    }

    /// The type as `kubectl get` takes it.
    pub(super) fn resource(&self) -> String {
        let Self { kind, group, version } = self;
        match group.as_str() {
            "" => kind.clone(),
            group => format!("{kind}.{version}.{group}"),
        }
    }
}

/// Where an object is.
#[derive(Clone, Copy, Debug)]
struct Place {
    /// The number of the object among all.
    number: usize,
    file: usize,
    /// Which of the objects in the file it is.
    at: usize,
}

impl Rendered {
    /// Reads the manifests of a cluster.
    pub(super) fn read(project: &Project, cluster: &str) -> Checked<Self> {
        let shown = format!("{}/{cluster}", project.folders.rendered);
        let folder = project.root.join(&shown);
        let paths = match folder.is_dir() {
            true => tree::paths(&folder, &shown, APPLIED).map_err(|problem| vec![*problem])?,
            false => Vec::new(),
        };
        let read = |path: String| -> Result<_, Box<Diagnostic>> {
            let unread = |error| Box::new(source::unreadable(&format!("{shown}/{path}"), &error));
            let bytes = std::fs::read(folder.join(&path)).map_err(unread)?;
            if !is_ours(&bytes) {
                return Ok(None);
            }
            let path = format!("{cluster}/{path}");
            let text = String::from_utf8_lossy(&bytes).replace("\r\n", "\n");
            let objects = keys(&path, &text)?;
            Ok(Some((File { path: path.into(), text: text.into() }, objects)))
        };
        let read: Vec<_> = paths.into_par_iter().map(read).collect();
        let (mut rendered, mut problems) = (Self::empty(), Vec::new());
        for file in read {
            match file {
                Ok(Some((file, objects))) => rendered.add(file, objects),
                Ok(None) => {}
                Err(problem) => problems.push(*problem),
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        if rendered.places.is_empty() && rendered.secrets == 0 {
            let message = format!("`{shown}` contains no manifest that sitewright rendered");
            let help = "run `sitewright render` first: a cluster is compared with its manifests";
            // SW851: no manifests to compare a cluster with.
            return Err(vec![
                Diagnostic::of_path(Code::NothingRendered, shown, message).help(help),
            ]);
        }
        Ok(rendered)
    }

    fn empty() -> Self {
        Self { files: Vec::new(), places: HashMap::new(), types: BTreeSet::new(), secrets: 0 }
    }

    fn add(&mut self, file: File, objects: Vec<Identity>) {
        for Identity { key, version, at } in objects {
            if key.kind == "Secret" {
                self.secrets += 1;
                continue;
            }
            let place = Place { number: self.places.len(), file: self.files.len(), at };
            let of = Type { kind: key.kind.clone(), group: key.group.clone(), version };
            self.types.insert(of);
            self.places.entry(key).or_insert(place);
        }
        self.files.push(file);
    }

    /// The types of the objects.
    pub(super) fn types(&self) -> &BTreeSet<Type> {
        &self.types
    }

    /// The number of objects.
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// The identities and numbers of all objects.
    pub(super) fn keys(&self) -> impl Iterator<Item = (&Key, usize)> {
        self.places.iter().map(|(key, place)| (key, place.number))
    }

    /// The number of the object of this identity.
    pub(super) fn number(&self, key: &Key) -> Option<usize> {
        self.places.get(key).map(|place| place.number)
    }

    /// The object of this identity. `None` if there is none.
    pub(super) fn object(&self, key: &Key) -> Result<Option<Object>, Box<Diagnostic>> {
        let Some(Place { file, at, .. }) = self.places.get(key).copied() else { return Ok(None) };
        let File { path, text } = &self.files[file];
        let Some(text) = layout::objects_of(text).into_iter().nth(at) else { return Ok(None) };
        let read = tree::parse(path, text.as_bytes())?;
        Ok(read.into_iter().next().map(|(_, object)| object))
    }
}

/// What is known of an object before its text is read as YAML.
#[derive(Debug, PartialEq)]
struct Identity {
    key: Key,
    version: String,
    /// Which of the objects in its file it is.
    at: usize,
}

/// The identities of the objects in a file.
fn keys(path: &str, text: &str) -> Result<Vec<Identity>, Box<Diagnostic>> {
    let mut found = Vec::new();
    for (at, object) in layout::objects_of(text).into_iter().enumerate() {
        match quick(path, object, at) {
            Some(identity) => found.push(identity),
            None => found.extend(slow(path, object, at)?),
        }
    }
    Ok(found)
}

/// The identity of the object that a text has. A list of files for kustomize is no object.
fn slow(path: &str, text: &str, at: usize) -> Result<Option<Identity>, Box<Diagnostic>> {
    let read = tree::parse(path, text.as_bytes())?.into_iter().next();
    Ok(read.map(|(key, object)| {
        let api = object.text(&["apiVersion"]).unwrap_or_default();
        let version = api.rsplit_once('/').map_or(api, |(_, version)| version).to_owned();
        Identity { key, version, at }
    }))
}

/// The identity of an object whose text starts as the writer starts it. `None` for any other text.
fn quick(path: &str, text: &str, at: usize) -> Option<Identity> {
    let mut lines = text.lines().skip_while(|line| line.starts_with('#'));
    let mut value = |key: &str| {
        let value = lines.next()?.strip_prefix(key)?;
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-./".contains(&byte);
        value.bytes().all(is_plain).then_some(value)
    };
    let (api, kind) = (value("apiVersion: ")?, value("kind: ")?);
    if api.starts_with("kustomize.config.k8s.io/") || !value("metadata:")?.is_empty() {
        return None;
    }
    let (name, namespace) = (value("  name: ")?, value("  namespace: ")?);
    let (group, version) = api.rsplit_once('/').unwrap_or(("", api));
    let key = Key {
        cluster: path.split('/').next().unwrap_or_default().to_owned(),
        kind: kind.to_owned(),
        group: group.to_owned(),
        namespace: namespace.to_owned(),
        name: name.to_owned(),
    };
    Some(Identity { key, version: version.to_owned(), at })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quick_way_finds_the_same_identity_or_none() {
        const PATH: &str = "eu/acme/a.yaml";
        let start = "# Rendered\napiVersion: a.b/v1\nkind: A\nmetadata:\n";
        for (rest, is_quick) in [
            ("  name: acme\n  namespace: erp\nspec: {}\n", true),
            ("  name: \"123\"\n  namespace: erp\n", false),
            ("  namespace: erp\n  name: acme\n", false),
            ("  name: acme\n", false),
        ] {
            let text = format!("{start}{rest}");
            let quick = quick(PATH, &text, 0);
            assert_eq!(quick.is_some(), is_quick, "{rest}");
            assert!(quick.is_none() || quick == slow(PATH, &text, 0).unwrap(), "{rest}");
        }
        let core = "apiVersion: v1\nkind: Service\nmetadata:\n  name: a\n  namespace: b\n";
        assert_eq!(quick(PATH, core, 0), slow(PATH, core, 0).unwrap());
        let list = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n";
        assert_eq!(quick(PATH, list, 0), None);
        assert_eq!(slow(PATH, list, 0).unwrap(), None);
    }
}
