//! An API server in memory. It has the answers that a test gives it, and keeps the
//! requests.

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body::Frame;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use kube::Client;
use kube::client::Body;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::time::Instant;

/// A request that was made.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) content_type: String,
    pub(crate) body: Value,
    pub(crate) at: Instant,
}

/// How a patch of a status is answered.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Answer {
    Status(u16),
    RetryAfter(u16, u64),
    /// Not before a time.
    Slow(Duration),
    Never,
}

#[derive(Default)]
struct State {
    /// The objects of each path. A path that is not there is a type that is not installed.
    objects: BTreeMap<String, BTreeMap<String, Value>>,
    watches: HashMap<String, UnboundedSender<Value>>,
    /// Paths whose next watches are refused with a status.
    refused: HashMap<String, u16>,
    asked: Vec<Asked>,
    answers: VecDeque<Answer>,
    version: u64,
}

#[derive(Clone, Default)]
pub(crate) struct Api(Arc<Mutex<State>>);

type Reply = Response<UnsyncBoxBody<Bytes, Infallible>>;

fn reply(status: u16, body: &Value) -> Reply {
    let body = Full::new(Bytes::from(body.to_string())).boxed_unsync();
    Response::builder().status(status).body(body).unwrap()
}

fn refusal(status: u16) -> Reply {
    let body = json!({"kind": "Status", "status": "Failure", "code": status, "message": "refused", "reason": "x"});
    reply(status, &body)
}

impl Api {
    /// A client of it.
    pub(crate) fn client(&self) -> Client {
        let (service, mut handle) = tower_test::mock::pair::<Request<Body>, Reply>();
        let api = self.clone();
        tokio::spawn(async move {
            while let Some((request, send)) = handle.next_request().await {
                let api = api.clone();
                tokio::spawn(async move {
                    if let Some(reply) = api.answer(request).await {
                        send.send_response(reply);
                    } else {
                        std::future::pending::<()>().await;
                    }
                });
            }
        });
        Client::new(service, "default")
    }

    async fn answer(&self, request: Request<Body>) -> Option<Reply> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let header = |name: &str| {
            let value = parts.headers.get(name).map(|it| it.to_str().unwrap());
            value.unwrap_or_default().to_owned()
        };
        let asked = Asked {
            method: parts.method,
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            content_type: header("content-type"),
            body: serde_json::from_slice(&body).unwrap_or_default(),
            at: Instant::now(),
        };
        self.0.lock().unwrap().asked.push(asked.clone());
        match asked.method {
            Method::PATCH if asked.path.ends_with("/status") => self.patch(&asked).await,
            Method::POST | Method::PATCH => Some(reply(201, &asked.body)),
            _ if asked.query.contains("watch=true") => Some(self.watch(&asked.path)),
            _ => Some(self.read(&asked.path)),
        }
    }

    fn read(&self, path: &str) -> Reply {
        let state = self.0.lock().unwrap();
        if let Some(objects) = state.objects.get(path) {
            let version = state.version.to_string();
            let items: Vec<_> = objects.values().collect();
            return reply(
                200,
                &json!({
                    "kind": "List", "apiVersion": "v1", "metadata": {"resourceVersion": version}, "items": items,
                }),
            );
        }
        // `…/namespaces/NAMESPACE/PLURAL/NAME`.
        let mut parts: Vec<_> = path.split('/').collect();
        let name = parts.pop().unwrap();
        let plural = parts.pop().unwrap();
        let namespace = parts.pop().unwrap();
        parts.pop();
        let all = format!("{}/{plural}", parts.join("/"));
        let key = format!("{namespace}/{name}");
        match state.objects.get(&all).and_then(|objects| objects.get(&key)) {
            Some(object) => reply(200, object),
            None => refusal(404),
        }
    }

    fn watch(&self, path: &str) -> Reply {
        let mut state = self.0.lock().unwrap();
        if let Some(status) = state.refused.remove(path) {
            return refusal(status);
        }
        if !state.objects.contains_key(path) {
            return refusal(404);
        }
        let (sender, receiver) = unbounded_channel::<Value>();
        state.watches.insert(path.to_owned(), sender);
        let lines = futures::stream::unfold(receiver, async |mut receiver| {
            let event = receiver.recv().await?;
            let frame = Frame::data(Bytes::from(format!("{event}\n")));
            Some((Ok::<_, Infallible>(frame), receiver))
        });
        Response::new(StreamBody::new(lines).boxed_unsync())
    }

    async fn patch(&self, asked: &Asked) -> Option<Reply> {
        let answer = self.0.lock().unwrap().answers.pop_front().unwrap_or(Answer::Status(200));
        match answer {
            Answer::Status(200) => {}
            Answer::Status(status) => return Some(refusal(status)),
            Answer::RetryAfter(status, seconds) => {
                let mut reply = refusal(status);
                reply.headers_mut().insert("retry-after", seconds.into());
                return Some(reply);
            }
            Answer::Slow(time) => tokio::time::sleep(time).await,
            Answer::Never => return None,
        }
        // `…/namespaces/NAMESPACE/sitedatabases/NAME/status`.
        let parts: Vec<_> = asked.path.split('/').collect();
        let [namespace, name] = [parts[5], parts[7]];
        let change = |site: &mut Value| match &*asked.content_type {
            "application/json-patch+json" => remove(site, &asked.body),
            _ => apply(site, &asked.body),
        };
        Some(match self.change(SITES, namespace, name, change) {
            Some(site) => reply(200, &site),
            None => refusal(404),
        })
    }

    fn change(
        &self,
        path: &str,
        namespace: &str,
        name: &str,
        change: impl FnOnce(&mut Value),
    ) -> Option<Value> {
        let mut state = self.0.lock().unwrap();
        state.version += 1;
        let version = state.version.to_string();
        let object = state.objects.get_mut(path)?.get_mut(&format!("{namespace}/{name}"))?;
        change(object);
        object["metadata"]["resourceVersion"] = json!(version);
        let object = object.clone();
        state.tell(path, json!({"type": "MODIFIED", "object": object}));
        Some(object)
    }

    /// Installs a type.
    pub(crate) fn install(&self, path: &str) {
        self.0.lock().unwrap().objects.entry(path.to_owned()).or_default();
    }

    /// Makes or changes an object.
    pub(crate) fn put(&self, path: &str, namespace: &str, name: &str, fields: Value) {
        let mut state = self.0.lock().unwrap();
        state.version += 1;
        let mut object = fields;
        object["metadata"] = json!({
            "name": name, "namespace": namespace, "generation": 1, "uid": format!("uid-{name}"),
            "resourceVersion": state.version.to_string(),
        });
        let objects = state.objects.entry(path.to_owned()).or_default();
        let before = objects.insert(format!("{namespace}/{name}"), object.clone());
        let type_ = if before.is_some() { "MODIFIED" } else { "ADDED" };
        state.tell(path, json!({"type": type_, "object": object}));
    }

    /// Makes or changes an object while no watch is told.
    pub(crate) fn put_unseen(&self, path: &str, namespace: &str, name: &str, fields: Value) {
        let watch = self.0.lock().unwrap().watches.remove(path);
        self.put(path, namespace, name, fields);
        watch.into_iter().for_each(|it| _ = self.0.lock().unwrap().watches.insert(path.into(), it));
    }

    /// Sends an error to a watch.
    pub(crate) fn break_watch(&self, path: &str, code: u16) {
        let status = json!({"kind": "Status", "status": "Failure", "code": code, "message": "x", "reason": "Expired"});
        self.0.lock().unwrap().tell(path, json!({"type": "ERROR", "object": status}));
    }

    /// Cuts a watch off, and refuses the next one.
    pub(crate) fn cut_watch(&self, path: &str, refuse: u16) {
        let mut state = self.0.lock().unwrap();
        state.refused.insert(path.to_owned(), refuse);
        state.watches.remove(path);
    }

    /// How the next patches are answered.
    pub(crate) fn answer_with(&self, answers: impl IntoIterator<Item = Answer>) {
        self.0.lock().unwrap().answers.extend(answers);
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.0.lock().unwrap().asked.clone()
    }

    /// The patches of statuses.
    pub(crate) fn patches(&self) -> Vec<Asked> {
        let is_patch = |it: &Asked| it.method == Method::PATCH && it.path.ends_with("/status");
        self.asked().into_iter().filter(is_patch).collect()
    }

    /// The phase and the reason that a site has.
    pub(crate) fn phase(&self, name: &str) -> (String, String) {
        let state = self.0.lock().unwrap();
        let status = &state.objects[SITES][&format!("erp/{name}")]["status"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        (text(&status["databaseStatus"]["phase"]), text(&status["conditions"][0]["reason"]))
    }
}

/// What server-side apply does while nobody else owns a field, but for the fields of which a test says that
/// somebody does.
fn apply(site: &mut Value, body: &Value) {
    let mut status = body["status"].clone();
    for field in site["foreign"].as_array().into_iter().flatten() {
        let field = field.as_str().unwrap();
        if status["databaseStatus"].get(field).is_none() {
            status["databaseStatus"][field] = site["status"]["databaseStatus"][field].clone();
        }
    }
    site["status"] = status;
}

/// Does the operations of a JSON patch that tests and removes.
fn remove(site: &mut Value, operations: &Value) {
    for operation in operations.as_array().unwrap() {
        let path = operation["path"].as_str().unwrap();
        match operation["op"].as_str().unwrap() {
            "test" => assert_eq!(site.pointer(path), operation.get("value")),
            "remove" => {
                let (parent, field) = path.rsplit_once('/').unwrap();
                let parent = site.pointer_mut(parent).unwrap().as_object_mut().unwrap();
                parent.remove(field).unwrap();
            }
            other => panic!("{other}"),
        }
    }
}

impl State {
    fn tell(&self, path: &str, event: Value) {
        self.watches.get(path).into_iter().for_each(|watch| _ = watch.send(event.clone()));
    }
}

pub(crate) const SITES: &str = "/apis/sitewright.dev/v1alpha1/sitedatabases";
pub(crate) const DATABASES: &str = "/apis/k8s.mariadb.com/v1alpha1/databases";

/// A site with one object, a Database of its name.
pub(crate) fn site(name: &str) -> Value {
    json!({
        "apiVersion": "sitewright.dev/v1alpha1", "kind": "SiteDatabase",
        "spec": {
            "siteName": name, "provider": "mariadb", "mode": "shared", "host": "db", "port": 3306,
            "database": "_a",
            "objects": [{"apiVersion": "k8s.mariadb.com/v1alpha1", "kind": "Database", "name": name}],
        },
    })
}

/// A Database with a condition.
pub(crate) fn database(ready: &str, message: &str) -> Value {
    json!({
        "spec": {"secret": "hunter2"},
        "status": {"conditions": [{"type": "Ready", "status": ready, "reason": "Failed", "message": message}]},
    })
}
