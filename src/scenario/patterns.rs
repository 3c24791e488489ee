//! What can be said of an event pattern only when the whole scenario is known.

use std::ops::Range;

use super::acts::ACTS;
use super::diagnostic::{Diagnostic, Problems, did_you_mean, listed};
use super::pushes::Pushes;
use super::steps::Frame;
use crate::port::{Callback, Frame as Wire, StreamEvent};
use crate::settings::nearest;
use crate::trace::Pattern;

/// The patterns of a scenario, and where they stand.
#[derive(Default)]
pub(super) struct Patterns {
    list: Vec<(String, Range<usize>)>,
}

impl Patterns {
    pub(super) fn note(&mut self, pattern: &Pattern, span: Range<usize>) {
        self.list.push((pattern.to_string(), span));
    }

    /// Reports patterns on a push that nobody sends, a device that is not there or phases that are
    /// not: such an event cannot occur.
    pub(super) fn check(self, pushes: &Pushes, frame: Frame, problems: &Problems) {
        for (pattern, span) in self.list {
            let event = pattern.split(' ').next().unwrap_or_default();
            let phase = event == "phase";
            // Without a duration it is not known whether there were meant to be phases.
            if phase && frame.phases.is_none() && frame.duration.is_some() {
                let message = "there is no event `phase`: this scenario has no `[phases]`";
                problems.report(Diagnostic::new(message, span, "cannot occur"));
                continue;
            }
            for (field, value) in pattern.split(' ').filter_map(|word| word.split_once('=')) {
                if problems.enough() {
                    return;
                }
                if let Some(names) = names(event, field)
                    && !names.contains(&value)
                {
                    let message = format!("`{event}` never has `{field}={value}`");
                    let near = nearest(value, names.iter().copied());
                    let label = did_you_mean(near, "no such name");
                    let help = format!("`{field}` is one of: {}", listed(names.iter().copied()));
                    problems.report(Diagnostic::new(message, span.clone(), label).help(help));
                    continue;
                }
                match (field, value.parse::<u32>(), frame.devices) {
                    ("push", _, _) => {
                        if let Some(problem) = pushes.in_pattern(value, span.clone()) {
                            problems.report(problem);
                        }
                    }
                    ("device", Ok(device), Some(devices)) if device > devices => {
                        let message = format!("there is no device {device}");
                        let label = format!("there are {devices}, counted from 1");
                        problems.report(Diagnostic::new(message, span.clone(), label));
                    }
                    (_, _, _) => {}
                }
            }
        }
    }
}

/// What a field can hold whose names are a list of another room.
fn names(event: &str, field: &str) -> Option<Vec<&'static str>> {
    match (event, field) {
        ("callback" | "callback-returned", "name") => {
            let streams = StreamEvent::SPELLINGS.iter();
            Some(Callback::NAMES.iter().chain(streams).copied().collect())
        }
        ("read" | "write" | "sent" | "arrived", "frame") => Some(Wire::NAMES.to_vec()),
        ("step", "do") => Some(ACTS.iter().map(|act| act.name).collect()),
        ("sent" | "arrived" | "lost" | "retransmitted", "from")
        | ("timed-out" | "ended", "side") => Some(vec!["phone", "server"]),
        (_, _) => None,
    }
}
