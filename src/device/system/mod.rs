//! What there is to decide about a phone's system calls, without one: written here, so that every machine tests it.

pub mod clocks;
pub mod image;
pub mod interfaces;
pub mod launch;
pub mod network;
pub mod timers;
pub mod words;
