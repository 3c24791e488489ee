//! A phone on a bench: the rules alone, with time, user and network moved by hand and an app that does
//! what a test tells it.

use std::collections::BTreeMap;

use super::{Context, Delivery, Handle, Os, Output, SocketEvent};
use crate::platform::{Manifest, PROFILES, Profile};
use crate::port::{
    AppState, Callback, Draws, Frame, Interface, Now, Phone, RunLoop, ServiceType, Span,
    StreamPair, Time,
};
use crate::trace::{Probe, Recorder, Unreachable, What};

type Answer = fn(&mut Handle<'_, '_, Recorder>);

pub(super) struct Bench {
    pub(super) os: Os,
    pub(super) profile: Profile,
    pub(super) manifest: Manifest,
    pub(super) outputs: Vec<Output>,
    recorder: Recorder,
    seq: u64,
    now: Time,
    told: Vec<Callback>,
    answers: BTreeMap<&'static str, Answer>,
    last_pair: StreamPair,
}

impl Bench {
    /// A phone with this version of iOS, and a VoIP app on screen that was linked with an old SDK.
    pub(super) fn ios(version: u32) -> Bench {
        let profile = PROFILES.get(&format!("ios-{version}")).unwrap().values;
        let mut bench = Bench {
            os: Os::new(Interface::Wifi),
            profile,
            manifest: Manifest { sdk: Some(9.min(version)), ..Manifest::voip() },
            outputs: Vec::new(),
            recorder: Recorder::default(),
            seq: 0,
            now: Time::ZERO,
            told: Vec::new(),
            answers: BTreeMap::new(),
            last_pair: StreamPair(0),
        };
        bench.foreground();
        bench
    }

    fn step<T>(&mut self, act: impl FnOnce(&mut Os, &mut Context<'_, Recorder>) -> T) -> T {
        let mut cx = Context {
            profile: &self.profile,
            gate: super::Gate::of(&self.profile, &self.manifest),
            draws: Draws::new(1, 1),
            probe: Probe {
                observer: &mut self.recorder,
                at: self.now,
                owner: 1,
                seq: &mut self.seq,
            },
        };
        let result = act(&mut self.os, &mut cx);
        while let Some(delivery) = self.os.next_delivery(&mut cx) {
            if let Delivery::Callback(callback) = delivery {
                self.told.push(callback);
                if let Some(answer) = self.answers.get(callback.name()) {
                    answer(&mut Handle::new(&mut self.os, &mut cx));
                }
                self.os.turn_over(&mut cx);
            }
        }
        while let Some(output) = self.os.output() {
            self.outputs.push(output);
        }
        result
    }

    /// Lets time pass, and everything that is due in it happen.
    pub(super) fn sleep(&mut self, span: Span) {
        let until = self.now + span;
        while self.os.deadline() <= until {
            self.now = self.os.deadline().max(self.now);
            self.step(|os, cx| os.advance(cx));
        }
        self.now = until;
    }

    pub(super) fn run_until_suspended(&mut self) {
        for _ in 0..10_000 {
            if self.os.state() == AppState::Suspended {
                return;
            }
            self.now = self.os.deadline().max(self.now);
            self.step(|os, cx| os.advance(cx));
        }
        panic!("never suspended");
    }

    /// Lets the app ask something outside of any callback, as a step of a test.
    pub(super) fn with<T>(&mut self, ask: impl FnOnce(&mut Handle<'_, '_, Recorder>) -> T) -> T {
        self.step(|os, cx| {
            let answer = ask(&mut Handle::new(os, cx));
            os.end_loose_turn(cx);
            answer
        })
    }

    pub(super) fn on_callback(&mut self, name: &'static str, answer: Answer) {
        self.answers.insert(name, answer);
    }

    pub(super) fn foreground(&mut self) {
        self.step(|os, cx| os.foreground(cx));
    }

    pub(super) fn background(&mut self) {
        self.step(|os, cx| os.background(cx));
    }

    pub(super) fn lock(&mut self) {
        self.step(|os, cx| os.lock(cx));
    }

    pub(super) fn unlock(&mut self) {
        self.step(|os, cx| os.unlock(cx));
    }

    pub(super) fn charger(&mut self, connected: bool) {
        self.step(|os, cx| os.charger(connected, cx));
    }

    pub(super) fn hang(&mut self, span: Span) {
        self.step(|os, cx| os.hang(span, cx));
    }

    pub(super) fn audio(&mut self, on: bool) {
        self.step(|os, cx| os.audio(on, cx));
    }

    pub(super) fn force_quit(&mut self) {
        self.step(|os, cx| os.force_quit(cx));
    }

    pub(super) fn other_app_force_quit(&mut self) {
        self.step(|os, cx| os.other_app_force_quit(cx));
    }

    pub(super) fn exit(&mut self, code: i32) {
        self.step(|os, cx| os.exit_process(code, cx));
    }

    pub(super) fn memory_kill(&mut self) {
        self.step(|os, cx| os.memory_kill(cx));
    }

    pub(super) fn kill(&mut self, rule: crate::trace::KillRule) {
        self.step(|os, cx| os.kill_for(rule, cx));
    }

    pub(super) fn memory_pressure(&mut self, critical: bool) {
        self.step(|os, cx| os.memory_pressure(critical, cx));
    }

    pub(super) fn low_power(&mut self, on: bool) {
        self.step(|os, cx| os.low_power(on, cx));
    }

    pub(super) fn reboot(&mut self) {
        self.step(|os, cx| os.reboot(cx));
    }

    pub(super) fn interface(&mut self, to: Interface) {
        self.step(|os, cx| os.interface_changed(to, cx));
    }

    /// An open, connected pair.
    pub(super) fn connect(&mut self, service: ServiceType) -> StreamPair {
        self.connect_with(service, true, RunLoop::Main)
    }

    pub(super) fn connect_with(
        &mut self,
        service: ServiceType,
        client: bool,
        run_loop: RunLoop,
    ) -> StreamPair {
        let pair = self.with(|phone| {
            let pair = phone.create_stream();
            for stream in [pair.read(), pair.write()] {
                phone.set_service_type(stream, service);
                if client {
                    phone.set_client(stream);
                }
                phone.schedule(stream, run_loop);
                phone.open(stream);
            }
            pair
        });
        self.last_pair = pair;
        self.answers.entry("has-bytes-available").or_insert(|_| {});
        self.socket(SocketEvent::Established);
        pair
    }

    pub(super) fn connect_voip_and_suspend(&mut self) {
        self.connect(ServiceType::Voip);
        self.background();
        self.run_until_suspended();
    }

    pub(super) fn socket(&mut self, event: SocketEvent) {
        self.socket_of(self.last_pair, event);
    }

    pub(super) fn socket_of(&mut self, pair: StreamPair, event: SocketEvent) {
        self.step(|os, cx| os.socket(pair.0, event, cx));
    }

    pub(super) fn would_receive(&mut self, pair: StreamPair) -> Result<(), Unreachable> {
        self.step(|os, cx| os.would_receive(pair.0, pair.0, cx))
    }

    pub(super) fn data_arrives(&mut self) {
        self.socket(SocketEvent::Frame(Frame::Ping { n: 1 }));
    }

    pub(super) fn now(&self) -> Time {
        self.now
    }

    pub(super) fn clocks(&self) -> Now {
        self.os.clocks(self.now)
    }

    pub(super) fn events(&self) -> impl Iterator<Item = &What> {
        self.recorder.events.iter().map(|event| &event.what)
    }

    pub(super) fn saw(&self, wanted: impl Fn(&What) -> bool) -> bool {
        self.events().any(wanted)
    }

    pub(super) fn count(&self, wanted: impl Fn(&What) -> bool) -> usize {
        self.events().filter(|what| wanted(what)).count()
    }

    pub(super) fn told(&self, callback: Callback) -> bool {
        self.told.contains(&callback)
    }

    pub(super) fn times_told(&self, name: &str) -> usize {
        self.told.iter().filter(|callback| callback.name() == name).count()
    }

    pub(super) fn callbacks(&self) -> Vec<&'static str> {
        self.told.iter().map(|callback| callback.name()).collect()
    }
}
