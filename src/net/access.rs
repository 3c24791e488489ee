//! The keys of a network preset: one way onto the network, by Wi-Fi or by the cellular modem.

use crate::port::{Interface, Span, words};
use crate::settings::{Dist, Milliwatts, Share, settings};

words! {
    /// What a NAT does with a segment of a connection it has forgotten.
    #[derive(Default)]
    pub enum NatExpiry {
        /// Nothing: silence in both directions.
        #[default]
        Silent = "silent",
        /// It answers the phone's next segment with RST; the server's are swallowed.
        Reset = "reset",
        /// The phone's next segment makes the binding anew; the server's are swallowed until then.
        Recreate = "recreate",
    }
}

settings! {
    /// One way onto the network. Loaded from `src/net/presets/*.toml`, with sources.
    pub struct Access {
        /// The interface this is.
        "interface" => interface: Interface,
        /// How long a segment is under way, one direction.
        "latency" => latency: Dist,
        /// The share of segments that are lost by chance and sent again.
        "loss" => loss: Share,
        /// Whether it carries IPv6 only, with DNS64 and NAT64: names lead everywhere, IPv4 addresses nowhere.
        "ipv6-only" => ipv6_only: bool,
        /// Whether data stands still while the phone is in a telephone call.
        "voice-call-stalls-data" => voice_call_stalls_data: bool,
        /// From the moment the interface is there until it carries traffic.
        "attach" => attach: Dist,
        /// After how much silence the NAT forgets a connection.
        "nat.idle-timeout" => nat_idle_timeout: Option<Span>,
        /// After how much silence the NAT forgets a UDP socket. The phone's next datagram makes the binding anew.
        "nat.udp-idle-timeout" => nat_udp_idle_timeout: Option<Span>,
        /// What the NAT then does.
        "nat.on-expiry" => nat_on_expiry: NatExpiry,
        /// Further delay of a segment that finds the radio idle.
        "radio.idle-delay" => radio_idle_delay: Dist,
        /// Beside that, for a segment to the phone: how long until an idle phone listens for pages.
        "radio.paging-delay" => radio_paging_delay: Dist,
        /// Time the radio needs to leave the idle state, in full power.
        "radio.promotion-time" => promotion_time: Span,
        /// Power during that time, in milliwatts.
        "radio.promotion-power" => promotion_power: Milliwatts,
        /// Time after the last segment for which the radio stays up.
        "radio.tail-time" => tail_time: Span,
        /// Power during that time, in milliwatts.
        "radio.tail-power" => tail_power: Milliwatts,
    }
}
