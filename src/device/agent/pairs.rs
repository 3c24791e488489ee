//! What an agent knows of the pairs of streams that its app holds.

use super::framing::Framing;
use crate::port::{Side, StreamError};
use crate::trace::ConnectionEnd;

/// One pair.
pub(super) struct Pair {
    pub(super) framing: Framing,
    opened: [bool; 2],
    closed: [bool; 2],
    /// The connection was made; the app is owed the news of its end.
    pub(super) owes_end: bool,
    /// The connection was made, whatever came after.
    pub(super) connected: bool,
    /// It was made, or it failed: that was told.
    pub(super) decided: bool,
    /// A `has-bytes-available` of the agent's own is on its way.
    pub(super) bytes_told: bool,
    /// Reading failed before the app asked.
    pub(super) failed: Option<StreamError>,
    /// The app was told about the service type that it asked for.
    pub(super) plan_told: bool,
}

impl Pair {
    /// A pair of the device that says it is called `name`.
    pub(super) fn of(name: &str) -> Pair {
        Pair {
            framing: Framing::of(name),
            opened: [false; 2],
            closed: [false; 2],
            owes_end: false,
            connected: false,
            decided: false,
            bytes_told: false,
            failed: None,
            plan_told: false,
        }
    }

    /// Opens one side; answers whether it can be opened.
    pub(super) fn open(&mut self, side: Side) -> bool {
        let can = !self.opened[side as usize] && !self.closed[side as usize];
        self.opened[side as usize] |= can;
        can
    }

    /// Whether one side was opened, whatever came after.
    pub(super) fn was_opened(&self, side: Side) -> bool {
        self.opened[side as usize]
    }

    pub(super) fn is_open(&self, side: Side) -> bool {
        self.opened[side as usize] && !self.closed[side as usize]
    }

    /// Closes one side; answers whether it was not closed before.
    pub(super) fn close(&mut self, side: Side) -> bool {
        !std::mem::replace(&mut self.closed[side as usize], true)
    }

    /// Whether both sides are closed.
    pub(super) fn is_over(&self) -> bool {
        self.closed == [true; 2]
    }

    /// Other streams take the place of these.
    pub(super) fn renew(&mut self) {
        (self.opened, self.closed) = ([false; 2], [false; 2]);
        (self.bytes_told, self.plan_told) = (false, false);
    }
}

/// How a connection ended whose stream has this error.
pub(super) fn end_of(error: StreamError) -> ConnectionEnd {
    match error {
        StreamError::NotOpen => ConnectionEnd::Closed,
        // XNU, uipc_socket.c: a defunct socket answers reading so. Writing it answers EPIPE, as after a reset.
        StreamError::NotConnected => ConnectionEnd::Reclaimed,
        StreamError::BrokenPipe | StreamError::Reset => ConnectionEnd::Reset,
        StreamError::Refused => ConnectionEnd::Refused,
        StreamError::TimedOut => ConnectionEnd::TimedOut,
        StreamError::Unreachable => ConnectionEnd::Unreachable,
        StreamError::NotResolved => ConnectionEnd::NotResolved,
    }
}
