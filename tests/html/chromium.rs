//! A headless Chromium, driven over a pipe with the Chrome DevTools Protocol.

use crate::tools::needed;
use base64ct::{Base64, Encoding as _};
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;
use tempfile::TempDir;

/// The longest that an answer may take. The machine may be busy with other tests.
const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) struct Chromium {
    child: Child,
    input: ChildStdin,
    messages: Receiver<Value>,
    /// What Chromium said without being asked, since the last page was opened.
    events: Vec<Value>,
    asked: u64,
    session: Option<String>,
    folder: TempDir,
}

impl Chromium {
    /// A browser with one empty tab. Nothing where Chromium is missing.
    pub(crate) fn start() -> Option<Self> {
        let program = needed("chromium")?;
        let folder = tempfile::tempdir().unwrap();
        // Chromium reads its commands from file 3 and writes to file 4.
        let mut command = Command::new("sh");
        command
            .args(["-c", "exec \"$@\" 3<&0 4>&1 </dev/null >/dev/null", "sh"])
            .arg(program)
            .args(["--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu"])
            .args(["--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars"])
            .args(["--lang=en", "--force-device-scale-factor=1", "--window-size=1280,900"])
            .arg(format!("--user-data-dir={}", folder.path().join("profile").display()))
            .env("HOME", folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let (sender, messages) = mpsc::channel();
        thread::spawn(move || {
            for message in BufReader::new(output).split(0).map_while(Result::ok) {
                let message = serde_json::from_slice(&message).unwrap();
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        let mut chromium =
            Self { child, input, messages, events: Vec::new(), asked: 0, session: None, folder };
        let target = chromium.call("Target.createTarget", json!({"url": "about:blank"}));
        let target = json!({"targetId": target["targetId"], "flatten": true});
        let attached = chromium.call("Target.attachToTarget", target);
        chromium.session = Some(attached["sessionId"].as_str().unwrap().to_owned());
        for domain in ["Page", "Runtime", "Network", "Log"] {
            chromium.call(&format!("{domain}.enable"), json!({}));
        }
        Some(chromium)
    }

    fn message(&mut self, waiting_for: &str) -> Value {
        let message = self.messages.recv_timeout(PATIENCE);
        message.unwrap_or_else(|error| panic!("Chromium does not answer {waiting_for}: {error}"))
    }

    /// The answer to a command.
    #[track_caller]
    pub(crate) fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.asked += 1;
        let mut command = json!({"id": self.asked, "method": method, "params": parameters});
        if let Some(session) = &self.session {
            command["sessionId"] = json!(session);
        }
        self.input.write_all(format!("{command}\0").as_bytes()).unwrap();
        loop {
            let mut message = self.message(method);
            if message["id"] == json!(self.asked) {
                assert_eq!(message["error"], Value::Null, "{method}");
                return message["result"].take();
            }
            self.events.push(message);
        }
    }

    /// Opens a page, and waits until it has loaded.
    pub(crate) fn open(&mut self, html: &str) {
        let path = self.folder.path().join("report.html");
        fs::write(&path, html).unwrap();
        self.events.clear();
        self.call("Page.navigate", json!({"url": format!("file://{}", path.display())}));
        while self.said("Page.loadEventFired").is_empty() {
            let event = self.message("with the page");
            self.events.push(event);
        }
    }

    /// What an expression is in the page.
    #[track_caller]
    pub(crate) fn eval(&mut self, expression: &str) -> Value {
        let parameters =
            json!({"expression": expression, "returnByValue": true, "awaitPromise": true});
        let answer = self.call("Runtime.evaluate", parameters);
        assert_eq!(answer["exceptionDetails"], Value::Null, "{expression}");
        answer["result"]["value"].clone()
    }

    /// Presses a key, by its name in the standard of the web, such as `j` or `ArrowDown`.
    pub(crate) fn press(&mut self, key: &str) {
        let mut event = json!({"type": "keyDown", "key": key});
        let code = match key {
            "Escape" => 27,
            "ArrowLeft" => 37,
            "ArrowUp" => 38,
            "ArrowRight" => 39,
            "ArrowDown" => 40,
            "Tab" => 9,
            "Enter" => 13,
            _ => 0,
        };
        match key {
            "Enter" => event["text"] = json!("\r"),
            _ if code == 0 => event["text"] = json!(key),
            _ => {}
        }
        event["windowsVirtualKeyCode"] = json!(code);
        self.call("Input.dispatchKeyEvent", event.clone());
        event["type"] = json!("keyUp");
        self.call("Input.dispatchKeyEvent", event);
    }

    /// Types a text, and waits until the page has drawn what follows from it.
    pub(crate) fn type_text(&mut self, text: &str) {
        text.chars().for_each(|letter| self.press(&letter.to_string()));
        self.drawn();
    }

    /// Waits until the page has been drawn twice.
    pub(crate) fn drawn(&mut self) {
        self.eval(
            "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))",
        );
    }

    /// Pretends that the system has this colour scheme.
    pub(crate) fn scheme(&mut self, scheme: &str) {
        let feature = json!({"name": "prefers-color-scheme", "value": scheme});
        self.call("Emulation.setEmulatedMedia", json!({"features": [feature]}));
    }

    /// Writes a picture of the page, as wide as a window and as high as the page, to `target/tmp`.
    pub(crate) fn picture(&mut self, name: &str) -> PathBuf {
        self.drawn();
        let parameters = json!({"format": "png", "captureBeyondViewport": true});
        let picture = self.call("Page.captureScreenshot", parameters);
        let picture = Base64::decode_vec(picture["data"].as_str().unwrap()).unwrap();
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::write(&path, picture).unwrap();
        path
    }

    /// What Chromium said of this kind since the page was opened.
    pub(crate) fn said(&self, method: &str) -> Vec<&Value> {
        let said = self.events.iter().filter(|event| event["method"] == json!(method));
        said.map(|event| &event["params"]).collect()
    }

    /// Fails if the page has loaded anything but itself, or if anything in it has failed.
    #[track_caller]
    pub(crate) fn was_quiet(&mut self) {
        self.drawn();
        let requests = self.said("Network.requestWillBeSent");
        let addresses: Vec<&Value> = requests.iter().map(|it| &it["request"]["url"]).collect();
        assert!(
            matches!(addresses.as_slice(), [page] if page.as_str().unwrap().ends_with("/report.html")),
            "{addresses:?}"
        );
        for method in [
            "Runtime.exceptionThrown",
            "Runtime.consoleAPICalled",
            "Log.entryAdded",
            "Page.javascriptDialogOpening",
        ] {
            assert!(self.said(method).is_empty(), "{method}: {:?}", self.said(method));
        }
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // The browser ends its other processes before itself.
        let _ = self.input.write_all(b"{\"id\": 0, \"method\": \"Browser.close\"}\0");
        for _ in 0..50 {
            match self.child.try_wait() {
                Ok(None) => thread::sleep(Duration::from_millis(100)),
                _ => return,
            }
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
