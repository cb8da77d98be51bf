//! Finds the Secrets that keep the names of earlier versions of sitewright.

use super::backend;
use super::record_file::RecordFile;
use crate::language::{Definition, Kind};
use crate::provider::UserSecret;
use crate::resolve::FormerNames;
use std::collections::{HashMap, HashSet};
use std::path::Path;

/// The sites whose database user has a password under its former name and none under the current
/// name. The password is in their records. Or it is only on this machine, if a run was interrupted
/// before it wrote the record.
pub fn former_names(root: &Path, definitions: &[Definition], stores: &[RecordFile]) -> FormerNames {
    let has_other_name = |site: &&Definition| site.kind == Kind::Site && site.name() != site.stem;
    let others = definitions.iter().filter(has_other_name);
    let others: HashMap<String, &str> = others.map(|site| (site.path(), site.name())).collect();
    let mut recorded = HashSet::new();
    let mut names = FormerNames::default();
    for store in stores {
        let stem = store.path.rsplit('/').next().unwrap_or_default();
        match recorded_name(store, others.get(&store.path).unwrap_or(&stem)) {
            Some(UserSecret::Former) => _ = names.insert(store.path.clone()),
            Some(UserSecret::Current) => {}
            None => continue,
        }
        recorded.insert(store.path.as_str());
    }
    for (_, local) in backend::locals() {
        if !root.join(local.folder()).is_dir() {
            continue;
        }
        let sites = definitions.iter().filter(|definition| definition.kind == Kind::Site);
        for site in sites {
            let path = site.path();
            let is_there = |name: UserSecret| {
                let secret = format!("{}-{}", site.name(), name.suffix());
                root.join(local.path(&path, &secret)).is_file()
            };
            if !recorded.contains(path.as_str())
                && is_there(UserSecret::Former)
                && !is_there(UserSecret::Current)
            {
                names.insert(path);
            }
        }
    }
    names
}

/// The name under which the password of a site's database user is recorded.
fn recorded_name(store: &RecordFile, site: &str) -> Option<UserSecret> {
    let is_recorded =
        |name: UserSecret| store.records.iter().any(|(secret, _, _)| name.is_name(secret, site));
    [UserSecret::Current, UserSecret::Former].into_iter().find(|name| is_recorded(*name))
}
