//! `holdline matrix`: ways to stay connected against versions of iOS.

use std::io::Write;

use rayon::prelude::*;

use super::exit::{CliError, Exit, with_exit_codes_of_no_verdict};
use super::names::{known, known_platform};
use super::play::pool;
use super::progress::{Progress, announce};
use super::terminal;
use super::try_::heartbeat;
use crate::client::STRATEGIES;
use crate::net;
use crate::platform::{NEWEST_IOS, PROFILES, ios_major};
use crate::report::human::plural;
use crate::report::{matrix as tables, matrix_json};
use crate::scenario::{Diagnostic, Presets};
use crate::settings::{Scalar, Setting, Share};
use crate::study::{MOST_DAYS, MOST_RUNS, Matrix, Plan, Sdk, Stop, Trial, Way, telling_ways};

macro_rules! examples {
    () => {
        "\
Examples:
  holdline matrix
  holdline matrix --clients ping-in-handler,heartbeat-only@210s
  holdline matrix --clients all --platforms ios-9,ios-13 --sdk 9
  holdline matrix --network carrier-5m --format markdown > matrix.md
  holdline matrix --runs 100 --format json"
    };
}

/// Compare ways to stay connected on versions of iOS
///
/// Every way lives through the same days in a life on every version, as `holdline try` makes them up,
/// under as many seeds as it takes until the reachable share is known to the margin. A letter beside a
/// number names the rule behind it.
///
/// It judges nothing: it ends with 0 whatever the numbers are.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = examples!(), after_long_help = with_exit_codes_of_no_verdict!(examples!()))]
pub(super) struct MatrixArgs {
    /// Strategies, or `all`; NAME@SPAN is one with heartbeats by the server every SPAN [default: a
    /// telling few]
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    clients: Vec<String>,

    /// The iOS versions [default: every one that differs]
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    platforms: Vec<String>,

    /// The Wi-Fi or the cellular network; the other one is wifi-home or lte-carrier
    #[arg(long, value_name = "NAME", default_value = "wifi-home")]
    network: String,

    /// The major version of the SDK the app is linked with [default: that of each iOS version]
    #[arg(long, value_name = "N",
        value_parser = clap::value_parser!(u32).range(1..=i64::from(NEWEST_IOS)))]
    sdk: Option<u32>,

    /// The days of one run
    #[arg(long, value_name = "N", default_value_t = 7,
        value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST_DAYS)))]
    days: u32,

    /// The seed of the first run; the others follow
    #[arg(long, value_name = "N", default_value_t = 1,
        value_parser = clap::value_parser!(u64).range(..=(i64::MAX as u64 - 1_000_000)))]
    seed: u64,

    /// So many runs, whatever they tell
    #[arg(long, value_name = "N", conflicts_with = "margin",
        value_parser = clap::value_parser!(u64).range(1..=100_000))]
    runs: Option<u64>,

    /// Runs until the 95 % interval of every reachable share is within this to both sides
    #[arg(long, value_name = "SHARE", default_value = "1%", value_parser = margin)]
    margin: u32,

    /// How many to run at once [default: one a processor]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,

    /// How to write the result; in JSON, durations are microseconds, shares millionths
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// How a result is written.
#[derive(Copy, Clone, PartialEq, Eq, Debug, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For documents
    Markdown,
    /// One JSON object
    Json,
}

/// Reads a margin, in millionths.
fn margin(text: &str) -> Result<u32, String> {
    match Share::read(&Scalar::Text(text.to_owned()))?.ppm() {
        0 => Err("more than 0%".into()),
        ppm => Ok(ppm),
    }
}

/// Plays what `args` says and writes the result to `out`.
pub(super) fn run(args: &MatrixArgs, out: &mut dyn Write) -> Result<Exit, CliError> {
    let plan = plan(args)?;
    let stop = args.runs.map_or(Stop::Margin(args.margin), Stop::Runs);
    let matrix = Matrix::new(plan, &Presets::built_in()).map_err(mistakes)?;
    announce(&ahead(&matrix, stop));
    let matrix = pool(args.jobs.map(usize::from))?.install(|| played(matrix, stop))?;
    let written = match args.format {
        Format::Text => tables::text(&matrix, stop, terminal::drawing_width(), terminal::room()),
        Format::Markdown => tables::markdown(&matrix, stop),
        Format::Json => matrix_json::json(&matrix, stop).map_err(std::io::Error::from)?,
    };
    out.write_all(written.as_bytes())?;
    Ok(Exit::Passed)
}

fn plan(args: &MatrixArgs) -> Result<Plan, CliError> {
    known(&net::PRESETS, "network", &args.network)?;
    let platforms: Vec<String> = match args.platforms[..] {
        [] => PROFILES.names().map(str::to_owned).collect(),
        [..] => args.platforms.clone(),
    };
    platforms.iter().try_for_each(|name| known_platform(name))?;
    // However it was written: `ios9` is `ios-9`.
    let written = |name: &String| match ios_major(name) {
        Some(major) => format!("ios-{major}"),
        None => name.clone(),
    };
    let platforms = once(platforms.iter().map(written));
    let ways: Vec<Way> = match &args.clients[..] {
        [] => telling_ways(),
        [all] if all == "all" => {
            STRATEGIES.names().map(|name| Way { client: name.into(), heartbeat: None }).collect()
        }
        names => names.iter().map(|name| way(name)).collect::<Result<_, _>>()?,
    };
    let sdk = args.sdk.map_or(Sdk::Own, Sdk::Is);
    let network = args.network.clone();
    let ways = once(ways);
    Ok(Plan { ways, platforms, sdk, network, days: args.days, seed: args.seed })
}

/// What is going to be played.
fn ahead(matrix: &Matrix, stop: Stop) -> String {
    let plan = &matrix.plan;
    let ways = plural(plan.ways.len() as u64, "way");
    let columns = plural(plan.platforms.len() as u64, "platform");
    let days = plural(u64::from(plan.days), "day");
    let runs = match stop {
        Stop::Runs(runs) => plural(runs, "run"),
        Stop::Margin(_) => {
            format!("as many runs as the margin takes ({MOST_RUNS} at most)")
        }
    };
    format!("playing {ways} on {columns}: {runs} of {days} each")
}

/// The first of each that is there more than once.
fn once<T: PartialEq>(all: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut first = Vec::new();
    for one in all {
        if !first.contains(&one) {
            first.push(one);
        }
    }
    first
}

/// Reads `NAME` or `NAME@SPAN`.
fn way(text: &str) -> Result<Way, CliError> {
    let (client, every) = match text.split_once('@') {
        Some((client, every)) => (client, Some(every)),
        None => (text, None),
    };
    known(&STRATEGIES, "strategy", client)?;
    let wrong = |message| CliError::WrongInput(format!("--clients {text}: {message}"));
    let heartbeat = every.map(heartbeat).transpose().map_err(wrong)?;
    Ok(Way { client: client.to_owned(), heartbeat })
}

/// Makes runs until there are enough. What comes of them does not depend on how many are made at once.
fn played(mut matrix: Matrix, stop: Stop) -> Result<Matrix, CliError> {
    let library = Presets::built_in();
    loop {
        let next = matrix.next(stop);
        if next.is_empty() {
            matrix.finish();
            return Ok(matrix);
        }
        let size = matrix.size();
        let progress = Progress::new((next.end - next.start) * size as u64);
        // A few at a time, so that memory does not grow with the number of runs.
        for run in next {
            let days = matrix.days(run, &library).map_err(mistakes)?;
            let play = |cell| {
                let trial = matrix.play(cell, &days);
                progress.step();
                trial
            };
            let trials: Vec<Trial> = (0..size).into_par_iter().map(play).collect();
            matrix.add(trials);
        }
    }
}

/// What is wrong with a plan whose names are known: nothing that a user could have written.
fn mistakes(problems: Vec<Diagnostic>) -> CliError {
    let said: Vec<_> = problems.into_iter().map(|problem| problem.message).collect();
    CliError::WrongInput(said.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::Span;

    #[test]
    fn a_way_is_a_strategy_and_the_heartbeats_that_go_with_it() {
        let four = Some(Span::from_secs(240));
        assert_eq!(way("default@4m").unwrap(), Way { client: "default".into(), heartbeat: four });
        assert_eq!(way("default").unwrap().to_string(), "default");
        let said = |text| way(text).unwrap_err().to_string();
        assert!(said("defualt@4m").contains("did you mean `default`?"));
        assert!(said("default@often").contains("--clients default@often:"));
    }

    #[test]
    fn what_is_ahead_is_said_in_numbers() {
        let way = Way { client: "default".into(), heartbeat: None };
        let (ways, platforms) = (vec![way], vec!["ios-9".to_owned(), "ios-13".to_owned()]);
        let network = "wifi-home".to_owned();
        let plan = Plan { ways, platforms, sdk: Sdk::Own, network, days: 7, seed: 1 };
        let matrix = Matrix::new(plan, &Presets::built_in()).unwrap();
        let said = ahead(&matrix, Stop::Runs(8));
        assert_eq!(said, "playing 1 way on 2 platforms: 8 runs of 7 days each");
        assert!(ahead(&matrix, Stop::Margin(1)).contains("(200 at most) of 7 days"));
    }

    #[test]
    fn a_margin_is_a_share_above_zero() {
        assert_eq!(margin("0.5%"), Ok(5_000));
        assert!(margin("0%").is_err() && margin("1").is_err());
    }
}
