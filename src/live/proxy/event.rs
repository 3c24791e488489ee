//! What happens at a proxy, as it is told to whoever listens.

use std::fmt;
use std::net::SocketAddr;

use super::fault::Side;
use crate::port::{Span, Time};

/// Something that happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProxyEvent {
    /// When.
    pub at: Time,
    /// On which connection; of those that were refused and of the listener, none.
    pub connection: Option<u64>,
    /// What.
    pub what: ProxyWhat,
}

/// What happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ProxyWhat {
    /// A client connected.
    Connected {
        /// From where.
        client: SocketAddr,
    },
    /// The proxy connected to the server for it.
    ServerReached {
        /// The proxy's own address in that, which is the client's for the server.
        local: Option<SocketAddr>,
    },
    /// The server could not be reached. The client gets RST.
    ServerFailed {
        /// Why.
        why: String,
    },
    /// A connection was refused with RST.
    Refused {
        /// From where it came.
        client: SocketAddr,
        /// Why.
        why: Refusal,
    },
    /// This side said that it sends no more.
    Fin {
        /// Which.
        from: Side,
    },
    /// This side reset the connection.
    Reset {
        /// Which.
        from: Side,
    },
    /// Bytes (or FIN, or RST) from this side stand still from now on.
    Held {
        /// From which.
        from: Side,
    },
    /// The path forgot the connection.
    NatForgot {
        /// How long no byte went over it.
        idle: Span,
    },
    /// The proxy ended one side, because a fault says so.
    Ended {
        /// Which.
        to: Side,
        /// With RST; with FIN otherwise.
        reset: bool,
    },
    /// Nothing is left of the connection.
    Closed,
    /// No connection could be taken for want of something; it is tried again.
    CannotAccept {
        /// Why.
        why: String,
    },
}

/// Why a connection was refused.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// A fault says so.
    Fault,
    /// There are as many as the proxy takes.
    TooMany,
}

impl fmt::Display for ProxyEvent {
    /// One line: `00:00:12.345 connection 3: fin from client`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.at)?;
        if let Some(number) = self.connection {
            write!(f, "connection {number}: ")?;
        }
        match &self.what {
            ProxyWhat::Connected { client } => write!(f, "connected from {client}"),
            ProxyWhat::ServerReached { local: Some(local) } => {
                write!(f, "server reached from {local}")
            }
            ProxyWhat::ServerReached { local: None } => f.write_str("server reached"),
            ProxyWhat::ServerFailed { why } => write!(f, "server not reached: {why}"),
            ProxyWhat::Refused { client, why: Refusal::Fault } => write!(f, "refused {client}"),
            ProxyWhat::Refused { client, why: Refusal::TooMany } => {
                write!(f, "refused {client}: too many connections")
            }
            ProxyWhat::Fin { from } => write!(f, "fin from {from}"),
            ProxyWhat::Reset { from } => write!(f, "reset from {from}"),
            ProxyWhat::Held { from } => write!(f, "bytes from {from} are held"),
            ProxyWhat::NatForgot { idle } => write!(f, "forgotten after {idle} without a byte"),
            ProxyWhat::Ended { to, reset: true } => write!(f, "reset sent to {to}"),
            ProxyWhat::Ended { to, reset: false } => write!(f, "fin sent to {to}"),
            ProxyWhat::Closed => f.write_str("closed"),
            ProxyWhat::CannotAccept { why } => write!(f, "cannot take connections: {why}"),
        }
    }
}
