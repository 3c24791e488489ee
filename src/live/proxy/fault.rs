//! The faults as values: what each does, on which connections, and how it is written.

use std::fmt;

use super::effects::Order;
use crate::net::NatExpiry;
use crate::port::{Span, words};
use crate::settings::{Dist, Setting};

words! {
    /// Which way bytes go.
    #[derive(Default)]
    pub enum Direction {
        /// Both ways.
        #[default]
        Both = "both",
        /// From the client to the server.
        ToServer = "to-server",
        /// From the server to the client.
        ToClient = "to-client",
    }
}

words! {
    /// One side of the proxy.
    pub enum Side {
        /// The client's.
        Client = "client",
        /// The server's.
        Server = "server",
    }
}

words! {
    /// Which ends of a connection are told that it is over.
    #[derive(Default)]
    pub enum Ends {
        /// Both.
        #[default]
        Both = "both",
        /// Only the client.
        Client = "client",
        /// Only the server.
        Server = "server",
    }
}

words! {
    /// How a connection ends.
    pub enum EndHow {
        /// With FIN.
        Fin = "fin",
        /// With RST.
        Reset = "reset",
    }
}

words! {
    /// How new connections are refused.
    #[derive(Default)]
    pub enum RefuseHow {
        /// Nobody listens: the kernel answers the SYN with RST.
        #[default]
        Close = "close",
        /// The connection is taken and reset at once.
        Reset = "reset",
    }
}

impl Direction {
    /// Whether bytes towards `side` go this way.
    pub(super) const fn is_to(self, side: Side) -> bool {
        match (self, side) {
            (Direction::Both, _)
            | (Direction::ToServer, Side::Server)
            | (Direction::ToClient, Side::Client) => true,
            (Direction::ToServer, Side::Client) | (Direction::ToClient, Side::Server) => false,
        }
    }
}

impl Side {
    /// The other side.
    pub(super) const fn peer(self) -> Side {
        match self {
            Side::Client => Side::Server,
            Side::Server => Side::Client,
        }
    }
}

impl Ends {
    /// Whether `side` is one of them.
    pub(super) const fn has(self, side: Side) -> bool {
        match (self, side) {
            (Ends::Both, _) | (Ends::Client, Side::Client) | (Ends::Server, Side::Server) => true,
            (Ends::Client, Side::Server) | (Ends::Server, Side::Client) => false,
        }
    }
}

/// What is wrong with the path, or done to it.
#[derive(Clone, PartialEq, Debug)]
pub enum Fault {
    /// Bytes stand still: they are held, up to the bound, and go on in order when it is removed.
    Silence {
        /// Which of them.
        direction: Direction,
    },
    /// Bytes take longer. Their order is kept.
    Delay {
        /// Which of them.
        direction: Direction,
        /// How long they are under way, one direction; drawn for each piece that is read.
        latency: Dist,
        /// What is added to that; drawn as well.
        jitter: Dist,
    },
    /// No more bytes than so many in a second.
    Bandwidth {
        /// Of which direction, each for itself.
        direction: Direction,
        /// Bytes in a second.
        rate: u64,
    },
    /// New connections are refused.
    Refuse {
        /// What that looks like.
        how: RefuseHow,
    },
    /// New connections are taken by something that never says anything, and the server hears
    /// nothing of them.
    AcceptSilent,
    /// Connections are forgotten when no byte went through for so long.
    NatForget {
        /// For how long.
        idle_timeout: Span,
        /// What becomes of bytes then.
        on_expiry: NatExpiry,
    },
    /// Connections end when they are so old, whatever goes over them.
    CloseAfter {
        /// Counted from when the client connected.
        after: Span,
        /// How both ends are told.
        how: EndHow,
    },
    /// At once: connections are forgotten.
    NatForgetNow {
        /// What becomes of bytes then.
        on_expiry: NatExpiry,
    },
    /// At once: RST.
    Reset {
        /// Who gets it. The other end is told nothing.
        to: Ends,
    },
    /// At once: FIN.
    Close {
        /// Who gets it. The other end is told nothing.
        to: Ends,
    },
    /// At once: the server's side ends, the client is told nothing.
    HalfOpen {
        /// How the server's side ends.
        how: EndHow,
        /// Whether later bytes of the client are answered with RST; they are swallowed otherwise.
        then_reset: bool,
    },
}

/// Which connections a fault is about.
#[derive(Copy, Clone, PartialEq, Eq, Default, Debug)]
pub enum On {
    /// All, those that are there and those that come.
    #[default]
    All,
    /// Only those that come.
    New,
    /// One, by its number.
    Connection(u64),
}

/// A fault, and the connections it is about.
#[derive(Clone, PartialEq, Debug)]
pub struct FaultSpec {
    /// The fault.
    pub fault: Fault,
    /// The connections.
    pub on: On,
}

impl From<Fault> for FaultSpec {
    fn from(fault: Fault) -> FaultSpec {
        FaultSpec { fault, on: On::All }
    }
}

/// The number of a fault that was set.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct FaultId(pub u64);

/// One of the changes that are made together.
#[derive(Clone, PartialEq, Debug)]
pub enum Change {
    /// Set a fault, beside those that are set.
    Add(FaultSpec),
    /// Remove one.
    Remove(FaultId),
    /// Remove all that were set before this list.
    Clear,
}

/// Why a list of changes was not made: nothing of it was.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Invalid {
    /// Which of the changes is wrong, from 0.
    pub change: usize,
    /// What is wrong with it.
    pub message: String,
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Invalid {}

impl Fault {
    /// Its name, as written first.
    pub const fn name(&self) -> &'static str {
        match self {
            Fault::Silence { .. } => "silence",
            Fault::Delay { .. } => "delay",
            Fault::Bandwidth { .. } => "bandwidth",
            Fault::Refuse { .. } => "refuse",
            Fault::AcceptSilent => "accept-silent",
            Fault::NatForget { .. } | Fault::NatForgetNow { .. } => "nat-forget",
            Fault::CloseAfter { .. } => "close-after",
            Fault::Reset { .. } => "reset",
            Fault::Close { .. } => "close",
            Fault::HalfOpen { .. } => "half-open",
        }
    }

    /// Its parameters, as they are written.
    pub fn parameters(&self) -> Vec<(&'static str, String)> {
        match self {
            Fault::Silence { direction } => vec![("direction", direction.show())],
            Fault::Delay { direction, latency, jitter } => vec![
                ("latency", latency.show()),
                ("jitter", jitter.show()),
                ("direction", direction.show()),
            ],
            Fault::Bandwidth { direction, rate } => {
                vec![("rate", rate.to_string()), ("direction", direction.show())]
            }
            Fault::Refuse { how } => vec![("how", how.show())],
            Fault::AcceptSilent => Vec::new(),
            Fault::NatForget { idle_timeout, on_expiry } => {
                vec![("idle-timeout", exact(*idle_timeout)), ("on-expiry", on_expiry.show())]
            }
            Fault::CloseAfter { after, how } => vec![("after", exact(*after)), ("how", how.show())],
            Fault::NatForgetNow { on_expiry } => {
                vec![("now", true.show()), ("on-expiry", on_expiry.show())]
            }
            Fault::Reset { to } | Fault::Close { to } => vec![("to", to.show())],
            Fault::HalfOpen { how, then_reset } => {
                vec![("how", how.show()), ("then-reset", then_reset.show())]
            }
        }
    }

    /// Whether it is done at once, and is no state that could be removed.
    pub const fn at_once(&self) -> bool {
        Order::of(self).is_some()
    }

    /// Whether it is about how connections begin, so that it says nothing of those that are there.
    pub(super) const fn at_the_door(&self) -> bool {
        matches!(self, Fault::Refuse { .. } | Fault::AcceptSilent)
    }
}

/// A span as people write it in one word: in the greatest unit that holds it in whole numbers.
fn exact(span: Span) -> String {
    let text = span.to_string();
    if !text.contains(' ') && Span::parse(&text) == Ok(span) {
        return text;
    }
    let micros = span.as_micros();
    let (unit, name) = [(1_000_000, "s"), (1_000, "ms")]
        .into_iter()
        .find(|(unit, _)| micros.is_multiple_of(*unit))
        .unwrap_or((1, "us"));
    format!("{}{name}", micros / unit)
}

impl fmt::Display for On {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            On::All => f.pad("all"),
            On::New => f.pad("new"),
            On::Connection(number) => write!(f, "{number}"),
        }
    }
}

impl fmt::Display for FaultSpec {
    /// As it is read: `delay latency=80ms jitter=0s direction=both`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.fault.name())?;
        for (key, value) in self.fault.parameters() {
            write!(f, " {key}={value}")?;
        }
        match self.on {
            On::All => Ok(()),
            On::New | On::Connection(_) => write!(f, " on={}", self.on),
        }
    }
}

impl fmt::Display for FaultId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
