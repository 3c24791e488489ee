//! The push server behind real sockets.
#![cfg(feature = "cli")]

mod bounds;
mod client;
mod devices;
mod document;
mod process;
mod publishers;
mod server;
mod store;
mod transports;
