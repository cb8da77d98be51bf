//! Reads from the API server over plain HTTP, through a `kubectl proxy` on loopback: a test that waits
//! asks many times, and a kubectl for each question would keep the machine busy.

use crate::kubectl::Kubectl;
use crate::ports::free_port;
use crate::process::Process;
use crate::wait::eventually;
use serde_json::Value;
use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Mutex;
use std::time::Duration;

/// The proxy, until it is dropped.
#[derive(Debug)]
pub(crate) struct Api {
    _proxy: Process,
    port: u16,
    /// The kinds that the API server serves, as far as they were asked for.
    known: Mutex<Vec<Resource>>,
}

/// A kind as the API server's paths have it.
#[derive(Clone, Debug)]
struct Resource {
    kind: String,
    plural: String,
    /// Empty for the core.
    group: String,
    version: String,
    is_namespaced: bool,
}

impl Api {
    pub(crate) fn start(kubectl: &Kubectl) -> Self {
        let port = free_port();
        let folder = kubectl.kubeconfig().parent().expect("a folder");
        let mut proxy = Process::start("kubectl-proxy", kubectl.program(), folder, |command| {
            command.args(["proxy", "--address=127.0.0.1", &format!("--port={port}")]);
            command.env("KUBECONFIG", kubectl.kubeconfig());
        });
        eventually("kubectl's proxy listens", Duration::from_secs(60), || {
            if let Some(end) = proxy.ended() {
                panic!("{end}");
            }
            TcpStream::connect(("127.0.0.1", port)).map(drop)
        });
        Self { _proxy: proxy, port, known: Mutex::default() }
    }

    /// What the API server has at a path; nothing where it says that there is none.
    pub(crate) fn get(&self, path: &str) -> io::Result<Option<Value>> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        // The older protocol has no chunks: the answer ends where the connection does.
        let request = format!("GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n");
        stream.write_all(request.as_bytes())?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        let text = String::from_utf8_lossy(&answer);
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        match head.split_whitespace().nth(1) {
            Some("200") => serde_json::from_str(body).map(Some).map_err(io::Error::other),
            Some("404") => Ok(None),
            _ => Err(io::Error::other(format!("{path}: {head}\n{body}"))),
        }
    }

    /// The path of a kind's objects; with a name, of one of them. `kind` is what kubectl takes, with the
    /// group where others have a kind of that name, and without shortcuts. Nothing where the API server
    /// does not serve it.
    pub(crate) fn path(
        &self,
        kubectl: &Kubectl,
        kind: &str,
        namespace: Option<&str>,
        name: Option<&str>,
    ) -> Option<String> {
        let mut known = self.known.lock().expect("the lock");
        let (word, group) = kind.split_once('.').unwrap_or((kind, ""));
        let is_it = |one: &&Resource| {
            let is_called = one.plural == word || one.kind.eq_ignore_ascii_case(word);
            is_called && (group.is_empty() || one.group == group)
        };
        if !known.iter().any(|one| is_it(&one)) {
            *known = served(kubectl);
        }
        let found = known.iter().find(is_it)?;
        let mut path = match found.group.as_str() {
            "" => format!("/api/{}", found.version),
            group => format!("/apis/{group}/{}", found.version),
        };
        if let Some(namespace) = namespace.filter(|_| found.is_namespaced) {
            path += &format!("/namespaces/{namespace}");
        }
        path += &format!("/{}", found.plural);
        path += &name.map(|name| format!("/{name}")).unwrap_or_default();
        Some(path)
    }
}

/// The kinds that the API server serves, as `kubectl api-resources` prints them.
fn served(kubectl: &Kubectl) -> Vec<Resource> {
    // It fails where a group cannot be read, and still prints the others.
    let table = kubectl.try_run("api-resources --no-headers").stdout;
    let resources = table.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let plural = words.next()?.to_owned();
        // Short names may stand in between, so the rest is read from its end.
        let kind = words.next_back()?.to_owned();
        let is_namespaced = words.next_back()? == "true";
        let api = words.next_back()?;
        let (group, version) = api.split_once('/').unwrap_or(("", api));
        let (group, version) = (group.to_owned(), version.to_owned());
        Some(Resource { kind, plural, group, version, is_namespaced })
    });
    resources.collect()
}
