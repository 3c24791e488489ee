//! The push servers that come with holdline.

use super::ServerOptions;
use crate::settings::{Shelf, shelf};

/// The push servers that come with holdline.
pub const PRESETS: Shelf<ServerOptions> = shelf!["presets":
    "default",
    "heartbeat-4m",
    "heartbeat-9s",
    "heartbeat-15s",
    "heartbeat-20s",
    "heartbeat-60s",
    "heartbeat-210s",
    "heartbeat-600s",
    "memory-queue",
    "mqtt",
    "tcp-keep-alive",
    "workload",
    "xmpp",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_states_every_key_with_a_source_and_a_confidence() {
        PRESETS.assert_sourced();
    }
}
