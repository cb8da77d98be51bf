//! One client: what it has opened, and the answers to its messages.

use super::answer::{self, Published};
use super::frame::Frame;
use super::uri;
use serde_json::{Value, json};
use sitewright::editor::Workspace;
use sitewright::editor::lines::{self, Position};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};

const PARSE_ERROR: i32 = -32700;
const INVALID_REQUEST: i32 = -32600;
const METHOD_NOT_FOUND: i32 = -32601;
const INVALID_PARAMS: i32 = -32602;
const NOT_INITIALIZED: i32 = -32002;
const CANCELLED: i32 = -32800;

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
}

/// Why there is no result.
struct Failure(i32, String);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    New,
    Running,
    ShutDown,
}

/// The server of one client.
pub(super) struct Server {
    state: State,
    /// The folder of the project.
    root: PathBuf,
    workspace: Workspace,
    /// The addresses of open files as the client writes them, by their paths from the project's folder.
    open: BTreeMap<String, String>,
    /// The addresses with problems that the client knows.
    published: BTreeSet<String>,
    /// Whether a text has changed since the last check.
    is_stale: bool,
}

/// The reply to a frame that is broken.
pub(super) fn broken(problem: &str) -> Reply {
    Reply {
        messages: vec![error(&Value::Null, &Failure(PARSE_ERROR, problem.to_owned()))],
        ..Reply::default()
    }
}

fn error(id: &Value, Failure(code, message): &Failure) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": message}})
}

impl Server {
    pub(super) fn new(root: &Path) -> Self {
        let root = absolute(root);
        Self {
            state: State::New,
            workspace: Workspace::new(root.clone()),
            root,
            open: BTreeMap::new(),
            published: BTreeSet::new(),
            is_stale: true,
        }
    }

    /// Handles a message. `next` has the messages after it, which may cancel it.
    pub(super) fn handle(&mut self, message: &Value, next: &VecDeque<Frame>) -> Reply {
        let id = message.get("id");
        let Some(method) = message["method"].as_str() else {
            // The server asks nothing, so an answer of the client means nothing.
            let is_answer =
                id.is_some() && (message.get("result").is_some() || message.get("error").is_some());
            let problem = "a message is an object with a `method`".to_owned();
            let messages = match is_answer {
                true => Vec::new(),
                false => vec![error(&Value::Null, &Failure(INVALID_REQUEST, problem))],
            };
            return Reply { messages, ..Reply::default() };
        };
        let params = &message["params"];
        let Some(id) = id else { return self.notified(method, params) };
        if !id.is_i64() && !id.is_string() {
            let problem = "an `id` is a whole number or a string".to_owned();
            let messages = vec![error(&Value::Null, &Failure(INVALID_REQUEST, problem))];
            return Reply { messages, ..Reply::default() };
        }
        let cancels = |frame: &Frame| matches!(frame, Frame::Json(it) if it["method"] == "$/cancelRequest" && it["params"]["id"] == *id);
        let result = match next.iter().any(cancels) {
            true => Err(Failure(CANCELLED, "the client cancelled the request".to_owned())),
            false => self.asked(method, params),
        };
        let answer = match result {
            Ok(result) => json!({"jsonrpc": "2.0", "id": id, "result": result}),
            Err(failure) => error(id, &failure),
        };
        Reply { messages: vec![answer], ..Reply::default() }
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
        let document = &params["textDocument"];
        let path = document["uri"].as_str().and_then(|uri| Some((uri, self.path(uri)?)));
        let has_changed = match (method, path) {
            ("textDocument/didOpen", Some((uri, path))) => {
                let text = document["text"].as_str();
                self.open.insert(path.clone(), uri.to_owned());
                self.put(&path, text)
            }
            ("textDocument/didChange", Some((_, path))) => {
                // The whole text is sent, so the last one counts.
                let last = params["contentChanges"].as_array().and_then(|all| all.last());
                // A part of a text would need its range, which the server does not ask for.
                let whole = last.filter(|it| it.get("range").is_none());
                self.put(&path, whole.and_then(|it| it["text"].as_str()))
            }
            ("textDocument/didClose", Some((_, path))) => {
                self.open.remove(&path);
                self.workspace.close(&path);
                true
            }
            ("textDocument/didSave", Some(_))
            | ("workspace/didChangeWatchedFiles" | "initialized", _) => true,
            _ => false,
        };
        self.is_stale |= has_changed;
        Reply { has_changed, ..Reply::default() }
    }

    fn put(&mut self, path: &str, text: Option<&str>) -> bool {
        if let Some(text) = text.filter(|_| self.open.contains_key(path)) {
            self.workspace.put(path, text);
        }
        text.is_some()
    }

    fn asked(&mut self, method: &str, params: &Value) -> Result<Value, Failure> {
        match (self.state, method) {
            (State::New, "initialize") => Ok(self.initialize(params)),
            (State::New, _) => {
                let problem = "the first request is `initialize`".to_owned();
                Err(Failure(NOT_INITIALIZED, problem))
            }
            (State::Running, "initialize") => {
                Err(Failure(INVALID_REQUEST, "`initialize` was sent already".to_owned()))
            }
            (State::ShutDown, _) => {
                Err(Failure(INVALID_REQUEST, "only `exit` follows `shutdown`".to_owned()))
            }
            (State::Running, "shutdown") => {
                self.state = State::ShutDown;
                Ok(Value::Null)
            }
            (State::Running, _) => self.about_text(method, params),
        }
    }

    fn initialize(&mut self, params: &Value) -> Value {
        self.state = State::Running;
        let folder = params["workspaceFolders"][0]["uri"].as_str().or(params["rootUri"].as_str());
        // Editors start a server in any folder. The project is where `-C` leads to from that of the client.
        if let Some(folder) = folder.and_then(uri::path) {
            let given = std::env::current_dir().ok();
            let given =
                given.and_then(|here| self.root.strip_prefix(here).ok().map(Path::to_owned));
            let root = given.map_or_else(|| self.root.clone(), |given| folder.join(given));
            self.root = absolute(&root);
            self.workspace = Workspace::new(self.root.clone());
        }
        json!({
            "serverInfo": {"name": "sitewright", "version": env!("CARGO_PKG_VERSION")},
            "capabilities": {
                "positionEncoding": "utf-16",
                "textDocumentSync": {"openClose": true, "change": 1, "save": true},
                "hoverProvider": true,
                "completionProvider": {"triggerCharacters": [" "]},
                "definitionProvider": true,
                "codeActionProvider": {"codeActionKinds": ["quickfix"]},
            },
        })
    }

    /// Answers a request about a place of an open text.
    fn about_text(&mut self, method: &str, params: &Value) -> Result<Value, Failure> {
        let is_known = ["hover", "completion", "definition", "codeAction"]
            .iter()
            .any(|known| method.strip_prefix("textDocument/") == Some(known));
        if !is_known {
            return Err(Failure(METHOD_NOT_FOUND, format!("`{method}` is not supported")));
        }
        let invalid = |what: &str| Failure(INVALID_PARAMS, format!("`{method}` needs {what}"));
        let uri = params["textDocument"]["uri"].as_str();
        let uri = uri.ok_or_else(|| invalid("`textDocument.uri`"))?;
        let place = match method {
            "textDocument/codeAction" => &params["range"]["start"],
            _ => &params["position"],
        };
        let place = position(place).ok_or_else(|| invalid("a position"))?;
        let Some(path) = self.path(uri) else { return Ok(Value::Null) };
        // Of a completion, only the names need the project. What else is shown must fit the text.
        if self.is_stale && (method != "textDocument/completion" || !self.workspace.is_read()) {
            self.is_stale = self.workspace.check().is_err();
        }
        let Some(text) = self.workspace.text(&path) else { return Ok(Value::Null) };
        let offset = lines::offset(text, place);
        Ok(match method {
            "textDocument/hover" => answer::hover(self.workspace.hover(&path, offset), text),
            "textDocument/completion" => {
                answer::completion(self.workspace.candidates(&path, offset), text)
            }
            "textDocument/definition" => {
                let targets = self.workspace.definitions(&path, offset).into_iter();
                targets.map(|target| answer::location(&self.uri(&target.path), &target)).collect()
            }
            _ => {
                let end = position(&params["range"]["end"]).ok_or_else(|| invalid("a range"))?;
                let range = offset..lines::offset(text, end);
                answer::actions(self.workspace.fixes(&path), &range, uri, text)
            }
        })
    }

    /// Checks the project. The messages tell the client which problems there are now.
    pub(super) fn publish(&mut self) -> Vec<Value> {
        let mut published = Published::default();
        match self.workspace.check() {
            Ok(problems) => {
                self.is_stale = false;
                published.add(&problems.found, problems.sources);
            }
            Err(refused) => published.add(&refused.diagnostics, &refused.sources),
        }
        let by_uri: BTreeMap<String, Vec<Value>> = published
            .into_files(|path| self.uri(path))
            .into_iter()
            .map(|(path, found)| (self.uri(&path), found))
            .collect();
        let gone: Vec<String> =
            self.published.iter().filter(|uri| !by_uri.contains_key(*uri)).cloned().collect();
        self.published = by_uri.keys().cloned().collect();
        let gone = gone.into_iter().map(|uri| (uri, Vec::new()));
        let message = |(uri, found): (String, Vec<Value>)| {
            let params = json!({"uri": uri, "diagnostics": found});
            json!({"jsonrpc": "2.0", "method": "textDocument/publishDiagnostics", "params": params})
        };
        by_uri.into_iter().chain(gone).map(message).collect()
    }

    /// The path of an address from the project's folder. `None` if it is not in that folder.
    fn path(&self, uri: &str) -> Option<String> {
        let path = uri::path(uri)?;
        let below =
            |path: &Path, root: &Path| path.strip_prefix(root).ok()?.to_str().map(str::to_owned);
        below(&path, &self.root)
            .or_else(|| below(&path.canonicalize().ok()?, &self.root.canonicalize().ok()?))
    }

    /// The address of a file, as the client writes it if it has opened the file.
    fn uri(&self, path: &str) -> String {
        self.open.get(path).cloned().unwrap_or_else(|| uri::of(&self.root.join(path)))
    }
}

/// The path without `.` in it.
fn absolute(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    path.components().collect()
}

fn position(value: &Value) -> Option<Position> {
    let number = |key: &str| usize::try_from(value[key].as_u64()?).ok();
    Some(Position { line: number("line")?, column: number("character")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Over a pipe, it depends on the machine whether a request is answered before it is cancelled.
    #[test]
    fn a_request_that_waits_can_be_cancelled() {
        let mut server = Server::new(Path::new("/nowhere"));
        let cancel =
            |id: Value| Frame::Json(json!({"method": "$/cancelRequest", "params": {"id": id}}));
        let ask = |id: i32| json!({"id": id, "method": "textDocument/hover", "params": {}});
        server.handle(&json!({"id": 0, "method": "initialize", "params": {}}), &VecDeque::new());
        let next = VecDeque::from([cancel(json!("1")), cancel(json!(2))]);
        assert_eq!(server.handle(&ask(1), &next).messages[0]["error"]["code"], INVALID_PARAMS);
        assert_eq!(server.handle(&ask(2), &next).messages[0]["error"]["code"], CANCELLED);
    }
}
