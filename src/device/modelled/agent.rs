//! The loop of the agent on any machine: what the host says, what sockets learn, and model time, in one order.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::arguments::Options;
use super::clock::ModelClock;
use super::path::Connects;
use super::phone::{NUMBER, Phone};
use super::start::Failure;
use crate::client::Client;
use crate::device::agent::control::Control;
use crate::device::agent::log::Log;
use crate::device::agent::pieces::pieces;
use crate::device::protocol::{About, Clocks, LOG_FILE, Orders, ToAgent, ToHost};
use crate::device::socket::{News, Socket};
use crate::port::Time;
use crate::run::act_of;
use crate::scenario::Scenario;
use crate::trace::write_event;

/// How long what was said last may take to be sent.
pub(super) const FLUSH: Duration = Duration::from_secs(5);
/// The loop looks this often whether the host is still there.
const LOOK: Duration = Duration::from_millis(500);

/// What wakes the loop.
pub(super) enum Input {
    Control,
    Socket(u32, News),
}

/// What the loop tells the thread of the control channel, for its hello.
#[derive(Clone)]
pub(super) struct Known {
    pub(super) about: About,
    pub(super) clock: Option<ModelClock>,
    /// What the clocks said at some time since which the device was awake, or asleep.
    pub(super) seen: Clocks,
    pub(super) asleep: bool,
}

impl Known {
    /// What the clocks say now.
    pub(super) fn clocks(&self) -> Clocks {
        let Some(clock) = self.clock else { return Clocks::default() };
        let continuous = clock.now().as_micros();
        let since = continuous.saturating_sub(self.seen.continuous);
        let uptime = if self.asleep { self.seen.uptime } else { self.seen.uptime + since };
        let wall = self.seen.wall.saturating_add_unsigned(since);
        Clocks { continuous, uptime, wall }
    }
}

pub(super) type Shared = Arc<Mutex<Known>>;

pub(super) fn lock(known: &Shared) -> MutexGuard<'_, Known> {
    known.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes the phone's sockets.
pub(super) struct Sockets {
    pub(super) server: String,
    pub(super) inputs: Sender<Input>,
}

impl Connects for Sockets {
    fn connect(&mut self, connection: u32) -> std::io::Result<Socket> {
        let inputs = self.inputs.clone();
        // Nobody listens any more when the agent is about to end.
        Socket::connect(self.server.clone(), move |news| {
            let _ = inputs.send(Input::Socket(connection, news));
        })
    }
}

/// A run that is under way.
pub(super) struct Agent<'a> {
    pub(super) options: &'a Options,
    pub(super) orders: &'a Orders,
    pub(super) scenario: &'a Scenario,
    pub(super) phone: Phone<Client, Sockets>,
    pub(super) clock: ModelClock,
    pub(super) log: Log,
    pub(super) control: Arc<Control>,
    pub(super) known: Shared,
    /// What became of what was asked for: a host that did not hear of it asks again.
    pub(super) answered: BTreeMap<u32, Option<String>>,
}

impl Agent<'_> {
    /// Plays until the host ends the run; `first` says that it begins.
    pub(super) fn play(&mut self, input: &Receiver<Input>, first: bool) -> Result<(), Failure> {
        self.phone.open_app(if first { Time::ZERO } else { self.clock.now() });
        self.write()?;
        let mut last_seen = Instant::now();
        loop {
            self.advance()?;
            while let Some(heard) = self.control.heard() {
                if self.hear(heard)? {
                    self.control.flush(FLUSH);
                    return Ok(());
                }
            }
            if self.control.connected() {
                last_seen = Instant::now();
            } else if last_seen.elapsed() > self.options.wait && self.is_over() {
                let why = "it went away, and the run is over".to_owned();
                return Err(Failure::NoHost(why));
            }
            match input.recv_timeout(self.clock.until(self.phone.deadline()).min(LOOK)) {
                Ok(Input::Socket(connection, news)) => {
                    self.advance()?;
                    self.phone.news(connection, news, self.clock.now());
                    self.write()?;
                }
                Ok(Input::Control) | Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(Failure::Io("the sockets' threads are gone".to_owned()));
                }
            }
        }
    }

    /// Whether the scenario's time is up.
    fn is_over(&self) -> bool {
        self.clock.now() >= self.scenario.duration.from_start()
    }

    /// Lets everything happen that is due by now, at its own time.
    fn advance(&mut self) -> Result<(), Failure> {
        loop {
            let (due, now) = (self.phone.deadline(), self.clock.now());
            if due > now {
                return Ok(());
            }
            self.phone.advance(due);
            self.write()?;
        }
    }

    /// Does what the host says; answers whether it ended the run.
    fn hear(&mut self, heard: ToAgent) -> Result<bool, Failure> {
        match heard {
            // The same again, after a connection was lost.
            ToAgent::Orders(orders) if orders.run == self.orders.run => {}
            ToAgent::Orders(orders) => {
                let text = format!("the orders for the run `{}` came in another", orders.run);
                self.control.say(ToHost::Note { text });
            }
            ToAgent::Clock { n } => {
                let clocks = self.clocks(self.clock.now());
                self.control.say(ToHost::Clock { n, clocks });
            }
            ToAgent::Do { n, step, member } => {
                let refused = match self.answered.get(&n) {
                    Some(refused) => refused.clone(),
                    None => self.act(step, member)?.err(),
                };
                self.answered.insert(n, refused.clone());
                self.control.say(ToHost::Done { n, refused });
            }
            ToAgent::Log { from } => {
                let path = self.options.dir.join(LOG_FILE);
                let control = &self.control;
                pieces(&path, from, |piece| control.say(piece))
                    .map_err(|error| Failure::Io(format!("{}: {error}", path.display())))?;
            }
            ToAgent::End => return Ok(true),
        }
        Ok(false)
    }

    fn act(&mut self, step: usize, member: u32) -> Result<Result<(), String>, Failure> {
        let Some(act) = act_of(self.scenario, self.orders.seed, step, NUMBER, member) else {
            let steps = self.scenario.steps.len();
            return Ok(Err(format!("there is no step {step}: the scenario has {steps}")));
        };
        self.advance()?;
        let done = self.phone.act(act, self.clock.now());
        self.write()?;
        Ok(done)
    }

    fn clocks(&self, at: Time) -> Clocks {
        let now = self.phone.clocks(at);
        let (continuous, uptime) = (now.continuous.as_micros(), now.uptime.as_micros());
        Clocks { continuous, uptime, wall: now.wall }
    }

    /// Writes down what the phone noticed, and tells of new connections.
    fn write(&mut self) -> Result<(), Failure> {
        for event in self.phone.notes.take() {
            self.log.write(&event, self.phone.clocks(event.at));
        }
        for event in self.phone.notes.take_beneath() {
            let mut line = String::new();
            write_event(&mut line, &event, &self.scenario.names);
            self.control.say(ToHost::Beneath { line: line.trim_end().to_owned() });
        }
        self.log.flush();
        if self.log.lost() > 0 {
            return Err(Failure::Io("the log could not be written: is the disk full?".into()));
        }
        for (pair, port) in self.phone.established() {
            self.control.say(ToHost::Connection { pair, port });
        }
        let seen = self.clocks(self.phone.last());
        let mut known = lock(&self.known);
        (known.seen, known.asleep) = (seen, self.phone.is_asleep());
        Ok(())
    }
}
