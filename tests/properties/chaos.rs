//! An app that does anything at any time: whatever it asks of the phone, the rules hold.

use std::collections::BTreeSet;

use holdline::port::{
    App, AppReport, AppState, Callback, Clock, Frame, Phone, PushId, RunLoop, ServiceType, Side,
    Span, StreamId, TaskId, TimerId, Token,
};
use holdline::run::{self, Mode, Options};
use holdline::scenario::Scenario;
use holdline::trace::{Event, Lane, What};
use proptest::prelude::*;

use crate::app::{BackgroundIsLeased, OneTurnAtATime, RunsOnlyWhenItMay, TasksEndOnce};
use crate::cases;
use crate::generate::{Wildness, plans};
use crate::story::hold_in;

/// Calls the phone at random in every callback, until it has done enough for one run.
struct Chaos {
    chance: u64,
    calls_left: u32,
    pairs: u32,
    tasks: u32,
}

/// Spans at which arithmetic breaks, and ordinary ones.
const SPANS: &[Span] = &[
    Span::ZERO,
    Span::TICK,
    Span::from_millis(7),
    Span::from_secs(3),
    Span::from_secs(9),
    Span::from_secs(40),
    Span::from_secs(600),
    Span::from_secs(86_400),
    Span::from_micros(u64::MAX / 2),
    Span::from_micros(u64::MAX - 1),
    Span::MAX,
];

impl Chaos {
    fn new(device: u32, seed: u64) -> Chaos {
        Chaos { chance: seed ^ u64::from(device) << 40, calls_left: 4_000, pairs: 0, tasks: 0 }
    }

    /// SplitMix64, so that the app's luck is its own.
    fn draw(&mut self, below: u64) -> u64 {
        self.chance = self.chance.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.chance;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % below
    }

    fn span(&mut self) -> Span {
        SPANS[self.draw(SPANS.len() as u64) as usize]
    }

    /// Mostly a stream that exists or existed.
    fn stream(&mut self) -> StreamId {
        let pair = match self.draw(12) {
            0 => 0,
            1 => u32::MAX,
            2 => self.pairs + 1,
            _ => self.pairs.saturating_sub(self.draw(3) as u32),
        };
        StreamId { pair, side: if self.draw(2) == 0 { Side::Read } else { Side::Write } }
    }

    fn task(&mut self) -> TaskId {
        match self.draw(8) {
            0 => TaskId(u32::MAX),
            1 => TaskId(0),
            _ => TaskId(self.tasks.saturating_sub(self.draw(3) as u32)),
        }
    }

    fn frame(&mut self) -> Frame {
        match self.draw(14) {
            12 => Frame::TlsClient { n: self.draw(9) as u32 },
            13 => Frame::TlsServer { n: self.draw(9) as u32 },
            0..=2 => Frame::Hello { device: self.draw(3) as u32 },
            3 => Frame::Ping { n: self.draw(9) as u32 },
            4 => Frame::Pong { n: self.draw(9) as u32 },
            5 => Frame::Ack { id: PushId { name: self.draw(3) as u32, member: 0 } },
            6 => Frame::WhiteSpace,
            7 => Frame::Welcome,
            8 => Frame::HelloSide { device: self.draw(3) as u32 },
            9 => Frame::Media,
            10 => Frame::Cancel { id: PushId { name: 0, member: 0 } },
            _ => Frame::GoAway,
        }
    }

    /// A pair as a well-behaved app has it, so that there is something to break.
    fn connect(&mut self, phone: &mut impl Phone) {
        let pair = match self.draw(4) {
            0 => phone.create_datagram_stream(),
            _ => phone.create_stream(),
        };
        self.pairs = self.pairs.max(pair.0);
        for stream in [pair.read(), pair.write()] {
            if self.draw(4) > 0 {
                phone.set_service_type(stream, ServiceType::Voip);
            }
            if self.draw(6) > 0 {
                phone.set_client(stream);
            }
            if self.draw(6) > 0 {
                phone.schedule(stream, RunLoop::Main);
            }
            if self.draw(6) > 0 {
                phone.open(stream);
            }
        }
    }

    fn call(&mut self, phone: &mut impl Phone) {
        let stream = self.stream();
        let timer = TimerId([0, 1, 2, u32::MAX][self.draw(4) as usize]);
        let clock = if self.draw(2) == 0 { Clock::Uptime } else { Clock::Continuous };
        let span = self.span();
        match self.draw(40) {
            0..=2 => self.connect(phone),
            3 => {
                phone.set_service_type(stream, ServiceType::Voip);
            }
            4 => {
                phone.set_service_type(stream, ServiceType::Default);
            }
            5 => phone.set_client(stream),
            6 => phone.schedule(stream, RunLoop::Main),
            7 => phone.schedule(stream, RunLoop::Stopped),
            8..=9 => {
                phone.open(stream);
            }
            10..=13 => {
                let _ = phone.read(stream);
            }
            14..=18 => {
                let frame = self.frame();
                let _ = phone.write(stream, frame);
            }
            19 => phone.close(stream),
            20..=21 => {
                phone.set_keep_alive_timeout(span);
            }
            22 => phone.clear_keep_alive_timeout(),
            23..=25 => {
                if let Some(task) = phone.begin_background_task() {
                    self.tasks = task.0;
                }
            }
            26..=28 => {
                let task = self.task();
                phone.end_background_task(task);
            }
            29..=30 => phone.set_timer(timer, span, clock),
            31 => phone.cancel_timer(timer),
            32 => {
                let push = PushId { name: 0, member: 0 };
                phone.post_local_notification(7, push);
                phone.cancel_local_notification(7, push);
            }
            33 => {
                let _ = phone.store(self.draw(2_000) as u32, u64::MAX);
            }
            34 => {
                let _ = (phone.load(3), phone.random(), phone.background_time_remaining());
            }
            35..=36 => {
                // For ever now and then only: nothing follows it.
                let most = [Span::MAX, Span::from_secs(40), Span::from_secs(9), Span::from_secs(3)];
                let span = span.min(most[self.draw(20).min(3) as usize]);
                phone.busy(span, Token(self.draw(3) as u32));
            }
            37 if self.draw(8) == 0 => phone.exit([0, 1, i32::MIN][self.draw(3) as usize]),
            38 if self.draw(40) == 0 => {
                for _ in 0..1_200 {
                    phone.create_stream();
                    phone.begin_background_task();
                }
            }
            _ => phone.report(AppReport::GaveUp),
        }
    }
}

impl App for Chaos {
    fn on(&mut self, callback: Callback, phone: &mut impl Phone) {
        if let Callback::Launched(_) | Callback::BecameActive = callback {
            self.connect(phone);
        }
        if matches!(callback, Callback::TaskExpiring(_)) && self.draw(3) == 0 {
            phone.busy(Span::from_secs(9), Token(9));
        }
        for _ in 0..self.draw(9) {
            if self.calls_left > 0 {
                self.calls_left -= 1;
                self.call(phone);
            }
        }
    }

    fn forget(&mut self) {
        self.tasks = 0;
    }
}

fn trace(scenario: &Scenario, mode: Mode) -> Vec<Event> {
    let options = Options { seed: scenario.seed, mode, trace: true };
    let outcome = run::play_app(scenario, options, |device| Chaos::new(device, scenario.seed));
    outcome.events.unwrap_or_default()
}

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn an_app_that_does_anything_breaks_no_rule(plan in plans(Wildness::Anything, 2, 60)) {
        let scenario = plan.scenario();
        let events = trace(&scenario, Mode::Apart);
        let end = scenario.duration.from_start();
        let mut counts = vec![0u64; scenario.devices as usize + 1];
        for event in &events {
            let count = &mut counts[event.owner as usize];
            *count += 1;
            prop_assert_eq!(event.seq, *count, "{:?}", event);
            prop_assert!(event.at < end, "{:?}", event);
        }
        prop_assert!(events.windows(2).all(|two| two[0].key() < two[1].key()));
        let runs = || RunsOnlyWhenItMay { state: AppState::NotRunning, device_sleeps: false };
        hold_in(&events, &plan, &scenario, runs)?;
        hold_in(&events, &plan, &scenario, OneTurnAtATime::default)?;
        hold_in(&events, &plan, &scenario, BackgroundIsLeased::default)?;
        hold_in(&events, &plan, &scenario, TasksEndOnce::default)?;
    }

    #[test]
    fn an_app_that_does_anything_plays_the_same_way_together(
        plan in plans(Wildness::Anything, 3, 30),
    ) {
        let scenario = plan.scenario();
        prop_assert!(trace(&scenario, Mode::Apart) == trace(&scenario, Mode::Together));
    }
}

/// Chaos that never got anywhere would prove nothing.
#[test]
fn the_app_that_does_anything_gets_far() {
    let mut seen = BTreeSet::new();
    let mut calls = 0;
    for seed in 0..60 {
        let text = format!(
            "name = \"chaos\"\nseed = {seed}\nduration = \"90m\"\n[platform]\nuse = \"ios-9\"\n\
             set = {{ background-task.limit = 1000, background-task.expiry-handler-budget = \"2s\" }}\n\
             [network]\nuse = \"wifi-home\"\n[server]\nuse = \"heartbeat-15s\"\n\
             [[step]]\nevery = \"3m\"\ndo = \"user.background\"\n\
             [[step]]\nevery = \"11m\"\ndo = \"user.foreground\"\n\
             [[step]]\nevery = \"1m\"\ndo = \"server.push\"\npush = \"p\"\n"
        );
        for event in trace(&crate::generate::read(&text), Mode::Apart) {
            calls += u32::from(event.lane == Lane::App);
            match event.what {
                What::Kill { rule, .. } => seen.insert(rule.as_str()),
                What::Callback { name, .. } => seen.insert(name),
                What::PushReceived { .. } => seen.insert("push-received"),
                _ => false,
            };
        }
    }
    let wanted = [
        "continue",
        "keep-alive",
        "task-expiring",
        "task-never-ended",
        "expiry-handler-too-slow",
        "entered-background-too-slow",
        "too-many-tasks",
        "has-bytes-available",
        "end-encountered",
        "push-received",
    ];
    let missing: Vec<_> = wanted.iter().filter(|name| !seen.contains(**name)).collect();
    assert!(missing.is_empty() && calls > 20_000, "{calls} calls, without {missing:?}: {seen:?}");
}
