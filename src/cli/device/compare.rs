//! `holdline device compare`: a phone's log beside the model of the same scenario.

use std::fs;
use std::io::Write;

use clap_complete::ArgValueCompleter;

use crate::cli::exit::{CliError, Exit};
use crate::cli::format::Format;
use crate::cli::load::load;
use crate::cli::progress::Progress;
use crate::cli::{complete, overrides, sources, terminal};
use crate::device::host::compare::{Agreement, Asked, MOST_RUNS, WITHIN, compare};
use crate::device::host::{LogWarning, PhoneLog};
use crate::port::Span;
use crate::report::device_compare::{Told, json, text};
use crate::report::human;
use crate::run::{Options, play};
use crate::scenario::{Override, Scenario, World};
use crate::study::compare::Knows;

/// A log is not longer than this.
const MOST_BYTES: u64 = 256 << 20;
/// More events than this are not compared.
const MOST_EVENTS: usize = 200_000;
/// A longer tolerance would find a counterpart for everything.
const LONGEST_WITHIN: Span = Span::from_secs(60);

/// Put a phone's log beside the model: where they differ, and what to set
///
/// Plays SCENARIO in the simulator under the seed of the log, and finds for every event of the phone its
/// counterpart. What chance explains is said to be explained. For the rest, every key of the platform is
/// tried with values that follow from the log; those that make the model agree are proposed as a table
/// [platform.set].
///
/// LOG is what `device run --log` or `--trace` writes, or any trace in the same schema.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  holdline device compare phone.jsonl talk.toml
  holdline device compare phone.jsonl talk.toml --within 500ms
  holdline device compare phone.jsonl talk.toml --set platform.use=ios-10
  holdline device compare phone.jsonl talk.toml --runs 0 --format json

Exit codes:
  0  nothing differs that is not explained
  1  something differs that is not explained
  2  wrong input
  3  holdline or its environment failed
  4  the log cannot tell: it is too short, or has nothing in common with the
     model")]
pub(super) struct CompareArgs {
    /// The phone's log, or another trace
    #[arg(value_name = "LOG")]
    log: String,

    /// The scenario that was played on the phone
    #[arg(value_name = "SCENARIO", add = ArgValueCompleter::new(complete::scenarios))]
    scenario: String,

    /// Set a key of the scenario; can be given again
    #[arg(long, value_name = "KEY=VALUE", value_parser = overrides::parse,
        add = ArgValueCompleter::new(complete::set))]
    set: Vec<Override>,

    /// Which of the scenarios of the file, where [vary] makes it many
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    variant: Option<u32>,

    /// The seed of the model's run, instead of the log's
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(..=i64::MAX as u64))]
    seed: Option<u64>,

    /// By how much times may differ and still be the same, up to a minute [default: 2s]
    #[arg(long, value_name = "SPAN", value_parser = within)]
    within: Option<Span>,

    /// Compare what follows from what a phone reports as well, where the log has it
    #[arg(long)]
    inferred: bool,

    /// Play the model at most so often to find keys; with 0 none are looked for
    #[arg(long, value_name = "N", default_value_t = MOST_RUNS)]
    runs: usize,

    /// How to write the result; in JSON, durations are microseconds
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

fn within(text: &str) -> Result<Span, String> {
    match Span::parse(text)? {
        span if span > LONGEST_WITHIN => Err(format!("at most {LONGEST_WITHIN}")),
        span if span == Span::ZERO => Err("longer than zero: no two clocks are the same".into()),
        span => Ok(span),
    }
}

/// Compares what `args` names and writes the result to `out`.
pub(super) fn run(args: &CompareArgs, out: &mut dyn Write) -> Result<Exit, CliError> {
    let (log, warnings) = read(&args.log)?;
    let scenario = scenario(args)?;
    let asked = Asked {
        within: args.within.unwrap_or(WITHIN),
        seed: args.seed.unwrap_or(log.header.seed),
        knows: if args.inferred { Knows::Phone } else { Knows::Observed },
        most_runs: args.runs,
    };
    bearable(args, &scenario, asked.seed)?;
    let progress = Progress::new(args.runs as u64);
    let compared = compare(&log, &scenario, asked, &mut || progress.step());
    drop(progress);
    let told = Told {
        file: &args.log,
        scenario_file: &args.scenario,
        log: &log,
        warnings: &warnings,
        scenario: &scenario,
        compared: &compared,
    };
    let (text, json) = match args.format {
        Format::Text => (text(&told, terminal::drawing_width()), serde_json::json!({})),
        Format::Json => (String::new(), json(&told)),
    };
    let exit = match compared.agreement {
        Agreement::Agrees => Exit::Passed,
        Agreement::Differs => Exit::Failed,
        Agreement::CannotTell(_) => Exit::Undetermined,
    };
    // That nobody reads it changes nothing of what came out.
    match args.format.write(out, text, json) {
        Ok(_) | Err(CliError::NoReader) => Ok(exit),
        Err(error) => Err(error),
    }
}

/// The log at `path`; a line in its middle that is none of a trace's is a mistake.
fn read(path: &str) -> Result<(PhoneLog, Vec<LogWarning>), CliError> {
    let wrong = |why: String| CliError::WrongInput(format!("{path}: {why}"));
    let unreadable = |error: std::io::Error| wrong(format!("cannot be read: {error}"));
    let about = fs::metadata(path).map_err(unreadable)?;
    if !about.is_file() {
        return Err(wrong("it is no regular file".into()));
    }
    if about.len() > MOST_BYTES {
        return Err(wrong(format!("a log of more than {} MiB is not compared", MOST_BYTES >> 20)));
    }
    let bytes = fs::read(path).map_err(unreadable)?;
    let (log, warnings) =
        PhoneLog::read(&bytes).map_err(|no| wrong(format!("line 1: {}", no.why)))?;
    let mistake = warnings.iter().find_map(|warning| match warning {
        LogWarning::NotRead { line, why } => Some(format!("line {line}: {why}")),
        LogWarning::CutOff { .. }
        | LogWarning::Backwards { .. }
        | LogWarning::OtherRun { .. }
        | LogWarning::Collecting { .. } => None,
    });
    match mistake {
        Some(why) => Err(wrong(why)),
        None if log.lines.len() > MOST_EVENTS => {
            let most = human::count(MOST_EVENTS as u64);
            Err(wrong(format!("more than {most} events are not compared")))
        }
        None => Ok((log, warnings)),
    }
}

/// The one scenario that is meant.
fn scenario(args: &CompareArgs) -> Result<Scenario, CliError> {
    let path = &args.scenario;
    let found = sources::find(std::slice::from_ref(path))?;
    let mut all = load(found, &args.set, None, terminal::text_width())?;
    let many = all.len();
    let place = match args.variant {
        Some(number) => number as usize - 1,
        None if many == 1 => 0,
        None => usize::MAX,
    };
    if place >= many {
        return Err(CliError::WrongInput(format!(
            "{path}: these are {many} scenarios, and one is to be compared\n\
             Name one file; of several that [vary] makes, choose one by --variant."
        )));
    }
    let scenario = all.swap_remove(place).subject.scenario;
    if !scenario.worlds.contains(&World::Sim) {
        return Err(CliError::WrongInput(format!(
            "{path}: this scenario is not for the simulator, so there is no model of it\n\
             `holdline device run` judges what it expects."
        )));
    }
    Ok(scenario)
}

fn bearable(args: &CompareArgs, scenario: &Scenario, seed: u64) -> Result<(), CliError> {
    let outcome = play(scenario, Options { seed, ..Options::of(scenario) });
    if outcome.totals.logical_events() > MOST_EVENTS as u64 {
        return Err(CliError::WrongInput(format!(
            "{}: more than {} timer firings and arrivals are not compared\n\
             Shorten it, for example with --set duration=1d.",
            args.scenario,
            human::count(MOST_EVENTS as u64)
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tolerance_is_longer_than_zero_and_a_minute_at_most() {
        assert_eq!(within("50ms"), Ok(Span::from_millis(50)));
        assert!(within("61s").is_err() && within("0s").is_err());
    }
}
