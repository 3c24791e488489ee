//! One device's path to the server: what it is asked, what it says, and when something is due.

use std::collections::VecDeque;

use super::End;
use super::connection::{Around, Connection};
use super::context::Context;
use super::faults::{Faults, Portal, Resolver};
use super::flow::Flow;
use super::nat::Binding;
use super::path::Path;
use crate::port::{Frame, Interface, Purpose, Span, StreamError, Time};
use crate::trace::{DeadCause, Observer, What};

/// What comes out of the path.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Output {
    /// The phone's kernel learns something about a connection.
    Phone {
        /// The connection.
        connection: u32,
        /// What it learns.
        event: PhoneEvent,
    },
    /// The server's kernel learns something about a connection.
    Server {
        /// The connection.
        connection: u32,
        /// What it learns.
        event: ServerEvent,
    },
    /// Another interface carries traffic now, or none.
    Interface(Interface),
    /// The phone's address changed under the same interface.
    Address,
}

/// What the phone's kernel learns about a connection.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum PhoneEvent {
    /// It is established.
    Established,
    /// It could not be made: refused, timed out, unreachable or not resolved.
    Failed(StreamError),
    /// A frame arrived.
    Frame(Frame),
    /// The server closed: FIN.
    Fin,
    /// The server, or a NAT, does not know the connection: RST.
    Reset,
    /// The server did not answer for as long as the stack tries: `ETIMEDOUT`.
    TimedOut,
}

/// What the server's kernel learns about a connection.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum ServerEvent {
    /// The phone asks for it, and it is granted.
    Accepted,
    /// A datagram comes from a UDP socket that the server does not know; it follows.
    FirstDatagram,
    /// A frame arrived.
    Frame(Frame),
    /// The phone closed: FIN.
    Fin,
    /// The phone does not know the connection: RST.
    Reset,
    /// The phone did not answer for as long as the stack tries: `ETIMEDOUT`.
    TimedOut,
}

/// One device's path to the server. Connections are named by the number that the phone gives to each;
/// a connection is forgotten when neither end holds it and nothing of it is under way.
#[derive(Clone, Debug)]
pub struct Net {
    pub(super) path: Path,
    pub(super) connections: Vec<Connection>,
    /// UDP sockets.
    pub(super) flows: Vec<Flow>,
    output: VecDeque<Output>,
    pub(super) phone_asleep_since: Option<Time>,
    deadline: Time,
}

impl Net {
    /// A path on which `interface` carries traffic from the beginning.
    pub fn new(interface: Interface) -> Net {
        Net {
            path: Path::new(interface),
            connections: Vec::new(),
            flows: Vec::new(),
            output: VecDeque::new(),
            phone_asleep_since: None,
            deadline: Time::NEVER,
        }
    }

    /// The interface that carries traffic: none in airplane mode and while one is attaching.
    pub fn interface(&self) -> Interface {
        self.path.link.carrying()
    }

    /// When something is due next; [`Time::NEVER`] if nothing is.
    #[inline]
    pub fn deadline(&self) -> Time {
        self.deadline
    }

    /// Whether something came out that was not taken.
    #[inline]
    pub fn has_output(&self) -> bool {
        !self.output.is_empty()
    }

    /// The next thing that came out, in order.
    #[inline]
    pub fn output(&mut self) -> Option<Output> {
        self.output.pop_front()
    }

    /// Handles one thing that is due at `cx.probe.at`; nothing if nothing is.
    #[inline]
    pub fn advance<O: Observer>(&mut self, cx: &mut Context<O>) {
        let now = cx.probe.at;
        if self.path.link.attach_at() <= now {
            let interface = self.path.link.attached();
            self.interface_changed(interface, cx);
            self.update_deadline();
        } else if let Some(index) = self.connections.iter().position(|known| known.due <= now) {
            self.on(index, cx, |connection, around| connection.advance(around));
        } else if let Some(flow) = self.flows.iter().find(|flow| flow.next_due() <= now) {
            self.on_flow(flow.id, cx, |flow, around| flow.advance(around));
        }
    }

    /// The phone opens a UDP socket to the server. Nothing is sent, and the server's address is taken as known:
    /// names that do not resolve and networks that carry IPv6 only concern TCP connections alone.
    pub fn open_datagrams<O: Observer>(&mut self, connection: u32, cx: &mut Context<O>) {
        let nat = Binding::datagrams(cx.config.access(self.interface()));
        self.flows.push(Flow::new(connection, &self.path, nat));
    }

    /// The server is known to have given up a connection at this moment, without the phone hearing of it
    /// by itself: nothing for a TCP connection, which tells both ends.
    pub fn known_dead(&mut self, connection: u32, cause: DeadCause) {
        if let Some(flow) = self.flows.iter_mut().find(|flow| flow.id == connection) {
            flow.known_dead(cause);
        }
    }

    /// The phone asks for a connection: SYN, or failure before that when there is no interface, no address
    /// for the server's name, or no way for the kind of address.
    pub fn connect<O: Observer>(&mut self, connection: u32, cx: &mut Context<O>) {
        cx.probe.emit(What::Connecting { connection });
        let now = cx.probe.at;
        let access = cx.config.access(self.interface());
        let made = Connection::new(connection, &self.path, Binding::new(access), now);
        let prevented = self.path.prevents(cx);
        self.connections.push(made);
        self.on(self.connections.len() - 1, cx, |connection, around| match prevented {
            None => connection.syn(around),
            Some((error, after)) => connection.fails(error, after, now),
        });
    }

    /// The end `from` sends a frame; nothing happens if it does not hold the connection.
    #[inline]
    pub fn send<O: Observer>(
        &mut self,
        from: End,
        connection: u32,
        frame: Frame,
        cx: &mut Context<O>,
    ) {
        if !self.on_flow(connection, cx, |flow, around| flow.send(from, frame, around)) {
            self.on_id(connection, cx, |connection, around| connection.send(from, frame, around));
        }
    }

    /// The end `from` closes: FIN behind all it sent; what the peer sends later is answered by RST.
    pub fn finish<O: Observer>(&mut self, from: End, connection: u32, cx: &mut Context<O>) {
        if !self.on_flow(connection, cx, |flow, around| flow.forget(from, around)) {
            self.on_id(connection, cx, |connection, around| connection.finish(from, around));
        }
    }

    /// The end `from` drops the connection: one RST, and whatever it had to send is gone.
    pub fn reset<O: Observer>(&mut self, from: End, connection: u32, cx: &mut Context<O>) {
        if !self.on_flow(connection, cx, |flow, around| flow.forget(from, around)) {
            self.on_id(connection, cx, |connection, around| connection.reset(from, around));
        }
    }

    /// The host at `end` forgets all connections without a word. What arrives there later is answered
    /// by RST if the host is up, else by nothing.
    pub fn vanish<O: Observer>(&mut self, end: End, cause: DeadCause, cx: &mut Context<O>) {
        self.on_each(cx, |connection, around| connection.vanish(end, cause, around));
        self.on_each_flow(cx, |flow, around| flow.forget(end, around));
    }

    /// `cx.host` may have changed: connections to a host that is away are dead.
    pub fn host_changed<O: Observer>(&mut self, cx: &mut Context<O>) {
        self.judge_all(cx);
    }

    /// The phone's device sleeps: its kernel's timers stand still until [`Net::phone_wakes`].
    pub fn phone_sleeps<O: Observer>(&mut self, cx: &mut Context<O>) {
        self.phone_asleep_since = Some(cx.probe.at);
        self.on_each(cx, |connection, _| connection.phone_sleeps());
    }

    /// The phone's device is awake again.
    pub fn phone_wakes<O: Observer>(&mut self, cx: &mut Context<O>) {
        if let Some(since) = self.phone_asleep_since.take() {
            self.on_each(cx, |connection, around| connection.phone_wakes(since, around));
        }
    }

    /// Another interface is there, or none. Until it is attached none carries traffic, and connections
    /// of the old address are dead for good.
    pub fn switch<O: Observer>(&mut self, to: Interface, cx: &mut Context<O>) {
        self.path.link.want(to);
        if self.path.link.target() == to {
            self.reattach(cx);
        }
    }

    /// Airplane mode: no interface while it is on; the one before, under a new address, when it is off.
    pub fn airplane<O: Observer>(&mut self, on: bool, cx: &mut Context<O>) {
        if self.path.link.set_airplane(on) {
            self.reattach(cx);
        }
    }

    /// The phone goes down and forgets every connection without a word; no interface carries traffic.
    pub fn phone_down<O: Observer>(&mut self, cx: &mut Context<O>) {
        self.vanish(End::Phone, DeadCause::Process, cx);
        self.phone_wakes(cx);
        if self.path.link.set_off(true) {
            self.reattach(cx);
        }
    }

    /// The phone is up again: its interface attaches, under a new address.
    pub fn phone_up<O: Observer>(&mut self, cx: &mut Context<O>) {
        if self.path.link.set_off(false) {
            self.reattach(cx);
        }
    }

    /// The phone's own address changes while the interface carries traffic all the time: a new lease of
    /// the access point, another address from the carrier. Connections of the old one are dead for good.
    /// A NAT that moves its side of the binding is [`Net::nat_forget`].
    pub fn readdress<O: Observer>(&mut self, cx: &mut Context<O>) {
        if self.path.link.readdress() {
            cx.probe.emit(What::AddressChanged {});
            self.output.push_back(Output::Address);
            self.judge_all(cx);
        }
    }

    /// The path swallows everything in both directions, or works again.
    pub fn silence<O: Observer>(&mut self, on: bool, cx: &mut Context<O>) {
        self.silenced(|faults| faults.silent = on, cx);
    }

    /// One of the reasons for silence changes; told when that makes a difference.
    pub(super) fn silenced<O: Observer>(
        &mut self,
        change: impl FnOnce(&mut Faults),
        cx: &mut Context<O>,
    ) {
        let before = self.path.faults.silence();
        change(&mut self.path.faults);
        let silent = self.path.faults.silence();
        if silent != before {
            cx.probe.emit(What::PathChanged { silent });
            self.judge_all(cx);
        }
    }

    /// The Wi-Fi loses its way to the internet or has it again. The phone stays associated and is told
    /// nothing; over the cellular network all is well.
    pub fn internet<O: Observer>(&mut self, on: bool, cx: &mut Context<O>) {
        if std::mem::replace(&mut self.path.faults.no_internet, !on) == on {
            cx.probe.emit(What::InternetChanged { on });
            self.judge_all(cx);
        }
    }

    /// A captive portal stands between the Wi-Fi and the internet, or no more.
    pub fn captive_portal<O: Observer>(&mut self, portal: Option<Portal>, cx: &mut Context<O>) {
        if std::mem::replace(&mut self.path.faults.portal, portal) != portal {
            cx.probe.emit(What::PortalChanged { on: portal.is_some() });
            self.judge_all(cx);
        }
    }

    /// Names are not resolved any more, or again.
    pub fn dns<O: Observer>(&mut self, resolver: Option<Resolver>, cx: &mut Context<O>) {
        if std::mem::replace(&mut self.path.faults.resolver, resolver) != resolver {
            let on = resolver.is_none();
            cx.probe.emit(What::DnsChanged { on });
            if on {
                self.on_each(cx, |connection, around| connection.resolved(around));
            }
        }
    }

    /// The phone begins or ends a telephone call; on some networks data stands still meanwhile.
    pub fn voice_call<O: Observer>(&mut self, on: bool, cx: &mut Context<O>) {
        if std::mem::replace(&mut self.path.faults.voice_call, on) != on {
            let access = cx.config.access(self.interface());
            let stalls = access.is_some_and(|access| access.voice_call_stalls_data);
            cx.probe.emit(What::VoiceCall { on, stalls });
            self.judge_all(cx);
        }
    }

    /// The NAT forgets every connection now, as when it is restarted.
    pub fn nat_forget<O: Observer>(&mut self, cx: &mut Context<O>) {
        self.on_each(cx, |connection, around| connection.nat_forgets(around));
        self.on_each_flow(cx, |flow, around| flow.nat_forgets(around));
    }

    /// Whether a frame sent by the server now would arrive at the phone's kernel at the first try, luck
    /// aside.
    #[inline]
    pub fn usable(&self, connection: u32) -> bool {
        self.connections.iter().any(|known| known.id == connection && known.usable())
            || self.flows.iter().any(|flow| flow.id == connection && flow.usable())
    }

    /// Nanojoules that the radio took above idle up to `now`.
    pub fn radio_energy(&self, now: Time) -> u64 {
        self.path.radio.energy(now)
    }

    /// How many connections are remembered.
    #[cfg(test)]
    pub(super) fn known(&self) -> usize {
        self.connections.len()
    }

    /// Leaves the interface, and its address, for the one that should carry traffic.
    pub(super) fn reattach<O: Observer>(&mut self, cx: &mut Context<O>) {
        let now = cx.probe.at;
        let attach = cx.config.access(self.path.link.target()).map_or(Span::ZERO, |access| {
            access.attach.sample(cx.draws.draw(Purpose::Attach, now, 0))
        });
        self.reattach_within(attach, cx);
    }

    /// The same, with the time that attaching takes.
    pub(super) fn reattach_within<O: Observer>(&mut self, attach: Span, cx: &mut Context<O>) {
        let now = cx.probe.at;
        self.path.radio.leave(now);
        if let Some(interface) = self.path.link.reattach(attach, now) {
            self.interface_changed(interface, cx);
        }
        self.judge_all(cx);
    }

    fn interface_changed<O: Observer>(&mut self, to: Interface, cx: &mut Context<O>) {
        cx.probe.emit(What::InterfaceChanged { to });
        self.output.push_back(Output::Interface(to));
    }

    /// Whether each can carry anything may have changed.
    fn judge_all<O: Observer>(&mut self, cx: &mut Context<O>) {
        self.on_each(cx, |connection, around| connection.judge(around));
        self.on_each_flow(cx, |flow, around| flow.judge(around));
    }

    /// Lets `act` work on the UDP socket named `id`; answers whether there is one.
    #[inline]
    fn on_flow<'a, O: Observer>(
        &mut self,
        id: u32,
        cx: &mut Context<'a, O>,
        act: impl FnOnce(&mut Flow, &mut Around<'_, 'a, O>),
    ) -> bool {
        let Some(index) = self.flows.iter().position(|flow| flow.id == id) else { return false };
        let flow = &mut self.flows[index];
        act(flow, &mut Around { path: &mut self.path, output: &mut self.output, cx });
        if flow.over() {
            self.flows.remove(index);
        }
        self.update_deadline();
        true
    }

    fn on_each_flow<'a, O: Observer>(
        &mut self,
        cx: &mut Context<'a, O>,
        act: impl Fn(&mut Flow, &mut Around<'_, 'a, O>),
    ) {
        if self.flows.is_empty() {
            return;
        }
        for flow in &mut self.flows {
            act(flow, &mut Around { path: &mut self.path, output: &mut self.output, cx });
        }
        self.flows.retain(|flow| !flow.over());
        self.update_deadline();
    }

    /// Lets `act` work on the connection named `id`, if it is known.
    #[inline]
    fn on_id<'a, O: Observer>(
        &mut self,
        id: u32,
        cx: &mut Context<'a, O>,
        act: impl FnOnce(&mut Connection, &mut Around<'_, 'a, O>),
    ) {
        if let Some(index) = self.connections.iter().position(|known| known.id == id) {
            self.on(index, cx, act);
        }
    }

    #[inline]
    fn on<'a, O: Observer>(
        &mut self,
        index: usize,
        cx: &mut Context<'a, O>,
        act: impl FnOnce(&mut Connection, &mut Around<'_, 'a, O>),
    ) {
        let connection = &mut self.connections[index];
        act(connection, &mut Around { path: &mut self.path, output: &mut self.output, cx });
        connection.due = connection.next_due();
        if connection.over() {
            self.connections.remove(index);
        }
        self.update_deadline();
    }

    fn on_each<'a, O: Observer>(
        &mut self,
        cx: &mut Context<'a, O>,
        act: impl Fn(&mut Connection, &mut Around<'_, 'a, O>),
    ) {
        for connection in &mut self.connections {
            act(connection, &mut Around { path: &mut self.path, output: &mut self.output, cx });
            connection.due = connection.next_due();
        }
        self.connections.retain(|connection| !connection.over());
        self.update_deadline();
    }

    #[inline]
    fn update_deadline(&mut self) {
        let due = self.connections.iter().map(|connection| connection.due);
        let due = due.chain(self.flows.iter().map(Flow::next_due));
        self.deadline = due.fold(self.path.link.attach_at(), Time::min);
    }
}
