//! When an app stops running, and how it is woken.

use super::{Context, Os};
use crate::port::{AppState, Purpose, Span, Time};
use crate::trace::{KillRule, LeaseEnd, LeaseReason, Observer, WakeReason, What};

/// Since when the app is suspended.
#[derive(Clone, Debug, Default)]
pub(super) struct Suspension {
    since: Time,
}

impl Suspension {
    pub(super) fn since(&self) -> Time {
        self.since
    }
}

impl Os {
    /// How long the system waits after the last reason to run has ended. Nobody documents it: two keys,
    /// because a keep-alive handler's return is known to be followed by suspension at once.
    pub(super) fn delay_after<O: Observer>(&self, last: LeaseReason, cx: &Context<'_, O>) -> Span {
        let delay = match last {
            LeaseReason::KeepAliveHandler => &cx.profile.keep_alive_suspension_delay,
            LeaseReason::Launch
            | LeaseReason::EnteredBackground
            | LeaseReason::BackgroundTask
            | LeaseReason::SocketWake
            | LeaseReason::Audio
            | LeaseReason::Grace => &cx.profile.suspension_delay,
        };
        delay.sample(cx.draws.draw(Purpose::Suspension, cx.now(), 0))
    }

    /// The app stops running, in the middle of a turn if need be. It is not told.
    pub(super) fn suspend<O: Observer>(&mut self, cx: &mut Context<'_, O>) {
        if self.state != AppState::Background {
            return;
        }
        // Told that it is terminated, the app is not kept to go on with that later.
        if let Some(rule) = self.process.ending() {
            return self.kill_for(rule, cx);
        }
        self.release_all(LeaseEnd::Overrun, cx);
        if self.debugger_attached(cx) {
            return;
        }
        self.main.unwatch();
        self.tasks.stop_clock();
        self.audio = false;
        self.enter(AppState::Suspended, cx);
        self.suspension.since = cx.now();
        self.reclaim_on_suspension(cx);
        self.device_may_sleep(cx);
    }

    /// Gives the suspended app run time; answers whether it runs now. The limit on wakes may end it.
    pub(super) fn wake<O: Observer>(
        &mut self,
        reason: WakeReason,
        cx: &mut Context<'_, O>,
    ) -> bool {
        debug_assert_eq!(self.state, AppState::Suspended);
        self.device_wakes(cx);
        let now = cx.now();
        self.main.shift(now.since(self.suspension.since));
        let within_limit = self.count_wake(reason, cx);
        let recent = self.wake_limit.recent(now, cx.profile);
        cx.probe.emit(What::Wake { reason, recent });
        self.reclaim.stop_waiting();
        self.enter(AppState::Background, cx);
        if !within_limit {
            self.kill_for(KillRule::WakeLimit, cx);
            return false;
        }
        match reason {
            WakeReason::KeepAlive => {
                self.begin_lease(
                    LeaseReason::KeepAliveHandler,
                    cx.profile.keep_alive_handler_budget,
                    cx,
                );
            }
            WakeReason::Socket | WakeReason::Reachability => {
                self.begin_lease(LeaseReason::SocketWake, cx.profile.voip_wake_runtime, cx);
            }
            WakeReason::User => {}
        }
        if reason != WakeReason::User {
            self.start_task_clock(cx.profile.task_budget_in_background, cx);
        }
        true
    }
}
