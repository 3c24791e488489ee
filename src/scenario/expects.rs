//! `[[expect]]`: what is expected.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::diagnostic::{Diagnostic, Problems, did_you_mean, listed};
use super::location::Location;
use super::model::{Expect, Expectation};
use super::patterns::Patterns;
use super::pushes::Pushes;
use super::steps::{Frame, WHERE, inside};
use super::table::{KeyInfo, Need, Reader};
use super::values::{Line, MetricName, Positive};
use crate::metrics::{Metric, Unit, Value};
use crate::port::{PushId, Span};
use crate::settings::{DURATION, ENERGY, Form, Kind, SHARE, nearest, scalar};
use crate::trace::Pattern;

/// One row of the table of expectations.
pub struct ExpectInfo {
    /// The expectation's name, after `that`.
    pub name: &'static str,
    /// What it expects.
    pub doc: &'static str,
    /// Its arguments.
    pub args: &'static [KeyInfo],
    make: fn(&mut Expecting<'_, '_>) -> Option<Expectation>,
}

/// The key of every expectation, beside its own arguments.
pub(super) const EXPECT: &[KeyInfo] = &[
    KeyInfo {
        name: "that",
        kind: Kind::one_of("expectation", "\"push-received\"", &NAMES),
        need: Need::Required,
        doc: "What is expected.",
    },
    WHERE,
    KeyInfo::or::<bool>(
        "sometimes",
        "false",
        "Whether it is enough that it is met under one of many seeds.",
    ),
];

/// A number of events, or a bound on a metric that is counted.
pub(super) const COUNT_FORM: Form = Form::Whole(0, u32::MAX as i64);

/// What a bound on a metric is, and what that looks like for one unit or another.
const BOUND: &str = "value in the metric's unit";
const BOUNDS: &[Form] = &[COUNT_FORM, Form::Text(DURATION), Form::Text(SHARE), Form::Text(ENERGY)];

/// The keys of `count`.
pub(super) const COUNT: &[KeyInfo] = &[
    KeyInfo::optional::<u32>("min", "At least this often; 0 when only `max` is given."),
    KeyInfo::optional::<u32>("max", "At most this often."),
];

const PUSH: KeyInfo = KeyInfo::required::<Line>("push", "The push a step sends.");

/// Everything that can be expected.
pub const EXPECTS: &[ExpectInfo] = &[
    ExpectInfo {
        name: "push-received",
        doc: "The app reads the push.",
        args: &[PUSH, KeyInfo::optional::<Span>("within", "So soon after it was sent.")],
        make: |e| e.push(|push, within| Expectation::PushReceived { push, within }),
    },
    ExpectInfo {
        name: "push-notified",
        doc: "The user is shown a notification for the push.",
        args: &[PUSH, KeyInfo::optional::<Span>("within", "So soon after it was sent.")],
        make: |e| e.push(|push, within| Expectation::PushNotified { push, within }),
    },
    ExpectInfo {
        name: "push-lost",
        doc: "The app never reads the push.",
        args: &[PUSH, KeyInfo::optional::<Span>("within", "Not so soon; later it may.")],
        make: |e| e.push(|push, within| Expectation::PushLost { push, within }),
    },
    ExpectInfo {
        name: "event",
        doc: "An event happens; at least once when no count is given.",
        args: &[
            KeyInfo::required::<Pattern>("event", "Which."),
            KeyInfo::nested(
                "count",
                "whole number or table",
                "{ min = 1, max = 3 }",
                &[COUNT_FORM, Form::Table],
                "How often.",
            ),
            KeyInfo::or::<Span>("from", "\"0s\"", "Only events from this time on count."),
            KeyInfo::optional::<Span>("until", "Only events before this time count."),
        ],
        make: event,
    },
    ExpectInfo {
        name: "order",
        doc: "Events happen one after the other.",
        args: &[
            KeyInfo::nested(
                "events",
                "list of event patterns",
                "[\"server.down\", \"client.connected\"]",
                &[Form::List(2, &[Form::Event])],
                "Which, two or more.",
            )
            .needed(),
            KeyInfo::optional::<Span>("within", "From the first to the last of them."),
        ],
        make: order,
    },
    ExpectInfo {
        name: "metric",
        doc: "A measured value lies within bounds.",
        args: &[
            KeyInfo::required::<MetricName>("metric", "Which."),
            KeyInfo::nested("min", BOUND, "\"99%\"", BOUNDS, "At least this."),
            KeyInfo::nested(
                "max",
                BOUND,
                "\"10m 8s\"",
                BOUNDS,
                "At most this; one of both is needed.",
            ),
        ],
        make: metric,
    },
    ExpectInfo {
        name: "converges",
        doc: "Once everything has healed the device becomes reachable, and every push accepted before is \
              read or dropped. Needs `[phases]`.",
        args: &[KeyInfo::required::<Positive>("within", "So soon after the safety phase.")],
        make: converges,
    },
];

/// Their names.
const NAMES: [&str; EXPECTS.len()] = {
    let mut names = [""; EXPECTS.len()];
    let mut place = 0;
    while place < names.len() {
        names[place] = EXPECTS[place].name;
        place += 1;
    }
    names
};

/// One expectation being read.
struct Expecting<'r, 'a> {
    reader: &'r Reader<'a>,
    frame: Frame,
    pushes: &'r Pushes,
    patterns: &'r mut Patterns,
}

impl<'a> Expecting<'_, 'a> {
    fn push(&self, make: fn(PushId, Option<Span>) -> Expectation) -> Option<Expectation> {
        let within = self.reader.maybe("within");
        let name = self.reader.get::<Line>("push")?;
        let push = self.pushes.expected(self.reader, &name.0)?;
        Some(make(push, within?))
    }

    fn report(&self, message: impl Into<String>, span: Range<usize>, label: &str) {
        self.reader.problems.report(Diagnostic::new(message, span, label));
    }
}

/// Reads the expectation in `table`. Every step has been read before.
pub(super) fn read<'a>(
    table: &'a DeTable<'a>,
    head: Range<usize>,
    frame: Frame,
    pushes: &Pushes,
    patterns: &mut Patterns,
    problems: &'a Problems,
) -> Option<Expect> {
    let mut reader = Reader::new(Some(table), head, "this expectation", EXPECT, problems);
    let name = reader.get::<Line>("that")?.0;
    let Some(info) = EXPECTS.iter().find(|row| row.name == name) else {
        let near = nearest(&name, EXPECTS.iter().map(|row| row.name));
        let message = format!("there is no expectation `{name}`");
        let label = did_you_mean(near, "unknown expectation");
        let help = format!("they are: {}", listed(EXPECTS.iter().map(|row| row.name)));
        problems.report(Diagnostic::new(message, reader.span("that"), label).help(help));
        return None;
    };
    reader.with_keys(info.args);
    reader.finish();
    let sometimes = reader.get::<bool>("sometimes");
    let that = (info.make)(&mut Expecting { reader: &reader, frame, pushes, patterns })?;
    // Location and text are given when all is read.
    let (span, location, text) = (reader.extent(), Location::default(), String::new());
    Some(Expect { that, sometimes: sometimes?, span, location, text })
}

fn event(e: &mut Expecting<'_, '_>) -> Option<Expectation> {
    let reader = e.reader;
    let event = reader.get::<Pattern>("event");
    if let Some(event) = &event {
        e.patterns.note(event, reader.span("event"));
    }
    let count = count(e);
    let (from, until) = (reader.get::<Span>("from"), reader.maybe::<Span>("until"));
    let (from, until) = (from?, until?);
    inside(e.frame, reader, "from", from)?;
    if let Some(until) = until.filter(|until| *until <= from) {
        let message = format!("no event counts: from {from} until {until}");
        e.report(message, reader.span("until"), "has to be later than `from`");
        return None;
    }
    let (min, max) = count?;
    let (from, until) = (from.from_start(), until.map(Span::from_start));
    Some(Expectation::Event { event: event?, min, max, from, until })
}

/// The bounds that `count` gives.
fn count(e: &Expecting<'_, '_>) -> Option<(u64, Option<u64>)> {
    let Some(value) = e.reader.raw("count") else { return Some((1, None)) };
    if let DeValue::Integer(_) = value.get_ref() {
        let exactly = u64::from(e.reader.read::<u32>("count", value)?);
        return Some((exactly, Some(exactly)));
    }
    let (table, head) = e.reader.table("count")?;
    let inner = Reader::new(Some(table), head.clone(), "`count`", COUNT, e.reader.problems);
    inner.finish();
    let (min, max) = (inner.maybe::<u32>("min"), inner.maybe::<u32>("max"));
    match (min?, max?) {
        (None, None) => {
            // An unknown key was probably meant as one of them, and is reported already.
            if table.is_empty() {
                e.report("`count` gives no bound", head, "`min` or `max` is missing");
            }
            None
        }
        (Some(min), Some(max)) if min > max => {
            let message = format!("`count` asks for at least {min} and at most {max}");
            e.report(message, inner.span("min"), "`min` is larger than `max`");
            None
        }
        (min, max) => Some((u64::from(min.unwrap_or(0)), max.map(u64::from))),
    }
}

fn order(e: &mut Expecting<'_, '_>) -> Option<Expectation> {
    let reader = e.reader;
    let within = reader.maybe("within");
    if !reader.has("events") {
        if let Some(key) = EXPECTS.iter().flat_map(|row| row.args).find(|key| key.name == "events")
        {
            reader.missing(key);
        }
        return None;
    }
    let list = reader.list("events")?;
    let mut events = Vec::new();
    for item in list {
        if let Some(event) = reader.read::<Pattern>("events", item) {
            e.patterns.note(&event, item.span());
            events.push(event);
        }
    }
    if list.len() < 2 {
        e.report("an order needs two events or more", reader.span("events"), "too few");
        return None;
    }
    (events.len() == list.len()).then_some(Expectation::Order { events, within: within? })
}

fn converges(e: &mut Expecting<'_, '_>) -> Option<Expectation> {
    let within = e.reader.get::<Positive>("within");
    // Without a duration it is not known whether there were meant to be phases.
    if e.frame.phases.is_none() && e.frame.duration.is_some() {
        let message =
            "`converges` is about what happens when faults end: this scenario has no `[phases]`";
        let help = "write `[phases]` with `safety` and `liveness` instead of `duration`";
        let problem = Diagnostic::new(message, e.reader.span("that"), "needs `[phases]`");
        e.reader.problems.report(problem.help(help));
        return None;
    }
    Some(Expectation::Converges { within: within?.0 })
}

fn metric(e: &mut Expecting<'_, '_>) -> Option<Expectation> {
    let reader = e.reader;
    let metric = reader.get::<MetricName>("metric")?.0;
    let (min, max) = (bound(reader, metric, "min"), bound(reader, metric, "max"));
    let (min, max) = (min?, max?);
    match (min, max) {
        (None, None) => {
            let message = format!("the expectation on `{metric}` gives no bound");
            let problem = Diagnostic::new(message, reader.head(), "`min` or `max` is missing");
            let example = match metric.unit() {
                Unit::Count => "3",
                Unit::Duration => "\"10m\"",
                Unit::Share => "\"99%\"",
                Unit::Energy => "\"2.5J\"",
            };
            reader.problems.report(problem.help(format!("write for example `max = {example}`")));
            None
        }
        (Some(low), Some(high)) if low > high => {
            let message = format!("`{metric}` cannot be at least {low} and at most {high}");
            e.report(message, reader.span("min"), "`min` is larger than `max`");
            None
        }
        (min, max) => Some(Expectation::Metric { metric, min, max }),
    }
}

fn bound(reader: &Reader<'_>, metric: Metric, key: &str) -> Option<Option<Value>> {
    let Some(value) = reader.raw(key) else { return Some(None) };
    match Value::read(metric.unit(), &scalar(value.get_ref())) {
        Ok(bound) => Some(Some(bound)),
        Err(message) => {
            let unit = match metric.unit() {
                Unit::Count => "a count",
                Unit::Duration => "a duration",
                Unit::Share => "a share",
                Unit::Energy => "an energy",
            };
            let message = format!("{message} (`{metric}` is {unit})");
            reader.wrong(key, value, &message, metric.unit().as_str());
            None
        }
    }
}
