//! How many of the platform's keys are found again when a phone has another value of one.

use std::collections::{BTreeMap, BTreeSet};

use holdline::device::host::compare::{Agreement, MOST_RUNS};
use holdline::platform::Profile;
use holdline::port::Span;
use holdline::scenario::{Override, Scenario};
use holdline::settings::{Form, Key, Settings};

use crate::{compared, of_one_device, phone};

/// A value that a phone could have instead.
fn other(key: &Key, now: &str) -> Option<String> {
    if let Some(word) = key.kind.choices.iter().find(|word| **word != now) {
        return Some((*word).to_owned());
    }
    for form in key.kind.forms {
        match form {
            Form::Flag => return Some((now != "true").to_string()),
            Form::Whole(..) => {
                let n: u32 = now.parse().unwrap_or(8);
                return Some((n * 3 / 4).to_string()).filter(|other| other != now);
            }
            Form::Text(_) => {
                if let Ok(span) = Span::parse(now) {
                    let third = Span::from_micros(span.as_micros() * 2 / 5);
                    return Some(third.to_string()).filter(|_| span > Span::ZERO);
                }
                if let Some(share) = now.strip_suffix('%') {
                    let share: f64 = share.trim().parse().unwrap();
                    return Some(format!("{}%", if share < 15.0 { share + 20.0 } else { 5.0 }));
                }
            }
            Form::Words(_)
            | Form::AnyText
            | Form::Event
            | Form::List(..)
            | Form::Table
            | Form::Tables
            | Form::Named(_)
            | Form::Varied
            | Form::Chosen
            | Form::Plain => {}
        }
    }
    None
}

fn with(scenario: &Scenario, key: &str, value: &str) -> Option<Scenario> {
    let mut truth = scenario.clone();
    let scalar = Override::new(key, value).value;
    let scalar = if let Ok(n) = scalar.parse::<i64>() {
        holdline::settings::Scalar::Integer(n)
    } else if let Ok(yes) = scalar.parse::<bool>() {
        holdline::settings::Scalar::Bool(yes)
    } else {
        holdline::settings::Scalar::Text(scalar)
    };
    truth.platform.values.set(key, &scalar).ok()?;
    Some(truth)
}

/// What came of one key in all scenarios.
#[derive(Default)]
struct Tally {
    shown: usize,
    found: usize,
    named: usize,
    first: usize,
    agrees: usize,
    missed: Vec<String>,
}

#[test]
#[ignore = "plays thousands of runs; its result stands in docs/device-compare.md"]
fn recall_over_all_keys_and_bundled_scenarios() {
    let most: usize =
        std::env::var("RECALL_SCENARIOS").ok().and_then(|n| n.parse().ok()).unwrap_or(usize::MAX);
    let only = std::env::var("RECALL_KEY").ok();
    let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
    let scenarios = of_one_device();
    for key in Profile::KEYS {
        if only.as_ref().is_some_and(|only| only != key.name) {
            continue;
        }
        let tally = tallies.entry(key.name).or_default();
        let mut seen = BTreeSet::new();
        for scenario in &scenarios {
            if tally.shown >= most || !seen.insert(scenario.name.clone()) {
                continue;
            }
            let now = scenario.platform.values.get(key.name).unwrap();
            let Some(value) = other(key, &now) else { continue };
            let Some(truth) = with(scenario, key.name, &value) else { continue };
            let log = phone::phone(&truth, scenario);
            let bare = compared(&log, scenario, 0);
            let own = compared(&phone::phone(scenario, scenario), scenario, 0);
            if bare.found.items.len() <= own.found.items.len() && bare.agreement == own.agreement {
                continue;
            }
            tally.shown += 1;
            if bare.agreement != Agreement::Differs {
                tally
                    .missed
                    .push(format!("{}: {:?} ({now} → {value})", scenario.name, bare.agreement));
                continue;
            }
            tally.found += 1;
            let began = std::time::Instant::now();
            let compared = compared(&log, scenario, MOST_RUNS);
            let proposal = compared.proposal.unwrap();
            let first = proposal.changes.first();
            let named = proposal.changes.iter().any(|change| {
                change.best.key == key.name
                    || change.alternatives.iter().any(|one| one.key == key.name)
            });
            tally.named += usize::from(named);
            tally.first += usize::from(first.is_some_and(|change| change.best.key == key.name));
            tally.agrees +=
                usize::from(proposal.changes.last().is_some_and(|change| change.left[1] == 0));
            let said: Vec<String> = proposal
                .changes
                .iter()
                .map(|change| {
                    let mut text = format!(
                        "{} = {} ({}→{})",
                        change.best.key, change.best.to, change.left[0], change.left[1]
                    );
                    for other in &change.alternatives {
                        text += &format!(" | {} = {}", other.key, other.to);
                    }
                    text
                })
                .collect();
            println!(
                "{} {} → {}: {} {} {:?} runs {} {:?}",
                key.name,
                now,
                value,
                scenario.name,
                if named { "ok" } else { "MISSED" },
                said,
                proposal.runs,
                began.elapsed()
            );
            if !named {
                tally.missed.push(format!("{}: {now} → {value}: {said:?}", scenario.name));
            }
        }
        println!(
            "== {}: shown {} found {} named {} first {} gone {}",
            key.name, tally.shown, tally.found, tally.named, tally.first, tally.agrees
        );
        for missed in &tally.missed {
            println!("   {missed}");
        }
    }
    let sum = |of: fn(&Tally) -> usize| tallies.values().map(of).sum::<usize>();
    println!(
        "keys {} shown by {}, named at least once {}",
        tallies.len(),
        tallies.values().filter(|t| t.shown > 0).count(),
        tallies.values().filter(|t| t.named > 0).count()
    );
    println!(
        "pairs shown {} found {} named {} first {} gone {}",
        sum(|t| t.shown),
        sum(|t| t.found),
        sum(|t| t.named),
        sum(|t| t.first),
        sum(|t| t.agrees)
    );
}
