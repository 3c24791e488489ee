//! The app on the phone: its log, its way to the host, and the client on a [`Backend`](super::Backend).
//!
//! [`Agent`] is one process of it. `desk` is the phone as the app sees it, `pairs` and `framing` the connections it
//! holds, `policy` which legacy calls are made, `log` what is written down and `pieces` how it is told to the host,
//! `control` the way there, `orders` and `life` what outlives a process, `store` what the app keeps in it.

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
pub mod store;

pub use self::core::{Agent, SHORTEST_GAP};
pub use desk::OnConnection;
