//! The definitions that one change removes, and whether they are more than the project allows.

use super::tree::ObjectTree;
use crate::diagnostic::{Code, Diagnostic};
use crate::language::Portion;
use crate::object::Stands;
use crate::plan::{WithManifests, object_types};
use crate::project::SETTINGS_FILE;
use crate::resolve::Fleet;
use crate::risk::Object;

/// The definitions that are in `base` and not in `head`. Their objects are compared, so a
/// definition that only moved to another folder is in both.
pub fn gone(base: &ObjectTree, head: &ObjectTree) -> Vec<String> {
    let gone = base.iter().filter(|(key, object)| stands(object) && !head.contains_key(key));
    gone.map(|(_, object)| object.definition().to_owned()).collect()
}

/// Whether an object stands for its definition. A dedicated site's server does not, because the
/// site has another name.
pub(super) fn stands(object: &Object) -> bool {
    const PART_OF: [&str; 3] = ["metadata", "labels", "app.kubernetes.io/part-of"];
    let name = object.text(&["metadata", "name"]);
    object.text(&["kind"]).is_some_and(may_stand)
        && (object.text(&PART_OF).is_none() || object.text(&PART_OF) == name)
}

/// Whether an object of this kind can stand for a definition.
pub(super) fn may_stand(kind: &str) -> bool {
    object_types().any(|of| of.kind.as_str() == kind && of.stands == Stands::ForItsName)
}

/// The error for more removals than the project allows. `None` if they are allowed.
pub fn too_many(
    gone: &[String],
    fleet: &Fleet,
    units: &WithManifests,
    allowed: Option<Portion>,
) -> Option<Box<Diagnostic>> {
    let allowed = allowed?;
    let all = units.units(fleet).count() + gone.len();
    let most = allowed.of(all);
    let first = gone.first().filter(|_| gone.len() > most)?;
    let share = match allowed {
        Portion::Count(_) => String::new(),
        Portion::Share(_) => format!(", {allowed} of {all}"),
    };
    let message = format!(
        "this change removes {} of the definitions, such as `{first}`, but `maxRemovals` allows {most}{share}",
        gone.len()
    );
    let help = "if this is intended, remove them in several changes, or raise `maxRemovals` in \
                sitewright.yaml in the same change";
    // SW606: a change removes more definitions than the project allows.
    Some(Box::new(Diagnostic::of_path(Code::TooManyRemovals, SETTINGS_FILE, message).help(help)))
}
