//! The house: a stage imports only what stands below it, and no file imports a file that imports it, directly
//! or through others. Shared types lie below those who use them.

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::fs;
    use std::path::{Path, PathBuf};

    /// Files by their modules, such as `resolve::link`; the crate's own file has the empty name.
    type House = BTreeMap<String, File>;

    #[derive(Default)]
    struct File {
        /// Paths that its `use` items name, from the crate's root.
        imports: Vec<String>,
        /// Names that it makes public from elsewhere, with where they come from.
        exports: BTreeMap<String, String>,
        /// Modules all of whose names it makes public.
        globs: Vec<String>,
        text: String,
    }

    impl File {
        fn defines(&self, name: &str) -> bool {
            let words =
                ["fn", "struct", "enum", "trait", "type", "const", "static", "macro_rules!"];
            words.iter().any(|word| self.text.contains(&format!("{word} {name}")))
        }
    }

    fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => sources(&path, found),
                false if path.extension().is_some_and(|it| it == "rs") => found.push(path),
                false => {}
            }
        }
    }

    fn module(root: &Path, path: &Path) -> String {
        let path = path.strip_prefix(root).unwrap().with_extension("");
        let mut parts: Vec<_> = path.iter().map(|part| part.to_str().unwrap().to_owned()).collect();
        if parts.last().is_some_and(|last| ["mod", "lib"].contains(&&**last)) {
            parts.pop();
        }
        parts.join("::")
    }

    /// The paths of a `use` item, with nested braces spelled out; what follows ` as ` is left out.
    fn spelled_out(tree: &str) -> Vec<String> {
        let tree = tree.trim();
        let Some(open) = tree.find('{') else {
            let path = tree.split(" as ").next().unwrap_or_default().trim();
            return if path.is_empty() { Vec::new() } else { vec![path.to_owned()] };
        };
        let (start, inner) = (&tree[..open], &tree[open + 1..tree.rfind('}').unwrap()]);
        let (mut depth, mut part, mut parts) = (0, String::new(), Vec::new());
        for character in inner.chars() {
            match character {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    parts.push(std::mem::take(&mut part));
                    continue;
                }
                _ => {}
            }
            part.push(character);
        }
        parts.push(part);
        let below = parts.iter().flat_map(|part| spelled_out(part));
        below.map(|path| format!("{start}{path}")).collect()
    }

    /// A path from the crate's root; nothing for other crates'.
    fn rooted(path: &str, module: &str, children: &BTreeSet<String>) -> Option<String> {
        let mut at: Vec<&str> = module.split("::").filter(|part| !part.is_empty()).collect();
        let mut parts = path.split("::").map(str::trim).peekable();
        match *parts.peek()? {
            "crate" | "sitewright" => {
                at.clear();
                parts.next();
            }
            "self" => _ = parts.next(),
            "super" => {
                while parts.next_if(|part| *part == "super").is_some() {
                    at.pop();
                }
            }
            first if children.contains(&[&at[..], &[first]].concat().join("::")) => {}
            _ => return None,
        }
        at.extend(parts.filter(|part| *part != "self"));
        Some(at.join("::"))
    }

    /// The trees of a file's `use` items, and whether each is public.
    fn use_items(text: &str) -> Vec<(bool, String)> {
        let mut items = Vec::new();
        for (at, line) in text.match_indices('\n').map(|(at, _)| (at + 1, &text[at + 1..])) {
            let line = line.split('\n').next().unwrap_or_default();
            let is_public = line.starts_with("pub");
            let start = match is_public {
                true => line.find(" use ").map(|space| space + " use ".len()),
                false => line.starts_with("use ").then_some("use ".len()),
            };
            let Some(start) = start else { continue };
            let tree = text[at + start..].split(';').next().unwrap_or_default();
            items.push((is_public, tree.replace('\n', " ")));
        }
        items
    }

    fn read(root: &Path) -> House {
        let mut paths = Vec::new();
        sources(root, &mut paths);
        let modules: BTreeSet<String> = paths.iter().map(|path| module(root, path)).collect();
        let mut house = House::new();
        for path in paths {
            let module = module(root, &path);
            let text = fs::read_to_string(&path).unwrap();
            // Tests may look at whatever they want.
            let text = format!("\n{}", text.split("#[cfg(test)]\nmod tests").next().unwrap());
            let text = text.as_str();
            let file = house.entry(module.clone()).or_default();
            file.text = text.to_owned();
            for (is_public, tree) in use_items(text) {
                for path in spelled_out(&tree) {
                    let Some(path) = rooted(&path, &module, &modules) else { continue };
                    match path.rsplit_once("::") {
                        Some((from, "*")) if is_public => file.globs.push(from.to_owned()),
                        Some((_, name)) if is_public => {
                            file.exports.insert(name.to_owned(), path.clone());
                        }
                        _ => file.imports.push(path),
                    }
                }
            }
        }
        house
    }

    /// The file that defines what a path names.
    fn definer(house: &House, path: &str, depth: usize) -> Option<String> {
        if house.contains_key(path) || depth > 8 {
            return Some(path.to_owned());
        }
        let (from, name) = path.rsplit_once("::").unwrap_or(("", path));
        let Some(file) = house.get(from) else { return definer(house, from, depth + 1) };
        match (file.exports.get(name), file.globs.as_slice()) {
            (Some(elsewhere), _) if elsewhere != path => definer(house, elsewhere, depth + 1),
            (None, globs) if !file.defines(name) => {
                let definer =
                    globs.iter().find(|glob| house.get(*glob).is_some_and(|it| it.defines(name)));
                Some(definer.map_or(from, |glob| glob).to_owned())
            }
            _ => Some(from.to_owned()),
        }
    }

    fn reaches(arrows: &BTreeMap<String, BTreeSet<String>>, from: &str) -> BTreeSet<String> {
        let (mut seen, mut next) = (BTreeSet::new(), vec![from.to_owned()]);
        while let Some(file) = next.pop() {
            for to in arrows.get(&file).into_iter().flatten() {
                if seen.insert(to.clone()) {
                    next.push(to.clone());
                }
            }
        }
        seen
    }

    /// The files that are part of a circle.
    fn in_circles(house: &House) -> Vec<String> {
        let arrows: BTreeMap<String, BTreeSet<String>> = house
            .iter()
            .map(|(module, file)| {
                let definers = file.imports.iter().filter_map(|path| definer(house, path, 0));
                // What a folder's own file defines is there for the files of the folder.
                let is_above =
                    |to: &String| to.is_empty() || module.starts_with(&format!("{to}::"));
                (module.clone(), definers.filter(|to| to != module && !is_above(to)).collect())
            })
            .collect();
        let is_in_one = |module: &&String| reaches(&arrows, module).contains(*module);
        house.keys().filter(is_in_one).cloned().collect()
    }

    /// The top modules, the lowest first.
    const STAGES: &[&str] = &[
        "diagnostic",
        "source",
        "naming",
        "operator",
        "language",
        "layers",
        "cluster",
        "object",
        "risk",
        "provider",
        "resolve",
        "frappe",
        "plan",
        "template",
        "manifest",
        "check",
        "rules",
        "output",
        "secret",
        "site_database",
        "outline",
        "project",
        "inventory",
        "fixes",
        "render",
        "gitops",
        "diff",
        "apply",
        "upgrade",
        "relocate",
        "retirement",
        "live",
        "fleet_status",
        "import",
        "drift",
        "formatting",
        "editor",
        "cli",
        "main",
    ];

    /// The imports of a house that lead upward: the file, and the module that it imports.
    fn upward(house: &House, stages: &[&str]) -> Vec<(String, String)> {
        let stage = |path: &str| {
            let top = path.split("::").next().unwrap_or_default();
            stages.iter().position(|stage| *stage == top)
        };
        let mut found = Vec::new();
        for (module, file) in house {
            let Some(own) = stage(module) else { continue };
            for path in &file.imports {
                let Some(to) = definer(house, path, 0) else { continue };
                if stage(&to).is_some_and(|other| other > own) {
                    found.push((module.clone(), to));
                }
            }
        }
        found
    }

    #[test]
    fn no_stage_imports_one_that_stands_above_it() {
        let house = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
        let tops: BTreeSet<&str> = house.keys().map(|it| it.split("::").next().unwrap()).collect();
        let unknown: Vec<_> =
            tops.iter().filter(|top| !top.is_empty() && !STAGES.contains(*top)).collect();
        assert!(unknown.is_empty(), "no place in the order: {unknown:?}");
        assert_eq!(upward(&house, STAGES), []);
    }

    #[test]
    fn an_arrow_upward_is_seen() {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in [
            ("lib.rs", "pub mod low;\npub mod high;\n"),
            ("low.rs", "use crate::high::High;\n"),
            ("high.rs", "use crate::low;\npub struct High;\n"),
        ] {
            fs::write(root.path().join(path), text).unwrap();
        }
        let found = upward(&read(root.path()), &["low", "high"]);
        assert_eq!(found, [("low".to_owned(), "high".to_owned())]);
    }

    #[test]
    fn no_file_imports_one_that_imports_it() {
        let house = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
        assert!(house.len() > 100 && house.values().any(|file| !file.imports.is_empty()));
        assert_eq!(in_circles(&house), Vec::<String>::new());
    }

    /// Through a name that another file makes public too.
    #[test]
    fn a_circle_is_seen() {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in [
            ("lib.rs", "pub mod a;\n"),
            ("a/mod.rs", "mod one;\nmod two;\npub use two::{Two, more as Other};\n"),
            ("a/one.rs", "use super::two::{self, Two};\npub struct One(Two);\n"),
            ("a/two.rs", "use crate::{\n    a::one::One,\n};\npub struct Two;\n"),
            ("a/three.rs", "use super::Two;\n"),
        ] {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        assert_eq!(in_circles(&read(root.path())), ["a::one", "a::two"]);
    }
}
