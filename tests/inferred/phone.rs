//! What a phone would have told of a simulated run: only what it observes, and only while its app runs.

use holdline::device::host::Known;
use holdline::port::{AppState, LaunchReason, Span, Time};
use holdline::scenario::Scenario;
use holdline::trace::{
    Event, Lane, LegacyFeature, LegacyPlan, LegacyReason, OnPhone, PushNumbers, Record, What,
};

/// How a phone can know of an event.
fn on_phone(what: &What) -> OnPhone {
    What::TABLE.iter().find(|row| row.name == what.name()).unwrap().on_phone
}

/// Whether the host knows of it by itself: what its server does, and what it does to the path.
pub(crate) fn of_host(what: &What) -> bool {
    what.lane() == Lane::Server
        || matches!(
            what,
            What::Step { .. }
                | What::PhaseBegan { .. }
                | What::PathChanged { .. }
                | What::Conditions { .. }
                | What::InternetChanged { .. }
                | What::PortalChanged { .. }
                | What::DnsChanged { .. }
        )
}

/// The phone while its log is written.
struct Phone<'s> {
    scenario: &'s Scenario,
    pushes: PushNumbers,
    known: Vec<Known>,
    state: AppState,
    since: Time,
    slept: Span,
    asleep: Option<Time>,
    /// It was suspended, and nothing shows yet that it runs again.
    woken: Option<(Time, Span)>,
    /// Until when its main thread is blocked, but for time in which it is suspended.
    blocked: Option<Time>,
}

/// What host and phone know of the events of a run with one device.
pub(crate) fn told(scenario: &Scenario, events: &[Event]) -> Vec<Known> {
    let mut phone = Phone {
        scenario,
        pushes: PushNumbers::of(&scenario.names),
        known: Vec::new(),
        state: AppState::NotRunning,
        since: Time::ZERO,
        slept: Span::ZERO,
        asleep: None,
        woken: None,
        blocked: None,
    };
    for event in events {
        phone.event(event);
    }
    phone.opened_at_the_end();
    phone.known
}

impl Phone<'_> {
    fn event(&mut self, event: &Event) {
        self.runs_again(event.at);
        match event.what {
            What::State { from, to } => {
                if from == AppState::Suspended && to != AppState::NotRunning {
                    self.woken = Some((event.at, event.at.since(self.since)));
                } else if to == AppState::NotRunning {
                    // It was ended before its main thread ran again.
                    self.woken = None;
                }
                (self.state, self.since) = (to, event.at);
            }
            What::Busy { span } => self.blocked = Some(event.at + span),
            What::CallbackReturned { .. } | What::Callback { name: "continue", .. } => {
                self.blocked = None;
            }
            What::DeviceSlept {} => self.asleep = Some(event.at),
            What::DeviceWoke { slept } => {
                self.asleep = None;
                self.slept += slept;
            }
            _ => {}
        }
        if of_host(&event.what) {
            self.known.push(Known { event: *event, doubt: Span::ZERO, uptime: None, line: None });
            return;
        }
        let starts = matches!(event.what, What::ProcessStarted { .. } | What::Exit { .. });
        if on_phone(&event.what) != OnPhone::Observed || !(self.state.runs() || starts) {
            return;
        }
        if let Some((at, after)) = self.woken.take() {
            self.tell(at, What::RanAgain { after });
        }
        self.tell(event.at, event.what);
        if let What::SetServiceType { service: holdline::port::ServiceType::Voip, .. } = event.what
            && holdline::run::setup(self.scenario, 1).gate.trap
        {
            let (call, plan) = (LegacyFeature::VoipStream, LegacyPlan::ExpectTrap);
            let why = LegacyReason::ModernSdkTrap;
            self.tell(event.at, What::LegacyCall { call, plan, why });
        }
    }

    /// Time goes on to `now`: a main thread that was not blocked has noticed that it runs.
    fn runs_again(&mut self, now: Time) {
        if let Some((at, after)) = self.woken.filter(|(at, _)| *at < now)
            && self.blocked.is_none_or(|until| until < at)
        {
            self.woken = None;
            self.tell(at, What::RanAgain { after });
        }
    }

    /// When the run is over the host has the app opened, for its log: so the last time without run time has an end.
    fn opened_at_the_end(&mut self) {
        let end = self.scenario.duration.from_start() + Span::from_secs(10);
        match self.state {
            AppState::Suspended => {
                self.tell(end, What::RanAgain { after: end.since(self.since) });
                self.tell(end, What::Callback { name: "will-enter-foreground", id: 0 });
            }
            AppState::NotRunning => {
                self.tell(end, What::ProcessStarted { reason: LaunchReason::User });
            }
            AppState::Background | AppState::Inactive | AppState::Active => {
                self.tell(end, What::Callback { name: "will-enter-foreground", id: 0 });
            }
        }
    }

    /// A line of the log, which has frames by their names only.
    fn tell(&mut self, at: Time, what: What) {
        let event = Event { at, owner: 1, seq: 0, lane: what.lane(), what };
        let record = Record::of(&event, &self.scenario.names);
        let event = record.event(0, &mut self.pushes).unwrap();
        let asleep = self.asleep.map_or(Span::ZERO, |since| at.since(since));
        let uptime = (at.elapsed() - self.slept - asleep).as_micros();
        let line = Some(self.known.len());
        self.known.push(Known { event, doubt: Span::ZERO, uptime: Some(uptime), line });
    }
}
