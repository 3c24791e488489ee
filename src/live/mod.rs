//! Real sockets: the push server, the fault proxy, the client, and scenarios played over them.
//!
//! `server` is the server behind its listeners, over the core of the room `server`; `control` is what can be asked
//! of it over HTTP; `bench` measures it. `proxy` is what breaks the path in between. `world` plays scenarios over all
//! of that.

// This room talks to the machine.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

pub mod bench;
pub mod control;
pub mod proxy;
pub mod server;
pub mod world;
