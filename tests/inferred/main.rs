//! What is inferred of a run on a phone against what the simulator knows of the same run.
#![cfg(feature = "cli")]
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a phone is made of the few events that change what it tells"
)]

mod docs;
mod judged;
#[path = "../scenarios/library.rs"]
#[expect(dead_code, reason = "shared with the tests of the scenarios")]
mod library;
mod phone;

use std::collections::{BTreeMap, BTreeSet};

use holdline::device::host::{Death, DeathKind, Situation, World, infer};
use holdline::run::{Options, play};
use holdline::scenario::Scenario;
use holdline::trace::{Delivery, Event, KillCode, Names, OnPhone, What, write_event};

use library::everything;

fn traced(scenario: &Scenario) -> Vec<Event> {
    let options = Options { trace: true, ..Options::of(scenario) };
    play(scenario, options).events.unwrap()
}

/// The events of kinds that can be inferred, by kind, each as its line without what nobody can know.
fn inferable(events: &[Event], names: &Names) -> BTreeMap<&'static str, Vec<String>> {
    let mut kinds: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
    for event in events {
        let row = What::TABLE.iter().find(|row| row.name == event.what.name()).unwrap();
        if row.on_phone == OnPhone::Inferred {
            let line = line(event, names);
            kinds.entry(row.name).or_default().push(line);
        }
    }
    for lines in kinds.values_mut() {
        lines.sort();
    }
    kinds
}

/// The event as its line, without what nobody can know of it.
fn line(event: &Event, names: &Names) -> String {
    let what = match event.what {
        What::Arrived { connection, from, frame, .. } => {
            What::Arrived { connection, from, frame, how: Delivery::First }
        }
        What::Notified { push, .. } => What::Notified { push, id: 0 },
        what => what,
    };
    let mut line = String::new();
    write_event(&mut line, &Event { what, ..*event }, names);
    line
}

/// What of the simulator's events is not inferred, in how many scenarios, and why. The second number is with a crash
/// report for each end of a process.
const DIFFERENCES: &[(&str, usize, usize, &str)] = &[
    (
        "arrived",
        25,
        25,
        "what arrived and was never read, in a kernel or in a server that says nothing of it",
    ),
    (
        "ended",
        46,
        33,
        "kernels learn of an end and tell nobody; of a process that was gone, when it ended",
    ),
    ("established", 4, 4, "the app was suspended or ended before it could be told"),
    ("kill", 21, 1, "when, and by which rule, a process was ended that is gone without a word"),
    ("process-gone", 20, 0, "stands for such an end"),
    (
        "sent",
        9,
        9,
        "the server's turns of TLS handshakes and its media are no events of the server",
    ),
    (
        "socket-reclaimed",
        12,
        12,
        "the system tells nobody; what is seen is a socket that does not work later",
    ),
    (
        "state",
        27,
        12,
        "since when an app was suspended that was ended so; when a process ended that is gone",
    ),
    ("stream-unheard", 4, 4, "that nobody was called is told to nobody"),
    ("timed-out", 16, 16, "since when a kernel tried in vain is told to nobody"),
    (
        "wake",
        8,
        2,
        "a wake in which the process was ended, or its main thread was blocked all the time",
    ),
];

/// Of how many scenarios with one device every event that can be inferred is, without and with crash reports.
const WHOLE: (usize, usize) = (65, 77);

/// A crash report for each end of a process by the system.
fn reports(events: &[Event]) -> Vec<Death> {
    let report = |event: &Event| match event.what {
        What::Kill { code, .. } => {
            let text = match code {
                KillCode::Trap => "spd_checkin_socket".to_owned(),
                code => code.to_string(),
            };
            Some(Death { at: event.at, how: DeathKind::Reported(text) })
        }
        _ => None,
    };
    events.iter().filter_map(report).collect()
}

/// In how many scenarios each kind of event is inferred otherwise than the simulator has it, and how many scenarios are
/// inferred wholly.
fn compare(with_reports: bool) -> (BTreeMap<&'static str, usize>, usize) {
    let (mut wrong, mut whole) = (BTreeMap::new(), 0);
    for (_, scenario) in everything().into_iter().filter(|(_, scenario)| scenario.devices == 1) {
        let events = traced(&scenario);
        let deaths = if with_reports { reports(&events) } else { Vec::new() };
        let situation = Situation { scenario: &scenario, deaths: &deaths };
        let found = infer(&phone::told(&scenario, &events), situation, World::TOLD);
        // Behind the end of the run the host has the app opened, for its log.
        let end = scenario.duration.from_start();
        let found: Vec<Event> = found.events.into_iter().filter(|event| event.at < end).collect();
        let real = inferable(&events, &scenario.names);
        let mine = inferable(&found, &scenario.names);
        let kinds: BTreeSet<&str> = real.keys().chain(mine.keys()).copied().collect();
        let other: Vec<&str> =
            kinds.into_iter().filter(|kind| real.get(kind) != mine.get(kind)).collect();
        whole += usize::from(other.is_empty());
        for kind in other {
            *wrong.entry(kind).or_default() += 1;
        }
    }
    (wrong, whole)
}

#[test]
fn what_follows_is_inferred_as_the_simulator_has_it_but_for_what_is_listed() {
    let ((bare, whole), (reported, whole_reported)) = (compare(false), compare(true));
    let of = |kind: &str| (bare.get(kind).copied(), reported.get(kind).copied());
    let found: Vec<(&str, usize, usize)> = DIFFERENCES
        .iter()
        .map(|(kind, ..)| (*kind, of(kind).0.unwrap_or(0), of(kind).1.unwrap_or(0)))
        .collect();
    let listed: Vec<(&str, usize, usize)> =
        DIFFERENCES.iter().map(|(kind, bare, reported, _)| (*kind, *bare, *reported)).collect();
    assert_eq!(found, listed);
    for kind in bare.keys().chain(reported.keys()) {
        assert!(DIFFERENCES.iter().any(|(known, ..)| known == kind), "{kind} is not listed");
    }
    assert_eq!((whole, whole_reported), WHOLE);
}
