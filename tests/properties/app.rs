//! The app: when it runs, by what right, and what its tasks, handlers and clocks do.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use holdline::client::Client;
use holdline::platform::Profile;
use holdline::port::{App, AppState, Callback, Phone, Span, Time};
use holdline::run::{self, Options};
use holdline::trace::{Event, Lane, LeaseEnd, LeaseReason, WakeReason, What};
use proptest::prelude::*;

use crate::cases;
use crate::generate::{Wildness, plans};
use crate::story::{Rule, callback, hold};

/// The app's code runs only in a state in which it can, and only while the device is awake.
pub(crate) struct RunsOnlyWhenItMay {
    pub(crate) state: AppState,
    pub(crate) device_sleeps: bool,
}

impl Rule for RunsOnlyWhenItMay {
    fn see(&mut self, event: &Event) -> Result<(), String> {
        match event.what {
            What::State { from, to } => {
                if from != self.state {
                    return Err(format!("the state was {}, not {from}", self.state));
                }
                self.state = to;
            }
            What::DeviceSlept {} => self.device_sleeps = true,
            What::DeviceWoke { .. } => self.device_sleeps = false,
            _ => {}
        }
        // What a stream has to say and nobody hears is the kernel's doing, not the app's.
        let unheard = matches!(event.what, What::StreamUnheard { .. });
        let by_app = match event.lane {
            Lane::App => true,
            Lane::Stream => !unheard,
            Lane::Os => matches!(
                event.what,
                What::Callback { .. } | What::CallbackReturned { .. } | What::Exit { .. }
            ),
            Lane::User => {
                matches!(event.what, What::Notified { .. } | What::NotNotified { .. })
            }
            Lane::Net | Lane::Server => false,
        };
        if by_app && !self.state.runs() {
            return Err(format!("the app acts while it is {}", self.state));
        }
        if self.device_sleeps && (by_app || self.state.runs()) {
            return Err("the app runs while the device sleeps".into());
        }
        Ok(())
    }
}

/// One turn at a time, and only a continuation comes in the middle of one.
#[derive(Default)]
pub(crate) struct OneTurnAtATime {
    turn: Option<&'static str>,
}

impl Rule for OneTurnAtATime {
    fn see(&mut self, event: &Event) -> Result<(), String> {
        match event.what {
            What::Callback { name, .. } => match self.turn {
                Some(_) if name == "continue" => {}
                Some(turn) => return Err(format!("{name} in the middle of {turn}")),
                None => self.turn = Some(name),
            },
            What::CallbackReturned { name, .. } => {
                let turn = self.turn.take();
                return if turn == Some(name) {
                    Ok(())
                } else {
                    Err(format!("{name} returned from {turn:?}"))
                };
            }
            What::State { to: AppState::NotRunning, .. } => self.turn = None,
            _ => {}
        }
        Ok(())
    }
}

/// An app in background holds a lease, at most one for each reason, unless it is on its way to the
/// screen.
#[derive(Default)]
pub(crate) struct BackgroundIsLeased {
    background: bool,
    to_screen: bool,
    held: Vec<(LeaseReason, Time)>,
}

impl Rule for BackgroundIsLeased {
    fn see(&mut self, event: &Event) -> Result<(), String> {
        match event.what {
            What::LeaseBegan { reason, .. } => {
                if self.held.iter().any(|(held, _)| *held == reason) {
                    return Err(format!("a second lease for {reason}"));
                }
                self.held.push((reason, event.at));
            }
            What::LeaseEnded { reason, how, held } => {
                let Some(place) = self.held.iter().position(|(known, _)| *known == reason) else {
                    return Err(format!("no lease for {reason} had begun"));
                };
                let (_, began) = self.held.remove(place);
                if event.at.since(began) != held {
                    return Err(format!("held for {}, not {held}", event.at.since(began)));
                }
                self.to_screen |= how == LeaseEnd::Foreground;
            }
            What::Wake { reason: WakeReason::User, .. } => self.to_screen = true,
            What::State { to, .. } => {
                self.background = to == AppState::Background;
                self.to_screen &= self.background || to == AppState::Inactive;
            }
            _ => {}
        }
        Ok(())
    }

    fn moment_over(&mut self) -> Result<(), String> {
        if self.background && self.held.is_empty() && !self.to_screen {
            return Err("the app is in background without a lease".into());
        }
        Ok(())
    }
}

/// Tasks are numbered in the order in which they are begun, and each is ended once at most.
#[derive(Default)]
pub(crate) struct TasksEndOnce {
    last: u32,
    open: BTreeSet<u32>,
}

impl Rule for TasksEndOnce {
    fn see(&mut self, event: &Event) -> Result<(), String> {
        match event.what {
            What::ProcessStarted { .. } => *self = TasksEndOnce::default(),
            What::BeginBackgroundTask { id } if id > 0 => {
                if id != self.last + 1 {
                    return Err(format!("task {id} follows task {}", self.last));
                }
                self.last = id;
                self.open.insert(id);
            }
            What::EndBackgroundTask { id, known } => {
                let open = self.open.remove(&id);
                return if open == known {
                    Ok(())
                } else {
                    Err(format!("task {id}: known is {known}"))
                };
            }
            _ => {}
        }
        Ok(())
    }
}

/// The keep-alive handler is never called sooner after its installation than the platform's share.
struct KeepAliveIsNotTooEarly {
    profile: Profile,
    not_before: Time,
}

impl Rule for KeepAliveIsNotTooEarly {
    fn see(&mut self, event: &Event) -> Result<(), String> {
        match event.what {
            What::SetKeepAliveTimeout { timeout, installed: true } => {
                let early = self.profile.keep_alive_early_max.times(timeout);
                self.not_before = event.at + (timeout - early);
            }
            What::ClearKeepAliveTimeout {} | What::ProcessStarted { .. } => {
                self.not_before = Time::NEVER;
            }
            _ => {}
        }
        if callback(event) == Some("keep-alive") && event.at < self.not_before {
            return Err(format!(
                "called at {}, not before {} was promised",
                event.at, self.not_before
            ));
        }
        Ok(())
    }
}

/// After leaving the app or locking the screen, an app that can run is not on screen.
#[derive(Default)]
struct LeavingIsLeaving {
    left: bool,
    state: Option<AppState>,
    blocked: bool,
}

impl Rule for LeavingIsLeaving {
    fn see(&mut self, event: &Event) -> Result<(), String> {
        match event.what {
            What::Step { action: "user.background" | "user.lock", .. } => self.left = true,
            What::Step { action: "user.foreground" | "user.unlock", .. } => self.left = false,
            What::State { to, .. } => {
                self.state = Some(to);
                self.blocked &= to != AppState::NotRunning;
            }
            What::Busy { .. } => self.blocked = true,
            What::Callback { .. } => self.blocked = false,
            _ => {}
        }
        Ok(())
    }

    fn moment_over(&mut self) -> Result<(), String> {
        match self.state {
            Some(AppState::Active) if self.left && !self.blocked => {
                Err("the user has left the app and it is active".into())
            }
            _ => Ok(()),
        }
    }
}

/// The built-in client, watched from inside: what it can see of its phone in every turn.
struct Watched {
    client: Client,
    last: Option<(Time, Time)>,
    wrong: Rc<RefCell<Option<String>>>,
}

impl App for Watched {
    fn on(&mut self, callback: Callback, phone: &mut impl Phone) {
        let now = phone.now();
        let (continuous, uptime) = self.last.unwrap_or_default();
        let passed = (now.continuous.since(continuous), now.uptime.since(uptime));
        let back = now.continuous < continuous || now.uptime < uptime;
        if now.uptime > now.continuous || back || passed.1 > passed.0 {
            *self.wrong.borrow_mut() =
                Some(format!("{callback:?} at {now:?} after {:?}", self.last));
        }
        if !phone.application_state().runs() {
            *self.wrong.borrow_mut() =
                Some(format!("{callback:?} while {}", phone.application_state()));
        }
        if phone.background_time_remaining() == Span::ZERO && phone.application_state().foreground()
        {
            *self.wrong.borrow_mut() = Some(format!("{callback:?}: no time left on screen"));
        }
        self.last = Some((now.continuous, now.uptime));
        self.client.on(callback, phone);
    }

    fn forget(&mut self) {
        self.client.forget();
    }
}

proptest! {
    #![proptest_config(cases(100))]

    #[test]
    fn a_suspended_app_and_one_that_is_not_running_never_run(
        plan in plans(Wildness::Anything, 2, 60),
    ) {
        let rule = || RunsOnlyWhenItMay { state: AppState::NotRunning, device_sleeps: false };
        hold(&plan, &plan.scenario(), rule)?;
    }

    #[test]
    fn one_turn_ends_before_the_next_begins(plan in plans(Wildness::Anything, 2, 60)) {
        hold(&plan, &plan.scenario(), OneTurnAtATime::default)?;
    }

    #[test]
    fn an_app_in_background_always_holds_a_lease(plan in plans(Wildness::Anything, 2, 60)) {
        hold(&plan, &plan.scenario(), BackgroundIsLeased::default)?;
    }

    #[test]
    fn background_tasks_count_up_and_end_once(plan in plans(Wildness::Anything, 2, 60)) {
        hold(&plan, &plan.scenario(), TasksEndOnce::default)?;
    }

    #[test]
    fn a_keep_alive_handler_is_never_called_too_early(plan in plans(Wildness::Anything, 2, 90)) {
        let scenario = plan.scenario();
        let rule = || KeepAliveIsNotTooEarly {
            profile: scenario.platform.values.clone(),
            not_before: Time::NEVER,
        };
        hold(&plan, &scenario, rule)?;
    }

    #[test]
    fn an_app_that_was_left_is_not_on_screen(plan in plans(Wildness::Anything, 2, 60)) {
        hold(&plan, &plan.scenario(), LeavingIsLeaving::default)?;
    }

    #[test]
    fn uptime_never_runs_ahead_of_continuous_time(plan in plans(Wildness::Anything, 2, 60)) {
        let scenario = plan.scenario();
        let wrong = Rc::new(RefCell::new(None));
        let strategy = Arc::new(scenario.client.values.clone());
        run::play_app(&scenario, Options::of(&scenario), |device| Watched {
            client: Client::new(Arc::clone(&strategy), device),
            last: None,
            wrong: Rc::clone(&wrong),
        });
        let wrong = wrong.borrow();
        prop_assert!(wrong.is_none(), "{:?}\n{}", wrong, plan.text("", ""));
    }
}
