//! What the path needs besides its own state.

use super::{Access, Host};
use crate::port::{ConnectBy, Draws, Interface, Span};
use crate::trace::Probe;

/// TCP keep-alive of one end.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Probes {
    /// After how long without anything received the first probe is sent.
    pub idle: Span,
    /// From one probe to the next.
    pub interval: Span,
    /// How many unanswered probes end the connection, one interval after the last.
    pub count: u32,
}

/// A device's networks. Does not change during a run.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct NetConfig {
    /// The way by Wi-Fi.
    pub wifi: Access,
    /// The way by the cellular modem.
    pub cellular: Access,
    /// TCP keep-alive of the phone's sockets; `None` is off, the default of a socket.
    pub phone_keep_alive: Option<Probes>,
    /// TCP keep-alive of the server's sockets; `None` is off, the default of a socket.
    pub server_keep_alive: Option<Probes>,
    /// How the app says which server it wants.
    pub connect_by: ConnectBy,
    /// Whether the system makes an IPv6 address of an IPv4 literal where the network carries IPv6 only.
    pub synthesises_literals: bool,
    /// How long the phone's resolver waits for an answer altogether.
    pub resolver_timeout: Span,
}

impl NetConfig {
    /// The way onto the network by `interface`; `None` without an interface.
    pub fn access(&self, interface: Interface) -> Option<&Access> {
        match interface {
            Interface::None => None,
            Interface::Wifi => Some(&self.wifi),
            Interface::Cellular => Some(&self.cellular),
        }
    }
}

/// What each call borrows: settings, what the server's host does, chance, and who watches.
pub struct Context<'a, O> {
    /// The device's networks.
    pub config: &'a NetConfig,
    /// What the server's host does now with what arrives.
    pub host: Host,
    /// The device's chance.
    pub draws: Draws,
    /// Who watches; `probe.at` is now.
    pub probe: Probe<'a, O>,
}
