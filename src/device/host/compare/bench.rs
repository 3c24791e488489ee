//! The model played again and again beside one log.

use std::collections::BTreeMap;

use super::items::{Found, Item, Sides, look};
use super::reasons::{Luck, Reason, Reasons};
use super::scope::{Lists, Scope};
use crate::device::agent::unseen::Unseen;
use crate::platform::Profile;
use crate::port::Span;
use crate::run::{Options, play};
use crate::scenario::Scenario;
use crate::study::compare::Numbering;
use crate::trace::{Event, Record, What};

/// So many runs under other seeds show what chance does.
pub const SEEDS: u64 = 16;

/// One log, and all that is needed to compare a run of the model with it.
pub(super) struct Bench<'b> {
    pub(super) scenario: &'b Scenario,
    pub(super) seed: u64,
    pub(super) phone: &'b [Record],
    pub(super) within: Span,
    scope: Scope,
    numbering: Numbering,
    lists: Lists,
    luck: Luck,
    /// When the last event was under other seeds.
    ends: Vec<i64>,
    /// How many runs there were.
    pub(super) runs: usize,
}

/// The events of a run, with those that an app finds out by looking where each does.
fn as_found_out(events: Vec<Event>) -> Vec<Event> {
    let mut apps: BTreeMap<u32, Unseen> = BTreeMap::new();
    let mut found = Vec::with_capacity(events.len());
    for event in events {
        let unseen = apps.entry(event.owner).or_default();
        if let What::State { to, .. } = event.what {
            unseen.state(to, event.at);
            found.push(event);
            found.extend(unseen.seen());
        } else if !unseen.keeps(&event) {
            found.push(event);
        }
    }
    found
}

/// How a run of the model compares with the log.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(super) struct Score {
    /// How many items are not explained.
    pub(super) unexplained: usize,
    /// How many items there are, explained or not.
    pub(super) items: usize,
    /// How far apart the times are, all together.
    pub(super) residual: u64,
}

impl<'b> Bench<'b> {
    pub(super) fn new(
        scenario: &'b Scenario,
        seed: u64,
        phone: &'b [Record],
        within: Span,
        scope: Scope,
    ) -> Bench<'b> {
        let mut numbering = Numbering::default();
        let lists = scope.lists(phone, &mut numbering);
        let (luck, ends) = (Luck::default(), Vec::new());
        Bench { scenario, seed, phone, within, scope, numbering, lists, luck, ends, runs: 0 }
    }

    /// What is compared of a run on this platform.
    pub(super) fn play(&mut self, platform: &Profile, seed: u64) -> Vec<Record> {
        self.runs += 1;
        let mut scenario = self.scenario.clone();
        scenario.platform.values = platform.clone();
        let outcome =
            play(&scenario, Options { trace: true, ..Options { seed, ..Options::of(&scenario) } });
        let events = outcome.events.unwrap_or_default();
        // An agent tells what it finds out, and when; the model knows all at once.
        let events = if self.scope.of_an_agent() { as_found_out(events) } else { events };
        let records = events.iter().map(|event| Record::of(event, &scenario.names));
        records.filter(|record| self.scope.has(record)).collect()
    }

    /// Compares a run with the log.
    pub(super) fn look(&mut self, model: &[Record]) -> Found {
        let lists = self.scope.lists(model, &mut self.numbering);
        look(self.sides([self.phone, model]), &self.lists, &lists)
    }

    fn sides<'r>(&self, records: [&'r [Record]; 2]) -> Sides<'r> {
        let end = i64::try_from(self.scenario.duration.as_micros()).unwrap_or(i64::MAX / 4);
        Sides { records, within: self.within, end }
    }

    /// Plays under other seeds, beside `base`, the run under the scenario's own.
    pub(super) fn learn_luck(&mut self, platform: &Profile, base: &[Record]) {
        let lists = self.scope.lists(base, &mut self.numbering);
        let mut luck = Luck::default();
        for n in 1..=SEEDS {
            let other = self.play(platform, self.seed.wrapping_add(n));
            let last = other.last().map_or(0, |last| last.at.as_micros());
            self.ends.push(i64::try_from(last).unwrap_or(i64::MAX));
            if other == base {
                continue;
            }
            let others = self.scope.lists(&other, &mut self.numbering);
            luck.learn(&look(self.sides([&other, base]), &others, &lists));
        }
        self.luck = luck;
    }

    /// Why an item is as it is, if that can be computed.
    pub(super) fn reason(&self, item: &Item) -> Option<Reason> {
        let Bench { luck, scenario, phone, within, .. } = self;
        Reasons { luck, scenario, phone, within: *within }.of(item)
    }

    /// Under how many other seeds the model does nothing any more where the log ends.
    pub(super) fn over_by(&self, until: i64) -> usize {
        self.ends.iter().filter(|end| **end <= until).count()
    }

    /// How many events of the model are behind the end of the log, and not by chance.
    pub(super) fn missing(&self, found: &Found) -> usize {
        if self.over_by(found.until) > 0 { 0 } else { found.later }
    }

    /// Plays with this platform and compares.
    pub(super) fn score(&mut self, platform: &Profile) -> Score {
        let model = self.play(platform, self.seed);
        let found = self.look(&model);
        let unexplained = found.items.iter().filter(|item| self.reason(item).is_none()).count();
        let (later, residual) = (self.missing(&found), found.residual);
        Score { unexplained: unexplained + later, items: found.items.len() + found.later, residual }
    }
}
