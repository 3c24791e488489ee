//! Model time on any machine: as fast as its clock times the speed, and going on over the end of a process.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::port::Time;

/// The clock of a run.
#[derive(Copy, Clone, Debug)]
pub(super) struct ModelClock {
    /// When this process looked at the machine's clocks, and what model time it was then.
    seen: (Instant, u64),
    speed: u32,
}

/// The machine's time of day in microseconds: the one clock that two processes share.
pub(super) fn time_of_day() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(now.as_micros()).unwrap_or(u64::MAX)
}

impl ModelClock {
    /// A clock that stood at zero when the time of day was `began`.
    pub(super) fn new(began: u64, speed: u32) -> ModelClock {
        let speed = speed.max(1);
        let real = time_of_day().saturating_sub(began);
        ModelClock { seen: (Instant::now(), real.saturating_mul(u64::from(speed))), speed }
    }

    pub(super) fn now(&self) -> Time {
        let real = u64::try_from(self.seen.0.elapsed().as_micros()).unwrap_or(u64::MAX);
        let since = real.saturating_mul(u64::from(self.speed));
        Time::from_micros(self.seen.1.saturating_add(since))
    }

    /// How long the machine's clock has to go until it is `at`.
    pub(super) fn until(&self, at: Time) -> Duration {
        let model = at.since(self.now()).as_micros();
        Duration::from_micros(model.div_ceil(u64::from(self.speed)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::Span;

    #[test]
    fn a_later_process_goes_on_where_the_run_is() {
        let began = time_of_day() - 2_000_000;
        let clock = ModelClock::new(began, 60);
        let at = Span::from_secs(120).from_start();
        assert!(clock.now() >= at);
        assert_eq!(clock.until(at), Duration::ZERO);
        assert!(clock.until(clock.now() + Span::from_secs(3_600)) > Duration::from_secs(50));
    }
}
