//! Ways to stay connected against versions of iOS: the same days for each, as often as it takes.
//!
//! The caller asks which runs come [`next`](Matrix::next), makes up the [`days`](Matrix::days) of each,
//! [`plays`](Matrix::play) them in every cell in whatever order, and [`adds`](Matrix::add) what came of
//! them in the order of runs.

use std::collections::BTreeMap;
use std::ops::Range;

use super::{Blame, Choice, Refused, Sample, Sdk, Trial, trial};
use crate::client::Strategy;
use crate::metrics::Metric;
use crate::os::Gate;
use crate::platform::{Manifest, Profile};
use crate::port::Span;
use crate::scenario::{Diagnostic, Library, NetworkSetup, Scenario, decode};
use crate::server::ServerOptions;
use crate::settings::Layer;
use crate::trace::{KillCode, KillRule};

/// A way to stay connected: a strategy and the server that goes with it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Way {
    /// The strategy.
    pub client: String,
    /// How often the server asks a quiet client for a sign of life.
    pub heartbeat: Option<Span>,
}

impl std::fmt::Display for Way {
    /// `heartbeat-only@4m`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.heartbeat {
            None => f.pad(&self.client),
            Some(every) => {
                f.pad(&format!("{}@{}", self.client, every.to_string().replace(' ', "")))
            }
        }
    }
}

/// The ways that are compared when nothing else is asked: a plain socket, a VoIP socket left alone, what
/// people did in the keep-alive handler, heartbeats by the server, and both.
pub fn telling_ways() -> Vec<Way> {
    const WAYS: [(&str, Option<u64>); 9] = [
        ("plain-socket", None),
        ("heartbeat-only", None),
        ("reconnect-in-handler", None),
        ("white-space-in-handler", None),
        ("ping-without-task", None),
        ("ping-in-handler", None),
        ("heartbeat-only", Some(15)),
        ("heartbeat-only", Some(240)),
        ("ping-in-handler", Some(240)),
    ];
    let way = |(client, heartbeat): (&str, Option<u64>)| Way {
        client: client.to_owned(),
        heartbeat: heartbeat.map(Span::from_secs),
    };
    WAYS.into_iter().map(way).collect()
}

/// What is compared.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    /// The rows.
    pub ways: Vec<Way>,
    /// The columns.
    pub platforms: Vec<String>,
    /// The SDK that the app is linked with.
    pub sdk: Sdk,
    /// The network that one of the two interfaces has.
    pub network: String,
    /// The days of one run.
    pub days: u32,
    /// The seed of the first run; the others follow.
    pub seed: u64,
}

/// When there are enough runs.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Stop {
    /// After so many.
    Runs(u64),
    /// When the 95 % interval of every cell's reachable share is no wider than this to both sides, in
    /// millionths; after [`MOST_RUNS`] in any case.
    Margin(u32),
}

/// No more runs than this are made for a margin.
pub const MOST_RUNS: u64 = 200;
/// From fewer runs than this nobody can tell how much they differ.
const FEWEST_RUNS: u64 = 8;
/// A cell is bad when it is out of reach for more than this share of the time, in millionths.
pub const BAD: u32 = 50_000;

/// One way on one version of iOS, over all runs.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    /// The reachable share.
    pub reachable: Sample,
    /// How long pushes took that were read, sorted once all runs are in.
    pub delays: Vec<Span>,
    /// How many were not read.
    pub unread: u64,
    /// What unreachable time was spent in.
    pub blames: BTreeMap<Blame, Span>,
    /// How often iOS ended the app, by rule and code.
    pub kills: BTreeMap<(KillRule, KillCode), u64>,
    /// How often something was refused or had no effect.
    pub refused: BTreeMap<Refused, u64>,
    /// How often the suspended app was woken.
    pub wakes: u64,
    /// The battery a day, in millionths.
    pub battery: Sample,
}

impl Cell {
    /// What most of the unreachable time was spent in, where there is much of it.
    pub fn blame(&self) -> Option<Blame> {
        let most = self.blames.iter().max_by_key(|(_, span)| **span).map(|(blame, _)| *blame);
        most.filter(|_| self.reachable.mean() < 1_000_000 - BAD)
    }

    /// The rule by which iOS ended the app most often.
    pub fn kill(&self) -> Option<(KillRule, KillCode)> {
        self.kills.iter().max_by_key(|(_, n)| **n).map(|(kill, _)| *kill)
    }

    /// How often iOS ended the app.
    pub fn killed(&self) -> u64 {
        self.kills.values().sum()
    }

    fn add(&mut self, trial: Trial) {
        self.reachable.add(trial.reachable());
        let totals = &trial.outcome.totals;
        self.wakes += totals.count(Metric::Wakes);
        if let Some(share) = totals.share(Metric::BatteryPerDay) {
            self.battery.add(share.ppm());
        }
        let tally = trial.tally;
        self.delays.extend(tally.delays);
        self.unread += tally.unread;
        sum(&mut self.blames, tally.blames);
        sum(&mut self.kills, tally.kills);
        sum(&mut self.refused, tally.refused);
    }
}

fn sum<K: Ord, V: std::ops::AddAssign + Default>(into: &mut BTreeMap<K, V>, from: BTreeMap<K, V>) {
    for (key, value) in from {
        *into.entry(key).or_default() += value;
    }
}

/// The same values, without saying where they come from: they are copied for every run.
fn unsourced<S>(layer: Layer<S>) -> Layer<S> {
    Layer { provenance: BTreeMap::new(), ..layer }
}

/// Whether an app behaves alike on both: iOS allows the same, and the app has the same of it.
fn alike(a: &(Layer<Profile>, Manifest), b: &(Layer<Profile>, Manifest)) -> bool {
    let gate =
        |(profile, manifest): &(Layer<Profile>, Manifest)| Gate::of(&profile.values, manifest);
    a.0.values == b.0.values && gate(a) == gate(b)
}

/// All cells.
#[derive(Clone, Debug)]
pub struct Matrix {
    /// What is compared.
    pub plan: Plan,
    /// The Wi-Fi and the cellular network.
    pub networks: [String; 2],
    rows: Vec<(Layer<Strategy>, Layer<ServerOptions>)>,
    /// Those of which no two are alike.
    columns: Vec<(Layer<Profile>, Manifest)>,
    /// Which of them each platform of the plan is.
    column_of: Vec<usize>,
    /// By row and then by column.
    cells: Vec<Cell>,
    runs: u64,
}

impl Matrix {
    /// An empty matrix.
    ///
    /// # Errors
    /// What is wrong with a name or a value of the plan.
    pub fn new(plan: Plan, library: &dyn Library) -> Result<Matrix, Vec<Diagnostic>> {
        let network = plan.network.clone();
        let one_day = Choice { days: 1, sdk: plan.sdk, network, ..Choice::default() };
        let read = |choice: Choice| decode(&choice.text(), library, &[]);
        let row = |way: &Way| {
            let Way { client, heartbeat } = way.clone();
            let scenario = read(Choice { client, heartbeat, ..one_day.clone() })?;
            Ok((unsourced(scenario.client), unsourced(scenario.server)))
        };
        let column = |platform: &String| {
            let scenario = read(Choice { platform: platform.clone(), ..one_day.clone() })?;
            Ok::<_, Vec<Diagnostic>>((unsourced(scenario.platform), scenario.manifest))
        };
        let rows: Vec<_> = plan.ways.iter().map(row).collect::<Result<_, Vec<Diagnostic>>>()?;
        let NetworkSetup { wifi, cellular, .. } = read(one_day.clone())?.network;
        let mut columns: Vec<(Layer<Profile>, Manifest)> = Vec::new();
        let mut column_of = Vec::new();
        for platform in &plan.platforms {
            let new = column(platform)?;
            // What is alike plays alike, so it is played once.
            let place =
                columns.iter().position(|known| alike(known, &new)).unwrap_or(columns.len());
            if place == columns.len() {
                columns.push(new);
            }
            column_of.push(place);
        }
        let cells = vec![Cell::default(); rows.len() * columns.len()];
        let networks = [wifi.name, cellular.name];
        Ok(Matrix { plan, networks, rows, columns, column_of, cells, runs: 0 })
    }

    /// How many cells are to be played; platforms that are alike share theirs.
    pub fn size(&self) -> usize {
        self.cells.len()
    }

    /// The cell of a way and a platform, by their places in the plan.
    pub fn cell(&self, way: usize, platform: usize) -> &Cell {
        &self.cells[way * self.columns.len() + self.column_of[platform]]
    }

    /// How many runs each cell has.
    pub fn runs(&self) -> u64 {
        self.runs
    }

    /// The runs to make next, by number from 0; empty when there are enough.
    pub fn next(&self, stop: Stop) -> Range<u64> {
        let done = self.runs;
        let until = match (stop, self.widest()) {
            (Stop::Runs(all), _) => all,
            (Stop::Margin(_), None) => FEWEST_RUNS,
            (Stop::Margin(margin), Some((half, ..))) if half <= margin => done,
            (Stop::Margin(margin), Some((half, ..))) => {
                // The width shrinks with the root of the number of runs.
                let (half, margin) = (u128::from(half), u128::from(margin.max(1)));
                let needed = (u128::from(done) * half * half).div_ceil(margin * margin);
                u64::try_from(needed).unwrap_or(u64::MAX).clamp(done + 1, done * 2).min(MOST_RUNS)
            }
        };
        done..until.max(done)
    }

    /// The widest 95 % interval of a reachable share: half of it in millionths, and the places in the plan
    /// of its way and of its first platform.
    pub fn widest(&self) -> Option<(u32, usize, usize)> {
        let columns = self.columns.len();
        let half = |(place, cell): (usize, &Cell)| {
            let platform = self.column_of.iter().position(|column| *column == place % columns)?;
            Some((cell.reachable.half_width()?, place / columns, platform))
        };
        let halves = self.cells.iter().enumerate().filter_map(half);
        // The first of several.
        halves.reduce(|widest, next| if next.0 > widest.0 { next } else { widest })
    }

    /// The days of a run, the same for every cell.
    ///
    /// # Errors
    /// What is wrong with the plan's network.
    pub fn days(&self, run: u64, library: &dyn Library) -> Result<Scenario, Vec<Diagnostic>> {
        let choice = Choice {
            network: self.plan.network.clone(),
            days: self.plan.days,
            seed: self.plan.seed.saturating_add(run),
            ..Choice::default()
        };
        let mut days = decode(&choice.text(), library, &[])?;
        days.platform = unsourced(days.platform);
        days.client = unsourced(days.client);
        days.server = unsourced(days.server);
        days.network.wifi = unsourced(days.network.wifi);
        days.network.cellular = unsourced(days.network.cellular);
        Ok(days)
    }

    /// Plays the days of a run in a cell, by its number below [`size`](Matrix::size).
    pub fn play(&self, cell: usize, days: &Scenario) -> Trial {
        let (client, server) = self.rows[cell / self.columns.len()].clone();
        let (platform, manifest) = self.columns[cell % self.columns.len()].clone();
        trial(&Scenario { client, server, platform, manifest, ..days.clone() }, false)
    }

    /// Adds what came of the next run, for every cell in order.
    pub fn add(&mut self, trials: impl IntoIterator<Item = Trial>) {
        for (cell, trial) in self.cells.iter_mut().zip(trials) {
            cell.add(trial);
        }
        self.runs += 1;
    }

    /// All runs are in.
    pub fn finish(&mut self) {
        for cell in &mut self.cells {
            cell.delays.sort_unstable();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::PROFILES;
    use crate::scenario::Presets;
    use crate::study::{Quantile, quantile};
    use crate::trace::Refusal;

    fn plan(ways: Vec<Way>, platforms: &[&str], sdk: Sdk) -> Plan {
        let platforms = platforms.iter().map(|name| (*name).to_owned()).collect();
        Plan { ways, platforms, sdk, network: "wifi-home".into(), days: 1, seed: 1 }
    }

    fn played(plan: Plan, stop: Stop) -> Matrix {
        let library = Presets::built_in();
        let mut matrix = Matrix::new(plan, &library).unwrap();
        loop {
            let next = matrix.next(stop);
            if next.is_empty() {
                matrix.finish();
                return matrix;
            }
            for run in next {
                let days = matrix.days(run, &library).unwrap();
                let trials: Vec<_> =
                    (0..matrix.size()).map(|cell| matrix.play(cell, &days)).collect();
                matrix.add(trials);
            }
        }
    }

    fn way(client: &str, heartbeat: Option<u64>) -> Way {
        Way { client: client.into(), heartbeat: heartbeat.map(Span::from_secs) }
    }

    #[test]
    fn a_plain_socket_is_bad_on_every_ios() {
        let platforms: Vec<_> = PROFILES.names().collect();
        let matrix =
            played(plan(vec![way("plain-socket", None)], &platforms, Sdk::Own), Stop::Runs(2));
        for (column, platform) in platforms.iter().enumerate() {
            let cell = matrix.cell(0, column);
            assert!(cell.reachable.mean() < 300_000, "{platform}");
            let lost = matches!(cell.blame(), Some(Blame::Reclaimed(None) | Blame::NotWoken(None)));
            assert!(lost, "{platform} {:?}", cell.blame());
            let soon = quantile(&cell.delays, cell.unread, 99);
            assert!(!matches!(soon, Quantile::Within(span) if span < Span::from_secs(3_600)));
        }
    }

    #[test]
    fn voip_sockets_end_with_ios_10_for_apps_linked_with_its_sdk() {
        let ways = vec![way("ping-in-handler", None)];
        let platforms = ["ios-9", "ios-10", "ios-16"];
        let own = played(plan(ways.clone(), &platforms, Sdk::Own), Stop::Runs(2));
        assert!(own.cell(0, 0).reachable.mean() > 900_000);
        assert!(own.cell(0, 1).reachable.mean() < 300_000);
        assert_eq!(own.cell(0, 1).blame(), Some(Blame::Reclaimed(Some(Refusal::SdkGate))));
        assert_eq!(own.cell(0, 2).kill().map(|(rule, _)| rule), Some(KillRule::ModernSdkTrap));
        let old = played(plan(ways, &platforms, Sdk::Is(9)), Stop::Runs(2));
        assert!(old.cell(0, 1).reachable.mean() > 900_000);
        assert_eq!(old.cell(0, 2).blame(), Some(Blame::Reclaimed(Some(Refusal::NotAvailable))));
    }

    #[test]
    fn heartbeats_every_15_seconds_end_the_app_from_ios_5_on_and_not_on_ios_4() {
        let ways = vec![way("heartbeat-only", Some(15)), way("heartbeat-only", Some(240))];
        let matrix = played(plan(ways, &["ios-4", "ios-5", "ios-9"], Sdk::Own), Stop::Runs(2));
        assert_eq!(matrix.cell(0, 0).killed(), 0);
        for column in [1, 2] {
            let kill = (KillRule::WakeLimit, KillCode::TooManyWakes);
            assert_eq!(matrix.cell(0, column).kill(), Some(kill));
            assert_eq!(matrix.cell(0, column).blame(), Some(Blame::Killed(KillRule::WakeLimit)));
            assert_eq!(matrix.cell(1, column).killed(), 0);
        }
    }

    #[test]
    fn one_seed_is_one_matrix() {
        let plan = || plan(vec![way("ping-in-handler", Some(240))], &["ios-6", "ios-9"], Sdk::Own);
        let cells = |matrix: Matrix| format!("{:?}", matrix.cells);
        let (one, other) = (played(plan(), Stop::Runs(3)), played(plan(), Stop::Runs(3)));
        assert_eq!(cells(one), cells(other));
        let moved = Plan { seed: 2, ..plan() };
        assert_ne!(cells(played(plan(), Stop::Runs(3))), cells(played(moved, Stop::Runs(3))));
    }

    #[test]
    fn runs_are_made_until_the_widest_interval_is_within_the_margin_and_no_longer() {
        let ways = vec![way("reconnect-in-handler", None)];
        let matrix = played(plan(ways, &["ios-9"], Sdk::Own), Stop::Margin(40_000));
        let (half, ..) = matrix.widest().unwrap();
        assert!(matrix.runs() == MOST_RUNS || half <= 40_000, "{half} {}", matrix.runs());
        assert!(matrix.runs() > FEWEST_RUNS, "the example has to need more than the fewest");
    }
}
