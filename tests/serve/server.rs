//! A server in this process, on ports that the system chose.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use holdline::live::server::api::{Accepted, Command, DeviceInfo, Refused, Reply, To};
use holdline::live::server::storage::{Loaded, Store};
use holdline::live::server::{Config, Hub, Kind, Running, spawn};
use holdline::port::{Span, Time};
use holdline::server::PRESETS;
use mio::Waker;

use crate::client::PATIENCE;

pub(crate) const TOKEN: &str = "token";

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) running: Running,
}

/// A server with the default rules, changed as `with` says.
pub(crate) fn server(with: impl FnOnce(&mut Config)) -> Server {
    serve(with, Kind::Tcp, |_| None)
}

pub(crate) type Kept = Option<(Box<dyn Store>, Loaded)>;

pub(crate) fn serve(
    with: impl FnOnce(&mut Config),
    kind: Kind,
    keep: impl FnOnce(Arc<Waker>) -> Kept,
) -> Server {
    let mut config = Config::of(PRESETS.get("default").unwrap().values);
    config.token = Some(TOKEN.into());
    with(&mut config);
    let mut hub = Hub::new(config).unwrap();
    let waker = hub.waker().unwrap();
    if let Some((store, loaded)) = keep(Arc::clone(&waker)) {
        hub.keep_in(store, loaded, Time::ZERO);
    }
    let address = hub.listen("127.0.0.1:0".parse().unwrap(), kind).unwrap();
    Server { address, running: spawn(hub, waker, Instant::now()).unwrap() }
}

impl Server {
    pub(crate) fn ask<T>(&self, make: impl FnOnce(Reply<T>) -> Command) -> Result<T, Refused> {
        self.running.handle.ask_blocking(make)
    }

    pub(crate) fn push(&self, device: &str, payload: &str) -> Result<Accepted, Refused> {
        let to = To::Device(device.into());
        self.ask(|reply| Command::Push { to, payload: payload.into(), ttl: None, reply })
    }

    pub(crate) fn device(&self, device: &str) -> Result<DeviceInfo, Refused> {
        self.ask(|reply| Command::Device { device: device.into(), reply })
    }

    pub(crate) fn drain(&self, grace: Span) -> Result<u32, Refused> {
        self.ask(|reply| Command::Drain { grace, reply })
    }

    /// A counter or gauge; of several with a label the one with this value.
    pub(crate) fn stat(&self, name: &str, label: Option<&str>) -> u64 {
        let stats = self.ask(|reply| Command::Stats { reply }).unwrap();
        let is = |stat: &&holdline::live::server::api::Stat| {
            stat.name == name && stat.label.map(|(_, value)| value) == label
        };
        stats.values.iter().find(is).unwrap().value
    }

    /// Waits until a gauge has a value.
    pub(crate) fn wait_for(&self, name: &str, value: u64) {
        self.wait_until(name, |server| server.stat(name, None) == value);
    }

    /// Waits until something is so.
    pub(crate) fn wait_until(&self, what: &str, is: impl Fn(&Server) -> bool) {
        let began = Instant::now();
        while !is(self) {
            assert!(began.elapsed() < PATIENCE, "{what}");
            // Nothing tells when a kernel has delivered something: it is asked for.
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}
