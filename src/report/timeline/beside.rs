//! Runs drawn under one another over one axis: only their lanes.

use std::fmt::Write;
use std::ops::Range;

use super::flights::Pushes;
use super::lanes::lanes;
use super::scenes::{Scenes, scenes};
use super::{INDENT, columns, fold, legend, line, times};
use crate::port::{PushId, Span, Time};
use crate::report::because::unreceived;
use crate::report::history::{History, history};
use crate::trace::{Event, Names};

/// One of the runs.
#[derive(Copy, Clone, Debug)]
pub struct Beside<'a> {
    /// What stands above its lanes.
    pub heading: &'a str,
    /// Its events.
    pub events: &'a [Event],
    /// The names of its pushes.
    pub names: &'a Names,
    /// How many wakes it allows in which time, if that is known and they are limited.
    pub limit: Option<(u32, Span)>,
    /// When it ends.
    pub end: Time,
}

/// Draws one device of every run, over an axis as long as the longest.
pub fn beside(runs: &[Beside<'_>], device: u32, width: usize) -> String {
    let longest = runs.iter().map(|run| run.end).max().unwrap_or(Time::ZERO);
    let histories: Vec<History> =
        runs.iter().map(|run| history(run.events, device, run.end)).collect();
    let axis = {
        let of = |(run, history): (&Beside<'_>, &History)| {
            scenes(run.events, device, history, run.end).seen
        };
        let seen = runs.iter().zip(&histories).flat_map(of).collect();
        let seen = Scenes { seen: joined(seen), repeats: Vec::new() };
        let mut wakes: Vec<_> = histories.iter().flat_map(|one| one.wakes.clone()).collect();
        wakes.sort_by_key(|wake| wake.at);
        fold::axis(longest.elapsed(), columns(width), &seen, &wakes)
    };
    let mut out = String::new();
    let header = axis.header();
    times(&mut out, &header);
    let mut all = Vec::new();
    for (run, history) in runs.iter().zip(&histories) {
        line(&mut out, run.heading, &header.ticks);
        let why = unreceived(run.events);
        let why = |push: PushId| why.get(&(device, push)).copied();
        let pushes = Pushes { names: run.names, why: &why, end: run.end, goes_on: false };
        let lanes = lanes(history, &axis, run.limit, &pushes);
        lanes.iter().for_each(|row| line(&mut out, &row.name, &row.painted()));
        all.extend(lanes);
    }
    for text in legend::signs_of(&all, width.saturating_sub(INDENT)) {
        let _ = writeln!(out, "{:INDENT$}{text}", "");
    }
    out
}

/// Stretches in the order of time, those that touch as one.
fn joined(mut stretches: Vec<Range<Time>>) -> Vec<Range<Time>> {
    stretches.sort_by_key(|stretch| (stretch.start, stretch.end));
    let mut joined: Vec<Range<Time>> = Vec::new();
    for stretch in stretches {
        match joined.last_mut() {
            Some(last) if stretch.start <= last.end => last.end = last.end.max(stretch.end),
            Some(_) | None => joined.push(stretch),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::AppState;
    use crate::trace::What;

    fn at(seconds: u64) -> Time {
        Span::from_secs(seconds).from_start()
    }

    #[test]
    fn a_shorter_run_ends_where_it_ends_on_the_axis_of_the_longer() {
        let what = What::State { from: AppState::NotRunning, to: AppState::Active };
        let event = Event { at: Time::ZERO, owner: 1, seq: 0, lane: what.lane(), what };
        let names = Names::default();
        let run = |heading, minutes: u64| Beside {
            heading,
            events: std::slice::from_ref(&event),
            names: &names,
            limit: None,
            end: at(60 * minutes),
        };
        let drawn = beside(&[run("A", 60), run("B", 30)], 1, 38);
        let drawn = anstream::adapter::strip_str(&drawn).to_string();
        let app: Vec<usize> = drawn
            .lines()
            .filter(|line| line.trim_start().starts_with("app"))
            .map(|line| line.matches('A').count())
            .collect();
        assert_eq!(app, [20, 10], "{drawn}");
    }

    #[test]
    fn what_is_seen_in_either_run_is_seen_in_both() {
        let seen = joined(vec![at(10)..at(20), at(40)..at(50), at(15)..at(30)]);
        assert_eq!(seen, [at(10)..at(30), at(40)..at(50)]);
    }
}
