//! A run on a device, judged: what host and phone observed is judged, what follows from that is said to, and what neither
//! can know makes a verdict undetermined.

use std::collections::{BTreeMap, BTreeSet};

use super::collected::Collected;
use super::horizon::{Horizon, Horizons};
use super::infer::{Inference, Situation, World, infer};
use super::knowable::{Basis, asks_for_life, of_expectation};
use super::offset::{Offset, Within};
use super::reconcile::{Reconciled, prepare};
use crate::run::{BlurredFrom, Judgement, Outcome, Verdict, judge_recorded_until};
use crate::scenario::{Expect, Expectation, Scenario};
use crate::trace::{Event, KillRule, LegacyPlan, Phase, Unreachable, WakeReason, What};

/// How what an expectation is about is known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Knowledge {
    /// Host or phone observed it.
    Observed,
    /// It follows from what they observed.
    Inferred {
        /// From what.
        from: String,
    },
    /// Neither knows.
    Unknowable {
        /// Why.
        why: String,
    },
}

/// What a run on a device came to.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The verdicts; what nobody can know is undetermined.
    pub outcome: Outcome,
    /// By expectation: how what it is about is known.
    pub known: Vec<Knowledge>,
    /// Every event, in one order on the host's time.
    pub events: Vec<Event>,
    /// The places of those that were inferred.
    pub inferred: BTreeSet<usize>,
    /// How far the phone's clock was from the host's at the last line of its log.
    pub offset: Option<Offset>,
    /// What its reader should know.
    pub notes: Vec<String>,
}

/// The run as it was in one world.
struct Seen {
    world: World,
    inference: Inference,
    horizons: Horizons,
}

/// What the run comes to in one world, by how far what is asked for is known.
struct Judgements {
    world: World,
    host: Vec<Judgement>,
    phone: Vec<Judgement>,
    life: Vec<Judgement>,
    /// If it converges whenever it can.
    best: Vec<Judgement>,
}

/// Judges what is known of a run of `scenario` under `seed`.
pub fn conclude(scenario: &Scenario, seed: u64, collected: &Collected) -> Judged {
    let prepared = prepare(collected, &scenario.names);
    let placed = [Within::Earliest, Within::Middle, Within::Latest]
        .map(|within| (within, prepared.placed(within)));
    let placed = BTreeMap::from(placed);
    let seen_as_told = seen(scenario, collected, &placed, World::TOLD);
    let (halved, halves) = halved(scenario);
    let worlds: Vec<Judgements> = worlds(scenario, &seen_as_told)
        .into_iter()
        .map(|world| seen(scenario, collected, &placed, world).judged(&halved, seed))
        .collect();
    let whole = seen_as_told.judge(scenario, seed, &seen_as_told.horizons.phone);
    let mut outcome = Outcome { blurred: None, ..whole };
    let mut known = Vec::new();
    for (place, entry) in scenario.expects.iter().enumerate() {
        let basis = of_expectation(&entry.that);
        let judged = match halves.get(&place) {
            None => judgement(&entry.that, place, basis, &worlds),
            Some(half) => {
                let of =
                    |place: usize| judgement(&halved.expects[place].that, place, basis, &worlds);
                both(of(*half), of(half + 1), place)
            }
        };
        let judged = without_a_phone(judged, collected, scenario);
        known.push(knowledge(basis));
        if let Some(standing) = outcome.judgements.iter_mut().find(|one| one.expect == place) {
            *standing = judged;
        } else {
            outcome.judgements.push(judged);
        }
    }
    outcome.judgements.sort_by_key(|judgement| judgement.expect);
    outcome.weigh(scenario);
    let told = placed.get(&Within::Middle);
    let offset = told.and_then(|told| offset(collected, told));
    let mut notes = told.map(|told| told.notes.clone()).unwrap_or_default();
    notes.extend(collected.warnings.iter().map(ToString::to_string));
    notes.extend(seen_as_told.horizons.notes.iter().cloned());
    let Inference { events, inferred, .. } = seen_as_told.inference;
    outcome.events = Some(events.clone());
    Judged { outcome, known, events, inferred, offset, notes }
}

/// The scenario with both halves of each count that has two bounds behind its own expectations, and where they are. Of
/// several worlds one can have too few and another too many, and one between them just enough: so each bound is judged
/// by itself.
fn halved(scenario: &Scenario) -> (Scenario, BTreeMap<usize, usize>) {
    let mut halved = scenario.clone();
    let mut halves = BTreeMap::new();
    for (place, entry) in scenario.expects.iter().enumerate() {
        if let Expectation::Event { event, min: min @ 1.., max: Some(max), from, until } =
            &entry.that
        {
            halves.insert(place, halved.expects.len());
            for (min, max) in [(*min, None), (0, Some(*max))] {
                let (event, from, until) = (event.clone(), *from, *until);
                let that = Expectation::Event { event, min, max, from, until };
                halved.expects.push(Expect { that, ..entry.clone() });
            }
        }
    }
    (halved, halves)
}

/// What both halves of a count come to: each has to be met.
fn both(least: Judgement, most: Judgement, expect: usize) -> Judgement {
    let worse = if most.verdict > least.verdict { most } else { least };
    Judgement { expect, ..worse }
}

/// The offset at the last line of the log.
fn offset(collected: &Collected, reconciled: &Reconciled) -> Option<Offset> {
    let last = collected.phone.as_ref()?.lines.last()?.record.at;
    reconciled.clocks.last()?.offset(last.as_micros())
}

/// The run as it was in one world; `placed` are its events by where they are in the intervals of their times.
fn seen(
    scenario: &Scenario,
    collected: &Collected,
    placed: &BTreeMap<Within, Reconciled>,
    world: World,
) -> Seen {
    let none = Reconciled::default();
    let reconciled = placed.get(&world.within).unwrap_or(&none);
    let situation = Situation { scenario, deaths: &collected.deaths };
    let inference = infer(&reconciled.events, situation, world);
    let horizons = Horizons::of(scenario, collected, reconciled);
    Seen { world, inference, horizons }
}

/// The worlds in which the run can have been.
fn worlds(scenario: &Scenario, told: &Seen) -> Vec<World> {
    let mut worlds = vec![World::TOLD];
    let mut also = |change: &dyn Fn(World) -> World| {
        let more: Vec<World> = worlds.iter().map(|world| change(*world)).collect();
        worlds.extend(more);
    };
    also(&|world| World { within: Within::Earliest, ..world });
    also(&|world| World { within: Within::Latest, ..world });
    // An app that ended in background may have been suspended by then, too.
    if told.inference.unsure_since.is_some() {
        also(&|world| World { suspended: true, ..world });
    }
    // A process may have ended just when somebody looks for that.
    let looked_at = scenario.expects.iter().filter(|entry| asks_for_life(&entry.that));
    worlds.extend(looked_at.filter_map(|entry| match &entry.that {
        Expectation::Event { from, .. } => Some(World { end: Some(*from), ..World::TOLD }),
        Expectation::PushReceived { .. }
        | Expectation::PushNotified { .. }
        | Expectation::PushLost { .. }
        | Expectation::Order { .. }
        | Expectation::Metric { .. }
        | Expectation::Converges { .. } => None,
    }));
    worlds.sort();
    worlds.dedup();
    if told.inference.unknown_end {
        let traps = told.inference.events.iter().any(|event| {
            matches!(event.what, What::LegacyCall { plan: LegacyPlan::ExpectTrap, .. })
        });
        let can = |rule: &&KillRule| match rule {
            // Who removed it would have been asked to.
            KillRule::ForceQuit => false,
            KillRule::ModernSdkTrap => traps,
            KillRule::EnteredBackgroundTooSlow
            | KillRule::LaunchTooSlow
            | KillRule::ResumeTooSlow
            | KillRule::TaskNeverEnded
            | KillRule::ExpiryHandlerTooSlow
            | KillRule::TooManyTasks
            | KillRule::KeepAliveHandlerTooSlow
            | KillRule::WakeLimit
            | KillRule::Memory => true,
        };
        let rules: Vec<KillRule> = KillRule::ALL.iter().filter(can).copied().collect();
        let first = rules.first().copied();
        let with = |rule: Option<KillRule>| move |world: &World| World { rule, ..*world };
        let in_the_middle = worlds.iter().filter(|world| world.within == Within::Middle);
        let other = rules.iter().skip(1).map(|rule| Some(*rule));
        let more: Vec<World> =
            other.flat_map(|rule| in_the_middle.clone().map(with(rule))).collect();
        let by_timer = more.iter().filter(|world| world.rule == Some(KillRule::WakeLimit));
        let last_wake = WakeReason::KeepAlive;
        let by_timer: Vec<World> = by_timer.map(|world| World { last_wake, ..*world }).collect();
        worlds = worlds.iter().map(with(first)).chain(more).chain(by_timer).collect();
    }
    worlds
}

impl Seen {
    /// The run judged, as far as it is known to a horizon.
    fn judge(&self, scenario: &Scenario, seed: u64, horizon: &Option<Horizon>) -> Outcome {
        judge_until(scenario, seed, &self.inference.events, horizon)
    }

    /// The run judged to each of its horizons.
    fn judged(&self, scenario: &Scenario, seed: u64) -> Judgements {
        let Horizons { host, phone, life, .. } = &self.horizons;
        let of_host = self.judge(scenario, seed, host).judgements;
        let again = |horizon, other, same: &Vec<Judgement>| {
            if horizon == other {
                same.clone()
            } else {
                self.judge(scenario, seed, horizon).judgements
            }
        };
        let of_phone = again(phone, host, &of_host);
        let of_life = again(life, phone, &of_phone);
        let converges = |expect: &Expect| matches!(expect.that, Expectation::Converges { .. });
        let best = if scenario.expects.iter().any(converges) {
            at_best(scenario, seed, &self.inference.events, phone).judgements
        } else {
            Vec::new()
        };
        Judgements { world: self.world, host: of_host, phone: of_phone, life: of_life, best }
    }
}

fn judge_until(
    scenario: &Scenario,
    seed: u64,
    events: &[Event],
    horizon: &Option<Horizon>,
) -> Outcome {
    let blurred: Vec<BlurredFrom> = horizon
        .iter()
        .flat_map(|horizon| {
            let known = events.partition_point(|event| match horizon.included {
                true => event.at <= horizon.at,
                false => event.at < horizon.at,
            });
            let blur = move |device| BlurredFrom {
                device,
                at: horizon.at,
                events: known,
                why: horizon.why,
            };
            (1..=scenario.devices).map(blur)
        })
        .collect();
    judge_recorded_until(scenario, seed, events, &blurred)
}

/// What became of one expectation: what it came to in every world, or undetermined.
fn judgement(that: &Expectation, place: usize, basis: Basis, worlds: &[Judgements]) -> Judgement {
    let mut found: Option<(World, Judgement)> = None;
    for seen in worlds {
        let judged = match that {
            Expectation::Converges { .. } => &seen.best,
            Expectation::PushReceived { .. }
            | Expectation::PushNotified { .. }
            | Expectation::PushLost { .. }
            | Expectation::Event { .. }
            | Expectation::Order { .. }
            | Expectation::Metric { .. } => match (basis.needs_phone(), asks_for_life(that)) {
                (false, _) => &seen.host,
                (true, false) => &seen.phone,
                (true, true) => &seen.life,
            },
        };
        let judged = judged.iter().find(|one| one.expect == place).cloned();
        let judged = judged.unwrap_or_else(|| not_judged(place));
        let judged = as_known(judged, that, basis);
        match &found {
            None => found = Some((seen.world, judged)),
            Some((world, before)) if before.verdict != judged.verdict => {
                let why = undecided(*world, seen.world);
                return Judgement {
                    verdict: Verdict::Undetermined,
                    found: format!("{}, or else {}: {why}", before.found, judged.found),
                    ..before.clone()
                };
            }
            Some(_) => {}
        }
    }
    found.map_or_else(|| not_judged(place), |(_, judgement)| judgement)
}

fn not_judged(expect: usize) -> Judgement {
    let (verdict, found) = (Verdict::Undetermined, "was not watched".to_owned());
    Judgement { expect, verdict, found, look_at: None }
}

/// What two worlds that come to different verdicts differ in.
fn undecided(one: World, other: World) -> &'static str {
    if one.suspended != other.suspended {
        "nobody knows whether the app was suspended before its end"
    } else if one.rule != other.rule {
        "nobody knows by which rule the process was ended"
    } else if one.end != other.end {
        "nobody knows when the process ended"
    } else {
        "the clocks of host and phone do not tell which"
    }
}

/// The run in the best of all worlds for a device that has to become reachable: what fails there fails anywhere.
fn at_best(scenario: &Scenario, seed: u64, events: &[Event], horizon: &Option<Horizon>) -> Outcome {
    let mut events: Vec<Event> = events.to_vec();
    let heals = |event: &Event| matches!(event.what, What::PhaseBegan { name: Phase::Liveness });
    if let Some(place) = events.iter().position(heals) {
        let what = What::Reachable { reachable: true, why: Unreachable::Reachable };
        let healed = events[place];
        events.insert(place + 1, Event { owner: 1, lane: what.lane(), what, ..healed });
    }
    judge_until(scenario, seed, &events, horizon)
}

/// What is left of a judgement by how that is known which it is about.
fn as_known(judged: Judgement, expectation: &Expectation, basis: Basis) -> Judgement {
    if judged.verdict == Verdict::Undetermined {
        return judged;
    }
    let stands = match basis {
        Basis::Host | Basis::Phone | Basis::Inferred(_) => true,
        // There were at least as many.
        Basis::AtLeast(_) => match expectation {
            Expectation::Event { min, max, .. } => match judged.verdict {
                Verdict::Pass => max.is_none(),
                Verdict::Fail => *min == 0,
                Verdict::Undetermined => false,
            },
            Expectation::Order { .. } => judged.verdict == Verdict::Pass,
            Expectation::Metric { min, max, .. } => match judged.verdict {
                Verdict::Pass => max.is_none(),
                Verdict::Fail => min.is_none(),
                Verdict::Undetermined => false,
            },
            Expectation::PushReceived { .. }
            | Expectation::PushNotified { .. }
            | Expectation::PushLost { .. }
            | Expectation::Converges { .. } => false,
        },
        // It does not converge though the most was assumed of what nobody knows.
        Basis::Nobody(_) => {
            matches!(expectation, Expectation::Converges { .. }) && judged.verdict == Verdict::Fail
        }
    };
    if stands {
        return judged;
    }
    let found = match basis {
        Basis::AtLeast(from) => {
            format!("{}, and perhaps more often: known only from {from}", judged.found)
        }
        Basis::Nobody(why) => format!("cannot be known of a phone: {why}"),
        Basis::Host | Basis::Phone | Basis::Inferred(_) => judged.found,
    };
    Judgement { verdict: Verdict::Undetermined, found, look_at: judged.look_at, ..judged }
}

/// Without a word of the phone, or with more devices than one, nothing shows that a phone took part.
fn without_a_phone(judged: Judgement, collected: &Collected, scenario: &Scenario) -> Judgement {
    let told = collected.phone.as_ref().is_some_and(|log| !log.lines.is_empty());
    if judged.verdict != Verdict::Pass || (told && scenario.devices == 1) {
        return judged;
    }
    let found = if told {
        format!("{}, and a run on a device has one device", judged.found)
    } else {
        format!("{}, and nothing shows that the phone took part", judged.found)
    };
    Judgement { verdict: Verdict::Undetermined, found, ..judged }
}

fn knowledge(basis: Basis) -> Knowledge {
    match basis {
        Basis::Host | Basis::Phone => Knowledge::Observed,
        Basis::Inferred(from) | Basis::AtLeast(from) => {
            Knowledge::Inferred { from: from.to_owned() }
        }
        Basis::Nobody(why) => Knowledge::Unknowable { why: why.to_owned() },
    }
}
