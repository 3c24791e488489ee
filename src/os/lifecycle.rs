//! States and callbacks in their order: leaving the screen is will-resign-active, entered-background;
//! coming back is will-enter-foreground, became-active. The state changes as the callback is delivered.

use super::{Context, Delivery, Os};
use crate::port::{AppState, Callback, LaunchReason};
use crate::trace::{KillRule, LeaseEnd, LeaseReason, LogLine, Observer, WakeReason, What};

impl Os {
    /// The user opens the app.
    pub fn foreground<O: Observer>(&mut self, cx: &mut Context<'_, O>) {
        if !self.device.is_up() {
            cx.probe.emit(What::SystemLog { line: LogLine::BOOTING, id: 0 });
            return;
        }
        self.unlock_screen(cx);
        self.device.enter_app();
        self.come_to_foreground(cx);
    }

    /// The app's turn on screen begins.
    pub(super) fn come_to_foreground<O: Observer>(&mut self, cx: &mut Context<'_, O>) {
        if cx.profile.wake_limit_foreground_resets {
            self.wake_limit.reset();
        }
        match self.state {
            AppState::Active | AppState::Inactive => {
                // On its way out, perhaps: then back in.
                if self.leases.holds(LeaseReason::EnteredBackground) {
                    self.return_to_screen(cx);
                }
            }
            AppState::NotRunning => self.launch(LaunchReason::User, cx),
            AppState::Suspended => {
                self.wake(WakeReason::User, cx);
                self.return_to_screen(cx);
            }
            AppState::Background => {
                // On its way already, unless the user left again meanwhile.
                if !self.is_returning() || self.leases.holds(LeaseReason::EnteredBackground) {
                    self.return_to_screen(cx);
                }
            }
        }
    }

    /// The app has been called back to the screen and its main thread has not got round to it.
    fn is_returning(&self) -> bool {
        self.pending.contains(&Delivery::Callback(Callback::BecameActive))
    }

    fn return_to_screen<O: Observer>(&mut self, cx: &mut Context<'_, O>) {
        self.release_all(LeaseEnd::Foreground, cx);
        self.tasks.stop_clock();
        self.main.watch(cx.now() + cx.profile.resume_watchdog, KillRule::ResumeTooSlow);
        self.tell(Callback::WillEnterForeground);
        self.tell(Callback::BecameActive);
    }

    /// The user leaves the app.
    pub fn background<O: Observer>(&mut self, cx: &mut Context<'_, O>) {
        self.device.leave_app();
        self.leave_screen(cx);
    }

    /// The app's turn on screen ends. The time it has for that runs from now, whether or not its main
    /// thread listens.
    pub(super) fn leave_screen<O: Observer>(&mut self, cx: &mut Context<'_, O>) {
        let on_screen = self.state.foreground() || self.is_returning();
        if on_screen && !self.leases.holds(LeaseReason::EnteredBackground) {
            self.tell(Callback::WillResignActive);
            self.tell(Callback::EnteredBackground);
            let budget = cx.profile.entered_background_budget;
            self.begin_lease(LeaseReason::EnteredBackground, budget, cx);
        }
    }

    /// The state that goes with a callback that is about to be delivered.
    #[inline]
    pub(super) fn enter_state_for<O: Observer>(
        &mut self,
        callback: Callback,
        cx: &mut Context<'_, O>,
    ) {
        match callback {
            Callback::BecameActive => {
                self.process.reached_foreground();
                self.enter(AppState::Active, cx);
            }
            Callback::WillResignActive => self.enter(AppState::Inactive, cx),
            Callback::EnteredBackground => {
                self.enter(AppState::Background, cx);
                if self.leases.holds(LeaseReason::EnteredBackground) {
                    self.start_task_clock(cx.profile.task_budget, cx);
                    self.keep_for_audio(cx);
                }
            }
            Callback::WillEnterForeground => self.enter(AppState::Inactive, cx),
            Callback::Launched(_)
            | Callback::WillTerminate
            | Callback::MemoryWarning
            | Callback::ProtectedDataAvailable
            | Callback::KeepAlive
            | Callback::TaskExpiring(_)
            | Callback::Timer(_)
            | Callback::Stream(..)
            | Callback::ReachabilityChanged(_)
            | Callback::LowPowerModeChanged(_)
            | Callback::Continue(_) => {}
        }
    }

    #[inline]
    pub(super) fn enter<O: Observer>(&mut self, to: AppState, cx: &mut Context<'_, O>) {
        let from = self.state;
        if from != to {
            self.state = to;
            cx.probe.emit(What::State { from, to });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::os::testing::Bench;
    use crate::port::{AppState, Phone, Span, Token};
    use crate::settings::Dist;
    use crate::trace::{KillRule, What};

    #[test]
    fn callbacks_come_in_uikits_order() {
        let mut bench = Bench::ios(9);
        bench.background();
        bench.run_until_suspended();
        bench.foreground();
        let order: Vec<&str> = bench.callbacks();
        assert_eq!(
            order,
            [
                "launched",
                "became-active",
                "will-resign-active",
                "entered-background",
                "will-enter-foreground",
                "became-active"
            ]
        );
    }

    #[test]
    fn suspension_is_not_announced() {
        let mut bench = Bench::ios(9);
        bench.background();
        let before = bench.callbacks().len();
        bench.run_until_suspended();
        assert_eq!(bench.callbacks().len(), before);
    }

    #[test]
    fn without_a_lease_the_app_is_suspended_within_seconds() {
        let mut bench = Bench::ios(9);
        bench.background();
        assert_eq!(bench.os.state(), AppState::Background);
        bench.sleep(Span::from_secs(5));
        assert_eq!(bench.os.state(), AppState::Suspended);
    }

    #[test]
    fn five_seconds_after_leaving_the_screen_a_hung_app_is_killed() {
        let mut bench = Bench::ios(9);
        bench.on_callback("entered-background", |phone| phone.busy(Span::from_secs(6), Token(1)));
        bench.background();
        bench.sleep(Span::from_micros(4_999_999));
        assert_eq!(bench.os.state(), AppState::Background);
        bench.sleep(Span::TICK);
        assert!(bench.saw(|what| {
            matches!(what, What::Kill { rule: KillRule::EnteredBackgroundTooSlow, .. })
        }));
    }

    #[test]
    fn the_five_seconds_run_even_while_the_main_thread_hangs_in_the_foreground() {
        let mut bench = Bench::ios(9);
        bench.hang(Span::from_secs(60));
        bench.background();
        bench.sleep(Span::from_secs(5));
        assert_eq!(bench.os.state(), AppState::NotRunning);
    }

    #[test]
    fn returning_exactly_at_the_limit_is_in_time() {
        let mut bench = Bench::ios(9);
        bench.on_callback("entered-background", |phone| phone.busy(Span::from_secs(5), Token(1)));
        bench.background();
        bench.sleep(Span::from_secs(11));
        assert_eq!(bench.os.state(), AppState::Suspended);
    }

    #[test]
    fn leaving_before_a_hung_app_could_come_back_leaves_it_in_background() {
        let mut bench = Bench::ios(9);
        bench.profile.suspension_delay = Dist::Constant(Span::ZERO);
        bench.with(|phone| phone.begin_background_task());
        bench.background();
        bench.hang(Span::from_secs(3));
        for _ in 0..3 {
            bench.foreground();
            bench.foreground();
            bench.background();
            bench.background();
        }
        bench.sleep(Span::from_secs(4));
        assert_eq!(bench.os.state(), AppState::Background);
        assert_eq!(bench.times_told("will-enter-foreground"), 3, "once each time");
        assert_eq!(bench.times_told("entered-background"), 4);
        assert_eq!(bench.count(|what| matches!(what, What::Kill { .. })), 0);
    }

    #[test]
    fn leaving_twice_while_the_app_hangs_on_screen_is_told_twice() {
        let mut bench = Bench::ios(9);
        bench.profile.suspension_delay = Dist::Constant(Span::ZERO);
        bench.hang(Span::from_secs(3));
        bench.background();
        bench.foreground();
        bench.background();
        bench.sleep(Span::from_secs(4));
        assert_eq!(bench.times_told("entered-background"), 2);
        assert_eq!(bench.os.state(), AppState::Suspended);
    }

    #[test]
    fn leaving_and_coming_back_at_once_leaves_the_app_active() {
        let mut bench = Bench::ios(9);
        for _ in 0..20 {
            bench.background();
            bench.foreground();
        }
        bench.sleep(Span::from_secs(60));
        assert_eq!(bench.os.state(), AppState::Active);
    }

    #[test]
    fn an_expiration_handler_that_comes_first_leaves_the_watchdog_of_the_return_alone() {
        let mut bench = Bench::ios(9);
        bench.with(|phone| phone.begin_background_task());
        bench.background();
        bench.sleep(Span::from_secs(170));
        // The warning comes while the thread hangs, and then the user.
        bench.hang(Span::from_secs(6));
        bench.sleep(Span::from_millis(5_500));
        bench.on_callback("will-enter-foreground", |phone| {
            phone.busy(Span::from_secs(60), Token(1));
        });
        bench.foreground();
        bench.sleep(Span::from_secs(30));
        assert_eq!(bench.times_told("task-expiring"), 1);
        assert!(
            bench.saw(|what| { matches!(what, What::Kill { rule: KillRule::ResumeTooSlow, .. }) })
        );
    }
}
