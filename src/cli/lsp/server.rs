//! One client: the order of its messages, and the answers to them.

use super::answer::Published;
use super::checks::{Found, Progress};
use super::documents::{Documents, METHODS};
use super::failure::{
    Failure, INTERNAL_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, NOT_INITIALIZED, PARSE_ERROR,
};
use super::isolation::{Panicked, isolated};
use super::uri;
use serde_json::{Value, json};
use sitewright::editor::Check;
use sitewright::project::Project;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// How a client ended the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// By `exit` after `shutdown`.
    AsAgreed,
    /// In another way.
    WithoutShutdown,
}

/// What follows from a message.
#[derive(Debug, Default)]
pub(super) struct Reply {
    /// The messages to send.
    pub(super) messages: Vec<Value>,
    /// Whether the project must be checked again.
    pub(super) has_changed: bool,
    /// Whether the server ends.
    pub(super) ended: Option<Ended>,
    /// A project that no answer needs any more.
    pub(super) former: Option<Arc<Project>>,
}

impl Reply {
    fn of(messages: Vec<Value>) -> Self {
        Self { messages, ..Self::default() }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    New,
    Running,
    ShutDown,
}

/// A request that waits for the project.
#[derive(Debug)]
struct Request {
    id: Value,
    method: String,
    params: Value,
}

/// The server of one client.
#[derive(Debug)]
pub(super) struct Server {
    state: State,
    documents: Documents,
    /// Requests that came before the project was read for the first time.
    waiting: Vec<Request>,
    /// Whether a check has read the project, or has found none.
    was_read: bool,
    /// Whether the client knows that there is no project.
    has_said_none: bool,
    /// Whether the client tells the server which files change, if it is asked to.
    can_watch: bool,
    /// Counts the changes of the project. The result of a check with another number is old.
    revision: u64,
    /// The problems that the client knows, by the addresses of their files.
    published: BTreeMap<String, Vec<Value>>,
}

/// The reply to a frame that is broken.
pub(super) fn broken(problem: &str) -> Reply {
    Reply::of(vec![Failure(PARSE_ERROR, problem.to_owned()).answer(&Value::Null)])
}

/// The answer to a request. If its work panics, the answer says so without the text of the panic.
fn answer(id: &Value, work: impl FnOnce() -> Result<Value, Failure>) -> Value {
    match isolated(work) {
        Ok(Ok(result)) => json!({"jsonrpc": "2.0", "id": id, "result": result}),
        Ok(Err(failure)) => failure.answer(id),
        Err(Panicked) => {
            let problem = "a defect of sitewright: this request has no answer".to_owned();
            Failure(INTERNAL_ERROR, problem).answer(id)
        }
    }
}

fn notification(method: &str, params: &Value) -> Value {
    json!({"jsonrpc": "2.0", "method": method, "params": params})
}

/// A line for the log of the client. The types of the protocol: 1 is an error, 3 is information.
fn log(kind: u8, message: &str) -> Value {
    notification("window/logMessage", &json!({"type": kind, "message": message}))
}

/// Asks the client to tell which definitions and templates change on the disk.
fn watch() -> Value {
    let watchers = json!([{"globPattern": "**/*.yaml"}, {"globPattern": "**/*.j2"}]);
    let method = "workspace/didChangeWatchedFiles";
    let registration =
        json!({"id": method, "method": method, "registerOptions": {"watchers": watchers}});
    let params = json!({"registrations": [registration]});
    json!({"jsonrpc": "2.0", "id": method, "method": "client/registerCapability", "params": params})
}

impl Server {
    pub(super) fn new(root: &Path) -> Self {
        Self {
            state: State::New,
            documents: Documents::new(root),
            waiting: Vec::new(),
            was_read: false,
            has_said_none: false,
            can_watch: false,
            revision: 0,
            published: BTreeMap::new(),
        }
    }

    /// Handles a message. `is_cancelled` says whether a later message cancels the request of an id.
    pub(super) fn handle(
        &mut self,
        message: &Value,
        is_cancelled: impl Fn(&Value) -> bool,
    ) -> Reply {
        let refused = |problem: &str| {
            Reply::of(vec![Failure(INVALID_REQUEST, problem.to_owned()).answer(&Value::Null)])
        };
        let id = message.get("id");
        let Some(method) = message["method"].as_str() else {
            // An answer of the client means nothing to the server.
            let is_answer =
                id.is_some() && (message.get("result").is_some() || message.get("error").is_some());
            return match is_answer {
                true => Reply::default(),
                false => refused("a message is an object with a `method`"),
            };
        };
        let params = &message["params"];
        let Some(id) = id else {
            return isolated(|| self.notified(method, params)).unwrap_or_default();
        };
        if !id.is_i64() && !id.is_string() {
            return refused("an `id` is a whole number or a string");
        }
        if is_cancelled(id) {
            return Reply::of(vec![Failure::cancelled().answer(id)]);
        }
        let must_wait = self.state == State::Running && !self.was_read && METHODS.contains(&method);
        if must_wait {
            let (id, method, params) = (id.clone(), method.to_owned(), params.clone());
            self.waiting.push(Request { id, method, params });
            return Reply::default();
        }
        let mut messages = vec![answer(id, || self.asked(method, params))];
        if self.state == State::ShutDown {
            messages.extend(
                self.waiting.drain(..).map(|request| Failure::cancelled().answer(&request.id)),
            );
        }
        Reply::of(messages)
    }

    fn notified(&mut self, method: &str, params: &Value) -> Reply {
        if method == "exit" {
            let ended = match self.state {
                State::ShutDown => Ended::AsAgreed,
                State::New | State::Running => Ended::WithoutShutdown,
            };
            return Reply { ended: Some(ended), ..Reply::default() };
        }
        if self.state != State::Running {
            return Reply::default();
        }
        let has_changed = match method {
            "$/cancelRequest" => {
                let is_it = |request: &mut Request| request.id == params["id"];
                let cancelled = self
                    .waiting
                    .extract_if(.., is_it)
                    .map(|it| Failure::cancelled().answer(&it.id));
                return Reply::of(cancelled.collect());
            }
            "initialized" => true,
            _ => self.documents.notified(method, params),
        };
        self.revision += u64::from(has_changed);
        let watch = (method == "initialized" && self.can_watch).then(watch);
        Reply { has_changed, ..Reply::of(watch.into_iter().collect()) }
    }

    fn asked(&mut self, method: &str, params: &Value) -> Result<Value, Failure> {
        let refused = |code, problem: &str| Err(Failure(code, problem.to_owned()));
        match (self.state, method) {
            (State::New, "initialize") => Ok(self.initialize(params)),
            (State::New, _) => refused(NOT_INITIALIZED, "the first request is `initialize`"),
            (State::Running, "initialize") => {
                refused(INVALID_REQUEST, "`initialize` was sent already")
            }
            (State::ShutDown, _) => refused(INVALID_REQUEST, "only `exit` follows `shutdown`"),
            (State::Running, "shutdown") => {
                self.state = State::ShutDown;
                Ok(Value::Null)
            }
            (State::Running, _) if METHODS.contains(&method) => {
                self.documents.answer(method, params)
            }
            (State::Running, _) => {
                refused(METHOD_NOT_FOUND, &format!("`{method}` is not supported"))
            }
        }
    }

    fn initialize(&mut self, params: &Value) -> Value {
        self.state = State::Running;
        let watching = &params["capabilities"]["workspace"]["didChangeWatchedFiles"];
        self.can_watch = watching["dynamicRegistration"] == true;
        let folder = params["workspaceFolders"][0]["uri"].as_str().or(params["rootUri"].as_str());
        // Editors start a server in any folder. The project is where `-C` leads to from that of the client.
        if let Some(folder) = folder.and_then(uri::path) {
            let root = self.documents.root();
            let given = std::env::current_dir().ok();
            let given = given.and_then(|here| root.strip_prefix(here).ok());
            let root = given.map_or_else(|| root.to_owned(), |given| folder.join(given));
            self.documents = Documents::new(&root);
        }
        json!({
            "serverInfo": {"name": "sitewright", "version": env!("CARGO_PKG_VERSION")},
            "capabilities": {
                "positionEncoding": "utf-16",
                "textDocumentSync": {"openClose": true, "change": 1, "save": true},
                "hoverProvider": true,
                "completionProvider": {"triggerCharacters": [" ", "{"]},
                "definitionProvider": true,
                "codeActionProvider": {"codeActionKinds": ["quickfix"]},
            },
        })
    }

    /// The input of a check of the texts that are open now, and their revision.
    pub(super) fn check(&self) -> (u64, Check) {
        (self.revision, self.documents.check())
    }

    /// Takes what a check tells.
    pub(super) fn checked(&mut self, progress: Progress) -> Reply {
        if self.state != State::Running {
            return Reply::default();
        }
        match progress {
            Progress::Read(project) => {
                let former = self.documents.read(project);
                Reply { former, ..Reply::of(self.answer_waiting()) }
            }
            Progress::Ended(revision, found) => {
                let mut messages = self.answer_waiting();
                messages.extend(self.ended(revision, found));
                Reply::of(messages)
            }
        }
    }

    fn answer_waiting(&mut self) -> Vec<Value> {
        self.was_read = true;
        let waiting = std::mem::take(&mut self.waiting).into_iter();
        waiting.map(|it| answer(&it.id, || self.documents.answer(&it.method, &it.params))).collect()
    }

    /// The messages after a check.
    fn ended(&mut self, revision: u64, found: Result<Found, Panicked>) -> Vec<Value> {
        match found {
            Err(Panicked) => {
                vec![log(1, "a defect of sitewright ended a check: problems may be old or missing")]
            }
            // The problems would stand at wrong places, and the next check is planned already.
            Ok(_) if revision != self.revision => Vec::new(),
            Ok(Found::NoProject) => {
                let mut messages = self.publish(Published::default());
                if !std::mem::replace(&mut self.has_said_none, true) {
                    messages.push(log(3, &no_project(self.documents.root())));
                }
                messages
            }
            Ok(Found::Problems(published)) => {
                self.has_said_none = false;
                self.publish(published)
            }
        }
    }

    /// Tells the client the problems of each open text, and of each other file whose problems are not those that it
    /// knows.
    fn publish(&mut self, published: Published) -> Vec<Value> {
        let documents = &self.documents;
        let mut by_uri: BTreeMap<String, Vec<Value>> = published
            .into_files(|path| documents.uri(path))
            .into_iter()
            .map(|(path, found)| (documents.uri(&path), found))
            .collect();
        let versions: BTreeMap<String, Option<i64>> =
            documents.open().map(|(path, version)| (documents.uri(path), version)).collect();
        for uri in versions.keys().chain(self.published.keys()) {
            by_uri.entry(uri.clone()).or_default();
        }
        let is_new = |(uri, found): &(&String, &Vec<Value>)| {
            versions.contains_key(*uri) || self.published.get(*uri) != Some(found)
        };
        let message = |(uri, found): (&String, &Vec<Value>)| {
            let mut params = json!({"uri": uri, "diagnostics": found});
            if let Some(version) = versions.get(uri).copied().flatten() {
                params["version"] = version.into();
            }
            notification("textDocument/publishDiagnostics", &params)
        };
        let messages = by_uri.iter().filter(is_new).map(message).collect();
        by_uri.retain(|_, found| !found.is_empty());
        self.published = by_uri;
        messages
    }
}

fn no_project(root: &Path) -> String {
    let root = root.display();
    format!(
        "{root} has no sitewright project: it has neither `sitewright.yaml` nor `sites/CLUSTER/_cluster.yaml`. The server waits for one. If the project is in a folder below, start `sitewright -C FOLDER lsp`"
    )
}

#[cfg(test)]
mod tests {
    use super::super::failure::{CANCELLED, INVALID_PARAMS};
    use super::*;

    fn initialized() -> Server {
        let mut server = Server::new(Path::new("/nowhere"));
        let message = json!({"id": 0, "method": "initialize", "params": {}});
        assert!(server.handle(&message, |_| false).messages[0]["result"].is_object());
        server
    }

    fn ask(id: i32) -> Value {
        json!({"id": id, "method": "textDocument/hover", "params": {}})
    }

    fn cancel(id: i32) -> Value {
        json!({"method": "$/cancelRequest", "params": {"id": id}})
    }

    /// Over a pipe, it depends on the machine whether a request is answered before it is cancelled.
    #[test]
    fn a_request_can_be_cancelled_before_its_turn_and_while_it_waits() {
        let mut server = initialized();
        assert_eq!(server.handle(&ask(1), |id| *id == 1).messages[0]["error"]["code"], CANCELLED);
        assert_eq!(server.handle(&ask(2), |id| *id == 1).messages, [] as [Value; 0]);
        assert_eq!(server.handle(&ask(3), |_| false).messages, [] as [Value; 0]);
        let reply = server.handle(&cancel(2), |_| false);
        assert_eq!(reply.messages.len(), 1);
        assert_eq!(reply.messages[0]["id"], 2);
        assert_eq!(reply.messages[0]["error"]["code"], CANCELLED);
        // The other one is answered as soon as there is a project, or none.
        let reply = server.checked(Progress::Ended(0, Ok(Found::NoProject)));
        assert_eq!(reply.messages[0]["id"], 3);
        assert_eq!(reply.messages[0]["error"]["code"], INVALID_PARAMS);
        assert_eq!(server.handle(&ask(4), |_| false).messages[0]["error"]["code"], INVALID_PARAMS);
    }

    #[test]
    fn requests_that_wait_are_answered_at_the_end() {
        let mut server = initialized();
        server.handle(&ask(1), |_| false);
        let reply = server.handle(&json!({"id": 2, "method": "shutdown"}), |_| false);
        let answers: Vec<_> =
            reply.messages.iter().map(|it| (&it["id"], it.get("result"))).collect();
        assert_eq!(answers, [(&json!(2), Some(&Value::Null)), (&json!(1), None)]);
        assert_eq!(
            server.checked(Progress::Ended(0, Ok(Found::NoProject))).messages,
            [] as [Value; 0]
        );
    }

    #[test]
    fn a_panic_is_an_answer_without_its_text() {
        let secret = "hunter2".to_owned();
        let found = answer(&json!(7), || panic!("{secret}"));
        assert_eq!((&found["id"], &found["error"]["code"]), (&json!(7), &json!(INTERNAL_ERROR)));
        assert!(!found.to_string().contains("hunter2"), "{found}");
        assert_eq!(answer(&json!(8), || Ok(json!(true)))["result"], true);
    }

    #[test]
    fn a_check_that_panics_or_is_old_keeps_what_the_client_knows() {
        let mut server = initialized();
        server.handle(&json!({"method": "initialized"}), |_| false);
        let found = server.checked(Progress::Ended(1, Err(Panicked))).messages;
        assert_eq!(found[0]["method"], "window/logMessage");
        let old = server.checked(Progress::Ended(0, Ok(Found::NoProject))).messages;
        assert_eq!(old, [] as [Value; 0]);
        let none = server.checked(Progress::Ended(1, Ok(Found::NoProject))).messages;
        assert_eq!(none.len(), 1);
        assert_eq!(none[0]["params"]["type"], 3);
        // It is said once.
        let again = server.checked(Progress::Ended(1, Ok(Found::NoProject))).messages;
        assert_eq!(again, [] as [Value; 0]);
    }
}
