//! Runs against what is stored of them: which metrics got worse, by more than is tolerated.

mod tolerance;

use std::collections::BTreeMap;

pub use tolerance::{Allowance, Rules, Tolerances, read_tolerances};

use super::compare::{Winner, ranked};
use crate::metrics::{Metric, Totals, Value};
use crate::run::{Outcome, Verdict, header, steps_hash};
use crate::scenario::Scenario;
use crate::trace::Header;

/// What is measured in a run, by metric; `None` where nothing happened that it could measure.
pub type Measured = BTreeMap<Metric, Option<Value>>;

/// Everything that is measured.
pub fn measured(totals: &Totals) -> Measured {
    Metric::ALL.iter().map(|metric| (*metric, totals.value(*metric))).collect()
}

/// What a result is a result of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stamp {
    /// The scenario's name.
    pub scenario: String,
    /// The world it was played in.
    pub world: String,
    /// The version of the model.
    pub model: String,
    /// The platform.
    pub platform: String,
    /// A hash over every value that the run depends on.
    pub profile: u64,
    /// A hash over what happens in it.
    pub steps: u64,
}

impl Stamp {
    /// The stamp of `scenario`, played in `world`.
    pub fn of(scenario: &Scenario, world: &str) -> Stamp {
        let Header { scenario: name, model, platform, profile_hash, .. } =
            header(scenario, scenario.seed);
        Stamp {
            scenario: name,
            world: world.to_owned(),
            model,
            platform,
            profile: profile_hash,
            steps: steps_hash(scenario),
        }
    }

    /// What is not as it was in `stored`, in words.
    fn changes(&self, stored: &Stamp) -> Vec<String> {
        let changed = |what: &str, was: &str, is: &str| {
            (was != is).then(|| format!("{what} changed since: {was} → {is}"))
        };
        let hash = |what: &str, was: u64, is: u64| {
            (was != is).then(|| format!("{what} changed since it was stored"))
        };
        let Stamp { scenario, world, model, platform, profile, steps } = stored;
        [
            changed("the scenario's name", scenario, &self.scenario),
            changed("the world", world, &self.world),
            changed("the model", model, &self.model),
            changed("the platform", platform, &self.platform),
            hash("a value of the platform, network, client or server", *profile, self.profile),
            hash("what happens in the scenario", *steps, self.steps),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// What is stored of a scenario.
#[derive(Clone, PartialEq, Debug)]
pub struct Stored {
    /// What it is a result of.
    pub stamp: Stamp,
    /// What was measured, by seed.
    pub runs: BTreeMap<u64, Measured>,
}

impl Stored {
    /// What is to be stored of these runs of a scenario.
    pub fn of<'r>(stamp: Stamp, runs: impl IntoIterator<Item = &'r Outcome>) -> Stored {
        let runs = runs.into_iter().map(|run| (run.seed, measured(&run.totals))).collect();
        Stored { stamp, runs }
    }
}

/// A metric that is not what is stored, under one seed.
#[derive(Copy, Clone, PartialEq, Debug)]
pub struct Moved {
    /// The metric.
    pub metric: Metric,
    /// The seed.
    pub seed: u64,
    /// What is stored.
    pub stored: Option<Value>,
    /// What was measured now.
    pub found: Option<Value>,
}

/// A metric that is worse than what is stored, by more than is tolerated.
#[derive(Copy, Clone, PartialEq, Debug)]
pub struct Regression {
    /// The metric and its values.
    pub moved: Moved,
    /// The worst value that would have been tolerated.
    pub limit: Value,
}

/// The runs of a scenario against what is stored of it.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Against {
    /// Whether anything is stored of it.
    pub stored: bool,
    /// What is not as it was, in words: a changed model or scenario.
    pub changes: Vec<String>,
    /// What is worse, seed by seed.
    pub worse: Vec<Regression>,
    /// What is better.
    pub better: Vec<Moved>,
    /// What is another and neither, or worse and tolerated.
    pub otherwise: Vec<Moved>,
    /// Seeds of which nothing is stored.
    pub without: Vec<u64>,
    /// Whether everything has to be stored.
    pub strict: bool,
    /// Whether what was measured now is stored in place of it, so that nothing fails.
    pub updated: bool,
}

impl Against {
    /// Fail when something is worse. Where everything has to be stored and is not, undetermined.
    pub fn verdict(&self) -> Verdict {
        if self.updated {
            return Verdict::Pass;
        }
        let missing = !self.stored || !self.without.is_empty();
        match (self.worse.is_empty(), self.strict && missing) {
            (false, _) => Verdict::Fail,
            (true, true) => Verdict::Undetermined,
            (true, false) => Verdict::Pass,
        }
    }
}

/// Puts `runs` of a scenario against what is stored of it; `rules` say what is tolerated.
pub fn against<'r>(
    stored: Option<&Stored>,
    stamp: &Stamp,
    runs: impl IntoIterator<Item = &'r Outcome>,
    rules: &Rules<'_>,
) -> Against {
    let Some(stored) = stored else { return Against::default() };
    let changes = stamp.changes(&stored.stamp);
    let mut against = Against { stored: true, changes, ..Against::default() };
    for run in runs {
        let seed = run.seed;
        let Some(measured) = stored.runs.get(&seed) else {
            against.without.push(seed);
            continue;
        };
        for metric in Metric::ALL.iter().copied() {
            // A metric that was not there when it was stored.
            let Some(stored) = measured.get(&metric).copied() else { continue };
            let found = run.totals.value(metric);
            if stored != found {
                against.judge(Moved { metric, seed, stored, found }, rules);
            }
        }
    }
    against
}

impl Against {
    fn judge(&mut self, moved: Moved, rules: &Rules<'_>) {
        let Moved { metric, stored, found, .. } = moved;
        match (ranked(metric, [stored, found]), stored) {
            (Some(Winner::B), _) => self.better.push(moved),
            (Some(Winner::A), Some(was)) => match rules.limit(metric, was) {
                Some(limit) if ranked(metric, [Some(limit), found]) == Some(Winner::A) => {
                    self.worse.push(Regression { moved, limit });
                }
                Some(_) | None => self.otherwise.push(moved),
            },
            (Some(Winner::A), None) | (None, _) => self.otherwise.push(moved),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::{Options, play};
    use crate::scenario::{Override, Presets, decode};

    const TALK: &str = "name = \"talk\"\nduration = \"2h\"\n[client]\nuse = \"ping-in-handler\"\n\
        [[step]]\nat = \"10s\"\ndo = \"user.background\"\n\
        [[step]]\nat = \"1h\"\ndo = \"server.push\"\npush = \"call\"\n";

    fn talk(set: &[(&str, &str)]) -> (Stamp, Outcome) {
        let set: Vec<Override> = set.iter().map(|(k, v)| Override::new(*k, *v)).collect();
        let scenario = decode(TALK, &Presets::built_in(), &set).unwrap();
        (Stamp::of(&scenario, "sim"), play(&scenario, Options::of(&scenario)))
    }

    fn compared(was: &[(&str, &str)], is: &[(&str, &str)], tolerances: &str) -> Against {
        let ((stamp, was), (now, is)) = (talk(was), talk(is));
        let stored = Stored::of(stamp, [&was]);
        let tolerances = read_tolerances(tolerances).unwrap();
        against(Some(&stored), &now, [&is], &tolerances.rules("talk"))
    }

    const PLAIN: &[(&str, &str)] = &[("client.use", "plain-socket")];

    #[test]
    fn a_run_that_is_as_it_was_is_against_nothing() {
        let same = compared(&[], &[], "");
        assert_eq!(same, Against { stored: true, ..Against::default() });
        assert_eq!(same.verdict(), Verdict::Pass);
    }

    #[test]
    fn a_metric_that_got_worse_fails_and_one_that_got_better_is_no_regression() {
        let worse = compared(&[], PLAIN, "");
        let names =
            |list: &[Regression]| list.iter().map(|one| one.moved.metric).collect::<Vec<_>>();
        assert!(names(&worse.worse).contains(&Metric::PushReceived), "{worse:?}");
        assert_eq!(worse.verdict(), Verdict::Fail);
        let better = compared(PLAIN, &[], "");
        assert!(better.better.iter().any(|moved| moved.metric == Metric::PushReceived));
        assert!(!names(&better.worse).contains(&Metric::PushReceived));
    }

    #[test]
    fn what_is_tolerated_does_not_fail() {
        let late = [("network.latency", "45ms")];
        let early = [("network.latency", "40ms")];
        let failed = compared(&early, &late, "");
        assert_eq!(failed.verdict(), Verdict::Fail);
        let tolerated = compared(&early, &late, "[default]\nall = { relative = \"100%\" }\n");
        assert_eq!((tolerated.verdict(), tolerated.worse.len()), (Verdict::Pass, 0));
        assert!(!tolerated.otherwise.is_empty());
    }

    #[test]
    fn a_changed_scenario_or_value_is_said() {
        let said = |is: &[(&str, &str)]| compared(&[], is, "").changes;
        assert_eq!(said(&[]), Vec::<String>::new());
        assert_eq!(
            said(&[("duration", "3h")]),
            ["what happens in the scenario changed since it was stored"]
        );
        assert_eq!(said(PLAIN).len(), 1);
        assert!(
            said(&[("platform.use", "ios-8")])
                .contains(&"the platform changed since: ios-9 → ios-8".into())
        );
    }

    #[test]
    fn nothing_stored_is_undetermined_only_where_everything_has_to_be() {
        let (stamp, run) = talk(&[]);
        let tolerances = Tolerances::default();
        let mut none = against(None, &stamp, [&run], &tolerances.rules("talk"));
        assert_eq!((none.stored, none.verdict()), (false, Verdict::Pass));
        none.strict = true;
        assert_eq!(none.verdict(), Verdict::Undetermined);
        let stored = Stored { stamp: stamp.clone(), runs: BTreeMap::new() };
        let seedless = against(Some(&stored), &stamp, [&run], &tolerances.rules("talk"));
        assert_eq!((seedless.without.as_slice(), seedless.verdict()), (&[1][..], Verdict::Pass));
    }

    #[test]
    fn what_is_stored_anew_fails_nothing() {
        let mut worse = compared(&[], PLAIN, "");
        worse.updated = true;
        assert_eq!(worse.verdict(), Verdict::Pass);
    }
}
