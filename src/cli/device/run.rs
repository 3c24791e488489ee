//! `holdline device run`: one scenario on one device.

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use clap_complete::ArgValueCompleter;

use super::{binding, outcome, plan, subject, talk};
use crate::cli::exit::{CliError, Exit, with_exit_codes};
use crate::cli::format::Format;
use crate::cli::long_running::{end_asked, new_token};
use crate::cli::views::ViewArgs;
use crate::cli::{complete, overrides, terminal};
use crate::device::host::drive::Kind;
use crate::device::host::package::macho::{Platform, Version};
use crate::device::host::package::{Plan, Request};
use crate::device::host::tools::{self, Real, Target, find};
use crate::device::host::{
    Around, Device, Failure, Fake, Finished, Settings, Tooled, kind_of, play,
};
use crate::live::world::highest_speed;
use crate::port::Span;
use crate::scenario::{Override, Scenario};

macro_rules! examples {
    () => {
        "\
Examples:
  holdline device run talk.toml --device fake
  holdline device run talk.toml --device sim --app Agent.app
  holdline device run talk.toml --device \"My iPhone\" --agent holdline-agent
  holdline device run talk.toml --device sim --plan"
    };
}

/// Run one scenario on a phone, in the simulator, or with an agent on this machine
///
/// The push server, the fault proxy and the control channel run here; the agent on the device runs the
/// client. What can be done by tools is; what a person has to do is asked for. An expectation that
/// neither side can know is undetermined, never met.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = examples!(), after_long_help = with_exit_codes!(examples!()))]
pub(super) struct RunArgs {
    /// A scenario file, or `bundled:NAME`
    #[arg(value_name = "SCENARIO", add = ArgValueCompleter::new(complete::scenarios))]
    scenario: String,

    /// `fake` (an agent on this machine), `sim` (the booted simulator), or a device's name or identifier
    #[arg(long, value_name = "ID|sim|fake")]
    device: String,

    /// Say who does which step, and run nothing
    #[arg(long)]
    plan: bool,

    /// Which of the scenarios of the file, where [vary] makes it many
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    variant: Option<u32>,

    /// Set a key, for example network.nat.idle-timeout=5m; can be given again
    #[arg(long, value_name = "KEY=VALUE", value_parser = overrides::parse,
        add = ArgValueCompleter::new(complete::set))]
    set: Vec<Override>,

    /// The seed, instead of the scenario's own
    #[arg(long, value_name = "N")]
    seed: Option<u64>,

    /// How many times as fast as the clock time passes; only for `fake` [default there: what the scenario's
    /// shortest deadline allows, at most 60]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    speed: Option<u32>,

    /// Listen at this address of this machine [default: loopback for `fake` and `sim`, else the one that
    /// leads to the network]
    #[arg(long, value_name = "ADDRESS")]
    bind: Option<std::net::IpAddr>,

    /// Listen off loopback without asking
    #[arg(long, short)]
    yes: bool,

    /// The packaged app to install; without it, the app is there already
    #[arg(long, value_name = "APP")]
    app: Option<PathBuf>,

    /// The app's CFBundleIdentifier [default: that of --app]
    #[arg(long, value_name = "ID")]
    bundle_id: Option<String>,

    /// The agent's program: with `fake` it is run [default: holdline-agent beside this program],
    /// else it is packaged, signed and installed
    #[arg(long, value_name = "PATH", conflicts_with = "app")]
    agent: Option<PathBuf>,

    /// Who signs the package of --agent [default: the only identity]
    #[arg(long, value_name = "IDENTITY", requires = "agent")]
    identity: Option<String>,

    /// The provisioning profile for the package of --agent, which a phone wants to see
    #[arg(long, value_name = "FILE", requires = "agent")]
    profile: Option<PathBuf>,

    /// Let the package of --agent name this SDK instead of its own: an experiment
    #[arg(long, value_name = "X.Y", requires = "agent")]
    sdk_stamp: Option<Version>,

    /// Make legacy calls that are expected to trap the process, instead of leaving them out
    #[arg(long)]
    expect_trap: bool,

    /// Nobody is there: leave out what only a person can do, and what nobody can
    #[arg(long)]
    unattended: bool,

    /// How long the agent has to say hello
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = Span::parse)]
    hello_within: Span,

    /// How long a person has for a step
    #[arg(long, value_name = "TIME", default_value = "2m", value_parser = Span::parse)]
    person_within: Span,

    /// A process that ends so soon after a stream that is expected to trap was trapped
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = Span::parse)]
    trap_within: Span,

    /// Write the trace, put together from host and phone, as JSON Lines
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,

    /// Write the phone's log as it is
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,

    #[command(flatten)]
    views: ViewArgs,

    /// Draw the run by lanes
    #[arg(long)]
    timeline: bool,

    /// How to write the result
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// How fast time passes with an agent on this machine when nobody says so.
const FAST: u32 = 60;

/// Runs what `args` says and writes the result to `out`.
pub(super) fn run(args: &RunArgs, out: &mut dyn Write) -> Result<Exit, CliError> {
    let subject::One { loaded, text } =
        subject::one(&args.scenario, &args.set, args.variant, terminal::text_width())?;
    let scenario = &loaded.subject.scenario;
    plan::playable(&loaded.subject)?;
    if args.plan {
        let kind = planned_kind(&args.device)?;
        return plan::show(scenario, kind, args.format, out);
    }
    let places = args.views.places(std::slice::from_ref(&loaded), true)?;
    let folder = tempfile_in()?;
    let chosen = choose(args, scenario, folder.path())?;
    let attended = plan::attended(scenario, chosen.kind, args.unattended)?;
    let seed = args.seed.unwrap_or(scenario.seed);
    let settings = Settings {
        kind: chosen.kind,
        bind: binding::address(args.bind, chosen.kind, args.yes)?,
        nonce: new_token()?,
        token: new_token()?,
        text,
        seed,
        speed: speed(args.speed, chosen.kind, scenario)?,
        expect_trap: args.expect_trap,
        unattended: args.unattended,
        hello_within: Duration::from_micros(args.hello_within.as_micros()),
        person_within: args.person_within,
        trap_within: args.trap_within,
    };
    match go(scenario, &settings, chosen.device, attended)? {
        Ok(finished) => {
            let asked = outcome::Asked {
                again: again(args, seed, &settings),
                trace: args.trace.as_deref(),
                log: args.log.as_deref(),
                timeline: args.timeline.then(terminal::drawing_width),
                format: args.format,
                views: &args.views,
                places: &places,
            };
            outcome::tell(loaded.subject, &settings, finished, &asked, out)
        }
        Err(failure) => outcome::failed(&loaded.subject, &settings, &failure, args.format, out),
    }
}

/// The device, and what the table of steps knows it as.
struct Chosen {
    kind: Kind,
    device: Box<dyn Device>,
}

/// What `--plan` shows; whether there is such a device does not matter.
fn planned_kind(device: &str) -> Result<Kind, CliError> {
    match device {
        "fake" => Ok(Kind::Fake),
        "sim" => Ok(Kind::Simulator),
        // Without the tools that know it, it is a phone of today.
        named => Ok(find(&mut Real, named).map_or(Kind::Phone, |device| kind_of(&device))),
    }
}

fn choose(
    args: &RunArgs,
    scenario: &Scenario,
    folder: &std::path::Path,
) -> Result<Chosen, CliError> {
    if args.device == "fake" {
        for (flag, given) in
            [("--app", args.app.is_some()), ("--bundle-id", args.bundle_id.is_some())]
        {
            if given {
                return Err(CliError::WrongInput(format!(
                    "{flag} goes with a phone or a simulator: `fake` is an agent of this machine, \
                     named by --agent"
                )));
            }
        }
        let program = match &args.agent {
            // It runs in a folder of its own.
            Some(named) => std::path::absolute(named).map_err(no_agent),
            None => std::env::current_exe()
                .map_err(no_agent)
                .and_then(|own| Fake::beside(&own).map_err(CliError::Environment)),
        }?;
        if !program.is_file() {
            let shown = program.display();
            return Err(CliError::WrongInput(format!("{shown}: there is no such program")));
        }
        let device = Fake::new(program, folder.to_owned());
        return Ok(Chosen { kind: Kind::Fake, device: Box::new(device) });
    }
    let device =
        find(&mut Real, &args.device).map_err(|error| CliError::WrongInput(error.to_string()))?;
    let kind = kind_of(&device);
    let app = match &args.agent {
        Some(agent) => Some(packaged(agent, args, scenario, &device, folder)?),
        None => args.app.clone(),
    };
    let bundle_id = subject::bundle_id(args.bundle_id.as_deref(), app.as_deref())?;
    let install = app.is_some();
    let target = Target { device, bundle_id, app: app.unwrap_or_default() };
    let device = Tooled::new(target, Box::new(Real), install, folder.to_owned());
    Ok(Chosen { kind, device: Box::new(device) })
}

/// Makes an app of the agent for this device, with the background modes of the scenario's app.
fn packaged(
    agent: &std::path::Path,
    args: &RunArgs,
    scenario: &Scenario,
    device: &tools::Device,
    folder: &std::path::Path,
) -> Result<PathBuf, CliError> {
    let simulator = device.kind == tools::Kind::Simulator;
    let request = Request {
        agent: agent.to_owned(),
        out: folder.join("package"),
        platform: Some(if simulator { Platform::Simulator } else { Platform::Ios }),
        bundle_id: args.bundle_id.clone(),
        background_modes: scenario.manifest.background_modes.clone(),
        identity: args.identity.clone(),
        profile: args.profile.clone(),
        grants: Vec::new(),
        sdk_stamp: args.sdk_stamp,
        device: (!simulator).then(|| device.id.clone()),
        unsigned: false,
    };
    Ok(Plan::new(&request, &mut Real, std::time::SystemTime::now())?.write(&mut Real)?)
}

fn no_agent(error: std::io::Error) -> CliError {
    CliError::Environment(format!("the agent's program cannot be found: {error}"))
}

/// How fast time passes.
fn speed(asked: Option<u32>, kind: Kind, scenario: &Scenario) -> Result<u32, CliError> {
    match kind {
        Kind::Simulator | Kind::Phone | Kind::OldPhone => match asked {
            None | Some(1) => Ok(1),
            Some(_) => Err(CliError::WrongInput(
                "--speed goes with --device fake: on a device time passes as it does".into(),
            )),
        },
        Kind::Fake => {
            let highest = highest_speed(scenario);
            let speed = asked.unwrap_or(highest.speed.min(FAST));
            if speed > highest.speed {
                let error = crate::live::world::LiveError::TooFast { speed, highest };
                return Err(CliError::WrongInput(error.to_string()));
            }
            Ok(speed)
        }
    }
}

/// A folder of this run alone, which goes with it.
fn tempfile_in() -> Result<subject::Folder, CliError> {
    subject::Folder::new().map_err(|error| {
        CliError::Environment(format!("there is no folder for the files of the run: {error}"))
    })
}

/// Plays it; ctrl-c ends it.
fn go(
    scenario: &Scenario,
    settings: &Settings,
    device: Box<dyn Device>,
    attended: bool,
) -> Result<Result<Finished, Failure>, CliError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime
        .map_err(|error| CliError::Environment(format!("no sockets can be had: {error}")))?;
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, async {
        let interrupted = end_asked()?;
        let mut tell = |word: &_| talk::tell(scenario, settings.speed, word);
        let around = Around { tell: &mut tell, said: talk::said(attended)? };
        Ok(play(scenario, settings, device, around, interrupted).await)
    })
}

/// The command that does this again.
fn again(args: &RunArgs, seed: u64, settings: &Settings) -> String {
    let mut command = format!(
        "holdline device run {} --device {} --seed {seed}",
        overrides::quoted(&args.scenario),
        overrides::quoted(&args.device)
    );
    if settings.kind == Kind::Fake {
        command.push_str(&format!(" --speed {}", settings.speed));
    }
    if let Some(variant) = args.variant {
        command.push_str(&format!(" --variant {variant}"));
    }
    for over in args.set.iter().filter(|over| over.key != "seed") {
        let set = format!("{}={}", over.key, over.value);
        command.push_str(&format!(" --set {}", overrides::quoted(&set)));
    }
    for (flag, given) in [("--unattended", args.unattended), ("--expect-trap", args.expect_trap)] {
        if given {
            command.push_str(&format!(" {flag}"));
        }
    }
    command
}
