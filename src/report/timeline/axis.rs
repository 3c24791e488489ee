//! Time to columns, piece by piece: quiet stretches may be folded into a few columns.

use std::ops::Range;

use crate::port::{Span, Time};
use crate::report::human;

/// How a run's time is laid out over columns.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    /// One after the other, from the beginning to the end; at least one.
    pieces: Vec<Piece>,
    /// How many columns there are.
    pub(super) columns: usize,
}

/// A stretch of time over some columns.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Piece {
    /// Its time.
    pub(super) time: Range<Time>,
    /// Its columns; at least one.
    pub(super) columns: Range<usize>,
    /// Whether it is folded.
    pub(super) folded: bool,
}

/// The lines above the lanes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Header {
    /// How long what is folded is, above the folds; empty when nothing is.
    pub(super) folded: String,
    /// The times at ticks.
    pub(super) labels: String,
    /// The ticks.
    pub(super) ticks: String,
}

/// The sign of a fold.
pub(super) const FOLD: char = '/';

/// A tick in so many columns.
const BETWEEN_TICKS: u64 = 10;

/// Distances between ticks that people can count in, in seconds.
const STEPS: [u64; 24] = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200,
    86_400, 172_800, 604_800, 1_209_600, 2_592_000, 7_776_000, 31_536_000,
];

impl Axis {
    /// An axis of `columns` columns for a run that lasts `duration`, with nothing folded.
    pub(super) fn linear(duration: Span, columns: usize) -> Axis {
        let (time, columns) = (Time::ZERO..duration.max(Span::TICK).from_start(), columns.max(1));
        Axis { pieces: vec![Piece { time, columns: 0..columns, folded: false }], columns }
    }

    /// An axis of these pieces, which have no gaps and begin at zero.
    pub(super) fn of(pieces: Vec<Piece>) -> Axis {
        let columns = pieces.last().map_or(0, |piece| piece.columns.end);
        Axis { pieces, columns }
    }

    /// The column in which `at` falls; what is beyond the end falls in the last.
    pub(super) fn column(&self, at: Time) -> usize {
        let place = self.pieces.partition_point(|piece| piece.time.end <= at);
        self.pieces.get(place).map_or(self.columns - 1, |piece| piece.column(at))
    }

    /// The time at which a column begins; the end for the column after the last.
    pub(super) fn begin(&self, column: usize) -> Time {
        let place = self.pieces.partition_point(|piece| piece.columns.end <= column);
        self.pieces.get(place).map_or(self.end(), |piece| piece.begin(column))
    }

    fn end(&self) -> Time {
        self.pieces.last().map_or(Time::ZERO, |piece| piece.time.end)
    }

    /// The first and last column that a stretch touches.
    pub(super) fn columns_of(&self, from: Time, to: Time) -> (usize, usize) {
        let last = Time::from_micros(to.as_micros().saturating_sub(1)).max(from);
        (self.column(from), self.column(last))
    }

    /// What is folded.
    pub(super) fn folds(&self) -> impl Iterator<Item = &Piece> + Clone {
        self.pieces.iter().filter(|piece| piece.folded)
    }

    /// The fold that `at` is in.
    pub(super) fn fold_at(&self, at: Time) -> Option<&Piece> {
        self.folds().find(|piece| piece.time.contains(&at))
    }

    /// The lines above the lanes.
    pub(super) fn header(&self) -> Header {
        let mut folded = Line::new(self.columns);
        let mut labels = Line::new(self.columns);
        let mut ticks = vec!['-'; self.columns];
        for fold in self.folds() {
            ticks[fold.columns.clone()].fill(FOLD);
            let label = human::span(fold.length()).replace(' ', "");
            let middle = fold.columns.start + fold.columns.len() / 2;
            folded.write(middle.saturating_sub(label.chars().count() / 2), &label);
        }
        let seen = || self.pieces.iter().filter(|piece| !piece.folded);
        let step = self.step();
        let marks: Vec<Vec<Time>> = seen().map(|piece| piece.marks(step)).collect();
        // Every piece says when it is before any says more.
        let first = marks.iter().filter_map(|marks| marks.first());
        for at in first.chain(marks.iter().flat_map(|marks| marks.iter().skip(1))) {
            let column = self.column(*at);
            ticks[column] = '|';
            let label = match *at {
                Time::ZERO => "0".to_owned(),
                at => at.elapsed().to_string().replace(' ', ""),
            };
            labels.write(column, &label);
        }
        Header { folded: folded.text(), labels: labels.text(), ticks: ticks.into_iter().collect() }
    }

    /// The distance between ticks: the smallest that leaves room for their labels.
    fn step(&self) -> Span {
        let Some(first) = self.pieces.iter().find(|piece| !piece.folded) else { return Span::TICK };
        let length = first.length();
        let columns = first.columns.len() as u64;
        let fits = |seconds: &&u64| {
            let step = Span::from_secs(**seconds);
            step.saturating_mul(columns) >= length.saturating_mul(BETWEEN_TICKS)
        };
        STEPS.iter().find(fits).map_or(length, |seconds| Span::from_secs(*seconds))
    }
}

impl Piece {
    /// How much time it is.
    pub(super) fn length(&self) -> Span {
        self.time.end.since(self.time.start)
    }

    fn column(&self, at: Time) -> usize {
        let part = u128::from(at.since(self.time.start).as_micros()) * self.columns.len() as u128;
        let column = part / u128::from(self.length().as_micros().max(1));
        (self.columns.start + column as usize).min(self.columns.end - 1)
    }

    fn begin(&self, column: usize) -> Time {
        let before = (column - self.columns.start) as u128;
        let part = u128::from(self.length().as_micros()) * before;
        self.time.start + Span::from_micros(part.div_ceil(self.columns.len() as u128) as u64)
    }

    /// The ticks: every `step`, or else one at the roundest time there is.
    fn marks(&self, step: Span) -> Vec<Time> {
        let step = step.as_micros().max(1);
        let (from, to) = (self.time.start.as_micros(), self.time.end.as_micros());
        let rounder = STEPS.iter().rev().map(|seconds| seconds * 1_000_000);
        let round = rounder.chain([1]).find(|size| from.next_multiple_of(*size) < to).unwrap_or(1);
        let step = step.min(round);
        let ticks = (from.next_multiple_of(step)..to).step_by(step as usize);
        ticks.take(self.columns.len()).map(Time::from_micros).collect()
    }
}

/// A line with words at their places, a blank between them.
struct Line(Vec<char>);

impl Line {
    fn new(columns: usize) -> Line {
        Line(vec![' '; columns])
    }

    /// Writes `text` at `column` if there is room for it.
    fn write(&mut self, column: usize, text: &str) {
        let end = column + text.chars().count();
        let around = column.saturating_sub(1)..(end + 1).min(self.0.len());
        if end <= self.0.len() && self.0[around].iter().all(|c| *c == ' ') {
            for (cell, c) in self.0[column..end].iter_mut().zip(text.chars()) {
                *cell = c;
            }
        }
    }

    fn text(self) -> String {
        self.0.into_iter().collect::<String>().trim_end().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Time {
        Span::from_secs(seconds).from_start()
    }

    #[test]
    fn every_time_has_a_column_and_every_column_its_times() {
        let axis = Axis::linear(Span::from_secs(7_200), 70);
        assert_eq!((axis.column(Time::ZERO), axis.column(at(7_200))), (0, 69));
        for column in 0..70 {
            assert_eq!(axis.column(axis.begin(column)), column);
        }
        assert_eq!(axis.columns_of(axis.begin(3), axis.begin(5)), (3, 4));
    }

    #[test]
    fn ticks_stand_at_round_times() {
        let header = Axis::linear(Span::from_secs(7_200), 72).header();
        assert_eq!(header.labels.split_whitespace().nth(1), Some("30m"));
        assert_eq!(header.ticks.matches('|').count(), 4);
        assert_eq!(header.ticks.find('|'), Some(0));
        assert_eq!(header.folded, "");
    }

    #[test]
    fn the_header_tells_how_long_a_fold_is_and_the_time_behind_it() {
        let piece = |from, to, columns, folded| Piece { time: at(from)..at(to), columns, folded };
        let axis = Axis::of(vec![
            piece(0, 1_000, 0..20, false),
            piece(1_000, 8_650, 20..22, true),
            piece(8_650, 9_000, 22..29, false),
        ]);
        let Header { folded, labels, ticks } = axis.header();
        assert_eq!(folded, "                   2h8m");
        assert_eq!(labels, "0           10m        2h25m");
        assert_eq!(ticks, "|-----------|-------//-|-----");
    }

    #[test]
    fn a_run_that_has_just_begun_has_an_axis() {
        let axis = Axis::linear(Span::ZERO, 20);
        assert_eq!(axis.column(Time::ZERO), 0);
        assert!(axis.begin(20) >= axis.begin(0));
        assert_eq!(axis.header().ticks.chars().count(), 20);
    }
}
