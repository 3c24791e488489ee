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
