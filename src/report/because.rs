//! Why the app was ended and why a push was lost or late, in a line each, with the command that explains it.

use std::collections::BTreeMap;

use super::failure::labelled;
use super::paragraph::plain;
use super::style::FAINT;
use crate::metrics::{KillRecord, Metric};
use crate::port::{PushId, Span, Time};
use crate::run::{Outcome, Verdict};
use crate::scenario::{Expectation, Scenario};
use crate::trace::{DeadCause, Event, KillCode, Unreachable, What};

/// Whether saying it needs the events of the run: a push is missing, was dropped, or came too late.
pub fn needs_events(scenario: &Scenario, outcome: &Outcome) -> bool {
    let some = |metric| outcome.totals.count(metric) > 0;
    some(Metric::PushMissing) || some(Metric::PushDropped) || !late(scenario, outcome).is_empty()
}

/// The lines of one run; none when nothing was ended, lost or late.
pub fn because(scenario: &Scenario, outcome: &Outcome, events: &[Event]) -> String {
    let mut out = String::new();
    for (word, text) in reasons(scenario, outcome, events) {
        labelled(&mut out, FAINT, word, &text);
    }
    out
}

/// What was ended, lost or late in one run, each with a word for it.
pub(super) fn reasons(
    scenario: &Scenario,
    outcome: &Outcome,
    events: &[Event],
) -> Vec<(&'static str, String)> {
    let mut reasons = Vec::new();
    if let Some(KillRecord { code, rule, .. }) = outcome.totals.first_kill {
        // A code that stands for many rules says less than the rule.
        let many = matches!(code, KillCode::Watchdog | KillCode::TaskOverrun | KillCode::Trap);
        let name = if many { rule.as_str() } else { code.as_str() };
        reasons.push(("killed by", format!("{rule} ({code}): holdline explain {name}")));
    }
    let mut told: Vec<(&'static str, &str, Vec<PushId>)> = Vec::new();
    for (push, word, why) in fates(scenario, outcome, events) {
        match told.iter_mut().find(|(of, known, _)| (*of, *known) == (word, why)) {
            Some((.., pushes)) => pushes.push(push),
            None => told.push((word, why, vec![push])),
        }
    }
    for (word, why, pushes) in told {
        let more = match pushes.len() {
            0 | 1 => String::new(),
            n => format!(" and {} more", n - 1),
        };
        let first = pushes.first().map_or(String::new(), |push| scenario.names.push(*push));
        let said = match DeadCause::parse(why) {
            Some(cause) => format!("{} ({cause})", Unreachable::ConnectionDead),
            None => why.to_owned(),
        };
        let text = format!("`{}`{more}: {said}: holdline explain {why}", plain(&first));
        reasons.push((word, text));
    }
    reasons
}

/// The pushes that had to come within a time and did not, by name and member, as expectations say that
/// failed.
fn late(scenario: &Scenario, outcome: &Outcome) -> Vec<(PushId, bool, Span)> {
    let failed = outcome.judgements.iter().filter(|judgement| judgement.verdict == Verdict::Fail);
    let expected = failed.filter_map(|judgement| scenario.expects.get(judgement.expect));
    let of = |that: &Expectation| match that {
        Expectation::PushReceived { push, within: Some(within) } => Some((*push, false, *within)),
        Expectation::PushNotified { push, within: Some(within) } => Some((*push, true, *within)),
        Expectation::PushReceived { .. }
        | Expectation::PushNotified { .. }
        | Expectation::PushLost { .. }
        | Expectation::Event { .. }
        | Expectation::Order { .. }
        | Expectation::Metric { .. }
        | Expectation::Converges { .. } => None,
    };
    expected.filter_map(|expect| of(&expect.that)).collect()
}

/// One push on one device.
#[derive(Clone, Debug, Default)]
struct Story {
    accepted: Option<Time>,
    /// Why it could not be received when it was accepted, or, when it could, why it no longer could later.
    why: Option<&'static str>,
    received: Option<Time>,
    notified: Option<Time>,
    fate: Option<&'static str>,
}

/// What became of each push that was lost or late: which, `lost` or `late`, and why.
fn fates(
    scenario: &Scenario,
    outcome: &Outcome,
    events: &[Event],
) -> Vec<(PushId, &'static str, &'static str)> {
    let late = late(scenario, outcome);
    let too_late = |push: PushId, story: &Story| {
        late.iter().any(|(of, notified, within)| {
            let named = of.name == push.name && (of.member == 0 || of.member == push.member);
            let came = if *notified { story.notified } else { story.received };
            named && came.zip(story.accepted).is_some_and(|(at, from)| at.since(from) > *within)
        })
    };
    let mut found = Vec::new();
    for ((_, push), story) in stories(events) {
        let word = match (story.received, story.fate) {
            (None, _) => "lost",
            (Some(_), _) if too_late(push, &story) => "late",
            (Some(_), _) => continue,
        };
        found.extend(story.fate.or(story.why).map(|why| (push, word, why)));
    }
    found
}

/// Why each push that was not received was not, by device; of one that still waits, what it waits for.
pub(super) fn unreceived(events: &[Event]) -> BTreeMap<(u32, PushId), &'static str> {
    let lost = |(of, story): ((u32, PushId), Story)| match story.received {
        Some(_) => None,
        None => story.fate.or(story.why).map(|why| (of, why)),
    };
    stories(events).into_iter().filter_map(lost).collect()
}

/// What events say of each push, by device.
fn stories(events: &[Event]) -> BTreeMap<(u32, PushId), Story> {
    let mut stories: BTreeMap<(u32, PushId), Story> = BTreeMap::new();
    let mut now: BTreeMap<u32, &'static str> = BTreeMap::new();
    let mut dead: BTreeMap<u32, DeadCause> = BTreeMap::new();
    for Event { at, owner, what, .. } in events {
        if let What::PushAccepted { push, .. } = what {
            let why = now.get(owner).copied();
            let story = stories.entry((*owner, *push)).or_default();
            if story.accepted.is_none() {
                (story.accepted, story.why) = (Some(*at), why);
            }
        } else if let What::PushReceived { push, .. } = what {
            stories.entry((*owner, *push)).or_default().received.get_or_insert(*at);
        } else if let What::Notified { push, .. } = what {
            stories.entry((*owner, *push)).or_default().notified.get_or_insert(*at);
        } else if let What::PushDropped { push, fate } = what {
            stories.entry((*owner, *push)).or_default().fate = Some(fate.as_str());
        } else if let What::ConnectionDead { cause, .. } = what {
            dead.insert(*owner, *cause);
        } else if let What::Reachable { reachable: true, .. } = what {
            now.remove(owner);
        } else if let What::Reachable { why, .. } = what {
            let why = match (why, dead.get(owner)) {
                // Of what a connection died says more than that it did.
                (Unreachable::ConnectionDead, Some(cause)) => cause.as_str(),
                (why, _) => why.as_str(),
            };
            now.insert(*owner, why);
            let waiting = stories.iter_mut().filter(|((of, _), story)| {
                of == owner && story.received.is_none() && story.why.is_none()
            });
            waiting.for_each(|(_, story)| story.why = Some(why));
        }
    }
    stories
}
