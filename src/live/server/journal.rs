//! Who watches the sessions: counts, logs, and notes what the hub has to do about it.

use tracing::debug;

use super::stats::Counters;
use crate::port::PushId;
use crate::trace::{Event, Observer, SessionEnd, What};
use crate::wire::wire_id;

/// Somebody who is told every event.
pub type Tap = Box<dyn FnMut(&Event) + Send>;

/// What the hub learns of its sessions.
#[derive(Default)]
pub struct Journal {
    pub(super) counters: Counters,
    /// Pushes that are done with: delivered, or dropped.
    pub(super) done: Vec<PushId>,
    /// Why the session of a connection ended last.
    pub(super) ended: Vec<(u32, SessionEnd)>,
    pub(super) tap: Option<Tap>,
}

impl Observer for Journal {
    #[expect(clippy::wildcard_enum_match_arm, reason = "most events are not a server's")]
    fn event(&mut self, event: &Event) {
        let device = event.owner;
        let counters = &mut self.counters;
        match event.what {
            What::SessionOpened { connection } => {
                counters.sessions_opened += 1;
                debug!(device, connection, "session opened");
            }
            What::SessionClosed { connection, why } | What::SideClosed { connection, why } => {
                counters.sessions_closed += 1;
                self.ended.push((connection, why));
                debug!(device, connection, why = why.as_str(), "session closed");
            }
            What::PushAccepted { push, .. } => {
                counters.pushes_accepted += 1;
                debug!(device, push = wire_id(push), "push accepted");
            }
            What::PushSent { .. } | What::PushResent { .. } => counters.pushes_sent += 1,
            What::PushAcknowledged { push } => {
                counters.pushes_acknowledged += 1;
                self.done.push(push);
                debug!(device, push = wire_id(push), "push acknowledged");
            }
            What::PushDropped { push, fate } => {
                counters.dropped(fate);
                self.done.push(push);
                debug!(device, push = wire_id(push), why = fate.as_str(), "push dropped");
            }
            What::Heartbeat { .. } => counters.heartbeats += 1,
            // Nothing else that a session tells is counted.
            _ => {}
        }
        if let Some(tap) = &mut self.tap {
            tap(event);
        }
    }
}
