//! Why something differs without any key of the platform being wrong: only what can be computed.

use std::collections::{BTreeMap, BTreeSet};

use super::items::{Found, Item, Kind};
use crate::port::Span;
use crate::scenario::Scenario;
use crate::trace::Record;

/// Why an item is no sign of another platform.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Reason {
    /// The model draws it: its runs under other seeds differ in the same way, by at least and at most so many
    /// microseconds where it is a matter of time.
    Luck(Option<[i64; 2]>),
    /// The server writes a push again when its acknowledgement is late.
    Retry,
}

/// What chance does to the model, seen in its runs under other seeds.
#[derive(Clone, Default, Debug)]
pub(super) struct Luck {
    /// The least and the greatest by which an event came later.
    later: BTreeMap<String, [i64; 2]>,
    /// The least and the greatest by which a span was longer.
    longer: BTreeMap<(String, String), [i64; 2]>,
    /// What came of an event in some run and not in another.
    otherwise: BTreeSet<(String, String, String)>,
    /// What some run has and another has not.
    alone: BTreeSet<String>,
}

impl Luck {
    /// Takes in how a run under another seed differs from that of the scenario's seed.
    pub(super) fn learn(&mut self, found: &Found) {
        for item in &found.items {
            let what = item.what.clone();
            match &item.kind {
                Kind::OnlyPhone | Kind::OnlyModel => {
                    self.alone.insert(what);
                }
                Kind::Later(by) => widen(self.later.entry(what).or_default(), *by),
                Kind::Longer(field, by) => {
                    widen(self.longer.entry((what, field.clone())).or_default(), *by);
                }
                Kind::Otherwise(field, [one, _]) => {
                    self.otherwise.insert((what, field.clone(), one.clone()));
                }
            }
        }
    }

    fn explains(&self, item: &Item, within: i64) -> Option<Reason> {
        let inside = |range: &[i64; 2], by: i64| {
            let [least, most] = *range;
            (least - within..=most + within).contains(&by).then_some(Reason::Luck(Some(*range)))
        };
        match &item.kind {
            Kind::OnlyPhone | Kind::OnlyModel => {
                self.alone.contains(&item.what).then_some(Reason::Luck(None))
            }
            Kind::Later(by) => inside(self.later.get(&item.what)?, *by),
            Kind::Longer(field, by) => {
                inside(self.longer.get(&(item.what.clone(), field.clone()))?, *by)
            }
            Kind::Otherwise(field, [one, _]) => {
                let drawn = (item.what.clone(), field.clone(), one.clone());
                self.otherwise.contains(&drawn).then_some(Reason::Luck(None))
            }
        }
    }
}

/// What is between two draws can be as far in either direction.
fn widen(range: &mut [i64; 2], by: i64) {
    *range = [range[0].min(by).min(-by), range[1].max(by).max(-by)];
}

/// Everything that can explain an item.
pub(super) struct Reasons<'r> {
    pub(super) luck: &'r Luck,
    pub(super) scenario: &'r Scenario,
    pub(super) phone: &'r [Record],
    pub(super) within: Span,
}

impl Reasons<'_> {
    /// Why it differs; `None` when that is not known.
    pub(super) fn of(&self, item: &Item) -> Option<Reason> {
        let within = i64::try_from(self.within.as_micros()).unwrap_or(i64::MAX / 4);
        self.luck.explains(item, within).or_else(|| self.retry(item))
    }

    /// A push that was written again, because on the phone's side its acknowledgement took longer than the server
    /// waits, and what the app says of having it twice.
    fn retry(&self, item: &Item) -> Option<Reason> {
        let place = item.places[0].filter(|_| item.kind == Kind::OnlyPhone)?;
        let record = &self.phone[place];
        if !["server.push-resent", "push-duplicate"].contains(&record.event.as_ref()) {
            return None;
        }
        let wait = self.scenario.server.values.retransmit_first?;
        let push = record.field("push")?;
        let of = |event: &str| {
            let mut all = self.phone.iter().filter(|one| one.device == record.device);
            all.find(|one| one.event == event && one.field("push") == Some(push))
        };
        let sent = of("server.push-sent")?.at;
        let late = of("server.push-acknowledged").is_none_or(|ack| ack.at.since(sent) >= wait);
        late.then_some(Reason::Retry)
    }
}
