//! `holdline compare`: two runs under one another.

use std::fs::{self, File};
use std::io::{BufReader, Write};
use std::path::Path;

use clap_complete::ArgValueCompleter;

use super::exit::{CliError, Exit};
use super::format::Format;
use super::load::load;
use super::{complete, overrides, sources, terminal};
use crate::client::snippet;
use crate::port::Span;
use crate::report::compare::{Compared, Party, json, played, text, traced};
use crate::report::human;
use crate::report::read_trace::read_trace;
use crate::run::{Mode, Options, play};
use crate::scenario::{Override, Scenario, World};
use crate::study::compare::{How, Knows};

/// A trace is not longer than this.
const MOST_BYTES: u64 = 256 << 20;
/// More timer firings and arrivals than this make more events than are compared.
const MOST_PLAYED: u64 = 500_000;
/// A longer tolerance would find a counterpart for everything.
const LONGEST_WITHIN: Span = Span::from_secs(60);

/// Put two runs under one another: where they part, and what came of each
///
/// A and B are scenarios, which are played, or traces as `holdline run --trace` writes them (*.jsonl). One
/// scenario alone is played twice: with two clients or platforms, with what --a and --b set, or else with its
/// client and the corrected twin of that, where it stands for published code.
///
/// Events are compared device by device. It judges nothing: it ends with 0 whether they differ or not, unless
/// --exit-code is given.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  holdline compare bundled:snippets/ping-after-the-handler.toml
  holdline compare talk.toml --client default --client ping-in-handler
  holdline compare talk.toml --platform ios-9 --platform ios-10
  holdline compare talk.toml --b network.nat.idle-timeout=1m
  holdline compare before.jsonl after.jsonl --exit-code
  holdline compare talk.toml live/talk.jsonl --within 50ms --knows phone

Exit codes:
  0  done, whether they differ or not
  1  they differ, with --exit-code
  2  wrong input
  3  holdline or its environment failed")]
pub(super) struct CompareArgs {
    /// A scenario or a trace
    #[arg(value_name = "A", add = ArgValueCompleter::new(complete::scenarios))]
    a: String,

    /// The other scenario or trace
    #[arg(value_name = "B", add = ArgValueCompleter::new(complete::scenarios))]
    b: Option<String>,

    /// The strategy of both, or given twice of A and of B
    #[arg(long, value_name = "NAME", add = ArgValueCompleter::new(complete::strategies))]
    client: Vec<String>,

    /// The iOS version of both, or given twice of A and of B
    #[arg(long, value_name = "NAME", add = ArgValueCompleter::new(complete::platforms))]
    platform: Vec<String>,

    /// The seed of both, instead of the scenario's own
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(..=i64::MAX as u64))]
    seed: Option<u64>,

    /// Set a key in both; can be given again
    #[arg(long, value_name = "KEY=VALUE", value_parser = overrides::parse,
        add = ArgValueCompleter::new(complete::set))]
    set: Vec<Override>,

    /// Set a key in A only; can be given again
    #[arg(long = "a", value_name = "KEY=VALUE", value_parser = overrides::parse,
        add = ArgValueCompleter::new(complete::set))]
    set_a: Vec<Override>,

    /// Set a key in B only; can be given again
    #[arg(long = "b", value_name = "KEY=VALUE", value_parser = overrides::parse,
        add = ArgValueCompleter::new(complete::set))]
    set_b: Vec<Override>,

    /// By how much times may differ and still be the same, up to a minute; events may have changed places then
    #[arg(long, value_name = "SPAN", default_value = "0s", value_parser = within)]
    within: Span,

    /// What is compared: all, or what a phone could know of it, directly or by inference
    #[arg(long, value_enum, default_value_t = Known::All)]
    knows: Known,

    /// End with 1 when they differ
    #[arg(long)]
    exit_code: bool,

    /// How to write the result; in JSON, durations are microseconds, shares millionths, energies
    /// nanojoules
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// [`Knows`] on a command line.
#[derive(Copy, Clone, PartialEq, Eq, Debug, clap::ValueEnum)]
enum Known {
    /// Everything
    All,
    /// What a phone reports, and what follows from that
    Phone,
    /// What a phone reports as it happens
    Observed,
}

impl Known {
    fn knows(self) -> Knows {
        match self {
            Known::All => Knows::All,
            Known::Phone => Knows::Phone,
            Known::Observed => Knows::Observed,
        }
    }
}

fn within(text: &str) -> Result<Span, String> {
    match Span::parse(text)? {
        span if span > LONGEST_WITHIN => Err(format!("at most {LONGEST_WITHIN}")),
        span => Ok(span),
    }
}

/// Compares what `args` names and writes the result to `out`.
pub(super) fn run(args: &CompareArgs, out: &mut dyn Write) -> Result<Exit, CliError> {
    let how = How { within: args.within, knows: args.knows.knows() };
    let compared = Compared::of(parties(args, how.knows)?, how);
    let exit = match args.exit_code && !compared.differences.is_empty() {
        true => Exit::Failed,
        false => Exit::Passed,
    };
    let (text, json) = match args.format {
        Format::Text => (text(&compared, terminal::drawing_width()), serde_json::json!({})),
        Format::Json => (String::new(), json(&compared)),
    };
    // That nobody reads it changes nothing of what came out.
    match args.format.write(out, text, json) {
        Ok(_) | Err(CliError::NoReader) => Ok(exit),
        Err(error) => Err(error),
    }
}

/// Both sides.
fn parties(args: &CompareArgs, knows: Knows) -> Result<[Party; 2], CliError> {
    let [a, mut b] = sides(args)?;
    let other = args.b.as_deref().unwrap_or(&args.a);
    if args.b.is_none() && is_trace(&args.a) {
        let message = format!("{}: a trace has to be compared with something", args.a);
        return Err(CliError::WrongInput(format!("{message}\nGive a second trace or a scenario.")));
    }
    if args.b.is_none() && a == b {
        b.push(twin(&args.a, &a)?);
    }
    Ok([party(&args.a, &a, knows)?, party(other, &b, knows)?])
}

/// What is set in each of the two.
fn sides(args: &CompareArgs) -> Result<[Vec<Override>; 2], CliError> {
    let mut sides = [args.set.clone(), args.set.clone()];
    for (option, key, given) in
        [("client", "client.use", &args.client), ("platform", "platform.use", &args.platform)]
    {
        let values = match given.as_slice() {
            [] => continue,
            [both] => [both, both],
            [a, b] => [a, b],
            [_, _, _, ..] => {
                let message = format!("--{option} is given once for both, or twice for A and B");
                return Err(CliError::WrongInput(message));
            }
        };
        for (side, value) in sides.iter_mut().zip(values) {
            side.push(Override::new(key, value.as_str()));
        }
    }
    let seed = args.seed.map(|seed| Override::new("seed", seed.to_string()));
    for (side, own) in sides.iter_mut().zip([&args.set_a, &args.set_b]) {
        side.extend(seed.clone());
        side.extend(own.iter().cloned());
    }
    Ok(sides)
}

/// What turns the client of the scenario at `path` into its corrected twin.
fn twin(path: &str, set: &[Override]) -> Result<Override, CliError> {
    let client = scenario(path, set)?.client.name;
    match snippet(&client).and_then(|snippet| snippet.twin) {
        Some(twin) => Ok(Override::new("client.use", twin)),
        None => Err(CliError::WrongInput(format!(
            "{path} would be compared with itself: its client `{client}` has no corrected twin\n\
             Give a second scenario or trace, --client or --platform twice, or --b KEY=VALUE."
        ))),
    }
}

fn is_trace(path: &str) -> bool {
    let extension = Path::new(path).extension();
    extension.is_some_and(|extension| extension == "jsonl") && !path.starts_with("bundled:")
}

fn party(path: &str, set: &[Override], knows: Knows) -> Result<Party, CliError> {
    if !is_trace(path) {
        return play_one(path, scenario(path, set)?, knows);
    }
    if let Some(over) = set.first() {
        return Err(CliError::WrongInput(format!(
            "{path}: a trace is of a run that is over; nothing can be set in it (`{}`)\n\
             --a and --b set keys in one of the two.",
            over.key
        )));
    }
    let wrong = |why: String| CliError::WrongInput(format!("{path}: {why}"));
    let unreadable = |error: std::io::Error| wrong(format!("cannot be read: {error}"));
    let about = fs::metadata(path).map_err(unreadable)?;
    if !about.is_file() {
        return Err(wrong("it is no regular file".into()));
    }
    if about.len() > MOST_BYTES {
        let most = MOST_BYTES >> 20;
        return Err(wrong(format!("a trace of more than {most} MiB is not compared")));
    }
    let file = File::open(path).map_err(unreadable)?;
    let trace = read_trace(BufReader::new(file)).map_err(|no| wrong(no.to_string()))?;
    Ok(traced(path, trace, knows))
}

/// The one scenario at `path`.
fn scenario(path: &str, set: &[Override]) -> Result<Scenario, CliError> {
    let mut loaded = load(sources::find(&[path.to_owned()])?, set, None, terminal::text_width())?;
    let (one, many) = (loaded.pop(), loaded.len() + 1);
    match one {
        Some(one) if many == 1 && one.subject.scenario.worlds.contains(&World::Sim) => {
            Ok(one.subject.scenario)
        }
        Some(_) if many == 1 => Err(CliError::WrongInput(format!(
            "{path}: this scenario is not for the simulator\n\
             Play it in its world with `holdline run --trace DIR`, and compare the trace."
        ))),
        Some(_) | None => Err(CliError::WrongInput(format!(
            "{path}: these are {many} scenarios, and one is to be compared\n\
             Name one file; of several that [vary] makes, choose with --set KEY=VALUE."
        ))),
    }
}

fn play_one(path: &str, scenario: Scenario, knows: Knows) -> Result<Party, CliError> {
    let options = Options { seed: scenario.seed, mode: Mode::default(), trace: false };
    if play(&scenario, options).totals.logical_events() > MOST_PLAYED {
        return Err(CliError::WrongInput(format!(
            "{path}: more than {} timer firings and arrivals are not compared\n\
             Shorten it, for example with --set duration=1d.",
            human::count(MOST_PLAYED)
        )));
    }
    let outcome = play(&scenario, Options { trace: true, ..options });
    Ok(played(path, scenario, outcome, knows))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tolerance_is_a_minute_at_most() {
        assert_eq!(within("50ms"), Ok(Span::from_millis(50)));
        assert!(within("61s").is_err() && within("some").is_err());
    }

    #[test]
    fn what_is_called_jsonl_is_a_trace() {
        assert!(is_trace("a/b.jsonl"));
        assert!(!is_trace("a/b.toml") && !is_trace("bundled:x.jsonl") && !is_trace("jsonl"));
    }
}
