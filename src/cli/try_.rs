//! `holdline try`: days in a life with one client, and the verdict in sentences.

use std::io::Write;
use std::path::PathBuf;

use clap_complete::ArgValueCompleter;

use super::exit::{CliError, Exit, with_exit_codes_of_no_verdict};
use super::format::Format;
use super::names::{known, known_platform};
use super::{complete, files, overrides, terminal};
use crate::client::STRATEGIES;
use crate::net;
use crate::platform::NEWEST_IOS;
use crate::port::{Span, Time};
use crate::report::diagnostics::draw;
use crate::report::{days, days_json, timeline};
use crate::scenario::{Diagnostic, Override, Presets, Scenario, decode};
use crate::study::{A_DAY, Choice, MOST_DAYS, Sdk, Trial, advise, trial};
use crate::trace::Event;

macro_rules! examples {
    () => {
        "\
Examples:
  holdline try
  holdline try --platform ios-13 --client plain-socket
  holdline try --network carrier-5m --server-heartbeat 210s
  holdline try --days 1 --seed 7 --save day.toml
  holdline try --set client.keep-alive.timeout=30m --format json"
    };
}

/// Play days in a life with one client, and say what they were like
///
/// No file is needed. The phone is locked at night and in the hand now and then by day; it goes to work
/// and back over cellular, the server is restarted now and then, pushes come by day and by night. When
/// that happens is drawn from the seed and is the same for every client; how often is chosen, not
/// measured. `--save` writes it down as a scenario that can be changed.
///
/// It judges nothing: it ends with 0 whatever the days were like.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = examples!(), after_long_help = with_exit_codes_of_no_verdict!(examples!()))]
pub(super) struct TryArgs {
    /// The iOS version
    #[arg(long, value_name = "NAME", default_value = "ios-9",
        add = ArgValueCompleter::new(complete::platforms))]
    platform: String,

    /// The strategy; `holdline list strategies` lists them
    #[arg(long, value_name = "NAME", default_value = "default",
        add = ArgValueCompleter::new(complete::strategies))]
    client: String,

    /// The Wi-Fi or the cellular network; the other one is wifi-home or lte-carrier
    #[arg(long, value_name = "NAME", default_value = "wifi-home",
        add = ArgValueCompleter::new(complete::networks))]
    network: String,

    /// How often the server asks a quiet client for a sign of life, for example 210s [default: never]
    #[arg(long, value_name = "SPAN", value_parser = heartbeat)]
    server_heartbeat: Option<Span>,

    /// The major version of the SDK the app is linked with [default: that of the iOS version]
    #[arg(long, value_name = "N",
        value_parser = clap::value_parser!(u32).range(1..=i64::from(NEWEST_IOS)))]
    sdk: Option<u32>,

    /// How many days
    #[arg(long, value_name = "N", default_value_t = 7,
        value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST_DAYS)))]
    days: u32,

    /// The seed of the days and of all chance in them
    #[arg(long, value_name = "N", default_value_t = 1,
        value_parser = clap::value_parser!(u64).range(..=i64::MAX as u64))]
    seed: u64,

    /// Set a key, for example client.keep-alive.timeout=30m; can be given again
    #[arg(long, value_name = "KEY=VALUE", value_parser = overrides::parse,
        add = ArgValueCompleter::new(complete::set))]
    set: Vec<Override>,

    /// Write the days into FILE as a scenario; a file that is there is not touched
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,

    /// Leave out the drawing by lanes
    #[arg(long)]
    no_timeline: bool,

    /// How to write the result; in JSON, durations are microseconds, shares millionths, energies
    /// nanojoules
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Reads how often the server asks for a sign of life.
pub(super) fn heartbeat(text: &str) -> Result<Span, String> {
    match Span::parse(text)? {
        span if span < Span::from_secs(1) => Err("at least 1s".into()),
        span => Ok(span),
    }
}

/// Plays what `args` says and writes the result to `out`.
pub(super) fn run(args: &TryArgs, out: &mut dyn Write) -> Result<Exit, CliError> {
    let width = terminal::drawing_width();
    let Made { choice, text, scenario } = made_up(args, width)?;
    if let Some(path) = &args.save {
        files::write_new(path, &text)?;
    }
    let draws = args.format == Format::Text && !args.no_timeline;
    let mut before = trial(&scenario, draws);
    let events = before.outcome.events.take();
    let advice = advise(&text, &Presets::built_in(), &before);
    let mut written = match args.format {
        Format::Text => days::days(&choice, &scenario, &before, &advice, width),
        Format::Json => {
            days_json::json(&choice, &scenario, &before, &advice).map_err(std::io::Error::from)?
        }
    };
    if let Some(events) = events {
        written.push_str(&drawn(&scenario, &before, &events, width));
    }
    out.write_all(written.as_bytes())?;
    Ok(Exit::Passed)
}

/// So much time before and after the worst outage belongs to its story.
const AROUND: Span = Span::from_secs(60);

/// The days of the worst outage by lanes, and its story; the first day when there was no outage.
fn drawn(scenario: &Scenario, trial: &Trial, events: &[Event], width: usize) -> String {
    let day = |at: Time| at.as_micros() / A_DAY.as_micros();
    let midnight = |number: u64| A_DAY.saturating_mul(number).from_start();
    let end = scenario.duration.from_start();
    let (from, to) = match trial.tally.worst {
        // Of the end of an outage the deadline is forgiven; it is a part of the story all the same.
        Some(worst) => (worst.from, (worst.from + worst.lasted + scenario.deadline).min(end)),
        None => (Time::ZERO, Time::ZERO),
    };
    let last = day(Time::from_micros(to.as_micros().saturating_sub(1)));
    let days = midnight(day(from))..midnight(last + 1).min(end);
    let story = from.elapsed().saturating_sub(AROUND).from_start()..to + AROUND;
    let title = match (trial.tally.worst, day(from) + 1, last + 1) {
        (None, ..) => "Day 1, by the time of day:".to_owned(),
        (Some(_), one, other) if one == other => {
            format!("Day {one}, with the worst outage, by the time of day:")
        }
        (Some(_), one, other) => {
            format!("Days {one} to {other}, with the worst outage, from midnight of day {one}:")
        }
    };
    format!("\n{title}\n{}", timeline::draw_part(scenario, events, days, story, width))
}

/// Days: what was asked for, and that as text and as a scenario.
struct Made {
    choice: Choice,
    text: String,
    scenario: Scenario,
}

/// The days that `args` asks for.
fn made_up(args: &TryArgs, width: usize) -> Result<Made, CliError> {
    known_platform(&args.platform)?;
    known(&STRATEGIES, "strategy", &args.client)?;
    known(&net::PRESETS, "network", &args.network)?;
    for (key, instead) in
        [("seed", "--seed"), ("duration", "--days"), ("devices", "`holdline run` with --save")]
    {
        if args.set.iter().any(|over| over.key == key) {
            return Err(CliError::WrongInput(format!("--set {key}: use {instead}")));
        }
    }
    let plain = Choice {
        platform: args.platform.clone(),
        sdk: args.sdk.map_or(Sdk::Own, Sdk::Is),
        client: args.client.clone(),
        network: args.network.clone(),
        heartbeat: args.server_heartbeat,
        days: args.days,
        seed: args.seed,
        ..Choice::default()
    };
    // As options first: a mistake in `--set` is told as one.
    read(&plain.text(), &args.set, width)?;
    let choice = Choice { sets: args.set.clone(), ..plain };
    let text = choice.text();
    let scenario = read(&text, &[], width)?;
    Ok(Made { choice, text, scenario })
}

/// Reads a scenario that was made up here.
fn read(text: &str, sets: &[Override], width: usize) -> Result<Scenario, CliError> {
    decode(text, &Presets::built_in(), sets).map_err(|problems: Vec<Diagnostic>| {
        let drawn = problems.iter().map(|problem| draw(problem, "try", text, width)).collect();
        CliError::Mistakes { drawn, mistakes: problems.len(), files: 0 }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heartbeat_is_a_second_at_least() {
        assert_eq!(heartbeat("210s"), Ok(Span::from_secs(210)));
        assert!(heartbeat("10ms").is_err() && heartbeat("often").is_err());
    }
}
