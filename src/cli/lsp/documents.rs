//! The texts that a client has open, and the answers about places in them.

use super::failure::{Failure, INVALID_PARAMS};
use super::{answer, uri};
use serde_json::{Value, json};
use sitewright::editor::lines::{self, Position};
use sitewright::editor::{Check, Workspace};
use sitewright::project::Project;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The requests about a place of a text.
pub(super) const METHODS: [&str; 4] = [
    "textDocument/hover",
    "textDocument/completion",
    "textDocument/definition",
    "textDocument/codeAction",
];

/// An open text.
#[derive(Debug)]
struct Document {
    /// Its address as the client writes it.
    uri: String,
    /// The number that the client gave to the text.
    version: Option<i64>,
}

/// The open texts of a client.
#[derive(Debug)]
pub(super) struct Documents {
    /// The folder of the project.
    root: PathBuf,
    workspace: Workspace,
    /// By their paths from the project's folder.
    open: BTreeMap<String, Document>,
}

impl Documents {
    /// No text is open.
    pub(super) fn new(root: &Path) -> Self {
        let root = absolute(root);
        Self { workspace: Workspace::new(root.clone()), root, open: BTreeMap::new() }
    }

    /// The folder of the project.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// The input of a check.
    pub(super) fn check(&self) -> Check {
        self.workspace.check()
    }

    /// From now on, answers are about this project. The former one comes back.
    pub(super) fn read(&mut self, project: Arc<Project>) -> Option<Arc<Project>> {
        self.workspace.read(project)
    }

    /// Opens, changes or closes a text, or learns of changed files. Whether the project has changed by that.
    pub(super) fn notified(&mut self, method: &str, params: &Value) -> bool {
        if method == "workspace/didChangeWatchedFiles" {
            let changes = params["changes"].as_array().into_iter().flatten();
            return changes.filter_map(|it| it["uri"].as_str()).any(|uri| self.is_input(uri));
        }
        let document = &params["textDocument"];
        let Some(uri) = document["uri"].as_str() else { return false };
        let Some(path) = self.path(uri) else { return false };
        let version = document["version"].as_i64();
        let is_open = self.open.contains_key(&path);
        match method {
            "textDocument/didOpen" => {
                let Some(text) = document["text"].as_str() else { return false };
                self.workspace.put(&path, text);
                self.open.insert(path, Document { uri: uri.to_owned(), version });
                true
            }
            "textDocument/didChange" if is_open => {
                // The whole text is sent, so the last one counts.
                let last = params["contentChanges"].as_array().and_then(|all| all.last());
                // A part of a text would need its range, which the server does not ask for.
                let whole = last.filter(|it| it.get("range").is_none());
                let Some(text) = whole.and_then(|it| it["text"].as_str()) else { return false };
                self.workspace.put(&path, text);
                self.open.insert(path, Document { uri: uri.to_owned(), version });
                true
            }
            "textDocument/didClose" if is_open => {
                self.open.remove(&path);
                self.workspace.close(&path);
                true
            }
            "textDocument/didSave" => true,
            _ => false,
        }
    }

    /// Answers a request about a place of an open text.
    pub(super) fn answer(&self, method: &str, params: &Value) -> Result<Value, Failure> {
        let invalid = |what: &str| Failure(INVALID_PARAMS, format!("`{method}` needs {what}"));
        let uri = params["textDocument"]["uri"].as_str();
        let uri = uri.ok_or_else(|| invalid("`textDocument.uri`"))?;
        let place = match method {
            "textDocument/codeAction" => &params["range"]["start"],
            _ => &params["position"],
        };
        let place = position(place).ok_or_else(|| invalid("a position"))?;
        let Some(path) = self.path(uri) else { return Ok(Value::Null) };
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
                if !wants_fixes(&params["context"]["only"]) {
                    return Ok(json!([]));
                }
                let range = offset..lines::offset(text, end);
                answer::actions(self.workspace.fixes(&path), &range, uri, text)
            }
        })
    }

    /// Whether a file may be one that a check reads. A render writes a hundred thousand others.
    fn is_input(&self, uri: &str) -> bool {
        let Some(path) = self.path(uri) else { return false };
        !self.workspace.is_rendered(&path)
    }

    /// The path of an address from the project's folder. `None` if it is not in that folder.
    fn path(&self, uri: &str) -> Option<String> {
        let path = uri::path(uri)?;
        let below = |path: &Path, root: &Path| {
            let parts = path.strip_prefix(root).ok()?.components();
            let parts: Option<Vec<&str>> = parts.map(|part| part.as_os_str().to_str()).collect();
            // The paths of a project have `/` between their parts on every system.
            Some(parts?.join("/"))
        };
        below(&path, &self.root)
            .or_else(|| below(&path.canonicalize().ok()?, &self.root.canonicalize().ok()?))
    }

    /// The address of a file, as the client writes it if it has opened the file.
    pub(super) fn uri(&self, path: &str) -> String {
        let open = self.open.get(path).map(|it| it.uri.clone());
        open.unwrap_or_else(|| uri::of(&self.root.join(path)))
    }

    /// The open texts: their paths, and the numbers of their versions.
    pub(super) fn open(&self) -> impl Iterator<Item = (&str, Option<i64>)> {
        self.open.iter().map(|(path, document)| (path.as_str(), document.version))
    }
}

/// Whether a client that asks only for these kinds of actions asks for fixes. A kind includes those below it.
fn wants_fixes(only: &Value) -> bool {
    let Some(only) = only.as_array() else { return true };
    only.iter().any(|kind| kind == "quickfix" || kind == "")
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
