//! When a live session is due, and for what.

use super::ServerOptions;
use crate::port::{Time, Transport};

/// A session's connection, from the hello on.
#[derive(Copy, Clone, Debug)]
pub(super) struct Live {
    pub(super) connection: u32,
    pub(super) transport: Transport,
    /// When the client was last heard of.
    pub(super) heard: Time,
    /// When the heartbeat was sent that has not been answered yet.
    pub(super) pinged: Option<Time>,
    /// When the server closes it because it drains.
    pub(super) drained: Time,
    /// Until when the device counts as registered by its hello.
    pub(super) expires: Time,
}

/// What a session is due for.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Due {
    /// The grace after the go-away is over.
    Drained,
    /// The heartbeat was not answered in time.
    Unanswered,
    /// The registration has expired.
    Expired,
    /// Nothing was heard for the idle timeout.
    Idle,
    /// The client is to be asked for a sign of life.
    Heartbeat,
}

impl Live {
    pub(super) fn new(connection: u32, transport: Transport, now: Time) -> Live {
        let (drained, expires) = (Time::NEVER, Time::NEVER);
        Live { connection, transport, heard: now, pinged: None, drained, expires }
    }

    /// A frame has come: whatever it is, it is a sign of life and answers a heartbeat.
    pub(super) fn hear(&mut self, now: Time) {
        self.heard = now;
        self.pinged = None;
    }

    /// The next thing that is due, and when.
    pub(super) fn next(&self, options: &ServerOptions) -> Option<(Time, Due)> {
        // `min_by_key` keeps the first of equals.
        self.dues(options).into_iter().flatten().min_by_key(|(at, _)| *at)
    }

    /// Everything that is due, and when. What ends the session comes before what keeps it, so an unanswered
    /// heartbeat stands there twice.
    pub(super) fn dues(&self, options: &ServerOptions) -> [Option<(Time, Due)>; 5] {
        let drained = (self.drained != Time::NEVER).then_some((self.drained, Due::Drained));
        let expired = (self.expires != Time::NEVER).then_some((self.expires, Due::Expired));
        let idle = options.idle_timeout.map(|span| (self.heard + span, Due::Idle));
        let again = |from: Time| options.heartbeat_interval.map(|s| (from + s, Due::Heartbeat));
        let heartbeat = match (self.pinged, options.heartbeat_reply_within) {
            (Some(sent), Some(within)) => Some((sent + within, Due::Unanswered)),
            (Some(sent), None) => again(sent),
            (None, _) => again(self.heard),
        };
        let unanswered = heartbeat.filter(|(_, due)| *due == Due::Unanswered);
        [drained, unanswered, idle, expired, heartbeat]
    }
}
