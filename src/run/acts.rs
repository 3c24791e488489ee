//! What each act does to the rooms: one arm an act.

use super::agenda::Target;
use crate::net::{Portal, Resolver};
use crate::port::{App, PushId, Time};
use crate::scenario::Act;
use crate::sim::{Moment, World};
use crate::trace::{Observer, What};

/// Does what a step says, to whom it concerns. `member` counts the repetitions of a push.
pub(super) fn act<A: App, O: Observer>(
    world: &mut World<A>,
    (number, act): (usize, Act),
    member: u32,
    target: Target,
    now: Time,
    observer: &mut O,
) {
    let step = What::Step { action: act.name(), number: number as u32 + 1 };
    if let Act::ServerRestart { how, down_for } = act {
        world.emit(now, step, observer);
        world.restart_server(how, down_for, now, observer);
        return;
    }
    let apply = |moment: &mut Moment<'_, A, O>| {
        moment.emit(step);
        on_device(moment, act, member);
    };
    match target {
        Target::All => world.for_each(now, observer, apply),
        Target::Device(number) => world.on_device(number, now, observer, apply),
    }
}

fn on_device<A: App, O: Observer>(moment: &mut Moment<'_, A, O>, act: Act, member: u32) {
    match act {
        Act::UserBackground => moment.os(|os, cx| os.background(cx)),
        Act::UserForeground => moment.os(|os, cx| os.foreground(cx)),
        Act::UserLock => moment.os(|os, cx| os.lock(cx)),
        Act::UserUnlock => moment.os(|os, cx| os.unlock(cx)),
        Act::UserForceQuit => moment.os(|os, cx| os.force_quit(cx)),
        Act::UserForceQuitOther => moment.os(|os, cx| os.other_app_force_quit(cx)),
        Act::UserNotifications { allowed } => moment.os(|os, _| os.allow_notifications(allowed)),
        Act::UserLowPower { on } => moment.os(|os, cx| os.low_power(on, cx)),
        Act::UserSetClock { by } => moment.os(|os, _| os.set_clock(by)),
        Act::PhoneCharger { connected } => moment.os(|os, cx| os.charger(connected, cx)),
        Act::PhoneScreen { on } => moment.os(|os, cx| os.screen(on, cx)),
        Act::PhoneActivity { on } => moment.os(|os, cx| os.activity(on, cx)),
        Act::PhoneMemoryPressure { critical } => {
            moment.os(|os, cx| os.memory_pressure(critical, cx));
        }
        Act::PhoneMemoryKill => moment.os(|os, cx| os.memory_kill(cx)),
        Act::PhoneVoiceCall { on } => moment.net(|net, cx| net.voice_call(on, cx)),
        Act::PhoneReboot => moment.os(|os, cx| os.reboot(cx)),
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
        Act::AppExit { code } => moment.os(|os, cx| os.exit_process(code, cx)),
        Act::AppAudio { on } => moment.os(|os, cx| os.audio(on, cx)),
        Act::AppHang { lasts } => moment.os(|os, cx| os.hang(lasts, cx)),
    }
}
