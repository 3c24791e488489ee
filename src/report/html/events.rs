//! The events of a run in as few characters as they need.

use std::collections::BTreeMap;

use serde::Serialize;

use super::pack::{MOST, exact, number};
use crate::port::Span;
use crate::report::history::sign::{Sign, sign};
use crate::trace::{Event, Field, Names, What};

/// More events than this are not listed, so that a page stays small: first routine is left out, then what comes
/// last.
pub(super) const MOST_LISTED: usize = 150_000;

/// The words of a scenario's events, each once.
#[derive(Default)]
pub(super) struct Words {
    places: BTreeMap<String, usize>,
    list: Vec<String>,
}

impl Words {
    /// The place of `word`.
    pub(super) fn place(&mut self, word: &str) -> i64 {
        let place = match self.places.get(word) {
            Some(place) => *place,
            None => {
                let place = self.list.len();
                self.places.insert(word.to_owned(), place);
                self.list.push(word.to_owned());
                place
            }
        };
        exact(place as u64)
    }

    pub(super) fn list(self) -> Vec<String> {
        self.list
    }
}

/// The events of a run, as the page reads them.
#[derive(Serialize)]
pub(super) struct Packed {
    /// How many there are in `pack`.
    n: usize,
    /// How many there were.
    of: usize,
    /// Whether all that are missing are routine.
    routine: bool,
    /// For each event the time since the one before, its kind, doubled, and one more if it is a part of the story,
    /// its owner, and its fields; owner and fields as what they differ from the event before, of that kind.
    pack: String,
}

/// Packs the events that `wanted` has.
pub(super) fn pack(
    events: &[Event],
    wanted: impl Fn(&Event) -> bool,
    names: &Names,
    words: &mut Words,
) -> Packed {
    let all: Vec<&Event> = events.iter().filter(|event| wanted(event)).collect();
    let of = all.len();
    let mut listed = all;
    if of > MOST_LISTED {
        listed.retain(|event| sign(&event.what) != Sign::Routine);
    }
    let routine = listed.len() <= MOST_LISTED;
    listed.truncate(MOST_LISTED);
    let kinds: BTreeMap<&str, usize> =
        What::TABLE.iter().enumerate().map(|(place, info)| (info.name, place)).collect();
    let mut last: Vec<Vec<i64>> =
        What::TABLE.iter().map(|info| vec![0; info.fields.len()]).collect();
    let (mut time, mut owner) = (0, 0);
    let mut out = String::with_capacity(listed.len() * 10);
    for event in &listed {
        let kind = kinds.get(event.what.name()).copied().unwrap_or_default();
        let at = exact(event.at.as_micros());
        number(&mut out, at - time);
        let story = i64::from(sign(&event.what).notable());
        number(&mut out, exact(kind as u64) * 2 + story);
        number(&mut out, i64::from(event.owner) - owner);
        (time, owner) = (at, i64::from(event.owner));
        let last = &mut last[kind];
        let (mut place, mut follows) = (0, None);
        event.what.fields(&mut |name, field| {
            let n = value(name, field, &mut follows, names, words);
            number(&mut out, n - last[place]);
            last[place] = n;
            place += 1;
        });
    }
    Packed { n: listed.len(), of, routine, pack: out }
}

/// A field as a number.
fn value(
    name: &str,
    field: Field,
    follows: &mut Option<u64>,
    names: &Names,
    words: &mut Words,
) -> i64 {
    match field {
        // The identifier that the same push always has says nothing that its name does not.
        Field::Number(n) if name == "id" && *follows == Some(n) => -1,
        Field::Number(n) => exact(n),
        Field::Signed(n) => n.clamp(-MOST.cast_signed(), MOST.cast_signed()),
        Field::Flag(yes) => i64::from(yes),
        Field::Word(word) => words.place(word),
        Field::Span(Span::MAX) => exact(MOST),
        Field::Span(span) => exact(span.as_micros()),
        Field::Push(id) => {
            *follows = Some(u64::from(id.name) << 32 | u64::from(id.member));
            words.place(&names.push(id))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::Time;

    fn repeated(n: usize, what: What) -> Vec<Event> {
        let event = |place: usize| Event {
            at: Time::from_micros(place as u64 * 20_000_000),
            owner: 1,
            seq: place as u64,
            lane: what.lane(),
            what,
        };
        (0..n).map(event).collect()
    }

    fn packed(events: &[Event]) -> Packed {
        pack(events, |_| true, &Names::default(), &mut Words::default())
    }

    #[test]
    fn an_event_that_comes_again_takes_few_characters() {
        let heartbeat = |n| What::ServerPong { connection: 1, n };
        let mut events = repeated(1_000, heartbeat(0));
        for (n, event) in events.iter_mut().enumerate() {
            event.what = heartbeat(n as u32);
        }
        assert!(packed(&events).pack.len() <= 12 * events.len());
    }

    #[test]
    fn of_too_many_events_routine_is_left_out_first() {
        let mut events = repeated(MOST_LISTED, What::ServerPong { connection: 1, n: 1 });
        events.extend(repeated(2, What::GaveUp {}));
        let packed = packed(&events);
        assert_eq!((packed.n, packed.of, packed.routine), (2, MOST_LISTED + 2, true));
    }

    #[test]
    fn a_story_that_is_too_long_is_cut_and_says_so() {
        let packed = packed(&repeated(MOST_LISTED + 1, What::GaveUp {}));
        assert_eq!((packed.n, packed.routine), (MOST_LISTED, false));
    }
}
