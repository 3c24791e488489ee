//! One phone: the iOS model and the app, over the phone's side of a path.

use super::notes::Notes;
use super::path::{Arrival, Connects, Context, Path};
use crate::device::socket::News;
use crate::os::{self, Delivery, Handle, Os};
use crate::port::{App, Draws, Now, Time};
use crate::run::on_phone;
use crate::scenario::Act;
use crate::sim::Setup;
use crate::trace::Probe;
use crate::wire::{Said, Speech};

/// Which device of its scenario a phone is: each agent plays one.
pub(super) const NUMBER: u32 = 1;

/// One phone with its app.
pub(super) struct Phone<A, C> {
    setup: Setup,
    draws: Draws,
    os: Os,
    app: A,
    path: Path<C>,
    speech: Speech,
    seq: u64,
    /// What happened and was not written down yet.
    pub(super) notes: Notes,
    /// When something happened last.
    last: Time,
}

impl<A: App, C: Connects> Phone<A, C> {
    /// A phone that is called `name` by the push server, with the app installed and not running.
    pub(super) fn new(setup: Setup, name: String, app: A, connects: C) -> Phone<A, C> {
        Phone {
            draws: Draws::new(setup.seed, NUMBER),
            os: Os::new(setup.interface),
            app,
            path: Path::new(setup.interface, connects),
            speech: Speech::own(name),
            seq: 0,
            notes: Notes::default(),
            last: Time::ZERO,
            setup,
        }
    }

    /// When something is due next.
    pub(super) fn deadline(&self) -> Time {
        self.os.deadline().min(self.path.deadline())
    }

    /// What the phone's clocks say at `at`.
    pub(super) fn clocks(&self, at: Time) -> Now {
        self.os.clocks(at)
    }

    /// When something happened last.
    pub(super) fn last(&self) -> Time {
        self.last
    }

    /// Whether the device sleeps, so that one of its clocks stands still.
    pub(super) fn is_asleep(&self) -> bool {
        self.os.device().asleep_since.is_some()
    }

    /// Connections that were established since somebody asked, with the phone's port.
    pub(super) fn established(&mut self) -> Vec<(u32, u16)> {
        std::mem::take(&mut self.path.established)
    }

    /// The user opens the app.
    pub(super) fn open_app(&mut self, now: Time) {
        self.os(now, |os, cx| os.foreground(cx));
    }

    /// Lets one thing that is due at `now` happen.
    pub(super) fn advance(&mut self, now: Time) {
        if self.path.deadline() <= now {
            self.path(now, |path, cx| path.advance(cx));
        } else {
            self.os(now, |os, cx| os.advance(cx));
        }
    }

    /// Does what a step says, as far as it is the phone's.
    ///
    /// # Errors
    /// Why it is not.
    pub(super) fn act(&mut self, act: Act, now: Time) -> Result<(), String> {
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
            | Act::AppHang { .. } => self.os(now, |os, cx| on_phone(act, os, cx)),
            Act::PhoneVoiceCall { on } => self.path(now, |path, cx| path.voice_call(on, cx)),
            Act::NetworkSwitch { to } => self.path(now, |path, cx| path.switch(to, cx)),
            Act::NetworkAirplane { on } => self.path(now, |path, cx| path.airplane(on, cx)),
            Act::NetworkReaddress => self.path(now, |path, cx| path.readdress(cx)),
            Act::NetworkSilence { .. }
            | Act::NetworkInternet { .. }
            | Act::NetworkCaptivePortal { .. }
            | Act::NetworkDns { .. }
            | Act::NetworkNatForget => {
                return Err(format!(
                    "`{}` happens between phone and server: the proxy of the host does it",
                    act.name()
                ));
            }
            Act::ServerPush { .. }
            | Act::ServerCancel { .. }
            | Act::ServerMedia { .. }
            | Act::ServerRestart { .. }
            | Act::ServerDrop { .. } => {
                return Err(format!("`{}` is done by the host's push server", act.name()));
            }
        }
        Ok(())
    }

    /// Something came on a socket.
    pub(super) fn news(&mut self, connection: u32, news: News, now: Time) {
        let mut frames = Vec::new();
        self.path(now, |path, cx| {
            frames.extend(path.news(connection, news, cx));
        });
        for bytes in frames {
            // Our own protocol answers nothing by itself.
            let said = self.speech.hear(connection, &bytes, &mut Vec::new());
            self.heard(connection, said);
        }
        self.settle(now);
    }

    fn heard(&mut self, connection: u32, said: Vec<Said>) {
        for said in said {
            match said {
                Said::Frame(frame) => self.path.frame(connection, frame),
                Said::Payload(..) | Said::Refused(_) | Said::NotPublished(_) => {}
            }
        }
    }

    fn os(&mut self, now: Time, act: impl FnOnce(&mut Os, &mut os::Context<'_, Notes>)) {
        self.last = self.last.max(now);
        let Phone { os, setup, draws, seq, notes, last, .. } = self;
        act(os, &mut os_context(setup, *draws, seq, notes, *last));
        self.settle(now);
    }

    fn path(&mut self, now: Time, act: impl FnOnce(&mut Path<C>, &mut Context<'_, Notes>)) {
        self.last = self.last.max(now);
        let Phone { path, setup, draws, seq, notes, last, .. } = self;
        act(path, &mut path_context(setup, *draws, seq, notes, *last));
        self.settle(now);
    }

    /// Carries what phone, app and path have to say to each other until nobody has anything to say.
    fn settle(&mut self, now: Time) {
        self.last = self.last.max(now);
        while self.os.has_delivery() || self.os.has_output() || self.path.has_arrival() {
            self.deliver();
            self.carry_requests();
            self.carry_arrivals();
        }
        self.notes.settled();
    }

    fn deliver(&mut self) {
        let Phone { os, app, setup, draws, seq, notes, last, .. } = self;
        let mut cx = os_context(setup, *draws, seq, notes, *last);
        while let Some(delivery) = os.next_delivery(&mut cx) {
            match delivery {
                Delivery::Forget => app.forget(),
                Delivery::Callback(callback) => {
                    app.on(callback, &mut Handle::new(os, &mut cx));
                    os.turn_over(&mut cx);
                }
            }
        }
    }

    fn carry_requests(&mut self) {
        let Phone { os, path, speech, setup, draws, seq, notes, last, .. } = self;
        let cx = &mut path_context(setup, *draws, seq, notes, *last);
        while let Some(output) = os.output() {
            match output {
                os::Output::Connect { connection } => path.connect(connection, cx),
                os::Output::Send { connection, frame } => {
                    let mut bytes = Vec::new();
                    speech.say(connection, frame, &mut bytes);
                    path.send(connection, bytes, cx);
                }
                os::Output::Finish { connection } | os::Output::Reset { connection } => {
                    speech.ended(connection);
                    path.finish(connection);
                }
                os::Output::Vanish => path.phone_down(cx),
                os::Output::PowerOn => path.phone_up(cx),
                os::Output::Sleep => path.phone_sleeps(cx.probe.at),
                os::Output::Wake => path.phone_wakes(cx.probe.at),
                // A scenario with UDP is refused before it begins.
                os::Output::OpenDatagrams { .. } => {}
            }
        }
    }

    fn carry_arrivals(&mut self) {
        let Phone { os, path, setup, draws, seq, notes, last, .. } = self;
        let cx = &mut os_context(setup, *draws, seq, notes, *last);
        while let Some(arrival) = path.arrival() {
            match arrival {
                Arrival::Socket { connection, event } => os.socket(connection, event, cx),
                Arrival::Interface(to) => os.interface_changed(to, cx),
                Arrival::Address => os.sockets_notice_change(cx),
            }
        }
    }
}

fn os_context<'a>(
    setup: &'a Setup,
    draws: Draws,
    seq: &'a mut u64,
    notes: &'a mut Notes,
    at: Time,
) -> os::Context<'a, Notes> {
    let probe = Probe { observer: notes, at, owner: NUMBER, seq };
    os::Context { profile: &setup.profile, gate: setup.gate, draws, probe }
}

fn path_context<'a>(
    setup: &'a Setup,
    draws: Draws,
    seq: &'a mut u64,
    notes: &'a mut Notes,
    at: Time,
) -> Context<'a, Notes> {
    let probe = Probe { observer: notes, at, owner: NUMBER, seq };
    Context { config: &setup.net, draws, probe }
}
