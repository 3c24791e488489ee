//! Drawings of whole runs: what they look like, and what holds for all of them.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::row::Kind;
use super::*;
use crate::port::AppState;
use crate::report::history::sign::{Sign, sign};
use crate::run::{Mode, Options, play};
use crate::scenario::{Presets, decode};
use crate::trace::{
    ConnectionEnd, DeadCause, KillCode, KillRule, PushFate, RestartKind, WakeReason, What,
};

fn scenarios() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")
}

fn played(path: &Path) -> Option<(Scenario, Vec<Event>)> {
    let text = std::fs::read_to_string(path).unwrap();
    // Those that need other files are left to the command line.
    let scenario = decode(&text, &Presets::built_in(), &[]).ok()?;
    let options = Options { seed: scenario.seed, mode: Mode::default(), trace: true };
    let events = play(&scenario, options).events.unwrap();
    Some((scenario, events))
}

fn bare(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

fn drawn(name: &str, width: usize) -> String {
    let (scenario, events) = played(&scenarios().join(name)).unwrap();
    bare(&draw(&scenario, &events, width))
}

#[test]
fn a_host_that_is_gone_without_a_word() {
    insta::assert_snapshot!(drawn("server/host-down.toml", 80));
}

#[test]
fn a_nat_that_forgets_again_and_again_is_drawn_once_at_each_end() {
    insta::assert_snapshot!(drawn("network/nat-forgets-before-the-handler.toml", 80));
}

#[test]
fn an_app_that_is_ended_for_too_many_wakes() {
    insta::assert_snapshot!(drawn("waking/heartbeat-every-20-s.toml", 80));
}

#[test]
fn a_push_that_is_believed_to_be_delivered() {
    insta::assert_snapshot!(drawn("server/believed-delivered.toml", 80));
}

#[test]
fn a_day_of_which_most_is_folded() {
    insta::assert_snapshot!(drawn("keep-alive/reconnect-once-a-day.toml", 80));
}

#[test]
fn a_burst_of_wakes_gets_the_width_it_needs() {
    insta::assert_snapshot!(drawn("waking/nine-seconds-ends-the-app.toml", 120));
}

#[test]
fn a_run_up_to_now_loses_no_push_that_is_under_way() {
    let (scenario, events) = played(&scenarios().join("server/host-down.toml")).unwrap();
    let now = Span::from_secs(25 * 60).from_start();
    let until: Vec<Event> = events.into_iter().filter(|event| event.at <= now).collect();
    let drawn = bare(&draw_until(&scenario, &until, now, 80));
    insta::assert_snapshot!(drawn);
    assert!(!bare(&draw_until(&scenario, &[], Time::ZERO, 80)).is_empty());
}

/// What no fold may hide, told by the event alone.
fn never_hidden(what: &What, lost: &[PushId]) -> bool {
    match sign(what) {
        Sign::Kill(..) | Sign::Dropped(..) | Sign::State(AppState::NotRunning) => true,
        Sign::Fault(fault) => fault != 'n',
        Sign::Accepted(push) | Sign::Sent(push) => lost.contains(&push),
        Sign::Step(_)
        | Sign::State(_)
        | Sign::Wake(..)
        | Sign::Received(_)
        | Sign::Notified(_)
        | Sign::Belief(..)
        | Sign::Listed
        | Sign::Routine => false,
    }
}

/// Everything that holds for every drawing; how many folds it has.
fn holds(scenario: &Scenario, events: &[Event], width: usize) -> Result<usize, String> {
    let end = scenario.duration.from_start();
    let drawing = Drawing { scenario, width, end, goes_on: false };
    let text = bare(&draw(scenario, events, width));
    if let Some(line) = text.lines().find(|line| line.chars().count() > width) {
        return Err(format!("longer than {width}: {line}"));
    }
    let history = history(events, 1, end);
    let (_, axis) = drawing.axis(events, (1, &history));
    for row in drawing.rows(&axis, (1, &history), &Unreceived::new()) {
        // What code and rule say beside nothing stands on no axis.
        let free = row.kind == Kind::Kills && row.name.is_empty();
        let folded = axis.folds().flat_map(|fold| fold.columns.clone());
        let signs: Vec<char> = row.text().chars().collect();
        let right = free || folded.into_iter().all(|column| signs.get(column) == Some(&'/'));
        if row.columns() != axis.columns || !right {
            return Err(format!("another axis: {}", row.text()));
        }
    }
    let lost = history.flights.iter().filter(|flight| flight.received.is_none());
    let lost: Vec<PushId> = lost.map(|flight| flight.push).collect();
    let mine = events.iter().filter(|event| event.owner < 2);
    match mine.into_iter().find(|e| never_hidden(&e.what, &lost) && axis.fold_at(e.at).is_some()) {
        Some(hidden) => Err(format!("{} is hidden: {:?}", hidden.at, hidden.what)),
        None => Ok(axis.folds().count()),
    }
}

#[test]
fn every_bundled_scenario_fits_every_width_and_no_fold_hides_what_matters() {
    let (mut folds, mut runs) = (0, 0);
    for folder in std::fs::read_dir(scenarios()).unwrap() {
        let folder = folder.unwrap().path();
        for file in std::fs::read_dir(&folder).unwrap() {
            let path = file.unwrap().path();
            let named = path.extension().is_some_and(|extension| extension == "toml");
            let Some((scenario, events)) = named.then(|| played(&path)).flatten() else { continue };
            runs += 1;
            for width in [60, 80, 120, 200] {
                let held = holds(&scenario, &events, width);
                folds += held.unwrap_or_else(|why| panic!("{}: {why}", path.display()));
            }
        }
    }
    assert!(runs > 100 && folds > 20, "{runs} runs with {folds} folds");
}

/// A scenario with nothing in it.
static ANY: LazyLock<Scenario> = LazyLock::new(|| {
    let text = "name = \"anything\"\nduration = \"1h\"";
    decode(text, &Presets::built_in(), &[]).unwrap()
});

fn happening(of: u32, n: u32) -> Vec<What> {
    use AppState::{Background, NotRunning, Suspended};
    let push = PushId { name: 0, member: n };
    match of {
        0 => vec![What::ConnectionDead { connection: n, cause: DeadCause::Nat }],
        1 => vec![What::ClientConnected { pair: n }, What::SessionOpened { connection: n }],
        2 => vec![What::ClientDisconnected { pair: n, how: ConnectionEnd::TimedOut }],
        3 => vec![
            What::Kill { code: KillCode::Watchdog, rule: KillRule::TaskNeverEnded },
            What::State { from: Suspended, to: NotRunning },
        ],
        4 => vec![What::PushAccepted { push, waiting: 0 }, What::PushReceived { push, pair: n }],
        5 => vec![What::PushAccepted { push, waiting: 0 }],
        6 => vec![What::PushDropped { push, fate: PushFate::Expired }],
        7 => vec![What::ServerDown { how: RestartKind::HostDown, down_for: Span::ZERO }],
        8 => vec![What::NatForgot { connection: n, idle: Span::ZERO }],
        9 => vec![
            What::State { from: Suspended, to: Background },
            What::Wake { reason: WakeReason::Socket, recent: n % 17 },
        ],
        _ => vec![What::Step { action: "server.push", number: n }],
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 200,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]
    #[test]
    fn no_fold_hides_what_matters_whatever_happens(
        // A round that is repeated, and what happens beside it.
        round in prop::collection::vec((0..9u32, 60..2_000u64), 1..4),
        times in 0..40u32,
        beside in prop::collection::vec((0..11u32, 0..90_000u64), 0..8),
        hours in 1..30u64,
        width in 40..200usize,
    ) {
        let mut all: Vec<(u64, What)> = Vec::new();
        let mut at = 0;
        for n in 0..times {
            for (of, after) in &round {
                at += after;
                all.extend(happening(*of, n).into_iter().map(|what| (at, what)));
            }
        }
        for (n, (of, at)) in (1_000u32..).zip(&beside) {
            all.extend(happening(*of, n).into_iter().map(|what| (*at, what)));
        }
        all.retain(|(at, _)| *at <= hours * 3_600);
        all.sort_by_key(|(at, _)| *at);
        let event = |(seq, (at, what)): (u64, (u64, What))| {
            let at = Span::from_secs(at).from_start();
            Event { at, owner: 1, seq, lane: what.lane(), what }
        };
        let events: Vec<Event> = (0u64..).zip(all).map(event).collect();
        let scenario = Scenario { duration: Span::from_secs(hours * 3_600), ..ANY.clone() };
        if let Err(why) = holds(&scenario, &events, width) {
            return Err(TestCaseError::fail(why));
        }
    }
}
