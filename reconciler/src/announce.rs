//! Kubernetes events: one for each change of a site's phase. They are a courtesy: what cannot be sent at once
//! is dropped.

use crate::MANAGER;
use crate::index::Change;
use k8s_openapi::api::core::v1::ObjectReference;
use kube::Client;
use kube::runtime::events::{Event, EventType, Recorder, Reporter};
use sitewright_api::{API_VERSION, KIND, Phase};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// How many may be on their way.
const AT_ONCE: usize = 4;
const TIMEOUT: Duration = Duration::from_secs(10);

/// Sends events.
#[derive(Clone)]
pub(crate) struct Announcer {
    recorder: Recorder,
    slots: Arc<Semaphore>,
}

impl Announcer {
    pub(crate) fn new(client: Client) -> Self {
        let reporter = Reporter { controller: MANAGER.to_owned(), instance: None };
        let recorder = Recorder::new(client, reporter);
        Self { recorder, slots: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// Announces a written change, if it is one of the phase.
    pub(crate) fn announce(&self, change: &Change, uid: Option<String>) {
        let Some(event) = event(change) else { return };
        let Ok(slot) = self.slots.clone().try_acquire_owned() else { return };
        let site = ObjectReference {
            api_version: Some(API_VERSION.to_owned()),
            kind: Some(KIND.to_owned()),
            namespace: Some(change.namespace.to_string()),
            name: Some(change.name.to_string()),
            uid,
            ..ObjectReference::default()
        };
        let recorder = self.recorder.clone();
        tokio::spawn(async move {
            let sent = tokio::time::timeout(TIMEOUT, recorder.publish(&event, &site)).await;
            if let Ok(Err(error)) = sent {
                tracing::debug!(%error, "an event was not taken");
            }
            drop(slot);
        });
    }
}

fn event(change: &Change) -> Option<Event> {
    change.left?;
    let phase = change.status.database_status.as_ref()?.phase;
    let condition = change.status.conditions.first()?;
    Some(Event {
        type_: if phase == Phase::Failed { EventType::Warning } else { EventType::Normal },
        reason: phase.word().to_owned(),
        note: Some(condition.message.clone()),
        action: "ReportStatus".to_owned(),
        secondary: None,
    })
}
