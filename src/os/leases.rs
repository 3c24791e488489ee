//! Run time is a lease: every reason an app may run in background, with its budget, when it began, and
//! what overrunning it does. The app runs while a lease is held and is suspended when none is.

use super::{Context, Os};
use crate::platform::Overrun;
use crate::port::{AppState, Span, Time};
use crate::trace::{KillRule, LeaseEnd, LeaseReason, Observer, What};

/// One lease: what for, when it began, and when its budget ends.
#[derive(Copy, Clone, Debug)]
pub struct Lease {
    /// What for.
    pub reason: LeaseReason,
    /// Since when.
    pub began: Time,
    /// When its budget is used up.
    pub ends: Time,
}

/// The leases held, in the order of their reasons; at most one for each.
#[derive(Clone, Debug, Default)]
pub(super) struct Leases {
    held: Vec<Lease>,
}

impl Leases {
    /// When the first budget ends.
    #[inline]
    pub(super) fn deadline(&self) -> Time {
        self.held.iter().fold(Time::NEVER, |first, lease| first.min(lease.ends))
    }

    /// The leases held, in the order of their reasons.
    pub(super) fn all(&self) -> &[Lease] {
        &self.held
    }

    pub(super) fn holds(&self, reason: LeaseReason) -> bool {
        self.held.iter().any(|lease| lease.reason == reason)
    }

    fn any_but_grace(&self) -> bool {
        self.held.iter().any(|lease| lease.reason != LeaseReason::Grace)
    }

    fn first_due(&self, now: Time) -> Option<LeaseReason> {
        let due = self.held.iter().filter(|lease| lease.ends <= now);
        due.min_by_key(|lease| lease.ends).map(|lease| lease.reason)
    }

    /// Adds a lease, or gives the one of the same reason its new end; answers whether it was added.
    fn put(&mut self, lease: Lease) -> bool {
        if let Some(held) = self.held.iter_mut().find(|held| held.reason == lease.reason) {
            held.ends = lease.ends;
            return false;
        }
        let place = self.held.partition_point(|held| held.reason < lease.reason);
        self.held.insert(place, lease);
        true
    }

    fn take(&mut self, reason: LeaseReason) -> Option<Lease> {
        let place = self.held.iter().position(|lease| lease.reason == reason)?;
        Some(self.held.remove(place))
    }
}

/// What overrunning a lease does.
enum Consequence {
    /// The app may no longer run for this reason; it is suspended if it has no other.
    Ends,
    /// It is suspended at once.
    Suspends,
    /// It is terminated.
    Kills(KillRule),
}

impl Os {
    /// Begins a lease, or gives the one that is held its budget anew.
    pub(super) fn begin_lease<O: Observer>(
        &mut self,
        reason: LeaseReason,
        budget: Span,
        cx: &mut Context<'_, O>,
    ) {
        let ends = cx.now() + budget;
        self.release(LeaseReason::Grace, LeaseEnd::Superseded, cx);
        if self.leases.put(Lease { reason, began: cx.now(), ends }) {
            cx.probe.emit(What::LeaseBegan { reason, budget });
        }
    }

    /// The app has finished what a lease was for.
    #[inline]
    pub(super) fn end_lease<O: Observer>(&mut self, reason: LeaseReason, cx: &mut Context<'_, O>) {
        if self.release(reason, LeaseEnd::Finished, cx) {
            self.suspend_unless_leased(reason, cx);
        }
    }

    fn release<O: Observer>(
        &mut self,
        reason: LeaseReason,
        how: LeaseEnd,
        cx: &mut Context<'_, O>,
    ) -> bool {
        let Some(lease) = self.leases.take(reason) else { return false };
        let held = cx.now().since(lease.began);
        cx.probe.emit(What::LeaseEnded { reason, how, held });
        true
    }

    /// Every lease ends at once.
    pub(super) fn release_all<O: Observer>(&mut self, how: LeaseEnd, cx: &mut Context<'_, O>) {
        while let Some(lease) = self.leases.held.first() {
            self.release(lease.reason, how, cx);
        }
    }

    /// After `last` ended, an app in background without a lease is suspended soon.
    fn suspend_unless_leased<O: Observer>(&mut self, last: LeaseReason, cx: &mut Context<'_, O>) {
        if self.state != AppState::Background || self.leases.any_but_grace() {
            return;
        }
        let delay = self.delay_after(last, cx);
        // Never in the middle of a turn that is not blocked: the app's code is running.
        if delay == Span::ZERO && !self.main.in_turn() {
            self.suspend(cx);
        } else {
            self.begin_lease(LeaseReason::Grace, delay, cx);
        }
    }

    /// A lease's budget is used up.
    pub(super) fn lease_over<O: Observer>(&mut self, cx: &mut Context<'_, O>) {
        let Some(reason) = self.leases.first_due(cx.now()) else { return };
        let consequence = match reason {
            LeaseReason::Launch | LeaseReason::SocketWake | LeaseReason::Audio => Consequence::Ends,
            LeaseReason::Grace => Consequence::Suspends,
            LeaseReason::EnteredBackground => {
                Consequence::Kills(KillRule::EnteredBackgroundTooSlow)
            }
            LeaseReason::BackgroundTask => match cx.profile.task_on_overrun {
                Overrun::Kill => Consequence::Kills(KillRule::TaskNeverEnded),
                Overrun::Suspend => Consequence::Suspends,
            },
            LeaseReason::KeepAliveHandler => match cx.profile.keep_alive_on_overrun {
                Overrun::Kill => Consequence::Kills(KillRule::KeepAliveHandlerTooSlow),
                // Apple: "unless extra time was requested", so a background task keeps it running.
                Overrun::Suspend => Consequence::Ends,
            },
        };
        let how = match reason {
            LeaseReason::Grace => LeaseEnd::Finished,
            LeaseReason::Launch | LeaseReason::SocketWake | LeaseReason::Audio => LeaseEnd::UsedUp,
            LeaseReason::EnteredBackground
            | LeaseReason::BackgroundTask
            | LeaseReason::KeepAliveHandler => LeaseEnd::Overrun,
        };
        self.release(reason, how, cx);
        match consequence {
            Consequence::Ends => {
                if !self.leases.any_but_grace() {
                    self.suspend(cx);
                }
            }
            // What plays is not cut off because a task was too long.
            Consequence::Suspends if self.leases.holds(LeaseReason::Audio) => {}
            Consequence::Suspends => self.suspend(cx),
            Consequence::Kills(rule) => self.kill_for(rule, cx),
        }
    }
}
