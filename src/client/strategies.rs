//! The strategies that come with holdline; misbehaviour is data like any other.

use super::Strategy;
use crate::settings::{Shelf, shelf};

/// The strategies that come with holdline; misbehaviour is data like any other.
pub const STRATEGIES: Shelf<Strategy> = shelf!["strategies":
    "default",
    "closes-scheduled",
    "closes-scheduled-fixed",
    "deadline-on-uptime",
    "deadline-on-uptime-fixed",
    "disconnects-in-background",
    "ends-task-too-late",
    "ends-task-too-late-fixed",
    "ends-wrong-task",
    "ends-wrong-task-fixed",
    "exits-in-background",
    "forgets-read-stream",
    "forgets-run-loop",
    "gcd-async-socket",
    "gcd-async-socket-outside",
    "handles-end-twice",
    "handles-end-twice-fixed",
    "hangs-at-launch",
    "hangs-in-background",
    "hangs-in-expiry",
    "hangs-in-handler",
    "heartbeat-only",
    "infinite-heartbeat",
    "leaks-task",
    "leaks-task-fixed",
    "leaks-task-in-handler",
    "long-poll",
    "ping-in-handler",
    "ping-without-task",
    "pings-after-handler",
    "pings-after-handler-fixed",
    "plain-socket",
    "reconnect-every-600s",
    "reconnect-every-600s-fixed",
    "reconnect-in-handler",
    "reconnect-without-task",
    "runs-loop-without-sources",
    "schedules-in-wrong-mode",
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
