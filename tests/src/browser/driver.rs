//! A tiny client of the `WebDriver` protocol (W3C, level 2).

use std::net::SocketAddr;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::http::{Request, Response, exchange};
use crate::harness::patience::eventually;
use crate::harness::program::Program;
use crate::harness::surroundings::variable;

/// What the browser is started with; it shall ask nobody but the gateway for anything.
const FLAGS: &[&str] = &[
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
];
/// How often the driver is started until it has a port.
const MAX_STARTS: usize = 10;
/// The key under which the protocol wraps the id of an element (section 12).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Whether scripts of pages run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Scripts {
    Run,
    Off,
}

/// A browser with a profile of its own.
pub(super) struct Browser {
    address: SocketAddr,
    session: String,
    _driver: Program,
    _profile: TempDir,
}

/// Whether somebody wants these tests left out.
pub(super) fn is_skipped() -> bool {
    variable("SYMBOLON_SKIP_BROWSER").is_some()
}

/// Starts the driver. It takes a port for IPv6 and then wants the same one for IPv4, which some
/// other test may have; then it says so and ends, and is started again.
fn start_driver() -> (Program, u16) {
    for _ in 0..MAX_STARTS {
        let driver = Program::start(Command::new("chromedriver").arg("--port=0"));
        let port = driver.stdout.wait_for("the port of chromedriver", |line| {
            let port = line.split("successfully on port ").nth(1);
            let port = port.map(|port| port.trim_end_matches('.').parse().unwrap());
            (port.is_some() || line.contains("port not available")).then_some(port)
        });
        if let Some(port) = port {
            return (driver, port);
        }
    }
    panic!("no port for chromedriver {MAX_STARTS} times");
}

impl Browser {
    pub(super) fn start(scripts: Scripts) -> Self {
        let (driver, port) = start_driver();
        let profile = TempDir::new().unwrap();
        let folder = format!("--user-data-dir={}", profile.path().display());
        let mut flags: Vec<&str> = FLAGS.to_vec();
        flags.push(&folder);
        let javascript = if scripts == Scripts::Run { 1 } else { 2 };
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "goog:loggingPrefs": { "browser": "ALL" },
            "goog:chromeOptions": {
                "args": flags,
                "prefs": { "profile.managed_default_content_settings.javascript": javascript },
            },
        } } });
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let mut browser =
            Self { address, session: String::new(), _driver: driver, _profile: profile };
        let made = browser.call("POST", "/session", &wanted);
        browser.session = format!("/session/{}", made["sessionId"].as_str().unwrap());
        browser
    }

    pub(super) fn open(&self, url: &str) {
        self.post("/url", &json!({ "url": url }));
    }

    pub(super) fn url(&self) -> String {
        self.get("/url").as_str().unwrap().to_owned()
    }

    pub(super) fn title(&self) -> String {
        self.get("/title").as_str().unwrap().to_owned()
    }

    /// What can be read on the page.
    pub(super) fn text(&self, selector: &str) -> String {
        self.get(&format!("{}/text", self.find(selector))).as_str().unwrap().to_owned()
    }

    /// Types into a field, after what is there already.
    pub(super) fn write(&self, selector: &str, text: &str) {
        self.post(&format!("{}/value", self.find(selector)), &json!({ "text": text }));
    }

    /// Clicks on what leads to another page, and waits until that has taken the place of this one.
    pub(super) fn follow(&self, selector: &str) {
        let page = format!("{}{}/name", self.session, self.find("html"));
        self.post(&format!("{}/click", self.find(selector)), &json!({}));
        eventually("another page", || {
            let answer = self.ask("GET", &page, &Value::Null);
            // An element of a page that is gone is stale (section 12.3).
            (answer.status != 200).then_some(())
        });
    }

    /// How many elements there are.
    pub(super) fn count(&self, selector: &str) -> usize {
        let wanted = json!({ "using": "css selector", "value": selector });
        self.post("/elements", &wanted).as_array().unwrap().len()
    }

    /// An accessible property: `role` or `label` (sections 12.4.9 and 12.4.10).
    pub(super) fn computed(&self, selector: &str, what: &str) -> String {
        self.get(&format!("{}/computed{what}", self.find(selector))).as_str().unwrap().to_owned()
    }

    /// What a script in the page returns.
    pub(super) fn run(&self, script: &str) -> Value {
        self.post("/execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// What a script in the page hands to its last argument, sooner or later.
    pub(super) fn wait_for(&self, script: &str) -> Value {
        self.post("/execute/async", &json!({ "script": script, "args": [] }))
    }

    /// The cookies of this site as the browser keeps them.
    pub(super) fn cookies(&self) -> Vec<Value> {
        self.get("/cookie").as_array().unwrap().clone()
    }

    /// What the browser complained about since the last time.
    pub(super) fn complaints(&self) -> Vec<Value> {
        self.post("/se/log", &json!({ "type": "browser" })).as_array().unwrap().clone()
    }

    /// A command of the browser's own protocol.
    pub(super) fn command(&self, name: &str, parameters: &Value) {
        self.post("/goog/cdp/execute", &json!({ "cmd": name, "params": parameters }));
    }

    /// The visible part of the page as PNG.
    pub(super) fn screenshot(&self) -> Vec<u8> {
        STANDARD.decode(self.get("/screenshot").as_str().unwrap()).unwrap()
    }

    fn find(&self, selector: &str) -> String {
        let wanted = json!({ "using": "css selector", "value": selector });
        let found = self.post("/element", &wanted);
        format!("/element/{}", found[ELEMENT].as_str().unwrap())
    }

    fn get(&self, path: &str) -> Value {
        self.call("GET", &format!("{}{path}", self.session), &Value::Null)
    }

    fn post(&self, path: &str, parameters: &Value) -> Value {
        self.call("POST", &format!("{}{path}", self.session), parameters)
    }

    fn call(&self, method: &str, path: &str, parameters: &Value) -> Value {
        let answer = self.ask(method, path, parameters);
        let value = answer.json()["value"].clone();
        assert_eq!(answer.status, 200, "{method} {path} {parameters}: {value:#}");
        value
    }

    fn ask(&self, method: &str, path: &str, parameters: &Value) -> Response {
        let request = Request::new(method, path).with("Host", &self.address.to_string());
        let request = if parameters.is_null() { request } else { request.json(parameters) };
        exchange(self.address, &request)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Ends the browser's processes; the driver is killed after that.
        let request = Request::new("DELETE", &self.session).with("Host", &self.address.to_string());
        let _ = crate::harness::http::Connection::open(self.address)
            .and_then(|mut connection| connection.try_exchange(&request));
    }
}
