//! How definitions end: every one of the samples is retired and removed.

#[cfg(test)]
mod samples;

#[cfg(test)]
mod tests {
    use super::samples::{Sample, files, samples};
    use sitewright::apply::{self, Options, Target};
    use sitewright::diagnostic::Code;
    use sitewright::language::{Definition, Kind};
    use sitewright::output::Scope;
    use sitewright::project::{Project, Refused};
    use sitewright::retirement;
    use sitewright::risk::Level;
    use sitewright::source::node::Node;
    use std::fs;
    use std::path::Path;

    fn read(root: &Path) -> Project {
        Project::read(root).unwrap().value
    }

    fn codes(refused: &Refused) -> Vec<Code> {
        refused.diagnostics.iter().filter(|it| it.is_error()).map(|it| it.code).collect()
    }

    /// Copies a project.
    fn copy(from: &Path, to: &Path) {
        for part in ["sites", "rendered", "templates", ".sitewright"] {
            if !from.join(part).is_dir() {
                continue;
            }
            for (path, bytes) in files(&from.join(part)) {
                let to = to.join(part).join(path);
                fs::create_dir_all(to.parent().unwrap()).unwrap();
                fs::write(to, bytes).unwrap();
            }
        }
        if from.join("sitewright.yaml").exists() {
            fs::copy(from.join("sitewright.yaml"), to.join("sitewright.yaml")).unwrap();
        }
    }

    /// The paths of the definitions of these kinds.
    fn paths(root: &Path, kinds: &[Kind]) -> Vec<String> {
        let project = read(root);
        let of_kind = project.definitions.iter().filter(|it| kinds.contains(&it.kind));
        of_kind.map(|definition| definition.path()).collect()
    }

    #[test]
    fn what_is_in_use_is_not_removed() {
        let mut seen = 0;
        for Sample { name, root } in samples() {
            for path in paths(&root, &[Kind::Site, Kind::DatabaseServer, Kind::Bench]) {
                let project = read(&root);
                let of = |it: &&Definition| it.path() == path;
                let definition = project.definitions.iter().find(of).unwrap();
                let lifecycle = definition.node.as_ref().unwrap().get("lifecycle");
                let is_retired = lifecycle.and_then(Node::as_str) == Some("retired");
                let is_rendered = root.join(&project.folders.rendered).join(&path).is_dir();
                match retirement::remove(project, &path, None, Vec::new()) {
                    // Nothing is rendered for what somebody else owns, so nothing is lost.
                    Ok(_) => assert!(is_retired || !is_rendered, "{name}: {path} is removed"),
                    Err(refused) => {
                        assert_eq!(codes(&refused), [Code::NotRetired], "{name}: {path}")
                    }
                }
                seen += 1;
            }
        }
        assert!(seen > 60, "{seen}");
    }

    /// Its passwords show that such a site may be in use.
    #[test]
    fn a_site_whose_manifests_are_missing_is_not_removed() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folder = tempfile::tempdir().unwrap();
        copy(root, folder.path());
        fs::remove_dir_all(folder.path().join("rendered/mumbai/intranet")).unwrap();
        let path = "mumbai/intranet";
        let removed = retirement::remove(read(folder.path()), path, None, Vec::new());
        assert_eq!(codes(&removed.unwrap_err()), [Code::NotRetired]);
        fs::remove_dir_all(folder.path().join("rendered")).unwrap();
        let removed = retirement::remove(read(folder.path()), path, None, Vec::new());
        assert_eq!(codes(&removed.unwrap_err()), [Code::NotRetired]);
        // One that was never rendered has no passwords, and goes.
        fs::remove_file(folder.path().join("sites/mumbai/intranet.secrets.yaml")).unwrap();
        assert!(retirement::remove(read(folder.path()), path, None, Vec::new()).is_ok());
    }

    #[test]
    fn every_site_is_retired_and_then_removed_without_a_loss_of_data() {
        let mut seen = 0;
        for Sample { name, root } in samples() {
            let Some(path) = paths(&root, &[Kind::Site]).into_iter().next() else { continue };
            let folder = tempfile::tempdir().unwrap();
            let copied = folder.path().join("project");
            copy(&root, &copied);
            let retired = match retirement::retire(read(&copied), &path, Vec::new()) {
                Ok(retired) => retired,
                Err(refused) => panic!("{name}: {path}: {:?}", refused.diagnostics),
            };
            let level = |changes: &sitewright::diff::Changes| {
                changes.definitions.iter().map(|it| it.level()).max().unwrap_or(Level::None)
            };
            assert!(level(&retired.changes) <= Level::Rollout, "{path}");
            retired.write().unwrap();
            let project = read(&copied);
            let target = Target::of_manifests(None, &project).unwrap();
            let scope = Scope::of([&path]);
            let options = Options {
                target: &target,
                scope: &scope,
                locked: true,
                force: false,
                dry_run: false,
            };
            if apply::apply(&project, options, Vec::new()).is_err() {
                // Without the records of its passwords, a sample in the mode plain is not rendered.
                continue;
            }
            let removed = retirement::remove(read(&copied), &path, None, Vec::new());
            let removed = removed.unwrap_or_else(|it| panic!("{path}: {:?}", it.diagnostics));
            assert!(level(&removed.changes) < Level::DataLoss, "{path}");
            removed.write().unwrap();
            assert!(!copied.join(format!("sites/{path}.yaml")).exists());
            let left = read(&copied);
            assert!(left.stores.iter().all(|store| store.path != path), "{path}");
            seen += 1;
        }
        assert!(seen > 4, "{seen}");
    }

    #[test]
    fn what_changed_meanwhile_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("project");
        copy(&samples()[0].root, &root);
        let path = paths(&root, &[Kind::Site]).remove(0);
        let retired = retirement::retire(read(&root), &path, Vec::new()).unwrap();
        let file = root.join(format!("sites/{path}.yaml"));
        let text = fs::read_to_string(&file).unwrap() + "# mine\n";
        fs::write(&file, &text).unwrap();
        assert!(retired.write().is_err());
        assert_eq!(fs::read_to_string(&file).unwrap(), text);
    }
}
