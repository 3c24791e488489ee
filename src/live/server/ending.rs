//! The end of connections: by the other side, by a refusal, by a session, or because time is over.

use std::collections::VecDeque;

use tracing::debug;

use super::accept::origin;
use super::connection::{Role, Written};
use super::hub::Hub;
use crate::port::Time;
use crate::trace::{ConnectionEnd, SessionEnd};
use crate::wire::ServerMessage;

impl Hub {
    /// The connection ended at the other side.
    pub(super) fn gone(&mut self, place: usize, how: ConnectionEnd, now: Time) {
        let Some(connection) = self.connections.get_mut(place) else { return };
        let (number, role) = (connection.number, connection.role);
        match role {
            Role::Device(device) => {
                connection.role = Role::Closing;
                self.on_session(device, now, |session, cx| session.closed(number, how, cx));
            }
            Role::Fresh | Role::Publisher | Role::Closing => {}
        }
        // What was said before may still wait to be sent, if anybody is there to take it.
        let waits = self.connections.get_mut(place).is_some_and(|one| {
            let broken = one.has_collected() && one.flush() == Written::Broken;
            one.has_waiting() && !broken
        });
        if waits && how == ConnectionEnd::Fin && role != Role::Closing {
            self.finish(place, now);
        } else {
            self.remove(place);
        }
    }

    /// Refuses a connection, with a reason, and ends it.
    pub(super) fn refuse(&mut self, place: usize, reason: &'static str, text: &str, now: Time) {
        self.journal.counters.refused(reason);
        let Some(connection) = self.connections.get_mut(place) else { return };
        debug!(connection = connection.number, reason, "refused");
        let mut line = Vec::new();
        ServerMessage::Error { reason, text }.encode(&mut line);
        // If it cannot be said, it cannot be helped.
        let _ = connection.send(&line, usize::MAX);
        let (number, role) = (connection.number, connection.role);
        self.finish(place, now);
        if let Role::Device(device) = role {
            let how = ConnectionEnd::Reset;
            self.on_session(device, now, |session, cx| session.closed(number, how, cx));
        }
    }

    /// The server closes a connection and says why, if there is a word for it.
    pub(super) fn say_goodbye(
        &mut self,
        place: usize,
        why: Option<(&'static str, &'static str)>,
        now: Time,
    ) {
        if let (Some((reason, text)), Some(one)) = (why, self.connections.get_mut(place)) {
            let mut line = Vec::new();
            ServerMessage::Bye { reason, text }.encode(&mut line);
            let _ = one.send(&line, usize::MAX);
        }
        self.finish(place, now);
    }

    /// The server has said its last word on a connection: FIN, and some time to take it.
    fn finish(&mut self, place: usize, now: Time) {
        if let Some(connection) = self.connections.get_mut(place) {
            connection.role = Role::Closing;
            connection.finish();
            self.closing.push_back((now + self.limits.linger, connection.number));
        }
    }

    /// Nothing more is said on a connection but the reason, behind what waits. Its session may be in the middle of
    /// something: it is told behind that.
    pub(super) fn cut_off(&mut self, place: usize, why: Option<(&'static str, &'static str)>) {
        let Some(connection) = self.connections.get_mut(place) else { return };
        if connection.role == Role::Closing {
            return;
        }
        if let Some((reason, text)) = why {
            self.journal.counters.refused(reason);
            let mut line = Vec::new();
            ServerMessage::Error { reason, text }.encode(&mut line);
            let _ = connection.send(&line, usize::MAX);
        }
        let role = std::mem::replace(&mut connection.role, Role::Closing);
        connection.finish();
        self.cut.push((connection.number, role, why.is_some()));
    }

    /// Tells the sessions of those that were cut off.
    pub(super) fn tell_cut_off(&mut self, now: Time) {
        for (number, role, waits) in std::mem::take(&mut self.cut) {
            if waits {
                self.closing.push_back((now + self.limits.linger, number));
            } else if let Some(place) = self.place(number) {
                self.remove(place);
            }
            if let Role::Device(device) = role {
                let how = ConnectionEnd::Reset;
                self.on_session(device, now, |session, cx| session.closed(number, how, cx));
            }
        }
    }

    /// Resets a connection.
    pub(super) fn reset(&mut self, place: usize) {
        if let Some(one) = self.connections.get_mut(place) {
            let _ = one.has_collected().then(|| one.flush());
            one.reset_when_dropped();
        }
        self.remove(place);
    }

    /// Forgets a connection; its socket is closed.
    pub(super) fn remove(&mut self, place: usize) {
        let Some(mut connection) = self.connections.try_remove(place) else { return };
        let _ = self.poll.registry().deregister(connection.stream());
        self.places.remove(&connection.number);
        let origin = origin(connection.peer.ip());
        if let Some(from) = self.from.get_mut(&origin) {
            *from -= 1;
            if *from == 0 {
                self.from.remove(&origin);
            }
        }
        // There is a descriptor again.
        self.accept_again = Time::ZERO;
    }

    /// Does what is due.
    pub(super) fn due(&mut self, now: Time) {
        while let Some(number) = first_due(&mut self.fresh, now) {
            let Some(place) = self.place(number) else { continue };
            if self.connections[place].role == Role::Fresh {
                self.refuse(place, "handshake-timeout", "nobody said hello in time", now);
            }
        }
        while let Some(number) = first_due(&mut self.closing, now) {
            if let Some(place) = self.place(number) {
                // Who has not taken its last words by now does not get them.
                if self.connections[place].has_waiting() {
                    self.connections[place].reset_when_dropped();
                }
                self.remove(place);
            }
        }
        while let Some(device) = self.devices.due(now) {
            self.on_session(device, now, |session, cx| session.advance(cx));
        }
        while !self.cut.is_empty() {
            self.tell_cut_off(now);
        }
    }

    /// Every connection is reset, without a word.
    pub(super) fn reset_all(&mut self) {
        for place in self.connections.iter().map(|(place, _)| place).collect::<Vec<_>>() {
            self.connections[place].reset_when_dropped();
            self.remove(place);
        }
        self.fresh.clear();
        self.closing.clear();
        self.cut.clear();
        self.again.clear();
        self.collected.clear();
    }

    /// Ends the connections that are nobody's session: publishers, and those that have not said hello.
    pub(super) fn finish_others(&mut self, why: SessionEnd, now: Time) {
        let others = self.connections.iter().filter(|(_, one)| match one.role {
            Role::Fresh | Role::Publisher => true,
            Role::Device(_) | Role::Closing => false,
        });
        for place in others.map(|(place, _)| place).collect::<Vec<_>>() {
            self.say_goodbye(place, goodbye(why), now);
        }
    }
}

/// The first connection whose time has come.
fn first_due(queue: &mut VecDeque<(Time, u32)>, now: Time) -> Option<u32> {
    queue.front().filter(|(at, _)| *at <= now)?;
    queue.pop_front().map(|(_, number)| number)
}

/// What a connection is told when its session ends, if it is told anything.
pub(super) fn goodbye(why: SessionEnd) -> Option<(&'static str, &'static str)> {
    match why {
        SessionEnd::Idle => Some(("idle", "nothing was heard of you for too long")),
        SessionEnd::HeartbeatUnanswered => Some(("unanswered", "a heartbeat was not answered")),
        SessionEnd::Replaced => {
            Some(("replaced", "another connection of your device took its place"))
        }
        SessionEnd::Restart => Some(("restart", "the server goes down")),
        SessionEnd::Drained => Some(("drained", "the server drains; connect again")),
        SessionEnd::Dropped => Some(("dropped", "somebody dropped this connection")),
        SessionEnd::ClosedByClient
        | SessionEnd::Failed
        | SessionEnd::RegistrationExpired
        | SessionEnd::LateEnd => None,
    }
}
