//! The clock a proxy lives by: the machine's, or one that runs faster.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use tokio::time::Instant;

use crate::port::Time;

/// A clock that model time is read from and waited by.
pub trait Clock: Send + Sync {
    /// What time it is.
    fn now(&self) -> Time;
    /// Ends when it is `at` or later.
    fn sleep_until(&self, at: Time) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

/// The machine's clock from a moment on, so many times as fast.
#[derive(Copy, Clone, Debug)]
pub struct Scaled {
    start: Instant,
    speed: f64,
}

impl Scaled {
    /// The least speed: an hour takes a year and a bit.
    pub const SLOWEST: f64 = 0.0001;
    /// The greatest speed: a day takes a tenth of a second, and a timer's millisecond a quarter of an hour.
    pub const FASTEST: f64 = 1_000_000.0;

    /// Begins now and runs `speed` times as fast as the machine's clock, within what makes sense.
    pub fn new(speed: f64) -> Scaled {
        let speed = if speed.is_finite() { speed } else { 1.0 };
        Scaled { start: Instant::now(), speed: speed.clamp(Scaled::SLOWEST, Scaled::FASTEST) }
    }

    /// Begins now and runs as fast as the machine's clock.
    pub fn real() -> Scaled {
        Scaled::new(1.0)
    }
}

impl Clock for Scaled {
    fn now(&self) -> Time {
        let micros = self.start.elapsed().as_secs_f64() * self.speed * 1e6;
        Time::from_micros(micros as u64)
    }

    fn sleep_until(&self, at: Time) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        // A microsecond more, so that rounding never lets it be too early.
        let real = (at.as_micros() as f64 + 1.0) / 1e6 / self.speed;
        let until = Duration::try_from_secs_f64(real)
            .ok()
            .and_then(|real| self.start.checked_add(real))
            .filter(|_| at < Time::NEVER);
        match until {
            Some(until) => Box::pin(tokio::time::sleep_until(until)),
            None => Box::pin(std::future::pending()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::Span;

    #[tokio::test]
    async fn a_scaled_clock_is_never_early_and_runs_as_fast_as_it_says() {
        let clock = Scaled::new(1_000.0);
        let real = Instant::now();
        let at = clock.now() + Span::from_secs(20);
        clock.sleep_until(at).await;
        assert!(clock.now() >= at);
        assert!(real.elapsed() >= Duration::from_millis(19), "{:?}", real.elapsed());
        assert!(real.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn a_speed_that_makes_no_sense_is_brought_into_bounds() {
        assert_eq!(Scaled::new(f64::NAN).speed, 1.0);
        assert_eq!(Scaled::new(0.0).speed, Scaled::SLOWEST);
        assert_eq!(Scaled::new(1e99).speed, Scaled::FASTEST);
    }
}
