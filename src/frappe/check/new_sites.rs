//! Checks whether frappe-operator can create the sites of a bench: whether it supports the version
//! of Frappe, and which apps it installs. Otherwise the problem only shows when the init Job fails.

use crate::cluster::Index;
use crate::diagnostic::{Code, Diagnostic};
use crate::language::{App, AppName, nearest, release_numbers};
use crate::operator::Frappe;
use crate::operator::frappe::Apps;
use crate::resolve::{Bench, Fleet, Site};
use std::collections::BTreeSet;

pub(super) fn check(fleet: &Fleet) -> Vec<Diagnostic> {
    let mut sites_of: Vec<Vec<&Site>> = vec![Vec::new(); fleet.benches.len()];
    for site in &fleet.sites {
        sites_of[site.bench.0].push(site);
    }
    let mut found = Vec::new();
    for (at, bench) in fleet.benches.iter().enumerate() {
        let frappe = fleet.cluster(&bench.common).profiles.frappe;
        found.extend(too_old(bench, frappe).or_else(|| release_is_unknown(bench, frappe)));
        found.extend(match frappe.apps {
            Apps::Always(app) => lacks(bench, frappe, app),
            Apps::Stated => nothing_stated(fleet, Index(at), &sites_of[at]),
        });
    }
    let sites = fleet.sites.iter();
    found.into_iter().chain(sites.flat_map(|site| apps(fleet, site))).collect()
}

/// The major version in a name such as `version-15`, `v15.90.1` or `release/version-15`. A branch
/// such as `develop` has no major version, because its image decides.
fn major(version: &str) -> Option<u32> {
    release_numbers(version.rsplit('/').next()?)?.first().copied()
}

/// The major version of Frappe that a bench states.
pub(super) fn stated_major(bench: &Bench) -> Option<u32> {
    major(bench.fields.frappe_version.as_ref()?.as_str())
}

fn too_old(bench: &Bench, frappe: &Frappe) -> Option<Diagnostic> {
    let version = stated_major(bench).filter(|major| *major < frappe.oldest_frappe)?;
    let others = Frappe::versions_that(|other| other.oldest_frappe <= version);
    let or = if others.is_empty() { others } else { format!(", or run frappe-operator {others}") };
    let message = format!("frappe-operator {} cannot start a site of Frappe {version}", frappe.id);
    // SW412: a version of Frappe that this operator cannot start.
    Some(
        Diagnostic::new(Code::OldFrappe, bench.common.origin.span(&["frappeVersion"]), message)
            .label("its `bench new-site` lacks flags that the operator passes")
            .help(format!("use Frappe {} or newer{or}", frappe.oldest_frappe)),
    )
}

/// The operator can start only late releases of the oldest Frappe version. The name of a branch
/// does not tell the release. The tag of an image does, so a bench with such a tag gets no warning.
fn release_is_unknown(bench: &Bench, frappe: &Frappe) -> Option<Diagnostic> {
    let version = stated_major(bench).filter(|major| *major == frappe.oldest_frappe)?;
    if !frappe.oldest_frappe_in_part || !bench.managed || names_a_release(bench) {
        return None;
    }
    let message = format!(
        "frappe-operator {} cannot start early releases of Frappe {version}, and no image tag states the release",
        frappe.id
    );
    // SW413: a version of Frappe whose early releases this operator cannot start.
    Some(
        Diagnostic::new(
            Code::UnknownRelease,
            bench.common.origin.span(&["frappeVersion"]),
            message,
        )
        .help("state `image.tag` of a release of September 2024 or later, such as v15.90.1"),
    )
}

/// Whether the image's tag names a release: it has at least two numbers.
fn names_a_release(bench: &Bench) -> bool {
    let tag = bench.fields.image.as_ref().and_then(|image| image.tag.as_ref());
    tag.and_then(|tag| release_numbers(tag.as_str())).is_some_and(|numbers| numbers.len() > 1)
}

/// The names of the apps that a bench lists.
fn listed<'f>(bench: &'f Bench) -> impl Iterator<Item = &'f str> {
    bench.fields.apps.iter().flatten().map(|app: &App| app.name.as_str())
}

/// Whether the apps of a bench are known. A bench that sitewright renders lists all of its apps.
fn are_known(bench: &Bench) -> bool {
    bench.managed || bench.fields.apps.is_some()
}

/// Finds a bench that lacks the app that the operator installs in every site.
fn lacks(bench: &Bench, frappe: &Frappe, app: &str) -> Option<Diagnostic> {
    if !are_known(bench) || listed(bench).any(|name| name == app) {
        return None;
    }
    let message = format!(
        "frappe-operator {} installs `{app}` in every site, but the bench does not list it",
        frappe.id
    );
    // SW414: apps that this operator cannot install.
    Some(
        Diagnostic::new(Code::Apps, bench.common.origin.span(&["apps"]), message)
            .label("every site of this bench would fail")
            .help(format!(
                "if the image has the app, add `{{name: {app}, source: image}}` to `apps`"
            )),
    )
}

/// One warning for each bench, because a default in a folder can correct all of its sites.
fn nothing_stated(fleet: &Fleet, bench: Index, sites: &[&Site]) -> Option<Diagnostic> {
    let silent = |site: &&&Site| site.apps.is_none() && !site.common.retired();
    let mut silent = sites.iter().filter(silent);
    let first = silent.next()?;
    let (name, more) = (&fleet.bench(bench).common.name, silent.count());
    let message = match more {
        0 => "this site states no `apps`: it gets only the Frappe framework".to_owned(),
        _ => format!(
            "this site and {more} more of the bench `{name}` state no `apps`: they get only the Frappe framework"
        ),
    };
    let apps: Vec<&str> = listed(fleet.bench(bench)).collect();
    let apps = if apps.is_empty() { "erpnext".to_owned() } else { apps.join(", ") };
    // SW415: a site that gets no apps.
    Some(Diagnostic::new(Code::NoApps, first.common.origin.definition.span(), message).help(
        format!(
            "state `apps: [{apps}]` in the site, its plan or a `_defaults.yaml`; \
             `apps: []` states that the site needs only the framework"
        ),
    ))
}

fn apps(fleet: &Fleet, site: &Site) -> Vec<Diagnostic> {
    let Some(stated) = &site.apps else { return Vec::new() };
    let frappe = fleet.cluster(&site.common).profiles.frappe;
    let problem = |message: String, help: String| {
        Diagnostic::new(Code::Apps, site.common.origin.span(&["apps"]), message).help(help)
    };
    if let Apps::Always(app) = frappe.apps {
        let is_it = matches!(stated.as_slice(), [only] if only.as_str() == app);
        let message =
            format!("frappe-operator {} always installs the app `{app}`, and no other", frappe.id);
        let chooses = Frappe::versions_that(|other| other.apps == Apps::Stated);
        let help = format!(
            "write `apps: [{app}]` or remove it; frappe-operator {chooses} lets a site choose"
        );
        return if is_it { Vec::new() } else { vec![problem(message, help)] };
    }
    let bench = fleet.bench(site.bench);
    let mut seen = BTreeSet::new();
    let twice = stated.iter().find(|app| !seen.insert(app.as_str())).map(|app| {
        problem(format!("the app `{app}` is listed twice"), "keep one of them".to_owned())
    });
    let is_missing =
        |app: &&AppName| are_known(bench) && !listed(bench).any(|it| it == app.as_str());
    let missing = stated.iter().filter(is_missing).map(|app| {
        let message = format!("the bench `{}` does not list the app `{app}`", bench.common.name);
        problem(message, instead(app, &listed(bench).collect::<Vec<_>>()))
            .related(bench.common.origin.span(&["apps"]), "the bench's apps")
    });
    twice.into_iter().chain(missing).collect()
}

/// The help for an app that the bench does not list.
fn instead(app: &AppName, known: &[&str]) -> String {
    match (nearest(app.as_str(), known), known) {
        (Some(name), _) => format!("did you mean `{name}`?"),
        (None, []) => "list the apps of the bench's image in the bench's `apps`".to_owned(),
        (None, known) => {
            format!("it lists {}: choose one of them, or add it there", known.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_the_first_number_of_a_name() {
        for (version, expected) in [
            ("version-15", Some(15)),
            ("v15.90.1", Some(15)),
            ("16", Some(16)),
            ("release/version-14", Some(14)),
            ("develop", None),
            ("acme-fork", None),
            // The number belongs to another name.
            ("acme2-version-16", Some(16)),
        ] {
            assert_eq!(major(version), expected, "{version}");
        }
    }
}
