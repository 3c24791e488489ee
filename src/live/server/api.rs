//! What can be asked of a running server, from other threads: [`Command`]s through a [`Handle`](super::Handle).
//!
//! The server runs on one thread of its own and answers each command through its `reply`.

use std::sync::Arc;

use tokio::sync::oneshot;

use crate::port::Span;
use crate::server::DropHow;
use crate::trace::RestartKind;

/// Whom a command concerns.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum To {
    /// One device.
    Device(String),
    /// Every device that is connected.
    All,
}

/// A push that was accepted: where there is a store, it is in there for good.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Accepted {
    /// Its id; of one to all, the first of as many ids as devices.
    pub id: u64,
    /// For how many devices.
    pub devices: u32,
}

/// Why the server does not do what it is asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refused {
    /// No such device is known.
    UnknownDevice,
    /// The device is not connected.
    NotConnected,
    /// That is no name of a device.
    DeviceName,
    /// The payload is too long or has control characters.
    Payload,
    /// As many devices are known as the server holds.
    TooManyDevices,
    /// All queues together are as large as the server allows.
    Full,
    /// The store could not write; why.
    Store(String),
    /// The server is down, or drains.
    Down,
}

impl Refused {
    /// The reason in one word, as on the wire and in the control API.
    pub const fn reason(&self) -> &'static str {
        match self {
            Refused::UnknownDevice => "unknown-device",
            Refused::NotConnected => "not-connected",
            Refused::DeviceName => "device-name",
            Refused::Payload => "payload",
            Refused::TooManyDevices => "too-many-devices",
            Refused::Full => "full",
            Refused::Store(_) => "store",
            Refused::Down => "down",
        }
    }
}

/// One device, as the server knows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeviceInfo {
    /// Its name.
    pub device: String,
    /// The address of its connection, if it is connected.
    pub address: Option<String>,
    /// `tcp`, `tls`, `ws` or `wss`.
    pub transport: Option<&'static str>,
    /// How long it has been connected.
    pub connected_for: Option<Span>,
    /// Since when nothing was heard of it.
    pub heard_ago: Option<Span>,
    /// Pushes that wait to be delivered or acknowledged.
    pub waiting: u32,
}

/// What the server counted since it was started, and what it holds now.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Stats {
    /// Each counter and gauge, by its name in Prometheus' spelling: see `docs/protocol.md`.
    pub values: Vec<Stat>,
}

/// One counter or gauge.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stat {
    /// Its name, `holdline_connections` for example.
    pub name: &'static str,
    /// What it counts.
    pub help: &'static str,
    /// A counter only grows.
    pub counter: bool,
    /// A label and its value, `reason="too-slow"` for example.
    pub label: Option<(&'static str, &'static str)>,
    /// How much.
    pub value: u64,
}

/// The server's answer to a command.
pub type Reply<T> = oneshot::Sender<Result<T, Refused>>;

/// What can be asked of the server.
#[derive(Debug)]
pub enum Command {
    /// Accept a push.
    Push {
        /// For whom.
        to: To,
        /// One line of text.
        payload: Arc<str>,
        /// How long it is worth delivering; the server's default when absent.
        ttl: Option<Span>,
        /// Answers when the push is accepted for good.
        reply: Reply<Accepted>,
    },
    /// Withdraw a push.
    Cancel {
        /// For which device.
        device: String,
        /// The push.
        id: u64,
        /// Answers when it is done.
        reply: Reply<()>,
    },
    /// The devices that are connected or have pushes waiting, by name.
    Devices {
        /// At most so many, after the device of this name.
        limit: usize,
        /// Where to go on.
        after: Option<String>,
        /// The answer.
        reply: Reply<Vec<DeviceInfo>>,
    },
    /// One device.
    Device {
        /// Which.
        device: String,
        /// The answer.
        reply: Reply<DeviceInfo>,
    },
    /// Ask for a sign of life, now.
    Heartbeat {
        /// Whom.
        to: To,
        /// How many were asked.
        reply: Reply<u32>,
    },
    /// End connections.
    Drop {
        /// Whose.
        to: To,
        /// What it looks like from outside.
        how: DropHow,
        /// How many were ended.
        reply: Reply<u32>,
    },
    /// Go down and come back.
    Restart {
        /// What it looks like from outside.
        how: RestartKind,
        /// For how long.
        down_for: Span,
        /// Answers when the server is down.
        reply: Reply<()>,
    },
    /// Tell everybody to go away, accept nobody any more, and end when all have gone or the grace is over.
    Drain {
        /// How long they have.
        grace: Span,
        /// How many are connected now.
        reply: Reply<u32>,
    },
    /// What was counted.
    Stats {
        /// The answer.
        reply: Reply<Stats>,
    },
}
