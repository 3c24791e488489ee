//! The app on the phone: its log, its way to the host, and the client on a [`Backend`](super::Backend).
//!
//! [`Agent`] is one process of it. `phone` is what the app can ask, `desk` what is known and told meanwhile, `pairs`
//! and `framing` the connections it holds, `policy` which legacy calls are made. `control` is the way to the host, `orders` what the host wants,
//! `life` what outlives a process, `log` what is written down, `pieces` how the host reads that, `store` what
//! the app keeps.

pub mod control;
#[cfg(test)]
mod control_tests;
mod core;
mod desk;
#[cfg(test)]
mod fake;
mod framing;
pub mod life;
pub mod log;
pub mod orders;
mod pairs;
#[cfg(test)]
mod parity;
mod phone;
pub mod pieces;
pub mod policy;
#[cfg(test)]
mod robust;
pub mod store;
pub mod unseen;

pub use self::core::{Agent, SHORTEST_GAP};
pub use desk::OnConnection;
