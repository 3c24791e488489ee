//! The push server of a run, in model time as fast as the agent's.

use std::net::SocketAddr;
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::host::LONG;
use holdline::live::server::{Config, Hub, Kind};
use holdline::port::{Span, Time};
use holdline::scenario::Scenario;

type Work = Box<dyn FnOnce(&mut Hub, Time) + Send>;

/// A server on a thread of its own, until this is dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    work: Option<Sender<Work>>,
    wake: Box<dyn Fn()>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// The server of `scenario`, with `device-1` as its one device.
    pub(crate) fn start(scenario: &Scenario, speed: u32) -> Server {
        let mut config = Config::of(scenario.server.values.clone());
        config.known = vec![("device-1".into(), 1)];
        config.limits.handshake = Span::from_secs(24 * 3_600);
        let mut hub = Hub::new(config).unwrap();
        let address = hub.listen("127.0.0.1:0".parse().unwrap(), Kind::Tcp).unwrap();
        let waker = hub.waker().unwrap();
        let (work, works) = channel::<Work>();
        let began = Instant::now();
        let thread = std::thread::spawn(move || {
            let now = || {
                let real = u64::try_from(began.elapsed().as_micros()).unwrap();
                Time::from_micros(real * u64::from(speed))
            };
            loop {
                let due = hub.deadline();
                let real = due.since(now()).as_micros() / u64::from(speed) + 1;
                let timeout = (due != Time::NEVER).then(|| Duration::from_micros(real));
                hub.turn(now, timeout).unwrap();
                loop {
                    match works.try_recv() {
                        Ok(work) => work(&mut hub, now()),
                        Err(std::sync::mpsc::TryRecvError::Empty) => break,
                        Err(std::sync::mpsc::TryRecvError::Disconnected) => return,
                    }
                }
            }
        });
        let wake = Box::new(move || waker.wake().unwrap());
        Server { address, work: Some(work), wake, thread: Some(thread) }
    }

    /// Does something to the server.
    pub(crate) fn does(&self, work: impl FnOnce(&mut Hub, Time) + Send + 'static) {
        self.work.as_ref().unwrap().send(Box::new(work)).unwrap();
        (self.wake)();
    }
}

impl Server {
    /// The phone's port of the connection that the device's session has.
    pub(crate) fn port(&self) -> Option<u16> {
        let (sender, answer) = channel();
        self.does(move |hub, _| {
            let connection = hub.session(1).and_then(|session| session.connection());
            let peer = connection.and_then(|connection| hub.peer(connection));
            sender.send(peer.map(|peer| peer.port())).unwrap();
        });
        answer.recv_timeout(LONG).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.work.take());
        (self.wake)();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
