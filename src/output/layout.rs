//! Distributes the objects of a definition to the files of its folder.
//!
//! A layout decides only about files. Every layout has the same objects with the same bytes.

use super::header::with_header;
use crate::language::Layout;
use crate::manifest::writer;
use crate::source::node::{Entry, Node, Value};

/// The file with all objects of a definition, in the layout with one file for each definition.
pub const ALL_IN_ONE: &str = "manifests.yaml";

/// The file that lists the other files of a folder for kustomize.
pub const KUSTOMIZATION: &str = "kustomization.yaml";

/// The line between two objects in a file.
const BETWEEN: &str = "---\n";

/// The text of an object.
#[derive(Debug)]
pub struct ObjectText {
    /// The name of its file in the layout with one file for each object.
    pub file: String,
    /// The order: objects with a lower number are applied first.
    pub wave: i8,
    /// The text.
    pub body: String,
}

/// The file in which a layout writes an object. `own` is the object's file in the layout with one
/// file for each object.
pub fn file(layout: Layout, own: &str) -> &str {
    match layout {
        Layout::Object => own,
        Layout::Site => ALL_IN_ONE,
    }
}

/// The files of a definition at `path` below the output folder. `source` is the file of the
/// definition.
pub fn files(
    path: &str,
    source: &str,
    mut objects: Vec<ObjectText>,
    layout: Layout,
    kustomization: bool,
) -> Vec<(String, Vec<u8>)> {
    if objects.is_empty() {
        return Vec::new();
    }
    let mut bodies: Vec<(String, String)> = match layout {
        Layout::Object => objects.into_iter().map(|object| (object.file, object.body)).collect(),
        Layout::Site => {
            objects.sort_by(|a, b| (a.wave, &a.file).cmp(&(b.wave, &b.file)));
            let bodies: Vec<String> = objects.into_iter().map(|object| object.body).collect();
            vec![(ALL_IN_ONE.to_owned(), bodies.join(BETWEEN))]
        }
    };
    if kustomization {
        let listed = bodies.iter().map(|(file, _)| file.as_str()).collect();
        bodies.push((KUSTOMIZATION.to_owned(), listing(listed)));
    }
    let file =
        |(file, body): (String, String)| (format!("{path}/{file}"), with_header(source, &body));
    bodies.into_iter().map(file).collect()
}

/// The texts of the objects in a file that sitewright wrote. No text of an object contains the line
/// between two objects, because at the left edge the writer writes only keys.
pub fn objects_of(text: &str) -> Vec<&str> {
    let mut objects = Vec::new();
    let mut start = 0;
    // Each text keeps its final line end, which may be part of a literal block.
    for (at, _) in text.match_indices("\n---\n") {
        objects.push(&text[start..=at]);
        start = at + 1 + BETWEEN.len();
    }
    objects.push(&text[start..]);
    objects
}

/// A kustomization of these files.
fn listing(mut files: Vec<&str>) -> String {
    files.sort_unstable();
    let text = |text: &str| Node::from(Value::String(text.into()));
    let files = files.into_iter().map(text).collect();
    let mut out = String::new();
    writer::write(
        &Node::from(Value::Map(vec![
            Entry::new("apiVersion", text("kustomize.config.k8s.io/v1beta1")),
            Entry::new("kind", text("Kustomization")),
            Entry::new("resources", Value::List(files).into()),
        ])),
        &mut out,
    );
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objects() -> Vec<ObjectText> {
        let object = |file: &str, wave, body: &str| ObjectText {
            file: file.to_owned(),
            wave,
            body: body.to_owned(),
        };
        vec![
            object("grant.yaml", 1, "kind: Grant\n"),
            object("user.yaml", 0, "kind: User\nnote: |\n  ---\n"),
            object("database.yaml", 0, "kind: Database\n"),
        ]
    }

    fn texts(files: Vec<(String, Vec<u8>)>) -> Vec<(String, String)> {
        let text = |bytes| {
            let text = String::from_utf8(bytes).unwrap();
            text.splitn(3, '\n').nth(2).unwrap().to_owned()
        };
        files.into_iter().map(|(path, bytes)| (path, text(bytes))).collect()
    }

    #[test]
    fn one_file_holds_all_in_the_order_in_which_they_are_applied() {
        let files = texts(files("eu/acme", "a.yaml", objects(), Layout::Site, false));
        let [(path, text)] = files.as_slice() else { panic!("{files:?}") };
        assert_eq!(path, "eu/acme/manifests.yaml");
        let kinds: Vec<&str> =
            objects_of(text).iter().map(|text| text.lines().next().unwrap()).collect();
        assert_eq!(kinds, ["kind: Database", "kind: User", "kind: Grant"]);
        assert_eq!(objects_of(text)[1], "kind: User\nnote: |\n  ---\n");
    }

    #[test]
    fn a_kustomization_lists_what_is_beside_it() {
        let files = texts(files("eu/acme", "a.yaml", objects(), Layout::Object, true));
        assert_eq!(
            files[3],
            (
                "eu/acme/kustomization.yaml".to_owned(),
                "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n  \
                 - database.yaml\n  - grant.yaml\n  - user.yaml\n"
                    .to_owned()
            )
        );
    }

    #[test]
    fn a_definition_without_objects_has_no_file() {
        assert!(files("eu/acme", "a.yaml", Vec::new(), Layout::Site, true).is_empty());
    }
}
