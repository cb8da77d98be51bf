//! Lists objects with the user's own kubectl. Nothing but `kubectl get` is ever run.

use super::input::Input;
use crate::diagnostic::{Code, Diagnostic, visible};
use std::io::{self, Read};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// The objects of a type that the cluster does not know.
const NOTHING: &[u8] = b"{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[]}";

/// Runs of kubectl.
#[derive(Debug, Default)]
pub struct Kubectl {
    context: Option<String>,
    /// Whether the lists have the field managers.
    managers: bool,
    ends: Arc<Mutex<Ends>>,
}

/// How runs ended that gave no list.
#[derive(Debug, Default)]
struct Ends {
    failures: Vec<String>,
    /// The types that the cluster does not know.
    unknown: Vec<String>,
}

impl Kubectl {
    /// The user's kubectl, with this context or with the current one.
    pub fn new(context: Option<&str>, managers: bool) -> Self {
        Self { context: context.map(str::to_owned), managers, ends: Arc::default() }
    }

    /// The lists of these types. Each starts its own kubectl when it is first read.
    pub fn inputs(&self, resources: &[String]) -> Vec<Input> {
        let of = |resource: &String| {
            let arguments = self.arguments(resource);
            let shown = format!("kubectl {}", arguments.join(" "));
            let from = Listing {
                resource: resource.clone(),
                shown: shown.clone(),
                state: State::NotStarted(arguments),
                has_output: false,
                ends: self.ends.clone(),
            };
            Input::Stream { shown, from: Box::new(from) }
        };
        resources.iter().map(of).collect()
    }

    fn arguments(&self, resource: &str) -> Vec<String> {
        let context = self.context.iter().flat_map(|name| ["--context", name]);
        let managers = self.managers.then_some("--show-managed-fields");
        // kubectl asks the API server for 500 objects at a time.
        let how = ["--chunk-size=500", "--output=json"];
        let get = ["get", resource, "--all-namespaces"].into_iter().chain(managers).chain(how);
        context.chain(get).map(str::to_owned).collect()
    }

    /// The types of which there are no objects because the cluster does not know them.
    pub fn unknown_types(&self) -> Vec<String> {
        self.ends.lock().unwrap_or_else(PoisonError::into_inner).unknown.clone()
    }

    /// The errors of the runs that failed.
    pub fn problems(&self) -> Vec<Diagnostic> {
        let ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        let help =
            "check `--context`, and whether your account may list these objects in all namespaces";
        let problem = |failure: &String| {
            // SW853: kubectl cannot list the objects.
            Diagnostic::of_path(Code::Kubectl, "kubectl", failure.clone()).help(help)
        };
        ends.failures.iter().map(problem).collect()
    }
}

/// The output of a run of kubectl. A run that failed ends like one that found nothing, and its failure is kept.
struct Listing {
    resource: String,
    shown: String,
    state: State,
    has_output: bool,
    ends: Arc<Mutex<Ends>>,
}

enum State {
    NotStarted(Vec<String>),
    Running(Running),
    /// The rest of what is given instead of an output.
    Ended(&'static [u8]),
}

struct Running {
    child: Child,
    stdout: ChildStdout,
    stderr: JoinHandle<String>,
}

impl Read for Listing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match &mut self.state {
                State::NotStarted(arguments) => {
                    self.state = match start(arguments) {
                        Ok(running) => State::Running(running),
                        Err(error) => self.failed(&error.to_string()),
                    };
                }
                State::Running(running) => match running.stdout.read(buffer) {
                    Ok(0) => {
                        let running = std::mem::replace(&mut self.state, State::Ended(&[]));
                        self.state = self.ended(running);
                    }
                    Ok(read) => {
                        self.has_output = true;
                        return Ok(read);
                    }
                    Err(error) => return Err(error),
                },
                State::Ended(rest) => return rest.read(buffer),
            }
        }
    }
}

fn start(arguments: &[String]) -> io::Result<Running> {
    let mut command = Command::new("kubectl");
    command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let (Some(stdout), Some(mut stderr)) = (child.stdout.take(), child.stderr.take()) else {
        return Err(io::Error::other("its output cannot be read"));
    };
    // kubectl would wait if nobody read its messages.
    let stderr = std::thread::spawn(move || {
        let mut said = Vec::new();
        // What cannot be read of a message is left out of the report.
        let _ = stderr.read_to_end(&mut said);
        String::from_utf8_lossy(&said).into_owned()
    });
    Ok(Running { child, stdout, stderr })
}

impl Listing {
    fn failed(&self, why: &str) -> State {
        let failure = format!("`{}` failed: {}", self.shown, visible(why));
        self.ends.lock().unwrap_or_else(PoisonError::into_inner).failures.push(failure);
        // Without an output, the reader would report an empty file too.
        State::Ended(if self.has_output { &[] } else { NOTHING })
    }

    fn ended(&self, state: State) -> State {
        let State::Running(Running { mut child, stderr, .. }) = state else { return state };
        let said = stderr.join().unwrap_or_default();
        // The cluster has no such type, so it has no such objects.
        let is_unknown = said.contains("the server doesn't have a resource type");
        match child.wait() {
            Ok(status) if status.success() => State::Ended(&[]),
            Ok(_) if is_unknown && !self.has_output => {
                let mut ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
                ends.unknown.push(self.resource.clone());
                State::Ended(NOTHING)
            }
            Ok(status) => {
                let said = said.trim();
                self.failed(&if said.is_empty() { status.to_string() } else { said.to_owned() })
            }
            Err(error) => self.failed(&error.to_string()),
        }
    }
}
