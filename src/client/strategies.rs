//! The strategies that come with holdline; misbehaviour is data like any other.

use super::Strategy;
use crate::settings::{Shelf, shelf};

/// The strategies that come with holdline; misbehaviour is data like any other.
pub const STRATEGIES: Shelf<Strategy> = shelf!["strategies":
    "default",
    "closes-without-unscheduling",
    "closes-without-unscheduling-corrected",
    "cocoa-async-socket",
    "cocoa-async-socket-outside",
    "deadline-on-uptime",
    "deadline-on-uptime-corrected",
    "disconnects-in-background",
    "ends-task-by-variable",
    "ends-task-by-variable-corrected",
    "ends-task-too-late",
    "ends-task-too-late-corrected",
    "exits-in-background",
    "forgets-read-stream",
    "forgets-run-loop",
    "handles-end-twice",
    "handles-end-twice-corrected",
    "hangs-at-launch",
    "hangs-in-background",
    "hangs-in-expiry",
    "hangs-in-handler",
    "heartbeat-only",
    "leaks-task",
    "leaks-task-corrected",
    "leaks-task-in-handler",
    "long-poll",
    "ping-in-handler",
    "ping-without-task",
    "pings-after-handler",
    "pings-after-handler-corrected",
    "plain-socket",
    "reconnect-in-handler",
    "reconnect-in-handler-600s",
    "reconnect-in-handler-600s-corrected",
    "reconnect-without-task",
    "runs-loop-without-sources",
    "schedules-in-wrong-mode",
    "shows-twice",
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
