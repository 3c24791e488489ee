//! The push server's core: sessions, offline queue, heartbeats. It knows frames, not sockets.

mod cancel;
mod delivery;
mod media;
mod options;
mod presets;
mod queue;
mod registration;
mod resend;
mod session;
mod side;
mod strays;
#[cfg(test)]
mod tests;
mod timers;

pub use options::{DeliveredWhen, EndedBy, QueueKind, ServerOptions, Via};
pub use presets::PRESETS;
pub use session::{Context, DropHow, Output, Session};
