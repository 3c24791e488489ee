//! Plays a scenario over real sockets, from its beginning to its end.

use std::sync::atomic::AtomicBool;

use super::steered::{Listening, Steered};
use super::{LiveError, LiveOptions};
use crate::port::Time;
use crate::run::Outcome;
use crate::scenario::Scenario;
use crate::trace::{Event, Observer, Recorder};
use crate::wire::Said;

/// Plays a scenario with the built-in client over real sockets: its own server on a free port, a proxy for each
/// phone, the phones under the model of iOS.
///
/// # Errors
/// When the scenario asks for what real sockets cannot show, when the speed is too high for its deadlines, or when
/// a socket cannot be had.
pub fn play_live(
    scenario: &Scenario,
    options: &LiveOptions,
    observer: &mut impl Observer,
) -> Result<Outcome, LiveError> {
    play_told(scenario, options, observer, &mut |_| {})
}

/// The same; what servers say beside their frames is told.
///
/// # Errors
/// As of [`play_live`].
pub fn play_told(
    scenario: &Scenario,
    options: &LiveOptions,
    observer: &mut impl Observer,
    told: &mut dyn FnMut(&Said),
) -> Result<Outcome, LiveError> {
    let mut recorder = Recorder::default();
    let mut observer = (&mut recorder, observer);
    let mut steered = Steered::open(scenario, options, &mut observer)?;
    let listening = Listening { observer: &mut observer, told };
    steered.advance(Time::NEVER, &mut |_| false, &AtomicBool::new(false), listening)?;
    let mut outcome = steered.finish();
    if options.trace {
        let mut events = recorder.events;
        events.sort_by_key(Event::key);
        outcome.events = Some(events);
    }
    outcome.conclude(scenario, options.seed);
    Ok(outcome)
}
