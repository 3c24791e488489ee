//! A run that did not pass: what was expected, what was found, what happened around, how to see it again.

use std::fmt::Write;

use super::event_line::event_line;
use super::human;
use super::style::{BAD, FAINT, UNSURE, paint};
use crate::port::{Span, Time};
use crate::run::{Judgement, Outcome, Sometimes, Verdict};
use crate::scenario::{Expectation, Scenario};
use crate::trace::{Event, Names};

/// How many events before and after the moment are shown.
const AROUND: usize = 6;

/// A gap between two events that is this long is told.
pub(super) const QUIET: Span = Span::from_secs(60);

/// The indentation of everything under a line.
const INDENT: &str = "    ";

/// Whether showing the failures of `outcome` needs the events of the run.
pub fn needs_events(outcome: &Outcome) -> bool {
    outcome.judgements.iter().any(|j| j.verdict == Verdict::Fail && j.look_at.is_some())
}

/// The expectations that were not met, each with the events around its moment, and the command that runs
/// this again. Empty for a run that passed.
pub fn failure(
    scenario: &Scenario,
    outcome: &Outcome,
    events: &[Event],
    reproduce: &str,
) -> String {
    let mut out = String::new();
    for judgement in &outcome.judgements {
        if scenario.expects.get(judgement.expect).is_some_and(|expect| expect.sometimes) {
            continue;
        }
        let style = match judgement.verdict {
            Verdict::Pass => continue,
            Verdict::Fail => BAD,
            Verdict::Undetermined => UNSURE,
        };
        let text = scenario.expects.get(judgement.expect).map_or("", |expect| &expect.text);
        labelled(&mut out, style, "expected", text);
        labelled(&mut out, style, "found", &judgement.found);
        if judgement.verdict == Verdict::Fail {
            around(&mut out, judgement, events, scenario);
        }
    }
    if !out.is_empty() {
        labelled(&mut out, FAINT, "run again", reproduce);
    }
    out
}

/// The expectations that need to be met only sometimes: under how many of so many seeds they were. What was
/// met is told of many runs only.
pub fn sometimes(scenario: &Scenario, found: &[Sometimes], runs: usize) -> String {
    let mut out = String::new();
    for one in found {
        let style = match one.verdict {
            Verdict::Pass if runs > 1 => FAINT,
            Verdict::Pass => continue,
            Verdict::Fail => BAD,
            Verdict::Undetermined => UNSURE,
        };
        let text = scenario.expects.get(one.expect).map_or("", |expect| &expect.text);
        labelled(&mut out, style, "sometimes", text);
        labelled(&mut out, style, "found", &how_often(*one, runs));
    }
    out
}

/// Under how many of so many seeds something was met.
pub(super) fn how_often(found: Sometimes, runs: usize) -> String {
    match (found.first, runs) {
        (Some(seed), runs) => format!("under {} of {runs} seeds, first {seed}", found.met),
        (None, 1) => "not under this one seed: run it under more with `--runs`".to_owned(),
        (None, runs) => format!("under none of {runs} seeds"),
    }
}

/// A line under that of a scenario: a label and a text.
pub(super) fn labelled(out: &mut String, style: anstyle::Style, label: &str, text: &str) {
    let _ = writeln!(out, "{INDENT}{} {text}", paint(style, &format!("{label:<9}")));
}

/// What happened around the moment of a judgement.
pub(super) struct Evidence<'e> {
    /// The events, in order.
    pub(super) events: Vec<&'e Event>,
    /// The place of the moment among them, if an event happened then or later.
    pub(super) moment: usize,
    /// The moment.
    pub(super) at: Time,
    /// On which device.
    pub(super) device: u32,
}

/// The events around the moment of `judgement`; none if it has no moment or nothing happened.
pub(super) fn evidence<'e>(
    scenario: &Scenario,
    judgement: &Judgement,
    events: &'e [Event],
) -> Option<Evidence<'e>> {
    let (at, device) = judgement.look_at?;
    let seen: Vec<&Event> = events.iter().filter(|e| e.owner == 0 || e.owner == device).collect();
    // Of all that happened at that moment, what the expectation speaks of.
    let meant = match scenario.expects.get(judgement.expect).map(|expect| &expect.that) {
        Some(Expectation::Event { event, .. }) => {
            seen.iter().position(|e| e.at == at && event.matches(e, &scenario.names))
        }
        Some(
            Expectation::PushReceived { .. }
            | Expectation::PushNotified { .. }
            | Expectation::PushLost { .. }
            | Expectation::Order { .. }
            | Expectation::Metric { .. }
            | Expectation::Converges { .. },
        )
        | None => None,
    };
    let moment = meant.unwrap_or_else(|| seen.partition_point(|event| event.at < at));
    let (from, to) = window(&seen, moment);
    let events = seen.get(from..to)?.to_vec();
    (!events.is_empty()).then_some(Evidence { events, moment: moment - from, at, device })
}

fn around(out: &mut String, judgement: &Judgement, events: &[Event], scenario: &Scenario) {
    let Some(evidence) = evidence(scenario, judgement, events) else { return };
    let Evidence { events, moment, at, device } = evidence;
    let on = match scenario.devices {
        1 => String::new(),
        _ => format!(" on device {device}"),
    };
    labelled(out, FAINT, "around", &format!("{at}{on}"));
    let mut before: Option<Time> = None;
    for (place, event) in events.into_iter().enumerate() {
        quiet(out, before, event.at);
        let line = line(event, &scenario.names);
        if place == moment {
            let _ = writeln!(out, "{INDENT}{} {line}", paint(BAD, ">"));
        } else {
            let _ = writeln!(out, "{INDENT}  {line}");
        }
        before = Some(event.at);
    }
}

/// A stretch in which nothing happened, if it is long.
fn quiet(out: &mut String, before: Option<Time>, at: Time) {
    let Some(before) = before else { return };
    let gap = at.since(before);
    if gap >= QUIET {
        let text = format!("… {} later", human::span(gap));
        let _ = writeln!(out, "{INDENT}  {}", paint(FAINT, &text));
    }
}

fn line(event: &Event, names: &Names) -> String {
    super::paragraph::plain(&event_line(event, names))
}

/// The places of the events around the one at `moment`: from, to.
fn window(events: &[&Event], moment: usize) -> (usize, usize) {
    let from = moment.saturating_sub(AROUND);
    let to = (moment + AROUND + 1).min(events.len());
    (from, to.max(from))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::What;

    #[test]
    fn the_window_stays_inside_the_trace() {
        let event = |at| {
            let what = What::Booted {};
            Event { at: Time::from_micros(at), owner: 1, seq: at, lane: what.lane(), what }
        };
        let events: Vec<Event> = (0..10).map(event).collect();
        let seen: Vec<&Event> = events.iter().collect();
        assert_eq!(window(&seen, 2), (0, 9));
        assert_eq!(window(&seen, 10), (4, 10));
        assert_eq!(window(&[], 0), (0, 0));
    }
}
