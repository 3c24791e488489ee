//! What became of each push.

use std::collections::BTreeMap;

use super::Delays;
use crate::port::{PushId, Time};

/// One push on its way.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct PushRecord {
    /// When the server accepted it.
    pub accepted: Option<Time>,
    /// When the app first read it.
    pub received: Option<Time>,
    /// When the user was first shown it.
    pub notified: Option<Time>,
    /// Whether the server gave up on it.
    pub dropped: bool,
    /// Whether the server wrote it to a connection, where the fate of every push is kept.
    pub written: bool,
}

/// The pushes of one device. A push that was read and acknowledged is only counted from then on, so that
/// memory does not grow with the length of a run.
#[derive(Clone, Debug, Default)]
pub(super) struct Pushes {
    under_way: BTreeMap<PushId, PushRecord>,
    keep_all: bool,
    pub(super) accepted: u64,
    pub(super) received: u64,
    pub(super) notified: u64,
    pub(super) duplicates: u64,
    pub(super) dropped: u64,
    pub(super) latency: Delays,
}

impl Pushes {
    pub(super) fn keeping_all(keep_all: bool) -> Pushes {
        Pushes { keep_all, ..Pushes::default() }
    }

    pub(super) fn records(&self) -> &BTreeMap<PushId, PushRecord> {
        &self.under_way
    }

    pub(super) fn accepted(&mut self, push: PushId, at: Time) {
        self.accepted += 1;
        self.under_way.entry(push).or_default().accepted = Some(at);
    }

    pub(super) fn received(&mut self, push: PushId, at: Time) {
        let record = self.under_way.entry(push).or_default();
        if record.received.is_some() {
            self.duplicates += 1;
            return;
        }
        record.received = Some(at);
        self.received += 1;
        if let Some(accepted) = record.accepted {
            self.latency.add(at.since(accepted));
        }
    }

    pub(super) fn notified(&mut self, push: PushId, at: Time) {
        let record = self.under_way.entry(push).or_default();
        if record.notified.is_none() {
            record.notified = Some(at);
            self.notified += 1;
        }
    }

    pub(super) fn written(&mut self, push: PushId) {
        if self.keep_all {
            self.under_way.entry(push).or_default().written = true;
        }
    }

    pub(super) fn dropped(&mut self, push: PushId) {
        self.under_way.entry(push).or_default().dropped = true;
        self.dropped += 1;
    }

    /// The server will not send it again: nothing more is expected of it.
    pub(super) fn acknowledged(&mut self, push: PushId) {
        if !self.keep_all && self.under_way.get(&push).is_some_and(|r| r.received.is_some()) {
            self.under_way.remove(&push);
        }
    }

    pub(super) fn missing(&self) -> u64 {
        let missing = |r: &&PushRecord| r.accepted.is_some() && r.received.is_none();
        self.under_way.values().filter(missing).count() as u64
    }
}
