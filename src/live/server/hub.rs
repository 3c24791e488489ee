//! The hub: every connection and every session, on one thread. What a session decides is the room `server`'s.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::time::Duration;

use mio::{Events, Poll, Token, Waker};
use slab::Slab;

use super::config::Config;
use super::connection::{Connection, Role};
use super::deliveries::Deliveries;
use super::devices::Devices;
use super::ending::goodbye;
use super::journal::{Journal, Tap};
use super::limits::Limits;
use super::listen::{Kind, Listener, Reserve};
use super::numbers::NumberMap;
use super::pushes::Pushes;
use super::storage::{Loaded, Store};
use crate::port::{Frame, Time, Transport as Over};
use crate::server::{Context, Output, ServerOptions, Session};
use crate::trace::Probe;

/// Tokens below this are connections' places.
const LISTENERS: usize = usize::MAX / 2;
/// The token of the waker.
const WAKER: Token = Token(usize::MAX - 1);
/// What is read at once, for all connections.
pub(super) const BUFFER: usize = 64 * 1024;
/// How many events are taken in one turn.
const EVENTS: usize = 1_024;

/// A push server. It does something only while it is told to take its [`turn`](Hub::turn).
pub struct Hub {
    pub(super) poll: Poll,
    events: Option<Events>,
    pub(super) options: ServerOptions,
    pub(super) limits: Limits,
    pub(super) tls: Option<Arc<rustls::ServerConfig>>,
    pub(super) token: Option<String>,
    pub(super) listeners: Vec<Listener>,
    pub(super) connections: Slab<Connection>,
    /// Numbers of connections to their places.
    pub(super) places: NumberMap<u32, usize>,
    pub(super) next_connection: u32,
    /// How many connections each address has.
    pub(super) from: HashMap<IpAddr, u32>,
    waker: Option<Arc<Waker>>,
    pub(super) devices: Devices,
    pub(super) journal: Journal,
    pub(super) pushes: Pushes,
    pub(super) deliveries: Deliveries,
    /// Connections that have to say hello by a time, or have been told to go; oldest first.
    pub(super) fresh: VecDeque<(Time, u32)>,
    pub(super) closing: VecDeque<(Time, u32)>,
    /// Connections that were cut off, whose they were, and whether something still goes out.
    pub(super) cut: Vec<(u32, Role, bool)>,
    /// Connections that have more to read, by place and number.
    pub(super) again: Vec<(usize, u32)>,
    /// Connections for which something was collected, by place and number.
    pub(super) collected: Vec<(usize, u32)>,
    /// Nothing is collected: what is sent is written.
    pub(super) at_once: bool,
    /// There may be more events than were taken.
    more: bool,
    pub(super) reserve: Reserve,
    /// Descriptors are exhausted, or something else stands in the way of accepting; told once.
    pub(super) exhausted: bool,
    /// When it is tried again.
    pub(super) accept_again: Time,
    /// Nobody is served for a while.
    pub(super) is_down: bool,
    /// The server does as if it were not there: what comes is not looked at.
    pub(super) dark: bool,
    /// Nobody is accepted any more.
    pub(super) draining: bool,
    pub(super) buffer: Vec<u8>,
    pub(super) scratch: Vec<u8>,
}

impl Hub {
    /// A server that listens nowhere yet.
    ///
    /// # Errors
    /// When the system gives no descriptor.
    pub fn new(config: Config) -> io::Result<Hub> {
        let Config { options, limits, tls, token, known } = config;
        let mut devices = Devices::default();
        for (name, number) in &known {
            devices.add_known(name, *number);
        }
        Ok(Hub {
            poll: Poll::new()?,
            events: Some(Events::with_capacity(EVENTS)),
            options,
            limits,
            tls,
            token,
            listeners: Vec::new(),
            connections: Slab::new(),
            places: NumberMap::default(),
            next_connection: 0,
            from: HashMap::new(),
            waker: None,
            devices,
            journal: Journal::default(),
            pushes: Pushes::new(),
            deliveries: Deliveries::default(),
            fresh: VecDeque::new(),
            closing: VecDeque::new(),
            cut: Vec::new(),
            again: Vec::new(),
            collected: Vec::new(),
            at_once: false,
            more: false,
            reserve: Reserve::new(),
            exhausted: false,
            accept_again: Time::ZERO,
            is_down: false,
            dark: false,
            draining: false,
            buffer: vec![0; BUFFER],
            scratch: Vec::new(),
        })
    }

    /// Keeps pushes in `store` from now on; what was kept there before waits again. To be called before anybody
    /// connects; the store wakes the hub by its [`waker`](Hub::waker).
    pub fn keep_in(&mut self, store: Box<dyn Store>, loaded: Loaded, now: Time) {
        self.pushes.keep_in(store, loaded.next_id);
        self.restore(loaded.pushes, now);
    }

    /// Every event of the sessions goes to `tap`, too; the owner of each is its device's number.
    pub fn tap(&mut self, tap: Tap) {
        self.journal.tap = Some(tap);
    }

    /// Something that ends a wait in [`turn`](Hub::turn), from any thread.
    ///
    /// # Errors
    /// When the system gives no descriptor.
    pub fn waker(&mut self) -> io::Result<Arc<Waker>> {
        // There can be one only.
        if let Some(waker) = &self.waker {
            return Ok(Arc::clone(waker));
        }
        let waker = Arc::new(Waker::new(self.poll.registry(), WAKER)?);
        self.waker = Some(Arc::clone(&waker));
        Ok(waker)
    }

    /// Listens; answers the address, whose port the system chose if it was 0.
    ///
    /// # Errors
    /// When the address cannot be had.
    pub fn listen(&mut self, address: SocketAddr, kind: Kind) -> io::Result<SocketAddr> {
        let token = Token(LISTENERS + self.listeners.len());
        let listener = Listener::open(address, kind, token, self.poll.registry())?;
        let address = listener.address;
        self.listeners.push(listener);
        Ok(address)
    }

    /// When something is due next, without anything coming from outside.
    pub fn deadline(&self) -> Time {
        let stored = self.pushes.retry_at;
        if self.dark {
            return stored;
        }
        let waiting = self.listeners.iter().any(|listener| listener.ready);
        let accept = match waiting {
            true if self.exhausted => self.accept_again,
            true => Time::ZERO,
            false => Time::NEVER,
        };
        let at_hand = !self.collected.is_empty() || !self.deliveries.is_empty();
        if self.more || at_hand || !self.again.is_empty() || !self.cut.is_empty() {
            return Time::ZERO;
        }
        let of = |queue: &VecDeque<(Time, u32)>| queue.front().map_or(Time::NEVER, |(at, _)| *at);
        let connections = of(&self.fresh).min(of(&self.closing));
        self.devices.deadline().min(connections).min(accept).min(stored)
    }

    /// Waits until something comes, at most for `timeout`, which should end at the [`deadline`](Hub::deadline);
    /// handles it, and what is due at `now`.
    ///
    /// # Errors
    /// When the system cannot tell what comes.
    pub fn turn(
        &mut self,
        mut now: impl FnMut() -> Time,
        timeout: Option<Duration>,
    ) -> io::Result<()> {
        if !self.collected.is_empty() {
            self.flush(now());
        }
        let mut events = self.events.take().unwrap_or_else(|| Events::with_capacity(EVENTS));
        let polled = self.poll.poll(&mut events, timeout);
        let at = now();
        self.more = polled.is_ok() && events.iter().count() == EVENTS;
        if polled.is_ok() {
            for event in &events {
                let Token(token) = event.token();
                if event.token() == WAKER {
                } else if token >= LISTENERS {
                    if let Some(listener) = self.listeners.get_mut(token - LISTENERS) {
                        listener.ready = true;
                    }
                } else if !self.dark {
                    if event.is_writable() {
                        self.writable(token, at);
                    }
                    let closed = event.is_read_closed() || event.is_error();
                    if event.is_readable() || closed {
                        self.readable(token, closed, at);
                    }
                }
            }
        }
        self.events = Some(events);
        match polled {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error),
            Ok(()) | Err(_) => {}
        }
        self.stored(at);
        self.flush(at);
        if !self.dark {
            self.read_again(at);
            self.deliver_slice(at);
            self.accept(at);
            self.due(at);
        }
        self.flush(at);
        Ok(())
    }

    pub(super) fn place(&self, number: u32) -> Option<usize> {
        self.places.get(&number).copied()
    }

    /// Does something to a device's session, and what follows from it. Nothing happens for a number that no device
    /// has.
    pub fn on_session<R>(
        &mut self,
        device: u32,
        now: Time,
        act: impl FnOnce(&mut Session, &mut Context<'_, Journal>) -> R,
    ) -> Option<R> {
        let known = self.devices.get_mut(device)?;
        let probe =
            Probe { observer: &mut self.journal, at: now, owner: device, seq: &mut known.seq };
        let answer = act(&mut known.session, &mut Context { options: &self.options, probe });
        while let Some(output) =
            self.devices.get_mut(device).and_then(|known| known.session.output())
        {
            self.carry_out(device, output, now);
        }
        if let Some(known) = self.devices.get_mut(device) {
            known.session.release();
        }
        self.devices.arm(device);
        self.journal.ended.clear();
        self.settle(device);
        if !self.cut.is_empty() {
            self.tell_cut_off(now);
        }
        Some(answer)
    }

    fn carry_out(&mut self, device: u32, output: Output, now: Time) {
        match output {
            Output::Send { connection, frame } => {
                self.scratch.clear();
                let mut scratch = std::mem::take(&mut self.scratch);
                if let Some(place) = self.place(connection)
                    && self.pushes.encode(device, frame, &mut scratch)
                {
                    self.send(place, &scratch);
                }
                self.scratch = scratch;
                if let Frame::Push { id } = frame {
                    self.written(device, id);
                }
            }
            Output::Close { connection } => {
                let Some(place) = self.place(connection) else { return };
                let why = self.journal.ended.iter().find(|(number, _)| *number == connection);
                let why = why.and_then(|(_, why)| goodbye(*why));
                self.say_goodbye(place, why, now);
            }
            Output::Reset { connection } => {
                if let Some(place) = self.place(connection) {
                    self.reset(place);
                }
            }
        }
    }

    /// The first contact of a connection with the device it names.
    pub(super) fn attach(&mut self, place: usize, device: u32, now: Time) -> Option<u32> {
        let connection = self.connections.get_mut(place)?;
        let number = connection.number;
        connection.role = Role::Device(device);
        self.on_session(device, now, |session, cx| session.accepted(number, Over::Tcp, cx));
        Some(number)
    }

    /// A device's session, if the device is known.
    pub fn session(&self, device: u32) -> Option<&Session> {
        self.devices.get(device).map(|known| &known.session)
    }

    /// Where the other end of a connection is.
    pub fn peer(&self, connection: u32) -> Option<SocketAddr> {
        self.place(connection).map(|place| self.connections[place].peer)
    }

    /// Nobody can connect any more, or everybody again where the addresses can be had.
    pub(super) fn listening(&mut self, on: bool) -> io::Result<()> {
        for (place, listener) in self.listeners.iter_mut().enumerate() {
            if on {
                listener.reopen(Token(LISTENERS + place), self.poll.registry())?;
            } else {
                listener.close();
            }
        }
        Ok(())
    }
}

impl AsFd for Hub {
    /// Readable when [`turn`](Hub::turn) has something to do.
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.poll.registry().as_fd()
    }
}
