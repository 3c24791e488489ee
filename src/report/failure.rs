//! A run that did not pass: what was expected, what was found, what happened around, how to see it again.

use std::fmt::Write;

use super::event_line::event_line;
use super::human;
use super::style::{BAD, FAINT, UNSURE, paint};
use crate::port::{Span, Time};
use crate::run::{Judgement, Outcome, Verdict};
use crate::scenario::Scenario;
use crate::trace::{Event, Names};

/// How many events before and after the moment are shown.
const AROUND: usize = 6;

/// The indentation of everything under a line.
const INDENT: &str = "      ";

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
        let style = match judgement.verdict {
            Verdict::Pass => continue,
            Verdict::Fail => BAD,
            Verdict::Undetermined => UNSURE,
        };
        let text = scenario.expects.get(judgement.expect).map_or("", |expect| &expect.text);
        let _ = writeln!(out, "{INDENT}{} {text}", paint(style, "expected "));
        let _ = writeln!(out, "{INDENT}{} {}", paint(style, "found    "), judgement.found);
        if judgement.verdict == Verdict::Fail {
            around(&mut out, judgement, events, scenario);
        }
    }
    if !out.is_empty() {
        let _ = writeln!(out, "{INDENT}{} {reproduce}", paint(FAINT, "run again"));
    }
    out
}

fn around(out: &mut String, judgement: &Judgement, events: &[Event], scenario: &Scenario) {
    let Some((at, device)) = judgement.look_at else { return };
    let seen: Vec<&Event> = events.iter().filter(|e| e.owner == 0 || e.owner == device).collect();
    let (from, moment, to) = window(&seen, at);
    if from == to {
        return;
    }
    let on = match scenario.devices {
        1 => String::new(),
        _ => format!(" on device {device}"),
    };
    let _ = writeln!(out, "{INDENT}{} {at}{on}", paint(FAINT, "around   "));
    let mut before: Option<Time> = None;
    for (place, event) in seen.iter().enumerate().take(to).skip(from) {
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
    if gap >= Span::from_secs(60) {
        let text = format!("… {} later", human::span(gap));
        let _ = writeln!(out, "{INDENT}  {}", paint(FAINT, &text));
    }
}

fn line(event: &Event, names: &Names) -> String {
    super::paragraph::plain(&event_line(event, names))
}

/// The places of the events around `at`: from, the one at the moment, to.
fn window(events: &[&Event], at: Time) -> (usize, usize, usize) {
    let moment = events.partition_point(|event| event.at < at);
    let from = moment.saturating_sub(AROUND);
    let to = (moment + AROUND + 1).min(events.len());
    (from, moment, to.max(from))
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
        assert_eq!(window(&seen, Time::from_micros(2)), (0, 2, 9));
        assert_eq!(window(&seen, Time::from_micros(99)), (4, 10, 10));
        assert_eq!(window(&[], Time::ZERO), (0, 0, 0));
    }
}
