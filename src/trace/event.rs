//! One event: when, on which device, in which lane, what.

use super::What;
use crate::port::{Time, words};

words! {
    /// The lane an event is drawn in.
    pub enum Lane {
        /// What the person with the phone does, and the world around it.
        User = "user",
        /// What iOS decides.
        Os = "os",
        /// What the app asks for.
        App = "app",
        /// What the app's streams report.
        Stream = "stream",
        /// What the path between phone and server does.
        Net = "net",
        /// What the server does.
        Server = "server",
    }
}

words! {
    /// How a real phone can know of an event.
    pub enum OnPhone {
        /// It is reported as it happens.
        Observed = "observed",
        /// It follows from what is reported before and after.
        Inferred = "inferred",
        /// Only the model knows.
        ModelOnly = "model-only",
    }
}

/// One event. Events are ordered by time, then owner, then the owner's sequence number.
#[derive(Copy, Clone, PartialEq, Debug)]
pub struct Event {
    /// Continuous time.
    pub at: Time,
    /// 0 is what all devices share; devices count from 1.
    pub owner: u32,
    /// The owner's count of events.
    pub seq: u64,
    /// The lane it is drawn in.
    pub lane: Lane,
    /// What happened.
    pub what: What,
}

impl Event {
    /// The key by which events of several owners merge into one order.
    pub fn key(&self) -> (Time, u32, u64) {
        (self.at, self.owner, self.seq)
    }
}
