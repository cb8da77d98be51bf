//! Kinds of frappe-operator.

use super::super::condition::Condition::{
    DropsSites, FixedImages, IgnoresApps, ItemGone, Older, Protected, RerunsInit, Retired,
    SecretMoves, SiteNameGoes, To, Touches, WasNot,
};
use super::super::finding::Level::{Blocked, Credential, DataLoss, None, Rollout};
use super::super::version::Tags;
use super::On::{Changes, Comes, Goes};
use super::{MIGRATE, MOVES, RETIRE, RETIRED, Rule, field, on};

const INGRESS: &str =
    "the operator makes an Ingress once, and never changes it: the Ingress keeps the old value";
const EDIT_INGRESS: &str =
    "after the change, edit the Ingress `{name}-ingress` in the cluster by hand";
const DEPLOYMENTS: &str =
    "{frappe} makes the Deployments of a bench once, and never changes their image";
const SIZES: &str = "the operator makes the Deployments of a bench once, and never changes this";
const EDIT_DEPLOYMENTS: &str =
    "after the change, edit the Deployments of the bench in the cluster by hand";
const RESTART: &str = "every site on the bench restarts";
const FILES_GO: &str =
    "its volume is deleted with it, and so are the files of every site on the bench";
const RESTORE: &str = "restore the sites' backups of that version";

/// What the init Job writes into a site (`site_init.sh` in `pkg/scripts/templates` of 2.6.4).
const INIT: &[&str] = &["spec.siteName", "spec.domain", "spec.benchRef", "spec.dbConfig"];

const INGRESSES: &str =
    "ensureIngress in controllers/frappesite_ingress.go of frappe-operator 2.6.4";
const APPS: &str = "site_init.sh in pkg/scripts/templates of frappe-operator 2.6.4";
const OLD_SITE: &str = "ensureSiteInitialized in controllers/frappesite_controller.go of frappe-operator 2.3.0 and 2.5.0";
const STORAGE: &str = "controllers/frappebench_resources.go of frappe-operator 2.3.0";
const OLD_BENCH: &str = "ensureGunicornDeployment in controllers/frappebench_resources.go of frappe-operator 2.3.0 and 2.5.0";
const BENCH: &str = "controllers/frappebench_deployments.go of frappe-operator 2.6.4";

#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    field("FrappeSite", "spec.siteName", &[RerunsInit], DataLoss, "a new init Job makes a site of the new name, on a database that does not exist: the data stays under the old name", MIGRATE),
    field("FrappeSite", "spec.siteName", &[], DataLoss, "the operator computes another database name from it, and makes no site of the new name: the data stays under the old one", MIGRATE),
    field("FrappeSite", "spec.benchRef", &[RerunsInit], DataLoss, "a new init Job finds no files of the site on that bench, and makes a new site over its database", MIGRATE),
    field("FrappeSite", "spec.benchRef", &[], DataLoss, "the site's files stay on the volume of its old bench", MIGRATE),
    field("FrappeSite", "spec.dbConfig.mode", &[], DataLoss, MOVES, MIGRATE),
    field("FrappeSite", "spec.dbConfig.provider", &[], DataLoss, MOVES, MIGRATE),
    field("FrappeSite", "spec.dbConfig.mariadbRef", &[], DataLoss, MOVES, MIGRATE),
    field("FrappeSite", "spec.dbConfig.host", &[], DataLoss, MOVES, MIGRATE),
    field("FrappeSite", "spec.dbConfig.port", &[], DataLoss, MOVES, MIGRATE),
    field("FrappeSite", "spec.dbConfig.connectionSecretRef.name", &[SecretMoves], Credential, "the connection is read from the password's new Secret", ""),
    field("FrappeSite", "spec.dbConfig.connectionSecretRef", &[], DataLoss, MOVES, MIGRATE),
    field("FrappeSite", "spec.apps", &[IgnoresApps], None, "", ""),
    field("FrappeSite", "spec.apps", &[], Blocked, "apps are installed when the site is made, and never later, though its status lists them", "in a pod of the bench, run `bench --site SITE install-app APP`, or `uninstall-app`").read_in(APPS),
    field("FrappeSite", "spec.adminPasswordSecretRef", &[], Credential, "only a site that is made anew reads it", "in a pod of the bench, run `bench --site SITE set-admin-password`"),
    field("FrappeSite", "spec.domain", &[WasNot("spec.ingress.enabled", "false")], Blocked, INGRESS, EDIT_INGRESS).read_in(INGRESSES),
    field("FrappeSite", "spec.tls", &[WasNot("spec.ingress.enabled", "false")], Blocked, INGRESS, EDIT_INGRESS).read_in(INGRESSES),
    field("FrappeSite", "spec.ingressClassName", &[WasNot("spec.ingress.enabled", "false")], Blocked, INGRESS, EDIT_INGRESS).read_in(INGRESSES),
    field("FrappeSite", "spec.ingress.annotations", &[WasNot("spec.ingress.enabled", "false")], Blocked, INGRESS, EDIT_INGRESS).read_in(INGRESSES),
    // No version reads it: `ingressClassName` is what counts.
    field("FrappeSite", "spec.ingress.className", &[], None, "", ""),
    field("FrappeSite", "spec.ingress.enabled", &[To("false")], Rollout, "the operator makes no new Ingress, and leaves the one that is there", "delete the Ingress `{name}-ingress` in the cluster, where nobody may reach the site any more"),
    on("FrappeSite", Changes, &[RerunsInit, Touches(INIT)], Rollout, "a new init Job writes the change into the site, unless the last one ended less than an hour ago: then only the status shows the change, and the site never gets it", "where the Job `{name}-init` is still in the cluster, delete it before the change arrives"),
    on("FrappeSite", Changes, &[Touches(&["spec.domain"])], Blocked, "{frappe} never runs the init Job of a site again: the site goes on with its old `host_name`", "in a pod of the bench, run `bench --site SITE set-config host_name DOMAIN`").read_in(OLD_SITE),
    on("FrappeSite", Comes, &[SiteNameGoes], DataLoss, "it has the siteName of `{before}`, which goes: a new site starts empty", "keep the file's name, namespace and cluster; folders may change"),
    on("FrappeSite", Goes, &[Retired, Protected, DropsSites], Rollout, "it stays in the cluster, since {frappe} would drop its database", "delete it there when its data is no longer wanted"),
    on("FrappeSite", Goes, &[Retired, DropsSites], DataLoss, "{frappe} drops the site with its database, and makes no backup", "have a backup that was restored once; `--allow` lets it pass"),
    on("FrappeSite", Goes, &[DropsSites], DataLoss, "{frappe} drops the site with its database, and makes no backup", RETIRE),
    on("FrappeSite", Goes, &[Retired, Protected], Rollout, "it stays in the cluster, where it is marked against pruning", "delete it there when nobody wants it any more"),
    on("FrappeSite", Goes, &[Retired], Rollout, RETIRED, ""),
    on("FrappeSite", Goes, &[], DataLoss, "nothing looks after the site any more; its database and files stay", RETIRE),

    field("FrappeBench", "spec.frappeVersion", &[Older(Tags::Frappe)], DataLoss, "Frappe does not undo the migrations of a newer version", RESTORE),
    field("FrappeBench", "spec.imageConfig", &[Older(Tags::Frappe)], DataLoss, "Frappe does not undo the migrations of a newer version", RESTORE),
    field("FrappeBench", "spec.frappeVersion", &[FixedImages], Blocked, DEPLOYMENTS, EDIT_DEPLOYMENTS).read_in(OLD_BENCH),
    field("FrappeBench", "spec.imageConfig", &[FixedImages], Blocked, DEPLOYMENTS, EDIT_DEPLOYMENTS).read_in(OLD_BENCH),
    field("FrappeBench", "spec.frappeVersion", &[], Rollout, RESTART, ""),
    field("FrappeBench", "spec.imageConfig", &[], Rollout, RESTART, ""),
    field("FrappeBench", "spec.componentResources", &[], Blocked, SIZES, EDIT_DEPLOYMENTS).read_in(BENCH),
    field("FrappeBench", "spec.componentReplicas.gunicorn", &[], Blocked, SIZES, EDIT_DEPLOYMENTS).read_in(BENCH),
    field("FrappeBench", "spec.componentReplicas.nginx", &[], Blocked, SIZES, EDIT_DEPLOYMENTS).read_in(BENCH),
    field("FrappeBench", "spec.componentReplicas.socketio", &[], Blocked, SIZES, EDIT_DEPLOYMENTS).read_in(BENCH),
    field("FrappeBench", "spec.storageClassName", &[], Blocked, "the class of a volume is immutable: the bench keeps the one that it has", "leave it, or make a new bench and restore backups into its sites").read_in(STORAGE),
    field("FrappeBench", "spec.apps", &[Older(Tags::Frappe)], DataLoss, "an app does not undo the migrations of a newer version", RESTORE),
    field("FrappeBench", "spec.apps", &[ItemGone], Rollout, "sites that have the app installed fail until it is back", "uninstall it from the sites first"),
    on("FrappeBench", Goes, &[Retired], DataLoss, FILES_GO, "have backups with the files of its sites; `--allow` lets it pass"),
    on("FrappeBench", Goes, &[], DataLoss, FILES_GO, RETIRE),
];
