//! Real sockets: the push server, the fault proxy, the client, and scenarios played over them.
//!
//! `server` is the server behind its listeners, over the core of the room `server`.

// This room talks to the machine.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

pub mod server;
// pub mod world;
