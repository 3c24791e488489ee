//! The app's own timers. They fire only while the app runs: one that was due during suspension is late.
//! A timer on uptime also waits for the device.

use super::Os;
use crate::port::{Callback, Clock, Span, Time, TimerId};

/// A timer that is set.
#[derive(Copy, Clone, Debug)]
struct Timer {
    id: TimerId,
    due: Time,
    clock: Clock,
}

/// The timers that are set, earliest first; those set first come first at one moment.
#[derive(Clone, Debug, Default)]
pub(super) struct AppTimers {
    set: Vec<Timer>,
}

impl AppTimers {
    #[inline]
    pub(super) fn deadline(&self) -> Time {
        self.set.first().map_or(Time::NEVER, |timer| timer.due)
    }

    /// The timers that are set, earliest first.
    pub(super) fn all(&self) -> impl Iterator<Item = (TimerId, Time, Clock)> {
        self.set.iter().map(|timer| (timer.id, timer.due, timer.clock))
    }

    pub(super) fn set(&mut self, id: TimerId, due: Time, clock: Clock) {
        self.cancel(id);
        let place = self.set.partition_point(|timer| timer.due <= due);
        self.set.insert(place, Timer { id, due, clock });
    }

    pub(super) fn cancel(&mut self, id: TimerId) {
        self.set.retain(|timer| timer.id != id);
    }

    pub(super) fn clear(&mut self) {
        self.set.clear();
    }

    /// The device slept: timers on uptime have so much longer to go.
    pub(super) fn device_slept(&mut self, slept: Span) {
        for timer in &mut self.set {
            match timer.clock {
                Clock::Uptime => timer.due += slept,
                Clock::Continuous => {}
            }
        }
        self.set.sort_by_key(|timer| timer.due);
    }

    fn take_due(&mut self, now: Time) -> Option<TimerId> {
        (self.deadline() <= now).then(|| self.set.remove(0).id)
    }
}

impl Os {
    /// The earliest timer is due and the app runs.
    pub(super) fn fire_timer(&mut self, now: Time) {
        if let Some(id) = self.timers.take_due(now) {
            self.tell(Callback::Timer(id));
        }
    }
}
