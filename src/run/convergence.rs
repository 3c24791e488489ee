//! Whether a device comes to rest once everything has healed.

use std::collections::BTreeSet;

use super::judge::{Finding, Verdict};
use crate::port::{PushId, Span, Time};
use crate::trace::{Event, Names, Phase, Unreachable, What};

/// More pushes that are missing than this are counted, not named.
const MOST_NAMED: usize = 3;

/// One device on its way.
#[derive(Clone, Debug)]
struct Device {
    why: Unreachable,
    /// Pushes accepted before everything healed that were neither read nor dropped nor withdrawn.
    owed: BTreeSet<PushId>,
    /// When it was reachable and owed nothing, for the first time since.
    at: Option<Time>,
}

/// The devices of one world, after the safety phase.
#[derive(Clone, Debug)]
pub(super) struct Convergence {
    devices: Vec<Device>,
    healed: Option<Time>,
}

impl Convergence {
    pub(super) fn new(devices: usize) -> Convergence {
        // As a device before it is first heard of.
        let why = Unreachable::NotRunning;
        let device = Device { why, owed: BTreeSet::new(), at: None };
        Convergence { devices: vec![device; devices], healed: None }
    }

    /// Something happened to the devices at these places.
    #[inline]
    pub(super) fn event(&mut self, event: &Event, concerned: std::ops::Range<usize>) {
        if let What::PhaseBegan { name: Phase::Liveness } = event.what {
            self.healed = Some(event.at);
        }
        for device in &mut self.devices[concerned] {
            device.event(event, self.healed.is_some());
        }
    }

    /// What became of the device at `index` by `end`.
    pub(super) fn judge(&self, index: usize, within: Span, end: Time, names: &Names) -> Finding {
        let (Some(healed), Some(device)) = (self.healed, self.devices.get(index)) else {
            return Finding::not_watched();
        };
        if let Some(at) = device.at {
            let took = at.since(healed);
            let found = format!("converged {took} after everything healed");
            return Finding { verdict: Verdict::met(took <= within), found, at: Some(at) };
        }
        let missing = device.missing(names);
        if healed + within >= end {
            let left = end.since(healed);
            let found = format!("the run ended {left} after everything healed: {missing}");
            return Finding { verdict: Verdict::Undetermined, found, at: Some(healed) };
        }
        let found = format!("did not converge: {missing}");
        Finding { verdict: Verdict::Fail, found, at: Some(healed + within) }
    }
}

impl Device {
    #[inline]
    fn event(&mut self, event: &Event, healed: bool) {
        if let What::Reachable { why, .. } = event.what {
            self.why = why;
        } else if let What::PushAccepted { push, .. } = event.what {
            // What comes later is not what faults have left behind.
            if !healed {
                self.owed.insert(push);
            }
        } else if let What::PushReceived { push, .. }
        | What::PushDropped { push, .. }
        | What::PushCancelled { push, .. } = event.what
        {
            self.owed.remove(&push);
        }
        if healed && self.why == Unreachable::Reachable && self.owed.is_empty() {
            self.at.get_or_insert(event.at);
        }
    }

    /// What it lacks: `not reachable: connection-dead`, `call-2` not received.
    fn missing(&self, names: &Names) -> String {
        let mut lacks = Vec::new();
        if self.why != Unreachable::Reachable {
            lacks.push(format!("not reachable: {}", self.why));
        }
        let named = self.owed.iter().take(MOST_NAMED);
        let mut pushes: Vec<String> = named.map(|id| format!("`{}`", names.push(*id))).collect();
        if self.owed.len() > MOST_NAMED {
            pushes.push(format!("{} more", self.owed.len() - MOST_NAMED));
        }
        if !pushes.is_empty() {
            lacks.push(format!("{} not received", pushes.join(", ")));
        }
        lacks.join("; ")
    }
}
