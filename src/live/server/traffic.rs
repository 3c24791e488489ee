//! What comes and goes on connections.

use std::io;

use tracing::{debug, warn};

use super::connection::{Role, Written};
use super::hub::{BUFFER, Hub};
use crate::port::Time;
use crate::trace::ConnectionEnd;
use crate::wire::Wrong;

/// How often one connection is read before others have their turn: a full buffer of a publisher's may be thousands of
/// pushes, for which everybody else waits.
const READS: usize = 2;
/// How many answers a publisher may wait for; meanwhile nothing more is read from it.
const MOST_UNANSWERED: u32 = 1_024;
/// What answers to one full buffer of a publisher may take, over what may wait.
const ANSWERS: usize = 512 * 1_024;

impl Hub {
    pub(super) fn writable(&mut self, place: usize, now: Time) {
        let Some(connection) = self.connections.get_mut(place) else { return };
        match connection.flush() {
            Written::Fine | Written::TooSlow => self.go_on(place),
            Written::Broken => self.gone(place, ConnectionEnd::Reset, now),
        }
    }

    /// Writes what was collected since the last time: what one connection is told in one turn goes together.
    pub fn flush(&mut self, now: Time) {
        let mut next = 0;
        // A connection that turns out to be broken may leave something to be told to others.
        while let Some((place, number)) = self.collected.get(next).copied() {
            next += 1;
            let there = self.connections.get(place);
            if there.is_some_and(|one| one.number == number && one.has_collected()) {
                self.writable(place, now);
            }
        }
        self.collected.clear();
    }

    /// A publisher that was not read while its answers waited is read again.
    pub(super) fn go_on(&mut self, place: usize) {
        let Some(connection) = self.connections.get_mut(place) else { return };
        if connection.held && !stands(connection) {
            connection.held = false;
            self.again.push((place, connection.number));
        }
    }

    /// Reads what there is; `closed` when the other side has said its last word, which comes behind what it said.
    pub(super) fn readable(&mut self, place: usize, closed: bool, now: Time) {
        let mut buffer = std::mem::take(&mut self.buffer);
        let mut reads = 0;
        while let Some(connection) = self.connections.get_mut(place) {
            if stands(connection) {
                connection.held = true;
                break;
            }
            if reads == READS {
                self.again.push((place, connection.number));
                break;
            }
            reads += 1;
            match connection.read(&mut buffer) {
                Ok(0) => {
                    self.gone(place, ConnectionEnd::Fin, now);
                    break;
                }
                Ok(n) => {
                    self.came(place, &buffer[..n], now);
                    self.flush(now);
                    // A shorter read has taken all there was; what comes next is told again.
                    if n < buffer.len() && !closed {
                        break;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(_) => {
                    self.gone(place, ConnectionEnd::Reset, now);
                    break;
                }
            }
        }
        self.buffer = buffer;
    }

    /// Reads those that had more than their share before.
    pub(super) fn read_again(&mut self, now: Time) {
        for (place, number) in std::mem::take(&mut self.again) {
            if self.connections.get(place).is_some_and(|one| one.number == number) {
                self.readable(place, true, now);
            }
        }
    }

    fn came(&mut self, place: usize, bytes: &[u8], now: Time) {
        let Some(connection) = self.connections.get_mut(place) else { return };
        if connection.role == Role::Closing {
            return;
        }
        let number = connection.number;
        let mut ended = false;
        let unwrapped = match connection.unwrap(bytes, self.limits.outbound.max(BUFFER)) {
            None => None,
            Some(Ok(lines)) => {
                ended = connection.has_ended();
                Some(lines)
            }
            Some(Err(broken)) => {
                debug!(connection = number, error = broken.text, "transport failed");
                return self.refuse(place, broken.reason, &broken.text, now);
            }
        };
        let mut lines = std::mem::take(&mut connection.lines);
        let bytes = unwrapped.as_deref().unwrap_or(bytes);
        let most = self.limits.line;
        lines.feed(bytes, most, |line| self.line(place, number, line, now));
        let still = self.connections.get_mut(place).filter(|one| one.number == number);
        if let Some(connection) = still {
            connection.lines = lines;
            if ended && connection.role != Role::Closing {
                self.gone(place, ConnectionEnd::Fin, now);
            }
        }
    }

    /// A line came; answers whether the next one is looked at.
    fn line(&mut self, place: usize, number: u32, line: Result<&str, Wrong>, now: Time) -> bool {
        match line {
            Ok(line) => self.said(place, line, now),
            Err(wrong) => self.refuse(place, wrong.reason(), wrong.text(), now),
        }
        self.connections
            .get(place)
            .is_some_and(|one| one.number == number && one.role != Role::Closing)
    }

    /// Sends lines on a connection, at the end of this turn at the latest; one that is too slow is cut off.
    pub(super) fn send(&mut self, place: usize, lines: &[u8]) {
        let Some(connection) = self.connections.get_mut(place) else { return };
        let most = match connection.role {
            // It is not read while it does not take its answers.
            Role::Publisher => self.limits.outbound.saturating_add(ANSWERS),
            // All that waits is written at once when it says hello: that much does not make it slow. Most take what
            // they are sent, and need no sum.
            Role::Device(device) if connection.backlog() + lines.len() > self.limits.outbound => {
                self.limits.outbound.saturating_add(self.pushes.payloads.bytes_of(device))
            }
            Role::Device(_) | Role::Fresh | Role::Closing => self.limits.outbound,
        };
        let listed = connection.has_collected();
        let sent = match self.at_once {
            true => connection.send(lines, most),
            false => connection.collect(lines, most),
        };
        if connection.has_collected() && !listed {
            self.collected.push((place, connection.number));
        }
        match sent {
            Written::Fine => {}
            Written::TooSlow => {
                warn!(connection = connection.number, "too slow: cut off");
                self.cut_off(place, Some(("too-slow", "you take too little of what is sent")));
            }
            Written::Broken => self.cut_off(place, None),
        }
    }
}

/// Whether nothing is read from a connection for the time being.
fn stands(connection: &super::connection::Connection) -> bool {
    connection.role == Role::Publisher
        && (connection.unanswered >= MOST_UNANSWERED || connection.has_waiting())
}
