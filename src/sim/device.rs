//! One device: phone, app, path, and its session in the server, as one value that can be moved.

use crate::net::{self, End, Host, Net, NetConfig, PhoneEvent, ServerEvent};
use crate::os::{self, Delivery, Gate, Handle, Os, SocketEvent};
use crate::platform::Profile;
use crate::port::{App, Draws, Interface, Time, Transport};
use crate::server::{self, DropHow, ServerOptions, Session};
use crate::trace::{ConnectionEnd, DeadCause, Observer, Probe, RestartKind, Unreachable, What};

/// What a world is like: immutable, shared by all its devices.
#[derive(Clone, Debug)]
pub struct Setup {
    /// What this iOS version allows.
    pub profile: Profile,
    /// What the system grants the app of the legacy VoIP architecture.
    pub gate: Gate,
    /// The networks.
    pub net: NetConfig,
    /// The interface at the beginning.
    pub interface: Interface,
    /// The server's options.
    pub server: ServerOptions,
    /// The seed of all chance.
    pub seed: u64,
}

/// One device.
#[derive(Clone, Debug)]
pub struct Device<A> {
    number: u32,
    draws: Draws,
    os: Os,
    app: A,
    net: Net,
    session: Session,
    seq: u64,
    reach: Unreachable,
}

/// The device's rooms, each with what it needs for one call.
struct Rooms<'a, A, O> {
    app: &'a mut A,
    os: &'a mut Os,
    net: &'a mut Net,
    session: &'a mut Session,
    scope: Scope<'a, O>,
}

/// What every room is lent: the setup, the moment, and the way to the observer.
struct Scope<'a, O> {
    setup: &'a Setup,
    host: Host,
    draws: Draws,
    probe: Probe<'a, O>,
}

impl<O: Observer> Scope<'_, O> {
    fn probe(&mut self) -> Probe<'_, O> {
        let Probe { at, owner, .. } = self.probe;
        Probe { observer: self.probe.observer, at, owner, seq: self.probe.seq }
    }

    #[inline]
    fn os(&mut self) -> os::Context<'_, O> {
        let Setup { profile, gate, .. } = self.setup;
        os::Context { profile, gate: *gate, draws: self.draws, probe: self.probe() }
    }

    #[inline]
    fn net(&mut self) -> net::Context<'_, O> {
        let config = &self.setup.net;
        net::Context { config, host: self.host, draws: self.draws, probe: self.probe() }
    }

    #[inline]
    fn server(&mut self) -> server::Context<'_, O> {
        server::Context { options: &self.setup.server, probe: self.probe() }
    }
}

/// A device at one moment: what can be done to it. What follows from it happens before this returns to
/// the world.
pub struct Moment<'a, A: App, O: Observer> {
    rooms: Rooms<'a, A, O>,
    reach: &'a mut Unreachable,
}

impl<A: App> Device<A> {
    pub(super) fn new(number: u32, app: A, setup: &Setup) -> Device<A> {
        Device {
            number,
            draws: Draws::new(setup.seed, number),
            os: Os::new(setup.interface),
            app,
            net: Net::new(setup.interface),
            session: Session::new(number),
            seq: 0,
            reach: Unreachable::NotRunning,
        }
    }

    /// The device's number; counts from 1.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// The phone.
    pub fn os(&self) -> &Os {
        &self.os
    }

    /// The path.
    pub fn net(&self) -> &Net {
        &self.net
    }

    /// The device's session in the server.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Whether a push sent now would be received, or why not.
    pub fn reach(&self) -> Unreachable {
        self.reach
    }

    /// The app.
    pub fn app(&self) -> &A {
        &self.app
    }

    /// Energy of the radio above idle until `now`, in nanojoules.
    pub fn radio_energy(&self, now: Time) -> u64 {
        self.net.radio_energy(now)
    }

    /// When something is due next.
    #[inline]
    pub fn deadline(&self) -> Time {
        self.os.deadline().min(self.net.deadline()).min(self.session.deadline())
    }

    pub(super) fn at<'a, O: Observer>(
        &'a mut self,
        at: Time,
        host: Host,
        setup: &'a Setup,
        observer: &'a mut O,
    ) -> Moment<'a, A, O> {
        let probe = Probe { observer, at, owner: self.number, seq: &mut self.seq };
        let scope = Scope { setup, host, draws: self.draws, probe };
        let rooms = Rooms {
            app: &mut self.app,
            os: &mut self.os,
            net: &mut self.net,
            session: &mut self.session,
            scope,
        };
        Moment { rooms, reach: &mut self.reach }
    }
}

impl<A: App, O: Observer> Moment<'_, A, O> {
    /// Lets one thing that is due happen. What arrives comes before what the server does, and both
    /// before what the phone decides at the same moment.
    #[inline]
    pub(super) fn advance(&mut self) {
        let rooms = &mut self.rooms;
        let now = rooms.scope.probe.at;
        if rooms.net.deadline() <= now {
            rooms.net.advance(&mut rooms.scope.net());
        } else if rooms.session.deadline() <= now {
            rooms.session.advance(&mut rooms.scope.server());
        } else {
            rooms.os.advance(&mut rooms.scope.os());
        }
        self.settle();
    }

    /// Does something to the phone.
    pub fn os(&mut self, act: impl FnOnce(&mut Os, &mut os::Context<'_, O>)) {
        act(self.rooms.os, &mut self.rooms.scope.os());
        self.settle();
    }

    /// Does something to the path.
    pub fn net(&mut self, act: impl FnOnce(&mut Net, &mut net::Context<'_, O>)) {
        act(self.rooms.net, &mut self.rooms.scope.net());
        self.settle();
    }

    /// Does something to the device's session in the server.
    pub fn session(&mut self, act: impl FnOnce(&mut Session, &mut server::Context<'_, O>)) {
        act(self.rooms.session, &mut self.rooms.scope.server());
        self.settle();
    }

    /// What was broken on purpose is whole again: the path, and a media stream ends.
    pub(super) fn heal(&mut self) {
        let beginning = self.rooms.scope.setup.interface;
        self.net(|net, cx| net.heal(beginning, cx));
        self.session(|session, cx| session.media(false, None, cx));
    }

    /// The device's probe, for an event that no room reports.
    pub fn emit(&mut self, what: What) {
        self.rooms.scope.probe.emit(what);
    }

    /// The server goes down or drains.
    pub(super) fn server_down(&mut self, how: RestartKind) {
        let rooms = &mut self.rooms;
        match how {
            // The host's kernel ends every connection at once: from now on they are dead.
            RestartKind::Process => rooms.session_dies(),
            RestartKind::HostDown => {
                rooms.net.vanish(End::Server, DeadCause::Server, &mut rooms.scope.net());
            }
            RestartKind::Drain => {}
        }
        rooms.session.down(how, &mut rooms.scope.server());
        rooms.net.host_changed(&mut rooms.scope.net());
        self.settle();
    }

    /// The server drops the device's connection: whatever the phone hears of it, it is dead.
    pub fn drop_connection(&mut self, how: DropHow) {
        let rooms = &mut self.rooms;
        rooms.session_dies();
        self.session(|session, cx| session.drop_connection(how, cx));
    }

    /// The server serves again.
    pub(super) fn server_up(&mut self) {
        self.rooms.session.up(&mut self.rooms.scope.server());
        self.rooms.net.host_changed(&mut self.rooms.scope.net());
        self.settle();
    }

    /// Carries what the rooms have to say to each other until nobody has anything to say.
    #[inline]
    fn settle(&mut self) {
        let rooms = &mut self.rooms;
        while !rooms.quiet() {
            rooms.deliver();
            rooms.carry_requests();
            rooms.carry_arrivals();
            rooms.carry_replies();
        }
        self.judge_reach();
    }

    /// Whether a push sent now would be received; told when it changes.
    #[inline]
    fn judge_reach(&mut self) {
        let rooms = &mut self.rooms;
        let why = if rooms.scope.host != Host::Up {
            Unreachable::ServerDown
        } else {
            let options = &rooms.scope.setup.server;
            match (rooms.session.route(options), rooms.session.waker(options)) {
                (Some(route), Some(waker))
                    if rooms.net.usable(route) && (waker == route || rooms.net.usable(waker)) =>
                {
                    rooms
                        .os
                        .would_receive(route, waker, &rooms.scope.os())
                        .err()
                        .unwrap_or(Unreachable::Reachable)
                }
                (Some(_), _) => Unreachable::ConnectionDead,
                (None, _) if rooms.session.registration_expired() => Unreachable::NotRegistered,
                (None, _) => Unreachable::NoSession,
            }
        };
        if why != *self.reach {
            *self.reach = why;
            let reachable = why == Unreachable::Reachable;
            rooms.scope.probe.emit(What::Reachable { reachable, why });
        }
    }
}

impl<A: App, O: Observer> Rooms<'_, A, O> {
    /// Whether no room has anything to say to another.
    #[inline]
    fn quiet(&self) -> bool {
        !self.os.has_delivery()
            && !self.os.has_output()
            && !self.net.has_output()
            && !self.session.has_output()
    }

    /// The server ends the session's connections at this moment.
    fn session_dies(&mut self) {
        let cause = DeadCause::Server;
        for connection in self.session.connection().into_iter().chain(self.session.side()) {
            self.net.known_dead(connection, cause);
            self.scope.probe.emit(What::ConnectionDead { connection, cause });
        }
    }

    /// What the phone has to tell the app.
    #[inline]
    fn deliver(&mut self) {
        let mut cx = self.scope.os();
        while let Some(delivery) = self.os.next_delivery(&mut cx) {
            match delivery {
                Delivery::Forget => self.app.forget(),
                Delivery::Callback(callback) => {
                    self.app.on(callback, &mut Handle::new(self.os, &mut cx));
                    self.os.turn_over(&mut cx);
                }
            }
        }
    }

    /// What the phone wants of the network.
    #[inline]
    fn carry_requests(&mut self) {
        while let Some(output) = self.os.output() {
            let cx = &mut self.scope.net();
            match output {
                os::Output::Connect { connection } => self.net.connect(connection, cx),
                os::Output::OpenDatagrams { connection } => {
                    self.net.open_datagrams(connection, cx);
                }
                os::Output::Send { connection, frame } => {
                    self.net.send(End::Phone, connection, frame, cx);
                }
                os::Output::Finish { connection } => self.net.finish(End::Phone, connection, cx),
                os::Output::Reset { connection } => self.net.reset(End::Phone, connection, cx),
                os::Output::Vanish => self.net.phone_down(cx),
                os::Output::PowerOn => self.net.phone_up(cx),
                os::Output::Sleep => self.net.phone_sleeps(cx),
                os::Output::Wake => self.net.phone_wakes(cx),
            }
        }
    }

    /// What came through the network.
    #[inline]
    fn carry_arrivals(&mut self) {
        while let Some(output) = self.net.output() {
            match output {
                net::Output::Phone { connection, event } => {
                    self.os.socket(connection, socket_event(event), &mut self.scope.os());
                }
                net::Output::Server { connection, event } => self.at_server(connection, event),
                net::Output::Interface(to) => self.os.interface_changed(to, &mut self.scope.os()),
                net::Output::Address => self.os.sockets_notice_change(&mut self.scope.os()),
            }
        }
    }

    #[inline]
    fn at_server(&mut self, connection: u32, event: ServerEvent) {
        let cx = &mut self.scope.server();
        match event {
            ServerEvent::Accepted => self.session.accepted(connection, Transport::Tcp, cx),
            ServerEvent::FirstDatagram => self.session.accepted(connection, Transport::Udp, cx),
            ServerEvent::Frame(frame) => self.session.frame(connection, frame, cx),
            ServerEvent::Fin => self.session.closed(connection, ConnectionEnd::Fin, cx),
            ServerEvent::Reset => self.session.closed(connection, ConnectionEnd::Reset, cx),
            ServerEvent::TimedOut => self.session.closed(connection, ConnectionEnd::TimedOut, cx),
        }
    }

    /// What the server wants of the network.
    #[inline]
    fn carry_replies(&mut self) {
        while let Some(output) = self.session.output() {
            let cx = &mut self.scope.net();
            match output {
                server::Output::Send { connection, frame } => {
                    self.net.send(End::Server, connection, frame, cx);
                }
                server::Output::Close { connection } => {
                    self.net.finish(End::Server, connection, cx);
                }
                server::Output::Reset { connection } => {
                    self.net.reset(End::Server, connection, cx);
                }
            }
        }
    }
}

fn socket_event(event: PhoneEvent) -> SocketEvent {
    match event {
        PhoneEvent::Established => SocketEvent::Established,
        PhoneEvent::Failed(error) => SocketEvent::Failed(error),
        PhoneEvent::Frame(frame) => SocketEvent::Frame(frame),
        PhoneEvent::Fin => SocketEvent::Fin,
        PhoneEvent::Reset => SocketEvent::Reset,
        PhoneEvent::TimedOut => SocketEvent::TimedOut,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::Client;

    #[test]
    fn a_device_can_be_moved_to_another_thread() {
        fn movable<T: Send + Clone + 'static>() {}
        movable::<Device<Client>>();
    }
}
