//! The requests that write a status. This is the only module that changes an object in the cluster, events aside.

use crate::MANAGER;
use crate::backoff::retry_after;
use crate::index::Change;
use crate::metrics::PatchResult;
use crate::observed::SiteDatabase;
use ::http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use kube::api::{Patch, PatchParams};
use kube::client::Body;
use kube::{Client, Resource as _};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sitewright_api::{API_VERSION, KIND};
use std::time::Duration;

/// What the API server answered.
#[derive(Debug)]
pub(crate) enum Answer {
    Taken(Written),
    /// The SiteDatabase does not exist.
    Gone,
    /// Try again, not before a time that the server may state.
    Later(PatchResult, Option<Duration>, String),
}

/// What is read of the object in an answer.
#[derive(Debug, Default)]
pub(crate) struct Written {
    /// Its version. Zero if the answer states none: then events decide as they come.
    pub(crate) version: u64,
    pub(crate) uid: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Object {
    metadata: Metadata,
    status: Status,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Metadata {
    resource_version: String,
    uid: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Status {
    database_status: Map<String, Value>,
}

/// Writes one status, by server-side apply: two reconcilers that write the same do no harm.
pub(crate) async fn write(client: &Client, change: &Change) -> Answer {
    let body = json!({
        "apiVersion": API_VERSION,
        "kind": KIND,
        "metadata": { "name": &*change.name, "namespace": &*change.namespace },
        "status": change.status,
    });
    let params = PatchParams::apply(MANAGER).force();
    let request = kube::core::Request::new(url(change)).patch_subresource(
        "status",
        &change.name,
        &params,
        &Patch::Apply(body),
    );
    let object = match request {
        Ok(request) => send(client, request).await,
        Err(error) => Err(Answer::Later(PatchResult::Error, None, error.to_string())),
    };
    match object {
        Ok(object) => Answer::Taken(without_strays(client, change, object).await.into()),
        Err(answer) => answer,
    }
}

/// Takes out what the status still has although it was not applied. Server-side apply removes only fields that
/// nobody else has set. An error that stays beside the phase `Ready` would contradict it.
async fn without_strays(client: &Client, change: &Change, object: Object) -> Object {
    let operations = removals(change, &object.status.database_status);
    if operations.is_empty() {
        return object;
    }
    let path = format!("{}/{}/status?fieldManager={MANAGER}", url(change), change.name);
    let request = Request::patch(path).header("content-type", "application/json-patch+json");
    let removed = match request.body(Value::from(operations).to_string().into_bytes()) {
        Ok(request) => send(client, request).await,
        Err(error) => Err(Answer::Later(PatchResult::Error, None, error.to_string())),
    };
    // Where it fails, the status differs from what was sent. So the next resync tries again.
    removed.unwrap_or(object)
}

/// The operations of a JSON patch (RFC 6902). Each one holds only while the value is the one that was seen.
fn removals(change: &Change, answered: &Map<String, Value>) -> Vec<Value> {
    let sent = serde_json::to_value(&change.status.database_status).unwrap_or_default();
    let strays = answered.iter().filter(|(field, _)| sent.get(field).is_none());
    let operations = strays.flat_map(|(field, value)| {
        let path = format!("/status/databaseStatus/{field}");
        [
            json!({ "op": "test", "path": path, "value": value }),
            json!({ "op": "remove", "path": path }),
        ]
    });
    operations.collect()
}

fn url(change: &Change) -> String {
    SiteDatabase::url_path(&(), Some(&change.namespace))
}

/// Sends a request as it is: the client's own calls drop the headers of an answer.
async fn send(client: &Client, request: Request<Vec<u8>>) -> Result<Object, Answer> {
    let response = client.send(request.map(Body::from)).await;
    let response =
        response.map_err(|error| Answer::Later(PatchResult::Error, None, error.to_string()))?;
    let status = response.status();
    if status.is_success() {
        let body = response.into_body().collect().await.map(|it| it.to_bytes());
        return Ok(body.ok().and_then(|it| serde_json::from_slice(&it).ok()).unwrap_or_default());
    }
    let result = match status {
        StatusCode::NOT_FOUND => return Err(Answer::Gone),
        StatusCode::CONFLICT => PatchResult::Conflict,
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => PatchResult::Throttled,
        _ if status.is_client_error() => PatchResult::Refused,
        _ => PatchResult::Error,
    };
    let wait = response.headers().get("retry-after").and_then(|it| it.to_str().ok());
    let wait = wait.and_then(retry_after);
    Err(Answer::Later(result, wait, format!("the API server answered {status}")))
}

impl From<Object> for Written {
    fn from(object: Object) -> Self {
        let Metadata { resource_version, uid } = object.metadata;
        Self { version: resource_version.parse().unwrap_or(0), uid }
    }
}
