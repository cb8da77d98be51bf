//! `backup` and `bootstrapFrom` from the objects and fields of mariadb-operator.

use super::draft::{Draft, Row};
use super::index::{Index, Live};
use super::value::{at, bare, boolean, put, string, take_default, text};
use crate::source::node::Node;

/// The fields that `backup` and a Backup or PhysicalBackup share.
const ROWS: &[Row] = &[
    (&["schedule"], &["spec", "schedule", "cron"]),
    (&["maxRetention"], &["spec", "maxRetention"]),
    (&["compression"], &["spec", "compression"]),
    (&["resources"], &["spec", "resources"]),
];

/// The fields of an object store.
const STORE: [&str; 3] = ["bucket", "endpoint", "region"];

/// The kinds of backups: the kind of the object, and the word of definitions.
const KINDS: [(&str, &str); 2] = [("Backup", "logical"), ("PhysicalBackup", "physical")];

/// Copies the scheduled backup of a definition. `usual` is the kind of one that states none.
pub(super) fn copy(draft: &mut Draft, index: &Index, cluster: &str, name: &str, usual: &str) {
    let found = KINDS
        .iter()
        .find_map(|(kind, word)| Some((index.find(kind, &draft.namespace, name)?, *word)));
    let Some((live, word)) = found else { return };
    // A definition has a schedule: a backup that is taken once is no backup of a definition.
    if text(live.node(), &["spec", "schedule", "cron"]).is_none() {
        return;
    }
    draft.objects.push(live.at);
    let last = index.find(live.kind(), &draft.namespace, &format!("{name}-last"));
    draft.objects.extend(last.map(|it| it.at));
    if word != usual {
        draft.state(&["backup", "kind"], string(word));
    }
    draft.copy(live, &["backup"], ROWS);
    take_default(&mut draft.fields, &["backup", "compression"], &string("gzip"));
    for unstated in ["720h", "720h0m0s"] {
        take_default(&mut draft.fields, &["backup", "maxRetention"], &string(unstated));
    }
    let own = format!("{cluster}/{}/{}", draft.namespace, draft.name);
    let secret = format!("{}-backup-s3", draft.name);
    let storage = ["backup", "storage"];
    if at(live.node(), &["spec", "storage", "s3"]).is_some() {
        let id = index.access_key(&draft.namespace, &secret);
        store(draft, live, &["backup", "storage", "s3"], &["spec", "storage", "s3"], id);
        folder(draft, &own);
    }
    claim(draft, live, &[&storage[..], &["persistentVolumeClaim"]].concat(), &["spec", "storage"]);
    claim(draft, live, &["backup", "stagingStorage"], &["spec", "stagingStorage"]);
}

/// A volume with backups.
fn claim(draft: &mut Draft, live: Live, field: &[&str], path: &[&str]) {
    let path = |below: &[&'static str]| [path, &["persistentVolumeClaim"], below].concat();
    let rows: [(&str, Vec<&str>); 2] = [
        ("size", path(&["resources", "requests", "storage"])),
        ("storageClassName", path(&["storageClassName"])),
    ];
    for (name, path) in rows {
        if let Some(value) = at(live.node(), &path) {
            draft.set(live, &[field, &[name]].concat(), &path, bare(value));
        }
    }
}

/// An object store. Its Secret is the user's, unless it is sealed with the id of its access key beside it (`own`),
/// as sitewright does.
fn store(draft: &mut Draft, live: Live, field: &[&str], path: &[&str], own: Option<&str>) {
    let at_path = |below: &[&'static str]| [path, below].concat();
    let prefix = at_path(&["prefix"]);
    for name in STORE {
        let from = at_path(&[name]);
        if let Some(value) = at(live.node(), &from) {
            draft.set(live, &[field, &[name]].concat(), &from, bare(value));
        }
    }
    if let Some(value) = text(live.node(), &prefix).filter(|prefix| !prefix.is_empty()) {
        draft.set(live, &[field, &["prefix"]].concat(), &prefix, string(value));
    }
    let tls = at(live.node(), &at_path(&["tls", "enabled"])).map_or_else(|| boolean(false), bare);
    if tls != boolean(true) {
        draft.set(live, &[field, &["tls"]].concat(), &at_path(&["tls", "enabled"]), tls);
    }
    let secret = at_path(&["secretAccessKeySecretKeyRef", "name"]);
    match (own, text(live.node(), &secret)) {
        (Some(id), _) => draft.state(&[field, &["accessKeyId"]].concat(), string(id)),
        (None, Some(name)) => {
            draft.set(live, &[field, &["credentials", "name"]].concat(), &secret, string(name));
        }
        (None, None) => {}
    }
}

/// The operator's folder ends with the definition's own folder, which is rendered in any case.
fn folder(draft: &mut Draft, own: &str) {
    let path = ["backup", "storage", "s3", "prefix"];
    let Some(stated) = text(&draft.fields, &path).map(str::to_owned) else { return };
    let Some(rest) = stated.strip_suffix(own) else { return };
    match rest.trim_end_matches('/') {
        "" => _ = super::value::take(&mut draft.fields, &path),
        rest => put(&mut draft.fields, &path, string(rest)),
    }
}

/// Copies the backup from which a server starts. `below` leads to the fields of the server.
pub(super) fn bootstrap(draft: &mut Draft, live: Live, index: &Index, below: &[&str]) {
    let from = ["spec", "bootstrapFrom"];
    let Some(stated) = at(live.node(), &from) else { return };
    let field = |name: &'static str| [below, &["bootstrapFrom", name]].concat();
    let kind = content(stated);
    if kind != "physical" {
        draft.state(&field("kind"), string(kind));
    }
    let path = ["spec", "bootstrapFrom", "backupRef", "name"];
    if let Some(name) = text(live.node(), &path).map(str::to_owned) {
        draft.set(live, &field("backup"), &path, string(&name));
    }
    if at(stated, &["s3"]).is_some() {
        let own = index.access_key(&draft.namespace, &format!("{}-bootstrap-s3", draft.name));
        store(draft, live, &field("s3"), &["spec", "bootstrapFrom", "s3"], own);
    }
    let path = ["spec", "bootstrapFrom", "targetRecoveryTime"];
    if let Some(time) = at(live.node(), &path) {
        draft.set(live, &field("targetRecoveryTime"), &path, bare(time));
    }
}

/// What a backup consists of from which a server starts.
fn content(from: &Node) -> &'static str {
    let is_logical = text(from, &["backupRef", "kind"]) == Some("Backup")
        || text(from, &["backupContentType"]) == Some("Logical");
    if is_logical { "logical" } else { "physical" }
}
