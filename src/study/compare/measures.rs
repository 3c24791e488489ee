//! Metrics of two runs under one another, and which is better.

use std::cmp::Ordering;

use super::Side;
use crate::metrics::{Metric, Value};
use crate::port::{Span, words};

words! {
    /// Which of two runs is better in something.
    pub enum Winner {
        /// The first.
        A = "a",
        /// The second.
        B = "b",
    }
}

/// A metric in which two runs differ.
#[derive(Copy, Clone, PartialEq, Debug)]
pub struct MetricDifference {
    /// The metric.
    pub metric: Metric,
    /// Its values; `None` where nothing happened that it could measure.
    pub sides: [Option<Value>; 2],
    /// Which is better; `None` where that cannot be said.
    pub better: Option<Winner>,
}

/// Which of two values of a metric is better; `None` where that cannot be said: they are the same, the metric
/// has no better, or nothing could be measured.
pub fn ranked(metric: Metric, sides: [Option<Value>; 2]) -> Option<Winner> {
    let [Some(a), Some(b)] = sides else { return None };
    match metric.better().rank(a, b)? {
        Ordering::Less => Some(Winner::A),
        Ordering::Greater => Some(Winner::B),
        Ordering::Equal => None,
    }
}

/// Whether the events of a run are enough for a metric: for some, the scenario has to be known as well: how long
/// it lasts, how late a push may be, what energy costs.
pub fn known_from_events(metric: Metric) -> bool {
    match metric {
        Metric::DetectionClientMax
        | Metric::DetectionClientMean
        | Metric::DetectionClientCount
        | Metric::DetectionServerMax
        | Metric::DetectionServerMean
        | Metric::DetectionServerCount
        | Metric::DetectionClientMissed
        | Metric::PushAccepted
        | Metric::PushReceived
        | Metric::PushNotified
        | Metric::PushDuplicates
        | Metric::PushDropped
        | Metric::PushMissing
        | Metric::PushLatencyMax
        | Metric::PushLatencyMean
        | Metric::Wakes
        | Metric::WakesPeak
        | Metric::KeepAliveFired
        | Metric::KeepAliveHandlerMax
        | Metric::Kills
        | Metric::Relaunches
        | Metric::Connects
        | Metric::Segments => true,
        Metric::Reachable
        | Metric::UnreachableLongest
        | Metric::Awake
        | Metric::EnergyRadio
        | Metric::EnergyCpu
        | Metric::BatteryPerDay => false,
    }
}

/// The metrics that both sides know and that differ, in the order of their table. Lengths of time may differ
/// by `within`.
pub(super) fn differences(a: &Side, b: &Side, within: Span) -> Vec<MetricDifference> {
    let one = |metric: &Metric| {
        let sides = [*a.metrics.get(metric)?, *b.metrics.get(metric)?];
        let near = match sides {
            [Some(Value::Duration(a)), Some(Value::Duration(b))] => {
                a.as_micros().abs_diff(b.as_micros()) <= within.as_micros()
            }
            [a, b] => a == b,
        };
        let metric = *metric;
        (!near).then(|| MetricDifference { metric, sides, better: ranked(metric, sides) })
    };
    Metric::ALL.iter().filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_better_side_is_named_where_there_is_one() {
        let count = |n| Some(Value::Count(n));
        assert_eq!(ranked(Metric::Kills, [count(1), count(0)]), Some(Winner::B));
        assert_eq!(ranked(Metric::PushReceived, [count(1), count(0)]), Some(Winner::A));
        assert_eq!(ranked(Metric::PushAccepted, [count(1), count(0)]), None);
        assert_eq!(ranked(Metric::Kills, [count(1), None]), None);
    }

    #[test]
    fn lengths_of_time_may_differ_by_the_tolerance() {
        let side = |ms| {
            let value = Some(Value::Duration(Span::from_millis(ms)));
            Side { metrics: [(Metric::PushLatencyMax, value)].into(), ..Side::default() }
        };
        let differ = |ms| differences(&side(100), &side(ms), Span::from_millis(5)).len();
        assert_eq!((differ(105), differ(106)), (0, 1));
    }

    #[test]
    fn what_one_side_cannot_know_is_not_compared() {
        let side = |metrics: &[Metric]| Side {
            metrics: metrics.iter().map(|metric| (*metric, None)).collect(),
            ..Side::default()
        };
        let mut one = side(&[Metric::Kills, Metric::Reachable]);
        one.metrics.insert(Metric::Reachable, Some(Value::Count(1)));
        assert_eq!(differences(&one, &side(&[Metric::Kills]), Span::ZERO), []);
    }
}
