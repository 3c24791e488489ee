//! The path between phone and server: link, NAT, TCP at connection level, radio energy.
//!
//! [`Net`] is one device's path. It is asked to connect, send, finish; it is told what the world does to
//! the path; it says when something is due next and what came out. A healthy segment costs one due
//! event, its arrival: acknowledgements are not events, their effects are applied at the arrival. The
//! path is judged when a segment is sent, the endpoint when it arrives, and only a failure brings
//! retransmissions into being.
//!
//! One file a rule: `link` interface and address, `names` what comes before the first SYN, `faults` what
//! stands in the way, `portal` a captive one, `nat` bindings, `path` the verdict on a segment,
//! `retransmit` the two schedules, `rtt` the estimate they start from, `sleep` what a sleeping phone does
//! not send, `radio` energy, `follow` a connectivity trace, `heal` the end of faults, `way` one direction's segments, `connection` both ends, `arrive` what arrives,
//! `timers` what is due; `flow` is all of a UDP socket. `machine` holds them together, `context` is what it
//! is told, `access` and `presets` are the numbers, `inspect` is what can be read of it all.

mod access;
mod arrive;
mod connection;
mod context;
mod faults;
mod flow;
mod follow;
mod heal;
mod inspect;
mod link;
mod machine;
mod names;
mod nat;
mod path;
mod portal;
mod presets;
mod radio;
mod retransmit;
mod rtt;
mod sleep;
mod timers;
mod way;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use access::{Access, NatExpiry};
pub use context::{Context, NetConfig, Probes};
#[cfg(feature = "live")]
pub(crate) use faults::Faults;
pub use faults::{Portal, Resolver};
pub use follow::Conditions;
pub use inspect::{ConnectionSeen, Due, EndSeen, NatSeen, RetrySeen, Timer};
pub(crate) use link::Link;
pub use machine::{Net, Output, PhoneEvent, ServerEvent};
pub use presets::PRESETS;
#[cfg(feature = "live")]
pub(crate) use radio::Radio;
pub(crate) use retransmit::{SYN_SECONDS, gives_up_after};

use crate::port::words;

words! {
    /// One end of a connection.
    pub enum End {
        /// The phone's.
        Phone = "phone",
        /// The server's.
        Server = "server",
    }
}

impl End {
    /// The other end.
    pub const fn peer(self) -> End {
        match self {
            End::Phone => End::Server,
            End::Server => End::Phone,
        }
    }
}

words! {
    /// What the server's host does with what arrives.
    pub enum Host {
        /// It serves.
        Up = "up",
        /// The host is up, nobody listens: new connections are refused, old ones unknown.
        Refusing = "refusing",
        /// The host is away: silence.
        Silent = "silent",
    }
}
