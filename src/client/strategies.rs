//! The strategies that come with holdline; misbehaviour is data like any other.

use super::Strategy;
use crate::settings::{Layer, LayerError};

/// Every strategy: name and TOML text.
pub const STRATEGIES: &[(&str, &str)] = &[
    ("default", include_str!("strategies/default.toml")),
    ("disconnects-in-background", include_str!("strategies/disconnects-in-background.toml")),
    ("exits-in-background", include_str!("strategies/exits-in-background.toml")),
    ("forgets-read-stream", include_str!("strategies/forgets-read-stream.toml")),
    ("forgets-run-loop", include_str!("strategies/forgets-run-loop.toml")),
    ("hangs-at-launch", include_str!("strategies/hangs-at-launch.toml")),
    ("hangs-in-background", include_str!("strategies/hangs-in-background.toml")),
    ("hangs-in-expiry", include_str!("strategies/hangs-in-expiry.toml")),
    ("hangs-in-handler", include_str!("strategies/hangs-in-handler.toml")),
    ("heartbeat-only", include_str!("strategies/heartbeat-only.toml")),
    ("leaks-task", include_str!("strategies/leaks-task.toml")),
    ("leaks-task-in-handler", include_str!("strategies/leaks-task-in-handler.toml")),
    ("ping-in-handler", include_str!("strategies/ping-in-handler.toml")),
    ("ping-without-task", include_str!("strategies/ping-without-task.toml")),
    ("plain-socket", include_str!("strategies/plain-socket.toml")),
    ("reconnect-in-handler", include_str!("strategies/reconnect-in-handler.toml")),
    ("reconnect-without-task", include_str!("strategies/reconnect-without-task.toml")),
    ("shows-twice", include_str!("strategies/shows-twice.toml")),
    ("tags-too-late", include_str!("strategies/tags-too-late.toml")),
    ("white-space-in-handler", include_str!("strategies/white-space-in-handler.toml")),
    ("workload", include_str!("strategies/workload.toml")),
];

/// Reads the strategy called `name`.
///
/// # Errors
/// [`LayerError`] when there is no such strategy.
pub fn strategy(name: &str) -> Result<Layer<Strategy>, LayerError> {
    Layer::load(name, STRATEGIES)
}

/// The names of all strategies.
pub fn strategy_names() -> impl Iterator<Item = &'static str> {
    STRATEGIES.iter().map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_strategy_states_every_key_with_source_and_confidence() {
        for name in strategy_names() {
            let layer = strategy(name).unwrap();
            assert!(!layer.about.is_empty(), "{name}: about");
            assert_eq!(layer.unstated(), Vec::<&str>::new(), "{name}");
            for (key, from) in &layer.provenance {
                assert!(!from.source.is_empty() && !from.confidence.is_empty(), "{name}: {key}");
            }
        }
    }
}
