//! What many runs of one scenario come to, each under its own seed.

use super::{Outcome, Verdict};
use crate::scenario::Scenario;

/// An expectation that needs to be met only sometimes, over all runs.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Sometimes {
    /// Its place in the scenario's list.
    pub expect: usize,
    /// In how many runs it was met.
    pub met: usize,
    /// The seed of the first of these.
    pub first: Option<u64>,
    /// Pass when it was met at all. What one run alone did not show is undetermined; what many did not show
    /// has failed.
    pub verdict: Verdict,
}

/// What became of the expectations that need to be met only sometimes.
pub fn sometimes<'o>(
    scenario: &Scenario,
    outcomes: impl Iterator<Item = &'o Outcome> + Clone,
) -> Vec<Sometimes> {
    let runs = outcomes.clone().count();
    let places = (0..scenario.expects.len()).filter(|place| scenario.expects[*place].sometimes);
    places
        .map(|expect| {
            let met = |outcome: &&Outcome| {
                let judged = outcome.judgements.iter().find(|found| found.expect == expect);
                judged.is_some_and(|found| found.verdict == Verdict::Pass)
            };
            let first = outcomes.clone().find(met).map(|outcome| outcome.seed);
            let verdict = match (first, runs) {
                (Some(_), _) => Verdict::Pass,
                (None, 0 | 1) => Verdict::Undetermined,
                (None, _) => Verdict::Fail,
            };
            Sometimes { expect, met: outcomes.clone().filter(met).count(), first, verdict }
        })
        .collect()
}

/// Whether the verdict depends on the seed.
pub fn flaky<'o>(mut outcomes: impl Iterator<Item = &'o Outcome>) -> bool {
    let Some(first) = outcomes.next() else { return false };
    outcomes.any(|other| other.verdict != first.verdict)
}

/// What all runs come to: the worst verdict of any, and of what needs to be met only sometimes.
pub fn overall<'o>(
    scenario: &Scenario,
    outcomes: impl Iterator<Item = &'o Outcome> + Clone,
) -> Verdict {
    let sometimes = sometimes(scenario, outcomes.clone()).into_iter().map(|found| found.verdict);
    let each = outcomes.map(|outcome| outcome.verdict);
    each.chain(sometimes).max().unwrap_or(Verdict::Pass)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::{Options, play};
    use crate::scenario::{Presets, decode};

    /// A push under a path that loses half of all segments, seen to be late sometimes.
    const TEXT: &str = r#"
        name = "luck"
        duration = "2m"
        [network]
        set = { loss = "50%" }
        [[step]]
        at = "1m"
        do = "server.push"
        push = "call"
        [[expect]]
        that = "push-received"
        push = "call"
        within = "1s"
        sometimes = true
        [[expect]]
        that = "event"
        event = "kill"
        sometimes = true
    "#;

    fn outcomes(text: &str, seeds: std::ops::Range<u64>) -> (Scenario, Vec<Outcome>) {
        let scenario = decode(text, &Presets::built_in(), &[]).unwrap();
        let run = |seed| play(&scenario, Options { seed, ..Options::of(&scenario) });
        let outcomes = seeds.map(run).collect();
        (scenario, outcomes)
    }

    #[test]
    fn what_has_to_happen_sometimes_has_to_happen_once_in_many_runs() {
        let (scenario, runs) = outcomes(TEXT, 1..40);
        let found = sometimes(&scenario, runs.iter());
        assert_eq!(found[0].verdict, Verdict::Pass);
        assert!((1..39).contains(&found[0].met), "{found:?}");
        assert!(found[0].first.is_some());
        assert_eq!((found[1].verdict, found[1].met), (Verdict::Fail, 0));
        assert_eq!(overall(&scenario, runs.iter()), Verdict::Fail);
    }

    #[test]
    fn one_run_that_does_not_show_it_proves_nothing() {
        let (scenario, runs) = outcomes(TEXT, 1..2);
        assert_eq!(runs[0].verdict, Verdict::Pass, "no run by itself fails for it");
        assert_eq!(sometimes(&scenario, runs.iter())[1].verdict, Verdict::Undetermined);
    }

    #[test]
    fn a_verdict_that_depends_on_the_seed_is_flaky() {
        let always = TEXT
            .replace("sometimes = true", "")
            .replace("event = \"kill\"", "event = \"wake\"\ncount = 0");
        let (_, runs) = outcomes(&always, 1..40);
        assert!(flaky(runs.iter()));
        let same = runs.iter().filter(|run| run.verdict == Verdict::Pass);
        assert!(!flaky(same));
        assert!(!flaky([].iter()));
    }
}
