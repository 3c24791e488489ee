//! The app's timers: two sources on the main queue, one on each clock.
//!
//! Dispatch counts `DISPATCH_TIME_NOW` by `mach_absolute_time`, which stands still while the device sleeps, as NSTimer
//! does; and wall time by the time of day. There is no clock in all versions of iOS that goes on in sleep and cannot be
//! set: so the source on wall time only says when to look, and the continuous clock decides. When the time of day is
//! set back, the pulse of the agent finds what is due. The sources are strict, without leeway: `dispatch_after` would
//! be up to a tenth of the time late (libdispatch, `_dispatch_after`).
//!
//! Only a phone can tell when a wall-time source fires after the device slept.

use std::ptr::null;

use dispatch2::{
    _dispatch_source_type_timer, DispatchObject, DispatchQueue, DispatchRetained, DispatchSource,
    DispatchTime, dispatch_source_timer_flags_t,
};

use crate::device::system::timers::Timers;
use crate::port::{Clock, Now, Span, TimerId};

/// A source on the main queue that says when to look, and never before it was set.
pub(super) struct Alarm(DispatchRetained<DispatchSource>);

/// What a source calls: a function that finds what it needs by itself, on the main thread.
pub(super) type Look = extern "C" fn(*mut std::ffi::c_void);

impl Alarm {
    pub(super) fn new(look: Look) -> Alarm {
        let kind = (&raw const _dispatch_source_type_timer).cast_mut();
        let strict = usize::try_from(dispatch_source_timer_flags_t::DISPATCH_TIMER_STRICT.0);
        // SAFETY: a timer has no handle; its mask are the flags of timers; the kind is one of the system's constants.
        let source = unsafe {
            DispatchSource::new(kind, 0, strict.unwrap_or(0), Some(DispatchQueue::main()))
        };
        source.set_event_handler_f(look);
        source.set_timer(DispatchTime::FOREVER, u64::MAX, 0);
        source.activate();
        Alarm(source)
    }

    /// Sets it anew, or puts it off for ever.
    pub(super) fn set(&self, clock: Clock, after: Option<Span>) {
        let nanoseconds = after.and_then(|after| after.as_micros().checked_mul(1_000));
        let start = match nanoseconds.and_then(|nanoseconds| i64::try_from(nanoseconds).ok()) {
            None => DispatchTime::FOREVER,
            Some(nanoseconds) => match clock {
                Clock::Uptime => DispatchTime::NOW.time(nanoseconds),
                // SAFETY: no time is the time of day now.
                Clock::Continuous => unsafe { DispatchTime::walltime(null(), nanoseconds) },
            },
        };
        // Once: the next one is never.
        self.0.set_timer(start, u64::MAX, 0);
    }

    /// Fires again and again, by uptime.
    pub(super) fn repeat(&self, every: Span) {
        let nanoseconds = every.as_micros().saturating_mul(1_000);
        let first = i64::try_from(nanoseconds).unwrap_or(i64::MAX);
        self.0.set_timer(DispatchTime::NOW.time(first), nanoseconds, 0);
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// The timers of the app.
pub(super) struct AppTimers {
    timers: Timers,
    continuous: Alarm,
    uptime: Alarm,
}

impl AppTimers {
    /// `look` is called when one may be due; whoever is called asks [`take_due`](AppTimers::take_due).
    pub(super) fn new(look: Look) -> AppTimers {
        let (continuous, uptime) = (Alarm::new(look), Alarm::new(look));
        AppTimers { timers: Timers::default(), continuous, uptime }
    }

    pub(super) fn set(&mut self, timer: TimerId, after: Span, clock: Clock, now: Now) {
        self.timers.set(timer, after, clock, now);
        self.arm(now);
    }

    pub(super) fn cancel(&mut self, timer: TimerId, now: Now) {
        self.timers.cancel(timer);
        self.arm(now);
    }

    pub(super) fn take_due(&mut self, now: Now) -> Vec<TimerId> {
        let due = self.timers.take_due(now);
        self.arm(now);
        due
    }

    fn arm(&self, now: Now) {
        self.continuous.set(Clock::Continuous, self.timers.next(Clock::Continuous, now));
        self.uptime.set(Clock::Uptime, self.timers.next(Clock::Uptime, now));
    }
}
