//! Whole runs: connectivity traces and phases.

mod phases;
mod trace;

use super::{Mode, Options, Outcome, check_determinism, play};
use crate::scenario::{Presets, Scenario, decode};
use crate::trace::{Event, Pattern};

/// Reads a scenario whose only file is `csv`.
fn scenario(text: &str, csv: &str) -> Scenario {
    let files = |_: &str| -> Result<Vec<u8>, String> { Ok(csv.as_bytes().to_vec()) };
    decode(text, &Presets { files }, &[]).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

/// Plays it with a trace; the same comes out whether devices are played apart or together.
fn played(scenario: &Scenario) -> Outcome {
    assert_eq!(check_determinism(scenario, scenario.seed), None);
    let of = |mode| play(scenario, Options { mode, trace: true, ..Options::of(scenario) });
    let (apart, together) = (of(Mode::Apart), of(Mode::Together));
    assert_eq!(apart.judgements, together.judgements);
    apart
}

/// The events that `pattern` describes.
fn seen(scenario: &Scenario, outcome: &Outcome, pattern: &str) -> Vec<Event> {
    let pattern = Pattern::parse(pattern).unwrap();
    let events = outcome.events.iter().flatten();
    events.filter(|event| pattern.matches(event, &scenario.names)).copied().collect()
}

/// When they happened, in seconds.
fn seconds(scenario: &Scenario, outcome: &Outcome, pattern: &str) -> Vec<u64> {
    let events = seen(scenario, outcome, pattern);
    events.iter().map(|event| event.at.as_micros() / 1_000_000).collect()
}
