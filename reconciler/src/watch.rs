//! The watches: one of SiteDatabases for each namespace or for all, and one for each type that they refer to,
//! for as long as they do.
//!
//! A watch of objects has no label selector. A site may use a server or a bench that sitewright did not render,
//! which has no label of ours. Memory stays bounded all the same: the index keeps rows only for objects that a
//! site refers to, and lists come in pages.

use crate::backoff::Backoff;
use crate::index::{Event, Lookup, Scope, Unavailable};
use crate::metrics::Metrics;
use crate::observed::{Observed, SiteDatabase};
use futures::StreamExt as _;
use kube::runtime::watcher::{self, watcher};
use kube::{Api, Client};
use sitewright_api::KIND;
use std::collections::HashMap;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::sleep;

/// What a list holds at most: a page of objects is in memory at once.
const PAGE: u32 = 500;
/// More objects of a type than these are not asked for one by one: their watch lists again.
const LOOKUPS: usize = 500;
const LOOKUPS_AT_ONCE: usize = 8;
/// Failures in a row after which a type counts as unavailable: of a watch that has listed, and of a new one. An
/// API server that starts refuses what it will serve in a moment, and no status may change for that.
const PATIENCE: (u32, u32) = (5, 2);
const BACKOFF: Backoff =
    Backoff { first: Duration::from_millis(800), longest: Duration::from_secs(30) };

/// An event, with the number of the watch that saw it. The watches of SiteDatabases have 0.
pub(crate) type Input = (u64, Event);

struct Running {
    number: u64,
    task: AbortHandle,
    /// Each lookup that has no answer yet holds a copy.
    lookups: Arc<()>,
}

/// The watches that run.
pub(crate) struct Watches {
    client: Client,
    metrics: Metrics,
    inputs: mpsc::Sender<Input>,
    running: HashMap<Scope, Running>,
    tasks: JoinSet<()>,
    last: u64,
    lookups: Arc<Semaphore>,
}

impl Watches {
    pub(crate) fn new(client: Client, metrics: Metrics, inputs: mpsc::Sender<Input>) -> Self {
        Self {
            client,
            metrics,
            inputs,
            running: HashMap::new(),
            tasks: JoinSet::new(),
            last: 0,
            lookups: Arc::new(Semaphore::new(LOOKUPS_AT_ONCE)),
        }
    }

    /// Starts the watches of SiteDatabases.
    pub(crate) fn follow_sites(&mut self, namespaces: &[String], selector: Option<&str>) {
        let scopes = match namespaces {
            [] => vec![None],
            some => some.iter().map(|it| Some(it.as_str().into())).collect(),
        };
        self.metrics.watch_starts(KIND);
        for namespace in scopes {
            let config =
                watcher::Config { label_selector: selector.map(str::to_owned), ..config() };
            let (client, metrics) = (self.client.clone(), self.metrics.clone());
            let inputs = self.inputs.clone();
            self.tasks.spawn(watch_sites(client, namespace, config, metrics, inputs));
        }
    }

    /// Starts the watches that are wanted, and ends the others.
    pub(crate) fn follow(&mut self, wanted: &[Scope]) {
        let unwanted: Vec<Scope> =
            self.running.keys().filter(|it| wanted.binary_search(it).is_err()).cloned().collect();
        for scope in unwanted {
            self.stop(&scope);
            if !self.running.keys().any(|it| it.type_ == scope.type_) {
                self.metrics.watch_ends(&scope.type_.to_string());
            }
            tracing::info!(kind = %scope.type_, namespace = scope.namespace.as_deref(), "no site needs the watch");
        }
        for scope in wanted {
            if !self.running.contains_key(scope) {
                self.start(scope.clone());
            }
        }
        // Ended tasks are taken out, so that the set does not grow.
        while self.tasks.try_join_next().is_some() {}
    }

    fn start(&mut self, scope: Scope) {
        self.last += 1;
        self.metrics.watch_starts(&scope.type_.to_string());
        let watch = Watch {
            number: self.last,
            client: self.client.clone(),
            scope: scope.clone(),
            metrics: self.metrics.clone(),
            inputs: self.inputs.clone(),
        };
        let task = self.tasks.spawn(watch.run());
        self.running.insert(scope, Running { number: self.last, task, lookups: Arc::default() });
    }

    fn stop(&mut self, scope: &Scope) {
        if let Some(running) = self.running.remove(scope) {
            running.task.abort();
        }
    }

    /// Whether an event comes from a watch that still runs: one that was ended may have sent its last events.
    pub(crate) fn is_current(&self, number: u64, event: &Event) -> bool {
        let scope = match event {
            Event::Begin(scope)
            | Event::Object(scope, _)
            | Event::Gone(scope, _)
            | Event::Done(scope)
            | Event::Unavailable(scope, _) => scope,
            _ => return true,
        };
        self.running.get(scope).is_some_and(|running| running.number == number)
    }

    /// Asks for objects that their watches have passed by.
    pub(crate) fn look_up(&mut self, lookups: Vec<Lookup>) {
        let mut by_scope: HashMap<Scope, Vec<Lookup>> = HashMap::new();
        for lookup in lookups {
            by_scope.entry(lookup.scope.clone()).or_default().push(lookup);
        }
        for (scope, lookups) in by_scope {
            let Some(running) = self.running.get(&scope) else { continue };
            let mark = running.lookups.clone();
            if lookups.len() + Arc::strong_count(&mark) > LOOKUPS {
                self.stop(&scope);
                self.start(scope);
                continue;
            }
            for lookup in lookups {
                let (client, inputs) = (self.client.clone(), self.inputs.clone());
                let (slots, mark) = (self.lookups.clone(), mark.clone());
                self.tasks.spawn(async move {
                    look_up(client, lookup, slots, inputs).await;
                    drop(mark);
                });
            }
        }
    }
}

fn config() -> watcher::Config {
    watcher::Config::default().page_size(PAGE)
}

/// Asks for one object until there is an answer.
async fn look_up(
    client: Client,
    lookup: Lookup,
    slots: Arc<Semaphore>,
    inputs: mpsc::Sender<Input>,
) {
    let resource = lookup.type_.resource();
    let api: Api<Observed> = Api::namespaced_with(client, &lookup.namespace, &resource);
    for failures in 1.. {
        let Ok(slot) = slots.acquire().await else { return };
        match api.get_opt(&lookup.name).await {
            Ok(object) => {
                let event = Event::LookedUp(lookup, object.map(Box::new));
                // Nobody listens any more while the process ends.
                _ = inputs.send((0, event)).await;
                return;
            }
            Err(error) => {
                drop(slot);
                tracing::debug!(kind = %lookup.type_, %error, "an object was not read");
                sleep(BACKOFF.random(failures)).await;
            }
        }
    }
}

/// What an error of a watch means.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Trouble {
    /// The watch goes on by itself.
    Passing,
    /// The watch must begin anew: it would ask for the same lost version for ever.
    Lost,
    /// There is nothing to watch.
    Unavailable(Unavailable),
}

fn trouble(error: &watcher::Error) -> Trouble {
    let code = match error {
        watcher::Error::InitialListFailed(kube::Error::Api(status))
        | watcher::Error::WatchStartFailed(kube::Error::Api(status))
        | watcher::Error::WatchFailed(kube::Error::Api(status)) => status.code,
        watcher::Error::WatchError(status) => status.code,
        _ => return Trouble::Passing,
    };
    match code {
        404 => Trouble::Unavailable(Unavailable::NotInstalled),
        401 | 403 => Trouble::Unavailable(Unavailable::Forbidden),
        410 => Trouble::Lost,
        _ => Trouble::Passing,
    }
}

/// The failures of a watch in a row.
#[derive(Debug, Default)]
struct Failures {
    count: u32,
    /// Whether the watch has listed since its type was last found unavailable.
    has_listed: bool,
}

impl Failures {
    /// The watch has told something.
    fn note_success<K>(&mut self, event: &watcher::Event<K>) {
        // A listing that only begins proves nothing.
        if !matches!(event, watcher::Event::Init) {
            self.count = 0;
        }
        self.has_listed |= matches!(event, watcher::Event::InitDone);
    }

    /// What another failure means. A type is unavailable only after some.
    fn note(&mut self, error: &watcher::Error, kind: &str, metrics: &Metrics) -> Trouble {
        self.count += 1;
        metrics.watch_restart(kind);
        let patience = if self.has_listed { PATIENCE.0 } else { PATIENCE.1 };
        let trouble = match trouble(error) {
            Trouble::Unavailable(_) if self.count < patience => Trouble::Lost,
            trouble => trouble,
        };
        match trouble {
            Trouble::Unavailable(why) => {
                metrics.missing(kind);
                self.has_listed = false;
                // Once, and not every half minute for as long as it lasts.
                if self.count == patience {
                    tracing::warn!(kind, %error, ?why, "the type cannot be listed: waiting for it");
                }
            }
            Trouble::Lost => tracing::info!(kind, %error, "the watch lists again"),
            Trouble::Passing => tracing::warn!(kind, %error, "the watch was cut off"),
        }
        trouble
    }
}

/// One watch of objects.
struct Watch {
    number: u64,
    client: Client,
    scope: Scope,
    metrics: Metrics,
    inputs: mpsc::Sender<Input>,
}

impl Watch {
    /// Runs until it is aborted, or nobody listens.
    async fn run(self) {
        let kind = self.scope.type_.to_string();
        let resource = self.scope.type_.resource();
        let mut failures = Failures::default();
        loop {
            let api: Api<Observed> = match &self.scope.namespace {
                Some(namespace) => Api::namespaced_with(self.client.clone(), namespace, &resource),
                None => Api::all_with(self.client.clone(), &resource),
            };
            let mut stream = pin!(watcher(api, config()));
            while let Some(item) = stream.next().await {
                let event = match item {
                    Ok(event) => {
                        failures.note_success(&event);
                        self.event(event, &kind)
                    }
                    Err(error) => {
                        let trouble = failures.note(&error, &kind, &self.metrics);
                        if let Trouble::Unavailable(why) = trouble {
                            let event = Event::Unavailable(self.scope.clone(), why);
                            if self.inputs.send((self.number, event)).await.is_err() {
                                return;
                            }
                        }
                        sleep(BACKOFF.random(failures.count)).await;
                        match trouble {
                            Trouble::Passing => continue,
                            _ => break,
                        }
                    }
                };
                if self.inputs.send((self.number, event)).await.is_err() {
                    return;
                }
            }
        }
    }

    fn event(&self, event: watcher::Event<Observed>, kind: &str) -> Event {
        let scope = self.scope.clone();
        match event {
            watcher::Event::Init => Event::Begin(scope),
            watcher::Event::InitApply(object) | watcher::Event::Apply(object) => {
                Event::Object(scope, Box::new(object))
            }
            watcher::Event::Delete(object) => Event::Gone(scope, Box::new(object)),
            watcher::Event::InitDone => {
                self.metrics.listed(kind);
                tracing::info!(kind, namespace = scope.namespace.as_deref(), "listed");
                Event::Done(scope)
            }
        }
    }
}

/// The watch of SiteDatabases.
async fn watch_sites(
    client: Client,
    namespace: Option<Arc<str>>,
    config: watcher::Config,
    metrics: Metrics,
    inputs: mpsc::Sender<Input>,
) {
    let mut failures = Failures::default();
    loop {
        let api: Api<SiteDatabase> = match &namespace {
            Some(namespace) => Api::namespaced(client.clone(), namespace),
            None => Api::all(client.clone()),
        };
        let mut stream = pin!(watcher(api, config.clone()));
        while let Some(item) = stream.next().await {
            let mut trouble = None;
            let event = match item {
                Ok(event) => {
                    failures.note_success(&event);
                    Some(site_event(event, namespace.clone(), &metrics))
                }
                Err(error) => {
                    let what = failures.note(&error, KIND, &metrics);
                    trouble = Some(what);
                    matches!(what, Trouble::Unavailable(_))
                        .then(|| Event::SitesUnavailable(namespace.clone()))
                }
            };
            if let Some(event) = event
                && inputs.send((0, event)).await.is_err()
            {
                return;
            }
            let Some(trouble) = trouble else { continue };
            sleep(BACKOFF.random(failures.count)).await;
            if trouble != Trouble::Passing {
                break;
            }
        }
    }
}

fn site_event(
    event: watcher::Event<SiteDatabase>,
    namespace: Option<Arc<str>>,
    metrics: &Metrics,
) -> Event {
    match event {
        watcher::Event::Init => Event::SitesBegin(namespace),
        watcher::Event::InitApply(site) | watcher::Event::Apply(site) => {
            if site.spec.is_none() {
                let (namespace, name) = (&site.metadata.namespace, &site.metadata.name);
                tracing::warn!(namespace, name, "the spec of a SiteDatabase cannot be read");
            }
            Event::Site(Box::new(site))
        }
        watcher::Event::Delete(site) => Event::SiteGone(Box::new(site)),
        watcher::Event::InitDone => {
            metrics.listed(KIND);
            tracing::info!(kind = KIND, namespace = namespace.as_deref(), "listed");
            Event::SitesDone(namespace)
        }
    }
}
