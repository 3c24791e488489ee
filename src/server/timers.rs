//! When a live session is due, and for what.

use super::ServerOptions;
use crate::port::Time;

/// A session's connection, from the hello on.
#[derive(Copy, Clone, Debug)]
pub(super) struct Live {
    pub(super) connection: u32,
    /// When the client was last heard of.
    pub(super) heard: Time,
    /// When the heartbeat was sent that has not been answered yet.
    pub(super) pinged: Option<Time>,
    /// When the server closes it because it drains.
    pub(super) drained: Time,
}

/// What a session is due for.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Due {
    /// The grace after the go-away is over.
    Drained,
    /// The heartbeat was not answered in time.
    Unanswered,
    /// Nothing was heard for the idle timeout.
    Idle,
    /// The client is to be asked for a sign of life.
    Heartbeat,
}

impl Live {
    pub(super) fn new(connection: u32, now: Time) -> Live {
        Live { connection, heard: now, pinged: None, drained: Time::NEVER }
    }

    /// A frame has come: whatever it is, it is a sign of life and answers a heartbeat.
    pub(super) fn hear(&mut self, now: Time) {
        self.heard = now;
        self.pinged = None;
    }

    /// The next thing that is due, and when. What ends the session comes before what keeps it.
    pub(super) fn next(&self, options: &ServerOptions) -> Option<(Time, Due)> {
        let drained = (self.drained != Time::NEVER).then_some((self.drained, Due::Drained));
        let idle = options.idle_timeout.map(|span| (self.heard + span, Due::Idle));
        let again = |from: Time| options.heartbeat_interval.map(|s| (from + s, Due::Heartbeat));
        let heartbeat = match (self.pinged, options.heartbeat_reply_within) {
            (Some(sent), Some(within)) => Some((sent + within, Due::Unanswered)),
            (Some(sent), None) => again(sent),
            (None, _) => again(self.heard),
        };
        // `min_by_key` keeps the first of equals: `Drained`, then the heartbeat, then `Idle`.
        [drained, heartbeat.filter(|(_, due)| *due == Due::Unanswered), idle, heartbeat]
            .into_iter()
            .flatten()
            .min_by_key(|(at, _)| *at)
    }
}
