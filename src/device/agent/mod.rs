//! The app on the phone: its log, its way to the host, and the client on a [`Backend`](super::Backend).
//!
//! [`Agent`] is one process of it. `desk` is the phone as the app sees it, `pairs` and `framing` the connections it
//! holds, `policy` which legacy calls are made. `control` is the way to the host, `orders` what the host wants,
//! `life` what outlives a process, `log` what is written down, `pieces` how the host reads that.

pub mod control;
#[cfg(test)]
mod control_tests;
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
