//! What comes from the phone and from its tools, into the run.

use std::time::Instant;

use super::control::Heard;
use super::crew::Did;
use super::drive::Kind;
use super::phone_log::Brought;
use super::run::Broken;
use super::stage::{DeviceStage, Word};
use super::{Death, DeathKind, Exchange, PhoneLine};
use crate::device::protocol::ToHost;
use crate::port::Time;
use crate::trace::{Event, LegacyFeature, LegacyPlan, Observer, What, read_record};

impl DeviceStage<'_> {
    /// Takes all that came and was not looked at.
    pub(super) fn hear<O: Observer>(&mut self, now: Time, observer: &mut O) {
        while let Some((at, heard)) = self.control.take() {
            self.heard(at, heard, now, observer);
        }
        while let Some(did) = self.crew.take() {
            self.did(did, now);
        }
        for _ in 0..std::mem::take(&mut self.said) {
            let done = self.people.said().into_iter().collect();
            self.done_by_person(done, now, observer);
        }
    }

    fn heard<O: Observer>(&mut self, at: Instant, heard: Heard, now: Time, observer: &mut O) {
        match heard {
            Heard::Hello { process, .. } => {
                // Another process says that the one before it ended.
                if process == self.process {
                    self.gone_for_good = None;
                }
                self.process = process;
                // It is back. What happened meanwhile is in its log.
                self.ask_log();
                self.ask_clocks();
            }
            Heard::Said(said) => {
                self.heard_at = Some(now);
                self.said(at, said, now, observer);
            }
            Heard::Gone => {
                self.gone_for_good = self.gone_for_good.or(Some(now));
                self.log.lost();
                self.questions.clear();
                let done = self.people.gone();
                self.done_by_person(done, now, observer);
                self.crew.look();
            }
            Heard::OtherVersion(version) => self.broken = Some(Broken::OtherVersion(version)),
        }
    }

    fn said<O: Observer>(&mut self, at: Instant, said: ToHost, now: Time, observer: &mut O) {
        match said {
            ToHost::Event { at, line } => {
                let brought = self.log.line(at, &line);
                self.brought(brought, now, observer);
            }
            ToHost::Log { from, text, end } => {
                let brought = self.log.answer(from, &text, end);
                self.brought(brought, now, observer);
            }
            ToHost::Clock { n, clocks } => {
                if let Some(sent) = self.questions.remove(&n) {
                    let received = self.clock.at(at);
                    self.exchanges.push(Exchange { sent, received, phone: clocks });
                }
            }
            ToHost::Done { n, refused } => self.answered(n, refused.map_or(Ok(()), Err)),
            ToHost::Connection { pair, port } => self.connections.told(pair, port),
            ToHost::Beneath { line } => {
                let event = read_record(line.as_bytes()).ok();
                let event = event.and_then(|record| record.event(0, &mut self.pushes));
                if let Some(event) = event {
                    self.path_changed(&event.what);
                }
            }
            ToHost::PushToken { token } => {
                self.words.push_back(Word::Note(format!("the token for VoIP pushes is {token}")));
            }
            ToHost::Note { text } => self.words.push_back(Word::Note(text)),
            // It has said hello.
            ToHost::Hello { .. } => {}
        }
    }

    fn brought<O: Observer>(&mut self, brought: Brought, now: Time, observer: &mut O) {
        if let Some(from) = brought.ask {
            self.control.say(crate::device::protocol::ToAgent::Log { from });
        }
        for line in brought.lines {
            self.told(&line, now, observer);
        }
    }

    /// The phone told of an event. It counts from now on for steps that wait for it; when it happened its log says.
    fn told<O: Observer>(&mut self, line: &PhoneLine, now: Time, observer: &mut O) {
        let Some(event) = line.record.event(0, &mut self.pushes) else { return };
        let event = Event { at: now, owner: 1, ..event };
        self.path_changed(&event.what);
        if let What::LegacyCall {
            call: LegacyFeature::VoipStream,
            plan: LegacyPlan::ExpectTrap,
            ..
        } = event.what
        {
            self.trap_expected = Some(now);
        }
        let done = self.people.event(&event, &self.scenario.names);
        self.done_by_person(done, now, observer);
        observer.event(&event);
    }

    /// Something else may carry the phone's traffic now.
    fn path_changed(&mut self, what: &What) {
        if let What::InterfaceChanged { to } = *what {
            self.moved(Some(to));
        } else if let What::AddressChanged {} = what {
            self.moved(None);
        } else if let What::VoiceCall { on, stalls } = *what {
            self.called(on, stalls);
        }
    }

    /// A request was answered.
    fn answered(&mut self, n: u32, how: Result<(), String>) {
        let Some((step, at)) = self.open.remove(&n) else { return };
        if let Err(why) = how {
            self.not_done(step, at, why);
        }
    }

    pub(super) fn did(&mut self, did: Did, now: Time) {
        match did {
            Did::Acted { n, how } => self.answered(n, how),
            Did::Ended(how) => self.died(how, now),
            // Only while nothing is played.
            Did::Launched(_) | Did::Log(_) | Did::Over => {}
        }
    }

    fn died(&mut self, how: DeathKind, now: Time) {
        self.deaths.push(Death { at: now, how: how.clone() });
        // Nothing starts a process of this machine again.
        if self.kind() == Kind::Fake {
            self.broken = Some(Broken::Died(how));
        }
    }
}
