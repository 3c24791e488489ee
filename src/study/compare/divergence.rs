//! The first place where two runs of a device differ.

use crate::port::{Span, Time};
use crate::trace::{Datum, Record, Shape};

/// So many events before the place, and after it on each side, tell what happened there.
const TOLD: usize = 4;

/// Where two runs of a device part. Events are told by their places in the list of each side.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Divergence {
    /// The device; 0 is what all share.
    pub device: u32,
    /// When the earlier of the two events that differ happened.
    pub at: Time,
    /// How many events are alike before.
    pub common: usize,
    /// The last of these, in the first side's list.
    pub before: Vec<usize>,
    /// What each side has next; none where its list is over.
    pub next: [Vec<usize>; 2],
}

/// A record and its place in the list of its side.
type Placed<'r> = (usize, &'r Record);

/// Where the events of `device` differ first; `None` when all are the same.
///
/// Without a tolerance, they have to be the same one after the other. Within one, an event may also have
/// changed places with others that happened no further away: each has to have its own counterpart.
pub fn first_divergence(
    device: u32,
    a: &[Placed<'_>],
    b: &[Placed<'_>],
    within: Span,
) -> Option<Divergence> {
    let (one, other) = match within {
        Span::ZERO => in_order(a, b),
        within => nearby(a, b, within),
    }?;
    let places = |list: &[Placed<'_>]| list.iter().take(TOLD).map(|(place, _)| *place).collect();
    let time = |list: &[Placed<'_>], place: usize| list.get(place).map(|(_, record)| record.at);
    let at = [time(a, one), time(b, other)].into_iter().flatten().min()?;
    Some(Divergence {
        device,
        at,
        common: one.min(other),
        before: places(&a[one.saturating_sub(TOLD)..one]),
        next: [places(&a[one..]), places(&b[other..])],
    })
}

/// The first place at which the lists are not the same; none when they are.
fn in_order(a: &[Placed<'_>], b: &[Placed<'_>]) -> Option<(usize, usize)> {
    let same = |((_, one), (_, other)): &(&Placed<'_>, &Placed<'_>)| {
        one.at == other.at && alike(one, other, Span::ZERO)
    };
    let same = a.iter().zip(b).take_while(same).count();
    (same < a.len().max(b.len())).then_some((same, same))
}

/// The first events without a counterpart that is no further away than `within`.
fn nearby(a: &[Placed<'_>], b: &[Placed<'_>], within: Span) -> Option<(usize, usize)> {
    let mut taken = vec![false; b.len()];
    let mut open = 0;
    for (place, (_, one)) in a.iter().enumerate() {
        while taken.get(open) == Some(&true) {
            open += 1;
        }
        // Nothing that comes later can be the counterpart of one that is further back than that.
        if b.get(open).is_some_and(|(_, other)| other.at + within < one.at) {
            return Some((place, open));
        }
        let window = b[open..].iter().take_while(|(_, other)| other.at <= one.at + within);
        let found = window
            .enumerate()
            .find(|(offset, (_, other))| !taken[open + offset] && alike(one, other, within));
        match found {
            Some((offset, _)) => taken[open + offset] = true,
            None => return Some((place, open)),
        }
    }
    let left = taken.iter().position(|taken| !taken)?;
    Some((a.len(), left))
}

/// Whether two records say the same but for their times; spans in them may differ by `within`.
fn alike(one: &Record, other: &Record, within: Span) -> bool {
    one.event == other.event
        && one.lane == other.lane
        && one.fields.len() == other.fields.len()
        && one.fields.iter().all(|(name, value)| {
            other.field(name).is_some_and(|theirs| same(one, name, (value, theirs), within))
        })
}

fn same(record: &Record, field: &str, values: (&Datum, &Datum), within: Span) -> bool {
    match values {
        (Datum::Number(one), Datum::Number(other)) if one != other && within > Span::ZERO => {
            record.shape(field) == Some(Shape::Span) && one.abs_diff(*other) <= within.as_micros()
        }
        (one, other) => one == other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{Event, Names, What};

    fn record(at: u64, what: What) -> Record {
        let at = Time::from_micros(at);
        Record::of(&Event { at, owner: 1, seq: 0, lane: what.lane(), what }, &Names::default())
    }

    fn exit(at: u64, code: i32) -> Record {
        record(at, What::Exit { code })
    }

    fn first(a: &[Record], b: &[Record], within: u64) -> Option<(usize, [Vec<usize>; 2])> {
        let [a, b] = [a, b].map(|list| list.iter().enumerate().collect::<Vec<_>>());
        let found = first_divergence(1, &a, &b, Span::from_micros(within))?;
        Some((found.common, found.next))
    }

    #[test]
    fn the_events_before_it_and_what_each_does_next_are_told() {
        let a: Vec<Record> = (0..9).map(|n| exit(n, n as i32)).collect();
        let mut b = a.clone();
        b[6] = exit(6, 77);
        let [one, other] = [&a, &b].map(|list| list.iter().enumerate().collect::<Vec<_>>());
        let found = first_divergence(1, &one, &other, Span::ZERO).unwrap();
        assert_eq!((found.common, found.at), (6, Time::from_micros(6)));
        assert_eq!((found.before, found.next), (vec![2, 3, 4, 5], [vec![6, 7, 8], vec![6, 7, 8]]));
    }

    #[test]
    fn a_side_that_goes_on_longer_differs_where_the_other_ends() {
        let a = [exit(1, 1), exit(2, 2)];
        for within in [0, 5] {
            assert_eq!(first(&a, &a[..1], within), Some((1, [vec![1], vec![]])));
            assert_eq!(first(&a[..1], &a, within), Some((1, [vec![], vec![1]])));
            assert_eq!(first(&a, &a, within), None);
        }
    }

    #[test]
    fn times_may_differ_by_the_tolerance_and_no_more() {
        let (a, b) = ([exit(100, 1)], [exit(150, 1)]);
        assert_eq!(first(&a, &b, 50), None);
        assert_eq!(first(&a, &b, 49), Some((0, [vec![0], vec![0]])));
        assert_eq!(first(&b, &a, 49), Some((0, [vec![0], vec![0]])));
    }

    #[test]
    fn within_the_tolerance_events_may_have_changed_places() {
        let (a, b) = ([exit(10, 1), exit(20, 2)], [exit(10, 2), exit(20, 1)]);
        assert_eq!(first(&a, &b, 10), None);
        assert_eq!(first(&a, &b, 0), Some((0, [vec![0, 1], vec![0, 1]])));
    }

    #[test]
    fn each_event_has_its_own_counterpart() {
        let (a, b) = ([exit(10, 1), exit(11, 1)], [exit(10, 1)]);
        assert_eq!(first(&a, &b, 10), Some((1, [vec![1], vec![]])));
        assert_eq!(first(&b, &a, 10), Some((1, [vec![], vec![1]])));
    }

    #[test]
    fn a_span_may_differ_by_the_tolerance_and_a_number_not() {
        let slept = |us| record(1, What::DeviceWoke { slept: Span::from_micros(us) });
        assert_eq!(first(&[slept(100)], &[slept(110)], 10), None);
        assert!(first(&[slept(100)], &[slept(111)], 10).is_some());
        assert!(first(&[exit(1, 3)], &[exit(1, 4)], 10).is_some());
    }
}
