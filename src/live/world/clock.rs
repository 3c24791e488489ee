//! Model time over real sockets: as fast as the machine's clock times a factor, or as fast as the sockets are
//! quiet.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use crate::port::{Span, Time};

/// How fast model time passes.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Pace {
    /// So many times as fast as the machine's clock.
    Times(u32),
    /// It stands still while anything is under way, and jumps to what is due next when all is quiet.
    Jumps,
}

/// The clock of one run.
#[derive(Debug)]
pub(crate) struct ModelClock {
    pace: Pace,
    began: Instant,
    jumping: Mutex<Jumping>,
}

/// Where a clock that jumps stands, and who waits for it.
#[derive(Debug, Default)]
struct Jumping {
    now: Time,
    waiting: BTreeMap<(Time, u64), Waker>,
    tickets: u64,
}

impl ModelClock {
    pub(crate) fn new(pace: Pace) -> Arc<ModelClock> {
        let jumping = Mutex::new(Jumping::default());
        Arc::new(ModelClock { pace, began: Instant::now(), jumping })
    }

    fn jumping(&self) -> MutexGuard<'_, Jumping> {
        self.jumping.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn pace(&self) -> Pace {
        self.pace
    }

    pub(crate) fn now(&self) -> Time {
        self.at(Instant::now())
    }

    /// What it says, or said, when the machine's clock is at `instant`; a clock that jumps only knows what it says now.
    pub(crate) fn at(&self, instant: Instant) -> Time {
        match self.pace {
            Pace::Times(speed) => {
                let real = instant.saturating_duration_since(self.began).as_micros();
                let real = u64::try_from(real).unwrap_or(u64::MAX);
                Time::from_micros(real.saturating_mul(u64::from(speed)))
            }
            Pace::Jumps => self.jumping().now,
        }
    }

    /// When the machine's clock reaches `at`; nothing for a clock that jumps.
    pub(crate) fn real(&self, at: Time) -> Option<Instant> {
        match self.pace {
            Pace::Times(speed) => {
                let real = Duration::from_micros(at.as_micros().div_ceil(u64::from(speed.max(1))));
                self.began.checked_add(real)
            }
            Pace::Jumps => None,
        }
    }

    /// When somebody who sleeps on a clock that jumps is due next.
    pub(super) fn next_sleeper(&self) -> Time {
        self.jumping().waiting.keys().next().map_or(Time::NEVER, |(at, _)| *at)
    }

    /// Moves a clock that jumps on to `to`, and wakes those whose time has come.
    pub(super) fn jump(&self, to: Time) {
        let due: Vec<Waker> = {
            let mut jumping = self.jumping();
            jumping.now = jumping.now.max(to);
            let after = jumping.now + Span::TICK;
            let later = jumping.waiting.split_off(&(after, 0));
            std::mem::replace(&mut jumping.waiting, later).into_values().collect()
        };
        due.into_iter().for_each(Waker::wake);
    }

    /// Ends at `at` of model time.
    pub(crate) fn sleep(self: &Arc<Self>, at: Time) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        match (self.pace, self.real(at)) {
            (Pace::Times(_), Some(real)) => Box::pin(tokio::time::sleep_until(real.into())),
            (Pace::Times(_), None) => Box::pin(std::future::pending()),
            (Pace::Jumps, _) => Box::pin(Sleep { clock: Arc::clone(self), at, ticket: None }),
        }
    }
}

/// Sleeps on a clock that jumps.
struct Sleep {
    clock: Arc<ModelClock>,
    at: Time,
    ticket: Option<u64>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let clock = Arc::clone(&self.clock);
        let mut jumping = clock.jumping();
        if jumping.now >= self.at {
            return Poll::Ready(());
        }
        let ticket = *self.ticket.get_or_insert_with(|| {
            jumping.tickets += 1;
            jumping.tickets
        });
        jumping.waiting.insert((self.at, ticket), cx.waker().clone());
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket {
            self.clock.jumping().waiting.remove(&(self.at, ticket));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_jumps_wakes_whose_time_has_come_and_nobody_else() {
        let clock = ModelClock::new(Pace::Jumps);
        let mut cx = Context::from_waker(Waker::noop());
        let at = |secs| Span::from_secs(secs).from_start();
        let (mut soon, mut late) = (clock.sleep(at(5)), clock.sleep(at(9)));
        assert!(
            soon.as_mut().poll(&mut cx).is_pending() && late.as_mut().poll(&mut cx).is_pending()
        );
        assert_eq!(clock.next_sleeper(), at(5));
        clock.jump(at(5));
        assert!(soon.as_mut().poll(&mut cx).is_ready() && late.as_mut().poll(&mut cx).is_pending());
        assert_eq!((clock.now(), clock.next_sleeper()), (at(5), at(9)));
        drop(late);
        assert_eq!(clock.next_sleeper(), Time::NEVER);
    }

    #[test]
    fn model_time_passes_as_often_as_asked_for() {
        let clock = ModelClock::new(Pace::Times(100));
        let at = Span::from_secs(50).from_start();
        let real = clock.real(at).unwrap();
        assert_eq!(real - clock.began, Duration::from_millis(500));
    }
}
