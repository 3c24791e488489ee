//! The phone's side of its path: the link, and each connection over a real socket. What is beyond the phone is not
//! here: the host's proxy does it.

use std::collections::VecDeque;

use crate::device::socket::{News, Socket};
use crate::net::{End, Link, NetConfig, SYN_SECONDS, gives_up_after};
use crate::os::SocketEvent;
use crate::port::{ConnectBy, Draws, Interface, Purpose, Span, StreamError, Time};
use crate::trace::{Observer, Probe, What};

/// What comes to the phone.
#[derive(Copy, Clone, PartialEq, Debug)]
pub(super) enum Arrival {
    Socket { connection: u32, event: SocketEvent },
    Interface(Interface),
    Address,
}

/// What the path is lent for one call.
pub(super) struct Context<'a, O> {
    pub(super) config: &'a NetConfig,
    pub(super) draws: Draws,
    pub(super) probe: Probe<'a, O>,
}

impl<O: Observer> Context<'_, O> {
    fn now(&self) -> Time {
        self.probe.at
    }
}

/// Makes sockets; what they learn comes back as [`Path::news`].
pub(super) trait Connects {
    /// Begins to connect.
    fn connect(&mut self, connection: u32) -> std::io::Result<Socket>;
}

/// Where a connection stands.
#[derive(Copy, Clone, PartialEq, Debug)]
enum Phase {
    Opening,
    Open,
    /// The phone is told at this time that it failed.
    Failing(StreamError),
    /// The phone has been told of its end.
    Over,
}

struct Connection {
    id: u32,
    /// The phone's address under which it was made.
    address: u32,
    phase: Phase,
    began: Time,
    /// When the phone's kernel gives it up, or an attempt fails.
    due: Time,
    socket: Option<Socket>,
}

/// The phone's side of its path.
pub(super) struct Path<C> {
    link: Link,
    voice_call: bool,
    connections: Vec<Connection>,
    connects: C,
    /// Sockets of addresses that are gone: they are kept, for closing one would tell the server of it.
    held: Vec<Socket>,
    out: VecDeque<Arrival>,
    /// Connections that were established, with the phone's port.
    pub(super) established: Vec<(u32, u16)>,
    asleep_since: Option<Time>,
}

impl<C: Connects> Path<C> {
    pub(super) fn new(interface: Interface, connects: C) -> Path<C> {
        Path {
            link: Link::new(interface),
            voice_call: false,
            connections: Vec::new(),
            connects,
            held: Vec::new(),
            out: VecDeque::new(),
            established: Vec::new(),
            asleep_since: None,
        }
    }

    pub(super) fn arrival(&mut self) -> Option<Arrival> {
        self.out.pop_front()
    }

    pub(super) fn has_arrival(&self) -> bool {
        !self.out.is_empty()
    }

    /// When something is due next. While the device sleeps its kernel's timers stand still.
    pub(super) fn deadline(&self) -> Time {
        let awake = self.asleep_since.is_none();
        let due = self.connections.iter().filter(|_| awake).map(|connection| connection.due);
        due.fold(self.link.attach_at(), Time::min)
    }

    /// Handles what is due.
    pub(super) fn advance<O: Observer>(&mut self, cx: &mut Context<'_, O>) {
        let now = cx.now();
        if self.link.attach_at() <= now {
            let interface = self.link.attached();
            self.interface_changed(interface, cx);
        }
        let due = |known: &Connection| known.due <= now;
        while let Some(index) = self.connections.iter().position(due) {
            let Connection { id, phase, socket, .. } = self.connections.swap_remove(index);
            self.held.extend(socket);
            match phase {
                Phase::Opening => self.failed(id, StreamError::TimedOut, cx),
                Phase::Failing(error) => self.failed(id, error, cx),
                Phase::Open => self.tell(id, SocketEvent::TimedOut),
                Phase::Over => {}
            }
        }
        self.hold();
    }

    fn failed<O: Observer>(&mut self, id: u32, error: StreamError, cx: &mut Context<'_, O>) {
        cx.probe.emit(What::ConnectFailed { connection: id, error });
        self.tell(id, SocketEvent::Failed(error));
    }

    fn tell(&mut self, connection: u32, event: SocketEvent) {
        self.out.push_back(Arrival::Socket { connection, event });
    }

    fn find(&mut self, id: u32) -> Option<&mut Connection> {
        self.connections.iter_mut().find(|known| known.id == id)
    }

    /// The phone asks for a connection.
    pub(super) fn connect<O: Observer>(&mut self, id: u32, cx: &mut Context<'_, O>) {
        let now = cx.now();
        let socket = match self.prevents(cx) {
            Some(error) => Err(error),
            // This machine has no thread for it: that is no way there.
            None => self.connects.connect(id).map_err(|_| StreamError::Unreachable),
        };
        let (phase, due, socket) = match socket {
            Ok(socket) => (Phase::Opening, now + syn_gives_up(), Some(socket)),
            Err(error) => (Phase::Failing(error), now + Span::TICK, None),
        };
        let address = self.link.address();
        self.connections.push(Connection { id, address, phase, began: now, due, socket });
    }

    /// Why an attempt fails before anything is sent.
    fn prevents<O>(&self, cx: &Context<'_, O>) -> Option<StreamError> {
        let Some(access) = cx.config.access(self.link.carrying()) else {
            return Some(StreamError::Unreachable);
        };
        let literal = cx.config.connect_by == ConnectBy::Ipv4Literal;
        let nowhere = literal && access.ipv6_only && !cx.config.synthesises_literals;
        nowhere.then_some(StreamError::Unreachable)
    }

    /// The phone sends `bytes`.
    pub(super) fn send<O: Observer>(&mut self, id: u32, bytes: Vec<u8>, cx: &Context<'_, O>) {
        let round_trip = cx.config.access(self.link.carrying()).map(|access| {
            let latency = access.latency.median();
            latency + latency
        });
        let (link, now) = (self.link.address(), cx.now());
        let Some(connection) = self.find(id).filter(|known| known.phase == Phase::Open) else {
            return;
        };
        match &connection.socket {
            Some(socket) if connection.address == link => socket.write(bytes),
            // Nobody acknowledges it: the kernel sends it again until it gives up.
            Some(_) | None => {
                let tries = gives_up_after(End::Phone, round_trip.unwrap_or_default());
                connection.due = connection.due.min(now + tries);
            }
        }
    }

    /// The phone closes a connection.
    pub(super) fn finish(&mut self, id: u32) {
        let Some(index) = self.connections.iter().position(|known| known.id == id) else { return };
        let Connection { address, socket, .. } = self.connections.swap_remove(index);
        match socket {
            Some(socket) if address == self.link.address() => socket.finish(),
            gone => self.held.extend(gone),
        }
    }

    /// A socket learned something; answers the bytes that came.
    pub(super) fn news<O: Observer>(
        &mut self,
        id: u32,
        news: News,
        cx: &mut Context<'_, O>,
    ) -> Option<Vec<u8>> {
        let here = self.link.address();
        let connection = self.find(id).filter(|known| known.address == here)?;
        match (news, connection.phase) {
            (News::Established(port), Phase::Opening) => {
                (connection.phase, connection.due) = (Phase::Open, Time::NEVER);
                self.established.push((id, port));
                self.tell(id, SocketEvent::Established);
            }
            (News::Failed(error), Phase::Opening) => {
                connection.due = Time::NEVER;
                connection.phase = Phase::Over;
                self.failed(id, error, cx);
            }
            (News::Bytes(bytes), Phase::Open) => return Some(bytes),
            (News::Fin, Phase::Open) => self.tell(id, SocketEvent::Fin),
            (News::Reset, Phase::Open) => {
                (connection.phase, connection.due) = (Phase::Over, Time::NEVER);
                self.tell(id, SocketEvent::Reset);
            }
            (_, Phase::Opening | Phase::Open | Phase::Failing(_) | Phase::Over) => {}
        }
        None
    }

    /// A frame arrived on a connection.
    pub(super) fn frame(&mut self, connection: u32, frame: crate::port::Frame) {
        self.tell(connection, SocketEvent::Frame(frame));
    }

    /// The phone goes down and forgets every connection without a word.
    pub(super) fn phone_down<O: Observer>(&mut self, cx: &mut Context<'_, O>) {
        self.phone_wakes(cx.now());
        for connection in std::mem::take(&mut self.connections) {
            self.held.extend(connection.socket);
        }
        self.hold();
        if self.link.set_off(true) {
            self.reattach(cx);
        }
    }

    /// The phone is up again.
    pub(super) fn phone_up<O: Observer>(&mut self, cx: &mut Context<'_, O>) {
        if self.link.set_off(false) {
            self.reattach(cx);
        }
    }

    /// The device sleeps.
    pub(super) fn phone_sleeps(&mut self, now: Time) {
        self.asleep_since = Some(now);
    }

    /// It is awake: its kernel's timers go on.
    pub(super) fn phone_wakes(&mut self, now: Time) {
        let Some(since) = self.asleep_since.take() else { return };
        for connection in self.connections.iter_mut().filter(|known| known.due != Time::NEVER) {
            connection.due += now.since(since);
        }
    }

    pub(super) fn switch<O: Observer>(&mut self, to: Interface, cx: &mut Context<'_, O>) {
        self.link.want(to);
        if self.link.target() == to {
            self.reattach(cx);
        }
    }

    pub(super) fn airplane<O: Observer>(&mut self, on: bool, cx: &mut Context<'_, O>) {
        if self.link.set_airplane(on) {
            self.reattach(cx);
        }
    }

    pub(super) fn readdress<O: Observer>(&mut self, cx: &mut Context<'_, O>) {
        if self.link.readdress() {
            cx.probe.emit(What::AddressChanged {});
            self.out.push_back(Arrival::Address);
            self.hold();
        }
    }

    /// A telephone call begins or ends; what it does to data is beyond the phone.
    pub(super) fn voice_call<O: Observer>(&mut self, on: bool, cx: &mut Context<'_, O>) {
        if std::mem::replace(&mut self.voice_call, on) != on {
            let access = cx.config.access(self.link.carrying());
            let stalls = access.is_some_and(|access| access.voice_call_stalls_data);
            cx.probe.emit(What::VoiceCall { on, stalls });
        }
    }

    fn reattach<O: Observer>(&mut self, cx: &mut Context<'_, O>) {
        let now = cx.now();
        let attach = cx.config.access(self.link.target()).map_or(Span::ZERO, |access| {
            access.attach.sample(cx.draws.draw(Purpose::Attach, now, 0))
        });
        if let Some(interface) = self.link.reattach(attach, now) {
            self.interface_changed(interface, cx);
        }
        self.hold();
    }

    fn interface_changed<O: Observer>(&mut self, to: Interface, cx: &mut Context<'_, O>) {
        cx.probe.emit(What::InterfaceChanged { to });
        self.out.push_back(Arrival::Interface(to));
    }

    /// Connections of an address that is gone carry nothing any more, and nobody is told.
    fn hold(&mut self) {
        let here = self.link.address();
        for connection in self.connections.iter_mut().filter(|known| known.address != here) {
            if let Some(socket) = &connection.socket {
                socket.hold();
            }
            if connection.phase == Phase::Opening {
                connection.due = connection.began + syn_gives_up();
            }
        }
        self.held.iter().for_each(Socket::hold);
    }
}

/// How long the phone's kernel tries to connect.
fn syn_gives_up() -> Span {
    Span::from_secs(SYN_SECONDS.last().copied().unwrap_or_default())
}
