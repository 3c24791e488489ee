//! The hub: every connection and every session, on one thread. What a session decides is the room `server`'s.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::time::Duration;

use mio::{Events, Interest, Poll, Token, Waker};
use slab::Slab;
use tracing::{debug, warn};

use super::config::Config;
use super::connection::{Connection, Role, Written};
use super::devices::Devices;
use super::journal::{Journal, Tap};
use super::limits::{ACCEPT_AGAIN, Limits};
use super::listen::{Kind, Listener, Reserve, exhausted};
use super::pushes::Pushes;
use super::storage::{Loaded, Store};
use super::transport::Transport;
use crate::port::{Time, Transport as Over};
use crate::server::{Context, Output, ServerOptions, Session};
use crate::trace::{ConnectionEnd, Probe, SessionEnd};
use crate::wire::{ServerMessage, Wrong};

/// Tokens below this are connections' places.
const LISTENERS: usize = usize::MAX / 2;
/// The token of the waker.
const WAKER: Token = Token(usize::MAX - 1);
/// What is read at once, for all connections.
const BUFFER: usize = 64 * 1024;
/// How many connections are accepted before others have their turn.
const ACCEPTS: usize = 512;

/// A push server. It does something only while it is told to take its [`turn`](Hub::turn).
pub struct Hub {
    poll: Poll,
    events: Option<Events>,
    pub(super) options: ServerOptions,
    pub(super) limits: Limits,
    tls: Option<Arc<rustls::ServerConfig>>,
    pub(super) token: Option<String>,
    listeners: Vec<Listener>,
    pub(super) connections: Slab<Connection>,
    /// Numbers of connections to their places.
    places: HashMap<u32, usize>,
    next_connection: u32,
    from: HashMap<IpAddr, usize>,
    pub(super) devices: Devices,
    pub(super) journal: Journal,
    pub(super) pushes: Pushes,
    /// Connections that have to say hello by a time, or have been told to go; oldest first.
    fresh: VecDeque<(Time, u32)>,
    closing: VecDeque<(Time, u32)>,
    reserve: Reserve,
    /// Descriptors are exhausted; told once.
    exhausted: bool,
    /// The server does as if it were not there: what comes is not looked at.
    pub(super) dark: bool,
    /// Nobody is accepted any more.
    pub(super) draining: bool,
    buffer: Vec<u8>,
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
            events: Some(Events::with_capacity(1_024)),
            options,
            limits,
            tls,
            token,
            listeners: Vec::new(),
            connections: Slab::new(),
            places: HashMap::new(),
            next_connection: 0,
            from: HashMap::new(),
            devices,
            journal: Journal::default(),
            pushes: Pushes::new(),
            fresh: VecDeque::new(),
            closing: VecDeque::new(),
            reserve: Reserve::new(),
            exhausted: false,
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
    pub fn waker(&self) -> io::Result<Arc<Waker>> {
        Waker::new(self.poll.registry(), WAKER).map(Arc::new)
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
        if self.dark {
            return Time::NEVER;
        }
        let of = |queue: &VecDeque<(Time, u32)>| queue.front().map_or(Time::NEVER, |(at, _)| *at);
        self.devices.deadline().min(of(&self.fresh)).min(of(&self.closing))
    }

    /// Waits until something comes, at most for `timeout`; handles it, and what is due at `now`.
    ///
    /// # Errors
    /// When the system cannot tell what comes.
    pub fn turn(
        &mut self,
        mut now: impl FnMut() -> Time,
        timeout: Option<Duration>,
    ) -> io::Result<()> {
        let waiting = self.listeners.iter().any(|listener| listener.ready) && !self.dark;
        let timeout = match waiting {
            true if self.exhausted => Some(timeout.map_or(ACCEPT_AGAIN, |t| t.min(ACCEPT_AGAIN))),
            true => Some(Duration::ZERO),
            false => timeout,
        };
        let mut events = self.events.take().unwrap_or_else(|| Events::with_capacity(1_024));
        let polled = self.poll.poll(&mut events, timeout);
        let at = now();
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
                    if event.is_readable() || event.is_read_closed() || event.is_error() {
                        self.readable(token, at);
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
        if !self.dark {
            self.accept(at);
            self.due(at);
        }
        Ok(())
    }

    fn accept(&mut self, now: Time) {
        for place in 0..self.listeners.len() {
            for _ in 0..ACCEPTS {
                let kind = self.listeners[place].kind;
                match self.listeners[place].accept() {
                    Ok(Some(accepted)) => {
                        if std::mem::take(&mut self.exhausted) {
                            self.reserve.take_again();
                        }
                        self.accepted(accepted, kind, now);
                    }
                    Ok(None) => break,
                    Err(error) if exhausted(&error) => {
                        self.refuse_without_descriptors(place, &error);
                        break;
                    }
                    // The connection was gone before it was taken.
                    Err(_) => {}
                }
            }
        }
    }

    /// Descriptors are exhausted: those that wait are refused with the one in reserve, and the rest waits.
    fn refuse_without_descriptors(&mut self, place: usize, error: &io::Error) {
        if !std::mem::replace(&mut self.exhausted, true) {
            let open = self.connections.len();
            warn!(%error, open, "descriptors are exhausted: new connections are refused");
        }
        for _ in 0..ACCEPTS {
            if !self.reserve.give_up() {
                return self.reserve.take_again();
            }
            let accepted = self.listeners[place].accept();
            if let Ok(Some((stream, _))) = accepted {
                self.say_and_drop(stream, "no-descriptors", "the server has no descriptors left");
                self.reserve.take_again();
            } else {
                return self.reserve.take_again();
            }
        }
    }

    /// Says why a connection is not taken, if it can be said at once.
    fn say_and_drop(&mut self, stream: mio::net::TcpStream, reason: &'static str, text: &str) {
        self.journal.counters.refused(reason);
        let mut line = Vec::new();
        ServerMessage::Error { reason, text }.encode(&mut line);
        let _ = io::Write::write(&mut &stream, &line);
    }

    fn accepted(&mut self, accepted: (mio::net::TcpStream, SocketAddr), kind: Kind, now: Time) {
        self.journal.counters.accepted += 1;
        let address = accepted.1.ip();
        let from = self.from.get(&address).copied().unwrap_or(0);
        let refusal = if self.draining {
            Some(("drained", "the server drains"))
        } else if self.connections.len() >= self.limits.connections {
            Some(("too-many-connections", "the server has as many connections as it takes"))
        } else if from >= self.limits.per_address {
            Some(("too-many-from-address", "your address has as many connections as it may"))
        } else {
            None
        };
        if let Some((reason, text)) = refusal {
            return self.say_and_drop(accepted.0, reason, text);
        }
        let transport = match Transport::new(kind, self.tls.as_ref(), self.limits.line) {
            Ok(transport) => transport,
            Err(broken) => {
                warn!(error = broken.0, "a connection cannot be secured");
                return;
            }
        };
        let number = self.number();
        let mut connection = Connection::new(accepted, number, kind, transport, now);
        let entry = self.connections.vacant_entry();
        let (token, both) = (Token(entry.key()), Interest::READABLE | Interest::WRITABLE);
        if let Err(error) = self.poll.registry().register(connection.stream(), token, both) {
            warn!(%error, "a connection cannot be watched");
            return;
        }
        self.places.insert(number, entry.key());
        entry.insert(connection);
        *self.from.entry(address).or_insert(0) += 1;
        self.fresh.push_back((now + self.limits.handshake, number));
    }

    /// A number that no connection has.
    fn number(&mut self) -> u32 {
        loop {
            self.next_connection = self.next_connection.wrapping_add(1).max(1);
            if !self.places.contains_key(&self.next_connection) {
                return self.next_connection;
            }
        }
    }

    fn writable(&mut self, place: usize, now: Time) {
        let Some(connection) = self.connections.get_mut(place) else { return };
        match connection.flush() {
            Written::Fine | Written::TooSlow => {}
            Written::Broken => self.gone(place, ConnectionEnd::Reset, now),
        }
    }

    fn readable(&mut self, place: usize, now: Time) {
        let mut buffer = std::mem::take(&mut self.buffer);
        while let Some(connection) = self.connections.get_mut(place) {
            match connection.read(&mut buffer) {
                Ok(0) => {
                    self.gone(place, ConnectionEnd::Fin, now);
                    break;
                }
                Ok(n) => {
                    self.came(place, &buffer[..n], now);
                    // A shorter read has taken all there was; what comes next is told again.
                    if n < buffer.len() {
                        break;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(_) => {
                    self.gone(place, ConnectionEnd::Reset, now);
                    break;
                }
            }
        }
        self.buffer = buffer;
    }

    fn came(&mut self, place: usize, bytes: &[u8], now: Time) {
        let Some(connection) = self.connections.get_mut(place) else { return };
        if connection.role == Role::Closing {
            return;
        }
        let number = connection.number;
        let unwrapped = connection.unwrap(bytes, self.limits.outbound.max(BUFFER));
        let unwrapped = match unwrapped {
            None => None,
            Some(Ok(lines)) => Some(lines),
            Some(Err(broken)) => {
                debug!(connection = number, error = broken.0, "transport failed");
                return self.refuse(place, "transport", &broken.0, now);
            }
        };
        let Some(connection) = self.connections.get_mut(place) else { return };
        let mut lines = std::mem::take(&mut connection.lines);
        let bytes = unwrapped.as_deref().unwrap_or(bytes);
        let most = self.limits.line;
        lines.feed(bytes, most, |line| self.line(place, number, line, now));
        if let Some(connection) = self.connections.get_mut(place).filter(|one| one.number == number)
        {
            connection.lines = lines;
        }
    }

    /// A line came; answers whether the next one is looked at.
    fn line(&mut self, place: usize, number: u32, line: Result<&str, Wrong>, now: Time) -> bool {
        match line {
            Ok(line) => self.said(place, line, now),
            Err(wrong) => self.refuse(place, wrong.reason(), wrong.text(), now),
        }
        self.connections
            .get(place)
            .is_some_and(|one| one.number == number && one.role != Role::Closing)
    }

    /// The connection ended at the other side.
    fn gone(&mut self, place: usize, how: ConnectionEnd, now: Time) {
        let Some(connection) = self.connections.get_mut(place) else { return };
        let (number, role) = (connection.number, connection.role);
        match role {
            Role::Device(device) if how == ConnectionEnd::Fin => {
                connection.role = Role::Closing;
                self.on_session(device, now, |session, cx| session.closed(number, how, cx));
                self.finish(place, now);
            }
            Role::Device(device) => {
                self.remove(place);
                self.on_session(device, now, |session, cx| session.closed(number, how, cx));
            }
            Role::Fresh | Role::Publisher | Role::Closing => self.remove(place),
        }
    }

    /// Refuses a connection, with a reason, and ends it.
    pub(super) fn refuse(&mut self, place: usize, reason: &'static str, text: &str, now: Time) {
        self.journal.counters.refused(reason);
        let Some(connection) = self.connections.get_mut(place) else { return };
        debug!(connection = connection.number, reason, "refused");
        let mut line = Vec::new();
        ServerMessage::Error { reason, text }.encode(&mut line);
        // If it cannot be said, it cannot be helped.
        let _ = connection.send(&line, usize::MAX);
        let (number, role) = (connection.number, connection.role);
        connection.role = Role::Closing;
        self.finish(place, now);
        if let Role::Device(device) = role {
            let how = ConnectionEnd::Reset;
            self.on_session(device, now, |session, cx| session.closed(number, how, cx));
        }
    }

    /// The server has said its last word on a connection: FIN, and some time to take it.
    fn finish(&mut self, place: usize, now: Time) {
        if let Some(connection) = self.connections.get_mut(place) {
            connection.role = Role::Closing;
            connection.finish();
            self.closing.push_back((now + self.limits.linger, connection.number));
        }
    }

    /// Forgets a connection; its socket is closed.
    fn remove(&mut self, place: usize) {
        let Some(mut connection) = self.connections.try_remove(place) else { return };
        let _ = self.poll.registry().deregister(connection.stream());
        self.places.remove(&connection.number);
        let address = connection.peer.ip();
        if let Some(from) = self.from.get_mut(&address) {
            *from -= 1;
            if *from == 0 {
                self.from.remove(&address);
            }
        }
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
            self.carry_out(output, now);
        }
        self.devices.arm(device);
        self.journal.ended.clear();
        self.settle(device);
        Some(answer)
    }

    fn carry_out(&mut self, output: Output, now: Time) {
        match output {
            Output::Send { connection, frame } => {
                let Some(place) = self.place(connection) else { return };
                self.scratch.clear();
                let mut scratch = std::mem::take(&mut self.scratch);
                if self.pushes.encode(frame, &mut scratch) {
                    self.send(place, &scratch, now);
                }
                self.scratch = scratch;
            }
            Output::Close { connection } => {
                let Some(place) = self.place(connection) else { return };
                let why = self.journal.ended.iter().find(|(number, _)| *number == connection);
                if let Some((reason, text)) = why.and_then(|(_, why)| goodbye(*why)) {
                    let mut line = Vec::new();
                    ServerMessage::Bye { reason, text }.encode(&mut line);
                    if let Some(one) = self.connections.get_mut(place) {
                        let _ = one.send(&line, usize::MAX);
                    }
                }
                self.finish(place, now);
            }
            Output::Reset { connection } => {
                if let Some(place) = self.place(connection) {
                    if let Some(one) = self.connections.get(place) {
                        one.reset_when_dropped();
                    }
                    self.remove(place);
                }
            }
        }
    }

    /// Sends lines on a connection; one that is too slow is cut off.
    pub(super) fn send(&mut self, place: usize, lines: &[u8], now: Time) {
        let Some(connection) = self.connections.get_mut(place) else { return };
        match connection.send(lines, self.limits.outbound) {
            Written::Fine => {}
            Written::TooSlow => {
                warn!(connection = connection.number, "too slow: cut off");
                self.journal.counters.refused("too-slow");
                self.cut_off(place, now);
            }
            Written::Broken => self.cut_off(place, now),
        }
    }

    /// Nothing more can be said on a connection: it is reset, and its session is told when it is not in the middle of
    /// something.
    fn cut_off(&mut self, place: usize, now: Time) {
        if let Some(connection) = self.connections.get_mut(place) {
            connection.reset_when_dropped();
            connection.finish();
            self.closing.push_front((now, connection.number));
        }
    }

    fn due(&mut self, now: Time) {
        while let Some(number) = first_due(&mut self.fresh, now) {
            let Some(place) = self.place(number) else { continue };
            if self.connections[place].role == Role::Fresh {
                self.refuse(place, "handshake-timeout", "nobody said hello in time", now);
            }
        }
        while let Some(number) = first_due(&mut self.closing, now) {
            let Some(place) = self.place(number) else { continue };
            let role = self.connections[place].role;
            self.remove(place);
            if let Role::Device(device) = role {
                let how = ConnectionEnd::Reset;
                self.on_session(device, now, |session, cx| session.closed(number, how, cx));
            }
        }
        while let Some(device) = self.devices.due(now) {
            self.on_session(device, now, |session, cx| session.advance(cx));
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

    /// Every connection is reset, without a word.
    pub(super) fn reset_all(&mut self) {
        for place in self.connections.iter().map(|(place, _)| place).collect::<Vec<_>>() {
            self.connections[place].reset_when_dropped();
            self.remove(place);
        }
        self.fresh.clear();
        self.closing.clear();
    }

    /// Ends the connections that are nobody's session: publishers, and those that have not said hello.
    pub(super) fn finish_others(&mut self, now: Time) {
        let others = self.connections.iter().filter(|(_, one)| match one.role {
            Role::Fresh | Role::Publisher => true,
            Role::Device(_) | Role::Closing => false,
        });
        for place in others.map(|(place, _)| place).collect::<Vec<_>>() {
            self.finish(place, now);
        }
    }
}

impl AsFd for Hub {
    /// Readable when [`turn`](Hub::turn) has something to do.
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.poll.registry().as_fd()
    }
}

/// The first connection whose time has come.
fn first_due(queue: &mut VecDeque<(Time, u32)>, now: Time) -> Option<u32> {
    queue.front().filter(|(at, _)| *at <= now)?;
    queue.pop_front().map(|(_, number)| number)
}

/// What a connection is told when its session ends, if it is told anything.
fn goodbye(why: SessionEnd) -> Option<(&'static str, &'static str)> {
    match why {
        SessionEnd::Idle => Some(("idle", "nothing was heard of you for too long")),
        SessionEnd::HeartbeatUnanswered => Some(("unanswered", "a heartbeat was not answered")),
        SessionEnd::Replaced => {
            Some(("replaced", "another connection of your device took its place"))
        }
        SessionEnd::Restart => Some(("restart", "the server goes down")),
        SessionEnd::Drained => Some(("drained", "the server drains; connect again")),
        SessionEnd::Dropped => Some(("dropped", "somebody dropped this connection")),
        SessionEnd::ClosedByClient
        | SessionEnd::Failed
        | SessionEnd::RegistrationExpired
        | SessionEnd::LateEnd => None,
    }
}
