//! What a scenario is played on: devices, their networks and the server, simulated or real.

use super::agenda::Target;
use crate::net::Conditions;
use crate::port::Time;
use crate::scenario::Act;
use crate::trace::{Observer, What};

/// One act of a step, to be done now.
#[derive(Copy, Clone, PartialEq, Debug)]
pub struct Todo {
    /// The step's place in the scenario's list.
    pub number: usize,
    /// What to do.
    pub act: Act,
    /// Which repetition: 0 is once.
    pub member: u32,
    /// Whom it concerns.
    pub target: Target,
}

/// Where a scenario is played. What happens is told to the observer, in the order of time.
pub trait Stage {
    /// When something is due next; [`Time::NEVER`] if nothing is.
    fn deadline(&mut self) -> Time;

    /// The user opens the app on every device: how every run begins.
    fn start<O: Observer>(&mut self, observer: &mut O);

    /// Lets everything that is due at `now` happen.
    fn advance<O: Observer>(&mut self, now: Time, observer: &mut O);

    /// Does what a step says.
    fn act<O: Observer>(&mut self, todo: Todo, now: Time, observer: &mut O);

    /// The connectivity trace goes on with this row, on every device.
    fn follow<O: Observer>(&mut self, row: Conditions, now: Time, observer: &mut O);

    /// Faults are over: see [`World::heal`](crate::sim::World::heal).
    fn heal<O: Observer>(&mut self, now: Time, observer: &mut O);

    /// Tells of something that concerns all devices.
    fn emit<O: Observer>(&mut self, at: Time, what: What, observer: &mut O);

    /// Energy of each device's radio above idle until `at`, in nanojoules.
    fn radio_energy(&self, at: Time) -> Vec<u64>;
}
