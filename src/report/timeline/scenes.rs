//! When something happens that is worth a look, and what only repeats what was seen before.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::port::{AppState, PushId, Span, Time};
use crate::report::history::History;
use crate::report::history::sign::{Sign, sign};
use crate::trace::{DeadCause, Event, What};

/// What happens within so much time belongs together.
const NEAR: Span = Span::from_secs(60);
/// So many times in a row, and what happens is a pattern.
const TIMES: usize = 4;
/// A pattern is made of at most so many scenes.
const LONGEST: usize = 6;

/// A device's run, as what is worth a look.
#[derive(Clone, Debug, Default)]
pub(super) struct Scenes {
    /// From the first to the last moment of what belongs together, in the order of time.
    pub(super) seen: Vec<Range<Time>>,
    /// What is left out because it repeats what was seen before.
    pub(super) repeats: Vec<Repeat>,
}

/// Some rounds of a pattern, without its first and its last.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Repeat {
    /// When each round begins.
    pub(super) rounds: Vec<Time>,
    /// From the first to the last moment of all rounds.
    pub(super) time: Range<Time>,
}

impl Repeat {
    /// Whether `at` is within it.
    pub(super) fn holds(&self, at: Time) -> bool {
        (self.time.start..=self.time.end).contains(&at)
    }
}

/// A moment: what happens, in words, and whether it is to be seen under all circumstances.
struct Moment {
    at: Time,
    kind: (&'static str, &'static str),
    firm: bool,
}

/// Moments that belong together.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Scene {
    time: Range<Time>,
    kinds: BTreeSet<(&'static str, &'static str)>,
    firm: bool,
}

/// The scenes of `device` in `events`, of which `history` was made; `end` is when they end.
pub(super) fn scenes(events: &[Event], device: u32, history: &History, end: Time) -> Scenes {
    let mine = |event: &&Event| event.owner == 0 || event.owner == device;
    let lost: BTreeSet<PushId> = history
        .flights
        .iter()
        .filter(|flight| flight.received.is_none())
        .map(|flight| flight.push)
        .collect();
    let mut moments: Vec<Moment> =
        events.iter().filter(mine).filter_map(|event| moment(event, &lost)).collect();
    // The first time that the app is as near to the wake limit as it gets.
    let most = history.wakes.iter().map(|wake| wake.recent).max();
    let first = history.wakes.iter().find(|wake| Some(wake.recent) == most);
    let wake = |at| Moment { at, kind: ("wake", ""), firm: true };
    moments.extend(first.map(|first| wake(first.at)));
    moments.sort_by_key(|moment| moment.at);
    moments.retain(|moment| moment.at <= end);
    without_repeats(&together(moments))
}

/// The moment that an event is, if it is one.
fn moment(event: &Event, lost: &BTreeSet<PushId>) -> Option<Moment> {
    let what = &event.what;
    let firm_if = |firm| Some((detail(what), firm));
    let (detail, firm) = match sign(what) {
        Sign::Step(_) | Sign::Listed | Sign::Belief(..) => firm_if(false),
        // A NAT that forgets does so again and again.
        Sign::Fault(sign) => firm_if(sign != 'n'),
        Sign::Accepted(push) | Sign::Sent(push) | Sign::Received(push) | Sign::Notified(push) => {
            firm_if(lost.contains(&push))
        }
        Sign::Dropped(..) | Sign::Kill(..) => firm_if(true),
        // A suspended app that wakes and is suspended again is none.
        Sign::State(AppState::Background | AppState::Suspended) if !leaves(what) => None,
        Sign::State(to) => firm_if(to == AppState::NotRunning),
        Sign::Wake(..) | Sign::Routine => None,
    }?;
    Some(Moment { at: event.at, kind: (what.name(), detail), firm })
}

/// Whether a state is left in which the app is seen or did not run.
fn leaves(what: &What) -> bool {
    if let What::State { from, .. } = what {
        return !matches!(from, AppState::Background | AppState::Suspended);
    }
    false
}

/// What tells events of one name apart.
fn detail(what: &What) -> &'static str {
    if let What::Step { action, .. } = what {
        action
    } else if let What::State { to, .. } = what {
        to.as_str()
    } else if let What::ConnectionDead { cause, .. } = what {
        DeadCause::as_str(*cause)
    } else {
        ""
    }
}

/// Moments near each other are a scene.
fn together(moments: Vec<Moment>) -> Vec<Scene> {
    let mut scenes: Vec<Scene> = Vec::new();
    for Moment { at, kind, firm } in moments {
        match scenes.last_mut() {
            Some(scene) if at.since(scene.time.end) < NEAR => {
                scene.time.end = at;
                scene.kinds.insert(kind);
                scene.firm |= firm;
            }
            Some(_) | None => {
                scenes.push(Scene { time: at..at, kinds: BTreeSet::from([kind]), firm });
            }
        }
    }
    scenes
}

/// Leaves out what repeats itself; its first and its last round stay.
fn without_repeats(scenes: &[Scene]) -> Scenes {
    let mut found = Scenes::default();
    let mut rest = scenes;
    while let Some(scene) = rest.first() {
        let rounds = (1..=LONGEST).map(|length| (length, rounds(rest, length)));
        // The shortest of those that reach farthest.
        let farthest = rounds.rev().max_by_key(|(length, rounds)| length * rounds);
        let (length, rounds) = farthest.unwrap_or((1, 1));
        if rounds < TIMES {
            found.seen.push(scene.time.clone());
            rest = &rest[1..];
            continue;
        }
        let (pattern, after) = rest.split_at(length * rounds);
        let (first, others) = pattern.split_at(length);
        let (hidden, last) = others.split_at(length * (rounds - 2));
        found.seen.extend(first.iter().chain(last).map(|scene| scene.time.clone()));
        if let (Some(from), Some(to)) = (hidden.first(), hidden.last()) {
            let rounds = hidden.chunks(length).filter_map(|round| round.first());
            let rounds = rounds.map(|scene| scene.time.start).collect();
            found.repeats.push(Repeat { rounds, time: from.time.start..to.time.end });
        }
        rest = after;
    }
    found
}

/// How often the first `length` scenes follow one another, 1 being once; 0 when that is nothing to repeat.
fn rounds(scenes: &[Scene], length: usize) -> usize {
    let firm = |round: &[Scene]| round.iter().any(|scene| scene.firm);
    let mut rounds = scenes.chunks_exact(length);
    let Some(first) = rounds.next().filter(|first| !firm(first)) else { return 0 };
    let begins = |round: &[Scene]| round.first().map_or(Time::ZERO, |scene| scene.time.start);
    let mut before = begins(first);
    let mut period: Option<Span> = None;
    let alike = |round: &&[Scene]| {
        let took = begins(round).since(before);
        let usual = *period.get_or_insert(took);
        before = begins(round);
        let in_time = took <= usual.saturating_mul(2) && usual <= took.saturating_mul(2);
        let same = first.iter().zip(round.iter()).all(|(a, b)| a.kinds == b.kinds);
        same && in_time && !firm(round)
    };
    1 + rounds.take_while(alike).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{KillCode, KillRule};

    fn at(seconds: u64) -> Time {
        Span::from_secs(seconds).from_start()
    }

    fn found(whats: &[(u64, What)]) -> Scenes {
        let event = |(seconds, what): &(u64, What)| Event {
            at: at(*seconds),
            owner: 1,
            seq: 0,
            lane: what.lane(),
            what: *what,
        };
        let events: Vec<Event> = whats.iter().map(event).collect();
        let history = crate::report::history::history(&events, 1, at(100_000));
        scenes(&events, 1, &history, at(100_000))
    }

    /// A NAT that forgets every ten minutes, and the app that connects again five minutes later.
    fn nat(times: u32) -> Vec<(u64, What)> {
        let round = |n: u32| {
            let dead = What::ConnectionDead { connection: n, cause: DeadCause::Nat };
            let again = What::ClientConnected { pair: n + 1 };
            let begin = u64::from(n) * 600;
            [(begin, dead), (begin + 300, again)]
        };
        (0..times).flat_map(round).collect()
    }

    #[test]
    fn of_what_repeats_itself_the_first_and_the_last_round_are_seen() {
        let Scenes { seen, repeats } = found(&nat(10));
        assert_eq!(seen, [0, 300, 5_400, 5_700].map(|seconds| at(seconds)..at(seconds)));
        assert_eq!(repeats.len(), 1);
        assert_eq!(repeats[0].rounds.len(), 8);
        assert_eq!(repeats[0].time, at(600)..at(5_100));
    }

    #[test]
    fn three_times_are_no_pattern() {
        assert_eq!(found(&nat(3)).repeats, []);
    }

    #[test]
    fn a_round_that_is_late_is_seen() {
        let mut whats = nat(12);
        for (seconds, _) in whats.iter_mut().skip(12) {
            *seconds += 3_000;
        }
        let Scenes { seen, repeats } = found(&whats);
        assert_eq!(repeats.len(), 2);
        assert!(seen.contains(&(at(6_600)..at(6_600))), "{seen:?}");
    }

    #[test]
    fn a_kill_within_a_pattern_is_seen() {
        let kill = What::Kill { code: KillCode::Watchdog, rule: KillRule::TaskNeverEnded };
        let mut whats = nat(12);
        whats.insert(13, (3_610, kill));
        let Scenes { seen, repeats } = found(&whats);
        assert!(seen.iter().any(|scene| scene.contains(&at(3_610)) || scene.end == at(3_610)));
        assert!(repeats.iter().all(|repeat| !repeat.time.contains(&at(3_610))), "{repeats:?}");
    }

    #[test]
    fn kills_that_repeat_themselves_are_all_seen() {
        let kill = What::Kill { code: KillCode::Watchdog, rule: KillRule::TaskNeverEnded };
        let whats: Vec<(u64, What)> = (0..9).map(|n| (n * 600, kill)).collect();
        assert_eq!(found(&whats).seen.len(), 9);
    }
}
