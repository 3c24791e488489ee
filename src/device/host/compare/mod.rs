//! A phone's log beside the model of the same scenario: where they differ, what explains it, and which keys of the
//! platform would make them agree.
//!
//! `scope` says what is compared, `items` finds every single thing that differs, `reasons` what needs no other
//! platform, `groups` tells together what comes from one thing. `bench` plays the model again, `candidates` computes
//! values to try, `propose` tries them, `block` writes them down. All of it is computed from the log, the scenario and
//! the seed: the same input gives the same answer.

mod bench;
mod block;
mod candidates;
mod groups;
mod items;
mod propose;
mod reasons;
mod scope;

pub use bench::SEEDS;
pub use block::{block, said};
pub use groups::{Episode, Group};
pub use items::{Found, Item, Kind};
pub use propose::{Candidate, Change, Proposal};
pub use reasons::Reason;
pub use scope::Stream;

use std::collections::BTreeMap;

use bench::Bench;
use scope::Scope;

use super::PhoneLog;
use crate::port::{Span, Time};
use crate::run::{MODEL, header};
use crate::scenario::Scenario;
use crate::study::compare::Knows;
use crate::trace::Record;

/// By how much times may differ when nothing else is said: a log alone does not tell how far its clock is from the
/// scenario's at each moment.
pub const WITHIN: Span = Span::from_secs(2);
/// The model is played at most so often when nothing else is said.
pub const MOST_RUNS: usize = 4_000;

/// How a log is compared.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Asked {
    /// By how much times may differ.
    pub within: Span,
    /// The seed of the model's run.
    pub seed: u64,
    /// What is compared: what a phone reports, or what follows from that, too.
    pub knows: Knows,
    /// How often the model may be played to find keys; none are looked for with 0.
    pub most_runs: usize,
}

/// What a comparison comes to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Agreement {
    /// Nothing differs that is not explained.
    Agrees,
    /// Something does.
    Differs,
    /// The log cannot tell; a sentence says why.
    CannotTell(String),
}

/// Differences with one explanation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Explained {
    /// Which.
    pub reason: Reason,
    /// The event.
    pub what: String,
    /// The first of them.
    pub first: Item,
    /// How many there are.
    pub times: usize,
}

/// A log beside the model.
#[derive(Clone, Debug)]
pub struct Compared {
    /// How it was compared.
    pub asked: Asked,
    /// The records of the phone, with times that never go back, and those of the model that are compared.
    pub records: [Vec<Record>; 2],
    /// All that was found.
    pub found: Found,
    /// What is not explained.
    pub unexplained: Vec<Group>,
    /// What is.
    pub explained: Vec<Explained>,
    /// What its reader should know.
    pub notes: Vec<String>,
    /// What would make them agree; `None` when nothing was looked for.
    pub proposal: Option<Proposal>,
    /// What it comes to.
    pub agreement: Agreement,
}

/// Compares `log` with the model of `scenario`. `tick` is called before each further run of the model.
pub fn compare(
    log: &PhoneLog,
    scenario: &Scenario,
    asked: Asked,
    tick: &mut dyn FnMut(),
) -> Compared {
    let mut notes = about(log, scenario, asked.seed);
    let phone = records(log, &mut notes);
    let agent = log.about.is_some() || log.run.is_some();
    let scope = Scope::of(&phone, agent, asked.knows);
    notes.extend(scope.notes());
    let mut bench = Bench::new(scenario, asked.seed, &phone, asked.within, scope);
    let platform = &scenario.platform.values;
    let model = bench.play(platform, asked.seed);
    let found = bench.look(&model);
    if !found.items.is_empty() || found.later > 0 {
        bench.learn_luck(platform, &model);
    }
    let within = i64::try_from(asked.within.as_micros()).unwrap_or(i64::MAX / 4);
    let (mut open, mut explained): (Vec<&Item>, BTreeMap<(Reason, String), Explained>) =
        (Vec::new(), BTreeMap::new());
    for item in &found.items {
        let Some(reason) = bench.reason(item) else {
            open.push(item);
            continue;
        };
        let key = (reason.clone(), item.what.clone());
        let what = item.what.clone();
        let new = || Explained { reason, what, first: item.clone(), times: 0 };
        explained.entry(key).or_insert_with(new).times += 1;
    }
    let unexplained = groups::groups(open, within);
    let missing = bench.missing(&found);
    if found.later > missing {
        let (later, seeds) = (found.later, bench.over_by(found.until));
        notes.push(format!(
            "the model goes on with {later} events where the log ends: chance; under {seeds} of {SEEDS} other \
             seeds it does not"
        ));
    }
    let agreement = agreement(&found, &unexplained, missing);
    let differs = agreement == Agreement::Differs || (found.matched > 0 && missing > 0);
    let look = differs && asked.most_runs > 0;
    let proposal = look.then(|| propose::propose(&mut bench, &model, asked.most_runs, tick));
    let explained = explained.into_values().collect();
    let records = [phone, model];
    Compared { asked, records, found, unexplained, explained, notes, proposal, agreement }
}

fn agreement(found: &Found, unexplained: &[Group], missing: usize) -> Agreement {
    if found.matched == 0 {
        let why = match found.events {
            [0, _] => "there is no event in the log that could be compared",
            [_, 0] => "the model has no event that could be compared",
            _ => "log and model have no event in common",
        };
        return Agreement::CannotTell(why.into());
    }
    if !unexplained.is_empty() {
        return Agreement::Differs;
    }
    let Some(first) = found.behind.first().filter(|_| missing > 0) else {
        return Agreement::Agrees;
    };
    let from = u64::try_from(first.at - found.offset).map(Time::from_micros).unwrap_or_default();
    let events =
        if found.later == 1 { "1 event".into() } else { format!("{} events", found.later) };
    Agreement::CannotTell(format!(
        "the log ends before {from}, where the model goes on with {events}: either it is not whole, or \
         nothing happened on the phone any more"
    ))
}

/// In what the header of the log is of something else than `scenario`.
fn about(log: &PhoneLog, scenario: &Scenario, seed: u64) -> Vec<String> {
    let (theirs, ours) = (&log.header, header(scenario, seed));
    let mut notes = Vec::new();
    let mut tell = |what: &str, one: &str, other: &str| {
        if one != other {
            notes.push(format!("the log is of {what} \"{one}\", and this is \"{other}\""));
        }
    };
    tell("the scenario", &theirs.scenario, &ours.scenario);
    tell("the platform", &theirs.platform, &ours.platform);
    tell("the model version", &theirs.model, MODEL);
    if theirs.seed != seed {
        notes.push(format!(
            "the log is of seed {}, and the model is played under {seed}",
            theirs.seed
        ));
    }
    if notes.is_empty() && theirs.profile_hash != ours.profile_hash {
        notes.push("the run of the log was made with other settings than this scenario has".into());
    }
    notes
}

/// The records of a log with times that never go back: a clock that began anew at a boot goes on from where the time of
/// day says.
fn records(log: &PhoneLog, notes: &mut Vec<String>) -> Vec<Record> {
    let agent = log.about.is_some() || log.run.is_some();
    let (mut records, mut ahead, mut boots) = (Vec::with_capacity(log.lines.len()), 0_u64, 0);
    let mut last: Option<(Time, u64, Option<i64>)> = None;
    for line in &log.lines {
        let own = line.record.at.as_micros();
        if let Some((at, before, wall)) = last
            && own < before
            && line.record.event == "process-started"
        {
            let passed = wall.zip(line.wall).map_or(0, |(one, other)| (other - one).max(0));
            ahead = (at.as_micros() + passed.unsigned_abs()).saturating_sub(own);
            boots += 1;
        }
        let at = Time::from_micros(own.saturating_add(ahead));
        let at = last.map_or(at, |(last, ..)| last.max(at));
        last = Some((at, own, line.wall));
        let device = if agent && line.record.device != 0 { 1 } else { line.record.device };
        records.push(Record { at, device, ..line.record.clone() });
    }
    if boots > 0 {
        notes.push(format!("{boots} × the phone's clock began anew: its time of day was gone by"));
    }
    records
}
