//! What is inferred of a run on a phone against what the simulator knows of the same run.
#![cfg(feature = "cli")]

#[path = "../scenarios/library.rs"]
#[expect(dead_code, reason = "shared with the tests of the scenarios")]
mod library;
mod phone;

use std::collections::{BTreeMap, BTreeSet};

use holdline::device::host::{Situation, World, infer};
use holdline::run::{Options, play};
use holdline::scenario::Scenario;
use holdline::trace::{Delivery, Event, Names, OnPhone, What, write_event};

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

#[test]
fn show() {
    let mut bad: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut n, mut full) = (0, 0);
    for (path, scenario) in everything() {
        if scenario.devices != 1 {
            continue;
        }
        n += 1;
        let events = traced(&scenario);
        let told = phone::told(&scenario, &events);
        let situation = Situation { scenario: &scenario, deaths: &[] };
        let found = infer(&told, situation, World::TOLD);
        let end = scenario.duration.from_start();
        let mut found = found;
        found.events.retain(|event| event.at < end);
        let (real, mine) =
            (inferable(&events, &scenario.names), inferable(&found.events, &scenario.names));
        let kinds: BTreeSet<&str> = real.keys().chain(mine.keys()).copied().collect();
        let mut ok = true;
        for kind in kinds {
            let none = Vec::new();
            let (a, b) = (real.get(kind).unwrap_or(&none), mine.get(kind).unwrap_or(&none));
            if a != b {
                ok = false;
                *bad.entry(kind).or_default() += 1;
                let missing: Vec<_> = a.iter().filter(|l| !b.contains(l)).collect();
                let extra: Vec<_> = b.iter().filter(|l| !a.contains(l)).collect();
                println!(
                    "{} {kind}: {} missing {} extra\n   - {:?}\n   + {:?}",
                    path.file_name().unwrap().display(),
                    missing.len(),
                    extra.len(),
                    missing.first(),
                    extra.first()
                );
            }
        }
        full += usize::from(ok);
    }
    println!("{full} of {n} full; {bad:#?}");
}
