//! What holds whatever happens: random scenarios, and rules that no trace of them breaks.
//!
//! The cases are the same in every run; `PROPTEST_RNG_SEED` tries others, `PROPTEST_CASES` more of them.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a rule looks at the few events that concern it"
)]
#![expect(clippy::disallowed_methods, reason = "that a thread makes no difference is tried on one")]

mod app;
mod chaos;
mod generate;
mod kernel;
mod kills;
mod pushes;
mod story;

use holdline::run::{self, Mode, Options};
use holdline::scenario::Scenario;
use holdline::trace::Event;
use proptest::test_runner::{Config, RngSeed};

/// How many cases are tried, unless the environment says otherwise.
fn cases(n: u32) -> Config {
    let mut config = Config { failure_persistence: None, ..Config::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = n;
    }
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(1);
    }
    config
}

/// The trace of a scenario under its own seed.
fn trace(scenario: &Scenario) -> Vec<Event> {
    trace_of(scenario, scenario.seed, Mode::Apart)
}

fn trace_of(scenario: &Scenario, seed: u64, mode: Mode) -> Vec<Event> {
    run::play(scenario, Options { seed, mode, trace: true }).events.unwrap_or_default()
}
