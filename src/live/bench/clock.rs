//! A clock that never goes back and that all processes of a machine agree on.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Nanoseconds since the epoch; steps of the system's clock after its start do not move it.
#[derive(Copy, Clone, Debug)]
pub(super) struct Clock {
    start: Instant,
    epoch: u64,
}

impl Clock {
    /// Begins with the system's time.
    pub(super) fn new() -> Clock {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        Clock { start: Instant::now(), epoch: nanos(since) }
    }

    /// Now.
    #[inline]
    pub(super) fn now(&self) -> u64 {
        self.epoch + nanos(self.start.elapsed())
    }
}

/// 584 years fit.
fn nanos(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}
