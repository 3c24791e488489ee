//! The bundled scenarios: each passes under many seeds, each can fail, and together they show the rules.

mod contrary;
mod coverage;
mod extremes;
mod keys;
mod library;
mod rules;

use std::collections::BTreeSet;

use holdline::port::PushId;
use holdline::run::{Options, Outcome, Verdict, check_determinism, play};
use holdline::scenario::Scenario;

use library::{bundled, load};

/// What did not pass, in words.
fn failures(scenario: &Scenario, outcome: &Outcome) -> String {
    let bad = outcome.judgements.iter().filter(|judgement| judgement.verdict != Verdict::Pass);
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
    for path in bundled() {
        let scenario = load(&path, &[]);
        report += &failures(&scenario, &play(&scenario, Options::of(&scenario)));
    }
    assert!(report.is_empty(), "\n{report}");
}

/// Expectations are about rules and not about luck, so they hold under other seeds too.
#[test]
fn every_scenario_passes_under_other_seeds() {
    let mut report = String::new();
    for path in bundled() {
        let scenario = load(&path, &[]);
        for seed in 1..=50 {
            let options = Options { seed, ..Options::of(&scenario) };
            report += &failures(&scenario, &play(&scenario, options));
        }
    }
    assert!(report.is_empty(), "\n{report}");
}

#[test]
fn every_scenario_plays_the_same_way_twice() {
    for path in bundled() {
        let scenario = load(&path, &[]);
        let difference = check_determinism(&scenario, scenario.seed);
        assert!(difference.is_none(), "{}: {difference:?}", path.display());
    }
}

#[test]
fn every_scenario_says_what_it_shows_why_and_what_to_do_instead() {
    for path in bundled() {
        let scenario = load(&path, &[]);
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
    let mut names = BTreeSet::new();
    for path in bundled() {
        let name = load(&path, &[]).name;
        assert!(names.insert(name.clone()), "{}: another one is called {name:?}", path.display());
    }
}

#[test]
fn every_push_that_is_sent_is_judged() {
    for path in bundled() {
        let scenario = load(&path, &[]);
        for name in 0..scenario.names.pushes.len() as u32 {
            let text = scenario.names.push(PushId { name, member: 0 });
            let judged = format!("{:?}", scenario.expects).contains(&format!("name: {name}"));
            let pattern = format!("{:?}", scenario.expects).contains(&text);
            assert!(judged || pattern, "{}: nothing is expected of {text}", path.display());
        }
    }
}
