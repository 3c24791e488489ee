//! Time to columns.

use crate::port::{Span, Time};

/// How a run's time is laid out over columns.
#[derive(Copy, Clone, Debug)]
pub(super) struct Axis {
    duration: Span,
    /// How many columns there are.
    pub(super) columns: usize,
}

/// Distances between ticks that people can count in, in seconds.
const STEPS: [u64; 24] = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200,
    86_400, 172_800, 604_800, 1_209_600, 2_592_000, 7_776_000, 31_536_000,
];

impl Axis {
    /// An axis of `columns` columns for a run that lasts `duration`.
    pub(super) fn new(duration: Span, columns: usize) -> Axis {
        Axis { duration: duration.max(Span::TICK), columns: columns.max(1) }
    }

    /// The column in which `at` falls; what is beyond the end falls in the last.
    pub(super) fn column(&self, at: Time) -> usize {
        let part = u128::from(at.as_micros()) * self.columns as u128;
        ((part / u128::from(self.duration.as_micros())) as usize).min(self.columns - 1)
    }

    /// The time at which a column begins.
    pub(super) fn begin(&self, column: usize) -> Time {
        let part = u128::from(self.duration.as_micros()) * column as u128;
        Time::from_micros(part.div_ceil(self.columns as u128) as u64)
    }

    /// The first and last column that a stretch touches.
    pub(super) fn columns_of(&self, from: Time, to: Time) -> (usize, usize) {
        let last = Time::from_micros(to.as_micros().saturating_sub(1)).max(from);
        (self.column(from), self.column(last))
    }

    /// Two lines: the times at the ticks, and the ticks.
    pub(super) fn header(&self) -> (String, String) {
        let step = self.step();
        let mut labels = String::new();
        let mut ticks = vec![b'-'; self.columns];
        let mut at = Time::ZERO;
        while at.elapsed() < self.duration {
            let column = self.column(at);
            ticks[column] = b'|';
            let label = at.elapsed().to_string().replace(' ', "");
            let label = if at == Time::ZERO { "0".to_owned() } else { label };
            let fits = column + label.len() <= self.columns;
            if fits && (labels.is_empty() || labels.len() < column) {
                labels.push_str(&" ".repeat(column - labels.len()));
                labels.push_str(&label);
            }
            at += step;
        }
        (labels, String::from_utf8_lossy(&ticks).into_owned())
    }

    /// The distance between ticks: the smallest that leaves room for their labels.
    fn step(&self) -> Span {
        let most = (self.columns / 10).max(1) as u64;
        let fits =
            |seconds: &&u64| Span::from_secs(**seconds).saturating_mul(most) >= self.duration;
        STEPS.iter().find(fits).map_or(self.duration, |seconds| Span::from_secs(*seconds))
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
        let axis = Axis::new(Span::from_secs(7_200), 70);
        assert_eq!((axis.column(Time::ZERO), axis.column(at(7_200))), (0, 69));
        for column in 0..70 {
            assert_eq!(axis.column(axis.begin(column)), column);
        }
        assert_eq!(axis.columns_of(axis.begin(3), axis.begin(5)), (3, 4));
    }

    #[test]
    fn ticks_stand_at_round_times() {
        let (labels, ticks) = Axis::new(Span::from_secs(7_200), 72).header();
        assert_eq!(labels.split_whitespace().nth(1), Some("30m"));
        assert_eq!(ticks.matches('|').count(), 4);
        assert_eq!(ticks.find('|'), Some(0));
    }
}
