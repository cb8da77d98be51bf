//! What the coming and going of an object does.
//!
//! Marks of protection in a commit say little: which of them are live, no commit tells.

use super::compare::ObjectChange;
use super::risk::{Finding, Level, Operators};
use super::rules::{DATABASE_GOES, KEEP_DATABASE, KEEP_VOLUMES, RULES, Rule, Test, VOLUMES_GO};
use super::tree::Object;

const RETIRE: &str =
    "state `lifecycle: retired`, merge that, and remove the file in a later change";

/// Whether an object says that its definition was on its way out.
pub(super) fn is_retired(object: Option<&Object>) -> bool {
    let mark = ["metadata", "annotations", crate::manifest::LIFECYCLE];
    object.and_then(|object| object.text(&mark)) == Some("retired")
}

/// Whether an object says that a GitOps engine leaves it in the cluster when its file is gone.
pub(super) fn is_protected(object: &Object) -> bool {
    let of = |annotation| object.text(&["metadata", "annotations", annotation]);
    let by_flux = of("kustomize.toolkit.fluxcd.io/prune") == Some("disabled");
    let by_argo = of("argocd.argoproj.io/sync-options").unwrap_or_default().contains("Prune=false");
    by_flux || by_argo
}

fn finding(level: Level, reason: &str, instead: Option<&str>) -> Finding {
    let instead = instead.map(str::to_owned);
    Finding { level, field: None, reason: reason.to_owned(), instead }
}

/// Whether an object's removal takes data along, however it is announced.
pub(super) fn takes_data_along(object: &Object) -> Option<Finding> {
    const POLICY: [&str; 2] = ["spec", "cleanupPolicy"];
    const VOLUMES: [&str; 4] = ["spec", "storage", "pvcRetentionPolicy", "whenDeleted"];
    let (reason, instead) = match object.text(&["kind"])? {
        "Database" if object.text(&POLICY) != Some("Skip") => (DATABASE_GOES, KEEP_DATABASE),
        "MariaDB" if object.text(&VOLUMES) == Some("Delete") => (VOLUMES_GO, KEEP_VOLUMES),
        _ => return None,
    };
    Some(finding(Level::DataLoss, reason, Some(instead)))
}

/// What an object that comes does, or will do when it goes.
pub(super) fn comes(change: &ObjectChange) -> Option<Finding> {
    let head = change.head.as_ref()?;
    takes_data_along(head).or_else(|| states(head))
}

/// What a field does that an object comes with.
fn states(object: &Object) -> Option<Finding> {
    let kind = object.text(&["kind"])?;
    let is_stated = |rule: &&Rule| {
        let path: Vec<&str> = rule.field.split('.').collect();
        let is_of_what_comes = matches!(rule.test, Test::Stated | Test::Born);
        rule.kind == kind && is_of_what_comes && object.at(&path).is_some()
    };
    let stated = RULES.iter().find(is_stated)?;
    let instead = Some(stated.instead).filter(|instead| !instead.is_empty());
    Some(finding(stated.level, stated.reason, instead))
}

/// What the removal of an object does.
pub(super) fn goes(change: &ObjectChange, operators: Option<Operators>) -> Finding {
    let kind = change.key.kind.as_str();
    let Some(base) = &change.base else { return finding(Level::None, "", None) };
    if let Some(kept) = kept_outside(kind, base, operators) {
        return kept;
    }
    if let Some(with_data) = takes_data_along(base) {
        return with_data;
    }
    match is_retired(Some(base)) {
        true => retired(kind, base, operators),
        false => unannounced(kind, base),
    }
}

/// Of what stays on a server outside the cluster, since mariadb-operator runs no SQL there.
fn kept_outside(kind: &str, base: &Object, operators: Option<Operators>) -> Option<Finding> {
    let version = operators.filter(|known| !known.mariadb.drops_outside)?.mariadb.id;
    if base.text(&["spec", "mariaDbRef", "kind"]) != Some("ExternalMariaDB") {
        return None;
    }
    let (level, what, instead) = match kind {
        "Database" if is_retired(Some(base)) => {
            (Level::Rollout, "database", "drop it there when its data is no longer wanted")
        }
        "Database" => (Level::DataLoss, "site's database", RETIRE),
        "User" => (Level::Credential, "account, with its password and grants,", "drop it there"),
        _ => return None,
    };
    let reason = format!(
        "the {what} stays on the server: mariadb-operator {version} drops nothing outside the cluster"
    );
    Some(finding(level, &reason, Some(instead)))
}

/// Of what was retired before.
fn retired(kind: &str, base: &Object, operators: Option<Operators>) -> Finding {
    // Before a version is known, the one that drops.
    let drops = operators.is_none_or(|known| known.frappe.drops_site);
    match kind {
        "FrappeSite" if is_protected(base) => finding(
            Level::Rollout,
            "it stays in the cluster, since frappe-operator 2.6 would drop its database",
            Some("delete it there when its data is no longer wanted"),
        ),
        "FrappeSite" if drops => finding(
            Level::DataLoss,
            "frappe-operator 2.6 drops the site with its database, and makes no backup",
            Some("have a backup that was restored once; `--allow` lets it pass"),
        ),
        "Database" | "MariaDB" | "FrappeSite" | "FrappeBench" | "ExternalMariaDB" => {
            finding(Level::Rollout, "it was retired before, and goes now", None)
        }
        "SealedSecret" | "ExternalSecret" | "PushSecret" | "Password" | "Secret" => {
            finding(Level::Credential, "the Secret goes with it", None)
        }
        _ => of_others(kind, base),
    }
}

/// Of what is in service.
fn unannounced(kind: &str, base: &Object) -> Finding {
    let reason = match kind {
        "Database" => "the site's database is orphaned, or dropped",
        "MariaDB" => "the server goes, with every database on it",
        "ExternalMariaDB" => "every database on the server is orphaned",
        "FrappeSite" => "frappe-operator 2.6 drops the site with its database, and makes no backup",
        "FrappeBench" => "the files of every site on the bench are on its volume",
        "SealedSecret" | "ExternalSecret" | "PushSecret" | "Password" | "Secret" => {
            return finding(
                Level::DataLoss,
                "the Secret goes with it, where no live mark keeps it: its password may open data",
                Some(
                    "retire the definition first; where it stays, look whether anything reads the \
                     Secret, and allow the change",
                ),
            );
        }
        _ => return of_others(kind, base),
    };
    finding(Level::DataLoss, reason, Some(RETIRE))
}

/// Of what neither holds a site's data nor opens it.
fn of_others(kind: &str, base: &Object) -> Finding {
    const VOLUME: [&str; 3] = ["spec", "storage", "persistentVolumeClaim"];
    let in_volume = base.at(&VOLUME).is_some();
    let goes_on = base.at(&["spec", "schedule"]).is_some();
    match kind {
        "User" => finding(Level::Credential, "the account is dropped, with its grants", None),
        "Grant" => finding(Level::Credential, "what it allows is no longer stated", None),
        "Backup" | "PhysicalBackup" if in_volume && is_protected(base) => {
            let reason = match goes_on {
                true => "it stays in the cluster with its volume, and goes on",
                false => "it stays in the cluster with its volume",
            };
            finding(Level::Rollout, reason, None)
        }
        "Backup" | "PhysicalBackup" if in_volume => {
            let keep = Some("copy the backups first; `--allow` lets it pass");
            finding(Level::DataLoss, "the volume with the backups goes with it", keep)
        }
        "Backup" | "PhysicalBackup" => finding(Level::Rollout, "no more backups are taken", None),
        _ => finding(Level::Rollout, "it goes", None),
    }
}
