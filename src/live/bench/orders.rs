//! What a generator is told to do, and what it answers: a line of JSON each.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use super::histogram::Histogram;

/// A kind of server.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) enum Kind {
    /// Says what it was told.
    Echo,
    /// The push server.
    Holdline,
}

impl Kind {
    /// As reports name it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Kind::Echo => "echo",
            Kind::Holdline => "holdline",
        }
    }
}

/// Where the servers are and how they are talked to: the first line that a generator reads.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Setup {
    /// Of this kind.
    pub(super) kind: Kind,
    /// Connection `n` goes to server `n` modulo their number.
    pub(super) servers: Vec<SocketAddr>,
    /// The number of this generator's first connection among all.
    pub(super) first: u32,
    /// How many connections are this generator's.
    pub(super) count: u32,
    /// How many there are in all generators.
    pub(super) everyone: u32,
    /// How far after 127.0.0.0 its first address is; `None` leaves addresses to the system.
    pub(super) source: Option<u32>,
}

/// What a generator does next.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Order {
    /// Open a connection to each server that publishes.
    Authorise {
        /// The token of the control API.
        token: String,
    },
    /// Open all connections and say hello.
    Connect {
        /// So many at once.
        at_once: u32,
    },
    /// One delivery to every connection.
    OneToAll {
        /// Which one.
        round: u32,
        /// How long the payload is.
        payload: usize,
        /// Whether this generator begins it.
        begins: bool,
    },
    /// Deliveries to the first connection, one after the other.
    OneToOne {
        /// How many.
        messages: u32,
        /// How many are under way at most.
        window: u32,
        /// How long the payload is.
        payload: usize,
    },
    /// Pings, each on the next connection.
    Pings {
        /// How many.
        count: u32,
        /// How many are under way at most.
        at_once: u32,
    },
    /// Nothing more may come.
    Settle,
}

/// What came of an order.
#[derive(Clone, Default, Debug, Serialize, Deserialize)]
pub(super) struct Done {
    /// When it began, in nanoseconds since the epoch.
    pub(super) began: u64,
    /// When the last answer came.
    pub(super) ended: u64,
    /// How many answers came.
    pub(super) count: u64,
    /// The processor time that the generator took for it, in nanoseconds, if the system says so.
    pub(super) cpu: Option<u64>,
    /// How long the answers took.
    pub(super) latencies: Histogram,
}

impl Done {
    /// Both together.
    pub(super) fn merge(&mut self, other: &Done) {
        let first = if self.count == 0 { u64::MAX } else { self.began };
        let cpu =
            if self.count == 0 { other.cpu } else { self.cpu.zip(other.cpu).map(|(a, b)| a + b) };
        self.began = first.min(other.began);
        self.ended = self.ended.max(other.ended);
        self.count += other.count;
        self.cpu = cpu;
        self.latencies.merge(&other.latencies);
    }
}

/// A generator's answer to an order; else why it failed.
pub(super) type Answer = Result<Done, String>;
