//! The simulator and real sockets tell the same story: every bundled scenario that both worlds have is played in
//! both, and the verdicts and the order of the key events are compared. Where they differ, `docs/fidelity.md`
//! says so and why; a difference that is not listed, or that is listed and is not there, fails.

// Scenarios are played at once, each on a thread.
#![allow(clippy::disallowed_methods)]

#[expect(dead_code, reason = "not all of it is used here")]
#[path = "../scenarios/library.rs"]
mod library;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use holdline::live::world::{LiveOptions, Pace, play_live, unsupported};
use holdline::run::{Mode, Options, Outcome, play};
use holdline::scenario::{NetworkSetup, Scenario, World};
use holdline::settings::{Dist, Share};
use holdline::trace::What;

use library::everything;

/// How many are played at once: over sockets most of a run is waiting.
const AT_ONCE: usize = 8;

/// The key events of one device in order, in words: connect, wake, push received, kill, reconnect.
#[expect(clippy::wildcard_enum_match_arm, reason = "few of all events are key events")]
fn story(outcome: &Outcome, device: u32) -> Vec<String> {
    let events = outcome.events.iter().flatten().filter(|event| event.owner == device);
    let key = |what: What| match what {
        What::ClientConnected { .. } => Some("connected".to_owned()),
        What::Connecting { .. } => Some("connecting".to_owned()),
        What::Wake { reason, .. } => Some(format!("wake for {reason}")),
        What::PushReceived { push, .. } => {
            Some(format!("push {}-{} received", push.name, push.member))
        }
        What::Kill { rule, .. } => Some(format!("kill by {rule}")),
        _ => None,
    };
    events.filter_map(|event| key(event.what)).collect()
}

/// The same scenario on paths without luck: each draw is its median, and nothing is lost by chance. What is left is
/// what the worlds do.
fn without_luck(mut scenario: Scenario) -> Scenario {
    let NetworkSetup { wifi, cellular, .. } = &mut scenario.network;
    for access in [&mut wifi.values, &mut cellular.values] {
        access.loss = Share::from_ppm(0);
        for dist in [
            &mut access.latency,
            &mut access.attach,
            &mut access.radio_idle_delay,
            &mut access.radio_paging_delay,
        ] {
            *dist = Dist::Constant(dist.median());
        }
    }
    scenario
}

/// In what the two worlds differ on `scenario`, if they do.
fn difference(scenario: &Scenario) -> Option<(&'static str, String)> {
    let options = Options { seed: scenario.seed, mode: Mode::Together, trace: true };
    let sim = play(scenario, options);
    let options = LiveOptions { trace: true, ..LiveOptions::new(scenario.seed, Pace::Jumps) };
    let live = match play_live(scenario, &options, &mut ()) {
        Ok(live) => live,
        Err(error) => return Some(("not played", error.to_string())),
    };
    if let Some(why) = live.blurred {
        return Some(("undetermined", why.to_owned()));
    }
    for (sim, live) in sim.judgements.iter().zip(&live.judgements) {
        if sim.verdict != live.verdict {
            let number = sim.expect + 1;
            let detail = format!(
                "expectation {number}: {} in the simulator ({}), {} over sockets ({})",
                sim.verdict, sim.found, live.verdict, live.found
            );
            return Some(("verdict", detail));
        }
    }
    for device in 1..=scenario.devices {
        let (sim, live) = (story(&sim, device), story(&live, device));
        if sim != live {
            let same = sim.iter().zip(&live).take_while(|(sim, live)| sim == live).count();
            let detail = format!(
                "device {device}, key event {}: {:?} in the simulator, {:?} over sockets",
                same + 1,
                sim.get(same),
                live.get(same)
            );
            return Some(("order", detail));
        }
    }
    None
}

/// The rows of the table in `docs/fidelity.md`: scenario to kind of difference.
fn listed() -> BTreeMap<String, String> {
    let text = include_str!("../../docs/fidelity.md");
    let table = text.split("<!-- table: differences -->").nth(1).unwrap_or_default();
    let table = table.split("<!-- end -->").next().unwrap_or_default();
    let mut rows = BTreeMap::new();
    for line in table.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [name, kind, why] = cells[..] else { panic!("three cells a row: {line}") };
        assert!(why.len() > 20, "a reason is given: {line}");
        rows.insert(name.trim_matches('`').to_owned(), kind.to_owned());
    }
    rows
}

#[test]
fn both_worlds_tell_the_same_story_but_for_what_is_listed() {
    let both: Vec<_> = everything()
        .into_iter()
        .filter(|(_, scenario)| scenario.worlds.contains(&World::Live))
        .filter(|(_, scenario)| unsupported(scenario).is_none())
        .map(|(path, scenario)| (path, without_luck(scenario)))
        .collect();
    let (next, found) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some((_, scenario)) = both.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Some(differs) = difference(scenario) {
                        found.lock().unwrap().insert(scenario.name.clone(), differs);
                    }
                }
            });
        }
    });
    let (found, listed) = (found.into_inner().unwrap(), listed());
    let mut report = String::new();
    for (name, (kind, detail)) in &found {
        if listed.get(name).is_none_or(|listed| listed != kind) {
            report += &format!("not listed: | `{name}` | {kind} | {detail} |\n");
        }
    }
    for name in listed.keys().filter(|name| !found.contains_key(*name)) {
        report += &format!("listed, but they do not differ: {name}\n");
    }
    assert!(both.len() > 60, "only {} scenarios are in both worlds", both.len());
    assert!(report.is_empty(), "{} of {} differ:\n{report}", found.len(), both.len());
}
