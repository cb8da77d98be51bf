//! When a rule speaks.

use super::compare::{FieldChange, ObjectChange};
use super::moves::Moves;
use super::operators::Known;
use super::server;
use super::tree::Object;
use super::value::{duration, quantity};
use super::version::{self, Tags};
use crate::language::Engine;
use crate::operator::frappe::Apps;
use crate::source::node::{Node, Value};

/// What must hold of a change for a rule to speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    // Of the field.
    /// It becomes this.
    To(&'static str),
    /// It had a value before.
    WasSet,
    /// It has no value any more.
    Gone,
    /// It is an item of a list, and not in it any more.
    ItemGone,
    /// It had no value before, and becomes this duration, which the operator has written by then.
    Restates(&'static str),
    /// It tells how many values a password has had, before and after.
    Generation,
    /// A quantity becomes less.
    Smaller,
    /// An image or version becomes older.
    Older(Tags),
    /// A list loses items.
    Narrower,

    // Of the object: the one after the change, or the one that goes.
    /// A field is stated.
    Has(&'static str),
    /// A field is this.
    Is(&'static str, &'static str),
    /// A field is anything but this.
    IsNot(&'static str, &'static str),
    /// The definition is on its way out.
    Retired,
    /// A GitOps engine is told to leave the object.
    Protected,
    /// No GitOps engine is told to leave the object.
    Unprotected,
    /// Its name ends so.
    NameEnds(&'static str),
    /// A User has more than one kind of password.
    TwoPasswords,
    /// A server's topology does not take this number of replicas.
    WrongCount,

    // Of the object before and after.
    /// A field was this before.
    Was(&'static str, &'static str),
    /// A field was anything but this before.
    WasNot(&'static str, &'static str),
    /// One of these fields changes, or one below.
    Touches(&'static [&'static str]),
    /// Replication or Galera of a server is switched on or off.
    Topology,
    /// The operator has made a PodDisruptionBudget for the server already.
    HasBudget,

    // Of the other objects of the change.
    /// A site of the same siteName goes.
    SiteNameGoes,
    /// A User of the same account goes, and drops it.
    AccountGoes,
    /// No Grant of a User's account comes: the one that it has was there before.
    GrantStays,
    /// The User that reads the Secret, or what the field names, reads another one that comes.
    SecretMoves,

    // Of the cluster, after the change.
    /// mariadb-operator takes no change of what belongs to pods.
    FixedPods,
    /// mariadb-operator cannot change a server's root password.
    FixedRoot,
    /// mariadb-operator drops what the object stands for on its server, be that outside the cluster or not.
    Reaches,
    /// frappe-operator drops a site with its FrappeSite.
    DropsSites,
    /// frappe-operator runs a site's init Job again.
    RerunsInit,
    /// frappe-operator leaves the Deployments of a bench as they were made.
    FixedImages,
    /// frappe-operator reads no apps from a FrappeSite.
    IgnoresApps,
    /// No GitOps engine is stated.
    NoEngine,
    /// Another GitOps engine than this is stated.
    OtherEngine(Engine),
}

/// A change, with all that decides what it does.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    pub(super) change: &'a ObjectChange,
    /// The field; nothing where the object is looked at as a whole.
    pub(super) field: Option<&'a FieldChange>,
    pub(super) known: Known,
    pub(super) moves: &'a Moves,
}

impl Condition {
    /// Whether it holds.
    pub(super) fn holds(self, scene: Scene) -> bool {
        match scene.field {
            Some(field) => self.of_field(field).unwrap_or_else(|| self.of_object(scene)),
            None => self.of_object(scene),
        }
    }

    /// Of the field; nothing for a condition of anything else.
    fn of_field(self, field: &FieldChange) -> Option<bool> {
        let (old, new) = (text(field.old.as_ref()), text(field.new.as_ref()));
        let name = field.path.last().map_or("", String::as_str);
        Some(match self {
            Self::To(wanted) => new.as_deref() == Some(wanted),
            Self::WasSet => field.old.is_some(),
            Self::Gone => field.new.is_none(),
            Self::ItemGone => field.new.is_none() && name.starts_with('['),
            Self::Restates(wanted) => {
                let stated = new.as_deref().and_then(duration);
                field.old.is_none() && stated.is_some() && stated == duration(wanted)
            }
            Self::Generation => is_generation(name) && field.old.is_some() && field.new.is_some(),
            Self::Smaller => old.zip(new).is_some_and(|(old, new)| {
                // What cannot be compared may be.
                quantity(&old).zip(quantity(&new)).is_none_or(|(old, new)| new < old)
            }),
            Self::Older(tags) => {
                old.zip(new).is_some_and(|(old, new)| version::is_older(&old, &new, tags))
            }
            Self::Narrower => loses_items(field),
            _ => return None,
        })
    }

    fn of_object(self, scene: Scene) -> bool {
        let Scene { change, known, moves, .. } = scene;
        let (base, head) = (change.base.as_ref(), change.head.as_ref());
        let Some(object) = head.or(base) else { return false };
        let of = |object: &Object, path: &str| {
            let path: Vec<&str> = path.split('.').collect();
            text(object.at(&path))
        };
        let is = |object: &Object, path, wanted: &str| of(object, path).as_deref() == Some(wanted);
        match self {
            Self::Has(path) => object.at(&path.split('.').collect::<Vec<_>>()).is_some(),
            Self::Is(path, wanted) => is(object, path, wanted),
            Self::IsNot(path, wanted) => !is(object, path, wanted),
            Self::Retired => is_retired(object),
            Self::Protected => is_protected(object),
            Self::Unprotected => !is_protected(object),
            Self::NameEnds(end) => change.key.name.ends_with(end),
            Self::TwoPasswords => has_two_passwords(object),
            Self::WrongCount => !server::takes_its_replicas(object),
            Self::Was(path, wanted) => base.is_some_and(|base| is(base, path, wanted)),
            Self::WasNot(path, wanted) => base.is_some_and(|base| !is(base, path, wanted)),
            Self::Touches(fields) => {
                let covered = |name: &str| fields.iter().any(|field| covers(field, name));
                change.fields.iter().any(|field| covered(&field.field()))
            }
            Self::Topology => base.map(server::topology) != head.map(server::topology),
            Self::HasBudget => base.is_some_and(server::has_budget),
            Self::SiteNameGoes => moves.site_before(change).is_some(),
            Self::AccountGoes => {
                moves.user_before(change).is_some() && Self::Reaches.of_object(scene)
            }
            Self::SecretMoves => moves.moves_secret(change, scene.field),
            Self::GrantStays => !moves.has_new_grant(change),
            Self::FixedPods => known.has(|it| it.mariadb.pod_fields_are_immutable),
            Self::FixedRoot => known.has(|it| !it.mariadb.rotates_root_password),
            Self::Reaches => {
                let is_outside = is(object, "spec.mariaDbRef.kind", "ExternalMariaDB");
                !is_outside || known.may(|it| it.mariadb.drops_outside)
            }
            Self::DropsSites => known.may(|it| it.frappe.drops_site),
            Self::RerunsInit => known.may(|it| it.frappe.reruns_init),
            Self::FixedImages => known.has(|it| !it.frappe.follows_images),
            Self::IgnoresApps => known.has(|it| it.frappe.apps != Apps::Stated),
            Self::NoEngine => known.has(|it| it.engine == Engine::None),
            Self::OtherEngine(engine) => {
                known.has(|it| ![engine, Engine::None].contains(&it.engine))
            }
            // Of a field, which is not looked at here.
            _ => false,
        }
    }
}

/// Whether a rule's field is this one or above it.
pub(super) fn covers(rule: &str, field: &str) -> bool {
    match field.strip_prefix(rule) {
        Some(rest) => rest.is_empty() || rest.starts_with('.'),
        None => false,
    }
}

fn text(node: Option<&Node>) -> Option<String> {
    match &node?.value {
        Value::String(text) => Some(text.to_string()),
        Value::Int(number) => Some(number.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}

/// Whether an object says that its definition is on its way out.
fn is_retired(object: &Object) -> bool {
    object.text(&["metadata", "annotations", crate::manifest::LIFECYCLE]) == Some("retired")
}

/// Whether an object says that a GitOps engine leaves it in the cluster when its file is gone.
fn is_protected(object: &Object) -> bool {
    let of = |annotation| object.text(&["metadata", "annotations", annotation]);
    let by_flux = of("kustomize.toolkit.fluxcd.io/prune") == Some("disabled");
    let by_argo = of("argocd.argoproj.io/sync-options").unwrap_or_default().contains("Prune=false");
    by_flux || by_argo
}

/// Whether a list has lost items, other than to the privilege that holds all.
fn loses_items(field: &FieldChange) -> bool {
    let items = |node: &Option<Node>| match node.as_ref().map(|node| &node.value) {
        Some(Value::List(items)) => items.clone(),
        _ => Vec::new(),
    };
    let new = items(&field.new);
    let has = |name: &str| new.iter().any(|node| node.as_str() == Some(name));
    let keeps =
        |node: &Node| has("ALL PRIVILEGES") || new.iter().any(|other| other.value == node.value);
    !items(&field.old).iter().all(keeps)
}

/// Whether a User has more kinds of password than the one that it may have.
fn has_two_passwords(user: &Object) -> bool {
    const KINDS: [&[&str]; 3] = [
        &["spec", "passwordSecretKeyRef"],
        &["spec", "passwordHashSecretKeyRef"],
        &["spec", "passwordPlugin", "pluginNameSecretKeyRef"],
    ];
    KINDS.iter().filter(|path| user.at(path).is_some()).count() > 1
}

/// Whether an annotation of ours tells how many values a password has had.
fn is_generation(key: &str) -> bool {
    key.strip_prefix("sitewright/").is_some_and(|key| key.ends_with("generation"))
}
