//! Ready-made networks, as data with sources.

use super::Access;
use crate::settings::{Layer, LayerError};

macro_rules! documents {
    ($($name:literal),+ $(,)?) => {
        &[$(($name, include_str!(concat!("presets/", $name, ".toml")))),+]
    };
}

/// The presets: name and TOML text.
pub const PRESETS: &[(&str, &str)] = documents![
    "ideal",
    "workload",
    "wifi-home",
    "wifi-home-5m",
    "wifi-home-strict",
    "lte-carrier",
    "carrier-5m",
    "carrier-270s",
    "carrier-255s-rst",
    "umts",
    "edge",
    "aws-nlb",
    "aws-ec2",
    "azure-lb",
];

/// Reads a preset.
///
/// # Errors
/// [`LayerError`] when there is none of this name.
pub fn preset(name: &str) -> Result<Layer<Access>, LayerError> {
    Layer::load(name, PRESETS)
}

/// The names of all presets.
pub fn preset_names() -> impl Iterator<Item = &'static str> {
    PRESETS.iter().map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::NatExpiry;
    use crate::port::Interface;

    #[test]
    fn every_preset_states_every_key_with_a_source_and_a_confidence() {
        for name in preset_names() {
            let layer = preset(name).unwrap();
            assert_eq!(layer.unstated(), Vec::<&str>::new(), "{name}");
            assert!(!layer.about.is_empty(), "{name} says what it is");
            for (key, from) in &layer.provenance {
                assert!(!from.source.is_empty(), "{name}: {key} has a source");
                assert!(
                    matches!(from.confidence.as_str(), "H" | "M" | "D" | "R" | "T"),
                    "{name}: {key} has a confidence"
                );
            }
            assert_ne!(layer.values.interface, Interface::None, "{name}");
        }
    }

    #[test]
    fn an_unknown_preset_is_an_error() {
        assert!(preset("carrier-pigeon").is_err());
    }

    #[test]
    fn a_preset_overrides_what_it_extends() {
        let base = preset("lte-carrier").unwrap().values;
        let resets = preset("carrier-255s-rst").unwrap().values;
        assert_eq!(base.nat_on_expiry, NatExpiry::Silent);
        assert_eq!(resets.nat_on_expiry, NatExpiry::Reset);
        assert_eq!(resets.latency, base.latency);
    }
}
