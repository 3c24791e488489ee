//! The push server's core: sessions, offline queue, heartbeats. It knows frames, not sockets.
//!
//! [`Session`] is all that the server has of one device. One file a rule: `session` hello, heartbeats and the
//! end, `timers` when they are due, `delivery` a push's way to a connection, `queue` what waits, `resend` what
//! is written again over UDP, `cancel` a push withdrawn, `registration` its time, `side` the second
//! connection, `inspect` what can be read of it all, `strays` those without a session, `media` a stream; `options` and `presets` the numbers.

mod cancel;
mod delivery;
mod inspect;
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

pub use inspect::{Held, HeldAs, Job, ServerDue, Waits};
pub use options::{DeliveredWhen, EndedBy, QueueKind, ServerOptions, Via};
pub use presets::PRESETS;
pub use session::{Context, DropHow, Output, Session};
pub use timers::Due;
