//! Every kill has a reason: code and rule belong together, what justifies it came before, and the process
//! is gone afterwards.

use std::collections::BTreeSet;

use holdline::os::Gate;
use holdline::platform::{Profile, TaskKillCode};
use holdline::port::{AppState, LaunchReason, ServiceType, Span, Time};
use holdline::scenario::Scenario;
use holdline::trace::{Event, KillCode, KillRule, LeaseEnd, LeaseReason, WakeReason, What};
use proptest::prelude::*;

use crate::cases;
use crate::generate::{Wildness, plans};
use crate::story::{Rule, callback, hold};

/// What led to a kill, as far as it can be seen in the trace.
struct KillsHaveReasons {
    profile: Profile,
    gate: Gate,
    state: AppState,
    /// The tasks begun and not ended.
    tasks: BTreeSet<u32>,
    /// The turn that has not ended, and when it began.
    turn: Option<(&'static str, Time)>,
    /// The lease that ended last: why it was held, how it ended, when, and how long it was held.
    lease: Option<(LeaseReason, LeaseEnd, Time, Span)>,
    launched: Option<Time>,
    /// When the user asked for the app.
    called: Vec<Time>,
    /// The step that acted last, and when.
    step: Option<(&'static str, Time)>,
    /// Wakes that count, since the user last had the app on screen or the device booted.
    wakes: Vec<Time>,
    told_to_terminate: bool,
    tagged: bool,
    killed: Option<Time>,
    /// Why the process may end now.
    may_end: bool,
}

impl KillsHaveReasons {
    fn new(scenario: &Scenario) -> KillsHaveReasons {
        let profile = scenario.platform.values.clone();
        KillsHaveReasons {
            gate: Gate::of(&profile, &scenario.manifest),
            profile,
            state: AppState::NotRunning,
            tasks: BTreeSet::new(),
            turn: None,
            lease: None,
            launched: None,
            called: Vec::new(),
            step: None,
            wakes: Vec::new(),
            told_to_terminate: false,
            tagged: false,
            killed: None,
            may_end: false,
        }
    }

    fn code_of(&self, rule: KillRule) -> KillCode {
        match rule {
            KillRule::EnteredBackgroundTooSlow
            | KillRule::LaunchTooSlow
            | KillRule::ResumeTooSlow
            | KillRule::ExpiryHandlerTooSlow
            | KillRule::KeepAliveHandlerTooSlow => KillCode::Watchdog,
            KillRule::TaskNeverEnded => match self.profile.task_kill_code {
                TaskKillCode::Watchdog => KillCode::Watchdog,
                TaskKillCode::TaskOverrun => KillCode::TaskOverrun,
            },
            KillRule::TooManyTasks => KillCode::TooManyTasks,
            KillRule::WakeLimit => KillCode::TooManyWakes,
            KillRule::Memory => KillCode::Jetsam,
            KillRule::ForceQuit => KillCode::ForceQuit,
            KillRule::ModernSdkTrap => KillCode::Trap,
        }
    }

    /// Whether a lease for `reason` was overrun at this very moment after at least `budget`.
    fn overran(&self, reason: LeaseReason, budget: Span, now: Time) -> bool {
        self.lease.is_some_and(|(held_for, how, at, held)| {
            held_for == reason && how == LeaseEnd::Overrun && at == now && held >= budget
        })
    }

    fn in_turn_since(&self, names: &[&str], span: Span, now: Time) -> bool {
        self.turn.is_some_and(|(name, began)| names.contains(&name) && now.since(began) == span)
    }

    fn stepped(&self, names: &[&str], now: Time) -> bool {
        self.step.is_some_and(|(name, at)| names.contains(&name) && at == now)
    }

    fn recent_wakes(&self, now: Time) -> usize {
        // A fixed window is never longer than the sliding one that ends now.
        self.wakes.iter().filter(|at| now.since(**at) < self.profile.wake_limit_window).count()
    }

    fn justified(&self, rule: KillRule, now: Time) -> bool {
        let profile = &self.profile;
        match rule {
            KillRule::EnteredBackgroundTooSlow => {
                self.overran(LeaseReason::EnteredBackground, profile.entered_background_budget, now)
            }
            KillRule::LaunchTooSlow => self
                .launched
                .is_some_and(|at| now.since(at) == profile.launch_watchdog && self.turn.is_some()),
            // The main thread has not got round to it, or is at it.
            KillRule::ResumeTooSlow => {
                let called = self.called.iter().any(|at| now.since(*at) == profile.resume_watchdog);
                called && self.state.runs()
            }
            KillRule::TaskNeverEnded => {
                !self.tasks.is_empty() && self.overran(LeaseReason::BackgroundTask, Span::TICK, now)
            }
            KillRule::ExpiryHandlerTooSlow => {
                self.in_turn_since(&["task-expiring"], profile.task_expiry_handler_budget, now)
            }
            KillRule::TooManyTasks => {
                profile.task_limit.is_some_and(|limit| self.tasks.len() > limit as usize)
            }
            KillRule::KeepAliveHandlerTooSlow => {
                self.overran(LeaseReason::KeepAliveHandler, profile.keep_alive_handler_budget, now)
            }
            KillRule::WakeLimit => {
                profile.wake_limit.is_some_and(|limit| self.recent_wakes(now) > limit as usize)
            }
            KillRule::Memory => self.stepped(&["phone.memory-kill", "phone.memory-pressure"], now),
            KillRule::ForceQuit => {
                self.told_to_terminate || self.stepped(&["user.force-quit"], now)
            }
            KillRule::ModernSdkTrap => self.gate.trap && self.tagged,
        }
    }

    /// What is of no more concern once the process is gone.
    fn process_over(&mut self) {
        self.tasks.clear();
        self.turn = None;
        self.launched = None;
        self.told_to_terminate = false;
        self.tagged = false;
    }
}

impl Rule for KillsHaveReasons {
    fn see(&mut self, event: &Event) -> Result<(), String> {
        let now = event.at;
        match event.what {
            What::Kill { code, rule } => {
                if code != self.code_of(rule) {
                    return Err(format!("{code} does not belong to {rule}"));
                }
                if !self.justified(rule, now) {
                    return Err(format!("nothing justifies {rule}"));
                }
                self.killed = Some(now);
                self.may_end = true;
            }
            What::Exit { .. } | What::Reboot {} => self.may_end = true,
            What::State { to, .. } => {
                self.state = to;
                if to == AppState::NotRunning {
                    if !std::mem::take(&mut self.may_end) {
                        return Err("the process ended for no reason".into());
                    }
                    self.killed = None;
                    self.process_over();
                }
                if to == AppState::Active && self.profile.wake_limit_foreground_resets {
                    self.wakes.clear();
                }
            }
            What::BeginBackgroundTask { id } if id > 0 => {
                self.tasks.insert(id);
            }
            What::EndBackgroundTask { id, .. } => {
                self.tasks.remove(&id);
            }
            What::LeaseEnded { reason, how, held } => {
                self.lease = Some((reason, how, now, held));
            }
            What::ProcessStarted { reason } => {
                self.launched = (reason == LaunchReason::User).then_some(now);
            }
            What::Step { action, .. } => {
                self.step = Some((action, now));
                if matches!(action, "user.foreground" | "user.unlock") {
                    self.called.push(now);
                }
            }
            What::Wake { reason, .. } => match reason {
                WakeReason::Socket | WakeReason::Reachability => self.wakes.push(now),
                WakeReason::KeepAlive if self.profile.wake_limit_counts_keep_alive => {
                    self.wakes.push(now);
                }
                WakeReason::KeepAlive | WakeReason::User => {}
            },
            What::SetServiceType { service: ServiceType::Voip, taken: true, .. } => {
                self.tagged = true;
            }
            What::CallbackReturned { .. } => self.turn = None,
            _ => {}
        }
        if let Some(name) = callback(event) {
            self.turn.get_or_insert((name, now));
            self.told_to_terminate |= name == "will-terminate";
            if self.killed.is_some() {
                return Err(format!("{name} is called after the kill"));
            }
        }
        Ok(())
    }

    fn moment_over(&mut self) -> Result<(), String> {
        if self.killed.is_some() { Err("killed and still there".into()) } else { Ok(()) }
    }
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn every_kill_has_a_reason(plan in plans(Wildness::Anything, 2, 60)) {
        let scenario = plan.scenario();
        hold(&plan, &scenario, || KillsHaveReasons::new(&scenario))?;
    }
}

/// The property above means nothing for a rule that no random scenario reaches.
#[test]
fn the_random_scenarios_reach_every_rule_but_the_rarest() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    let mut runner = TestRunner::new(cases(0));
    let mut seen: Vec<KillRule> = Vec::new();
    for _ in 0..250 {
        let plan = plans(Wildness::Anything, 2, 60).new_tree(&mut runner).unwrap().current();
        for event in crate::trace(&plan.scenario()) {
            if let What::Kill { rule, .. } = event.what
                && !seen.contains(&rule)
            {
                seen.push(rule);
            }
        }
    }
    let missing: Vec<&KillRule> =
        KillRule::ALL.iter().filter(|rule| !seen.contains(rule)).collect();
    assert!(missing.is_empty(), "never reached: {missing:?}");
}
