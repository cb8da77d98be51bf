//! What people do to a fleet: harmless edits, dangerous ones, and those that take something away.

use crate::fleet::{Definition, Fleet, Kind, Mode, Templates, VERSIONS, record};
use proptest::prelude::*;

/// A kind of edit.
#[derive(Clone, Copy, Debug)]
pub(crate) enum What {
    AddSite,
    Label,
    SiteName,
    Bench,
    Mode,
    Server,
    Namespace,
    Size,
    Class,
    Folder,
    Cluster,
    Retire,
    Unretire,
    Pretend,
    Remove,
    /// Everything that is retired.
    RemoveRetired,
    Rename,
    Engine,
    Protect,
    FolderProtect,
    Admin,
    Secrets,
    Managed,
    Frappe,
    Template,
    Layout,
    /// `data: delete`, which the gate lets pass for nobody.
    Data,
    Backup,
}

/// How often each is done.
const WEIGHTS: [(u32, What); 28] = [
    (3, What::AddSite),
    (4, What::Label),
    (1, What::SiteName),
    (1, What::Bench),
    (1, What::Mode),
    (1, What::Server),
    (1, What::Namespace),
    (2, What::Size),
    (1, What::Class),
    (3, What::Folder),
    (1, What::Cluster),
    (8, What::Retire),
    (2, What::Unretire),
    (1, What::Pretend),
    (2, What::Remove),
    (6, What::RemoveRetired),
    (1, What::Rename),
    (3, What::Engine),
    (4, What::Protect),
    (1, What::FolderProtect),
    (2, What::Admin),
    (1, What::Secrets),
    (1, What::Managed),
    (1, What::Frappe),
    (2, What::Template),
    (2, What::Layout),
    (2, What::Data),
    (2, What::Backup),
];

/// An edit of one of the definitions or clusters that there are, in a way of its own.
#[derive(Clone, Debug)]
pub(crate) struct Edit {
    pub(crate) what: What,
    pub(crate) pick: usize,
    pub(crate) number: u8,
}

pub(crate) fn edits() -> impl Strategy<Value = Edit> {
    let weighted = WEIGHTS.iter().map(|(weight, what)| (*weight, Just(*what).boxed()));
    let what = prop::strategy::Union::new_weighted(weighted.collect());
    (what, 0..64_usize, 0..8_u8).prop_map(|(what, pick, number)| Edit { what, pick, number })
}

impl Edit {
    #[expect(clippy::too_many_lines, reason = "a table of edits")]
    pub(crate) fn apply(&self, fleet: &mut Fleet) {
        let number = self.number;
        let is_odd = number % 2 == 1;
        match self.what {
            What::AddSite => {
                let cluster = self.cluster(fleet);
                let mode = [Mode::Shared, Mode::Dedicated, Mode::External][number as usize % 3];
                fleet.put_site(&format!("{cluster}/new-{number}"), mode);
            }
            What::Label => self.any(fleet, |_| true, |d| d.label = number),
            What::SiteName => {
                self.site(fleet, |site| site.site_name = format!("s{number}.example.com"));
            }
            What::Bench => self.site(fleet, |s| s.bench = if is_odd { "b15" } else { "b16" }),
            What::Mode => self.site(fleet, |site| {
                site.mode = [Mode::Shared, Mode::Dedicated, Mode::External][number as usize % 3];
            }),
            What::Server => self.site(fleet, |s| s.server = if is_odd { "db" } else { "db2" }),
            What::Namespace => {
                let cluster = self.cluster(fleet);
                let file = fleet.clusters.get_mut(cluster).unwrap();
                file.namespace = if is_odd { "erp" } else { "shop" };
                forget(fleet, |path| path.starts_with(&format!("sites/{cluster}/")));
            }
            What::Size => self.any(fleet, |_| true, |d| d.size = 8 + number),
            What::Class => {
                self.any(fleet, |_| true, |d| d.class = is_odd.then_some(number));
            }
            What::Folder => self.moved(fleet, |path| {
                let (cluster, name) = ends(path);
                let folder = ["", "retail/", "retail/deep/", "shops/"][number as usize % 4];
                format!("{cluster}/{folder}{name}")
            }),
            What::Cluster => self.moved(fleet, |path| {
                let (cluster, rest) = path.split_once('/').unwrap();
                format!("{}/{rest}", if cluster == "eu" { "us" } else { "eu" })
            }),
            What::Retire => self.retire(fleet),
            What::Unretire => {
                self.any(fleet, |d| d.retired, |d| (d.retired, d.drops_data) = (false, false))
            }
            What::Pretend => self.any(fleet, |_| true, |d| d.pretends = true),
            What::Remove => {
                let Some(path) = self.path(fleet, |_| true) else { return };
                remove(fleet, &path, is_odd);
            }
            What::RemoveRetired => {
                let retired = fleet.definitions.iter().filter(|(_, found)| found.retired);
                let retired: Vec<String> = retired.map(|(path, _)| path.clone()).collect();
                retired.iter().for_each(|path| remove(fleet, path, is_odd));
            }
            What::Rename => {
                let Some(path) = self.path(fleet, |_| true) else { return };
                let definition = fleet.definitions.remove(&path).unwrap();
                let folder = path.rsplit_once('/').unwrap().0;
                fleet.definitions.insert(format!("{folder}/other-{number}"), definition);
                fleet.records.remove(&record(&path));
            }
            What::Engine => {
                let engine = ["flux", "argocd", "none"][number as usize % 3];
                let cluster = self.cluster(fleet);
                fleet.clusters.get_mut(cluster).unwrap().engine = engine;
            }
            What::Protect => self.any(fleet, |_| true, |d| d.protect = !d.protect),
            What::FolderProtect => fleet.retail_protects = !fleet.retail_protects,
            What::Admin => self.site(fleet, |site| site.other_admin = !site.other_admin),
            What::Secrets => {
                // Records of another mode are refused: whoever switches begins anew.
                let cluster = self.cluster(fleet);
                let mode = ["sealed", "external", "plain"][number as usize % 3];
                fleet.clusters.get_mut(cluster).unwrap().secrets = mode;
                forget(fleet, |path| path.starts_with(&format!("sites/{cluster}/")));
            }
            What::Managed => self.any(fleet, |d| d.kind != Kind::Site, |d| d.managed = !d.managed),
            What::Frappe => {
                let cluster = self.cluster(fleet);
                let file = fleet.clusters.get_mut(cluster).unwrap();
                file.frappe = VERSIONS[number as usize % VERSIONS.len()];
            }
            What::Layout => fleet.layout = if is_odd { "site" } else { "object" },
            What::Data => self.any(fleet, |d| d.retired, |d| d.drops_data = !d.drops_data),
            What::Backup => self.any(fleet, |d| d.kind != Kind::Bench, |d| d.backup = !d.backup),
            What::Template => {
                fleet.templates = match number {
                    0..=2 => Templates::BuiltIn,
                    3..=5 => Templates::DropVolumes,
                    _ => Templates::DropDatabases,
                };
            }
        }
    }

    fn cluster(&self, fleet: &Fleet) -> &'static str {
        fleet.clusters.keys().nth(self.pick % fleet.clusters.len()).unwrap()
    }

    /// One of the definitions of some sort, where there is one.
    fn path(&self, fleet: &Fleet, is_of: impl Fn(&Definition) -> bool) -> Option<String> {
        let found = fleet.definitions.iter().filter(|(_, definition)| is_of(definition));
        let found: Vec<&String> = found.map(|(path, _)| path).collect();
        let pick = self.pick.checked_rem(found.len())?;
        Some(found[pick].clone())
    }

    fn any(
        &self,
        fleet: &mut Fleet,
        is_of: impl Fn(&Definition) -> bool,
        edit: impl FnOnce(&mut Definition),
    ) {
        if let Some(path) = self.path(fleet, is_of) {
            edit(fleet.at(&path));
        }
    }

    fn site(&self, fleet: &mut Fleet, edit: impl FnOnce(&mut Definition)) {
        self.any(fleet, |definition| definition.kind == Kind::Site, edit);
    }

    /// Moves a file with its records.
    fn moved(&self, fleet: &mut Fleet, to: impl FnOnce(&str) -> String) {
        let Some(path) = self.path(fleet, |_| true) else { return };
        let to = to(&path);
        if fleet.definitions.contains_key(&to) || !fleet.clusters.contains_key(ends(&to).0) {
            return;
        }
        let definition = fleet.definitions.remove(&path).unwrap();
        fleet.definitions.insert(to.clone(), definition);
        if let Some(text) = fleet.records.remove(&record(&path)) {
            fleet.records.insert(record(&to), text);
        }
    }

    /// Retires a site, or a server or bench with all sites on it.
    fn retire(&self, fleet: &mut Fleet) {
        let Some(path) = self.path(fleet, |definition| !definition.retired) else { return };
        let (cluster, name) = ends(&path);
        let kind = fleet.at(&path).kind;
        fleet.at(&path).retired = true;
        for (other, site) in &mut fleet.definitions {
            let is_on = match kind {
                Kind::Site => false,
                Kind::Bench => site.bench == name,
                Kind::Server if name == "outside" => site.mode == Mode::External,
                Kind::Server => site.mode == Mode::Shared && site.server == name,
            };
            site.retired |= site.kind == Kind::Site && ends(other).0 == cluster && is_on;
        }
    }
}

/// The cluster and the name in a path.
fn ends(path: &str) -> (&str, &str) {
    (path.split('/').next().unwrap(), path.rsplit('/').next().unwrap())
}

fn remove(fleet: &mut Fleet, path: &str, with_records: bool) {
    fleet.definitions.remove(path);
    if with_records {
        fleet.records.remove(&record(path));
    }
}

fn forget(fleet: &mut Fleet, is_of: impl Fn(&str) -> bool) {
    fleet.records.retain(|path, _| !is_of(path));
}
