//! `setKeepAliveTimeout:handler:`: at least 600 s, for VoIP apps only, called early rather than late,
//! forgotten when the process ends, on some versions already when another app is removed by the user. The
//! timeout does not end the connection.

use super::{Context, Os};
use crate::port::{AppState, Callback, Purpose, Span, Time};
use crate::settings::Share;
use crate::trace::{LeaseReason, Observer, Refusal, WakeReason, What};

/// The installed handler.
#[derive(Clone, Debug)]
pub(super) struct KeepAlive {
    timeout: Span,
    due: Time,
}

impl Default for KeepAlive {
    fn default() -> Self {
        KeepAlive { timeout: Span::ZERO, due: Time::NEVER }
    }
}

impl KeepAlive {
    #[inline]
    pub(super) fn deadline(&self) -> Time {
        self.due
    }

    /// The timeout that the app asked for.
    pub(super) fn timeout(&self) -> Span {
        self.timeout
    }

    /// The handler is gone: cleared, or its process has ended.
    pub(super) fn clear(&mut self) {
        *self = KeepAlive::default();
    }
}

impl Os {
    pub(super) fn install_keep_alive<O: Observer>(
        &mut self,
        timeout: Span,
        cx: &mut Context<'_, O>,
    ) -> bool {
        let refusal = if !cx.profile.keep_alive_available {
            Some(Refusal::NotAvailable)
        } else if let Some(refusal) = cx.gate.voip {
            Some(refusal)
        } else if timeout < cx.profile.keep_alive_minimum {
            Some(Refusal::TooShort)
        } else {
            None
        };
        let installed = refusal.is_none();
        cx.probe.emit(What::SetKeepAliveTimeout { timeout, installed });
        match refusal {
            Some(why) => cx.probe.emit(What::KeepAliveRefused { why }),
            None => {
                self.keep_alive.timeout = timeout;
                self.arm_keep_alive(cx);
            }
        }
        installed
    }

    /// The next call comes before the timeout, early by a drawn share of it.
    fn arm_keep_alive<O: Observer>(&mut self, cx: &mut Context<'_, O>) {
        let (least, most) = (cx.profile.keep_alive_early_min, cx.profile.keep_alive_early_max);
        let width = u64::from(most.ppm().saturating_sub(least.ppm()));
        let draw = cx.draws.draw(Purpose::KeepAliveEarly, cx.now(), 0);
        let early = least.ppm() + ((u128::from(draw) * u128::from(width)) >> 64) as u32;
        let timeout = self.keep_alive.timeout;
        let after = timeout - Share::from_ppm(early).times(timeout);
        self.keep_alive.due = cx.now() + after.max(Span::TICK);
    }

    /// The user removes another app from the app switcher. Some versions unschedule the wake of this app
    /// with it, and nobody tells the app: only installing the handler anew brings it back.
    pub fn other_app_force_quit<O: Observer>(&mut self, cx: &mut Context<'_, O>) {
        if cx.profile.keep_alive_lost_with_other_app && self.keep_alive.deadline() != Time::NEVER {
            self.keep_alive.clear();
            cx.probe.emit(What::KeepAliveUnscheduled {});
        }
    }

    /// The handler is due. It is for apps in background: one on screen is not called.
    pub(super) fn keep_alive_due<O: Observer>(&mut self, cx: &mut Context<'_, O>) {
        self.arm_keep_alive(cx);
        // A call that has not been made or has not returned stands for this one too.
        let called = self.waits_or_runs(Callback::KeepAlive);
        match self.state {
            AppState::Active | AppState::Inactive | AppState::NotRunning => {}
            AppState::Suspended => {
                if self.wake(WakeReason::KeepAlive, cx) && !called {
                    self.tell_first(Callback::KeepAlive);
                }
            }
            AppState::Background => {
                let budget = cx.profile.keep_alive_handler_budget;
                self.begin_lease(LeaseReason::KeepAliveHandler, budget, cx);
                if !called {
                    self.tell(Callback::KeepAlive);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::os::testing::Bench;
    use crate::platform::Overrun;
    use crate::port::{AppState, Phone, Span, Token};
    use crate::settings::Share;
    use crate::trace::{KillRule, What};

    const TEN_MINUTES: Span = Span::from_secs(600);

    fn suspended_with_handler(version: u32) -> Bench {
        let mut bench = Bench::ios(version);
        bench.background();
        bench.with(|phone| assert!(phone.set_keep_alive_timeout(TEN_MINUTES)));
        bench.run_until_suspended();
        bench
    }

    #[test]
    fn a_timeout_under_600_s_is_refused() {
        let mut bench = Bench::ios(9);
        bench.with(|phone| {
            assert!(!phone.set_keep_alive_timeout(Span::from_micros(599_999_999)));
            assert!(phone.set_keep_alive_timeout(TEN_MINUTES));
        });
    }

    #[test]
    fn without_the_voip_mode_or_past_the_sdk_gate_it_is_refused() {
        let mut bench = Bench::ios(9);
        bench.manifest.background_modes.clear();
        bench.with(|phone| assert!(!phone.set_keep_alive_timeout(TEN_MINUTES)));
        let mut bench = Bench::ios(10);
        bench.manifest.sdk = Some(10);
        bench.with(|phone| assert!(!phone.set_keep_alive_timeout(TEN_MINUTES)));
        bench.manifest.sdk = Some(9);
        bench.with(|phone| assert!(phone.set_keep_alive_timeout(TEN_MINUTES)));
    }

    #[test]
    fn the_handler_is_called_before_the_timeout_and_never_after() {
        let mut bench = suspended_with_handler(9);
        let installed = bench.now();
        for n in 1..50 {
            bench.sleep(TEN_MINUTES);
            assert!(bench.times_told("keep-alive") >= n, "call {n} since {installed:?}");
        }
        assert!(bench.times_told("keep-alive") <= 56, "early by ten percent at the most");
    }

    #[test]
    fn a_handler_that_overruns_its_budget_is_killed_by_default() {
        let mut bench = suspended_with_handler(9);
        bench.on_callback("keep-alive", |phone| phone.busy(Span::from_secs(40), Token(1)));
        bench.sleep(Span::from_secs(700));
        assert!(bench.saw(|what| {
            matches!(what, What::Kill { rule: KillRule::KeepAliveHandlerTooSlow, .. })
        }));
    }

    #[test]
    fn by_apples_page_a_handler_that_overruns_is_suspended_and_goes_on_at_the_next_wake() {
        let mut bench = suspended_with_handler(9);
        bench.profile.keep_alive_handler_budget = Span::from_secs(10);
        bench.profile.keep_alive_on_overrun = Overrun::Suspend;
        bench.profile.keep_alive_early_max = Share::NONE;
        bench.on_callback("keep-alive", |phone| phone.busy(Span::from_secs(15), Token(1)));
        bench.sleep(Span::from_secs(615));
        assert_eq!(bench.os.state(), AppState::Suspended);
        assert_eq!(bench.times_told("continue"), 0);
        bench.sleep(TEN_MINUTES);
        assert_eq!(bench.times_told("continue"), 1);
        assert_eq!(bench.count(|what| matches!(what, What::Kill { .. })), 0);
    }

    #[test]
    fn a_handler_that_has_not_returned_is_not_called_again() {
        let mut bench = suspended_with_handler(9);
        bench.profile.keep_alive_handler_budget = Span::from_secs(10);
        bench.profile.keep_alive_on_overrun = Overrun::Suspend;
        bench.on_callback("keep-alive", |phone| phone.busy(Span::from_secs(35), Token(1)));
        bench.sleep(Span::from_secs(4 * 600 + 60));
        assert_eq!(bench.times_told("continue"), 1);
        assert_eq!(bench.times_told("keep-alive"), 1, "four periods, one call");
        let took = Span::from_secs(35);
        assert!(bench.saw(|what| { *what == What::CallbackReturned { name: "keep-alive", took } }));
    }

    #[test]
    fn the_handler_does_not_survive_the_process() {
        let mut bench = suspended_with_handler(9);
        bench.memory_kill();
        bench.sleep(Span::from_secs(3_600));
        assert_eq!(bench.times_told("keep-alive"), 0);
    }

    #[test]
    fn on_ios_11_the_end_of_another_app_takes_the_wake_away_until_the_handler_is_installed_anew() {
        for (version, lost) in [(10, false), (11, true)] {
            let mut bench = suspended_with_handler(version);
            bench.other_app_force_quit();
            bench.sleep(Span::from_secs(3_600));
            assert_eq!(bench.times_told("keep-alive") == 0, lost, "ios-{version}");
            assert_eq!(bench.saw(|what| *what == What::KeepAliveUnscheduled {}), lost);
        }
        let mut bench = suspended_with_handler(11);
        bench.other_app_force_quit();
        bench.with(|phone| assert!(phone.set_keep_alive_timeout(TEN_MINUTES)));
        bench.sleep(TEN_MINUTES);
        assert_eq!(bench.times_told("keep-alive"), 1);
    }

    #[test]
    fn without_a_handler_the_end_of_another_app_changes_nothing() {
        let mut bench = Bench::ios(11);
        bench.background();
        bench.other_app_force_quit();
        assert!(!bench.saw(|what| *what == What::KeepAliveUnscheduled {}));
    }

    #[test]
    fn clear_stops_the_calls() {
        let mut bench = suspended_with_handler(9);
        bench.sleep(TEN_MINUTES);
        assert_eq!(bench.times_told("keep-alive"), 1);
        bench.with(|phone| phone.clear_keep_alive_timeout());
        bench.sleep(Span::from_secs(3_600));
        assert_eq!(bench.times_told("keep-alive"), 1);
    }
}
