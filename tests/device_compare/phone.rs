//! A phone that is made: the model with a key changed, of which only a log is seen, on a clock of its own.

use holdline::device::host::PhoneLog;
use holdline::run::{Options, header, play};
use holdline::scenario::Scenario;
use holdline::settings::{Scalar, Settings};
use holdline::trace::{Event, OnPhone, What, write_event, write_header};

/// The phone's clock is so far ahead.
pub(crate) const AHEAD: u64 = 1_234_567;
/// Each time is off by at most so much in either direction.
const JITTER: u64 = 200_000;

fn observed(event: &Event) -> bool {
    let row = What::TABLE.iter().find(|row| row.name == event.what.name()).unwrap();
    row.on_phone == OnPhone::Observed
}

/// The log of a phone that does what `truth` says, with the header of `scenario`.
pub(crate) fn log_of(truth: &Scenario, scenario: &Scenario) -> String {
    let options = Options { trace: true, ..Options::of(truth) };
    let events = play(truth, options).events.unwrap();
    let mut text = String::new();
    write_header(&mut text, &header(scenario, scenario.seed));
    let (mut last, mut luck) = (0, 0x9e37_79b9_7f4a_7c15_u64);
    for event in events.iter().filter(|event| observed(event)) {
        // A linear congruential generator: the same jitter every time.
        luck = luck.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let off = (luck >> 33) % (2 * JITTER + 1);
        last = last.max(event.at.as_micros() + AHEAD + off - JITTER);
        let at = holdline::port::Time::from_micros(last);
        write_event(&mut text, &Event { at, ..*event }, &truth.names);
    }
    text
}

pub(crate) fn phone(truth: &Scenario, scenario: &Scenario) -> PhoneLog {
    let (log, warnings) = PhoneLog::read(log_of(truth, scenario).as_bytes()).unwrap();
    assert!(warnings.is_empty(), "{warnings:?}");
    log
}

/// The scenario with one key of the platform changed.
pub(crate) fn with(scenario: &Scenario, key: &str, value: &str) -> Option<Scenario> {
    let mut truth = scenario.clone();
    let value = match (value.parse::<i64>(), value.parse::<bool>()) {
        (Ok(number), _) => Scalar::Integer(number),
        (_, Ok(yes)) => Scalar::Bool(yes),
        _ => Scalar::Text(value.to_owned()),
    };
    truth.platform.values.set(key, &value).ok()?;
    Some(truth)
}
