//! An agent on this machine and a server in this process.

use std::sync::Arc;
use std::time::{Duration, Instant};

use holdline::client::{Client, STRATEGIES};
use holdline::device::Endpoint;
use holdline::device::agent::Agent;
use holdline::device::agent::log::Log;
use holdline::device::agent::policy::{Situation, Thresholds};
use holdline::device::agent::store::Store;
use holdline::device::plain::{Plain, run_for};
use holdline::device::protocol::About;
use holdline::live::server::api::{Command, To};
use holdline::live::server::{Config, Hub, Kind, Running, spawn};
use holdline::port::App;
use holdline::server::{DropHow, PRESETS};
use holdline::trace::{Header, Names, Record, read_header, read_record};
use tempfile::TempDir;

/// Nothing here takes as long.
const LONG: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(20);

pub(crate) const DEVICE: &str = "alice";

pub(crate) fn client() -> Client {
    Client::new(Arc::new(STRATEGIES.get("default").unwrap().values), 1)
}

/// The push server, as `holdline serve` has it.
pub(crate) struct Server {
    running: Running,
    pub(crate) to: Endpoint,
}

impl Server {
    fn start() -> Server {
        let config = Config::of(PRESETS.get("default").unwrap().values);
        let mut hub = Hub::new(config).unwrap();
        let waker = hub.waker().unwrap();
        let address = hub.listen("127.0.0.1:0".parse().unwrap(), Kind::Tcp).unwrap();
        let running = spawn(hub, waker, Instant::now()).unwrap();
        Server { running, to: Endpoint { host: "127.0.0.1".into(), port: address.port() } }
    }

    pub(crate) fn push(&self, payload: &str) {
        let (to, payload) = (To::Device(DEVICE.into()), payload.into());
        let ask = |reply| Command::Push { to, payload, ttl: None, reply };
        assert_eq!(self.running.handle.ask_blocking(ask).unwrap().devices, 1);
    }

    /// How many pushes wait to be acknowledged.
    pub(crate) fn waiting(&self) -> u64 {
        let device = DEVICE.into();
        let ask = |reply| Command::Device { device, reply };
        u64::from(self.running.handle.ask_blocking(ask).unwrap().waiting)
    }

    pub(crate) fn drop_connection(&self, how: DropHow) {
        let to = To::Device(DEVICE.into());
        let ask = |reply| Command::Drop { to, how, reply };
        assert_eq!(self.running.handle.ask_blocking(ask), Ok(1));
    }
}

/// An agent whose app talks to a server.
pub(crate) struct Bench<A> {
    pub(crate) server: Server,
    pub(crate) agent: Agent<Plain, A>,
    dir: TempDir,
}

impl<A: App> Bench<A> {
    pub(crate) fn start(app: A) -> Bench<A> {
        let (server, dir) = (Server::start(), tempfile::tempdir().unwrap());
        let to = server.to.clone();
        let agent = agent(app, &dir, to);
        Bench { server, agent, dir }
    }

    /// Runs the main loop until something is so.
    pub(crate) fn until(&mut self, what: &str, is: impl Fn(&Bench<A>) -> bool) {
        let began = Instant::now();
        while !is(self) {
            assert!(began.elapsed() < LONG, "not {what}: {:#?}", self.records());
            assert_eq!(run_for(&mut self.agent, SHORT), None);
        }
    }

    /// Runs the main loop until the app exits; answers with which code.
    pub(crate) fn run_to_the_end(&mut self) -> i32 {
        run_for(&mut self.agent, LONG).expect("it exits")
    }

    fn text(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("log")).unwrap()
    }

    pub(crate) fn records(&self) -> Vec<Record> {
        records(&self.text())
    }

    pub(crate) fn count(&self, event: &str) -> usize {
        self.records().iter().filter(|record| record.event == event).count()
    }

    /// The log is a trace whose every event this version knows, in the order of time.
    pub(crate) fn is_a_trace(&self) {
        let text = self.text();
        read_header(text.lines().next().unwrap().as_bytes()).unwrap();
        let mut pushes = holdline::trace::PushNumbers::default();
        let records = records(&text);
        for record in &records {
            assert!(record.event(0, &mut pushes).is_some(), "{record:?}");
            assert!(record.field("uptime").is_some() && record.field("wall").is_some());
        }
        assert!(records.is_sorted_by_key(|record| record.at));
    }
}

fn records(text: &str) -> Vec<Record> {
    text.lines().skip(1).map(|line| read_record(line.as_bytes()).unwrap()).collect()
}

/// An agent with its files in `dir`.
fn agent<A: App>(app: A, dir: &TempDir, to: Endpoint) -> Agent<Plain, A> {
    let (scenario, model, platform) = ("plain".into(), "1".into(), "none".into());
    let header = Header { scenario, seed: 1, model, platform, profile_hash: 0 };
    let about = About {
        triple: "x".into(),
        backend: "plain".into(),
        model: "x".into(),
        os: "9.0".into(),
        sdk: Some((9, 0)),
        background_modes: vec!["voip".into()],
        simulator: false,
        pid: std::process::id(),
    };
    let situation = Situation {
        os: (9, 0),
        sdk: about.sdk,
        background_modes: about.background_modes.clone(),
        simulator: false,
        expect_trap: false,
        thresholds: Thresholds::default(),
    };
    let log =
        Log::open(&dir.path().join("log"), &header, &about, "a-run", Names::default()).unwrap();
    let backend = Plain::new(Store::open(dir.path(), 1_024).unwrap());
    Agent::new(app, backend, log, situation, to, DEVICE.into(), 1)
}
