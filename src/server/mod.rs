//! The push server's core: sessions, offline queue, heartbeats. It knows frames, not sockets.

mod options;
mod presets;
mod queue;
mod session;
#[cfg(test)]
mod tests;
mod timers;

pub use options::{DeliveredWhen, QueueKind, ServerOptions};
pub use presets::PRESETS;
pub use session::{Context, DropHow, Output, Session};
