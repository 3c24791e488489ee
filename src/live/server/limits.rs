//! What a server holds at most. Every bound that is met is told with a reason.

use crate::port::Span;

/// The bounds of a server.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Limits {
    /// The longest line, in bytes.
    pub line: usize,
    /// How long a connection may take to say hello, TLS and WebSocket included.
    pub handshake: Span,
    /// Connections in all.
    pub connections: usize,
    /// Connections from one address.
    pub per_address: usize,
    /// Devices that are known: connected, or with pushes that wait.
    pub devices: usize,
    /// Bytes of the payloads of all pushes that wait.
    pub queued: usize,
    /// Bytes that wait for a slow connection to take them, besides the pushes that wait for its device; then it is
    /// closed with `ERROR too-slow`.
    pub outbound: usize,
    /// How long a connection that the server ends has to take what it is told.
    pub linger: Span,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            line: crate::wire::MOST_LINE,
            handshake: Span::from_secs(10),
            connections: 100_000,
            per_address: 100_000,
            devices: 200_000,
            queued: 256 * 1024 * 1024,
            outbound: 64 * 1024,
            linger: Span::from_secs(2),
        }
    }
}

/// How long the server waits before it accepts again when descriptors are exhausted and none became free.
pub(super) const ACCEPT_AGAIN: Span = Span::from_millis(200);
/// How long the server waits before it asks a store again that could not remove pushes.
pub(super) const REMOVE_AGAIN: Span = Span::from_secs(1);
