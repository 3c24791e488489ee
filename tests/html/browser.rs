//! Chromium without a window, driven by its DevTools protocol.

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tungstenite::{Message, WebSocket};

/// Nothing that is waited for takes longer.
const PATIENCE: Duration = Duration::from_secs(30);

/// The one browser of all tests.
static BROWSER: Mutex<Option<Browser>> = Mutex::new(None);

/// A tab that is not in front is not drawn, so there is one at a time.
static TURN: Mutex<()> = Mutex::new(());

struct Browser {
    child: Child,
    address: String,
    _profile: tempfile::TempDir,
}

/// Where Chromium is installed, under one of its names.
pub(crate) fn chromium() -> Option<PathBuf> {
    ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(crate::tools::path_of)
}

/// Ends the browser, if a test began it.
pub(crate) fn close() {
    if let Some(mut browser) = BROWSER.lock().unwrap_or_else(PoisonError::into_inner).take() {
        // It may have ended by itself.
        let _ = browser.child.kill();
        let _ = browser.child.wait();
    }
}

/// The address of the browser's DevTools.
fn address() -> String {
    let mut browser = BROWSER.lock().unwrap_or_else(PoisonError::into_inner);
    browser.get_or_insert_with(start).address.clone()
}

fn start() -> Browser {
    let profile = tempfile::tempdir().expect("a folder");
    // Pages are files of our own; as root there is no sandbox to be had.
    let mut child = Command::new(chromium().expect("it is installed"))
        .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run"])
        .args(["--disable-dev-shm-usage", "--remote-debugging-port=0"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("Chromium starts");
    let mut complaints = BufReader::new(child.stderr.take().expect("it is piped"));
    let mut said = String::new();
    let address = loop {
        let mut line = String::new();
        let read = complaints.read_line(&mut line).expect("text");
        assert!(read > 0, "Chromium ended: {said}");
        if let Some(address) = line.trim().strip_prefix("DevTools listening on ") {
            break address.to_owned();
        }
        said.push_str(&line);
    };
    // What it complains about later would fill the pipe.
    std::thread::spawn(move || std::io::copy(&mut complaints, &mut std::io::sink()));
    Browser { child, address, _profile: profile }
}

/// A tab of its own, with all that went wrong in it.
pub(crate) struct Tab {
    socket: WebSocket<TcpStream>,
    target: Value,
    session: Option<String>,
    calls: u64,
    /// Exceptions, complaints on the console, dialogs, and requests for anything but the page.
    pub(crate) problems: Vec<String>,
    _turn: MutexGuard<'static, ()>,
}

impl Tab {
    /// A tab of this size that shows the page at `path`.
    pub(crate) fn open(path: &Path, width: u32, height: u32) -> Tab {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let address = address();
        let host = address.strip_prefix("ws://").and_then(|rest| rest.split('/').next());
        let stream = TcpStream::connect(host.expect("a host")).expect("DevTools listen");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        let (socket, _) = tungstenite::client(address.as_str(), stream).expect("a WebSocket");
        let (target, session, problems) = (Value::Null, None, Vec::new());
        let mut tab = Tab { socket, target, session, calls: 0, problems, _turn: turn };
        let target = tab.call("Target.createTarget", json!({ "url": "about:blank" }));
        tab.target = target["targetId"].clone();
        let attach = json!({ "targetId": tab.target, "flatten": true });
        let session = tab.call("Target.attachToTarget", attach);
        tab.session = session["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            tab.call(&format!("{domain}.enable"), json!({}));
        }
        let size = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false,
        });
        tab.call("Emulation.setDeviceMetricsOverride", size);
        tab.call("Page.navigate", json!({ "url": format!("file://{}", path.display()) }));
        tab.value(
            "new Promise((done) => {
                const wait = () => document.readyState === 'complete' && location.protocol === 'file:'
                    ? done() : setTimeout(wait, 10);
                wait();
            })",
        );
        tab.settle();
        tab
    }

    /// Calls a method of DevTools.
    pub(crate) fn call(&mut self, method: &str, params: Value) -> Value {
        self.calls += 1;
        let mut call = json!({ "id": self.calls, "method": method, "params": params });
        if let Some(session) = &self.session {
            call["sessionId"] = json!(session);
        }
        self.socket.send(Message::text(call.to_string())).expect("DevTools listen");
        loop {
            let read = self.socket.read().expect("DevTools answer");
            let Message::Text(text) = read else { panic!("DevTools say {read:?}") };
            let message: Value = serde_json::from_str(&text).expect("JSON");
            if message["id"] == json!(self.calls) {
                assert!(message["error"].is_null(), "{method}: {message}");
                return message["result"].clone();
            }
            self.note(&message);
        }
    }

    fn note(&mut self, message: &Value) {
        let params = &message["params"];
        let problem = match message["method"].as_str().unwrap_or_default() {
            "Runtime.exceptionThrown" | "Log.entryAdded" | "Page.javascriptDialogOpening" => true,
            "Runtime.consoleAPICalled" => true,
            "Network.requestWillBeSent" => {
                !params["request"]["url"].as_str().unwrap_or_default().starts_with("file://")
            }
            _ => false,
        };
        if problem {
            self.problems.push(message.to_string());
        }
    }

    /// What an expression comes to in the page.
    pub(crate) fn value(&mut self, expression: &str) -> Value {
        let evaluate =
            json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let result = self.call("Runtime.evaluate", evaluate);
        assert!(result["exceptionDetails"].is_null(), "{expression}: {result}");
        result["result"]["value"].clone()
    }

    pub(crate) fn number(&mut self, expression: &str) -> f64 {
        let value = self.value(expression);
        value.as_f64().unwrap_or_else(|| panic!("{expression} is {value}"))
    }

    pub(crate) fn text(&mut self, expression: &str) -> String {
        let value = self.value(expression);
        value.as_str().unwrap_or_else(|| panic!("{expression} is {value}")).to_owned()
    }

    pub(crate) fn flag(&mut self, expression: &str) -> bool {
        let value = self.value(expression);
        value.as_bool().unwrap_or_else(|| panic!("{expression} is {value}"))
    }

    /// Waits until what was changed is drawn.
    pub(crate) fn settle(&mut self) {
        self.value(
            "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))",
        );
    }

    /// The middle of an element that can be seen, after scrolling to it.
    pub(crate) fn middle(&mut self, selector: &str) -> (f64, f64) {
        let selector = json!(selector);
        let place = self.value(&format!(
            "(() => {{
                const element = document.querySelector({selector});
                element.scrollIntoView({{ block: 'center' }});
                const box = element.getBoundingClientRect();
                return [box.x + box.width / 2, box.y + box.height / 2];
            }})()"
        ));
        let part = |n: usize| place[n].as_f64().unwrap_or_else(|| panic!("{selector}: {place}"));
        (part(0), part(1))
    }

    pub(crate) fn mouse(&mut self, kind: &str, x: f64, y: f64, more: &Value) {
        let mut params = json!({ "type": kind, "x": x, "y": y });
        for (name, value) in more.as_object().into_iter().flatten() {
            params[name] = value.clone();
        }
        self.call("Input.dispatchMouseEvent", params);
    }

    /// Presses at the first place, lets go at the second.
    pub(crate) fn drag(&mut self, (x0, y0): (f64, f64), (x1, y1): (f64, f64)) {
        let held = json!({ "button": "left", "buttons": 1, "clickCount": 1 });
        self.mouse("mousePressed", x0, y0, &held);
        if (x0, y0) != (x1, y1) {
            self.mouse("mouseMoved", (x0 + x1) / 2.0, y1, &held);
            self.mouse("mouseMoved", x1, y1, &held);
        }
        self.mouse("mouseReleased", x1, y1, &held);
        self.settle();
    }

    pub(crate) fn click(&mut self, selector: &str) {
        let place = self.middle(selector);
        self.drag(place, place);
    }

    pub(crate) fn key(&mut self, key: &str) {
        for kind in ["keyDown", "keyUp"] {
            let mut params = json!({ "type": kind, "key": key });
            if kind == "keyDown" && key.len() == 1 {
                params["text"] = json!(key);
            }
            self.call("Input.dispatchKeyEvent", params);
        }
        self.settle();
    }

    pub(crate) fn write(&mut self, selector: &str, text: &str) {
        self.click(selector);
        self.call("Input.insertText", json!({ "text": text }));
        self.settle();
    }
}

impl Drop for Tab {
    fn drop(&mut self) {
        // Whatever becomes of it, the browser ends with the tests.
        let close = json!({
            "id": 0, "method": "Target.closeTarget", "params": { "targetId": self.target },
        });
        let _ = self.socket.send(Message::text(close.to_string()));
    }
}
