//! The strategies that come with holdline; misbehaviour is data like any other.

use super::Strategy;
use crate::settings::{Shelf, shelf};

/// The strategies that come with holdline; misbehaviour is data like any other.
pub const STRATEGIES: Shelf<Strategy> = shelf!["strategies":
    "default",
    "deadline-on-uptime",
    "deadline-on-uptime-corrected",
    "disconnects-in-background",
    "exits-in-background",
    "forgets-read-stream",
    "forgets-run-loop",
    "hangs-at-launch",
    "hangs-in-background",
    "hangs-in-expiry",
    "hangs-in-handler",
    "heartbeat-only",
    "infinite-heartbeat",
    "leaks-task",
    "leaks-task-corrected",
    "leaks-task-in-handler",
    "ping-in-handler",
    "ping-without-task",
    "plain-socket",
    "reconnect-in-handler",
    "reconnect-in-handler-600s",
    "reconnect-in-handler-600s-corrected",
    "reconnect-without-task",
    "shows-twice",
    "sip-tcp",
    "sip-two-sockets",
    "sip-udp",
    "tags-too-late",
    "white-space-in-handler",
    "workload",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_strategy_states_every_key_with_a_source_and_a_confidence() {
        STRATEGIES.assert_sourced();
    }
}
