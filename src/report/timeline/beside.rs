//! Runs drawn under one another over one axis: only their lanes.

use std::fmt::Write;

use super::lanes::lanes;
use super::{INDENT, NAME, axis, legend};
use crate::port::{Span, Time};
use crate::report::history::history;
use crate::trace::Event;

/// One of the runs.
#[derive(Copy, Clone, Debug)]
pub struct Beside<'a> {
    /// What stands above its lanes.
    pub heading: &'a str,
    /// Its events.
    pub events: &'a [Event],
    /// When it ends.
    pub end: Time,
}

/// Draws one device of every run, over an axis as long as the longest.
pub fn beside(runs: &[Beside<'_>], device: u32, width: usize) -> String {
    let longest = runs.iter().map(|run| run.end.elapsed()).max().unwrap_or(Span::ZERO);
    let axis = axis(longest, width);
    let mut out = String::new();
    let mut line = |name: &str, row: &str| {
        let text = format!("{:INDENT$}{name:<NAME$}{row}", "");
        let _ = writeln!(out, "{}", text.trim_end());
    };
    let (labels, ticks) = axis.header();
    line("", &labels);
    let mut all = Vec::new();
    for run in runs {
        line(run.heading, &ticks);
        let lanes = lanes(&history(run.events, device, run.end), &axis);
        lanes.iter().for_each(|(name, row)| line(name, row));
        all.extend(lanes);
    }
    for text in legend(&all, width.saturating_sub(INDENT)) {
        let _ = writeln!(out, "{:INDENT$}{text}", "");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::AppState;
    use crate::trace::What;

    #[test]
    fn a_shorter_run_ends_where_it_ends_on_the_axis_of_the_longer() {
        let what = What::State { from: AppState::NotRunning, to: AppState::Active };
        let event = Event { at: Time::ZERO, owner: 1, seq: 0, lane: what.lane(), what };
        let run = |heading, minutes: u64| Beside {
            heading,
            events: std::slice::from_ref(&event),
            end: Span::from_secs(60 * minutes).from_start(),
        };
        let drawn = beside(&[run("A", 60), run("B", 30)], 1, 38);
        let app: Vec<usize> = drawn
            .lines()
            .filter(|line| line.trim_start().starts_with("app"))
            .map(|line| line.matches('A').count())
            .collect();
        assert_eq!(app, [20, 10], "{drawn}");
    }
}
