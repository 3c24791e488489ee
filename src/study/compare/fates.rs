//! What became of processes and of pushes, read off the records of a device.

use std::collections::BTreeMap;

use crate::port::{Span, Time};
use crate::trace::Record;

/// One termination.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Terminated {
    /// When.
    pub at: Time,
    /// The code it left.
    pub code: String,
    /// The rule it broke.
    pub rule: String,
}

/// What became of a push in the end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PushEnd {
    /// The app read it, so long after the server had taken it, if that is known.
    Read(Option<Span>),
    /// The server gave it up, for this reason.
    Dropped(String),
    /// Neither, until the run was over.
    Waiting,
}

/// What became of a push on a device.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fate {
    /// In the end.
    pub end: PushEnd,
    /// Whether the user saw it.
    pub notified: bool,
}

type Placed<'r> = (usize, &'r Record);

fn text(record: &Record, field: &str) -> String {
    record.field(field).and_then(|value| value.text()).unwrap_or("?").to_owned()
}

/// The terminations among `records`, in their order.
pub(super) fn terminated(records: &[Placed<'_>]) -> Vec<Terminated> {
    let kills = records.iter().filter(|(_, record)| record.event == "kill");
    let kill = |(_, record): &Placed<'_>| Terminated {
        at: record.at,
        code: text(record, "code"),
        rule: text(record, "rule"),
    };
    kills.map(kill).collect()
}

/// Whether two sides were terminated alike.
pub(super) fn same_terminations(sides: &[Vec<Terminated>; 2], within: Span) -> bool {
    let [one, other] = sides;
    one.len() == other.len()
        && one.iter().zip(other).all(|(one, other)| {
            let apart = one.at.as_micros().abs_diff(other.at.as_micros());
            (&one.code, &one.rule) == (&other.code, &other.rule) && apart <= within.as_micros()
        })
}

/// What became of each push among `records`, by name.
pub(super) fn pushes(records: &[Placed<'_>]) -> BTreeMap<String, Fate> {
    let mut taken: BTreeMap<String, Time> = BTreeMap::new();
    let mut fates: BTreeMap<String, Fate> = BTreeMap::new();
    for (_, record) in records {
        let told = ["server.push-accepted", "push-received", "notified", "server.push-dropped"];
        if !told.contains(&&*record.event) {
            continue;
        }
        let push = text(record, "push");
        let new = Fate { end: PushEnd::Waiting, notified: false };
        let fate = fates.entry(push.clone()).or_insert(new);
        match &*record.event {
            "server.push-accepted" => {
                taken.entry(push).or_insert(record.at);
            }
            "push-received" if !matches!(fate.end, PushEnd::Read(_)) => {
                fate.end = PushEnd::Read(taken.get(&push).map(|taken| record.at.since(*taken)));
            }
            "server.push-dropped" if fate.end == PushEnd::Waiting => {
                fate.end = PushEnd::Dropped(text(record, "fate"));
            }
            "notified" => fate.notified = true,
            _ => {}
        }
    }
    fates
}

/// Whether a push fared alike on both sides.
pub(super) fn same_fate(sides: &[Option<Fate>; 2], within: Span) -> bool {
    let [Some(one), Some(other)] = sides else { return false };
    let ends = match (&one.end, &other.end) {
        (PushEnd::Read(Some(one)), PushEnd::Read(Some(other))) => {
            one.as_micros().abs_diff(other.as_micros()) <= within.as_micros()
        }
        (one, other) => one == other,
    };
    ends && one.notified == other.notified
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::PushId;
    use crate::trace::{Event, Names, PushFate, What};

    fn fates(whats: &[(u64, What)]) -> BTreeMap<String, Fate> {
        let names = Names { pushes: vec!["call".into()] };
        let record = |(at, what): &(u64, What)| {
            let at = Span::from_secs(*at).from_start();
            Record::of(&Event { at, owner: 1, seq: 0, lane: what.lane(), what: *what }, &names)
        };
        let records: Vec<Record> = whats.iter().map(record).collect();
        pushes(&records.iter().enumerate().collect::<Vec<_>>())
    }

    const CALL: PushId = PushId { name: 0, member: 0 };

    #[test]
    fn the_first_reading_of_a_push_is_its_end() {
        let found = fates(&[
            (5, What::PushAccepted { push: CALL, waiting: 1 }),
            (7, What::PushReceived { push: CALL, pair: 1 }),
            (7, What::Notified { push: CALL, id: 0 }),
            (9, What::PushReceived { push: CALL, pair: 2 }),
            (9, What::PushDropped { push: CALL, fate: PushFate::Expired }),
        ]);
        let end = PushEnd::Read(Some(Span::from_secs(2)));
        assert_eq!(found["call"], Fate { end, notified: true });
    }

    #[test]
    fn what_is_never_read_waits_or_was_given_up() {
        let accepted = (5, What::PushAccepted { push: CALL, waiting: 1 });
        assert_eq!(fates(&[accepted])["call"].end, PushEnd::Waiting);
        let dropped = (9, What::PushDropped { push: CALL, fate: PushFate::Expired });
        let end = PushEnd::Dropped("expired".into());
        assert_eq!(fates(&[accepted, dropped])["call"].end, end);
    }

    #[test]
    fn a_push_that_is_late_by_more_than_the_tolerance_fared_otherwise() {
        let read =
            |ms| Some(Fate { end: PushEnd::Read(Some(Span::from_millis(ms))), notified: true });
        let same = |one, other| same_fate(&[read(one), read(other)], Span::from_millis(50));
        assert!(same(100, 150) && !same(100, 151));
        assert!(!same_fate(&[read(1), None], Span::from_secs(60)));
    }
}
