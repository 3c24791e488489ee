//! Phones over real sockets, each behind a proxy of its own, and the server they share.

use std::rc::Rc;
use std::sync::Arc;

use super::far::Far;
use super::path::Path;
use super::phone::{Lent, Phone};
use super::relay::{Relay, Told};
use super::socket::Inbox;
use crate::net::{self, Conditions, End, Host, Portal, Resolver};
use crate::os::Os;
use crate::port::{App, PushId, Span, Time};
use crate::run::{Stage, Target, Todo, on_phone};
use crate::scenario::Act;
use crate::server::DropHow;
use crate::sim::Setup;
use crate::trace::{DeadCause, Names, Observer, Probe, RestartKind, SessionEnd, What};
use crate::wire::{Said, Speech};

/// A run over real sockets.
pub(super) struct LiveStage<A> {
    setup: Arc<Setup>,
    pub(super) inbox: Rc<Inbox>,
    phones: Vec<Phone<A>>,
    pub(super) far: Far,
    host: Host,
    up_at: Time,
    seq: u64,
    /// From now on these devices' runs show nothing, and why.
    pub(super) blurs: Vec<(u32, &'static str)>,
    /// What pushes are called, which is what they say.
    names: Names,
}

impl<A: App> LiveStage<A> {
    /// A server with its phones, each with its way there; pushes say what `names` calls them.
    pub(super) fn new(
        setup: Arc<Setup>,
        inbox: Rc<Inbox>,
        far: Far,
        ways: Vec<(Relay, Speech)>,
        make: impl Fn(u32) -> A,
        names: Names,
    ) -> LiveStage<A> {
        let phones = ways.into_iter().zip(1..).map(|((relay, speech), number)| {
            let path = Path::new(number, setup.interface, relay, Rc::clone(&inbox));
            Phone::new(number, speech, make(number), path, &setup)
        });
        let phones = phones.collect();
        LiveStage {
            setup: Arc::clone(&setup),
            inbox,
            phones,
            far,
            host: Host::Up,
            up_at: Time::NEVER,
            seq: 0,
            blurs: Vec::new(),
            names,
        }
    }

    /// What came with pushes and what the server said of an end, on every phone; what was not published.
    pub(super) fn sayings(&mut self) -> impl Iterator<Item = Said> + use<'_, A> {
        let LiveStage { phones, far, .. } = self;
        let failures = std::iter::from_fn(|| far.failure().map(Said::NotPublished));
        phones.iter_mut().flat_map(|phone| phone.sayings.drain(..)).chain(failures)
    }

    /// From now on pushes say what `names` calls them.
    pub(super) fn set_names(&mut self, names: &Names) {
        self.names.clone_from(names);
    }

    /// The phone with this number.
    pub(super) fn os(&self, number: u32) -> Option<&Os> {
        self.phones.iter().find(|phone| phone.number == number).map(|phone| &phone.os)
    }

    /// A number that changes whenever a proxy does something.
    pub(super) fn progress(&self) -> u64 {
        self.phones.iter().map(|phone| phone.path.relay.progress()).fold(0, u64::wrapping_add)
    }

    fn on<O: Observer>(
        &mut self,
        target: Target,
        now: Time,
        observer: &mut O,
        mut act: impl FnMut(&mut Phone<A>, &mut Far, &mut Lent<'_, O>),
    ) {
        let LiveStage { setup, host, phones, far, .. } = self;
        for phone in phones {
            let concerned = match target {
                Target::All => true,
                Target::Device(number) => number == phone.number,
            };
            if concerned {
                let mut lent = Lent { setup, host: *host, now, observer: &mut *observer };
                act(phone, far, &mut lent);
            }
        }
        self.carry_server(now, observer);
    }

    /// What the server did and what its sockets heard, into the run's events.
    #[expect(clippy::wildcard_enum_match_arm, reason = "few events are followed by a segment")]
    fn carry_server<O: Observer>(&mut self, now: Time, observer: &mut O) {
        let LiveStage { setup, host, phones, far, .. } = self;
        far.turn(now);
        while let Some(happened) = far.happened() {
            let Some(phone) = phones.iter_mut().find(|phone| phone.number == happened.owner) else {
                continue;
            };
            let mut lent = Lent { setup, host: *host, now, observer: &mut *observer };
            let find = |address| {
                let client = phone.path.relay.client_of(address)?;
                phone.path.by_local(client)
            };
            let Some(what) = far.renumber(happened.what, find) else { continue };
            phone.emit(what, &mut lent);
            match what {
                // The connection stays, for the client to register again.
                What::SessionClosed { why: SessionEnd::RegistrationExpired, .. } => {}
                What::SessionClosed { connection, .. } | What::SideClosed { connection, .. } => {
                    phone.path.server_closed(connection);
                }
                What::SessionOpened { connection } => {
                    phone.path.server_opened(connection);
                    phone.path(&mut lent, |path, cx| server_sends(path, connection, cx));
                }
                What::PushSent { connection, .. }
                | What::PushResent { connection, .. }
                | What::Heartbeat { connection, .. }
                | What::SideOpened { connection }
                | What::ServerPing { connection, .. } => {
                    phone.path(&mut lent, |path, cx| server_sends(path, connection, cx));
                }
                // Nothing else is sent for.
                _ => {}
            }
        }
        for phone in phones {
            let mut lent = Lent { setup, host: *host, now, observer: &mut *observer };
            let routes = if far.is_own() {
                far.routes(phone.number, &setup.server)
            } else {
                // Whether a server elsewhere has a session nobody here knows: the phone's side has to do.
                let newest = phone.path.newest();
                (newest, newest, false)
            };
            phone.judge_reach(routes, &mut lent);
            self.blurs.extend(phone.path.take_blur().map(|why| (phone.number, why)));
        }
    }

    /// What came on the phones' sockets, and what the proxies tell.
    fn absorb<O: Observer>(&mut self, now: Time, observer: &mut O) {
        let LiveStage { setup, host, phones, inbox, .. } = self;
        inbox.looked();
        while let Some(((device, connection), news)) = inbox.take() {
            if let Some(phone) = phones.iter_mut().find(|phone| phone.number == device) {
                let mut lent = Lent { setup, host: *host, now, observer: &mut *observer };
                phone.news(connection, news, &mut lent);
            }
        }
        for phone in phones {
            while let Some(told) = phone.path.relay.told() {
                let mut lent = Lent { setup, host: *host, now, observer: &mut *observer };
                match told {
                    Told::NatForgot { client, idle } => {
                        if let Some(connection) = phone.path.by_local(client) {
                            phone.path(&mut lent, |path, cx| path.nat_forgot(connection, idle, cx));
                        }
                    }
                }
            }
        }
        self.carry_server(now, observer);
    }

    /// The server goes down or drains.
    fn restart<O: Observer>(
        &mut self,
        how: RestartKind,
        down_for: Span,
        now: Time,
        observer: &mut O,
    ) {
        self.emit(now, What::ServerDown { how, down_for }, observer);
        let until = now + down_for;
        match how {
            RestartKind::Drain => {}
            RestartKind::Process => self.host = Host::Refusing,
            RestartKind::HostDown => self.host = Host::Silent,
        }
        if how != RestartKind::Drain {
            self.up_at = if self.up_at == Time::NEVER { until } else { self.up_at.max(until) };
        }
        self.on(Target::All, now, observer, |phone, far, lent| {
            match how {
                RestartKind::Drain => {}
                RestartKind::Process => session_dies(phone, far, lent),
                RestartKind::HostDown => phone.path(lent, |path, cx| path.host_vanishes(cx)),
            }
            phone.path(lent, |path, cx| path.renew(cx));
        });
        self.far.down(how, now);
        self.carry_server(now, observer);
    }

    fn server_up<O: Observer>(&mut self, now: Time, observer: &mut O) {
        (self.host, self.up_at) = (Host::Up, Time::NEVER);
        self.emit(now, What::ServerUp {}, observer);
        self.far.up(now);
        self.on(Target::All, now, observer, |phone, _, lent| {
            phone.path(lent, |path, cx| path.renew(cx));
        });
    }
}

/// The server has sent something on a connection just now.
fn server_sends<O: Observer>(path: &mut Path, connection: u32, cx: &mut net::Context<'_, O>) {
    let now = cx.probe.at;
    path.under_way(connection, End::Server, now, cx);
}

/// The server ends the session's connections at this moment.
fn session_dies<A: App, O: Observer>(phone: &mut Phone<A>, far: &mut Far, lent: &mut Lent<'_, O>) {
    let cause = DeadCause::Server;
    for connection in far.connections(phone.number) {
        phone.emit(What::ConnectionDead { connection, cause }, lent);
    }
}

/// Does what an act says to one device: one arm an act.
fn on_device<A: App, O: Observer>(
    phone: &mut Phone<A>,
    far: &mut Far,
    act: Act,
    member: u32,
    said: &str,
    lent: &mut Lent<'_, O>,
) {
    let (device, now) = (phone.number, lent.now);
    match act {
        Act::UserBackground
        | Act::UserForeground
        | Act::UserLock
        | Act::UserUnlock
        | Act::UserForceQuit
        | Act::UserForceQuitOther
        | Act::UserNotifications { .. }
        | Act::UserLowPower { .. }
        | Act::UserSetClock { .. }
        | Act::PhoneCharger { .. }
        | Act::PhoneScreen { .. }
        | Act::PhoneActivity { .. }
        | Act::PhoneMemoryPressure { .. }
        | Act::PhoneMemoryKill
        | Act::PhoneReboot
        | Act::AppExit { .. }
        | Act::AppAudio { .. }
        | Act::AppHang { .. } => phone.os(lent, |os, cx| on_phone(act, os, cx)),
        Act::PhoneVoiceCall { on } => phone.path(lent, |path, cx| path.voice_call(on, cx)),
        Act::NetworkSwitch { to } => phone.path(lent, |path, cx| path.switch(to, cx)),
        Act::NetworkAirplane { on } => phone.path(lent, |path, cx| path.airplane(on, cx)),
        Act::NetworkSilence { on, lasts: _ } => {
            phone.path(lent, |path, cx| path.silence(on, cx));
        }
        Act::NetworkReaddress => phone.path(lent, |path, cx| path.readdress(cx)),
        Act::NetworkInternet { on } => phone.path(lent, |path, cx| path.internet(on, cx)),
        Act::NetworkCaptivePortal { on, how } => {
            let portal = on.then_some(how.unwrap_or(Portal::Answers));
            phone.path(lent, |path, cx| path.captive_portal(portal, cx));
        }
        Act::NetworkDns { on, how } => {
            let resolver = (!on).then_some(how.unwrap_or(Resolver::Silent));
            phone.path(lent, |path, cx| path.dns(resolver, cx));
        }
        Act::NetworkNatForget => phone.path(lent, |path, _| path.nat_forget()),
        Act::ServerPush { push, ttl } => {
            far.push(device, PushId { member, ..push }, ttl, said, now);
        }
        Act::ServerCancel { push } => {
            far.session(device, now, |session, cx| session.cancel(push, cx));
        }
        Act::ServerMedia { on, lasts } => {
            far.session(device, now, |session, cx| session.media(on, lasts, cx));
        }
        Act::ServerRestart { .. } => {}
        Act::ServerDrop { how } => drop_connection(phone, far, how, lent),
    }
}

fn drop_connection<A: App, O: Observer>(
    phone: &mut Phone<A>,
    far: &mut Far,
    how: DropHow,
    lent: &mut Lent<'_, O>,
) {
    session_dies(phone, far, lent);
    far.session(phone.number, lent.now, |session, cx| session.drop_connection(how, cx));
}

/// The device's name at the server.
pub(crate) fn device_name(number: u32) -> String {
    format!("device-{number}")
}

impl<A: App> Stage for LiveStage<A> {
    fn deadline(&mut self) -> Time {
        let phones = self.phones.iter().map(Phone::deadline);
        phones.fold(self.up_at.min(self.far.deadline()), Time::min)
    }

    fn start<O: Observer>(&mut self, observer: &mut O) {
        self.on(Target::All, Time::ZERO, observer, |phone, _, lent| {
            phone.path(lent, |path, cx| path.renew(cx));
            phone.os(lent, |os, cx| os.foreground(cx));
        });
    }

    fn advance<O: Observer>(&mut self, now: Time, observer: &mut O) {
        self.absorb(now, observer);
        if self.up_at <= now {
            self.server_up(now, observer);
        }
        loop {
            let LiveStage { setup, host, phones, .. } = self;
            let Some(phone) = phones.iter_mut().find(|phone| phone.deadline() <= now) else {
                break;
            };
            let mut lent = Lent { setup, host: *host, now, observer: &mut *observer };
            phone.advance(&mut lent);
        }
        self.carry_server(now, observer);
    }

    fn act<O: Observer>(&mut self, todo: Todo, now: Time, observer: &mut O) {
        let Todo { number, act, member, target } = todo;
        let step = What::Step { action: act.name(), number: number as u32 + 1 };
        if let Act::ServerRestart { how, down_for } = act {
            self.emit(now, step, observer);
            return self.restart(how, down_for, now, observer);
        }
        let said = if let Act::ServerPush { push, .. } = act {
            self.names.push(PushId { member, ..push })
        } else {
            String::new()
        };
        self.on(target, now, observer, |phone, far, lent| {
            phone.emit(step, lent);
            on_device(phone, far, act, member, &said, lent);
        });
    }

    fn follow<O: Observer>(&mut self, row: Conditions, now: Time, observer: &mut O) {
        self.on(Target::All, now, observer, |phone, _, lent| {
            phone.path(lent, |path, cx| path.follow(row, cx));
        });
    }

    fn heal<O: Observer>(&mut self, now: Time, observer: &mut O) {
        if self.host != Host::Up {
            self.server_up(now, observer);
        }
        let beginning = self.setup.interface;
        self.on(Target::All, now, observer, |phone, far, lent| {
            phone.path(lent, |path, cx| path.heal(beginning, cx));
            far.session(phone.number, now, |session, cx| session.media(false, None, cx));
        });
    }

    fn emit<O: Observer>(&mut self, at: Time, what: What, observer: &mut O) {
        Probe { observer, at, owner: 0, seq: &mut self.seq }.emit(what);
    }

    fn radio_energy(&self, at: Time) -> Vec<u64> {
        self.phones.iter().map(|phone| phone.path.radio_energy(at)).collect()
    }
}
