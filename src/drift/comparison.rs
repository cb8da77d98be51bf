//! Compares live objects with the manifests of a cluster while they are read.

use super::accepted::{self, Accepted};
use super::cause::{self, Question};
use super::history::{Commit, History};
use super::rendered::{Rendered, Type};
use super::{Cause, Drift, Drifted, Reaction, State, fields, name};
use crate::diagnostic::{Checked, Code, Diagnostic, Reported};
use crate::diff::judge;
use crate::language::Engine;
use crate::live::{self, LiveObject, clusters};
use crate::object::ObjectKind;
use crate::project::Project;
use crate::provider;
use crate::risk::{Action, FieldChange, Key, Object, ObjectChange, Operators};
use crate::source::node::Node;
use crate::{frappe, site_database};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// The manifests of a cluster, and which of them were found in the cluster.
#[derive(Debug)]
pub struct Comparison<'p> {
    project: &'p Project,
    cluster: String,
    operators: Operators,
    rendered: Rendered,
    /// Whether each manifest's object was found, by the number of the manifest.
    seen: Vec<AtomicBool>,
    /// The types of the objects that sitewright may have rendered.
    types: BTreeSet<Type>,
    /// The manifests that cannot be read.
    unreadable: Mutex<Vec<Diagnostic>>,
}

/// A live object that differs.
#[derive(Debug)]
pub struct Differing {
    live: LiveObject,
    /// `None` if there is no manifest.
    manifest: Option<Object>,
    fields: Vec<FieldChange>,
}

impl<'p> Comparison<'p> {
    /// Reads the manifests of a cluster.
    pub fn new(project: &'p Project, cluster: &str) -> Checked<Self> {
        let fleet = crate::resolved(project);
        let known = fleet.value.clusters.iter().find(|known| known.name == cluster);
        let Some(known) = known else { return Err(fleet.diagnostics) };
        let rendered = Rendered::read(project, cluster)?;
        let seen = (0..rendered.len()).map(|_| AtomicBool::new(false)).collect();
        let mut types = rendered.types().clone();
        let of_providers = provider::of_cluster(known).flat_map(|it| it.delivered_kinds());
        types.extend(of_providers.map(|it| Type::new(it.kind, it.group, it.version)));
        let api = known.profiles.frappe.api.word();
        let of_frappe = [ObjectKind::FrappeSite, ObjectKind::FrappeBench];
        types.extend(of_frappe.map(|kind| Type::new(kind, frappe::GROUP, api)));
        types.extend(known.status.then(|| {
            Type::new(ObjectKind::SiteDatabase, site_database::GROUP, sitewright_api::VERSION)
        }));
        let operators = Operators { profiles: known.profiles, engine: known.engine };
        let (cluster, unreadable) = (cluster.to_owned(), Mutex::default());
        Ok(Self { project, cluster, operators, rendered, seen, types, unreadable })
    }

    /// Whether objects of this group and kind are compared.
    pub fn wants(&self, group: &str, kind: &str) -> bool {
        self.types.iter().any(|of| of.group == group && of.kind == kind)
    }

    /// The types that are compared, as `kubectl get` takes them.
    pub fn resources(&self) -> Vec<String> {
        self.types.iter().map(Type::resource).collect()
    }

    /// Compares one object. `None` if it does not differ, or if it is none of ours.
    pub fn take(&self, mut live: LiveObject) -> Option<Differing> {
        live.key.cluster.clone_from(&self.cluster);
        match self.rendered.number(&live.key) {
            Some(number) => {
                self.seen.get(number)?.store(true, Ordering::Relaxed);
                let manifest = self.manifest(&live.key)?;
                let fields = fields::differing(&manifest.node, &live.node);
                let differs = live.is_deleted || !fields.is_empty();
                differs.then_some(Differing { live, manifest: Some(manifest), fields })
            }
            None => {
                is_ours(&live).then_some(Differing { live, manifest: None, fields: Vec::new() })
            }
        }
    }

    /// The error for a dump of another cluster.
    fn other_cluster(&self, missing: usize, unknown: &[&Key]) -> Option<Box<Diagnostic>> {
        let all = self.rendered.len();
        let found = live::Found {
            cluster: &self.cluster,
            what: "objects",
            all,
            present: all - missing,
            unknown: unknown.len(),
            command: "kubectl --context CONTEXT get KINDS -A -o json",
        };
        live::other_cluster(self.project, found, |other| {
            let Ok(rendered) = Rendered::read(self.project, other) else { return 0 };
            let is_there = |key: &&&Key| {
                let key = Key { cluster: other.to_owned(), ..(**key).clone() };
                rendered.number(&key).is_some()
            };
            unknown.iter().filter(is_there).count()
        })
    }

    /// The manifest of an object. One that cannot be read is noted.
    fn manifest(&self, key: &Key) -> Option<Object> {
        self.rendered.object(key).unwrap_or_else(|problem| {
            self.unreadable.lock().unwrap_or_else(PoisonError::into_inner).push(*problem);
            None
        })
    }

    /// The drift of the cluster. `found` has what [`Comparison::take`] returned. What is accepted `today`, such as
    /// `2026-11-28`, is left out.
    pub fn finish(
        self,
        found: Vec<Differing>,
        accepted: &Accepted,
        today: &str,
    ) -> Checked<Reported<Drift>> {
        let accepted = accepted.of_cluster(&self.cluster, &clusters(self.project))?;
        let missing: Vec<(Key, Object)> = self
            .missing()
            .into_iter()
            .filter_map(|key| self.manifest(&key).map(|object| (key, object)))
            .collect();
        let unreadable =
            std::mem::take(&mut *self.unreadable.lock().unwrap_or_else(PoisonError::into_inner));
        if !unreadable.is_empty() {
            return Err(unreadable);
        }
        let unknown: Vec<&Key> =
            found.iter().filter(|it| it.manifest.is_none()).map(|it| &it.live.key).collect();
        if let Some(problem) = self.other_cluster(missing.len(), &unknown) {
            return Err(vec![*problem]);
        }
        let absent = self.absent(&missing);
        let live: Vec<Key> = unknown.into_iter().cloned().collect();
        let Reported { value: mut objects, mut diagnostics } = self.explained(found, missing);
        let known = || accepted::names(self.rendered.keys().map(|(key, _)| key).chain(&live));
        let (accepted, problems) = accepted.apply(today, &mut objects, known);
        diagnostics.extend(problems);
        let mut changes: Vec<ObjectChange> = objects
            .iter_mut()
            .map(|object| std::mem::replace(&mut object.change, nothing()))
            .collect();
        judge(&mut changes, &BTreeMap::from([(self.cluster.clone(), self.operators)]));
        for (object, change) in objects.iter_mut().zip(changes) {
            object.change = change;
            if object.state == State::Unknown && object.reaction != Reaction::Prunes {
                // Nobody removes it.
                object.change.findings.clear();
            }
        }
        objects.sort_by(|one, other| {
            let order = |it: &Drifted| (Reverse(it.change.level()), it.state);
            order(one).cmp(&order(other)).then_with(|| one.change.key.cmp(&other.change.key))
        });
        let value = Drift {
            cluster: self.cluster,
            engine: self.operators.engine,
            compared: self.rendered.len(),
            secrets: self.rendered.secrets,
            absent,
            accepted,
            objects,
        };
        Ok(Reported { value, diagnostics })
    }

    /// The manifests whose objects were not found.
    fn missing(&self) -> Vec<Key> {
        let is_seen =
            |number: usize| self.seen.get(number).is_some_and(|seen| seen.load(Ordering::Relaxed));
        let missing = self.rendered.keys().filter(|(_, number)| !is_seen(*number));
        let mut missing: Vec<Key> = missing.map(|(key, _)| key.clone()).collect();
        missing.sort();
        missing
    }

    /// The kinds of which no object was found, with the number of their manifests.
    fn absent(&self, missing: &[(Key, Object)]) -> Vec<(String, usize)> {
        let count = |key: &Key, counts: &mut BTreeMap<(String, String), usize>| {
            *counts.entry((key.kind.clone(), key.group.clone())).or_default() += 1;
        };
        let (mut of_all, mut of_missing) = (BTreeMap::new(), BTreeMap::new());
        self.rendered.keys().for_each(|(key, _)| count(key, &mut of_all));
        missing.iter().for_each(|(key, _)| count(key, &mut of_missing));
        of_missing.retain(|of, number| of_all.get(of) == Some(number));
        of_missing.into_iter().map(|((kind, _), number)| (kind, number)).collect()
    }

    /// The objects with their causes, without findings.
    fn explained(
        &self,
        found: Vec<Differing>,
        missing: Vec<(Key, Object)>,
    ) -> Reported<Vec<Drifted>> {
        let Project { root, folders, .. } = self.project;
        let below = folders.rendered.as_str();
        let paths = found.iter().filter_map(|it| it.manifest.as_ref());
        let paths = paths.chain(missing.iter().map(|(_, object)| object));
        let wanted: HashSet<String> =
            paths.map(|object| format!("{below}/{}", object.path)).collect();
        let has_unknown = found.iter().any(|it| it.manifest.is_none());
        let history = match wanted.is_empty() && !has_unknown {
            true => History::default(),
            false => {
                let folder = format!("{below}/{}", self.cluster);
                History::read(root, &folder, &wanted, has_unknown)
            }
        };
        let questions = found.iter().filter_map(|it| {
            let manifest = it.manifest.as_ref()?;
            Some(Question { live: &it.live, manifest, fields: &it.fields })
        });
        let questions: Vec<Question> = questions.collect();
        let mut causes = cause::causes(&questions, &history, root, below).into_iter();
        let mut removed = history.removed(root, below);
        let mut objects = Vec::with_capacity(found.len() + missing.len());
        let mut unexplained = None;
        for it in found {
            let causes = if it.manifest.is_some() { causes.next() } else { None };
            unexplained = unexplained.or_else(|| without_managers(&it.live, causes.as_deref()?));
            let gone = if it.manifest.is_none() { removed.remove(&it.live.key) } else { None };
            objects.push(self.drifted(it, causes.unwrap_or_default(), gone));
        }
        objects.extend(missing.into_iter().map(|(key, object)| {
            let commit = history.added(&format!("{below}/{}", object.path)).cloned();
            self.absent_object(key, object, commit)
        }));
        Reported { value: objects, diagnostics: unexplained.into_iter().collect() }
    }

    /// An object of the cluster that differs. `gone` is the manifest that it had.
    fn drifted(
        &self,
        differing: Differing,
        causes: Vec<Cause>,
        gone: Option<(Object, Commit)>,
    ) -> Drifted {
        let Differing { live, manifest, fields } = differing;
        let (gone, commit) = gone.unzip();
        let path = manifest.as_ref().or(gone.as_ref()).map_or("", |object| &object.path).to_owned();
        let state = match (&manifest, live.is_deleted) {
            (_, true) => State::BeingDeleted,
            (Some(_), false) => State::Drifted,
            (None, false) => State::Unknown,
        };
        let reaction = self.reaction(&live.node, state);
        // A deletion takes the object with it, whatever its fields are.
        let head = manifest.filter(|_| !live.is_deleted);
        let action = if head.is_some() { Action::Changed } else { Action::Removed };
        let base = Some(Object { path, node: live.node });
        let change =
            ObjectChange { key: live.key, action, base, head, fields, findings: Vec::new() };
        let finalizers = if live.is_deleted { live.finalizers } else { Vec::new() };
        Drifted { change, state, causes, commit, finalizers, reaction }
    }

    fn absent_object(&self, key: Key, manifest: Object, commit: Option<Commit>) -> Drifted {
        let reaction = self.reaction(&manifest.node, State::Missing);
        let change = ObjectChange {
            key,
            action: Action::Added,
            base: None,
            head: Some(manifest),
            fields: Vec::new(),
            findings: Vec::new(),
        };
        let state = State::Missing;
        Drifted { change, state, causes: Vec::new(), commit, finalizers: Vec::new(), reaction }
    }

    /// What the engine does about an object.
    fn reaction(&self, live: &Node, state: State) -> Reaction {
        let of = |annotation: &str| {
            let node = live.get("metadata")?.get("annotations")?.get(annotation)?;
            node.as_str().map(str::to_owned)
        };
        let is = |annotation: &str, values: &[&str]| {
            of(annotation).is_some_and(|value| values.contains(&value.to_lowercase().as_str()))
        };
        // Source: the documentation of Flux's kustomize-controller and of Argo CD's sync options.
        let leaves_alone = match self.operators.engine {
            Engine::None => return Reaction::Nobody,
            Engine::Flux => {
                is("kustomize.toolkit.fluxcd.io/reconcile", &["disabled"])
                    || is("kustomize.toolkit.fluxcd.io/ssa", &["ignore"])
            }
            Engine::Argocd => false,
        };
        let is_kept = match self.operators.engine {
            Engine::None => true,
            Engine::Flux => is("kustomize.toolkit.fluxcd.io/prune", &["disabled"]),
            Engine::Argocd => of("argocd.argoproj.io/sync-options")
                .is_some_and(|options| options.contains("Prune=false")),
        };
        match state {
            _ if leaves_alone => Reaction::LeavesAlone,
            State::Unknown if is_kept => Reaction::LeavesAlone,
            State::Unknown => Reaction::Prunes,
            _ => Reaction::PutsBack,
        }
    }
}

/// The warning for an object that does not show who changed it.
fn without_managers(live: &LiveObject, causes: &[Cause]) -> Option<Diagnostic> {
    let is_changed = causes.iter().any(|cause| matches!(cause, Cause::Changed(_)));
    if !is_changed || !live.managers.is_empty() {
        return None;
    }
    let message = format!("the dump does not say who changed `{}`", name::of(&live.key));
    let help = "add `--show-managed-fields` to `kubectl get`";
    // SW852: a dump that does not say who changed a field.
    let problem = Diagnostic::of_path(Code::NoFieldManagers, live.place.file.to_string(), message);
    Some(problem.help(help))
}

/// A change that is replaced at once.
fn nothing() -> ObjectChange {
    let none = String::new;
    let key = Key { cluster: none(), kind: none(), group: none(), namespace: none(), name: none() };
    let (fields, findings) = (Vec::new(), Vec::new());
    ObjectChange { key, action: Action::Changed, base: None, head: None, fields, findings }
}

/// Whether sitewright rendered an object. What an operator made of such an object may have its labels, and has an
/// owner. The objects that deliver the manifests are in another folder.
fn is_ours(live: &LiveObject) -> bool {
    let labels = live.node.get("metadata").and_then(|metadata| metadata.get("labels"));
    let label = |name: &str| labels.and_then(|labels| labels.get(name)).and_then(Node::as_str);
    live.owners.is_empty()
        && label("app.kubernetes.io/managed-by") == Some("sitewright")
        && label("app.kubernetes.io/name") != Some("delivery")
}
