//! The clocks of a run over the processes of an agent and the boots of its phone, from what the system's clocks say.

use serde::{Deserialize, Serialize};

use crate::port::{Now, Time};

/// What the system's clocks say at one moment, in microseconds; each counts from wherever it does.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Reading {
    /// Goes on while the device sleeps, and begins anew with each boot (`CLOCK_MONOTONIC_RAW` on Apple's systems).
    pub continuous: u64,
    /// Stands still while the device sleeps, and begins anew with each boot (`CLOCK_UPTIME_RAW`).
    pub uptime: u64,
    /// The time of day; the only one that goes on over a boot.
    pub wall: i64,
}

/// Where a run began, and how its clocks go on from the last boot. It is kept in a file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RunClock {
    /// What names the boot.
    boot: String,
    /// The time of day at which the run began.
    wall: i64,
    /// What the system's clocks said first in this boot.
    continuous: u64,
    uptime: u64,
    /// What the run's clocks said then.
    continuous_then: u64,
    uptime_then: u64,
}

impl RunClock {
    /// The clock of a run that begins now, in the boot of this name.
    pub fn begin(boot: String, now: Reading) -> RunClock {
        let Reading { continuous, uptime, wall } = now;
        RunClock { boot, wall, continuous, uptime, continuous_then: 0, uptime_then: 0 }
    }

    /// The clock of the same run in a later process; and whether the device has booted since.
    ///
    /// After a boot only the time of day can tell how long the device was down. It was awake at least since it
    /// booted; how long it was before, the run before knew.
    #[must_use]
    pub fn go_on(self, boot: String, now: Reading) -> (RunClock, bool) {
        // A clock that goes back is as good a sign as a name: not every system gives one.
        if boot == self.boot && now.continuous >= self.continuous {
            return (self, false);
        }
        let since = u64::try_from(now.wall.saturating_sub(self.wall)).unwrap_or(0);
        let clock = RunClock {
            boot,
            wall: self.wall,
            continuous: now.continuous,
            uptime: now.uptime,
            continuous_then: since.max(self.continuous_then),
            uptime_then: self.uptime_then.saturating_add(now.uptime),
        };
        (clock, true)
    }

    /// What the run's clocks say when the system's say `now`.
    pub fn now(&self, now: Reading) -> Now {
        let continuous = now.continuous.saturating_sub(self.continuous);
        let uptime = now.uptime.saturating_sub(self.uptime);
        Now {
            continuous: Time::from_micros(self.continuous_then.saturating_add(continuous)),
            uptime: Time::from_micros(self.uptime_then.saturating_add(uptime)),
            wall: now.wall.saturating_sub(self.wall),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000;

    fn reading(continuous: u64, uptime: u64, wall: i64) -> Reading {
        let wall = wall * SECOND.cast_signed();
        Reading { continuous: continuous * SECOND, uptime: uptime * SECOND, wall }
    }

    fn seconds(now: Now) -> (u64, u64, i64) {
        let second = SECOND.cast_signed();
        let (continuous, uptime) = (now.continuous.as_micros(), now.uptime.as_micros());
        (continuous / SECOND, uptime / SECOND, now.wall / second)
    }

    #[test]
    fn a_run_counts_from_its_beginning_and_sleep_stops_only_uptime() {
        let clock = RunClock::begin("a".into(), reading(1_000, 400, 5_000));
        assert_eq!(seconds(clock.now(reading(1_000, 400, 5_000))), (0, 0, 0));
        assert_eq!(seconds(clock.now(reading(1_060, 410, 5_060))), (60, 10, 60));
    }

    #[test]
    fn another_process_of_the_same_boot_goes_on() {
        let first = RunClock::begin("a".into(), reading(1_000, 400, 5_000));
        let text = serde_json::to_string(&first).unwrap();
        let (second, booted) = serde_json::from_str::<RunClock>(&text)
            .unwrap()
            .go_on("a".into(), reading(1_100, 450, 5_100));
        assert_eq!((&second, booted), (&first, false));
        assert_eq!(seconds(second.now(reading(1_200, 500, 5_200))), (200, 100, 200));
    }

    #[test]
    fn a_boot_starts_the_systems_clocks_anew_and_the_time_of_day_goes_on() {
        let first = RunClock::begin("a".into(), reading(1_000, 400, 5_000));
        // Down for a while; booted 20 s before this process, of which it slept 5 s.
        let (second, booted) = first.go_on("b".into(), reading(20, 15, 5_300));
        assert!(booted);
        assert_eq!(seconds(second.now(reading(20, 15, 5_300))), (300, 15, 300));
        assert_eq!(seconds(second.now(reading(30, 20, 5_310))), (310, 20, 310));
        let (third, booted) = second.go_on("c".into(), reading(5, 5, 5_400));
        assert!(booted);
        assert_eq!(seconds(third.now(reading(5, 5, 5_400))), (400, 20, 400));
    }

    #[test]
    fn a_clock_that_goes_back_is_a_boot_without_a_name() {
        let first = RunClock::begin(String::new(), reading(1_000, 400, 5_000));
        assert!(first.go_on(String::new(), reading(20, 15, 5_300)).1);
    }

    #[test]
    fn time_never_runs_backwards_over_a_boot_however_the_time_of_day_is_set() {
        let (first, _) = RunClock::begin("a".into(), reading(1_000, 400, 5_000))
            .go_on("b".into(), reading(10, 10, 5_300));
        let (second, _) = first.go_on("c".into(), reading(10, 10, 4_000));
        assert_eq!(seconds(second.now(reading(10, 10, 4_000))), (300, 20, -1_000));
    }
}
