//! What a session steers: the simulated world, or one over real sockets.

use std::sync::Arc;

use super::interrupt::Interrupt;
use super::refusal::Refusal;
use crate::client::Client;
use crate::os::Os;
use crate::port::Time;
use crate::run::BlurredFrom;
use crate::scenario::Scenario;
use crate::sim::World;
use crate::trace::{Event, Pattern};

/// How far to go on.
#[derive(Copy, Clone, Debug)]
pub enum Goal<'g> {
    /// To this time, with everything that is due then.
    Time(Time),
    /// Until so many more events have happened, to the end of the moment of the last.
    Events(usize),
    /// Until this event happens, to the end of its moment.
    Event(&'g Pattern),
}

/// Why it stopped there.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Stop {
    /// The goal is reached.
    Reached,
    /// The run ended before.
    End,
    /// Somebody wanted to stop.
    Interrupted,
}

/// What not every world can do.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Ability {
    /// To be at an earlier time again, or in another future.
    GoBack,
    /// To have other rules or values from the beginning on.
    Change,
    /// To plan a step for later, or for after an event.
    Plan,
}

/// A world that is played, and can be gone on with.
pub trait Ground {
    /// Why it has not this ability, in a sentence without a full stop; `None` when it has.
    fn cannot(&self, ability: Ability) -> Option<&'static str>;

    /// A command begins: until [`Ground::leave`] time goes on only when it is told to. What happened by itself is
    /// known from now on.
    ///
    /// # Errors
    /// [`Refusal`] when the world has ended by itself.
    fn enter(&mut self) -> Result<(), Refusal> {
        Ok(())
    }

    /// A command has ended.
    fn leave(&mut self) {}

    /// What is to be said beside the events, and was not yet.
    fn notices(&mut self) -> Vec<String> {
        Vec::new()
    }

    /// Where it stands: everything due until then has happened.
    fn now(&self) -> Time;

    /// When something is due next, if that is known.
    fn due(&self) -> Option<Time>;

    /// Every event so far, in order.
    fn events(&self) -> &[Event];

    /// When a step acts that is added now: later than all that has happened, so that it is so when it is played
    /// again.
    fn moment(&self) -> Time;

    /// Energy of each device's radio above idle until now, in nanojoules.
    fn energy(&self) -> Vec<u64>;

    /// The phone with this number as it is now, if the world has phones without a simulated path.
    fn phone(&self, number: u32) -> Option<&Os> {
        let _ = number;
        None
    }

    /// From when on what happens on devices proves nothing, in the order of time.
    fn blurred(&self) -> &[BlurredFrom] {
        &[]
    }

    /// The simulated world as it is now, if it is one.
    fn world(&self) -> Option<&World<Client>>;

    /// Goes on. When it returns, [`Ground::now`] is where it stopped.
    ///
    /// # Errors
    /// [`Refusal`] when it cannot go on at all.
    fn advance(&mut self, goal: Goal<'_>, interrupt: &Interrupt) -> Result<Stop, Refusal>;

    /// The scenario is now this one: the same with more steps at its end, which act at [`Ground::moment`]. They do,
    /// with all that is due then.
    ///
    /// # Errors
    /// [`Refusal`] when they cannot act; nothing has changed then.
    fn act(&mut self, scenario: &Arc<Scenario>) -> Result<(), Refusal>;

    /// The same scenario but for its expectations and its length.
    ///
    /// # Errors
    /// [`Refusal`] when this world cannot show what is expected; nothing has changed then.
    fn renew(&mut self, scenario: &Arc<Scenario>) -> Result<(), Refusal>;

    /// Plays this scenario from the beginning to `to`.
    ///
    /// # Errors
    /// [`Refusal`] when it cannot; nothing has changed then.
    fn place(&mut self, scenario: &Arc<Scenario>, to: Time) -> Result<(), Refusal>;
}
