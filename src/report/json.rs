//! The result of `holdline run` for programs: one object, in a stable order. Durations are microseconds,
//! shares millionths, energies nanojoules.

use std::collections::BTreeMap;

use serde::Serialize;

use super::console::Summary;
use super::{Determinism, Entry, Run, unmet};
use crate::metrics::{Metric, Totals, Unit, Value};
use crate::port::Span;
use crate::run::Verdict;
use crate::scenario::Scenario;
use crate::trace::{Event, write_event};

/// The version of this format.
const FORMAT: u32 = 1;

#[derive(Serialize)]
struct Whole<'a> {
    version: u32,
    holdline: &'static str,
    /// What all runs of a scenario come to.
    verdicts: Vec<Overall<'a>>,
    scenarios: Vec<OneRun<'a>>,
    summary: Total,
}

#[derive(Serialize)]
struct Overall<'a> {
    file: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    variant: BTreeMap<&'a str, &'a str>,
    verdict: &'static str,
    /// Whether it depends on the seed.
    flaky: bool,
    runs: usize,
    passed: usize,
    failed: usize,
    undetermined: usize,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sometimes: Vec<Seldom<'a>>,
    /// How its runs stand against what is stored of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline: Option<serde_json::Value>,
}

#[derive(Serialize)]
struct Seldom<'a> {
    text: &'a str,
    verdict: &'static str,
    met: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_seed: Option<u64>,
}

#[derive(Serialize)]
struct OneRun<'a> {
    file: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    variant: BTreeMap<&'a str, &'a str>,
    seed: u64,
    verdict: &'static str,
    sentence: &'a str,
    expectations: Vec<Expected<'a>>,
    metrics: BTreeMap<&'static str, Measured>,
    notes: Vec<String>,
    simulated_us: u64,
    reproduce: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    determinism: Option<Compared>,
}

#[derive(Serialize)]
struct Expected<'a> {
    text: &'a str,
    verdict: &'static str,
    /// Whether it needs to be met only sometimes, so that the run's verdict leaves it out.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    sometimes: bool,
    found: &'a str,
    file: String,
    line: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    at_us: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<u32>,
}

#[derive(Serialize)]
pub(super) struct Measured {
    /// Null when nothing happened that it could measure.
    value: Option<u64>,
    unit: &'static str,
}

#[derive(Serialize)]
struct Compared {
    same: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at_us: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    second: Option<serde_json::Value>,
}

#[derive(Serialize)]
struct Total {
    scenarios: u64,
    runs: u64,
    passed: u64,
    failed: u64,
    undetermined: u64,
    nondeterministic: u64,
    flaky: u64,
    elsewhere: u64,
    left_out: u64,
    simulated_us: u64,
    events: u64,
    wall_us: u64,
}

/// The result as one JSON object, ending in a line break.
///
/// # Errors
/// What `serde_json` says; there is no such value here.
pub fn json(entries: &[Entry], summary: &Summary, took: Span) -> serde_json::Result<String> {
    let runs = entries.iter().flat_map(|entry| entry.runs.iter().map(move |run| (entry, run)));
    let whole = Whole {
        version: FORMAT,
        holdline: env!("CARGO_PKG_VERSION"),
        verdicts: entries.iter().map(overall).collect(),
        scenarios: runs.map(|(entry, run)| one_run(entry, run)).collect(),
        summary: Total {
            scenarios: summary.scenarios,
            runs: summary.runs,
            passed: summary.passed,
            failed: summary.failed,
            undetermined: summary.undetermined,
            nondeterministic: summary.nondeterministic,
            flaky: summary.flaky,
            elsewhere: summary.elsewhere,
            left_out: summary.left_out,
            simulated_us: summary.simulated.as_micros(),
            events: summary.events,
            wall_us: took.as_micros(),
        },
    };
    Ok(serde_json::to_string_pretty(&whole)? + "\n")
}

fn variant(scenario: &Scenario) -> BTreeMap<&str, &str> {
    scenario.variant.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect()
}

fn overall(entry: &Entry) -> Overall<'_> {
    let scenario = &entry.subject.scenario;
    let count =
        |wanted: Verdict| entry.runs.iter().filter(|run| run.outcome.verdict == wanted).count();
    let sometimes = entry.sometimes().into_iter().map(|found| Seldom {
        text: scenario.expects.get(found.expect).map_or("", |expect| &expect.text),
        verdict: found.verdict.as_str(),
        met: found.met,
        first_seed: found.first,
    });
    Overall {
        file: &entry.subject.file,
        name: &scenario.name,
        variant: variant(scenario),
        verdict: entry.verdict().as_str(),
        flaky: entry.flaky(),
        runs: entry.runs.len(),
        passed: count(Verdict::Pass),
        failed: count(Verdict::Fail),
        undetermined: count(Verdict::Undetermined),
        sometimes: sometimes.collect(),
        baseline: entry.baseline.as_ref().map(super::baseline::json),
    }
}

fn one_run<'a>(entry: &'a Entry, run: &'a Run) -> OneRun<'a> {
    let scenario = &entry.subject.scenario;
    let devices = u64::from(scenario.devices);
    OneRun {
        file: &entry.subject.file,
        name: &scenario.name,
        variant: variant(scenario),
        seed: run.outcome.seed,
        verdict: run.outcome.verdict.as_str(),
        sentence: &run.sentence,
        expectations: expectations(entry, run),
        metrics: metrics(&run.outcome.totals),
        notes: run.outcome.notes.iter().map(ToString::to_string).collect(),
        simulated_us: scenario.duration.saturating_mul(devices).as_micros(),
        reproduce: &run.reproduce,
        determinism: run.determinism.as_ref().map(|result| determinism(result, scenario)),
    }
}

fn expectations<'a>(entry: &'a Entry, run: &'a Run) -> Vec<Expected<'a>> {
    let expected = |judgement: &'a crate::run::Judgement| {
        let expect = entry.subject.scenario.expects.get(judgement.expect)?;
        Some(Expected {
            text: &expect.text,
            verdict: judgement.verdict.as_str(),
            sometimes: expect.sometimes,
            found: &judgement.found,
            file: unmet::file(entry, expect),
            line: expect.location.line,
            at_us: judgement.look_at.map(|(at, _)| at.as_micros()),
            device: judgement.look_at.map(|(_, device)| device),
        })
    };
    run.outcome.judgements.iter().filter_map(expected).collect()
}

/// What the numbers of a metric count.
pub(super) fn unit(metric: Metric) -> &'static str {
    match metric.unit() {
        Unit::Count => "count",
        Unit::Duration => "us",
        Unit::Share => "ppm",
        Unit::Energy => "nJ",
    }
}

/// All metrics by name.
pub(super) fn metrics(totals: &Totals) -> BTreeMap<&'static str, Measured> {
    let measured = |metric: Metric| {
        let value = totals.value(metric).map(Value::number);
        (metric.as_str(), Measured { value, unit: unit(metric) })
    };
    Metric::ALL.iter().copied().map(measured).collect()
}

fn determinism(result: &Determinism, scenario: &Scenario) -> Compared {
    let event = |event: Option<Event>| {
        let mut line = String::new();
        write_event(&mut line, &event?, &scenario.names);
        serde_json::from_str(&line).ok()
    };
    match result {
        Determinism::Same => {
            Compared { same: true, event: None, at_us: None, first: None, second: None }
        }
        Determinism::Differs(difference) => Compared {
            same: false,
            event: Some(difference.place),
            at_us: Some(difference.at.as_micros()),
            first: event(difference.first),
            second: event(difference.second),
        },
    }
}
