//! What the path does to segments and connections, in words.

use crate::port::words;

words! {
    /// How a frame came to arrive.
    pub enum Delivery {
        /// At the first try.
        First = "first",
        /// After a retransmission.
        Retransmitted = "retransmitted",
    }
}

words! {
    /// Why a segment did not arrive.
    pub enum LossCause {
        /// The phone has no interface, or not the one the connection was made on.
        NoInterface = "no-interface",
        /// The connection was made under an address that the phone has no more.
        OldAddress = "old-address",
        /// The path swallows everything.
        Silence = "silence",
        /// The Wi-Fi is associated and has no way to the internet.
        NoInternet = "no-internet",
        /// A captive portal keeps it.
        CaptivePortal = "captive-portal",
        /// A telephone call has the radio.
        VoiceCall = "voice-call",
        /// Bad luck on the link.
        Chance = "chance",
        /// The NAT has forgotten the connection.
        Nat = "nat",
        /// The host at the other end is down.
        HostDown = "host-down",
        /// The datagram came to a socket that the phone does not have any more.
        NoSocket = "no-socket",
    }
}

words! {
    /// Why a connection is dead.
    pub enum DeadCause {
        /// The phone lost or changed the interface it was made on.
        Interface = "interface",
        /// The phone's address changed under the same interface.
        Address = "address",
        /// The path swallows everything.
        Silence = "silence",
        /// The Wi-Fi is associated and has no way to the internet.
        NoInternet = "no-internet",
        /// A captive portal stands in the way, or is itself the other end.
        CaptivePortal = "captive-portal",
        /// A telephone call has the radio; when it is over the connection works again.
        VoiceCall = "voice-call",
        /// The NAT has forgotten it.
        Nat = "nat",
        /// The server forgot it.
        Server = "server",
        /// The system took the phone's socket away.
        Reclaimed = "reclaimed",
        /// The process that held it is gone.
        Process = "process",
    }
}
