//! The app's states, its wakes, what the user was shown, the screen: from callbacks, from time without any, and from
//! what the host did.

use super::end::{End, Rule};
use super::{Additions, Situation, World, of_phone, state_for};
use crate::client::Notify;
use crate::os::WakeLimit;
use crate::platform::{Profile, TaskKillCode};
use crate::port::{AppState, LaunchReason, PushId, Span, Time};
use crate::scenario::Act;
use crate::trace::{KillCode, KillRule, WakeReason, What};

/// What is known of the phone so far.
struct Phone<'a, 'k> {
    added: &'a mut Additions<'k>,
    situation: &'a Situation<'a>,
    world: World,
    state: AppState,
    locked: bool,
    wakes: WakeLimit,
    /// Since when the main thread is blocked, and for how long.
    busy: Option<(Time, Span)>,
    /// The last that the app told: the moment after it.
    last: Option<(usize, Time)>,
    /// Since when nobody knew, for the first time, whether an app in background was suspended before its end.
    unsure_since: Option<Time>,
}

/// Adds the states and what goes with them. Answers since when nobody knew whether an app in background was suspended
/// before its process, or its log, ended.
pub(super) fn infer(
    added: &mut Additions<'_>,
    ends: &[End],
    situation: &Situation<'_>,
    world: World,
) -> Option<Time> {
    let mut phone = Phone {
        added,
        situation,
        world,
        state: AppState::NotRunning,
        locked: false,
        wakes: WakeLimit::default(),
        busy: None,
        last: None,
        unsure_since: None,
    };
    let posts_told =
        phone.added.known.iter().any(|k| matches!(k.event.what, What::Notified { .. }));
    let mut ends = ends.iter().peekable();
    for place in 0..=phone.added.known.len() {
        while let Some(end) = ends.next_if(|end| end.place <= place) {
            phone.ends(end);
        }
        if place < phone.added.known.len() {
            phone.event(place, posts_told);
        }
    }
    phone.over()
}

impl Phone<'_, '_> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "most events change no state")]
    fn event(&mut self, place: usize, posts_told: bool) {
        let known = self.added.known[place];
        match known.event.what {
            What::Step { .. } => {
                if let Some(act) = self.situation.act(&known.event) {
                    self.step(place, act);
                }
            }
            _ if !of_phone(&known) => return,
            What::ProcessStarted { reason } => self.started(place, reason),
            What::Callback { name, .. } => {
                if let Some(to) = state_for(name) {
                    self.enter_before(place, to);
                }
            }
            What::CallbackReturned { .. } => self.busy = None,
            What::Busy { span } => self.busy = Some((known.event.at, span)),
            What::RanAgain { after } => self.ran_again(place, after),
            What::PushReceived { push, .. } if !posts_told => self.posted(place, push),
            What::Exit { .. } => self.enter_after(place, AppState::NotRunning),
            _ => {}
        }
        if of_phone(&known) && self.state != AppState::NotRunning {
            self.last = Some((place + 1, known.event.at));
        }
    }

    fn enter_before(&mut self, place: usize, to: AppState) {
        let from = std::mem::replace(&mut self.state, to);
        if from != to {
            self.added.before(place, What::State { from, to });
        }
    }

    fn enter_after(&mut self, place: usize, to: AppState) {
        let from = std::mem::replace(&mut self.state, to);
        if from != to {
            self.added.after(place, What::State { from, to });
        }
    }

    fn started(&mut self, place: usize, reason: LaunchReason) {
        if reason == LaunchReason::Boot {
            self.added.before(place, What::Booted {});
        }
        self.busy = None;
        let to = match reason {
            LaunchReason::User => {
                self.came_to_foreground();
                AppState::Inactive
            }
            LaunchReason::VoipRelaunch | LaunchReason::Boot => AppState::Background,
        };
        self.enter_after(place, to);
    }

    fn came_to_foreground(&mut self) {
        if self.situation.scenario.platform.values.wake_limit_foreground_resets {
            self.wakes.reset();
        }
    }

    /// The host had the user do something.
    fn step(&mut self, place: usize, act: Act) {
        let locks = matches!(act, Act::UserLock);
        let unlocks = matches!(act, Act::UserUnlock | Act::UserForeground);
        if (locks && !self.locked) || (unlocks && self.locked) {
            self.locked = locks;
            self.added.after(place, What::ScreenLocked { locked: locks });
        }
        if act == Act::PhoneReboot {
            self.locked = true;
            self.wakes.reset();
            self.added.after(place, What::Reboot {});
        }
    }

    /// The main thread ran again after a while without run time. In background that is suspension, if nothing of the
    /// app's own explains it.
    fn ran_again(&mut self, place: usize, after: Span) {
        let at = self.added.known[place].event.at;
        let began = Time::from_micros(at.as_micros().saturating_sub(after.as_micros()));
        let blocked = self.busy.map_or(Span::ZERO, |(since, span)| {
            let ends = (since + span).min(at);
            ends.since(since.max(began))
        });
        let mostly_blocked = blocked.saturating_mul(2) > after;
        if self.state != AppState::Background || mostly_blocked {
            return;
        }
        // Nothing is told while it is suspended, so it cannot have begun before what was told last.
        let began = self.last.map_or(began, |(_, last)| began.max(last));
        let suspended = What::State { from: AppState::Background, to: AppState::Suspended };
        self.added.at_or_before(began, place, suspended);
        let profile = &self.situation.scenario.platform.values;
        let reason = self.woken_by(place);
        if reason == WakeReason::User {
            self.came_to_foreground();
        }
        self.wakes.count(reason, at, profile);
        let recent = self.wakes.recent(at, profile);
        self.added.before(place, What::Wake { reason, recent });
        let woken = What::State { from: AppState::Suspended, to: AppState::Background };
        self.added.before(place, woken);
    }

    /// Why the app was woken: because the user opened it, if the host had that done meanwhile; else by what it is told
    /// first that can be a reason.
    #[expect(clippy::wildcard_enum_match_arm, reason = "only callbacks tell")]
    fn woken_by(&self, place: usize) -> WakeReason {
        let profile = &self.situation.scenario.platform.values;
        let mut reason = None;
        for known in self.added.known[place + 1..].iter().filter(|known| of_phone(known)) {
            let told = match known.event.what {
                What::Callback { name: "keep-alive", .. } => WakeReason::KeepAlive,
                What::Callback { name: "will-enter-foreground", .. } if self.opened(place) => {
                    return WakeReason::User;
                }
                What::Callback { name: "will-enter-foreground", .. } => WakeReason::User,
                What::Callback { name: "reachability-changed", .. }
                    if profile.reachability_wakes =>
                {
                    WakeReason::Reachability
                }
                What::Callback {
                    name:
                        "has-bytes-available" | "end-encountered" | "error-occurred" | "open-completed",
                    ..
                } => WakeReason::Socket,
                What::RanAgain { .. } | What::ProcessStarted { .. } => break,
                _ => continue,
            };
            reason.get_or_insert(told);
        }
        reason.unwrap_or(WakeReason::Socket)
    }

    /// Whether the user was to open the app between what it told last and the line at `place`.
    fn opened(&self, place: usize) -> bool {
        let from = self.last.map_or(0, |(last, _)| last);
        let opens = |act| matches!(act, Act::UserForeground | Act::UserUnlock);
        let mut between = self.added.known[from.min(place)..place].iter();
        between.any(|known| self.situation.act(&known.event).is_some_and(opens))
    }

    /// The built-in client posts for each push that it has not had, as its strategy says; a refusal is told.
    #[expect(clippy::wildcard_enum_match_arm, reason = "two events say that nothing was shown")]
    fn posted(&mut self, place: usize, push: PushId) {
        let strategy = &self.situation.scenario.client.values;
        let posts = match strategy.notify {
            Notify::Always => true,
            Notify::Background => !self.state.foreground(),
            Notify::Never => false,
        };
        if !posts {
            return;
        }
        for (at, known) in self.added.known.iter().enumerate().skip(place + 1) {
            match known.event.what {
                _ if !of_phone(known) => {}
                What::BeginBackgroundTask { .. } if strategy.push_leak_task => {}
                What::PushDuplicate { push: had } | What::NotNotified { push: had, .. }
                    if had == push =>
                {
                    return;
                }
                _ => {
                    // The built-in client's own number for it, where that follows from the push.
                    let id = u64::from(push.name) << 32 | u64::from(push.member);
                    self.added.before(at, What::Notified { push, id });
                    return;
                }
            }
        }
    }

    /// A process ended that did not say so.
    fn ends(&mut self, end: &End) {
        if self.state == AppState::NotRunning {
            return;
        }
        let what = match (end.kill, self.world.rule) {
            (Rule::Known(code, rule), _) => Some(What::Kill { code, rule }),
            (Rule::Unknown, Some(rule)) => {
                let profile = &self.situation.scenario.platform.values;
                Some(What::Kill { code: code_of(rule, profile), rule })
            }
            (Rule::Unknown, None) => Some(What::ProcessGone {}),
            (Rule::None | Rule::Boot, _) => None,
        };
        let by_wake = matches!(what, Some(What::Kill { rule: KillRule::WakeLimit, .. }));
        if self.state == AppState::Background {
            self.unsure();
        }
        if self.state == AppState::Background && (self.world.suspended || by_wake) {
            self.suspend_at_last();
        }
        if by_wake && self.state == AppState::Suspended {
            self.woken_to_death(end);
        }
        if let Some(what) = what {
            self.added.at_or_before(end.at, end.place, what);
        }
        let from = std::mem::replace(&mut self.state, AppState::NotRunning);
        let gone = What::State { from, to: AppState::NotRunning };
        self.added.at_or_before(end.at, end.place, gone);
        self.last = None;
        self.busy = None;
    }

    /// The wake in which the limit ended it, before it could tell of that.
    fn woken_to_death(&mut self, end: &End) {
        let profile = &self.situation.scenario.platform.values;
        let reason = self.world.last_wake;
        self.wakes.count(reason, end.at, profile);
        let recent = self.wakes.recent(end.at, profile);
        self.added.at_or_before(end.at, end.place, What::Wake { reason, recent });
        self.state = AppState::Background;
        let woken = What::State { from: AppState::Suspended, to: AppState::Background };
        self.added.at_or_before(end.at, end.place, woken);
    }

    fn suspend_at_last(&mut self) {
        let Some((place, at)) = self.last else { return };
        let from = std::mem::replace(&mut self.state, AppState::Suspended);
        self.added.at_or_before(at, place, What::State { from, to: AppState::Suspended });
    }

    fn unsure(&mut self) {
        self.unsure_since = self.unsure_since.or(self.last.map(|(_, at)| at));
    }

    /// There is no more.
    fn over(mut self) -> Option<Time> {
        if self.state == AppState::Background {
            self.unsure();
            if self.world.suspended {
                self.suspend_at_last();
            }
        }
        self.unsure_since
    }
}

/// The code that goes with a rule; the system decides between two.
fn code_of(rule: KillRule, profile: &Profile) -> KillCode {
    match rule {
        KillRule::TaskNeverEnded => match profile.task_kill_code {
            TaskKillCode::Watchdog => KillCode::Watchdog,
            TaskKillCode::TaskOverrun => KillCode::TaskOverrun,
        },
        KillRule::EnteredBackgroundTooSlow
        | KillRule::LaunchTooSlow
        | KillRule::ResumeTooSlow
        | KillRule::ExpiryHandlerTooSlow
        | KillRule::KeepAliveHandlerTooSlow => KillCode::Watchdog,
        KillRule::TooManyTasks => KillCode::TooManyTasks,
        KillRule::WakeLimit => KillCode::TooManyWakes,
        KillRule::Memory => KillCode::Jetsam,
        KillRule::ForceQuit => KillCode::ForceQuit,
        KillRule::ModernSdkTrap => KillCode::Trap,
    }
}
