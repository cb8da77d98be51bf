//! An editor: it starts the server in a project, and speaks the protocol with it over pipes.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;
use tempfile::TempDir;

/// No machine is that slow.
const PATIENCE: Duration = Duration::from_secs(120);

const SITEWRIGHT: &str = env!("CARGO_BIN_EXE_sitewright");

pub(crate) struct Client {
    folder: TempDir,
    child: Child,
    input: Option<ChildStdin>,
    messages: Receiver<Value>,
    /// Messages that came while another one was awaited.
    seen: Vec<Value>,
    asked: i64,
    /// The numbers of the open texts, by their paths. Each text has another number.
    open: BTreeMap<String, i64>,
    versions: i64,
}

/// Makes a project with the cluster `eu` and the site `demo`.
fn init(folder: &TempDir) {
    let init = ["init", "-q", "--cluster", "eu", "--namespace", "erp"];
    let init = Command::new(SITEWRIGHT).args(init).current_dir(folder.path()).output().unwrap();
    assert!(init.status.success(), "{}", String::from_utf8_lossy(&init.stderr));
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Client {
    /// A server in a new project with the cluster `eu` and the site `demo`.
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        init(&folder);
        Self::start_in(folder, &["lsp"])
    }

    /// A server in a folder.
    pub(crate) fn start_in(folder: TempDir, arguments: &[&str]) -> Self {
        let mut server = Command::new(SITEWRIGHT);
        server.args(arguments).current_dir(folder.path());
        server.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = server.spawn().unwrap();
        let (sender, messages) = mpsc::channel();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        thread::spawn(move || {
            loop {
                let mut line = String::new();
                if output.read_line(&mut line).unwrap() == 0 {
                    return;
                }
                let length = line.strip_prefix("Content-Length: ").expect("only frames");
                let mut body = vec![0; 2 + length.trim().parse::<usize>().unwrap()];
                output.read_exact(&mut body).unwrap();
                let _ = sender.send(serde_json::from_slice(&body).unwrap());
            }
        });
        let input = child.stdin.take();
        let (seen, open) = (Vec::new(), BTreeMap::new());
        Self { folder, child, input, messages, seen, asked: 0, open, versions: 0 }
    }

    /// A server that is initialized.
    pub(crate) fn ready() -> Self {
        let mut client = Self::start();
        client.initialize();
        client
    }

    pub(crate) fn initialize(&mut self) {
        self.initialize_with(&json!({}));
    }

    /// Says what the editor is capable of.
    pub(crate) fn initialize_with(&mut self, capabilities: &Value) {
        let root = self.uri("");
        self.ask("initialize", &json!({"rootUri": root, "capabilities": capabilities}));
        self.tell("initialized", &json!({}));
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub(crate) fn uri(&self, path: &str) -> String {
        format!("file://{}", self.path(path).display()).trim_end_matches('/').to_owned()
    }

    /// Every file of the project with its text.
    pub(crate) fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let (mut found, mut folders) = (Vec::new(), vec![self.path("")]);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                match path.is_dir() {
                    true => folders.push(path),
                    false => found.push((path.clone(), fs::read(path).unwrap())),
                }
            }
        }
        found.sort();
        found
    }

    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().unwrap();
        input.write_all(bytes).unwrap();
        input.flush().unwrap();
    }

    pub(crate) fn send(&mut self, message: &Value) {
        let text = message.to_string();
        self.raw(format!("Content-Length: {}\r\n\r\n{text}", text.len()).as_bytes());
    }

    pub(crate) fn tell(&mut self, method: &str, params: &Value) {
        self.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    /// The next message of which this holds.
    pub(crate) fn next(&mut self, is_it: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.seen.iter().position(&is_it) {
            return self.seen.remove(at);
        }
        loop {
            let message = self.messages.recv_timeout(PATIENCE).expect("a message");
            if is_it(&message) {
                return message;
            }
            self.seen.push(message);
        }
    }

    /// Whether a message of which this holds has come until now.
    pub(crate) fn has_said(&mut self, is_it: impl Fn(&Value) -> bool) -> bool {
        self.seen.extend(self.messages.try_iter());
        self.seen.iter().any(is_it)
    }

    /// The whole answer to a request.
    pub(crate) fn answer(&mut self, method: &str, params: &Value) -> Value {
        self.asked += 1;
        let id = self.asked;
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        self.next(|message| message["id"] == id)
    }

    /// The result of a request.
    pub(crate) fn ask(&mut self, method: &str, params: &Value) -> Value {
        let mut answer = self.answer(method, params);
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].take()
    }

    fn version(&mut self, path: &str) -> i64 {
        self.versions += 1;
        self.open.insert(path.to_owned(), self.versions);
        self.versions
    }

    pub(crate) fn open(&mut self, path: &str, text: &str) {
        let (uri, version) = (self.uri(path), self.version(path));
        let document = json!({"uri": uri, "languageId": "yaml", "version": version, "text": text});
        self.tell("textDocument/didOpen", &json!({"textDocument": document}));
    }

    pub(crate) fn change(&mut self, path: &str, text: &str) {
        let document = json!({"uri": self.uri(path), "version": self.version(path)});
        let changes = json!([{"text": text}]);
        let params = json!({"textDocument": document, "contentChanges": changes});
        self.tell("textDocument/didChange", &params);
    }

    pub(crate) fn close(&mut self, path: &str) {
        self.open.remove(path);
        self.tell("textDocument/didClose", &json!({"textDocument": {"uri": self.uri(path)}}));
    }

    /// The problems of the present text of a file.
    pub(crate) fn problems(&mut self, path: &str) -> Vec<Value> {
        let (uri, version) = (self.uri(path), self.open.get(path).copied());
        let is_it = |message: &Value| {
            message["method"] == "textDocument/publishDiagnostics"
                && message["params"]["uri"] == *uri
                && message["params"]["version"].as_i64() == version
        };
        let mut message = self.next(is_it);
        serde_json::from_value(message["params"]["diagnostics"].take()).unwrap()
    }

    /// Asks about a place of a file.
    pub(crate) fn at(&mut self, what: &str, path: &str, line: u32, character: u32) -> Value {
        let document = json!({"uri": self.uri(path)});
        let position = json!({"line": line, "character": character});
        let params = json!({"textDocument": document, "position": position});
        self.ask(&format!("textDocument/{what}"), &params)
    }

    /// Closes the pipe, and waits for the exit code.
    pub(crate) fn end(mut self) -> Option<i32> {
        drop(self.input.take());
        self.child.wait().unwrap().code()
    }
}
