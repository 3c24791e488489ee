//! A VoIP app that is resumed too often is terminated: "exceeded 15 wakes in 300 sec", `0xbad22222`.

use super::{Context, Os};
use crate::platform::{Profile, WindowKind};
use crate::port::Time;
use crate::trace::{Observer, WakeReason};

/// How many recent wakes are remembered; a limit above it never bites.
const REMEMBERED: usize = 64;

/// The wakes of the recent past, newest last, in a ring.
#[derive(Clone, Debug)]
pub(super) struct WakeLimit {
    wakes: [Time; REMEMBERED],
    /// How many of them are in use, and where the next one goes.
    used: usize,
    next: usize,
    /// The beginning of a fixed window.
    window_began: Time,
}

impl Default for WakeLimit {
    fn default() -> Self {
        WakeLimit { wakes: [Time::ZERO; REMEMBERED], used: 0, next: 0, window_began: Time::ZERO }
    }
}

impl WakeLimit {
    fn note(&mut self, now: Time) {
        self.wakes[self.next] = now;
        self.next = (self.next + 1) % REMEMBERED;
        self.used = (self.used + 1).min(REMEMBERED);
    }

    pub(super) fn reset(&mut self) {
        self.used = 0;
    }

    /// Wakes within the window that ends now.
    pub(super) fn recent(&self, now: Time, profile: &Profile) -> u32 {
        let window = profile.wake_limit_window;
        let counts = |at: Time| match profile.wake_limit_window_kind {
            WindowKind::Sliding => now.since(at) < window,
            WindowKind::Fixed => at >= self.window_began,
        };
        let newest_first = (1..=self.used).map(|back| (self.next + REMEMBERED - back) % REMEMBERED);
        newest_first.take_while(|slot| counts(self.wakes[*slot])).count() as u32
    }
}

impl Os {
    /// Counts a wake; answers whether the app may live on.
    pub(super) fn count_wake<O: Observer>(
        &mut self,
        reason: WakeReason,
        cx: &mut Context<'_, O>,
    ) -> bool {
        let counts = match reason {
            WakeReason::KeepAlive => cx.profile.wake_limit_counts_keep_alive,
            WakeReason::Socket | WakeReason::Reachability => true,
            WakeReason::User => false,
        };
        let now = cx.now();
        if counts {
            let limit = &mut self.wake_limit;
            if now.since(limit.window_began) >= cx.profile.wake_limit_window {
                limit.window_began = now;
            }
            limit.note(now);
        }
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
    use crate::port::{AppState, Span};
    use crate::trace::{KillCode, KillRule, What};

    fn wakes_until_killed(bench: &mut Bench, apart: Span, most: u32) -> Option<u32> {
        bench.connect_voip_and_suspend();
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
}
