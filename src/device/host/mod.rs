//! The host of a run on a device: it packages, starts and drives the agent, collects what it wrote, and judges it.

mod collected;
pub mod tools;

pub use collected::{
    Collected, Death, DeathKind, Exchange, LogWarning, NoTrace, PhoneLine, PhoneLog, Undone,
};
