//! Which timers of an app are set, on which clock, and when the next one is due.

use std::collections::BTreeMap;

use crate::port::{Clock, Now, Span, Time, TimerId};

/// The timers that are set.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Timers {
    set: BTreeMap<TimerId, (Clock, Time)>,
}

impl Timers {
    /// Sets a timer, or sets it anew.
    pub fn set(&mut self, timer: TimerId, after: Span, clock: Clock, now: Now) {
        let from = by(clock, now).as_micros();
        let due = Time::from_micros(from.saturating_add(after.as_micros()));
        self.set.insert(timer, (clock, due));
    }

    /// Cancels a timer.
    pub fn cancel(&mut self, timer: TimerId) {
        self.set.remove(&timer);
    }

    /// Takes the timers that are due, in the order in which they were to fire.
    pub fn take_due(&mut self, now: Now) -> Vec<TimerId> {
        let mut due: Vec<(Span, TimerId)> = Vec::new();
        self.set.retain(|timer, (clock, at)| {
            let late = *at <= by(*clock, now);
            if late {
                due.push((by(*clock, now).since(*at), *timer));
            }
            !late
        });
        // The one that is late the most was to fire first.
        due.sort_by_key(|(late, timer)| (std::cmp::Reverse(*late), *timer));
        due.into_iter().map(|(_, timer)| timer).collect()
    }

    /// How long it is until the next timer of this clock, by this clock; nothing when none is set.
    pub fn next(&self, clock: Clock, now: Now) -> Option<Span> {
        let of_clock = self.set.values().filter(|(its, _)| *its == clock);
        of_clock.map(|(_, at)| at.since(by(clock, now))).min()
    }
}

fn by(clock: Clock, now: Now) -> Time {
    match clock {
        Clock::Continuous => now.continuous,
        Clock::Uptime => now.uptime,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(continuous: u64, uptime: u64) -> Now {
        Now {
            continuous: Span::from_secs(continuous).from_start(),
            uptime: Span::from_secs(uptime).from_start(),
            wall: 0,
        }
    }

    #[test]
    fn sleep_holds_up_a_timer_on_uptime_only() {
        let mut timers = Timers::default();
        timers.set(TimerId(1), Span::from_secs(10), Clock::Continuous, at(0, 0));
        timers.set(TimerId(2), Span::from_secs(10), Clock::Uptime, at(0, 0));
        assert_eq!(timers.take_due(at(9, 9)), []);
        assert_eq!(timers.take_due(at(60, 9)), [TimerId(1)]);
        assert_eq!(timers.next(Clock::Uptime, at(60, 9)), Some(Span::from_secs(1)));
        assert_eq!(timers.next(Clock::Continuous, at(60, 9)), None);
        assert_eq!(timers.take_due(at(61, 10)), [TimerId(2)]);
        assert_eq!(timers, Timers::default());
    }

    #[test]
    fn setting_a_timer_anew_replaces_it_and_cancelling_takes_it_away() {
        let mut timers = Timers::default();
        timers.set(TimerId(1), Span::from_secs(5), Clock::Continuous, at(0, 0));
        timers.set(TimerId(1), Span::from_secs(9), Clock::Uptime, at(0, 0));
        assert_eq!(timers.take_due(at(8, 8)), []);
        timers.cancel(TimerId(1));
        assert_eq!(timers.take_due(at(99, 99)), []);
    }

    #[test]
    fn timers_that_are_late_fire_in_their_order() {
        let mut timers = Timers::default();
        timers.set(TimerId(1), Span::from_secs(30), Clock::Continuous, at(0, 0));
        timers.set(TimerId(2), Span::from_secs(20), Clock::Continuous, at(0, 0));
        timers.set(TimerId(3), Span::from_secs(20), Clock::Uptime, at(0, 0));
        assert_eq!(timers.take_due(at(100, 100)), [TimerId(2), TimerId(3), TimerId(1)]);
    }

    #[test]
    fn a_timer_beyond_all_time_never_fires() {
        let mut timers = Timers::default();
        timers.set(TimerId(1), Span::MAX, Clock::Continuous, at(5, 5));
        assert_eq!(timers.take_due(at(1_000_000, 0)), []);
    }
}
