//! The path between phone and server: link, NAT, TCP at connection level, radio energy.

mod access;

pub use access::{Access, NatExpiry};

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
