//! Determinism is checked, not hoped for: play twice, once each device alone and once all together, and
//! find the first event that differs.

use super::{Mode, Options, play};
use crate::port::Time;
use crate::scenario::Scenario;
use crate::trace::Event;

/// The first place where two runs of one scenario under one seed differ.
#[derive(Copy, Clone, PartialEq, Debug)]
pub struct Difference {
    /// Its place in the trace, counted from 1.
    pub place: usize,
    /// When.
    pub at: Time,
    /// The event of the first run, if it had one more.
    pub first: Option<Event>,
    /// The event of the second run, if it had one more.
    pub second: Option<Event>,
}

/// Plays `scenario` twice under `seed`; `None` when every event is the same.
pub fn check_determinism(scenario: &Scenario, seed: u64) -> Option<Difference> {
    let events =
        |mode| play(scenario, Options { seed, mode, trace: true }).events.unwrap_or_default();
    first_difference(&events(Mode::Apart), &events(Mode::Together))
}

/// The first event in which two traces differ; `None` when they are the same.
pub fn first_difference(first: &[Event], second: &[Event]) -> Option<Difference> {
    let same = first.iter().zip(second).take_while(|(a, b)| a == b).count();
    let (first, second) = (first.get(same).copied(), second.get(same).copied());
    let at = first.or(second)?.at;
    Some(Difference { place: same + 1, at, first, second })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{Lane, What};

    fn event(at: u64) -> Event {
        let at = Time::from_micros(at);
        Event { at, owner: 1, seq: at.as_micros(), lane: Lane::Os, what: What::Booted {} }
    }

    #[test]
    fn the_first_event_that_differs_is_named_with_its_time() {
        let (a, b) = ([event(1), event(2), event(3)], [event(1), event(5)]);
        let difference = first_difference(&a, &b).unwrap();
        assert_eq!((difference.place, difference.at), (2, Time::from_micros(2)));
    }

    #[test]
    fn a_run_that_goes_on_longer_differs_where_the_other_ends() {
        let difference = first_difference(&[event(1)], &[event(1), event(7)]).unwrap();
        assert_eq!((difference.place, difference.first), (2, None));
        assert_eq!(first_difference(&[event(1)], &[event(1)]), None);
    }
}
