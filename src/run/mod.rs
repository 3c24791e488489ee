//! A scenario played: its steps into inputs of the rooms, its expectations against the events.
//!
//! [`play`] plays a scenario with the built-in client, [`play_app`] with any [`App`]. Both answer with an
//! [`Outcome`]: what was measured, what became of each expectation, and the trace if it was asked for.

mod acts;
mod agenda;
mod blur;
mod convergence;
mod determinism;
mod judge;
mod luck;
mod many;
mod outcome;
mod player;
mod recorded;
mod settled;
mod setup;
mod stage;
#[cfg(test)]
mod tests;
mod triggers;
mod until;
mod whom;

use std::sync::Arc;

use crate::client::Client;
use crate::port::{App, Time};
use crate::scenario::{Act, Expectation, Scenario, When};
use crate::sim::World;
use crate::trace::{Event, Observer, Recorder};

use whom::Whom;

pub(crate) use acts::on_phone;
pub use agenda::Target;
pub use blur::BlurredFrom;
pub use determinism::{Difference, check_determinism, first_difference};
pub use judge::{Judgement, Verdict};
pub(crate) use luck::act_of;
pub use many::{Sometimes, flaky, overall, sometimes};
pub use outcome::{Note, Outcome};
pub(crate) use player::Player;
pub use recorded::{judge_recorded, judge_recorded_until};
pub(crate) use setup::beyond_sockets;
pub use setup::{MODEL, forgiven, header, setup, steps_hash};
pub use stage::{Stage, Todo};
pub use until::{Happened, Played, SoFar, play_until, so_far};

/// How a scenario is played. The outcome does not depend on it.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub enum Mode {
    /// Each device alone, one after the other, where nothing couples them.
    #[default]
    Apart,
    /// All devices in one order of time.
    Together,
}

/// What to play and how.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Options {
    /// The seed of all chance.
    pub seed: u64,
    /// How devices are played.
    pub mode: Mode,
    /// Whether every event is kept.
    pub trace: bool,
}

impl Options {
    /// The scenario's own seed, nothing kept.
    pub fn of(scenario: &Scenario) -> Options {
        Options { seed: scenario.seed, mode: Mode::default(), trace: false }
    }
}

/// Plays a scenario with the built-in client.
pub fn play(scenario: &Scenario, options: Options) -> Outcome {
    let strategy = Arc::new(scenario.client.values.clone());
    play_app(scenario, options, |device| Client::new(Arc::clone(&strategy), device))
}

/// Plays a scenario with the built-in client while `observer` watches every event. What all devices share
/// is told once for each part that is played by itself: one, when there is one device.
pub fn play_watched(
    scenario: &Scenario,
    options: Options,
    observer: &mut impl Observer,
) -> Outcome {
    let strategy = Arc::new(scenario.client.values.clone());
    let make = |device| Client::new(Arc::clone(&strategy), device);
    play_all(scenario, options, make, observer)
}

/// Plays a scenario with the app that `make` gives each device.
pub fn play_app<A: App>(scenario: &Scenario, options: Options, make: impl Fn(u32) -> A) -> Outcome {
    play_all(scenario, options, make, &mut ())
}

fn play_all<A: App>(
    scenario: &Scenario,
    options: Options,
    make: impl Fn(u32) -> A,
    observer: &mut impl Observer,
) -> Outcome {
    let setup = Arc::new(setup(scenario, options.seed));
    let together = options.mode == Mode::Together || couples_devices(scenario);
    let width = if together { scenario.devices } else { 1 };
    let world = |numbers| World::new(Arc::clone(&setup), numbers, &make);
    let mut outcome: Option<Outcome> = None;
    let mut first = 1;
    while first <= scenario.devices {
        let numbers = first..=(first + width - 1);
        let player = Player::new(scenario, options.seed, numbers.clone(), world(numbers));
        let part = if options.trace {
            let mut recorder = Recorder::default();
            let mut part = player.play(&mut (&mut recorder, &mut *observer));
            part.events = Some(recorder.events);
            part
        } else {
            player.play(observer)
        };
        match &mut outcome {
            None => outcome = Some(part),
            Some(whole) => whole.merge(part),
        }
        first += width;
    }
    let mut outcome = outcome
        .unwrap_or_else(|| Player::new(scenario, options.seed, 1..=1, world(1..=1)).play(&mut ()));
    if let Some(events) = &mut outcome.events {
        events.sort_by_key(Event::key);
    }
    outcome.conclude(scenario, options.seed);
    outcome
}

/// Whether devices have to be played together: what one does can reach another only through a step on
/// the server they share that waits for an event, and an expectation may speak of several.
fn couples_devices(scenario: &Scenario) -> bool {
    let coupled = scenario.steps.iter().any(|step| {
        let waits = matches!(step.when, When::After { .. });
        waits && matches!(step.act, Act::ServerRestart { .. })
    });
    let judged_together = scenario.expects.iter().any(|entry| {
        matches!(entry.that, Expectation::Order { .. })
            && Whom::of(&entry.that, scenario) == Whom::Together
    });
    coupled || judged_together
}

/// The end of a scenario's run; what would happen then does not.
fn end_of(scenario: &Scenario) -> Time {
    scenario.duration.from_start()
}
