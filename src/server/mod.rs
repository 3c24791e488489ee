//! The push server's core: sessions, offline queue, heartbeats. It knows frames, not sockets.

mod options;
mod presets;
mod queue;
mod session;
mod strays;
#[cfg(test)]
mod tests;
mod timers;

pub use options::{DeliveredWhen, EndedBy, QueueKind, ServerOptions};
pub use presets::PRESETS;
pub use session::{Context, DropHow, Output, Session};
