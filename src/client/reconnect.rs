//! The way back to a connection: whether, when, and how spread.

use super::app::Client;
use super::connection::Link;
use super::tasks::Slot;
use super::{Jitter, Strategy, TaskEnd, timers};
use crate::port::{AppReport, Clock, Phone, Span};

/// How the attempts to connect have gone.
#[derive(Copy, Clone, Debug, Default)]
pub(super) struct Backoff {
    /// Attempts that failed since the last welcome.
    failures: u32,
    /// The last delay, for the decorrelated jitter.
    last: Option<Span>,
}

impl Backoff {
    pub(super) fn reset(&mut self) {
        *self = Backoff::default();
    }

    pub(super) fn failed(&mut self) {
        self.failures = self.failures.saturating_add(1);
    }

    /// How long the next attempt waits; `None` when it comes at once.
    fn next(&mut self, strategy: &Strategy, draw: impl FnOnce() -> u64) -> Option<Span> {
        let doublings = match (self.failures, strategy.reconnect_first_waits) {
            (0, false) => return None,
            (failures, true) => failures,
            (failures, false) => failures - 1,
        };
        let delay = delay(strategy, doublings, self.last, draw);
        self.last = Some(delay);
        Some(delay)
    }
}

/// The delay after `doublings` doublings of the base. The four formulas are those of Amazon's simulator
/// (aws-samples/aws-arch-backoff-simulator, `src/backoff_simulator.py`).
fn delay(
    strategy: &Strategy,
    doublings: u32,
    last: Option<Span>,
    draw: impl FnOnce() -> u64,
) -> Span {
    let (base, cap) = (strategy.reconnect_base, strategy.reconnect_cap);
    let factor = 1u64.checked_shl(doublings).unwrap_or(u64::MAX);
    let expo = base.saturating_mul(factor).min(cap);
    match strategy.reconnect_jitter {
        Jitter::Off => expo,
        Jitter::Full => between(Span::ZERO, expo, draw()),
        Jitter::Equal => {
            let half = Span::from_micros(expo.as_micros() / 2);
            half + between(Span::ZERO, half, draw())
        }
        Jitter::Decorrelated => {
            between(base, last.unwrap_or(base).saturating_mul(3), draw()).min(cap)
        }
    }
}

/// The span between `from` and `to` that belongs to `draw`, a uniform value over all of `u64`.
fn between(from: Span, to: Span, draw: u64) -> Span {
    let width = u128::from((to - from).as_micros());
    from + Span::from_micros(((u128::from(draw) * width) >> 64) as u64)
}

impl Client {
    /// Whether the strategy lets the client connect by itself as things are.
    pub(super) fn may_reconnect(&self, phone: &impl Phone) -> bool {
        let background = self.strategy.reconnect_in_background;
        self.strategy.reconnect && (background || phone.application_state().foreground())
    }

    /// Connects again, now or later, or gives up.
    pub(super) fn reconnect(&mut self, phone: &mut impl Phone) {
        if !self.may_reconnect(phone) {
            phone.report(AppReport::GaveUp);
            return self.settled(phone);
        }
        self.begin_reconnect_task(phone);
        let Some(delay) = self.state.backoff.next(&self.strategy, || phone.random()) else {
            return self.connect(phone);
        };
        let attempt = self.state.backoff.failures;
        phone.report(AppReport::BackingOff { attempt, delay });
        phone.set_timer(timers::RECONNECT, delay, Clock::Uptime);
        self.state.link = Link::Waiting;
    }

    pub(super) fn begin_reconnect_task(&mut self, phone: &mut impl Phone) {
        if self.strategy.reconnect_task && self.has_time_for_task(phone) {
            self.state.tasks.begin(Slot::Reconnect, TaskEnd::Done, phone);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{prop_assert, proptest};

    fn strategy(jitter: Jitter) -> Strategy {
        Strategy {
            reconnect_base: Span::from_secs(1),
            reconnect_cap: Span::from_secs(60),
            reconnect_jitter: jitter,
            ..Strategy::default()
        }
    }

    #[test]
    fn the_first_attempt_comes_at_once_and_the_delay_doubles_up_to_the_cap() {
        let strategy = strategy(Jitter::Off);
        let mut backoff = Backoff::default();
        assert_eq!(backoff.next(&strategy, || 0), None);
        let mut seconds = Vec::new();
        for _ in 0..8 {
            backoff.failed();
            let delay = backoff.next(&strategy, || 0).unwrap();
            seconds.push(delay.as_micros() / 1_000_000);
        }
        assert_eq!(seconds, [1, 2, 4, 8, 16, 32, 60, 60]);
    }

    #[test]
    fn even_the_first_attempt_can_wait() {
        let strategy = Strategy { reconnect_first_waits: true, ..strategy(Jitter::Off) };
        let mut backoff = Backoff::default();
        assert_eq!(backoff.next(&strategy, || 0), Some(Span::from_secs(1)));
        backoff.failed();
        assert_eq!(backoff.next(&strategy, || 0), Some(Span::from_secs(2)));
    }

    #[test]
    fn a_strategy_without_a_base_waits_no_time() {
        let strategy = Strategy::default();
        for jitter in Jitter::ALL {
            let strategy = Strategy { reconnect_jitter: *jitter, ..strategy.clone() };
            assert_eq!(delay(&strategy, 200, None, || u64::MAX), Span::ZERO);
        }
    }

    proptest! {
        #[test]
        fn full_jitter_stays_between_nothing_and_the_delay(n in 0u32..100, draw: u64) {
            let most = delay(&strategy(Jitter::Off), n, None, || 0);
            prop_assert!(delay(&strategy(Jitter::Full), n, None, || draw) <= most);
        }

        #[test]
        fn equal_jitter_stays_between_half_of_the_delay_and_all_of_it(n in 0u32..100, draw: u64) {
            let most = delay(&strategy(Jitter::Off), n, None, || 0);
            let equal = delay(&strategy(Jitter::Equal), n, None, || draw);
            prop_assert!(equal <= most && equal.saturating_mul(2) >= most);
        }

        #[test]
        fn decorrelated_jitter_stays_between_the_base_and_three_times_the_last(
            last in 1_000_000u64..=60_000_000, draw: u64,
        ) {
            let strategy = strategy(Jitter::Decorrelated);
            let last = Span::from_micros(last);
            let next = delay(&strategy, 0, Some(last), || draw);
            prop_assert!(next >= strategy.reconnect_base);
            prop_assert!(next <= last.saturating_mul(3).min(strategy.reconnect_cap));
        }
    }
}
