//! The client's timers, by name.

use crate::port::TimerId;

/// The connection, with the server's welcome, takes too long.
pub(super) const CONNECT_TIMEOUT: TimerId = TimerId(1);
/// The pong takes too long.
pub(super) const PING_DEADLINE: TimerId = TimerId(2);
/// It is time for the next regular ping.
pub(super) const PING_INTERVAL: TimerId = TimerId(3);
/// It is time for the next attempt to connect.
pub(super) const RECONNECT: TimerId = TimerId(4);
/// It is time to register again.
pub(super) const REGISTER: TimerId = TimerId(5);
/// The block that the keep-alive handler dispatched is run.
pub(super) const DEFERRED: TimerId = TimerId(6);
/// Another thread gets to ending a task.
pub(super) const TASK_END: TimerId = TimerId(7);

/// What the built-in app waits for with this timer; `None` for a number that it never gives out.
pub fn timer_meaning(timer: TimerId) -> Option<&'static str> {
    Some(match timer {
        CONNECT_TIMEOUT => "the connection, with the server's welcome, takes too long",
        PING_DEADLINE => "the pong takes too long",
        PING_INTERVAL => "the next regular ping",
        RECONNECT => "the next attempt to connect",
        REGISTER => "the next registration",
        DEFERRED => "the block that the keep-alive handler dispatched",
        TASK_END => "another thread gets to ending a task",
        TimerId(_) => return None,
    })
}
