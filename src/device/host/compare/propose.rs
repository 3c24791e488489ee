//! Which keys of the platform would make the model do what the phone did: each is tried, and the best one is kept,
//! until no other makes it better.

use super::bench::{Bench, Score};
use super::candidates::{Clues, probes, shown, with};
use crate::platform::Profile;
use crate::settings::{Key, Scalar, Settings};
use crate::trace::Record;

/// So many other values that do as well are named.
const NAMED: usize = 3;
/// So many keys are proposed at most.
const MOST_KEYS: usize = 5;

/// A key, and the value it would have.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Candidate {
    /// The key, without `platform.`.
    pub key: &'static str,
    /// Its value in the model.
    pub from: String,
    /// The value that is proposed.
    pub to: String,
    /// How many of the differences it removes.
    pub removes: usize,
    /// Other values that do as well.
    pub as_well: Vec<String>,
    score: Score,
}

impl Candidate {
    /// The proposed value as TOML has it.
    pub fn toml(&self) -> String {
        let key = Profile::KEYS.iter().find(|key| key.name == self.key);
        key.map_or_else(|| self.to.clone(), |key| key.kind.toml(&self.to))
    }
}

/// One key, with others that do as well.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// The proposed one.
    pub best: Candidate,
    /// Others that remove as many, in the order of the keys.
    pub alternatives: Vec<Candidate>,
    /// How many differences there were before, and are left.
    pub left: [usize; 2],
}

/// All changes together.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Proposal {
    /// One after the other; each is tried with those before.
    pub changes: Vec<Change>,
    /// How often the model was played.
    pub runs: usize,
    /// How many keys make a difference in this scenario at all.
    pub keys: usize,
    /// Whether there was more to try than was allowed.
    pub cut_short: bool,
}

/// Tries keys of the platform; `base` is the run without any of them, `before` what differs then.
pub(super) fn propose(
    bench: &mut Bench<'_>,
    base: &[Record],
    most_runs: usize,
    tick: &mut dyn FnMut(),
) -> Proposal {
    let mut proposal = Proposal::default();
    let mut platform = bench.scenario.platform.values.clone();
    let start = bench.runs;
    let mut now = bench.score(&platform);
    let mut keys: Option<Vec<&'static Key>> = None;
    while now.unexplained > 0 && proposal.changes.len() < MOST_KEYS {
        let clues = clues(bench, &platform);
        let mut search =
            Search { bench, clues, now: &now, stop: start + most_runs, tick, cut_short: false };
        let keys = keys.get_or_insert_with(|| search.that_matter(&platform, base));
        proposal.keys = keys.len();
        let done: Vec<&str> = proposal.changes.iter().map(|change| change.best.key).collect();
        let open = keys.iter().filter(|key| !done.contains(&key.name));
        let mut found: Vec<Candidate> =
            open.filter_map(|key| search.best_of(key, &platform)).collect();
        proposal.cut_short |= search.cut_short;
        found.sort_by_key(|one| one.score);
        let Some(best) = found.first().cloned() else { break };
        let Some(next) = with(&platform, best.key, &scalar_of(&best)) else { break };
        let slack = best.score.residual / 10 + bench.within.as_micros();
        let as_good = |one: &Candidate| {
            let (one, best) = (one.score, best.score);
            one.unexplained == best.unexplained
                && one.items <= best.items
                && one.residual <= best.residual + slack
        };
        let alternatives: Vec<Candidate> =
            found.iter().skip(1).filter(|one| as_good(one)).cloned().collect();
        let left = now.unexplained - best.removes;
        platform = next;
        proposal.changes.push(Change { alternatives, left: [now.unexplained, left], best });
        now = bench.score(&platform);
    }
    proposal.runs = bench.runs - start;
    proposal
}

/// What the differences that are left on this platform say of values.
fn clues(bench: &mut Bench<'_>, platform: &Profile) -> Clues {
    let model = bench.play(platform, bench.seed);
    let found = bench.look(&model);
    let open: Vec<_> = found.items.iter().filter(|item| bench.reason(item).is_none()).collect();
    let sdk = bench.scenario.manifest.sdk;
    let behind: Vec<_> = found.behind.iter().collect();
    Clues::of([&open, &behind], bench.phone, sdk, bench.within)
}

fn scalar_of(candidate: &Candidate) -> Scalar {
    crate::scenario::Override::new(candidate.key, candidate.to.as_str()).scalar()
}

struct Search<'s, 'b> {
    bench: &'s mut Bench<'b>,
    clues: Clues,
    now: &'s Score,
    stop: usize,
    tick: &'s mut dyn FnMut(),
    cut_short: bool,
}

impl Search<'_, '_> {
    /// The keys that change anything that is compared.
    fn that_matter(&mut self, platform: &Profile, base: &[Record]) -> Vec<&'static Key> {
        let mut found = Vec::new();
        for key in Profile::KEYS {
            let now = platform.get(key.name).unwrap_or_default();
            let all = probes(key, &now, &self.clues);
            let profiles: Vec<Profile> =
                all.iter().filter_map(|value| with(platform, key.name, value)).collect();
            let matters = profiles.iter().any(|profile| {
                (self.tick)();
                self.bench.play(profile, self.bench.seed) != base
            });
            if matters {
                found.push(key);
            }
        }
        found
    }

    fn score(&mut self, platform: &Profile, key: &Key, value: &Scalar) -> Option<Score> {
        let profile = with(platform, key.name, value)?;
        if self.bench.runs >= self.stop {
            self.cut_short = true;
            return None;
        }
        (self.tick)();
        Some(self.bench.score(&profile))
    }

    /// The value of `key` that leaves least, if it leaves less than there is now.
    fn best_of(&mut self, key: &'static Key, platform: &Profile) -> Option<Candidate> {
        let from = platform.get(key.name)?;
        let mut scored: Vec<(Score, Scalar)> = Vec::new();
        for value in self.clues.values(key, &from) {
            scored.extend(self.score(platform, key, &value).map(|score| (score, value)));
        }
        // Of those that are the same to the log the one that changes least.
        scored.sort_by_key(|(score, value)| (*score, far(&from, &shown(value))));
        let (mut score, mut best) = scored.first().cloned()?;
        if score.unexplained >= self.now.unexplained {
            return None;
        }
        let slack = self.bench.within.as_micros() / 2;
        for round in self.clues.rounder(&best) {
            if let Some(rounded) = self.score(platform, key, &round)
                && rounded.unexplained <= score.unexplained
                && rounded.items <= score.items
                && rounded.residual <= score.residual + slack
            {
                (score, best) = (rounded, round);
                break;
            }
        }
        let same = |(one, value): &&(Score, Scalar)| {
            one.unexplained == score.unexplained && one.residual == score.residual && *value != best
        };
        let as_well = scored.iter().filter(same).take(NAMED).map(|(_, value)| shown(value));
        Some(Candidate {
            key: key.name,
            to: shown(&best),
            removes: self.now.unexplained - score.unexplained,
            as_well: as_well.collect(),
            score,
            from,
        })
    }
}

/// How far a value is from what it was, where that can be said.
fn far(from: &str, to: &str) -> u64 {
    let number = |text: &str| {
        let span = crate::port::Span::parse(text).map(crate::port::Span::as_micros);
        span.ok().or_else(|| text.parse().ok())
    };
    match (number(from), number(to)) {
        (Some(from), Some(to)) => {
            let (less, more) = (from.min(to).max(1), from.max(to).max(1));
            more.saturating_mul(1_000) / less
        }
        _ => u64::MAX,
    }
}
