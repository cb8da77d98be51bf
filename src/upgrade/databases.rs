//! The names of sites' databases before and after an upgrade. A site that looks for another name finds an empty
//! database, or none.

use super::edited::edited;
use super::target::Target;
use crate::diagnostic::{Code, Diagnostic, FileId};
use crate::project::Project;
use crate::resolve::Fleet;
use crate::source::Edited;
use std::collections::BTreeMap;

/// The databases of a cluster's sites, by the paths of the sites.
#[derive(Debug)]
pub(super) struct Databases(BTreeMap<String, Database>);

/// The database of a site.
#[derive(Clone, Debug)]
struct Database {
    /// The site's file.
    file: FileId,
    /// Its name, if sitewright or an operator decides it.
    name: Option<String>,
}

/// A site that would look for another database.
#[derive(Clone, Debug)]
pub(super) struct Moved {
    /// The path of the site.
    site: String,
    /// The site's file.
    file: FileId,
    /// The name of its database.
    name: String,
    /// The name for which it would look.
    other: String,
}

impl Databases {
    /// The databases of a cluster's sites.
    pub(super) fn of(fleet: &Fleet, cluster: &str) -> Self {
        let sites = fleet.sites.iter().filter(|site| fleet.cluster(&site.common).name == cluster);
        let of = |site: &crate::resolve::Site| {
            let definition = site.common.origin.definition;
            let name = site.database.sql_name().map(|name| name.as_str().to_owned());
            (definition.path(), Database { file: definition.file, name })
        };
        Self(sites.map(of).collect())
    }

    /// The sites that look for another database in this project. A site that is invalid there is not among them.
    pub(super) fn moved(&self, project: &Project, cluster: &str) -> Vec<Moved> {
        let after = Self::of(&crate::resolved(project).value, cluster);
        let moved = |(site, before): (&String, &Database)| {
            let after = after.0.get(site)?;
            let (name, other) = (before.name.clone()?, after.name.clone()?);
            (name != other).then(|| Moved { site: site.clone(), file: after.file, name, other })
        };
        self.0.iter().filter_map(moved).collect()
    }

    /// Whether these sites keep their databases in this project. A version that reads no name refuses a site that
    /// states another one.
    pub(super) fn are_kept(moved: &[Moved], project: &Project, cluster: &str) -> bool {
        let after = Self::of(&crate::resolved(project).value, cluster);
        let is_kept = |it: &Moved| {
            after.0.get(&it.site).is_some_and(|after| after.name.as_deref() == Some(&*it.name))
        };
        moved.iter().all(is_kept)
    }
}

/// The files of the sites, each with the name of its database.
pub(super) fn stated(project: &Project, moved: &[Moved]) -> Result<Vec<Edited>, Box<Diagnostic>> {
    moved.iter().map(|it| edited(project, it.file, &["database", "name"], &it.name)).collect()
}

/// Why the upgrade is refused.
pub(super) fn refusal(moved: &[Moved], target: &Target, is_kept: bool, file: &str) -> Diagnostic {
    let Target { operator, to, cluster, .. } = target;
    let first = moved.first();
    let (site, name, other) =
        first.map_or(("", "", ""), |it| (it.site.as_str(), it.name.as_str(), it.other.as_str()));
    let others = match moved.len().saturating_sub(1) {
        0 => String::new(),
        1 => " and 1 other site".to_owned(),
        count => format!(" and {count} other sites"),
    };
    let message = format!(
        "under {} {to}, `{site}`{others} would look for another database: `{other}` instead of `{name}`",
        operator.name()
    );
    let help = match is_kept {
        true => format!(
            "state the names first: `sitewright upgrade {cluster} --{} {to} --keep-databases` writes \
             `database.name` into each file, here `{name}`",
            operator.field()
        ),
        false => format!(
            "{} {to} computes the name and reads no other: back up each site, and restore it into a new site \
             under {to}",
            operator.name()
        ),
    };
    // SW902: an upgrade after which sites would look for other databases.
    Diagnostic::of_path(Code::UpgradeDatabases, file, message).help(help)
}
