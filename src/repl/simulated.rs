//! The simulated world as a ground: it is played again from the beginning whenever it is to be elsewhere.

use std::sync::Arc;

use super::ground::{Ability, Goal, Ground, Stop};
use super::interrupt::Interrupt;
use super::refusal::Refusal;
use crate::client::Client;
use crate::port::{Span, Time};
use crate::run::{Played, play_until};
use crate::scenario::Scenario;
use crate::sim::World;
use crate::trace::Event;

/// A scenario in virtual time, played as far as somebody wanted.
#[derive(Debug)]
pub struct Simulated {
    scenario: Arc<Scenario>,
    played: Played,
    now: Time,
}

impl Simulated {
    /// At the beginning of a scenario.
    pub fn new(scenario: &Arc<Scenario>) -> Simulated {
        Simulated::at(scenario, Time::ZERO)
    }

    fn at(scenario: &Arc<Scenario>, to: Time) -> Simulated {
        let played = play_until(scenario, scenario.seed, &mut |due, _| due <= to);
        Simulated { scenario: Arc::clone(scenario), played, now: to }
    }
}

impl Ground for Simulated {
    fn cannot(&self, _: Ability) -> Option<&'static str> {
        None
    }

    fn now(&self) -> Time {
        self.now
    }

    fn due(&self) -> Option<Time> {
        Some(self.played.due).filter(|due| *due != Time::NEVER)
    }

    fn events(&self) -> &[Event] {
        &self.played.events
    }

    fn moment(&self) -> Time {
        match self.played.last {
            // What is due at one moment is not divided: steps come before all else.
            Some(last) if last >= self.now => last + Span::TICK,
            Some(_) | None => self.now,
        }
    }

    fn energy(&self) -> Vec<u64> {
        let devices = self.played.world.devices();
        devices.iter().map(|device| device.radio_energy(self.now)).collect()
    }

    fn world(&self) -> Option<&World<Client>> {
        Some(&self.played.world)
    }

    fn advance(&mut self, goal: Goal<'_>, interrupt: &Interrupt) -> Result<Stop, Refusal> {
        let (now, known) = (self.now, self.played.events.len());
        let names = &self.scenario.names;
        let (mut stop, mut seen) = (Stop::End, known);
        let mut go_on = |due: Time, events: &[Event]| {
            if due > now && interrupt.raised() {
                stop = Stop::Interrupted;
                return false;
            }
            let reached = match goal {
                Goal::Time(to) => due > to,
                Goal::Events(more) => events.len().saturating_sub(known) >= more,
                Goal::Event(pattern) => {
                    let new = events.get(seen..).unwrap_or_default();
                    seen = seen.max(events.len());
                    new.iter().any(|event| pattern.matches(event, names))
                }
            };
            if reached {
                stop = Stop::Reached;
            }
            !reached
        };
        let played = play_until(&self.scenario, self.scenario.seed, &mut go_on);
        let new = played.events.get(known..).unwrap_or_default();
        let came = match goal {
            Goal::Time(_) => true,
            Goal::Events(more) => new.len() >= more,
            // The last moment of the run is not looked at before another one.
            Goal::Event(pattern) => new.iter().any(|event| pattern.matches(event, names)),
        };
        let end = self.scenario.duration.from_start();
        let last = played.last.unwrap_or(Time::ZERO).max(now);
        self.now = match (stop, goal) {
            (Stop::Interrupted, _) => last,
            (_, Goal::Time(to)) => to.min(end).max(now),
            (_, _) if came => last,
            (_, _) => end,
        };
        self.played = played;
        Ok(match stop {
            Stop::Interrupted => Stop::Interrupted,
            Stop::Reached | Stop::End if came => Stop::Reached,
            Stop::Reached | Stop::End => Stop::End,
        })
    }

    fn act(&mut self, scenario: &Arc<Scenario>) -> Result<(), Refusal> {
        *self = Simulated::at(scenario, self.moment());
        Ok(())
    }

    fn renew(&mut self, scenario: &Arc<Scenario>) -> Result<(), Refusal> {
        *self = Simulated::at(scenario, self.now);
        Ok(())
    }

    fn place(&mut self, scenario: &Arc<Scenario>, to: Time) -> Result<(), Refusal> {
        *self = Simulated::at(scenario, to);
        Ok(())
    }
}
