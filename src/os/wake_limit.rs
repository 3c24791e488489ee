//! A VoIP app that is resumed too often is terminated: "exceeded 15 wakes in 300 sec", `0xbad22222`.

use std::collections::VecDeque;

use super::{Context, Os};
use crate::platform::{Profile, WindowKind};
use crate::port::Time;
use crate::trace::{Observer, WakeReason};

/// The wakes within one window, oldest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct WakeLimit {
    wakes: VecDeque<Time>,
    /// The beginning of a fixed window.
    window_began: Time,
}

impl WakeLimit {
    fn note(&mut self, now: Time, profile: &Profile) {
        let window = profile.wake_limit_window;
        let began = self.window_began;
        let past = |at: Time| match profile.wake_limit_window_kind {
            WindowKind::Sliding => now.since(at) >= window,
            WindowKind::Fixed => at < began,
        };
        while self.wakes.front().is_some_and(|at| past(*at)) {
            self.wakes.pop_front();
        }
        self.wakes.push_back(now);
    }

    /// Counts a wake at `now`, if wakes for this reason count.
    pub(crate) fn count(&mut self, reason: WakeReason, now: Time, profile: &Profile) {
        let counts = match reason {
            WakeReason::KeepAlive => profile.wake_limit_counts_keep_alive,
            WakeReason::Socket | WakeReason::Reachability => true,
            WakeReason::User => false,
        };
        if counts {
            if now.since(self.window_began) >= profile.wake_limit_window {
                self.window_began = now;
            }
            self.note(now, profile);
        }
    }

    /// The count begins anew.
    pub(crate) fn reset(&mut self) {
        self.wakes.clear();
    }

    /// When the next of the wakes that count now counts no more: the oldest of a sliding window, all of a
    /// fixed one.
    pub(super) fn leaves(&self, now: Time, profile: &Profile) -> Option<Time> {
        let count = self.recent(now, profile) as usize;
        let oldest = self.wakes.get(self.wakes.len() - count)?;
        let from = match profile.wake_limit_window_kind {
            WindowKind::Sliding => *oldest,
            WindowKind::Fixed => self.window_began,
        };
        Some(from + profile.wake_limit_window)
    }

    /// Wakes within the window that ends now.
    pub(crate) fn recent(&self, now: Time, profile: &Profile) -> u32 {
        let window = profile.wake_limit_window;
        let counts = |at: Time| match profile.wake_limit_window_kind {
            WindowKind::Sliding => now.since(at) < window,
            // The next wake begins a new window when this one is over.
            WindowKind::Fixed => at >= self.window_began && now.since(self.window_began) < window,
        };
        self.wakes.iter().rev().take_while(|at| counts(**at)).count() as u32
    }
}

impl Os {
    /// Counts a wake; answers whether the app may live on.
    pub(super) fn count_wake<O: Observer>(
        &mut self,
        reason: WakeReason,
        cx: &mut Context<'_, O>,
    ) -> bool {
        let now = cx.now();
        self.wake_limit.count(reason, now, cx.profile);
        cx.profile.wake_limit.is_none_or(|limit| self.wake_limit.recent(now, cx.profile) <= limit)
    }

    /// Whether one more wake now would end the app.
    pub(super) fn wake_would_kill<O: Observer>(&self, cx: &Context<'_, O>) -> bool {
        cx.profile
            .wake_limit
            .is_some_and(|limit| self.wake_limit.recent(cx.now(), cx.profile) >= limit)
    }
}

#[cfg(test)]
mod tests {
    use crate::os::testing::Bench;
    use crate::platform::WindowKind;
    use crate::port::{AppState, Span, StreamPair};
    use crate::trace::{KillCode, KillRule, Unreachable, What};

    fn wakes_until_killed(bench: &mut Bench, apart: Span, most: u32) -> Option<u32> {
        bench.connect_voip_and_suspend();
        wakes_in_a_row(bench, apart, most)
    }

    fn wakes_in_a_row(bench: &mut Bench, apart: Span, most: u32) -> Option<u32> {
        for n in 1..=most {
            bench.sleep(apart);
            bench.data_arrives();
            if bench.os.state() == AppState::NotRunning {
                return Some(n);
            }
            bench.run_until_suspended();
        }
        None
    }

    #[test]
    fn the_sixteenth_wake_within_300_s_ends_the_app() {
        let mut bench = Bench::ios(9);
        let killed = wakes_until_killed(&mut bench, Span::from_secs(5), 20);
        assert_eq!(killed, Some(16));
        assert!(bench.saw(|what| {
            *what == What::Kill { code: KillCode::TooManyWakes, rule: KillRule::WakeLimit }
        }));
    }

    #[test]
    fn wakes_that_average_twenty_seconds_apart_are_allowed() {
        let mut bench = Bench::ios(9);
        // 10 s of run time and 10 s of sleep: a wake every 20 s, 15 in any 300 s.
        assert_eq!(wakes_until_killed(&mut bench, Span::from_secs(10), 100), None);
    }

    #[test]
    fn ios_4_has_no_limit() {
        let mut bench = Bench::ios(4);
        assert_eq!(wakes_until_killed(&mut bench, Span::from_secs(1), 100), None);
    }

    #[test]
    fn coming_to_the_foreground_starts_the_count_anew() {
        let mut bench = Bench::ios(9);
        assert_eq!(wakes_until_killed(&mut bench, Span::from_secs(1), 15), None);
        bench.foreground();
        bench.background();
        bench.run_until_suspended();
        bench.sleep(Span::from_secs(1));
        bench.data_arrives();
        assert_eq!(bench.os.state(), AppState::Background);
    }

    #[test]
    fn a_fixed_window_forgets_at_its_end_what_a_sliding_one_still_counts() {
        for (kind, killed) in [(WindowKind::Fixed, None), (WindowKind::Sliding, Some(2))] {
            let mut bench = Bench::ios(9);
            bench.profile.wake_limit_window_kind = kind;
            bench.profile.voip_wake_runtime = Span::from_secs(1);
            bench.connect_voip_and_suspend();
            bench.sleep(Span::from_secs(400));
            // A wake begins the window, and fourteen come at its end.
            assert_eq!(wakes_in_a_row(&mut bench, Span::from_secs(1), 1), None);
            bench.sleep(Span::from_secs(240));
            assert_eq!(wakes_in_a_row(&mut bench, Span::from_secs(1), 14), None);
            bench.sleep(Span::from_secs(30));
            assert_eq!(wakes_in_a_row(&mut bench, Span::from_secs(1), 15), killed, "{kind}");
        }
    }

    #[test]
    fn an_app_at_the_limit_is_reachable_again_when_the_fixed_window_is_over() {
        let mut bench = Bench::ios(9);
        bench.profile.wake_limit_window_kind = WindowKind::Fixed;
        assert_eq!(wakes_until_killed(&mut bench, Span::from_secs(1), 15), None);
        bench.run_until_suspended();
        let pair = StreamPair(1);
        assert_eq!(bench.would_receive(pair), Err(Unreachable::WakeLimit));
        bench.sleep(Span::from_secs(300));
        assert_eq!(bench.would_receive(pair), Ok(()));
    }

    #[test]
    fn a_limit_can_be_as_high_as_one_likes() {
        let mut bench = Bench::ios(9);
        bench.profile.wake_limit = Some(100);
        bench.profile.wake_limit_window = Span::from_secs(86_400);
        assert_eq!(wakes_until_killed(&mut bench, Span::from_secs(1), 200), Some(101));
    }
}
