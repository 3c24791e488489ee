//! Two runs under one another: where they part, and what came of each.
//!
//! A run is a [`Side`]: its events as records, and what was measured. `divergence` finds the first place where
//! two sides differ, device by device; `alignment` finds for every event its counterpart; `fates` reads kills and pushes off the records; `measures` ranks
//! metrics; `settings` says in which keys two scenarios differ, and which calls of published code those are.
//! Nothing here knows where a record comes from: a simulated run, a trace, a phone.

mod alignment;
mod divergence;
mod fates;
mod identity;
mod measures;
mod settings;

use std::collections::{BTreeMap, BTreeSet};

pub use alignment::{Alignment, Numbering, Pair, Seen, align};
pub use divergence::{Divergence, first_divergence};
pub use fates::{Fate, PushEnd, Terminated};
pub use identity::{Part, identity, part};
pub use measures::{MetricDifference, Winner, known_from_events, ranked};
pub use settings::{Code, SettingDifference, code, settings};

use crate::metrics::{Metric, Value};
use crate::port::{Span, words};
use crate::trace::{OnPhone, Record};

words! {
    /// What of a run a side can know, so that only that is compared.
    pub enum Knows {
        /// Everything: it is a model.
        All = "all",
        /// What a phone reports, and what follows from that.
        Phone = "phone",
        /// What a phone reports as it happens.
        Observed = "observed",
    }
}

impl Knows {
    /// Whether such an event is known. One that this version does not have was reported by somebody.
    pub fn of(self, record: &Record) -> bool {
        match (self, record.info().map(|info| info.on_phone)) {
            (Knows::All, _) | (_, None | Some(OnPhone::Observed)) => true,
            (Knows::Phone, Some(OnPhone::Inferred)) => true,
            (Knows::Phone, Some(OnPhone::ModelOnly)) => false,
            (Knows::Observed, Some(OnPhone::Inferred | OnPhone::ModelOnly)) => false,
        }
    }
}

/// How two sides are compared.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct How {
    /// The most by which times may differ and still be the same.
    pub within: Span,
    /// What the less knowing side knows.
    pub knows: Knows,
}

/// One of two runs.
#[derive(Clone, Debug, Default)]
pub struct Side {
    /// What happened, in order of time, and of each device in its own order.
    pub records: Vec<Record>,
    /// What was measured; metrics that nobody can know of this side are missing, and `None` is nothing that
    /// could be measured.
    pub metrics: BTreeMap<Metric, Option<Value>>,
    /// What became of its expectations, if it was judged.
    pub verdict: Option<&'static str>,
}

/// Something in which two runs differ.
#[derive(Clone, PartialEq, Debug)]
pub enum Difference {
    /// The verdict.
    Verdict {
        /// Of each side.
        sides: [&'static str; 2],
    },
    /// What happened on a device, from a first event on.
    Events(Divergence),
    /// A metric.
    Metric(MetricDifference),
    /// What was terminated by the system or the user on a device.
    Kills {
        /// On which device.
        device: u32,
        /// Of each side.
        sides: [Vec<Terminated>; 2],
    },
    /// What became of a push on a device.
    Push {
        /// On which device.
        device: u32,
        /// The push's name.
        push: String,
        /// Of each side; `None` where it never was.
        sides: [Option<Fate>; 2],
    },
}

/// Everything in which two sides differ: verdict, events device by device with the earliest first, metrics,
/// kills, pushes.
pub fn compare(a: &Side, b: &Side, how: How) -> Vec<Difference> {
    let mut found = Vec::new();
    if let (Some(one), Some(other)) = (a.verdict, b.verdict)
        && one != other
    {
        found.push(Difference::Verdict { sides: [one, other] });
    }
    let records = [&a.records, &b.records].map(|records| {
        let known = records.iter().enumerate().filter(|(_, record)| how.knows.of(record));
        let mut devices: BTreeMap<u32, Vec<(usize, &Record)>> = BTreeMap::new();
        known.for_each(|(place, record)| {
            devices.entry(record.device).or_default().push((place, record))
        });
        devices
    });
    let devices: BTreeSet<u32> = records.iter().flat_map(|side| side.keys().copied()).collect();
    let of = |side: usize, device: &u32| records[side].get(device).map_or(&[][..], Vec::as_slice);
    let mut parted: Vec<Divergence> = devices
        .iter()
        .filter_map(|device| first_divergence(*device, of(0, device), of(1, device), how.within))
        .collect();
    parted.sort_by_key(|divergence| (divergence.at, divergence.device));
    found.extend(parted.into_iter().map(Difference::Events));
    found.extend(measures::differences(a, b, how.within).into_iter().map(Difference::Metric));
    for device in &devices {
        let sides = [0, 1].map(|side| fates::terminated(of(side, device)));
        if !fates::same_terminations(&sides, how.within) {
            found.push(Difference::Kills { device: *device, sides });
        }
    }
    for device in &devices {
        let [one, other] = [0, 1].map(|side| fates::pushes(of(side, device)));
        let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
        for name in names {
            let sides = [one.get(name).cloned(), other.get(name).cloned()];
            if !fates::same_fate(&sides, how.within) {
                let push = name.clone();
                found.push(Difference::Push { device: *device, push, sides });
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::{Options, play};
    use crate::scenario::{Override, Presets, decode};

    const TALK: &str = "name = \"talk\"\nduration = \"2h\"\ndevices = 2\n[client]\nuse = \"ping-in-handler\"\n\
        [[step]]\nat = \"10s\"\ndo = \"user.background\"\n\
        [[step]]\nat = \"1h\"\ndo = \"server.push\"\npush = \"call\"\n";

    const EXACT: How = How { within: Span::ZERO, knows: Knows::All };

    fn side(set: &[(&str, &str)]) -> Side {
        let set: Vec<Override> =
            set.iter().map(|(key, value)| Override::new(*key, *value)).collect();
        let scenario = decode(TALK, &Presets::built_in(), &set).unwrap();
        let outcome = play(&scenario, Options { trace: true, ..Options::of(&scenario) });
        let events = outcome.events.unwrap();
        let records = events.iter().map(|event| Record::of(event, &scenario.names)).collect();
        let metrics =
            Metric::ALL.iter().map(|metric| (*metric, outcome.totals.value(*metric))).collect();
        Side { records, metrics, verdict: Some("pass") }
    }

    #[test]
    fn a_run_is_the_same_as_itself() {
        assert_eq!(compare(&side(&[]), &side(&[]), EXACT), []);
    }

    #[test]
    fn the_order_of_events_of_different_devices_at_one_time_makes_no_difference() {
        let one = side(&[]);
        let mut other = one.clone();
        other.records.sort_by_key(|record| (record.at, std::cmp::Reverse(record.device)));
        assert_ne!(one.records, other.records);
        assert_eq!(compare(&one, &other, EXACT), []);
    }

    #[test]
    fn what_differs_is_told_of_every_device_and_the_earliest_comes_first() {
        let (one, mut other) = (side(&[]), side(&[]));
        let last = |device| one.records.iter().rposition(|record| record.device == device).unwrap();
        let first = one.records.iter().position(|record| record.device == 2).unwrap();
        other.records[last(1)].event = "else".into();
        other.records[first].event = "else".into();
        let found = compare(&one, &other, EXACT);
        let devices: Vec<u32> = found
            .iter()
            .filter_map(|difference| match difference {
                Difference::Events(divergence) => Some(divergence.device),
                Difference::Verdict { .. }
                | Difference::Metric(_)
                | Difference::Kills { .. }
                | Difference::Push { .. } => None,
            })
            .collect();
        assert_eq!(devices, [2, 1]);
    }

    #[test]
    fn what_only_the_model_knows_is_left_out_where_a_phone_is_compared() {
        let one = side(&[]);
        let mut other = one.clone();
        other.records.retain(|record| Knows::Phone.of(record));
        assert!(other.records.len() < one.records.len());
        assert_ne!(compare(&one, &other, EXACT), []);
        assert_eq!(compare(&one, &other, How { knows: Knows::Phone, ..EXACT }), []);
    }

    #[test]
    fn another_client_differs_in_events_and_metrics() {
        let found = compare(&side(&[]), &side(&[("client.use", "plain-socket")]), EXACT);
        let has = |wanted: fn(&Difference) -> bool| found.iter().any(wanted);
        assert!(has(|one| matches!(one, Difference::Events(_))));
        assert!(has(|one| matches!(one, Difference::Metric(_))));
        assert!(has(|one| matches!(one, Difference::Push { .. })));
    }
}
