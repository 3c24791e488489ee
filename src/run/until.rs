//! A run played from its beginning as far as somebody wants, and what its expectations come to by then.

use std::sync::Arc;

use super::blur::{BlurredFrom, Blurs};
use super::judge::{Judge, Judgement, Verdict, judge_metric};
use super::player::Player;
use super::settled::{metric_settles, settles};
use super::setup::{forgiven, setup};
use crate::client::Client;
use crate::metrics::Meter;
use crate::port::Time;
use crate::scenario::{Expectation, Scenario};
use crate::sim::World;
use crate::trace::{Event, Observer, Recorder};

/// A run as far as it was played.
#[derive(Clone, Debug)]
pub struct Played {
    /// All devices, as they are now.
    pub world: World<Client>,
    /// The last moment at which something was due; none when nothing was yet but the beginning itself.
    pub last: Option<Time>,
    /// When something is due next; [`Time::NEVER`] when nothing is before the run ends.
    pub due: Time,
    /// Every event so far, in order.
    pub events: Vec<Event>,
}

/// Plays a scenario with the built-in client from its beginning, moment by moment, as long as `go_on` says so
/// of the next one, given the events so far. A run ends where its scenario says.
pub fn play_until(
    scenario: &Scenario,
    seed: u64,
    go_on: &mut dyn FnMut(Time, &[Event]) -> bool,
) -> Played {
    let strategy = Arc::new(scenario.client.values.clone());
    let make = |device| Client::new(Arc::clone(&strategy), device);
    let numbers = 1..=scenario.devices;
    let world = World::new(Arc::new(setup(scenario, seed)), numbers.clone(), make);
    let mut player = Player::new(scenario, seed, numbers, world);
    let mut recorder = Recorder::default();
    player.start(&mut recorder);
    let end = scenario.duration.from_start();
    let mut last = None;
    let due = loop {
        let due = player.due();
        if due >= end {
            break Time::NEVER;
        }
        if !go_on(due, &recorder.events) {
            break due;
        }
        player.step(due, &mut recorder);
        last = Some(due);
    };
    let mut events = recorder.events;
    events.sort_by_key(Event::key);
    Played { world: player.into_stage(), last, due, events }
}

/// What an expectation comes to in a run that is not over.
#[derive(Clone, PartialEq, Debug)]
pub struct SoFar {
    /// What became of it, were the run over now.
    pub judgement: Judgement,
    /// Whether nothing later can change that.
    pub settled: bool,
}

/// A run that is not over, as far as it is known what happened.
#[derive(Clone, PartialEq, Debug)]
pub struct Happened<'e> {
    /// Every event so far, of all devices, in order.
    pub events: &'e [Event],
    /// Where it stands.
    pub now: Time,
    /// Energy of each radio above idle, in nanojoules.
    pub energy: Vec<u64>,
    /// From when on runs of devices prove nothing, in the order of time.
    pub blurred: &'e [BlurredFrom],
}

/// What the expectations of `scenario` come to, after what has `happened`.
pub fn so_far(scenario: &Scenario, happened: Happened<'_>) -> Vec<SoFar> {
    let Happened { events, now, energy, blurred } = happened;
    let (first, devices) = (1, scenario.devices);
    let mut judge = Judge::new(scenario, first, devices);
    let mut meter = Meter::new(first, devices, forgiven(scenario), !scenario.expects.is_empty());
    let (mut blurs, mut ahead) = (Blurs::default(), blurred.iter().peekable());
    for (place, event) in events.iter().enumerate() {
        while let Some(blur) = ahead.next_if(|blur| blur.events <= place) {
            blurs.add(blur.device, blur.at, blur.why, &judge, &meter);
        }
        meter.event(event);
        judge.event(event);
    }
    for blur in ahead {
        blurs.add(blur.device, blur.at, blur.why, &judge, &meter);
    }
    let over = now >= super::end_of(scenario);
    let mut least = meter.at_least(now);
    least.finish(now, energy.iter().copied());
    meter.finish(now, energy);
    let standing = |(device, judgement): (u32, Judgement)| {
        if let Some(judgement) = blurs.blurred(device, &judgement) {
            return SoFar { judgement, settled: true };
        }
        let settled = over || settles(&judgement, &judge, &meter, device, now);
        SoFar { judgement, settled }
    };
    let mut all: Vec<SoFar> = judge.judge(&meter, now).into_iter().map(standing).collect();
    let of = |meter: &Meter| meter.totals(now.elapsed(), &scenario.platform.values);
    let (totals, least) = (of(&meter), of(&least));
    for (expect, entry) in scenario.expects.iter().enumerate() {
        if let Expectation::Metric { metric, min, max } = entry.that {
            let judgement = judge_metric(expect, &totals, metric, min, max);
            all.push(match blurs.why() {
                Some(why) => SoFar { judgement: judgement.blurred(why), settled: true },
                None => {
                    let settled = over || metric_settles(&least, metric, min, max);
                    SoFar { judgement, settled }
                }
            });
        }
    }
    // Of several devices, one that has failed for good decides; nothing is settled before all are.
    let rank = |one: &SoFar| match (one.settled, one.judgement.verdict) {
        (true, Verdict::Fail) => 0,
        (false, Verdict::Fail) => 1,
        (false, Verdict::Undetermined) => 2,
        (false, Verdict::Pass) => 3,
        (true, Verdict::Undetermined) => 4,
        (true, Verdict::Pass) => 5,
    };
    all.sort_by_key(|one| (one.judgement.expect, rank(one)));
    all.dedup_by_key(|one| one.judgement.expect);
    all
}
