//! The third world: the same client on a phone, driven by the same scenarios.
//!
//! The phone side builds everywhere and with `--no-default-features`: `protocol` is what host and agent say to each
//! other, `agent` the app on the phone (its log, its way to the host, the client on a [`Backend`]), `modelled` the same
//! agent on any machine, under the model of iOS, `plain` a backend on any machine without one, `ios` what only iOS has,
//! `system` what there is to decide about that. `host` is the other side: it packages, starts and drives the agent,
//! collects what it wrote, and judges it.

// This room talks to the machine.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

pub mod agent;
mod backend;
#[cfg(feature = "cli")]
pub mod host;
#[cfg(target_os = "ios")]
pub mod ios;
pub mod modelled;
pub mod plain;
pub mod protocol;
mod socket;
pub mod system;

pub use backend::{Backend, Endpoint};
