//! The push server's core: sessions, offline queue, heartbeats. It knows frames, not sockets.

mod options;

pub use options::{DeliveredWhen, QueueKind, ServerOptions};
