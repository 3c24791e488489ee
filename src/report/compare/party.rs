//! One side of a comparison: from a run that was played, or from a trace.

use std::collections::{BTreeMap, BTreeSet};

use super::{Kind, Party, Played};
use crate::metrics::{Meter, Metric, Value};
use crate::platform::Profile;
use crate::port::{Span, Time};
use crate::report::read_trace::ReadTrace;
use crate::report::sentence::sentence;
use crate::run::Outcome;
use crate::scenario::Scenario;
use crate::study::compare::{Knows, Side, known_from_events};
use crate::trace::{Event, Names, Observer, PushNumbers, Record};

/// The side of a run of `scenario` that was played with its events kept.
pub fn played(file: &str, scenario: Scenario, mut outcome: Outcome, knows: Knows) -> Party {
    let (events, names) = (outcome.events.take().unwrap_or_default(), scenario.names.clone());
    let records: Vec<Record> =
        events.iter().map(|event| Record::of(event, &scenario.names)).collect();
    let metrics = match knows {
        Knows::All => {
            Metric::ALL.iter().map(|metric| (*metric, outcome.totals.value(*metric))).collect()
        }
        Knows::Phone | Knows::Observed => measured(&records, knows),
    };
    let verdict = (!scenario.expects.is_empty()).then(|| outcome.verdict.as_str());
    let sentence = sentence(&scenario, &outcome.totals, false);
    let lasted = scenario.duration;
    let what = Kind::Played(Box::new(Played { scenario, outcome, sentence }));
    let side = Side { records, metrics, verdict };
    Party { file: file.to_owned(), what, side, events, names, lasted }
}

/// The side of a run that was written as a trace.
pub fn traced(file: &str, trace: ReadTrace, knows: Knows) -> Party {
    let ReadTrace { header, records } = trace;
    let (events, names) = events(&records);
    let lasted = records.last().map_or(Span::ZERO, |last| last.at.elapsed());
    let metrics = measured(&records, knows);
    let what = Kind::Trace(header);
    Party {
        file: file.to_owned(),
        what,
        side: Side { records, metrics, verdict: None },
        events,
        names,
        lasted,
    }
}

/// The records as events, as far as this version has them, and the names of their pushes.
fn events<'r>(records: impl IntoIterator<Item = &'r Record>) -> (Vec<Event>, Names) {
    let mut pushes = PushNumbers::default();
    let event = |(seq, record): (usize, &Record)| record.event(seq as u64, &mut pushes);
    let events = records.into_iter().enumerate().filter_map(event).collect();
    (events, pushes.names().clone())
}

/// The metrics that what is known of `records` is enough for.
fn measured(records: &[Record], knows: Knows) -> BTreeMap<Metric, Option<Value>> {
    let (mut events, _) = events(records.iter().filter(|record| knows.of(record)));
    // The devices get numbers without gaps, whatever a file calls them.
    let devices: BTreeSet<u32> =
        events.iter().map(|event| event.owner).filter(|owner| *owner != 0).collect();
    let numbers: BTreeMap<u32, u32> = devices.into_iter().zip(1..).collect();
    let count = numbers.len() as u32;
    let mut meter = Meter::new(1, count, Span::ZERO, false);
    let mut end = Time::ZERO;
    for event in &mut events {
        event.owner = numbers.get(&event.owner).copied().unwrap_or(0);
        end = end.max(event.at);
        meter.event(event);
    }
    meter.finish(end, std::iter::repeat_n(0, count as usize));
    let totals = meter.totals(end.elapsed(), &Profile::default());
    let known = Metric::ALL.iter().filter(|metric| known_from_events(**metric));
    known.map(|metric| (*metric, totals.value(*metric))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::{Options, header, play};
    use crate::scenario::{Presets, decode};

    #[test]
    fn a_trace_measures_what_its_run_measured() {
        let text = "name = \"talk\"\nduration = \"5h\"\ndevices = 2\n[client]\n\
            use = \"ping-in-handler\"\n[[step]]\nat = \"10s\"\ndo = \"user.background\"\n\
            [[step]]\nat = \"1h\"\ndo = \"server.push\"\npush = \"call\"\n\
            [[step]]\nat = \"90m\"\ndo = \"server.restart\"\ndown-for = \"1m\"\n\
            [[step]]\nat = \"3h\"\ndo = \"network.silence\"\n";
        let scenario = decode(text, &Presets::built_in(), &[]).unwrap();
        let outcome = play(&scenario, Options { trace: true, ..Options::of(&scenario) });
        let header = header(&scenario, outcome.seed);
        let run = played("a", scenario, outcome, Knows::All);
        let trace = ReadTrace { header, records: run.side.records.clone() };
        let trace = traced("b", trace, Knows::All);
        assert!(trace.side.metrics.len() > 20);
        for (metric, value) in &trace.side.metrics {
            assert_eq!(*value, run.side.metrics[metric], "{metric}");
        }
        assert_eq!(trace.events.len(), run.events.len());
    }
}
