//! `holdline run`: plays scenarios and says what came of them.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap_complete::ArgValueCompleter;

use super::baseline::BaselineArgs;
use super::elsewhere::ElsewhereArgs;
use super::exit::{CliError, Exit, with_exit_codes};
use super::format::Format;
use super::github::GitHub;
use super::live::{self, Live, Speed};
use super::load::{Loaded, load};
use super::play::{Wishes, play_all};
use super::views::ViewArgs;
use super::{bundled, complete, overrides, sources, terminal};
use crate::port::Span;
use crate::report::console::{self, Summary};
use crate::report::paragraph::{cut, paragraph, plain};
use crate::report::style::{HEADING, paint};
use crate::report::{Entry, json};
use crate::run::Verdict;
use crate::scenario::{Override, World};

macro_rules! examples {
    () => {
        "\
Examples:
  holdline run
  holdline run scenarios/network --jobs 2
  holdline run bundled: --filter restart --timeline
  holdline run talk.toml --seed 7 --set platform.keep-alive.handler-budget=10s
  holdline run talk.toml --runs 1000 --fail-fast
  holdline run --baseline results --update-baseline
  holdline run --format json | jq '.scenarios[] | {name, verdict, sentence}'"
    };
}

/// Play scenarios and say what came of them
///
/// PATHS are scenario files or folders of them. Without any, the scenarios in ./scenarios are played, or
/// those in the binary where there is no such folder. `bundled:` stands for those in the binary.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = examples!(), after_long_help = with_exit_codes!(examples!()))]
pub(super) struct RunArgs {
    /// Scenario files, or folders that are searched for *.toml
    #[arg(value_name = "PATHS", add = ArgValueCompleter::new(complete::scenarios))]
    paths: Vec<String>,

    /// Only scenarios that have TEXT in their path or name, in capitals or not
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,

    /// Say which scenarios there are, and run none
    #[arg(long)]
    list: bool,

    /// How many to run at once [default: one a processor]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,

    /// The seed, instead of the scenario's own
    #[arg(long, value_name = "N")]
    seed: Option<u64>,

    /// Run each scenario under N seeds, and say which of them failed [default: what it says itself]
    #[arg(long, value_name = "N",
        value_parser = clap::value_parser!(u64).range(1..=100_000))]
    runs: Option<u64>,

    /// Run nothing that comes after a scenario that failed
    #[arg(long)]
    fail_fast: bool,

    /// Set a key in every scenario, for example network.nat.idle-timeout=5m; can be given again
    #[arg(long, value_name = "KEY=VALUE", value_parser = overrides::parse,
        add = ArgValueCompleter::new(complete::set))]
    set: Vec<Override>,

    /// Write a JSON Lines trace of every run into DIR
    #[arg(long, value_name = "DIR")]
    trace: Option<PathBuf>,

    /// Where they are played: in the simulator, or over real sockets with a server and a fault proxy of their
    /// own
    #[arg(long, value_enum, default_value_t = Where::Sim)]
    world: Where,

    /// With `--world live`: how many times as fast as the clock time passes; `max` is what each scenario's
    /// shortest deadline allows, `jump` skips what passes while all sockets are quiet [default: max]
    #[arg(long, value_name = "N|max|jump", value_parser = live::speed)]
    speed: Option<Speed>,

    #[command(flatten)]
    elsewhere: ElsewhereArgs,

    #[command(flatten)]
    views: ViewArgs,

    #[command(flatten)]
    baseline: BaselineArgs,

    /// Draw each scenario by lanes; quiet stretches of a long run are folded
    #[arg(long)]
    timeline: bool,

    /// Run everything twice and report the first event that differs
    #[arg(long)]
    check_determinism: bool,

    /// Say what it costs, too: wakes and battery
    #[arg(long, short)]
    verbose: bool,

    /// How to write the result; in JSON, durations are microseconds, shares millionths, energies
    /// nanojoules
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// The worlds that this command has.
#[derive(Copy, Clone, PartialEq, Eq, Debug, clap::ValueEnum)]
pub(super) enum Where {
    /// Everything is simulated, in virtual time.
    Sim,
    /// Real sockets and a real server, under the model of iOS.
    Live,
}

impl Where {
    fn world(self) -> World {
        match self {
            Where::Sim => World::Sim,
            Where::Live => World::Live,
        }
    }
}

/// Runs what `args` says and writes the result to `out`.
pub(super) fn run(args: &RunArgs, out: &mut dyn Write) -> Result<Exit, CliError> {
    let width = terminal::text_width();
    let sources = sources::find(&args.paths)?;
    let loaded = load(sources, &args.set, args.filter.as_deref(), width)?;
    if args.list {
        out.write_all(list(&loaded, args.format, width)?.as_bytes())?;
        return Ok(Exit::Passed);
    }
    let text = args.format == Format::Text;
    let wishes = Wishes {
        jobs: args.jobs.map(usize::from),
        seed: args.seed,
        runs: args.runs,
        fail_fast: args.fail_fast,
        trace: args.trace.clone(),
        check_determinism: args.check_determinism,
        verbose: args.verbose,
        // In an overview of many, what was expected needs no explanation.
        explain: args.verbose || loaded.len() == 1,
        details: text || args.views.need_details(),
        events: args.views.need_events(),
        timeline: args.timeline.then(terminal::drawing_width),
        overrides: args.set.clone(),
        live: live_of(args)?,
    };
    let world = args.world.world();
    let (mut loaded, mut elsewhere): (Vec<Loaded>, Vec<Loaded>) =
        loaded.into_iter().partition(|one| one.subject.scenario.worlds.contains(&world));
    if let Some(live) = &wishes.live {
        elsewhere.extend(live::leave_out(&mut loaded, live));
    }
    if loaded.is_empty() {
        return Err(CliError::WrongInput(format!(
            "none of these scenarios is for the world `{world}`\n\
             The key `worlds` at the top of a scenario says where it makes sense."
        )));
    }
    let places = args.views.places(&loaded, wishes.live.is_some())?;
    let all = loaded.len();
    let baseline = args.baseline.open(&loaded, whole_folders(args), world)?;
    let began = Instant::now();
    let mut entries = play_all(loaded, &wishes)?;
    let took = Span::from_micros(u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX));
    let mut stored = String::new();
    if let Some(baseline) = &baseline {
        baseline.judge(&mut entries, wishes.details);
        stored = baseline.summary(&entries, baseline.store(&entries)?);
        if args.format == Format::Json {
            baseline.warn();
        }
    }
    let summary = Summary::of(&entries, all - entries.len(), elsewhere.len());
    args.views.write(&entries, &places)?;
    let commands = github_told(&entries);
    let written = match args.format {
        Format::Text => {
            console::entries(&entries, width)
                + &console::summary(&summary, took)
                + &stored
                + &commands
        }
        Format::Json => {
            // GitHub reads both streams, and on stdout there is nothing but JSON.
            eprint!("{commands}");
            json::json(&entries, &summary, took).map_err(std::io::Error::from)?
        }
    };
    // That nobody reads it changes nothing of what came out.
    match out.write_all(written.as_bytes()).map_err(CliError::from) {
        Ok(()) | Err(CliError::NoReader) => Ok(exit(&entries)),
        Err(error) => Err(error),
    }
}

/// Writes the summary of a step of GitHub Actions; what is to be printed so that it shows the failures.
fn github_told(entries: &[Entry]) -> String {
    let Some(github) = GitHub::of_environment() else { return String::new() };
    github.summarize(entries);
    github.annotations(entries)
}

/// Whether nothing was picked out of the folders of scenarios.
fn whole_folders(args: &RunArgs) -> bool {
    let whole = |path: &String| path == bundled::PREFIX || Path::new(path).is_dir();
    args.filter.is_none() && args.paths.iter().all(whole)
}

/// How scenarios are played over real sockets, if they are.
fn live_of(args: &RunArgs) -> Result<Option<Live>, CliError> {
    if args.world == Where::Live {
        let server = args.elsewhere.server(Some("holdline"))?;
        let words = args.elsewhere.words();
        return Ok(Some(Live { speed: args.speed.unwrap_or(Speed::Max), server, words }));
    }
    if args.elsewhere.connect.is_some() {
        return Err(CliError::WrongInput("--connect goes with --world live".into()));
    }
    if args.speed.is_some() {
        return Err(CliError::WrongInput("--speed goes with --world live".into()));
    }
    Ok(None)
}

/// What is worst decides.
fn exit(entries: &[Entry]) -> Exit {
    if entries.iter().flat_map(|entry| &entry.runs).any(crate::report::Run::differs) {
        return Exit::Broken;
    }
    match entries.iter().map(Entry::verdict).max() {
        Some(Verdict::Fail) => Exit::Failed,
        Some(Verdict::Undetermined) => Exit::Undetermined,
        Some(Verdict::Pass) | None => Exit::Passed,
    }
}

/// The scenarios, without running them.
fn list(loaded: &[Loaded], format: Format, width: usize) -> Result<String, CliError> {
    if format == Format::Json {
        let one = |one: &Loaded| {
            let subject = &one.subject;
            let scenario = &subject.scenario;
            let variant: std::collections::BTreeMap<_, _> =
                scenario.variant.iter().map(|(key, value)| (key, value)).collect();
            serde_json::json!({
                "file": subject.file, "name": scenario.name, "variant": variant,
                "shows": scenario.shows.trim(),
            })
        };
        let all: Vec<_> = loaded.iter().map(one).collect();
        let whole = serde_json::json!({ "scenarios": all });
        let text = serde_json::to_string_pretty(&whole).map_err(std::io::Error::from)?;
        return Ok(text + "\n");
    }
    let mut out = String::new();
    for one in loaded {
        let subject = &one.subject;
        let values: Vec<String> =
            subject.scenario.variant.iter().map(|(key, value)| format!(" {key}={value}")).collect();
        let head = paint(HEADING, &plain(&subject.file));
        let head_width = subject.file.chars().count();
        paragraph(&mut out, (&head, head_width), 2, &plain(&values.concat()), width);
        out.push_str(&format!("  {}\n", cut(&plain(&subject.scenario.name), width - 2)));
        let shows = subject.scenario.shows.split_whitespace().collect::<Vec<_>>().join(" ");
        if !shows.is_empty() {
            out.push_str(&format!("  {}\n", cut(&plain(&shows), width - 2)));
        }
    }
    Ok(out)
}
