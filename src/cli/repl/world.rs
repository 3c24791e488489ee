//! Where a session is: in the simulator, or over real sockets.

use std::sync::Arc;

use crate::cli::elsewhere::ElsewhereArgs;
use crate::cli::exit::CliError;
use crate::cli::live::{self, Speed};
use crate::cli::run::Where;
use crate::live::world::{LiveError, LiveOptions, Server};
use crate::repl::{Desk, Ground, Opening, OverSockets, Refusal, Session, Simulated, Unopened};
use crate::scenario::{Scenario, World};

/// The options that say where.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct WorldArgs {
    /// Where it is: in the simulator, or over real sockets with a server and a fault proxy of its own
    #[arg(long, value_enum, default_value_t = Where::Sim)]
    world: Where,

    /// With `--world live`: how many times as fast as the clock time passes, also while you think; `max` is what
    /// the scenario's shortest deadline allows; `jump` skips what passes while all sockets are quiet, and stands
    /// still while you think [default: jump; with --connect, 1]
    #[arg(long, value_name = "N|max|jump", value_parser = live::speed)]
    speed: Option<Speed>,

    #[command(flatten)]
    elsewhere: ElsewhereArgs,
}

/// Why a session did not begin.
pub(super) enum Failed {
    Session(Unopened),
    Command(CliError),
}

impl From<CliError> for Failed {
    fn from(error: CliError) -> Failed {
        Failed::Command(error)
    }
}

/// Begins a session in the world that `args` names.
///
/// # Errors
/// [`Failed`] when the scenario has mistakes, cannot be played there, or there are no sockets.
pub(super) fn open(
    args: &WorldArgs,
    opening: Opening,
    desk: Box<dyn Desk>,
) -> Result<Session, Failed> {
    if args.world == Where::Sim {
        let only = |option| CliError::WrongInput(format!("{option} goes with --world live"));
        if args.elsewhere.connect.is_some() {
            return Err(only("--connect").into());
        }
        if args.speed.is_some() {
            return Err(only("--speed").into());
        }
        let make = |scenario: &Arc<Scenario>| -> Result<Box<dyn Ground>, Refusal> {
            Ok(Box::new(Simulated::new(scenario)))
        };
        return Session::over(opening, desk, make).map_err(Failed::Session);
    }
    let server = args.elsewhere.server(Some("holdline"))?;
    let usual = if server.is_some() { Speed::Times(1) } else { Speed::Jump };
    let speed = args.speed.unwrap_or(usual);
    let mut environment = None;
    let opened = Session::over(opening, desk, |scenario| {
        over_sockets(scenario, speed, server).map_err(|error| {
            let message = error.to_string();
            if matches!(error, LiveError::Io(_)) {
                environment = Some(message.clone());
            }
            Refusal::new(message)
        })
    });
    match environment {
        Some(why) => Err(CliError::Environment(why).into()),
        None => opened.map_err(Failed::Session),
    }
}

fn over_sockets(
    scenario: &Arc<Scenario>,
    speed: Speed,
    server: Option<Server>,
) -> Result<Box<dyn Ground>, LiveError> {
    if !scenario.worlds.contains(&World::Live) {
        let what =
            "another world: the key `worlds` at the top of the scenario does not name `live`";
        return Err(LiveError::Unsupported(what.into()));
    }
    let pace = speed.pace(scenario);
    let options = LiveOptions { server, ..LiveOptions::new(scenario.seed, pace) };
    Ok(Box::new(OverSockets::open(scenario, options)?))
}
