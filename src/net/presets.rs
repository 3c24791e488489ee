//! Ready-made networks, as data with sources.

use super::Access;
use crate::settings::{Shelf, shelf};

/// The networks that come with holdline.
pub const PRESETS: Shelf<Access> = shelf!["presets":
    "ideal",
    "workload",
    "wifi-home",
    "wifi-home-5m",
    "wifi-home-strict",
    "lte-carrier",
    "lte-2021",
    "lte-ipv6-only",
    "carrier-900s",
    "carrier-5m",
    "carrier-270s",
    "carrier-255s-rst",
    "umts",
    "edge",
    "gprs",
    "aws-nlb",
    "aws-ec2",
    "azure-lb",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::NatExpiry;
    use crate::port::Interface;

    #[test]
    fn every_preset_states_every_key_with_a_source_and_a_confidence() {
        PRESETS.assert_sourced();
    }

    #[test]
    fn every_preset_is_of_an_interface_that_carries_traffic() {
        for name in PRESETS.names() {
            assert_ne!(PRESETS.get(name).unwrap().values.interface, Interface::None, "{name}");
        }
    }

    #[test]
    fn a_preset_overrides_what_it_extends() {
        let base = PRESETS.get("lte-carrier").unwrap().values;
        let resets = PRESETS.get("carrier-255s-rst").unwrap().values;
        assert_eq!(base.nat_on_expiry, NatExpiry::Silent);
        assert_eq!(resets.nat_on_expiry, NatExpiry::Reset);
        assert_eq!(resets.latency, base.latency);
    }
}
