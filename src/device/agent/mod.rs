//! The app on the phone: its log, its way to the host, and the client on a [`Backend`](super::Backend).
//!
//! [`Agent`] is one process of it. `desk` is the phone as the app sees it, `pairs` and `framing` the connections it
//! holds, `policy` which legacy calls are made, `log` what is written down.

pub mod control;
mod core;
mod desk;
mod framing;
pub mod life;
pub mod log;
pub mod orders;
mod pairs;
#[cfg(test)]
mod parity;
pub mod pieces;
pub mod policy;

pub use self::core::{Agent, SHORTEST_GAP};
pub use desk::OnConnection;
