//! What steps are to be taken when, in the order of time and then of the file.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::port::Time;

/// Whom a planned act concerns.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Target {
    /// Every device, or the server they share.
    All,
    /// One device.
    Device(u32),
}

/// Something planned.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Plan {
    /// The safety phase is over: everything heals.
    Heal,
    /// A row of the connectivity trace, by its place. Of one moment it comes before the steps, so that these
    /// have the last word.
    Row(usize),
    /// A step of the scenario, by its place in the list; `member` counts repetitions from 1, 0 is once.
    Step {
        /// Its place.
        step: usize,
        /// Which repetition.
        member: u32,
    },
    /// The silence that a step began is over.
    EndSilence {
        /// The step's place.
        step: usize,
    },
}

/// The plans, soonest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Agenda {
    plans: BinaryHeap<Reverse<(Time, Target, Plan)>>,
}

impl Agenda {
    pub(super) fn plan(&mut self, at: Time, target: Target, plan: Plan) {
        self.plans.push(Reverse((at, target, plan)));
    }

    #[inline]
    pub(super) fn deadline(&self) -> Time {
        self.plans.peek().map_or(Time::NEVER, |Reverse((at, ..))| *at)
    }

    /// The first plan that is due at `now`.
    pub(super) fn take(&mut self, now: Time) -> Option<(Target, Plan)> {
        if self.deadline() > now {
            return None;
        }
        self.plans.pop().map(|Reverse((_, target, plan))| (target, plan))
    }
}
