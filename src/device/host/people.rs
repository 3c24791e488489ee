//! Steps that a person is asked to do: what shows that they are done, and how long that may take.

use super::drive::{Ask, Sign};
use crate::port::Time;
use crate::trace::{Event, Names, Pattern};

/// A step that a person was asked to do.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Asked {
    /// The step's place in the scenario's list.
    pub(super) step: usize,
    pub(super) ask: Ask,
    /// When it was due.
    pub(super) at: Time,
    /// Until then it has to be done.
    pub(super) until: Time,
    patterns: Vec<Pattern>,
}

/// Everything that people were asked to do and have not done.
#[derive(Clone, Debug, Default)]
pub(super) struct People {
    asked: Vec<Asked>,
}

impl People {
    pub(super) fn ask(&mut self, step: usize, ask: Ask, at: Time, until: Time) {
        let patterns = ask.signs.iter().filter_map(|sign| match sign {
            Sign::Event(text) => Pattern::parse(text).ok(),
            Sign::Gone | Sign::Said => None,
        });
        let patterns = patterns.collect();
        self.asked.push(Asked { step, ask, at, until, patterns });
    }

    /// When the patience with the first of them ends.
    pub(super) fn deadline(&self) -> Time {
        self.asked.iter().map(|asked| asked.until).min().unwrap_or(Time::NEVER)
    }

    /// The phone told of this event: what it shows to be done.
    pub(super) fn event(&mut self, event: &Event, names: &Names) -> Vec<Asked> {
        self.done(|asked| asked.patterns.iter().any(|pattern| pattern.matches(event, names)))
    }

    /// The agent's connection ended: what that shows to be done.
    pub(super) fn gone(&mut self) -> Vec<Asked> {
        self.done(|asked| asked.ask.signs.contains(&Sign::Gone))
    }

    /// The person says that it is done: the oldest of which that can be said.
    pub(super) fn said(&mut self) -> Option<Asked> {
        let place = self.asked.iter().position(|one| one.ask.signs.contains(&Sign::Said))?;
        Some(self.asked.remove(place))
    }

    /// What was not done in time.
    pub(super) fn late(&mut self, now: Time) -> Vec<Asked> {
        self.done(|asked| asked.until <= now)
    }

    /// What is not done yet, all of it: the run is over.
    pub(super) fn rest(&mut self) -> Vec<Asked> {
        std::mem::take(&mut self.asked)
    }

    fn done(&mut self, is: impl Fn(&Asked) -> bool) -> Vec<Asked> {
        let (done, open) = std::mem::take(&mut self.asked).into_iter().partition(is);
        self.asked = open;
        done
    }
}

#[cfg(test)]
mod tests {
    use super::super::drive::{Kind, Way, way};
    use super::*;
    use crate::port::Span;
    use crate::scenario::Act;
    use crate::trace::What;

    fn asked(act: Act, until: u64) -> People {
        let Way::Person(ask) = way(act, Kind::Phone) else { panic!("a person does {act:?}") };
        let mut people = People::default();
        people.ask(3, ask, Time::ZERO, Span::from_secs(until).from_start());
        people
    }

    fn event(what: What) -> Event {
        Event { at: Time::ZERO, owner: 1, seq: 0, lane: what.lane(), what }
    }

    #[test]
    fn the_event_that_shows_it_confirms_a_step_and_no_other() {
        let mut people = asked(Act::UserLock, 60);
        let other = event(What::Callback { name: "became-active", id: 0 });
        assert!(people.event(&other, &Names::default()).is_empty());
        let left = event(What::Callback { name: "entered-background", id: 0 });
        assert_eq!(people.event(&left, &Names::default())[0].step, 3);
        assert_eq!(people.deadline(), Time::NEVER);
    }

    #[test]
    fn what_only_an_event_can_show_nobody_can_say() {
        let mut people = asked(Act::NetworkAirplane { on: true }, 60);
        assert_eq!(people.said(), None);
        let mut people = asked(Act::UserForceQuitOther, 60);
        assert_eq!(people.said().map(|asked| asked.step), Some(3));
    }

    #[test]
    fn the_end_of_the_connection_shows_a_force_quit() {
        assert_eq!(asked(Act::UserForceQuit, 60).gone().len(), 1);
        assert!(asked(Act::UserLock, 60).gone().is_empty());
    }

    #[test]
    fn what_was_not_done_in_time_is_late() {
        let mut people = asked(Act::UserLock, 60);
        assert!(people.late(Span::from_secs(59).from_start()).is_empty());
        assert_eq!(people.late(Span::from_secs(60).from_start()).len(), 1);
    }
}
