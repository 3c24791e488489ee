//! The bundled scenarios: each passes under many seeds, each can fail, and together they show the rules.

#[cfg(feature = "cli")]
mod causes;
mod contrary;
mod coverage;
mod extremes;
mod keys;
mod library;
mod rules;

use std::collections::BTreeMap;

use holdline::port::PushId;
use holdline::run::{Options, Outcome, Verdict, check_determinism, play, sometimes};
use holdline::scenario::Scenario;

use library::everything;

/// What did not pass, in words.
fn failures(scenario: &Scenario, outcome: &Outcome) -> String {
    // What needs to be met only sometimes is judged over many seeds.
    let always =
        outcome.judgements.iter().filter(|found| !scenario.expects[found.expect].sometimes);
    let bad = always.filter(|judgement| judgement.verdict != Verdict::Pass);
    bad.map(|judgement| {
        let at = judgement.look_at.map_or(String::new(), |(at, device)| {
            format!(" (look at {} on device {device})", at.elapsed())
        });
        let Outcome { seed, .. } = outcome;
        let (n, found) = (judgement.expect + 1, &judgement.found);
        format!("{}, seed {seed}, expectation {n}: {found}{at}\n", scenario.name)
    })
    .collect()
}

#[test]
fn every_scenario_passes() {
    let mut report = String::new();
    for (_, scenario) in everything() {
        report += &failures(&scenario, &play(&scenario, Options::of(&scenario)));
    }
    assert!(report.is_empty(), "\n{report}");
}

/// Expectations are about rules and not about luck, so they hold under other seeds too.
#[test]
fn every_scenario_passes_under_other_seeds() {
    let mut report = String::new();
    for (_, scenario) in everything() {
        for seed in 1..=50 {
            let options = Options { seed, ..Options::of(&scenario) };
            report += &failures(&scenario, &play(&scenario, options));
        }
    }
    assert!(report.is_empty(), "\n{report}");
}

#[test]
fn what_has_to_happen_sometimes_happens() {
    let mut sought = 0;
    for (path, scenario) in everything() {
        let run = |seed| play(&scenario, Options { seed, ..Options::of(&scenario) });
        let seeds = scenario.seed..scenario.seed + scenario.runs;
        let outcomes: Vec<Outcome> = seeds.map(run).collect();
        for found in sometimes(&scenario, outcomes.iter()) {
            assert_eq!(found.verdict, Verdict::Pass, "{}: {found:?}", path.display());
            sought += 1;
        }
    }
    assert!(sought > 0);
}

#[test]
fn every_scenario_plays_the_same_way_twice() {
    for (path, scenario) in everything() {
        let difference = check_determinism(&scenario, scenario.seed);
        assert!(difference.is_none(), "{}: {difference:?}", path.display());
    }
}

#[test]
fn every_scenario_says_what_it_shows_why_and_what_to_do_instead() {
    for (path, scenario) in everything() {
        let texts =
            [("shows", &scenario.shows), ("why", &scenario.why), ("instead", &scenario.instead)];
        for (key, text) in texts {
            let sentences = text.matches(['.', '?']).count();
            let sound = sentences >= 1 && text.len() >= 80;
            assert!(sound, "{}: `{key}` is no paragraph: {text:?}", path.display());
        }
        assert!(!scenario.expects.is_empty(), "{}: expects nothing", path.display());
    }
}

#[test]
fn every_scenario_has_a_name_of_its_own() {
    let mut names = BTreeMap::new();
    for (path, Scenario { name, variant, .. }) in everything() {
        let file = (path.clone(), variant);
        let other = names.insert(name.clone(), file.clone());
        // Those of one file may share a name: what varies tells them apart.
        let same_file = other.as_ref().is_some_and(|(other, _)| *other == path);
        assert!(other.is_none() || same_file, "{}: another one is called {name:?}", path.display());
    }
}

#[test]
fn every_push_that_is_sent_is_judged() {
    for (path, scenario) in everything() {
        for name in 0..scenario.names.pushes.len() as u32 {
            let text = scenario.names.push(PushId { name, member: 0 });
            let judged = format!("{:?}", scenario.expects).contains(&format!("name: {name}"));
            let pattern = format!("{:?}", scenario.expects).contains(&text);
            assert!(judged || pattern, "{}: nothing is expected of {text}", path.display());
        }
    }
}
