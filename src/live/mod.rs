//! Real sockets: the push server, the fault proxy, the client, and scenarios played over them.
//!
//! `server` is the server behind its listeners, over the core of the room `server`; `bench` measures it.

// This room talks to the machine.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

pub mod bench;
pub mod server;
