//! Whether nothing later in a run can change what became of an expectation.

use super::judge::{Judge, Judgement, Verdict};
use crate::metrics::{Meter, Metric, PushRecord, Totals, Value};
use crate::port::{PushId, Span, Time};
use crate::scenario::Expectation;

/// Whether nothing later can change `judgement`, which the run up to `at` gave on `device`.
pub(super) fn settles(
    judgement: &Judgement,
    judge: &Judge<'_>,
    meter: &Meter,
    device: u32,
    at: Time,
) -> bool {
    let Judgement { expect, verdict, .. } = judgement;
    let Some(entry) = judge.scenario().expects.get(*expect) else { return false };
    let pushes = |push: PushId| {
        // Without a member it speaks of all of a series.
        let wanted =
            move |id: &PushId| id.name == push.name && [0, id.member].contains(&push.member);
        meter.pushes(device).into_iter().flatten().filter(move |(id, _)| wanted(id))
    };
    let comes = |push, within, arrived: fn(&PushRecord) -> Option<Time>| match verdict {
        Verdict::Pass => all_known(pushes(push), push, |r| arrived(r).is_some()),
        // In time it cannot come any more; without a limit it can, unless nothing is under way.
        Verdict::Fail => {
            let limited: Option<Span> = within;
            limited.is_some() || pushes(push).any(|(_, r)| arrived(r).is_none() && gone(r))
        }
        Verdict::Undetermined => false,
    };
    match &entry.that {
        Expectation::PushReceived { push, within } => comes(*push, *within, |r| r.received),
        Expectation::PushNotified { push, within } => comes(*push, *within, |r| r.notified),
        Expectation::PushLost { push, within } => match verdict {
            Verdict::Pass => all_known(pushes(*push), *push, |record| {
                let over = |accepted| within.is_some_and(|within| accepted + within < at);
                record.received.is_some() || gone(record) || record.accepted.is_some_and(over)
            }),
            // It was read.
            Verdict::Fail => true,
            Verdict::Undetermined => false,
        },
        Expectation::Event { until, max, .. } => {
            until.is_some_and(|until| until <= at)
                || match verdict {
                    Verdict::Pass => max.is_none(),
                    Verdict::Fail => judge.exceeded(*expect, device),
                    Verdict::Undetermined => false,
                }
        }
        Expectation::Order { .. } => *verdict == Verdict::Pass,
        // It is judged once: when it converges, or when its time is over.
        Expectation::Converges { .. } => *verdict != Verdict::Undetermined,
        Expectation::Metric { .. } => false,
    }
}

/// Whether everything is known of a push, and no more of its series can be sent.
fn all_known<'r>(
    mut records: impl Iterator<Item = (&'r PushId, &'r PushRecord)>,
    push: PushId,
    known: impl Fn(&PushRecord) -> bool,
) -> bool {
    records.next().is_some_and(|(id, first)| {
        id.member == push.member && known(first) && records.all(|(_, record)| known(record))
    })
}

/// Whether the server has given up on a push of which nothing can be under way.
fn gone(record: &PushRecord) -> bool {
    record.dropped && !record.written
}

/// Whether a metric that only grows, and is `least` already, is above its upper bound for good, or at its
/// lower bound and has no other.
pub(super) fn metric_settles(
    least: &Totals,
    metric: Metric,
    min: Option<Value>,
    max: Option<Value>,
) -> bool {
    let Some(value) = least.value(metric).filter(|_| metric.never_shrinks()) else { return false };
    match max {
        Some(max) => value > max,
        None => min.is_some_and(|min| value >= min),
    }
}
