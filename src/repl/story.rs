//! What a session is told of events that have passed.

use std::fmt::Write;

use crate::report::event_line::event_line;
use crate::report::human::plural;
use crate::report::paragraph::{cut, plain};
use crate::report::timeline;
use crate::scenario::Scenario;
use crate::trace::Event;

/// At most so many lines of one command, at the beginning and at the end.
const FIRST: usize = 16;
const LAST: usize = 8;
/// More devices are not told of one by one.
const MOST_DEVICES: u32 = 4;

/// The notable ones of `events`, in lines.
pub(super) fn notable(out: &mut String, scenario: &Scenario, events: &[Event], width: usize) {
    let devices = scenario.devices.min(MOST_DEVICES);
    for device in 1..=devices {
        let lines = timeline::told(events, device, &scenario.names, width.saturating_sub(2));
        if scenario.devices > 1 && !lines.is_empty() {
            let _ = writeln!(out, "device {device}:");
        }
        folded(out, &lines);
    }
    let of_others = events.iter().filter(|event| event.owner > devices).count();
    if of_others > 0 {
        let _ = writeln!(out, "and {} of other devices", plural(of_others as u64, "event"));
    }
}

/// All of `events`, in lines.
pub(super) fn every(out: &mut String, scenario: &Scenario, events: &[Event], width: usize) {
    folded(out, &lines(scenario, events, width));
}

/// A line for each of `events`.
pub(super) fn lines(scenario: &Scenario, events: &[Event], width: usize) -> Vec<String> {
    let line = |event: &Event| {
        let text = event_line(event, &scenario.names);
        let text = match scenario.devices {
            1 => text,
            _ => format!("{} {text}", event.owner),
        };
        cut(&plain(&text), width.saturating_sub(2))
    };
    events.iter().map(line).collect()
}

fn folded(out: &mut String, lines: &[String]) {
    let left_out = lines.len().saturating_sub(FIRST + LAST);
    for (place, line) in lines.iter().enumerate() {
        if left_out > 1 && place == FIRST {
            let _ =
                writeln!(out, "  … {}; `trace` lists all …", plural(left_out as u64, "more line"));
        }
        if left_out <= 1 || place < FIRST || place >= FIRST + left_out {
            let _ = writeln!(out, "  {line}");
        }
    }
}
