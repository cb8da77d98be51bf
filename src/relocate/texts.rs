//! The files of a move, and the texts that change with it.

use super::is_at;
use super::place::{Places, What};
use crate::diagnostic::{Code, Diagnostic};
use crate::project::Project;
use crate::secret::record_file;
use crate::source::{self, Edited, Relocation, edit};

/// The files that a move touches, and the name that the definition states from now on, if it stated none.
pub(super) fn files(
    project: &Project,
    places: &Places,
) -> Result<(Relocation, Option<String>), Box<Diagnostic>> {
    let Project { root, folders, definitions, sources, stores, .. } = project;
    let sites = &folders.sites;
    let ending = if places.what == What::Folder { "" } else { ".yaml" };
    let mut moved = Relocation {
        from: format!("{sites}/{}{ending}", places.from),
        to: format!("{sites}/{}{ending}", places.to),
        ..Relocation::default()
    };
    if let Some(link) = source::linked(root, &moved.to) {
        return Err(Box::new(link));
    }
    if root.join(&moved.to).symlink_metadata().is_ok() {
        return Err(source::exists(&moved.to));
    }
    let mut stated_name = None;
    for definition in definitions.iter().filter(|it| is_at(it, &places.from)) {
        let path = sources.path(definition.file).to_owned();
        let before = sources.text(definition.file).to_owned();
        let mut after = with_schema(&before, depth(&places.from), depth(&places.to));
        if let What::Definition(_) = places.what
            && Some(definition.name()) != places.to.rsplit('/').next()
            && definition.name() == definition.stem
            && definition.node.as_ref().is_some_and(|node| node.entry("name").is_none())
        {
            let name = definition.name();
            let Some(named) = edit::add_second(&after, "name", name) else {
                let message = format!("`name: {name}` cannot be added to `{path}`");
                let help = "add the line below `kind`, and run again";
                // SW608: a definition that cannot be moved to this place.
                let problem = Diagnostic::of_path(Code::MoveTarget, path, message);
                return Err(Box::new(problem.help(help)));
            };
            after = named;
            stated_name = Some(name.to_owned());
        }
        if after != before {
            moved.edits.push(Edited { path, before, after });
        }
    }
    if places.what == What::Folder {
        return Ok((moved, stated_name));
    }
    if let Some(store) = stores.iter().find(|store| store.path == places.from) {
        let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
        let (old, new) = (name(&places.from), name(&places.to));
        let text = record_file::with_name(sources.text(store.file), &old, &new);
        let target = format!("{sites}/{}{}", places.to, record_file::ENDING);
        // A run of the same move that was killed may have copied the records already.
        let current = std::fs::read_to_string(root.join(&target));
        if root.join(&target).symlink_metadata().is_ok() && !current.is_ok_and(|it| it == text) {
            let message = format!("`{target}` already exists, with other records");
            let help = "if no definition uses them, run `sitewright secrets prune`; or choose another name";
            return Err(Box::new(
                Diagnostic::of_path(Code::MoveTarget, target, message).help(help),
            ));
        }
        moved.copies.push((target, text));
        moved.removed.push(format!("{sites}/{}{}", places.from, record_file::ENDING));
    }
    Ok((moved, stated_name))
}

/// The number of folders above a path.
fn depth(path: &str) -> usize {
    path.matches('/').count()
}

/// The text whose comment for editors finds the schemas from another depth.
fn with_schema(text: &str, from: usize, to: usize) -> String {
    const COMMENT: &str = "# yaml-language-server: $schema=";
    let Some(rest) = text.strip_prefix(COMMENT) else { return text.to_owned() };
    let ups = rest.len() - rest.trim_start_matches("../").len();
    let (Some(ups), true) = ((ups / 3 + to).checked_sub(from), ups > 0) else {
        return text.to_owned();
    };
    format!("{COMMENT}{}{}", "../".repeat(ups), rest.trim_start_matches("../"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_comment_for_editors_follows_the_file() {
        let text = "# yaml-language-server: $schema=../../schemas/site.json\nkind: Site\n";
        assert_eq!(with_schema(text, 1, 1), text);
        assert_eq!(with_schema(text, 1, 2), text.replace("../../", "../../../"));
        assert_eq!(with_schema(&with_schema(text, 1, 2), 2, 1), text);
        assert_eq!(with_schema(text, 4, 1), text);
        for other in ["kind: Site\n", "# yaml-language-server: $schema=https://a/site.json\n"] {
            assert_eq!(with_schema(other, 1, 2), other);
        }
    }
}
