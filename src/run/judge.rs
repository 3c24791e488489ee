//! Expectations against events. A verdict is pass, fail, or undetermined: what the run was too short to
//! show is not a pass.

use super::convergence::Convergence;
use super::whom::Whom;
use crate::metrics::{Meter, Metric, PushRecord, Totals, Value};
use crate::port::{PushId, Span, Time, words};
use crate::scenario::{Expectation, Scenario};
use crate::trace::{Event, Observer, Pattern};

words! {
    /// What became of an expectation, or of a whole run.
    pub enum Verdict {
        /// It was met.
        Pass = "pass",
        /// The run does not show whether it is met.
        Undetermined = "undetermined",
        /// It was not met.
        Fail = "fail",
    }
}

impl Verdict {
    /// Pass or fail.
    pub(super) fn met(met: bool) -> Verdict {
        if met { Verdict::Pass } else { Verdict::Fail }
    }
}

/// What became of one expectation.
#[derive(Clone, PartialEq, Debug)]
pub struct Judgement {
    /// Its place in the scenario's list.
    pub expect: usize,
    /// What became of it.
    pub verdict: Verdict,
    /// What was found, in a sentence without a full stop.
    pub found: String,
    /// The moment to look at, and on which device.
    pub look_at: Option<(Time, u32)>,
}

impl Judgement {
    /// The run does not show it, because of `why`.
    pub(super) fn blurred(self, why: &str) -> Judgement {
        Judgement { verdict: Verdict::Undetermined, found: why.to_owned(), ..self }
    }
}

/// Counts of one expectation on an event or an order of events, for each device of the world.
#[derive(Clone, Debug)]
struct Count {
    expect: usize,
    seen: Vec<u64>,
    /// The first event beyond the upper bound, or else the last one seen.
    noted: Vec<Option<Time>>,
}

/// One expectation on an order of events: for each device and place in the order, the latest beginning
/// of a chain that has come so far.
#[derive(Clone, Debug)]
struct Chain {
    expect: usize,
    began: Vec<Vec<Option<Time>>>,
    done: Vec<bool>,
}

/// Watches the events that expectations speak of.
#[derive(Clone, Debug)]
pub(super) struct Judge<'s> {
    scenario: &'s Scenario,
    /// By expectation.
    whom: Vec<Whom>,
    first: u32,
    devices: u32,
    counts: Vec<Count>,
    chains: Vec<Chain>,
    /// Kept only for expectations that ask for it.
    convergence: Option<Convergence>,
}

impl<'s> Judge<'s> {
    pub(super) fn new(scenario: &'s Scenario, first: u32, devices: u32) -> Judge<'s> {
        let n = devices as usize;
        let (mut counts, mut chains, mut convergence) = (Vec::new(), Vec::new(), None);
        for (expect, entry) in scenario.expects.iter().enumerate() {
            match &entry.that {
                Expectation::Event { .. } => {
                    counts.push(Count { expect, seen: vec![0; n], noted: vec![None; n] });
                }
                Expectation::Order { events, .. } => chains.push(Chain {
                    expect,
                    began: vec![vec![None; events.len()]; n],
                    done: vec![false; n],
                }),
                Expectation::Converges { .. } => convergence = Some(Convergence::new(n)),
                Expectation::PushReceived { .. }
                | Expectation::PushNotified { .. }
                | Expectation::PushLost { .. }
                | Expectation::Metric { .. } => {}
            }
        }
        let whom = scenario.expects.iter().map(|entry| Whom::of(&entry.that, scenario)).collect();
        Judge { scenario, whom, first, devices, counts, chains, convergence }
    }

    /// Whether any expectation speaks of events.
    #[inline]
    pub(super) fn watches(&self) -> bool {
        !(self.counts.is_empty() && self.chains.is_empty()) || self.convergence.is_some()
    }

    /// The devices an event concerns, as places in this world.
    fn concerned(&self, event: &Event) -> std::ops::Range<usize> {
        match event.owner {
            0 => 0..self.devices as usize,
            owner => {
                let index = (owner - self.first) as usize;
                index..index + 1
            }
        }
    }

    /// The run is over: what became of every expectation but those on metrics, which are judged when all
    /// devices have been measured.
    /// Each goes with the device it is about, or 0 when it is about several together.
    pub(super) fn judge(&self, meter: &Meter, end: Time) -> Vec<(u32, Judgement)> {
        let mut judgements = Vec::new();
        for (expect, entry) in self.scenario.expects.iter().enumerate() {
            for index in 0..self.devices as usize {
                let device = self.first + index as u32;
                if !self.whom[expect].concerns(device, self.first) {
                    continue;
                }
                let finding = match &entry.that {
                    Expectation::PushReceived { push, within } => {
                        self.pushes(meter, device, *push, end, Wanted::Received, *within)
                    }
                    Expectation::PushNotified { push, within } => {
                        self.pushes(meter, device, *push, end, Wanted::Notified, *within)
                    }
                    Expectation::PushLost { push, within } => {
                        self.pushes(meter, device, *push, end, Wanted::Lost, *within)
                    }
                    Expectation::Event { event, min, max, until, .. } => {
                        let over = until.map_or(end, |until| until.min(end));
                        self.counted(expect, index, event, (*min, *max), over)
                    }
                    Expectation::Order { events, within } => {
                        self.ordered(expect, index, events, *within)
                    }
                    Expectation::Converges { within } => match &self.convergence {
                        Some(known) => known.judge(index, *within, end, &self.scenario.names),
                        None => Finding::not_watched(),
                    },
                    Expectation::Metric { .. } => continue,
                };
                let Finding { verdict, mut found, at } = finding;
                if self.scenario.devices > 1 && self.whom[expect] != Whom::Together {
                    found.push_str(&format!(" on device {device}"));
                }
                let look_at = at.map(|at| (at, device));
                let about = if self.whom[expect] == Whom::Together { 0 } else { device };
                judgements.push((about, Judgement { expect, verdict, found, look_at }));
            }
        }
        judgements
    }

    /// What is played.
    pub(super) fn scenario(&self) -> &'s Scenario {
        self.scenario
    }

    /// Whether more events happened on `device` than this expectation allows.
    pub(super) fn exceeded(&self, expect: usize, device: u32) -> bool {
        let Some(Expectation::Event { max: Some(max), .. }) =
            self.scenario.expects.get(expect).map(|entry| &entry.that)
        else {
            return false;
        };
        let place = device.checked_sub(self.first).map(|place| place as usize);
        let of = |count: &Count| place.and_then(|place| count.seen.get(place).copied());
        let count = self.counts.iter().find(|count| count.expect == expect);
        count.and_then(of).is_some_and(|seen| seen > *max)
    }

    fn counted(
        &self,
        expect: usize,
        index: usize,
        event: &Pattern,
        (min, max): (u64, Option<u64>),
        over: Time,
    ) -> Finding {
        let Some(count) = self.counts.iter().find(|count| count.expect == expect) else {
            return Finding::not_watched();
        };
        let seen = count.seen[index];
        let fits = seen >= min && max.is_none_or(|max| seen <= max);
        let times = match seen {
            0 => "never happened".to_owned(),
            1 => "happened once".to_owned(),
            n => format!("happened {n} times"),
        };
        // What never happened is missed when the time for it is over.
        let at = count.noted[index].or((!fits).then_some(over));
        Finding { verdict: Verdict::met(fits), found: format!("`{event}` {times}"), at }
    }

    fn ordered(
        &self,
        expect: usize,
        index: usize,
        events: &[Pattern],
        within: Option<Span>,
    ) -> Finding {
        let Some(chain) = self.chains.iter().find(|chain| chain.expect == expect) else {
            return Finding::not_watched();
        };
        if chain.done[index] {
            let found = "happened in this order".into();
            return Finding { verdict: Verdict::Pass, found, at: None };
        }
        let began = &chain.began[index];
        let came = began.iter().take_while(|began| began.is_some()).count();
        let at = began.iter().flatten().next_back().copied();
        let found = match (events.get(came), within) {
            (Some(missing), _) => format!("`{missing}` did not follow"),
            (None, Some(within)) => format!("took longer than {within}"),
            (None, None) => "did not happen in this order".into(),
        };
        Finding { verdict: Verdict::Fail, found, at }
    }

    /// A push on one device; of a whole series, every member whose time was up before the run ended.
    fn pushes(
        &self,
        meter: &Meter,
        device: u32,
        push: PushId,
        end: Time,
        wanted: Wanted,
        within: Option<Span>,
    ) -> Finding {
        let any_member = push.member == 0;
        let mut worst: Option<Finding> = None;
        for (id, record) in meter.pushes(device).into_iter().flatten() {
            if id.name != push.name || !(any_member || id.member == push.member) {
                continue;
            }
            let name = self.scenario.names.push(*id);
            let finding = judge_push(&name, record, end, wanted, within);
            // A member that the run was too short for says nothing about the series.
            if finding.verdict == Verdict::Undetermined && any_member && id.member > 1 {
                continue;
            }
            if worst.as_ref().is_none_or(|worst| finding.verdict > worst.verdict) {
                worst = Some(finding);
            }
        }
        worst.unwrap_or_else(|| {
            let found = format!("`{}` was never sent", self.scenario.names.push(push));
            Finding { verdict: Verdict::Undetermined, found, at: None }
        })
    }
}

/// What was found about one expectation on one device.
pub(super) struct Finding {
    pub(super) verdict: Verdict,
    pub(super) found: String,
    /// The moment to look at.
    pub(super) at: Option<Time>,
}

impl Finding {
    pub(super) fn not_watched() -> Finding {
        Finding { verdict: Verdict::Undetermined, found: "was not watched".into(), at: None }
    }
}

/// What is wanted of a push.
#[derive(Copy, Clone, PartialEq, Eq)]
enum Wanted {
    Received,
    Notified,
    Lost,
}

fn judge_push(
    name: &str,
    record: &PushRecord,
    end: Time,
    wanted: Wanted,
    within: Option<Span>,
) -> Finding {
    let Some(accepted) = record.accepted else {
        let verdict = Verdict::met(wanted == Wanted::Lost);
        let found = format!("the server did not accept `{name}`");
        return Finding { verdict, found, at: None };
    };
    let (arrived, word) = match wanted {
        Wanted::Received | Wanted::Lost => (record.received, "received"),
        Wanted::Notified => (record.notified, "notified"),
    };
    let in_time = |at: Time| within.is_none_or(|within| at.since(accepted) <= within);
    // Whether more of the run could still have shown it arriving in time.
    let open = within.is_some_and(|within| accepted + within >= end);
    let (met, found) = match arrived {
        Some(at) => {
            (in_time(at), format!("`{name}` was {word} {} after it was sent", at.since(accepted)))
        }
        None if open => {
            let found = format!("the run ended before `{name}` had to be {word}");
            return Finding { verdict: Verdict::Undetermined, found, at: Some(accepted) };
        }
        None => (false, format!("`{name}` was sent and never {word}")),
    };
    let verdict = Verdict::met(met != (wanted == Wanted::Lost));
    Finding { verdict, found, at: Some(accepted) }
}

/// An expectation on a metric against what all devices measured.
pub(super) fn judge_metric(
    expect: usize,
    totals: &Totals,
    metric: Metric,
    min: Option<Value>,
    max: Option<Value>,
) -> Judgement {
    let (verdict, found) = match totals.value(metric) {
        None => (Verdict::Undetermined, format!("nothing happened that {metric} could measure")),
        Some(value) => {
            let fits = min.is_none_or(|min| value >= min) && max.is_none_or(|max| value <= max);
            (Verdict::met(fits), format!("{metric} was {value}"))
        }
    };
    // Of all metrics, only this one has a moment to look at.
    let look_at = totals.first_kill.filter(|_| metric == Metric::Kills);
    let look_at = look_at.map(|kill| (kill.at, kill.device));
    Judgement { expect, verdict, found, look_at }
}

impl Observer for Judge<'_> {
    #[inline]
    fn event(&mut self, event: &Event) {
        let concerned = self.concerned(event);
        let names = &self.scenario.names;
        if let Some(convergence) = &mut self.convergence {
            convergence.event(event, concerned.clone());
        }
        for count in &mut self.counts {
            let Expectation::Event { event: pattern, max, from, until, .. } =
                &self.scenario.expects[count.expect].that
            else {
                continue;
            };
            let inside = event.at >= *from && until.is_none_or(|until| event.at < until);
            if !inside || !pattern.matches(event, names) {
                continue;
            }
            for index in concerned.clone() {
                count.seen[index] += 1;
                if max.is_none_or(|max| count.seen[index] <= max + 1) {
                    count.noted[index] = Some(event.at);
                }
            }
        }
        for chain in &mut self.chains {
            let Expectation::Order { events, within } = &self.scenario.expects[chain.expect].that
            else {
                continue;
            };
            // From the last place to the first, so that one event does not fill two places.
            for place in (0..events.len()).rev() {
                if !events[place].matches(event, names) {
                    continue;
                }
                let slots = match self.whom[chain.expect] {
                    Whom::Together => 0..1,
                    Whom::Each | Whom::Device(_) => concerned.clone(),
                };
                for index in slots {
                    let began = match place {
                        0 => Some(event.at),
                        _ => chain.began[index][place - 1],
                    };
                    chain.began[index][place] = chain.began[index][place].max(began);
                    if let (Some(began), true) = (began, place + 1 == events.len()) {
                        let took = event.at.since(began);
                        chain.done[index] |= within.is_none_or(|within| took <= within);
                    }
                }
            }
        }
    }
}
