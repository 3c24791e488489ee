//! The push server behind real sockets.
#![cfg(feature = "cli")]
// Real sockets and processes.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

mod bounds;
mod client;
mod devices;
mod document;
mod process;
mod publishers;
mod server;
mod store;
mod transports;
