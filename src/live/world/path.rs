//! A phone's path over real sockets: its link, what stands in the way, and each connection. It decides nothing
//! that bytes decide; it sets the faults of the proxy by what steps do, and tells the phone what its sockets
//! learn.

use std::collections::VecDeque;
use std::rc::Rc;

use super::connection::{Connection, Phase, Stalled};
use super::relay::Relay;
use super::socket::{Inbox, News};
use crate::net::{Context, End, Faults, Host, Link, NatExpiry, Radio, Resolver, SYN_SECONDS};
use crate::os::SocketEvent;
use crate::port::{ConnectBy, Frame, Interface, Purpose, Span, StreamError, Time};
use crate::trace::{DeadCause, Observer, What};

/// What comes to the phone.
#[derive(Copy, Clone, PartialEq, Debug)]
pub(super) enum Arrival {
    Socket { connection: u32, event: SocketEvent },
    Interface(Interface),
    Address,
}

/// One device's path.
pub(super) struct Path {
    pub(super) device: u32,
    pub(super) link: Link,
    pub(super) faults: Faults,
    pub(super) radio: Radio,
    /// How much longer than others what is sent at this moment is under way: it found the radio idle.
    pub(super) late: (Time, Span),
    /// What a connectivity trace says in place of the preset.
    pub(super) measured: Option<(Interface, Span)>,
    pub(super) connections: Vec<Connection>,
    /// Connections that the phone closed while they were dead: their FIN is still to arrive.
    pub(super) leaving: Vec<Connection>,
    pub(super) relay: Relay,
    pub(super) inbox: Rc<Inbox>,
    pub(super) out: VecDeque<Arrival>,
    /// The phone's device sleeps, and its kernel's timers stand still.
    pub(super) asleep_since: Option<Time>,
    /// Why what happens from now on shows nothing, if something happened that a kernel decides.
    pub(super) blur: Option<&'static str>,
    pub(super) drawn: u64,
}

/// What was under way when a path that swallowed everything works again.
pub(super) const SENT_AGAIN: &str =
    "what was under way arrives when a kernel sends it again, and no kernel did";
/// A dead connection was used for longer than a kernel tries.
const GIVEN_UP: &str = "a kernel would have given a connection up by then, and no kernel did";

impl Path {
    pub(super) fn new(device: u32, interface: Interface, relay: Relay, inbox: Rc<Inbox>) -> Path {
        Path {
            device,
            link: Link::new(interface),
            faults: Faults::default(),
            radio: Radio::default(),
            late: (Time::ZERO, Span::ZERO),
            measured: None,
            connections: Vec::new(),
            leaving: Vec::new(),
            relay,
            inbox,
            out: VecDeque::new(),
            asleep_since: None,
            blur: None,
            drawn: 0,
        }
    }

    pub(super) fn arrival(&mut self) -> Option<Arrival> {
        self.out.pop_front()
    }

    pub(super) fn has_arrival(&self) -> bool {
        !self.out.is_empty()
    }

    pub(super) fn take_blur(&mut self) -> Option<&'static str> {
        self.blur.take()
    }

    /// When something is due next.
    pub(super) fn deadline(&self) -> Time {
        let asleep = self.asleep_since.is_some();
        let due = self.connections.iter().map(|connection| connection.due(asleep));
        let gives_up = self.leaving.iter().map(|connection| connection.gives_up);
        due.chain(gives_up).fold(self.link.attach_at(), Time::min)
    }

    /// Handles what is due.
    pub(super) fn advance<O: Observer>(&mut self, cx: &mut Context<O>) {
        let now = cx.probe.at;
        if self.link.attach_at() <= now {
            let interface = self.link.attached();
            self.interface_changed(interface, cx);
            self.renew(cx);
        }
        while let Some(index) = self.due(now) {
            self.connection_due(index, cx);
        }
        if self.leaving.iter().any(|connection| connection.gives_up <= now) {
            self.leaving.retain(|connection| connection.gives_up > now);
            self.blur = Some(GIVEN_UP);
        }
    }

    fn due(&self, now: Time) -> Option<usize> {
        let asleep = self.asleep_since.is_some();
        self.connections.iter().position(|known| known.due(asleep) <= now)
    }

    /// The phone's device sleeps.
    pub(super) fn phone_sleeps(&mut self, now: Time) {
        self.asleep_since = Some(now);
    }

    /// It is awake again: its kernel's timers go on.
    pub(super) fn phone_wakes(&mut self, now: Time) {
        if let Some(since) = self.asleep_since.take() {
            let slept = now.since(since);
            self.connections.iter_mut().for_each(|connection| connection.slept(slept));
        }
    }

    fn connection_due<O: Observer>(&mut self, index: usize, cx: &mut Context<O>) {
        let now = cx.probe.at;
        let blocked = self.blocks_syn(cx);
        let handshake = match self.connections[index].phase {
            Phase::Syn { .. } => self.crosses(End::Phone, cx) + self.crosses(End::Server, cx),
            Phase::Failing { .. }
            | Phase::Handshake { .. }
            | Phase::Opening
            | Phase::Open
            | Phase::Over => Span::ZERO,
        };
        let connection = &mut self.connections[index];
        let id = connection.id;
        match connection.phase {
            Phase::Failing { error, at } if at <= now => {
                connection.phase = Phase::Over;
                self.failed(index, error, cx);
            }
            Phase::Syn { first, sent, at } if at <= now => {
                let next = sent as usize + 1;
                connection.phase = match SYN_SECONDS.get(next) {
                    _ if !blocked => Phase::Handshake { at: now + handshake },
                    Some(seconds) => {
                        Phase::Syn { first, sent: sent + 1, at: first + Span::from_secs(*seconds) }
                    }
                    None => Phase::Over,
                };
                if blocked && next >= SYN_SECONDS.len() {
                    self.failed(index, StreamError::TimedOut, cx);
                }
            }
            Phase::Handshake { at } if at <= now => {
                connection.phase = Phase::Opening;
                let to = self.relay.address();
                let key = (self.device, id);
                connection.open(to, key, Rc::clone(&self.inbox));
            }
            Phase::Failing { .. }
            | Phase::Syn { .. }
            | Phase::Handshake { .. }
            | Phase::Opening
            | Phase::Open
            | Phase::Over => {}
        }
        if let Some(connection) = self.connections.get_mut(index)
            && connection.gives_up <= now
        {
            connection.gives_up = Time::NEVER;
            self.blur = Some(GIVEN_UP);
        }
    }

    fn failed<O: Observer>(&mut self, index: usize, error: StreamError, cx: &mut Context<O>) {
        let connection = self.connections.remove(index).id;
        cx.probe.emit(What::ConnectFailed { connection, error });
        self.tell(connection, SocketEvent::Failed(error));
    }

    fn tell(&mut self, connection: u32, event: SocketEvent) {
        self.out.push_back(Arrival::Socket { connection, event });
    }

    fn find(&mut self, id: u32) -> Option<&mut Connection> {
        self.connections.iter_mut().find(|known| known.id == id)
    }

    /// Whether a SYN that leaves now is not answered.
    fn blocks_syn<O>(&self, cx: &Context<O>) -> bool {
        let portal = self.faults.portal.is_some() && self.link.carrying() == Interface::Wifi;
        let silent = self.faults.silence() || (self.in_the_way(cx).is_some() && !portal);
        silent || cx.host == Host::Silent || cx.config.access(self.link.carrying()).is_none()
    }

    pub(super) fn in_the_way<O>(&self, cx: &Context<O>) -> Option<DeadCause> {
        let interface = self.link.carrying();
        let access = cx.config.access(interface)?;
        self.faults.in_the_way(interface, access).map(|(_, cause)| cause)
    }

    fn latency<O>(&mut self, cx: &Context<O>) -> Span {
        let interface = self.link.carrying();
        let measured = self.measured.filter(|(of, _)| *of == interface);
        self.drawn += 1;
        let draw = cx.draws.draw(Purpose::Latency, cx.probe.at, self.drawn);
        match (measured, cx.config.access(interface)) {
            (Some((_, latency)), _) => latency,
            (None, Some(access)) => access.latency.sample(draw),
            (None, None) => Span::TICK,
        }
    }

    /// Something sent by `from` crosses the path at this moment: how long that takes, and the radio works.
    fn crosses<O>(&mut self, from: End, cx: &Context<O>) -> Span {
        let now = cx.probe.at;
        let latency = self.latency(cx);
        let Some(access) = cx.config.access(self.link.carrying()) else { return latency };
        if self.late.0 != now {
            self.late = (now, Span::ZERO);
        }
        if self.radio.idle(now) {
            let idle = access.radio_idle_delay.sample(cx.draws.draw(Purpose::RadioIdle, now, 0));
            let paging = match from {
                End::Phone => Span::ZERO,
                End::Server => {
                    access.radio_paging_delay.sample(cx.draws.draw(Purpose::Paging, now, 0))
                }
            };
            self.late.1 = idle + paging;
        }
        match from {
            End::Phone => self.radio.touch(access, now),
            End::Server => {}
        }
        latency + self.late.1
    }

    /// The phone received something.
    fn received<O>(&mut self, cx: &Context<O>) {
        if let Some(access) = cx.config.access(self.link.carrying()) {
            self.radio.touch(access, cx.probe.at);
        }
    }

    /// Energy of the radio above idle until `now`, in nanojoules: the model, by what really crossed the path.
    pub(super) fn radio_energy(&self, now: Time) -> u64 {
        self.radio.energy(now)
    }

    /// The phone asks for a connection.
    pub(super) fn connect<O: Observer>(&mut self, id: u32, cx: &mut Context<O>) {
        cx.probe.emit(What::Connecting { connection: id });
        let now = cx.probe.at;
        let phase = match self.prevents(cx) {
            Some((error, after)) => Phase::Failing { error, at: now + after.max(Span::TICK) },
            None => Phase::Syn { first: now, sent: 0, at: now },
        };
        self.connections.push(Connection::new(id, self.link.address(), phase, now));
    }

    /// Why an attempt fails before anything is sent to the server, and how soon.
    fn prevents<O>(&mut self, cx: &Context<O>) -> Option<(StreamError, Span)> {
        let Some(access) = cx.config.access(self.link.carrying()) else {
            return Some((StreamError::Unreachable, Span::TICK));
        };
        match cx.config.connect_by {
            ConnectBy::Name => match self.faults.resolver? {
                Resolver::Fails => {
                    Some((StreamError::NotResolved, self.latency(cx) + self.latency(cx)))
                }
                Resolver::Silent => Some((StreamError::NotResolved, cx.config.resolver_timeout)),
            },
            ConnectBy::Ipv4Literal => (access.ipv6_only && !cx.config.synthesises_literals)
                .then_some((StreamError::Unreachable, Span::TICK)),
        }
    }

    /// The phone sends a frame, which is `bytes`.
    pub(super) fn send<O: Observer>(
        &mut self,
        id: u32,
        frame: Frame,
        bytes: Vec<u8>,
        cx: &mut Context<O>,
    ) {
        let now = cx.probe.at;
        let Some(connection) = self.find(id) else { return };
        if connection.write(bytes) {
            let from = End::Phone.as_str();
            cx.probe.emit(What::Sent { connection: id, from, frame });
            self.under_way(id, End::Phone, now, cx);
        }
    }

    /// What a dialect answers by itself.
    pub(super) fn answer(&mut self, id: u32, bytes: Vec<u8>) {
        if let Some(connection) = self.find(id).filter(|_| !bytes.is_empty()) {
            connection.write(bytes);
        }
    }

    /// An end sent something: on a path that swallows it, its kernel begins to send it again.
    pub(super) fn under_way<O>(&mut self, id: u32, from: End, now: Time, cx: &Context<O>) {
        let dead = self.find(id).is_some_and(|connection| connection.dead.is_some());
        let latency = self.latency(cx);
        // Before the proxy reads it: that happens when this thread waits.
        let _ = self.crosses(from, cx);
        self.set_relay(cx);
        let stalled = Stalled { from, since: now, round_trip: latency + latency };
        if dead && let Some(connection) = self.find(id) {
            connection.stalls(stalled);
        } else if let Some(connection) = self.leaving.iter_mut().find(|known| known.id == id) {
            connection.stalls(stalled);
        }
    }

    /// The phone closes a connection.
    pub(super) fn finish<O: Observer>(&mut self, id: u32, reset: bool, cx: &mut Context<O>) {
        let Some(index) = self.connections.iter().position(|known| known.id == id) else { return };
        let mut connection = self.connections.remove(index);
        let swallowed = connection.dead.is_some() && !connection.told;
        if connection.close(reset) {
            if swallowed && connection.server_open {
                connection.stalled[End::Phone as usize] = None;
                self.leaving.push(connection);
            }
            let (side, how) = (End::Phone.as_str(), crate::trace::ConnectionEnd::Closed);
            cx.probe.emit(What::Ended { connection: id, side, how });
        }
    }

    /// The phone goes down and forgets every connection without a word.
    pub(super) fn phone_down<O: Observer>(&mut self, cx: &mut Context<O>) {
        for mut connection in std::mem::take(&mut self.connections) {
            if let Some(local) = connection.local {
                self.relay.silence(local);
            }
            connection.judge(Some(DeadCause::Process), cx);
            connection.forgotten = Some(DeadCause::Process);
            if connection.server_open {
                self.leaving.push(connection);
            }
        }
        self.phone_wakes(cx.probe.at);
        if self.link.set_off(true) {
            self.reattach(cx);
        }
    }

    /// The phone is up again.
    pub(super) fn phone_up<O: Observer>(&mut self, cx: &mut Context<O>) {
        if self.link.set_off(false) {
            self.reattach(cx);
        }
    }

    /// The phone's kernel learns something of a socket; answers the bytes that came.
    pub(super) fn news<O: Observer>(
        &mut self,
        id: u32,
        news: News,
        cx: &mut Context<O>,
    ) -> Option<Vec<u8>> {
        let now = cx.probe.at;
        let connection = self.find(id)?;
        match news {
            News::Established(local) => {
                let took = now.since(connection.began);
                connection.established(local);
                cx.probe.emit(What::Established { connection: id, took });
                self.tell(id, SocketEvent::Established);
                self.renew(cx);
            }
            News::Failed(error) => {
                let index = self.connections.iter().position(|known| known.id == id)?;
                self.failed(index, error, cx);
            }
            News::Bytes(bytes) => {
                self.received(cx);
                return Some(bytes);
            }
            News::Fin => self.told(id, SocketEvent::Fin, crate::trace::ConnectionEnd::Fin, cx),
            News::Reset => {
                self.told(id, SocketEvent::Reset, crate::trace::ConnectionEnd::Reset, cx);
            }
        }
        None
    }

    fn told<O: Observer>(
        &mut self,
        id: u32,
        event: SocketEvent,
        how: crate::trace::ConnectionEnd,
        cx: &mut Context<O>,
    ) {
        if let Some(connection) = self.find(id) {
            connection.told = true;
            connection.forgotten = None;
        }
        let side = End::Phone.as_str();
        cx.probe.emit(What::Ended { connection: id, side, how });
        self.tell(id, event);
    }

    /// A frame came on a connection.
    pub(super) fn frame<O: Observer>(&mut self, id: u32, frame: Frame, cx: &mut Context<O>) {
        let (from, how) = (End::Server.as_str(), crate::trace::Delivery::First);
        cx.probe.emit(What::Arrived { connection: id, from, frame, how });
        self.tell(id, SocketEvent::Frame(frame));
    }

    /// The connection of this address at the phone.
    pub(super) fn by_local(&self, local: std::net::SocketAddr) -> Option<u32> {
        self.connections.iter().find(|known| known.local == Some(local)).map(|known| known.id)
    }

    /// The newest connection that is established.
    pub(super) fn newest(&self) -> Option<u32> {
        let open = self.connections.iter().rev().find(|known| known.phase == Phase::Open);
        open.map(|connection| connection.id)
    }

    /// Whether a frame of the server would arrive at the phone.
    pub(super) fn usable(&self, id: u32) -> bool {
        self.connections.iter().any(|known| known.id == id && known.usable())
    }

    /// The server has given up a connection: it is dead, whether or not the phone hears of it.
    pub(super) fn server_closed(&mut self, id: u32) {
        if let Some(connection) = self.find(id) {
            connection.server_open = false;
            connection.stalled[End::Server as usize] = None;
        }
        self.leaving.retain(|connection| connection.id != id);
    }

    /// The server has a session on a connection.
    pub(super) fn server_opened(&mut self, id: u32) {
        if let Some(connection) = self.find(id) {
            connection.server_open = true;
        }
    }

    /// The server's host goes away and forgets every connection; what comes when it is back is answered by RST.
    pub(super) fn host_vanishes<O: Observer>(&mut self, cx: &mut Context<O>) {
        for connection in &mut self.connections {
            if let Some(local) = connection.local {
                self.relay.forget_server(local);
            }
            if connection.phase == Phase::Open {
                connection.forgotten = connection.forgotten.or(Some(DeadCause::Server));
                connection.judge(connection.forgotten, cx);
            }
        }
    }

    /// The NAT forgot the connection between these ends.
    pub(super) fn nat_forgot<O: Observer>(&mut self, id: u32, idle: Span, cx: &mut Context<O>) {
        let on_expiry = cx.config.access(self.link.carrying()).map(|access| access.nat_on_expiry);
        cx.probe.emit(What::NatForgot { connection: id, idle });
        if let Some(connection) = self.find(id)
            && on_expiry != Some(NatExpiry::Recreate)
        {
            connection.nat_gone = true;
        }
        self.judge_all(cx);
    }
}
