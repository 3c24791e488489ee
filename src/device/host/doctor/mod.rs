//! What is missing on this host for each way to run a scenario on a device: tools are asked once, and judged.
//!
//! `ask` asks, `judge` is pure.

mod ask;
mod judge;

pub use ask::{Answers, Machine, ask};
pub use judge::{Check, Diagnosis, Found, Lane, judge};
