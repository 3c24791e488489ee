//! The pushes that wait for one device, or for its acknowledgement.

use std::collections::VecDeque;

use crate::port::{PushId, Span, Time};

/// A push that the server has accepted and not yet delivered.
#[derive(Copy, Clone, Debug)]
pub(super) struct Waiting {
    pub(super) id: PushId,
    /// From this moment on it is not worth delivering.
    pub(super) expires: Time,
    /// It was written to a connection at least once.
    pub(super) written: bool,
}

impl Waiting {
    pub(super) fn new(id: PushId, ttl: Option<Span>, now: Time) -> Waiting {
        Waiting { id, expires: ttl.map_or(Time::NEVER, |ttl| now + ttl), written: false }
    }

    pub(super) fn expired(&self, now: Time) -> bool {
        self.expires <= now
    }
}

/// The offline queue, oldest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Queue {
    waiting: VecDeque<Waiting>,
}

impl Queue {
    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Gives back the memory of an empty queue.
    pub(super) fn release(&mut self) {
        if self.waiting.is_empty() {
            self.waiting = VecDeque::new();
        }
    }

    pub(super) fn add(&mut self, push: Waiting) {
        self.waiting.push_back(push);
    }

    pub(super) fn oldest(&mut self) -> Option<Waiting> {
        self.waiting.pop_front()
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Waiting> {
        self.waiting.iter()
    }

    pub(super) fn get(&self, index: usize) -> Option<Waiting> {
        self.waiting.get(index).copied()
    }

    pub(super) fn holds(&self, id: PushId) -> bool {
        self.waiting.iter().any(|push| push.id == id)
    }

    /// Forgets the push and answers it, if it was there.
    pub(super) fn take(&mut self, id: PushId) -> Option<Waiting> {
        let found = self.waiting.iter().position(|push| push.id == id);
        found.and_then(|index| self.waiting.remove(index))
    }

    /// The push is written to a connection now.
    pub(super) fn written(&mut self, id: PushId) {
        if let Some(push) = self.waiting.iter_mut().find(|push| push.id == id) {
            push.written = true;
        }
    }

    /// Forgets the oldest push that expired by `now`, if any did.
    pub(super) fn expire(&mut self, now: Time) -> Option<Waiting> {
        let found = self.waiting.iter().position(|push| push.expired(now));
        found.and_then(|index| self.waiting.remove(index))
    }
}
