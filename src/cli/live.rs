//! `holdline run --world live`: scenarios over real sockets.

use std::fmt;

use super::exit::CliError;
use super::load::Loaded;
use crate::live::world::{
    LiveError, LiveOptions, Pace, Said, Server, highest_speed, not_elsewhere, play_told,
    unsupported,
};
use crate::report::Subject;
use crate::run::Outcome;
use crate::scenario::Scenario;

/// How many scenarios are played at once when nobody says so: each waits most of its time.
pub(super) const JOBS: usize = 16;

/// How fast time passes over real sockets.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Speed {
    /// So many times as fast as the clock.
    Times(u32),
    /// As fast as a scenario's shortest deadline allows.
    Max,
    /// What passes while all sockets are quiet is skipped.
    Jump,
}

/// How scenarios are played over real sockets.
#[derive(Clone, Debug)]
pub(super) struct Live {
    pub(super) speed: Speed,
    /// A server that runs elsewhere.
    pub(super) server: Option<Server>,
    /// The options that name it, for a command that runs this again.
    pub(super) words: String,
}

impl Speed {
    /// What it comes to in this scenario.
    pub(super) fn pace(self, scenario: &Scenario) -> Pace {
        match self {
            Speed::Times(times) => Pace::Times(times),
            Speed::Max => Pace::Times(highest_speed(scenario).speed),
            Speed::Jump => Pace::Jumps,
        }
    }
}

impl fmt::Display for Speed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Speed::Times(times) => write!(f, "{times}"),
            Speed::Max => f.write_str("max"),
            Speed::Jump => f.write_str("jump"),
        }
    }
}

/// Reads `--speed`.
pub(super) fn speed(text: &str) -> Result<Speed, String> {
    match text {
        "max" => Ok(Speed::Max),
        "jump" => Ok(Speed::Jump),
        times => match times.parse() {
            Ok(times @ 1..) => Ok(Speed::Times(times)),
            Ok(0) | Err(_) => Err("expected a whole number from 1 on, `max` or `jump`".into()),
        },
    }
}

/// Takes what real sockets cannot show out of `loaded`, and says so on stderr.
pub(super) fn leave_out(loaded: &mut Vec<Loaded>, live: &Live) -> Vec<Loaded> {
    let why = |one: &Loaded| {
        let scenario = &one.subject.scenario;
        let elsewhere = live.server.as_ref().and_then(|_| not_elsewhere(scenario));
        unsupported(scenario).or(elsewhere)
    };
    let (kept, left) = std::mem::take(loaded).into_iter().partition(|one| why(one).is_none());
    *loaded = kept;
    let left: Vec<Loaded> = left;
    for one in &left {
        if let Some(why) = why(one) {
            eprintln!("left out: {}: it needs {why}", one.subject.file);
        }
    }
    left
}

/// Plays one run.
///
/// # Errors
/// [`CliError`] when the speed is too high, or sockets cannot be had.
pub(super) fn play(subject: &Subject, seed: u64, live: &Live) -> Result<Outcome, CliError> {
    let scenario = &subject.scenario;
    let pace = live.speed.pace(scenario);
    let server = live.server.clone();
    let options = LiveOptions { trace: true, server, ..LiveOptions::new(seed, pace) };
    let mut told = |said: &Said| match said {
        Said::NotPublished(why) => eprintln!("not published: {}", why.escape_debug()),
        // What servers say of an end is in the events, as the end itself.
        Said::Frame(_) | Said::Payload(..) | Said::Refused(_) => {}
    };
    play_told(scenario, &options, &mut (), &mut told).map_err(|error| {
        let message = format!("{}: {error}", subject.file);
        match error {
            LiveError::Unsupported(_) | LiveError::TooFast { .. } | LiveError::BadValue(_) => {
                CliError::WrongInput(message)
            }
            LiveError::Io(_) => CliError::Environment(message),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_speed_is_a_whole_number_or_one_of_two_words() {
        assert_eq!(speed("25"), Ok(Speed::Times(25)));
        assert_eq!((speed("max"), speed("jump")), (Ok(Speed::Max), Ok(Speed::Jump)));
        for wrong in ["0", "-1", "1.5", "fast", ""] {
            assert!(speed(wrong).is_err(), "{wrong}");
        }
    }
}
