//! How many of the platform's keys are found again when a phone has another value of one.

#![expect(clippy::print_stdout, reason = "the ignored test counts, and what it counts is read")]

use std::collections::BTreeMap;

use holdline::device::host::compare::{Agreement, MOST_RUNS, Proposal};
use holdline::platform::Profile;
use holdline::port::Span;
use holdline::scenario::Scenario;
use holdline::settings::{Key, Settings};

use crate::phone::{log_of, with};
use crate::{compared, of_one_device, phone};

/// A value that a phone could have instead: another word, two fifths of a span, three quarters of a number.
fn other(key: &Key, now: &str) -> Option<String> {
    if let Some(word) = key.kind.choices.iter().find(|word| **word != now) {
        return Some((*word).to_owned());
    }
    if ["true", "false"].contains(&now) {
        return Some((now == "false").to_string());
    }
    if let Ok(span) = Span::parse(now) {
        let less = Span::from_micros(span.as_micros() * 2 / 5);
        return (span > Span::ZERO).then(|| less.to_string());
    }
    if let Some(share) = now.strip_suffix('%') {
        let share: f64 = share.trim().parse().unwrap();
        return Some(format!("{}%", if share < 15.0 { share + 20.0 } else { 5.0 }));
    }
    let number: u32 = if now == "none" { 8 } else { now.parse().ok()? };
    Some((number * 3 / 4).to_string()).filter(|other| other != now)
}

/// Scenarios with longer logs take too long to be played that often.
const LONGEST: usize = 1_200;

/// What came of one key in all scenarios.
#[derive(Default)]
struct Tally {
    shown: usize,
    told: usize,
    named: usize,
    gone: usize,
}

/// Whether `key` is among what is proposed.
pub(crate) fn names(proposal: &Proposal, key: &str) -> bool {
    let changes = proposal.changes.iter();
    changes
        .flat_map(|change| change.alternatives.iter().chain([&change.best]))
        .any(|one| one.key == key)
}

/// Plays every scenario with every key changed. What a log shows of it at all is counted as shown.
#[test]
#[ignore = "plays tens of thousands of runs; what it counts stands in docs/device-compare.md"]
fn recall_over_all_keys_and_bundled_scenarios() {
    let number = |name: &str| std::env::var(name).ok().and_then(|n| n.parse::<usize>().ok());
    let most = number("RECALL_SCENARIOS").unwrap_or(usize::MAX);
    let scenarios: Vec<(Scenario, String)> = of_one_device()
        .into_iter()
        .map(|scenario| {
            let log = log_of(&scenario, &scenario);
            (scenario, log)
        })
        .filter(|(_, log)| log.lines().count() <= LONGEST)
        .collect();
    println!("{} scenarios", scenarios.len());
    let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
    for key in Profile::KEYS {
        let tally = tallies.entry(key.name).or_default();
        for (scenario, own) in &scenarios {
            let now = scenario.platform.values.get(key.name).unwrap();
            let Some(value) = other(key, &now) else { continue };
            let Some(truth) = with(scenario, key.name, &value) else { continue };
            if tally.shown == most || log_of(&truth, scenario) == *own {
                continue;
            }
            let log = phone::phone(&truth, scenario);
            if compared(&log, scenario, 0).found.items.is_empty()
                && compared(&log, scenario, 0).found.later == 0
            {
                continue;
            }
            tally.shown += 1;
            let found = compared(&log, scenario, MOST_RUNS);
            tally.told += usize::from(found.agreement == Agreement::Differs);
            let proposal = found.proposal.unwrap_or_default();
            let named = names(&proposal, key.name);
            tally.named += usize::from(named);
            tally.gone +=
                usize::from(proposal.changes.last().is_some_and(|last| last.left[1] == 0));
            let said: Vec<String> = proposal
                .changes
                .iter()
                .map(|change| {
                    let others = change.alternatives.iter();
                    let others: Vec<String> =
                        others.map(|one| format!("{} = {}", one.key, one.to)).collect();
                    let (best, left) = (&change.best, change.left);
                    format!("{} = {} {left:?} or {others:?}", best.key, best.to)
                })
                .collect();
            let word = if named { "named" } else { "MISSED" };
            println!(
                "{word} {} {now} -> {value}: {}: {said:?} {:?}",
                key.name, scenario.name, found.agreement
            );
        }
        let Tally { shown, told, named, gone } = tally;
        println!("== {}: shown {shown} told {told} named {named} gone {gone}", key.name);
    }
    let sum = |of: fn(&Tally) -> usize| tallies.values().map(of).sum::<usize>();
    let keys = |of: fn(&Tally) -> bool| tallies.values().filter(|one| of(one)).count();
    println!(
        "of {} keys {} are shown, {} of them named at least once; of {} pairs {} are told, {} named, {} gone",
        tallies.len(),
        keys(|one| one.shown > 0),
        keys(|one| one.named > 0),
        sum(|one| one.shown),
        sum(|one| one.told),
        sum(|one| one.named),
        sum(|one| one.gone)
    );
}
