//! The push servers that come with holdline.

use super::ServerOptions;
use crate::settings::{Layer, LayerError};

/// Every preset: name and TOML text.
pub const PRESETS: &[(&str, &str)] = &[
    ("default", include_str!("presets/default.toml")),
    ("heartbeat-4m", include_str!("presets/heartbeat-4m.toml")),
    ("heartbeat-15s", include_str!("presets/heartbeat-15s.toml")),
    ("memory-queue", include_str!("presets/memory-queue.toml")),
    ("mqtt", include_str!("presets/mqtt.toml")),
    ("tcp-keep-alive", include_str!("presets/tcp-keep-alive.toml")),
    ("workload", include_str!("presets/workload.toml")),
];

/// Reads the preset called `name`.
///
/// # Errors
/// [`LayerError`] when there is no such preset.
pub fn preset(name: &str) -> Result<Layer<ServerOptions>, LayerError> {
    Layer::load(name, PRESETS)
}

/// The names of all presets.
pub fn preset_names() -> impl Iterator<Item = &'static str> {
    PRESETS.iter().map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_states_every_key_with_source_and_confidence() {
        for name in preset_names() {
            let layer = preset(name).unwrap();
            assert!(!layer.about.is_empty(), "{name}: about");
            assert_eq!(layer.unstated(), Vec::<&str>::new(), "{name}");
            for (key, from) in &layer.provenance {
                assert!(!from.source.is_empty() && !from.confidence.is_empty(), "{name}: {key}");
            }
        }
    }
}
