//! What can be said of an event pattern only when the whole scenario is known.

use std::ops::Range;

use super::diagnostic::{Diagnostic, Problems};
use super::pushes::Pushes;
use super::steps::Frame;
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
            let phase = pattern.split(' ').next() == Some("phase");
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
