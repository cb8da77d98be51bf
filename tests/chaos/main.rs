//! What is left when a run fails or is killed at any of its file-system calls: every single call of a render and of a
//! rotation, one after the other, each with every fault that can befall it.

#[cfg(test)]
mod project;
#[cfg(test)]
#[path = "../tools/mod.rs"]
mod tools;
#[cfg(test)]
mod trace;

#[cfg(test)]
mod tests {
    use super::project::{Project, Run, Tree};
    use super::tools::needed;
    use super::trace::{Injection, calls};
    use std::panic::catch_unwind;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    /// What must hold after a run with a fault.
    type Check = fn(&Before, &Project, &Run);

    /// A project, and what it was before the run, is after one without a fault, and after a render that follows.
    struct Before {
        project: Project,
        tree: Tree,
        after: Tree,
        completed: Tree,
    }

    /// Does a command with every fault at every call.
    fn every_fault(project: Project, command: &[&str], check: Check) {
        if needed("strace").is_none() {
            return;
        }
        let whole = project.copy();
        let calls = calls(&whole, command);
        let after = whole.tree();
        assert!(whole.run(&["render"]).is_success());
        let before = Before { tree: project.tree(), after, completed: whole.tree(), project };
        let injections: Vec<Injection> = calls.iter().flat_map(Injection::of).collect();
        let changing = calls.iter().filter(|call| call.changes).count();
        assert!(changing > 12 && calls.len() > 70, "{changing} of {} calls", calls.len());

        let (next, failures) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
        thread::scope(|scope| {
            for _ in 0..thread::available_parallelism().map_or(2, usize::from) {
                scope.spawn(|| {
                    while let Some(injection) = injections.get(next.fetch_add(1, Ordering::Relaxed))
                    {
                        let done = catch_unwind(|| {
                            let copy = before.project.copy();
                            let run = injection.run(&copy, command);
                            run.assert_sound();
                            check(&before, &copy, &run);
                        });
                        if let Err(why) = done {
                            let why = why.downcast_ref::<String>().cloned().unwrap_or_default();
                            failures.lock().unwrap().push(format!("- {injection}\n{why}"));
                        }
                    }
                });
            }
        });
        let failures = failures.into_inner().unwrap();
        let count = failures.len();
        assert!(failures.is_empty(), "{count} of {}:\n{}", injections.len(), failures.join("\n"));
    }

    /// Every file is whole: as it was before, or as it is in the other tree; and what is in both is there.
    fn assert_whole(found: &Tree, before: &Tree, other: &Tree) {
        for (path, text) in found.iter().filter(|(path, _)| !Tree::is_staging(path)) {
            let (was, is) = (before.get(path), other.get(path));
            // Two runs seal differently, so what holds a new password is compared in its form only.
            let is_new = was != is && is.is_some_and(|is| Tree::form(is) == Tree::form(text));
            let is_known = was == Some(text) || is == Some(text) || is_new;
            assert!(is_known, "{path} is neither as before nor as after:\n{text}");
        }
        let lost =
            before.paths().find(|path| other.get(path).is_some() && found.get(path).is_none());
        assert_eq!(lost, None, "it is lost");
    }

    /// The next render completes what the run began, and the one after it finds nothing to do.
    fn assert_completed(before: &Before, project: &Project) {
        let found = project.tree();
        if found == before.tree {
            // As after no run at all.
            return;
        }
        let first = project.run(&["render"]);
        assert!(first.is_success(), "the next render fails: {first}");
        let after = project.tree();
        assert_whole(&after, &before.tree, &before.completed);
        let (names, expected): (Vec<_>, Vec<_>) =
            (after.paths().collect(), before.completed.paths().collect());
        assert_eq!(names, expected);
        // A password that was recorded is never made again.
        for (path, text) in found.records() {
            let is = after.get(path).map(|text| Tree::password(text));
            assert!(is == Some(Tree::password(text)), "{path} was made again");
        }
        let again = project.run(&["render"]);
        assert!(again.says("0 created, 0 updated, 0 removed"), "{again}");
        assert!(again.is_success() && project.tree() == after);
        // What a killed run left goes with the next one that writes there.
        let next = project.run(&["secrets", "rotate", "--all", "--limit", "100%"]);
        assert!(next.is_success(), "{next}");
        let left: Vec<String> = project.tree().iter().map(|it| it.0.clone()).collect();
        assert_eq!(left.iter().find(|path| Tree::is_staging(path)), None);
    }

    fn after_a_render(before: &Before, project: &Project, run: &Run) {
        let found = project.tree();
        assert_whole(&found, &before.tree, &before.after);
        if run.is_success() {
            assert!(found.paths().eq(before.after.paths()), "it succeeds, and has not done it");
        }
        if run.says("nothing was changed") || run.says("nothing was written") {
            assert!(found == before.tree, "it says that nothing was changed");
        }
        assert_completed(before, project);
    }

    /// A rotation writes records; the next render brings them into the manifests.
    fn after_a_rotation(before: &Before, project: &Project, run: &Run) {
        let found = project.tree();
        assert_whole(&found, &before.tree, &before.after);
        assert_eq!(found.rendered(), before.tree.rendered());
        let is_rotated = found.records() != before.tree.records();
        if run.is_success() {
            assert!(is_rotated, "it succeeds, and has not done it");
        }
        if run.says("nothing was changed") || run.says("nothing was written") {
            assert!(!is_rotated, "it says that nothing was changed");
        }
        assert_completed(before, project);
    }

    #[test]
    fn a_render_of_sealed_passwords() {
        every_fault(Project::edited("sealed"), &["render"], after_a_render);
    }

    #[test]
    fn a_render_of_clear_text() {
        every_fault(Project::edited("plain"), &["render"], after_a_render);
    }

    #[test]
    fn a_rotation_of_sealed_passwords() {
        let rotate = ["secrets", "rotate", "eu/acme"];
        every_fault(Project::rendered("sealed"), &rotate, after_a_rotation);
    }

    #[test]
    fn a_rotation_of_clear_text() {
        let rotate = ["secrets", "rotate", "eu/acme"];
        every_fault(Project::rendered("plain"), &rotate, after_a_rotation);
    }
}
