//! What a run on a device comes to, by all events that are known of it.
use super::Collected;
use crate::run::{Outcome, judge_recorded};
use crate::scenario::Scenario;
use crate::trace::Event;
/// A judged run.
#[derive(Debug)]
pub struct Judged {
    /// What became of each expectation.
    pub outcome: Outcome,
    /// The events of both sides, in order.
    pub events: Vec<Event>,
    /// What its reader should know.
    pub notes: Vec<String>,
}
/// Judges a run.
pub fn conclude(scenario: &Scenario, seed: u64, collected: Collected) -> Judged {
    let r = super::reconcile(&collected, &scenario.names, super::Within::Middle);
    let events: Vec<Event> = r.events.iter().map(|k| k.event).collect();
    let outcome = judge_recorded(scenario, seed, &events);
    Judged { outcome, events, notes: r.notes }
}
