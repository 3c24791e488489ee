//! What only iOS has: streams on run loops, UIKit's life of an app, background tasks, notifications, pushes.
//!
//! This is the only place with `unsafe`. It is thin: it turns what the system calls into
//! [`Callback`](crate::port::Callback)s and the calls of [`Backend`](super::Backend) into the system's, and decides
//! nothing; what there is to decide is in `system`, and in the agent's policy. Everything is on the main thread; who is
//! called on another one hops there.
//!
//! No machine without a phone can run this. What only a phone can verify is said in each module.
#![allow(unsafe_code)]
#![warn(clippy::undocumented_unsafe_blocks)]

mod about;
mod app;
mod backend;
mod calls;
mod clocks;
mod errors;
mod ext;
mod host;
mod hub;
mod legacy;
mod notify;
mod observers;
mod play;
mod push;
mod reach;
mod run;
mod run_loops;
mod smoke;
mod store;
mod streams;
mod tasks;
mod timers;
mod voice;

pub use ext::register_provider;
pub use smoke::Smoke;

/// Runs the agent as an app. It ends with the process.
pub fn main() -> ! {
    app::main()
}
