//! From what was observed to what follows from it: states, wakes, sleep, the ends of processes, and what the path did.
//!
//! Nothing is invented: what can have been one way or the other is not among the events. Where a verdict could hang on
//! it, `judge` looks at each of the [`World`]s in which it was one way.

mod app;
mod end;
mod path;
mod sleep;

use std::collections::BTreeSet;

use super::collected::Death;
use super::offset::Within;
use super::reconcile::Known;
use crate::port::{AppState, Time};
use crate::scenario::{Act, Scenario};
use crate::trace::{Event, KillRule, WakeReason, What};

/// What nobody knows, decided one way.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct World {
    /// Where the phone's events are in the intervals of their times, and a process's end in the time in which it ended.
    pub within: Within,
    /// The rule by which processes were ended of which nobody knows it.
    pub rule: Option<KillRule>,
    /// When processes ended of which nobody knows when, as far as that can be.
    pub end: Option<Time>,
    /// What woke an app for the last time whose wakes were too many.
    pub last_wake: WakeReason,
    /// Whether an app that was in background and is not heard of any more was suspended.
    pub suspended: bool,
}

impl World {
    /// As it is told: times in the middle, and nothing that nobody knows.
    pub const TOLD: World = World {
        within: Within::Middle,
        rule: None,
        end: None,
        last_wake: WakeReason::Socket,
        suspended: false,
    };
}

/// Events with those that follow from them.
#[derive(Clone, Debug, Default)]
pub struct Inference {
    /// All of them, in order.
    pub events: Vec<Event>,
    /// The places of those that were inferred.
    pub inferred: BTreeSet<usize>,
    /// Whether a process ended by a rule that nobody knows.
    pub unknown_end: bool,
    /// Since when nobody knew, for the first time, whether an app in background was suspended before its process, or its
    /// log, ended.
    pub unsure_since: Option<Time>,
}

/// What is known besides the events.
#[derive(Copy, Clone, Debug)]
pub struct Situation<'a> {
    /// What was played.
    pub scenario: &'a Scenario,
    /// The ends of processes that the host saw.
    pub deaths: &'a [Death],
}

impl Situation<'_> {
    /// What the step that acts with `event` does.
    fn act(&self, event: &Event) -> Option<Act> {
        let What::Step { number, .. } = event.what else { return None };
        let place = (number as usize).checked_sub(1)?;
        self.scenario.steps.get(place).map(|step| step.act)
    }
}

/// One event more, before the known one at `place`.
#[derive(Copy, Clone, Debug)]
struct Addition {
    place: usize,
    at: Time,
    what: What,
}

/// The known events, and what is added to them.
struct Additions<'k> {
    known: &'k [Known],
    list: Vec<Addition>,
}

impl Additions<'_> {
    /// Adds what happened at the moment of the known event at `place`, before it.
    fn before(&mut self, place: usize, what: What) {
        let at = self.known.get(place).map_or(Time::ZERO, |known| known.event.at);
        self.list.push(Addition { place, at, what });
    }

    /// Adds what happened at the moment of the known event at `place`, after it.
    fn after(&mut self, place: usize, what: What) {
        let at = self.known.get(place).map_or(Time::ZERO, |known| known.event.at);
        self.list.push(Addition { place: place + 1, at, what });
    }

    /// Adds what happened at `at`, behind everything known of that moment.
    fn at(&mut self, at: Time, what: What) {
        let place = self.known.partition_point(|known| known.event.at <= at);
        self.list.push(Addition { place, at, what });
    }

    /// Adds what happened at `at`, and before the known event at `limit`: behind everything known of its moment.
    fn at_or_before(&mut self, at: Time, limit: usize, what: What) {
        let place = self.known.partition_point(|known| known.event.at <= at).min(limit);
        // Never out of the order of time.
        let at = place.checked_sub(1).map_or(at, |before| at.max(self.known[before].event.at));
        let at = self.known.get(place).map_or(at, |next| at.min(next.event.at));
        self.list.push(Addition { place, at, what });
    }

    /// All in one order, numbered anew.
    fn woven(mut self) -> (Vec<Event>, BTreeSet<usize>) {
        // Of one place, in the order of their times and then as they were added.
        self.list.sort_by_key(|added| (added.place, added.at));
        let mut added = self.list.into_iter().peekable();
        let mut counts = std::collections::BTreeMap::new();
        let (mut events, mut inferred) = (Vec::new(), BTreeSet::new());
        let mut put = |event: Event, events: &mut Vec<Event>| {
            let count: &mut u64 = counts.entry(event.owner).or_default();
            *count += 1;
            events.push(Event { seq: *count, ..event });
        };
        for place in 0..=self.known.len() {
            while let Some(Addition { at, what, .. }) = added.next_if(|one| one.place <= place) {
                inferred.insert(events.len());
                put(Event { at, owner: 1, seq: 0, lane: what.lane(), what }, &mut events);
            }
            if let Some(known) = self.known.get(place) {
                put(known.event, &mut events);
            }
        }
        (events, inferred)
    }
}

/// What follows from the events of one phone and its host.
pub fn infer(known: &[Known], situation: Situation<'_>, world: World) -> Inference {
    let mut added = Additions { known, list: Vec::new() };
    sleep::infer(&mut added, &situation);
    let ends = end::ends(known, &situation, world);
    let unsure_since = app::infer(&mut added, &ends, &situation, world);
    path::infer(&mut added, &ends);
    let unknown_end = ends.iter().any(|end| end.kill == end::Rule::Unknown);
    // What the log itself says and no phone observes is somebody's inference too.
    let (events, mut inferred) = added.woven();
    for (place, event) in events.iter().enumerate() {
        if matches!(event.what, What::Notified { .. }) {
            inferred.insert(place);
        }
    }
    Inference { events, inferred, unknown_end, unsure_since }
}

/// Whether the phone told of it.
fn of_phone(known: &Known) -> bool {
    known.line.is_some()
}

/// The state that goes with a callback, as it is delivered.
fn state_for(callback: &str) -> Option<AppState> {
    Some(match callback {
        "became-active" => AppState::Active,
        "will-resign-active" | "will-enter-foreground" => AppState::Inactive,
        "entered-background" => AppState::Background,
        _ => return None,
    })
}
