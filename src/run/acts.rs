//! What each act does to the rooms: one arm an act.

use super::agenda::Target;
use super::stage::{Stage, Todo};
use crate::net::{Conditions, Portal, Resolver};
use crate::os::{self, Os};
use crate::port::{App, PushId, Time};
use crate::scenario::Act;
use crate::sim::{Moment, World};
use crate::trace::{Observer, What};

impl<A: App> Stage for World<A> {
    #[inline]
    fn deadline(&mut self) -> Time {
        World::deadline(self)
    }

    fn start<O: Observer>(&mut self, observer: &mut O) {
        World::start(self, observer);
    }

    #[inline]
    fn advance<O: Observer>(&mut self, now: Time, observer: &mut O) {
        World::advance(self, now, observer);
    }

    fn act<O: Observer>(&mut self, todo: Todo, now: Time, observer: &mut O) {
        let Todo { number, act, member, target } = todo;
        let step = What::Step { action: act.name(), number: number as u32 + 1 };
        if let Act::ServerRestart { how, down_for } = act {
            self.emit(now, step, observer);
            self.restart_server(how, down_for, now, observer);
            return;
        }
        let apply = |moment: &mut Moment<'_, A, O>| {
            moment.emit(step);
            on_device(moment, act, member);
        };
        match target {
            Target::All => self.for_each(now, observer, apply),
            Target::Device(number) => self.on_device(number, now, observer, apply),
        }
    }

    fn follow<O: Observer>(&mut self, row: Conditions, now: Time, observer: &mut O) {
        let follow = |moment: &mut Moment<'_, A, O>| moment.net(|net, cx| net.follow(row, cx));
        self.for_each(now, observer, follow);
    }

    fn heal<O: Observer>(&mut self, now: Time, observer: &mut O) {
        World::heal(self, now, observer);
    }

    fn emit<O: Observer>(&mut self, at: Time, what: What, observer: &mut O) {
        World::emit(self, at, what, observer);
    }

    fn radio_energy(&self, at: Time) -> Vec<u64> {
        self.devices().iter().map(|device| device.radio_energy(at)).collect()
    }
}

/// Does what an act does to the phone; nothing for one that concerns the network or the server.
pub(crate) fn on_phone<O: Observer>(act: Act, os: &mut Os, cx: &mut os::Context<'_, O>) {
    match act {
        Act::UserBackground => os.background(cx),
        Act::UserForeground => os.foreground(cx),
        Act::UserLock => os.lock(cx),
        Act::UserUnlock => os.unlock(cx),
        Act::UserForceQuit => os.force_quit(cx),
        Act::UserForceQuitOther => os.other_app_force_quit(cx),
        Act::UserNotifications { allowed } => os.allow_notifications(allowed),
        Act::UserLowPower { on } => os.low_power(on, cx),
        Act::UserSetClock { by } => os.set_clock(by),
        Act::PhoneCharger { connected } => os.charger(connected, cx),
        Act::PhoneScreen { on } => os.screen(on, cx),
        Act::PhoneActivity { on } => os.activity(on, cx),
        Act::PhoneMemoryPressure { critical } => os.memory_pressure(critical, cx),
        Act::PhoneMemoryKill => os.memory_kill(cx),
        Act::PhoneReboot => os.reboot(cx),
        Act::AppExit { code } => os.exit_process(code, cx),
        Act::AppAudio { on } => os.audio(on, cx),
        Act::AppHang { lasts } => os.hang(lasts, cx),
        Act::PhoneVoiceCall { .. }
        | Act::NetworkSwitch { .. }
        | Act::NetworkAirplane { .. }
        | Act::NetworkSilence { .. }
        | Act::NetworkReaddress
        | Act::NetworkInternet { .. }
        | Act::NetworkCaptivePortal { .. }
        | Act::NetworkDns { .. }
        | Act::NetworkNatForget
        | Act::ServerPush { .. }
        | Act::ServerCancel { .. }
        | Act::ServerMedia { .. }
        | Act::ServerRestart { .. }
        | Act::ServerDrop { .. } => {}
    }
}

fn on_device<A: App, O: Observer>(moment: &mut Moment<'_, A, O>, act: Act, member: u32) {
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
        | Act::AppHang { .. } => moment.os(|os, cx| on_phone(act, os, cx)),
        Act::PhoneVoiceCall { on } => moment.net(|net, cx| net.voice_call(on, cx)),
        Act::NetworkSwitch { to } => moment.net(|net, cx| net.switch(to, cx)),
        Act::NetworkAirplane { on } => moment.net(|net, cx| net.airplane(on, cx)),
        Act::NetworkSilence { on, lasts: _ } => moment.net(|net, cx| net.silence(on, cx)),
        Act::NetworkReaddress => moment.net(|net, cx| net.readdress(cx)),
        Act::NetworkInternet { on } => moment.net(|net, cx| net.internet(on, cx)),
        Act::NetworkCaptivePortal { on, how } => {
            let portal = on.then_some(how.unwrap_or(Portal::Answers));
            moment.net(|net, cx| net.captive_portal(portal, cx));
        }
        Act::NetworkDns { on, how } => {
            let resolver = (!on).then_some(how.unwrap_or(Resolver::Silent));
            moment.net(|net, cx| net.dns(resolver, cx));
        }
        Act::NetworkNatForget => moment.net(|net, cx| net.nat_forget(cx)),
        Act::ServerPush { push, ttl } => {
            moment.session(|session, cx| session.push(PushId { member, ..push }, ttl, cx));
        }
        Act::ServerCancel { push } => moment.session(|session, cx| session.cancel(push, cx)),
        Act::ServerMedia { on, lasts } => {
            moment.session(|session, cx| session.media(on, lasts, cx));
        }
        Act::ServerRestart { .. } => {}
        Act::ServerDrop { how } => moment.drop_connection(how),
    }
}
